//! Where a model lies, by its own numbers: once in the read-only data of the executable, and nowhere else.

use std::path::Path;
use std::{fs, io};

use programs::*;

use crate::measured::Run;

/// What is wrong with where the program's model lies, if it has one in flash.
pub fn complaint(run: &Run, built: &Path) -> io::Result<Option<String>> {
    let Some(numbers) = in_flash(&run.program) else { return Ok(None) };
    let numbers: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
    let profile = if run.profile == "3" { "release" } else { "small" };
    let executable = fs::read(built.join(profile).join(&run.program))?;
    let read_only = section(&executable, ".rodata").unwrap_or_default();
    let copies = [&executable[..], read_only].map(|bytes| bytes.windows(numbers.len()).filter(|&w| w == numbers).count());
    let wrong = copies != [1, 1];
    Ok(wrong.then(|| format!("has its model {} times, {} of them in `.rodata`", copies[0], copies[1])))
}

fn in_flash(program: &str) -> Option<&'static [f32]> {
    match program {
        "digits_mlp" => DigitsMlp::in_flash(),
        "digits_cnn" => DigitsCnn::in_flash(),
        "digits_head" => DigitsHead::in_flash(),
        _ => None,
    }
}

/// A section of a 32-bit little-endian ELF file.
fn section<'a>(elf: &'a [u8], name: &str) -> Option<&'a [u8]> {
    let half = |at: usize| Some(usize::from(u16::from_le_bytes(*elf.get(at..)?.first_chunk()?)));
    let word = |at: usize| Some(u32::from_le_bytes(*elf.get(at..)?.first_chunk()?) as usize);
    let header = |i: usize| Some(word(32)? + i * half(46)?);
    let contents = |at: usize| elf.get(word(at + 16)?..)?.get(..word(at + 20)?);
    let names = contents(header(half(50)?)?)?;
    let is_named = |at: usize| names.get(word(at)?..)?.strip_prefix(name.as_bytes())?.first().copied();
    (0..half(48)?).filter_map(header).find(|&at| is_named(at) == Some(0)).and_then(contents)
}
