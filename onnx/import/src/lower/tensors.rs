//! The operations that are methods and operators.

use std::rc::Rc;

use super::layers::plain;
use super::{Builder, Known};
use crate::error::{Error, Result, bail};
use crate::fold;
use crate::graph::Node;
use crate::ir::{Arg, Id, Layer, Op};
use crate::tensor::{Data, Tensor};
use crate::write::float;

impl Builder {
    /// What the node gives.
    pub fn tensor_step(&mut self, node: Node<'_>, inputs: &[Option<Known>]) -> Result<Id> {
        match node.op() {
            "Add" | "Sub" | "Mul" | "Div" | "Sum" => self.arithmetic(node, inputs),
            "Min" | "Max" => self.choose(node, inputs),
            "Pow" => self.pow(inputs),
            "Neg" => self.map(Op::Negate, self.input(inputs, 0)?),
            "Exp" => self.unary(self.input(inputs, 0)?, "exp()"),
            "Log" => self.unary(self.input(inputs, 0)?, "ln()"),
            "Sqrt" => self.unary(self.input(inputs, 0)?, "sqrt()"),
            "Reciprocal" => self.unary(self.input(inputs, 0)?, "recip()"),
            "Abs" => self.unary(self.input(inputs, 0)?, "abs()"),
            "Sin" => self.unary(self.input(inputs, 0)?, "sin()"),
            "Cos" => self.unary(self.input(inputs, 0)?, "cos()"),
            // `patterns.rs` knows what it is a part of.
            "Erf" => self.unary(self.input(inputs, 0)?, "erf()"),
            "ReduceMean" | "ReduceSum" | "ReduceMax" | "ReduceMin" | "ReduceL2" | "ReduceLogSumExp" | "ReduceSumSquare" => {
                self.reduce(node, inputs)
            }
            "Flatten" => self.flatten(node, inputs),
            "Reshape" => self.reshaped(node, inputs),
            "Squeeze" => self.squeeze(inputs),
            "Unsqueeze" => self.unsqueeze(inputs),
            "Transpose" => {
                let x = self.input(inputs, 0)?;
                let order = fold::order(&node, self.program.dims(x).len())?;
                self.permute(x, order)
            }
            "Concat" => self.concatenated(node, inputs),
            "Slice" => self.sliced(node, inputs),
            "Gather" => self.gather(node, inputs),
            "Expand" => self.expand(inputs),
            "Tile" => self.tile(inputs),
            "Where" => self.choose_where(inputs),
            "Greater" => {
                let (x, limit) = (self.input(inputs, 0)?, self.needed(inputs, 1)?.single());
                let Some(limit) = limit else { bail!("it compares with a constant that is no single float") };
                self.step(Op::Compare, vec![Arg::Value(x), Arg::Number(limit)], self.program.dims(x).to_vec())
            }
            "Pad" => self.pad(node, inputs),
            "Mean" => {
                let sum = self.arithmetic(node, inputs)?;
                self.infix(Op::Infix('/'), Arg::Value(sum), Arg::Number(inputs.len() as f32))
            }
            other => Err(Error::file(format!("the operation `{other}` is not supported")).help(UNSUPPORTED)),
        }
    }

    fn arithmetic(&mut self, node: Node<'_>, inputs: &[Option<Known>]) -> Result<Id> {
        let sign = match node.op() {
            "Sub" => '-',
            "Mul" => '*',
            "Div" => '/',
            _ => '+',
        };
        self.chain(Op::Infix(sign), inputs)
    }

