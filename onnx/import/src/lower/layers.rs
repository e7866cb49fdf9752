//! The operations that are layers.

use std::rc::Rc;

use super::window::{Padding, Window};
use super::{Builder, Known};
use crate::error::{Error, Result, bail};
use crate::fold;
use crate::graph::Node;
use crate::ir::{Arg, Id, Layer, Op};
use crate::tensor::Tensor;
use crate::write::{float, shape_type};

/// A layer without settings and tensors.
pub fn plain(ty: impl Into<String>, noun: &'static str, inner: usize) -> Layer {
    Layer { ty: ty.into(), noun, value: None, tensors: vec![], inner }
}

impl Builder {
    /// What the node gives, if it is an operation that is a layer.
    pub fn layer_of(&mut self, node: Node<'_>, inputs: &[Option<Known>]) -> Result<Option<Id>> {
        Ok(Some(match node.op() {
            "Relu" => self.activation(inputs, "relu()", "Relu", None)?,
            "Sigmoid" => self.activation(inputs, "sigmoid()", "Sigmoid", None)?,
            "Tanh" => self.activation(inputs, "tanh()", "Tanh", None)?,
            "Softsign" => self.activation(inputs, "softsign()", "Softsign", None)?,
            "Mish" => self.activation(inputs, "mish()", "Mish", None)?,
            "HardSwish" => self.activation(inputs, "hardswish()", "Hardswish", None)?,
            // PyTorch's is linear from 20 on, where the difference is 2·10⁻⁹.
            "Softplus" => self.activation(inputs, "softplus(1.0, 20.0)", "Softplus", None)?,
            "Gelu" if node.text("approximate", "none") == "tanh" => self.activation(inputs, "gelu_tanh()", "GeluTanh", None)?,
            "Gelu" => self.activation(inputs, "gelu()", "Gelu", None)?,
            "LeakyRelu" => self.slope(inputs, "leaky_relu", "LeakyRelu", node.float("alpha", 0.01), 0.01)?,
            "Elu" => self.slope(inputs, "elu", "Elu", node.float("alpha", 1.0), 1.0)?,
            "Celu" => self.slope(inputs, "celu", "Celu", node.float("alpha", 1.0), 1.0)?,
            "Selu" => self.selu(node, inputs)?,
            "HardSigmoid" => self.hardsigmoid(node, inputs)?,
            "Clip" => self.clip(inputs)?,
            "PRelu" => self.prelu(inputs)?,
            "Softmax" | "LogSoftmax" => self.softmax(node, inputs)?,
            "Gemm" => self.gemm(node, inputs)?,
            "MatMul" => self.matmul(inputs)?,
            "Conv" => self.conv(node, inputs)?,
            "ConvTranspose" => self.conv_transpose(node, inputs)?,
            "BatchNormalization" => self.batch_norm(node, inputs)?,
            "InstanceNormalization" => self.instance_norm(node, inputs)?,
            "LayerNormalization" => self.layer_norm(node, inputs)?,
            "GroupNormalization" => self.group_norm(node, inputs)?,
            "MaxPool" | "AveragePool" => self.pool(node, inputs)?,
            "GlobalAveragePool" | "GlobalMaxPool" => self.global_pool(node, inputs)?,
            "DepthToSpace" => self.depth_to_space(node, inputs)?,
            "Resize" => self.resize(node, inputs)?,
            _ => return Ok(None),
        }))
    }

    pub fn activation(&mut self, inputs: &[Option<Known>], method: &str, ty: &str, value: Option<String>) -> Result<Id> {
        let x = self.input(inputs, 0)?;
        self.map(Op::Unary { method: method.to_owned(), layer: Some((ty.to_owned(), value)) }, x)
    }

    /// An activation with one setting.
    fn slope(&mut self, inputs: &[Option<Known>], method: &str, ty: &str, slope: f32, default: f32) -> Result<Id> {
        let value = (slope != default).then(|| format!("{ty}::new({})", float(slope)));
        self.activation(inputs, &format!("{method}({})", float(slope)), ty, value)
    }

