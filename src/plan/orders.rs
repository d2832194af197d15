//! One officer's dated work over weeks, done in a stated order. Pure functions of (due week, first week, effort in points).
//!
//! Work is spread: a week's points go to the first obligations of the order, and an obligation that is not finished goes on next week. An obligation is
//! in time if it is finished in the week of its last day or before. No order is the best one in general:
//!
//! - earliest due date first minimises the worst lateness, also where work comes later, since work can be interrupted (Horn 1974);
//! - Moore and Hodgson's minimises the number late of what is there at the time, made anew each week; what comes later may make
//!   another choice the better one;
//! - first come first served minimises neither.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BinaryHeap},
};

/// An obligation that is to be worked on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Work {
    /// The week of its last day; below 0 = it is late from the beginning.
    pub(super) due_week: i32,
    /// The week it came: work can be done from then on, and not before week 0.
    pub(super) came_week: i32,
    /// Points, at least 0.
    pub(super) points: i64,
}

/// The order in which an officer works.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Order {
    /// Earliest due date first: minimises the worst lateness.
    EarliestDue,
    /// Moore and Hodgson's: minimises the number late of what is open, without what comes later.
    FewestLate,
    /// First come first served.
    FirstCome,
}

impl Order {
    /// All orders, in which they are told.
    pub const ALL: [Self; 3] = [Self::EarliestDue, Self::FewestLate, Self::FirstCome];

    /// The code used in files: `earliest_due`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::EarliestDue => "earliest_due",
            Self::FewestLate => "fewest_late",
            Self::FirstCome => "first_come",
        }
    }

    /// What a manager reads.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::EarliestDue => "earliest due date first (least worst lateness)",
            Self::FewestLate => "Moore-Hodgson (fewest late of what is open, without later arrivals)",
            Self::FirstCome => "first come first served",
        }
    }
}

/// The week in which each obligation is finished; `None` = not within these weeks. O(n log n + weeks) for the orders that sort, O(weeks x open log
/// open) for Moore and Hodgson's, where open is what is there and not late.
pub(super) fn finished(order: Order, works: &[Work], weekly_points: &[i64]) -> Vec<Option<u32>> {
    match order {
        Order::EarliestDue => by_key(works, weekly_points, |work| (work.due_week, work.came_week)),
        Order::FirstCome => by_key(works, weekly_points, |work| (work.came_week, work.due_week)),
        Order::FewestLate => fewest_late(works, weekly_points),
    }
}

/// Positions by the week from which work can be done on them, the last first.
fn arrivals(works: &[Work]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..works.len()).collect();
    order.sort_by_key(|&at| Reverse((works[at].came_week.max(0), at)));
    order
}

fn by_key(works: &[Work], weekly_points: &[i64], key: impl Fn(&Work) -> (i32, i32)) -> Vec<Option<u32>> {
    let mut done = vec![None; works.len()];
    let mut left: Vec<i64> = works.iter().map(|work| work.points).collect();
    let mut coming = arrivals(works);
    let mut open = BinaryHeap::new();
    for (week, &points) in (0..).zip(weekly_points) {
        take_in(&mut coming, works, week, |at| open.push(Reverse((key(&works[at]), at))));
        let mut points = points;
        while let Some(&Reverse((_, at))) = open.peek() {
            if !give(&mut points, &mut left[at]) {
                break;
            }
            done[at] = Some(week);
            open.pop();
        }
    }
    done
}

