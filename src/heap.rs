//! Construction in place, on the heap or in memory that somebody lends.
//!
//! `Box::new(value)` makes the value on the stack first in a debug build, and a constant that is copied to its place stands in the
//! executable, as large as it is. So what may be large is written where it will stand, field by field: a [`Slot`] is memory for a
//! value, whoever fills it gives back [`Filled`], and [`in_place!`](crate::in_place) divides the memory of a struct among its
//! fields. Nothing of this is larger than its code, but for one case in debug builds that [`Slot::none`] tells of.
//!
//! A model's [`init_boxed`](crate::init::Init::init_boxed) and [`init_in`](crate::init::Init::init_in), a buffer's
//! [`boxed`](crate::Buffer::boxed) and an optimiser's `boxed` work like this. `#[derive(Module)]` writes what they need; only a
//! layer of one's own that is large and implements [`Init`](crate::init::Init) by hand has to override
//! [`blank_in`](crate::init::Init::blank_in).
//!
//! ```
//! use adamant::heap::{Filled, Slot};
//! use adamant::prelude::*;
//!
//! #[derive(Module)]
//! #[module(custom(init))]
//! struct Scaled { layer: Linear<512, 512>, scale: f32 }
//!
//! impl Init for Scaled {
//!     const BLANK: Self = Self { layer: Init::BLANK, scale: 0.5 };
//!
//!     fn blank_in(slot: Slot<'_, Self>) -> Filled<'_, Self> {
//!         adamant::in_place!(slot, Self { layer: Init::blank_in, scale: |slot| slot.write(0.5) })
//!     }
//!
//!     fn reset_parameters<R: Rng + ?Sized>(&mut self, rng: &mut R) {
//!         self.layer.reset_parameters(rng);
//!     }
//! }
//! assert_eq!(Scaled::init_boxed(&mut SmallRng::seed_from_u64(0)).scale, 0.5);
//! ```

use core::marker::PhantomData;
use core::mem::{ManuallyDrop, MaybeUninit};

/// A lifetime that stands for one slot and no other.
type Brand<'s> = PhantomData<fn(&'s ()) -> &'s ()>;

/// Memory for a `T` that is no `T` yet.
///
/// The lifetime is a brand: code that takes a slot is generic over it, so only the [`Filled`] of this very slot fits what it must
/// give back.
pub struct Slot<'s, T> {
    at: *mut T,
    brand: Brand<'s>,
}

/// A [`Slot`] that holds its `T` now.
pub struct Filled<'s, T> {
    at: *mut T,
    brand: Brand<'s>,
}

impl<'s, T> Slot<'s, T> {
    /// Moves a value here: for what is small, since the value stands on the stack before.
    #[inline]
    pub fn write(self, value: T) -> Filled<'s, T> {
        // SAFETY: `at` is aligned memory for a `T` (the promise of whoever made the slot).
        unsafe { self.at.write(value) };
        self.all()
    }

    /// Copies a constant here, which stands in the executable and never on the stack.
    #[inline]
    pub fn constant<C: Constant<T>>(self) -> Filled<'s, T> {
        let place = self.at.cast::<ManuallyDrop<T>>();
        // SAFETY: `at` is aligned memory for a `T`, and `ManuallyDrop<T>` has the layout of `T`. The assignment drops nothing,
        // because `ManuallyDrop` has no drop glue, so the former bytes are never read.
        unsafe { *place = const { ManuallyDrop::new(C::VALUE) } };
        self.all()
    }

    const fn all(self) -> Filled<'s, T> {
        Filled { at: self.at, brand: PhantomData }
    }
}

impl<'s, T, const N: usize> Slot<'s, [T; N]> {
    /// Fills each element.
    #[inline]
    pub fn each(self, mut fill: impl for<'e> FnMut(Slot<'e, T>) -> Filled<'e, T>) -> Filled<'s, [T; N]> {
        let first = self.at.cast::<T>();
        for i in 0..N {
            // SAFETY: the array has an element i, whose memory is nobody else's.
            unsafe { Place::new(first.add(i)) }.fill(&mut fill);
        }
        self.all()
    }

    /// Fills one element, and copies it to the others.
    #[inline]
    pub fn repeat(self, fill: impl for<'e> FnOnce(Slot<'e, T>) -> Filled<'e, T>) -> Filled<'s, [T; N]>
    where
        T: Copy,
    {
        let first = self.at.cast::<T>();
        if N > 0 {
            // SAFETY: the array has a first element.
            unsafe { Place::new(first) }.fill(fill);
        }
        let mut done = 1;
        while done < N {
            let more = usize::min(done, N - done);
            // SAFETY: the first `done` elements are there and the next `more` are the array's, so they do not overlap; a `T` is
            // `Copy`.
            unsafe { first.copy_to_nonoverlapping(first.add(done), more) };
            done += more;
        }
        self.all()
    }
}

