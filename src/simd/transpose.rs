//! Transposition, of numbers of four bytes, as many are turned in registers.

use core::mem::MaybeUninit;

use super::Float;
use super::sets::{Dispatch, Kernel, Same};
use super::turn::{IN_REGISTERS, rows_from};
use crate::shape::Element;

/// The fewest numbers that are worth a call.
const MANY: usize = 1024;

/// y = xᵀ for x of `rows`×`cols`; says whether it is done here, and not left to a loop.
#[inline]
pub fn transpose<E: Element>(rows: usize, cols: usize, x: &[E], y: &mut [E]) -> bool {
    turn(rows, cols, x, y, copy)
}

/// y += xᵀ, likewise. Of those of four bytes `Float` is `f32` alone.
#[inline]
pub fn add_transposed<T: Float>(rows: usize, cols: usize, x: &[T], y: &mut [T]) -> bool {
    turn(rows, cols, x, y, add)
}

#[inline(always)]
fn turn<E: Element>(rows: usize, cols: usize, x: &[E], y: &mut [E], turn: fn(usize, usize, &[f32], &mut [f32])) -> bool {
    let here = IN_REGISTERS && size_of::<E>() == 4 && align_of::<E>() == 4 && rows >= 8 && cols >= 4 && rows * cols >= MANY;
    if here {
        // SAFETY: an element is a number; one of four bytes has an `f32`'s size and place, any bits of which are one. No safe way reads numbers
        // of a type that is not known as those of another.
        let (x, y) = unsafe { (&*(core::ptr::from_ref(x) as *const [f32]), &mut *(core::ptr::from_mut(y) as *mut [f32])) };
        turn(rows, cols, x, y);
    }
    here
}

#[inline(never)]
fn copy(rows: usize, cols: usize, x: &[f32], y: &mut [f32]) {
    f32::dispatch(Transposition::<_, false> { rows, cols, x, y });
}

#[inline(never)]
fn add(rows: usize, cols: usize, x: &[f32], y: &mut [f32]) {
    f32::dispatch(Transposition::<_, true> { rows, cols, x, y });
}

/// y = xᵀ, or if `ADD` y += xᵀ.
struct Transposition<'a, T, const ADD: bool> {
    rows: usize,
    cols: usize,
    x: &'a [T],
    y: &'a mut [T],
}

/// The rows that are turned together, a line of the cache where they are columns, and the numbers of each.
const STRIP: usize = 16;
const DEPTH: usize = 64;

impl<const ADD: bool> Kernel<f32> for Transposition<'_, f32, ADD> {
    type Output = ();

    #[inline(always)]
    fn run<N: Same<f32>>(self) {
        let Self { rows, cols, .. } = self;
        let (x, y) = (N::slice(self.x), N::slice_mut(self.y));
        let mut room = [MaybeUninit::uninit(); STRIP * DEPTH];
        for i in (0..rows).step_by(STRIP) {
            for k in (0..cols).step_by(DEPTH) {
                let depth = usize::min(DEPTH, cols - k);
                if !N::turn::<STRIP>(rows_from(x, cols, i, k, depth), &mut room, STRIP) {
                    continue;
                }
                // SAFETY: they have just been written. To begin with zeros, which would be safe, takes time.
                let columns = unsafe { room.get(..depth * STRIP).unwrap_or_default().assume_init_ref() };
                for (j, column) in columns.as_chunks().0.iter().enumerate() {
                    write::<N, ADD>(column, y.get_mut((k + j) * rows + i..(k + j + 1) * rows).unwrap_or_default());
                }
            }
        }
    }
}

/// The first numbers of a column, as many as there is room for.
#[inline(always)]
fn write<N: Same<f32>, const ADD: bool>(column: &[N; STRIP], to: &mut [N]) {
    match to.first_chunk_mut::<STRIP>() {
        Some(to) => write_all::<N, ADD>(column, to),
        None => write_all::<N, ADD>(column, to),
    }
}

#[inline(always)]
fn write_all<N: Same<f32>, const ADD: bool>(column: &[N], to: &mut [N]) {
    for (to, &number) in to.iter_mut().zip(column) {
        *to = if ADD { *to + number } else { number };
    }
}
