//! How a kernel moves over its input: sizes, and the options that say so.

use std::rc::Rc;

use super::layers::{plain, with_options};
use crate::error::{Result, bail};
use crate::graph::Node;
use crate::ir::Layer;
use crate::tensor::Tensor;

/// How much stands around the input, and by which option.
pub type Padding = (Vec<[usize; 2]>, &'static str);

/// How a kernel moves over its input.
pub struct Window {
    pub input: Vec<usize>,
    pub kernel: Vec<usize>,
    pub strides: Vec<usize>,
    pub dilations: Vec<usize>,
    /// Before and after the input.
    pub pads: Vec<[usize; 2]>,
    /// What a transposed convolution adds.
    pub extra: Vec<usize>,
}

impl Window {
    /// That of a convolution, whose weight has the kernel's sizes.
    pub fn of(node: Node<'_>, input: &[usize], weight: &Tensor) -> Result<Self> {
        let kernel = weight.dims.get(2..).unwrap_or(&[]).to_vec();
        if node.sizes("kernel_shape")?.is_some_and(|given| given != kernel) {
            bail!("its `kernel_shape` is not that of its weight, {:?}", weight.dims);
        }
        weight.floats()?;
        Self::with_kernel(node, input, kernel)
    }

    pub fn with_kernel(node: Node<'_>, input: &[usize], kernel: Vec<usize>) -> Result<Self> {
        let n = input.len();
        let all = |name: &str| Ok(node.sizes(name)?.unwrap_or_else(|| vec![1; n]));
        let (strides, dilations) = (all("strides")?, all("dilations")?);
        let given = node.sizes("pads")?.unwrap_or_else(|| vec![0; 2 * n]);
        if [kernel.len(), strides.len(), dilations.len(), given.len() / 2] != [n; 4] || !given.len().is_multiple_of(2) {
            bail!("its kernel, strides, dilations and pads do not have as many numbers as its input has dimensions");
        }
        if kernel.iter().chain(&strides).chain(&dilations).any(|&n| n == 0) {
            bail!("its kernel, a stride or a dilation is 0");
        }
        let (before, after) = given.split_at(n);
        let mut pads: Vec<[usize; 2]> = before.iter().zip(after).map(|(&a, &b)| [a, b]).collect();
        let mut window = Self { input: input.to_vec(), kernel, strides, dilations, pads: vec![], extra: vec![] };
        match node.text("auto_pad", "NOTSET") {
            "NOTSET" | "" => {}
            "VALID" => pads = vec![[0, 0]; n],
            way @ ("SAME_UPPER" | "SAME_LOWER") => pads = window.same_pads(way == "SAME_LOWER"),
            other => bail!("its `auto_pad` is `{other}`, which is not known"),
        }
        window.pads = pads;
        Ok(window)
    }

    /// Adds what is padded before it, and says which option that takes.
    pub fn pad(&mut self, padding: Option<&Padding>) -> Result<Option<&'static str>> {
        let Some((pads, mode)) = padding else { return Ok(None) };
        if !mode.is_empty() && self.pads.iter().any(|pads| pads != &[0, 0]) {
            bail!("it pads with zeros what is padded before it in another way");
        }
        for (own, more) in self.pads.iter_mut().zip(pads) {
            own.iter_mut().zip(more).for_each(|(own, more)| *own += more);
        }
        Ok(Some(*mode).filter(|mode| !mode.is_empty()))
    }

    /// How far the kernel reaches, along each axis.
    pub fn reach(&self) -> impl Iterator<Item = usize> + '_ {
        self.kernel.iter().zip(&self.dilations).map(|(&k, &d)| (k - 1).saturating_mul(d) + 1)
    }

    /// So that the output is the input divided by the stride.
    pub fn same_pads(&self, first: bool) -> Vec<[usize; 2]> {
        let each = self.input.iter().zip(&self.strides).zip(self.reach());
        each.map(|((&n, &stride), reach)| {
            let total = ((n.div_ceil(stride) - 1) * stride + reach).saturating_sub(n);
            let (small, large) = (total / 2, total.div_ceil(2));
            if first { [large, small] } else { [small, large] }
        })
        .collect()
    }

    pub fn sizes(&self) -> Result<Vec<usize>> {
        self.pooled_sizes(false)
    }

    pub fn pooled_sizes(&self, ceil: bool) -> Result<Vec<usize>> {
        let each = self.input.iter().zip(self.pads.iter().zip(&self.strides)).zip(self.reach());
        let sizes = each.map(|((&n, (&[before, after], &stride)), reach)| {
            let rest = (n + before + after).checked_sub(reach)?;
            let floor = rest / stride + 1;
            // The last window must begin in the input or the padding before it.
            let more = ceil && rest % stride != 0 && floor * stride < n + before;
            Some(floor + usize::from(more))
        });
        match sizes.collect() {
            Some(sizes) => Ok(sizes),
            None => bail!("a kernel of {:?} does not fit into an input of {:?}", self.kernel, self.input),
        }
    }

    pub fn transposed_sizes(&self) -> Result<Vec<usize>> {
        if self.extra.is_empty() || self.extra.len() == self.input.len() {
            if self.pads.iter().any(|&[before, after]| before != after) {
                bail!("its padding differs between the sides, which is not supported");
            }
            let each = self.input.iter().zip(self.pads.iter().zip(&self.strides)).zip(self.reach()).enumerate();
            let sizes = each.map(|(i, ((&n, (&[before, after], &stride)), reach))| {
                let whole = n.checked_sub(1)?.checked_mul(stride)?.checked_add(reach)?;
                let extra = self.extra.get(i).copied().unwrap_or(0);
                whole.checked_add(extra)?.checked_sub(before + after).filter(|&n| n > 0)
            });
            if let Some(sizes) = sizes.collect() {
                return Ok(sizes);
            }
        }
        bail!("its pads or output padding do not fit an input of {:?}", self.input)
    }

    pub fn pair(numbers: impl Iterator<Item = usize>) -> String {
        let numbers: Vec<usize> = numbers.collect();
        match &numbers[..] {
            [h, w] if h != w => format!("{h}, {w}"),
            _ => numbers.first().map(usize::to_string).unwrap_or_default(),
        }
    }

    pub fn kernel_width(&self) -> Option<String> {
        match self.kernel[..] {
            [h, w] if h != w => Some(format!("KernelWidth<{w}>")),
            _ => None,
        }
    }

    pub fn options(&self) -> Vec<String> {
        let mut options: Vec<String> = self.kernel_width().into_iter().collect();
        if self.strides.iter().any(|&n| n != 1) {
            options.push(format!("Stride<{}>", Self::pair(self.strides.iter().copied())));
        }
        let differ = self.pads.iter().any(|[before, after]| before != after);
        if differ || self.pads.iter().any(|pads| pads != &[0, 0]) {
            let before = Self::pair(self.pads.iter().map(|pads| pads[0]));
            if !differ || self.pads.iter().any(|pads| pads[0] != 0) {
                options.push(format!("Padding<{before}>"));
            }
        }
        if differ {
            options.push(format!("PaddingEnd<{}>", Self::pair(self.pads.iter().map(|pads| pads[1]))));
        }
        if self.dilations.iter().any(|&n| n != 1) {
            options.push(format!("Dilation<{}>", Self::pair(self.dilations.iter().copied())));
        }
        if self.extra.iter().any(|&n| n != 0) {
            options.push(format!("OutputPadding<{}>", Self::pair(self.extra.iter().copied())));
        }
        options
    }

    pub fn pool_options(&self) -> Vec<String> {
        let mut options: Vec<String> = self.kernel_width().into_iter().collect();
        if self.strides != self.kernel {
            options.push(format!("Stride<{}>", Self::pair(self.strides.iter().copied())));
        }
        if self.pads.iter().any(|pads| pads != &[0, 0]) {
            options.push(format!("Padding<{}>", Self::pair(self.pads.iter().map(|pads| pads[0]))));
        }
        if self.dilations.iter().any(|&n| n != 1) {
            options.push(format!("Dilation<{}>", Self::pair(self.dilations.iter().copied())));
        }
        options
    }

    #[allow(clippy::too_many_arguments, reason = "a convolution is made of so much")]
    pub fn layer(
        &self,
        kind: &str,
        noun: &'static str,
        channels: usize,
        out: usize,
        mut options: Vec<String>,
        weight: Rc<Tensor>,
        bias: Option<Tensor>,
    ) -> Layer {
        let n = self.input.len();
        options.extend(bias.is_none().then(|| "NoBias".to_owned()));
        let kernel = self.kernel.first().copied().unwrap_or(1);
        let ty = with_options(&format!("{kind}{n}d<{channels}, {out}, {kernel}"), &options);
        let mut tensors = vec![("weight".to_owned(), weight)];
        tensors.extend(bias.map(|bias| ("bias".to_owned(), Rc::new(bias))));
        Layer { tensors, ..plain(ty, noun, n + 1) }
    }
}
