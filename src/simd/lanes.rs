//! A vector register, in safe code: an array that is only ever used whole.

use super::Float;

/// Does something with the number of each of so many places of arrays: of vectors, not of lanes, of whose iterators alone the compiler always
/// makes vectors. (Those it must take apart first, which takes longer. No place lies outside, which it sees.)
macro_rules! each_place {
    ($count:expr, |$i:ident| $body:expr) => {{
        let mut $i = 0;
        while $i < $count {
            $body;
            $i += 1;
        }
    }};
}
pub(super) use each_place;

/// `L` numbers worked on side by side.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct Lanes<T, const L: usize>([T; L]);

impl<T: Float, const L: usize> Lanes<T, L> {
    /// All lanes 0.
    pub const ZERO: Self = Self([T::ZERO; L]);

    /// The number of each lane, as wide as an `f32`, so that it is compared in vectors.
    const PLACES: [u32; L] = {
        let mut places = [0; L];
        let mut place = 0;
        while place < L {
            places[place] = place as u32;
            place += 1;
        }
        places
    };

    /// All lanes `x`.
    #[inline(always)]
    pub fn splat(x: T) -> Self {
        Self([x; L])
    }

    #[inline(always)]
    pub fn new(lanes: [T; L]) -> Self {
        Self(lanes)
    }

    #[inline(always)]
    pub fn get(self) -> [T; L] {
        self.0
    }

    /// The first lanes from `x`, the others 0.
    #[inline(always)]
    pub fn padded(x: &[T]) -> Self {
        if let Some(lanes) = x.first_chunk() {
            return Self(*lanes);
        }
        let mut lanes = Self::ZERO;
        for (lane, &x) in lanes.0.iter_mut().zip(x) {
            *lane = x;
        }
        lanes
    }

    /// The first `count` lanes, the others 0.
    #[inline(always)]
    pub fn first(self, count: usize) -> Self {
        self.first_or(count, &Self::ZERO)
    }

    /// The first `count` lanes, and the others of `others`.
    #[inline(always)]
    pub fn first_or(self, count: usize, others: &Self) -> Self {
        let mut lanes = self.0;
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        for ((lane, other), &place) in lanes.iter_mut().zip(&others.0).zip(&Self::PLACES) {
            *lane = if place < count { *lane } else { *other };
        }
        Self(lanes)
    }

    /// The first `count` numbers of `x`, and as many more of `others` as there are lanes. They are read with what follows them in
    /// memory, if enough does.
    #[inline(always)]
    pub fn load(x: &[T], count: usize, others: &Self) -> Self {
        match x.first_chunk() {
            Some(x) if count >= L => Self(*x),
            Some(x) => Self(*x).first_or(count, others),
            None => {
                let mut lanes = *others;
                for (lane, &x) in lanes.0.iter_mut().zip(x).take(count) {
                    *lane = x;
                }
                lanes
            }
        }
    }

    /// Writes the first `count` lanes to `x`, and what follows there as it was.
    #[inline(always)]
    pub fn store(self, x: &mut [T], count: usize) {
        match x.first_chunk_mut() {
            Some(x) if count >= L => *x = self.0,
            Some(x) => *x = self.first_or(count, &Self(*x)).0,
            None => {
                for (x, lane) in x.iter_mut().zip(self.0).take(count) {
                    *x = lane;
                }
            }
        }
    }

    /// f of each lane.
    #[inline(always)]
    pub fn map(self, f: impl Fn(T) -> T) -> Self {
        let mut lanes = self.0;
        for lane in &mut lanes {
            *lane = f(*lane);
        }
        Self(lanes)
    }

    /// self += factor · x.
    #[inline(always)]
    pub fn add_scaled(&mut self, factor: T, x: &Self) {
        // In two loops, where these are two instructions: out of one the compiler makes gathers.
        if cfg!(feature = "exact") {
            let product = x.map(|x| factor * x);
            self.combine(&product, |sum, product| sum + product);
            return;
        }
        for (lane, &x) in self.0.iter_mut().zip(&x.0) {
            *lane = factor.mul_add(x, *lane);
        }
    }

    /// self = f(self, x).
    #[inline(always)]
    pub fn combine(&mut self, x: &Self, f: impl Fn(T, T) -> T) {
        for (lane, &x) in self.0.iter_mut().zip(&x.0) {
            *lane = f(*lane, x);
        }
    }

    /// self += a · b.
    #[inline(always)]
    pub fn add_product(&mut self, a: &Self, b: &Self) {
        for (lane, (&a, &b)) in self.0.iter_mut().zip(a.0.iter().zip(&b.0)) {
            *lane = a.mul_add(b, *lane);
        }
    }

    /// The sum of the lanes.
    #[inline(always)]
    pub fn sum(self) -> T {
        self.fold(|low, high| low + high)
    }

    /// The lanes folded by halves, the upper onto the lower.
    #[inline(always)]
    pub fn fold(self, f: impl Fn(T, T) -> T) -> T {
        let mut lanes = self.0;
        let mut half = L / 2;
        while half > 0 {
            let (low, high) = lanes.split_at_mut(half);
            for (low, high) in low.iter_mut().zip(high) {
                *low = f(*low, *high);
            }
            half /= 2;
        }
        lanes.first().copied().unwrap_or(T::ZERO)
    }

    /// y += self.
    #[inline(always)]
    pub fn add_to(self, y: &mut [T; L]) {
        for (y, x) in y.iter_mut().zip(self.0) {
            *y += x;
        }
    }

    /// y += self, over as many lanes as `y` has.
    #[inline(always)]
    pub fn add_to_prefix(self, y: &mut [T]) {
        match y.first_chunk_mut() {
            Some(y) => self.add_to(y),
            None => {
                for (y, x) in y.iter_mut().zip(self.0) {
                    *y += x;
                }
            }
        }
    }
}