fn fewest_late(works: &[Work], weekly_points: &[i64]) -> Vec<Option<u32>> {
    let mut done = vec![None; works.len()];
    let mut left: Vec<i64> = works.iter().map(|work| work.points).collect();
    let mut coming = arrivals(works);
    let room = Room::new(weekly_points);
    // What can still be in time, by due week; and what is late, by when it came.
    let mut in_time: BTreeMap<(i32, usize), ()> = BTreeMap::new();
    let mut late: BTreeMap<(i32, usize), ()> = BTreeMap::new();
    for (week, &points) in (0..).zip(weekly_points) {
        let now = i32::try_from(week).unwrap_or(i32::MAX);
        take_in(&mut coming, works, week, |at| {
            in_time.insert((works[at].due_week, at), ());
        });
        while let Some((&(due, at), ())) = in_time.first_key_value().filter(|((due, _), ())| *due < now) {
            in_time.remove(&(due, at));
            late.insert((works[at].came_week, at), ());
        }
        let (kept, put_off) = keep_most(in_time.keys().map(|&(_, at)| at), works, &left, week, &room);
        let mut points = points;
        let then = put_off.into_iter().map(|at| (works[at].came_week, at)).chain(late.keys().copied());
        // Longest there first among what is late and what will be.
        let mut then: Vec<(i32, usize)> = then.collect();
        then.sort_unstable();
        for at in kept.into_iter().chain(then.into_iter().map(|(_, at)| at)) {
            if !give(&mut points, &mut left[at]) {
                break;
            }
            done[at] = Some(week);
            in_time.remove(&(works[at].due_week, at));
            late.remove(&(works[at].came_week, at));
        }
    }
    done
}

/// Moore and Hodgson: in order of due weeks, each is taken in, and where they do not all fit by the day, the longest taken so far is put
/// off. The two lists: what is kept, by due week, and what is put off.
fn keep_most(
    open: impl Iterator<Item = usize>,
    works: &[Work],
    left: &[i64],
    week: u32,
    room: &Room,
) -> (Vec<usize>, Vec<usize>) {
    let mut longest: BinaryHeap<(i64, usize)> = BinaryHeap::new();
    let (mut total, mut put_off) = (0, Vec::new());
    let mut order = Vec::new();
    for at in open {
        order.push(at);
        longest.push((left[at], at));
        total += left[at];
        if total > room.until(week, works[at].due_week)
            && let Some((points, out)) = longest.pop()
        {
            total -= points;
            put_off.push(out);
        }
    }
    put_off.sort_unstable();
    order.retain(|at| put_off.binary_search(at).is_err());
    (order, put_off)
}

/// Points of several weeks.
struct Room {
    /// Points of all weeks before each; beyond the last, the last goes on.
    before: Vec<i64>,
    last: i64,
}

impl Room {
    fn new(weekly_points: &[i64]) -> Self {
        let mut before = vec![0];
        for &points in weekly_points {
            before.push(before[before.len() - 1] + points);
        }
        Self { before, last: weekly_points.last().copied().unwrap_or(0) }
    }

    /// Points from the beginning of a week to the end of another.
    fn until(&self, week: u32, last_week: i32) -> i64 {
        let end = usize::try_from(i64::from(last_week) + 1).unwrap_or(0);
        let known = end.min(self.before.len() - 1);
        self.before[known] + (end - known) as i64 * self.last - self.before[(week as usize).min(self.before.len() - 1)]
    }
}

fn take_in(coming: &mut Vec<usize>, works: &[Work], week: u32, mut open: impl FnMut(usize)) {
    while let Some(&at) = coming.last().filter(|&&at| i64::from(works[at].came_week) <= i64::from(week)) {
        coming.pop();
        open(at);
    }
}

