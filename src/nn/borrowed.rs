//! A layer that stands elsewhere: a base model in flash that several models share.

use super::wrapper::{evaluates, keeps_parameters, trains_nothing};
use super::{Backprop, Layout, Module, Name, Parameters, VisitorMut};

/// A borrowed layer computes and is not trained, as if it were [`Frozen`](super::Frozen): nobody may write to it through a
/// shared reference, so [`visit_mut`](Parameters::visit_mut) shows nothing of it.
///
/// ```
/// use adamant::prelude::*;
///
/// static BASE: Sequential![Linear<8, 16>, Relu] = Init::BLANK;
///
/// let rng = &mut SmallRng::seed_from_u64(0);
/// let head = Linear::<16, 2>::init(rng);
/// let mut tuned = sequential![Frozen(&BASE), head];
/// let x = Tensor::<[[f32; 8]; 4]>::randn(rng);
/// let (loss, grads) = tuned.gradients(&x, |p| cross_entropy(p, &[0u8, 1, 0, 1], Reduction::Mean));
/// Sgd::new(&tuned).step(&mut tuned, &grads);
/// assert_eq!(size_of_val(&grads), size_of::<Grads<Linear<16, 2>>>());
/// ```
impl<M: Parameters> Parameters for &M {
    keeps_parameters! { M at }

    const LAYOUT: Layout<Self> = Layout::BORROWED;

    fn visit_mut<V: VisitorMut>(&mut self, _: Name<'_>, visitor: &mut V) {
        visitor.absent(0, M::NUMBERS);
    }
}

impl<X, M: Module<X>> Module<X> for &M {
    evaluates! { X, M at }
}

impl<X: Clone, M: Backprop<X>> Backprop<X> for &M {
    trains_nothing! { X, M at }
}

#[cfg(test)]
mod tests {
    use crate::prelude::*;
    use std::string::ToString;
    use std::{vec, vec::Vec};

    #[test]
    fn a_table_marks_what_is_borrowed() {
        let base = <Sequential![Linear<3, 4>, Relu]>::BLANK;
        let model = sequential![&base, Linear::<4, 1>::BLANK];
        let text = model.summary(&Tensor::<[[f32; 3]; 8]>::zeros()).to_string();
        let rows: Vec<Vec<&str>> = text.lines().skip(3).map(|line| line.split_whitespace().collect()).collect();
        let parameters: Vec<&str> = rows[1..5].iter().map(|row| row[4]).collect();
        assert_eq!((rows[0][3], parameters), ("5", vec!["(16)", "(16)", "0", "5"]), "{text}");
        assert!(text.contains("Trainable parameters: 5 (21 numbers in all)"), "{text}");
    }
}
