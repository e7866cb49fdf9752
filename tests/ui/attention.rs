//! Attention: heads, widths, memories, masks and positions that do not fit.

use adamant::ops::scaled_dot_product_attention;
use adamant::prelude::*;

type X = Tensor<[[[f32; 8]; 5]; 2]>;

fn main() {
    let (x, token) = (X::zeros(), Tensor::<[f32; 8]>::zeros());
    let attention = MultiheadAttention::<8, 2>::BLANK;
    MultiheadAttention::<6, 2>::BLANK.forward(x);
    attention.forward((x, Tensor::<[[[f32; 6]; 4]; 2]>::zeros()));
    attention.forward((x, Tensor([[true; 4]; 2])));
    attention.step(&mut KeyValueCache::<8, 4>::new(), &token);
    MultiheadAttention::<8, 2, Stride<2>>::BLANK.forward(x);
    TransformerEncoderLayer::<6, 2, 16>::BLANK.forward(x);
    let _: TransformerEncoderLayer<8, 2, 16, Stride<2>>;
    TransformerDecoderLayer::<8, 2, 16>::BLANK.forward(x);
    TransformerEncoderLayer::<8, 2, 16>::BLANK.step(&mut KeyValueCache::<8, 4>::new(), &token);
    LearnedPositions::<16, 6>::BLANK.forward(x);
    Embedding::<10, 4>::BLANK.forward(Tensor([1.0, 2.0]));
    scaled_dot_product_attention(&Tensor([[0.0; 4]; 5]), &Tensor([[0.0; 3]; 6]), &Tensor([[0.0; 2]; 6]), ());
    scaled_dot_product_attention(&Tensor([[0.0; 4]; 5]), &Tensor([[0.0; 4]; 6]), &Tensor([[0.0; 2]; 6]), &Tensor([[true; 5]; 5]));
}