    fn selu(&mut self, node: Node<'_>, inputs: &[Option<Known>]) -> Result<Id> {
        let (alpha, gamma) = (node.float("alpha", 1.673_263_2), node.float("gamma", 1.050_701));
        if (alpha - 1.673_263_2).abs() > 1e-5 || (gamma - 1.050_701).abs() > 1e-5 {
            bail!("a SELU with α = {alpha} and γ = {gamma} is not supported, only that with its usual constants");
        }
        self.activation(inputs, "selu()", "Selu", None)
    }

    fn hardsigmoid(&mut self, node: Node<'_>, inputs: &[Option<Known>]) -> Result<Id> {
        let (alpha, beta) = (node.float("alpha", 0.2), node.float("beta", 0.5));
        if (alpha - 1.0 / 6.0).abs() < 1e-6 && beta == 0.5 {
            return self.activation(inputs, "hardsigmoid()", "Hardsigmoid", None);
        }
        let x = self.input(inputs, 0)?;
        let scaled = self.infix(Op::Infix('*'), Arg::Value(x), Arg::Number(alpha))?;
        let shifted = self.infix(Op::Infix('+'), Arg::Value(scaled), Arg::Number(beta))?;
        self.unary(shifted, "clamp(0.0, 1.0)")
    }

    fn clip(&mut self, inputs: &[Option<Known>]) -> Result<Id> {
        let limit = |this: &Self, index: usize, default: f32| match this.known(inputs, index)? {
            None => Ok(default),
            Some(tensor) => match tensor.single() {
                Some(limit) => Ok(limit),
                None => bail!("its limits are no single floats"),
            },
        };
        let (low, high) = (limit(self, 1, f32::NEG_INFINITY)?, limit(self, 2, f32::INFINITY)?);
        self.clamp(inputs, low, high)
    }

    pub fn clamp(&mut self, inputs: &[Option<Known>], low: f32, high: f32) -> Result<Id> {
        if (low, high) == (0.0, 6.0) {
            return self.activation(inputs, "relu6()", "Relu6", None);
        }
        if low == 0.0 && high >= f32::MAX {
            return self.activation(inputs, "relu()", "Relu", None);
        }
        if low > high || low.is_nan() || high.is_nan() {
            bail!("its limits are {low} and {high}");
        }
        let (low_text, high_text) = (float(low), float(high));
        let value = ((low, high) != (-1.0, 1.0)).then(|| format!("Hardtanh::new({low_text}, {high_text})"));
        match low.is_finite() && high.is_finite() {
            true => self.activation(inputs, &format!("hardtanh({low_text}, {high_text})"), "Hardtanh", value),
            false => self.unary(self.input(inputs, 0)?, format!("clamp({low_text}, {high_text})")),
        }
    }

    fn prelu(&mut self, inputs: &[Option<Known>]) -> Result<Id> {
        let (x, slope) = (self.input(inputs, 0)?, Rc::clone(self.needed(inputs, 1)?));
        let dims = self.program.dims(x).to_vec();
        // A slope of a channel stands before the dimensions of the image.
        let at_channels = dims.len().checked_sub(1 + slope.dims.len()) == Some(0);
        let n = slope.len();
        let is_one_each = at_channels && slope.dims.first() == Some(&n);
        if n != 1 && !(is_one_each && dims.get(1) == Some(&n)) {
            bail!("its slopes of sizes {:?} are not one for each channel of {dims:?}", slope.dims);
        }
        self.belongs_to(inputs, &[1]);
        let weight = Rc::new(slope.reshaped(vec![n])?);
        let ty = if n == 1 { "PRelu".to_owned() } else { format!("PRelu<{n}>") };
        let inner = if n == 1 { 0 } else { dims.len().saturating_sub(1) };
        let layer = Layer { tensors: vec![("weight".to_owned(), weight)], ..plain(ty, "prelu", inner) };
        self.layer(x, layer, dims)
    }

    fn softmax(&mut self, node: Node<'_>, inputs: &[Option<Known>]) -> Result<Id> {
        let x = self.input(inputs, 0)?;
        let axis = fold::axis(node.int("axis", -1), self.program.dims(x).len())?;
        self.map(Op::Softmax { axis, log: node.op() == "LogSoftmax" }, x)
    }

