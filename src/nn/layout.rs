//! [`Layout`]: where the tensors of a layer lie in its memory, which [`weights!`](crate::weights!) fills when a program is compiled.
//!
//! A trait's functions do not run in constants, so what [`visit_mut`](super::Parameters::visit_mut) does step by step stands here as
//! data: the same parts, in the same order, under the same names.

use core::marker::PhantomData;
use core::mem::MaybeUninit;

use super::Parameters;
use super::name::Step;
use crate::shape::{Dims, Shape};

/// Where the tensors of an `M` lie in its memory, and what they are called.
///
/// `#[derive(Module)]` writes it. A layer whose [`Parameters`] are written by hand says it with
/// [`layout!`](crate::layout!), or cannot be made by [`weights!`](crate::weights!).
pub struct Layout<M: ?Sized> {
    part: &'static Part,
    whole: PhantomData<fn(&M)>,
}

/// What stands at a place.
#[derive(Clone, Copy)]
pub enum Part {
    /// No tensor.
    Nothing,
    /// Nobody says what.
    Unknown,
    /// What a reference points to, which nobody may write.
    Borrowed {
        /// Its bytes.
        size: usize,
        /// What it is.
        part: &'static Self,
    },
    /// A tensor, row-major.
    Tensor {
        /// Its sizes.
        dims: Dims,
        /// The bytes of a number.
        size: usize,
    },
    /// Several parts.
    Fields(Kind, &'static [Field]),
    /// Equal parts in a row.
    Each {
        /// How many.
        count: usize,
        /// The bytes from one to the next.
        stride: usize,
        /// What each is.
        part: &'static Self,
    },
    /// A part that may be absent.
    Optional {
        /// The bytes from the start to the part, if it is there.
        payload: usize,
        /// The whole, if it is not.
        none: &'static [MaybeUninit<u8>],
        /// What it is.
        part: &'static Self,
    },
}

/// What several parts are.
#[derive(Clone, Copy, PartialEq)]
pub enum Kind {
    /// The fields of a struct.
    Struct,
    /// The same where `Init` is written by hand.
    StartsByHand,
    /// The items of a tuple: a pair at the end of a chain is its rest.
    Tuple,
    /// The one field that holds a chain, whose layers are numbered from 0.
    Chain,
}

/// One of several parts.
#[derive(Clone, Copy)]
pub struct Field {
    /// The bytes from the start.
    pub offset: usize,
    /// What it is called.
    pub step: Step<'static>,
    /// What it is.
    pub part: &'static Part,
}

impl<M: ?Sized> Clone for Layout<M> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M: ?Sized> Copy for Layout<M> {}

impl<M: ?Sized> Layout<M> {
    /// Nobody says where.
    pub const UNKNOWN: Self = Self::of(&Part::Unknown);

    /// No tensor at all.
    pub const NOTHING: Self = Self::of(&Part::Nothing);

    const fn of(part: &'static Part) -> Self {
        Self { part, whole: PhantomData }
    }

    /// That of what `part` describes.
    ///
    /// # Safety
    /// It must describe an `M`. (The function is there to have the fields' types checked.)
    #[doc(hidden)]
    pub const unsafe fn promised(part: &'static Part, _fields: fn(&M)) -> Self {
        Self::of(part)
    }

    /// What it describes.
    #[doc(hidden)]
    pub const fn part(self) -> &'static Part {
        self.part
    }
}

impl<S: Shape> Layout<crate::Tensor<S>> {
    /// A tensor's numbers: it is nothing else ([`Tensor`](crate::Tensor) is transparent, and a shape is an array of arrays).
    pub(super) const TENSOR: Self = Self::of(const { &Part::Tensor { dims: S::DIMS, size: size_of::<S::Elem>() } });
}

impl<M: Parameters> Layout<&M> {
    /// What a reference points to.
    pub(super) const BORROWED: Self = Self::of(const { &Part::Borrowed { size: size_of::<M>(), part: M::LAYOUT.part } });
}

