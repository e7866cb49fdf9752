//! Judges what the firmware measured: `host MEASURED BUDGETS BUILT` prints a table and fails where a value is not what the same program
//! gives here, a logit not PyTorch's, a model not in flash, or a figure above its ceiling or below its floor. With `--record` at its end it
//! writes the budgets around what was measured. The executables are in the folders `release` and `small` of `BUILT`.
//!
//! A line of `MEASURED` is `PROGRAM PROFILE KEY NUMBER`, as `check` collects them.

mod budgets;
mod expected;
mod flash;
mod measured;
mod told;

use std::path::Path;
use std::process::ExitCode;
use std::{env, fs, io};

use measured::{FIGURES, Run};

fn main() -> io::Result<ExitCode> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [measured, budgets, built, record @ ..] = arguments.as_slice() else {
        return Err(io::Error::other("host MEASURED BUDGETS BUILT [--record]"));
    };
    let runs = measured::read(&fs::read_to_string(measured)?);
    println!("{}", table(&runs));
    runs.iter().filter_map(told::summary).for_each(|line| println!("{line}"));
    let mut complaints: Vec<String> = runs.iter().flat_map(expected::complaints).collect();
    for run in &runs {
        let found = [told::complaint(run), run.broken_promise(), flash::complaint(run, Path::new(built))?];
        complaints.extend(found.into_iter().flatten().map(|found| format!("{} ({}) {found}", run.program, run.profile)));
    }
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
    let head = format!("| program | `opt-level` | {} | RAM in all | promised | more |\n", FIGURES.join(" | "));
    let rule = format!("|---|---|{}\n", "--:|".repeat(FIGURES.len() + 3));
    let row = |run: &Run| {
        let figures = run.figures.map(|n| n.to_string()).join(" | ");
        let memory = format!("{} | {} | {:+.1} %", run.memory(), run.promised, run.reserve());
        format!("| `{}` | {} | {figures} | {memory} |\n", run.program, run.profile)
    };
    head + &rule + &runs.iter().map(row).collect::<String>()
}
