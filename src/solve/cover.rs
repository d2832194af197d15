//! How much more room is needed so that everything is held: the covering model behind "how many officers" and "which cap".
//!
//! ```text
//! minimise   sum_v cost_v x_v                                            x whole
//! subject to sum_k y_ck = units of class c                               y >= 0, over the holders k that may hold c
//!            sum_c points_ck y_ck <= fixed points_k + sum_v more_kv x_v  for each holder k with a points cap
//!            sum_c cases_c   y_ck <= fixed cases_k  + sum_v more_kv x_v  for each holder k with a case-count cap
//! ```
//!
//! Where no x is enough, z_c units of class c are left out, at a cost above that of any room for them:
//! sum_k y_ck + z_c = units of class c.
//!
//! Units are alike in a class, and parts of units may be given out here: whoever gives out whole units needs at least as
//! much.
//!
//! **The bound**, for any whole prices p, q >= 0 of holders' points and cases. With u_c the least of
//! p_k points_ck + q_k cases_c over its holders:
//!
//! ```text
//! sum_c u_c units_c - sum_k (p_k fixed points_k + q_k fixed cases_k) <= sum_v x_v sum_k (p_k more points_kv + q_k more cases_kv)
//! ```
//!
//! So where one x_v gives room worth L_v at these prices, sum cost_v x_v >= left side times the least cost_v / L_v; and
//! where no x gives any room and the left side is above 0, nothing is enough. Everything is summed in 128 bits; HiGHS
//! only proposes the prices.

use super::{budget::Budget, milp};

/// A price of HiGHS's duals, scaled so that the largest is this.
pub(super) const PRICE_TOP: i64 = 1 << 30;
/// Room per variable is counted in hundredths, so that part-time shares stay exact.
pub(crate) const HUNDREDTHS: i64 = 100;

/// Units that are alike in who may hold them and what they weigh.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Class {
    /// How many, at least 1.
    pub(crate) unit_count: i64,
    /// Cases of each.
    pub(crate) case_count: i64,
    /// Position of a holder, and the points of one unit with it; at least one, by position.
    pub(crate) options: Vec<(usize, i64)>,
}

/// Room of one kind: what there is, and what one more of a variable adds, in hundredths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Room {
    pub(crate) fixed: i64,
    pub(crate) more_hundredths: i64,
}

/// An officer, officers who are alike, or officers who could be hired. `None` = no such cap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Holder {
    pub(crate) points: Option<Room>,
    pub(crate) cases: Option<Room>,
    /// Whose variable adds to the room; `None` = no variable does.
    pub(crate) variable: Option<usize>,
}

/// The model.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cover {
    pub(crate) classes: Vec<Class>,
    pub(crate) holders: Vec<Holder>,
    /// Cost of one of each variable, at least 1.
    pub(crate) costs: Vec<i64>,
}

/// Prices of one holder's points and cases, 0 or more, in units that do not matter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct RoomPrices {
    pub(crate) point: i64,
    pub(crate) case: i64,
}

/// What is proved of the least cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AtLeast {
    /// No less is enough.
    Cost(i64),
    /// Nothing is enough.
    Impossible,
}

/// What HiGHS proposes: nothing of it is believed but what is recomputed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Proposed {
    /// Of each variable; `None` = none was found.
    pub(crate) counts: Option<Vec<i64>>,
    /// The least cost, as HiGHS claims it.
    pub(crate) claimed: Option<i64>,
    /// Units of each class that nothing makes room for, rounded up: where any is left out, the rest is a model of its own.
    pub(crate) left_out: Vec<i64>,
    /// Prices for the bound.
    pub(crate) prices: Vec<RoomPrices>,
    /// Whole units of each class by option, near what the model with parts of units says: somewhere to start to give them out from.
    pub(crate) spread: Vec<Vec<i64>>,
}

/// Whole parts of a total near these, whose sum is about it: rounded down, then one more each for those that lost most.
pub(super) fn whole_parts(parts: &[f64], total: i64) -> Vec<i64> {
    #[expect(clippy::cast_possible_truncation, reason = "parts of a number of units")]
    let mut whole: Vec<i64> = parts.iter().map(|part| part.max(0.0).floor() as i64).collect();
    let mut by_loss: Vec<usize> = (0..parts.len()).collect();
    by_loss.sort_by(|&a, &b| parts[b].fract().total_cmp(&parts[a].fract()).then(a.cmp(&b)));
    let mut left = total - whole.iter().sum::<i64>();
    for at in by_loss.into_iter().take(usize::try_from(left).unwrap_or(0)) {
        whole[at] += 1;
        left -= 1;
    }
    // Floats that add up to more.
    for count in whole.iter_mut().rev() {
        let less = (-left).clamp(0, *count);
        *count -= less;
        left += less;
    }
    whole
}

