//! The reductions as operations.

use super::*;
use crate::ops::Function;
use crate::tensor::Tensor;

/// Of a whole tensor to a number.
macro_rules! whole {
    ($($name:ident = $method:ident, |$x:ident, $y:ident, $dy:ident, $dx:ident| $backward:expr;)+) => {$(
        operation! {
            #[doc = concat!("[`Tensor::", stringify!($method), "`] as an operation.")]
            $name
        }

        impl<S: Shape<Elem: Float>> Function<Tensor<S>> for $name {
            type Output = S::Elem;

            #[inline]
            fn forward(&self, x: &Tensor<S>) -> S::Elem {
                x.$method()
            }

            #[inline]
            fn backward(&self, $x: &Tensor<S>, $y: &S::Elem, $dy: &S::Elem, $dx: &mut Tensor<S>) {
                $backward;
            }
        }
    )+};
}

whole! {
    Sum = sum, |_x, _y, dy, dx| sum_backward(*dy, dx);
    Mean = mean, |_x, _y, dy, dx| mean_backward(*dy, dx);
    Var = var, |x, _y, dy, dx| var_backward(x, *dy, dx);
    VarPopulation = var_population, |x, _y, dy, dx| var_population_backward(x, *dy, dx);
    Std = std, |x, _y, dy, dx| std_backward(x, *dy, dx);
    Max = max, |x, _y, dy, dx| max_backward(x, *dy, dx);
    Min = min, |x, _y, dy, dx| min_backward(x, *dy, dx);
    Norm = norm, |x, _y, dy, dx| norm_backward(x, *dy, dx);
    LogSumExp = logsumexp, |x, y, dy, dx| logsumexp_backward(x, *y, *dy, dx);
}

/// Along an axis.
macro_rules! along {
    ($($name:ident = $method:ident, |$x:ident, $y:ident, $dy:ident, $dx:ident| $backward:expr;)+) => {$(
        operation! {
            #[doc = concat!("[`Tensor::", stringify!($method), "`] as an operation.")]
            $name<const D: isize>
        }

        impl<const D: isize, S: Axis<D, Elem: Float>> Function<Tensor<S>> for $name<D> {
            type Output = Tensor<S::Removed>;

            #[inline]
            fn forward(&self, x: &Tensor<S>) -> Self::Output {
                x.$method::<D>()
            }

            #[inline]
            fn backward(&self, $x: &Tensor<S>, $y: &Self::Output, $dy: &Self::Output, $dx: &mut Tensor<S>) {
                $backward;
            }
        }
    )+};
}

along! {
    SumAxis = sum_axis, |_x, _y, dy, dx| sum_axis_backward::<D, S>(dy, dx);
    MeanAxis = mean_axis, |_x, _y, dy, dx| mean_axis_backward::<D, S>(dy, dx);
    VarAxis = var_axis, |x, _y, dy, dx| var_axis_backward::<D, S>(x, dy, dx);
    VarPopulationAxis = var_population_axis, |x, _y, dy, dx| var_population_axis_backward::<D, S>(x, dy, dx);
    StdAxis = std_axis, |x, _y, dy, dx| std_axis_backward::<D, S>(x, dy, dx);
    MaxAxis = max_axis, |x, _y, dy, dx| max_axis_backward::<D, S>(x, dy, dx);
    MinAxis = min_axis, |x, _y, dy, dx| min_axis_backward::<D, S>(x, dy, dx);
    NormAxis = norm_axis, |x, _y, dy, dx| norm_axis_backward::<D, S>(x, dy, dx);
    LogSumExpAxis = logsumexp_axis, |x, y, dy, dx| logsumexp_axis_backward::<D, S>(x, y, dy, dx);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::{check, check_f32, wavy};

    #[test]
    fn gradients() {
        let x = wavy::<[[[f64; 3]; 4]; 2], f64>(0.0);
        macro_rules! check {
            ($($whole:ident $axis:ident;)+) => {$(
                check($whole::new(), &x);
                check($axis::<0>::new(), &x);
                check($axis::<1>::new(), &x);
                check($axis::<-1>::new(), &x);
                check_f32($axis::<-2>::new(), $axis::<-2>::new(), &x, 1e-5);
                check_f32($whole::new(), $whole::new(), &x, 1e-5);
                check($axis::<0>::new(), &Tensor::<[[f64; 0]; 2]>::zeros());
                check($axis::<1>::new(), &Tensor::<[[f64; 0]; 2]>::zeros());
                check($whole::new(), &Tensor::<[[f64; 0]; 2]>::zeros());
            )+};
        }
        check! {
            Sum SumAxis;
            Mean MeanAxis;
            Var VarAxis;
            VarPopulation VarPopulationAxis;
            Std StdAxis;
            Max MaxAxis;
            Min MinAxis;
            Norm NormAxis;
            LogSumExp LogSumExpAxis;
        }
    }
}
