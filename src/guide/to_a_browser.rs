//! To a browser: WebAssembly without an import, an allocator or a framework.
//!
//! A browser is one more machine without an operating system. The crate is built with `default-features = false` for
//! `wasm32-unknown-unknown`, as a `cdylib`; the page asks the module for places in its memory, writes there and calls functions that take
//! numbers.
//!
//! ```toml
//! [lib]
//! crate-type = ["cdylib"]
//!
//! [dependencies]
//! adamant = { version = "0.1", default-features = false }
//! ```
//!
//! ```
//! use adamant::prelude::*;
//!
//! type Net = Sequential![Linear<64, 32>, Relu, Linear<32, 10>];
//! type Batch = Tensor<[[f32; 64]; 32]>;
//!
//! /// All that the page needs; its size is a constant, so nothing grows while it runs.
//! struct Page { net: Net, grads: Grads<Net>, adam: Adam<Net>, images: Batch, labels: [u8; 32] }
//!
//! impl Page {
//!     const BLANK: Self =
//!         Self { net: Net::BLANK, grads: Buffer::ZERO, adam: Adam::BLANK, images: Buffer::ZERO, labels: [0; 32] };
//!
//!     fn start(&mut self, seed: u64) {
//!         self.net.reset_parameters(&mut SmallRng::seed_from_u64(seed));
//!     }
//!
//!     /// A step on what the page has written to `images` and `labels`.
//!     fn train(&mut self) -> f32 {
//!         self.grads.zero();
//!         let labels = &self.labels;
//!         let loss = self.net.add_gradients(&self.images, &mut self.grads, |p| cross_entropy(p, labels, Reduction::Mean));
//!         self.adam.step(&mut self.net, &self.grads);
//!         loss
//!     }
//! }
//! # let mut page = Page::BLANK;
//! # page.start(0);
//! # page.images = Tensor::ones();
//! # let first = page.train();
//! # assert!(page.train() < first);
//! ```
//!
//! In the module it stands in a `static`, and `#[unsafe(no_mangle)] extern "C"` functions are its face: `firmware/module` is a small one, and
//! `web/module/src/page.rs` that of the page that learns.
//!
//! # Vectors
//!
//! WebAssembly has vectors of four numbers with `RUSTFLAGS="-C target-feature=+simd128"`; without, the code is a microcontroller's.
//! `firmware/module` holds such a network and trains it on batches of 32; after `wasm-opt -Oz`, and a step as Node 20 runs it
//! (`firmware/README.md`):
//!
//! | | bytes | a step, µs |
//! |---|--:|--:|
//! | `+simd128` | 58,027 | 21 |
//! | `-simd128`, the target's default | 17,650 | 59 |
//!
//! # The stack
//!
//! A module's stack is 1 MiB unless `-C link-arg=-zstack-size=…` says otherwise, and a pass that overflows it traps.
//! [`BACKPROP_BYTES`](crate::nn::Backprop::BACKPROP_BYTES) is a constant, so an assertion compares the two
//! (`web/module/src/learner.rs`).
//!
//! # The page that learns
//!
//! `cargo run --manifest-path web/Cargo.toml` builds and serves one file of 139 kB, in which two networks learn digits while you watch,
//! and read what you draw. It makes no request once it is loaded, and opens from a disk, too. Its test drives headless Chromium.
