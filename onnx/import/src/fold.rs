//! Operations on what is known when the file is read: the arithmetic of shapes that exporters write.

use std::rc::Rc;

use crate::error::{Result, bail};
use crate::graph::Node;
use crate::tensor::{Data, Tensor, places, sizes, small, strides};

/// What a node gives, if all that it takes is known and it is an operation that is computed here.
pub fn fold(node: &Node<'_>, inputs: &[Option<Rc<Tensor>>]) -> Result<Option<Tensor>> {
    let input = |index: usize| inputs.get(index).and_then(Option::as_deref);
    let Some(x) = input(0) else { return Ok(None) };
    let second = || match input(1) {
        Some(tensor) => Ok(tensor),
        None => bail!("its second input is missing"),
    };
    Ok(Some(match node.op() {
        "Identity" | "Dropout" => x.clone(),
        "Cast" => cast(x, node.int("to", 1))?,
        "Gather" => gather(x, second()?, node.int("axis", 0))?,
        "Concat" => concat(inputs, node.int("axis", 0))?,
        "Slice" => slice(x, &slices(node, inputs, x.dims.len())?)?,
        "Unsqueeze" => {
            let axes = new_axes(second()?.integers()?, x.dims.len())?;
            let mut dims = x.dims.clone();
            axes.iter().for_each(|&axis| dims.insert(axis, 1));
            x.reshaped(dims)?
        }
        "Squeeze" => {
            let axes = squeezed(input(1), &x.dims)?;
            let kept = x.dims.iter().enumerate().filter(|(axis, _)| !axes.contains(axis));
            x.reshaped(kept.map(|(_, &n)| n).collect())?
        }
        "Reshape" => x.reshaped(reshape(&x.dims, second()?.integers()?, node.int("allowzero", 0) != 0)?)?,
        "Flatten" => {
            let axis = flatten_axis(node, x.dims.len())?;
            let (outer, inner) = x.dims.split_at(axis);
            x.reshaped(vec![outer.iter().product(), inner.iter().product()])?
        }
        "Transpose" => x.permuted(&order(node, x.dims.len())?)?,
        "Expand" => {
            let wanted = sizes(second()?.integers()?)?;
            x.broadcast(&broadcast(&x.dims, &wanted)?)?
        }
        "Tile" => tile(x, second()?.integers()?)?,
        "ConstantOfShape" => {
            let dims = sizes(x.integers()?)?;
            let len = small(&dims)?;
            let value = node.tensor("value").map(|tensor| Tensor::read(tensor, None)).transpose()?;
            match value.map_or(Data::F32(vec![0.0]), |value| value.data) {
                Data::F32(values) => Tensor::new(dims, Data::F32(vec![values.first().copied().unwrap_or_default(); len]))?,
                Data::I64(values) => Tensor::new(dims, Data::I64(vec![values.first().copied().unwrap_or_default(); len]))?,
                Data::Bool(values) => Tensor::new(dims, Data::Bool(vec![values.first().copied().unwrap_or_default(); len]))?,
            }
        }
        "Range" => range(x, second()?, input(2))?,
        "Where" => {
            let (Some(a), Some(b)) = (input(1), input(2)) else { bail!("it has three inputs, and one is missing") };
            choose(x, a, b)?
        }
        "Trilu" => trilu(x, input(1), node.int("upper", 1) != 0)?,
        "Not" => Tensor::new(x.dims.clone(), Data::Bool(x.bools()?.iter().map(|&x| !x).collect()))?,
        "Add" | "Sub" | "Mul" | "Div" | "Mod" | "Pow" | "Min" | "Max" | "Equal" | "Greater" | "Less" | "GreaterOrEqual"
        | "LessOrEqual" | "And" | "Or" => {
            let rest = inputs.split_at(1).1;
            let mut result = x.clone();
            for other in rest {
                let Some(other) = other.as_deref() else { bail!("one of its inputs is missing") };
                result = binary(node.op(), &result, other)?;
            }
            result
        }
        "Neg" | "Abs" | "Sqrt" | "Reciprocal" | "Exp" | "Log" | "Floor" | "Ceil" | "Sin" | "Cos" | "Sigmoid" | "Tanh"
        | "Relu" | "Sign" => unary(node.op(), x)?,
        "ReduceSum" | "ReduceMean" | "ReduceProd" | "ReduceMax" | "ReduceMin" | "ReduceL2" | "ReduceSumSquare" => {
            reduce(node, x, input(1))?
        }
        "MatMul" => matmul(x, second()?)?,
        _ => return Ok(None),
    }))
}

