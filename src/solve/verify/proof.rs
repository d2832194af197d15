//! The bound that officer prices prove, and the identity that ties it to an answer: mathematics on numbers alone.

use crate::model::{
    EligiblePair, GapItems, Instance, Limits, OfficerGap, OfficerIndex, OfficerPrices, PROOF_SCALE, Proof, Unit,
    UnitIndex,
};
use crate::solve::threads;

/// Units of one piece of work.
const UNITS_PER_PIECE: usize = 20_000;

/// Which of the two problems a bound is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// The price of an assignment.
    Price,
    /// The number of children without an officer: pairs cost nothing, a waiting unit costs its children.
    Children,
}

/// What is wrong with the prices of a proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InvalidProof {
    /// Not one entry an officer.
    Officers {
        /// Entries of the proof.
        found: usize,
        /// Officers of the backlog.
        expected: usize,
    },
    /// A price below 0.
    Negative {
        /// Whose.
        officer: OfficerIndex,
        /// Of what.
        what: &'static str,
        /// In units of 1/2^16.
        price: i64,
    },
    /// A price on a limit that does not exist.
    NoLimit {
        /// Whose.
        officer: OfficerIndex,
        /// Of what.
        what: &'static str,
    },
    /// A price of handovers below 0, or without a handover limit.
    Handover {
        /// In units of 1/2^16.
        price: i64,
    },
    /// A unit that nobody may hold and that may not wait: there is no allocation at all.
    NoOption {
        /// Which.
        unit: UnitIndex,
    },
    /// A bound beyond any price.
    TooHigh {
        /// The bound.
        bound: i128,
    },
}

impl InvalidProof {
    /// In words, with the officer as `name` calls them.
    #[must_use]
    pub fn sentence(&self, name: &dyn Fn(OfficerIndex) -> String) -> String {
        match self {
            Self::Officers { found, expected } => {
                format!("the proof has prices of {found} officers; the backlog has {expected}")
            }
            Self::Negative { officer, what, price } => {
                let officer = name(*officer);
                format!("the proof's price of a {what} of officer {officer} is {price}; prices are 0 or more")
            }
            Self::NoLimit { officer, what } => {
                let officer = name(*officer);
                format!("the proof has a price of a {what} of officer {officer}, who has no such limit")
            }
            Self::Handover { price } => {
                format!("the proof's price of a handover is {price}, which no limit explains")
            }
            Self::NoOption { unit } => format!("unit {} has no option", unit.get()),
            Self::TooHigh { bound } => format!("the proof gives a bound of {bound}, beyond any price"),
        }
    }
}

/// Price of an assignment of units that keeps the rules; `None` = a unit is with an officer who may not hold it.
#[must_use]
pub fn objective(instance: &Instance, unit_officers: &[Option<OfficerIndex>]) -> Option<i128> {
    let mut loads = vec![0_i128; instance.officer_count()];
    let mut sum = 0_i128;
    for (unit, officer) in instance.unit_indices().zip(unit_officers) {
        match officer {
            Some(officer) => {
                let pair = instance.pair(unit, *officer)?;
                sum += i128::from(pair.cost);
                loads[officer.get()] += i128::from(pair.weight_points);
            }
            None => sum += i128::from(instance.unit(unit).waiting_price?),
        }
    }
    for (limits, load) in instance.limits().iter().zip(loads) {
        let mut slope = 0_i128;
        for segment in &limits.balance {
            let step = i128::from(segment.slope) - slope;
            slope += step;
            sum += step * (load - i128::from(segment.from_points)).max(0);
        }
    }
    Some(sum)
}

/// The bound that a proof gives: no allocation of this problem costs less (or leaves fewer children without an officer).
///
/// For prices p, q, r, h >= 0 of points, cases, new cases and handovers: sum over units of the cheapest option at these
/// prices, plus sum over officers of the least of f(y) - p y over 0 <= y <= P, minus q K + r N, minus h H; rounded up,
/// since objectives are integers. One pass over the pairs, in 128 bits.
///
/// # Errors
/// [`InvalidProof`], where the proof has the wrong shape, a negative price, or a price on a limit that does not exist.
pub fn price_bound(instance: &Instance, proof: &Proof, measure: Measure) -> Result<i64, InvalidProof> {
    rounded_bound(scaled_price_bound(instance, proof, measure)?)
}

