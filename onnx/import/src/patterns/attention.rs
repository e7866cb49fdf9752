//! Attention, out of whatever reshaping and multiplying an exporter has made of it.
//!
//! There are many ways to write the same. So what stands between the projections of x and that of the output is not compared with a
//! pattern, but computed, for some x, and compared with what attention is.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use super::{Change, Found, View, parts};
use crate::fold;
use crate::ir::{Arg, Id, Layer, Op, Step};
use crate::lower::layers::{plain, with_options};
use crate::tensor::Tensor;

/// How many multiplications are done to find out.
const WORK: usize = 1 << 28;

/// Several heads of attention of tokens to each other.
pub fn attention(view: &View<'_>) -> Option<Change> {
    view.find(|step| {
        // The last step of one: the projection of its output, and what arranges that.
        let mut end = step;
        while matches!(end.op, Op::Reshape | Op::Permute(_)) {
            end = view.only(end.args.first()?.value()?)?;
        }
        let projection = linear(end)?;
        let dims = view.dims(step.output);
        let region = Region::before(view, step, end)?;
        let layers: Vec<&Layer> = region.projections.iter().filter_map(|step| linear(step)).collect();
        let given = numbers(dims)?;
        let sources = region.sources.iter().filter(|&&x| view.dims(x) == dims && region.is_closed(view, x, step.output));
        let (x, (layer, batched, time_first)) = sources.into_iter().find_map(|&x| {
            let wanted = region.compute(view, x, &given, step.output)?;
            [false, true].into_iter().find_map(|time_first| {
                let turned = |tensor: &Tensor| if time_first { swapped(tensor) } else { Some(tensor.clone()) };
                let own = turned(&given)?;
                let heads = region.heads(view, &own.dims)?;
                let layer = recognised(&layers, projection, heads, &own, &turned(&wanted)?)?;
                Some((x, (layer, own.dims, time_first)))
            })
        })?;
        // The module that computes the softmax, or that the projection is a part of.
        let mut path = view.maker(region.scores)?.path.clone();
        if path.is_empty() {
            path = end.path.clone();
            path.pop();
        }
        let turn = |dims: &[usize]| (Op::Permute(vec![1, 0, 2]), dims.to_vec());
        let own = (Op::Layer(layer), batched.clone());
        let steps = if time_first { vec![turn(&batched), own, turn(dims)] } else { vec![own] };
        Some(Found::Steps(x, steps, Some(path)))
    })
}

/// With the first two of three axes exchanged.
fn swapped(x: &Tensor) -> Option<Tensor> {
    (x.dims.len() == 3).then(|| x.permuted(&[1, 0, 2]).ok()).flatten()
}

/// The layer that gives `wanted` for `given`, if it is attention of so many heads.
fn recognised(layers: &[&Layer], projection: &Layer, heads: usize, given: &Tensor, wanted: &Tensor) -> Option<Layer> {
    let (&[.., l, e], true) = (&given.dims[..], matches!(given.dims.len(), 2 | 3)) else { return None };
    let (out_weight, out_bias) = weights(projection)?;
    let (weight, bias, is_causal) = arrangements(layers, e)?.into_iter().find_map(|(weight, bias)| {
        let is = |is_causal: bool| {
            let attention = Attention { e, heads, l, is_causal, weight: &weight, bias: &bias, out_weight, out_bias };
            attention.of(given).is_some_and(|y| wanted.floats().is_ok_and(|wanted| is_near(&y, wanted)))
        };
        let is_causal = [false, true].into_iter().find(|&is_causal| is(is_causal))?;
        Some((weight, bias, is_causal))
    })?;
    let has_bias = layers.iter().chain([&projection]).any(|layer| layer.tensors.len() == 2);
    let mut tensors = vec![("in_proj_weight", weight), ("out_proj.weight", out_weight.to_vec())];
    if has_bias {
        tensors.push(("in_proj_bias", bias));
        tensors.push(("out_proj.bias", out_bias.map_or_else(|| vec![0.0; e], <[f32]>::to_vec)));
    }
    let tensors = tensors.into_iter().map(|(name, values)| {
        let sizes = if name.ends_with("weight") { vec![values.len() / e, e] } else { vec![values.len()] };
        Some((name.to_owned(), Rc::new(Tensor::f32(sizes, values).ok()?)))
    });
    let options = options([(is_causal, "Causal"), (!has_bias, "NoBias")]);
    let ty = with_options(&format!("MultiheadAttention<{e}, {heads}"), &options);
    Some(Layer { tensors: tensors.collect::<Option<_>>()?, ..plain(ty, "attention", 2) })
}

