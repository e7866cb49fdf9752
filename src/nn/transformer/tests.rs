use crate::gradcheck::gradcheck;
use crate::nn::options::AllKeys;
use crate::prelude::*;
use std::string::ToString;
use std::vec::Vec;

fn rng() -> SmallRng {
    SmallRng::seed_from_u64(0)
}

type X<const L: usize> = Tensor<[[[f64; 2]; L]; 2]>;

/// Gradients of a layer with dropout and without, of one sequence too.
fn check_encoder<O: TransformerEncoderLayerOptions>()
where
    TransformerEncoderLayer<2, 2, 3, O, f64>:
        Backprop<X<3>, Output = X<3>> + Backprop<Tensor<[[f64; 2]; 3]>, Output = Tensor<[[f64; 2]; 3]>>,
{
    let rng = &mut rng();
    let mut layer = TransformerEncoderLayer::<2, 2, 3, O, f64>::init(rng);
    gradcheck(&mut layer, &X::<3>::randn(rng), 1e-6).unwrap();
    gradcheck(&mut layer, &Tensor::<[[f64; 2]; 3]>::randn(rng), 1e-6).unwrap();
}

#[test]
fn gradients_of_encoders() {
    check_encoder::<Gelu>();
    check_encoder::<(NormFirst, Silu, Causal)>();
    check_encoder::<(Causal, GeluTanh, RotaryPositions)>();
}

#[test]
fn gradients_of_decoders() {
    let rng = &mut rng();
    let x = (X::<3>::randn(rng), X::<2>::randn(rng));
    gradcheck(&mut TransformerDecoderLayer::<2, 2, 3, Gelu, f64>::init(rng), &x, 1e-6).unwrap();
    gradcheck(&mut TransformerDecoderLayer::<2, 2, 3, (NormFirst, Gelu, RotaryPositions), f64>::init(rng), &x, 1e-6).unwrap();
}

#[test]
fn gradients_of_stacks() {
    let rng = &mut rng();
    let mut encoder =
        TransformerEncoder::<TransformerEncoderLayer<2, 2, 3, (Gelu, NormFirst), f64>, 2, LayerNorm<[f64; 2]>>::init(rng);
    gradcheck(&mut encoder, &X::<3>::randn(rng), 1e-6).unwrap();
    let mut decoder = TransformerDecoder::<TransformerDecoderLayer<2, 2, 3, Gelu, f64>, 2>::init(rng);
    gradcheck(&mut decoder, &(X::<3>::randn(rng), X::<2>::randn(rng)), 1e-6).unwrap();
}

/// Padded keys, which `#[forward]` lends, in layers and stacks.
#[derive(Module)]
#[module(custom(forward))]
struct Padded {
    encoder: TransformerEncoder<TransformerEncoderLayer<2, 2, 3, Gelu, f64>, 2>,
    decoder: TransformerDecoder<TransformerDecoderLayer<2, 2, 3, (NormFirst, Gelu), f64>, 2>,
    keys: Tensor<[[bool; 3]; 2]>,
}

#[forward]
impl Padded {
    fn forward(&self, x: X<2>, memory: X<3>) -> X<2> {
        let memory = self.encoder.forward(memory, &self.keys);
        self.decoder.forward(x, memory, &self.keys)
    }
}

#[test]
fn gradients_of_padded_keys() {
    let rng = &mut rng();
    let mut model = Padded { keys: Tensor([[true, false, true], [true, true, false]]), ..Padded::init(rng) };
    gradcheck(&mut model, &(X::<2>::randn(rng), X::<3>::randn(rng)), 1e-6).unwrap();
}

#[test]
fn what_is_padded_does_not_matter() {
    let rng = &mut rng();
    let encoder = TransformerEncoder::<TransformerEncoderLayer<8, 2, 16>, 2>::init(rng);
    let x = Tensor::<[[[f32; 8]; 4]; 1]>::randn(rng);
    let mut other = x;
    other.0[0][3] = [7.0; 8];
    let keys = Tensor([[true, true, true, false]]);
    let [a, b] = [x, other].map(|x| encoder.forward((x, keys)));
    assert_eq!(a.0[0][..3], b.0[0][..3]);
}

