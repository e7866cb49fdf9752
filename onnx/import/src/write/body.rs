//! A forward pass as a person would write it: what is read once stands where it is read, everything else has a name.

use std::collections::HashMap;
use std::rc::Rc;

use super::{Field, Module, Names, Unit, WIDTH, Writer, about, float, ident, shape_type};
use crate::batch::common;
use crate::graph::parts;
use crate::ir::{Arg, Id, Op, Step};
use crate::tensor::Tensor;

/// How long a chain of calls may be on one line, and what `let` makes a variable of: as `rustfmt` would have it.
const CHAIN: usize = 60;
const LINE: usize = 78;

/// How tightly an expression holds together.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Binding {
    Sum,
    Product,
    Negative,
    Call,
}

/// An expression.
#[derive(Clone, Debug)]
struct Expr {
    text: String,
    binding: Binding,
    /// Whether it is a field.
    is_field: bool,
    /// Whether it is a parameter, which is only lent.
    is_lent: bool,
    /// The variables in it.
    vars: Vec<Id>,
}

impl Expr {
    fn inside(&self, least: Binding) -> String {
        let text = if self.is_lent { format!("&{}", self.text) } else { self.text.clone() };
        if self.binding >= least { text } else { format!("({text})") }
    }

    /// As what a method is called of.
    fn receiver(&self) -> String {
        if self.binding == Binding::Call { self.text.clone() } else { format!("({})", self.text) }
    }

    /// As what a method is lent.
    fn lent(&self) -> String {
        format!("&{}", self.receiver())
    }
}

/// The lines so far.
struct Body {
    /// How many names of modules stand before those of its own.
    depth: usize,
    lines: Vec<String>,
    fields: Vec<Field>,
    names: Names,
    /// The fields of tensors.
    tensors: HashMap<*const Tensor, String>,
    variables: HashMap<Id, String>,
    /// Expressions that have no name yet.
    pending: HashMap<Id, Expr>,
    /// How often each value is still read here.
    left: HashMap<Id, usize>,
}

/// What variables are called.
const NAMES: [&str; 8] = ["x", "h", "y", "z", "u", "v", "w", "s"];