/// The options that hold.
fn options<const N: usize>(all: [(bool, &str); N]) -> Vec<String> {
    all.into_iter().filter(|(holds, _)| *holds).map(|(_, option)| option.to_owned()).collect()
}

/// A linear layer, if a step is one.
fn linear(step: &Step) -> Option<&Layer> {
    match &step.op {
        Op::Layer(layer) if layer.noun == "linear" => Some(layer),
        _ => None,
    }
}

/// Its weight and its bias.
fn weights(layer: &Layer) -> Option<(&[f32], Option<&[f32]>)> {
    let floats = |index: usize| layer.tensors.get(index).and_then(|(_, tensor)| tensor.floats().ok());
    Some((floats(0)?, floats(1)))
}

/// What stands between x and the output.
struct Region<'p> {
    /// The layers that x is given to.
    projections: Vec<&'p Step>,
    /// All steps, by what they give.
    steps: HashSet<Id>,
    /// What may be x.
    sources: Vec<Id>,
    scores: Id,
}

impl<'p> Region<'p> {
    /// All that the last step is made of, back to linear layers.
    fn before(view: &View<'p>, last: &'p Step, end: &'p Step) -> Option<Self> {
        let (mut steps, mut projections, mut scores) = (HashSet::new(), vec![], None);
        let mut step = last;
        while step.output != end.output {
            steps.insert(step.output);
            step = view.maker(step.args.first()?.value()?)?;
        }
        steps.insert(end.output);
        let mut open = vec![end.args.first()?.value()?];
        while let Some(id) = open.pop() {
            if !steps.insert(id) {
                continue;
            }
            let step = view.maker(id)?;
            match &step.op {
                Op::Layer(layer) if layer.noun == "linear" => {
                    projections.push(step);
                    continue;
                }
                Op::Softmax { log: false, axis } if axis + 1 == view.dims(id).len() && scores.is_none() => scores = Some(id),
                Op::Permute(_) | Op::Transpose | Op::Reshape | Op::Insert(_) | Op::Remove(_) => {}
                Op::Slice { .. } | Op::Index { .. } | Op::Infix(_) | Op::MatMul => {}
                _ => return None,
            }
            open.extend(step.args.iter().filter_map(Arg::value));
            if steps.len() > 64 {
                return None;
            }
        }
        // In the order of the file, so that q, k and v are tried as they most often stand.
        projections.sort_by_key(|step| step.output);
        let mut sources = vec![];
        let mut x = projections.first()?.args.first()?.value()?;
        sources.push(x);
        while let Some(Step { op: Op::Permute(_) | Op::Reshape, args, .. }) = view.maker(x) {
            x = args.first()?.value()?;
            sources.push(x);
        }
        Some(Self { projections, steps, sources, scores: scores? })
    }

    /// How many heads there are: each has a matrix of scores.
    fn heads(&self, view: &View<'_>, dims: &[usize]) -> Option<usize> {
        let (scores, [.., l, e]) = (view.dims(self.scores), dims) else { return None };
        let sequences: usize = dims.iter().rev().skip(2).product();
        let each = sequences.checked_mul(l * l).filter(|&each| each > 0)?;
        let heads = scores.iter().product::<usize>() / each;
        (scores.last() == Some(l) && heads > 0 && heads * each == scores.iter().product() && e.is_multiple_of(heads))
            .then_some(heads)
    }

    /// Whether nothing else reads what is in it, and it reads nothing but x.
    fn is_closed(&self, view: &View<'_>, x: Id, output: Id) -> bool {
        let own = |step: &Step| self.steps.contains(&step.output);
        let all = self.with_arrangement(view, x);
        let reads_inside = || view.program.steps.iter().filter(|step| all.contains(&step.output) || own(step));
        all.iter().chain(&self.steps).filter(|&&id| id != output && id != x).all(|&id| {
            let inside: usize = reads_inside().map(|step| step.args.iter().filter(|arg| arg.value() == Some(id)).count()).sum();
            view.uses.get(id) == Some(&inside)
        })
    }

    /// What arranges x before its projections.
    fn with_arrangement(&self, view: &View<'_>, x: Id) -> HashSet<Id> {
        let mut all = HashSet::new();
        for step in &self.projections {
            let mut id = step.args.first().and_then(Arg::value);
            while let Some(at) = id.filter(|&at| at != x) {
                all.insert(at);
                id = view.maker(at).and_then(|step| step.args.first()).and_then(Arg::value);
            }
        }
        all
    }

