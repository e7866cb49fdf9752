//! Layers.

use crate::golden::check_layer;
use adamant::prelude::*;

#[test]
fn linear() {
    check_layer::<_, [[f32; 5]; 4], [[f32; 7]; 4]>("linear", Linear::<5, 7>::BLANK);
    check_layer::<_, [f32; 5], [f32; 7]>("linear_1d", Linear::<5, 7>::BLANK);
    check_layer::<_, [[[f32; 5]; 4]; 2], [[[f32; 7]; 4]; 2]>("linear_3d", Linear::<5, 7>::BLANK);
    check_layer::<_, [[f32; 5]; 4], [[f32; 7]; 4]>("linear_no_bias", Linear::<5, 7, NoBias>::BLANK);
}
