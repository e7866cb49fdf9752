//! What a model takes in memory, from constants of its types, and a budget that the compiler checks.
//!
//! ```
//! use adamant::memory::{Flash, Memory, Ram};
//! use adamant::prelude::*;
//!
//! type Net = Sequential![Linear<64, 32>, Relu, Linear<32, 10>];
//! const _: () = Memory::inference::<Net, Tensor<[f32; 64]>>().fits(Flash::kib(10), Ram::kib(1));
//! const _: () = Memory::training::<Net, Tensor<[[f32; 64]; 8]>, Adam<Net>>().fits(Flash::NONE, Ram::kib(44));
//!
//! type Filter = Sequential![Conv1d<1, 8, 3, (Causal, Dilation<4>)>, Tanh, Conv1d<8, 1, 1>];
//! const _: () = Memory::streaming::<Filter, Tensor<[[f32; 1]; 1]>>().fits(Flash::kib(1), Ram::kib(1));
//! ```
//!
//! Over budget it does not compile, and the error lists the parts. The numbers are those of the target that the program is built for,
//! so the assertion stands in the firmware's crate. [`Memory`] prints as the same list.
//!
//! # What is counted
//!
//! | part | is | counted as |
//! |---|---|---|
//! | weights | the model, settings included | flash in inference ([`weights!`](crate::weights!)), RAM in training |
//! | borrowed weights | what `&` in the model points to: a base that several models share | flash |
//! | state | what a [stream](crate::stream) keeps from frame to frame | RAM |
//! | gradients | one mirror of what is trained | RAM |
//! | optimiser | its state and its settings | RAM |
//! | input, output | one batch | RAM |
//! | buffers | all that the pass makes: activations, statistics, patches | RAM: stack |
//! | calls | what the compiler puts around the buffers: saved registers, loops' variables ([`CALLS`](Memory::CALLS)) | RAM: stack |
//! | others | what the program says it takes besides: code, queues, interrupts ([`beside`](Memory::beside)) | both |
//!
//! All that is `static` is exact. The buffers of a training pass are those of all layers together; what one layer needs for a while and
//! the next uses again (a convolution's patches) counts for each, so that they are rather too many than too few. The calls are an
//! allowance, of 512 bytes to infer and 1,152 to train. On an emulated Cortex-M4F, at `opt-level` 3 and `s`, dense networks took up to
//! 276 and 992, and two convolutions 608 to infer. A program that measures its own stack says what it found
//! ([`calls`](Memory::calls)); a build without optimisation needs several times as much.

use core::fmt::{self, Display, Formatter};

use crate::nn::layout::Part;
use crate::nn::{Backprop, Grads, Module, Parameters};
use crate::optim::Optimizer;
use crate::stream::{Stream, Streaming};
use crate::tensor::Buffer;
use crate::text::Text;

/// So much memory that keeps what it holds: code and constants.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Flash(usize);

/// So much memory that is written: statics and stack.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Ram(usize);

macro_rules! sizes {
    ($($size:ident)+) => {$(
        impl $size {
            /// Nothing.
            pub const NONE: Self = Self(0);

            /// So many bytes.
            pub const fn bytes(bytes: usize) -> Self {
                Self(bytes)
            }

            /// So many times 1,024 bytes.
            pub const fn kib(kib: usize) -> Self {
                Self(kib * 1024)
            }

            /// The bytes.
            pub const fn get(self) -> usize {
                self.0
            }
        }
    )+};
}

sizes!(Flash Ram);

/// What a model takes, part by part. See [`memory`](self).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Memory {
    what: &'static str,
    model: usize,
    in_flash: bool,
    in_ram: bool,
    borrowed: usize,
    gradients: usize,
    optimizer: usize,
    state: usize,
    input: usize,
    output: usize,
    buffers: usize,
    calls: usize,
    others: (Flash, Ram),
}

impl Memory {
    /// What the calls of a pass take on the stack beside its buffers: in inference, and in training, the optimiser's step included.
    pub const CALLS: [Ram; 2] = [Ram(512), Ram(1152)];

    const NOTHING: Self = Self {
        what: "",
        model: 0,
        in_flash: false,
        in_ram: false,
        borrowed: 0,
        gradients: 0,
        optimizer: 0,
        state: 0,
        input: 0,
        output: 0,
        buffers: 0,
        calls: 0,
        others: (Flash::NONE, Ram::NONE),
    };

