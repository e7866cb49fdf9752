//! A digit is written into [`image`], and [`classify`] reads it.

use adamant::prelude::*;

#[cfg(feature = "training")]
use crate::training::net;

static mut IMAGE: Tensor<[f32; 64]> = Tensor([0.0; 64]);
static mut LOGITS: Tensor<[f32; 10]> = Tensor([0.0; 10]);

#[cfg(not(feature = "training"))]
fn net() -> &'static programs::DigitsNet {
    static NET: programs::DigitsNet = weights!("../../tests/models/digits_mlp.safetensors");
    &NET
}

/// Where the caller writes an image: 8×8 pixels from 0 to 1, row by row.
#[unsafe(no_mangle)]
pub extern "C" fn image() -> *mut f32 {
    (&raw mut IMAGE).cast()
}

/// Where the caller reads what [`classify`] thinks of each of the ten digits.
#[unsafe(no_mangle)]
pub extern "C" fn logits() -> *const f32 {
    (&raw const LOGITS).cast()
}

/// The digit that the image shows.
#[unsafe(no_mangle)]
pub extern "C" fn classify() -> usize {
    let (image, logits) = (&raw const IMAGE, &raw mut LOGITS);
    // SAFETY: a module has one thread, and no other function makes references to these.
    let (image, logits) = unsafe { (&*image, &mut *logits) };
    net().forward_into(image, logits);
    logits.argmax_index().map_or(0, Idx::get)
}
