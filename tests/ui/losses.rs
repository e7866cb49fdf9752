//! Losses of several predictions, weights and lengths that do not belong together.
use adamant::prelude::*;

fn main() {
    let p = Tensor::<[[f32; 4]; 10]>::zeros();
    let narrow = Tensor::<[[f32; 3]; 10]>::zeros();
    let labels = [0u8; 10];
    CrossEntropy::new().weight(&Tensor([1.0f32; 3])).loss(&p, &labels, Reduction::Mean);
    BceWithLogits::new().pos_weight(&Tensor([1.0f32; 10])).loss(&p, &p, Reduction::Mean);
    multi_margin_loss(&p, &[0u8; 9], Reduction::Mean);
    nll_loss(&p, &p, Reduction::Mean);
    gaussian_nll_loss(&p, &narrow, &p, Reduction::Mean);
    cosine_embedding_loss(&p, &p, &p, Reduction::Mean);
    triplet_margin_loss(&p, &narrow, &p, Reduction::Mean);
    ctc_loss(&p, &[[0u8; 3]; 10], Reduction::Mean);
    let x = Tensor::<[[[f32; 4]; 2]; 10]>::zeros();
    ctc_loss(&x, &[1u8, 2, 3], Reduction::Mean);
    Ctc::new().input_lengths(&[10, 9, 8]).loss(&x, &[[1u8, 2]; 2], Reduction::Mean);
    ctc_loss(&Tensor([1.0f32; 4]), &[1u8, 2, 3], Reduction::Mean);
}
