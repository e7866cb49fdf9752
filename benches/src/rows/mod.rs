//! adamant's programs, row by row.

mod attention;
mod convolution;
mod functions;
mod layers;
pub mod mlp;
mod products;
pub mod programs;
mod recurrent;
mod streams;

use crate::row::Row;

/// Every row, in the order of the table. A row is made when its turn comes, and dropped after it.
pub fn all() -> Vec<fn() -> Row> {
    [
        products::ROWS,
        mlp::ROWS,
        convolution::ROWS,
        layers::ROWS,
        functions::ROWS,
        recurrent::ROWS,
        attention::ROWS,
        streams::ROWS,
    ]
    .concat()
}