    /// y = α · A · B + β · C, where A or B may be transposed.
    fn gemm(&mut self, node: Node<'_>, inputs: &[Option<Known>]) -> Result<Id> {
        let (alpha, beta) = (node.float("alpha", 1.0), node.float("beta", 1.0));
        let mut x = self.input(inputs, 0)?;
        if self.program.dims(x).len() != 2 {
            bail!("its first input has the sizes {:?}, and is no matrix", self.program.dims(x));
        }
        if node.int("transA", 0) != 0 {
            x = self.transpose(x)?;
        }
        let trans_b = node.int("transB", 0) != 0;
        let Some(Some(Known::Constant(b, _))) = inputs.get(1) else {
            let mut b = self.input(inputs, 1)?;
            if trans_b {
                b = self.transpose(b)?;
            }
            let product = self.product(Arg::Value(x), Arg::Value(b))?;
            let scaled = self.scaled(product, alpha)?;
            return self.plus(scaled, inputs.get(2), beta);
        };
        if b.dims.len() != 2 {
            bail!("its second input has the sizes {:?}, and is no matrix", b.dims);
        }
        let weight = if trans_b { (**b).clone() } else { b.permuted(&[1, 0])? };
        let weight = scale(&weight, alpha)?;
        self.belongs_to(inputs, &[1, 2]);
        let out = weight.dims.first().copied().unwrap_or_default();
        // Only a bias that repeats over the rows is one of the layer.
        let bias = match inputs.get(2) {
            Some(Some(Known::Constant(c, _))) if fold::broadcast(&c.dims, &[1, out]).is_ok_and(|dims| dims == [1, out]) => {
                Some(scale(&c.broadcast(&[1, out])?.reshaped(vec![out])?, beta)?)
            }
            _ => None,
        };
        let has_bias = bias.is_some();
        let y = self.linear(x, weight, bias)?;
        if has_bias { Ok(y) } else { self.plus(y, inputs.get(2), beta) }
    }

    /// Adds β · C, if there is one.
    fn plus(&mut self, y: Id, c: Option<&Option<Known>>, beta: f32) -> Result<Id> {
        match c {
            Some(Some(Known::Value(c))) => {
                let c = self.scaled(*c, beta)?;
                self.infix(Op::Infix('+'), Arg::Value(y), Arg::Value(c))
            }
            Some(Some(Known::Constant(c, name))) => {
                let c = Known::Constant(Rc::new(scale(c, beta)?), name.clone());
                let c = self.operand(&c, 2)?;
                self.infix(Op::Infix('+'), Arg::Value(y), c)
            }
            _ => Ok(y),
        }
    }

    fn scaled(&mut self, x: Id, factor: f32) -> Result<Id> {
        if factor == 1.0 {
            return Ok(x);
        }
        self.infix(Op::Infix('*'), Arg::Value(x), Arg::Number(factor))
    }

    pub fn transpose(&mut self, x: Id) -> Result<Id> {
        let mut dims = self.program.dims(x).to_vec();
        let n = dims.len();
        if n < 2 {
            bail!("sizes of {dims:?} have no two axes to exchange");
        }
        dims.swap(n - 1, n - 2);
        self.step(Op::Transpose, vec![Arg::Value(x)], dims)
    }

    /// A linear layer whose weight is `[OUT][IN]`.
    pub fn linear(&mut self, x: Id, weight: Tensor, bias: Option<Tensor>) -> Result<Id> {
        let &[out, inner] = &weight.dims[..] else { bail!("its weight has the sizes {:?}, and is no matrix", weight.dims) };
        let mut dims = self.program.dims(x).to_vec();
        match dims.last_mut() {
            Some(n) if *n == inner => *n = out,
            _ => bail!("sizes of {dims:?} do not multiply with a weight of {inner} rows"),
        }
        weight.floats()?;
        let ty = format!("Linear<{inner}, {out}{}>", if bias.is_some() { "" } else { ", NoBias" });
        let mut tensors = vec![("weight".to_owned(), Rc::new(weight))];
        tensors.extend(bias.map(|bias| ("bias".to_owned(), Rc::new(bias))));
        self.layer(x, Layer { tensors, ..plain(ty, "linear", 1) }, dims)
    }

