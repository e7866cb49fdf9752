//! What [`weights!`](crate::weights!) expands to: a model out of a file's bytes, in a constant.
//!
//! The macro reads the file's header where it is expanded, and puts what is transposed or converted in order there: the compiler's
//! interpreter would take 40 µs a number. What is left is to compare names and sizes with the type and to copy each tensor as a whole.

use core::cmp::Ordering;
use core::mem::MaybeUninit;

use crate::init::Init;
use crate::nn::layout::{Field, Kind, Part};
use crate::nn::{Name, Parameters};
use crate::text::Text;

/// A file, as the macro read it: its tensors in the order of their names.
pub struct File<const N: usize> {
    /// What it is called in messages.
    pub name: &'static str,
    /// What stands before the name of each tensor in the file.
    pub prefix: &'static str,
    /// How long the file was when its header was read.
    pub len: usize,
    /// What the compiler has of it.
    pub bytes: &'static [u8],
    /// The numbers of all tensors, little-endian.
    pub data: &'static [u8],
    /// The same with the last two dimensions of each tensor exchanged.
    pub transposed: &'static [u8],
    /// The tensors.
    pub tensors: [Stored; N],
}

/// A tensor of a file.
pub struct Stored {
    /// Its name, without the prefix.
    pub name: &'static str,
    /// `F32`, `F16`, …
    pub dtype: &'static str,
    /// Its sizes, as the file has them.
    pub dims: &'static [usize],
    /// Where its numbers start in the file's data.
    pub start: usize,
    /// Where they start in what is transposed.
    pub transposed: usize,
}

/// The model whose tensors a file holds: exactly those of its type, under their names.
///
/// Anything else is an error of the program that is compiled, which names the tensor.
#[track_caller]
pub const fn read<M: Parameters + Init, const N: usize>(file: &File<N>) -> M {
    if cfg!(target_endian = "big") {
        panic!("`weights!` copies numbers as a file stores them, which is little-endian");
    }
    assert!(file.len == file.bytes.len(), "the file of `weights!` changed while it was read");
    let mut model = MaybeUninit::new(M::COMPLETE);
    let at = model.as_mut_ptr().cast::<u8>();
    let mut reader = Reader { file, used: [false; N] };
    // SAFETY: `at` is a model, and the layout is the one of its type.
    unsafe { reader.fill(M::LAYOUT.part(), at, &Name::ROOT, false) };
    reader.refuse_left_over();
    // SAFETY: it was one before, and a tensor of floats or an absent option is one with any numbers.
    unsafe { model.assume_init() }
}

struct Reader<'f, const N: usize> {
    file: &'f File<N>,
    used: [bool; N],
}