    /// What it gives for an x.
    fn compute(&self, view: &View<'_>, x: Id, given: &Tensor, output: Id) -> Option<Tensor> {
        let mut all = self.with_arrangement(view, x);
        all.extend(&self.steps);
        let mut known: HashMap<Id, Tensor> = HashMap::from([(x, given.clone())]);
        let mut work = 0usize;
        for step in view.program.steps.iter().filter(|step| all.contains(&step.output) && step.output != x) {
            let args: Option<Vec<Tensor>> = step
                .args
                .iter()
                .map(|arg| match arg {
                    Arg::Value(id) => known.get(id).cloned(),
                    Arg::Number(n) => Tensor::f32(vec![], vec![*n]).ok(),
                    Arg::Tensor(tensor, _) => Some((**tensor).clone()),
                })
                .collect();
            let result = compute(&step.op, &args?, view.dims(step.output), &mut work)?;
            known.insert(step.output, result);
        }
        known.remove(&output)
    }
}

/// What a step gives.
fn compute(op: &Op, args: &[Tensor], dims: &[usize], work: &mut usize) -> Option<Tensor> {
    let x = args.first()?;
    let rank = x.dims.len();
    match op {
        Op::Permute(order) => x.permuted(order).ok(),
        Op::Transpose => {
            let mut order: Vec<usize> = (0..rank).collect();
            order.swap(rank.checked_sub(1)?, rank.checked_sub(2)?);
            x.permuted(&order).ok()
        }
        Op::Reshape | Op::Insert(_) | Op::Remove(_) => x.reshaped(dims.to_vec()).ok(),
        Op::Index { axis, index } => fold::take(x, *axis, &[*index]).ok()?.reshaped(dims.to_vec()).ok(),
        Op::Slice { axis, start } => {
            let places: Vec<usize> = (*start..start + dims.get(*axis)?).collect();
            fold::take(x, *axis, &places).ok()
        }
        Op::Infix(sign) => {
            let name = match sign {
                '+' => "Add",
                '-' => "Sub",
                '*' => "Mul",
                _ => "Div",
            };
            fold::binary(name, x, args.get(1)?).ok()
        }
        Op::MatMul => products(x, args.get(1)?, dims, work),
        Op::Softmax { .. } => {
            let n = *x.dims.last()?;
            Tensor::f32(x.dims.clone(), x.floats().ok()?.chunks(n.max(1)).flat_map(softmax).collect()).ok()
        }
        Op::Layer(layer) => {
            let (weight, bias) = weights(layer)?;
            let n = *x.dims.last()?;
            *work = work.checked_add(x.len().checked_mul(weight.len() / n.max(1))?).filter(|&work| work < WORK)?;
            Tensor::f32(dims.to_vec(), projected(x.floats().ok()?, weight, bias, n)).ok()
        }
        _ => None,
    }
}

fn softmax(scores: &[f32]) -> Vec<f32> {
    let largest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let exps: Vec<f32> = scores.iter().map(|s| (s - largest).exp()).collect();
    let sum: f32 = exps.iter().sum();
    exps.iter().map(|e| e / sum).collect()
}

/// W · x + b of each row of `n` numbers.
fn projected(x: &[f32], weight: &[f32], bias: Option<&[f32]>, n: usize) -> Vec<f32> {
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
    let rows = x.chunks(n.max(1));
    rows.flat_map(|x| {
        let biases = bias.unwrap_or(&[]).iter().copied().chain(std::iter::repeat(0.0));
        weight.chunks(n.max(1)).zip(biases).map(move |(w, b)| dot(w, x) + b).collect::<Vec<_>>()
    })
    .collect()
}

/// The products of matrices.
fn products(a: &Tensor, b: &Tensor, dims: &[usize], work: &mut usize) -> Option<Tensor> {
    let (&[.., m, k], &[.., l, n]) = (&a.dims[..], &b.dims[..]) else { return None };
    *work = work.checked_add(a.len().checked_mul(n)?).filter(|&work| work < WORK)?;
    let (x, y) = (a.floats().ok()?, b.floats().ok()?);
    if k != l || m * k * l * n == 0 {
        return None;
    }
    let mut result = vec![];
    for (i, a) in x.chunks(m * k).enumerate() {
        let b = if b.dims.len() == 2 { y } else { y.chunks(l * n).nth(i)? };
        for row in a.chunks(k) {
            result.extend((0..n).map(|j| row.iter().zip(b.iter().skip(j).step_by(n)).map(|(a, b)| a * b).sum::<f32>()));
        }
    }
    Tensor::f32(dims.to_vec(), result).ok()
}

