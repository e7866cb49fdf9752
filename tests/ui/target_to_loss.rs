//! Targets that do not belong to the prediction.
use adamant::prelude::*;

fn main() {
    let net = <Sequential![Linear<3, 2>]>::init(&mut SmallRng::seed_from_u64(0));
    let x = Tensor::<[[f32; 3]; 10]>::zeros();
    let wide = Tensor::<[[f32; 4]; 10]>::zeros();
    net.gradients(&x, |p| mse_loss(p, &wide, Reduction::Mean));
    let labels = [0u8; 9];
    net.gradients(&x, |p| cross_entropy(p, &labels, Reduction::Mean));
}
