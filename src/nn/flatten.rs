//! [`Flatten`].

use super::Layer;
use super::stateless::stateless;
use crate::shape::{Merge, Shape};
use crate::simd::{self, Float};
use crate::tensor::Tensor;

/// Merges the axes `START` to `END` into one. Without arguments: an image `[C][H][W]` becomes `[C·H·W]`, a batch
/// `[B][C][H][W]` becomes `[B][C·H·W]`.
///
/// | | input | output |
/// |---|---|---|
/// | `Flatten` | `[C][H][W]`, any leading dimensions | `[C·H·W]`, the same leading dimensions |
/// | `Flatten<-2>` | `[C][L]`, any leading dimensions | `[C·L]`, the same leading dimensions |
/// | `Flatten<1>` | any batch `[B][…]` | `[B][N]` |
/// | `Flatten<0>` | anything | `[N]` |
/// | `Flatten<1, 2>` | `[B][X][Y][…]` | `[B][X·Y][…]` |
///
/// Axes count as in PyTorch, from 0 at the outermost dimension or from −1 at the innermost. PyTorch's default is `START` = 1,
/// which keeps the batch; but three dimensions may be one image or a batch of signals, which no type tells apart. So the
/// default here counts from the inside, −3: for a batch of images it is the same (and is printed as PyTorch's), and one image
/// works as well. **A chain of signals, `[B][C][L]`, must say `Flatten<-2>`** (or `Flatten<1>`, for batches alone); where it
/// does not, the whole batch becomes one vector, and the next layer says
/// ``layer `Linear<64, 10>` cannot take input `Tensor<[f32; 512]>` ``. Two dimensions are refused.
///
/// Which `END` other than −1 there are, [`Merge`] says. The batch size needs no bound in generic code, also one that the type
/// checker could not compute with.
///
/// After [`torch.nn.Flatten`](https://docs.pytorch.org/docs/stable/generated/torch.nn.Flatten.html).
///
/// ```
/// use adamant::prelude::*;
/// type Head = Sequential![Flatten, Linear<24, 10>];
/// let head = Head::init(&mut SmallRng::seed_from_u64(0));
/// let one: Tensor<[f32; 10]> = head.forward(&Tensor::<[[[f32; 4]; 3]; 2]>::zeros());
/// let batch: Tensor<[[f32; 10]; 5]> = head.forward(&Tensor::<[[[[f32; 4]; 3]; 2]; 5]>::zeros());
/// let signals: Tensor<[[f32; 6]; 5]> = Flatten::<-2>.forward(&Tensor::<[[[f32; 3]; 2]; 5]>::zeros());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Flatten<const START: isize = -3, const END: isize = -1>;

stateless! {
    [const START: isize, const END: isize] Flatten<START, END> = Self,
    |_this| "Flatten(start_dim={}, end_dim={END})", if START == -3 { 1 } else { START };
}

#[crate::layer]
impl<S: Shape<Elem: Float>, const START: isize, const END: isize> Layer<Tensor<S>> for Flatten<START, END>
where
    S: Merge<START, END, Self>,
{
    type Output = Tensor<S::Out>;
    type Kept = ();

    #[inline]
    fn compute(&self, x: &Tensor<S>, y: &mut Self::Output) {
        simd::copy(x.as_slice(), y.as_mut_slice());
    }

    #[inline]
    fn backward_input(&self, x: &mut Tensor<S>, (): &(), dy: &mut Self::Output) {
        simd::copy(dy.as_slice(), x.as_mut_slice());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gradcheck::gradcheck;
    use crate::init::Init;
    use crate::nn::Module;
    use crate::nn::{Linear, Sequential};
    use crate::prelude::{SeedableRng, SmallRng};

    type Images = Tensor<[[[[f64; 4]; 3]; 2]; 5]>;

    #[test]
    fn gradients() {
        let x = Images::randn(&mut SmallRng::seed_from_u64(0));
        gradcheck(&mut Flatten::<-3>, &x, 1e-6).unwrap();
        gradcheck(&mut Flatten::<-3>, x.at::<0>(), 1e-6).unwrap();
        gradcheck(&mut Flatten::<1, 2>, &x, 1e-6).unwrap();
    }

    #[test]
    fn the_order_stays() {
        let x = Images::randn(&mut SmallRng::seed_from_u64(1));
        let all: Tensor<[f64; 120]> = Flatten::<0>.forward(&x);
        let batch: Tensor<[[f64; 24]; 5]> = Flatten::<-3>.forward(&x);
        assert_eq!(batch, Flatten::<1>.forward(&x));
        assert_eq!((all.as_slice(), batch.as_slice()), (x.as_slice(), x.as_slice()));
        assert_eq!(Flatten::<-3>.to_string(), "Flatten(start_dim=1, end_dim=-1)");
        assert_eq!(Flatten::<0, 1>.to_string(), "Flatten(start_dim=0, end_dim=1)");
    }

    /// The batch size needs no bound.
    fn classify<const B: usize>(net: &Head, x: &Tensor<[[[[f32; 4]; 3]; 2]; B]>) -> Tensor<[[f32; 10]; B]> {
        net.forward(x)
    }

    type Head = Sequential<(Flatten, Linear<24, 10>)>;

    #[test]
    fn any_batch_size() {
        let net = Head::init(&mut SmallRng::seed_from_u64(2));
        assert_eq!(classify::<1027>(&net, &Tensor::zeros()).rows().len(), 1027);
    }
}
