//! A batch of another size than the target's.
use adamant::prelude::*;

fn main() {
    let net = <Sequential![Linear<3, 2>]>::init(&mut SmallRng::seed_from_u64(0));
    let x = Tensor::<[[f32; 3]; 10]>::zeros();
    let y = Tensor::<[[f32; 2]; 12]>::zeros();
    net.gradients(&x, |p| mse_loss(p, &y, Reduction::Mean));
}
