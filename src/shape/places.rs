//! Every place that an axis may have, as lists of ranks for the reason that `rows.rs` gives.

/// `$each!(D, [the dimensions outside])` for each axis D that is counted from the outside.
macro_rules! from_outside {
    ($each:ident) => {
        $each!(0, []);
        $each!(1, [B]);
        $each!(2, [B C]);
        $each!(3, [B C D]);
        $each!(4, [B C D E]);
        $each!(5, [B C D E F]);
        $each!(6, [B C D E F G]);
        $each!(7, [B C D E F G H]);
    };
}

/// `$each!(D, [the dimensions inside], [the dimensions outside])` for each axis D that is counted from the inside.
macro_rules! from_inside {
    ($each:ident) => {
        from_inside! { $each -1 [] [] [A] [A B] [A B C] [A B C D] [A B C D E] [A B C D E F] [A B C D E F G] }
        from_inside! { $each -2 [X] [] [A] [A B] [A B C] [A B C D] [A B C D E] [A B C D E F] }
        from_inside! { $each -3 [X Y] [] [A] [A B] [A B C] [A B C D] [A B C D E] }
        from_inside! { $each -4 [X Y Z] [] [A] [A B] [A B C] [A B C D] }
        from_inside! { $each -5 [X Y Z V] [] [A] [A B] [A B C] }
        from_inside! { $each -6 [X Y Z V U] [] [A] [A B] }
        from_inside! { $each -7 [X Y Z V U P] [] [A] }
        from_inside! { $each -8 [X Y Z V U P Q] [] }
    };
    ($each:ident $d:literal $inner:tt) => {};
    ($each:ident $d:literal $inner:tt $outer:tt $($more:tt)*) => {
        $each!($d, $inner, $outer);
        from_inside! { $each $d $inner $($more)* }
    };
}
