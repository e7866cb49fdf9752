//! From a file's nodes to steps in adamant's terms: each operation in one place, with the sizes of what it gives.
//!
//! What is known when the file is read is computed ([`fold`](crate::fold)); everything else becomes steps.

use std::collections::HashMap;
use std::path::Path;
use std::rc::Rc;

use crate::error::{Error, Result, bail};
use crate::fold::{self, fold};
use crate::graph::{self, Node, parts};
use crate::ir::{Arg, Id, Layer, Op, Program, Step, Value};
use crate::proto::{GraphProto, ModelProto, NodeProto, ValueInfoProto};
use crate::tensor::{Data, Tensor, count, type_name};

pub mod layers;
mod recurrent;
mod tensors;
mod window;

/// How many nodes a graph may have: what is recognised is looked for again after each change.
const NODES: usize = 10_000;

/// What a name stands for while the file is read.
#[derive(Clone, Debug)]
pub enum Known {
    Constant(Rc<Tensor>, Option<String>),
    Value(Id),
}

/// What symbolic sizes are.
pub struct Sizes<'a> {
    /// Those that are given.
    pub given: &'a [(String, usize)],
    /// What the outermost size of an input is taken to be where it has a name and no number.
    pub batch: usize,
}

/// Reads a file's graph.
pub fn lower(model: &ModelProto, folder: Option<&Path>, sizes: &Sizes<'_>) -> Result<Program> {
    graph::check_opset(model)?;
    let Some(graph) = &model.graph else {
        return Err(Error::file("it has no graph").help("is it an ONNX file, and a whole one?"));
    };
    if !graph.sparse_initializer.is_empty() {
        bail!("it has sparse tensors, which are not supported: save it with dense ones");
    }
    if graph.node.len() > NODES {
        bail!("it has {} nodes, and {NODES} are the most that are read", graph.node.len());
    }
    let mut builder = Builder::default();
    builder.initializers(graph, folder)?;
    check_sizes(graph, sizes.given)?;
    builder.inputs(graph, sizes)?;
    for proto in &graph.node {
        let node = Node { proto };
        builder.node(node, folder).map_err(|e| e.at(|| node.place()))?;
    }
    builder.outputs(graph)?;
    builder.program.sweep();
    Ok(builder.program)
}

/// The steps so far.
#[derive(Default)]
pub struct Builder {
    program: Program,
    known: HashMap<String, Known>,
    /// Outputs that no layer here has, and the nodes that give them.
    withheld: HashMap<String, String>,
    /// Where the node that is being read belongs to.
    path: Vec<String>,
    place: String,
}

impl Builder {
    fn initializers(&mut self, graph: &GraphProto, folder: Option<&Path>) -> Result<()> {
        for proto in &graph.initializer {
            let place = || format!("tensor `{}`", proto.name);
            let tensor = Tensor::read(proto, folder).map_err(|e| e.at(place))?;
            let known = Known::Constant(Rc::new(tensor), parameter_name(&proto.name));
            if self.known.insert(proto.name.clone(), known).is_some() {
                return Err(Error::file("there are two of this name").at(place));
            }
        }
        Ok(())
    }

    fn inputs(&mut self, graph: &GraphProto, sizes: &Sizes<'_>) -> Result<()> {
        for info in &graph.input {
            // Older files list their initialisers as inputs, too.
            if matches!(self.known.get(&info.name), Some(Known::Constant(..))) {
                continue;
            }
            let place = || format!("input `{}`", info.name);
            let (dims, is_index, batch) = input_type(info, sizes).map_err(|e| e.at(place))?;
            let id = self.value(&info.name, dims, is_index);
            if let Some(value) = self.program.values.get_mut(id) {
                value.batch = batch;
            }
            self.program.inputs.push(id);
            if self.known.insert(info.name.clone(), Known::Value(id)).is_some() {
                return Err(Error::file("there are two of this name").at(place));
            }
        }
        match self.program.inputs.is_empty() {
            true => bail!("its graph has no input, so that there is nothing to compute from"),
            false => Ok(()),
        }
    }

