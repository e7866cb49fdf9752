//! A step of a stream allocates nothing.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use adamant::prelude::*;

thread_local! {
    /// What this thread has asked of the allocator.
    static CALLS: Cell<usize> = const { Cell::new(0) };
}

struct Counting;

// SAFETY: it does what `System` does. There is no safe way to see a program's allocations.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        CALLS.set(CALLS.get() + 1);
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        CALLS.set(CALLS.get() + 1);
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// What `f` asks of the allocator.
fn calls(f: impl FnOnce()) -> usize {
    let before = CALLS.get();
    f();
    CALLS.get() - before
}

#[track_caller]
fn is_real_time<M: Init + Stream<F>, F: Buffer>() {
    let net = M::init(&mut SmallRng::seed_from_u64(0));
    let mut stream = Streaming::boxed(net);
    let (mut x, mut outputs) = (F::ZERO, 0);
    let asked = calls(|| {
        for _ in 0..100 {
            stream.step_with(&mut x, |_| outputs += 1);
        }
        stream.process(&[F::ZERO; 3], |_| outputs += 1);
        stream.finish(|_| outputs += 1);
    });
    assert!(outputs > 20);
    assert_eq!(asked, 0);
}

type Signal<const C: usize> = Tensor<[[f32; 1]; C]>;
type Sequence<const F: usize> = Tensor<[[f32; F]; 1]>;

#[test]
fn steps_allocate_nothing() {
    assert_ne!(calls(|| drop(Box::new(1))), 0, "the allocator is watched");
    is_real_time::<
        Sequential![
            Conv1d<2, 16, 3, (Causal, Dilation<64>)>, Tanh,
            Residual<Sequential![Conv1d<16, 16, 5, Same>, BatchNorm1d<16, -2>, Relu]>,
            Conv1d<16, 48, 4, (Stride<2>, Padding<1>, Replicate)>,
            MaxPool1d<2>, Glu<-2>, Conv1d<24, 1, 1>
        ],
        Signal<2>,
    >();
    is_real_time::<Sequential![Lstm<3, 16, Layers<2>>, LayerNorm<[f32; 16]>, Gru<16, 40>, Rnn<40, 8>, Linear<8, 2>], Sequence<3>>(
    );
}
