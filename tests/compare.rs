//! `COMPARE.md` and the guide say of speed and size what the measurements say, which are refreshed without them.

use std::fs;

/// A row of a table, by its first cell, without what marks a row that is lost.
fn row<'a>(page: &'a str, name: &str) -> &'a str {
    let start = format!("| {name} |").replace('`', "");
    page.lines().find(|line| line.replace('`', "").starts_with(&start)).unwrap_or_else(|| panic!("no row `{name}`"))
}

/// Its numbers.
fn numbers(row: &str) -> Vec<&str> {
    row.split(|c: char| !(c.is_ascii_digit() || ".,".contains(c)))
        .map(|n| n.trim_end_matches([',', '.']))
        .filter(|n| n.starts_with(|c: char| c.is_ascii_digit()))
        .collect()
}

/// The figures of the first table below a text of a page, each found in the row of that name in the file that measured them.
fn check(page: &str, below: &str, source: &str) {
    let (page, source) = (fs::read_to_string(page).unwrap().replace("//! ", ""), fs::read_to_string(source).unwrap());
    let table = page.split_once(below).unwrap().1.lines();
    let rows: Vec<&str> =
        table.skip_while(|line| !line.starts_with('|')).take_while(|line| line.starts_with('|')).skip(2).collect();
    assert!(rows.len() > 1, "no table below `{below}`");
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
    check("COMPARE.md", "Microseconds", "benches/README.md");
}

#[test]
fn instructions_are_those_of_the_firmware() {
    check("COMPARE.md", "Instructions", "firmware/README.md");
    check("src/guide/to_a_chip.rs", "# What was measured", "firmware/README.md");
    check("src/guide/to_a_browser.rs", "# Vectors", "firmware/README.md");
}
