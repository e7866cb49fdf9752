//! What names mean.

use std::collections::HashSet;

use proc_macro2::{Ident, Span, TokenStream};

use super::names::{LOCALS, of_value};
use super::steps::{Place, Var};

/// What an expression stands for.
#[derive(Clone)]
pub enum Value {
    /// A value that a gradient may flow to.
    Var(Var),
    /// A field of the layer, and whether it is lent (`&self.weight`).
    Field(Place, bool),
    /// A constant.
    Constant(TokenStream),
    Tuple(Vec<Value>),
    /// What could not be understood; the error is noted.
    Error,
}

#[derive(Clone)]
pub struct Scope {
    blocks: Vec<Vec<(String, Value)>>,
    /// Names of values and of their gradients in the emitted code.
    values: HashSet<String>,
    /// Names of constants in the emitted code.
    constants: HashSet<String>,
}

impl Scope {
    pub fn new() -> Self {
        Self { blocks: vec![vec![]], values: LOCALS.map(String::from).into(), constants: HashSet::new() }
    }

    pub fn enter(&mut self) {
        self.blocks.push(vec![]);
    }

    pub fn depth(&self) -> usize {
        self.blocks.len()
    }

    pub fn leave(&mut self, blocks: usize) {
        self.blocks.truncate(self.blocks.len() - blocks);
    }

    pub fn get(&self, name: &str) -> Option<&Value> {
        self.blocks.iter().rev().find_map(|block| block.iter().rev().find(|(n, _)| n == name)).map(|(_, value)| value)
    }

    pub fn declare(&mut self, name: &Ident, value: Value) {
        if let Some(block) = self.blocks.last_mut() {
            block.push((name.to_string(), value));
        }
    }

    /// Gives a variable another value where it was declared. Returns whether there is such a variable.
    pub fn assign(&mut self, name: &str, value: Value) -> bool {
        let mut all = self.blocks.iter_mut().rev().flat_map(|block| block.iter_mut().rev());
        let found = all.find(|(n, _)| n == name);
        found.map(|(_, old)| *old = value).is_some()
    }

    /// A name for a value that the emitted code has not used: the user's, or that with a number.
    pub fn value_name(&mut self, wanted: &str) -> Ident {
        let wanted = wanted.trim_start_matches("r#");
        let mut name = wanted.to_string();
        let mut number = 2;
        while self.values.contains(&name) || self.values.contains(&format!("d_{name}")) {
            name = format!("{wanted}{number}");
            number += 1;
        }
        self.values.insert(format!("d_{name}"));
        self.values.insert(name.clone());
        of_value(&name)
    }

    /// A name for what makes a value, at `span`: what the compiler says of it is said of the user's own code.
    pub fn step_name(&mut self, span: Span, wanted: &str) -> Ident {
        let mut name = self.value_name(&format!("__{}", wanted.trim_start_matches("r#")));
        name.set_span(span);
        name
    }

    /// The same for a constant, which keeps the user's own name where it can.
    pub fn constant_name(&mut self, wanted: &Ident) -> Ident {
        if self.constants.insert(wanted.to_string()) {
            return wanted.clone();
        }
        let wanted = wanted.to_string();
        let wanted = wanted.trim_start_matches("r#");
        let mut numbered = (2..).map(|number| format!("{wanted}{number}"));
        let name = numbered.find(|name| !self.values.contains(name) && self.constants.insert(name.clone()));
        let name = name.unwrap_or_default();
        self.values.insert(name.clone());
        of_value(&name)
    }
}