    /// An operator between all inputs, from the first on.
    fn chain(&mut self, op: Op, inputs: &[Option<Known>]) -> Result<Id> {
        let known: Vec<&Known> = inputs.iter().flatten().collect();
        let Some((first, rest)) = known.split_first() else { bail!("it has no inputs") };
        let rank = |this: &Self, known: &Known| this.dims_of(known).len();
        let second_rank = rest.first().map_or(0, |second| rank(self, second));
        let is_named = |known: &Known| matches!(known, Known::Constant(_, Some(_)));
        if rest.iter().any(|known| is_named(known)) {
            let named: Vec<Option<Known>> = inputs.to_vec();
            self.belongs_to(&named, &[0, 1]);
        }
        let mut result = self.operand(first, second_rank)?;
        let mut dims_rank = rank(self, first);
        for next in rest {
            let next_operand = self.operand(next, dims_rank)?;
            dims_rank = dims_rank.max(rank(self, next));
            result = Arg::Value(self.infix(op.clone(), result, next_operand)?);
        }
        match result {
            Arg::Value(id) => Ok(id),
            _ => bail!("it has one input, which is a constant"),
        }
    }

    fn choose(&mut self, node: Node<'_>, inputs: &[Option<Known>]) -> Result<Id> {
        let is_max = node.op() == "Max";
        // A limit that is a number is a clamp.
        if let [Some(a), Some(b)] = inputs {
            for (x, limit) in [(a, b), (b, a)] {
                if let (Known::Value(_), Known::Constant(tensor, _)) = (x, limit)
                    && let Some(limit) = tensor.single()
                {
                    let (low, high) = if is_max { (limit, f32::INFINITY) } else { (f32::NEG_INFINITY, limit) };
                    return self.clamp(&[Some(x.clone())], low, high);
                }
            }
        }
        self.chain(Op::Choose(if is_max { "maximum" } else { "minimum" }), inputs)
    }

    fn pow(&mut self, inputs: &[Option<Known>]) -> Result<Id> {
        let x = self.input(inputs, 0)?;
        let exponent = match &self.needed(inputs, 1)?.data {
            Data::F32(values) if values.len() == 1 => values.first().copied(),
            Data::I64(values) if values.len() == 1 => values.first().map(|&n| n as f32),
            _ => None,
        };
        let Some(exponent) = exponent else {
            return Err(Error::file("its exponent is no single number").help("write it with `exp` and `log`"));
        };
        let method = match exponent {
            1.0 => return Ok(x),
            2.0 => "square()".to_owned(),
            0.5 => "sqrt()".to_owned(),
            -0.5 => "rsqrt()".to_owned(),
            -1.0 => "recip()".to_owned(),
            n if n.fract() == 0.0 && n.abs() < 1e4 => format!("powi({})", n as i32),
            n => format!("powf({})", float(n)),
        };
        self.unary(x, method)
    }

    fn reduce(&mut self, node: Node<'_>, inputs: &[Option<Known>]) -> Result<Id> {
        let mut x = self.input(inputs, 0)?;
        let dims = self.program.dims(x).to_vec();
        let (axes, keep) = fold::reduced(&node, self.known(inputs, 1)?.map(|t| &**t), dims.len())?;
        if node.op() == "ReduceMean" && dims.len() == 4 && axes == [2, 3] {
            return if keep {
                let size = vec![dims.first().copied().unwrap_or(1), dims.get(1).copied().unwrap_or(1), 1, 1];
                self.layer(x, plain("AdaptiveAvgPool2d<1>", "pool", 3), size)
            } else {
                self.planes(x, false, 2)
            };
        }
        let method = match node.op() {
            "ReduceMean" => "mean_axis",
            "ReduceMax" => "max_axis",
            "ReduceMin" => "min_axis",
            "ReduceL2" if axes.len() == 1 => "norm_axis",
            "ReduceLogSumExp" if axes.len() == 1 => "logsumexp_axis",
            "ReduceLogSumExp" => bail!("it reduces several axes, and one is supported"),
            _ => "sum_axis",
        };
        if matches!(node.op(), "ReduceSumSquare") || node.op() == "ReduceL2" && axes.len() > 1 {
            x = self.unary(x, "square()")?;
        }
        for &axis in axes.iter().rev() {
            x = self.without(Op::Reduce { method, axis }, x, axis)?;
        }
        if node.op() == "ReduceL2" && axes.len() > 1 {
            x = self.unary(x, "sqrt()")?;
        }
        for &axis in axes.iter().filter(|_| keep) {
            x = self.insert(x, axis)?;
        }
        Ok(x)
    }