/// A bound in units of 1/2^16, rounded up: sound because every objective is a whole number of prices.
///
/// # Errors
/// [`InvalidProof::TooHigh`].
pub fn rounded_bound(scaled: i128) -> Result<i64, InvalidProof> {
    let scale = i128::from(PROOF_SCALE);
    let rounded = scaled.div_euclid(scale) + i128::from(scaled.rem_euclid(scale) != 0);
    i64::try_from(rounded.max(0)).map_err(|_| InvalidProof::TooHigh { bound: rounded })
}

/// The same bound before rounding, in units of 1/2^16; it may be below 0.
///
/// # Errors
/// As [`price_bound`].
pub fn scaled_price_bound(instance: &Instance, proof: &Proof, measure: Measure) -> Result<i128, InvalidProof> {
    check_prices(instance, proof)?;
    let pieces = in_pieces(instance, |units| {
        let least = |unit| option_prices(instance, proof, measure, unit).min().ok_or(InvalidProof::NoOption { unit });
        units.map(least).sum::<Result<i128, _>>()
    });
    pieces.into_iter().try_fold(limits_part(instance, proof, measure), |sum, piece| Ok(sum + piece?))
}

/// What the limits add to the bound: the least of f(y) - p y, minus the other prices times their limits.
fn limits_part(instance: &Instance, proof: &Proof, measure: Measure) -> i128 {
    let of = |(prices, limits): (&OfficerPrices, &Limits)| {
        least_of_balance(limits, i128::from(prices.point), measure)
            - i128::from(prices.case) * i128::from(limits.case_limit.unwrap_or(0))
            - i128::from(prices.new_case) * i128::from(limits.intake_limit.unwrap_or(0))
    };
    proof.officers.iter().zip(instance.limits()).map(of).sum::<i128>()
        - i128::from(proof.handover) * i128::from(instance.handover_limit().unwrap_or(0))
}

/// The same work on every piece of the units, on all cores: sums of integers do not depend on who adds them up.
fn in_pieces<T: Send>(instance: &Instance, work: impl Fn(UnitRange) -> T + Sync) -> Vec<T> {
    let count = instance.units().len();
    let threads = if count > UNITS_PER_PIECE { threads::cores() } else { 1 };
    threads::map(threads, count.div_ceil(UNITS_PER_PIECE), |piece| {
        work((piece * UNITS_PER_PIECE..count.min((piece + 1) * UNITS_PER_PIECE)).map(UnitIndex::new))
    })
}

/// Units that follow each other.
type UnitRange = std::iter::Map<std::ops::Range<usize>, fn(usize) -> UnitIndex>;

/// One price an officer and kind, 0 or more, and none on a limit that does not exist.
fn check_prices(instance: &Instance, proof: &Proof) -> Result<(), InvalidProof> {
    let (found, expected) = (proof.officers.len(), instance.officer_count());
    if found != expected {
        return Err(InvalidProof::Officers { found, expected });
    }
    for (position, (prices, limits)) in proof.officers.iter().zip(instance.limits()).enumerate() {
        let officer = OfficerIndex::new(position);
        let OfficerPrices { point, case, new_case } = *prices;
        let priced = [
            ("point", point, limits.load_limit),
            ("case", case, limits.case_limit),
            ("new case", new_case, limits.intake_limit),
        ];
        for (what, price, limit) in priced {
            if price < 0 {
                return Err(InvalidProof::Negative { officer, what, price });
            }
            if price > 0 && limit.is_none() {
                return Err(InvalidProof::NoLimit { officer, what });
            }
        }
    }
    if proof.handover < 0 || (proof.handover > 0 && instance.handover_limit().is_none()) {
        return Err(InvalidProof::Handover { price: proof.handover });
    }
    Ok(())
}

