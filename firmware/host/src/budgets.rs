//! The budgets: `PROGRAM PROFILE FIGURE FLOOR CEILING` a line. A figure below its floor is good news, which the budgets are to hold on to.

use crate::measured::{FIGURES, Run};

/// Of a figure, how far a recorded budget's ends are from it, in percent.
const MARGIN: u64 = 2;

/// What leaves its budget, has none, or has one and was not measured.
pub fn complaints(text: &str, runs: &[Run]) -> Vec<String> {
    let lines = || text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty());
    let judged = lines().filter_map(|line| judge(line, runs));
    let budgets = |run: &Run| lines().filter(|line| line.starts_with(&format!("{} {} ", run.program, run.profile))).count();
    let without = runs.iter().filter(|run| budgets(run) != FIGURES.len());
    judged.chain(without.map(|run| format!("{} ({}) has no budget of every figure", run.program, run.profile))).collect()
}

fn judge(line: &str, runs: &[Run]) -> Option<String> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let [program, profile, figure, floor, ceiling] = words[..] else { return Some(format!("no budget: `{line}`")) };
    let (Ok(floor), Ok(ceiling)) = (floor.parse::<u64>(), ceiling.parse::<u64>()) else {
        return Some(format!("no budget: `{line}`"));
    };
    let Some(place) = FIGURES.iter().position(|&known| known == figure) else { return Some(format!("no figure: `{line}`")) };
    let Some(run) = runs.iter().find(|run| run.program == program && run.profile == profile) else {
        return Some(format!("{program} ({profile}) has a budget, and was not measured"));
    };
    let found = run.figures[place];
    let (what, limit) = if found > ceiling { ("above the ceiling", ceiling) } else { ("below the floor", floor) };
    let fits = (floor..=ceiling).contains(&found);
    (!fits).then(|| format!("{program} ({profile}): {figure} {found} is {what} of {limit}"))
}

/// Budgets around what was measured.
pub fn around(runs: &[Run]) -> String {
    let mut text = String::from("# Floor and ceiling of each figure, written by `./check --record` and reviewed.\n");
    for run in runs {
        for (figure, n) in FIGURES.iter().zip(run.figures) {
            let margin = n * MARGIN / 100;
            text += &format!("{} {} {figure} {} {}\n", run.program, run.profile, n - margin, n + margin);
        }
    }
    text
}