impl Writer<'_> {
    /// A struct with a forward pass of its own.
    pub(super) fn body(&mut self, units: &[Unit], depth: usize, inputs: &[Id], outputs: &[Id], name: &str) -> Module {
        let mut body = Body {
            depth,
            lines: vec![],
            fields: vec![],
            names: Names::of_fields(),
            tensors: HashMap::new(),
            variables: HashMap::new(),
            pending: HashMap::new(),
            left: HashMap::new(),
        };
        for id in self.reads(units).into_iter().chain(outputs.iter().copied()) {
            *body.left.entry(id).or_default() += 1;
        }
        let arguments = self.arguments(&mut body, inputs, depth == 0);
        for unit in units {
            let expr = self.unit(&mut body, unit, depth, name);
            body.keep(unit.output, expr);
        }
        if outputs.len() > 1 {
            body.fit(outputs, 2 * outputs.len(), CHAIN);
        }
        let results: Vec<String> = outputs.iter().map(|&id| body.take(id).inside(Binding::Sum)).collect();
        let result = if let [one] = &results[..] { one.clone() } else { format!("({})", results.join(", ")) };
        // What has a name for the last line alone needs none.
        match body.lines.last().and_then(|line| line.strip_prefix(&format!("let {result} = "))?.strip_suffix(';')) {
            Some(expr) => {
                let expr = expr.to_owned();
                body.lines.pop();
                body.lines.push(expr);
            }
            None => body.lines.push(result),
        }
        let types: Vec<String> = outputs.iter().map(|&id| self.tensor_type(id)).collect();
        let output = if let [one] = &types[..] { one.clone() } else { format!("({})", types.join(", ")) };
        let text = self.function(&arguments, &output, &body.lines, inputs.iter().chain(outputs));
        let what = about(self.program, inputs, outputs);
        self.structure(name, body.fields, text, &what)
    }

    /// The values that units read, a single step's as often as it does.
    fn reads(&self, units: &[Unit]) -> Vec<Id> {
        let each = units.iter().flat_map(|unit| match unit.steps[..] {
            [index] => self.step(index).map(|step| step.args.iter().filter_map(Arg::value).collect()).unwrap_or_default(),
            _ => unit.inputs.clone(),
        });
        each.collect()
    }

    /// The arguments' names and types.
    fn arguments(&self, body: &mut Body, inputs: &[Id], is_top: bool) -> Vec<(String, String)> {
        let mut taken = Names::of_fields();
        let mut arguments = vec![];
        for (index, &id) in inputs.iter().enumerate() {
            let given = self.program.values.get(id).map(|value| value.name.as_str()).unwrap_or_default();
            let name = match inputs.len() {
                1 => "x".to_owned(),
                _ if is_top => ident(given),
                _ => NAMES.get(index).map_or_else(|| format!("x{index}"), |name| (*name).to_owned()),
            };
            let (name, _) = taken.field(&[], &name);
            body.variables.insert(id, name.clone());
            arguments.push((name, self.tensor_type(id)));
        }
        arguments
    }

    fn function<'i>(
        &self,
        arguments: &[(String, String)],
        output: &str,
        lines: &[String],
        values: impl Iterator<Item = &'i Id>,
    ) -> String {
        let mut values = values.filter_map(|&id| self.program.values.get(id));
        let generic = if values.any(|value| value.batch.is_some()) { "<const B: usize>" } else { "" };
        let list: Vec<String> = arguments.iter().map(|(name, ty)| format!("{name}: {ty}")).collect();
        let head = head(generic, &list, output);
        let body: String = lines.iter().map(|line| format!("        {line}\n")).collect();
        format!("\n#[forward]\nimpl @NAME {{\n{head}\n{body}    }}\n}}\n")
    }

    /// The expression of a unit.
    fn unit(&mut self, body: &mut Body, unit: &Unit, depth: usize, around: &str) -> Expr {
        match unit.steps[..] {
            [index] => match self.step(index) {
                Some(step) if !self.needs_field(step) => self.method(body, step),
                _ => self.call(body, unit, depth, around),
            },
            _ => self.call(body, unit, depth, around),
        }
    }

    /// Whether a step is a layer that has to be a field. An activation is written as a method.
    fn needs_field(&self, step: &Step) -> bool {
        match step.op {
            Op::Layer(_) => true,
            Op::Reshape => self.is_generic(),
            _ => false,
        }
    }

    /// `self.layer.forward(x)`.
    fn call(&mut self, body: &mut Body, unit: &Unit, depth: usize, around: &str) -> Expr {
        let shared = self.shared(body, unit);
        let field = shared.unwrap_or_else(|| self.field(unit, depth, around, &mut body.names));
        let (mut texts, mut vars) = (vec![], vec![]);
        unit.inputs.iter().for_each(|&id| body.name_calls(id));
        body.fit(&unit.inputs, field.ident.len() + 15 + 2 * unit.inputs.len(), CHAIN);
        for &id in &unit.inputs {
            let argument = body.take(id);
            vars.extend(argument.vars.iter().copied());
            texts.push(argument.inside(Binding::Sum));
        }
        let text = format!("self.{}.forward({})", field.ident, texts.join(", "));
        if !body.fields.iter().any(|other| other.ident == field.ident) {
            body.fields.push(field);
        }
        Expr { text, binding: Binding::Call, is_field: false, is_lent: false, vars }
    }

    /// A field that does the same: one that reshapes, and has nothing of its own.
    fn shared(&self, body: &Body, unit: &Unit) -> Option<Field> {
        let [index] = unit.steps[..] else { return None };
        let step = self.step(index).filter(|step| matches!(step.op, Op::Reshape))?;
        let ty = self.reshape_type(step);
        body.fields.iter().find(|field| field.ty == ty).cloned()
    }

    /// A method or an operator.
    fn method(&self, body: &mut Body, step: &Step) -> Expr {
        let out = self.program.dims(step.output);
        let dims = step.args.first().and_then(Arg::value).map_or(&[][..], |id| self.program.dims(id));
        let values: Vec<Id> = step.args.iter().filter_map(Arg::value).collect();
        let call = |body: &mut Body, method: String| {
            body.fit(&values, method.len() + 3, CHAIN);
            let x = body.argument(step, 0);
            Expr {
                text: format!("{}.{method}", x.receiver()),
                binding: Binding::Call,
                is_field: false,
                is_lent: false,
                vars: x.vars,
            }
        };
        let with = |body: &mut Body, method: &str| {
            body.fit(&values, method.len() + 6 + lent_fields(step), CHAIN);
            let (a, b) = (body.argument(step, 0), body.argument(step, 1));
            let text = format!("{}.{method}({})", a.receiver(), b.lent());
            Expr { text, binding: Binding::Call, is_field: false, is_lent: false, vars: [a.vars, b.vars].concat() }
        };
        match &step.op {
            Op::Field => body.argument(step, 0),
            Op::Unary { method, .. } => call(body, method.clone()),
            Op::Negate => {
                let x = body.argument(step, 0);
                Expr {
                    text: format!("-{}", x.inside(Binding::Call)),
                    binding: Binding::Negative,
                    is_field: false,
                    is_lent: false,
                    vars: x.vars,
                }
            }
            Op::Infix(sign) => {
                body.fit(&values, 7 + lent_fields(step), LINE);
                let (a, b) = (body.argument(step, 0), body.argument(step, 1));
                infix(*sign, &a, &b, step.args.get(1).and_then(Arg::number))
            }
            Op::Choose(method) => with(body, method),
            Op::MatMul => with(body, "matmul"),
            Op::Transpose => call(body, "transpose()".to_owned()),
            Op::Permute(order) => call(body, permutation(order)),
            Op::Reshape => call(body, reshaping(dims, out)),
            Op::Insert(axis) => call(body, format!("insert_axis::<{}>()", along(*axis, out.len()))),
            Op::Remove(axis) => call(body, format!("remove_axis::<{}>()", along(*axis, dims.len()))),
            Op::Expand(axis) => {
                let is_batch = self.program.values.get(step.output).is_some_and(|value| value.batch == Some(*axis));
                let n = if is_batch { "B".to_owned() } else { out.get(*axis).map(usize::to_string).unwrap_or_default() };
                call(body, format!("expand::<{}, {n}>()", along(*axis, out.len())))
            }
            Op::Slice { axis, start } => {
                let len = out.get(*axis).copied().unwrap_or_default();
                call(body, format!("slice::<{}, {start}, {len}>()", along(*axis, out.len())))
            }
            Op::Index { axis: 0, index } => call(body, format!("row({index})")),
            Op::Index { axis, index } => {
                let axis = along(*axis, dims.len());
                call(body, format!("slice::<{axis}, {index}, 1>().remove_axis::<{axis}>()"))
            }
            Op::Concat(axis) => with(body, &format!("concat::<{}, _>", along(*axis, out.len()))),
            Op::Reduce { method, axis } => call(body, format!("{method}::<{}>()", along(*axis, dims.len()))),
            Op::Softmax { axis, log } => {
                let name = if *log { "log_softmax" } else { "softmax" };
                call(body, format!("{name}::<{}>()", along(*axis, out.len())))
            }
            Op::Layer(_) | Op::Pad { .. } | Op::Compare | Op::Where => body.argument(step, 0),
        }
    }
}