/// Price, at the proof's prices, of everything that may happen to a unit: each pair, then waiting.
fn option_prices<'a>(
    instance: &'a Instance,
    proof: &'a Proof,
    measure: Measure,
    unit_index: UnitIndex,
) -> impl Iterator<Item = i128> + 'a {
    let unit = instance.unit(unit_index);
    let pairs = instance.pairs(unit_index).map(move |pair| pair_price(unit, &pair, proof, measure));
    pairs.chain(waiting_price(unit, proof, measure))
}

fn pair_price(unit: &Unit, pair: &EligiblePair, proof: &Proof, measure: Measure) -> i128 {
    let prices = &proof.officers[pair.officer.get()];
    let cost = match measure {
        Measure::Price => pair.cost,
        Measure::Children => 0,
    };
    sum_of_products([
        (PROOF_SCALE, cost),
        (prices.point, i64::from(pair.weight_points)),
        (prices.case, i64::from(unit.case_count)),
        (prices.new_case, i64::from(pair.new_case_count)),
        (proof.handover, i64::from(pair.handover_count)),
    ])
}

/// `None` = the unit may not wait.
fn waiting_price(unit: &Unit, proof: &Proof, measure: Measure) -> Option<i128> {
    let price = unit.waiting_price?;
    let price = match measure {
        Measure::Price => price,
        Measure::Children => i64::from(unit.child_count),
    };
    Some(sum_of_products([(PROOF_SCALE, price), (proof.handover, i64::from(unit.release_count))]))
}

fn sum_of_products<const N: usize>(terms: [(i64, i64); N]) -> i128 {
    terms.iter().map(|&(a, b)| i128::from(a) * i128::from(b)).sum()
}

/// Least of f(y) - p y over 0 <= y <= P, which a convex f takes at a kink or an end.
fn least_of_balance(limits: &Limits, point_price: i128, measure: Measure) -> i128 {
    let Some(limit) = limits.load_limit.or(limits.balance.last().map(|segment| segment.from_points)) else { return 0 };
    let scale = i128::from(PROOF_SCALE);
    let balance = |load: i64| match measure {
        Measure::Price => scale * i128::from(limits.balance_price(load)),
        Measure::Children => 0,
    };
    let kinks = limits.balance.iter().map(|segment| segment.from_points.clamp(0, limit));
    kinks
        .chain([0, limit])
        .map(|load| balance(load) - point_price * i128::from(load))
        .min()
        .expect("at least the two ends")
}

/// objective - price bound (before rounding), item by item. Each item is >= 0.
///
/// ```text
/// objective - bound = sum over units of (chosen option - cheapest option, at the prices)          regrets
///                   + sum over officers of f(L) - p L - min over y of (f(y) - p y)               room in points
///                   + sum over officers of q (K - cases) + r (N - new cases) + h (H - handovers)  other room
/// ```
///
/// `None` = a unit is with an officer who may not hold it, or the proof does not fit the instance. One pass over the
/// pairs.
#[must_use]
pub fn gap_items(instance: &Instance, unit_officers: &[Option<OfficerIndex>], proof: &Proof) -> Option<GapItems> {
    bound_and_gap_items(instance, unit_officers, proof).map(|(_, items)| items)
}

