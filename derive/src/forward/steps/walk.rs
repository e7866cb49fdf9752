//! What steps are made of, whatever their kinds.

use std::collections::HashSet;

use super::{
    Apply, Call, Callee, Detach, End, Input, Loop, Marked, Operand, Output, Pack, Place, Program, Project, Reads, Step, Var,
};

/// A step's parts.
pub struct Parts<'s> {
    /// The values that it defines.
    pub outs: Vec<Var>,
    /// What it reads, without what a loop's body does.
    pub operands: Vec<&'s Operand>,
    /// How a gradient flows back.
    pub flow: Flow,
    /// What it calls, and where in the source.
    pub callee: Option<(usize, &'s Callee)>,
    /// What it repeats.
    pub repeated: Option<&'s Loop>,
}

/// How a gradient flows back from a step's values to its operands.
#[derive(Clone, Copy, PartialEq)]
pub enum Flow {
    /// Not at all.
    Ends,
    /// It adds to theirs.
    Adds,
    /// It is the whole of theirs, where nothing else reads them.
    Gives,
}

impl Step {
    pub fn parts(&self) -> Parts<'_> {
        let parts = |outs, operands, flow| Parts { outs, operands, flow, callee: None, repeated: None };
        match self {
            Self::Item(_) | Self::Constant(_) => parts(vec![], vec![], Flow::Ends),
            Self::Apply(Apply { out, operands, .. }) | Self::Pack(Pack { out, operands }) => {
                parts(vec![*out], operands.iter().collect(), Flow::Gives)
            }
            Self::Project(Project { out, of, .. }) => parts(vec![*out], vec![of], Flow::Adds),
            Self::Detach(Detach { out, of }) => parts(vec![*out], vec![of], Flow::Ends),
            Self::Call(Call { out, layer, input, site, .. }) => {
                Parts { callee: Some((*site, layer)), ..parts(vec![*out], input.operands().iter().collect(), Flow::Gives) }
            }
            Self::Loop(l) => {
                let (outs, inits) = (l.carried.iter().map(|c| c.out), l.carried.iter().map(|c| &c.init));
                Parts { repeated: Some(l), ..parts(outs.collect(), inits.collect(), Flow::Adds) }
            }
        }
    }

    /// The values that the step defines.
    pub fn outs(&self) -> Vec<Var> {
        self.parts().outs
    }

    /// The fields of the layer that it uses.
    pub fn places(&self) -> Vec<&Place> {
        let Parts { operands, callee, repeated, .. } = self.parts();
        let own = operands.into_iter().filter_map(Operand::field).chain(callee.and_then(|(_, callee)| callee.field()));
        own.chain(repeated.into_iter().flat_map(|l| l.body.places())).collect()
    }
}

impl End {
    /// What it reads, without what its branches do.
    pub fn operands(&self) -> Vec<&Operand> {
        match self {
            Self::Return(output) => output.operands(),
            Self::Carry(operands) => operands.iter().collect(),
            Self::If(_) => vec![],
        }
    }

    /// The fields of the layer that it and its branches use.
    pub fn places(&self) -> Vec<&Place> {
        let own = self.operands().into_iter().filter_map(Operand::field);
        own.chain(self.branches().flat_map(Program::places)).collect()
    }

    /// The ways on.
    pub fn branches(&self) -> impl Iterator<Item = &Program> {
        let choice = match self {
            Self::If(choice) => Some(choice),
            _ => None,
        };
        choice.into_iter().flat_map(|choice| [&*choice.then, &*choice.otherwise])
    }
}

impl Operand {
    /// The value, if it is one.
    pub fn var(&self) -> Option<Var> {
        match self {
            Self::Var(v) => Some(*v),
            _ => None,
        }
    }

    /// The field, if it is one.
    pub fn field(&self) -> Option<&Place> {
        match self {
            Self::Field(place) => Some(place),
            _ => None,
        }
    }
}

impl Input {
    pub fn operands(&self) -> &[Operand] {
        match self {
            Self::One(operand) => std::slice::from_ref(operand),
            Self::Tuple(operands) => operands,
        }
    }
}

impl Output {
    pub fn operands(&self) -> Vec<&Operand> {
        match self {
            Self::One(operand) => vec![operand],
            Self::Tuple(parts) => parts.iter().flat_map(Self::operands).collect(),
        }
    }
}

impl Program {
    /// The programs within the steps from `from` on and the end: loops' bodies, then branches.
    pub fn inner(&self, from: usize) -> impl Iterator<Item = &Self> {
        let bodies = self.steps[from..].iter().filter_map(|step| Some(&step.parts().repeated?.body));
        bodies.chain(self.end.branches())
    }

