//! What the page calls. `model` is 0 for the dense network, and else the convolutional one.

use adamant::prelude::*;

use crate::digits::{Digits, IMAGES, TRAIN, scaled};
use crate::learner::{Learn, Learner, Numbers};
use crate::pen::Pen;
use crate::picture::Picture;
use crate::run::{EPOCH, EPOCHS, POINT};
use crate::{Cnn, Mlp};

/// All of the module's memory but its stack.
struct Page {
    digits: Digits,
    mlp: Learner<Mlp>,
    cnn: Learner<Cnn>,
    pen: Pen,
    /// What the networks are asked about: pixels from 0 to 1.
    image: Tensor<[f32; 64]>,
    probabilities: Tensor<[f32; 10]>,
    pictures: [Picture; 2],
    numbers: Numbers,
}

static mut PAGE: Page = Page {
    digits: Digits::BLANK,
    mlp: Learner::BLANK,
    cnn: Learner::BLANK,
    pen: Pen::BLANK,
    image: Tensor([0.0; 64]),
    probabilities: Tensor([0.0; 10]),
    pictures: [Picture::BLANK; 2],
    numbers: Numbers::ZERO,
};

/// The page's memory, for as long as one call from outside takes.
fn page<'a>() -> &'a mut Page {
    let page = &raw mut PAGE;
    // SAFETY: a module has one thread, and each exported function asks once.
    unsafe { &mut *page }
}

impl Page {
    fn learner(&mut self, model: u32) -> &mut dyn Learn {
        self.parts(model).0
    }

    fn parts(&mut self, model: u32) -> (&mut dyn Learn, &Digits) {
        let Self { mlp, cnn, digits, .. } = self;
        if model == 0 { (mlp, digits) } else { (cnn, digits) }
    }
}

/// Makes the images: to be called first.
#[unsafe(no_mangle)]
pub extern "C" fn unpack() {
    page().digits.unpack();
}

/// Draws fresh weights.
#[unsafe(no_mangle)]
pub extern "C" fn start(model: u32, seed: u32) {
    let (learner, digits) = page().parts(model);
    learner.start(digits, u64::from(seed));
}

/// Trains on a batch, unless the run is over, and says whether it is time for a [`test`].
#[unsafe(no_mangle)]
pub extern "C" fn step(model: u32, learning_rate: f64) -> bool {
    let (learner, digits) = page().parts(model);
    learner.step(digits, learning_rate);
    learner.run().is_point()
}

/// Tests, and adds a point to the curves.
#[unsafe(no_mangle)]
pub extern "C" fn test(model: u32) {
    let (learner, digits) = page().parts(model);
    learner.test(digits);
}

/// How many steps were taken.
#[unsafe(no_mangle)]
pub extern "C" fn steps(model: u32) -> usize {
    page().learner(model).run().steps()
}

/// The steps of an epoch.
#[unsafe(no_mangle)]
pub extern "C" fn steps_of_epoch() -> usize {
    EPOCH
}

/// The steps of a run.
#[unsafe(no_mangle)]
pub extern "C" fn steps_of_run() -> usize {
    EPOCHS * EPOCH
}

/// The steps from one point of a curve to the next.
#[unsafe(no_mangle)]
pub extern "C" fn steps_of_point() -> usize {
    POINT
}

/// The mean loss before each point, `f32`; the first is none.
#[unsafe(no_mangle)]
pub extern "C" fn losses(model: u32) -> *const f32 {
    page().learner(model).run().losses.as_ptr()
}

/// The part of the images that test that was right at each point, `f32`.
#[unsafe(no_mangle)]
pub extern "C" fn accuracies(model: u32) -> *const f32 {
    page().learner(model).run().accuracies.as_ptr()
}

/// How often each digit (row) was taken for each (column) at the last point, `u32`.
#[unsafe(no_mangle)]
pub extern "C" fn confusion(model: u32) -> *const u32 {
    page().learner(model).run().confusion.counts().as_flattened().as_ptr()
}

/// Two [`Picture`]s of the weights.
#[unsafe(no_mangle)]
pub extern "C" fn pictures(model: u32) -> *const Picture {
    let page = page();
    page.pictures = page.learner(model).pictures();
    page.pictures.as_ptr()
}

/// The [`Numbers`] that the types know.
#[unsafe(no_mangle)]
pub extern "C" fn numbers(model: u32) -> *const Numbers {
    let page = page();
    page.numbers = page.learner(model).numbers();
    &page.numbers
}

/// Comes down with the pen; the field's sides are 1.
#[unsafe(no_mangle)]
pub extern "C" fn pen_down(x: f32, y: f32) {
    page().pen.down(x, y);
}

/// Draws a line with the pen.
#[unsafe(no_mangle)]
pub extern "C" fn pen_line(x: f32, y: f32) {
    page().pen.line(x, y);
}

/// Clears the field.
#[unsafe(no_mangle)]
pub extern "C" fn pen_clear() {
    let page = page();
    page.pen.clear();
    page.image = Tensor([0.0; 64]);
}

/// The points that the pen was at: three `f32` each, the last of which is 1 where the pen came down.
#[unsafe(no_mangle)]
pub extern "C" fn pen_points() -> *const f32 {
    page().pen.points().as_ptr().cast()
}

/// How many they are.
#[unsafe(no_mangle)]
pub extern "C" fn pen_len() -> usize {
    page().pen.points().len()
}

/// Makes of the drawing what the networks are asked about, and gives the 64 `f32` from 0 to 1.
#[unsafe(no_mangle)]
pub extern "C" fn draw() -> *const f32 {
    let page = page();
    page.image = page.pen.image();
    page.image.as_slice().as_ptr()
}

/// Asks about an image that tests, and gives its 64 `f32`.
#[unsafe(no_mangle)]
pub extern "C" fn show(number: usize) -> *const f32 {
    let page = page();
    page.pen.clear();
    page.image = Tensor(page.digits.get(TRAIN + number).map_or([0.0; 64], |(image, _)| scaled(image)));
    page.image.as_slice().as_ptr()
}

/// The digit on an image that tests.
#[unsafe(no_mangle)]
pub extern "C" fn label(number: usize) -> u32 {
    page().digits.get(TRAIN + number).map_or(0, |(_, label)| u32::from(label))
}

/// How many images test.
#[unsafe(no_mangle)]
pub extern "C" fn tests() -> usize {
    IMAGES - TRAIN
}

/// How probable each digit is on the image, ten `f32`.
#[unsafe(no_mangle)]
pub extern "C" fn ask(model: u32) -> *const f32 {
    let page = page();
    let image = page.image;
    page.probabilities = page.learner(model).probabilities(&image);
    page.probabilities.as_slice().as_ptr()
}