    fn flatten(&mut self, node: Node<'_>, inputs: &[Option<Known>]) -> Result<Id> {
        let x = self.input(inputs, 0)?;
        let dims = self.program.dims(x);
        let axis = fold::flatten_axis(&node, dims.len())?;
        let (outer, inner) = dims.split_at(axis);
        let dims = vec![outer.iter().product(), inner.iter().product()];
        self.reshape(x, dims)
    }

    fn reshaped(&mut self, node: Node<'_>, inputs: &[Option<Known>]) -> Result<Id> {
        let x = self.input(inputs, 0)?;
        let wanted = self.needed(inputs, 1)?.integers()?;
        let dims = fold::reshape(self.program.dims(x), wanted, node.int("allowzero", 0) != 0)?;
        self.reshape(x, dims)
    }

    fn squeeze(&mut self, inputs: &[Option<Known>]) -> Result<Id> {
        let mut x = self.input(inputs, 0)?;
        let axes = fold::squeezed(self.known(inputs, 1)?.map(|t| &**t), self.program.dims(x))?;
        for &axis in axes.iter().rev() {
            x = self.without(Op::Remove(axis), x, axis)?;
        }
        Ok(x)
    }

    fn unsqueeze(&mut self, inputs: &[Option<Known>]) -> Result<Id> {
        let mut x = self.input(inputs, 0)?;
        let given = self.needed(inputs, 1)?.integers()?.to_vec();
        for axis in fold::new_axes(&given, self.program.dims(x).len())? {
            x = self.insert(x, axis)?;
        }
        Ok(x)
    }

    /// The axes in another order, by the method that says it most plainly.
    pub fn permute(&mut self, x: Id, order: Vec<usize>) -> Result<Id> {
        let dims: Vec<usize> = order.iter().filter_map(|&axis| self.program.dims(x).get(axis).copied()).collect();
        match order.iter().enumerate().all(|(i, &axis)| i == axis) {
            true => Ok(x),
            false => self.step(Op::Permute(order), vec![Arg::Value(x)], dims),
        }
    }

    fn concatenated(&mut self, node: Node<'_>, inputs: &[Option<Known>]) -> Result<Id> {
        let known: Vec<&Known> = inputs.iter().flatten().collect();
        let Some(first) = known.first() else { bail!("it has no inputs") };
        let axis = fold::axis(node.int("axis", 0), self.dims_of(first).len())?;
        let mut parts = vec![];
        for known in known {
            parts.push(match known {
                Known::Value(id) => *id,
                Known::Constant(tensor, name) => self.beside(tensor, name.as_deref(), axis)?,
            });
        }
        self.concat(axis, &parts)
    }

    /// A tensor of the file that stands beside a value. One that is the same for each sample is one, repeated to the batch.
    fn beside(&mut self, tensor: &Rc<Tensor>, name: Option<&str>, axis: usize) -> Result<Id> {
        let Some((&n, inner)) = tensor.dims.split_first().filter(|_| axis > 0) else { return self.field(tensor, name) };
        let first = fold::take(tensor, 0, &[0])?;
        let repeated = first.broadcast(&tensor.dims)?;
        if repeated != **tensor {
            return self.field(tensor, name);
        }
        let one = self.field(&Rc::new(first.reshaped(inner.to_vec())?), name)?;
        let one = self.insert(one, 0)?;
        self.step(Op::Expand(0), vec![Arg::Value(one)], [&[n], inner].concat())
    }

