//! Serves one page to browsers on this machine.

use std::error::Error;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};

const PORT: u16 = 8080;

/// Serves until it is ended, on a port: without one on 8080, or a free one where that is taken.
pub fn forever(page: &str, port: Option<u16>) -> Result<(), Box<dyn Error>> {
    let on = |port| TcpListener::bind(("127.0.0.1", port));
    let listener = match port {
        Some(port) => on(port)?,
        None => on(PORT).or_else(|_| on(0))?,
    };
    println!("http://{}/ (end with Ctrl+C)", listener.local_addr()?);
    std::thread::scope(|scope| {
        for stream in listener.incoming().flatten() {
            // A browser that goes away in between is no error.
            scope.spawn(move || answer(stream, page).ok());
        }
    });
    Ok(())
}

/// Answers one request, and says which on the terminal.
fn answer(mut stream: TcpStream, page: &str) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let request = lines.next().transpose()?.unwrap_or_default();
    for line in lines {
        if line?.is_empty() {
            break;
        }
    }
    println!("{request}");
    let (status, body) = match request.split(' ').nth(1) {
        Some("/") => ("200 OK", page),
        _ => ("404 Not Found", "There is one page: /"),
    };
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    )?;
    if !request.starts_with("HEAD ") {
        stream.write_all(body.as_bytes())?;
    }
    stream.flush()
}