/// An axis that counts from the outermost, of one that may count from the innermost.
pub fn axis(axis: i64, rank: usize) -> Result<usize> {
    let signed = if axis < 0 { axis.checked_add_unsigned(rank as u64) } else { Some(axis) };
    match signed.and_then(|axis| usize::try_from(axis).ok()).filter(|&axis| axis < rank) {
        Some(axis) => Ok(axis),
        None => bail!("there is no axis {axis} among {rank}"),
    }
}

/// Several different axes, in order.
pub fn axes(given: &[i64], rank: usize) -> Result<Vec<usize>> {
    let mut axes = given.iter().map(|&a| axis(a, rank)).collect::<Result<Vec<_>>>()?;
    axes.sort_unstable();
    if axes.windows(2).any(|pair| pair.first() == pair.last()) {
        bail!("an axis stands twice among {given:?}");
    }
    Ok(axes)
}

/// Axes that are to be put in, in order, as the result counts them.
pub fn new_axes(given: &[i64], rank: usize) -> Result<Vec<usize>> {
    match rank.checked_add(given.len()).filter(|&rank| rank <= crate::tensor::RANK) {
        Some(rank) => axes(given, rank),
        None => bail!("{rank} dimensions and {} more are more than {}", given.len(), crate::tensor::RANK),
    }
}

/// The axes that a `Squeeze` takes away.
pub fn squeezed(given: Option<&Tensor>, dims: &[usize]) -> Result<Vec<usize>> {
    let Some(given) = given else {
        return Ok((0..dims.len()).filter(|&axis| dims.get(axis) == Some(&1)).collect());
    };
    let axes = axes(given.integers()?, dims.len())?;
    match axes.iter().find(|&&axis| dims.get(axis) != Some(&1)) {
        Some(axis) => bail!("axis {axis} of sizes {dims:?} is not 1, and cannot be taken away"),
        None => Ok(axes),
    }
}

/// The axes of a `Transpose`.
pub fn order(node: &Node<'_>, rank: usize) -> Result<Vec<usize>> {
    let Some(order) = node.ints("perm") else { return Ok((0..rank).rev().collect()) };
    if axes(order, rank)?.len() != rank {
        bail!("its order {order:?} does not name each of {rank} axes");
    }
    order.iter().map(|&a| axis(a, rank)).collect()
}

/// Where a `Flatten` divides the axes.
pub fn flatten_axis(node: &Node<'_>, rank: usize) -> Result<usize> {
    match node.int("axis", 1) {
        given if usize::try_from(given) == Ok(rank) => Ok(rank),
        given => axis(given, rank),
    }
}

/// The sizes that a `Reshape` asks for.
pub fn reshape(dims: &[usize], wanted: &[i64], zero_is_zero: bool) -> Result<Vec<usize>> {
    let mut result = vec![];
    let mut open = None;
    for (axis, &n) in wanted.iter().enumerate() {
        result.push(match (n, dims.get(axis)) {
            (-1, _) if open.replace(axis).is_none() => 1,
            (0, Some(&n)) if !zero_is_zero => n,
            (n, _) => match usize::try_from(n) {
                Ok(n) if n <= 1 << 31 => n,
                _ => bail!("{wanted:?} are no sizes to reshape {dims:?} to"),
            },
        });
    }
    let (have, given) = (crate::tensor::count(dims)?, crate::tensor::count(&result)?);
    if let Some(n) = open.and_then(|axis| result.get_mut(axis)) {
        *n = have.checked_div(given).unwrap_or(0);
    }
    if crate::tensor::count(&result)? != have {
        bail!("sizes of {dims:?} cannot be reshaped to {wanted:?}");
    }
    Ok(result)
}

