//! `RNN`, `GRU` and `LSTM`.

use std::rc::Rc;

use super::layers::{plain, with_options};
use super::{Builder, Known};
use crate::error::{Error, Result, bail};
use crate::fold;
use crate::graph::Node;
use crate::ir::{Id, Layer, Op};
use crate::tensor::Tensor;

impl Builder {
    /// The states after each step, `[T][D][B][H]`, and the last ones, `[D][B][H]`. (What a cell holds besides is no output.)
    pub fn recurrent(&mut self, node: Node<'_>, inputs: &[Option<Known>]) -> Result<Vec<Known>> {
        let x = self.input(inputs, 0)?;
        let &[t, b, width] = self.program.dims(x) else {
            bail!("its input has the sizes {:?}, and not [T, B, N]", self.program.dims(x))
        };
        let hidden = usize::try_from(node.int("hidden_size", 0)).unwrap_or(0);
        let directions: &[&str] = match node.text("direction", "forward") {
            "forward" => &[""],
            "bidirectional" => &["", "_reverse"],
            other => {
                return Err(Error::file(format!("its direction is `{other}`, and no layer has that alone"))
                    .help("make it bidirectional"));
            }
        };
        let (kind, option) = unit(node, directions.len())?;
        self.check_plain(node, inputs)?;
        let gates = gates(node.op());
        let shape = |rows: usize, columns: usize| vec![directions.len(), rows, columns];
        let rows = gates.len().checked_mul(hidden).filter(|&rows| rows > 0);
        let Some(rows) = rows else { bail!("its `hidden_size` is {hidden}") };
        let (w, r) = (Rc::clone(self.needed(inputs, 1)?), Rc::clone(self.needed(inputs, 2)?));
        let bias = self.known(inputs, 3)?.cloned();
        let wrong = |name: &str, found: &[usize]| {
            format!("its {name} has the sizes {found:?}, which do not fit {width} inputs and {hidden} states")
        };
        if w.dims != shape(rows, width) || r.dims != shape(rows, hidden) {
            bail!("{}", wrong("weight", if w.dims != shape(rows, width) { &w.dims } else { &r.dims }));
        }
        if let Some(bias) = bias.as_ref().filter(|bias| bias.dims != [directions.len(), 2 * rows]) {
            bail!("{}", wrong("bias", &bias.dims));
        }
        self.belongs_to(inputs, &[1, 2, 3]);
        let mut tensors = vec![];
        for (d, suffix) in directions.iter().enumerate() {
            let mut add = |name: &str, tensor: Tensor| tensors.push((format!("{name}_l0{suffix}"), Rc::new(tensor)));
            add("weight_ih", in_order(&fold::take(&w, 0, &[d])?.reshaped(vec![rows, width])?, gates, hidden)?);
            add("weight_hh", in_order(&fold::take(&r, 0, &[d])?.reshaped(vec![rows, hidden])?, gates, hidden)?);
            let Some(bias) = &bias else { continue };
            let both = fold::take(bias, 0, &[d])?.reshaped(vec![2, rows])?;
            for (i, name) in ["bias_ih", "bias_hh"].into_iter().enumerate() {
                add(name, in_order(&fold::take(&both, 0, &[i])?.reshaped(vec![rows])?, gates, hidden)?);
            }
        }
        let both = directions.len();
        let mut options: Vec<String> = option.map(str::to_owned).into_iter().collect();
        options.extend((both == 2).then(|| "Bidirectional".to_owned()));
        options.extend(bias.is_none().then(|| "NoBias".to_owned()));
        let ty = with_options(&format!("{kind}<{width}, {hidden}"), &options);
        let noun = if kind == "Gru" { "gru" } else { "rnn" };
        let layer = Layer { tensors, ..plain(ty, if kind == "Lstm" { "lstm" } else { noun }, 2) };
        // The layer has the batch first.
        let batched = self.permute(x, vec![1, 0, 2])?;
        let y = self.layer(batched, layer, vec![b, t, both * hidden])?;
        let states = if both == 1 {
            let turned = self.permute(y, vec![1, 0, 2])?;
            self.insert(turned, 1)?
        } else {
            let split = self.reshape(y, vec![b, t, both, hidden])?;
            self.permute(split, vec![1, 2, 0, 3])?
        };
        let mut last = vec![];
        for (d, place) in [t - 1, 0].into_iter().take(both).enumerate() {
            let end = self.without(Op::Index { axis: 1, index: place }, y, 1)?;
            let end = self.slice(end, 1, d * hidden, hidden)?;
            last.push(self.insert(end, 0)?);
        }
        let last: Id = self.concat(0, &last)?;
        Ok([states, last].map(Known::Value).to_vec())
    }

