//! What a firmware calls: inference, a training step, an optimiser's step, each as a C function over static memory.
//!
//! `.ci/run` builds this for a Cortex-M4F and looks at what came out: no symbol of an allocator, and no call of a panic.

#![no_std]

use adamant::prelude::*;

type Net = Sequential![Linear<16, 32>, Relu, Residual<Sequential![Linear<32, 32>, Tanh]>, Linear<32, 4>];
type Batch = Tensor<[[f32; 16]; 8]>;

/// y = net(x).
#[unsafe(no_mangle)]
pub extern "C" fn infer(net: &Net, x: &Tensor<[f32; 16]>, y: &mut Tensor<[f32; 4]>) {
    net.forward_into(x, y);
}

/// A model out of a file, in flash.
#[unsafe(no_mangle)]
pub static DIGITS: Sequential![Linear<64, 32>, Relu, Linear<32, 10>] = weights!("../models/digits_mlp.safetensors");

/// y = DIGITS(x).
#[unsafe(no_mangle)]
pub extern "C" fn read_digit(x: &Tensor<[f32; 64]>, y: &mut Tensor<[f32; 10]>) {
    DIGITS.forward_into(x, y);
}

/// The loss of a batch; adds the gradients.
#[unsafe(no_mangle)]
pub extern "C" fn learn(net: &Net, x: &Batch, labels: &[u8; 8], grads: &mut Grads<Net>) -> f32 {
    net.add_gradients(x, grads, |p| cross_entropy(p, labels, Reduction::Mean))
}

/// One step of Adam; sets the gradients to zero.
#[unsafe(no_mangle)]
pub extern "C" fn step(net: &mut Net, adam: &mut Adam<Net>, grads: &mut Grads<Net>) {
    adam.step(net, grads);
    grads.zero();
}

/// A model from a seed.
#[unsafe(no_mangle)]
pub extern "C" fn start(net: &mut Net, seed: u64) {
    net.reset_parameters(&mut SmallRng::seed_from_u64(seed));
}

type Images = Tensor<[[[[f32; 12]; 12]; 1]; 4]>;
type Cnn = Sequential![
    Conv2d<1, 4, 3, Padding<1>>,
    BatchNorm2d<4>,
    Relu,
    MaxPool2d<2>,
    Conv2d<4, 8, 3, (Stride<2>, Padding<1>)>,
    Silu,
    Flatten,
    Linear<72, 3>
];

/// The loss of a batch of images; adds the gradients.
#[unsafe(no_mangle)]
pub extern "C" fn learn_images(net: &Cnn, x: &Images, labels: &[u8; 4], grads: &mut Grads<Cnn>) -> f32 {
    net.add_gradients(x, grads, |p| cross_entropy(p, labels, Reduction::Mean))
}

type Decoder = Sequential![
    Conv2d<1, 4, 3, (Padding<1>, PaddingEnd<0>)>,
    AvgPool2d<3, (Stride<2>, Padding<1>, CeilMode)>,
    UpsampleBilinear<Scale<2>>,
    MaxPool2d<3, (Stride<2>, CeilMode)>,
    UpsampleBilinear<(Size<12>, AlignCorners)>,
    ConvTranspose2d<4, 1, 3, Padding<1>>
];

/// The squared error of a batch of images; adds the gradients.
#[unsafe(no_mangle)]
pub extern "C" fn learn_to_decode(net: &Decoder, x: &Images, grads: &mut Grads<Decoder>) -> f32 {
    net.add_gradients(x, grads, |p| mse_loss(p, x, Reduction::Sum))
}

type Wave = Sequential![
    Conv1d<2, 4, 3, (Causal, Dilation<2>)>,
    BatchNorm1d<4>,
    MaxPool1d<5, CeilMode>,
    UpsampleLinear<Size<12>>,
    ConvTranspose1d<4, 2, 4, (Stride<2>, Padding<1>)>
];

/// The squared error of a signal; adds the gradients.
#[unsafe(no_mangle)]
pub extern "C" fn learn_wave(net: &Wave, x: &Tensor<[[[f32; 24]; 2]; 4]>, grads: &mut Grads<Wave>) -> f32 {
    net.add_gradients(x, grads, |p| mse_loss(p, x, Reduction::Sum))
}

/// A model as numbers, as they lie in flash, and back: parameters and running statistics.
#[unsafe(no_mangle)]
pub extern "C" fn keep(net: &Wave, flash: &mut [f32; Wave::NUMBERS]) {
    *flash = net.state_to_flat().into();
}

/// The way back.
#[unsafe(no_mangle)]
pub extern "C" fn recall(net: &mut Wave, flash: &[f32; Wave::NUMBERS]) {
    net.copy_state_from_flat(&(*flash).into());
}

