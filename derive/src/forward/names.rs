//! Names of the emitted code.

use proc_macro2::{Ident, Span};

/// The names of the emitted code's own variables. No value has one of them.
pub const LOCALS: [&str; 10] = ["grads", "next", "result", "inputs", "d_input", "d_output", "d_param", "lent", "step", "now"];

/// One of [`LOCALS`].
pub fn local(name: &str) -> Ident {
    debug_assert!(LOCALS.contains(&name), "`{name}` is not reserved");
    Ident::new(name, Span::mixed_site())
}

/// A name of a value: `type` is written `r#type`.
pub fn of_value(name: &str) -> Ident {
    match syn::parse_str::<Ident>(name) {
        Ok(_) => Ident::new(name, Span::mixed_site()),
        Err(_) => Ident::new_raw(name, Span::mixed_site()),
    }
}

/// The place of what the user wrote, for code with names of its own: what the compiler says of it is shown there.
pub fn placed(at: Span) -> Span {
    Span::mixed_site().located_at(at)
}
