//! With the feature `exact` a model that is trained has the same bits on every set of instructions, and on every machine.
//!
//! `cargo test --features exact --test exact`

use adamant::prelude::*;
use adamant::simd::Instructions;

type Classifier = Sequential![
    Conv2d<1, 4, 3, Padding<1>>,
    BatchNorm2d<4>,
    Gelu,
    MaxPool2d<2>,
    Conv2d<4, 8, 3>,
    Tanh,
    AvgPool2d<2>,
    Flatten,
    Linear<32, 40>,
    LayerNorm<[f32; 40]>,
    Silu,
    Linear<40, 10>
];

/// Numbers between -1 and 1 from arithmetic that is exact, and so the same everywhere.
fn number(i: usize) -> f32 {
    ((i * 7919 + 12345) % 2048) as f32 / 1024.0 - 1.0
}

fn model() -> Classifier {
    let mut model = Classifier::init(&mut SmallRng::seed_from_u64(0));
    let mut state = model.to_flat::<f32>();
    for (i, x) in state.iter_mut().enumerate() {
        *x = number(i) * 0.25;
    }
    model.copy_from_flat(&state);
    model
}

/// FNV-1a over the bits.
fn hash(numbers: impl IntoIterator<Item = f32>) -> u64 {
    let bytes = numbers.into_iter().flat_map(|x| x.to_bits().to_le_bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// The parameters after some steps.
fn trained() -> u64 {
    let mut model = model();
    let x: Tensor<[[[[f32; 12]; 12]; 1]; 19]> = Tensor::from_fn(|[n, c, h, w]| number(n * 144 + c + h * 12 + w));
    let classes: [usize; 19] = core::array::from_fn(|i| i % 10);
    let mut adam = AdamW::new(&model).lr(1e-2);
    for _ in 0..20 {
        let (_, grads) = model.gradients(&x, |logits| cross_entropy(logits, &classes, Reduction::Mean));
        adam.step(&mut model, &grads);
    }
    hash(model.forward(&x).iter().copied())
}

#[test]
fn every_instruction_set_trains_the_same_bits() {
    for set in Instructions::available() {
        assert_eq!(set.limit(), set);
        assert_eq!(trained(), RECORDED, "{set:?}");
    }
    Instructions::Avx512.limit();
}

/// Of x86-64; a machine of another kind has the same.
const RECORDED: u64 = 16_242_647_676_848_698_789;
