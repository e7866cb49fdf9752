//! Integers and truth values.

use core::fmt::{self, Formatter};

use super::Print;
use super::text::{Text, Word};

/// `True` and `False`; in an array both are five columns wide.
impl Print for bool {
    type Layout = ();

    fn layout(_: usize) {}

    fn measure(self, (): &mut ()) -> fmt::Result {
        Ok(())
    }

    fn word(self, (): &()) -> Result<Word, fmt::Error> {
        let word = Word::new(format_args!("{}", if self { "True" } else { "False" }))?;
        Ok(word.right_aligned("False".len()))
    }

    fn fmt_scalar(self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(if self { "True" } else { "False" })
    }
}

/// Integers are aligned to the widest.
macro_rules! print_integers {
    ($($T:ty)*) => {$(
        impl Print for $T {
            type Layout = usize;

            fn layout(_: usize) -> usize {
                0
            }

            fn measure(self, widest: &mut usize) -> fmt::Result {
                let text = Text::new(format_args!("{self}"))?;
                *widest = text.len.max(*widest);
                Ok(())
            }

            fn word(self, widest: &usize) -> Result<Word, fmt::Error> {
                Ok(Word::new(format_args!("{self}"))?.right_aligned(*widest))
            }

            fn fmt_scalar(self, f: &mut Formatter<'_>) -> fmt::Result {
                write!(f, "{self}")
            }
        }
    )*};
}

print_integers!(u8 u16 u32 u64 usize i8 i16 i32 i64 isize);