    /// A tensor of the file as a value.
    fn field(&mut self, tensor: &Rc<Tensor>, name: Option<&str>) -> Result<Id> {
        tensor.floats()?;
        let arg = Arg::Tensor(Rc::clone(tensor), name.map(str::to_owned));
        self.step(Op::Field, vec![arg], tensor.dims.clone())
    }

    fn sliced(&mut self, node: Node<'_>, inputs: &[Option<Known>]) -> Result<Id> {
        let mut x = self.input(inputs, 0)?;
        let mut constants = vec![None];
        for index in 1..5 {
            constants.push(self.known(inputs, index)?.cloned());
        }
        for given in fold::slices(&node, &constants, self.program.dims(x).len())? {
            let of = self.program.dims(x).get(given.0).copied().unwrap_or_default();
            let part = fold::part(given, of)?;
            if part.len == 0 {
                bail!("it takes nothing of axis {} of {:?}", part.axis, self.program.dims(x));
            }
            x = match part.step {
                1 => self.slice(x, part.axis, part.start, part.len)?,
                step if part.len <= 64 => {
                    let places = (0..part.len).map(|i| part.start.wrapping_add_signed(step.wrapping_mul(i as isize)));
                    self.places(x, part.axis, &places.collect::<Vec<_>>())?
                }
                step => bail!("it takes {} places with a step of {step}, and 64 are the most", part.len),
            };
        }
        Ok(x)
    }

    /// Some places of an axis, one after the other, runs of neighbours at once.
    fn places(&mut self, x: Id, axis: usize, places: &[usize]) -> Result<Id> {
        let mut parts: Vec<Id> = vec![];
        let mut rest = places;
        while let Some(&start) = rest.first() {
            let len = rest.iter().enumerate().take_while(|&(i, &place)| place == start + i).count();
            parts.push(self.slice(x, axis, start, len)?);
            rest = rest.split_at(len).1;
        }
        self.concat(axis, &parts)
    }

    fn gather(&mut self, node: Node<'_>, inputs: &[Option<Known>]) -> Result<Id> {
        if let (Some(Some(Known::Constant(table, _))), Some(Some(Known::Value(indices)))) = (inputs.first(), inputs.get(1)) {
            return self.embed(node, table, *indices, inputs);
        }
        let x = self.input(inputs, 0)?;
        let dims = self.program.dims(x).to_vec();
        let axis = fold::axis(node.int("axis", 0), dims.len())?;
        let given = self.needed(inputs, 1)?;
        let places = fold::indices(given, dims.get(axis).copied().unwrap_or_default())?;
        match (given.dims.len(), &places[..]) {
            (0, &[index]) => self.without(Op::Index { axis, index }, x, axis),
            (1, places) if !places.is_empty() && places.len() <= 64 => self.places(x, axis, places),
            _ => bail!("indices of sizes {:?} are not supported", given.dims),
        }
    }

    fn embed(&mut self, node: Node<'_>, table: &Rc<Tensor>, indices: Id, inputs: &[Option<Known>]) -> Result<Id> {
        let &[_, width] = &table.dims[..] else {
            bail!("its table has the sizes {:?}, and rows of numbers are supported", table.dims)
        };
        let is_index = self.program.values.get(indices).is_some_and(|value| value.is_index);
        if fold::axis(node.int("axis", 0), 2)? != 0 || !is_index {
            bail!("only rows of a table, by an input of integers, are supported");
        }
        table.floats()?;
        self.belongs_to(inputs, &[0]);
        let dims = [self.program.dims(indices), &[width]].concat();
        let ty = format!("Embedding<{}, {width}>", table.dims.first().copied().unwrap_or_default());
        let tensors = vec![("weight".to_owned(), Rc::clone(table))];
        self.step(Op::Layer(Layer { tensors, ..plain(ty, "embedding", 0) }), vec![Arg::Value(indices)], dims)
    }

    fn expand(&mut self, inputs: &[Option<Known>]) -> Result<Id> {
        let x = self.input(inputs, 0)?;
        let wanted = crate::tensor::sizes(self.needed(inputs, 1)?.integers()?)?;
        let wanted = fold::broadcast(self.program.dims(x), &wanted)?;
        self.expanded(x, &wanted)
    }

