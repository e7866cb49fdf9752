//! One mistake is one error, also where later steps, loops and tuples depend on it.

use adamant::prelude::*;

type V = Tensor<[f32; 3]>;

#[derive(Module)]
struct Looped {
    cell: Linear<3, 4>,
    weight: Param<[[f32; 3]; 3]>,
}

#[forward]
impl Looped {
    fn forward(&self, x: V) -> V {
        let mut h = x;
        let mut sum = x;
        for _ in 0..3 {
            h = self.cell.forward(h).tanh();
            sum = sum + h * 2.0;
        }
        sum.sigmoid()
    }
}

#[derive(Module)]
struct Annotated {
    layer: Linear<3, 4>,
    next: Linear<3, 3>,
}

#[forward]
impl Annotated {
    fn forward(&self, x: V) -> V {
        let h: V = self.layer.forward(x);
        self.next.forward(h)
    }
}

#[derive(Module)]
struct Halves {
    scale: Param<[f32; 3]>,
}

#[forward]
impl Halves {
    fn forward(&self, x: Tensor<[f32; 5]>) -> V {
        let (a, b) = x.split::<0, 3, 3>();
        a * &self.scale + b
    }
}

#[derive(Module)]
struct Chosen<const SHARP: bool> {
    scale: Param<[f32; 2]>,
}

#[forward]
impl<const SHARP: bool> Chosen<SHARP> {
    fn forward(&self, x: V) -> V {
        let mut h = x * &self.scale;
        if SHARP {
            h = h.square();
        }
        h + x
    }
}

/// What has no backward pass.
struct Fixed;

impl Parameters for Fixed {
    type Grads = ();
    type Count = adamant::nn::Nothing;
    const PARAMETERS: usize = 0;
    const NUMBERS: usize = 0;

    fn visit<W: Visitor>(&self, _: Name<'_>, _: &mut W) {}

    fn visit_mut<W: VisitorMut>(&mut self, _: Name<'_>, _: &mut W) {}

    fn update<const K: usize, U: Update<K>>(&mut self, _: &(), _: [&mut (); K], _: &mut U) {}

    fn describe(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        Ok(())
    }
}

impl Module<V> for Fixed {
    type Output = V;

    fn forward_into(&self, x: &V, y: &mut V) {
        *y = *x;
    }
}

#[derive(Module)]
#[module(custom(forward, init))]
struct Fixing {
    fixed: Fixed,
}

#[forward]
impl Fixing {
    fn forward(&self, x: V) -> V {
        self.fixed.forward(x).tanh()
    }
}

fn main() {}
