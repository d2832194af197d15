//! Chance from a seed: every draw is a function of the seed and of what it is for, so that no draw moves another, and the same
//! seed draws the same on every machine.

/// What a draw is for. Of two that differ in anything, the draws are as if independent.
#[derive(Clone, Copy, Debug)]
pub(super) struct Draws {
    key: u64,
}

impl Draws {
    pub(super) fn new(seed: u64) -> Self {
        Self { key: mix(seed) }
    }

    /// Draws for one of several.
    pub(super) fn of(self, number: u64) -> Self {
        Self { key: mix(self.key ^ mix(number)) }
    }

    /// A number in `0..limit`. The bias is below `limit` / 2^64.
    pub(super) fn below(self, limit: u64) -> u64 {
        let product = u128::from(mix(self.key)) * u128::from(limit);
        u64::try_from(product >> 64).expect("below a limit of 64 bits")
    }

    /// True `percent` times in 100.
    pub(super) fn percent(self, percent: i64) -> bool {
        self.below(100) < percent.unsigned_abs()
    }

    /// A number with that mean, in hundredths, as Poisson has it: by counting how many uniform numbers their product stays above
    /// e^-mean. O(mean).
    pub(super) fn poisson(self, mean_hundredths: i64) -> i64 {
        // e^-mean of no more than this is far from the smallest number.
        const PART: i64 = 1_600;
        let (mut left, mut count, mut turn) = (mean_hundredths, 0, 0);
        while left > 0 {
            let part = left.min(PART);
            left -= part;
            let (end, mut product) = (exp_minus(part), 1.0);
            loop {
                product *= self.of(turn).unit();
                turn += 1;
                if product < end {
                    break;
                }
                count += 1;
            }
        }
        count
    }

    /// A number in [0, 1) of 53 bits.
    fn unit(self) -> f64 {
        (mix(self.key) >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// e^(-hundredths / 100): the exponential functions of two systems may differ in the last bit, sums and products do not.
fn exp_minus(hundredths: i64) -> f64 {
    let (mut term, mut hundredth) = (1.0, 1.0);
    for power in 1..=8 {
        term *= -0.01 / f64::from(power);
        hundredth += term;
    }
    (0..hundredths).fold(1.0, |product, _| product * hundredth)
}

/// The finaliser of splitmix64 (Steele, Lea, Flood 2014), after its step.
fn mix(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_have_the_mean_and_spread_of_poisson() {
        for (hundredths, mean) in [(50, 0.5), (4_160, 41.6)] {
            let drawn: Vec<f64> = (0..20_000).map(|n| Draws::new(7).of(n).poisson(hundredths) as f64).collect();
            let found = drawn.iter().sum::<f64>() / 20_000.0;
            let variance = drawn.iter().map(|x| (x - found) * (x - found)).sum::<f64>() / 20_000.0;
            // Five standard errors of either.
            assert!((found - mean).abs() < 5.0 * (mean / 20_000.0_f64).sqrt(), "{found} for {mean}");
            assert!((variance - mean).abs() < 5.0 * mean * (3.0 / 20_000.0_f64).sqrt() + 0.05, "{variance} for {mean}");
        }
        assert_eq!(Draws::new(7).poisson(0), 0);
    }

    #[test]
    fn a_share_is_drawn_as_often_as_it_says() {
        let count = |percent| (0..10_000).filter(|&n| Draws::new(1).of(n).percent(percent)).count();
        assert_eq!((count(0), count(100)), (0, 10_000));
        assert!((4_000..4_400).contains(&count(42)), "{}", count(42));
        assert_eq!(Draws::new(3).of(9).below(1_000), Draws::new(3).of(9).below(1_000));
    }
}