impl<'s, T> Slot<'s, Option<T>> {
    /// Puts `None` here.
    ///
    /// Rust has no way to write the mark of `None` without the room for a `T` beside it. Where the mark is a byte of its own, zeros
    /// will do. Where it is an impossible value inside of the `T` (a truth value of 2), a release build writes just that, and a
    /// debug build copies a constant, as large as a `T`, from the executable.
    pub fn none(self) -> Filled<'s, Option<T>> {
        if const { size_of::<Option<T>>() > size_of::<T>() } {
            // SAFETY: `at` is memory for an `Option<T>`, which is larger than a `T` for a mark of its own: 0 or 1.
            let zeros_are_none = unsafe {
                self.at.write_bytes(0, 1);
                (*self.at).is_none()
            };
            if zeros_are_none { self.all() } else { self.moved_none() }
        } else if cfg!(debug_assertions) {
            self.constant::<Absent>()
        } else {
            self.moved_none()
        }
    }

    /// In a frame of its own, which in a debug build is as large as a `T`.
    #[inline(never)]
    fn moved_none(self) -> Filled<'s, Option<T>> {
        self.write(None)
    }
}

/// `None`.
struct Absent;

impl<T> Constant<Option<T>> for Absent {
    const VALUE: Option<T> = None;
}

impl<T> Filled<'_, T> {
    /// Changes the value that is there now.
    #[inline]
    pub fn then(self, change: impl FnOnce(&mut T)) -> Self {
        // SAFETY: `at` points to a `T`, and whoever lent the memory does not touch it before this is given back.
        change(unsafe { &mut *self.at });
        self
    }
}

/// Memory that is to be filled now. [`in_place!`](crate::in_place) makes one of each field.
#[doc(hidden)]
pub struct Place<T>(*mut T);

impl<T> Place<T> {
    /// # Safety
    /// The pointer must be to aligned memory for a `T` that nobody else reads or writes before it is filled.
    pub const unsafe fn new(at: *mut T) -> Self {
        Self(at)
    }

    /// Lets `fill` write a `T` here.
    #[inline]
    pub fn fill(self, fill: impl for<'s> FnOnce(Slot<'s, T>) -> Filled<'s, T>) {
        fill(Slot { at: self.0, brand: PhantomData });
    }
}

/// Where the value will stand. (No method: where a type is in error, the compiler would say so of each call.)
#[doc(hidden)]
pub fn pointer<T>(slot: &Slot<'_, T>) -> *mut T {
    slot.at
}

/// The slot whose every part was written.
///
/// # Safety
/// They must have been.
#[doc(hidden)]
pub unsafe fn filled<'s, T>(slot: Slot<'s, T>) -> Filled<'s, T> {
    slot.all()
}

/// Fills the slot of a struct field by field, or of a tuple: `in_place!(slot, Self { weight: Init::blank_in, eps: |slot|
/// slot.write(1e-5) })`. Every field is named; what follows is a function from a [`Slot`](crate::heap::Slot) of its type to
/// [`Filled`](crate::heap::Filled). See [`heap`](crate::heap).
///
/// A field that is left out does not compile, nor does what was filled elsewhere:
///
/// ```compile_fail,E0027
/// use adamant::heap::{Filled, Slot};
/// struct Both { a: u8, b: u8 }
/// impl Both {
///     fn fill(slot: Slot<'_, Self>) -> Filled<'_, Self> {
///         adamant::in_place!(slot, Self { a: |slot| slot.write(1) }) // error: pattern does not mention field `b`
///     }
/// }
/// ```
/// ```compile_fail
/// use adamant::heap::{Filled, Slot};
/// struct Both { a: u8, b: u8 }
/// impl Both {
///     fn fill<'s>(slot: Slot<'s, Self>, other: Filled<'s, u8>) -> Filled<'s, Self> {
///         adamant::in_place!(slot, Self { a: |slot| slot.write(1), b: |_| other }) // error: lifetimes
///     }
/// }
/// ```
#[macro_export]
macro_rules! in_place {
    ($slot:expr, Self { $($field:tt: $fill:expr),* $(,)? }) => {
        $crate::in_place!(@fields $slot, (Self { $($field: _),* }), $($field: $fill),*)
    };
    ($slot:expr, ( $($field:tt: $fill:expr),+ $(,)? )) => {
        $crate::in_place!(@fields $slot, (( $($crate::in_place!(@any $field),)+ )), $($field: $fill),+)
    };
    (@any $field:tt) => { _ };
    (@fields $slot:expr, ($every:pat), $($field:tt: $fill:expr),*) => {{
        // Does not compile where a field is left out, or where one is not aligned.
        let _ = |whole: &Self| {
            let $every = whole;
            $(let _ = &whole.$field;)*
        };
        let slot: $crate::heap::Slot<'_, Self> = $slot;
        let whole = $crate::heap::pointer(&slot);
        let _ = whole;
        $(
            // SAFETY: a slot is memory for the whole, of which each field is an aligned part that nobody else has.
            unsafe { $crate::heap::Place::new(&raw mut (*whole).$field) }.fill($fill);
        )*
        // SAFETY: the fields are all that there is, and each was filled.
        unsafe { $crate::heap::filled(slot) }
    }};
}

