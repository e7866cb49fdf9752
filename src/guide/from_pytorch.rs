//! From PyTorch: a model that it trained, the same numbers here, and the habits that change.
//!
//! # The model
//!
//! The type says what the constructor says, in the same order; [the chapter before](super#layers-and-operations-by-their-names) has the
//! names of layers and operations.
//!
//! ```python
//! model = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
//! … # trained
//! save_file(model.state_dict(), "digits_mlp.safetensors")            # from safetensors.torch
//! save_file({"logits": model(images)}, "digits_mlp.expected.safetensors")
//! ```
//!
//! # The same numbers
//!
//! Before anything else is built upon it, compare: the answers that PyTorch gave are a file of tensors, and a struct of tensors reads it.
//!
//! ```
//! use adamant::prelude::*;
//!
//! type Net = Sequential![Linear<64, 32>, Relu, Linear<32, 10>];
//!
//! #[derive(Module)]
//! struct Expected { logits: Tensor<[[f32; 10]; 360]> } // the file's names, once more
//!
//! let net = Net::load("tests/models/digits_mlp.safetensors")?;
//! let expected = Expected::load("tests/models/digits_mlp.expected.safetensors")?;
//!
//! let digits = std::fs::read("examples/data/digits.bin")?; // 64 pixels and a label each
//! let images = Tensor::<[[f32; 64]; 360]>::from_fn(|[i, pixel]| f32::from(digits[(1437 + i) * 65 + pixel]) / 16.0);
//! assert!(net.forward(images).all_close(&expected.logits, 1e-5, 1e-5));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A file that does not fit says which tensor, what was expected and what was found. [Weights](super#weights) has what to do about other
//! names, prefixes and half precision, `tools/export.py` saves tensors that share memory, and [`weights!`](crate::weights!) reads the file
//! when the program is compiled. Where the numbers differ:
//!
//! | | |
//! |---|---|
//! | by 10⁻⁶ or so | sums are added in another order; that is all that should remain |
//! | with batch norm or dropout | `model.eval()` was not called in PyTorch; `forward` here always evaluates |
//! | with attention | a mask of `bool` says `true` where there **is** attention; `nn.MultiheadAttention` and `nn.Transformer` have it the other way about |
//! | with sequences | `batch_first=True` is the only order: `[B][L][N]` |
//! | with a layer of your own | a matrix is `[IN][OUT]` here; a `Param` that a file stores as `[OUT, IN]` is `#[module(transposed)]` |
//!
//! # A model of somebody else's
//!
//! If there is an ONNX file, and no wish to write the struct, `adamant-onnx net.onnx` writes it, with the weights beside it, as one would
//! have written it oneself; `onnx!(Net, "net.onnx")` does so in the program. (The folder `onnx/` of the repository.)
//!
//! # Habits
//!
//! | PyTorch | adamant |
//! |---|---|
//! | `model.train()`, `model.eval()` | nothing: `gradients` trains, `forward` evaluates |
//! | `with torch.no_grad():` | nothing: `forward` records nothing |
//! | `optimizer.zero_grad()`, `loss.backward()` | `let (loss, grads) = model.gradients(&x, \|p\| …)`: a value of your own |
//! | `loss.backward()` several times | [`add_gradients`](crate::nn::Backprop::add_gradients) into one such value |
//! | `optimizer.step()` | `optimizer.step(&mut model, &grads)` |
//! | `scheduler.step()` | `optimizer.lr = schedule.lr(step)` ([`Schedule`](crate::optim::Schedule)) |
//! | `clip_grad_norm_(…, 1.0)` | `grads.clip_norm(1.0)` |
//! | `DataLoader(…, shuffle=True, drop_last=True)` | [`Batches`](crate::data::Batches) |
//! | any batch size, known at run time | [`Chunks`](crate::data::Chunks) |
//! | `torch.manual_seed(0)` | a generator that is handed on: `&mut SmallRng::seed_from_u64(0)` |
//! | `requires_grad_(False)` | [`Frozen`](crate::nn::Frozen), in the type |
//! | `model.double()` | the last parameter of a layer: `Linear<8, 4, Bias, f64>` |
//! | `.to("cuda")` | there is no GPU; the instructions are the best that the machine has, without a flag |
//! | `register_forward_hook`, `detect_anomaly` | [`Inspect`](crate::nn::Inspect) with [`Print`](crate::nn::Print) or [`StopAtNan`](crate::nn::StopAtNan) |
//! | `torch.autograd.gradcheck` | [`gradcheck`](crate::gradcheck::gradcheck) |
//! | `torchinfo.summary(model)` | `println!("{}", model.summary(&x))` |
//! | `torch.save({…})` of a run | `adam.checkpoint(&model, path)`, `adam.resume(&mut model, path)` |
//! | `torch.compile` | `cargo build --release` |
//! | an `if` on a tensor's value in `forward` | not in [`#[forward]`](macro@crate::forward): the way back is written when the program is compiled |