/// Gives points to an obligation; true = it is finished.
fn give(points: &mut i64, left: &mut i64) -> bool {
    let given = (*points).min(*left);
    *points -= given;
    *left -= given;
    *left == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::draws::Draws;

    fn works(list: &[(i32, i32, i64)]) -> Vec<Work> {
        list.iter().map(|&(due_week, came_week, points)| Work { due_week, came_week, points }).collect()
    }

    fn late(works: &[Work], done: &[Option<u32>]) -> usize {
        works
            .iter()
            .zip(done)
            .filter(|(work, done)| done.is_none_or(|done| i64::from(done) > work.due_week.into()))
            .count()
    }

    fn worst(works: &[Work], done: &[Option<u32>], weeks: usize) -> i64 {
        let lateness =
            |(work, done): (&Work, &Option<u32>)| done.map_or(weeks as i64, i64::from) - i64::from(work.due_week);
        works.iter().zip(done).map(lateness).max().unwrap_or(0)
    }

    /// What comes of doing all in that order, one after the other.
    fn in_turn(works: &[Work], order: &[usize], weekly: &[i64]) -> Vec<Option<u32>> {
        let ranked: Vec<Work> = works
            .iter()
            .enumerate()
            .map(|(at, work)| {
                let rank = order.iter().position(|&next| next == at).unwrap();
                Work { due_week: i32::try_from(rank).unwrap(), came_week: 0, ..*work }
            })
            .collect();
        by_key(&ranked, weekly, |work| (work.due_week, 0))
    }

    fn permutations(count: usize) -> Vec<Vec<usize>> {
        if count == 0 {
            return vec![Vec::new()];
        }
        let shorter = permutations(count - 1);
        let with = |order: &Vec<usize>, at: usize| [&order[..at], &[count - 1], &order[at..]].concat();
        shorter.iter().flat_map(|order| (0..count).map(move |at| with(order, at))).collect()
    }

    #[test]
    fn each_order_is_what_it_says_against_all_permutations() {
        let orders = permutations(6);
        assert_eq!(orders.len(), 720);
        let mut improved = 0;
        for turn in 0..60 {
            let draws = Draws::new(turn);
            let number = |position: u64, limit: u64| i64::try_from(draws.of(position).below(limit)).unwrap();
            let works: Vec<Work> = (0..6)
                .map(|at| Work {
                    due_week: i32::try_from(number(at, 7)).unwrap() - 1,
                    came_week: 0,
                    points: number(10 + at, 21),
                })
                .collect();
            // Also weeks in which the officer is away.
            let weekly: Vec<i64> = (0..40).map(|week| if number(100 + week, 4) == 0 { 0 } else { 10 }).collect();
            let tried: Vec<Vec<Option<u32>>> = orders.iter().map(|order| in_turn(&works, order, &weekly)).collect();
            let fewest = tried.iter().map(|done| late(&works, done)).min().unwrap();
            let least_worst = tried.iter().map(|done| worst(&works, done, 40)).min().unwrap();
            let earliest = finished(Order::EarliestDue, &works, &weekly);
            let moore = finished(Order::FewestLate, &works, &weekly);
            assert_eq!(worst(&works, &earliest, 40), least_worst, "{works:?}");
            assert_eq!(late(&works, &moore), fewest, "{works:?} {weekly:?}");
            improved += late(&works, &earliest) - fewest;
        }
        assert!(improved > 0, "the two orders differ on some of them");
    }

    #[test]
    fn later_arrivals_may_make_another_choice_the_better_one() {
        // All that is there fits, so it begins with the long obligation. Then short ones come, and it was in vain.
        let list = works(&[(1, 0, 20), (2, 0, 10), (1, 1, 5), (1, 1, 5), (2, 2, 10)]);
        assert_eq!(late(&list, &finished(Order::FewestLate, &list, &[10; 6])), 2);
        // Whoever had known would have left the long one for the end.
        let known = works(&[(9, 0, 20), (2, 0, 10), (1, 1, 5), (1, 1, 5), (2, 2, 10)]);
        assert_eq!(late(&list, &finished(Order::EarliestDue, &known, &[10; 6])), 1);
    }

    #[test]
    fn first_come_goes_by_when_a_obligation_came() {
        let works = works(&[(1, 0, 10), (9, -3, 10), (0, -1, 10)]);
        assert_eq!(finished(Order::FirstCome, &works, &[10; 4]), [Some(2), Some(0), Some(1)]);
        assert_eq!(finished(Order::EarliestDue, &works, &[10; 4]), [Some(1), Some(2), Some(0)]);
    }

    #[test]
    fn without_points_nothing_is_done_and_nothing_fails() {
        let works = works(&[(0, 0, 1), (-4, -9, 0), (70, 3, 5)]);
        for order in Order::ALL {
            assert_eq!(finished(order, &works, &[0; 5])[0], None);
            assert_eq!(finished(order, &[], &[0; 5]), []);
            assert_eq!(finished(order, &works, &[]), [None; 3]);
        }
    }
}