    fn expanded(&mut self, mut x: Id, wanted: &[usize]) -> Result<Id> {
        while self.program.dims(x).len() < wanted.len() {
            x = self.insert(x, 0)?;
        }
        for (axis, &n) in wanted.iter().enumerate() {
            let mut dims = self.program.dims(x).to_vec();
            match dims.get_mut(axis) {
                Some(m) if *m != n => *m = n,
                _ => continue,
            }
            x = self.step(Op::Expand(axis), vec![Arg::Value(x)], dims)?;
        }
        Ok(x)
    }

    fn tile(&mut self, inputs: &[Option<Known>]) -> Result<Id> {
        let mut x = self.input(inputs, 0)?;
        let repeats = crate::tensor::sizes(self.needed(inputs, 1)?.integers()?)?;
        if repeats.len() != self.program.dims(x).len() || repeats.contains(&0) {
            bail!("repeats of {repeats:?} do not fit sizes of {:?}", self.program.dims(x));
        }
        for (axis, &repeat) in repeats.iter().enumerate().filter(|&(_, &repeat)| repeat > 1) {
            let mut dims = self.program.dims(x).to_vec();
            match dims.get_mut(axis) {
                Some(n) if *n == 1 => {
                    *n = repeat;
                    x = self.step(Op::Expand(axis), vec![Arg::Value(x)], dims)?;
                }
                _ if repeat <= 64 => x = self.concat(axis, &vec![x; repeat])?,
                _ => bail!("it repeats {repeat} times, and 64 are the most"),
            }
        }
        Ok(x)
    }

    /// A mask that is known: x stays where it is 1, and what takes its place is added where it is 0.
    fn choose_where(&mut self, inputs: &[Option<Known>]) -> Result<Id> {
        if let [Some(Known::Value(mask)), Some(Known::Value(a)), Some(Known::Value(b))] = inputs {
            let dims = self.program.dims(*a).to_vec();
            return self.step(Op::Where, [*mask, *a, *b].map(Arg::Value).to_vec(), dims);
        }
        let mask = Rc::clone(self.needed(inputs, 0)?);
        let [Some(Some(a)), Some(Some(b))] = [inputs.get(1), inputs.get(2)] else { bail!("one of its inputs is missing") };
        let numbers = |chosen: bool| {
            let values = mask.bools()?.iter().map(|&mask| f32::from(u8::from(mask == chosen))).collect();
            Tensor::f32(mask.dims.clone(), values)
        };
        for (x, other, chosen) in [(a, b, false), (b, a, true)] {
            // What is infinite hides what it is added to.
            if let (Known::Value(x), Known::Constant(limit, _)) = (x, other)
                && limit.single().is_some_and(f32::is_infinite)
                && let Some(mask) = self.masked(other, &numbers(chosen)?)?
            {
                return self.infix(Op::Infix('+'), Arg::Value(*x), mask);
            }
        }
        let (a_part, b_part) = (self.masked(a, &numbers(true)?)?, self.masked(b, &numbers(false)?)?);
        match (a_part, b_part) {
            (Some(a), Some(b)) => self.infix(Op::Infix('+'), a, b),
            (Some(Arg::Value(only)), None) | (None, Some(Arg::Value(only))) => Ok(only),
            _ => bail!("all that it chooses from is constant"),
        }
    }

