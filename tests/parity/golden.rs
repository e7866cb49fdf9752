//! One golden file, and comparison with it.

use std::fmt::Debug;
use std::path::Path;

use adamant::nn::{Gradients, Info, Visitor, VisitorMut};
use adamant::prelude::*;
use safetensors::{Dtype, SafeTensors};

/// The tolerance that everything here keeps unless it says otherwise: relative or absolute.
pub const TOLERANCE: f64 = 1e-5;

/// A file of reference values.
pub struct Golden {
    name: String,
    bytes: Vec<u8>,
}

impl Golden {
    /// Opens `tests/golden/NAME.safetensors`.
    pub fn open(name: &str) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/golden/{name}.safetensors"));
        let bytes = std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        Self { name: name.to_owned(), bytes }
    }

    fn view<R>(&self, key: &str, read: impl FnOnce(&[usize], Dtype, &[u8]) -> R) -> R {
        let file = SafeTensors::deserialize(&self.bytes).expect("a well-formed file");
        let tensor = file.tensor(key).unwrap_or_else(|e| panic!("{}, {key}: {e}", self.name));
        read(tensor.shape(), tensor.dtype(), tensor.data())
    }

    /// The case's arguments.
    pub fn case(&self) -> serde_json::Value {
        let (_, header) = SafeTensors::read_metadata(&self.bytes).expect("a well-formed header");
        let metadata = header.metadata().as_ref().expect("metadata");
        serde_json::from_str(&metadata["case"]).expect("a JSON object")
    }

    /// A number among the case's arguments.
    pub fn number(&self, key: &str) -> f64 {
        self.case()[key].as_f64().unwrap_or_else(|| panic!("{}: no number {key}", self.name))
    }

    /// The numbers of a float tensor, in row-major order, and its dimensions.
    pub fn floats(&self, key: &str) -> (Vec<usize>, Vec<f64>) {
        self.view(key, |dims, dtype, data| {
            let numbers = match dtype {
                Dtype::F32 => data.chunks_exact(4).map(|b| f64::from(f32::from_le_bytes(b.try_into().unwrap()))).collect(),
                Dtype::F64 => data.chunks_exact(8).map(|b| f64::from_le_bytes(b.try_into().unwrap())).collect(),
                other => panic!("{}, {key}: {other:?} is no float", self.name),
            };
            (dims.to_vec(), numbers)
        })
    }

    /// The numbers of an integer tensor, in row-major order.
    pub fn integers(&self, key: &str) -> Vec<i64> {
        self.view(key, |_, dtype, data| {
            assert_eq!(dtype, Dtype::I64);
            data.chunks_exact(8).map(|b| i64::from_le_bytes(b.try_into().unwrap())).collect()
        })
    }

    /// A tensor, whose dimensions must be those of the type.
    pub fn tensor<S: Shape<Elem: Float>>(&self, key: &str) -> Tensor<S> {
        let (dims, numbers) = self.floats(key);
        assert_eq!(dims, S::DIMS.as_slice(), "{}, {key}", self.name);
        let numbers: Vec<S::Elem> = numbers.into_iter().map(Float::from_f64).collect();
        Tensor::from_slice(&numbers).expect("as many numbers as the dimensions say")
    }

    /// Checks numbers against a tensor of the file.
    pub fn check<T: Float>(&self, key: &str, actual: &[T]) {
        let (_, expected) = self.floats(key);
        assert_close(&format!("{}, {key}", self.name), actual, &expected, TOLERANCE);
    }

    /// Gives every parameter (and buffer) of a model the file's value of its name: `param.NAME`, `buffer.NAME`.
    pub fn load(&self, model: &mut impl adamant::nn::Parameters) {
        model.visit_mut(adamant::nn::Name::ROOT, &mut Load(self));
    }

    /// Checks every gradient against the file's `grad.NAME`.
    pub fn check_grads(&self, grads: &impl Gradients) {
        grads.visit(adamant::nn::Name::ROOT, &mut Check(self, "grad"));
    }

    /// Checks every tensor of a model against the file's `PREFIX.NAME`.
    pub fn check_params(&self, prefix: &'static str, model: &impl adamant::nn::Parameters) {
        model.visit(adamant::nn::Name::ROOT, &mut Check(self, prefix));
    }

    /// Checks every buffer of a model against the file's `buffer_after.NAME`.
    pub fn check_buffers(&self, model: &impl adamant::nn::Parameters) {
        model.visit(adamant::nn::Name::ROOT, &mut CheckBuffers(self));
    }

    /// The tensor `PREFIX.NAME` in adamant's layout.
    fn named(&self, prefix: &str, info: &Info<'_>) -> Vec<f64> {
        let key = format!("{prefix}.{}", info.name);
        let (mut dims, numbers) = self.floats(&key);
        let numbers = if info.name.is_transposed() {
            let [.., rows, cols] = dims[..] else { panic!("{key} is no matrix") };
            dims.swap(0, 1);
            (0..cols).flat_map(|c| (0..rows).map(move |r| r * cols + c)).map(|i| numbers[i]).collect()
        } else {
            numbers
        };
        assert_eq!(dims, info.dims.as_slice(), "{}, {key}", self.name);
        numbers
    }
}

