//! Polynomials, for functions of one number.

/// Σ c xᵏ on the set `M`, for an array of coefficients, the highest power first. Long ones as two halves, of the even and the odd
/// powers: a processor sees a few turns of a loop ahead, and one long chain would keep it waiting.
macro_rules! polynomial {
    ($float:ident, $coefficients:ident, $x:expr) => {{
        let [mut sum, rest @ ..] = $coefficients;
        for c in rest {
            sum = M::$float(sum, $x, c);
        }
        sum
    }};
    (halves $float:ident, $coefficients:ident, $x:expr) => {{
        let [mut a, mut b, rest @ ..] = $coefficients;
        let square = $x * $x;
        for c in rest {
            (a, b) = (b, M::$float(a, square, c));
        }
        M::$float(a, $x, b)
    }};
}

pub(super) use polynomial;
