//! The images that are learnt, and those that test.

use crate::coder::{Image, Model, Unpacker};

/// All images.
pub const IMAGES: usize = 1797;
/// The images that train; the others test.
pub const TRAIN: usize = 1437;
/// The darkest pixel.
pub const INK: f32 = 16.0;

static PACKED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/images"));
static LABELS: &[u8; IMAGES] = include_bytes!(concat!(env!("OUT_DIR"), "/labels"));

/// 8×8 pixels each, from 0 to 16.
pub struct Digits {
    images: [Image; IMAGES],
}

impl Digits {
    /// Not unpacked.
    pub const BLANK: Self = Self { images: [[0; 64]; IMAGES] };

    /// Makes the images of what the module brought along.
    pub fn unpack(&mut self) {
        let (mut unpacker, mut model) = (Unpacker::new(PACKED), Model::START);
        self.images.iter_mut().for_each(|image| model.code(&mut unpacker, image));
    }

    /// Image and label number `number`, of which the first [`TRAIN`] train.
    pub fn get(&self, number: usize) -> Option<(&Image, u8)> {
        Some((self.images.get(number)?, *LABELS.get(number)?))
    }
}

/// As networks take pixels: from 0 to 1.
pub fn scaled(image: &Image) -> [f32; 64] {
    image.map(|pixel| f32::from(pixel) / INK)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_unpacked_is_what_was_packed() {
        let mut digits = Digits::BLANK;
        digits.unpack();
        let records = include_bytes!("../../../examples/data/digits.bin").as_chunks::<65>().0;
        assert_eq!(records.len(), IMAGES);
        for (number, record) in records.iter().enumerate() {
            let (image, label) = digits.get(number).unwrap();
            assert_eq!((&image[..], label), (&record[..64], record[64]));
        }
        assert!(PACKED.len() < 34_000, "{} bytes", PACKED.len());
    }
}
