//! Training on 1, 2 and 4 ranks: what comes out, and what happens when a rank does not go on.

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// One job at a time: each has more threads than there may be cores.
static TURN: Mutex<()> = Mutex::new(());

fn turn() -> MutexGuard<'static, ()> {
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A folder of a test's own.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("adamant-mpi-{name}-{}-{number}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str) -> String {
        self.0.join(name).display().to_string()
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.0.join(name)).unwrap_or_default()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// An example on some ranks.
fn job(program: &str, ranks: usize, args: &str) -> Command {
    let examples = std::env::current_exe().unwrap().ancestors().nth(2).unwrap().join("examples");
    let mut command = Command::new("mpirun");
    command.args(["--allow-run-as-root", "--oversubscribe", "--bind-to", "none", "-n", &ranks.to_string()]);
    command.arg(examples.join(program)).args(args.split_whitespace());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs it to its end.
fn run(program: &str, ranks: usize, args: &str) -> Output {
    let _turn = turn();
    job(program, ranks, args).output().unwrap()
}

fn error(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// What a training run ends with, which is the same on every rank.
fn trained(ranks: usize, args: &str) -> String {
    let folder = Folder::new("trained");
    let output = run("worker", ranks, &format!("out={} {args}", folder.file("out")));
    assert!(output.status.success(), "{ranks} ranks, {args}: {}", error(&output));
    let mut results = (0..ranks).map(|rank| folder.read(&format!("out.{rank}")));
    let first = results.next().unwrap();
    assert!(first.contains("model ") && results.all(|other| other == first), "{ranks} ranks, {args}: they differ");
    first
}

/// A line of a result.
fn line<'a>(result: &'a str, name: &str) -> &'a str {
    result.lines().find_map(|line| line.strip_prefix(name)).unwrap()
}

/// The numbers of a model.
fn model(result: &str) -> Vec<f32> {
    line(result, "model ").split(' ').map(|bits| f32::from_bits(u32::from_str_radix(bits, 16).unwrap())).collect()
}

#[test]
fn the_same_bits_on_any_number_of_ranks() {
    let one = trained(1, "");
    assert_eq!(line(&one, "losses ").split(',').count(), 6);
    for ranks in [2, 4, 8] {
        assert_eq!(trained(ranks, ""), one, "{ranks} ranks");
    }
}

/// The model has 24 KiB, which are summed in halves; up to 16 KiB are summed whole.
#[test]
fn the_same_bits_in_any_buckets() {
    let one = trained(1, "steps=3");
    for (ranks, how) in [(4, "bucket=2004"), (2, "bucket=20000"), (4, "bucket=17000"), (2, "after=1"), (1, "bucket=0")] {
        assert_eq!(trained(ranks, &format!("steps=3 {how}")), one, "{ranks} ranks, {how}");
    }
}

/// The model is 6,139 numbers: the last bucket is full after the last layers, the first when all is done.
#[test]
fn gradients_leave_while_the_pass_runs() {
    for (how, early) in
        [("bucket=2004", "(12, 13)"), ("bucket=20000", "(1, 2)"), ("", "(0, 1)"), ("bucket=2004 after=1", "(0, 13)")]
    {
        let folder = Folder::new("early");
        let output = run("worker", 2, &format!("steps=2 out={} {how}", folder.file("out")));
        assert!(output.status.success(), "{}", error(&output));
        assert_eq!([0, 1].map(|rank| folder.read(&format!("out.early.{rank}"))), [early; 2], "{how}");
    }
}

#[test]
fn a_part_for_each_rank_and_many_for_one() {
    for parts in [1, 2, 16] {
        let one = trained(1, &format!("parts={parts} steps=3"));
        assert_eq!(trained(parts.min(4), &format!("parts={parts} steps=3")), one, "{parts} parts");
    }
}

#[test]
#[cfg(feature = "rayon")]
fn the_same_bits_on_threads() {
    let one = trained(1, "");
    for ranks in [1, 2, 4] {
        assert_eq!(trained(ranks, "threads=1"), one, "{ranks} ranks");
    }
}

#[test]
fn in_any_order_nearly_the_same() {
    let right = model(&trained(1, ""));
    for ranks in [1, 2, 3] {
        let found = model(&trained(ranks, "order=mpi"));
        let largest = found.iter().zip(&right).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(found.len() == right.len() && largest < 1e-4, "{ranks} ranks: {largest}");
    }
}

