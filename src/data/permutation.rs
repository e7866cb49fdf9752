//! A random order that takes no memory.

use rand::Rng;

/// Up to this length an order is stored, in the bytes that a longer one's keys take.
const STORED: usize = 64;

/// Rounds of the network. Four look random to an adversary (Luby and Rackoff) where there are many numbers; few numbers need
/// more.
const ROUNDS: usize = 8;

/// A random order of the numbers 0 … n − 1 in less than 100 bytes for any n.
///
/// **Up to 64 numbers** are shuffled (Fisher and Yates) and stored: every order is equally likely, to 10⁻¹⁷.
///
/// **Longer orders** are computed. A Feistel network permutes the numbers below the next power of two, and a number that falls
/// outside walks on along its cycle until it is inside, in fewer than two steps on average: 20 to 60 ns a number on a Zen 4. Such a
/// network makes even permutations alone, so a coin exchanges the first two places: odd and even orders are equally likely. So are
/// all numbers in each place and all pairs in each two places, as far as a million orders can tell; but of the n! orders only 2⁵¹³
/// can occur.
///
/// Everything is drawn when it is made (n − 1 numbers of 64 bits, or nine) and is integer arithmetic, so that equal draws give
/// the same order on every platform. (The numbers of [`SmallRng`](rand::rngs::SmallRng) do depend on the platform; a named
/// generator's do not.)
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
    order: Order,
}

/// How an order is known.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Order {
    Stored([u8; STORED]),
    Computed(Feistel),
}

impl Permutation {
    /// A random order of `len` numbers.
    pub fn new<R: Rng + ?Sized>(len: usize, rng: &mut R) -> Self {
        Self::drawn(len, || rng.next_u64())
    }

    fn drawn(len: usize, draw: impl FnMut() -> u64) -> Self {
        let order =
            if len <= STORED { Order::Stored(shuffled(len, draw)) } else { Order::Computed(Feistel::drawn(len as u64, draw)) };
        Self { len, order }
    }