    fn matmul(&mut self, inputs: &[Option<Known>]) -> Result<Id> {
        let [Some(Some(a)), Some(Some(b))] = [inputs.first(), inputs.get(1)] else {
            bail!("it has two inputs, and one is missing")
        };
        let (a_rank, b_rank) = (self.dims_of(a).len(), self.dims_of(b).len());
        if let (Known::Value(x), Known::Constant(w, _)) = (a, b)
            && w.dims.len() == 2
        {
            self.belongs_to(inputs, &[1]);
            return self.linear(*x, w.permuted(&[1, 0])?, None);
        }
        if let (Known::Constant(..), 0 | 1) = (a, a_rank) {
            bail!("a vector that is a constant times a value is not supported");
        }
        let (a, b) = (self.operand(a, a_rank)?, self.operand(b, b_rank.min(a_rank))?);
        self.product(a, b)
    }

    /// A matrix product, with the left operand's leading axes repeated where it has none.
    fn product(&mut self, a: Arg, b: Arg) -> Result<Id> {
        let dims = |this: &Self, arg: &Arg| match arg {
            Arg::Value(id) => this.program.dims(*id).to_vec(),
            Arg::Tensor(tensor, _) => tensor.dims.clone(),
            Arg::Number(_) => vec![],
        };
        let (x, y) = (dims(self, &a), dims(self, &b));
        let result = match (&x[..], &y[..]) {
            ([lead @ .., m, k], [.., l, n]) if k == l && (y.len() == 2 || y.split_at(y.len() - 2).0 == lead) => {
                [lead, &[*m, *n]].concat()
            }
            ([k], [l, n]) if k == l => vec![*n],
            ([lead @ .., k], [l]) if k == l && !lead.is_empty() => lead.to_vec(),
            _ => bail!("a product of {x:?} and {y:?} is not supported: their leading sizes have to be the same"),
        };
        self.step(Op::MatMul, vec![a, b], result)
    }

    fn conv(&mut self, node: Node<'_>, inputs: &[Option<Known>]) -> Result<Id> {
        let (x, padding) = self.before_padding(self.input(inputs, 0)?);
        let inputs = &[&[Some(Known::Value(x))], inputs.get(1..).unwrap_or(&[])].concat()[..];
        let mut window = Window::of(node, &self.convolved(inputs)?, self.needed(inputs, 1)?)?;
        let mode = window.pad(padding.as_ref())?;
        let weight = Rc::clone(self.needed(inputs, 1)?);
        let groups = groups(node)?;
        let (&[out, per_group, ..], [batch, channels, ..]) = (&weight.dims[..], self.program.dims(x)) else {
            bail!("its input or its weight has too few dimensions")
        };
        if per_group.checked_mul(groups) != Some(*channels) || !out.is_multiple_of(groups) {
            bail!("{channels} channels in {groups} groups do not fit a weight of {:?}", weight.dims);
        }
        let sizes = window.sizes()?;
        let dims = [&[*batch, out][..], &sizes].concat();
        let (channels, bias) = (*channels, self.bias(inputs, out)?);
        self.belongs_to(inputs, &[1, 2]);
        let mut options = window.options();
        options.extend(mode.map(str::to_owned));
        options.extend(group_option(groups, channels, out));
        let layer = window.layer("Conv", "conv", channels, out, options, weight, bias);
        self.layer(x, layer, dims)
    }

    /// What a `Pad` before a convolution pads, and how.
    fn before_padding(&self, x: Id) -> (Id, Option<Padding>) {
        let maker = self.program.steps.iter().find(|step| step.output == x);
        match maker.map(|step| (&step.op, &step.args[..])) {
            Some((Op::Pad { pads, mode }, [Arg::Value(inner)])) if pads.iter().take(2).all(|pads| pads == &[0, 0]) => {
                (*inner, Some((pads.iter().skip(2).copied().collect(), mode)))
            }
            _ => (x, None),
        }
    }

