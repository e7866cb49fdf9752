use adamant::prelude::*;

/// From `[2, 5, 8]` and `[2, 3, 8]` to `[2, 5, 8]`.
#[derive(Module, Clone, Copy, PartialEq, Debug)]
pub struct Net {
    pub a: A,
}

#[forward]
impl Net {
    pub fn forward(&self, in0: Tensor3<2, 5, 8>, in1: Tensor3<2, 3, 8>) -> Tensor3<2, 5, 8> {
        self.a.forward(in0, in1)
    }
}

/// From `[2, 5, 8]` and `[2, 3, 8]` to `[2, 5, 8]`.
#[derive(Module, Clone, Copy, PartialEq, Debug)]
pub struct A {
    pub linear: Linear<8, 8>,
    pub linear2: Linear<8, 16>,
    pub out_proj: Linear<8, 8>,
}

#[forward]
impl A {
    pub fn forward(&self, x: Tensor3<2, 5, 8>, h: Tensor3<2, 3, 8>) -> Tensor3<2, 5, 8> {
        let h = self.linear2.forward(h.swap_axes::<0, 1>());
        let h = h.reshape::<[[[[f32; 8]; 2]; 2]; 3]>().insert_axis::<0>();
        let h = h.swap_axes::<0, 3>().remove_axis::<3>();
        let x = self.linear.forward(x.swap_axes::<0, 1>());
        let y = h.row(0).reshape::<[[[f32; 4]; 4]; 3]>();
        let h = h.row(1).reshape::<[[[f32; 4]; 4]; 3]>();
        let x = x.reshape::<[[[f32; 4]; 4]; 5]>().swap_axes::<0, 1>();
        let y = y.swap_axes::<0, 1>().reshape::<[[[[f32; 4]; 3]; 2]; 2]>();
        let x = x.reshape::<[[[[f32; 4]; 5]; 2]; 2]>() * core::f32::consts::FRAC_1_SQRT_2;
        let y = y.transpose() * core::f32::consts::FRAC_1_SQRT_2;
        let h = h.swap_axes::<0, 1>().reshape::<[[[[f32; 4]; 3]; 2]; 2]>();
        let x = x.matmul(&y).softmax::<-1>().matmul(&h);
        let x = x.permute::<2, 0, 1, 3>().reshape::<[[f32; 8]; 10]>();
        let x = self.out_proj.forward(x).reshape::<[[[f32; 8]; 2]; 5]>();
        x.swap_axes::<0, 1>()
    }
}