    /// Of [`forward_into`](Module::forward_into): the model in flash, input and output in RAM.
    pub const fn inference<M: Module<X>, X>() -> Self {
        Self {
            what: "inference",
            in_flash: true,
            input: size_of::<X>(),
            output: size_of::<M::Output>(),
            buffers: M::FORWARD_BYTES,
            calls: Self::CALLS[0].0,
            ..Self::model::<M>()
        }
    }

    /// Of a [`Streaming`] that borrows its network, and one [`step_with`](Streaming::step_with): the
    /// network in flash, state and frame in RAM. The output is lent, from the step's buffers.
    pub const fn streaming<M: Stream<F>, F: Buffer>() -> Self {
        Self {
            what: "streaming",
            in_flash: true,
            state: size_of::<Streaming<&M, F>>(),
            input: size_of::<F>(),
            buffers: M::STEP_BYTES,
            calls: Self::CALLS[0].0,
            ..Self::model::<M>()
        }
    }

    /// Of [`add_gradients`](Backprop::add_gradients) and the step of the optimiser `O`: all in RAM.
    pub const fn training<M: Backprop<X>, X: Clone, O: Optimizer<M>>() -> Self {
        Self {
            what: "training",
            in_ram: true,
            gradients: size_of::<Grads<M>>(),
            optimizer: size_of::<O>(),
            input: size_of::<X>(),
            buffers: M::BACKPROP_BYTES,
            calls: Self::CALLS[1].0,
            ..Self::model::<M>()
        }
    }

    const fn model<M: Parameters>() -> Self {
        Self { model: size_of::<M>(), borrowed: borrowed(M::LAYOUT.part()), ..Self::NOTHING }
    }

    /// The model is a `static` that starts as what flash holds of it and changes in RAM: both have it.
    #[must_use]
    pub const fn started_from_flash(self) -> Self {
        Self { in_flash: true, in_ram: true, ..self }
    }

    /// The model is in RAM alone: made there, or loaded.
    #[must_use]
    pub const fn in_ram(self) -> Self {
        Self { in_flash: false, in_ram: true, ..self }
    }

    /// The input lies in flash, or is counted elsewhere.
    #[must_use]
    pub const fn without_input(self) -> Self {
        Self { input: 0, ..self }
    }

    /// With what this program's calls take, as measured, in the place of [`CALLS`](Self::CALLS).
    #[must_use]
    pub const fn calls(self, calls: Ram) -> Self {
        Self { calls: calls.0, ..self }
    }

    /// With what the program takes besides: its code, its other statics, its interrupts' stacks.
    #[must_use]
    pub const fn beside(self, flash: Flash, ram: Ram) -> Self {
        Self { others: (flash, ram), ..self }
    }

    /// All that lies in flash.
    pub const fn flash(&self) -> Flash {
        Flash(if self.in_flash { self.model } else { 0 } + self.borrowed + self.others.0.0)
    }

    /// All that lies in RAM.
    pub const fn ram(&self) -> Ram {
        let statics = if self.in_ram { self.model } else { 0 } + self.gradients + self.optimizer + self.state;
        Ram(statics + self.input + self.output + self.stack().0 + self.others.1.0)
    }

    /// What of that is the stack of the pass.
    pub const fn stack(&self) -> Ram {
        Ram(self.buffers + self.calls)
    }

    /// Refuses, when the program is compiled, what does not fit.
    #[track_caller]
    pub const fn fits(&self, flash: Flash, ram: Ram) {
        if self.flash().0 > flash.0 || self.ram().0 > ram.0 {
            let text = Text::new().add(self.what).add(" does not fit:");
            let text = over(over(text, "flash", self.flash().0, flash.0), "RAM", self.ram().0, ram.0);
            panic!("{}", self.listed(text).as_str());
        }
    }

    /// A line for each part that there is.
    const fn listed(&self, text: Text) -> Text {
        let (in_flash, in_ram) = (if self.in_flash { self.model } else { 0 }, if self.in_ram { self.model } else { 0 });
        let text = text.line("  flash", self.flash().0);
        let text = some(text, "    weights", in_flash);
        let text = some(text, "    borrowed weights", self.borrowed);
        let text = some(text, "    others", self.others.0.0);
        let text = text.line("  RAM", self.ram().0);
        let text = some(text, "    weights", in_ram);
        let text = some(text, "    gradients", self.gradients);
        let text = some(text, "    optimiser", self.optimizer);
        let text = some(text, "    state", self.state);
        let text = some(text, "    input", self.input);
        let text = some(text, "    output", self.output);
        let text = some(text, "    buffers of the pass", self.buffers);
        let text = some(text, "    calls of the pass", self.calls);
        some(text, "    others", self.others.1.0)
    }
}