    fn outputs(&mut self, graph: &GraphProto) -> Result<()> {
        for info in &graph.output {
            let place = || format!("output `{}`", info.name);
            match self.known.get(&info.name) {
                Some(Known::Value(id)) => self.program.outputs.push(*id),
                Some(Known::Constant(..)) => {
                    return Err(Error::file("it does not depend on any input, so that no layer gives it").at(place));
                }
                None => return Err(Error::file("no node gives it").at(place)),
            }
        }
        if self.program.outputs.is_empty() {
            bail!("its graph has no output");
        }
        Ok(())
    }

    fn node(&mut self, node: Node<'_>, folder: Option<&Path>) -> Result<()> {
        if !matches!(node.proto.domain.as_str(), "" | "ai.onnx") {
            return Err(Error::file(format!("operations of the domain `{}` are not known", node.proto.domain))
                .help("inline the model's functions first: `onnx.inliner.inline_local_functions(model)`"));
        }
        (self.path, self.place) = (node.scope(), node.place());
        let inputs = self.node_inputs(node.proto)?;
        let outputs = match self.constant(node, &inputs, folder)? {
            Some(tensor) => vec![Known::Constant(Rc::new(tensor), kept_name(&inputs))],
            None => self.steps(node, &inputs)?,
        };
        let names = &node.proto.output;
        for (index, name) in names.iter().enumerate().filter(|(_, name)| !name.is_empty()) {
            let Some(known) = outputs.get(index) else {
                self.withheld.insert(name.clone(), node.place());
                continue;
            };
            if self.known.insert(name.clone(), known.clone()).is_some() {
                bail!("there is another `{name}` before it");
            }
        }
        Ok(())
    }

    fn node_inputs(&self, proto: &NodeProto) -> Result<Vec<Option<Known>>> {
        let known = |name: &String| match (name.as_str(), self.known.get(name)) {
            ("", _) => Ok(None),
            (_, Some(known)) => Ok(Some(known.clone())),
            (_, None) => match self.withheld.get(name) {
                Some(place) => bail!("its input `{name}` is an output of the {place} that is not supported"),
                None => bail!("its input `{name}` is given by no node before it, no input and no initialiser"),
            },
        };
        proto.input.iter().map(known).collect()
    }

    /// What the node gives, if that is known without an input of the model.
    fn constant(&self, node: Node<'_>, inputs: &[Option<Known>], folder: Option<&Path>) -> Result<Option<Tensor>> {
        match (node.op(), inputs.first()) {
            ("Constant", _) => return constant(node, folder).map(Some),
            ("Shape", Some(Some(input))) => return shape(node, &self.dims_of(input)).map(Some),
            ("Size", Some(Some(input))) => {
                let len = count(&self.dims_of(input))? as i64;
                return Tensor::new(vec![], Data::I64(vec![len])).map(Some);
            }
            _ => {}
        }
        let tensors: Option<Vec<Option<Rc<Tensor>>>> = inputs
            .iter()
            .map(|input| match input {
                None => Some(None),
                Some(Known::Constant(tensor, _)) => Some(Some(Rc::clone(tensor))),
                Some(Known::Value(_)) => None,
            })
            .collect();
        tensors.map_or(Ok(None), |tensors| fold(&node, &tensors))
    }

    fn dims_of(&self, known: &Known) -> Vec<usize> {
        match known {
            Known::Constant(tensor, _) => tensor.dims.clone(),
            Known::Value(id) => self.program.dims(*id).to_vec(),
        }
    }

    fn value(&mut self, name: &str, dims: Vec<usize>, is_index: bool) -> Id {
        self.program.values.push(Value { name: name.to_owned(), dims, is_index, batch: None });
        self.program.values.len() - 1
    }

    /// Adds a step, and says what it gives.
    fn step(&mut self, op: Op, args: Vec<Arg>, dims: Vec<usize>) -> Result<Id> {
        count(&dims)?;
        if dims.contains(&0) {
            bail!("it gives sizes of {dims:?}, which are no numbers at all");
        }
        for id in args.iter().filter_map(Arg::value) {
            let is_indices = self.program.values.get(id).is_some_and(|value| value.is_index);
            if is_indices && !matches!(&op, Op::Layer(layer) if layer.noun == "embedding") {
                bail!("it computes with an input of integers, which can only be indices of a table");
            }
        }
        let output = self.value("", dims, false);
        let (path, place) = (self.path.clone(), self.place.clone());
        self.program.steps.push(Step { op, args, output, path, place });
        Ok(output)
    }