/// A model out of a file in flash, whatever stands there.
#[unsafe(no_mangle)]
pub extern "C" fn load(net: &mut Cnn, flash: &[u8; 8192]) -> bool {
    let file = flash.get(..net.saved_len()).unwrap_or_default();
    net.load_bytes(file).is_ok()
}

/// As `load`, of whatever numbers, with other names, as far as the file goes.
#[unsafe(no_mangle)]
pub extern "C" fn load_some(net: &mut Cnn, file: &[u8; 8192], missing: &mut usize) -> bool {
    let mut report = |_: &LoadError| *missing = missing.wrapping_add(1);
    Load::new().prefix("net.").names(&[("0", "conv")]).cast().lenient(&mut report).bytes(net, file).is_ok()
}

/// A model into flash, and how many bytes it takes there.
#[unsafe(no_mangle)]
pub extern "C" fn save(net: &Cnn, flash: &mut [u8; 8192]) -> usize {
    net.save_bytes(flash).map_or(0, |file| file.len())
}

/// A training run into flash.
#[unsafe(no_mangle)]
pub extern "C" fn checkpoint(net: &Cnn, adam: &Adam<Cnn>, flash: &mut [u8; 32768]) -> usize {
    adam.checkpoint_bytes(net, flash).map_or(0, |file| file.len())
}

/// The way back.
#[unsafe(no_mangle)]
pub extern "C" fn resume(net: &mut Cnn, adam: &mut Adam<Cnn>, flash: &[u8; 32768]) -> bool {
    let file = flash.get(..adam.checkpoint_len(net)).unwrap_or_default();
    adam.resume_bytes(net, file).is_ok()
}

type Pairs = (Tensor<[[f32; 6]; 3]>, Tensor<[[f32; 5]; 3]>);

/// The squared error of some pairs; adds the gradients.
#[unsafe(no_mangle)]
pub extern "C" fn learn_pairs(
    net: &Bilinear<6, 5, 4>,
    x: &Pairs,
    y: &Tensor<[[f32; 4]; 3]>,
    grads: &mut Grads<Bilinear<6, 5, 4>>,
) -> f32 {
    net.add_gradients(x, grads, |p| mse_loss(p, y, Reduction::Sum))
}

/// A recurrent network whose backward pass is derived.
#[derive(Module)]
#[module(custom(forward))]
pub struct Rnn {
    input: Linear<3, 8>,
    state: Linear<8, 8, NoBias>,
    out: Linear<8, 1>,
}

#[forward]
impl Rnn {
    fn forward(&self, x: Tensor<[[f32; 3]; 16]>) -> Tensor<[f32; 1]> {
        let mut h = Tensor::<[f32; 8]>::zeros();
        for t in 0..16 {
            h = (self.input.forward(x.row(t)) + self.state.forward(h)).tanh();
        }
        self.out.forward(h)
    }
}

/// The squared error of one sequence; adds the gradients.
#[unsafe(no_mangle)]
pub extern "C" fn learn_sequence(net: &Rnn, x: &Tensor<[[f32; 3]; 16]>, y: &Tensor<[f32; 1]>, grads: &mut Grads<Rnn>) -> f32 {
    net.add_gradients(x, grads, |p| mse_loss(p, y, Reduction::Sum))
}

/// What is counted is wider than this machine's addresses: more than 2³² multiply-accumulates over buffers of 16 MiB.
mod wide {
    use adamant::prelude::*;

    type Wide = Tensor<[[f32; 2048]; 2048]>;
    const EACH: u64 = 2048 * 2048 * 2048;
    const BUFFER: usize = 4 * 2048 * 2048;

    #[derive(Module)]
    pub struct Product {
        weight: Param<[[f32; 2048]; 2048]>,
    }

    #[forward]
    impl Product {
        fn forward(&self, x: Wide) -> Wide {
            let mut h = x;
            for _ in 0..3 {
                h = h.matmul(&self.weight);
            }
            h
        }
    }

    #[derive(Module)]
    pub struct Fields {
        product: Product,
        linear: Linear<2048, 2048>,
    }

    type Chain = Sequential![Product, Linear<2048, 2048>];
    type Image = Tensor<[[[[f32; 256]; 256]; 64]; 1]>;

    const _: () = {
        assert!(<Product as Module<Wide>>::MACS == 3 * EACH);
        // The state that the loop carries on, and what the last operation gives.
        assert!(<Product as Module<Wide>>::FORWARD_BYTES == 2 * BUFFER);
        assert!(<Product as Backprop<Wide>>::BACKPROP_BYTES < 10 * BUFFER);
        assert!(<Fields as Module<Wide>>::MACS == 4 * EACH && <Chain as Module<Wide>>::MACS == 4 * EACH);
        assert!(<Conv2d<64, 128, 3, Padding<1>> as Module<Image>>::MACS == 64 * 128 * 9 * 256 * 256);
    };
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {}
}
