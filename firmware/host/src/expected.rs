//! The same programs on this machine.

use programs::*;

use crate::measured::Run;

/// How far a value may be from the one here: the two machines add sums in different orders.
const TOLERANCE: f32 = 1e-5;

/// What a program gives, run after run.
fn values<P: Program>() -> [f32; RUNS] {
    let (mut model, mut memory) = (Box::new(P::MODEL), Box::new(P::MEMORY));
    core::array::from_fn(|_| P::run(&mut model, &mut memory))
}

fn values_of(program: &str) -> Option<[f32; RUNS]> {
    Some(match program {
        "nothing" => values::<Nothing>(),
        "mlp_forward" => values::<MlpForward>(),
        "mlp_adam" => values::<MlpAdam>(),
        "mlp_sgd" => values::<MlpSgd>(),
        "mlp_by_value" => values::<MlpByValue>(),
        "digits_mlp" => values::<DigitsMlp>(),
        "digits_cnn" => values::<DigitsCnn>(),
        "digits_head" => values::<DigitsHead>(),
        "sine" => values::<Sine>(),
        "cnn_forward" => values::<CnnForward>(),
        "cnn_step" => values::<CnnStep>(),
        "gru_frame" => values::<GruFrame>(),
        "stream_frame" => values::<StreamFrame>(),
        "my_layer" => values::<MyLayerStep>(),
        _ => return None,
    })
}

/// What is wrong with a run's values.
pub fn complaints(run: &Run) -> Vec<String> {
    let name = format!("{} ({})", run.program, run.profile);
    let Some(expected) = values_of(&run.program) else { return vec![format!("nobody here knows {name}")] };
    if run.values.len() != expected.len() {
        return vec![format!("{name} gave {} values, not {}", run.values.len(), expected.len())];
    }
    let wrong = |(i, (found, right)): (usize, (&f32, f32))| {
        let near = (found - right).abs() <= TOLERANCE * right.abs().max(1.0);
        (!near).then(|| format!("{name} gave {found} in run {i}, not {right}"))
    };
    run.values.iter().zip(expected).enumerate().filter_map(wrong).collect()
}
