//! Every layer in the box keeps the contract of its traits and has the right derivatives, in evaluation and in training.

use std::path::{Path, PathBuf};

use adamant::gradcheck::{Values, gradcheck};
use adamant::prelude::*;

/// Numbers between −2 and 2 without a pattern: none is near another, or near a kink at 0.
fn input<S: Shape<Elem = f64>>() -> Tensor<S> {
    let mut i = 0.0;
    Tensor::zeros().map(|_: f64| {
        i += 1.0;
        2.0 * f64::sin(1.7 * i * f64::sqrt(i) + 0.3)
    })
}

/// Makes every parameter and every buffer another number than the one that it starts from.
fn wave(model: &mut impl Parameters) {
    struct Wave(f64);
    impl adamant::nn::VisitorMut for Wave {
        fn visit_mut<T: Float>(&mut self, _: &adamant::nn::Info<'_>, values: &mut [T]) {
            for value in values {
                self.0 += 1.0;
                *value = T::from_f64(0.6 + 0.5 * f64::sin(1.3 * self.0 * self.0.sqrt())); // a variance, too
            }
        }
    }
    model.visit_mut(adamant::nn::Name::ROOT, &mut Wave(0.0));
}

fn check<X, M>(name: &str, mut layer: M, x: &X)
where
    X: Values,
    M: Backprop<X, Output: Values>,
{
    wave(&mut layer);
    gradcheck(&mut layer, x, 1e-6).unwrap_or_else(|wrong| panic!("{name}: {wrong}"));
}

/// The input of a shape, or of several.
macro_rules! input {
    (($($shape:ty),+)) => { ($(input::<$shape>(),)+) };
    ($shape:ty) => { input::<$shape>() };
}

/// Checks each layer on inputs of one or several shapes. What is given as a type starts blank.
macro_rules! layers {
    ($($name:ident { $($layer:expr => $($shape:tt),+;)+ })+) => {
        const LISTED: &[&str] = &[$(stringify!($name)),+];

        #[allow(non_snake_case, reason = "a layer's test has its name")]
        mod layer {$(
            mod $name {
                #[test]
                fn keeps_the_contract() {
                    use super::super::*;
                    $($(check(concat!(stringify!($layer), " on ", stringify!($shape)), $layer, &input!($shape));)+)+
                }
            }
        )+}
    };
}

type Vector = [f64; 6];
type Rows = [[f64; 6]; 3];
type Signals = [[[f64; 7]; 4]; 2];
type Images = [[[[f64; 6]; 4]; 4]; 2];

/// One layer of each kind.
type Cnn = Sequential![
    Conv2d<4, 3, 3, (), f64>,
    BatchNorm2d<3, Affine, f64>,
    Silu,
    MaxPool2d<2>,
    Flatten,
    Double<6, 2>
];

type Double<const IN: usize, const OUT: usize, B = Bias> = Linear<IN, OUT, B, f64>;

/// A layer that stands elsewhere.
static BASE: Double<6, 6> = Init::BLANK;

