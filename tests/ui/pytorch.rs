//! PyTorch's habits, with what to write here.

use adamant::prelude::*;

fn main() {
    let x = Tensor([[1.0f32; 3]; 2]);
    let _ = x.view(3, 2);
    let _ = x.view([3, 2]).tanh();
    let _ = x.unsqueeze(-1);
    let _ = x.squeeze(0);
    let _ = x.size(0);
    let _ = x.log();
    let _ = x.pow(2);
    let _ = x.mm(&x);
    let _ = x.t();
    let _ = x.softmax(-1);
    let _: Tensor<[[f32; 3]; 4]> = Tensor::cat(&[x, x], 0);

    let mut model = Linear::<3, 3>::init(&mut SmallRng::seed_from_u64(0));
    let mut adam = Adam::new(&model);
    adam.zero_grad();
    model.eval();
    let loss = mse_loss(&model.forward(&x), &x, Reduction::Mean);
    loss.backward();
    let mut y = x;
    mse_loss(&mut y, &x, Reduction::Mean).backward();
}
