//! [`StateDict`]: what every model can do with files.

#[cfg(feature = "std")]
use std::{boxed::Box, io, path::Path};

use super::{Load, LoadError, TooShort, save};
use crate::init::Init;
use crate::nn::Parameters;
use crate::stack::by_value;

/// Saving and loading, for every model: [safetensors](https://github.com/huggingface/safetensors) files with PyTorch's names and layouts.
///
/// | | a file | memory |
/// |---|---|---|
/// | a new model | [`Net::load(path)`](Self::load), [`Net::load_boxed(path)`](Self::load_boxed) | [`Net::from_bytes(bytes)`](Self::from_bytes) |
/// | into a model | [`net.load_from(path)`](Self::load_from) | [`net.load_bytes(bytes)`](Self::load_bytes) |
/// | out of it | [`net.save(path)`](Self::save) | [`net.save_bytes(buffer)`](Self::save_bytes), [`net.save_to(sink)`](Self::save_to) |
/// | with other names, other types of numbers, parts of it | [`Load::file`] | [`Load::bytes`] |
/// | with what training goes on from | [`Checkpoint`](super::Checkpoint) | the same |
///
/// ```
/// use adamant::prelude::*;
///
/// type Net = Sequential![Conv2d<1, 4, 3>, BatchNorm2d<4>, Relu, Flatten, Linear<144, 10>];
/// let net = Net::init(&mut SmallRng::seed_from_u64(0));
/// # let folder = std::env::temp_dir().join(format!("adamant-weights-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder)?;
/// # let path = folder.join("net.safetensors");
///
/// net.save(&path)?;
/// assert_eq!(Net::load(&path)?, net);
/// # std::fs::remove_dir_all(&folder)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// All that a model keeps is saved: parameters, frozen and borrowed ones too, and buffers (running statistics, plain tensors).
/// Settings (a probability of dropout, an ε) are not. What is absent, a `None`, is neither saved nor looked for. What is borrowed is
/// passed over in loading, since nobody may write to it.
#[doc(alias("state_dict", "load_state_dict", "safetensors", "torch.save", "torch.load", "weights"))]
pub trait StateDict: Parameters + Sized {
    /// Saves the model, so that a file that stood there is replaced as a whole or, after an error or an interruption at any time, not at
    /// all: the new one is written beside it (`.net.safetensors.4711-0.tmp`), synchronised and renamed. A link is followed.
    ///
    /// # Errors
    /// What the operating system says, with the path.
    #[cfg(feature = "std")]
    #[doc(alias("state_dict", "torch.save", "save_file", "serialize", "export"))]
    fn save(&self, path: impl AsRef<Path>) -> io::Result<()> {
        super::disk::save(self, path.as_ref())
    }

    /// The model of a file. Its settings are those of [`BLANK`](Init::BLANK). One that is too large for a stack does not build:
    ///
    /// ```compile_fail
    /// use adamant::prelude::*;
    /// type Net = Sequential![Linear<784, 512>, Relu, Linear<512, 10>];
    /// let net = Net::load("net.safetensors").unwrap();
    /// // error: `load` returns 1,628,200 bytes by value, and the stack takes 409,600: make it on the heap, `Net::load_boxed(path)`
    /// ```
    ///
    /// # Errors
    /// Where the file cannot be read, is not well-formed, or is not this model's: one that lacks a tensor, has one more, or one of
    /// another shape or type. [`Load`] takes some of these.
    #[cfg(feature = "std")]
    #[doc(alias("load_state_dict", "torch.load", "load_file", "from_pretrained", "deserialize"))]
    fn load(path: impl AsRef<Path>) -> Result<Self, LoadError>
    where
        Self: Init,
    {
        const { by_value::<Self>("`load`", "`Net::load_boxed(path)`") };
        let mut model = Self::BLANK;
        model.load_from(path)?;
        Ok(model)
    }

    /// As [`load`](Self::load), made in place on the heap: for models that are larger than a stack.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    #[cfg(feature = "std")]
    fn load_boxed(path: impl AsRef<Path>) -> Result<Box<Self>, LoadError>
    where
        Self: Init,
    {
        let mut model = crate::heap::boxed(Self::blank_in);
        model.load_from(path)?;
        Ok(model)
    }

    /// Loads a file into this model, strictly: see [`Load`] for files that are not quite its own.
    ///
    /// # Errors
    /// As [`load`](Self::load); the model is as it was.
    #[cfg(feature = "std")]
    #[doc(alias("load_state_dict", "load_model"))]
    fn load_from(&mut self, path: impl AsRef<Path>) -> Result<(), LoadError> {
        Load::new().file(self, path)
    }

    /// Writes the file into a buffer, and gives the part that it takes: without an allocator, for a page of flash.
    ///
    /// ```
    /// use adamant::prelude::*;
    /// let head = Linear::<16, 4>::init(&mut SmallRng::seed_from_u64(0));
    /// let mut page = [0xff; 1024];
    /// let len = head.save_bytes(&mut page)?.len();
    /// assert_eq!(len, head.saved_len());
    /// assert_eq!(Linear::from_bytes(&page[..len])?, head);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Where the buffer is shorter than [`saved_len`](Self::saved_len); nothing is written to it then.
    #[doc(alias("to_bytes", "serialize"))]
    fn save_bytes<'b>(&self, buffer: &'b mut [u8]) -> Result<&'b mut [u8], TooShort> {
        save::to_bytes(self, buffer)
    }

    /// Gives the file to `sink`, part by part: to a serial line, to flash page by page, to anything that writes.
    ///
    /// ```
    /// use adamant::prelude::*;
    /// use std::io::Write;
    /// let net = Linear::<16, 4>::init(&mut SmallRng::seed_from_u64(0));
    /// let mut file = Vec::new();
    /// net.save_to(|bytes| file.write_all(bytes))?;
    /// assert_eq!(file.len(), net.saved_len());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Errors
    /// The first that `sink` returns.
    #[doc(alias("write", "serialize"))]
    fn save_to<E>(&self, mut sink: impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
        save::to_sink(self, &mut sink)
    }

    /// How many bytes the saved file has. It depends on the model's type alone, but for parts that are absent (`None`).
    fn saved_len(&self) -> usize {
        save::len(self)
    }

    /// Loads a file that is in memory into this model, strictly; nothing is allocated. See [`Load`] for files that are not quite its
    /// own.
    ///
    /// # Errors
    /// As [`from_bytes`](Self::from_bytes); the model is as it was.
    #[doc(alias = "load_state_dict")]
    fn load_bytes(&mut self, bytes: &[u8]) -> Result<(), LoadError> {
        Load::new().bytes(self, bytes)
    }

    /// The model of a file that is in memory (`include_bytes!`, a page of flash). One that is too large for a stack does not build:
    /// [`load_bytes`](Self::load_bytes) into one that is elsewhere.
    ///
    /// # Errors
    /// Where the file is not well-formed, or is not this model's: one that lacks a tensor, has one more, or one of another shape or
    /// type.
    #[doc(alias("deserialize", "from_pretrained"))]
    fn from_bytes(bytes: &[u8]) -> Result<Self, LoadError>
    where
        Self: Init,
    {
        const { by_value::<Self>("`from_bytes`", "`let mut net = Net::init_boxed(rng); net.load_bytes(bytes)`") };
        let mut model = Self::BLANK;
        model.load_bytes(bytes)?;
        Ok(model)
    }
}

impl<M: Parameters> StateDict for M {}
