//! Embeddings, attention and the layers of transformers.

use adamant::nn::options::AllKeys;
use adamant::prelude::*;

use crate::golden::{Golden, check_layer};

/// Checks a layer of several inputs: `input` reads them, `gradients` says where the gradient of each is.
fn check_inputs<M, X, Y>(name: &str, mut layer: M, input: impl Fn(&Golden) -> X, gradients: impl Fn(&X) -> Vec<(&str, &[f32])>)
where
    X: Clone,
    Y: Shape<Elem = f32>,
    M: Backprop<X, Output = Tensor<Y>>,
{
    let golden = Golden::open(name);
    golden.load(&mut layer);
    let x = input(&golden);
    golden.check("output", layer.forward(&x).as_slice());
    let (mut dx, mut grads) = (x.clone(), layer.zero_grads());
    layer.backprop(&mut dx, &mut grads, |y| {
        golden.check("output", y.as_slice());
        *y = golden.tensor("grad_output");
    });
    gradients(&dx).into_iter().for_each(|(key, numbers)| golden.check(key, numbers));
    golden.check_grads(&grads);
    let mut grads = layer.zero_grads();
    layer.backprop_params(&x, &mut grads, |y| *y = golden.tensor("grad_output"));
    golden.check_grads(&grads);
    let mut dx = x.clone();
    layer.backprop_input(&mut dx, |y| *y = golden.tensor("grad_output"));
    gradients(&dx).into_iter().for_each(|(key, numbers)| golden.check(key, numbers));
}

/// A batch of tokens.
type X<const L: usize> = Tensor<[[[f32; 8]; L]; 2]>;

fn pair(golden: &Golden) -> (X<5>, X<6>) {
    (golden.tensor("input"), golden.tensor("input2"))
}

fn of_pair((x, memory): &(X<5>, X<6>)) -> Vec<(&str, &[f32])> {
    vec![("grad_input", x.as_slice()), ("grad_input2", memory.as_slice())]
}

fn words<const L: usize, const B: usize>(golden: &Golden) -> Tensor<[[i64; L]; B]> {
    Tensor::from_slice(&golden.integers("input")).expect("as many indices as the type says")
}

#[test]
fn embedding() {
    check_inputs("embedding", Embedding::<10, 4>::BLANK, words::<5, 3>, |_| vec![]);
    check_inputs("embedding_padding", Embedding::<10, 4, PaddingIndex<0>>::BLANK, words::<3, 2>, |_| vec![]);
}

fn attends<M: adamant::nn::options::Sight, const S: usize>(name: &str) {
    type Heads<const S: usize> = Tensor<[[[[f32; 4]; S]; 3]; 2]>;
    let input = |golden: &Golden| -> (Heads<5>, Heads<S>, Heads<S>) {
        (golden.tensor("input"), golden.tensor("input2"), golden.tensor("input3"))
    };
    check_inputs(name, ScaledDotProductAttention::<M>::new(), input, |(q, k, v)| {
        vec![("grad_input", q.as_slice()), ("grad_input2", k.as_slice()), ("grad_input3", v.as_slice())]
    });
}

#[test]
fn scaled_dot_product_attention() {
    attends::<AllKeys, 6>("sdpa");
    attends::<Causal, 5>("sdpa_causal");
}

#[test]
fn multihead_attention() {
    type Own = [[[f32; 8]; 5]; 2];
    check_layer::<_, Own, Own>("mha", MultiheadAttention::<8, 2>::BLANK);
    check_layer::<_, Own, Own>("mha_causal", MultiheadAttention::<8, 2, Causal>::BLANK);
    check_layer::<_, Own, Own>("mha_no_bias", MultiheadAttention::<8, 2, NoBias>::BLANK);
    check_inputs("mha_cross", MultiheadAttention::<8, 2>::BLANK, pair, of_pair);
    let padded = |golden: &Golden| {
        let mut keys = Tensor([[true; 5]; 2]);
        for (sample, padded) in golden.case()["padded"].as_array().unwrap().iter().enumerate() {
            padded.as_array().unwrap().iter().for_each(|i| keys.0[sample][i.as_u64().unwrap() as usize] = false);
        }
        (golden.tensor::<Own>("input"), keys)
    };
    check_inputs("mha_key_padding", MultiheadAttention::<8, 4>::BLANK, padded, |(x, _)| vec![("grad_input", x.as_slice())]);
}

#[test]
fn transformer_encoder() {
    type Own = [[[f32; 8]; 5]; 2];
    let post = TransformerEncoderLayer::<8, 2, 16>::BLANK.with_dropout(0.0);
    check_layer::<_, Own, Own>("transformer_encoder_layer", post);
    type Pre<A> = TransformerEncoderLayer<8, 2, 16, (NormFirst, A)>;
    check_layer::<_, Own, Own>("transformer_encoder_layer_pre", Pre::<Gelu>::BLANK.with_dropout(0.0));
    let stack = TransformerEncoder::<Pre<Relu>, 2, LayerNorm<[f32; 8]>>::BLANK.with_dropout(0.0);
    check_layer::<_, Own, Own>("transformer_encoder", stack);
}

#[test]
fn transformer_decoder() {
    let layer = TransformerDecoderLayer::<8, 2, 16>::BLANK.with_dropout(0.0);
    check_inputs("transformer_decoder_layer", layer, pair, of_pair);
}