#[test]
fn training_goes_on_from_a_checkpoint_on_another_number_of_ranks() {
    let whole = trained(1, "steps=9");
    let folder = Folder::new("resumed");
    let path = folder.file("run.safetensors");
    for (ranks, steps) in [(2, 3), (1, 5), (4, 9)] {
        let result = trained(ranks, &format!("steps={steps} checkpoint={path}"));
        assert_eq!(line(&result, "resumed "), if steps == 3 { "false" } else { "true" });
        if steps == 9 {
            for part in ["model ", "state ", "classes "] {
                assert_eq!(line(&result, part), line(&whole, part));
            }
            assert!(line(&whole, "losses ").ends_with(line(&result, "losses ").trim_start_matches('[')));
        }
    }
}

#[test]
fn a_file_that_is_none_is_an_error_on_every_rank() {
    let folder = Folder::new("broken");
    let path = folder.file("run.safetensors");
    fs::write(&path, "no checkpoint").unwrap();
    let output = run("worker", 2, &format!("checkpoint={path}"));
    assert!(!output.status.success());
    assert!(error(&output).matches("run.safetensors: ").count() >= 1, "{}", error(&output));
    assert_eq!(fs::read_to_string(&path).unwrap(), "no checkpoint");
}

#[test]
fn a_batch_that_cannot_be_cut_is_an_error() {
    for (ranks, args, text) in [
        (1, "parts=6", "both must be powers of two"),
        (3, "parts=8", "both must be powers of two"),
        (4, "parts=2", "4 ranks have no work for all of them in a batch of 2 parts"),
        (4, "parts=2 order=mpi", "4 ranks have no work for all of them in a batch of 2 parts"),
    ] {
        let output = run("worker", ranks, args);
        assert!(!output.status.success() && error(&output).contains(text), "{}", error(&output));
    }
}

/// Waits for the end of a job, which is to come within so many seconds, and gives what it said.
fn end(mut job: Child, seconds: u64) -> Output {
    let deadline = Instant::now() + Duration::from_secs(seconds);
    while job.try_wait().unwrap().is_none() {
        if Instant::now() > deadline {
            job.kill().unwrap();
            panic!("the job goes on after {seconds} s: {}", error(&job.wait_with_output().unwrap()));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    job.wait_with_output().unwrap()
}

/// A job whose rank 1 stops ends, says so, and leaves a checkpoint from which another number of ranks goes on as if nothing had been.
fn ends_and_goes_on(name: &str, args: &str, seconds: u64, message: &str, stop: impl FnOnce(&Folder)) {
    let whole = trained(1, "steps=30");
    let folder = Folder::new(name);
    let path = folder.file("run.safetensors");
    let output = {
        let _turn = turn();
        let job = job("worker", 2, &format!("steps=30 checkpoint={path} pids={} {args}", folder.file("pid"))).spawn().unwrap();
        stop(&folder);
        end(job, seconds)
    };
    assert!(!output.status.success() && error(&output).contains(message), "{}", error(&output));
    assert_eq!(line(&trained(4, &format!("steps=30 checkpoint={path}")), "model "), line(&whole, "model "));
}

#[test]
fn a_rank_that_is_killed_ends_the_job() {
    ends_and_goes_on("killed", "pause=50", 10, "exited on signal 9", |folder| {
        let deadline = Instant::now() + Duration::from_secs(60);
        while !folder.0.join("run.safetensors").exists() {
            assert!(Instant::now() < deadline, "no checkpoint");
            std::thread::sleep(Duration::from_millis(5));
        }
        assert!(Command::new("kill").args(["-9", &folder.read("pid.1")]).status().unwrap().success());
    });
}

#[test]
fn a_rank_that_panics_ends_the_job() {
    ends_and_goes_on("panics", "panic=1@4", 20, "rank 1 of 2 ends the job: it panicked", |_| ());
}

#[test]
fn a_rank_that_is_stuck_ends_the_job_after_the_deadline() {
    ends_and_goes_on("stuck", "stuck=1@4 deadline=1500", 20, "did not come to", |_| ());
}

#[test]
fn the_example_prints_the_same_on_any_number_of_ranks() {
    let outputs = [1, 2, 4].map(|ranks| run("digits", ranks, ""));
    let [one, ..] = &outputs;
    let text = String::from_utf8_lossy(&one.stdout);
    let accuracy: f32 = text.split("test accuracy ").nth(1).and_then(|rest| rest.get(..6)).unwrap().parse().unwrap();
    assert!(accuracy > 0.9, "{text}");
    assert!(outputs.iter().all(|output| output.status.success() && output.stdout == one.stdout), "{outputs:?}");
}
