//! Axes that a shape does not have, up to eight dimensions.

use adamant::prelude::*;

fn main() {
    let x = Tensor::<[[[[[f32; 2]; 2]; 2]; 2]; 2]>::zeros();
    x.sum_axis::<5>();
    x.sum_axis::<-6>();
    x.insert_axis::<6>();
    x.insert_axis::<-7>();
    x.permute::<0, 1, 2, 3, 5>();
    x.permute::<0, 1, 2, 3, -5>();
    x.swap_axes::<-6, 0>();
    Softmax::<-6>.forward(&x);
}
