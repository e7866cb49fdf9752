//! Which axis of each value is the batch: it may be of any size if every step leaves it alone.

use crate::ir::{Arg, Op, Program, Step};

/// Notes the axis of every value. If a step mixes the samples, there is no batch, and that step is what is returned.
pub fn find(program: &mut Program) -> Result<(), usize> {
    let sizes: Vec<Option<usize>> = program.inputs.iter().map(|&id| program.dims(id).first().copied()).collect();
    let is_one = sizes.windows(2).all(|pair| pair.first() == pair.last());
    let found = if is_one && sizes.first().is_some_and(Option::is_some) { follow(program) } else { Err(0) };
    if found.is_err() {
        program.values.iter_mut().for_each(|value| value.batch = None);
    }
    found
}

fn follow(program: &mut Program) -> Result<(), usize> {
    for index in 0..program.steps.len() {
        let Some(step) = program.steps.get(index) else { break };
        let carries = step.args.iter().filter_map(Arg::value).any(|id| batch(program, id).is_some());
        let axis = match carries {
            true => Some(after(program, step).ok_or(index)?),
            // Only what stands beside a batch is repeated to one.
            false => matches!(step.op, Op::Expand(0)).then_some(0),
        };
        let output = step.output;
        if let Some(value) = program.values.get_mut(output) {
            value.batch = axis;
        }
    }
    // What comes out has to have it, too, or the caller would not know which sample is which.
    match program.outputs.iter().all(|&id| batch(program, id) == Some(0)) {
        true => Ok(()),
        false => Err(program.steps.len().saturating_sub(1)),
    }
}

fn batch(program: &Program, id: usize) -> Option<usize> {
    program.values.get(id)?.batch
}

/// Where the batch is after a step that takes it, if the step leaves it alone.
fn after(program: &Program, step: &Step) -> Option<usize> {
    let rank_out = program.dims(step.output).len();
    let first = step.args.first().and_then(Arg::value);
    let dims = first.map_or(&[][..], |id| program.dims(id));
    let rank = dims.len();
    let own = first.and_then(|id| batch(program, id));
    let free = |axis: usize| own.filter(|&b| b != axis);
    match &step.op {
        Op::Layer(layer) => own.filter(|&b| b + layer.inner < rank),
        Op::Unary { .. } | Op::Negate => own,
        Op::Infix(_) | Op::Choose(_) => repeated(program, step, rank_out),
        Op::MatMul => {
            let (b, right) = (own?, step.args.get(1)?);
            match right {
                Arg::Value(id) if batch(program, *id).is_some() => {
                    (batch(program, *id) == Some(b) && program.dims(*id).len() == rank && b + 2 < rank).then_some(b)
                }
                Arg::Value(id) => (program.dims(*id).len() <= 2 && b + 1 < rank).then_some(b),
                Arg::Tensor(tensor, _) => (tensor.dims.len() <= 2 && b + 1 < rank).then_some(b),
                Arg::Number(_) => None,
            }
        }
        Op::Transpose => own.map(|b| {
            if b + 1 == rank {
                b - 1
            } else if b + 2 == rank {
                b + 1
            } else {
                b
            }
        }),
        Op::Permute(order) => order.iter().position(|&axis| Some(axis) == own),
        Op::Reshape => own.filter(|&b| common(dims, program.dims(step.output)) > b),
        Op::Insert(axis) => own.map(|b| b + usize::from(*axis <= b)),
        Op::Remove(axis) | Op::Index { axis, .. } | Op::Reduce { axis, .. } => free(*axis).map(|b| b - usize::from(*axis < b)),
        Op::Expand(axis) | Op::Slice { axis, .. } | Op::Softmax { axis, .. } => free(*axis),
        Op::Concat(axis) => {
            let all = step.args.iter().all(|arg| arg.value().is_some_and(|id| batch(program, id) == own));
            free(*axis).filter(|_| all)
        }
        Op::Pad { .. } | Op::Compare | Op::Where | Op::Field => None,
    }
}

/// How many sizes two shapes have in common at their front.
pub fn common(a: &[usize], b: &[usize]) -> usize {
    a.iter().zip(b).take_while(|(m, n)| m == n).count()
}

/// The batch of operands that repeat to each other: at the same place of all that have one, and no others reach it.
fn repeated(program: &Program, step: &Step, rank: usize) -> Option<usize> {
    let mut found = None;
    for id in step.args.iter().filter_map(Arg::value) {
        let own = batch(program, id).map(|b| b + rank - program.dims(id).len());
        match (own, found) {
            (Some(own), Some(found)) if own != found => return None,
            (Some(own), _) => found = Some(own),
            (None, _) => {}
        }
    }
    let found = found?;
    let reaches = |arg: &Arg| match arg {
        Arg::Value(id) if batch(program, *id).is_some() => false,
        Arg::Value(id) => program.dims(*id).len() + found >= rank,
        Arg::Tensor(tensor, _) => tensor.dims.len() + found >= rank,
        Arg::Number(_) => false,
    };
    (!step.args.iter().any(reaches)).then_some(found)
}
