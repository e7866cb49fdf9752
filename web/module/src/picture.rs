//! Weights as the page draws them.

use adamant::prelude::*;

use crate::{Cnn, Mlp};

/// Tiles of numbers that lie in memory with strides, counted in numbers.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Picture {
    data: *const f32,
    tiles: u32,
    rows: u32,
    columns: u32,
    tile_stride: u32,
    row_stride: u32,
    column_stride: u32,
}

impl Picture {
    /// Of nothing.
    pub const BLANK: Self =
        Self { data: core::ptr::null(), tiles: 0, rows: 0, columns: 0, tile_stride: 0, row_stride: 0, column_stride: 0 };

    /// Of a dense layer that sees images: a tile for each output.
    fn of_images<const OUT: usize>(weight: &Tensor<[[f32; OUT]; 64]>) -> Self {
        let (tiles, data) = (OUT as u32, weight.as_slice().as_ptr());
        Self { data, tiles, rows: 8, columns: 8, tile_stride: 1, row_stride: 8 * tiles, column_stride: tiles }
    }

    /// Of another dense layer: a row for each output.
    fn of_matrix<const IN: usize, const OUT: usize>(weight: &Tensor<[[f32; OUT]; IN]>) -> Self {
        let (rows, columns, data) = (OUT as u32, IN as u32, weight.as_slice().as_ptr());
        Self { data, tiles: 1, rows, columns, tile_stride: 0, row_stride: 1, column_stride: rows }
    }

    /// Of a convolution: a tile for each pair of channels.
    fn of_filters<const K: usize, const IN: usize, const OUT: usize>(weight: &Tensor<[[[[f32; K]; K]; IN]; OUT]>) -> Self {
        let (tiles, side, data) = ((IN * OUT) as u32, K as u32, weight.as_slice().as_ptr());
        Self { data, tiles, rows: side, columns: side, tile_stride: side * side, row_stride: side, column_stride: 1 }
    }
}

/// A network whose weights can be looked at.
pub trait Pictured {
    /// Of its first layer, and of its second.
    fn pictures(&self) -> [Picture; 2];
}

impl Pictured for Mlp {
    fn pictures(&self) -> [Picture; 2] {
        let (first, (_, second)) = &self.0;
        [Picture::of_images(&first.weight), Picture::of_matrix(&second.weight)]
    }
}

impl Pictured for Cnn {
    fn pictures(&self) -> [Picture; 2] {
        [Picture::of_filters(&self.conv1.weight), Picture::of_filters(&self.conv2.weight)]
    }
}