    /// What a mask of ones and zeros leaves of a value or a constant; nothing of a constant of zeros.
    fn masked(&mut self, known: &Known, keep: &Tensor) -> Result<Option<Arg>> {
        match known {
            Known::Value(x) => {
                let rank = self.program.dims(*x).len();
                let keep = self.operand(&Known::Constant(Rc::new(keep.clone()), None), rank)?;
                self.infix(Op::Infix('*'), Arg::Value(*x), keep).map(|id| Some(Arg::Value(id)))
            }
            Known::Constant(constant, _) => {
                let dims = fold::broadcast(&keep.dims, &constant.dims)?;
                let (keep, constant) = (keep.broadcast(&dims)?, constant.broadcast(&dims)?);
                let each = keep.floats()?.iter().zip(constant.floats()?);
                let values: Vec<f32> = each.map(|(&keep, &value)| if keep == 0.0 { 0.0 } else { value }).collect();
                let all_zero = values.iter().all(|&x| x == 0.0);
                let tensor = Tensor::f32(dims, values)?.without_leading_ones();
                Ok((!all_zero).then(|| Arg::Tensor(Rc::new(tensor), None)))
            }
        }
    }

    fn pad(&mut self, node: Node<'_>, inputs: &[Option<Known>]) -> Result<Id> {
        let x = self.input(inputs, 0)?;
        let dims = self.program.dims(x).to_vec();
        let given = self.needed(inputs, 1)?.integers()?;
        let value = self.known(inputs, 2)?.map_or(Some(0.0), |value| value.single());
        let axes = match self.known(inputs, 3)? {
            Some(axes) => axes.integers()?.iter().map(|&a| fold::axis(a, dims.len())).collect::<Result<Vec<_>>>()?,
            None => (0..dims.len()).collect(),
        };
        if given.len() != 2 * axes.len() {
            bail!("it has {} pads for {} axes", given.len(), axes.len());
        }
        let mut pads = vec![[0; 2]; dims.len()];
        let (before, after) = given.split_at(axes.len());
        for (&axis, (&before, &after)) in axes.iter().zip(before.iter().zip(after)) {
            match (pads.get_mut(axis), usize::try_from(before), usize::try_from(after)) {
                (Some(pads), Ok(before), Ok(after)) if before.max(after) <= 1 << 20 => *pads = [before, after],
                _ => return Err(Error::file(format!("pads of {given:?} are not supported")).help("a negative one is a slice")),
            }
        }
        let mode = match node.text("mode", "constant") {
            "constant" if value == Some(0.0) => "",
            "reflect" => "Reflect",
            "edge" => "Replicate",
            "wrap" => "Circular",
            other => bail!("padding by `{other}` of {value:?} is not supported, only of zeros, `reflect`, `edge` and `wrap`"),
        };
        if pads.iter().all(|pads| pads == &[0, 0]) {
            return Ok(x);
        }
        let dims = dims.iter().zip(&pads).map(|(&n, [before, after])| n + before + after).collect();
        self.step(Op::Pad { pads, mode }, vec![Arg::Value(x)], dims)
    }

    /// The parts of a `Split`.
    pub fn split(&mut self, node: Node<'_>, inputs: &[Option<Known>]) -> Result<Vec<Id>> {
        let x = self.input(inputs, 0)?;
        let dims = self.program.dims(x).to_vec();
        let axis = fold::axis(node.int("axis", 0), dims.len())?;
        let n = dims.get(axis).copied().unwrap_or_default();
        let parts = match self.known(inputs, 1)? {
            Some(sizes) => crate::tensor::sizes(sizes.integers()?)?,
            None => {
                let count = node.proto.output.len().max(1);
                let size = n.div_ceil(count);
                (0..count).map(|i| size.min(n.saturating_sub(i * size))).collect()
            }
        };
        if parts.iter().sum::<usize>() != n || parts.contains(&0) {
            bail!("parts of {parts:?} are not an axis of {n}");
        }
        let mut start = 0;
        let mut ids = vec![];
        for len in parts {
            ids.push(self.slice(x, axis, start, len)?);
            start += len;
        }
        Ok(ids)
    }
}

/// What to do where an operation is not known.
const UNSUPPORTED: &str = "write that part of the model with what adamant has (`adamant::nn` and `adamant::ops` list it), or say at the \
                           project's issues which model needs it";
