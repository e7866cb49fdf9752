//! A random order that takes no memory.

use rand::Rng;

/// Rounds of the network. Four look random to an adversary (Luby and Rackoff) where there are many numbers; few numbers need
/// more.
const ROUNDS: usize = 8;

/// A random order of the numbers 0 … n − 1, computed, not stored: less than 100 bytes for any n.
///
/// A Feistel network permutes the numbers below the next power of two, and a number that falls outside walks on along its
/// cycle until it is inside, in fewer than two steps on average: 30 to 70 ns a number on a Zen 4. Everything is drawn when it is made
/// (eight `u64` of keys) and is integer arithmetic, so that equal keys give the same order on every platform. (The numbers
/// of [`SmallRng`](rand::rngs::SmallRng) do depend on the platform; a named generator's do not.)
///
/// Black and Rogaway, [Ciphers with arbitrary finite domains](https://doi.org/10.1007/3-540-45760-7_9), 2002. For
/// PyTorch's [`torch.randperm`](https://docs.pytorch.org/docs/stable/generated/torch.randperm.html).
///
/// ```
/// use adamant::prelude::*;
/// let order = Permutation::new(1000, &mut SmallRng::seed_from_u64(0));
/// let mut seen = [false; 1000];
/// order.iter().for_each(|i| seen[i] = true);
/// assert_eq!(seen, [true; 1000]);
/// assert_eq!(order.get(1000), None);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Permutation {
    len: usize,
    network: Feistel,
}

impl Permutation {
    /// A random order of `len` numbers.
    pub fn new<R: Rng + ?Sized>(len: usize, rng: &mut R) -> Self {
        Self { len, network: Feistel::new(len as u64, rng) }
    }

    /// The number at a place of the order, or `None` from place n on.
    #[inline]
    pub fn get(&self, place: usize) -> Option<usize> {
        if place >= self.len {
            return None;
        }
        let mut x = place as u64;
        loop {
            // It ends: on the way round its cycle x comes by `place` again, which is inside.
            x = self.network.apply(x);
            if x < self.len as u64 {
                return Some(x as usize);
            }
        }
    }

    /// How many numbers there are.
    #[inline]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether there is no number.
    #[inline]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The numbers in this order.
    pub fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.len).filter_map(|place| self.get(place))
    }
}

/// A keyed permutation of the numbers of some bits, in an upper and a lower half of equal width or one bit apart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Feistel {
    low_bits: u32,
    low_mask: u64,
    high_mask: u64,
    keys: [u64; ROUNDS],
}

impl Feistel {
    /// On the fewest bits that hold each number below `len`.
    fn new<R: Rng + ?Sized>(len: u64, rng: &mut R) -> Self {
        let bits = u64::BITS - len.saturating_sub(1).leading_zeros();
        let low_bits = bits / 2;
        let mask = |bits| (1u64 << bits) - 1; // of at most 32 bits
        let keys = core::array::from_fn(|_| rng.next_u64());
        Self { low_bits, low_mask: mask(low_bits), high_mask: mask(bits - low_bits), keys }
    }

    /// Each half in turn is changed by a function of the other, which can be undone, whatever the function.
    #[inline]
    fn apply(&self, x: u64) -> u64 {
        let (mut low, mut high) = (x & self.low_mask, x >> self.low_bits);
        let (pairs, _) = self.keys.as_chunks::<2>();
        for &[low_key, high_key] in pairs {
            low ^= mix(high ^ low_key) & self.low_mask;
            high ^= mix(low ^ high_key) & self.high_mask;
        }
        high << self.low_bits | low
    }
}

/// Each bit of the result depends on each bit of x. (The last step of SplitMix64, Stafford's variant 13.)
#[inline]
const fn mix(x: u64) -> u64 {
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::SmallRng;

    use super::*;

    #[test]
    fn every_number_comes_once() {
        let rng = &mut SmallRng::seed_from_u64(0);
        for len in (0..70).chain([127, 128, 129, 1437, 4095, 4096, 4097, 5000, 60_000]) {
            for _ in 0..3 {
                let order = Permutation::new(len, rng);
                let mut seen = vec![0; len];
                order.iter().for_each(|i| seen[i] += 1);
                assert!(seen.iter().all(|&n| n == 1), "{len} numbers");
                assert_eq!((order.get(len), order.get(usize::MAX)), (None, None));
            }
        }
    }

    /// Σ (found − expected)² / expected.
    fn chi_square(counts: &[u32]) -> f64 {
        let expected = f64::from(counts.iter().sum::<u32>()) / counts.len() as f64;
        counts.iter().map(|&n| (f64::from(n) - expected).powi(2) / expected).sum()
    }

    /// Over many seeds each number stands in each place equally often.
    #[test]
    fn places_are_uniform() {
        for len in [2, 3, 5, 16, 33, 100] {
            let mut counts = vec![vec![0u32; len]; len];
            for seed in 0..4000 {
                let order = Permutation::new(len, &mut SmallRng::seed_from_u64(seed));
                order.iter().enumerate().for_each(|(place, i)| counts[place][i] += 1);
            }
            // Of mean k and standard deviation √(2k), where k = (len - 1)², since rows and columns have fixed sums.
            let k = ((len - 1) * (len - 1)) as f64;
            let found: f64 = counts.iter().map(|row| chi_square(row)).sum();
            assert!((found - k).abs() < 5.0 * (2.0 * k).sqrt(), "{len} numbers: {found} for {k}");
        }
    }

    /// All orders of four are equally likely, also that no two neighbours stay together.
    #[test]
    fn orders_are_uniform() {
        let mut counts = [0u32; 256];
        for seed in 0..24_000 {
            let order = Permutation::new(4, &mut SmallRng::seed_from_u64(seed));
            counts[order.iter().fold(0, |code, i| 4 * code + i)] += 1;
        }
        let counts: Vec<u32> = counts.into_iter().filter(|&n| n > 0).collect();
        assert_eq!(counts.len(), 24);
        assert!(chi_square(&counts) < 23.0 + 5.0 * 46f64.sqrt(), "{}", chi_square(&counts));
    }

    /// The distance between neighbours is that of a random order: a batch does not follow the order of the data.
    #[test]
    fn neighbours_are_strangers() {
        let n = 5000;
        for seed in 0..20 {
            let order = Permutation::new(n, &mut SmallRng::seed_from_u64(seed));
            let numbers: Vec<f64> = order.iter().map(|i| i as f64 / n as f64 - 0.5).collect();
            let products: f64 = numbers.windows(2).map(|w| w[0] * w[1]).sum();
            let correlation = 12.0 * products / n as f64;
            assert!(correlation.abs() < 4.5 / (n as f64).sqrt(), "{correlation}");
        }
    }

    #[test]
    fn the_largest_length_works() {
        let order = Permutation::new(usize::MAX, &mut SmallRng::seed_from_u64(0));
        assert!(order.get(usize::MAX - 1).is_some() && order.get(0) != order.get(1));
    }

    /// The same on every platform and for ever: a seed in a paper stays good.
    #[test]
    fn keys_give_the_order() {
        let network = Feistel { low_bits: 2, low_mask: 3, high_mask: 3, keys: [1, 2, 3, 4, 5, 6, 7, 8] };
        let order = Permutation { len: 10, network };
        assert_eq!(order.iter().collect::<Vec<_>>(), [2, 5, 9, 6, 1, 3, 4, 7, 0, 8]);
    }
}
