//! Recurrent layers that do not fit: an input of another width, a state of another layer, lengths beyond the batch, options.
use adamant::prelude::*;

const LENGTHS: Lengths<5, 2> = Lengths::known([5, 6]);

fn main() {
    let layer = Lstm::<8, 24>::BLANK;
    let x = Tensor::<[[[f32; 8]; 5]; 2]>::ones();
    layer.forward(&Tensor::<[[f32; 7]; 5]>::ones());
    layer.forward(&Tensor::<[f32; 8]>::ones());
    // The state of a `Gru`, and that of a layer of another width.
    layer.forward((x, Tensor::<[[[f32; 24]; 2]; 1]>::zeros()));
    let narrow = Tensor::<[[[f32; 16]; 2]; 1]>::zeros();
    layer.forward((x, (narrow, narrow)));
    GruCell::<8, 24>::BLANK.forward((Tensor::<[f32; 8]>::ones(), Tensor::<[f32; 16]>::zeros()));
    layer.forward((x, LENGTHS));
    layer.forward((x, [5, 2]));
    layer.forward((x, Lengths::<4, 2>::new([4, 2]).unwrap()));
    let _ = Gru::<8, 24, Stride<2>>::BLANK;
    let _ = Gru::<8, 24, Layers<17>>::BLANK;
}