    /// The operands of the steps from `from` on and of the end, those of loops and branches too.
    pub fn operands(&self, from: usize) -> Vec<&Operand> {
        let mut operands: Vec<_> = self.steps[from..].iter().flat_map(|step| step.parts().operands).collect();
        operands.extend(self.end.operands());
        operands.extend(self.inner(from).flat_map(|inner| inner.operands(0)));
        operands
    }

    /// The values that are read by the steps from `from` on, or by the end, as often as they are.
    pub fn reads(&self, from: usize) -> impl Iterator<Item = Var> {
        self.operands(from).into_iter().filter_map(Operand::var)
    }

    /// What is called, and where in the source: in the order of the steps.
    fn calls(&self) -> Vec<(usize, &Callee)> {
        let mut calls = Vec::new();
        for parts in self.steps.iter().map(Step::parts) {
            calls.extend(parts.callee);
            calls.extend(parts.repeated.into_iter().flat_map(|l| l.body.calls()));
        }
        calls.extend(self.end.branches().flat_map(|branch| branch.calls()));
        calls
    }

    /// The steps, those of loops and branches too.
    pub fn each(&self) -> Vec<&Step> {
        let mut steps: Vec<_> = self.steps.iter().collect();
        steps.extend(self.inner(0).flat_map(Self::each));
        steps
    }

    /// How often each of `count` values is read.
    pub fn read_counts(&self, count: usize) -> Vec<usize> {
        let mut counts = vec![0; count];
        self.reads(0).for_each(|v| counts[v] += 1);
        counts
    }

    /// The values that something in this very program reads that can turn their buffers into their gradients.
    pub fn given(&self) -> HashSet<Var> {
        let giving = self.steps.iter().map(Step::parts).filter(|parts| parts.flow == Flow::Gives);
        let operands = giving.flat_map(|parts| parts.operands).chain(self.end.operands());
        operands.filter_map(Operand::var).collect()
    }

    /// Whether a layer is called.
    pub fn calls_fields(&self) -> bool {
        self.calls().iter().any(|(_, callee)| callee.field().is_some())
    }

    /// Whether some operation's type may follow from that of its output.
    pub fn infers(&self) -> bool {
        self.each().iter().any(|step| matches!(step, Step::Apply(apply) if apply.op.inferred))
    }

    /// The fields of the layer that are used.
    fn places(&self) -> Vec<&Place> {
        let steps = self.steps.iter().flat_map(Step::places);
        steps.chain(self.end.places()).collect()
    }

    /// The layers that are called in one place of the source and overlap no other field in use, and the functions. Only their
    /// gradients may be lent to a frame that encloses the rest.
    pub fn lent_once(&self) -> HashSet<usize> {
        let (calls, operands) = (self.calls(), self.operands(0));
        let overlap = |a: &Callee, b: &Callee| a.field().zip(b.field()).is_some_and(|(a, b)| a.overlaps(b));
        let alone = |(site, layer): &&(usize, &Callee)| {
            let mut fields = operands.iter().filter_map(|operand| operand.field());
            !fields.any(|field| layer.field().is_some_and(|layer| field.overlaps(layer)))
                && calls.iter().all(|(other, callee)| other == site || !overlap(callee, layer))
        };
        calls.iter().filter(alone).map(|(site, _)| *site).collect()
    }
}

impl Loop {
    /// The layers that the body calls, each once.
    pub fn marked(&self) -> Vec<Marked> {
        let direct =
            |site: usize| self.body.steps.iter().any(|step| step.parts().callee.is_some_and(|(other, _)| other == site));
        let mut marked: Vec<Marked> = Vec::new();
        for (site, place) in self.body.calls().into_iter().filter_map(|(site, callee)| Some((site, callee.field()?))) {
            // Within a branch, or a loop inside, an index may be out of range at the start of the iteration.
            let found = direct(site) && place.is_indexed_by(&self.index);
            let layer = if found { place.clone() } else { place.whole() };
            if !marked.iter().any(|other| other.layer.own().to_string() == layer.own().to_string()) {
                marked.push(Marked { layer, whole: place.whole() });
            }
        }
        marked
    }

    /// Whether the way back needs what a variable was at the start of each iteration. It does not where the variable only
    /// gathers, as in `sum += h;` or `ys = ys.with_row(t, &h);`.
    pub fn keeps(&self, index: usize) -> bool {
        let inner = self.carried[index].inner;
        let reads = |v: Var| self.body.reads(0).filter(|read| *read == v).count();
        let End::Carry(ends) = &self.body.end else { return true };
        let gathers = |step: &Step| match step {
            Step::Apply(Apply { out, operands, reads: Reads::Little, .. }) => {
                operands[0].var() == Some(inner) && ends[index].var() == Some(*out) && reads(*out) == 1
            }
            _ => false,
        };
        reads(inner) != 1 || !self.body.steps.iter().any(gathers)
    }
}