/// The sizes that two tensors have together.
pub fn broadcast(a: &[usize], b: &[usize]) -> Result<Vec<usize>> {
    let rank = a.len().max(b.len());
    let at = |dims: &[usize], axis: usize| (axis + dims.len()).checked_sub(rank).and_then(|axis| dims.get(axis).copied());
    let dims = (0..rank).map(|axis| match (at(a, axis).unwrap_or(1), at(b, axis).unwrap_or(1)) {
        (m, n) if m == n || n == 1 => Ok(m),
        (1, n) => Ok(n),
        _ => bail!("sizes of {a:?} and {b:?} do not repeat to each other"),
    });
    let dims = dims.collect::<Result<Vec<_>>>()?;
    crate::tensor::count(&dims).map(|_| dims)
}

/// A part of an axis: which, from where, how far to the next, and how many.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Part {
    pub axis: usize,
    pub start: usize,
    pub step: isize,
    pub len: usize,
    pub of: usize,
}

/// What a `Slice` takes. (`dims` of what it is taken of are looked up where the sizes are clipped.)
pub fn slices(node: &Node<'_>, inputs: &[Option<Rc<Tensor>>], rank: usize) -> Result<Vec<(usize, i64, i64, i64)>> {
    let list = |index: usize| inputs.get(index).and_then(Option::as_deref).map(|t| t.integers()).transpose();
    let (Some(starts), Some(ends)) = (list(1)?, list(2)?) else {
        bail!("where `{}` starts and ends is not known when the file is read", node.op())
    };
    let all: Vec<i64> = (0..starts.len() as i64).collect();
    let (axes, ones) = (list(3)?.unwrap_or(&all), vec![1; starts.len()]);
    let steps = list(4)?.unwrap_or(&ones);
    if [ends.len(), axes.len(), steps.len()] != [starts.len(); 3] {
        bail!("it has {} starts, {} ends, {} axes and {} steps", starts.len(), ends.len(), axes.len(), steps.len());
    }
    self::axes(axes, rank)?;
    let each = starts.iter().zip(ends).zip(axes.iter().zip(steps));
    each.map(|((&start, &end), (&a, &step))| Ok((axis(a, rank)?, start, end, step))).collect()
}

/// A slice of an axis of size `of`, as NumPy clips it.
pub fn part((axis, start, end, step): (usize, i64, i64, i64), of: usize) -> Result<Part> {
    let n = of as i64;
    let step = step.clamp(-(1 << 31), 1 << 31) as isize;
    if step == 0 {
        bail!("its step is 0");
    }
    let from_end = |i: i64| if i < 0 { i.saturating_add(n) } else { i };
    let (low, high) = if step > 0 { (0, n) } else { (-1, n - 1) };
    let (start, end) = (from_end(start).clamp(low, high), from_end(end).clamp(low, high));
    let distance = if step > 0 { end - start } else { start - end };
    let len = if distance <= 0 { 0 } else { (distance as usize).div_ceil(step.unsigned_abs()) };
    Ok(Part { axis, start: start.max(0) as usize, step, len, of })
}

fn slice(x: &Tensor, parts: &[(usize, i64, i64, i64)]) -> Result<Tensor> {
    let mut result = x.clone();
    for &given in parts {
        let Some(&of) = result.dims.get(given.0) else { bail!("there is no axis {}", given.0) };
        let part = part(given, of)?;
        small(&[part.len])?;
        let indices: Vec<usize> =
            (0..part.len).map(|i| part.start.wrapping_add_signed(part.step.wrapping_mul(i as isize))).collect();
        result = take(&result, part.axis, &indices)?;
    }
    Ok(result)
}

/// The places `indices` along an axis.
pub fn take(x: &Tensor, axis: usize, indices: &[usize]) -> Result<Tensor> {
    let (Some(&n), Some(&stride)) = (x.dims.get(axis), strides(&x.dims).get(axis)) else { bail!("there is no axis {axis}") };
    if indices.iter().any(|&i| i >= n) {
        bail!("an index is outside of an axis of {n}");
    }
    let (outer, inner) = x.dims.split_at(axis);
    let inner_len: usize = inner.iter().skip(1).product();
    let mut dims = x.dims.clone();
    if let Some(n) = dims.get_mut(axis) {
        *n = indices.len();
    }
    small(&dims)?;
    let outer_len: usize = outer.iter().product();
    let places =
        (0..outer_len).flat_map(|o| indices.iter().flat_map(move |&i| (0..inner_len).map(move |k| (o * n + i) * stride + k)));
    x.picked(dims, &places.collect::<Vec<_>>())
}

