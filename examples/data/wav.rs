//! Sounds as files.

use std::error::Error;

/// Writes a signal as a file of 16 bits a sample.
pub fn write(path: &str, rate: usize, signal: &[f32]) -> Result<(), Box<dyn Error>> {
    let spec =
        hound::WavSpec { channels: 1, sample_rate: rate as u32, bits_per_sample: 16, sample_format: hound::SampleFormat::Int };
    let mut file = hound::WavWriter::create(path, spec)?;
    for x in signal {
        file.write_sample((x.clamp(-1.0, 1.0) * f32::from(i16::MAX)) as i16)?;
    }
    Ok(file.finalize()?)
}
