//! The trait of a layer's options.

/// `$name`: whatever makes of the settings `$from` those of the layer, by [`Set`](super::options::Set). `$layer` stands for the layer in
/// the compiler's messages, `$bound` is what the settings have to be.
macro_rules! options_trait {
    ($(#[$doc:meta])* $name:ident $(<$($n:ident),+>)?: $bound:path = $from:ty, $layer:ty) => {
        $(#[$doc])*
        pub trait $name $(<$(const $n: usize),+>)?: Copy + PartialEq + core::fmt::Debug + Send + Sync + 'static {
            /// The configuration that they make.
            type Settings: $bound;
        }

        impl<O $($(, const $n: usize)+)?> $name $(<$($n),+>)? for O
        where
            O: $crate::nn::options::Set<$from, $layer, Out: $bound>,
            O: Copy + PartialEq + core::fmt::Debug + Send + Sync + 'static,
        {
            type Settings = O::Out;
        }
    };
}

pub(super) use options_trait;
