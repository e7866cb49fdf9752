//! Which values need a gradient: those that depend on what is trained or on an input whose gradient is asked for, and that the
//! output depends on.

use super::steps::{End, Flow, Loop, Operand, Program, Step, Var};

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
            let parts = step.parts();
            match parts.repeated {
                Some(l) => self.vary_loop(l),
                None => {
                    let trains = self.mode.params && parts.callee.is_some_and(|(_, callee)| callee.field().is_some());
                    let flows = parts.flow != Flow::Ends && parts.operands.iter().any(|o| self.varies(o));
                    parts.outs.iter().for_each(|out| self.varied[*out] = trains || flows);
                }
            }
        }
        if let End::Carry(operands) = &program.end {
            for (state, operand) in carried.iter_mut().zip(operands) {
                *state |= self.varies(operand);
            }
        }
        program.end.branches().for_each(|branch| self.vary(branch, carried));
    }

    fn vary_loop(&mut self, l: &Loop) {
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

    fn use_operand(&mut self, operand: &Operand) {
        if let Operand::Var(v) = operand {
            self.useful[*v] = true;
        }
    }

    /// Follows what is of use from the end back.
    fn use_all(&mut self, program: &Program) {
        program.end.operands().into_iter().for_each(|o| self.use_operand(o));
        program.end.branches().for_each(|branch| self.use_all(branch));
        for parts in program.steps.iter().rev().map(Step::parts) {
            if parts.flow == Flow::Ends || !parts.outs.iter().any(|out| self.useful[*out]) {
                continue;
            }
            parts.operands.iter().for_each(|o| self.use_operand(o));
            if let Some(l) = parts.repeated {
                for c in &l.carried {
                    self.useful[c.inner] = true;
                    self.useful[c.out] = true;
                }
                self.use_all(&l.body);
            }
        }
    }
}
