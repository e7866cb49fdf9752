//! What `check` collected.

/// What is measured of a program, in this order: instructions of a run; bytes of code beyond those of a program that does nothing, of
/// flash, of RAM for static variables, of stack.
pub const FIGURES: [&str; 5] = ["instructions", "code", "flash", "ram", "stack"];

/// By how much a program may have more RAM than its types promise, in percent.
const MISS: f64 = 3.0;

/// One program, built one way.
pub struct Run {
    pub program: String,
    pub profile: String,
    pub figures: [u64; 5],
    /// The bytes of RAM that its types promise.
    pub promised: u64,
    /// What each run gave.
    pub values: Vec<f32>,
    /// What it told afterwards.
    pub told: Vec<f32>,
}

/// Reads the collected lines.
pub fn read(text: &str) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for line in text.lines() {
        let mut words = line.split_whitespace();
        let mut word = || words.next().unwrap_or_else(|| panic!("four words are expected, found `{line}`"));
        let (program, profile, key, number) = (word(), word(), word(), word());
        if runs.last().is_none_or(|run| run.program != program || run.profile != profile) {
            runs.push(Run {
                program: program.into(),
                profile: profile.into(),
                figures: [0; 5],
                promised: 0,
                values: Vec::new(),
                told: Vec::new(),
            });
        }
        let run = runs.last_mut().expect("one was just added");
        let number_of = |bits| f32::from_bits(u32::from_str_radix(bits, 16).expect("the bits of a number"));
        if key == "value" {
            run.values.push(number_of(number));
        } else if key == "told" {
            run.told.push(number_of(number));
        } else if key == "promised" {
            run.promised = number.parse().expect("bytes");
        } else if let Some(i) = FIGURES.iter().position(|&figure| figure == key) {
            run.figures[i] = number.parse().expect("a figure");
        }
    }
    runs
}

impl Run {
    /// What it has in RAM: static variables and stack.
    pub fn memory(&self) -> u64 {
        self.figures[3] + self.figures[4]
    }

    /// How much more its types promise, in percent of what it has.
    pub fn reserve(&self) -> f64 {
        (self.promised as f64 / self.memory() as f64 - 1.0) * 100.0
    }

    /// That it has more than its types promise.
    pub fn broken_promise(&self) -> Option<String> {
        let (memory, promised) = (self.memory(), self.promised);
        (self.reserve() < -MISS).then(|| format!("has {memory} bytes of RAM, and its types promise {promised}"))
    }
}
