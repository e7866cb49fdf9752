//! A row of the table.

use crate::inputs::Inputs;
use crate::program::Program;

/// What a run does, for the rate that is shown beside its time.
#[derive(Clone, Copy)]
pub enum Work {
    /// So many multiplications and additions.
    Flops(f64),
    /// So many numbers of which a function is taken.
    Numbers(f64),
    /// Neither.
    Other,
}

/// A row: what is computed, and adamant's program for it. Peers make theirs from `task` and `inputs`.
pub struct Row {
    /// What the table calls it.
    pub name: String,
    /// What the peers know it by.
    pub task: &'static str,
    pub inputs: Inputs,
    pub work: Work,
    /// How far results may lie apart, relative to the larger of 1 and theirs.
    pub tolerance: f32,
    /// adamant's program.
    pub program: Program,
}

impl Row {
    /// A row whose results agree to 10⁻⁴.
    pub fn new(name: impl Into<String>, task: &'static str, inputs: Inputs, work: Work, program: Program) -> Self {
        Self { name: name.into(), task, inputs, work, tolerance: 1e-4, program }
    }
}
