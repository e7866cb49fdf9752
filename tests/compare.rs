//! `COMPARE.md` says of speed and size what the measurements say, which are refreshed without it.

use std::fs;

/// A row of a table, by its first cell, without what marks a row that is lost.
fn row<'a>(page: &'a str, name: &str) -> &'a str {
    let start = format!("| {name} |");
    page.lines().find(|line| line.replace('`', "").starts_with(&start)).unwrap_or_else(|| panic!("no row `{name}`"))
}

/// Its numbers.
fn numbers(row: &str) -> Vec<&str> {
    row.split(|c: char| !(c.is_ascii_digit() || ".,".contains(c)))
        .filter(|n| n.starts_with(|c: char| c.is_ascii_digit()))
        .collect()
}

/// The figures below a heading of `COMPARE.md`, each found in the row of that name in the file that measured them.
fn check(heading: &str, source: &str) {
    let (page, source) = (fs::read_to_string("COMPARE.md").unwrap(), fs::read_to_string(source).unwrap());
    let table = page.split_once(heading).unwrap().1.trim_start().lines();
    let rows: Vec<&str> =
        table.skip_while(|line| !line.starts_with('|')).take_while(|line| line.starts_with('|')).skip(2).collect();
    assert!(rows.len() > 2, "no table below `{heading}`");
    for line in rows {
        let (name, figures) = line.trim_start_matches("| ").split_once(" |").unwrap();
        let measured = numbers(row(&source, name));
        for figure in numbers(figures) {
            assert!(measured.contains(&figure), "{name}: {figure} is not among {measured:?}");
        }
    }
}

#[test]
fn times_are_those_of_the_benchmarks() {
    check("Microseconds", "benches/README.md");
}

#[test]
fn instructions_are_those_of_the_firmware() {
    check("Instructions", "firmware/README.md");
}
