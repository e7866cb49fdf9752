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

/// PyTorch's names of methods, and what to write here.
const INSTEAD: &[(&str, &str)] = &[
    ("view", "x.reshape::<[[f32; 2]; 3]>()"),
    ("unsqueeze", "x.insert_axis::<0>()"),
    ("squeeze", "x.remove_axis::<0>()"),
    ("log", "x.ln()"),
    ("log1p", "x.ln_1p()"),
    ("pow", "x.powi(2)` or `x.powf(0.5)"),
    ("mm", "a.matmul(&b)"),
    ("bmm", "a.matmul(&b)"),
    ("t", "x.transpose()"),
    ("cat", "a.concat::<0, _>(&b)"),
    ("chunk", "x.split::<0, 2, 2>()"),
    ("narrow", "x.slice::<0, 1, 2>()"),
    ("amax", "x.max_axis::<0>()"),
    ("amin", "x.min_axis::<0>()"),
    ("repeat", "x.expand::<0, 4>()"),
    ("index_select", "x.gather(&indices)"),
    ("reciprocal", "x.recip()"),
    ("clip", "x.clamp(0.0, 1.0)"),
    ("add", "a + &b"),
    ("sub", "a - &b"),
    ("mul", "a * &b"),
    ("div", "a / &b"),
];

/// What to write instead of a method that has this name in PyTorch.
pub fn instead(name: &str) -> Option<&'static str> {
    INSTEAD.iter().find(|(theirs, _)| *theirs == name).map(|(_, ours)| *ours)
}

/// Methods along axes, which are constants in angle brackets: how each is written with `AXIS` in the place of the first argument.
const ALONG: &[(&str, &str)] = &[
    ("softmax", "softmax::<AXIS>()"),
    ("log_softmax", "log_softmax::<AXIS>()"),
    ("sum", "sum_axis::<AXIS>()"),
    ("mean", "mean_axis::<AXIS>()"),
    ("var", "var_axis::<AXIS>()"),
    ("std", "std_axis::<AXIS>()"),
    ("max", "max_axis::<AXIS>()"),
    ("min", "min_axis::<AXIS>()"),
    ("norm", "norm_axis::<AXIS>()"),
    ("logsumexp", "logsumexp_axis::<AXIS>()"),
    ("insert_axis", "insert_axis::<AXIS>()"),
    ("remove_axis", "remove_axis::<AXIS>()"),
    ("expand", "expand::<AXIS, 4>()"),
    ("slice", "slice::<AXIS, 1, 2>()"),
    ("split", "split::<AXIS, 2, 2>()"),
    ("transpose", "swap_axes::<AXIS, 1>()"),
    ("swap_axes", "swap_axes::<AXIS, 1>()"),
    ("permute", "permute::<AXIS, 0>()"),
];

/// How a method is called along an axis.
pub fn along(name: &str, axis: &str) -> Option<String> {
    ALONG.iter().find(|(method, _)| *method == name).map(|(_, call)| call.replace("AXIS", axis))
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

    #[test]
    fn what_is_suggested_is_known() {
        for (theirs, ours) in INSTEAD {
            assert!(method(theirs).is_none(), "{theirs}");
            let name = ours.split_once('.').map(|(_, call)| call.split([':', '(']).next().unwrap_or_default());
            assert!(name.is_none_or(|name| method(name).is_some()), "{ours}");
        }
        for (name, call) in ALONG {
            assert!(method(name).is_some() && method(call.split(':').next().unwrap_or_default()).is_some(), "{call}");
        }
        assert_eq!(along("sum", "-1").as_deref(), Some("sum_axis::<-1>()"));
    }
}