/// Indices that may count from the end.
pub fn indices(given: &Tensor, of: usize) -> Result<Vec<usize>> {
    let each = given.integers()?.iter().map(|&i| axis(i, of));
    each.collect::<Result<_>>().or_else(|_| bail!("an index is outside of an axis of {of}"))
}

fn gather(x: &Tensor, given: &Tensor, along: i64) -> Result<Tensor> {
    let along = axis(along, x.dims.len())?;
    let of = x.dims.get(along).copied().unwrap_or_default();
    let taken = take(x, along, &indices(given, of)?)?;
    let (outer, inner) = x.dims.split_at(along);
    let dims = outer.iter().chain(&given.dims).chain(inner.iter().skip(1)).copied().collect();
    taken.reshaped(dims)
}

fn concat(inputs: &[Option<Rc<Tensor>>], along: i64) -> Result<Tensor> {
    let parts: Vec<&Tensor> = inputs.iter().filter_map(Option::as_deref).collect();
    let Some((first, rest)) = parts.split_first() else { bail!("it has no inputs") };
    let along = axis(along, first.dims.len())?;
    let mut result = (*first).clone();
    for part in rest {
        result = join(&result, part, along)?;
    }
    Ok(result)
}

fn join(a: &Tensor, b: &Tensor, along: usize) -> Result<Tensor> {
    fn zip<T: Copy>(a: &[T], b: &[T], m: usize, n: usize) -> Vec<T> {
        match (m, n) {
            (0, _) => b.to_vec(),
            (_, 0) => a.to_vec(),
            _ => a.chunks(m).zip(b.chunks(n)).flat_map(|(a, b)| a.iter().chain(b)).copied().collect(),
        }
    }
    let differs = |axis: usize| axis != along && a.dims.get(axis) != b.dims.get(axis);
    if a.dims.len() != b.dims.len() || (0..a.dims.len()).any(differs) {
        bail!("sizes of {:?} and {:?} do not stand beside each other along axis {along}", a.dims, b.dims);
    }
    let block = |t: &Tensor| t.dims.iter().skip(along).product::<usize>();
    let (m, n) = (block(a), block(b));
    let data = match (&a.data, &b.data) {
        (Data::F32(a), Data::F32(b)) => Data::F32(zip(a, b, m, n)),
        (Data::I64(a), Data::I64(b)) => Data::I64(zip(a, b, m, n)),
        (Data::Bool(a), Data::Bool(b)) => Data::Bool(zip(a, b, m, n)),
        _ => bail!("its inputs are of different types"),
    };
    let mut dims = a.dims.clone();
    if let (Some(n), Some(more)) = (dims.get_mut(along), b.dims.get(along)) {
        *n += more;
    }
    small(&dims)?;
    Tensor::new(dims, data)
}

fn tile(x: &Tensor, repeats: &[i64]) -> Result<Tensor> {
    let repeats = sizes(repeats)?;
    if repeats.len() != x.dims.len() {
        bail!("it has {} repeats for {} axes", repeats.len(), x.dims.len());
    }
    let mut result = x.clone();
    for (axis, &repeat) in repeats.iter().enumerate() {
        let n = result.dims.get(axis).copied().unwrap_or_default();
        small(&[n.max(1), repeat])?;
        let indices: Vec<usize> = (0..repeat).flat_map(|_| 0..n).collect();
        result = take(&result, axis, &indices)?;
    }
    Ok(result)
}

