//! Polynomials, for functions of one number.

/// Σ c xᵏ on the set `M`, for coefficients of which the highest power's is the first. Long ones as two halves, of the even and the odd
/// powers: a processor sees a few turns of a loop ahead, and one long chain would keep it waiting. (The coefficients are written out, and
/// no array: of one in a loop a copy would lie on the stack of a program that is to be small, whose loops are not unrolled.)
macro_rules! polynomial {
    ($float:ident, [$first:expr $(, $c:expr)* $(,)?], $x:expr) => {{
        let sum = $first;
        $(let sum = M::$float(sum, $x, $c);)*
        sum
    }};
    (halves $float:ident, [$first:expr, $second:expr $(, $c:expr)* $(,)?], $x:expr) => {{
        let (a, b) = ($first, $second);
        let square = $x * $x;
        $(let (a, b) = (b, M::$float(a, square, $c));)*
        M::$float(a, $x, b)
    }};
}

pub(super) use polynomial;