/// Names a constant of type `T`.
pub trait Constant<T> {
    /// The constant.
    const VALUE: T;
}

/// A value in memory of its own on the heap. It was never on the stack.
#[cfg(feature = "alloc")]
pub(crate) fn boxed<T>(fill: impl for<'s> FnOnce(Slot<'s, T>) -> Filled<'s, T>) -> alloc::boxed::Box<T> {
    let mut memory = alloc::boxed::Box::<T>::new_uninit();
    lend(&mut memory, fill);
    // SAFETY: `lend` filled it.
    unsafe { memory.assume_init() }
}

/// A value in memory that is lent: what stood there is forgotten, not dropped.
pub(crate) fn lend<T>(memory: &mut MaybeUninit<T>, fill: impl for<'s> FnOnce(Slot<'s, T>) -> Filled<'s, T>) -> &mut T {
    // SAFETY: the memory is borrowed for as long as the slot lives.
    unsafe { Place::new(memory.as_mut_ptr()) }.fill(fill);
    // SAFETY: the only `Filled` that `fill` could give back is this slot's.
    unsafe { memory.assume_init_mut() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrays_are_filled() {
        fn made<T>(fill: impl for<'s> FnOnce(Slot<'s, T>) -> Filled<'s, T>) -> T {
            *boxed(fill)
        }
        let mut n = 0;
        let count = made::<[u32; 5]>(|slot| {
            slot.each(|slot| {
                n += 1;
                slot.write(n)
            })
        });
        assert_eq!(count, [1, 2, 3, 4, 5]);
        assert_eq!(made::<[[u8; 3]; 2]>(|slot| slot.repeat(|slot| slot.repeat(|slot| slot.write(7)))), [[7; 3]; 2]);
        assert_eq!(made::<[u8; 0]>(|slot| slot.repeat(|slot| slot.write(7))), [0u8; 0]);
        for _ in [0; 3] {
            assert_eq!(made::<[u16; 13]>(|slot| slot.repeat(|slot| slot.write(9))), [9; 13]);
        }
        struct Two;
        impl Constant<[u8; 2]> for Two {
            const VALUE: [u8; 2] = [0, 1];
        }
        assert_eq!(made::<[u8; 2]>(|slot| slot.constant::<Two>().then(|t| t[1] += 1)), [0, 2]);
    }

    #[test]
    fn structs_and_tuples_are_filled_and_keep_what_drops() {
        struct Named<T> {
            text: std::string::String,
            other: T,
        }
        impl<T: Default> Named<T> {
            fn fill(slot: Slot<'_, Self>) -> Filled<'_, Self> {
                in_place!(slot, Self { text: |slot| slot.write("here".into()), other: |slot| slot.write(T::default()) })
            }
        }
        fn none<T>(slot: Slot<'_, Option<T>>) -> Filled<'_, Option<T>> {
            slot.none()
        }
        assert!(boxed(none::<Named<u8>>).is_none());
        assert!(boxed(none::<u8>).is_none());
        assert!(boxed(none::<bool>).is_none());
        let named = boxed(Named::<u8>::fill);
        assert_eq!((named.text.as_str(), named.other), ("here", 0));
        let mut memory = MaybeUninit::uninit();
        let lent = lend(&mut memory, Named::<(u8, u16)>::fill);
        assert_eq!((lent.text.as_str(), lent.other), ("here", (0, 0)));
        *lent = Named { text: "there".into(), other: (1, 2) };
        drop(core::mem::take(&mut lent.text));
    }
}
