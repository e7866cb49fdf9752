//! Packs the images, and says how much stack the module has.

use std::path::Path;

#[allow(dead_code, reason = "the module unpacks")]
#[path = "src/coder.rs"]
mod coder;
#[path = "src/stack.rs"]
mod stack;

use coder::{Coder, Image, Model, NARROW, bound};

const DIGITS: &str = "../../examples/data/digits.bin";
/// An image and its label.
const RECORD: usize = 65;

fn main() {
    println!("cargo::rerun-if-changed={DIGITS}");
    if std::env::var("CARGO_CFG_TARGET_ARCH").as_deref() == Ok("wasm32") {
        println!("cargo::rustc-link-arg-cdylib=-zstack-size={}", stack::STACK);
    }
    let digits = std::fs::read(DIGITS).expect("the images are in the repository");
    let (records, _) = digits.as_chunks::<RECORD>();
    let out = std::env::var_os("OUT_DIR").expect("cargo says where");
    let labels: Vec<u8> = records.iter().map(|record| record[RECORD - 1]).collect();
    for (name, bytes) in [("images", pack(records)), ("labels", labels)] {
        std::fs::write(Path::new(&out).join(name), bytes).expect("cargo's folder can be written");
    }
}

fn pack(records: &[[u8; RECORD]]) -> Vec<u8> {
    let (mut packer, mut model) = (Packer { bytes: Vec::new(), low: 0, range: u32::MAX }, Model::START);
    for record in records {
        let mut image: Image = *record.first_chunk().expect("a record is longer");
        model.code(&mut packer, &mut image);
    }
    packer.finish()
}

/// Keeps the bits: a number between `low` and `low + range`, of which the first digits stand in `bytes`.
struct Packer {
    bytes: Vec<u8>,
    low: u64,
    range: u32,
}

impl Packer {
    fn shift(&mut self) {
        if self.low > u64::from(u32::MAX) {
            self.carry();
        }
        self.bytes.push((self.low >> 24) as u8);
        self.low = self.low << 8 & u64::from(u32::MAX);
    }

    fn carry(&mut self) {
        for byte in self.bytes.iter_mut().rev() {
            *byte = byte.wrapping_add(1);
            if *byte != 0 {
                break;
            }
        }
    }

    fn finish(mut self) -> Vec<u8> {
        (0..4).for_each(|_| self.shift());
        self.bytes
    }
}

impl Coder for Packer {
    fn code(&mut self, odds: u16, bit: bool) -> bool {
        let bound = bound(self.range, odds);
        if bit {
            (self.low, self.range) = (self.low + u64::from(bound), self.range - bound);
        } else {
            self.range = bound;
        }
        while self.range < NARROW {
            self.range <<= 8;
            self.shift();
        }
        bit
    }
}
