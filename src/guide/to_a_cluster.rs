//! To a cluster: one batch on many threads, one on many machines.
//!
//! Training on parallel hands is the ordinary loop with another line in its middle: each computes the gradients of its part of a batch, they
//! are added up, and every optimiser takes the same step.
//!
//! # Threads
//!
//! With the feature `rayon`, [`Chunks::par_gradients`](crate::data::Chunks) takes any number of samples, cuts them into chunks of a size
//! that the model is compiled for, and computes them on the threads of [rayon](https://docs.rs/rayon)'s pool.
//!
//! ```toml
//! adamant = { version = "0.1", features = ["rayon"] }
//! ```
//!
#![cfg_attr(feature = "rayon", doc = "```")]
#![cfg_attr(not(feature = "rayon"), doc = "```ignore")]
//! use adamant::prelude::*;
//!
//! let rng = &mut SmallRng::seed_from_u64(0);
//! let mut model = <Sequential![Linear<4, 8>, Tanh, Linear<8, 3>]>::init(rng);
//! let samples: Vec<[f32; 4]> = (0..300).map(|i| [i as f32 / 300.0; 4]).collect();
//! let labels: Vec<u8> = (0..300).map(|i| (i / 100) as u8).collect();
//!
//! let mut adam = Adam::new(&model).lr(1e-2);
//! for _ in 0..10 {
//!     let (loss, grads) =
//!         Chunks::<32>::par_gradients(&model, &samples, &labels, |p, y| cross_entropy(p, y, Reduction::Sum)); // a mean of 300
//!     adam.step(&mut model, &grads);
//! #   assert!(loss.is_finite());
//! }
//! ```
//!
//! **The same bits on any number of threads**: which sums are formed depends on the model, the chunk and the number of samples alone. The
//! batch must be worth it; a step of a small network on a few samples takes less time than to wake a thread.
//!
//! Threads of your own share the model, which is [`Sync`], and each has [gradients of its own](crate::nn::Parameters::worker_grads), in which
//! dropout draws what no other thread's does.
//!
//! # Machines
//!
//! The package `adamant-mpi`, in the folder `mpi/` of the repository, does the same between the processes that `mpirun` starts, on one
//! machine or on many. Three things stand around the ordinary loop: a `World`, a broadcast, and a `DataParallel` that gives the gradients of a
//! batch which all ranks share. (The package's README runs this.)
//!
//! ```ignore
//! let world = World::start()?; // this rank, and the others
//! world.broadcast(&mut net, &mut adam)?; // rank 0's are everyone's
//! let mut parallel = DataParallel::new(&world, &net, 8)?; // a step is of 8 batches, which up to 8 ranks share
//! for epoch in 0..10 {
//!     let mut batches = Batches::<32>::new(&images, &labels, &mut SmallRng::seed_from_u64(epoch));
//!     while let Some((loss, grads)) = parallel.gradients(&net, &mut batches, |p, y| cross_entropy(p, y, Reduction::Mean)) {
//!         adam.step(&mut net, grads);
//!     }
//!     world.checkpoint(&net, &adam, "run.safetensors")?; // by rank 0, whole or not at all
//! }
//! ```
//!
//! ```sh
//! mpirun -n 4 target/release/examples/digits
//! ```
//!
//! **The same bits on 1, 2, 4, … ranks**, and over a checkpoint that another number of ranks takes up. A layer's gradients leave for the other
//! ranks when its backward pass returns, while the pass goes on to the layers before it: what that is built on is
//! [`Watch`](crate::nn::Watch), for other ways of sending too. The README says what ranks cost, as measured, and what to expect of up to 1,024.