#[test]
fn without_dropout_training_is_evaluation() {
    fn check<X: Clone, Y: crate::Shape<Elem = f32>, M: Backprop<X, Output = Tensor<Y>>>(layer: &M, x: &X) {
        let y = layer.forward(x);
        let mut grads = layer.zero_grads();
        assert!(layer.forward_training(x, &mut grads).all_close(&y, 1e-5, 1e-6));
        layer.backprop(&mut x.clone(), &mut grads, |trained| assert!(trained.all_close(&y, 1e-5, 1e-6)));
    }
    let rng = &mut rng();
    let (x, memory) = (Tensor::<[[[f32; 8]; 5]; 3]>::randn(rng), Tensor::<[[[f32; 8]; 6]; 3]>::randn(rng));
    check(&TransformerEncoderLayer::<8, 2, 16>::init(rng).with_dropout(0.0), &x);
    check(&TransformerEncoderLayer::<8, 2, 16, NormFirst>::init(rng).with_dropout(0.0), &x);
    check(&TransformerDecoderLayer::<8, 2, 16>::init(rng).with_dropout(0.0), &(x, memory));
    check(&TransformerDecoderLayer::<8, 2, 16, NormFirst>::init(rng).with_dropout(0.0), &(x, memory));
    check(&TransformerEncoder::<TransformerEncoderLayer<8, 2, 16>, 3>::init(rng).with_dropout(0.0), &x);
}

#[test]
fn streamed_is_offline() {
    let rng = &mut rng();
    type Layer = TransformerEncoderLayer<12, 3, 20, (Causal, NormFirst, RotaryPositions)>;
    let encoder = TransformerEncoder::<Layer, 2, LayerNorm<[f32; 12]>>::init(rng);
    let x = Tensor::<[[f32; 12]; 9]>::randn(rng);
    let mut caches = [KeyValueCache::<12, 9>::new(); 2];
    for (x, y) in x.rows().zip(encoder.forward(&x).rows()) {
        assert!(encoder.step(&mut caches, x).unwrap().all_close(y, 1e-5, 1e-5));
    }
    let full = caches;
    assert_eq!((encoder.step(&mut caches, x.at::<0>()), caches), (None, full));

    let decoder = TransformerDecoder::<TransformerDecoderLayer<12, 3, 20, RotaryPositions>, 2>::init(rng);
    let memory = Tensor::<[[f32; 12]; 5]>::randn(rng);
    let mut caches = decoder.begin::<9, 5>(&memory);
    for (x, y) in x.rows().zip(decoder.forward((x, memory)).rows()) {
        assert!(decoder.step(&mut caches, x).unwrap().all_close(y, 1e-5, 1e-5));
    }
    assert_eq!(decoder.step(&mut caches, x.at::<0>()), None);
}

/// No bound on the sizes is needed.
#[derive(Module)]
struct Model<const D: usize, const FF: usize> {
    positions: SinusoidalPositions,
    encoder: TransformerEncoder<TransformerEncoderLayer<D, 2, FF>, 2>,
    cross: MultiheadAttention<D, 2>,
}

#[forward]
impl<const D: usize, const FF: usize> Model<D, FF> {
    fn forward<const L: usize, const B: usize>(&self, x: Tensor<[[[f32; D]; L]; B]>) -> Tensor<[[[f32; D]; L]; B]> {
        let h = self.encoder.forward(self.positions.forward(x));
        h + self.cross.forward(x, h)
    }
}

#[test]
fn sizes_are_generic() {
    let rng = &mut rng();
    let model = Model::<8, 12>::init(rng);
    let (loss, grads) =
        model.gradients(&Tensor::<[[[f32; 8]; 3]; 2]>::randn(rng), |y| mse_loss(y, &Tensor::zeros(), Reduction::Mean));
    assert!(loss.is_finite() && grads.norm() > 0.0);
}

#[test]
fn names_and_costs() {
    let rng = &mut rng();
    let encoder = TransformerEncoder::<TransformerEncoderLayer<8, 2, 16>, 1, LayerNorm<[f32; 8]>>::init(rng);
    let mut names = Vec::new();
    encoder.named_parameters(|info| names.push(info.name.to_string()));
    let layer = ["self_attn.in_proj_weight", "self_attn.in_proj_bias", "self_attn.out_proj.weight", "self_attn.out_proj.bias"];
    assert_eq!(names[..4], layer.map(|name| std::format!("layers.0.{name}")));
    assert_eq!(names[names.len() - 2..], ["norm.weight", "norm.bias"]);
    type X = Tensor<[[[f32; 8]; 5]; 2]>;
    let own = 10 * 8 * 24 + 10 * 8 * 8 + 2 * 5 * 5 * 16;
    assert_eq!(<TransformerEncoderLayer<8, 2, 16> as Module<X>>::MACS, own + 2 * 10 * 8 * 16);
    let table = encoder.summary(&X::zeros()).to_string();
    assert!(
        ["self_attn", "linear1", "linear2", "norm2"].iter().all(|part| table.contains(&std::format!("(layers.0.{part})"))),
        "{table}"
    );
}

#[test]
fn options_may_say_the_defaults() {
    let layer = TransformerEncoderLayer::<8, 2, 16, (AllKeys, Relu)>::init(&mut rng());
    let same = TransformerEncoderLayer::<8, 2, 16>::init(&mut rng());
    assert_eq!(layer.linear1, same.linear1);
}