/// (Each function stands with `track_caller`, so that the compiler shows the macro's call and nothing of this file.)
impl<const N: usize> Reader<'_, N> {
    /// Fills what lies at a place.
    ///
    /// # Safety
    /// `at` must be a value of a type with this layout.
    #[track_caller]
    const unsafe fn fill(&mut self, part: &Part, at: *mut u8, name: &Name<'_>, by_hand: bool) {
        match *part {
            Part::Nothing => {}
            Part::Unknown => self.refuse(name, UNKNOWN),
            Part::Borrowed { .. } => self.refuse(name, BORROWED),
            Part::Tensor { .. } => self.copy(part, at, name),
            // SAFETY: the one field lies there.
            Part::Fields(Kind::Chain, [field]) => unsafe { self.fill_chain(field.part, at.add(field.offset), name, by_hand) },
            Part::Fields(kind, fields) => {
                let mut i = 0;
                while i < fields.len() {
                    let Field { offset, step, part } = fields[i];
                    // SAFETY: the field lies there.
                    unsafe { self.fill(part, at.add(offset), &name.then(step), by_hand || matches!(kind, Kind::StartsByHand)) };
                    i += 1;
                }
            }
            Part::Each { count, stride, part } => {
                let mut i = 0;
                while i < count {
                    // SAFETY: the array has an item `i`.
                    unsafe { self.fill(part, at.add(i * stride), &name.index(i), by_hand) };
                    i += 1;
                }
            }
            Part::Optional { payload, part, .. } if self.file_has(name) => {
                if by_hand {
                    self.refuse(name, BY_HAND);
                }
                // SAFETY: the option is there, as it is in `COMPLETE`.
                unsafe { self.fill(part, at.add(payload), name, by_hand) };
            }
            // SAFETY: these bytes are an option of this type.
            Part::Optional { none, .. } => unsafe { at.copy_from_nonoverlapping(none.as_ptr().cast(), none.len()) },
        }
    }

    /// As [`fill`](Self::fill) where layers are counted through: `(first, (second, …))`.
    ///
    /// # Safety
    /// As there.
    #[track_caller]
    const unsafe fn fill_chain(&mut self, part: &Part, at: *mut u8, name: &Name<'_>, by_hand: bool) {
        let (mut rest, mut at, mut index) = (part, at, 0);
        while let Part::Fields(Kind::Tuple, [first, others]) = rest {
            // SAFETY: the pair has these fields.
            unsafe {
                self.fill(first.part, at.add(first.offset), &name.index(index), by_hand);
                at = at.add(others.offset);
            }
            rest = others.part;
            index += 1;
        }
        // SAFETY: the last layer lies there.
        unsafe { self.fill(rest, at, &name.index(index), by_hand) };
    }

    /// Copies a tensor.
    #[track_caller]
    const fn copy(&mut self, part: &Part, at: *mut u8, name: &Name<'_>) {
        let Part::Tensor { dims, size } = part else { return };
        let dims = name.dims(*dims);
        let Some(index) = self.find(name) else { self.missing(name, dims.as_slice(), *size) };
        let stored = &self.file.tensors[index];
        self.used[index] = true;
        self.compare(stored, name, dims.as_slice(), *size);
        let (data, start) = match name.is_transposed() && dims.as_slice().len() > 1 {
            true => (self.file.transposed, stored.transposed),
            false => (self.file.data, stored.start),
        };
        let bytes = data.split_at(start).1.split_at(count(dims.as_slice()) * *size).0;
        // SAFETY: `at` is a tensor of these sizes, and so many bytes.
        unsafe { at.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) };
    }

    /// Where a tensor of this name stands: the names are in order.
    const fn find(&self, name: &Name<'_>) -> Option<usize> {
        let (mut low, mut high) = (0, N);
        while low < high {
            let middle = (low + high) / 2;
            match name.compared(self.file.tensors[middle].name) {
                Ordering::Equal => return Some(middle),
                Ordering::Less => high = middle,
                Ordering::Greater => low = middle + 1,
            }
        }
        None
    }

    /// Whether there is a tensor of this name or below it.
    const fn file_has(&self, name: &Name<'_>) -> bool {
        let mut i = 0;
        while i < N {
            if name.holds(self.file.tensors[i].name) {
                return true;
            }
            i += 1;
        }
        false
    }

    /// Refuses a tensor of another shape or type.
    #[track_caller]
    const fn compare(&self, stored: &Stored, name: &Name<'_>, dims: &[usize], size: usize) {
        if !equal(stored.dims, dims, name.is_transposed()) {
            let text = self.tensor(Text::new(), name).add(" is ").sizes(stored.dims).add(" in `").add(self.file.name);
            let text = text.add("`, and the model has ").sizes(dims);
            let text = explained(text, dims, name.is_transposed());
            let other = !name.is_transposed() && equal(stored.dims, dims, true);
            panic!("{}", if other { text.add(EXCHANGED) } else { text }.as_str());
        }
        if !is(stored.dtype, dtype(size)) {
            let text = self.tensor(Text::new(), name).add(" holds ").add(stored.dtype).add(" in `").add(self.file.name);
            let text = text.add("`, and the model ").add(dtype(size)).add(": `weights!(\"…\", as ").add(rust(size));
            panic!("{}", text.add(")` converts").as_str());
        }
    }

    #[track_caller]
    const fn missing(&self, name: &Name<'_>, dims: &[usize], size: usize) -> ! {
        let text = Text::new().add("`").add(self.file.name).add("` has no ");
        let text = self.tensor(text, name).add(", which the model has as ").add(dtype(size)).add(" ").sizes(dims);
        panic!("{}", self.listed(explained(text, dims, name.is_transposed()).add("; ")).as_str());
    }

    /// Refuses a file with more than the model has.
    #[track_caller]
    const fn refuse_left_over(&self) {
        let (mut count, mut first, mut i) = (0, N, N);
        while i > 0 {
            i -= 1;
            if !self.used[i] {
                (count, first) = (count + 1, i);
            }
        }
        if first < N {
            let stored = &self.file.tensors[first];
            let text = Text::new().add("`").add(self.file.name).add("` has a tensor `").add(self.file.prefix).add(stored.name);
            let text = text.add("` of ").add(stored.dtype).add(" ").sizes(stored.dims).add(" that the model has not");
            let text = if count > 1 { text.add(", and ").plain(count - 1).add(" more of such") } else { text };
            let text = text.add(": `weights!(\"…\", ignore(\"").add(stored.name).add("\"))` passes over it");
            panic!("{}", text.as_str());
        }
    }

    /// What tensors there are, the first few.
    const fn listed(&self, text: Text) -> Text {
        const SHOWN: usize = 8;
        let mut text = text.add(if N == 0 { "it has none" } else { "it has " });
        let mut i = 0;
        while i < N && i < SHOWN {
            let stored = &self.file.tensors[i];
            text =
                text.add(if i > 0 { ", `" } else { "`" }).add(self.file.prefix).add(stored.name).add("` ").sizes(stored.dims);
            i += 1;
        }
        if N > SHOWN { text.add(" and ").plain(N - SHOWN).add(" more") } else { text }
    }

    #[track_caller]
    const fn refuse(&self, name: &Name<'_>, why: &str) {
        panic!("{}", name.written(Text::new().add("part `").add(self.file.prefix)).add("` of the model ").add(why).as_str());
    }

    /// What a tensor is called, as the file would have it.
    const fn tensor(&self, text: Text, name: &Name<'_>) -> Text {
        name.written(text.add("tensor `").add(self.file.prefix)).add("`")
    }
}

