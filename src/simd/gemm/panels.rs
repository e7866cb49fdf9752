//! C += A·B, a panel of B's columns at a time. Tiles go down the rows of C first, so that a panel stays in the nearest cache.
//!
//! Along k the sum runs in blocks of [`DEPTH`]: within a block in order, from 0; then the block is added to C.

use core::mem::MaybeUninit;

use super::factor::{Factors, Left, Matrix, Plain, Right, Row, Slot, Strided, Transposed};
use super::tile::{self, Place, parted, strip};
use super::{DEPTH, LIKE_SIMD, ROWS, long};
use crate::simd::Float;
use crate::simd::sets::Part;

/// Walks the panels of `$n` columns: as wide as `$V` vectors of `$L` lanes, and at the end no wider than need be: one of `$H` lanes, if
/// that will do. What no number of columns asks for is not compiled. With `from`, a row's, which is not worth walking twice, there is one of
/// three vectors, too.
macro_rules! for_each_panel {
    ($n:expr, [$V:ident, $L:ident, $H:ident], |$j:ident| $panel:ident::<$T:ident, _, _>($($argument:expr),*)) => {{
        let mut $j = 0;
        while $n - $j > const { if $V > 1 { ($V - 1) * $L } else { $L - 1 } } {
            $panel::<$T, $V, $L>($($argument),*);
            $j += usize::min($V * $L, $n - $j);
        }
        if const { $V > 2 } && $n - $j > $L {
            $panel::<$T, 2, $L>($($argument),*);
            $j += usize::min(2 * $L, $n - $j);
        }
        for_each_panel!(@last $n - $j, [$L, $H], $panel::<$T>($($argument),*));
    }};
    ($n:expr, from $first:expr, [$V:ident, $L:ident, $H:ident], |$j:ident| $panel:ident::<$T:ident, _, _>($($argument:expr),*)) => {{
        let mut $j = $first;
        while $n - $j >= $V * $L {
            $panel::<$T, $V, $L>($($argument),*);
            $j += $V * $L;
        }
        let rest = $n - $j;
        if const { $V > 3 } && rest > 3 * $L {
            $panel::<$T, $V, $L>($($argument),*);
        } else if const { $V > 3 } && rest > 2 * $L {
            $panel::<$T, 3, $L>($($argument),*);
        } else if const { $V > 1 } && rest > $L {
            $panel::<$T, 2, $L>($($argument),*);
        } else {
            for_each_panel!(@last rest, [$L, $H], $panel::<$T>($($argument),*));
        }
    }};
    (@last $rest:expr, [$L:ident, $H:ident], $panel:ident::<$T:ident>($($argument:expr),*)) => {
        let rest = $rest;
        if rest > const { if $H < $L { $H } else { 0 } } {
            $panel::<$T, 1, $L>($($argument),*);
        } else if const { $H < $L } && rest > 0 {
            $panel::<$T, 1, $H>($($argument),*);
        }
    };
}

/// Walks the tiles of `$rows` rows of a panel: `ROWS` at a time, then what is left.
macro_rules! for_each_tile {
    ($rows:ident, |$row:ident| $tile:ident::<$T:ident, _, $V:ident, $L:ident>($($argument:expr),*)) => {{
        let mut $row = 0;
        // Single vectors would leave the multipliers idle while they wait for their own sums. Of eight of the widest the compiler would
        // make a loop of gathers and scatters.
        while const { $V == 1 && size_of::<[$T; $L]>() < 64 } && $rows - $row >= 2 * ROWS {
            tile::$tile::<$T, { 2 * ROWS }, $V, $L>($($argument),*);
            $row += 2 * ROWS;
        }
        while $rows - $row >= ROWS {
            tile::$tile::<$T, ROWS, $V, $L>($($argument),*);
            $row += ROWS;
        }
        if $rows - $row >= 2 {
            tile::$tile::<$T, 2, $V, $L>($($argument),*);
            $row += 2;
        }
        if $row < $rows {
            tile::$tile::<$T, 1, $V, $L>($($argument),*);
        }
    }};
}

/// C += A·B without copying B, for n > 0; if `APART`, with a function for each width of panels.
#[inline(always)]
pub fn direct<T: Float, const APART: bool, const V: usize, const L: usize, const H: usize>(
    m: usize,
    k: usize,
    n: usize,
    a: impl Left<T>,
    b: &[T],
    c: &mut [T],
) {
    for_each_panel!(n, [V, L, H], |column| direct_panel::<T, _, _>([m, k, n, column], APART, a, b, c));
}