layers! {
    AdaptiveAvgPool2d { AdaptiveAvgPool2d::<2, 3> => Images; AdaptiveAvgPool2d::<3> => Images; }
    AvgPool1d {
        AvgPool1d::<2>::BLANK => Signals;
        AvgPool1d::<3, (Stride<1>, Padding<1>)>::BLANK => Signals;
        AvgPool1d::<4, (Stride<4>, Padding<1>, CeilMode)>::BLANK => Signals;
    }
    AvgPool2d {
        AvgPool2d::<2>::BLANK => Images;
        AvgPool2d::<3, (Stride<1>, Padding<1>, ExcludePad)>::BLANK => Images;
        AvgPool2d::<3, (Stride<2>, Padding<1>, CeilMode)>::BLANK => Images;
        AvgPool2d::<3, (CeilMode, ExcludePad)>::BLANK => Images;
    }
    BatchNorm1d {
        BatchNorm1d::<6, 1, Affine, f64>::BLANK => Rows;
        BatchNorm1d::<4, 1, NoAffine, f64>::BLANK => Signals;
        BatchNorm1d::<7, -1, Affine, f64>::BLANK => Signals;
    }
    BatchNorm2d { BatchNorm2d::<4, Affine, f64>::BLANK => Images; BatchNorm2d::<4, NoAffine, f64>::BLANK => Images; }
    Bilinear {
        Bilinear::<6, 4, 2, Bias, f64>::BLANK => (Vector, [f64; 4]), (Rows, [[f64; 4]; 3]);
        Bilinear::<6, 6, 3, NoBias, f64>::BLANK => (Rows, Rows);
    }
    Conv1d {
        Conv1d::<4, 3, 3, (), f64>::BLANK => Signals;
        Conv1d::<4, 6, 2, (Stride<2>, Padding<1>, Groups<2>, NoBias), f64>::BLANK => Signals;
        Conv1d::<4, 2, 3, (Causal, Dilation<2>), f64>::BLANK => Signals;
        Conv1d::<4, 4, 2, (Causal, Replicate, Depthwise), f64>::BLANK => Signals;
        Conv1d::<4, 2, 3, (PaddingEnd<2>, Stride<2>), f64>::BLANK => Signals;
    }
    Conv2d {
        Conv2d::<4, 2, 3, (), f64>::BLANK => Images;
        Conv2d::<4, 4, 3, (Depthwise, Same, Circular), f64>::BLANK => Images;
        Conv2d::<4, 2, 2, (Stride<2>, Padding<1>, Dilation<2>, NoBias), f64>::BLANK => Images;
        Conv2d::<4, 3, 1, (), f64>::BLANK => Images;
        Conv2d::<4, 2, 3, (Padding<2, 1>, PaddingEnd<0, 2>), f64>::BLANK => Images;
    }
    ConvTranspose1d {
        ConvTranspose1d::<4, 2, 3, (), f64>::BLANK => Signals;
        ConvTranspose1d::<4, 4, 3, (Stride<2>, OutputPadding<1>, Groups<2>, Padding<1>), f64>::BLANK => Signals;
    }
    ConvTranspose2d {
        ConvTranspose2d::<4, 2, 3, (), f64>::BLANK => Images;
        ConvTranspose2d::<4, 4, 2, (Stride<2>, OutputPadding<1>, Groups<2>), f64>::BLANK => Images;
    }
    Dropout { Dropout::new(0.4) => Vector, Images; Dropout::new(0.0) => Rows; Dropout::new(1.0) => Rows; }
    Flatten { <Flatten>::BLANK => Images; Flatten::<1, 2>::BLANK => Images; }
    Frozen {
        Frozen(Double::<6, 2>::BLANK) => Vector, Rows;
        Frozen(<Sequential![Double<6, 4>, BatchNorm1d<4, 1, Affine, f64>, Dropout]>::BLANK) => Rows;
        Frozen(&BASE) => Rows;
    }
    GlobalAvgPool2d { GlobalAvgPool2d => Images; }
    GlobalMaxPool2d { GlobalMaxPool2d => Images; }
    Glu { Glu::<-1> => Vector, Rows; Glu::<1> => Images; }
    GroupNorm {
        GroupNorm::<2, 4, -3, Affine, f64>::BLANK => Images;
        GroupNorm::<2, 6, 1, NoAffine, f64>::BLANK => Rows;
    }
    Identity { Identity => Vector, Images; }
    Inspect { Inspect::<StopAtNan>::new("here") => Vector, Images; }
    InstanceNorm2d {
        InstanceNorm2d::<4, Affine, f64>::BLANK => Images;
        InstanceNorm2d::<4, NoAffine, f64>::BLANK => Images;
    }
    LastStep { LastStep => Rows, Signals; }
    LayerNorm {
        LayerNorm::<Vector>::BLANK => Vector, Rows;
        LayerNorm::<[[f64; 6]; 4], NoBias>::BLANK => Images;
        LayerNorm::<Vector, NoAffine>::BLANK => Rows;
    }
    LearnedPositions { LearnedPositions::<5, 6, f64>::BLANK => Rows; LearnedPositions::<4, 7, f64>::BLANK => Signals; }
    Linear { Double::<6, 4>::BLANK => Vector, Rows, Images; Double::<6, 1, NoBias>::BLANK => Vector, Rows; }
    LogSoftmax { LogSoftmax::<-1> => Vector, Rows; LogSoftmax::<1> => Images; }
    MaxPool1d {
        MaxPool1d::<2>::BLANK => Signals;
        MaxPool1d::<3, (Stride<1>, Padding<1>)>::BLANK => Signals;
        MaxPool1d::<2, CeilMode>::BLANK => Signals;
    }
    MaxPool2d {
        MaxPool2d::<2>::BLANK => Images;
        MaxPool2d::<2, (Stride<1>, Dilation<2>)>::BLANK => Images;
        MaxPool2d::<3, (Stride<2>, CeilMode)>::BLANK => Images;
    }
    MultiheadAttention {
        MultiheadAttention::<6, 2, (), f64>::BLANK => Rows, (Rows, [[f64; 6]; 2]);
        MultiheadAttention::<6, 3, (Causal, Dropout, NoBias, RotaryPositions), f64>::BLANK => Rows;
    }
    Noise { <Noise>::BLANK => Vector; Noise::<Uniform>::BLANK => Rows; Noise::<Gumbel>::BLANK => Images; }
    PRelu { PRelu::<1, f64>::BLANK => Vector, Images; PRelu::<4, f64>::BLANK => Images; }
    PixelShuffle { PixelShuffle::<2> => Images; }
    RMSNorm { RMSNorm::<Vector>::BLANK => Vector, Rows; RMSNorm::<[[f64; 6]; 4], NoAffine>::BLANK => Images; }
    Recurrent {
        Rnn::<6, 2, Relu, f64>::BLANK => Rows;
        Lstm::<6, 2, (), f64>::BLANK => Rows;
        Lstm::<7, 2, (Layers<2>, Bidirectional, Dropout), f64>::BLANK => Signals;
        Gru::<6, 2, (Layers<2>, NoBias), f64>::BLANK => Rows;
        Gru::<7, 2, (Recompute, Bidirectional), f64>::BLANK => Signals;
    }
    RecurrentCell {
        RnnCell::<6, 2, (), f64>::BLANK => (Rows, [[f64; 2]; 3]);
        GruCell::<6, 2, Bias, f64>::BLANK => (Vector, [f64; 2]);
    }
    Reshape { Reshape::<[[f64; 3]; 2]>::BLANK => Rows; Reshape::<[f64; 24], -2>::BLANK => Images; }
    Residual {
        Residual(Double::<6, 6>::BLANK) => Vector, Rows;
        Residual(<Sequential![Double<6, 6>, BatchNorm1d<6, 1, Affine, f64>, Tanh, Dropout]>::BLANK) => Rows;
        Residual(Frozen(Double::<6, 6>::BLANK)) => Rows;
    }
    RotaryPositions { RotaryPositions::new() => Rows; }
    ScaledDotProductAttention { ScaledDotProductAttention::<Causal>::new() => (Rows, Rows, Rows); }
    Sequential {
        <Sequential![Double<6, 5>, Tanh, Dropout, Double<5, 2>]>::BLANK => Vector, Rows;
        Cnn::BLANK => Images;
        <Sequential![Frozen<Double<6, 5>>, Sigmoid, Double<5, 2>]>::BLANK => Rows;
        <Sequential![Dropout, Dropout]>::BLANK => Images;
        (Double::<6, 3>::BLANK, LayerNorm::<[f64; 3]>::BLANK) => Rows;
        [Double::<6, 6>::BLANK; 3] => Vector, Rows;
        [<Sequential![Double<6, 6>, BatchNorm1d<6, 1, Affine, f64>, Tanh, Dropout]>::BLANK; 3] => Rows;
        sequential![[Tanh; 2], [Dropout::BLANK; 2], Double::<6, 2>::BLANK] => Rows;
        [Frozen(Double::<6, 6>::BLANK); 2] => Rows;
    }
    SinusoidalPositions { SinusoidalPositions::new() => Rows, Signals; }
    Softmax { Softmax::<-1> => Vector, Rows; Softmax::<1> => Images; }
    TransformerDecoder {
        TransformerDecoder::<TransformerDecoderLayer<6, 2, 3, (), f64>, 2>::BLANK => (Rows, [[f64; 6]; 2]);
    }
    TransformerDecoderLayer {
        TransformerDecoderLayer::<6, 2, 3, (NormFirst, Gelu), f64>::BLANK => (Rows, [[f64; 6]; 2]);
    }
    TransformerEncoder {
        TransformerEncoder::<TransformerEncoderLayer<6, 2, 3, Gelu, f64>, 2, LayerNorm<Vector>>::BLANK => Rows;
    }
    TransformerEncoderLayer {
        TransformerEncoderLayer::<6, 2, 3, (), f64>::BLANK => Rows;
        TransformerEncoderLayer::<6, 3, 3, (NormFirst, Causal), f64>::BLANK.with_dropout(0.0) => Rows;
    }
    Transpose { Transpose => Rows, Signals; }
    Upsample { Upsample::<2> => Images; Upsample::<1, 3> => Images; }
    UpsampleBilinear {
        UpsampleBilinear::<Scale<2, 3>>::BLANK => Images;
        UpsampleBilinear::<(AlignCorners, Scale<2>)>::BLANK => Images;
        UpsampleBilinear::<Size<3, 7>>::BLANK => Rows;
        UpsampleBilinear::<(Size<1, 5>, AlignCorners)>::BLANK => Images;
    }
    UpsampleLinear {
        UpsampleLinear::<Scale<3>>::BLANK => Signals, Vector;
        UpsampleLinear::<(Size<5>, AlignCorners)>::BLANK => Signals;
    }

    Celu { Celu::new(0.7) => Rows; }
    Elu { Elu::new(0.7) => Rows; }
    Gelu { Gelu => Rows; }
    GeluTanh { GeluTanh => Rows; }
    Hardsigmoid { Hardsigmoid => Rows; }
    Hardswish { Hardswish => Rows; }
    Hardtanh { Hardtanh::default() => Rows; }
    LeakyRelu { LeakyRelu::default() => Rows; }
    LogSigmoid { LogSigmoid => Rows; }
    Mish { Mish => Rows; }
    Relu { Relu => Rows; }
    Relu6 { Relu6 => Rows; }
    Selu { Selu => Rows; }
    Sigmoid { Sigmoid => Rows; }
    Silu { Silu => Rows; }
    Softplus { Softplus::new(2.0, 20.0) => Rows; }
    Softsign { Softsign => Rows; }
    Tanh { Tanh => Rows; }
    Tanhshrink { Tanhshrink => Rows; }
}

