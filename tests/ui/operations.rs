//! What the operations say of shapes that do not fit.

use adamant::prelude::*;

fn main() {
    let x = Tensor([[1.0f32; 3]; 2]);
    let _ = x + Tensor([1.0f32; 2]);
    let _ = x.maximum(&Tensor([[1.0f32; 3]; 4]));
    x.slice::<1, 2, 2>();
    x.expand::<1, 4>();
    x.remove_axis::<0>();
    x.permute::<0, 0>();
    x.swap_axes::<0, 2>();
    x.masked_fill(&Tensor([true; 2]), 0.0);
    x.gather(&Tensor([1.0f32, 0.0]));
    x.insert_axis::<4>();
}
