//! What a module is made of: single steps, and the parts that its inner modules are.

use crate::ir::{Arg, Id, Op, Program};

/// A step, or several that are a module of their own.
#[derive(Clone, Debug)]
pub struct Unit {
    pub steps: Vec<usize>,
    /// The values from outside that it reads, each once, in order.
    pub inputs: Vec<Id>,
    pub output: Id,
    /// Where it belongs to.
    pub path: Vec<String>,
}

impl Unit {
    /// What the module calls it.
    pub fn key(&self, depth: usize) -> Option<&str> {
        self.path.get(depth).map(String::as_str)
    }
}

/// The units of a module at a depth.
pub fn units(program: &Program, steps: &[usize], depth: usize, outputs: &[Id]) -> Vec<Unit> {
    let path = |index: usize| program.steps.get(index).map(|step| step.path.as_slice()).unwrap_or(&[]);
    let key = |index: usize| path(index).get(depth);
    let mut runs: Vec<Vec<usize>> = vec![];
    for &index in steps {
        match runs.last_mut() {
            Some(run) if key(index).is_some() && run.last().is_some_and(|&last| key(last) == key(index)) => run.push(index),
            _ => runs.push(vec![index]),
        }
    }
    let key_of = |run: &[usize]| run.first().and_then(|&index| key(index));
    let mut units = vec![];
    for run in &runs {
        let is_whole = key_of(run).is_some() && runs.iter().filter(|other| key_of(other) == key_of(run)).count() == 1;
        let grouped = (run.len() > 1 && is_whole).then(|| group(program, run, depth, outputs)).flatten();
        match grouped {
            _ if moves_around_one(program, run) => units.extend(run.iter().filter_map(|&index| {
                let mut unit = single(program, index)?;
                if is_move(program, index) {
                    unit.path.truncate(depth);
                }
                Some(unit)
            })),
            Some(unit) => units.push(unit),
            None => units.extend(run.iter().filter_map(|&index| single(program, index))),
        }
    }
    units
}

/// Whether a step only arranges numbers.
fn is_move(program: &Program, index: usize) -> bool {
    let op = program.steps.get(index).map(|step| &step.op);
    matches!(op, Some(Op::Permute(_) | Op::Transpose | Op::Index { .. } | Op::Insert(_) | Op::Remove(_)))
}

/// Whether a module is one layer, and what arranges its input and its output.
fn moves_around_one(program: &Program, run: &[usize]) -> bool {
    let mut others = run.iter().filter(|&&index| !is_move(program, index));
    let layer = others.next().and_then(|&index| program.steps.get(index));
    run.len() > 1 && layer.is_some_and(|step| matches!(step.op, Op::Layer(_))) && others.next().is_none()
}

fn single(program: &Program, index: usize) -> Option<Unit> {
    let step = program.steps.get(index)?;
    let mut inputs: Vec<Id> = vec![];
    for id in step.args.iter().filter_map(Arg::value) {
        if !inputs.contains(&id) {
            inputs.push(id);
        }
    }
    Some(Unit { steps: vec![index], inputs, output: step.output, path: step.path.clone() })
}

/// Several steps as one module, if it has one output.
fn group(program: &Program, run: &[usize], depth: usize, outputs: &[Id]) -> Option<Unit> {
    let own: Vec<_> = run.iter().filter_map(|&index| program.steps.get(index)).collect();
    let made: Vec<Id> = own.iter().map(|step| step.output).collect();
    let mut inputs: Vec<Id> = vec![];
    for id in own.iter().flat_map(|step| step.args.iter().filter_map(Arg::value)) {
        if !made.contains(&id) && !inputs.contains(&id) {
            inputs.push(id);
        }
    }
    let is_read = |id: &Id| {
        let reader =
            |step: &crate::ir::Step| !made.contains(&step.output) && step.args.iter().any(|arg| arg.value() == Some(*id));
        program.outputs.contains(id) || outputs.contains(id) || program.steps.iter().any(reader)
    };
    let seen: Vec<Id> = made.iter().copied().filter(is_read).collect();
    let path = own.first()?.path.get(..=depth)?.to_vec();
    let is_index = |id: &Id| program.values.get(*id).is_some_and(|value| value.is_index);
    match seen[..] {
        [output] if !inputs.is_empty() && !inputs.iter().any(is_index) => {
            Some(Unit { steps: run.to_vec(), inputs, output, path })
        }
        _ => None,
    }
}

/// Gives a step that nobody named the module that those around it share.
pub fn place_unnamed(program: &mut Program) {
    let paths: Vec<Vec<String>> = program.steps.iter().map(|step| step.path.clone()).collect();
    let mut before: Vec<Vec<String>> = vec![];
    let mut last = vec![];
    for path in &paths {
        before.push(last.clone());
        if !path.is_empty() {
            last = path.clone();
        }
    }
    let mut next = vec![];
    for (index, step) in program.steps.iter_mut().enumerate().rev() {
        if step.path.is_empty() {
            let shared = before.get(index).map_or(0, |before: &Vec<String>| {
                let same = before.iter().zip(&next).take_while(|(a, b)| a == b).count();
                // The module around them, not one of them.
                same.min(before.len().saturating_sub(1)).min(next.len().saturating_sub(1))
            });
            step.path = next.get(..shared).unwrap_or(&[]).to_vec();
        } else {
            next = step.path.clone();
        }
    }
}
