//! Judges what the firmware measured: `host MEASURED BUDGETS` prints a table and fails where a value is not what the same program gives
//! here, or a figure is above its ceiling or below its floor. `host MEASURED BUDGETS --record` writes the budgets around what was measured.
//!
//! A line of `MEASURED` is `PROGRAM PROFILE KEY NUMBER`, as `check` collects them.

mod budgets;
mod expected;
mod measured;

use std::process::ExitCode;
use std::{env, fs, io};

use measured::{FIGURES, Run};

fn main() -> io::Result<ExitCode> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [measured, budgets, record @ ..] = arguments.as_slice() else {
        return Err(io::Error::other("host MEASURED BUDGETS [--record]"));
    };
    let runs = measured::read(&fs::read_to_string(measured)?);
    println!("{}", table(&runs));
    let mut complaints: Vec<String> = runs.iter().flat_map(expected::complaints).collect();
    if record.is_empty() {
        complaints.extend(budgets::complaints(&fs::read_to_string(budgets)?, &runs));
    } else {
        fs::write(budgets, budgets::around(&runs))?;
    }
    complaints.iter().for_each(|complaint| eprintln!("firmware: {complaint}"));
    Ok(if complaints.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The figures as a table of Markdown.
fn table(runs: &[Run]) -> String {
    let head = format!("| program | `opt-level` | {} |\n|---|---|{}\n", FIGURES.join(" | "), "--:|".repeat(FIGURES.len()));
    let row =
        |run: &Run| format!("| `{}` | {} | {} |\n", run.program, run.profile, run.figures.map(|n| n.to_string()).join(" | "));
    head + &runs.iter().map(row).collect::<String>()
}
