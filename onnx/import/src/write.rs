//! Source of a program: structs of layers, chains where they are chains, and what a person would write where they are not.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use crate::batch::common;
use crate::ir::{Arg, Id, Op, Program, Step};
use crate::tensor::Tensor;

mod body;
mod names;
mod units;

use names::{Names, ident, snake, type_name};
pub use units::place_unnamed;
use units::{Unit, units};

/// A struct: its name, what it is, and its text.
type Definition = (String, String, String);

/// The name of a tensor in a file, and its numbers.
pub type Named = (String, Rc<Tensor>);

/// What is written.
pub struct Written {
    pub source: String,
    pub tensors: Vec<Named>,
}

/// The widest line.
const WIDTH: usize = 100;

/// Writes a model that is called `name`.
pub fn write(program: &Program, name: &str) -> Written {
    let mut writer = Writer { program, types: Names::of_types(), definitions: vec![], known: HashMap::new() };
    let model = writer.types.take(name);
    let all: Vec<usize> = (0..program.steps.len()).collect();
    let module = writer.module(&all, 0, &program.inputs, &program.outputs, &model, true);
    let mut source = String::from("use adamant::prelude::*;\n");
    if module.ty != model {
        let what = about(program, &program.inputs, &program.outputs);
        source += &format!("\n/// {what}\npub type {model} = {};\n", wrapped(&module.ty, model.len() + 13));
    }
    for (_, what, text) in in_order(writer.definitions, &module.ty) {
        source += &format!("\n/// {what}\n{text}");
    }
    Written { source, tensors: module.tensors }
}

/// Structs in the order in which a reader meets their names, from that of the model on.
fn in_order(mut definitions: Vec<Definition>, model: &str) -> Vec<Definition> {
    let mut ordered: Vec<Definition> = vec![];
    let mut text = model.to_owned();
    let mut at = 0;
    loop {
        // Parts that this one names, by where it does.
        let mut named: Vec<(usize, usize)> = vec![];
        for (index, (name, ..)) in definitions.iter().enumerate() {
            named.extend(place_of(&text, name).map(|place| (place, index)));
        }
        named.sort_unstable();
        let mut taken: Vec<usize> = named.iter().map(|&(_, index)| index).collect();
        ordered.splice(at..at, taken.iter().filter_map(|&index| definitions.get(index).cloned()));
        taken.sort_unstable();
        taken.iter().rev().for_each(|&index| drop(definitions.remove(index)));
        match ordered.get(at) {
            Some((_, _, next)) => text = next.clone(),
            None => return ordered,
        }
        at += 1;
    }
}

/// Where a name stands in a text by itself.
fn place_of(text: &str, name: &str) -> Option<usize> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.match_indices(name).map(|(at, _)| at).find(|&at| {
        let (before, after) = (text.get(..at).unwrap_or_default(), text.get(at + name.len()..).unwrap_or_default());
        !before.ends_with(is_part) && !after.starts_with(is_part)
    })
}

/// What the model takes and gives.
fn about(program: &Program, inputs: &[Id], outputs: &[Id]) -> String {
    let list = |ids: &[Id]| ids.iter().map(|&id| format!("`{}`", sizes(program, id))).collect::<Vec<_>>().join(" and ");
    format!("From {} to {}.", list(inputs), list(outputs))
}

/// `[B, 1, 28, 28]`.
fn sizes(program: &Program, id: Id) -> String {
    let Some(value) = program.values.get(id) else { return String::new() };
    let each = value.dims.iter().enumerate();
    let each = each.map(|(axis, n)| if value.batch == Some(axis) { "B".to_owned() } else { n.to_string() });
    format!("[{}]", each.collect::<Vec<_>>().join(", "))
}

/// A chain's type, on several lines if one is not enough.
fn wrapped(ty: &str, before: usize) -> String {
    let Some(inner) = ty.strip_prefix("Sequential![").and_then(|rest| rest.strip_suffix(']')) else { return ty.to_owned() };
    if before + ty.len() < WIDTH {
        return ty.to_owned();
    }
    let lines: String = split_outside(inner).into_iter().map(|layer| format!("    {layer},\n")).collect();
    format!("Sequential![\n{lines}]")
}