/// Numbers that nothing is symmetric in.
fn numbers(dims: &[usize]) -> Option<Tensor> {
    let len = crate::tensor::small(dims).ok()?;
    let mut state = 1u32;
    let values = (0..len).map(|_| {
        // A linear congruence (D. Knuth, The Art of Computer Programming, 3.3.4).
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1 << 23) as f32 - 1.0
    });
    Tensor::f32(dims.to_vec(), values.collect()).ok()
}

fn is_near(a: &[f32], b: &[f32]) -> bool {
    let largest = b.iter().fold(0.0f32, |m, x| m.max(x.abs()));
    a.len() == b.len() && largest > 0.0 && a.iter().zip(b).all(|(a, b)| (a - b).abs() <= 2e-5 * largest)
}

/// The weight and the bias of q, k and v together, in all orders in which three layers may be meant.
fn arrangements(layers: &[&Layer], e: usize) -> Option<Vec<(Vec<f32>, Vec<f32>)>> {
    const ORDERS: [[usize; 3]; 6] = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
    let all: Vec<_> = layers.iter().map(|layer| weights(layer)).collect::<Option<_>>()?;
    let whole = |order: &[usize], rows: usize| {
        let mut joined = (vec![], vec![]);
        for &index in order {
            let (weight, bias) = all.get(index)?;
            joined.0.extend_from_slice(weight);
            joined.1.extend_from_slice(bias.unwrap_or(&vec![0.0; rows]));
        }
        (joined.0.len() == 3 * e * e).then_some(joined)
    };
    match all.len() {
        1 => Some(vec![whole(&[0], 3 * e)?]),
        3 => ORDERS.iter().map(|order| whole(order, e)).collect(),
        _ => None,
    }
}

/// What attention is.
struct Attention<'a> {
    e: usize,
    heads: usize,
    l: usize,
    is_causal: bool,
    weight: &'a [f32],
    bias: &'a [f32],
    out_weight: &'a [f32],
    out_bias: Option<&'a [f32]>,
}

impl Attention<'_> {
    /// Of sequences of `l` tokens each.
    fn of(&self, x: &Tensor) -> Option<Vec<f32>> {
        let (e, l) = (self.e, self.l);
        if self.out_weight.len() != e * e || x.len() * e * 4 > WORK || x.len() * l * 2 > WORK {
            return None;
        }
        let qkv = projected(x.floats().ok()?, self.weight, Some(self.bias), e);
        let mixed: Vec<f32> = qkv.chunks(3 * e * l).flat_map(|sequence| self.mixed(sequence)).collect();
        Some(projected(&mixed, self.out_weight, self.out_bias, e))
    }

    /// The heads' outputs of one sequence.
    fn mixed(&self, qkv: &[f32]) -> Vec<f32> {
        let d = self.e / self.heads;
        let part = |token: usize, which: usize, head: usize| {
            let start = (3 * token + which) * self.e + head * d;
            qkv.get(start..start + d).unwrap_or(&[])
        };
        let scale = (d as f32).sqrt();
        let mut result = vec![];
        for token in 0..self.l {
            let seen = if self.is_causal { token + 1 } else { self.l };
            for head in 0..self.heads {
                let score = |other: usize| {
                    part(token, 0, head).iter().zip(part(other, 1, head)).map(|(q, k)| q * k).sum::<f32>() / scale
                };
                let weights = softmax(&(0..seen).map(score).collect::<Vec<_>>());
                result.extend((0..d).map(|i| {
                    weights
                        .iter()
                        .enumerate()
                        .map(|(other, w)| w * part(other, 2, head).get(i).copied().unwrap_or_default())
                        .sum::<f32>()
                }));
            }
        }
        result
    }
}