/// One panel of C.
#[inline(always)]
fn direct_panel<T: Float, const V: usize, const L: usize>(
    [rows, k, n, column]: [usize; 4],
    apart: bool,
    a: impl Left<T>,
    b: &[T],
    c: &mut [T],
) {
    let mut k0 = 0;
    while k0 < k {
        let at = Place { row: 0, column, k0, depth: usize::min(DEPTH, k - k0) };
        let panel = Panel::<T, _, V, L> { a, b: at.rows_of(b, n), stride: n, c, width: [n, n], rows, at };
        run::<T>(apart, panel);
        k0 += DEPTH;
    }
}

#[inline(always)]
fn run<T: Float>(apart: bool, part: impl Part) {
    if apart { T::apart(part) } else { part.run() }
}

/// What begins where a line of the cache does, so that no vector lies in two.
#[repr(align(64))]
struct Aligned<M>(M);

/// C += A·B, a copied panel of B at a time, for n > 0; if `APART`, with a function for each width of panels.
#[inline(always)]
pub fn packed<T: Float, const APART: bool, const V: usize, const L: usize>(
    m: usize,
    k: usize,
    n: usize,
    a: impl Left<T>,
    b: impl Right<T>,
    c: &mut [T],
) {
    let mut memory = Aligned([const { MaybeUninit::uninit() }; DEPTH]);
    let slots = slots::<T, V, L>(&mut memory.0).as_flattened_mut();
    let mut k0 = 0;
    while k0 < k {
        let depth = usize::min(DEPTH, k - k0);
        for_each_panel!(n, [V, L, L], |column| packed_panel::<T, _, _>(
            slots,
            [m, n],
            Place { row: 0, column, k0, depth },
            APART,
            a,
            b,
            c
        ));
        k0 += DEPTH;
    }
}

/// One panel of C.
#[inline(always)]
fn packed_panel<T: Float, const V: usize, const L: usize>(
    slots: &mut [Slot<T, L>],
    [rows, n]: [usize; 2],
    at: Place,
    apart: bool,
    a: impl Left<T>,
    b: impl Right<T>,
    c: &mut [T],
) {
    let slots = slots.get_mut(..at.depth * V).unwrap_or_default();
    run::<T>(apart, Packing { slots, vectors: V, b, at });
    // SAFETY: they are filled. To fill them with zeros first, which would be safe, takes as long as to pack them.
    let b = unsafe { filled(slots) };
    run::<T>(apart, Panel::<T, _, V, L> { a, b, stride: V * L, c, width: [n, n], rows, at });
}

/// The memory as slots.
#[inline(always)]
fn slots<T, const V: usize, const L: usize>(memory: &mut [MaybeUninit<[[T; L]; V]>]) -> &mut [[Slot<T, L>; V]] {
    // SAFETY: both are the same memory, and neither says that anything is written in it. The safe way, to begin with an array of slots,
    // has the compiler copy what is not there.
    unsafe { &mut *(core::ptr::from_mut(memory) as *mut [[Slot<T, L>; V]]) }
}

/// What the slots hold.
///
/// # Safety
///
/// Every slot has been written.
#[inline(always)]
unsafe fn filled<T, const L: usize>(slots: &[Slot<T, L>]) -> &[T] {
    // SAFETY: a slot has its content's layout, and the caller has written them all.
    unsafe { &*(core::ptr::from_ref(slots.as_flattened()) as *const [T]) }
}

/// Fills slots, `vectors` a row.
struct Packing<'a, T, B, const L: usize> {
    slots: &'a mut [Slot<T, L>],
    vectors: usize,
    b: B,
    at: Place,
}

impl<T: Float, B: Right<T>, const L: usize> Part for Packing<'_, T, B, L> {
    #[inline(always)]
    fn run(self) {
        self.b.pack(self.slots, self.vectors, self.at.k0, self.at.column);
    }
}

/// The tiles of `V` vectors, from the top of C down. `b` begins with their columns' first row, and has the next `stride` numbers further on.
struct Panel<'a, T, A, const V: usize, const L: usize> {
    a: A,
    b: &'a [T],
    stride: usize,
    c: &'a mut [T],
    /// How long the rows of C are, and how far apart they begin.
    width: [usize; 2],
    rows: usize,
    at: Place,
}

impl<T: Float, A: Left<T>, const V: usize, const L: usize> Part for Panel<'_, T, A, V, L> {
    #[inline(always)]
    fn run(self) {
        let Self { a, b, stride, c, width, rows, at } = self;
        for_each_tile!(rows, |row| direct::<T, _, V, L>(a, b, stride, c, width, Place { row, ..at }));
    }
}

