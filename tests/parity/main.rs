//! PyTorch's values: every layer, loss, optimiser and schedule is given what PyTorch was given and must return what it returned.
//!
//! `tests/golden/` holds one safetensors file a case (`README.md` there says what each tensor is).

mod activations;
mod attention;
mod conv;
mod custom_layers;
mod golden;
mod layers;
mod losses;
mod norm;
mod optimisers;
mod recurrent;
mod schedules;