fn cast(x: &Tensor, to: i64) -> Result<Tensor> {
    let data = match (to, &x.data) {
        (1 | 10 | 11 | 16, Data::F32(values)) => Data::F32(values.clone()),
        (1 | 10 | 11 | 16, Data::I64(values)) => Data::F32(values.iter().map(|&x| x as f32).collect()),
        (1 | 10 | 11 | 16, Data::Bool(values)) => Data::F32(values.iter().map(|&x| f32::from(u8::from(x))).collect()),
        (2..=7 | 12 | 13, Data::F32(values)) => Data::I64(values.iter().map(|&x| x as i64).collect()),
        (2..=7 | 12 | 13, Data::I64(values)) => Data::I64(values.clone()),
        (2..=7 | 12 | 13, Data::Bool(values)) => Data::I64(values.iter().map(|&x| x.into()).collect()),
        (9, Data::F32(values)) => Data::Bool(values.iter().map(|&x| x != 0.0).collect()),
        (9, Data::I64(values)) => Data::Bool(values.iter().map(|&x| x != 0).collect()),
        (9, Data::Bool(values)) => Data::Bool(values.clone()),
        _ => bail!("a cast to the type {to} is not known"),
    };
    Tensor::new(x.dims.clone(), data)
}

fn range(start: &Tensor, limit: &Tensor, delta: Option<&Tensor>) -> Result<Tensor> {
    let delta = match delta {
        Some(delta) => delta,
        None => bail!("its third input is missing"),
    };
    match (&start.data, &limit.data, &delta.data) {
        (Data::I64(s), Data::I64(l), Data::I64(d)) => {
            let (Some(&s), Some(&l), Some(&d)) = (s.first(), l.first(), d.first()) else { bail!("it is empty") };
            let distance = i128::from(l) - i128::from(s);
            let len = if d == 0 { -1 } else { (distance + i128::from(d) - i128::from(d.signum())) / i128::from(d) };
            let len = usize::try_from(len.max(0)).unwrap_or(usize::MAX);
            if d == 0 || small(&[len]).is_err() {
                bail!("a range from {s} to {l} by {d} is not computed");
            }
            Ok(Tensor::ints((0..len).map(|i| s.wrapping_add(d.wrapping_mul(i as i64))).collect()))
        }
        (Data::F32(s), Data::F32(l), Data::F32(d)) => {
            let (Some(&s), Some(&l), Some(&d)) = (s.first(), l.first(), d.first()) else { bail!("it is empty") };
            let len = ((l - s) / d).ceil().max(0.0) as usize;
            small(&[len])?;
            Tensor::f32(vec![len], (0..len).map(|i| s + d * i as f32).collect())
        }
        _ => bail!("its inputs are of different types"),
    }
}

fn choose(cond: &Tensor, a: &Tensor, b: &Tensor) -> Result<Tensor> {
    fn pick<T: Copy>(cond: &[bool], a: &[T], b: &[T]) -> Vec<T> {
        cond.iter().zip(a.iter().zip(b)).map(|(&cond, (&a, &b))| if cond { a } else { b }).collect()
    }
    let dims = broadcast(&cond.dims, &broadcast(&a.dims, &b.dims)?)?;
    let [cond, a, b] = [cond.broadcast(&dims)?, a.broadcast(&dims)?, b.broadcast(&dims)?];
    let cond = cond.bools()?;
    let data = match (&a.data, &b.data) {
        (Data::F32(a), Data::F32(b)) => Data::F32(pick(cond, a, b)),
        (Data::I64(a), Data::I64(b)) => Data::I64(pick(cond, a, b)),
        (Data::Bool(a), Data::Bool(b)) => Data::Bool(pick(cond, a, b)),
        _ => bail!("its inputs are of different types"),
    };
    Tensor::new(dims, data)
}

fn trilu(x: &Tensor, k: Option<&Tensor>, upper: bool) -> Result<Tensor> {
    let k = match k {
        Some(k) => k.integers()?.first().copied().unwrap_or_default(),
        None => 0,
    };
    let [.., rows, columns] = x.dims[..] else { bail!("it has less than two dimensions") };
    let keeps = |at: usize| {
        let (row, column) = ((at / columns % rows) as i64, (at % columns) as i64);
        let diagonal = row.saturating_add(k);
        if upper { column >= diagonal } else { column <= diagonal }
    };
    let data = match &x.data {
        Data::F32(values) => Data::F32(values.iter().enumerate().map(|(at, &x)| if keeps(at) { x } else { 0.0 }).collect()),
        Data::I64(values) => Data::I64(values.iter().enumerate().map(|(at, &x)| if keeps(at) { x } else { 0 }).collect()),
        Data::Bool(values) => Data::Bool(values.iter().enumerate().map(|(at, &x)| x && keeps(at)).collect()),
    };
    Tensor::new(x.dims.clone(), data)
}

