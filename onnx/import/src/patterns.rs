//! What exporters write in several operations, and a person would call by one name.

use std::rc::Rc;

mod attention;

use crate::ir::{Arg, Id, Layer, Op, Program, Step, Value};
use crate::lower::layers::{epsilon_value, group_norm_layer, plain, with_options};
use crate::tensor::Tensor;
use crate::write::shape_type;

/// Replaces what is recognised, until nothing more is.
pub fn recognise(program: &mut Program) {
    // Each replacement leaves less to do, so this ends; the bound is for a mistake of ours.
    for _ in 0..program.steps.len() + 1 {
        let mut changed = false;
        for pattern in PATTERNS {
            while let Some(change) = pattern(&View::new(program)) {
                apply(program, change);
                changed = true;
            }
        }
        if !changed {
            break;
        }
    }
}

/// Which step is replaced, and by what.
enum Change {
    /// By another step with the same output, perhaps of another module.
    Step(usize, Op, Vec<Arg>, Option<Vec<String>>),
    /// By several steps from a value on, with the sizes that each gives.
    Steps(usize, Id, Vec<(Op, Vec<usize>)>, Option<Vec<String>>),
    /// By what it is applied to.
    Value(usize, Id),
}

type Pattern = fn(&View<'_>) -> Option<Change>;

const PATTERNS: &[Pattern] = &[
    gated,
    gelu,
    bias,
    layer_norm,
    group_norm,
    affine,
    same_shape,
    pooled,
    indexed,
    indexed_part,
    moved,
    moved_past,
    stacked,
    unexpanded,
    limited,
    log_sigmoid,
    soft,
    attention::attention,
    attention::encoder_layer,
];

fn apply(program: &mut Program, change: Change) {
    match change {
        Change::Step(index, op, args, path) => {
            if let Some(step) = program.steps.get_mut(index) {
                (step.op, step.args) = (op, args);
                step.path = path.unwrap_or_else(|| std::mem::take(&mut step.path));
            }
        }
        Change::Steps(index, mut x, mut steps, path) => {
            let (Some(last), Some((op, _))) = (program.steps.get_mut(index), steps.pop()) else { return };
            last.path = path.unwrap_or_else(|| std::mem::take(&mut last.path));
            let template = last.clone();
            for (at, (op, dims)) in steps.into_iter().enumerate() {
                program.values.push(Value { name: String::new(), dims, is_index: false, batch: None });
                let output = program.values.len() - 1;
                program.steps.insert(index + at, Step { op, args: vec![Arg::Value(x)], output, ..template.clone() });
                x = output;
            }
            if let Some(last) = program.steps.iter_mut().find(|step| step.output == template.output) {
                (last.op, last.args) = (op, vec![Arg::Value(x)]);
            }
        }
        Change::Value(index, value) => {
            let Some(output) = program.steps.get(index).map(|step| step.output) else { return };
            let replace = |id: &mut Id| {
                if *id == output {
                    *id = value;
                }
            };
            for step in &mut program.steps {
                for arg in &mut step.args {
                    if let Arg::Value(id) = arg {
                        replace(id);
                    }
                }
            }
            program.outputs.iter_mut().for_each(replace);
        }
    }
    program.sweep();
}

/// How deep products of products are looked into.
const FACTORS: usize = 8;

/// A program, and what is needed to look back in it.
struct View<'p> {
    program: &'p Program,
    makers: Vec<Option<usize>>,
    uses: Vec<usize>,
}

impl<'p> View<'p> {
    fn new(program: &'p Program) -> Self {
        Self { program, makers: program.makers(), uses: program.uses() }
    }

