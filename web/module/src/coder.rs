//! The images, packed: 33 kB, where Deflate makes 45. `build.rs` packs them, the module unpacks them.
//!
//! A range coder of bits (G. N. N. Martin, 1979; with the adaptive odds of LZMA). A pixel is five bits, each of which has odds of its own in
//! each context: the pixel's column, and how dark the ones to its left and above it are.

/// The pixels of an image, row by row, from 0 to 16.
pub type Image = [u8; 64];

const BITS: usize = 5;
const SHADES: usize = 5;
/// The odds' precision, and how fast they follow.
const PRECISION: u32 = 11;
const SPEED: u32 = 4;
/// Below this a range is too narrow to be divided.
pub const NARROW: u32 = 1 << 24;

/// One side of the line: the packer is told a bit and keeps it, the unpacker is told nothing and finds it.
pub trait Coder {
    /// Codes a bit, with the odds of 0.
    fn code(&mut self, odds: u16, bit: bool) -> bool;
}

/// What was learnt of the odds.
pub struct Model {
    odds: [[u16; 1 << BITS]; 8 * SHADES * SHADES],
}

impl Model {
    /// Nothing yet.
    pub const START: Self = Self { odds: [[1 << (PRECISION - 1); 1 << BITS]; 8 * SHADES * SHADES] };

    /// Codes an image, which the unpacker writes.
    pub fn code(&mut self, coder: &mut impl Coder, image: &mut Image) {
        for place in 0..image.len() {
            let context = context(image, place);
            if let (Some(odds), Some(pixel)) = (self.odds.get_mut(context), image.get_mut(place)) {
                *pixel = code_pixel(coder, odds, *pixel);
            }
        }
    }
}

/// Bit by bit, the highest first: a way down a tree.
fn code_pixel(coder: &mut impl Coder, odds: &mut [u16; 1 << BITS], pixel: u8) -> u8 {
    let mut node = 1;
    for bit in (0..BITS).rev() {
        let Some(odds) = odds.get_mut(node) else { break };
        let bit = coder.code(*odds, pixel >> bit & 1 == 1);
        *odds = if bit { *odds - (*odds >> SPEED) } else { *odds + (((1 << PRECISION) - *odds) >> SPEED) };
        node = 2 * node + usize::from(bit);
    }
    node as u8 & ((1 << BITS) - 1)
}

fn context(image: &Image, place: usize) -> usize {
    let column = place % 8;
    let shade = |place: Option<usize>| match place.and_then(|place| image.get(place)) {
        None | Some(0) => 0,
        Some(1..6) => 1,
        Some(6..12) => 2,
        Some(12..16) => 3,
        Some(_) => 4,
    };
    let left = shade(place.checked_sub(1).filter(|_| column > 0));
    (column * SHADES + left) * SHADES + shade(place.checked_sub(8))
}

/// Where a bit divides a range.
pub fn bound(range: u32, odds: u16) -> u32 {
    (range >> PRECISION) * u32::from(odds)
}

/// Finds the bits.
pub struct Unpacker<'a> {
    bytes: &'a [u8],
    range: u32,
    code: u32,
}

impl<'a> Unpacker<'a> {
    /// From the first byte on.
    pub fn new(bytes: &'a [u8]) -> Self {
        let mut unpacker = Self { bytes, range: u32::MAX, code: 0 };
        (0..4).for_each(|_| unpacker.shift());
        unpacker
    }

    fn shift(&mut self) {
        let next = self.bytes.split_off_first().copied().unwrap_or(0);
        self.code = self.code << 8 | u32::from(next);
    }
}

impl Coder for Unpacker<'_> {
    fn code(&mut self, odds: u16, _: bool) -> bool {
        let bound = bound(self.range, odds);
        let bit = self.code >= bound;
        if bit {
            (self.code, self.range) = (self.code - bound, self.range - bound);
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
