//! Pairs of rows that do not fit a bilinear layer, or each other.
use adamant::prelude::*;

fn main() {
    let layer = Bilinear::<3, 2, 5>::BLANK;
    layer.forward(&(Tensor([1.0, 2.0]), Tensor([4.0, 5.0])));
    layer.forward(&(Tensor([[1.0, 2.0, 3.0]; 4]), Tensor([[4.0, 5.0]; 3])));
}