/// The price bound before rounding, and what it lacks to the objective, item by item, in the same pass.
fn bound_and_gap_items(
    instance: &Instance,
    unit_officers: &[Option<OfficerIndex>],
    proof: &Proof,
) -> Option<(i128, GapItems)> {
    check_prices(instance, proof).ok()?;
    if unit_officers.len() != instance.units().len() {
        return None;
    }
    let nothing = || (0_i128, vec![Held::default(); instance.officer_count()], Held::default());
    let pieces = in_pieces(instance, |units| {
        let (mut sum, mut held, mut waiting) = nothing();
        for unit_index in units {
            let unit = instance.unit(unit_index);
            let least = option_prices(instance, proof, Measure::Price, unit_index).min()?;
            sum += least;
            let Some(officer) = unit_officers[unit_index.get()] else {
                waiting.regret += waiting_price(unit, proof, Measure::Price)? - least;
                waiting.handovers += i128::from(unit.release_count);
                continue;
            };
            let pair = instance.pair(unit_index, officer)?;
            let with = &mut held[officer.get()];
            with.regret += pair_price(unit, &pair, proof, Measure::Price) - least;
            with.points += i64::from(pair.weight_points);
            with.cases += i64::from(unit.case_count);
            with.new_cases += i64::from(pair.new_case_count);
            with.handovers += i128::from(pair.handover_count);
        }
        Some((sum, held, waiting))
    });
    let (mut sum, mut held, mut waiting) = nothing();
    for piece in pieces {
        let (piece_sum, piece_held, piece_waiting) = piece?;
        sum += piece_sum;
        held.iter_mut().zip(piece_held).for_each(|(sum, part)| sum.add(part));
        waiting.add(piece_waiting);
    }
    let handovers = waiting.handovers + held.iter().map(|held| held.handovers).sum::<i128>();
    let officers = instance.limits().iter().zip(&proof.officers).zip(held).map(|((limits, prices), held)| {
        let left = |price: i64, limit: Option<i64>, used: i64| {
            whole(i128::from(price) * i128::from(limit.unwrap_or(0) - used))
        };
        OfficerGap {
            regret: whole(held.regret),
            point: whole(
                i128::from(PROOF_SCALE) * i128::from(limits.balance_price(held.points))
                    - i128::from(prices.point) * i128::from(held.points)
                    - least_of_balance(limits, i128::from(prices.point), Measure::Price),
            ),
            case: left(prices.case, limits.case_limit, held.cases),
            new_case: left(prices.new_case, limits.intake_limit, held.new_cases),
        }
    });
    let items = GapItems {
        officers: officers.collect(),
        waiting_regret: whole(waiting.regret),
        handover: whole(i128::from(proof.handover) * (i128::from(instance.handover_limit().unwrap_or(0)) - handovers)),
    };
    Some((sum + limits_part(instance, proof, Measure::Price), items))
}

/// In 64 bits, or at their end.
fn whole(item: i128) -> i64 {
    i64::try_from(item).unwrap_or(if item < 0 { i64::MIN } else { i64::MAX })
}

/// What an officer holds, or what waits.
#[derive(Clone, Copy, Default)]
struct Held {
    regret: i128,
    points: i64,
    cases: i64,
    new_cases: i64,
    handovers: i128,
}

impl Held {
    fn add(&mut self, other: Self) {
        self.regret += other.regret;
        self.points += other.points;
        self.cases += other.cases;
        self.new_cases += other.new_cases;
        self.handovers += other.handovers;
    }
}

/// The items are what is said of them, and add up to objective - bound, as they must: a check of the checker and of the
/// solver at once. `None` = no fault.
#[must_use]
pub fn identity_fault(
    instance: &Instance,
    unit_officers: &[Option<OfficerIndex>],
    proof: &Proof,
    said: &GapItems,
) -> Option<String> {
    // What is wrong with the prices themselves is reported by `bound_faults`.
    let (bound, items) = bound_and_gap_items(instance, unit_officers, proof)?;
    let difference = i128::from(PROOF_SCALE) * objective(instance, unit_officers)? - bound;
    if items != *said {
        return Some("the items of objective - bound are not what the answer says".to_owned());
    }
    let is_cut_off =
        items.officers.iter().any(|gap| [gap.regret, gap.point, gap.case, gap.new_case].contains(&i64::MAX));
    let sum = items.sum();
    (difference != sum && !is_cut_off)
        .then(|| format!("objective - bound is {difference}/65536, but its items add up to {sum}/65536"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_of_products_are_exact_within_64_bits_and_beyond() {
        for terms in [
            [(3, 4), (5, 6), (-7, 1)],
            [(i64::MAX, 1), (1, 1), (0, 0)],
            [(i64::MAX, i64::MAX), (i64::MAX, i64::MAX), (-1, 1)],
            [(i64::MIN, i64::MAX), (i64::MAX, 2), (1, -1)],
            // The products fit, and not all sums on the way.
            [(i64::MAX, 1), (i64::MAX, 1), (i64::MIN, 1)],
        ] {
            let expected: i128 = terms.iter().map(|&(a, b)| i128::from(a) * i128::from(b)).sum();
            assert_eq!(sum_of_products(terms), expected, "{terms:?}");
        }
    }
}
