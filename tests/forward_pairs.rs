//! `#[forward]`: each way to make a value with each way to use it. Which buffer becomes a gradient depends on both.

#![allow(non_camel_case_types, reason = "layers named after the use of a value")]
#![allow(
    unused_braces,
    unused_variables,
    reason = "each way to make and to use a value is a block, with the same names in reach"
)]

use adamant::gradcheck::gradcheck;
use adamant::prelude::*;

type V = Tensor<[f64; 3]>;

#[derive(Module)]
struct Parts {
    weight: Param<[f64; 3]>,
    dense: Linear<3, 3, Bias, f64>,
    shared: Linear<3, 3, Bias, f64>,
    square: Linear<3, 3, NoBias, f64>,
}

/// A value by each of the first, then its use by each of the second.
macro_rules! pairs {
    ($this:ident $x:ident $h:ident; $($made:ident $producer:block)+; $consumers:tt) => {$(
        pairs!(@each $this $x $h $made $producer $consumers);
    )+};
    (@each $this:ident $x:ident $h:ident $made:ident $producer:block {$($used:ident $consumer:block)+}) => {
        mod $made {
            use super::*;

            $(
                #[derive(Module)]
                #[module(custom(forward))]
                struct $used {
                    parts: Parts,
                }

                #[forward]
                impl $used {
                    fn forward(&$this, $x: V) -> V {
                        let $h = $producer;
                        $consumer
                    }
                }

                #[test]
                fn $used() {
                    let mut layer = $used::init(&mut SmallRng::seed_from_u64(1));
                    layer.parts.weight.0 = Tensor([0.7, -1.1, 0.4]);
                    gradcheck(&mut layer, &Tensor([0.3, -0.8, 1.2]), 1e-6).unwrap();
                }
            )+
        }
    };
}

pairs! {
    self x h;

    // What makes `h`: an operation that encloses the rest, one that keeps its output, one on two values, layers, and so on.
    by_an_operation { x.square() }
    by_one_that_keeps_its_output { x.tanh() + x.sigmoid() * 0.5 }
    by_two_values { x * self.parts.dense.forward(x) }
    over_its_operand { x.sin() - &self.parts.weight }
    by_a_parameter { &self.parts.weight * 1.5 }
    by_a_layer { self.parts.dense.forward(x) }
    by_a_shared_layer { self.parts.shared.forward(x) + self.parts.shared.forward(x.cos()) }
    by_a_loop {
        let mut state = x;
        for t in 0..2 {
            state = self.parts.dense.forward(state).tanh() * f64::from(t + 1);
        }
        state
    }
    by_taking_a_tuple_apart {
        let (first, rest) = x.split::<0, 1, 2>();
        rest.concat::<0, _>(&first)
    };

    // What uses it: once, in every place of an operation and a layer, several times, and through the function's end.
    {
        alone { h }
        as_the_first { h * &self.parts.weight }
        as_the_second { &self.parts.weight - h }
        as_both { h * h }
        beside_another { x / (h.square() + 1.0) }
        before_another { h * x.cos() }
        by_a_softmax { h.softmax::<0>() }
        to_a_layer { self.parts.square.forward(h) }
        to_several { self.parts.square.forward(h) + h.tanh() * h }
        to_an_outer_product { h.outer(&x).matmul(&h) }
        through_a_loop {
            let mut sum = h;
            for _ in 0..2 {
                sum = sum + h.tanh() * sum;
            }
            sum
        }
        in_a_stack {
            let rows = Tensor::stack::<0>([h, x, h.sin()]);
            rows.row(0) * rows.row(2) + rows.mean_axis::<0>()
        }
        through_a_branch { if size_of::<f64>() == 8 { h.exp() } else { x } }
        by_a_number { x * h.norm() + h.dot(&x) }
        beside_itself_detached { h.detach() * 0.0 + h.square() }
    }
}