    fn maker(&self, id: Id) -> Option<&'p Step> {
        self.program.steps.get((*self.makers.get(id)?)?)
    }

    /// What made it, if nothing else reads it.
    fn only(&self, id: Id) -> Option<&'p Step> {
        self.maker(id).filter(|_| self.uses.get(id) == Some(&1))
    }

    fn dims(&self, id: Id) -> &'p [usize] {
        self.program.dims(id)
    }

    /// The first step for which there is a change.
    fn find(&self, f: impl Fn(&'p Step) -> Option<Found>) -> Option<Change> {
        self.program.steps.iter().enumerate().find_map(|(index, step)| {
            Some(match f(step)? {
                Found::Step(op, args) => Change::Step(index, op, args, None),
                Found::Named(op, args, path) => Change::Step(index, op, args, Some(path)),
                Found::Steps(x, steps, path) => Change::Steps(index, x, steps, path),
                Found::Value(id) => Change::Value(index, id),
            })
        })
    }

    /// What a value is multiplied of: a number, and the factors that are no products that only this reads.
    fn factors(&self, id: Id, depth: usize) -> (f64, Vec<Id>) {
        let is_root = depth == FACTORS;
        let step = if is_root { self.maker(id) } else { self.only(id).filter(|_| depth > 0) };
        match step.map(|step| (&step.op, &step.args[..])) {
            Some((Op::Infix('*'), [Arg::Value(a), Arg::Value(b)])) if a != b => {
                let ((m, mut x), (n, y)) = (self.factors(*a, depth - 1), self.factors(*b, depth - 1));
                x.extend(y);
                (m * n, x)
            }
            Some((Op::Infix('*'), [Arg::Value(a), Arg::Number(n)] | [Arg::Number(n), Arg::Value(a)])) => {
                let (m, x) = self.factors(*a, depth - 1);
                (m * f64::from(*n), x)
            }
            Some((Op::Infix('/'), [Arg::Value(a), Arg::Number(n)])) => {
                let (m, x) = self.factors(*a, depth - 1);
                (m / f64::from(*n), x)
            }
            _ => (1.0, vec![id]),
        }
    }

    /// A value as a polynomial of another, of the third degree at most.
    fn polynomial(&self, id: Id, x: Id, depth: usize) -> Option<[f64; 4]> {
        if id == x {
            return Some([0.0, 1.0, 0.0, 0.0]);
        }
        let step = self.maker(id).filter(|_| depth > 0)?;
        let of = |arg: &Arg| match arg {
            Arg::Value(id) => self.polynomial(*id, x, depth - 1),
            Arg::Number(n) => Some([f64::from(*n), 0.0, 0.0, 0.0]),
            Arg::Tensor(..) => None,
        };
        let first = of(step.args.first()?)?;
        match (&step.op, step.args.get(1)) {
            (Op::Infix('+'), Some(second)) => of(second).map(|second| std::array::from_fn(|i| first[i] + second[i])),
            (Op::Infix('*'), Some(second)) => product(first, of(second)?),
            (Op::Infix('/'), Some(Arg::Number(n))) => Some(first.map(|c| c / f64::from(*n))),
            (Op::Unary { method, .. }, None) if method == "square()" => product(first, first),
            (Op::Unary { method, .. }, None) if method == "powi(3)" => product(product(first, first)?, first),
            _ => None,
        }
    }

    fn unary(&self, id: Id, name: &str) -> Option<Id> {
        match self.maker(id).map(|step| (&step.op, &step.args[..])) {
            Some((Op::Unary { method, .. }, [Arg::Value(x)])) if method == name => Some(*x),
            _ => None,
        }
    }
}

/// What stands in the place of a step.
enum Found {
    Step(Op, Vec<Arg>),
    /// With the path of the module that it is.
    Named(Op, Vec<Arg>, Vec<String>),
    /// Several from a value on, with the sizes that each gives, perhaps of another module.
    Steps(Id, Vec<(Op, Vec<usize>)>, Option<Vec<String>>),
    Value(Id),
}

fn product(a: [f64; 4], b: [f64; 4]) -> Option<[f64; 4]> {
    let mut result = [0.0; 4];
    for (i, &x) in a.iter().enumerate() {
        for (j, &y) in b.iter().enumerate() {
            match result.get_mut(i + j) {
                Some(sum) => *sum += x * y,
                None if x * y == 0.0 => {}
                None => return None,
            }
        }
    }
    Some(result)
}

