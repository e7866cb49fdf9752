//! The peers that are Python packages: `peers.py` runs beside this process and is told, a line of JSON each way, what to prepare, to
//! time and to show.

use std::cell::RefCell;
use std::error::Error;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::rc::Rc;
use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::inputs::Inputs;
use crate::program::{Body, Program};

/// The process and its two ends.
struct Process {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Process {
    fn ask(&mut self, question: &Value) -> Result<Value, Box<dyn Error>> {
        writeln!(self.input, "{question}")?;
        self.input.flush()?;
        let mut answer = String::new();
        if self.output.read_line(&mut answer)? == 0 {
            return Err("peers.py has ended; has its interpreter the packages of requirements.txt?".into());
        }
        Ok(serde_json::from_str(&answer)?)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `peers.py`.
pub struct Python {
    process: Rc<RefCell<Process>>,
}

impl Python {
    /// Starts the script with an interpreter that has the packages of `requirements.txt`.
    pub fn start(interpreter: &str) -> Result<Self, Box<dyn Error>> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers.py");
        let mut command = Command::new(interpreter);
        let mut child = command.arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let input = child.stdin.take().ok_or("no standard input")?;
        let output = BufReader::new(child.stdout.take().ok_or("no standard output")?);
        Ok(Self { process: Rc::new(RefCell::new(Process { child, input, output })) })
    }

    /// What it runs, with versions.
    pub fn versions(&self) -> Result<String, Box<dyn Error>> {
        let answer = self.process.borrow_mut().ask(&json!({ "ask": "versions" }))?;
        Ok(answer["versions"].as_str().ok_or("no versions")?.to_string())
    }

    /// Its programs for a row. Those of the row before are gone then.
    pub fn programs(&self, task: &str, inputs: &Inputs) -> Result<Vec<Program>, Box<dyn Error>> {
        let arrays: Map<String, Value> =
            inputs.iter().map(|(name, array)| (name.clone(), json!({ "dims": array.dims, "data": array.data }))).collect();
        let answer = self.process.borrow_mut().ask(&json!({ "ask": "prepare", "task": task, "inputs": arrays }))?;
        let names = answer["programs"].as_array().ok_or("no programs")?.iter().filter_map(Value::as_str);
        let body = |name: &str| Box::new(Remote { name: name.to_string(), process: self.process.clone() });
        Ok(names.map(|name| Program { name: name.to_string(), body: body(name) }).collect())
    }
}

/// A program in the other process.
struct Remote {
    name: String,
    process: Rc<RefCell<Process>>,
}

impl Remote {
    fn ask(&self, question: &str, count: u64) -> Value {
        let question = json!({ "ask": question, "program": self.name, "count": count });
        self.process.borrow_mut().ask(&question).unwrap_or_else(|error| panic!("{question}: {error}"))
    }
}

impl Body for Remote {
    fn start(&mut self) {
        self.ask("start", 0);
    }

    fn time(&mut self, count: u64) -> Duration {
        Duration::from_secs_f64(self.ask("time", count)["seconds"].as_f64().unwrap_or_default())
    }

    fn result(&mut self) -> Vec<f32> {
        let answer = self.ask("result", 0);
        let numbers = answer["result"].as_array().into_iter().flatten();
        numbers.map(|number| number.as_f64().unwrap_or(f64::NAN) as f32).collect()
    }
}
