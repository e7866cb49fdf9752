//! The forward pass as a list of steps in A-normal form: each step gives one value to operands that have names.
//!
//! `walk.rs` asks what steps are made of, `place.rs` is where fields of the layer are, `tokens.rs` places tokens in the source.

mod place;
mod tokens;
mod walk;

use proc_macro2::{Ident, Span, TokenStream};
use syn::Type;

pub use place::{Callee, Marked, Part, Place};
pub use tokens::{changed, respanned, tuple};
pub use walk::Flow;

/// The number of a value that a gradient may flow to.
pub type Var = usize;

/// What is known of a value.
pub struct VarInfo {
    /// Its name in the emitted code, after the user's.
    pub name: Ident,
    /// The name of its gradient.
    pub grad: Ident,
    /// The type, where the user wrote it.
    pub ty: Option<Type>,
}

/// Where an argument is found, and what is done with it.
pub struct Bound {
    /// Its name: of a value, or of a constant.
    pub name: Ident,
    /// The value, if a gradient flows to it.
    pub var: Option<Var>,
    /// Where its type is written.
    pub span: Span,
}

/// The function as steps.
pub struct Lowered {
    pub vars: Vec<VarInfo>,
    pub arguments: Vec<Bound>,
    pub program: Program,
    /// The output's type.
    pub output: Type,
}

/// Steps, then one end.
pub struct Program {
    pub steps: Vec<Step>,
    pub end: End,
}

pub enum End {
    /// The function returns.
    Return(Output),
    /// An iteration of a loop ends with these values of the carried variables.
    Carry(Vec<Operand>),
    /// The rest of the function, once for each branch.
    If(Choice),
}

/// A condition and the two ways on.
pub struct Choice {
    pub cond: TokenStream,
    pub then: Box<Program>,
    pub otherwise: Box<Program>,
}

/// What is returned: a value or a tuple of such.
pub enum Output {
    One(Operand),
    Tuple(Vec<Output>),
}

pub enum Step {
    /// An item of the function's body.
    Item(TokenStream),
    /// `let name: ty = value;` of a constant.
    Constant(TokenStream),
    Apply(Apply),
    Pack(Pack),
    Project(Project),
    Detach(Detach),
    Call(Call),
    Loop(Loop),
}

/// An operation on operands.
pub struct Apply {
    pub out: Var,
    pub op: Operation,
    pub operands: Vec<Operand>,
    pub reads: Reads,
    pub span: Span,
}

/// Several values as an array.
pub struct Pack {
    pub out: Var,
    pub operands: Vec<Operand>,
}

/// A component of a tuple.
pub struct Project {
    pub out: Var,
    pub of: Operand,
    pub index: usize,
}

/// The same value, through which no gradient flows.
pub struct Detach {
    pub out: Var,
    pub of: Operand,
}

/// A layer, or a function with `#[forward]`.
pub struct Call {
    pub out: Var,
    pub layer: Callee,
    /// The name of what is called.
    pub name: Ident,
    pub input: Input,
    pub site: usize,
    /// The name of what the layer's gradients carried before the call.
    pub mark: Ident,
    pub span: Span,
}

/// What the backward pass of an operation reads.
#[derive(Clone, Copy, PartialEq)]
pub enum Reads {
    /// Neither its first operand nor its output.
    Little,
    /// Its operands.
    Operands,
    /// Its output, too.
    Output,
}

/// An operation's value.
pub struct Operation {
    /// Its name in the emitted code.
    pub name: Ident,
    /// What makes it.
    pub make: TokenStream,
    /// Whether its type may follow from that of its output.
    pub inferred: bool,
}

/// `for index in range { … }`
pub struct Loop {
    pub index: TokenStream,
    /// `start..end`
    pub range: TokenStream,
    pub start: TokenStream,
    /// So many states are kept.
    pub end: TokenStream,
    pub carried: Vec<Carried>,
    pub body: Program,
    /// The name of the array of what the gradients of [`marked`](Self::marked) layers carried at the start of each iteration.
    pub marks: Ident,
    pub span: Span,
}

/// A variable that a loop carries from one iteration to the next.
pub struct Carried {
    pub init: Operand,
    /// The value at the start of an iteration.
    pub inner: Var,
    /// The value after the loop.
    pub out: Var,
    /// The name of the array of the values at the start of each iteration.
    pub saved: Ident,
}

#[derive(Clone)]
pub enum Operand {
    Var(Var),
    /// A field of the layer; its gradient goes to the same field of the gradients.
    Field(Place),
    /// A constant: an expression that may be written several times.
    Constant(TokenStream),
}

/// What a layer takes.
pub enum Input {
    One(Operand),
    Tuple(Vec<Operand>),
}