/// Largest model that HiGHS is asked: options of all classes.
const OPTIONS_MAX: usize = 500_000;

/// Asks HiGHS for counts and prices. `None` = it has no answer: too large, out of time, or failed.
pub(crate) fn propose(cover: &Cover, budget: &Budget) -> Option<Proposed> {
    let options: usize = cover.classes.iter().map(|class| class.options.len()).sum();
    if options > OPTIONS_MAX {
        return None;
    }
    milp::cover(cover, budget)
}

/// The bound of these prices: O(options), in 128 bits.
pub(crate) fn at_least(cover: &Cover, prices: &[RoomPrices]) -> AtLeast {
    if prices.len() != cover.holders.len() || prices.iter().any(|price| price.point < 0 || price.case < 0) {
        return AtLeast::Cost(0);
    }
    let mut need = 0_i128;
    for class in &cover.classes {
        let worth = |&(holder, points): &(usize, i64)| {
            let (at, prices) = (&cover.holders[holder], &prices[holder]);
            let of =
                |price: i64, use_: i64, room: Option<Room>| room.map_or(0, |_| i128::from(price) * i128::from(use_));
            of(prices.point, points, at.points) + of(prices.case, class.case_count, at.cases)
        };
        need += i128::from(class.unit_count) * class.options.iter().map(worth).min().unwrap_or(0);
    }
    let mut more = vec![0_i128; cover.costs.len()];
    for (holder, prices) in cover.holders.iter().zip(prices) {
        for (price, room) in [(prices.point, holder.points), (prices.case, holder.cases)] {
            let Some(room) = room else { continue };
            need -= i128::from(price) * i128::from(room.fixed);
            if let Some(variable) = holder.variable {
                more[variable] += i128::from(price) * i128::from(room.more_hundredths);
            }
        }
    }
    if need <= 0 {
        return AtLeast::Cost(0);
    }
    // The least over the variables of need x cost / worth: the one whose room is cheapest at these prices.
    let cheapest = more.iter().zip(&cover.costs).filter(|(more, _)| **more > 0).map(|(more, &cost)| {
        let dividend = need * i128::from(HUNDREDTHS) * i128::from(cost);
        dividend.div_euclid(*more) + i128::from(dividend.rem_euclid(*more) != 0)
    });
    match cheapest.min() {
        Some(cost) => AtLeast::Cost(i64::try_from(cost).unwrap_or(i64::MAX)),
        None => AtLeast::Impossible,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::solve::test_dice::Dice;

    fn room(fixed: i64, more: i64) -> Option<Room> {
        Some(Room { fixed, more_hundredths: more * HUNDREDTHS })
    }

    /// 10 units of 3 points; an officer with room for 6 points, and hires with room for 7 points and 2 cases each.
    fn small() -> Cover {
        Cover {
            classes: vec![Class { unit_count: 10, case_count: 1, options: vec![(0, 3), (1, 3)] }],
            holders: vec![
                Holder { points: room(6, 0), cases: None, variable: None },
                Holder { points: room(0, 7), cases: room(0, 2), variable: Some(0) },
            ],
            costs: vec![1],
        }
    }

    #[test]
    fn any_prices_give_a_bound_and_good_ones_a_good_one() {
        let cover = small();
        let price = |point, case| RoomPrices { point, case };
        for (prices, expected) in [
            ([price(0, 0), price(0, 0)], 0),
            // 30 points, 6 of them with the officer: 24 / 7.
            ([price(1, 0), price(1, 0)], 4),
            // 8 units beside those of the officer, 2 a hire: a unit is worth 3 points of the officer.
            ([price(1, 0), price(0, 3)], 4),
            ([price(1, 9), price(0, 3)], 4),
            ([price(-1, 0), price(1, 0)], 0),
        ] {
            assert_eq!(at_least(&cover, &prices), AtLeast::Cost(expected), "{prices:?}");
        }
        assert_eq!(at_least(&cover, &[]), AtLeast::Cost(0));
    }

    #[test]
    fn where_nobody_can_be_hired_nothing_is_enough() {
        let mut cover = small();
        cover.classes[0].options.truncate(1);
        let prices = [RoomPrices { point: 1, case: 0 }, RoomPrices::default()];
        assert_eq!(at_least(&cover, &prices), AtLeast::Impossible);
    }

    #[test]
    fn parts_are_rounded_so_that_nothing_is_lost() {
        for (parts, total, expected) in [
            (&[1.5, 0.25, 3.25][..], 5, [2, 0, 3]),
            (&[0.99, 0.99, 0.02][..], 2, [1, 1, 0]),
            (&[2.0, 0.0, 3.0][..], 4, [2, 0, 2]),
            (&[-1e-9, 0.0, 3.0][..], 3, [0, 0, 3]),
        ] {
            assert_eq!(whole_parts(parts, total), expected, "{parts:?} of {total}");
        }
    }

    #[test]
    fn highs_proposes_what_its_prices_prove() {
        let cover = small();
        let found = propose(&cover, &Budget::default()).unwrap();
        assert_eq!((found.counts, found.claimed), (Some(vec![4]), Some(4)));
        assert_eq!(found.spread, [[2, 8]], "2 units fit with the officer");
        assert_eq!(at_least(&cover, &found.prices), AtLeast::Cost(4));
    }

    /// No prices, HiGHS's or drawn, prove more than the true optimum of whole units, which a full search knows.
    #[test]
    fn no_bound_is_above_the_optimum_of_whole_units() {
        for seed in 0..200 {
            let mut dice = Dice::new(seed);
            let cover = Cover {
                classes: (0..3)
                    .map(|_| Class {
                        unit_count: dice.below(3) + 1,
                        case_count: 1,
                        options: vec![(0, dice.below(4) + 1), (1, dice.below(4) + 1)],
                    })
                    .collect(),
                holders: vec![
                    Holder { points: room(dice.below(6), 0), cases: room(2, 0), variable: None },
                    Holder { points: room(0, dice.below(4) + 4), cases: room(0, 3), variable: Some(0) },
                ],
                costs: vec![1],
            };
            let optimum = (0..20).find(|&count| packs(&cover, count)).unwrap();
            let found = propose(&cover, &Budget::default()).unwrap();
            let AtLeast::Cost(bound) = at_least(&cover, &found.prices) else { panic!("it is possible") };
            assert!(bound <= optimum && found.claimed.unwrap() <= optimum, "seed {seed}: {bound} {optimum}");
            assert!(found.claimed.unwrap() - 1 <= bound, "seed {seed}: the prices are those of the relaxation");
            let drawn = [0, 1].map(|_| RoomPrices { point: dice.below(5), case: dice.below(5) });
            let AtLeast::Cost(bound) = at_least(&cover, &drawn) else { panic!("it is possible, or prices nothing") };
            assert!(bound <= optimum, "seed {seed}: {drawn:?} {bound} {optimum}");
        }
    }

    /// Whole units fit into the officer and so many hires: every way is tried.
    fn packs(cover: &Cover, count: i64) -> bool {
        let units: Vec<&Class> =
            cover.classes.iter().flat_map(|class| (0..class.unit_count).map(move |_| class)).collect();
        let cap = |room: Option<Room>| room.map_or(0, |room| room.fixed + room.more_hundredths / HUNDREDTHS);
        let mut rooms = vec![(0, cap(cover.holders[0].points), cap(cover.holders[0].cases))];
        let hired = &cover.holders[1];
        rooms.extend((0..count).map(|_| (1, cap(hired.points), cap(hired.cases))));
        place(&units, &mut rooms)
    }

    fn place(units: &[&Class], rooms: &mut Vec<(usize, i64, i64)>) -> bool {
        let Some((unit, rest)) = units.split_first() else { return true };
        for at in 0..rooms.len() {
            let (kind, points, cases) = rooms[at];
            // Hires without anything are alike: one of them is tried.
            if kind == 1 && at > 1 && rooms[at - 1] == rooms[at] {
                continue;
            }
            let weight = unit.options[kind].1;
            if points >= weight && cases >= 1 {
                rooms[at] = (kind, points - weight, cases - 1);
                if place(rest, rooms) {
                    return true;
                }
                rooms[at] = (kind, points, cases);
            }
        }
        false
    }
}
