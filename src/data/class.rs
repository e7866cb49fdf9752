//! Integers as class labels.

/// An integer that numbers a class, from 0.
///
/// ```
/// use adamant::prelude::*;
/// assert_eq!(7u8.class_index(), Some(7));
/// assert_eq!((-100i64).class_index(), None);
/// ```
#[diagnostic::on_unimplemented(message = "`{Self}` is not a class label", note = "a label is an integer, such as `u8`")]
pub trait ClassIndex: Copy {
    /// The class, or `None` if the number is negative or too large for an index. Whether there are so many classes is for
    /// the caller to know.
    fn class_index(self) -> Option<usize>;

    /// Whether it is this number, which need not be a class: a padding of −100, say.
    #[inline]
    fn is(self, number: i64) -> bool {
        self.class_index().is_some_and(|class| i64::try_from(class) == Ok(number))
    }
}

macro_rules! integers {
    ($($t:ty),+) => {$(
        impl ClassIndex for $t {
            #[inline]
            fn class_index(self) -> Option<usize> {
                usize::try_from(self).ok()
            }

            #[inline]
            fn is(self, number: i64) -> bool {
                i64::try_from(self) == Ok(number)
            }
        }
    )+};
}

integers!(u8, u16, u32, u64, usize, i8, i16, i32, i64, isize);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn negative_numbers_are_no_class() {
        assert_eq!((0i8.class_index(), 255u8.class_index()), (Some(0), Some(255)));
        assert_eq!(((-1i32).class_index(), i64::MIN.class_index()), (None, None));
        assert_eq!(usize::MAX.class_index(), Some(usize::MAX));
    }

    #[test]
    fn a_label_is_a_number() {
        assert!((-100i64).is(-100) && 255u8.is(255) && 0usize.is(0));
        assert!(!u64::MAX.is(-1) && !200u8.is(-56) && !usize::MAX.is(-1));
    }
}
