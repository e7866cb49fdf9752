//! What one entry does with each step and each value: decided here once. `reverse/` writes it, `costs.rs` counts it.

use std::collections::{HashMap, HashSet};

use super::activity::{Mode, active};
use super::steps::{Apply, Call, Callee, Input, Loop, Lowered, Marked, Operand, Output, Place, Program, Reads, Step, Var};

/// So many operations of a program may enclose each other: the compiler's time grows faster than their depth.
const MAX_DEPTH: usize = 32;

/// Where a value's gradient lies.
#[derive(Clone, Copy, PartialEq)]
pub enum Gradient {
    /// It has none.
    None,
    /// In the value's own buffer.
    Own,
    /// In a buffer beside, which whatever reads the value fills: nothing else does.
    Given,
    /// In a buffer beside, which starts at zero and to which all add that read the value.
    Summed,
}

/// How a layer is lent its input.
pub enum Lent {
    /// To be read.
    Read,
    /// The value itself, whose buffer becomes the gradient.
    Own(Var),
    /// A copy, whose buffer becomes the gradient.
    Copy,
}

pub struct Plan<'p> {
    pub lowered: &'p Lowered,
    pub mode: Mode,
    active: Vec<bool>,
    /// The layers that begin: what they give depends on nothing that has a gradient but on themselves.
    first: HashMap<Var, &'p Callee>,
    /// The layers whose gradients are lent to the frame that encloses the rest.
    lent_once: HashSet<usize>,
    /// The values that are read once, by what gives them their whole gradient.
    used_up: HashSet<Var>,
    /// The values of the steps that enclose the rest.
    enclosing: HashSet<Var>,
    /// The values whose own buffer becomes the gradient.
    own: HashSet<Var>,
}

impl<'p> Plan<'p> {
    pub fn new(lowered: &'p Lowered, mode: Mode) -> Self {
        let program = &lowered.program;
        let inputs: Vec<Var> = lowered.arguments.iter().filter_map(|a| a.var).collect();
        let mut plan = Self {
            lowered,
            mode,
            active: active(program, lowered.vars.len(), &inputs, mode),
            first: HashMap::new(),
            lent_once: program.lent_once(),
            used_up: HashSet::new(),
            enclosing: HashSet::new(),
            own: HashSet::new(),
        };
        let first = program.steps.iter().filter_map(|step| match step {
            Step::Call(call) if !plan.varies(&call.input) => Some((call.out, &call.layer)),
            _ => None,
        });
        plan.first = first.collect();
        plan.find_used_up(program, &inputs, &program.read_counts(lowered.vars.len()));
        plan.find_enclosing(program);
        plan.own = inputs.into_iter().filter(|v| plan.used_up.contains(v)).collect();
        plan.find_own(program);
        plan
    }

    /// Finds what is used up of the values that are defined here, or before.
    fn find_used_up(&mut self, program: &Program, before: &[Var], counts: &[usize]) {
        let given = program.given();
        let defined = program.steps.iter().flat_map(Step::outs).chain(before.iter().copied());
        self.used_up.extend(defined.filter(|v| self.active[*v] && counts[*v] == 1 && given.contains(v)));
        program.inner(0).for_each(|inner| self.find_used_up(inner, &[], counts));
    }

    /// Finds the steps that enclose the rest.
    fn find_enclosing(&mut self, program: &Program) {
        let applies = |step: &Step| matches!(step, Step::Apply(_));
        let mut before = program.steps.iter().filter(|step| applies(step)).count();
        let mut later = program.end.places();
        for step in program.steps.iter().rev() {
            before -= usize::from(applies(step));
            if self.can_enclose(step, before, &later) {
                self.enclosing.extend(step.outs());
            }
            later.extend(step.places());
        }
        program.inner(0).for_each(|inner| self.find_enclosing(inner));
    }

    /// Whether a step can enclose the rest, with so many operations before it, and with these fields in use after it.
    fn can_enclose(&self, step: &Step, before: usize, later: &[&Place]) -> bool {
        match step {
            Step::Call(Call { out, site, .. }) => self.active[*out] && self.lent_once.contains(site),
            Step::Apply(Apply { operands, .. }) => {
                let Some((Operand::Var(first), rest)) = operands.split_first() else { return false };
                let lendable = |operand: &Operand| match operand {
                    Operand::Var(v) => !self.active[*v],
                    Operand::Field(place) => !self.mode.params || !later.iter().any(|other| other.overlaps(place)),
                    Operand::Constant(_) => true,
                };
                before < MAX_DEPTH && self.used_up.contains(first) && rest.iter().all(lendable)
            }
            _ => false,
        }
    }