impl<M: Parameters, const N: usize> Layout<[M; N]> {
    /// Equal parts.
    pub(super) const EACH: Self = Self::of(const { &Part::Each { count: N, stride: size_of::<M>(), part: M::LAYOUT.part } });
}

impl<M: Parameters> Layout<Option<M>> {
    /// A part that may be absent.
    pub(super) const OPTIONAL: Self =
        Self::of(const { &Part::Optional { payload: Self::payload(), none: Self::none(), part: M::LAYOUT.part } });

    /// `None`, as it stands in memory.
    const fn none() -> &'static [MaybeUninit<u8>] {
        let none = const { &None::<M> };
        // SAFETY: any memory is a slice of bytes that may be uninitialised. (No safe way makes one of a generic type.)
        unsafe { core::slice::from_raw_parts((&raw const *none).cast(), size_of::<Option<M>>()) }
    }

    /// Where the `M` of a `Some` lies: where the empty slice of a `None` points to. (`offset_of!` does not look into enums yet.)
    const fn payload() -> usize {
        let none = const { &None::<M> };
        // SAFETY: the slice is lent from `none`. Were it ever to point elsewhere, this would not compile.
        let payload = unsafe { none.as_slice().as_ptr().byte_offset_from(&raw const *none) };
        assert!(payload >= 0 && payload as usize + size_of::<M>() <= size_of::<Option<M>>());
        payload as usize
    }
}

/// Says where the tensors of a layer lie whose [`Parameters`](crate::nn::Parameters) are written by hand, so that
/// [`weights!`](crate::weights!) can make it: each field that holds a tensor or a layer, its type, and its name in files.
///
/// ```
/// use adamant::nn::{Layout, Nothing, Step, Untrained, Update};
/// use adamant::prelude::*;
///
/// struct Scaled { layer: Linear<4, 2>, scale: f32 }
///
/// impl Parameters for Scaled {
///     const LAYOUT: Layout<Self> = adamant::layout!(Self { layer: Linear<4, 2> = Step::field("layer") });
///     // …
/// #   type Grads = ();
/// #   type Count = Untrained<<Linear<4, 2> as Parameters>::Count>;
/// #   const PARAMETERS: usize = 0;
/// #   const NUMBERS: usize = 10;
/// #   fn visit<V: Visitor>(&self, name: Name<'_>, visitor: &mut V) { self.layer.visit(name.field("layer"), visitor); }
/// #   fn visit_mut<V: VisitorMut>(&mut self, name: Name<'_>, visitor: &mut V) { self.layer.visit_mut(name.field("layer"), visitor); }
/// #   fn update<const K: usize, U: Update<K>>(&mut self, _: &(), _: [&mut (); K], _: &mut U) {}
/// #   fn describe(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str("Scaled()") }
/// }
/// ```
///
/// A field of another type does not compile:
///
/// ```compile_fail,E0308
/// use adamant::nn::{Layout, Step};
/// use adamant::prelude::*;
/// struct Scaled { layer: Linear<4, 2> }
/// impl Scaled {
///     const LAYOUT: Layout<Self> = adamant::layout!(Self { layer: Linear<4, 3> = Step::field("layer") });
/// }
/// ```
#[macro_export]
macro_rules! layout {
    (Self { $($fields:tt)* }) => { $crate::layout!(Struct Self { $($fields)* }) };
    ($kind:ident Self { $($field:tt: $ty:ty = $step:expr),* $(,)? }) => {
        // SAFETY: each offset is the one of the field, and the field has that type, or this does not compile.
        unsafe {
            $crate::nn::Layout::<Self>::promised(
                // (Of literals alone, which are one constant; the compiler follows only so many of them into each other.)
                const {
                    &$crate::nn::layout::Part::Fields(
                        $crate::nn::layout::Kind::$kind,
                        &[$($crate::nn::layout::Field {
                            offset: ::core::mem::offset_of!(Self, $field),
                            step: $step,
                            part: <$ty as $crate::nn::Parameters>::LAYOUT.part(),
                        }),*],
                    )
                },
                |whole| {
                    let _ = whole;
                    $(let _: &$ty = &whole.$field;)*
                },
            )
        }
    };
}
