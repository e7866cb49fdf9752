//! A program that is killed while it saves leaves a whole file.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use adamant::prelude::*;

use crate::files::Folder;

type Net = Sequential![Linear<64, 128>, Relu, Linear<128, 64>];

/// Where the program that is killed saves to.
const PATH: &str = "ADAMANT_SAVES_TO";

/// A model whose every number is this.
fn filled(value: f32) -> Net {
    let mut net = Net::BLANK;
    for tensor in [net.0.0.weight.as_mut_slice(), net.0.0.bias.as_mut_slice()] {
        tensor.fill(value);
    }
    for tensor in [net.0.1.1.weight.as_mut_slice(), net.0.1.1.bias.as_mut_slice()] {
        tensor.fill(value);
    }
    net
}

/// Saves one model after the other for as long as it lives.
#[test]
#[ignore = "is killed by the other"]
fn saves_until_it_is_killed() {
    let Ok(path) = std::env::var(PATH) else { return };
    let start = Instant::now();
    for number in 0u16.. {
        filled(number.into()).save(&path).unwrap();
        assert!(start.elapsed().as_secs() < 60, "nobody kills this");
    }
}

#[test]
fn whoever_is_killed_leaves_a_whole_file() {
    let folder = Folder::new("killed");
    let path = folder.path("net.safetensors");
    filled(-1.0).save(&path).unwrap();
    for round in 0..12 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--exact", "interrupted::saves_until_it_is_killed"])
            .env(PATH, &path)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(40 + 7 * round));
        child.kill().unwrap();
        child.wait().unwrap();
        let net = Net::load(&path).unwrap();
        assert_eq!(net, filled(net.0.0.bias.0.0[0]), "a file of two models");
    }
}