    /// A step of one value that keeps its sizes.
    fn map(&mut self, op: Op, x: Id) -> Result<Id> {
        self.step(op, vec![Arg::Value(x)], self.program.dims(x).to_vec())
    }

    fn unary(&mut self, x: Id, method: impl Into<String>) -> Result<Id> {
        self.map(Op::Unary { method: method.into(), layer: None }, x)
    }

    fn layer(&mut self, x: Id, layer: Layer, dims: Vec<usize>) -> Result<Id> {
        self.step(Op::Layer(layer), vec![Arg::Value(x)], dims)
    }

    fn reshape(&mut self, x: Id, dims: Vec<usize>) -> Result<Id> {
        if self.program.dims(x) == dims {
            return Ok(x);
        }
        self.step(Op::Reshape, vec![Arg::Value(x)], dims)
    }

    fn insert(&mut self, x: Id, axis: usize) -> Result<Id> {
        let mut dims = self.program.dims(x).to_vec();
        dims.insert(axis.min(dims.len()), 1);
        self.step(Op::Insert(axis), vec![Arg::Value(x)], dims)
    }

    /// Takes away an axis, by an operation that does.
    fn without(&mut self, op: Op, x: Id, axis: usize) -> Result<Id> {
        let mut dims = self.program.dims(x).to_vec();
        if axis >= dims.len() {
            bail!("there is no axis {axis}");
        }
        dims.remove(axis);
        self.step(op, vec![Arg::Value(x)], dims)
    }

    fn slice(&mut self, x: Id, axis: usize, start: usize, len: usize) -> Result<Id> {
        let mut dims = self.program.dims(x).to_vec();
        match dims.get_mut(axis) {
            Some(n) if *n == len && start == 0 => return Ok(x),
            Some(n) if start + len <= *n => *n = len,
            _ => bail!("an axis has no {len} places from {start} on"),
        }
        self.step(Op::Slice { axis, start }, vec![Arg::Value(x)], dims)
    }

    fn concat(&mut self, axis: usize, parts: &[Id]) -> Result<Id> {
        let dims = |this: &Self, id: Id| this.program.dims(id).to_vec();
        let Some((&first, rest)) = parts.split_first() else { bail!("there is nothing to put together") };
        let mut whole = first;
        for &part in rest {
            let (mut a, mut b) = (dims(self, whole), dims(self, part));
            let (Some(m), Some(n)) = (a.get_mut(axis), b.get_mut(axis)) else { bail!("there is no axis {axis}") };
            *m += *n;
            *n = *m;
            if a != b {
                bail!("sizes of {:?} and {:?} do not stand beside each other", dims(self, whole), dims(self, part));
            }
            whole = self.step(Op::Concat(axis), vec![Arg::Value(whole), Arg::Value(part)], a)?;
        }
        Ok(whole)
    }

    /// An operator between two of them, with what repeats.
    fn infix(&mut self, op: Op, a: Arg, b: Arg) -> Result<Id> {
        let dims = |this: &Self, arg: &Arg| match arg {
            Arg::Value(id) => this.program.dims(*id).to_vec(),
            Arg::Number(_) => vec![],
            Arg::Tensor(tensor, _) => tensor.dims.clone(),
        };
        let together = fold::broadcast(&dims(self, &a), &dims(self, &b))?;
        self.step(op, vec![a, b], together)
    }

    /// What an operator is applied to. A constant of one number is that number, and repeats to whatever there is.
    fn operand(&self, known: &Known, other_rank: usize) -> Result<Arg> {
        Ok(match known {
            Known::Value(id) => Arg::Value(*id),
            Known::Constant(tensor, None) if tensor.single().is_some() && tensor.dims.len() <= other_rank => {
                Arg::Number(tensor.single().unwrap_or_default())
            }
            Known::Constant(tensor, _) if tensor.floats().is_err() => bail!("it computes with a constant of integers"),
            Known::Constant(tensor, name) if tensor.dims.len() <= other_rank => {
                Arg::Tensor(Rc::new(tensor.without_leading_ones()), name.clone())
            }
            Known::Constant(tensor, name) => Arg::Tensor(Rc::clone(tensor), name.clone()),
        })
    }

