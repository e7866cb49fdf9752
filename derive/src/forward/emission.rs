//! What a program becomes: one walk over its steps, and a way to write each kind of them.

use proc_macro2::TokenStream;

use super::steps::{Apply, Call, Choice, Detach, End, Loop, Operand, Output, Pack, Program, Project, Step};

/// A way to write steps. Each method adds its step to the code of those before.
pub trait Emission<'p>: Sized {
    /// What steps become.
    type Code;

    /// The code before the program's step `from`.
    fn begin(&mut self, program: &'p Program, from: usize) -> Self::Code;

    /// Adds the step and all that follow it, if they stand within what it becomes. Returns whether they do.
    fn enclose(&mut self, _program: &'p Program, _at: usize, _code: &mut Self::Code) -> bool {
        false
    }

    /// An item, or a constant.
    fn constant(&mut self, tokens: &'p TokenStream, code: &mut Self::Code);
    /// An operation.
    fn apply(&mut self, apply: &'p Apply, code: &mut Self::Code);
    /// A layer.
    fn call(&mut self, call: &'p Call, code: &mut Self::Code);
    /// Several values as an array.
    fn pack(&mut self, pack: &'p Pack, code: &mut Self::Code);
    /// A part of a tuple.
    fn project(&mut self, project: &'p Project, code: &mut Self::Code);
    /// A value without its gradient.
    fn detach(&mut self, detach: &'p Detach, code: &mut Self::Code);
    /// A loop.
    fn repeat(&mut self, l: &'p Loop, code: &mut Self::Code);
    /// An `if`, which ends its program.
    fn choose(&mut self, choice: &'p Choice, code: &mut Self::Code);
    /// The end of an iteration.
    fn carry(&mut self, operands: &'p [Operand], code: &mut Self::Code);
    /// The end of the function.
    fn finish(&mut self, output: &'p Output, code: &mut Self::Code);
}

impl Program {
    /// What the steps from `from` on and the end become.
    pub fn emit<'p, E: Emission<'p>>(&'p self, from: usize, emission: &mut E) -> E::Code {
        let mut code = emission.begin(self, from);
        for (at, step) in self.steps.iter().enumerate().skip(from) {
            if emission.enclose(self, at, &mut code) {
                return code;
            }
            match step {
                Step::Item(tokens) | Step::Constant(tokens) => emission.constant(tokens, &mut code),
                Step::Apply(apply) => emission.apply(apply, &mut code),
                Step::Call(call) => emission.call(call, &mut code),
                Step::Pack(pack) => emission.pack(pack, &mut code),
                Step::Project(project) => emission.project(project, &mut code),
                Step::Detach(detach) => emission.detach(detach, &mut code),
                Step::Loop(l) => emission.repeat(l, &mut code),
            }
        }
        self.end.emit(emission, &mut code);
        code
    }
}

impl End {
    fn emit<'p, E: Emission<'p>>(&'p self, emission: &mut E, code: &mut E::Code) {
        match self {
            Self::Return(output) => emission.finish(output, code),
            Self::Carry(operands) => emission.carry(operands, code),
            Self::If(choice) => emission.choose(choice, code),
        }
    }
}
