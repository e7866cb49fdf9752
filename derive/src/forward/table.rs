//! The operations that `#[forward]` knows as methods.
//!
//! A method `some_name` stands for the operation `::adamant::ops::SomeName`. An operation of one tensor implements `Function`,
//! one of two `Function2`. What is no operand is a setting and goes to `SomeName::new(settings…)`; generic arguments are
//! carried over: `x.sum_axis::<1>()` is `SumAxis::<1>::new()`. To add an operation, add a line.

use super::steps::Reads::{self, Little, Output};

/// A method that stands for an operation.
pub struct Method {
    pub name: &'static str,
    /// The operation's name, where it is not the method's in camel case.
    named: Option<&'static str>,
    /// Which of the method's arguments is the second operand.
    pub second: Option<usize>,
    /// What its backward pass reads.
    pub reads: Reads,
    /// Whether its generic arguments may be left to the compiler, which finds them where the value is used.
    pub inferred: bool,
}

impl Method {
    /// The operation's name.
    pub fn operation(&self) -> String {
        self.named.map_or_else(|| camel_case(self.name), String::from)
    }

    const fn named(self, name: &'static str) -> Self {
        Self { named: Some(name), ..self }
    }

    const fn inferred(self) -> Self {
        Self { inferred: true, ..self }
    }

    const fn reads(self, reads: Reads) -> Self {
        Self { reads, ..self }
    }
}

const fn one(name: &'static str) -> Method {
    Method { name, named: None, second: None, reads: Reads::Operands, inferred: false }
}

const fn two(name: &'static str, second: usize) -> Method {
    Method { name, named: None, second: Some(second), reads: Reads::Operands, inferred: false }
}

pub const METHODS: &[Method] = &[
    one("neg").reads(Little),
    one("abs"),
    one("square"),
    one("powi"),
    one("sqrt"),
    one("rsqrt"),
    one("recip"),
    one("exp"),
    one("ln"),
    one("ln_1p"),
    one("sin"),
    one("cos"),
    one("tanh").reads(Output),
    one("sigmoid").reads(Output),
    one("powf"),
    one("clamp"),
    one("relu"),
    one("relu6"),
    one("leaky_relu"),
    one("elu"),
    one("celu"),
    one("selu"),
    one("gelu"),
    one("gelu_tanh"),
    one("silu"),
    one("mish"),
    one("softplus"),
    one("softsign"),
    one("tanhshrink"),
    one("hardtanh"),
    one("hardsigmoid"),
    one("hardswish"),
    one("logsigmoid").named("LogSigmoid"),
    two("maximum", 0),
    two("minimum", 0),
    one("sum").reads(Little),
    one("mean").reads(Little),
    one("var"),
    one("var_population"),
    one("std"),
    one("max"),
    one("min"),
    one("norm"),
    one("logsumexp").named("LogSumExp").reads(Output),
    one("sum_axis").reads(Little),
    one("mean_axis").reads(Little),
    one("var_axis"),
    one("var_population_axis"),
    one("std_axis"),
    one("max_axis"),
    one("min_axis"),
    one("norm_axis"),
    one("logsumexp_axis").named("LogSumExpAxis").reads(Output),
    one("softmax").reads(Output),
    one("log_softmax").reads(Output),
    two("add_bias", 0).reads(Little).inferred(),
    two("matmul", 0).named("MatMul"),
    two("dot", 0),
    two("outer", 0),
    one("transpose").reads(Little),
    one("swap_axes").reads(Little),
    one("permute").reads(Little),
    one("reshape").reads(Little).inferred(),
    one("flatten").reads(Little).inferred(),
    one("expand").reads(Little),
    one("insert_axis").reads(Little),
    one("remove_axis").reads(Little),
    one("slice").reads(Little),
    one("split").reads(Little).inferred(),
    two("concat", 0).reads(Little),
    two("stack2", 0).reads(Little),
    two("select", 1).reads(Little),
    one("masked_fill").reads(Little),
    two("gather", 0).reads(Little),
    one("row").reads(Little),
    two("with_row", 1).reads(Little),
];

/// The operation of a method.
pub fn method(name: &str) -> Option<&'static Method> {
    METHODS.iter().find(|m| m.name == name)
}

/// The known method that is spelled most like `name`, if one is.
pub fn similar(name: &str) -> Option<&'static str> {
    let near = METHODS.iter().map(|m| (distance(name, m.name), m.name)).min()?;
    (near.0 * 3 < name.len()).then_some(near.1)
}

/// How many letters must change, come or go (V. Levenshtein, 1965).
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.bytes().enumerate() {
            let replaced = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

/// `some_name` as `SomeName`.
fn camel_case(name: &str) -> String {
    let words = name.split('_');
    words
        .flat_map(|word| {
            let mut letters = word.chars();
            letters.next().map(|first| first.to_uppercase().chain(letters)).into_iter().flatten()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        assert_eq!(camel_case("sum_axis"), "SumAxis");
        assert_eq!(camel_case("ln_1p"), "Ln1p");
        assert_eq!(similar("sqare"), Some("square"));
        assert_eq!(similar("convolve"), None);
    }
}
