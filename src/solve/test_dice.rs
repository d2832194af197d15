//! Chance for tests of the solver: seeded, so that what fails fails again.

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng as _, SeedableRng as _},
};

pub(super) struct Dice(ChaCha8Rng);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// A number in `0..limit`.
    pub(super) fn below(&mut self, limit: i64) -> i64 {
        (self.0.next_u64() >> 1) as i64 % limit
    }

    pub(super) fn is(&mut self, percent: i64) -> bool {
        self.below(100) < percent
    }
}