/// An operator between two tensors that repeat to each other.
pub fn binary(op: &str, a: &Tensor, b: &Tensor) -> Result<Tensor> {
    let dims = broadcast(&a.dims, &b.dims)?;
    let [a, b] = [a.broadcast(&dims)?, b.broadcast(&dims)?];
    let data = match (&a.data, &b.data) {
        (Data::F32(a), Data::F32(b)) => floats(op, a.iter().copied().zip(b.iter().copied()))?,
        (Data::I64(a), Data::I64(b)) => integers(op, a.iter().copied().zip(b.iter().copied()))?,
        (Data::Bool(a), Data::Bool(b)) => {
            let each = a.iter().zip(b);
            match op {
                "And" => Data::Bool(each.map(|(a, b)| *a && *b).collect()),
                "Or" => Data::Bool(each.map(|(a, b)| *a || *b).collect()),
                "Equal" => Data::Bool(each.map(|(a, b)| a == b).collect()),
                _ => bail!("it computes with truth values"),
            }
        }
        _ => bail!("its inputs are of different types"),
    };
    Tensor::new(dims, data)
}

fn floats(op: &str, each: impl Iterator<Item = (f32, f32)>) -> Result<Data> {
    let f: fn(f32, f32) -> f32 = match op {
        "Add" => |a, b| a + b,
        "Sub" => |a, b| a - b,
        "Mul" => |a, b| a * b,
        "Div" => |a, b| a / b,
        "Mod" => |a, b| a % b,
        "Pow" => f32::powf,
        "Min" => f32::min,
        "Max" => f32::max,
        _ => return Ok(Data::Bool(each.map(|(a, b)| compare(op, a, b)).collect::<Result<_>>()?)),
    };
    Ok(Data::F32(each.map(|(a, b)| f(a, b)).collect()))
}

fn integers(op: &str, each: impl Iterator<Item = (i64, i64)>) -> Result<Data> {
    let f: fn(i64, i64) -> Option<i64> = match op {
        "Add" => i64::checked_add,
        "Sub" => i64::checked_sub,
        "Mul" => i64::checked_mul,
        "Div" => i64::checked_div,
        "Mod" => i64::checked_rem_euclid,
        "Pow" => |a, b| a.checked_pow(u32::try_from(b).ok()?),
        "Min" => |a, b| Some(a.min(b)),
        "Max" => |a, b| Some(a.max(b)),
        _ => return Ok(Data::Bool(each.map(|(a, b)| compare(op, a, b)).collect::<Result<_>>()?)),
    };
    match each.map(|(a, b)| f(a, b)).collect() {
        Some(values) => Ok(Data::I64(values)),
        None => bail!("integers overflow, or are divided by 0"),
    }
}

fn compare<T: PartialOrd>(op: &str, a: T, b: T) -> Result<bool> {
    Ok(match op {
        "Equal" => a == b,
        "Greater" => a > b,
        "Less" => a < b,
        "GreaterOrEqual" => a >= b,
        "LessOrEqual" => a <= b,
        _ => bail!("it does not compute with numbers"),
    })
}

fn unary(op: &str, x: &Tensor) -> Result<Tensor> {
    if let (Data::I64(values), "Neg" | "Abs") = (&x.data, op) {
        let f = if op == "Neg" { i64::wrapping_neg } else { i64::wrapping_abs };
        return Tensor::new(x.dims.clone(), Data::I64(values.iter().map(|&x| f(x)).collect()));
    }
    let f: fn(f32) -> f32 = match op {
        "Neg" => |x| -x,
        "Abs" => f32::abs,
        "Sqrt" => f32::sqrt,
        "Reciprocal" => f32::recip,
        "Exp" => f32::exp,
        "Log" => f32::ln,
        "Floor" => f32::floor,
        "Ceil" => f32::ceil,
        "Sin" => f32::sin,
        "Cos" => f32::cos,
        "Sigmoid" => |x| 1.0 / (1.0 + (-x).exp()),
        "Tanh" => f32::tanh,
        "Relu" => |x| x.max(0.0),
        _ => |x| if x == 0.0 { 0.0 } else { x.signum() },
    };
    Tensor::f32(x.dims.clone(), x.floats()?.iter().map(|&x| f(x)).collect())
}