    fn find_own(&mut self, program: &Program) {
        for step in &program.steps {
            match step {
                // The way back needs what a loop gave, and what an operation gave that reads it.
                Step::Loop(_) => {}
                Step::Apply(Apply { reads: Reads::Output, .. }) if !self.encloses(step) => {}
                step => self.own.extend(step.outs().into_iter().filter(|v| self.used_up.contains(v))),
            }
        }
        program.inner(0).for_each(|inner| self.find_own(inner));
    }

    /// Whether a value has a gradient.
    pub fn is_active(&self, v: Var) -> bool {
        self.active[v]
    }

    /// Where a value's gradient lies.
    pub fn gradient(&self, v: Var) -> Gradient {
        match () {
            () if !self.active[v] => Gradient::None,
            () if self.own.contains(&v) => Gradient::Own,
            () if self.used_up.contains(&v) => Gradient::Given,
            () => Gradient::Summed,
        }
    }

    /// Whether a value's own buffer becomes its gradient.
    pub fn is_own(&self, v: Var) -> bool {
        self.gradient(v) == Gradient::Own
    }

    /// Whether a value's gradient has a buffer beside it.
    pub fn is_beside(&self, v: Var) -> bool {
        matches!(self.gradient(v), Gradient::Given | Gradient::Summed)
    }

    /// Whether what reads a value gives it its whole gradient.
    pub fn is_given(&self, v: Var) -> bool {
        matches!(self.gradient(v), Gradient::Own | Gradient::Given)
    }

    /// Whether somebody wants an operand's gradient.
    pub fn wants(&self, operand: &Operand) -> bool {
        match operand {
            Operand::Var(v) => self.active[*v],
            Operand::Field(_) => self.mode.params,
            Operand::Constant(_) => false,
        }
    }

    fn varies(&self, input: &Input) -> bool {
        input.operands().iter().any(|operand| self.wants(operand))
    }

    /// How a layer is lent its input.
    pub fn lent(&self, input: &Input) -> Lent {
        match input {
            Input::One(Operand::Var(v)) if self.is_given(*v) => Lent::Own(*v),
            input if self.varies(input) => Lent::Copy,
            _ => Lent::Read,
        }
    }

    /// The value that is handed out itself. Any other output is a copy.
    pub fn handed_out(&self, output: &Output) -> Option<Var> {
        match output {
            Output::One(Operand::Var(v)) if self.is_given(*v) => Some(*v),
            _ => None,
        }
    }

    /// The layer whose output is a layer's input, where only its own parameters want the gradient.
    pub fn first_before(&self, input: &Input) -> Option<&'p Callee> {
        match self.lent(input) {
            Lent::Own(v) => self.first.get(&v).copied(),
            _ => None,
        }
    }

    /// Whether the way back runs a loop again.
    pub fn runs_again(&self, l: &Loop) -> bool {
        l.carried.iter().any(|c| self.active[c.out])
    }

    /// The layers in a loop whose gradients carry something from call to call, which is kept.
    pub fn marked(&self, l: &Loop) -> Vec<Marked> {
        if self.mode.params { l.marked() } else { vec![] }
    }

    /// Whether what a layer's gradients carry is kept before a call that runs again.
    pub fn is_marked(&self, call: &Call) -> bool {
        self.mode.params && call.layer.field().is_some()
    }

    /// Whether the rest of the steps goes into this step's continuation.
    pub fn encloses(&self, step: &Step) -> bool {
        matches!(step, Step::Apply(Apply { out, .. }) | Step::Call(Call { out, .. }) if self.enclosing.contains(out))
    }

    /// The step from `from` on that encloses those after it, or the number of steps.
    pub fn split(&self, program: &Program, from: usize) -> usize {
        let enclosing = (from..program.steps.len()).find(|at| self.encloses(&program.steps[*at]));
        enclosing.unwrap_or(program.steps.len())
    }
}