/// Parts that commas separate, outside of all brackets.
fn split_outside(text: &str) -> Vec<&str> {
    let (mut depth, mut start, mut parts) = (0i32, 0, vec![]);
    for (at, c) in text.char_indices() {
        match c {
            '<' | '[' | '(' => depth += 1,
            '>' | ']' | ')' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(text.get(start..at).unwrap_or_default().trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(text.get(start..).unwrap_or_default().trim());
    parts
}

/// `[[f32; 4]; 2]` for the sizes 2 and 4.
pub fn shape_type(dims: &[usize]) -> String {
    let texts: Vec<String> = dims.iter().map(usize::to_string).collect();
    nested("f32", &texts)
}

fn nested(elem: &str, dims: &[String]) -> String {
    dims.iter().rev().fold(elem.to_owned(), |ty, n| format!("[{ty}; {n}]"))
}

/// A number as Rust has it.
pub fn float(x: f32) -> String {
    use std::f32::consts::*;
    const KNOWN: [(f32, &str); 8] = [
        (PI, "PI"),
        (E, "E"),
        (SQRT_2, "SQRT_2"),
        (FRAC_1_SQRT_2, "FRAC_1_SQRT_2"),
        (LN_2, "LN_2"),
        (LN_10, "LN_10"),
        (LOG2_E, "LOG2_E"),
        (FRAC_PI_2, "FRAC_PI_2"),
    ];
    match x {
        x if x.is_nan() => "f32::NAN".to_owned(),
        f32::INFINITY => "f32::INFINITY".to_owned(),
        f32::NEG_INFINITY => "f32::NEG_INFINITY".to_owned(),
        x => match KNOWN.iter().find(|(known, _)| *known == x) {
            Some((_, name)) => format!("core::f32::consts::{name}"),
            None => format!("{x:?}"),
        },
    }
}

/// A layer or a part of the model, as a field's type.
struct Module {
    ty: String,
    tensors: Vec<Named>,
}

/// Something in a module that has a name.
#[derive(Clone)]
struct Field {
    /// What the struct calls it.
    ident: String,
    /// What files call it.
    name: String,
    ty: String,
    /// What it starts as, if not as its type does.
    value: Option<String>,
    tensors: Vec<Named>,
}

impl Field {
    fn is_settled(&self) -> bool {
        self.value.is_some()
    }

    /// The lines that declare it.
    fn declaration(&self) -> String {
        let mut settings = vec![];
        settings.extend((self.name != self.ident).then(|| format!("name = \"{}\"", self.name)));
        settings.extend(self.value.as_ref().map(|value| format!("value = {value}")));
        let attribute = if settings.is_empty() { String::new() } else { format!("    #[module({})]\n", settings.join(", ")) };
        let ty = wrapped(&self.ty, self.ident.len() + 11).replace('\n', "\n    ");
        format!("{attribute}    pub {}: {ty},\n", self.ident)
    }
}

struct Writer<'p> {
    program: &'p Program,
    types: Names,
    /// The structs: their names, what they are, and their text. An inner one stands before those that hold it.
    definitions: Vec<Definition>,
    /// The struct with such a text.
    known: HashMap<String, String>,
}

impl<'p> Writer<'p> {
    fn step(&self, index: usize) -> Option<&'p Step> {
        self.program.steps.get(index)
    }

    /// A part of the model: these steps, from these values to those.
    fn module(&mut self, steps: &[usize], depth: usize, inputs: &[Id], outputs: &[Id], name: &str, is_top: bool) -> Module {
        let units = units(self.program, steps, depth, outputs);
        match self.chain(&units, depth, inputs, outputs, name, is_top) {
            Some(module) => module,
            None => self.body(&units, depth, inputs, outputs, name),
        }
    }

    /// The layers one after the other, if that is what they are.
    fn chain(
        &mut self,
        units: &[Unit],
        depth: usize,
        inputs: &[Id],
        outputs: &[Id],
        name: &str,
        is_top: bool,
    ) -> Option<Module> {
        let ([input], [output]) = (inputs, outputs) else { return None };
        let mut at = *input;
        for unit in units {
            if unit.inputs != [at] || !self.is_layer(unit) || self.is_read_besides(unit, at) {
                return None;
            }
            at = unit.output;
        }
        if at != *output || units.is_empty() {
            return None;
        }
        let mut names = Names::of_fields();
        let fields: Vec<Field> = units.iter().map(|unit| self.field(unit, depth, name, &mut names)).collect();
        // What is one layer, and has no name of its own, is that.
        if let ([unit], [field], true) = (units, &fields[..], is_top)
            && unit.path.is_empty()
            && !field.is_settled()
        {
            return Some(Module { ty: field.ty.clone(), tensors: field.tensors.clone() });
        }
        let is_numbered =
            units.iter().zip(&fields).all(|(unit, field)| unit.key(depth).is_none_or(|_| field.name.parse::<u64>().is_ok()));
        if is_numbered && !fields.iter().any(Field::is_settled) && (units.len() > 1 || !is_top) {
            return Some(chained(&fields));
        }
        let what = about(self.program, inputs, outputs);
        Some(self.structure(name, fields, String::new(), &what))
    }

    /// Whether more than the next unit reads a value.
    fn is_read_besides(&self, next: &Unit, id: Id) -> bool {
        let readers = self.program.steps.iter().filter(|step| step.args.iter().any(|arg| arg.value() == Some(id)));
        let is_inside =
            |step: &Step| next.steps.iter().any(|&index| self.step(index).is_some_and(|own| own.output == step.output));
        self.program.outputs.contains(&id) || readers.into_iter().any(|step| !is_inside(step))
    }

    /// Whether a unit is something that a chain can hold.
    fn is_layer(&self, unit: &Unit) -> bool {
        match unit.steps[..] {
            [index] => match self.step(index).map(|step| &step.op) {
                Some(Op::Layer(_) | Op::Reshape) => true,
                Some(op) if self.is_last_step(op, unit) || self.is_transpose(op) => true,
                Some(Op::Unary { layer, .. }) => layer.is_some(),
                Some(Op::Softmax { .. }) => true,
                _ => false,
            },
            _ => true,
        }
    }

    /// Whether it takes the last of a batch's steps.
    fn is_last_step(&self, op: &Op, unit: &Unit) -> bool {
        let dims = unit.inputs.first().map_or(&[][..], |&id| self.program.dims(id));
        matches!((op, dims), (Op::Index { axis: 1, index }, [_, steps, _]) if index + 1 == *steps)
    }

    /// Whether it exchanges the last two axes.
    fn is_transpose(&self, op: &Op) -> bool {
        match op {
            Op::Transpose => true,
            Op::Permute(order) => {
                let moved: Vec<usize> = order.iter().enumerate().filter(|(i, axis)| i != *axis).map(|(i, _)| i).collect();
                moved == [order.len().wrapping_sub(2), order.len().wrapping_sub(1)]
            }
            _ => false,
        }
    }

    /// The field of a unit that is a layer or a part.
    fn field(&mut self, unit: &Unit, depth: usize, around: &str, names: &mut Names) -> Field {
        let made = match unit.steps[..] {
            [index] => self.step(index).and_then(|step| self.layer_field(step)),
            _ => None,
        };
        let (noun, ty, value, tensors) = made.unwrap_or_else(|| {
            let key = unit.key(depth).unwrap_or("part").to_owned();
            let module = self.module(&unit.steps, depth + 1, &unit.inputs, &[unit.output], &type_name(&key, around), false);
            (key, module.ty, None, module.tensors)
        });
        let path = unit.path.get(depth..).unwrap_or(&[]);
        let (ident, name) = names.field(path, &noun);
        Field { ident, name, ty, value, tensors }
    }

    /// A single layer: what to call it, its type, its value, its tensors.
    fn layer_field(&mut self, step: &Step) -> Option<(String, String, Option<String>, Vec<Named>)> {
        match &step.op {
            Op::Layer(layer) => Some((layer.noun.to_owned(), layer.ty.clone(), layer.value.clone(), layer.tensors.clone())),
            Op::Unary { layer: Some((ty, value)), .. } => Some((snake(ty), ty.clone(), value.clone(), vec![])),
            Op::Softmax { axis, log } => {
                let ty = if *log { "LogSoftmax" } else { "Softmax" };
                let is_last = axis + 1 == self.program.dims(step.output).len();
                let text = if is_last { ty.to_owned() } else { format!("{ty}<{axis}>") };
                Some((snake(ty), text, None, vec![]))
            }
            Op::Reshape => {
                let ty = self.reshape_type(step);
                Some((if ty.starts_with("Flatten") { "flatten" } else { "reshape" }.to_owned(), ty, None, vec![]))
            }
            Op::Index { .. } => Some(("last".to_owned(), "LastStep".to_owned(), None, vec![])),
            op if self.is_transpose(op) => Some(("transpose".to_owned(), "Transpose".to_owned(), None, vec![])),
            _ => None,
        }
    }

    /// `Flatten` or `Reshape`, which leave the leading dimensions alone.
    fn reshape_type(&self, step: &Step) -> String {
        let (from, to) = match step.args.first().and_then(Arg::value) {
            Some(x) => (self.program.dims(x), self.program.dims(step.output)),
            None => (&[][..], self.program.dims(step.output)),
        };
        let shared = common(from, to).min(from.len().saturating_sub(1)).min(to.len().saturating_sub(1));
        let (tail, count) = (to.split_at(shared.min(to.len())).1, from.len() - shared);
        match (tail, count) {
            ([_], 3) => "Flatten".to_owned(),
            ([_], n) if n > 1 => format!("Flatten<-{n}>"),
            (tail, 1) => format!("Reshape<{}>", shape_type(tail)),
            (tail, n) => format!("Reshape<{}, -{n}>", shape_type(tail)),
        }
    }

    /// A struct of these fields, with a forward pass unless it chains them.
    fn structure(&mut self, name: &str, fields: Vec<Field>, body: String, what: &str) -> Module {
        let tensors = fields.iter().flat_map(|field| {
            field.tensors.iter().map(|(name, tensor)| {
                let name = if name.is_empty() { field.name.clone() } else { format!("{}.{name}", field.name) };
                (name, Rc::clone(tensor))
            })
        });
        let tensors = tensors.collect();
        let declared: String = fields.iter().map(Field::declaration).collect();
        // A struct whose fields are all layers would be chained; its own forward pass says otherwise by itself.
        let text = |name: &str| {
            let open = if declared.is_empty() {
                format!("pub struct {name} {{}}\n")
            } else {
                format!("pub struct {name} {{\n{declared}}}\n")
            };
            format!("#[derive(Module, Clone, Copy, PartialEq, Debug)]\n{open}{}", body.replace("@NAME", name))
        };
        let anonymous = text("@NAME");
        let ty = match self.known.get(&anonymous) {
            Some(known) => known.clone(),
            None => {
                let ty = if self.definitions.is_empty() && self.types.is_last(name) {
                    name.to_owned()
                } else {
                    self.types.take_unless_reserved(name)
                };
                self.definitions.push((ty.clone(), what.to_owned(), text(&ty)));
                self.known.insert(anonymous, ty.clone());
                ty
            }
        };
        Module { ty, tensors }
    }

    /// A value's type.
    fn tensor_type(&self, id: Id) -> String {
        let Some(value) = self.program.values.get(id) else { return String::new() };
        let dims: Vec<String> = value
            .dims
            .iter()
            .enumerate()
            .map(|(axis, n)| if value.batch == Some(axis) { "B".to_owned() } else { n.to_string() })
            .collect();
        match (value.is_index, dims.len()) {
            (true, _) => format!("&Tensor<{}>", nested("i64", &dims)),
            (false, 1..=4) => format!("Tensor{}<{}>", dims.len(), dims.join(", ")),
            _ => format!("Tensor<{}>", nested("f32", &dims)),
        }
    }

    fn is_generic(&self) -> bool {
        self.program.inputs.iter().any(|&id| self.program.values.get(id).is_some_and(|value| value.batch.is_some()))
    }
}

/// A chain whose layers are known by their places, or an array if they are all the same.
fn chained(fields: &[Field]) -> Module {
    let first = fields.first().map(|field| field.ty.clone()).unwrap_or_default();
    let is_array = fields.len() > 1 && fields.iter().all(|field| field.ty == first) && !first.starts_with("Sequential!");
    let types: Vec<&str> = fields.iter().map(|field| field.ty.as_str()).collect();
    let ty = match is_array {
        true => format!("[{first}; {}]", fields.len()),
        false => format!("Sequential![{}]", types.join(", ")),
    };
    let tensors = fields.iter().enumerate().flat_map(|(index, field)| {
        field.tensors.iter().map(move |(name, tensor)| (format!("{index}.{name}"), Rc::clone(tensor)))
    });
    Module { ty, tensors: tensors.collect() }
}

/// Names of fields that are taken, with a count of each noun.
type Taken = HashSet<String>;
