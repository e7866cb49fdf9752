use adamant::prelude::*;

/// From `[2, 5, 8]` to `[2, 5, 8]`.
#[derive(Module, Clone, Copy, PartialEq, Debug)]
pub struct Net {
    pub self_attn: SelfAttn,
    pub norm1: LayerNorm<[f32; 8]>,
    pub linear1: Linear<8, 16>,
    pub linear2: Linear<16, 8>,
    pub norm2: LayerNorm<[f32; 8]>,
}

#[forward]
impl Net {
    pub fn forward(&self, x: Tensor3<2, 5, 8>) -> Tensor3<2, 5, 8> {
        let x = x + self.self_attn.forward(x);
        let x = self.norm1.forward(x);
        let h = self.linear1.forward(x).relu();
        let x = x + self.linear2.forward(h);
        self.norm2.forward(x)
    }
}

/// From `[2, 5, 8]` to `[2, 5, 8]`.
#[derive(Module, Clone, Copy, PartialEq, Debug)]
pub struct SelfAttn {
    pub linear: Linear<8, 24>,
    pub out_proj: Linear<8, 8, NoBias>,
}

#[forward]
impl SelfAttn {
    pub fn forward(&self, x: Tensor3<2, 5, 8>) -> Tensor3<2, 5, 8> {
        let x = self.linear.forward(x.swap_axes::<0, 1>());
        let x = x.reshape::<[[[[f32; 8]; 3]; 2]; 5]>().insert_axis::<0>();
        let x = x.swap_axes::<0, 3>().remove_axis::<3>();
        let h = x.row(0).reshape::<[[[f32; 4]; 4]; 5]>();
        let y = x.row(2).reshape::<[[[f32; 4]; 4]; 5]>();
        let x = x.row(1).reshape::<[[[f32; 4]; 4]; 5]>();
        let x = x.permute::<1, 2, 0>();
        let h = h.swap_axes::<0, 1>().reshape::<[[[[f32; 4]; 5]; 2]; 2]>();
        let x = x.reshape::<[[[[f32; 5]; 4]; 2]; 2]>() * core::f32::consts::FRAC_1_SQRT_2;
        let x = (h * core::f32::consts::FRAC_1_SQRT_2).matmul(&x);
        let h = y.swap_axes::<0, 1>().reshape::<[[[[f32; 4]; 5]; 2]; 2]>();
        let x = x.softmax::<-1>().matmul(&h).permute::<2, 0, 1, 3>();
        let x = self.out_proj.forward(x.reshape::<[[f32; 8]; 10]>());
        x.reshape::<[[[f32; 8]; 2]; 5]>().swap_axes::<0, 1>()
    }
}