    /// Refuses what is not computed: other lengths, initial states, peepholes.
    fn check_plain(&self, node: Node<'_>, inputs: &[Option<Known>]) -> Result<()> {
        let zero = |index: usize| match inputs.get(index) {
            None | Some(None) => true,
            Some(Some(Known::Constant(tensor, _))) => tensor.is_all(0.0),
            Some(Some(Known::Value(_))) => false,
        };
        if inputs.get(4).is_some_and(Option::is_some) {
            return Err(Error::file("it has lengths of its sequences").help("all sequences have to be as long as the input"));
        }
        if !zero(5) || !zero(6) || !zero(7) {
            return Err(
                Error::file("its first state is not zero, or it has peepholes").help("export a model that starts from zeros")
            );
        }
        if node.int("layout", 0) != 0 || node.has("clip") || node.int("input_forget", 0) != 0 {
            bail!("`layout`, `clip` and `input_forget` are not supported");
        }
        Ok(())
    }
}

/// Which of PyTorch's gates each of ONNX's is: (what stands there) in PyTorch's order.
fn gates(op: &str) -> &'static [usize] {
    match op {
        // i, o, f, c; PyTorch has i, f, g, o.
        "LSTM" => &[0, 2, 3, 1],
        // z, r, h; PyTorch has r, z, n.
        "GRU" => &[1, 0, 2],
        _ => &[0],
    }
}

/// The gates' rows in PyTorch's order.
fn in_order(tensor: &Tensor, gates: &[usize], hidden: usize) -> Result<Tensor> {
    let rows: Vec<usize> = gates.iter().flat_map(|gate| (0..hidden).map(move |i| gate * hidden + i)).collect();
    fold::take(tensor, 0, &rows)
}

/// The layer that computes this, and the option that says so.
fn unit(node: Node<'_>, directions: usize) -> Result<(&'static str, Option<&'static str>)> {
    let usual: &[&str] = match node.op() {
        "LSTM" => &["Sigmoid", "Tanh", "Tanh"],
        "GRU" => &["Sigmoid", "Tanh"],
        _ => &["Tanh"],
    };
    let given = node.texts("activations").filter(|given| !given.is_empty());
    let given = given.unwrap_or_else(|| usual.repeat(directions));
    let is_all = |each: &[&str]| given == each.repeat(directions);
    match node.op() {
        "LSTM" if is_all(usual) => Ok(("Lstm", None)),
        "GRU" if is_all(usual) && node.int("linear_before_reset", 0) != 0 => Ok(("Gru", None)),
        "GRU" if is_all(usual) => {
            Err(Error::file("its reset gate stands before the product with the state (`linear_before_reset` = 0)")
                .help("PyTorch's stands behind it, and Keras' with `reset_after=True`: so does the layer here"))
        }
        "RNN" if is_all(usual) => Ok(("Rnn", None)),
        "RNN" if is_all(&["Relu"]) => Ok(("Rnn", Some("Relu"))),
        _ => bail!("its activations are {given:?}, and {usual:?} are supported"),
    }
}