/// The line that opens a forward pass, or several.
fn head(generic: &str, arguments: &[String], output: &str) -> String {
    let one_line = format!("    pub fn forward{generic}(&self, {}) -> {output} {{", arguments.join(", "));
    if one_line.len() <= WIDTH {
        return one_line;
    }
    let each: String = arguments.iter().map(|argument| format!("        {argument},\n")).collect();
    format!("    pub fn forward{generic}(\n        &self,\n{each}    ) -> {output} {{")
}

/// How long what a step takes is that is no value: fields and numbers.
fn lent_fields(step: &Step) -> usize {
    let len = |arg: &Arg| match arg {
        Arg::Value(_) => 0,
        Arg::Number(n) => float(*n).len(),
        Arg::Tensor(..) => 16,
    };
    step.args.iter().map(len).sum()
}

/// An axis as it is written: the last one is −1, and others count from the outermost.
fn along(axis: usize, rank: usize) -> String {
    if axis + 1 == rank && rank > 1 { "-1".to_owned() } else { axis.to_string() }
}

fn permutation(order: &[usize]) -> String {
    let moved: Vec<usize> = order.iter().enumerate().filter(|(i, axis)| i != *axis).map(|(i, _)| i).collect();
    match moved[..] {
        [a, b] if b + 1 == order.len() && a + 1 == b => "transpose()".to_owned(),
        [a, b] => format!("swap_axes::<{a}, {b}>()"),
        _ => format!("permute::<{}>()", order.iter().map(usize::to_string).collect::<Vec<_>>().join(", ")),
    }
}

fn reshaping(from: &[usize], to: &[usize]) -> String {
    match to {
        [_] if common(from, to) == 0 => "flatten()".to_owned(),
        _ => format!("reshape::<{}>()", shape_type(to)),
    }
}

/// `a + b`; a negative number on the right changes the sign.
fn infix(sign: char, a: &Expr, b: &Expr, number: Option<f32>) -> Expr {
    let (sign, right) = match (sign, number) {
        ('+', Some(n)) if n < 0.0 => ('-', Some(float(-n))),
        ('-', Some(n)) if n < 0.0 => ('+', Some(float(-n))),
        _ => (sign, None),
    };
    let (own, next) = match sign {
        '+' | '-' => (Binding::Sum, Binding::Product),
        _ => (Binding::Product, Binding::Negative),
    };
    // What stands on the right of a minus or of a division needs brackets; of what commutes, too, so that the order of sums stays.
    let right = right.unwrap_or_else(|| b.inside(next));
    Expr {
        text: format!("{} {sign} {right}", a.inside(own)),
        binding: own,
        is_field: false,
        is_lent: false,
        vars: [a.vars.clone(), b.vars.clone()].concat(),
    }
}

