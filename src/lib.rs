//! tmp
#![cfg_attr(not(feature = "std"), no_std)]
#![deny(missing_docs)]
#![deny(unsafe_code)]

#[cfg(feature = "alloc")]
extern crate alloc;
extern crate self as adamant;

pub mod data;
pub mod gradcheck;
#[cfg(feature = "alloc")]
#[allow(unsafe_code, reason = "the one audited place; see the module")]
mod heap;
pub mod init;
pub mod loss;
pub mod nn;
pub mod ops;
pub mod optim;
pub mod shape;
pub mod simd;
pub mod tensor;

pub use adamant_derive::{Module, Sequential};
pub use rand;
pub use shape::{Element, Shape};
pub use simd::Float;
pub use tensor::{Buffer, Tensor};

/// The value of a chain of layers: `sequential![Linear::init(rng), Relu, Linear::init(rng)]`. Its type is what
/// [`Sequential!`](macro@Sequential) writes for the layers' types.
///
/// ```
/// use adamant::prelude::*;
/// let rng = &mut SmallRng::seed_from_u64(0);
/// let net: Sequential![Linear<4, 8>, Dropout, Linear<8, 1>] =
///     sequential![Linear::init(rng), Dropout::new(0.1), Linear::init(rng)];
/// ```
#[macro_export]
macro_rules! sequential {
    (@chain $layer:expr $(,)?) => { $layer };
    (@chain $layer:expr, $($rest:expr),+ $(,)?) => { ($layer, $crate::sequential!(@chain $($rest),+)) };
    ($($layer:expr),+ $(,)?) => { $crate::nn::Sequential($crate::sequential!(@chain $($layer),+)) };
}

/// Everything that a program needs to define, train and run a model: `use adamant::prelude::*`.
pub mod prelude {
    pub use crate::data::*;
    pub use crate::init::Init;
    pub use crate::loss::*;
    pub use crate::nn::*;
    pub use crate::optim::*;
    pub use crate::tensor::{Idx, Tensor1, Tensor2, Tensor3, Tensor4};
    pub use crate::{Buffer, Float, Module, Sequential, Shape, Tensor, sequential};
    pub use rand::rngs::SmallRng;
    pub use rand::{Rng, RngExt, SeedableRng};
}
#[cfg(test)]
mod smoke {
    use crate::prelude::*;
    #[derive(crate::Module)]
    struct My<const I: usize, const O: usize> {
        weight: Param<[[f32; O]; I]>,
        bias: Param<[f32; I]>,
    }
    #[derive(crate::Module)]
    struct Net {
        a: Linear<3, 4>,
        act: Relu,
        b: Linear<4, 2, NoBias>,
    }
    #[test]
    fn t() {
        let rng = &mut SmallRng::seed_from_u64(0);
        let m = My::<3, 4>::init(rng);
        println!("{m}");
        let n = Net::init(rng);
        println!("{n} {}", n.forward(&Tensor([[1.0, 2.0, 3.0]; 2])));
        let s = <Sequential![Linear<3, 4>, Relu, Dropout, Residual<Sequential![Linear<4, 4>, Relu]>, Linear<4, 2>]>::init(rng);
        println!("{s}");
        s.named_parameters(|i| println!("{} {}", i.name, i.dims));
        let (l, g) = n.gradients(&Tensor([[1.0, 2.0, 3.0]; 2]), |p| {
            let l = p.as_slice()[0];
            p.fill(1.0);
            l
        });
        println!("{l} {g:?}");
        println!("{:?}", n.to_flat::<f32>().len());
        const _: () = Net::check::<Tensor<[f32; 3]>>();
    }
}