    fn conv_transpose(&mut self, node: Node<'_>, inputs: &[Option<Known>]) -> Result<Id> {
        let mut window = Window::of(node, &self.convolved(inputs)?, self.needed(inputs, 1)?)?;
        let (x, weight) = (self.input(inputs, 0)?, Rc::clone(self.needed(inputs, 1)?));
        if !matches!(node.text("auto_pad", "NOTSET"), "NOTSET" | "VALID") || node.has("output_shape") {
            return Err(
                Error::file("its padding follows from the output's size, which is not supported").help("export with `pads`")
            );
        }
        let groups = groups(node)?;
        let (&[channels, per_group, ..], &[batch, given, ..]) = (&weight.dims[..], self.program.dims(x)) else {
            bail!("its input or its weight has too few dimensions")
        };
        if channels != given || !channels.is_multiple_of(groups) {
            bail!("{given} channels in {groups} groups do not fit a weight of {:?}", weight.dims);
        }
        let out = per_group.saturating_mul(groups);
        window.extra = node.sizes("output_padding")?.unwrap_or_default();
        let sizes = window.transposed_sizes()?;
        let dims = [&[batch, out][..], &sizes].concat();
        let bias = self.bias(inputs, out)?;
        self.belongs_to(inputs, &[1, 2]);
        let mut options = window.options();
        options.extend(group_option(groups, channels, out));
        let layer = window.layer("ConvTranspose", "conv", channels, out, options, weight, bias);
        self.layer(x, layer, dims)
    }

    /// The sizes of what a window slides over.
    fn convolved(&self, inputs: &[Option<Known>]) -> Result<Vec<usize>> {
        let dims = self.program.dims(self.input(inputs, 0)?);
        match dims {
            [_, _, inner @ ..] if matches!(inner.len(), 1 | 2) => Ok(inner.to_vec()),
            _ => bail!("its input has the sizes {dims:?}, and signals `[B, C, L]` and images `[B, C, H, W]` are supported"),
        }
    }

    fn bias(&self, inputs: &[Option<Known>], out: usize) -> Result<Option<Tensor>> {
        match self.known(inputs, 2)? {
            Some(bias) if bias.dims == [out] && bias.floats().is_ok() => Ok(Some((**bias).clone())),
            Some(bias) => bail!("its bias has the sizes {:?}, and not [{out}]", bias.dims),
            None => Ok(None),
        }
    }