fn is_near(a: f64, b: f64) -> bool {
    (a - b).abs() < 1e-5 * b.abs().max(1e-3)
}

fn activation(method: &str, ty: &str, x: Id) -> Found {
    Found::Step(Op::Unary { method: method.to_owned(), layer: Some((ty.to_owned(), None)) }, vec![Arg::Value(x)])
}

/// x · σ(x) is SiLU, x · hardsigmoid(x) Hardswish, x · tanh(softplus(x)) Mish.
fn gated(view: &View<'_>) -> Option<Change> {
    view.find(|step| {
        let (Op::Infix('*'), [Arg::Value(a), Arg::Value(b)]) = (&step.op, &step.args[..]) else { return None };
        [(*a, *b), (*b, *a)].into_iter().find_map(|(x, gate)| {
            let is = |inner: Option<Id>| inner == Some(x);
            if is(view.unary(gate, "sigmoid()")) {
                return Some(activation("silu()", "Silu", x));
            }
            if is(view.unary(gate, "hardsigmoid()")) {
                return Some(activation("hardswish()", "Hardswish", x));
            }
            let soft = view.unary(gate, "tanh()").and_then(|soft| view.unary(soft, "softplus(1.0, 20.0)"));
            is(soft).then(|| activation("mish()", "Mish", x))
        })
    })
}

/// ½ · x · (1 + erf(x / √2)) is GELU, and so is ½ · x · (1 + tanh(√(2/π) · (x + 0.044715 · x³))), nearly.
fn gelu(view: &View<'_>) -> Option<Change> {
    view.find(|step| {
        if !matches!(step.op, Op::Infix('*' | '/')) {
            return None;
        }
        let (scale, factors) = view.factors(step.output, FACTORS);
        let &[a, b] = &factors[..] else { return None };
        if !is_near(scale, 0.5) {
            return None;
        }
        [(a, b), (b, a)].into_iter().find_map(|(x, sum)| {
            let curve = match view.maker(sum).map(|step| (&step.op, &step.args[..])) {
                Some((Op::Infix('+'), [Arg::Value(curve), Arg::Number(1.0)] | [Arg::Number(1.0), Arg::Value(curve)])) => *curve,
                _ => return None,
            };
            let is = |z: Id, wanted: [f64; 4]| {
                view.polynomial(z, x, 8).is_some_and(|p| p.iter().zip(wanted).all(|(&p, w)| is_near(p, w)))
            };
            if view.unary(curve, "erf()").is_some_and(|z| is(z, [0.0, 0.5f64.sqrt(), 0.0, 0.0])) {
                return Some(activation("gelu()", "Gelu", x));
            }
            let slope = std::f64::consts::FRAC_2_PI.sqrt();
            let is_tanh = view.unary(curve, "tanh()").is_some_and(|z| is(z, [0.0, slope, 0.0, 0.044_715 * slope]));
            is_tanh.then(|| activation("gelu_tanh()", "GeluTanh", x))
        })
    })
}

/// A product with a matrix, and a vector that is added, are one linear layer. So are a convolution without a bias, and one.
fn bias(view: &View<'_>) -> Option<Change> {
    view.find(|step| {
        let (Op::Infix('+'), [Arg::Value(y), Arg::Tensor(bias, _)] | [Arg::Tensor(bias, _), Arg::Value(y)]) =
            (&step.op, &step.args[..])
        else {
            return None;
        };
        let inner = view.only(*y)?;
        let Op::Layer(layer) = &inner.op else { return None };
        let out = match layer.noun {
            "linear" => view.dims(*y).last().copied()?,
            _ => return None,
        };
        let is_bias = layer.tensors.len() == 1 && bias.dims == [out] && view.dims(step.output) == view.dims(*y);
        let ty = layer.ty.strip_suffix(", NoBias>").filter(|_| is_bias)?;
        let mut tensors = layer.tensors.clone();
        tensors.push(("bias".to_owned(), Rc::clone(bias)));
        let path = if inner.path.len() > step.path.len() { &inner.path } else { &step.path };
        Some(Found::Named(
            Op::Layer(Layer { ty: format!("{ty}>"), tensors, ..layer.clone() }),
            inner.args.clone(),
            path.clone(),
        ))
    })
}

