//! Slices cut into runs of one length.

use core::iter::FusedIterator;

use super::positive;

/// Cuts a slice into runs of `n`, the first at its start; what is too short to be one is left out. A length of 0 gives none.
///
/// As `chunks_exact`, which divides by the length to know how many there are: a division that takes a function where there is no
/// instruction for it, and that may panic wherever the compiler does not see that `n` is none.
pub(crate) trait Cut<T> {
    /// The runs.
    fn runs(&self, n: usize) -> Runs<'_, T>;
    /// The runs, to write to.
    fn runs_mut(&mut self, n: usize) -> RunsMut<'_, T>;
}

impl<T> Cut<T> for [T] {
    #[inline(always)]
    fn runs(&self, n: usize) -> Runs<'_, T> {
        Runs { rest: if n == 0 { &[] } else { self }, n: positive(n) }
    }

    #[inline(always)]
    fn runs_mut(&mut self, n: usize) -> RunsMut<'_, T> {
        RunsMut { rest: if n == 0 { &mut [] } else { self }, n: positive(n) }
    }
}

/// See [`Cut::runs`].
pub(crate) struct Runs<'a, T> {
    rest: &'a [T],
    n: usize,
}

impl<'a, T> Iterator for Runs<'a, T> {
    type Item = &'a [T];

    #[inline(always)]
    fn next(&mut self) -> Option<&'a [T]> {
        let (run, rest) = self.rest.split_at_checked(self.n)?;
        self.rest = rest;
        Some(run)
    }
}

impl<T> FusedIterator for Runs<'_, T> {}

impl<T> Clone for Runs<'_, T> {
    #[inline(always)]
    fn clone(&self) -> Self {
        Self { ..*self }
    }
}

/// See [`Cut::runs_mut`].
pub(crate) struct RunsMut<'a, T> {
    rest: &'a mut [T],
    n: usize,
}

impl<'a, T> RunsMut<'a, T> {
    /// What has not been given out.
    #[inline(always)]
    pub fn into_rest(self) -> &'a mut [T] {
        self.rest
    }
}

impl<'a, T> Iterator for RunsMut<'a, T> {
    type Item = &'a mut [T];

    #[inline(always)]
    fn next(&mut self) -> Option<&'a mut [T]> {
        if self.rest.len() < self.n {
            return None;
        }
        let (run, rest) = core::mem::take(&mut self.rest).split_at_mut_checked(self.n)?;
        self.rest = rest;
        Some(run)
    }
}

impl<T> FusedIterator for RunsMut<'_, T> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_exact_chunks() {
        let mut x: [usize; 11] = core::array::from_fn(|i| i);
        for n in 1..13 {
            let copy = x;
            assert!(x.runs(n).eq(copy.chunks_exact(n)), "{n}");
            assert!(x.runs_mut(n).map(|run| &*run).eq(copy.chunks_exact(n)), "{n}");
        }
        assert_eq!((x.runs(0).count(), x.runs_mut(0).count()), (0, 0));
        let mut runs = x.runs_mut(4);
        assert_eq!((&mut runs).count(), 2);
        assert_eq!(runs.into_rest(), [8, 9, 10]);
    }
}
