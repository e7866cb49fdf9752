//! [`Gelu`].

use super::clamp;
use crate::ops::Elementwise;
use crate::simd::Float;

/// x · Φ(x), in [−0.17, ∞), where Φ(x) = (1 + erf(x / √2)) / 2 is the normal distribution's; [`GeluTanh`](super::GeluTanh) is
/// the faster approximation.
///
/// Both tails have their digits, in both types: it is the tail of Φ that is computed, where PyTorch's 1 + erf cancels. The
/// derivative is Φ(x) + x · φ(x) with the density φ(x) = e^(−x² / 2) / √2π. −∞ gives NaN, as in PyTorch. D. Hendrycks and K. Gimpel,
/// *Gaussian error linear units (GELUs)*, 2016.
///
/// After [`torch.nn.GELU`](https://docs.pytorch.org/docs/stable/generated/torch.nn.GELU.html).
///
/// ```
/// use adamant::prelude::*;
/// let y = Gelu.forward(&Tensor([-1.0f32, 0.0, 1.0]));
/// assert!(y.all_close(&Tensor([-0.158655, 0.0, 0.841345]), 1e-5, 0.0));
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Gelu;

impl Gelu {
    /// The function; it has no settings.
    pub const fn new() -> Self {
        Self
    }
}

impl Elementwise for Gelu {
    #[inline(always)]
    fn apply<T: Float>(&self, x: T) -> T {
        x * normal_cdf(x, x.normal_tail().0)
    }

    #[inline(always)]
    fn derivative<T: Float>(&self, x: T) -> T {
        let (tail, bell) = x.normal_tail();
        // Beyond, the bell is 0, and an infinity would make a NaN of it.
        let bounded = clamp(x, T::from_f64(-FAR), T::from_f64(FAR));
        normal_cdf(x, tail) + bounded * bell * T::from_f64(DENSITY)
    }
}

/// Φ(x), given Φ(−|x|).
#[inline(always)]
fn normal_cdf<T: Float>(x: T, tail: T) -> T {
    if x > T::ZERO { T::ONE - tail } else { tail }
}

/// Where both types' densities are 0.
const FAR: f64 = 40.0;
/// 1 / √2π.
const DENSITY: f64 = 0.398_942_280_401_432_7;

#[cfg(test)]
mod tests {
    use super::*;

    /// x, and in 50 digits x · Φ(x) and Φ(x) + x · φ(x), both at these `f64`s.
    const REFERENCES: &[(f64, f64, f64)] = &[
        (-36.5, -2.023_824_885_272_318_2e-290, -7.386_952_538_459_799e-289),
        (-30.0, -1.472_014_178_144_456e-196, -4.416_031_690_708_495e-195),
        (-20.25, -3.596_804_726_522_879e-90, -7.283_443_978_198_863e-89),
        (-15.0, -5.506_449_298_969_126_5e-50, -8.259_354_662_773_497e-49),
        (-12.5, -4.665_705_373_597_142e-35, -5.831_668_554_480_156e-34),
        (-12.25, -1.028_975_017_795_093_6e-33, -1.260_386_003_221_889_4e-32),
        (-10.0, -7.619_853_024_160_526e-23, -7.618_400_096_464_814e-22),
        (-8.5, -8.057_604_598_872_82e-17, -6.846_504_938_697_085e-16),
        (-7.0, -8.958_687_807_200_846e-12, -6.266_323_031_466_631e-11),
        (-6.0, -5.919_525_870_226_188_5e-09, -3.546_870_945_390_201_5e-08),
        (-5.0, -1.433_257_859_395_969_5e-06, -7.146_946_001_792_295e-06),
        (-4.125, -7.646_404_361_558_322e-05, -0.000_313_692_612_445_623_8),
        (-3.0, -0.004_049_694_094_890_283_5, -0.011_945_647_204_183_927),
        (-2.5, -0.015_524_163_314_440_337, -0.037_611_085_908_145_21),
        (-2.0, -0.045_500_263_896_358_42, -0.085_231_801_078_196_9),
        (-1.5, -0.100_210_801_903_287_1, -0.127_469_192_229_979_52),
        (-1.0, -0.158_655_253_931_457_05, -0.083_315_470_587_686_3),
        (-0.5, -0.154_268_769_362_993_44, 0.132_504_875_343_837_15),
        (-0.25, -0.100_323_418_579_269_07, 0.304_626_645_116_363_95),
        (-0.000_976_562_5, -0.000_487_900_789_053_925_27, 0.499_220_816_106_286_9),
        (9.536_743_164_062_5e-07, 4.768_375_210_390_154e-07, 0.500_000_760_922_013_1),
        (0.125, 0.068_717_278_103_764_12, 0.599_217_935_698_206_6),
        (0.5, 0.345_731_230_637_006_56, 0.867_495_124_656_162_9),
        (0.75, 0.580_029_485_717_348_8, 0.999_225_721_739_235_1),
        (1.0, 0.841_344_746_068_542_9, 1.083_315_470_587_686_4),
        (2.0, 1.954_499_736_103_641_6, 1.085_231_801_078_197),
        (3.0, 2.995_950_305_905_11, 1.011_945_647_204_184),
        (4.0, 3.999_873_315_032_667_5, 1.000_503_649_661_226_5),
        (5.0, 4.999_998_566_742_141, 1.000_007_146_946_002),
        (6.0, 5.999_999_994_080_474, 1.000_000_035_468_709_5),
        (8.0, 7.999_999_999_999_995, 1.000_000_000_000_039_7),
        (12.0, 12.0, 1.0),
    ];

    fn worst<T: Float>(from: f64) -> f64 {
        let used = REFERENCES.iter().filter(|(x, ..)| *x >= from && T::from_f64(*x).to_f64() == *x);
        used.fold(0.0, |worst, &(x, y, slope)| {
            let (found, derivative) = Gelu.apply_with_derivative(T::from_f64(x));
            let error = |found: T, right: f64| (found.to_f64() - right).abs() / right.abs() / T::EPSILON.to_f64();
            worst.max(error(found, y)).max(error(derivative, slope))
        })
    }

    #[test]
    fn both_tails_have_their_digits() {
        // From the first x whose result is a normal number. Measured: 1.8 and 2.3 of the types' epsilons.
        let (single, double) = (worst::<f32>(-12.5), worst::<f64>(-37.0));
        println!("gelu: {single:.2} and {double:.2} epsilons");
        assert!(single < 3.0 && double < 3.0, "{single} {double}");
    }

    #[test]
    fn far_out() {
        const INF: f32 = f32::INFINITY;
        assert_eq!(
            [15.0, 40.0, f32::MAX, INF].map(|x| Gelu.apply_with_derivative(x)),
            [15.0, 40.0, f32::MAX, INF].map(|x| (x, 1.0))
        );
        assert_eq!([-15.0, -40.0, f32::MIN].map(|x| Gelu.apply_with_derivative(x)), [(0.0, 0.0); 3]);
        assert_eq!([-40.0, f64::MIN].map(|x| Gelu.apply_with_derivative(x)), [(0.0, 0.0); 2]);
        assert!([-INF, f32::NAN].map(|x| Gelu.apply(x)).iter().all(|y| y.is_nan()));
        assert!(Gelu.derivative(f32::NAN).is_nan());
    }
}
