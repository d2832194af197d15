//! What one more officer could take at the prices of an earlier proof.
//!
//! With the prices of everybody else as they are, the best prices of the newcomer give the highest bound of the problem with them in it: what the
//! bound falls by is the most that they can be worth, but for the gap of the earlier answer. Floats only look for the prices; whoever uses them
//! recomputes the bound.

use super::verify::Measure;
use crate::model::{Instance, OfficerIndex, OfficerPrices, PROOF_SCALE, Proof};

/// Rounds over the kinds of prices.
const ROUNDS: usize = 8;
/// Times that the range of a price loses a third.
const THIRDS: usize = 60;

/// The proof with good prices for this officer; those of all others stay. O(their pairs x searches).
pub(crate) fn with_prices_of(instance: &Instance, proof: &Proof, newcomer: OfficerIndex, measure: Measure) -> Proof {
    let limits = &instance.limits()[newcomer.get()];
    let market = Market {
        gains: gains(instance, proof, newcomer, measure),
        room: [limits.load_limit, limits.case_limit, limits.intake_limit].map(|room| room.map(|room| room as f64)),
    };
    // From no prices, and from one price that all kinds of room share: single steps of single prices may be stuck in either.
    let starts = [[0.0; 3], market.shared_price()];
    let prices = starts.into_iter().map(|start| market.best_from(start));
    let prices = prices.min_by(|a, b| market.worth(a).total_cmp(&market.worth(b))).unwrap_or_default();
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

    /// The best price of each whole room, the same for all kinds.
    fn shared_price(&self) -> [f64; 3] {
        let at = |price: f64| self.room.map(|room| room.filter(|&room| room > 0.0).map_or(0.0, |room| price / room));
        let most = self.gains.iter().map(|gain| gain[0]).sum();
        at(least_at(most, |price| self.worth(&at(price))))
    }

    /// One price after the other, the best with the others as they are.
    fn best_from(&self, mut prices: [f64; 3]) -> [f64; 3] {
        for kind in (0..ROUNDS * 3).map(|turn| turn % 3).filter(|&kind| self.room[kind].is_some()) {
            let ratios = self.gains.iter().filter(|gain| gain[kind + 1] > 0.0).map(|gain| gain[0] / gain[kind + 1]);
            let with = |price: f64| {
                let mut tried = prices;
                tried[kind] = price;
                tried
            };
            let better = with(least_at(ratios.fold(0.0, f64::max), |price| self.worth(&with(price))));
            if self.worth(&better) < self.worth(&prices) {
                prices = better;
            }
        }
        prices
    }
}

/// Where a convex function is least between 0 and `most`, nearly.
fn least_at(most: f64, of: impl Fn(f64) -> f64) -> f64 {
    let (mut low, mut high) = (0.0, most);
    for _ in 0..THIRDS {
        let (left, right) = (low + (high - low) / 3.0, high - (high - low) / 3.0);
        if of(left) <= of(right) {
            high = right;
        } else {
            low = left;
        }
    }
    f64::midpoint(low, high)
}