/// (x − mean) / √(mean (x − mean)² + ε), over the last axis.
fn layer_norm(view: &View<'_>) -> Option<Change> {
    view.find(|step| {
        let (Op::Infix('/'), [Arg::Value(centred), Arg::Value(std)]) = (&step.op, &step.args[..]) else { return None };
        let (Op::Infix('-'), [Arg::Value(x), Arg::Value(mean)]) = parts(view.maker(*centred)?) else { return None };
        let last = view.dims(*x).len().checked_sub(1)?;
        let averaged = |id: Id| match parts(view.maker(id)?) {
            (Op::Insert(axis), [Arg::Value(inner)]) if *axis == last => match parts(view.maker(*inner)?) {
                (Op::Reduce { method: "mean_axis", axis }, [Arg::Value(of)]) if *axis == last => Some(*of),
                _ => None,
            },
            _ => None,
        };
        let (Op::Infix('+'), [Arg::Value(variance), Arg::Number(eps)]) = parts(view.maker(view.unary(*std, "sqrt()")?)?) else {
            return None;
        };
        let square = averaged(*variance)?;
        let is_square = view.unary(square, "square()") == Some(*centred)
            || matches!(parts(view.maker(square)?), (Op::Infix('*'), [Arg::Value(a), Arg::Value(b)]) if a == centred && b == centred);
        if averaged(*mean)? != *x || !is_square {
            return None;
        }
        let sizes = view.dims(*x).split_at(last).1;
        let ty = format!("LayerNorm<{}, NoAffine>", shape_type(sizes));
        let value = epsilon_value(*eps, "LayerNorm");
        Some(Found::Step(Op::Layer(Layer { value, ..plain(ty, "norm", 1) }), vec![Arg::Value(*x)]))
    })
}

fn parts(step: &Step) -> (&Op, &[Arg]) {
    (&step.op, &step.args)
}

/// A batch whose groups of channels are taken as channels, normalised each, and taken apart again.
fn group_norm(view: &View<'_>) -> Option<Change> {
    view.find(|step| {
        let (Op::Reshape, [Arg::Value(y)]) = parts(step) else { return None };
        let (Op::Layer(layer), [Arg::Value(flat)]) = parts(view.only(*y)?) else { return None };
        let (Op::Reshape, [Arg::Value(x)]) = parts(view.only(*flat)?) else { return None };
        let (dims, &[b, groups, _]) = (view.dims(*x), view.dims(*flat)) else { return None };
        let &[batch, channels, ..] = dims else { return None };
        let is_plain = layer.ty == format!("GroupNorm<{groups}, {groups}, -2, NoAffine>");
        if !is_plain || view.dims(step.output) != dims || b != batch || !channels.is_multiple_of(groups) {
            return None;
        }
        let value = layer.value.clone();
        let layer = group_norm_layer(groups, channels, dims.len(), value, vec![]).ok()?;
        Some(Found::Step(Op::Layer(layer), vec![Arg::Value(*x)]))
    })
}