const EXCHANGED: &str = "; a field that PyTorch stores with its last two dimensions exchanged says so: `#[module(transposed)]`";
const UNKNOWN: &str = "is a layer whose `Parameters` are written by hand and do not say where its tensors lie: \
                       `const LAYOUT: Layout<Self> = adamant::layout!(Self { weight: Param<[f32; 3]> = Step::field(\"weight\") });`";
const BORROWED: &str = "is borrowed: what it points to is a `static` of its own, with a `weights!` of its own";
const BY_HAND: &str =
    "is an `Option` inside of a struct whose `Init` is written by hand, so that nobody knows whether it is there";

/// How the sizes of a transposed tensor are meant.
const fn explained(text: Text, dims: &[usize], transposed: bool) -> Text {
    match dims {
        [.., rows, columns] if transposed => {
            let mut text = text.add(" (which PyTorch stores as [");
            let mut i = 0;
            while i + 2 < dims.len() {
                text = text.plain(dims[i]).add(", ");
                i += 1;
            }
            text.plain(*columns).add(", ").plain(*rows).add("])")
        }
        _ => text,
    }
}

/// Whether the sizes are the same, or are with the last two exchanged.
const fn equal(stored: &[usize], dims: &[usize], transposed: bool) -> bool {
    if stored.len() != dims.len() {
        return false;
    }
    let exchanged = transposed && dims.len() > 1;
    let mut i = 0;
    while i < dims.len() {
        let last = dims.len() - 1;
        let from = match i {
            _ if !exchanged || i + 1 < last => i,
            _ if i == last => last - 1,
            _ => last,
        };
        if stored[from] != dims[i] {
            return false;
        }
        i += 1;
    }
    true
}

const fn is(text: &str, other: &str) -> bool {
    let (text, other) = (text.as_bytes(), other.as_bytes());
    let mut i = 0;
    while i < text.len() && i < other.len() && text[i] == other[i] {
        i += 1;
    }
    i == text.len() && i == other.len()
}

const fn count(dims: &[usize]) -> usize {
    let (mut count, mut i) = (1, 0);
    while i < dims.len() {
        count *= dims[i];
        i += 1;
    }
    count
}

const fn dtype(size: usize) -> &'static str {
    if size == 8 { "F64" } else { "F32" }
}

