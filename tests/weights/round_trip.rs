//! There and back with the Rust crate `safetensors`.

use std::collections::BTreeMap;
use std::io::Write;

use adamant::nn::{Info, Visitor};
use adamant::prelude::*;
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors, serialize};

use crate::files::saved;

#[derive(Module, Clone, Copy, PartialEq, Debug)]
#[module(custom(forward))]
struct Net {
    scalar: Param<f32>,
    conv: Conv2d<2, 3, 3>,
    double: Param<[f64; 3]>,
    linear: Linear<4, 3>,
    norm: BatchNorm2d<3>,
    odd: Param<[[[f32; 3]; 5]; 1]>,
    empty: Param<[f32; 0]>,
    frozen: Frozen<Linear<2, 2, NoBias, f64>>,
}

fn net(seed: u64) -> Net {
    let rng = &mut SmallRng::seed_from_u64(seed);
    let mut net = Net::init(rng);
    net.scalar = Param(Tensor::randn(rng));
    net.odd = Param(Tensor::randn(rng));
    net.double = Param(Tensor::randn(rng));
    net.norm.running_mean.0 = Tensor::randn(rng);
    net
}

/// A model's tensors by a walk of the test's own.
#[derive(Default)]
struct Tensors(BTreeMap<String, (Vec<usize>, Vec<f64>)>);

impl Visitor for Tensors {
    fn visit<T: Float>(&mut self, info: &Info<'_>, values: &[T]) {
        let (dims, values): (Vec<usize>, Vec<f64>) =
            (info.dims.as_slice().to_vec(), values.iter().map(|v| v.to_f64()).collect());
        let stored = match dims[..] {
            [rows, columns] if info.name.is_transposed() => {
                let turned = (0..columns).flat_map(|c| (0..rows).map(move |r| r * columns + c));
                (vec![columns, rows], turned.map(|i| values[i]).collect())
            }
            _ => (dims, values),
        };
        self.0.insert(info.name.to_string(), stored);
    }
}

fn numbers(tensor: &TensorView<'_>) -> Vec<f64> {
    match tensor.dtype() {
        Dtype::F32 => tensor.data().as_chunks().0.iter().map(|b| f32::from_le_bytes(*b).into()).collect(),
        Dtype::F64 => tensor.data().as_chunks().0.iter().map(|b| f64::from_le_bytes(*b)).collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_crate_reads_what_is_saved() {
    let net = net(0);
    let bytes = saved(&net);
    let (header, metadata) = SafeTensors::read_metadata(&bytes).unwrap();
    assert_eq!(metadata.metadata().as_ref().unwrap()["format"], "pt");
    assert_eq!(header % 8, 0);
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let mut expected = Tensors::default();
    net.visit(Name::ROOT, &mut expected);
    assert_eq!(file.len(), expected.0.len());
    for (name, tensor) in file.iter() {
        let (dims, values) = &expected.0[name];
        assert_eq!((tensor.shape(), &numbers(&tensor)), (&dims[..], values), "{name}");
        let aligned = (tensor.data().as_ptr() as usize - bytes.as_ptr() as usize) % (tensor.dtype().bitsize() / 8);
        assert_eq!(aligned, 0, "{name}");
    }
}

#[test]
fn what_the_crate_saves_is_read() {
    let net = net(1);
    let bytes = saved(&net);
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let mut again = self::net(2);
    again.load_bytes(&serialize(file.iter(), None).unwrap()).unwrap();
    assert_eq!(again, net);
    let metadata = [("epoch".to_owned(), "\"7\"\\{".to_owned())].into();
    let mut again = self::net(3);
    again.load_bytes(&serialize(file.iter(), Some(metadata)).unwrap()).unwrap();
    assert_eq!(again, net);
}

#[test]
fn a_saved_model_is_read_again() {
    for seed in 0..5 {
        let net = net(seed);
        assert_eq!(Net::from_bytes(&saved(&net)).unwrap(), net);
        let mut sent = Vec::new();
        net.save_to(|part| sent.write_all(part)).unwrap();
        assert_eq!(sent, saved(&net));
    }
}