/// A normalisation without numbers of its own, times one for each, plus another.
fn affine(view: &View<'_>) -> Option<Change> {
    view.find(|step| {
        let (Op::Infix('+'), [Arg::Value(scaled), Arg::Tensor(bias, _)] | [Arg::Tensor(bias, _), Arg::Value(scaled)]) =
            parts(step)
        else {
            return None;
        };
        let (Op::Infix('*'), [Arg::Value(y), Arg::Tensor(weight, _)] | [Arg::Tensor(weight, _), Arg::Value(y)]) =
            parts(view.only(*scaled)?)
        else {
            return None;
        };
        let inner = view.only(*y)?;
        let Op::Layer(layer) = &inner.op else { return None };
        let ty = layer.ty.strip_suffix(", NoAffine>")?;
        let dims = view.dims(*y);
        let own = if layer.ty.starts_with("LayerNorm") { dims.last().copied()? } else { dims.get(1).copied()? };
        let is_last = layer.ty.starts_with("LayerNorm");
        let vector = |tensor: &Tensor| {
            let fits = match &tensor.dims[..] {
                [n] if is_last => *n == own,
                [n, rest @ ..] if !is_last => *n == own && rest.len() + 2 == dims.len() && rest.iter().all(|&n| n == 1),
                _ => false,
            };
            fits.then(|| tensor.reshaped(vec![own]).ok().map(Rc::new)).flatten()
        };
        let tensors = vec![("weight".to_owned(), vector(weight)?), ("bias".to_owned(), vector(bias)?)];
        let ty = format!("{}>", ty.strip_suffix(", -3").unwrap_or(ty));
        Some(Found::Step(Op::Layer(Layer { ty, tensors, ..layer.clone() }), inner.args.clone()))
    })
}

/// Axes of 1 that come and go, and reshaping there and back, are nothing, and several of them one.
fn same_shape(view: &View<'_>) -> Option<Change> {
    view.find(|step| {
        let keeps_order = |op: &Op| matches!(op, Op::Reshape | Op::Insert(_) | Op::Remove(_));
        let [Arg::Value(mut x)] = step.args[..] else { return None };
        if !keeps_order(&step.op) {
            return None;
        }
        let mut is_behind_one = false;
        while let Some(before) = view.maker(x).filter(|before| keeps_order(&before.op)) {
            let [Arg::Value(inner)] = before.args[..] else { break };
            is_behind_one = true;
            x = inner;
            if view.dims(x) == view.dims(step.output) {
                return Some(Found::Value(x));
            }
        }
        let is_new = is_behind_one && matches!(step.op, Op::Reshape);
        is_new.then(|| Found::Step(Op::Reshape, vec![Arg::Value(x)]))
    })
}

/// The average of each plane as an image of one pixel.
fn pooled(view: &View<'_>) -> Option<Change> {
    view.find(|step| {
        let (Op::Insert(3), [Arg::Value(inner)]) = parts(step) else { return None };
        let (Op::Insert(2), [Arg::Value(pooled)]) = parts(view.only(*inner)?) else { return None };
        let pool = view.only(*pooled)?;
        match &pool.op {
            Op::Layer(layer) if layer.ty == "GlobalAvgPool2d" => {
                Some(Found::Named(Op::Layer(plain("AdaptiveAvgPool2d<1>", "pool", 3)), pool.args.clone(), pool.path.clone()))
            }
            _ => None,
        }
    })
}

/// A place of a value whose axes are exchanged is a place along another axis of the value.
fn indexed(view: &View<'_>) -> Option<Change> {
    view.find(|step| {
        let (Op::Index { axis, index }, [Arg::Value(turned)]) = parts(step) else { return None };
        let (Op::Permute(order), [Arg::Value(x)]) = parts(view.maker(*turned)?) else { return None };
        let from = *order.get(*axis)?;
        let rest = order.iter().filter(|&&a| a != from);
        let in_order = rest.clone().zip(rest.skip(1)).all(|(a, b)| a < b);
        in_order.then(|| Found::Step(Op::Index { axis: from, index: *index }, vec![Arg::Value(*x)]))
    })
}

/// Two orders of axes, one after the other, are one.
fn moved(view: &View<'_>) -> Option<Change> {
    view.find(|step| {
        let (Op::Permute(second), [Arg::Value(turned)]) = parts(step) else { return None };
        let (Op::Permute(first), [Arg::Value(x)]) = parts(view.maker(*turned)?) else { return None };
        let order: Vec<usize> = second.iter().filter_map(|&axis| first.get(axis).copied()).collect();
        match order.iter().enumerate().all(|(i, &axis)| i == axis) {
            true => Some(Found::Value(*x)),
            false => Some(Found::Step(Op::Permute(order), vec![Arg::Value(*x)])),
        }
    })
}

