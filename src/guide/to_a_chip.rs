//! To a chip: no operating system, no allocator, weights in flash, memory that is known before anything is flashed.
//!
//! ```toml
//! [dependencies]
//! adamant = { version = "0.1", default-features = false }
//! ```
//!
//! That leaves out `std` and `alloc`, and nothing else: every layer, loss and optimiser is there, and training, too.
//!
//! # Weights in flash, a budget for the rest
//!
//! ```
//! use adamant::memory::{Flash, Memory, Ram};
//! use adamant::prelude::*;
//!
//! type Net = Sequential![Linear<64, 32>, Relu, Linear<32, 10>];
//!
//! // PyTorch's file, read and checked when the program is compiled; the numbers lie in `.rodata`.
//! static NET: Net = weights!("tests/models/digits_mlp.safetensors");
//!
//! // Over it the program does not compile, and the error lists the parts.
//! const NEEDS: Memory = Memory::inference::<Net, Tensor<[f32; 64]>>();
//! const _: () = NEEDS.fits(Flash::kib(10), Ram::kib(1));
//!
//! fn classify(pixels: &Tensor<[f32; 64]>) -> Option<usize> {
//!     NET.forward(pixels).argmax_index().map(Idx::get)
//! }
//! assert!(classify(&Tensor([0.5; 64])).is_some());
//! ```
//!
//! # Learning on the device
//!
//! The gradients mirror the model, and the optimiser's state the gradients, so all of it can be `static`, or in one struct that lives as long
//! as the program. What does not learn is borrowed from flash, and costs neither RAM nor gradients:
//!
//! ```
//! # use adamant::memory::{Flash, Memory, Ram};
//! # use adamant::prelude::*;
//! static BASE: Linear<64, 32> = weights!("tests/models/digits_mlp.safetensors", prefix = "0.");
//! type Tuned = Sequential![Frozen<&'static Linear<64, 32>>, Relu, Linear<32, 10>];
//! const _: () = Memory::training::<Tuned, Tensor<[f32; 64]>, Sgd<Tuned>>().fits(Flash::kib(10), Ram::kib(5));
//!
//! /// All that a run of training keeps.
//! struct Learner { net: Tuned, grads: Grads<Tuned>, sgd: Sgd<Tuned> }
//!
//! impl Learner {
//!     const BLANK: Self = Self {
//!         net: sequential![Frozen(&BASE), Relu, Linear::BLANK], // or `weights!(…, prefix = "2.")`, to go on from
//!         grads: Buffer::ZERO,
//!         sgd: Sgd::BLANK,
//!     };
//!
//!     fn learn(&mut self, x: &Tensor<[f32; 64]>, label: u8) -> f32 {
//!         self.grads.zero();
//!         let loss = self.net.add_gradients(x, &mut self.grads, |p| cross_entropy(p, &label, Reduction::Mean));
//!         self.sgd.lr = 0.03;
//!         self.sgd.step(&mut self.net, &self.grads);
//!         loss
//!     }
//! }
//!
//! let mut learner = Learner::BLANK; // a `static` behind your mutex
//! # let before = learner.learn(&Tensor([0.5; 64]), 3);
//! # assert!(learner.learn(&Tensor([0.5; 64]), 3) < before);
//! # let mut flash = [0xff; 2048];
//! let page = learner.net.0.1.1.save_bytes(&mut flash)?; // what it has learnt, for a page of flash
//! # let _ = page;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Frame by frame a network runs as [a stream](super#streams); a sequence need not be kept.
//!
//! # The stack
//!
//! Activations lie on the stack, since the call stack is the tape.
//! [`FORWARD_BYTES`](crate::nn::Module::FORWARD_BYTES) and [`BACKPROP_BYTES`](crate::nn::Backprop::BACKPROP_BYTES) are their sizes, and
//! [`Memory`](crate::memory::Memory) adds an allowance for what calls take. `add_gradients` into a `static` avoids the copy that `gradients`
//! returns. A build without optimisation takes several times as much stack; `opt-level = "s"` does not.
//!
//! # What was measured
//!
//! `firmware/` holds programs for an emulated Cortex-M4F, run in CI within budgets of instructions, stack, flash and RAM; its README has the
//! whole table, ten minutes from PyTorch to a chip, and a network as a static library for C. At `opt-level = 3`:
//!
//! | program | instructions | code, bytes | stack, bytes | |
//! |---|--:|--:|--:|---|
//! | `digits_mlp` | 8,056 | 2,840 | 348 | 64-32-10, as above |
//! | `digits_head` | 13,040 | 13,672 | 940 | a step of its new head |
//! | `digits_cnn` | 120,040 | 13,656 | 9,120 | two convolutions with batch norm |
//! | `mlp_adam` | 216,636 | 10,076 | 1,368 | a step of a larger one with Adam |
//! | `gru_frame` | 5,684 | 2,776 | 576 | a step of a GRU of 16 units |
//! | `stream_frame` | 3,140 | 5,616 | 560 | a sample through three causal convolutions |
//!
//! None of them has a path to a panic: their panic handler does not link.
//!
//! # The same bits
//!
//! With the feature `exact` a thousand steps of training end in the same bits on x86-64, Cortex-M4F, ARMv6-M, RISC-V and WebAssembly
//! (`firmware/check-exact`). Without it a chip may fuse a multiplication and an addition that another does not.