/// A line for a part, if there is any of it.
const fn some(text: Text, part: &str, bytes: usize) -> Text {
    if bytes == 0 { text } else { text.line(part, bytes) }
}

/// A line for a memory that is too small.
const fn over(text: Text, what: &str, bytes: usize, budget: usize) -> Text {
    if bytes <= budget {
        return text;
    }
    text.add("\n  ").number(bytes - budget).add(" bytes of ").add(what).add(" more than the budget of ").number(budget)
}

/// The bytes that references in a model point to. (The last part of several is no deeper call: a chain nests there.)
const fn borrowed(mut part: &Part) -> usize {
    let mut sum = 0;
    loop {
        part = match *part {
            Part::Borrowed { size, part } => {
                sum += size;
                part
            }
            Part::Fields(_, [first @ .., last]) => {
                let mut i = 0;
                while i < first.len() {
                    sum += borrowed(first[i].part);
                    i += 1;
                }
                last.part
            }
            Part::Each { count, part, .. } => return sum + count * borrowed(part),
            Part::Optional { part, .. } => part,
            Part::Fields(_, []) | Part::Nothing | Part::Unknown | Part::Tensor { .. } => return sum,
        };
    }
}

/// The list of the parts, in bytes.
impl Display for Memory {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(self.listed(Text::new().add(self.what)).as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::*;
    use std::string::ToString;

    type Net = Sequential![Linear<16, 64>, Tanh, Linear<64, 64>, Tanh, Linear<64, 8>];
    type X = Tensor<[f32; 16]>;

    #[test]
    fn parts_add_up() {
        let weights = size_of::<Net>();
        let inference = Memory::inference::<Net, X>();
        assert_eq!((inference.flash().get(), inference.stack().get()), (weights, 512 + 512));
        assert_eq!(inference.ram().get(), 64 + 32 + 1024);
        assert_eq!(inference.in_ram().flash(), Flash::NONE);
        assert_eq!(inference.in_ram().without_input().ram().get(), weights + 32 + 1024);
        let training = Memory::training::<Net, X, Adam<Net>>();
        let statics = 2 * weights + size_of::<Adam<Net>>();
        assert_eq!((training.flash(), training.ram().get()), (Flash::NONE, statics + 64 + 1056 + 1152));
        let program = training.started_from_flash().calls(Ram::bytes(408)).beside(Flash::kib(20), Ram::bytes(32));
        assert_eq!((program.flash().get(), program.ram().get()), (weights + 20480, statics + 64 + 1056 + 408 + 32));
        program.fits(Flash::bytes(weights + 20480), program.ram());
    }

    #[test]
    fn a_stream_has_a_state() {
        type Net = Sequential![Conv1d<2, 8, 3, Causal>, Tanh, Residual<Conv1d<8, 8, 1>>, MaxPool1d<2>];
        let memory = Memory::streaming::<Net, Tensor<[[f32; 1]; 2]>>();
        // What each layer lends, and what the shortcut keeps meanwhile; activations work in place.
        let [lent, kept] = [8 * 4 + 4; 2];
        assert_eq!(memory.stack().get(), 3 * lent + kept + 512);
        let state = size_of::<&Net>() + Streaming::<Net, Tensor<[[f32; 1]; 2]>>::STATE_BYTES;
        assert_eq!(memory.flash().get(), size_of::<Net>());
        assert!((state..state + 64).contains(&(memory.ram().get() - memory.stack().get() - 8)), "{memory}");
    }

    #[test]
    fn what_is_borrowed_lies_in_flash() {
        type Base = Sequential![Linear<16, 64>, Tanh];
        type Tuned = Sequential![Frozen<&'static Base>, Linear<64, 8>];
        let memory = Memory::training::<Tuned, X, Sgd<Tuned>>();
        assert_eq!(memory.flash().get(), size_of::<Base>());
        assert!(memory.ram().get() < size_of::<Tuned>() + size_of::<Linear<64, 8>>() + 4000);
        type Both = (Option<&'static Base>, [Frozen<&'static Linear<1, 1>>; 3]);
        assert_eq!(borrowed(Both::LAYOUT.part()), size_of::<Base>() + 3 * size_of::<Linear<1, 1>>());
    }

    #[test]
    fn it_prints_its_parts() {
        let text = "\
inference
  flash                      23,072
    weights                  23,072
  RAM                         1,120
    input                        64
    output                       32
    buffers of the pass         512
    calls of the pass           512";
        assert_eq!(Memory::inference::<Net, X>().to_string(), text);
    }
}