/// C += A·B, where the rows of each factor and of C, `stride` apart, may lie anywhere: a right factor in the right order is read where it
/// lies, another is copied a panel at a time.
#[inline(always)]
pub fn strided<T: Float, const V: usize, const L: usize, const H: usize>(
    Factors { sizes: [rows, k, n], a, b }: Factors<'_, T>,
    c: &mut [T],
    stride: usize,
) {
    let width = [n, stride];
    match b {
        Matrix::Plain(b) => {
            let mut k0 = 0;
            while k0 < k {
                let at = |column| Place { row: 0, column, k0, depth: usize::min(DEPTH, k - k0) };
                for_each_panel!(n, [V, L, H], |column| lines::<T, _, _>(a, b, c, width, rows, at(column)));
                k0 += DEPTH;
            }
        }
        // In functions of their own, by the room that a panel takes, of which the stack is touched page by page.
        Matrix::Transposed(b) if k <= SHALLOW => T::apart(Copied::<T, V, L, SHALLOW> { a, b, c, width, rows, k }),
        Matrix::Transposed(b) => T::apart(Copied::<T, V, L, DEPTH> { a, b, c, width, rows, k }),
    }
}

/// The depth of most products of queries and keys.
const SHALLOW: usize = if LIKE_SIMD { 64 } else { DEPTH };

/// The panels of a B that is copied, `D` deep at most.
struct Copied<'a, T, const V: usize, const L: usize, const D: usize> {
    a: Strided<'a, T>,
    b: Transposed<'a, T>,
    c: &'a mut [T],
    width: [usize; 2],
    rows: usize,
    k: usize,
}

impl<T: Float, const V: usize, const L: usize, const D: usize> Part for Copied<'_, T, V, L, D> {
    #[inline(always)]
    fn run(self) {
        let Self { a, b, c, width, rows, k } = self;
        let [n, _] = width;
        let mut memory = Aligned([const { MaybeUninit::uninit() }; D]);
        let slots = slots::<T, V, L>(&mut memory.0).as_flattened_mut();
        let mut k0 = 0;
        while k0 < k {
            let at = |column| Place { row: 0, column, k0, depth: usize::min(D, k - k0) };
            for_each_panel!(n, [V, L, L], |column| packed_lines::<T, _, _>(slots, a, b, c, width, rows, at(column)));
            k0 += D;
        }
    }
}

/// A panel of a B that is read where it lies.
#[inline(always)]
fn lines<T: Float, const V: usize, const L: usize>(
    a: Strided<'_, T>,
    b: Plain<'_, T>,
    c: &mut [T],
    width: [usize; 2],
    rows: usize,
    at: Place,
) {
    T::apart(Panel::<T, _, V, L> { a, b: at.rows_of(b.a, b.width), stride: b.width, c, width, rows, at });
}

/// A panel of a B that is copied first.
#[inline(always)]
fn packed_lines<T: Float, const V: usize, const L: usize>(
    slots: &mut [Slot<T, L>],
    a: Strided<'_, T>,
    b: Transposed<'_, T>,
    c: &mut [T],
    width: [usize; 2],
    rows: usize,
    at: Place,
) {
    let slots = slots.get_mut(..at.depth * V).unwrap_or_default();
    T::apart(Packing { slots, vectors: V, b, at });
    // SAFETY: they are filled. To fill them with zeros first, which would be safe, takes as long as to pack them.
    let b = unsafe { filled(slots) };
    T::apart(Panel::<T, _, V, L> { a, b, stride: V * L, c, width, rows, at });
}

/// c += a·B for the row `a` and rows of `c.len()` numbers, in strips, unless the rows are long: with no other rows to hide the latency behind,
/// strips are as wide as the registers allow, and at the end of `V` vectors or fewer. Those of few columns, which leave the multipliers idle
/// while they wait for each other's sums, add up several sums at once.
#[inline(always)]
pub fn strips<T: Float, const V: usize, const L: usize, const H: usize>(k: usize, a: impl Row<T>, b: &[T], c: &mut [T]) {
    let n = c.len();
    if long::are_long::<T>(k, n) {
        return T::apart(long::Rows { k, a, b, c });
    }
    let few = LIKE_SIMD && size_of_val(c) <= 64;
    let mut k0 = 0;
    while k0 < k {
        let depth = usize::min(DEPTH, k - k0);
        if few {
            for_each_panel!(n, [ONE, L, H], |column| parted::<T, _, _>(a, b, c, n, Place { row: 0, column, k0, depth }));
        } else {
            let mut first = 0;
            // Of the widest vectors four: over eight the compiler would make a loop of gathers and scatters, the tile in memory.
            while const { size_of::<[T; L]>() < 64 } && n - first >= 8 * L {
                strip::<T, 8, L>(a, b, c, n, Place { row: 0, column: first, k0, depth });
                first += 8 * L;
            }
            for_each_panel!(n, from first, [V, L, H], |column| strip::<T, _, _>(a, b, c, n, Place { row: 0, column, k0, depth }));
        }
        k0 += DEPTH;
    }
}

const ONE: usize = 1;
