use super::*;

type Slide<const I: usize, const K: usize, const S: usize, const P: usize, const D: usize> =
    <Const<I> as Window<Const<K>, Const<S>, Const<P>, Const<D>>>::Out;
type Grow<const I: usize, const K: usize, const S: usize, const P: usize, const D: usize, const O: usize> =
    <Const<I> as TransposedWindow<Const<K>, Const<S>, Const<P>, Const<D>, Const<O>>>::Out;
type Plus<const A: usize, const B: usize> = <Const<A> as Sum<Const<B>>>::Out;
type Times<const A: usize, const B: usize> = <Const<A> as Product<Const<B>>>::Out;
type Per<const A: usize, const B: usize> = <Const<A> as Quotient<Const<B>>>::Out;

/// The types are equal, or this does not compile.
macro_rules! equal {
    ($($left:ty = $right:ty;)*) => { $(const _: fn($left) -> $right = |x| x;)* };
}

// The ends of each part of the table.
equal! {
    Plus<0, 0> = Const<0>; Plus<1000, 23> = Const<1023>; Plus<4096, 1> = Const<4097>; Plus<4096, 4095> = Const<8191>;
    Plus<16_200, 183> = Const<16_383>; Plus<16_320, 64> = Const<16_384>; Plus<16_320, 68> = Const<16_388>;
    Plus<65_500, 32> = Const<65_532>; Plus<65_472, 64> = Const<65_536>; Plus<65_536, 64> = Const<65_600>;
    Plus<65_536, 65_536> = Const<131_072>; Times<4095, 4> = Const<16_380>;
    Times<0, 65_536> = Const<0>; Times<16, 169> = Const<2704>; Times<512, 49> = Const<25_088>;
    Times<63, 65> = Const<4095>; Times<64, 144> = Const<9216>; Times<127, 129> = Const<16_383>;
    Times<4095, 64> = Const<262_080>; Times<4096, 64> = Const<262_144>; Times<257, 1024> = Const<263_168>;
    Times<1023, 1024> = Const<1_047_552>;
}
equal! {
    Per<0, 3> = Const<0>; Per<12, 4> = Const<3>; Per<12, 1> = Const<12>; Per<12, 12> = Const<1>;
    Per<65_536, 2> = Const<32_768>; Per<44_100, 49> = Const<900>; Per<65024, 1> = Const<65024>; Per<65024, 8> = Const<8128>; Per<65024, 16> = Const<4064>;
    Per<16320, 2> = Const<8160>;
    Per<16320, 5> = Const<3264>;
}
// The lengths of Conv1d(1, 1, K, S, P, D) of I numbers, by PyTorch's formula.
equal! {
    Slide<28, 3, 1, 0, 1> = Const<26>; Slide<28, 3, 1, 1, 1> = Const<28>; Slide<28, 3, 2, 1, 1> = Const<14>;
    Slide<5, 5, 1, 0, 1> = Const<1>; Slide<5, 3, 1, 0, 2> = Const<1>; Slide<1, 3, 9, 1, 1> = Const<1>;
    Slide<7, 2, 2, 0, 1> = Const<3>; Slide<224, 7, 2, 3, 1> = Const<112>; Slide<16000, 400, 160, 0, 1> = Const<98>;
    Slide<0, 2, 1, 1, 1> = Const<1>; Slide<32, 5, 3, 2, 4> = Const<7>;
    Slide<44_100, 10, 5, 0, 1> = Const<8819>; Slide<48_000, 10, 5, 0, 1> = Const<9599>;
    Slide<48_000, 400, 160, 200, 1> = Const<301>; Slide<1025, 3, 1, 1, 1> = Const<1025>; Slide<4096, 3, 1, 1, 1> = Const<4096>;
    Slide<4095, 4095, 1, 2048, 1> = Const<4097>; Slide<44_100, 3, 1, 1, 1> = Const<44_100>;
    <Const<8> as PaddedWindow<Const<4>, Const<1>, Const<3>, Const<1>>>::Out = Const<8>;
}
// The lengths of ConvTranspose1d(1, 1, K, S, P, O, dilation=D) of I numbers, by PyTorch's formula.
equal! {
    Grow<14, 2, 2, 0, 1, 0> = Const<28>; Grow<14, 3, 2, 1, 1, 1> = Const<28>; Grow<1, 1, 1, 0, 1, 0> = Const<1>;
    Grow<4, 4, 1, 3, 1, 0> = Const<1>; Grow<5, 3, 1, 0, 2, 1> = Const<10>; Grow<7, 4, 2, 1, 1, 0> = Const<14>;
}
equal! {
    <f32 as Elements>::Count = Const<1>;
    <[[f32; 4]; 3] as Elements>::Count = <[u8; 12] as Elements>::Count;
    <[[bool; 0]; 3] as Elements>::Count = Const<0>;
    <[[f64; 65]; 63] as Elements>::Count = Const<4095>;
    <[[f64; 64]; 64] as Elements>::Count = Const<4096>;
    <[[f64; 129]; 33] as Elements>::Count = Const<4257>;
    <[f64; 65_539] as Elements>::Count = Const<65_539>;
    <[[f64; 3001]; 100] as Elements>::Count = Big<Const<73>, Const<1092>>;
    <[[f64; 4088]; 4096] as Elements>::Count = Big<Const<4088>, Const<0>>;
    <[[[f64; 1001]; 4096]; 4096] as Elements>::Count = Big<Big<Const<1001>, Const<0>>, Const<0>>;
    <[[[f32; 7]; 7]; 512] as Flattened>::Out = Const<25088>;
    <[[[f32; 56]; 56]; 32] as Flattened>::Out = Const<100_352>;
    <[[[f32; 112]; 112]; 64] as Flattened>::Out = Const<802_816>;
}

