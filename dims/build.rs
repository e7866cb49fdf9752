//! Writes the table's rows. Each number stands in them as a literal, which costs the compiler next to nothing, while an expression
//! such as `Const<{ 16 * 3 }>` hides its value from the overlap check.

use std::fmt::Write;
use std::ops::Range;
use std::path::Path;
use std::{env, fs};

/// The largest number of the table's dense parts.
const LARGEST: usize = 65_536;
/// From here on results are multiples of 4 (as operands are), unless every one is asked for.
const BY_4: usize = 1 << 14;
const BY_64: usize = 1 << 16;
const BY_1024: usize = 1 << 18;
const END: usize = 1 << 20;

/// What is asked for beyond the ordinary.
struct Wanted {
    /// Every number up to the largest.
    all: bool,
    /// These.
    extra: Vec<usize>,
}

impl Wanted {
    fn from_env() -> Self {
        println!("cargo::rerun-if-changed=build.rs");
        println!("cargo::rerun-if-env-changed=ADAMANT_SIZES");
        let list = env::var("ADAMANT_SIZES").unwrap_or_default();
        let extra = list.split([',', ' ']).filter(|n| !n.is_empty()).map(size).collect();
        Self { all: env::var_os("CARGO_FEATURE_ALL_SIZES").is_some(), extra }
    }

    /// An operand's row makes the overlap check longer, quadratically, so there are few: small ones and round ones.
    fn operand(&self, n: usize) -> bool {
        self.all || n <= 4096 || n.is_multiple_of(64) || n.is_multiple_of(100) || self.extra.contains(&n)
    }

    /// Whether every result of this page of 256 is in the table.
    fn is_dense(&self, page: Range<usize>) -> bool {
        self.all || page.end <= BY_4 || self.extra.iter().any(|n| page.contains(n))
    }
}

/// One of `ADAMANT_SIZES`.
fn size(text: &str) -> usize {
    match text.replace('_', "").parse() {
        Ok(n) if n <= LARGEST => n,
        _ => panic!("ADAMANT_SIZES is a list of numbers up to {LARGEST} with commas between them, and `{text}` is none"),
    }
}

fn main() {
    let wanted = Wanted::from_env();
    let mut text = String::from("operands! {\n");
    for n in (0..=LARGEST).filter(|&n| wanted.operand(n)) {
        write(&mut text, format_args!("{n} = {};\n", uint(n)));
    }
    text.push_str("}\n");
    for first in (0..BY_64).step_by(256) {
        fine_page(&mut text, first, wanted.is_dense(first..first + 256));
    }
    for first in (BY_64..END).step_by(4096) {
        coarse_page(&mut text, first);
    }
    let directory = env::var_os("OUT_DIR").expect("cargo names a directory");
    fs::write(Path::new(&directory).join("table.rs"), text).expect("the table can be written");
}

/// `impl Fine<quotient by 4096> for digit`: sixteen rows of sixteen numbers, or of each fourth.
fn fine_page(text: &mut String, first: usize, dense: bool) {
    let (quotient, digit) = (uint(first / 4096), bits(first / 256 % 16));
    write(text, format_args!("impl Fine<{quotient}> for ({digit}) {{ type Rows = ("));
    for row in (first..first + 256).step_by(16) {
        match dense {
            true => write(text, format_args!("Row<{}>, ", list(row..row + 16, 1))),
            false => write(text, format_args!("Each4<{}>, ", list(row..row + 16, 4))),
        }
    }
    text.push_str("); }\n");
}

/// `impl Coarse for quotient by 4096`: each 64th number, or each 1,024th.
fn coarse_page(text: &mut String, first: usize) {
    write(text, format_args!("impl Coarse for {} {{ type Rows = ", uint(first / 4096)));
    if first < BY_1024 {
        text.push('(');
        for row in (first..first + 4096).step_by(256) {
            write(text, format_args!("By64<{}>, ", list(row..row + 256, 64)));
        }
        text.push(')');
    } else {
        write(text, format_args!("By1024<{}>", list(first..first + 4096, 1024)));
    }
    text.push_str("; }\n");
}

/// `n` as typenum writes it.
fn uint(n: usize) -> String {
    match n {
        0..16 => format!("U{n}"),
        _ => format!("Bits4<{}, {}>", uint(n / 16), bits(n % 16)),
    }
}

/// Four binary digits, the highest first.
fn bits(digit: usize) -> String {
    format!("B{}, B{}, B{}, B{}", digit >> 3 & 1, digit >> 2 & 1, digit >> 1 & 1, digit & 1)
}

/// Numbers with commas between them.
fn list(numbers: Range<usize>, step: usize) -> String {
    numbers.step_by(step).map(|n| n.to_string()).collect::<Vec<_>>().join(", ")
}

/// Writing to a string cannot fail.
fn write(text: &mut String, what: std::fmt::Arguments<'_>) {
    let _ = text.write_fmt(what);
}