    /// The number at a place of the order, or `None` from place n on.
    #[inline]
    pub fn get(&self, place: usize) -> Option<usize> {
        if place >= self.len {
            return None;
        }
        match &self.order {
            Order::Stored(numbers) => numbers.get(place).copied().map(usize::from),
            Order::Computed(network) => Some(network.below(self.len as u64, place as u64) as usize),
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

/// The first `len` numbers shuffled: from the last place down, each is exchanged with one that is drawn among it and those before.
fn shuffled(len: usize, mut draw: impl FnMut() -> u64) -> [u8; STORED] {
    let mut numbers = core::array::from_fn(|i| i as u8);
    for last in (1..len.min(STORED)).rev() {
        // The top of a product of 128 bits is uniform below last + 1, but for a share of 2⁻⁵⁸.
        let one = (u128::from(draw()) * (last as u128 + 1)) >> 64;
        numbers.swap(last, one as usize);
    }
    numbers
}

/// A keyed permutation of the numbers of some bits, in an upper and a lower half of equal width or one bit apart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Feistel {
    low_bits: u8,
    high_bits: u8,
    /// Whether the first two places are exchanged.
    exchange: bool,
    keys: [u64; ROUNDS],
}

impl Feistel {
    /// On the fewest bits that hold each number below `len`.
    fn drawn(len: u64, mut draw: impl FnMut() -> u64) -> Self {
        let bits = (u64::BITS - len.saturating_sub(1).leading_zeros()) as u8;
        let low_bits = bits / 2;
        let keys = core::array::from_fn(|_| draw());
        Self { low_bits, high_bits: bits - low_bits, exchange: draw() >> 63 == 1, keys }
    }

    /// The number below `len` at a place below `len`, of at least two.
    #[inline]
    fn below(&self, len: u64, place: u64) -> u64 {
        let mut x = if place < 2 { place ^ u64::from(self.exchange) } else { place };
        loop {
            // It ends: on the way round its cycle x comes by where it began, which is inside.
            x = self.apply(x);
            if x < len {
                return x;
            }
        }
    }

    /// Each half in turn is changed by a function of the other, which can be undone, whatever the function.
    #[inline]
    fn apply(&self, x: u64) -> u64 {
        let mask = |bits: u8| (1u64 << bits) - 1; // of at most 32 bits
        let (low_mask, high_mask) = (mask(self.low_bits), mask(self.high_bits));
        let (mut low, mut high) = (x & low_mask, x >> self.low_bits);
        let (pairs, _) = self.keys.as_chunks::<2>();
        for &[low_key, high_key] in pairs {
            low ^= mix(high ^ low_key) & low_mask;
            high ^= mix(low ^ high_key) & high_mask;
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

    /// Whether counts that should all be equal are, to five standard deviations of χ² with so many degrees of freedom.
    #[track_caller]
    fn assert_uniform(what: usize, counts: &[u32], degrees: usize) {
        let (found, k) = (chi_square(counts), degrees as f64);
        assert!((found - k).abs() < 5.0 * (2.0 * k).sqrt(), "{what} numbers: {found} for {k}");
    }

    /// Over many seeds each number stands in each place equally often.
    #[test]
    fn places_are_uniform() {
        for len in [2, 3, 5, 16, 33, 64, 65, 100, 128] {
            let mut counts = vec![0u32; len * len];
            for seed in 0..4000 {
                let order = Permutation::new(len, &mut SmallRng::seed_from_u64(seed));
                order.iter().enumerate().for_each(|(place, i)| counts[place * len + i] += 1);
            }
            assert_uniform(len, &counts, (len - 1) * (len - 1)); // rows and columns have fixed sums
        }
    }

    /// Each pair stands in two places equally often: the first two, which the coin exchanges, and others.
    #[test]
    fn pairs_are_uniform() {
        let rng = &mut SmallRng::seed_from_u64(1);
        for (len, places) in [(13, [0, 1]), (65, [0, 1]), (65, [0, 32]), (96, [2, 3]), (128, [0, 64])] {
            let mut counts = vec![0u32; len * len];
            for _ in 0..100_000 {
                let order = Permutation::new(len, rng);
                let [a, b] = places.map(|place| order.get(place).unwrap());
                counts[a * len + b] += 1;
            }
            let pairs = (0..len * len).filter(|i| i / len != i % len);
            let counts: Vec<u32> = pairs.map(|i| counts[i]).collect();
            assert_uniform(len, &counts, counts.len() - 1);
        }
    }

    /// The place of an order among all of its length, by how many of the later numbers are smaller (Lehmer).
    fn rank(order: &[usize]) -> usize {
        (0..order.len()).fold(0, |rank, i| {
            let smaller = order[i..].iter().filter(|&&later| later < order[i]).count();
            rank * (order.len() - i) + smaller
        })
    }

    /// All orders of few numbers are equally likely.
    #[test]
    fn orders_are_uniform() {
        for (len, orders) in [(2, 2), (3, 6), (4, 24), (5, 120), (6, 720), (7, 5040)] {
            let mut counts = vec![0u32; orders];
            for seed in 0..100_000 {
                let order = Permutation::new(len, &mut SmallRng::seed_from_u64(seed));
                counts[rank(&order.iter().collect::<Vec<_>>())] += 1;
            }
            assert_uniform(len, &counts, orders - 1);
        }
    }

    /// Half of the orders take an odd number of exchanges.
    #[test]
    fn odd_and_even_orders_are_equally_likely() {
        for len in [2, 5, 16, 32, 64, 65, 100, 128, 256] {
            let mut counts = [0u32; 2];
            for seed in 0..4000 {
                let order = Permutation::new(len, &mut SmallRng::seed_from_u64(seed));
                counts[(len - cycles(&order)) % 2] += 1;
            }
            assert!(counts[0].abs_diff(counts[1]) < 5 * 63, "{len} numbers: {counts:?}"); // √4000 = 63
        }
    }

    fn cycles(order: &Permutation) -> usize {
        let mut seen = vec![false; order.len()];
        let new = |start: &usize| {
            let mut at = *start;
            let first = !seen[at];
            while !seen[at] {
                seen[at] = true;
                at = order.get(at).unwrap();
            }
            first
        };
        (0..order.len()).filter(new).count()
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

    #[test]
    fn it_is_small() {
        assert!(size_of::<Permutation>() < 100);
    }

    /// The same on every platform and for ever: a seed in a paper stays good.
    #[test]
    fn draws_give_the_order() {
        let first = |len| {
            let mut drawn = 0;
            let draw = || {
                drawn += 1;
                mix(drawn)
            };
            let order = Permutation::drawn(len, draw);
            (drawn, order.iter().take(10).collect::<Vec<_>>())
        };
        assert_eq!(first(10), (9, vec![9, 1, 2, 8, 6, 4, 5, 0, 7, 3]));
        assert_eq!(first(100), (9, vec![87, 43, 19, 64, 49, 38, 0, 14, 33, 57]));
    }
}