/// A place of what is put together is a place of one part of it; of an axis that was put in, it is what stood before.
fn indexed_part(view: &View<'_>) -> Option<Change> {
    view.find(|step| {
        let (Op::Index { axis, index }, [Arg::Value(whole)]) = parts(step) else { return None };
        match parts(view.maker(*whole)?) {
            (Op::Concat(along), [Arg::Value(a), Arg::Value(b)]) if along == axis => {
                let of_a = *view.dims(*a).get(*axis)?;
                let (part, index) = if *index < of_a { (*a, *index) } else { (*b, index - of_a) };
                Some(Found::Step(Op::Index { axis: *axis, index }, vec![Arg::Value(part)]))
            }
            (Op::Insert(along), [Arg::Value(x)]) if along == axis => Some(Found::Value(*x)),
            _ => None,
        }
    })
}

/// The last two axes made one, after the others were moved, are made one before.
fn moved_past(view: &View<'_>) -> Option<Change> {
    view.find(|step| {
        let (Op::Reshape, [Arg::Value(turned)]) = parts(step) else { return None };
        let (Op::Permute(order), [Arg::Value(x)]) = parts(view.maker(*turned)?) else { return None };
        let ([lead @ .., m, n], [outer @ .., mn]) = (view.dims(*turned), view.dims(step.output)) else { return None };
        let rank = order.len();
        let is_fixed = order.get(rank.checked_sub(2)?..) == Some(&[rank - 2, rank - 1]);
        if lead != outer || m * n != *mn || !is_fixed {
            return None;
        }
        let dims = [view.dims(*x).get(..rank - 2)?, &[*mn]].concat();
        let moved = order.get(..rank - 2)?.iter().copied().chain([rank - 2]).collect();
        Some(Found::Steps(*x, vec![(Op::Reshape, dims), (Op::Permute(moved), view.dims(step.output).to_vec())], None))
    })
}

/// Recurrent layers of the same kind one after the other are one of several layers.
fn stacked(view: &View<'_>) -> Option<Change> {
    view.find(|step| {
        let (Op::Layer(upper), [Arg::Value(between)]) = parts(step) else { return None };
        let inner = view.only(*between)?;
        let Op::Layer(lower) = &inner.op else { return None };
        let is_recurrent = matches!(upper.noun, "lstm" | "gru" | "rnn") && upper.noun == lower.noun && inner.path == step.path;
        let (kind, sizes, options) = recurrent_type(&lower.ty).filter(|_| is_recurrent)?;
        let (upper_kind, _, upper_options) = recurrent_type(&upper.ty)?;
        let layers =
            lower.tensors.iter().filter(|(name, _)| name.starts_with("weight_hh") && !name.ends_with("reverse")).count();
        let plain = |options: &[&str]| {
            options.iter().filter(|option| !option.starts_with("Layers<")).map(|o| (*o).to_owned()).collect::<Vec<_>>()
        };
        let (own, others) = (plain(&options), plain(&upper_options));
        if kind != upper_kind
            || own != others
            || upper_options.len() != others.len()
            || view.dims(*between).last() != view.dims(step.output).last()
        {
            return None;
        }
        let mut tensors = lower.tensors.clone();
        tensors.extend(
            upper.tensors.iter().map(|(name, tensor)| (name.replace("_l0", &format!("_l{layers}")), Rc::clone(tensor))),
        );
        let options = [vec![format!("Layers<{}>", layers + 1)], own].concat();
        let ty = with_options(&format!("{kind}<{sizes}"), &options);
        Some(Found::Step(Op::Layer(Layer { ty, tensors, ..lower.clone() }), inner.args.clone()))
    })
}