    /// The tensors of a normalisation, each one number a channel.
    fn per_channel(
        &self,
        inputs: &[Option<Known>],
        named: &[(&'static str, usize)],
        channels: usize,
    ) -> Result<Vec<(String, Rc<Tensor>)>> {
        let mut tensors = vec![];
        for &(name, index) in named {
            let tensor = self.needed(inputs, index)?;
            if tensor.dims != [channels] || tensor.floats().is_err() {
                bail!("its {name} has the sizes {:?}, and {channels} channels have [{channels}]", tensor.dims);
            }
            tensors.push((name.to_owned(), Rc::clone(tensor)));
        }
        Ok(tensors)
    }

    fn batch_norm(&mut self, node: Node<'_>, inputs: &[Option<Known>]) -> Result<Id> {
        if node.int("training_mode", 0) != 0 {
            return Err(Error::file("it is in training mode").help("export the model in evaluation: `model.eval()`"));
        }
        let x = self.input(inputs, 0)?;
        let dims = self.program.dims(x).to_vec();
        let (ty, channels) = match dims[..] {
            [_, c] | [_, c, _] => ("BatchNorm1d", c),
            [_, c, _, _] => ("BatchNorm2d", c),
            _ => bail!("its input has the sizes {dims:?}, and two, three or four dimensions are supported"),
        };
        let named = [("weight", 1), ("bias", 2), ("running_mean", 3), ("running_var", 4)];
        let tensors = self.per_channel(inputs, &named, channels)?;
        self.belongs_to(inputs, &[1, 2, 3, 4]);
        let value = epsilon(node, ty);
        let inner = dims.len() - 1;
        let layer = Layer { value, tensors, ..plain(format!("{ty}<{channels}>"), "norm", inner) };
        self.layer(x, layer, dims)
    }

    fn instance_norm(&mut self, node: Node<'_>, inputs: &[Option<Known>]) -> Result<Id> {
        let x = self.input(inputs, 0)?;
        let dims = self.program.dims(x).to_vec();
        let Some(&channels) = dims.get(1) else { bail!("its input has no channels") };
        let mut tensors = self.per_channel(inputs, &[("weight", 1), ("bias", 2)], channels)?;
        self.belongs_to(inputs, &[1, 2]);
        let is_affine = !(tensors.iter().zip([1.0, 0.0]).all(|((_, tensor), plain)| tensor.is_all(plain)));
        let (ty, option) = match dims.len() {
            4 => ("InstanceNorm2d", if is_affine { ", Affine" } else { "" }),
            // A group of one channel is an instance.
            3 => ("GroupNorm", if is_affine { "" } else { ", NoAffine" }),
            _ => bail!("its input has the sizes {dims:?}, and three or four dimensions are supported"),
        };
        let text = match dims.len() {
            4 => format!("{ty}<{channels}{option}>"),
            _ => format!("{ty}<{channels}, {channels}, -2{option}>"),
        };
        if !is_affine {
            tensors.clear();
        }
        let (value, inner) = (epsilon(node, ty), dims.len() - 1);
        self.layer(x, Layer { value, tensors, ..plain(text, "norm", inner) }, dims)
    }

    fn group_norm(&mut self, node: Node<'_>, inputs: &[Option<Known>]) -> Result<Id> {
        let x = self.input(inputs, 0)?;
        let dims = self.program.dims(x).to_vec();
        let Some(&channels) = dims.get(1) else { bail!("its input has no channels") };
        let groups = usize::try_from(node.int("num_groups", 0)).unwrap_or(0);
        if groups == 0 || !channels.is_multiple_of(groups) {
            bail!("{channels} channels do not fall into {groups} groups");
        }
        let mut tensors = vec![];
        for (name, index) in [("weight", 1), ("bias", 2)] {
            let tensor = self.needed(inputs, index)?;
            // Before opset 21 there was one number a group.
            tensors.push((
                name.to_owned(),
                match tensor.len() {
                    n if n == channels => Rc::clone(tensor),
                    n if n == groups => {
                        Rc::new(fold::take(tensor, 0, &(0..channels).map(|c| c / (channels / groups)).collect::<Vec<_>>())?)
                    }
                    n => bail!("its {name} has {n} numbers for {channels} channels"),
                },
            ));
        }
        self.belongs_to(inputs, &[1, 2]);
        let layer = group_norm_layer(groups, channels, dims.len(), epsilon(node, "GroupNorm"), tensors)?;
        self.layer(x, layer, dims)
    }

    fn layer_norm(&mut self, node: Node<'_>, inputs: &[Option<Known>]) -> Result<Id> {
        let x = self.input(inputs, 0)?;
        let dims = self.program.dims(x).to_vec();
        let axis = fold::axis(node.int("axis", -1), dims.len())?;
        let sizes = dims.split_at(axis).1.to_vec();
        let mut tensors = vec![];
        for (name, index) in [("weight", 1), ("bias", 2)] {
            match self.known(inputs, index)? {
                Some(tensor) if tensor.len() == count_of(&sizes) && tensor.floats().is_ok() => {
                    tensors.push((name.to_owned(), Rc::new(tensor.reshaped(sizes.clone())?)));
                }
                Some(tensor) => bail!("its {name} has the sizes {:?}, and {sizes:?} are normalised", tensor.dims),
                None => {}
            }
        }
        self.belongs_to(inputs, &[1, 2]);
        let option = if tensors.len() == 2 { "" } else { ", NoBias" };
        let ty = format!("LayerNorm<{}{option}>", shape_type(&sizes));
        let (value, inner) = (epsilon(node, "LayerNorm"), sizes.len());
        self.layer(x, Layer { value, tensors, ..plain(ty, "norm", inner) }, dims)
    }

    fn pool(&mut self, node: Node<'_>, inputs: &[Option<Known>]) -> Result<Id> {
        let x = self.input(inputs, 0)?;
        let dims = self.program.dims(x).to_vec();
        let inner = self.convolved(inputs)?;
        let Some(kernel) = node.sizes("kernel_shape")? else { bail!("it has no `kernel_shape`") };
        let window = Window::with_kernel(node, &inner, kernel)?;
        let is_max = node.op() == "MaxPool";
        if window.pads.iter().any(|&[start, end]| start != end) {
            return Err(Error::file("its padding differs between the sides, which no pool here has")
                .help("pad before it, or choose a kernel that needs none"));
        }
        if window.pads.iter().zip(&window.kernel).any(|(&[pad, _], &k)| 2 * pad > k) {
            bail!("its padding is more than half of its kernel");
        }
        if !is_max && window.dilations.iter().any(|&d| d != 1) {
            bail!("an average of a dilated window is not supported");
        }
        let ceil = node.int("ceil_mode", 0) != 0;
        let sizes = window.pooled_sizes(ceil)?;
        let mut options = window.pool_options();
        options.extend(ceil.then(|| "CeilMode".to_owned()));
        let pads = window.pads.iter().any(|pads| pads != &[0, 0]);
        options.extend((!is_max && pads && node.int("count_include_pad", 0) == 0).then(|| "ExcludePad".to_owned()));
        let n = window.kernel.len();
        let kind = if is_max { "MaxPool" } else { "AvgPool" };
        let ty = with_options(&format!("{kind}{n}d<{}", window.kernel.first().copied().unwrap_or(1)), &options);
        let dims = [dims.get(..2).unwrap_or(&[]), &sizes].concat();
        self.layer(x, plain(ty, "pool", n + 1), dims)
    }

    fn global_pool(&mut self, node: Node<'_>, inputs: &[Option<Known>]) -> Result<Id> {
        let x = self.input(inputs, 0)?;
        let inner = self.convolved(inputs)?.len();
        let is_max = node.op() == "GlobalMaxPool";
        let pooled = self.planes(x, is_max, inner)?;
        let mut y = pooled;
        for axis in 0..inner {
            y = self.insert(y, 2 + axis)?;
        }
        Ok(y)
    }

    /// The average or the maximum of each channel.
    pub fn planes(&mut self, x: Id, is_max: bool, inner: usize) -> Result<Id> {
        if inner == 1 {
            return self.without(Op::Reduce { method: if is_max { "max_axis" } else { "mean_axis" }, axis: 2 }, x, 2);
        }
        let dims = self.program.dims(x).get(..2).unwrap_or(&[]).to_vec();
        let ty = if is_max { "GlobalMaxPool2d" } else { "GlobalAvgPool2d" };
        self.layer(x, plain(ty, "pool", 3), dims)
    }

    fn depth_to_space(&mut self, node: Node<'_>, inputs: &[Option<Known>]) -> Result<Id> {
        let x = self.input(inputs, 0)?;
        let r = usize::try_from(node.int("blocksize", 0)).unwrap_or(0);
        let &[b, c, h, w] = self.program.dims(x) else { bail!("its input is no batch of images") };
        if r == 0 || r > 1 << 10 || !c.is_multiple_of(r * r) {
            bail!("{c} channels are no multiple of blocks of {r} × {r}");
        }
        if node.text("mode", "DCR") == "CRD" {
            return self.layer(x, plain(format!("PixelShuffle<{r}>"), "shuffle", 3), vec![b, c / (r * r), h * r, w * r]);
        }
        let split = self.reshape(x, vec![b, r, r, c / (r * r), h, w])?;
        let turned = self.permute(split, vec![0, 3, 4, 1, 5, 2])?;
        self.reshape(turned, vec![b, c / (r * r), h * r, w * r])
    }

    fn resize(&mut self, node: Node<'_>, inputs: &[Option<Known>]) -> Result<Id> {
        let x = self.input(inputs, 0)?;
        let dims = self.program.dims(x).to_vec();
        let inner = self.convolved(inputs)?;
        let mut target = vec![];
        let scales = self.known(inputs, 2)?.filter(|t| t.len() > 0);
        let sizes = self.known(inputs, 3)?.filter(|t| t.len() > 0);
        match (scales, sizes) {
            (Some(scales), _) if scales.len() == dims.len() => {
                let each = scales.floats()?.iter().zip(&dims);
                target.extend(each.map(|(&scale, &n)| (n as f32 * scale).floor().clamp(0.0, 1e6) as usize));
            }
            (_, Some(sizes)) if sizes.len() == dims.len() => target.extend(crate::tensor::sizes(sizes.integers()?)?),
            _ => bail!("neither its scales nor its sizes are given for each axis"),
        }
        if target.get(..2) != dims.get(..2) {
            bail!("it resizes the batch or the channels");
        }
        let target = target.split_off(2);
        if target.contains(&0) {
            bail!("it gives sizes of {target:?}");
        }
        let dims_out = [dims.get(..2).unwrap_or(&[]), &target].concat();
        let ty = resize_type(node, &inner, &target)?;
        let n = inner.len() + 1;
        self.layer(x, plain(ty, "upsample", n), dims_out)
    }
}

/// The layer of a `Resize`.
fn resize_type(node: Node<'_>, from: &[usize], to: &[usize]) -> Result<String> {
    let mode = node.text("mode", "nearest");
    let place = node.text("coordinate_transformation_mode", "half_pixel");
    let whole = from.iter().zip(to).all(|(&n, &m)| m.is_multiple_of(n));
    let scales: Vec<usize> = from.iter().zip(to).map(|(&n, &m)| m / n.max(1)).collect();
    let list = |numbers: &[usize]| match numbers {
        [h, w] if h == w => format!("{h}"),
        _ => numbers.iter().map(usize::to_string).collect::<Vec<_>>().join(", "),
    };
    // Repeating by whole numbers is the same for all ways to count, but where a half is rounded up.
    let repeats = match place {
        "asymmetric" => node.text("nearest_mode", "round_prefer_floor") == "floor",
        "half_pixel" | "pytorch_half_pixel" => {
            scales.iter().all(|&s| s % 2 == 1 || node.text("nearest_mode", "round_prefer_floor") != "floor")
        }
        _ => false,
    };
    match (mode, place) {
        ("nearest", _) if whole && repeats && from.len() == 2 => Ok(format!("Upsample<{}>", list(&scales))),
        ("nearest", _) if whole && repeats => Ok(format!("Upsample<1, {}>", list(&scales))),
        ("linear", "half_pixel" | "pytorch_half_pixel" | "align_corners") => {
            let ty = if from.len() == 2 { "UpsampleBilinear" } else { "UpsampleLinear" };
            let size = if whole && place != "align_corners" {
                format!("Scale<{}>", list(&scales))
            } else {
                format!("Size<{}>", list(to))
            };
            Ok(match place {
                "align_corners" => format!("{ty}<({size}, AlignCorners)>"),
                _ => format!("{ty}<{size}>"),
            })
        }
        _ => Err(Error::file(format!("resizing {from:?} to {to:?} as `{mode}` with `{place}` is not supported"))
            .help("`nn.Upsample` by whole numbers, or bilinear, is")),
    }
}

/// A group normalisation's layer.
pub fn group_norm_layer(
    groups: usize,
    channels: usize,
    rank: usize,
    value: Option<String>,
    tensors: Vec<(String, Rc<Tensor>)>,
) -> Result<Layer> {
    let axis = match rank {
        4 => "",
        3 => ", -2",
        2 => ", -1",
        _ => bail!("its input has {rank} dimensions, and two to four are supported"),
    };
    let option = match (tensors.is_empty(), axis) {
        (false, _) => "",
        (true, "") => ", -3, NoAffine",
        (true, _) => ", NoAffine",
    };
    let ty = format!("GroupNorm<{groups}, {channels}{axis}{option}>");
    Ok(Layer { value, tensors, ..plain(ty, "norm", rank - 1) })
}

/// What sets a normalisation's ε, if it is not the usual one.
fn epsilon(node: Node<'_>, ty: &str) -> Option<String> {
    epsilon_value(node.float("epsilon", 1e-5), ty)
}

pub fn epsilon_value(epsilon: f32, ty: &str) -> Option<String> {
    ((epsilon - 1e-5).abs() > 1e-11).then(|| format!("{ty} {{ eps: {}, ..{ty}::BLANK }}", float(epsilon)))
}

fn count_of(dims: &[usize]) -> usize {
    dims.iter().product()
}

fn scale(tensor: &Tensor, factor: f32) -> Result<Tensor> {
    if factor == 1.0 {
        return Ok(tensor.clone());
    }
    Tensor::f32(tensor.dims.clone(), tensor.floats()?.iter().map(|&x| x * factor).collect())
}

fn groups(node: Node<'_>) -> Result<usize> {
    match usize::try_from(node.int("group", 1)) {
        Ok(groups) if groups > 0 => Ok(groups),
        _ => bail!("it has {} groups", node.int("group", 1)),
    }
}

fn group_option(groups: usize, channels: usize, out: usize) -> Option<String> {
    match groups {
        1 => None,
        n if n == channels && n == out => Some("Depthwise".to_owned()),
        n => Some(format!("Groups<{n}>")),
    }
}

/// A type whose last argument is options; `start` lacks the closing bracket.
pub fn with_options(start: &str, options: &[String]) -> String {
    match options {
        [] => format!("{start}>"),
        [one] => format!("{start}, {one}>"),
        several => format!("{start}, ({})>", several.join(", ")),
    }
}