    /// The value of an input that has to be one.
    fn input(&self, inputs: &[Option<Known>], index: usize) -> Result<Id> {
        match inputs.get(index) {
            Some(Some(Known::Value(id))) => Ok(*id),
            Some(Some(Known::Constant(..))) => {
                bail!("its input {index} is a constant, and is expected to depend on the model's input")
            }
            _ => bail!("its input {index} is missing"),
        }
    }

    /// What one input is, if it is there, and has to be known when the file is read.
    fn known<'k>(&self, inputs: &'k [Option<Known>], index: usize) -> Result<Option<&'k Rc<Tensor>>> {
        match inputs.get(index) {
            Some(Some(Known::Constant(tensor, _))) => Ok(Some(tensor)),
            Some(Some(Known::Value(_))) => Err(Error::file(format!("its input {index} depends on the model's input"))
                .help("sizes, weights and the like have to be constants; export with fixed shapes, and in evaluation")),
            _ => Ok(None),
        }
    }

    fn needed<'k>(&self, inputs: &'k [Option<Known>], index: usize) -> Result<&'k Rc<Tensor>> {
        match self.known(inputs, index)? {
            Some(tensor) => Ok(tensor),
            None => bail!("its input {index} is missing"),
        }
    }

    /// Puts the steps that come next into the module whose parameter this is.
    fn belongs_to(&mut self, inputs: &[Option<Known>], indices: &[usize]) {
        let names = indices.iter().filter_map(|&index| match inputs.get(index) {
            Some(Some(Known::Constant(_, Some(name)))) => Some(name),
            _ => None,
        });
        let mut paths = names.map(|name| parts(name)).filter(|path| path.len() > 1);
        if let Some(mut path) = paths.next() {
            path.pop();
            self.path = path;
        }
    }

    fn steps(&mut self, node: Node<'_>, inputs: &[Option<Known>]) -> Result<Vec<Known>> {
        let ids = match node.op() {
            "LSTM" | "GRU" | "RNN" => return self.recurrent(node, inputs),
            "Split" => self.split(node, inputs)?,
            "Identity" | "Dropout" | "Cast" | "CastLike" => vec![self.unchanged(node, inputs)?],
            _ => match self.layer_of(node, inputs)? {
                Some(id) => vec![id],
                None => vec![self.tensor_step(node, inputs)?],
            },
        };
        Ok(ids.into_iter().map(Known::Value).collect())
    }

    /// What evaluation leaves as it is.
    fn unchanged(&mut self, node: Node<'_>, inputs: &[Option<Known>]) -> Result<Id> {
        let x = self.input(inputs, 0)?;
        let is_index = self.program.values.get(x).is_some_and(|value| value.is_index);
        let to_float = matches!(node.int("to", 1), 1 | 10 | 11 | 16);
        let to_int = matches!(node.int("to", 1), 6 | 7 | 12 | 13);
        match node.op() {
            "Cast" if !(to_float && !is_index || to_int && is_index) => {
                bail!("a cast to {} is not supported", type_name(node.int("to", 1) as i32))
            }
            "Dropout" if matches!(inputs.get(2), Some(Some(Known::Constant(t, _))) if t.bools().is_ok_and(|t| t.contains(&true))) => {
                Err(Error::file("it drops in training mode").help("export the model in evaluation: `model.eval()`"))
            }
            _ => Ok(x),
        }
    }
}

/// The name, if it is one that a person gave a parameter, not one that the exporter made up.
fn parameter_name(name: &str) -> Option<String> {
    let is_made_up = name.contains([':', '/']) || name.starts_with("val_") || name.parse::<u64>().is_ok() || name.is_empty();
    let is_plain = name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.'));
    let is_deep = name.split('.').count() > 16;
    (!is_made_up && is_plain && !is_deep).then(|| name.to_owned())
}

/// The name of the one parameter that a computed constant comes from.
fn kept_name(inputs: &[Option<Known>]) -> Option<String> {
    let mut names = inputs.iter().flatten().filter_map(|known| match known {
        Known::Constant(_, Some(name)) => Some(name.clone()),
        _ => None,
    });
    names.next().filter(|_| names.next().is_none())
}