const fn rust(size: usize) -> &'static str {
    if size == 8 { "f64" } else { "f32" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::*;
    use core::fmt;

    /// 0, 1, 2, …, as a file has them.
    const NUMBERS: [u8; 256] = {
        let (mut numbers, mut i) = ([0; 256], 0);
        while i < 256 {
            numbers[i] = ((i / 4) as f32).to_le_bytes()[i % 4];
            i += 1;
        }
        numbers
    };

    const fn file<const N: usize>(tensors: [Stored; N]) -> File<N> {
        File { name: "test.safetensors", prefix: "", len: 0, bytes: &[], data: &NUMBERS, transposed: &NUMBERS, tensors }
    }

    /// The numbers from `start` on.
    const fn stored(name: &'static str, dims: &'static [usize], start: usize) -> Stored {
        Stored { name, dtype: "F32", dims, start: 4 * start, transposed: 4 * start }
    }

    type Part = Linear<1, 2, NoBias>;

    /// A layer by hand.
    #[derive(Clone, Copy)]
    struct ByHand {
        _before: u8,
        inner: Part,
    }

    impl Parameters for ByHand {
        type Grads = ();
        type Count = Untrained<<Part as Parameters>::Count>;
        const PARAMETERS: usize = 0;
        const NUMBERS: usize = 2;
        const LAYOUT: Layout<Self> = crate::layout!(Self { inner: Part = Step::field("core") });

        fn visit<V: Visitor>(&self, name: Name<'_>, visitor: &mut V) {
            self.inner.visit(name.field("core"), visitor);
        }

        fn visit_mut<V: VisitorMut>(&mut self, name: Name<'_>, visitor: &mut V) {
            self.inner.visit_mut(name.field("core"), visitor);
        }

        fn update<const K: usize, U: Update<K>>(&mut self, _: &(), _: [&mut (); K], _: &mut U) {}

        fn describe(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("ByHand()")
        }
    }

    impl Init for ByHand {
        const BLANK: Self = Self { _before: 7, inner: Init::BLANK };

        fn reset_parameters<R: Rng + ?Sized>(&mut self, _: &mut R) {}
    }

    /// Every kind of part.
    #[derive(crate::Module)]
    #[module(custom(forward))]
    struct Net<M: Parameters + Init> {
        absent: Option<Part>,
        by_hand: ByHand,
        chain: Sequential![(Part, Part), Residual<Sequential![Relu, Part]>],
        generic: M,
        #[module(value = 0.5)]
        rate: f32,
        list: [(Relu, Option<Frozen<Part>>); 2],
        mask: Tensor<[bool; 3]>,
        #[module(name = "named")]
        param: Option<Param<f32>>,
        state: Tensor<[f64; 2]>,
        flagged: Option<(bool, Part)>,
        #[module(transposed, fused)]
        gates: Param<[[[f32; 1]; 2]; 3]>,
    }

    static NET: Net<PRelu<1>> = read(&file([
        stored("by_hand.core.weight", &[2, 1], 1),
        stored("chain.0.0.weight", &[2, 1], 3),
        stored("chain.0.1.weight", &[2, 1], 5),
        stored("chain.1.0.1.weight", &[2, 1], 7),
        stored("flagged.1.weight", &[2, 1], 9),
        stored("gates", &[2, 3], 15),
        stored("generic.weight", &[1], 11),
        stored("list.1.1.weight", &[2, 1], 12),
        stored("named", &[], 14),
        Stored { name: "state", dtype: "F64", dims: &[2], start: 0, transposed: 0 },
    ]));

    #[test]
    fn every_kind_of_part_is_filled() {
        let weight = |part: &Part| part.weight.0.0[0];
        assert!(NET.absent.is_none() && NET.list[0].1.is_none());
        assert_eq!((weight(&NET.by_hand.inner), NET.by_hand._before), ([1.0, 2.0], 7));
        let ((first, second), block) = &NET.chain.0;
        assert_eq!([first, second, &block.0.0.1].map(weight), [[3.0, 4.0], [5.0, 6.0], [7.0, 8.0]]);
        let (flag, flagged) = NET.flagged.as_ref().unwrap();
        assert_eq!((weight(flagged), *flag), ([9.0, 10.0], false));
        assert_eq!((NET.generic.weight.0.0, NET.rate, NET.mask.0), ([11.0], 0.5, [false; 3]));
        assert_eq!(weight(&NET.list[1].1.as_ref().unwrap().0), [12.0, 13.0]);
        assert_eq!(NET.param.unwrap().0.0, 14.0);
        assert_eq!(NET.gates.0.0, [[[15.0], [16.0]], [[17.0], [18.0]], [[19.0], [20.0]]]);
        assert_eq!(NET.state.0[0].to_le_bytes(), NUMBERS[..8]);
    }

    #[test]
    fn a_model_without_tensors_needs_none() {
        static RELU: Relu = read(&file([]));
        assert_eq!(RELU.forward(&Tensor([-1.0f32, 1.0])), Tensor([0.0, 1.0]));
    }

    #[test]
    fn sizes_are_compared_in_the_order_of_the_file() {
        assert!(equal(&[2, 3, 4], &[2, 3, 4], false) && equal(&[2, 4, 3], &[2, 3, 4], true) && equal(&[5], &[5], true));
        assert!(!equal(&[2, 3, 4], &[2, 3, 4], true) && !equal(&[2, 3], &[2], false) && !equal(&[], &[1], false));
        assert!(equal(&[], &[], true));
    }
}