#[test]
fn uint_is_the_number() {
    assert_eq!(<Const<1001> as Dim>::Uint::USIZE, 1001);
    assert_eq!(<[[f32; 1000]; 1000] as ElementsUint>::Uint::USIZE, 1_000_000);
}

struct Conv<const CO: usize, const K: usize>;
struct Pool<const K: usize>;
struct Flatten;
struct Linear<const IN: usize, const OUT: usize>;

/// A layer, as the rest of the library will write it.
trait Layer<X> {
    type Output;
}
type Through<L, X> = <L as Layer<X>>::Output;

impl<const CI: usize, const H: usize, const W: usize, const CO: usize, const K: usize, const OH: usize, const OW: usize>
    Layer<[[[f32; W]; H]; CI]> for Conv<CO, K>
where
    Const<H>: Window<Const<K>, Const<1>, Const<0>, Const<1>, Out = Const<OH>>,
    Const<W>: Window<Const<K>, Const<1>, Const<0>, Const<1>, Out = Const<OW>>,
{
    type Output = [[[f32; OW]; OH]; CO];
}
impl<const C: usize, const H: usize, const W: usize, const K: usize, const OH: usize, const OW: usize> Layer<[[[f32; W]; H]; C]>
    for Pool<K>
where
    Const<H>: Window<Const<K>, Const<K>, Const<0>, Const<1>, Out = Const<OH>>,
    Const<W>: Window<Const<K>, Const<K>, Const<0>, Const<1>, Out = Const<OW>>,
{
    type Output = [[[f32; OW]; OH]; C];
}
impl<const C: usize, const H: usize, const W: usize, const HW: usize, const N: usize> Layer<[[[f32; W]; H]; C]> for Flatten
where
    Const<H>: Product<Const<W>, Out = Const<HW>>,
    Const<HW>: Product<Const<C>, Out = Const<N>>,
{
    type Output = [f32; N];
}
impl<const IN: usize, const OUT: usize> Layer<[f32; IN]> for Linear<IN, OUT> {
    type Output = [f32; OUT];
}

type Features = Through<Flatten, Through<Pool<2>, Through<Conv<8, 3>, [[[f32; 10]; 10]; 1]>>>;
equal! {
    Features = [f32; 128];
    Through<Linear<128, 10>, Features> = [f32; 10];
}
