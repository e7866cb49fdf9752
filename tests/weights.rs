//! Models trained in PyTorch as constants of the program: they answer as PyTorch's do.

use adamant::prelude::*;
use adamant::weights;

#[path = "../examples/data/digits.rs"]
mod digits;

/// What PyTorch answers.
#[derive(Module)]
#[module(custom(forward))]
struct Expected {
    logits: Tensor<[[f32; 10]; 360]>,
}

/// The images that the models were not trained on.
fn images<S>(image: impl Fn([f32; 64]) -> S) -> impl Iterator<Item = S> {
    digits::embedded(image).0.into_iter().skip(digits::TRAIN)
}

#[track_caller]
fn answers(expected: &Expected, within: f64, logits: impl Iterator<Item = Tensor<[f32; 10]>>) {
    let mut count = 0;
    for (i, logits) in logits.enumerate() {
        let expected = &Tensor(expected.logits.0[i]);
        assert!(logits.all_close(expected, within, within), "image {i}: {logits} instead of {expected}");
        count += 1;
    }
    assert_eq!(count, 360);
}

type Mlp = Sequential![Linear<64, 32>, Relu, Linear<32, 10>];

static MLP: Mlp = weights!("tests/models/digits_mlp.safetensors");
static MLP_EXPECTED: Expected = weights!("tests/models/digits_mlp.expected.safetensors");

#[test]
fn a_chain_answers_as_in_pytorch() {
    answers(&MLP_EXPECTED, 1e-5, images(|x| MLP.forward(Tensor(x))));
}

#[test]
fn rounded_models_are_converted_by_asking() {
    static HALF: Mlp = weights!("tests/models/digits_mlp_float16.safetensors", as f32);
    static BRAIN: Mlp = weights!("tests/models/digits_mlp_bfloat16.safetensors", as f32);
    static DOUBLE: Mlp = weights!("tests/models/digits_mlp_float64.safetensors", as f32);
    for (net, within) in [(&HALF, 1e-2), (&BRAIN, 1e-1), (&DOUBLE, 1e-5)] {
        answers(&MLP_EXPECTED, within, images(|x| net.forward(Tensor(x))));
    }
    let widened: Sequential![Linear<64, 32, Bias, f64>, Relu, Linear<32, 10, Bias, f64>] =
        const { weights!("tests/models/digits_mlp.safetensors", as f64) };
    assert_eq!(widened.0.0.weight.0.0[3][5], f64::from(MLP.0.0.weight.0.0[3][5]));
}

/// As the module in PyTorch: its names are its fields'.
#[derive(Module)]
struct Cnn {
    features: Sequential![
        Conv2d<1, 8, 3, (Padding<1>, NoBias)>, BatchNorm2d<8>, Relu, MaxPool2d<2>,
        Conv2d<8, 16, 3, Padding<1>>, Relu, MaxPool2d<2>,
    ],
    flatten: Flatten,
    classifier: Linear<64, 10>,
}

static CNN: Cnn = weights!("tests/models/digits_cnn.safetensors");
static CNN_EXPECTED: Expected = weights!("tests/models/digits_cnn.expected.safetensors");

#[test]
fn a_struct_with_buffers_answers_as_in_pytorch() {
    let image = |x: [f32; 64]| Tensor::<[[[f32; 8]; 8]; 1]>([std::array::from_fn(|i| std::array::from_fn(|j| x[8 * i + j]))]);
    answers(&CNN_EXPECTED, 1e-5, images(|x| CNN.forward(image(x))));
}

/// One recurrent layer, as PyTorch names its parts.
#[derive(Module)]
#[module(custom(forward))]
struct Gru<const IN: usize, const H3: usize, const H: usize> {
    #[module(transposed)]
    weight_ih_l0: Param<[[f32; H3]; IN]>,
    #[module(transposed)]
    weight_hh_l0: Param<[[f32; H3]; H]>,
    bias_ih_l0: Param<[f32; H3]>,
    bias_hh_l0: Param<[f32; H3]>,
}

impl<const IN: usize, const H3: usize, const H: usize> Gru<IN, H3, H> {
    fn step(&self, x: Tensor<[f32; IN]>, h: Tensor<[f32; H]>) -> Tensor<[f32; H]> {
        let a = x.matmul(&self.weight_ih_l0) + &self.bias_ih_l0;
        let b = h.matmul(&self.weight_hh_l0) + &self.bias_hh_l0;
        let sigmoid = |x: f32| 1.0 / (1.0 + (-x).exp());
        Tensor::from_fn(|[i]| {
            let (r, z) = (sigmoid(a.0[i] + b.0[i]), sigmoid(a.0[H + i] + b.0[H + i]));
            let n = (a.0[2 * H + i] + r * b.0[2 * H + i]).tanh();
            (1.0 - z) * n + z * h.0[i]
        })
    }
}

#[derive(Module)]
#[module(custom(forward))]
struct Reader {
    gru: Gru<8, 72, 24>,
    head: Linear<24, 10>,
}

static READER: Reader = weights!("tests/models/digits_gru.safetensors");
static READER_EXPECTED: Expected = weights!("tests/models/digits_gru.expected.safetensors");

#[test]
fn a_layer_of_ones_own_answers_as_in_pytorch() {
    let read = |x: [f32; 64]| {
        let rows = x.as_chunks::<8>().0.iter();
        READER.head.forward(rows.fold(Tensor::zeros(), |h, row| READER.gru.step(Tensor(*row), h)))
    };
    answers(&READER_EXPECTED, 1e-5, images(read));
}

/// A base in flash and a head in RAM, both out of one file.
#[test]
fn a_part_of_a_file_is_a_model() {
    static FIRST: Linear<64, 32> = weights!("tests/models/digits_mlp.safetensors", prefix = "0.");
    const SECOND: Linear<32, 10> = weights!("tests/models/digits_mlp.safetensors", ignore("0"), prefix = "2.");
    let mut tuned = sequential![Frozen(&FIRST), Relu, SECOND];
    let x = Tensor([[0.5; 64]; 4]);
    assert_eq!(tuned.forward(&x), MLP.forward(&x));
    let before = cross_entropy(&mut tuned.forward(&x), &[3u8; 4], Reduction::Mean).value();
    let (_, grads) = tuned.gradients(&x, |p| cross_entropy(p, &[3u8; 4], Reduction::Mean));
    Sgd::new(&tuned).lr(0.1).step(&mut tuned, &grads);
    assert!(cross_entropy(&mut tuned.forward(&x), &[3u8; 4], Reduction::Mean).value() < before);
}

#[test]
fn a_file_may_have_other_names() {
    #[derive(Module)]
    struct Net {
        hidden: Linear<64, 32>,
        relu: Relu,
        output: Linear<32, 10>,
    }
    static NET: Net = weights!("tests/models/digits_mlp.safetensors", names("hidden" = "0", "output" = "2"));
    assert_eq!((&NET.hidden, &NET.output), (&MLP.0.0, &MLP.0.1.1));
}