/// The files of `src/nn` whose types are no layers.
const NO_LAYERS: &[&str] = &[
    "affine",
    "bias",
    "count",
    "convolution",
    "chained",
    "fields",
    "inside",
    "layer",
    "layout",
    "loss",
    "module",
    "name",
    "options",
    "param",
    "probe",
    "random",
    "running",
    "summary",
    "visit",
];

/// Other public types there: what a [`Noise`] draws, what an [`Embedding`], whose input has no gradient, is told (its file checks its weight's),
/// and what goes along with sequences.
const OTHERS: [&str; 14] = [
    "Normal",
    "Uniform",
    "Gumbel",
    "Embedding",
    "PaddingIndex",
    "KeyValueCache",
    "DecoderCache",
    "Lengths",
    "LengthError",
    "Zero",
    "Plan",
    "Whole",
    "Back",
    "Masked",
];

/// Every file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// Every other public type there, and every activation, is a layer and is listed above.
#[test]
fn every_layer_is_listed() {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src/nn"));
    for path in files(folder) {
        let file = path.file_stem().unwrap().to_str().unwrap();
        let parts = path.strip_prefix(folder).unwrap().iter().filter_map(|part| part.to_str());
        if parts.chain([file]).any(|part| NO_LAYERS.contains(&part)) {
            continue;
        }
        let source = std::fs::read_to_string(&path).unwrap();
        // A layer is a struct, or what a line of the activations' table begins with: `    Relu = …`.
        let names = source.lines().filter_map(|line| match file {
            "activation" => line.strip_prefix("    ")?.split_once(" = ").map(|(name, _)| name),
            _ => line.strip_prefix("pub struct ")?.split(|c: char| !c.is_alphanumeric()).next(),
        });
        for name in names.filter(|name| name.starts_with(char::is_uppercase) && !OTHERS.contains(name)) {
            assert!(LISTED.contains(&name), "{file}: {name} is not among the layers of this test");
        }
    }
}
