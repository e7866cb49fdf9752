//! The settings of an optimiser, apart from its state.

/// What an optimiser was told. Nobody told it anything: then all its bytes are zero, and the settings are PyTorch's.
///
/// So a fresh optimiser is zeros throughout, and a `static` one costs no flash: a program's file does not hold what is zero.
#[derive(Clone, Copy)]
pub struct Settings<S> {
    told: bool,
    values: S,
}

/// Settings that have defaults.
pub trait Defaults: Copy + 'static {
    /// PyTorch's.
    const DEFAULT: &'static Self;
    /// Zeros, which stand where nobody told anything.
    const ZERO: Self;
}

impl<S: Defaults> Settings<S> {
    /// Nobody told anything.
    pub const UNTOLD: Self = Self { told: false, values: S::ZERO };

    /// The settings.
    #[inline]
    pub const fn get(&self) -> &S {
        if self.told { &self.values } else { S::DEFAULT }
    }

    /// The settings, to change them.
    #[inline]
    pub const fn edit(&mut self) -> &mut S {
        if !self.told {
            *self = Self { told: true, values: *S::DEFAULT };
        }
        &mut self.values
    }
}

/// Declares the settings of an optimiser with PyTorch's defaults.
macro_rules! settings {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $t:ty = $default:expr),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Debug)]
        pub struct $name {
            $($(#[$field_doc])* pub $field: $t),+
        }

        impl crate::optim::settings::Defaults for $name {
            const DEFAULT: &'static Self = &Self { $($field: $default),+ };
            const ZERO: Self = Self { $($field: crate::init::Init::BLANK),+ };
        }
    };
}

pub(super) use settings;
