use super::*;
use crate::gradcheck::gradcheck;
use crate::nn::options::AllKeys;
use crate::nn::{Backprop, Causal, Dropout, Module, NoBias, Parameters, RotaryPositions};
use crate::prelude::{SeedableRng, SmallRng};

type Batch<const L: usize> = Tensor<[[[f64; 4]; L]; 2]>;

fn rng() -> SmallRng {
    SmallRng::seed_from_u64(0)
}

fn check<O: MultiheadAttentionOptions>()
where
    MultiheadAttention<4, 2, O, f64>: Backprop<Batch<3>, Output = Batch<3>> + Backprop<(Batch<3>, Batch<2>), Output = Batch<3>>,
{
    let rng = &mut rng();
    let mut layer = MultiheadAttention::<4, 2, O, f64>::init(rng);
    if let Some(bias) = layer.in_proj_bias.tensor_mut() {
        *bias = Tensor::randn(rng);
    }
    gradcheck(&mut layer, &Batch::<3>::randn(rng), 1e-6).unwrap();
    gradcheck(&mut layer, &(Batch::<3>::randn(rng), Batch::<2>::randn(rng)), 1e-6).unwrap();
}

#[test]
fn gradients() {
    check::<()>();
    check::<Causal>();
    check::<NoBias>();
    check::<RotaryPositions>();
    check::<(Causal, Dropout)>();
    check::<(RotaryPositions, AllKeys, Causal)>();
}

/// Padded keys, lent as `#[forward]` lends them.
#[derive(crate::Module)]
#[module(custom(forward))]
struct Padded {
    attention: MultiheadAttention<4, 2, (), f64>,
    own: Tensor<[[bool; 3]; 2]>,
    memory: Tensor<[[bool; 2]; 2]>,
}

#[crate::forward]
impl Padded {
    fn forward(&self, x: Batch<3>, memory: Batch<2>) -> Batch<3> {
        let x = self.attention.forward(x, &self.own);
        self.attention.forward(x, memory, &self.memory)
    }
}

#[test]
fn gradients_of_padded_keys() {
    let rng = &mut rng();
    let mut layer = Padded {
        attention: MultiheadAttention::init(rng),
        own: Tensor([[true, false, true], [true; 3]]),
        memory: Tensor([[true, false], [false; 2]]),
    };
    gradcheck(&mut layer, &(Batch::<3>::randn(rng), Batch::<2>::randn(rng)), 1e-6).unwrap();
}

#[test]
fn what_is_padded_does_not_matter() {
    let rng = &mut rng();
    let layer = MultiheadAttention::<8, 2>::init(rng);
    let x = Tensor::<[[f32; 8]; 5]>::randn(rng);
    let mut other = x;
    other.0[4] = [9.0; 8];
    let keys = Tensor([true, true, true, true, false]);
    let [a, b] = [x, other].map(|x| layer.forward((x, keys)));
    assert_eq!(a.0[..4], b.0[..4]);
    let short = Tensor::<[[f32; 8]; 4]>::from_fn(|[i, j]| x.0[i][j]);
    assert!(layer.forward(short).rows().zip(a.rows()).all(|(a, b)| a.all_close(b, 1e-5, 1e-5)));
    let nothing = layer.forward((x, Tensor([false; 5])));
    assert_eq!(nothing, Tensor::zeros());
}

#[test]
fn a_batch_is_its_sequences() {
    let rng = &mut rng();
    let layer = MultiheadAttention::<8, 2, (Causal, RotaryPositions)>::init(rng);
    let x = Tensor::<[[[f32; 8]; 5]; 3]>::randn(rng);
    let y = layer.forward(&x);
    assert!(x.rows().zip(y.rows()).all(|(x, y)| layer.forward(x) == *y));
}

fn streams<O: MultiheadAttentionOptions<Settings: crate::nn::options::GoesOn>>() {
    let rng = &mut rng();
    let layer = MultiheadAttention::<12, 3, O>::init(rng);
    let x = Tensor::<[[f32; 12]; 70]>::randn(rng);
    let mut cache = KeyValueCache::<12, 70>::new();
    for (x, y) in x.rows().zip(layer.forward(&x).rows()) {
        assert!(layer.step(&mut cache, x).unwrap().all_close(y, 1e-5, 1e-5));
    }
    let before = cache;
    assert_eq!((layer.step(&mut cache, x.at::<0>()), cache), (None, before));
    cache.truncate(3);
    let again = layer.step(&mut cache, x.at::<3>()).unwrap();
    assert!(again.all_close(layer.forward(&x).at::<3>(), 1e-5, 1e-5) && cache.len() == 4);
}

#[test]
fn streamed_is_offline() {
    streams::<Causal>();
    streams::<(RotaryPositions, Causal, NoBias)>();
}

#[test]
fn a_memory_is_recalled() {
    let rng = &mut rng();
    let layer = MultiheadAttention::<12, 3, RotaryPositions>::init(rng);
    let (x, memory) = (Tensor::<[[f32; 12]; 4]>::randn(rng), Tensor::<[[f32; 12]; 7]>::randn(rng));
    let cache = layer.remember(&memory);
    for (i, (x, y)) in x.rows().zip(layer.forward((x, memory)).rows()).enumerate() {
        assert!(layer.recall(&cache, x, i).all_close(y, 1e-5, 1e-5));
    }
}

#[test]
fn dropout_draws_anew_and_evaluation_does_not() {
    let rng = &mut rng();
    let mut layer = MultiheadAttention::<8, 2, Dropout>::init(rng);
    assert_eq!(layer.dropout.p, 0.1);
    layer.dropout.p = 0.5;
    let x = Tensor::<[[f32; 8]; 5]>::randn(rng);
    let mut grads = layer.zero_grads();
    let (a, b) = (layer.forward_training(&x, &mut grads), layer.forward_training(&x, &mut grads));
    assert!(a != b && a != layer.forward(&x) && layer.forward(&x) == layer.forward(&x));
    let again = layer.backprop_params(&x, &mut layer.zero_grads(), |y| *y);
    assert_eq!(a, again);
}

#[test]
fn costs() {
    type X = Tensor<[[[f32; 8]; 5]; 2]>;
    type M = Tensor<[[[f32; 8]; 6]; 2]>;
    let own = 10 * 8 * 24 + 10 * 8 * 8 + 2 * 5 * 5 * 16;
    assert_eq!(<MultiheadAttention<8, 2> as Module<X>>::MACS, own);
    let cross = 2 * 10 * 8 * 8 + 12 * 8 * 16 + 2 * 5 * 6 * 16;
    assert_eq!(<MultiheadAttention<8, 2> as Module<(X, M)>>::MACS, cross);
}
