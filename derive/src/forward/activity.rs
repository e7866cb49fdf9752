//! Which values need a gradient: those that depend on what is trained or on an input whose gradient is asked for, and that the
//! output depends on.

use super::steps::{End, Operand, Program, Step, Var};

/// What gradients an entry computes.
#[derive(Clone, Copy, PartialEq)]
pub struct Mode {
    pub inputs: bool,
    pub params: bool,
}

/// For each value whether it needs a gradient. `inputs` are the function's.
pub fn active(program: &Program, count: usize, inputs: &[Var], mode: Mode) -> Vec<bool> {
    let mut analysis = Analysis { mode, varied: vec![false; count], useful: vec![false; count] };
    inputs.iter().for_each(|v| analysis.varied[*v] = mode.inputs);
    analysis.vary(program, &mut Vec::new());
    analysis.use_all(program);
    analysis.varied.iter().zip(&analysis.useful).map(|(varied, useful)| *varied && *useful).collect()
}

struct Analysis {
    mode: Mode,
    varied: Vec<bool>,
    useful: Vec<bool>,
}

impl Analysis {
    fn varies(&self, operand: &Operand) -> bool {
        match operand {
            Operand::Var(v) => self.varied[*v],
            Operand::Field(_) => self.mode.params,
            Operand::Constant(_) => false,
        }
    }

    /// Follows what varies from the inputs on. `carried` tells which of a loop's variables vary at its body's end.
    fn vary(&mut self, program: &Program, carried: &mut Vec<bool>) {
        for step in &program.steps {
            match step {
                Step::Item(_) | Step::Constant(_) | Step::Detach { .. } => {}
                Step::Apply { out, operands, .. } | Step::Pack { out, operands } => {
                    self.varied[*out] = operands.iter().any(|o| self.varies(o))
                }
                Step::Project { out, of, .. } => self.varied[*out] = self.varied[*of],
                Step::Call { out, layer, input, .. } => {
                    let trains = self.mode.params && layer.field().is_some();
                    self.varied[*out] = trains || input.operands().iter().any(|o| self.varies(o));
                }
                Step::Loop(l) => {
                    let mut state: Vec<bool> = l.carried.iter().map(|c| self.varies(&c.init)).collect();
                    // Each round adds a variable or is the last.
                    for _ in 0..=state.len() {
                        l.carried.iter().zip(&state).for_each(|(c, varies)| self.varied[c.inner] = *varies);
                        self.vary(&l.body, &mut state);
                    }
                    for (c, varies) in l.carried.iter().zip(&state) {
                        self.varied[c.inner] = *varies;
                        self.varied[c.out] = *varies;
                    }
                }
            }
        }
        match &program.end {
            End::Return(_) => {}
            End::Carry(operands) => {
                for (state, operand) in carried.iter_mut().zip(operands) {
                    *state |= self.varies(operand);
                }
            }
            End::If { then, otherwise, .. } => {
                self.vary(then, carried);
                self.vary(otherwise, carried);
            }
        }
    }

    fn use_operand(&mut self, operand: &Operand) {
        if let Operand::Var(v) = operand {
            self.useful[*v] = true;
        }
    }

    /// Follows what is of use from the end back.
    fn use_all(&mut self, program: &Program) {
        match &program.end {
            End::Return(output) => output.operands(&mut |o| self.use_operand(o)),
            End::Carry(operands) => operands.iter().for_each(|o| self.use_operand(o)),
            End::If { then, otherwise, .. } => {
                self.use_all(then);
                self.use_all(otherwise);
            }
        }
        for step in program.steps.iter().rev() {
            if !step.outs().iter().any(|out| self.useful[*out]) {
                continue;
            }
            match step {
                Step::Item(_) | Step::Constant(_) | Step::Detach { .. } => {}
                Step::Apply { operands, .. } | Step::Pack { operands, .. } => operands.iter().for_each(|o| self.use_operand(o)),
                Step::Project { of, .. } => self.useful[*of] = true,
                Step::Call { input, .. } => input.operands().iter().for_each(|o| self.use_operand(o)),
                Step::Loop(l) => {
                    for c in &l.carried {
                        self.useful[c.inner] = true;
                        self.useful[c.out] = true;
                        self.use_operand(&c.init);
                    }
                    self.use_all(&l.body);
                }
            }
        }
    }
}
