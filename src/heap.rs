//! Construction in place on the heap: the one `unsafe` outside `simd`.
//!
//! `Box::new(value)` makes the value on the stack first in a debug build, and so does every safe constructor of a `Box` from a
//! value; `bytemuck::zeroed_box` would ask each model for an `unsafe impl`. One assignment of a constant to memory that the
//! allocator just gave is sound for every type, and the constant never passes through a frame.

use alloc::boxed::Box;
use core::mem::ManuallyDrop;

use crate::init::Init;
use crate::tensor::Buffer;

/// The constant that `S` names, on the heap. It was never on the stack.
pub fn start<T, S: Constant<T>>() -> Box<T> {
    let mut memory = Box::<T>::new_uninit();
    let place = memory.as_mut_ptr().cast::<ManuallyDrop<T>>();
    // SAFETY: `place` points to memory that the box owns, aligned and large enough for a `T`, and `ManuallyDrop<T>` has the
    // layout of `T`. The assignment drops nothing, because `ManuallyDrop` has no drop glue, so the uninitialised bytes are never
    // read; after it all of the `T` is initialised, which is what `assume_init` asks.
    unsafe {
        *place = const { ManuallyDrop::new(S::VALUE) };
        memory.assume_init()
    }
}

/// Names a constant of type `T`.
pub trait Constant<T> {
    /// The constant.
    const VALUE: T;
}

/// [`Buffer::ZERO`].
struct Zero;

impl<B: Buffer> Constant<B> for Zero {
    const VALUE: B = B::ZERO;
}

/// [`Init::BLANK`].
struct Blank;

impl<M: Init> Constant<M> for Blank {
    const VALUE: M = M::BLANK;
}

/// A zeroed buffer on the heap.
pub fn boxed_zero<B: Buffer>() -> Box<B> {
    start::<B, Zero>()
}

/// A blank layer or model on the heap.
pub fn boxed_blank<M: Init>() -> Box<M> {
    start::<M, Blank>()
}
