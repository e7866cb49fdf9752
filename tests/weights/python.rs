//! There and back with Python's `safetensors`, where there is a Python that has it (and NumPy): `PYTHON` names another than `python3`.

use std::process::Command;

use adamant::prelude::*;

use crate::files::Folder;

type Net = Sequential![Conv2d<1, 2, 3>, BatchNorm2d<2>, Relu, Flatten, Linear<8, 3>];

/// Reads a file, checks its shapes and sums against what it is told, and writes what it read with one added.
const SCRIPT: &str = r#"
import sys
import numpy as np
from safetensors.numpy import load_file, save_file

source, target, *expected = sys.argv[1:]
tensors = load_file(source)
found = [f"{name} {tensors[name].dtype} {list(tensors[name].shape)} {tensors[name].astype('float64').sum():.6f}" for name in sorted(tensors)]
assert found == expected, (found, expected)
save_file({name: tensor + np.ones_like(tensor) for name, tensor in tensors.items()}, target, metadata={"format": "pt"})
"#;

#[test]
fn python_reads_what_is_saved_and_is_read() {
    let python = std::env::var("PYTHON").unwrap_or("python3".to_owned());
    let has = Command::new(&python).args(["-c", "import numpy, safetensors.numpy"]).output();
    if !has.is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: {python} has no safetensors");
        return;
    }
    let folder = Folder::new("python");
    let (source, target) = (folder.path("rust.safetensors"), folder.path("python.safetensors"));
    let mut net = Net::init(&mut SmallRng::seed_from_u64(0));
    net.save(&source).unwrap();
    let linear = &net.0.1.1.1.1;
    let expected = [
        ("0.bias", "[2]", sum(&net.0.0.bias)),
        ("0.weight", "[2, 1, 3, 3]", sum(&net.0.0.weight)),
        ("1.bias", "[2]", 0.0),
        ("1.running_mean", "[2]", 0.0),
        ("1.running_var", "[2]", 2.0),
        ("1.weight", "[2]", 2.0),
        ("4.bias", "[3]", sum(&linear.bias)),
        ("4.weight", "[3, 8]", sum(&linear.weight)),
    ];
    let lines = expected.map(|(name, shape, sum)| format!("{name} float32 {shape} {sum:.6}"));
    let output = Command::new(&python).args(["-c", SCRIPT]).args([&source, &target]).args(lines).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));

    let written = Net::load(&target).unwrap();
    struct AddOne;
    impl VisitorMut for AddOne {
        fn visit_mut<T: Float>(&mut self, _: &Info<'_>, values: &mut [T]) {
            values.iter_mut().for_each(|v| *v += T::ONE);
        }
    }
    net.visit_mut(Name::ROOT, &mut AddOne);
    assert_eq!(written, net);
}

fn sum<S: Shape<Elem = f32>>(tensor: &Tensor<S>) -> f64 {
    tensor.iter().map(|&x| f64::from(x)).sum()
}