/// The layer of an encoder: attention and a network, each beside what they are given, which is normalised after or before that.
pub fn encoder_layer(view: &View<'_>) -> Option<Change> {
    view.find(|step| {
        let found = after_norm(view, step).or_else(|| before_norm(view, step))?;
        let Encoder { x, attention, norm1, linear1, activation, linear2, norm2, is_first } = found;
        let (attention, norm1, linear2, norm2) =
            (layer(attention, "attention")?, layer(norm1, "norm")?, layer(linear2, "linear")?, layer(norm2, "norm")?);
        let mut path = linear1.path.clone();
        if path.pop().as_deref() != Some("linear1") {
            return None;
        }
        let linear1 = layer(linear1, "linear")?;
        let activation = match &activation.op {
            Op::Unary { layer: Some((ty, None)), .. } if matches!(ty.as_str(), "Relu" | "Gelu" | "GeluTanh" | "Silu") => {
                ty.as_str()
            }
            _ => return None,
        };
        let is_plain = |layer: &&Layer| layer.tensors.len() == 2 && layer.value.is_none();
        if ![linear1, linear2, norm1, norm2].iter().all(is_plain) || attention.tensors.len() != 4 {
            return None;
        }
        let &[e, hidden] = &linear2.tensors.first()?.1.dims[..] else { return None };
        let heads = attention.ty.split(['<', '>', ',', ' ']).filter(|part| !part.is_empty()).nth(2)?;
        let is_causal = attention.ty.contains("Causal");
        let options = options([(is_causal, "Causal"), (is_first, "NormFirst"), (activation != "Relu", activation)]);
        let ty = with_options(&format!("TransformerEncoderLayer<{e}, {heads}, {hidden}"), &options);
        let named = [("self_attn", attention), ("linear1", linear1), ("linear2", linear2), ("norm1", norm1), ("norm2", norm2)];
        let tensors = named.iter().flat_map(|(part, layer)| {
            layer.tensors.iter().map(move |(name, tensor)| (format!("{part}.{name}"), Rc::clone(tensor)))
        });
        let layer = Layer { tensors: tensors.collect(), ..plain(ty, "encoder_layer", 2) };
        Some(Found::Named(Op::Layer(layer), vec![Arg::Value(x)], path))
    })
}

/// The parts of one.
struct Encoder<'p> {
    x: Id,
    attention: &'p Step,
    norm1: &'p Step,
    linear1: &'p Step,
    activation: &'p Step,
    linear2: &'p Step,
    norm2: &'p Step,
    is_first: bool,
}

fn layer<'p>(step: &'p Step, noun: &str) -> Option<&'p Layer> {
    match &step.op {
        Op::Layer(layer) if layer.noun == noun && (noun != "norm" || layer.ty.starts_with("LayerNorm")) => Some(layer),
        _ => None,
    }
}

/// The step before one of a single value.
fn inner<'p>(view: &View<'p>, step: &Step) -> Option<&'p Step> {
    view.only(step.args.first()?.value()?)
}

/// What is added to what: the second of them is made by a step that only this reads.
fn sum<'p>(view: &View<'p>, step: &Step, noun: &str) -> Option<(Id, &'p Step)> {
    let (Op::Infix('+'), [Arg::Value(a), Arg::Value(b)]) = parts(step) else { return None };
    [(*a, *b), (*b, *a)].into_iter().find_map(|(x, part)| {
        let step = view.only(part)?;
        layer(step, noun).map(|_| (x, step))
    })
}

/// norm2(h + network(h)), h = norm1(x + attention(x)).
fn after_norm<'p>(view: &View<'p>, norm2: &'p Step) -> Option<Encoder<'p>> {
    layer(norm2, "norm")?;
    let (h, linear2) = sum(view, inner(view, norm2)?, "linear")?;
    let activation = inner(view, linear2)?;
    let linear1 = inner(view, activation)?;
    let norm1 =
        view.maker(h).filter(|_| view.uses.get(h) == Some(&2) && linear1.args.first().and_then(Arg::value) == Some(h))?;
    layer(norm1, "norm")?;
    let (x, attention) = sum(view, inner(view, norm1)?, "attention")?;
    let is_own = attention.args.first().and_then(Arg::value) == Some(x);
    is_own.then_some(Encoder { x, attention, norm1, linear1, activation, linear2, norm2, is_first: false })
}

/// h + network(norm2(h)), h = x + attention(norm1(x)).
fn before_norm<'p>(view: &View<'p>, last: &'p Step) -> Option<Encoder<'p>> {
    let (h, linear2) = sum(view, last, "linear")?;
    let activation = inner(view, linear2)?;
    let linear1 = inner(view, activation)?;
    let norm2 = inner(view, linear1)?;
    layer(norm2, "norm")?;
    let is_of_h = norm2.args.first().and_then(Arg::value) == Some(h) && view.uses.get(h) == Some(&2);
    let (x, attention) = sum(view, view.maker(h).filter(|_| is_of_h)?, "attention")?;
    let norm1 = inner(view, attention)?;
    layer(norm1, "norm")?;
    let is_own = norm1.args.first().and_then(Arg::value) == Some(x);
    is_own.then_some(Encoder { x, attention, norm1, linear1, activation, linear2, norm2, is_first: true })
}
