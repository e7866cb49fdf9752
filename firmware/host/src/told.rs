//! What the networks told: logits, against PyTorch's answers; how well a head fits that was trained on the chip; what came frame by frame,
//! against the whole sequence at once.

use adamant::prelude::*;
use programs::{FITS, RUNS, gru_offline, stream_offline};

use crate::measured::Run;

/// How far a logit may be from PyTorch's, and an output from that of the whole sequence.
const TOLERANCE: f32 = 1e-5;
/// The part of other shifted images that the head must know.
const KNOWN: f32 = 0.7;

/// What PyTorch answers to the images that test.
#[derive(Module)]
struct Answers {
    logits: Tensor<[[f32; 10]; 360]>,
}

static MLP: Answers = weights!("../../tests/models/digits_mlp.expected.safetensors");
static CNN: Answers = weights!("../../tests/models/digits_cnn.expected.safetensors");

/// What is wrong with what a program told.
pub fn complaint(run: &Run) -> Option<String> {
    match run.program.as_str() {
        "digits_mlp" => logits(&MLP, &run.told),
        "digits_cnn" => logits(&CNN, &run.told),
        "digits_head" => learnt(&run.told),
        "gru_frame" => offline(gru_offline().as_slice(), &run.told),
        "stream_frame" => offline(stream_offline().as_slice(), &run.told),
        _ => (!run.told.is_empty()).then(|| "told what nobody asked for".into()),
    }
}

/// A logit that is not PyTorch's.
fn logits(answers: &Answers, told: &[f32]) -> Option<String> {
    let expected = answers.logits.0[..RUNS].as_flattened();
    if told.len() != expected.len() {
        return Some(format!("told {} logits, not {}", told.len(), expected.len()));
    }
    let mut pairs = told.iter().zip(expected).enumerate();
    let (i, (found, right)) = pairs.find(|(_, (found, right))| (**found - **right).abs() > TOLERANCE)?;
    Some(format!("told the logit {found} for class {} of image {}, and PyTorch {right}", i % 10, i / 10))
}

/// An output that is not the one of the whole sequence at once.
fn offline(expected: &[f32], told: &[f32]) -> Option<String> {
    if told.len() != expected.len() {
        return Some(format!("told {} outputs, not {}", told.len(), expected.len()));
    }
    let mut pairs = told.iter().zip(expected).enumerate();
    let (i, (found, right)) = pairs.find(|(_, (found, right))| !near(**found, **right))?;
    Some(format!("told {found} as output {i}, and the whole sequence at once gives {right}"))
}

/// A head that does not fit, or is no better than the one before.
fn learnt(told: &[f32]) -> Option<String> {
    let [loss, before, known] = *told else { return Some(format!("told {told:?}, not a loss and two accuracies")) };
    let fits = loss < FITS && known > before && known >= KNOWN;
    (!fits).then(|| format!("has the loss {loss}, above {FITS}, or knows {known} of other images, and {before} before"))
}

/// How well it learnt, for a person.
pub fn summary(run: &Run) -> Option<String> {
    let [loss, before, known] = run.told[..] else { return None };
    let percent = |part: f32| format!("{:.1} %", part * 100.0);
    let (before, known) = (percent(before), percent(known));
    Some(format!(
        "{} ({}): trained to a loss of {loss:.3}; knows {known} of other images, {before} before",
        run.program, run.profile
    ))
}

/// Whether two numbers are as good as the same, which NaN is not.
fn near(found: f32, right: f32) -> bool {
    (found - right).abs() <= TOLERANCE
}
