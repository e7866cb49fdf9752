//! How many numbers an output reads and how many outputs read a number.

use crate::shape::{Element, Shape};

/// Which side of a weight keeps its variance.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fan {
    /// The forward pass: the variance of an output equals that of the inputs. PyTorch's `mode="fan_in"`.
    In,
    /// The backward pass: the variance of an input's gradient equals that of the outputs'. PyTorch's `mode="fan_out"`.
    Out,
}

impl Fan {
    /// This fan of a weight of shape `S`.
    pub const fn of<S: Fans>(self) -> usize {
        match self {
            Self::In => S::FAN_IN,
            Self::Out => S::FAN_OUT,
        }
    }
}

/// A weight whose fans are known by its shape.
///
/// | weight | shape | fan in | fan out |
/// |---|---|---|---|
/// | [`Linear`](crate::nn::Linear), recurrent layers | `[IN][OUT]` | IN | OUT |
/// | convolution | `[OUT][IN / groups][K]…` | IN / groups · K… | OUT · K… |
///
/// A matrix of adamant's is the transpose of PyTorch's, so that its fans are those of the same layer in PyTorch. A kernel is
/// stored as PyTorch stores it and has the fans that PyTorch computes, which leave the groups out of the fan out, and, for a
/// transposed convolution (`[IN][OUT / groups][K]…`), exchange in and out.
///
/// ```
/// use adamant::init::{Fan, Fans};
/// type Weight = [[f32; 128]; 64]; // of Linear<64, 128>
/// type Kernel = [[[[f32; 3]; 3]; 8]; 16]; // of a convolution of 8 channels to 16
/// assert_eq!((Weight::FAN_IN, Weight::FAN_OUT), (64, 128));
/// assert_eq!((Fan::In.of::<Kernel>(), Fan::Out.of::<Kernel>()), (8 * 9, 16 * 9));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no fan in and fan out",
    label = "a weight has at least two dimensions",
    note = "a matrix is `[IN][OUT]`, a kernel `[OUT][IN][K]…`; a bias usually starts at zero, or with `uniform`"
)]
pub trait Fans: Shape {
    /// The number of inputs that an output reads.
    const FAN_IN: usize;
    /// The number of outputs that read an input.
    const FAN_OUT: usize;
}

impl<T: Element, const IN: usize, const OUT: usize> Fans for [[T; OUT]; IN] {
    const FAN_IN: usize = IN;
    const FAN_OUT: usize = OUT;
}

impl<A: Shape, const K: usize, const IN: usize, const OUT: usize> Fans for [[[A; K]; IN]; OUT] {
    const FAN_IN: usize = IN * K * A::LEN;
    const FAN_OUT: usize = OUT * K * A::LEN;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fans<S: Fans>() -> (usize, usize) {
        (S::FAN_IN, S::FAN_OUT)
    }

    #[test]
    fn matrices_and_kernels_of_every_rank() {
        assert_eq!(fans::<[[f32; 3]; 2]>(), (2, 3));
        assert_eq!(fans::<[[[f32; 5]; 3]; 2]>(), (3 * 5, 2 * 5));
        assert_eq!(fans::<[[[[f64; 7]; 5]; 3]; 2]>(), (3 * 35, 2 * 35));
        assert_eq!(fans::<[[[[[f64; 11]; 7]; 5]; 3]; 2]>(), (3 * 385, 2 * 385));
    }
}