struct Load<'a>(&'a Golden);

impl VisitorMut for Load<'_> {
    fn visit_mut<T: Float>(&mut self, info: &Info<'_>, values: &mut [T]) {
        let prefix = if info.kind == adamant::nn::Kind::Buffer { "buffer" } else { "param" };
        for (to, from) in values.iter_mut().zip(self.0.named(prefix, info)) {
            *to = T::from_f64(from);
        }
    }
}

struct Check<'a>(&'a Golden, &'static str);

impl Visitor for Check<'_> {
    fn visit<T: Float>(&mut self, info: &Info<'_>, values: &[T]) {
        let expected = self.0.named(self.1, info);
        assert_close(&format!("{}, {}.{}", self.0.name, self.1, info.name), values, &expected, TOLERANCE);
    }
}

struct CheckBuffers<'a>(&'a Golden);

impl Visitor for CheckBuffers<'_> {
    fn visit<T: Float>(&mut self, info: &Info<'_>, values: &[T]) {
        if info.kind == adamant::nn::Kind::Buffer {
            Check(self.0, "buffer_after").visit(info, values);
        }
    }
}

/// Checks that each pair is equal to `tolerance`, relative or absolute; an infinity is equal to itself alone.
pub fn assert_close<T: Float + Debug>(what: &str, actual: &[T], expected: &[f64], tolerance: f64) {
    assert_eq!(actual.len(), expected.len(), "{what}: the number of elements");
    for (i, (a, e)) in actual.iter().zip(expected).enumerate() {
        let a = a.to_f64();
        let difference = (a - e).abs();
        let close = difference.is_finite() && difference <= tolerance * e.abs().max(1.0);
        assert!(a == *e || close, "{what}[{i}]: {a}, but PyTorch has {e}");
    }
}

/// Checks a layer whose input and output are tensors: forward, every gradient, the two shorter backward entries.
pub fn check_layer<M, X, Y>(name: &str, mut layer: M)
where
    X: Shape<Elem: Float>,
    Y: Shape<Elem: Float>,
    M: Backprop<Tensor<X>, Output = Tensor<Y>>,
{
    let golden = Golden::open(name);
    golden.load(&mut layer);
    let x: Tensor<X> = golden.tensor("input");
    golden.check("output", layer.forward(&x).as_slice());

    let mut grads = layer.zero_grads();
    let mut dx = x;
    layer.backprop(&mut dx, &mut grads, |y: &mut Tensor<Y>| {
        golden.check("output", y.as_slice());
        *y = golden.tensor("grad_output");
    });
    golden.check("grad_input", dx.as_slice());
    golden.check_grads(&grads);

    let mut grads = layer.zero_grads();
    layer.backprop_params(&x, &mut grads, |y| *y = golden.tensor("grad_output"));
    golden.check_grads(&grads);

    let mut dx = x;
    layer.backprop_input(&mut dx, |y| *y = golden.tensor("grad_output"));
    golden.check("grad_input", dx.as_slice());
}