impl Body {
    /// A value as an expression, once less to be read.
    fn take(&mut self, id: Id) -> Expr {
        if let Some(left) = self.left.get_mut(&id) {
            *left = left.saturating_sub(1);
        }
        match self.pending.remove(&id) {
            Some(expr) => expr,
            None => {
                let text = self.variables.get(&id).cloned().unwrap_or_default();
                Expr { text, binding: Binding::Call, is_field: false, is_lent: false, vars: vec![id] }
            }
        }
    }

    /// What a step is applied to.
    fn argument(&mut self, step: &Step, index: usize) -> Expr {
        match step.args.get(index) {
            Some(Arg::Value(id)) => self.take(*id),
            Some(Arg::Number(n)) => {
                let binding = if *n < 0.0 { Binding::Negative } else { Binding::Call };
                Expr { text: float(*n), binding, is_field: false, is_lent: false, vars: vec![] }
            }
            Some(Arg::Tensor(tensor, name)) => {
                let text = format!("self.{}", self.tensor(tensor, name.as_deref()));
                Expr { text, binding: Binding::Call, is_field: true, is_lent: name.is_some(), vars: vec![] }
            }
            None => Expr { text: String::new(), binding: Binding::Call, is_field: false, is_lent: false, vars: vec![] },
        }
    }

    /// The field of a tensor: a parameter where it has a name, else one that is saved and not trained.
    fn tensor(&mut self, tensor: &Rc<Tensor>, name: Option<&str>) -> String {
        if let Some(ident) = self.tensors.get(&Rc::as_ptr(tensor)) {
            return ident.clone();
        }
        let noun = match () {
            _ if tensor.floats().is_ok_and(|values| values.contains(&f32::NEG_INFINITY)) => "mask",
            _ => "constant",
        };
        let path = name
            .map(|name| {
                let parts = parts(name);
                let own = self.depth.min(parts.len().saturating_sub(1));
                parts.split_at(own).1.to_vec()
            })
            .unwrap_or_default();
        let (ident, file) = self.names.field(&path, noun);
        let kind = if name.is_some() { "Param" } else { "Tensor" };
        let ty = format!("{kind}<{}>", shape_type(&tensor.dims));
        let tensors = vec![(String::new(), Rc::clone(tensor))];
        self.fields.push(Field { ident: ident.clone(), name: file, ty, value: None, tensors });
        self.tensors.insert(Rc::as_ptr(tensor), ident.clone());
        ident
    }

    /// Gives what a layer is called with a name, if it calls a layer itself.
    fn name_calls(&mut self, id: Id) {
        if self.pending.get(&id).is_some_and(|expr| expr.text.contains(".forward(")) {
            self.bind(id);
        }
    }

    /// Gives what an expression is made of names until it is no longer than `limit`, the longest part first.
    fn fit(&mut self, ids: &[Id], more: usize, limit: usize) {
        loop {
            let parts = ids.iter().map(|id| self.pending.get(id).map_or(1, |expr| expr.text.len()));
            if more + parts.sum::<usize>() <= limit {
                return;
            }
            let of = |id: &Id| self.pending.get(id).filter(|expr| !expr.is_field).map(|expr| (expr.text.len(), *id));
            match ids.iter().filter_map(of).max().filter(|(len, _)| *len > 2) {
                Some((_, id)) => self.bind(id),
                None => return,
            }
        }
    }

    /// Remembers what a value is, or names it where it is read more than once.
    fn keep(&mut self, id: Id, expr: Expr) {
        let is_long = expr.binding != Binding::Call && expr.text.len() > LINE;
        self.pending.insert(id, expr);
        let reads = self.left.get(&id).copied().unwrap_or(0);
        if reads != 1 || is_long {
            self.bind(id);
        }
    }

    /// Gives a value a name: that of one that is not read any more, if there is such a one.
    fn bind(&mut self, id: Id) {
        let Some(expr) = self.pending.remove(&id) else { return };
        if expr.is_field && expr.vars.is_empty() {
            // A field has a name.
            self.pending.insert(id, expr);
            return;
        }
        let is_free = |name: &str| {
            self.variables.iter().filter(|(_, own)| *own == name).all(|(holder, _)| {
                let is_read = self.left.get(holder).copied().unwrap_or(0) > 0;
                !is_read && !self.pending.values().any(|other| other.vars.contains(holder))
            })
        };
        let names = NAMES.iter().map(|name| (*name).to_owned()).chain((2..).map(|n| format!("x{n}")));
        let name = names.into_iter().find(|name| is_free(name)).unwrap_or_default();
        self.variables.retain(|_, own| *own != name);
        self.lines.push(format!("let {name} = {};", expr.inside(Binding::Sum)));
        self.variables.insert(id, name);
    }
}