/// Along which axes a node reduces, and whether they stay with a size of 1.
pub fn reduced(node: &Node<'_>, axes_input: Option<&Tensor>, rank: usize) -> Result<(Vec<usize>, bool)> {
    let given = match (node.ints("axes"), axes_input) {
        (Some(axes), _) => axes.to_vec(),
        (None, Some(axes)) => axes.integers()?.to_vec(),
        (None, None) => vec![],
    };
    let keep = node.int("keepdims", 1) != 0;
    match given.is_empty() {
        true if node.int("noop_with_empty_axes", 0) != 0 => Ok((vec![], keep)),
        true => Ok(((0..rank).collect(), keep)),
        false => Ok((axes(&given, rank)?, keep)),
    }
}

fn reduce(node: &Node<'_>, x: &Tensor, axes_input: Option<&Tensor>) -> Result<Tensor> {
    let (axes, keep) = reduced(node, axes_input, x.dims.len())?;
    let mut kept = x.dims.clone();
    axes.iter().for_each(|&axis| kept.iter_mut().skip(axis).take(1).for_each(|n| *n = 1));
    let steps: Vec<usize> =
        strides(&kept).iter().zip(&kept).zip(&x.dims).map(|((&s, &k), &n)| if k == n { s } else { 0 }).collect();
    let targets = places(&x.dims, &steps);
    let len = small(&kept)?;
    let data = match &x.data {
        Data::F32(values) => {
            let start = match node.op() {
                "ReduceProd" => 1.0,
                "ReduceMax" => f32::NEG_INFINITY,
                "ReduceMin" => f32::INFINITY,
                _ => 0.0,
            };
            let mut sums = vec![start; len];
            for (&value, &target) in values.iter().zip(&targets) {
                let Some(sum) = sums.get_mut(target) else { continue };
                *sum = match node.op() {
                    "ReduceProd" => *sum * value,
                    "ReduceMax" => sum.max(value),
                    "ReduceMin" => sum.min(value),
                    "ReduceL2" | "ReduceSumSquare" => *sum + value * value,
                    _ => *sum + value,
                };
            }
            let n = x.len().checked_div(len).unwrap_or(0) as f32;
            match node.op() {
                "ReduceMean" => sums.iter_mut().for_each(|sum| *sum /= n),
                "ReduceL2" => sums.iter_mut().for_each(|sum| *sum = sum.sqrt()),
                _ => {}
            }
            Data::F32(sums)
        }
        Data::I64(values) => {
            let mut sums = vec![None; len];
            for (&value, &target) in values.iter().zip(&targets) {
                let Some(sum) = sums.get_mut(target) else { continue };
                *sum = Some(match (node.op(), *sum) {
                    (_, None) => value,
                    ("ReduceProd", Some(sum)) => i64::wrapping_mul(sum, value),
                    ("ReduceMax", Some(sum)) => value.max(sum),
                    ("ReduceMin", Some(sum)) => value.min(sum),
                    ("ReduceSum", Some(sum)) => sum.wrapping_add(value),
                    _ => bail!("it is not computed of integers"),
                });
            }
            let empty = i64::from(node.op() == "ReduceProd");
            Data::I64(sums.into_iter().map(|sum| sum.unwrap_or(empty)).collect())
        }
        Data::Bool(_) => bail!("it is not computed of truth values"),
    };
    let reduced = Tensor::new(kept.clone(), data)?;
    if keep {
        return Ok(reduced);
    }
    let dims = kept.iter().enumerate().filter(|(axis, _)| !axes.contains(axis)).map(|(_, &n)| n).collect();
    reduced.reshaped(dims)
}

