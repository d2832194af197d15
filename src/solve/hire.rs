//! What one more officer could take at the prices of an earlier proof.
//!
//! With the prices of everybody else as they are, the best prices of the newcomer give the highest bound of the problem with them in it: what the
//! bound falls by is the most that they can be worth, but for the gap of the earlier answer. Floats only look for the prices; whoever uses them
//! recomputes the bound.

use crate::model::{Instance, OfficerIndex, OfficerPrices, PROOF_SCALE, Proof};

/// Rounds over the kinds of prices.
const ROUNDS: usize = 4;
/// Halvings of the range of a price.
const HALVINGS: usize = 40;

/// The proof with good prices for this officer; those of all others stay. O(their pairs x searches).
pub(crate) fn with_prices_of(instance: &Instance, proof: &Proof, newcomer: OfficerIndex) -> Proof {
    let scale = PROOF_SCALE as f64;
    let limits = &instance.limits()[newcomer.get()];
    // Of each unit that the newcomer may hold: what they gain at no prices, points, cases, new cases.
    let mut gains: Vec<[f64; 4]> = Vec::new();
    for unit in instance.unit_indices() {
        let Some(own) = instance.pair(unit, newcomer) else { continue };
        let of = instance.unit(unit);
        let waiting =
            of.waiting_price.map(|price| price as f64 * scale + proof.handover as f64 * f64::from(of.release_count));
        let pairs = instance.pairs(unit).filter(|pair| pair.officer != newcomer).map(|pair| {
            let prices = &proof.officers[pair.officer.get()];
            pair.cost as f64 * scale
                + prices.point as f64 * f64::from(pair.weight_points)
                + prices.case as f64 * f64::from(of.case_count)
                + prices.new_case as f64 * f64::from(pair.new_case_count)
                + proof.handover as f64 * f64::from(pair.handover_count)
        });
        let Some(least) = pairs.chain(waiting).min_by(f64::total_cmp) else { continue };
        let gain = least - own.cost as f64 * scale - proof.handover as f64 * f64::from(own.handover_count);
        if gain > 0.0 {
            gains.push([gain, f64::from(own.weight_points), f64::from(of.case_count), f64::from(own.new_case_count)]);
        }
    }
    let room = [limits.load_limit, limits.case_limit, limits.intake_limit];
    let mut prices = [0.0_f64; 3];
    // What the newcomer takes at these prices, and what their room costs: the less, the higher the bound.
    let worth = |prices: &[f64; 3]| {
        let taken: f64 = gains
            .iter()
            .map(|[gain, points, cases, new]| {
                (gain - prices[0] * points - prices[1] * cases - prices[2] * new).max(0.0)
            })
            .sum();
        let paid: f64 = prices.iter().zip(room).map(|(price, room)| price * room.unwrap_or(0) as f64).sum();
        taken + paid
    };
    for _ in 0..ROUNDS {
        for kind in 0..3 {
            if room[kind].is_none() {
                continue;
            }
            let most = gains.iter().filter(|gain| gain[kind + 1] > 0.0).map(|gain| gain[0] / gain[kind + 1]);
            let (mut low, mut high) = (0.0, most.fold(0.0, f64::max));
            for _ in 0..HALVINGS {
                let (left, right) = (low + (high - low) / 3.0, high - (high - low) / 3.0);
                let at = |price: f64| {
                    let mut tried = prices;
                    tried[kind] = price;
                    worth(&tried)
                };
                if at(left) <= at(right) {
                    high = right;
                } else {
                    low = left;
                }
            }
            let mut better = prices;
            better[kind] = f64::midpoint(low, high);
            if worth(&better) < worth(&prices) {
                prices = better;
            }
        }
    }
    let mut proof = proof.clone();
    #[expect(clippy::cast_possible_truncation, reason = "no price is above a gain, and gains are prices that fit")]
    let whole = |price: f64| price.round() as i64;
    proof.officers[newcomer.get()] =
        OfficerPrices { point: whole(prices[0]), case: whole(prices[1]), new_case: whole(prices[2]) };
    proof
}
