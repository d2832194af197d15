//! The bound that officer prices prove, and the identity that ties it to an answer: mathematics on numbers alone.

use crate::model::{Instance, Limits, OfficerIndex, OfficerPrices, PROOF_SCALE, Proof, UnitIndex};

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
/// For prices p, q, r, h >= 0 of points, cases, new cases and handovers:
/// sum over units of the cheapest option at these prices, plus sum over officers of the least of f(y) - p y over
/// 0 <= y <= P, minus q K + r N, minus h H; rounded up, since objectives are integers. One pass over the pairs, in 128 bits.
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
    let mut sum = 0_i128;
    for (prices, limits) in proof.officers.iter().zip(instance.limits()) {
        sum += least_of_balance(limits, i128::from(prices.point), measure);
        sum -= i128::from(prices.case) * i128::from(limits.case_limit.unwrap_or(0));
        sum -= i128::from(prices.new_case) * i128::from(limits.intake_limit.unwrap_or(0));
    }
    sum -= i128::from(proof.handover) * i128::from(instance.handover_limit().unwrap_or(0));
    for unit in instance.unit_indices() {
        sum += option_prices(instance, proof, measure, unit).min().ok_or(InvalidProof::NoOption { unit })?;
    }
    Ok(sum)
}

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
    let scale = i128::from(PROOF_SCALE);
    let waiting = unit.waiting_price.map(|price| {
        let price = match measure {
            Measure::Price => price,
            Measure::Children => i64::from(unit.child_count),
        };
        scale * i128::from(price) + i128::from(proof.handover) * i128::from(unit.release_count)
    });
    let pairs = instance.pairs(unit_index).map(move |pair| {
        let prices = &proof.officers[pair.officer.get()];
        let cost = match measure {
            Measure::Price => pair.cost,
            Measure::Children => 0,
        };
        scale * i128::from(cost)
            + i128::from(prices.point) * i128::from(pair.weight_points)
            + i128::from(prices.case) * i128::from(unit.case_count)
            + i128::from(prices.new_case) * i128::from(pair.new_case_count)
            + i128::from(proof.handover) * i128::from(pair.handover_count)
    });
    pairs.chain(waiting)
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

/// objective - price bound (before rounding) = regrets of the chosen options + prices times the slack of case count,
/// intake and handovers + sum over officers of f(L) - p L - min over y of (f(y) - p y). Each term is >= 0.
pub(super) fn identity_fault(instance: &Instance, unit_officers: &[Option<OfficerIndex>], proof: &Proof) -> Option<String> {
    let scale = i128::from(PROOF_SCALE);
    if proof.officers.len() != instance.officer_count() {
        return None; // reported by `bound_faults`
    }
    let mut points = vec![0_i64; instance.officer_count()];
    let mut counts = vec![0_i64; instance.officer_count()];
    let mut new_counts = vec![0_i64; instance.officer_count()];
    let (mut handovers, mut terms, mut bound) = (0_i64, 0_i128, 0_i128);
    for (unit_index, officer) in instance.unit_indices().zip(unit_officers) {
        let unit = instance.unit(unit_index);
        let least = option_prices(instance, proof, Measure::Price, unit_index).min()?;
        let position = match officer {
            Some(officer) => instance.position_of(unit_index, *officer)?,
            None => instance.pair_count_of(unit_index),
        };
        let chosen = option_prices(instance, proof, Measure::Price, unit_index).nth(position)?;
        terms += chosen - least;
        bound += least;
        match officer {
            Some(officer) => {
                let pair = instance.pair_at(unit_index, position);
                points[officer.get()] += i64::from(pair.weight_points);
                counts[officer.get()] += i64::from(unit.case_count);
                new_counts[officer.get()] += i64::from(pair.new_case_count);
                handovers += i64::from(pair.handover_count);
            }
            None => handovers += i64::from(unit.release_count),
        }
    }
    for (position, limits) in instance.limits().iter().enumerate() {
        let prices = &proof.officers[position];
        let least = least_of_balance(limits, i128::from(prices.point), Measure::Price);
        let load = points[position];
        terms += scale * i128::from(limits.balance_price(load)) - i128::from(prices.point) * i128::from(load) - least;
        terms += i128::from(prices.case) * i128::from(limits.case_limit.unwrap_or(0) - counts[position]);
        terms += i128::from(prices.new_case) * i128::from(limits.intake_limit.unwrap_or(0) - new_counts[position]);
        bound += least - i128::from(prices.case) * i128::from(limits.case_limit.unwrap_or(0));
        bound -= i128::from(prices.new_case) * i128::from(limits.intake_limit.unwrap_or(0));
    }
    let handover_limit = i128::from(instance.handover_limit().unwrap_or(0));
    terms += i128::from(proof.handover) * (handover_limit - i128::from(handovers));
    bound -= i128::from(proof.handover) * handover_limit;
    let difference = scale * objective(instance, unit_officers)? - bound;
    (difference != terms)
        .then(|| format!("objective - bound is {difference}/65536, but its terms add up to {terms}/65536"))
}
