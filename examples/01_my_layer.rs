//! A layer of one's own: write the forward pass, get the backward pass.
//!
//! `cargo run --example 01_my_layer` starts from random parameters and data; given the file of a PyTorch run,
//! `cargo run --example 01_my_layer -- tests/golden/train_adam.safetensors`, it starts from the parameters and data there and
//! prints PyTorch's losses beside its own.

use adamant::prelude::*;

/// y = (x² + bias) · weight
#[derive(Module)]
struct MyLayer<const IN: usize, const OUT: usize> {
    weight: Param<[[f32; OUT]; IN]>,
    bias: Param<[f32; IN]>,
}

#[forward] // derives the backward pass from this one
impl<const IN: usize, const OUT: usize> MyLayer<IN, OUT> {
    fn forward<const N: usize>(&self, x: Tensor<[[f32; IN]; N]>) -> Tensor<[[f32; OUT]; N]> {
        (x.square() + &self.bias).matmul(&self.weight)
    }
}

#[derive(Module)]
struct MyNet {
    mylayer1: MyLayer<5, 3>, // a struct of layers chains its fields in order
}

fn main() {
    if let Some(file) = std::env::args().nth(1) {
        return from_pytorch(&file);
    }
    let mut rng = SmallRng::seed_from_u64(0);
    let mut model = MyNet::init(&mut rng);
    println!("{model}"); // MyNet(\n  (mylayer1): MyLayer(5, 3)\n)
    let x: Tensor<[[f32; 5]; 10]> = Tensor::randn(&mut rng);
    let y: Tensor<[[f32; 3]; 10]> = Tensor::randn(&mut rng);
    let mut adam = Adam::new(&model).lr(1e-4);
    for epoch in 0..10 {
        let (loss, grads) = model.gradients(&x, |p| mse_loss(p, &y, Reduction::Sum));
        adam.step(&mut model, &grads);
        println!("epoch {epoch}, loss {loss}");
    }
}

/// The same training from the start of a run that PyTorch recorded.
fn from_pytorch(path: &str) {
    let bytes = std::fs::read(path).unwrap_or_else(|e| panic!("{path}: {e}"));
    let file = safetensors::SafeTensors::deserialize(&bytes).unwrap_or_else(|e| panic!("{path}: {e}"));
    let read = |name: &str, to: &mut [f32]| {
        let tensor = file.tensor(name).unwrap_or_else(|e| panic!("{path}, {name}: {e}"));
        let (numbers, _) = tensor.data().as_chunks::<4>();
        assert_eq!(numbers.len(), to.len(), "{path}, {name}: the number of elements");
        to.iter_mut().zip(numbers).for_each(|(to, bytes)| *to = f32::from_le_bytes(*bytes));
    };
    let mut model = MyNet::BLANK;
    read("param.mylayer1.weight", model.mylayer1.weight.as_mut_slice());
    read("param.mylayer1.bias", model.mylayer1.bias.as_mut_slice());
    let mut x = Tensor::<[[f32; 5]; 10]>::zeros();
    let mut y = Tensor::<[[f32; 3]; 10]>::zeros();
    let mut losses = [0.0; 10];
    read("input", x.as_mut_slice());
    read("target", y.as_mut_slice());
    read("losses", &mut losses);
    let mut adam = Adam::new(&model).lr(1e-4);
    for (epoch, theirs) in losses.iter().enumerate() {
        let (loss, grads) = model.gradients(&x, |p| mse_loss(p, &y, Reduction::Sum));
        adam.step(&mut model, &grads);
        println!("epoch {epoch}, loss {loss:.5}, PyTorch's {theirs:.5}");
    }
}
