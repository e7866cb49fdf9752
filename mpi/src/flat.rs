//! Gradients, and what training observed beside them, as one row of numbers.

use adamant::Float;
use adamant::nn::{Gradients, Zip};

use crate::Number;

/// How many numbers these gradients are.
pub fn len<G: Gradients>(grads: &mut G) -> usize {
    let mut len = Len(0);
    grads.zip([], &mut Each(&mut len));
    len.0
}

/// Copies gradients to a row of their length.
pub fn read<G: Gradients, R: Number>(grads: &mut G, row: &mut [R]) {
    grads.zip([], &mut Each(&mut Read(row)));
}

/// Copies a row, times `factor`, to gradients of its length.
pub fn write<G: Gradients, R: Number>(grads: &mut G, row: &[R], factor: R) {
    grads.zip([], &mut Each(&mut Write(row, factor)));
}

/// What is done with one tensor after the other.
trait Walk {
    fn tensor<T: Float>(&mut self, numbers: &mut [T]);
}

/// With gradients and with statistics alike: both are the mean over the parts of a batch.
struct Each<'w, W>(&'w mut W);

impl<W: Walk> Zip<0> for Each<'_, W> {
    fn zip<T: Float>(&mut self, own: &mut [T], []: [&[T]; 0]) {
        self.0.tensor(own);
    }

    fn observed<T: Float>(&mut self, own: &mut [T], []: [&[T]; 0]) {
        self.0.tensor(own);
    }
}

struct Len(usize);

impl Walk for Len {
    fn tensor<T: Float>(&mut self, numbers: &mut [T]) {
        self.0 += numbers.len();
    }
}

struct Read<'r, R>(&'r mut [R]);

impl<R: Number> Walk for Read<'_, R> {
    fn tensor<T: Float>(&mut self, numbers: &mut [T]) {
        let row = std::mem::take(&mut self.0);
        let (here, rest) = row.split_at_mut(numbers.len().min(row.len()));
        here.iter_mut().zip(numbers).for_each(|(place, x)| *place = R::from_f64(x.to_f64()));
        self.0 = rest;
    }
}

struct Write<'r, R>(&'r [R], R);

impl<R: Number> Walk for Write<'_, R> {
    fn tensor<T: Float>(&mut self, numbers: &mut [T]) {
        let (here, rest) = self.0.split_at(numbers.len().min(self.0.len()));
        numbers.iter_mut().zip(here).for_each(|(place, &x)| *place = T::from_f64((x * self.1).to_f64()));
        self.0 = rest;
    }
}
