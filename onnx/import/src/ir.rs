//! What a file means in adamant's terms: steps that are layers, methods and operators, on values whose sizes are known.

use std::rc::Rc;

use crate::tensor::Tensor;

/// A value's place in [`Program::values`].
pub type Id = usize;

/// A whole model.
#[derive(Clone, Debug, Default)]
pub struct Program {
    pub values: Vec<Value>,
    pub steps: Vec<Step>,
    pub inputs: Vec<Id>,
    pub outputs: Vec<Id>,
}

/// What an input or a step gives.
#[derive(Clone, Debug)]
pub struct Value {
    pub name: String,
    pub dims: Vec<usize>,
    /// Whether it is indices.
    pub is_index: bool,
    /// The axis that is the batch, if one is.
    pub batch: Option<usize>,
}

/// One of them.
#[derive(Clone, Debug)]
pub struct Step {
    pub op: Op,
    pub args: Vec<Arg>,
    pub output: Id,
    /// The module that it belongs to, by names.
    pub path: Vec<String>,
    /// How errors call it.
    pub place: String,
}

/// What a step is applied to.
#[derive(Clone, Debug)]
pub enum Arg {
    Value(Id),
    Number(f32),
    /// A tensor of the file, with its name where it is a parameter's.
    Tensor(Rc<Tensor>, Option<String>),
}

impl Arg {
    pub fn value(&self) -> Option<Id> {
        match self {
            Self::Value(id) => Some(*id),
            _ => None,
        }
    }

    pub fn number(&self) -> Option<f32> {
        match self {
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }
}

/// A layer of adamant's.
#[derive(Clone, Debug)]
pub struct Layer {
    /// Its type.
    pub ty: String,
    /// What a field of it is called, if nothing else names it.
    pub noun: &'static str,
    /// What it starts as, where that is not what the type does.
    pub value: Option<String>,
    /// Its tensors by their names, as PyTorch stores them.
    pub tensors: Vec<(String, Rc<Tensor>)>,
    /// How many axes, from the innermost, it must find there; those outside of them may be a batch.
    pub inner: usize,
}

/// What a step does. Axes count from the outermost.
#[derive(Clone, Debug)]
pub enum Op {
    Layer(Layer),
    /// A method of each number, and the layer of the same kind (the type and, if it has settings, the value).
    Unary {
        method: String,
        layer: Option<(String, Option<String>)>,
    },
    Negate,
    Infix(char),
    /// `maximum` or `minimum`.
    Choose(&'static str),
    MatMul,
    /// Exchanges the last two axes.
    Transpose,
    Permute(Vec<usize>),
    /// To the sizes of the output.
    Reshape,
    Insert(usize),
    Remove(usize),
    Expand(usize),
    /// From a place on, as many as the output has.
    Slice {
        axis: usize,
        start: usize,
    },
    /// One place, and the axis is gone.
    Index {
        axis: usize,
        index: usize,
    },
    Concat(usize),
    /// `sum`, `mean`, …: the axis is gone.
    Reduce {
        method: &'static str,
        axis: usize,
    },
    Softmax {
        axis: usize,
        log: bool,
    },
    /// A tensor of the file itself.
    Field,
    /// Whether it is greater than a number; only patterns know what to do with it.
    Compare,
    /// The second argument where the first is true, the third elsewhere; so is this.
    Where,
    /// Numbers around the last axes, which only a convolution takes in.
    Pad {
        pads: Vec<[usize; 2]>,
        mode: &'static str,
    },
}

impl Program {
    pub fn dims(&self, id: Id) -> &[usize] {
        self.values.get(id).map_or(&[], |value| &value.dims)
    }

    /// How many steps and outputs read each value.
    pub fn uses(&self) -> Vec<usize> {
        let mut uses = vec![0; self.values.len()];
        let read = self.steps.iter().flat_map(|step| step.args.iter().filter_map(Arg::value));
        for id in read.chain(self.outputs.iter().copied()) {
            if let Some(uses) = uses.get_mut(id) {
                *uses += 1;
            }
        }
        uses
    }

    /// Which step gives each value.
    pub fn makers(&self) -> Vec<Option<usize>> {
        let mut makers = vec![None; self.values.len()];
        for (index, step) in self.steps.iter().enumerate() {
            if let Some(maker) = makers.get_mut(step.output) {
                *maker = Some(index);
            }
        }
        makers
    }

    /// Leaves out what nothing reads.
    pub fn sweep(&mut self) {
        let mut uses = self.uses();
        let mut kept = vec![];
        while let Some(step) = self.steps.pop() {
            if uses.get(step.output).is_some_and(|&n| n > 0) {
                kept.push(step);
                continue;
            }
            for id in step.args.iter().filter_map(Arg::value) {
                if let Some(n) = uses.get_mut(id) {
                    *n -= 1;
                }
            }
        }
        kept.reverse();
        self.steps = kept;
    }
}
