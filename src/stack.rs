//! What a stack can take: a pass that needs more brings its own, and what is too large to be returned says so when it is built.

use crate::text::Text;

/// The most that a constructor returns by value, so that what a debug build makes of it, two copies or three, stays within the 2 MiB
/// of a thread that Rust makes.
const BY_VALUE: usize = 400 * 1024;

/// The most that a model, its gradients and an optimiser's state take together.
const TOGETHER: usize = 900 * 1024;

/// Refuses, when the program is built, to return a `T` by value that is larger than [`BY_VALUE`]: `what` does, and `instead` is how
/// to make it on the heap.
pub(crate) const fn by_value<T>(what: &str, instead: &str) {
    if size_of::<T>() > BY_VALUE {
        let text = Text::new().add(what).add(" returns ").number(size_of::<T>()).add(" bytes by value, and the stack takes ");
        let text = text.number(BY_VALUE).add(": make it on the heap, ").add(instead);
        panic!("{}", text.as_str());
    }
}

/// Refuses, when the program is built, to return the state `T` of an optimiser by value that has no place beside the model `M` and its
/// gradients `G`.
pub(crate) const fn beside<M, G, T>(what: &str, instead: &str) {
    by_value::<T>(what, instead);
    let all = size_of::<M>() + size_of::<G>() + size_of::<T>();
    if all > TOGETHER {
        let text = Text::new()
            .add(what)
            .add(" returns ")
            .number(size_of::<T>())
            .add(" bytes by value, with the model and its gradients ");
        let text = text.number(all).add(", and the stack takes ").number(TOGETHER).add(": make it on the heap, ").add(instead);
        panic!("{}", text.as_str());
    }
}

/// What any stack is trusted to have left.
const FREE: usize = 128 * 1024;

/// Whether so many bytes are at hand on any stack.
#[inline(always)]
pub(crate) const fn is_little(bytes: usize) -> bool {
    bytes <= FREE
}

/// Calls `f`, which needs about so many bytes of stack: on this one if that is little, else, where the operating system has them, on
/// one that is large enough. It is kept for the thread's next call. What `f` returns should be small: it is moved several times.
#[inline(always)]
pub(crate) fn with_room<R>(bytes: usize, f: impl FnOnce() -> R) -> R {
    if is_little(bytes) { f() } else { own::large(bytes, f) }
}

#[cfg(not(all(
    feature = "std",
    any(
        all(unix, any(target_arch = "x86_64", target_arch = "aarch64", target_arch = "riscv64")),
        all(windows, target_arch = "x86_64")
    )
)))]
mod own {
    pub(super) fn large<R>(_: usize, f: impl FnOnce() -> R) -> R {
        f()
    }
}

#[cfg(all(
    feature = "std",
    any(
        all(unix, any(target_arch = "x86_64", target_arch = "aarch64", target_arch = "riscv64")),
        all(windows, target_arch = "x86_64")
    )
))]
mod own {
    use std::cell::{Cell, RefCell};

    use corosensei::on_stack;
    use corosensei::stack::{DefaultStack, Stack};

    thread_local! {
        /// What the stack that this thread runs on was made for.
        static GRANTED: Cell<usize> = const { Cell::new(0) };
        /// The thread's own stack, while it is not in use.
        static KEPT: RefCell<Option<DefaultStack>> = const { RefCell::new(None) };
    }

    /// How many bytes a stack gets for each that a pass needs: the compiler makes copies, the more the less it optimises. What is
    /// not touched takes no memory.
    const SPARE: usize = 8;

    #[cold]
    pub(super) fn large<R>(bytes: usize, f: impl FnOnce() -> R) -> R {
        let before = GRANTED.get();
        if bytes <= before {
            return f();
        }
        let size = bytes.saturating_mul(SPARE).saturating_add(1 << 20);
        let kept = KEPT.take().filter(|stack| stack.base().get() - stack.limit().get() >= size);
        let Some(mut stack) = kept.or_else(|| DefaultStack::new(size).ok()) else {
            return f();
        };
        let _granted = Granted { before };
        GRANTED.set(bytes);
        let result = on_stack(&mut stack, f);
        KEPT.set(Some(stack));
        result
    }

    /// Puts back what was granted before, also when a panic passes.
    struct Granted {
        before: usize,
    }

    impl Drop for Granted {
        fn drop(&mut self) {
            GRANTED.set(self.before);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[inline(never)]
    fn deep(mib: usize) -> u8 {
        let room = core::hint::black_box([1u8; 1 << 20]);
        if mib == 0 { room[0] } else { deep(mib - 1) + core::hint::black_box(room)[1] }
    }

    #[test]
    fn there_is_room() {
        let run = || with_room(40 << 20, || with_room(4 << 20, || deep(40)));
        assert_eq!((run(), run()), (41, 41));
    }

    #[test]
    fn a_panic_passes() {
        let panics = || with_room(1 << 20, || -> u8 { panic!("on purpose") });
        assert!(std::panic::catch_unwind(panics).is_err());
        assert_eq!(with_room(8 << 20, || deep(8)), 9);
    }
}
