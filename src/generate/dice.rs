//! Random choices that come out the same on every machine: a seeded ChaCha8 and integer arithmetic, nothing else.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// A source of random choices.
pub(super) struct Dice(ChaCha8Rng);

impl Dice {
    /// The dice of a seed. Different streams of one seed are independent, so that a further choice in one of them
    /// leaves the others as they were.
    pub(super) fn new(seed: u64, stream: u64) -> Self {
        // The seed is laid out here, so that it does not depend on how the library stretches a short one.
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        let mut generator = ChaCha8Rng::from_seed(bytes);
        generator.set_stream(stream);
        Self(generator)
    }

    /// A number in `0..limit`. The bias is below `limit` / 2^64.
    pub(super) fn below(&mut self, limit: usize) -> usize {
        assert!(limit > 0, "there is no number below 0");
        let product = u128::from(self.0.next_u64()) * limit as u128;
        usize::try_from(product >> 64).expect("below a limit that is a usize")
    }

    /// A number from `first` to `last`, both included.
    pub(super) fn between(&mut self, first: i64, last: i64) -> i64 {
        let width = usize::try_from(last - first + 1).expect("first is not above last");
        first + self.below(width) as i64
    }

    /// True `share` times in 1,000.
    pub(super) fn per_mille(&mut self, share: i64) -> bool {
        self.between(0, 999) < share
    }

    /// One of several.
    pub(super) fn pick<'a, T>(&mut self, several: &'a [T]) -> &'a T {
        &several[self.below(several.len())]
    }

    /// A position, as often as its weight says. At least one weight is above 0.
    pub(super) fn weighted(&mut self, weights: &[i64]) -> usize {
        let mut rest = self.between(0, weights.iter().sum::<i64>() - 1);
        for (position, &weight) in weights.iter().enumerate() {
            if rest < weight {
                return position;
            }
            rest -= weight;
        }
        unreachable!("a number below the sum of the weights falls into one of them")
    }

    /// Puts a list into random order.
    pub(super) fn shuffle<T>(&mut self, list: &mut [T]) {
        for last in (1..list.len()).rev() {
            list.swap(last, self.below(last + 1));
        }
    }
}
