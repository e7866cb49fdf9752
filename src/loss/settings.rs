//! The values that hold the settings of a loss.

/// Declares the settings of a loss: what stands where nothing is told, and a setter each.
macro_rules! settings {
    (
        $(#[$doc:meta])* $name:ident;
        $(#[$new_doc:meta])* new { $($(#[$field_doc:meta])* $field:ident: $t:ty = $default:expr),+ $(,)? }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Debug)]
        pub struct $name {
            $($field: $t),+
        }

        impl $name {
            $(#[$new_doc])*
            #[inline]
            pub const fn new() -> Self {
                Self { $($field: $default),+ }
            }

            $(
                $(#[$field_doc])*
                #[inline]
                pub const fn $field(mut self, $field: $t) -> Self {
                    self.$field = $field;
                    self
                }
            )+
        }

        impl Default for $name {
            fn default() -> Self {
                Self::new()
            }
        }
    };
}

pub(super) use settings;
