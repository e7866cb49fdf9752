//! Weights and samples out of thin air: the same everywhere, and constants.

/// A number between -1 and 1 for each place, by arithmetic that is exact.
pub const fn number(place: usize) -> f32 {
    ((place as u32 * 7919 + 12345) % 2048) as f32 / 1024.0 - 1.0
}

/// A row of numbers up to `scale`, from a place on.
pub const fn row<const N: usize>(place: usize, scale: f32) -> [f32; N] {
    let mut row = [0.0; N];
    let mut i = 0;
    while i < N {
        row[i] = number(place + i) * scale;
        i += 1;
    }
    row
}

/// Rows of them.
pub const fn rows<const N: usize, const M: usize>(place: usize, scale: f32) -> [[f32; N]; M] {
    let mut rows = [[0.0; N]; M];
    let mut i = 0;
    while i < M {
        rows[i] = row(place + i * N, scale);
        i += 1;
    }
    rows
}

/// Blocks of rows.
pub const fn blocks<const N: usize, const M: usize, const L: usize>(place: usize, scale: f32) -> [[[f32; N]; M]; L] {
    let mut blocks = [[[0.0; N]; M]; L];
    let mut i = 0;
    while i < L {
        blocks[i] = rows(place + i * M * N, scale);
        i += 1;
    }
    blocks
}

/// Kernels of a convolution.
pub const fn kernels<const K: usize, const IN: usize, const OUT: usize>(
    place: usize,
    scale: f32,
) -> [[[[f32; K]; K]; IN]; OUT] {
    let mut kernels = [[[[0.0; K]; K]; IN]; OUT];
    let mut i = 0;
    while i < OUT {
        let mut j = 0;
        while j < IN {
            kernels[i][j] = rows(place + (i * IN + j) * K * K, scale);
            j += 1;
        }
        i += 1;
    }
    kernels
}
