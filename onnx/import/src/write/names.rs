//! Names that Rust takes.

use super::Taken;

/// What `adamant::prelude` and Rust call types, so that a model's part does not.
const RESERVED: &str = "Adadelta Adagrad Adam Adamax AdamW AdaptiveAvgPool2d Affine AvgPool1d AvgPool2d BatchNorm1d BatchNorm2d Batches \
    Bias Bilinear Box Buffer Causal CeilMode Celu Chunks Conv1d Conv2d ConvTranspose1d ConvTranspose2d Copy Clone Debug Default Depthwise \
    Dilation Dropout Elu Embedding Err ExcludePad Flatten Float Frozen Gelu GeluTanh GlobalAvgPool2d GlobalMaxPool2d Glu GroupNorm Groups \
    Hardsigmoid Hardswish Hardtanh Identity Idx Init Inspect InstanceNorm2d KernelWidth Layer LayerNorm LeakyRelu Linear Load Loss \
    LogSigmoid LogSoftmax MaxPool1d MaxPool2d Mish Module MultiheadAttention NAdam NoAffine NoBias Noise None Ok Option Ordering \
    OutputPadding PRelu Padding PaddingEnd Param PartialEq PixelShuffle RAdam RMSNorm RMSprop Reflect Relu Relu6 Replicate Reshape \
    Residual Result Rng Running Same Scale Self Selu Sequential Sgd Shape Sigmoid Silu Size SmallRng Softmax Softplus Softsign Some \
    StateDict String Stride Tanh Tanhshrink Tensor Tensor1 Tensor2 Tensor3 Tensor4 TransformerEncoderLayer Upsample UpsampleBilinear \
    UpsampleLinear Vec Zeros";

const KEYWORDS: &str = "as async await become box break const continue crate do dyn else enum extern false final fn for gen if impl in let \
    loop macro match mod move mut override priv pub ref return self Self static struct super trait true try type typeof unsafe unsized use \
    virtual where while yield abstract";

fn is_in(list: &str, name: &str) -> bool {
    list.split_whitespace().any(|word| word == name)
}

/// Names that are taken.
pub struct Names {
    taken: Taken,
    files: Taken,
    last: String,
}

impl Names {
    /// Of types.
    pub fn of_types() -> Self {
        Self { taken: RESERVED.split_whitespace().map(str::to_owned).collect(), files: Taken::new(), last: String::new() }
    }

    /// Of a struct's fields.
    pub fn of_fields() -> Self {
        Self { taken: Taken::new(), files: Taken::new(), last: String::new() }
    }

    /// This name, which a person has chosen.
    pub fn take(&mut self, name: &str) -> String {
        self.taken.insert(name.to_owned());
        self.last = name.to_owned();
        name.to_owned()
    }

    /// Whether the name was chosen by a person, and nothing is called so yet.
    pub fn is_last(&self, name: &str) -> bool {
        self.last == name
    }

    /// This name, or one like it that is free.
    pub fn take_unless_reserved(&mut self, name: &str) -> String {
        if self.last == name {
            return name.to_owned();
        }
        let name = if is_in(RESERVED, name) { format!("{name}Part") } else { name.to_owned() };
        self.free(&name)
    }

    fn free(&mut self, name: &str) -> String {
        let between = if name.ends_with(|c: char| c.is_ascii_digit()) { "_" } else { "" };
        let mut names = std::iter::once(name.to_owned()).chain((2..).map(|n| format!("{name}{between}{n}")));
        let free = names.find(|name| !self.taken.contains(name)).unwrap_or_default();
        self.taken.insert(free.clone());
        free
    }

    /// What a struct and a file call the part at this path, or one that has no path.
    pub fn field(&mut self, path: &[String], noun: &str) -> (String, String) {
        let ident = match path {
            [] => ident(noun),
            [only] if only.parse::<u64>().is_ok() => format!("layer{only}"),
            several => ident(&several.join("_")),
        };
        let ident = self.free(&ident);
        let name = if path.is_empty() { ident.clone() } else { path.join(".") };
        match self.files.insert(name.clone()) {
            true => (ident, name),
            false => {
                self.files.insert(ident.clone());
                (ident.clone(), ident)
            }
        }
    }
}

/// A field's or a variable's name.
pub fn ident(name: &str) -> String {
    let plain: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' }).collect();
    let plain = plain.trim_matches('_').to_owned();
    match plain {
        plain if plain.is_empty() => "part".to_owned(),
        plain if plain.starts_with(|c: char| c.is_ascii_digit()) => format!("layer{plain}"),
        plain if is_in(KEYWORDS, &plain) => format!("{plain}_"),
        plain => plain,
    }
}

/// `LogSoftmax` as `log_softmax`.
pub fn snake(ty: &str) -> String {
    let name = ty.split('<').next().unwrap_or_default();
    let mut result = String::new();
    for (at, c) in name.char_indices() {
        if c.is_ascii_uppercase()
            && at > 0
            && !name.get(..at).is_some_and(|before| before.ends_with(|c: char| c.is_ascii_uppercase()))
        {
            result.push('_');
        }
        result.push(c.to_ascii_lowercase());
    }
    result
}

/// What the struct of a part is called: after its name, or after that of what it is an item of.
pub fn type_name(key: &str, around: &str) -> String {
    if key.parse::<u64>().is_ok() {
        return match around.strip_suffix('s') {
            Some(singular) if singular.len() > 2 => singular.to_owned(),
            _ => format!("{around}Part"),
        };
    }
    let words = key.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let name: String = words
        .map(|word| {
            let mut letters = word.chars();
            letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect::<String>()
        })
        .collect();
    if name.starts_with(|c: char| c.is_ascii_alphabetic()) { name } else { format!("Part{name}") }
}