/// A `Constant`.
fn constant(node: Node<'_>, folder: Option<&Path>) -> Result<Tensor> {
    if let Some(tensor) = node.tensor("value") {
        return Tensor::read(tensor, folder);
    }
    if node.has("value_float") {
        return Tensor::f32(vec![], vec![node.float("value_float", 0.0)]);
    }
    if node.has("value_int") {
        return Tensor::new(vec![], Data::I64(vec![node.int("value_int", 0)]));
    }
    if let Some(values) = node.ints("value_ints").filter(|_| node.has("value_ints")) {
        return Ok(Tensor::ints(values.to_vec()));
    }
    match node.floats("value_floats") {
        Some(values) => Tensor::f32(vec![values.len()], values.to_vec()),
        None => bail!("its constant is of a kind that is not supported"),
    }
}

/// A `Shape`, or a part of it.
fn shape(node: Node<'_>, dims: &[usize]) -> Result<Tensor> {
    let rank = dims.len() as i64;
    let place = |name: &str, default: i64| {
        let place = node.int(name, default);
        (if place < 0 { place.saturating_add(rank) } else { place }).clamp(0, rank) as usize
    };
    let (start, end) = (place("start", 0), place("end", rank));
    let part = dims.get(start..end.max(start)).unwrap_or(&[]);
    Ok(Tensor::ints(part.iter().map(|&n| n as i64).collect()))
}

/// Refuses a size whose name the file does not know: it would be passed over in silence.
fn check_sizes(graph: &GraphProto, given: &[(String, usize)]) -> Result<()> {
    let shapes = graph.input.iter().filter_map(|info| info.r#type.as_ref()?.tensor_type.as_ref()?.shape.as_ref());
    let names: Vec<&str> = shapes.flat_map(|shape| &shape.dim).filter_map(|dim| dim.dim_param.as_deref()).collect();
    let Some((unknown, _)) = given.iter().find(|(name, _)| !names.contains(&name.as_str())) else { return Ok(()) };
    let mut known: Vec<String> = names.iter().filter(|name| !name.is_empty()).map(|name| format!("`{name}`")).collect();
    known.sort();
    known.dedup();
    let help = if known.is_empty() { "all its sizes are numbers".to_owned() } else { format!("it names {}", known.join(", ")) };
    Err(Error::file(format!("none of its inputs has a size that is called `{unknown}`")).help(help))
}

/// The sizes of an input, whether it is indices, and its axis of the batch.
fn input_type(info: &ValueInfoProto, sizes: &Sizes<'_>) -> Result<(Vec<usize>, bool, Option<usize>)> {
    let ty = info.r#type.as_ref().and_then(|ty| ty.tensor_type.as_ref());
    let Some(ty) = ty else { bail!("it is no tensor") };
    let is_index = match ty.elem_type {
        1 | 10 | 11 | 16 => false,
        6 | 7 => true,
        other => bail!("its numbers are of the type {}, and only floats and indices are supported", type_name(other)),
    };
    let Some(shape) = &ty.shape else {
        return Err(Error::file("its sizes are not known").help("export with example inputs of fixed shapes"));
    };
    let mut dims = vec![];
    for (axis, dim) in shape.dim.iter().enumerate() {
        let name = dim.dim_param.clone().unwrap_or_default();
        let given = sizes.given.iter().find(|(given, _)| *given == name && !name.is_empty());
        dims.push(match (dim.dim_value, given) {
            (Some(n), _) => match usize::try_from(n) {
                Ok(n) if n > 0 => n,
                _ => bail!("its size {axis} is {n}"),
            },
            (None, Some((_, n))) => *n,
            (None, None) if axis == 0 => sizes.batch,
            (None, None) => {
                let called = if name.is_empty() { "N".to_owned() } else { name };
                return Err(Error::file(format!("its size {axis} is not known, but called `{called}`"))
                    .help(format!("say what it is, `--size {called}=32`, or export with fixed shapes")));
            }
        });
    }
    count(&dims)?;
    let batch = (!dims.is_empty()).then_some(0);
    Ok((dims, is_index, batch))
}