/// A recurrent layer's name, its sizes and its options.
fn recurrent_type(ty: &str) -> Option<(&str, String, Vec<&str>)> {
    let (kind, rest) = ty.strip_suffix('>')?.split_once('<')?;
    let mut parts = rest.splitn(3, ", ");
    let sizes = format!("{}, {}", parts.next()?, parts.next()?);
    let options = parts.next().map(|options| options.trim_matches(['(', ')']).split(", ").collect());
    Some((kind, sizes, options.unwrap_or_default()))
}

/// An operator repeats what it is given by itself.
fn unexpanded(view: &View<'_>) -> Option<Change> {
    view.find(|step| {
        if !matches!(step.op, Op::Infix(_) | Op::Choose(_)) {
            return None;
        }
        let place = |arg: &Arg| match arg {
            Arg::Value(id) => match parts(view.maker(*id)?) {
                (Op::Expand(axis), [Arg::Value(x)]) => Some((*axis, *id, *x)),
                _ => None,
            },
            _ => None,
        };
        let index = step.args.iter().position(|arg| place(arg).is_some())?;
        let (axis, expanded, x) = place(step.args.get(index)?)?;
        let (rank, out) = (view.dims(expanded).len(), view.dims(step.output));
        // Another operand has the axis in full.
        let full = |arg: &Arg| {
            let dims = match arg {
                Arg::Value(id) => view.dims(*id),
                Arg::Tensor(tensor, _) => &tensor.dims,
                Arg::Number(_) => &[],
            };
            let at = (axis + dims.len()).checked_sub(rank);
            rank == out.len() && at.and_then(|at| dims.get(at)) == out.get(axis)
        };
        let mut others = step.args.iter().enumerate().filter(|(i, _)| *i != index);
        if !others.any(|(_, arg)| full(arg)) {
            return None;
        }
        let mut args = step.args.clone();
        if let Some(arg) = args.get_mut(index) {
            *arg = Arg::Value(x);
        }
        Some(Found::Step(step.op.clone(), args))
    })
}

/// (x + 3) limited to [0, 6], by 6, is Hardsigmoid; times x it is Hardswish.
fn limited(view: &View<'_>) -> Option<Change> {
    view.find(|step| {
        let (Op::Infix('/'), [Arg::Value(above), Arg::Number(6.0)]) = parts(step) else { return None };
        let shifted = |id: Id| match parts(view.maker(view.unary(id, "relu6()")?)?) {
            (Op::Infix('+'), [Arg::Value(x), Arg::Number(3.0)]) => Some(*x),
            _ => None,
        };
        if let Some(x) = shifted(*above) {
            return Some(activation("hardsigmoid()", "Hardsigmoid", x));
        }
        let (Op::Infix('*'), [Arg::Value(a), Arg::Value(b)]) = parts(view.only(*above)?) else { return None };
        let gated = |x: Id, gate: Id| shifted(gate) == Some(x);
        let x = if gated(*a, *b) { *a } else { *b };
        (gated(*a, *b) || gated(*b, *a)).then(|| activation("hardswish()", "Hardswish", x))
    })
}

/// ln σ(x).
fn log_sigmoid(view: &View<'_>) -> Option<Change> {
    view.find(|step| match parts(step) {
        (Op::Unary { method, .. }, [Arg::Value(inner)]) if method == "ln()" => {
            view.unary(*inner, "sigmoid()").map(|x| activation("logsigmoid()", "LogSigmoid", x))
        }
        _ => None,
    })
}

/// x where it is more than 20, ln(1 + eˣ) elsewhere, is how PyTorch computes that everywhere.
fn soft(view: &View<'_>) -> Option<Change> {
    view.find(|step| {
        let (Op::Where, [Arg::Value(mask), Arg::Value(x), Arg::Value(soft)]) = parts(step) else { return None };
        let (Op::Compare, [Arg::Value(compared), Arg::Number(20.0)]) = parts(view.maker(*mask)?) else { return None };
        let is_soft = view.unary(*soft, "softplus(1.0, 20.0)") == Some(*x) && compared == x;
        is_soft.then_some(Found::Value(*soft))
    })
}
