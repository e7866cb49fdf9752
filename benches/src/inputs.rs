//! What every program of a row is given: named arrays.

use adamant::nn::{Info, Name, Parameters, Visitor};
use adamant::prelude::*;

/// Numbers in row-major order, and the sizes of their dimensions.
#[derive(Clone)]
pub struct Array {
    pub dims: Vec<usize>,
    pub data: Vec<f32>,
}

/// Arrays by name.
#[derive(Clone, Default)]
pub struct Inputs(Vec<(String, Array)>);

impl Inputs {
    /// With one tensor more.
    pub fn with<S: Shape<Elem = f32>>(self, name: &str, tensor: &Tensor<S>) -> Self {
        self.with_array(name, S::DIMS.as_slice().to_vec(), tensor.as_slice().to_vec())
    }

    /// With class labels, as numbers.
    pub fn with_labels(self, name: &str, labels: &[u8]) -> Self {
        self.with_array(name, vec![labels.len()], labels.iter().map(|&label| f32::from(label)).collect())
    }

    /// With every tensor of a model, by the name that it has there. Weights of linear layers are `[IN][OUT]`.
    pub fn with_model(self, model: &impl Parameters) -> Self {
        struct Collect(Inputs);
        impl Visitor for Collect {
            fn visit<T: Float>(&mut self, info: &Info<'_>, values: &[T]) {
                let data = values.iter().map(|value| value.to_f64() as f32).collect();
                self.0.0.push((info.name.to_string(), Array { dims: info.dims.as_slice().to_vec(), data }));
            }
        }
        let mut collect = Collect(self);
        model.visit(Name::ROOT, &mut collect);
        collect.0
    }

    fn with_array(mut self, name: &str, dims: Vec<usize>, data: Vec<f32>) -> Self {
        self.0.push((name.to_string(), Array { dims, data }));
        self
    }

    /// The array of this name.
    #[cfg(feature = "peers")]
    pub fn get(&self, name: &str) -> &Array {
        let found = self.0.iter().find(|(own, _)| own == name);
        &found.unwrap_or_else(|| panic!("the row has no input `{name}`")).1
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &(String, Array)> {
        self.0.iter()
    }
}