/// The product of two matrices.
fn matmul(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    let ([m, k], [l, n]) = (&a.dims[..], &b.dims[..]) else { bail!("a product of constants that are no matrices") };
    if k != l {
        bail!("sizes of {:?} and {:?} do not multiply", a.dims, b.dims);
    }
    if small(&[m.max(&1) * n.max(&1)]).is_err() || k.saturating_mul(m * n) > 1 << 32 {
        bail!("a product of constants is too large to be computed when the file is read");
    }
    let (x, y) = (a.floats()?, b.floats()?);
    let dot = |i: usize, j: usize| (0..*k).map(|p| x.get(i * k + p).zip(y.get(p * n + j)).map_or(0.0, |(x, y)| x * y)).sum();
    Tensor::f32(vec![*m, *n], (0..m * n).map(|at| dot(at / n, at % n)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tensor(dims: &[usize], values: &[i64]) -> Tensor {
        Tensor::new(dims.to_vec(), Data::I64(values.to_vec())).unwrap()
    }

    #[test]
    fn axes_count_from_both_ends() {
        assert_eq!([0, 2, -1, -3].map(|a| axis(a, 3).unwrap()), [0, 2, 2, 0]);
        assert!([3, -4, i64::MIN, i64::MAX].iter().all(|&a| axis(a, 3).is_err()) && axes(&[0, -3], 3).is_err());
    }

    #[test]
    fn sizes_to_reshape_to() {
        assert_eq!(reshape(&[2, 3, 4], &[0, -1], false).unwrap(), [2, 12]);
        assert_eq!(reshape(&[2, 3], &[3, 2], false).unwrap(), [3, 2]);
        assert_eq!(reshape(&[0, 3], &[3, 0], true).unwrap(), [3, 0]);
        for wrong in [&[-1, -1][..], &[5, -1], &[2, 2], &[-2, 3], &[i64::MAX, 2], &[0, 0, 0]] {
            assert!(reshape(&[2, 3], wrong, false).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn slices_are_clipped_as_in_numpy() {
        let of = |start, end, step| part((0, start, end, step), 5).map(|part| (part.start, part.step, part.len)).unwrap();
        assert_eq!(of(1, 3, 1), (1, 1, 2));
        assert_eq!(of(-2, i64::MAX, 1), (3, 1, 2));
        assert_eq!(of(i64::MAX, i64::MIN, -1), (4, -1, 5));
        assert_eq!(of(0, 5, 2), (0, 2, 3));
        assert_eq!(of(4, 2, 1).2, 0);
        assert!(part((0, 0, 5, 0), 5).is_err() && part((0, 0, 5, i64::MIN), 5).is_ok());
    }

    #[test]
    fn tensors_repeat_to_each_other() {
        assert_eq!(broadcast(&[2, 1, 4], &[3, 1]).unwrap(), [2, 3, 4]);
        assert!(broadcast(&[2, 3], &[2]).is_err());
        let sum = binary("Add", &tensor(&[2, 1], &[10, 20]), &tensor(&[3], &[1, 2, 3])).unwrap();
        assert_eq!(sum, tensor(&[2, 3], &[11, 12, 13, 21, 22, 23]));
        assert!(binary("Div", &tensor(&[1], &[1]), &tensor(&[1], &[0])).is_err());
        assert!(binary("Mul", &tensor(&[1], &[i64::MAX]), &tensor(&[1], &[2])).is_err());
    }

    #[test]
    fn parts_are_taken_and_put_together() {
        let x = tensor(&[2, 3], &[1, 2, 3, 4, 5, 6]);
        assert_eq!(take(&x, 1, &[2, 0]).unwrap(), tensor(&[2, 2], &[3, 1, 6, 4]));
        assert_eq!(join(&x, &tensor(&[2, 1], &[7, 8]), 1).unwrap(), tensor(&[2, 4], &[1, 2, 3, 7, 4, 5, 6, 8]));
        assert_eq!(x.permuted(&[1, 0]).unwrap(), tensor(&[3, 2], &[1, 4, 2, 5, 3, 6]));
        assert!(take(&x, 1, &[3]).is_err() && take(&x, 2, &[0]).is_err());
    }
}
