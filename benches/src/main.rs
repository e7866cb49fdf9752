//! adamant beside its peers: every row in one run, all programs in turn. README.md beside this crate has the commands.

mod chart;
mod inputs;
mod limits;
mod machine;
mod measure;
mod peers;
mod program;
mod report;
mod row;
mod rows;
mod sweep;
mod threads;

use std::error::Error;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Duration;

use measure::{Settings, compare, measure};
use peers::python::Python;
use report::Measured;
use row::Row;

/// What peers read to learn how many threads they may use.
const THREADS: [&str; 4] = ["RAYON_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"];

/// The drawing's file.
const CHART: &str = "ratios.svg";

const HELP: &str = "\
cargo run --release --manifest-path benches/Cargo.toml --features peers -- [options]
  --python PATH   an interpreter with benches/requirements.txt: PyTorch and ONNX Runtime, too
  --only TEXT     the rows whose names contain it, `threads`, `sweep`
  --rounds N      samples of each program, 11; the median counts
  --ms N          the shortest sample in milliseconds, 2
  --write         rewrites the results in benches/README.md and the chart beside it";

struct Options {
    settings: Settings,
    only: Option<String>,
    python: Option<Python>,
    write: bool,
}

impl Options {
    /// Whether what has this name shall be measured.
    fn want(&self, name: &str) -> bool {
        self.only.as_ref().is_none_or(|only| name.contains(only))
    }
}

fn options() -> Result<Option<Options>, Box<dyn Error>> {
    let mut args = pico_args::Arguments::from_env();
    if args.contains(["-h", "--help"]) {
        println!("{HELP}");
        return Ok(None);
    }
    let rounds = args.opt_value_from_str("--rounds")?.unwrap_or(11);
    let ms = args.opt_value_from_str("--ms")?.unwrap_or(2);
    let only = args.opt_value_from_str("--only")?;
    let python = args.opt_value_from_str("--python")?.map(|path: String| Python::start(&path)).transpose()?;
    let write = args.contains("--write");
    match args.finish().first() {
        Some(unknown) => Err(format!("no option {}\n{HELP}", unknown.display()).into()),
        None => Ok(Some(Options { settings: Settings { rounds, sample: Duration::from_millis(ms) }, only, python, write })),
    }
}

/// Compares the results of all programs of a row, then measures those that agree. What does not is told to `complaints`.
fn run(row: Row, options: &Options, complaints: &mut Vec<String>) -> Result<Measured, Box<dyn Error>> {
    let mut programs = vec![row.program];
    let mut peers = peers::crates(row.task, &row.inputs);
    if let Some(python) = &options.python {
        peers.extend(python.programs(row.task, &row.inputs)?);
    }
    for mut peer in peers {
        match compare(&mut programs[0], &mut peer, row.tolerance) {
            Ok(()) => programs.push(peer),
            Err(difference) => complaints.push(format!("{}: {} gives something else: {difference}", row.name, peer.name)),
        }
    }
    let seconds = measure(&mut programs, options.settings);
    let times = programs.into_iter().map(|program| program.name).zip(seconds).collect();
    Ok(Measured { name: row.name, work: row.work, times })
}

/// Everything that is shown, in Markdown, and the rows for the chart.
fn report(options: &Options, complaints: &mut Vec<String>) -> Result<(String, Vec<Measured>), Box<dyn Error>> {
    let peak = limits::peak();
    let mut rows = Vec::new();
    for row in rows::all() {
        let row = row();
        if options.want(&row.name) {
            eprintln!("{}", row.name);
            rows.push(run(row, options, complaints)?);
        }
    }
    let Settings { rounds, sample } = options.settings;
    let python = options.python.as_ref().map(Python::versions).transpose()?;
    let versions: Vec<String> = machine::versions().into_iter().chain(python).collect();
    let mut text = format!("{}; {}. {}\n\n", machine::machine(), machine::build(), versions.join(", "));
    writeln!(text, "Medians of {rounds} samples of at least {sample:?}. Peak {:.1} GFLOP/s.\n", peak / 1e9)?;
    if !rows.is_empty() {
        writeln!(text, "{}", report::table(&rows, peak))?;
    }
    if rows.iter().any(|row| row.worst().is_some()) {
        writeln!(text, "{}", report::lost(&rows))?;
    }
    if options.want("threads") {
        eprintln!("threads");
        writeln!(text, "{}", threads::line(options.settings)?)?;
    }
    if options.want("sweep") {
        eprintln!("sweep");
        writeln!(text, "784-H-10, forward: GFLOP/s, of the peak, of the nearer limit (▼ below 0.7)\n")?;
        writeln!(text, "{}", sweep::table(peak, options.settings))?;
    }
    Ok((text, rows))
}

/// Puts the results between their marks in README.md.
fn write(folder: &Path, results: &str) -> Result<(), Box<dyn Error>> {
    const MARKS: [&str; 2] = ["<!-- results: written by `--write` -->\n", "<!-- end of results -->"];
    let path = folder.join("README.md");
    let text = std::fs::read_to_string(&path)?;
    let (before, rest) = text.split_once(MARKS[0]).ok_or("README.md has lost its mark")?;
    let (_, after) = rest.split_once(MARKS[1]).ok_or("README.md has lost its second mark")?;
    std::fs::write(path, format!("{before}{}{results}![the ratios]({CHART})\n{}{after}", MARKS[0], MARKS[1]))?;
    Ok(())
}

fn bench() -> Result<ExitCode, Box<dyn Error>> {
    let Some(options) = options()? else { return Ok(ExitCode::SUCCESS) };
    let mut complaints = Vec::new();
    let (text, rows) = report(&options, &mut complaints)?;
    println!("{text}");
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let drawings = if options.write { folder.clone() } else { folder.join("target") };
    std::fs::create_dir_all(&drawings)?;
    let chart = drawings.join(CHART);
    chart::draw(&rows, &chart)?;
    println!("The ratios are drawn in {}.", chart.display());
    if options.write {
        write(&folder, &text)?;
    }
    complaints.iter().for_each(|complaint| eprintln!("{complaint}"));
    Ok(if complaints.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The same program with one thread for everybody: a variable of the environment counts from the start of a process.
fn again() -> Result<ExitCode, Box<dyn Error>> {
    let mut command = Command::new(std::env::current_exe()?);
    let status = command.args(std::env::args_os().skip(1)).envs(THREADS.map(|name| (name, "1"))).status()?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let one = THREADS.iter().all(|name| std::env::var(name).is_ok_and(|value| value == "1"));
    if one { bench() } else { again() }
}
