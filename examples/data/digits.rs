//! The handwritten digits that the examples learn: 8 × 8 pixels from 0 to 1, and what each shows.

/// The first images train, the others test.
pub const TRAIN: usize = 1437;

/// The images as `S`, made from their 64 pixels row by row, and the labels.
pub fn embedded<S>(image: impl Fn([f32; 64]) -> S) -> (Vec<S>, Vec<u8>) {
    let (records, _) = include_bytes!("digits.bin").as_chunks::<65>();
    let pixels = |record: &[u8; 65]| std::array::from_fn(|i| f32::from(record[i]) / 16.0);
    records.iter().map(|record| (image(pixels(record)), record[64])).unzip()
}
