//! A batch normalisation after a layer of another number of outputs.
use adamant::prelude::*;

fn main() {
    let norm = BatchNorm1d::<3>::BLANK;
    norm.fold_into(&Linear::<8, 4>::BLANK);
}
