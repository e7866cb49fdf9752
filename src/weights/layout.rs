//! How PyTorch stores a tensor: as it is here, or with its last two dimensions exchanged. Which, a [`Name`](crate::nn::Name) knows.

use crate::nn::Info;
use crate::shape::Dims;
use crate::simd::positive;

/// The order of a tensor's numbers in a file.
#[derive(Clone, Copy)]
pub(super) struct Layout {
    /// The numbers of one matrix; all of them where none is transposed.
    block: usize,
    /// How far apart here are two numbers that are neighbours there.
    step: usize,
}

impl Layout {
    pub fn of(info: &Info<'_>) -> Self {
        match info.dims.as_slice() {
            [.., rows, columns] if info.name.is_transposed() => Self { block: rows.saturating_mul(*columns), step: *columns },
            _ => Self { block: usize::MAX, step: 1 },
        }
    }

    /// The tensor's sizes in a file.
    pub fn dims(info: &Info<'_>) -> Dims {
        if info.name.is_transposed() { info.dims.transposed() } else { info.dims }
    }

    /// Gives every number to `f`, in the order of a file, up to the first error.
    pub fn try_each<T: Copy, E>(self, values: &[T], mut f: impl FnMut(T) -> Result<(), E>) -> Result<(), E> {
        let step = positive(self.step);
        for matrix in values.chunks(positive(self.block)) {
            for first in 0..step {
                matrix.iter().skip(first).step_by(step).try_for_each(|value| f(*value))?;
            }
        }
        Ok(())
    }

    /// Fills a tensor with numbers in the order of a file.
    pub fn fill<T>(self, values: &mut [T], mut from: impl Iterator<Item = T>) {
        let step = positive(self.step);
        for matrix in values.chunks_mut(positive(self.block)) {
            for first in 0..step {
                let places = matrix.iter_mut().skip(first).step_by(step);
                places.zip(&mut from).for_each(|(to, from)| *to = from);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::{Kind, Name};
    use std::vec::Vec;

    fn check(dims: &[usize], transposed: bool, there: &[i32]) {
        let name = Name::ROOT.field("weight");
        let name = if transposed { name.transposed() } else { name };
        let info = Info { name, dims: Dims::from_sizes(dims.iter().copied()).unwrap(), kind: Kind::Trainable };
        let here: Vec<i32> = (0..).take(there.len()).collect();
        let mut seen = Vec::new();
        let pushed = Layout::of(&info).try_each(&here, |n| {
            seen.push(n);
            Ok::<(), ()>(())
        });
        assert!(pushed.is_ok());
        assert_eq!(seen, there);
        let mut filled = here.clone();
        Layout::of(&info).fill(&mut filled, there.iter().copied());
        assert_eq!(filled, here);
    }

    #[test]
    fn the_last_two_dimensions_change_places() {
        check(&[2, 3], true, &[0, 3, 1, 4, 2, 5]);
        check(&[2, 2, 2], true, &[0, 2, 1, 3, 4, 6, 5, 7]);
        check(&[2, 3], false, &[0, 1, 2, 3, 4, 5]);
        check(&[3], true, &[0, 1, 2]);
        check(&[0, 3], true, &[]);
        check(&[3, 0], true, &[]);
    }
}
