//! Gradients, and what training observed beside them, as one row of numbers.

use std::mem::take;

use adamant::Float;
use adamant::nn::{Gradients, Zip};

use crate::Number;

/// How many numbers these gradients are.
pub fn len<G: Gradients>(grads: &mut G) -> usize {
    let mut len = Len(0);
    grads.zip([], &mut Each(&mut len));
    len.0
}

/// Copies gradients to slices that have room for them together.
pub fn read<'r, G: Gradients, R: Number>(grads: &mut G, slices: impl Iterator<Item = &'r mut [R]>) {
    grads.zip([], &mut Each(&mut Read { here: &mut [], slices }));
}

/// Copies numbers, times `factor`, to gradients of as many.
pub fn write<'r, G: Gradients, R: Number>(grads: &mut G, slices: impl Iterator<Item = &'r [R]>, factor: R) {
    grads.zip([], &mut Each(&mut Write { here: &[], slices, factor }));
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

struct Read<'r, R, I> {
    /// What is left of the slice that is on.
    here: &'r mut [R],
    slices: I,
}

impl<'r, R: Number, I: Iterator<Item = &'r mut [R]>> Walk for Read<'r, R, I> {
    fn tensor<T: Float>(&mut self, numbers: &mut [T]) {
        let mut numbers = &*numbers;
        while !numbers.is_empty() {
            if self.here.is_empty() {
                let Some(next) = self.slices.next() else { return };
                self.here = next;
            }
            let n = numbers.len().min(self.here.len());
            let (places, later) = take(&mut self.here).split_at_mut(n);
            let (now, rest) = numbers.split_at(n);
            places.iter_mut().zip(now).for_each(|(place, x)| *place = R::from_f64(x.to_f64()));
            (self.here, numbers) = (later, rest);
        }
    }
}

struct Write<'r, R, I> {
    here: &'r [R],
    slices: I,
    factor: R,
}

impl<'r, R: Number, I: Iterator<Item = &'r [R]>> Walk for Write<'r, R, I> {
    fn tensor<T: Float>(&mut self, mut numbers: &mut [T]) {
        while !numbers.is_empty() {
            if self.here.is_empty() {
                let Some(next) = self.slices.next() else { return };
                self.here = next;
            }
            let n = numbers.len().min(self.here.len());
            let (places, rest) = numbers.split_at_mut(n);
            let (now, later) = self.here.split_at(n);
            places.iter_mut().zip(now).for_each(|(place, &x)| *place = T::from_f64((x * self.factor).to_f64()));
            (self.here, numbers) = (later, rest);
        }
    }
}
