//! What one more officer could take at the prices of an earlier proof.
//!
//! With the prices of everybody else as they are, the best prices of the newcomer give the highest bound of the problem
//! with them in it: what the bound falls by is the most that they can be worth, but for the gap of the earlier answer.
//! Floats only look for the prices; whoever uses them recomputes the bound.

use super::{golden::highest_point, verify::Measure};
use crate::model::{Instance, OfficerIndex, OfficerPrices, PROOF_SCALE, Proof};

/// Rounds over the kinds of prices.
const ROUNDS: usize = 3;
/// Steps of a golden section: 10^-8 of the range is left.
const STEPS: usize = 38;

/// The proof with good prices for this officer; those of all others stay. O(their pairs x searches).
pub(crate) fn with_prices_of(instance: &Instance, proof: &Proof, newcomer: OfficerIndex, measure: Measure) -> Proof {
    let limits = &instance.limits()[newcomer.get()];
    let market = Market {
        gains: gains(instance, proof, newcomer, measure),
        room: [limits.load_limit, limits.case_limit, limits.intake_limit].map(|room| room.map(|room| room as f64)),
    };
    let prices = market.best();
    let mut proof = proof.clone();
    #[expect(clippy::cast_possible_truncation, reason = "no price is above a gain, and gains are prices that fit")]
    let whole = |price: f64| price.round() as i64;
    proof.officers[newcomer.get()] =
        OfficerPrices { point: whole(prices[0]), case: whole(prices[1]), new_case: whole(prices[2]) };
    proof
}

/// Of each unit that the newcomer may hold: what they gain without prices of their own, then points, cases, new cases.
fn gains(instance: &Instance, proof: &Proof, newcomer: OfficerIndex, measure: Measure) -> Vec<[f64; 4]> {
    let scale = PROOF_SCALE as f64;
    let cost = |cost: i64| match measure {
        Measure::Price => cost as f64 * scale,
        Measure::Children => 0.0,
    };
    let mut gains = Vec::new();
    for unit in instance.unit_indices() {
        let Some(own) = instance.pair(unit, newcomer) else { continue };
        let of = instance.unit(unit);
        let waiting = of.waiting_price.map(|price| {
            let price = match measure {
                Measure::Price => price as f64,
                Measure::Children => f64::from(of.child_count),
            };
            price * scale + proof.handover as f64 * f64::from(of.release_count)
        });
        let pairs = instance.pairs(unit).filter(|pair| pair.officer != newcomer).map(|pair| {
            let prices = &proof.officers[pair.officer.get()];
            cost(pair.cost)
                + prices.point as f64 * f64::from(pair.weight_points)
                + prices.case as f64 * f64::from(of.case_count)
                + prices.new_case as f64 * f64::from(pair.new_case_count)
                + proof.handover as f64 * f64::from(pair.handover_count)
        });
        let Some(least) = pairs.chain(waiting).min_by(f64::total_cmp) else { continue };
        let gain = least - cost(own.cost) - proof.handover as f64 * f64::from(own.handover_count);
        if gain > 0.0 {
            gains.push([gain, f64::from(own.weight_points), f64::from(of.case_count), f64::from(own.new_case_count)]);
        }
    }
    gains
}

/// What there is to take, and room for it.
struct Market {
    gains: Vec<[f64; 4]>,
    room: [Option<f64>; 3],
}

impl Market {
    /// What the newcomer takes at these prices, and what their room costs: the less, the higher the bound.
    fn worth(&self, prices: &[f64; 3]) -> f64 {
        let taken: f64 = self
            .gains
            .iter()
            .map(|[gain, points, cases, new]| {
                (gain - prices[0] * points - prices[1] * cases - prices[2] * new).max(0.0)
            })
            .sum();
        taken + prices.iter().zip(self.room).map(|(price, room)| price * room.unwrap_or(0.0)).sum::<f64>()
    }

    /// Points and cases together, since where both are short neither alone is better elsewhere; then new cases beside them.
    fn best(&self) -> [f64; 3] {
        let mut prices = [0.0; 3];
        let rounds = if self.room[2].is_some() { ROUNDS } else { 1 };
        for _ in 0..rounds {
            let at = |point: f64, case: f64| [point, case, prices[2]];
            let of_cases = |point: f64| self.highest(1, |case| -self.worth(&at(point, case)));
            let (point, _) = self.highest(0, |point| of_cases(point).1);
            let (case, _) = of_cases(point);
            let (new_case, _) = self.highest(2, |new_case| -self.worth(&[point, case, new_case]));
            prices = [point, case, new_case];
        }
        prices
    }

    /// The best price of one kind of room; 0 where there is no limit.
    fn highest(&self, kind: usize, of: impl FnMut(f64) -> f64) -> (f64, f64) {
        let ratios = self.gains.iter().filter(|gain| gain[kind + 1] > 0.0).map(|gain| gain[0] / gain[kind + 1]);
        let most = if self.room[kind].is_some() { ratios.fold(0.0, f64::max) } else { 0.0 };
        highest_point(most, if most > 0.0 { STEPS } else { 0 }, of)
    }
}
