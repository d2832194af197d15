//! One path: what chance brings, and what becomes of every obligation under each assignment in each order.

use super::{
    super::{
        draws::Draws,
        orders::{Order, Work, finished},
    },
    Assignment,
    prepare::{Acted, Arrivals, Kind, Prepared},
};

/// What draws are for.
const WAITS: u64 = 0;
const FOLLOWS: u64 = 1;
const ARRIVALS: u64 = 2;
const OFFICERS: u64 = 3;
const DONE: u64 = 4;

/// Whole numbers of one week, one kind, or all.
#[derive(Clone, Copy, Default)]
pub(super) struct Numbers {
    pub(super) due: i64,
    pub(super) missed: [i64; 3],
    pub(super) waits_on_others: i64,
    pub(super) unheld: i64,
}

/// What a path comes to under one assignment.
pub(super) struct Walked {
    pub(super) total: Numbers,
    pub(super) worst_late_weeks: [i64; 3],
    pub(super) weeks: Vec<Numbers>,
    pub(super) kinds: Vec<Numbers>,
    /// Whether each obligation of the backlog is missed, in each order.
    pub(super) missed: Vec<[bool; 3]>,
}

/// An obligation as chance has it.
struct Drawn {
    work: Work,
    kind: usize,
    /// Its position among the known.
    known: Option<usize>,
    by: By,
    /// Others have to act first, and do so after its last day or never: it is missed whatever officers do.
    is_others: bool,
    /// Others never act: there is nothing that an officer could do.
    is_stuck: bool,
}

/// Who works on it.
#[derive(Clone, Copy)]
enum By {
    /// Whoever holds that case.
    HolderOf(usize),
    /// The officer whom the share of new demand falls to.
    Officer(Option<usize>),
}

/// The three assignments under the same chance.
pub(super) fn walk(prepared: &Prepared, path: u64) -> Vec<Walked> {
    let draws = Draws::new(prepared.seed).of(path);
    let mut drawn = Vec::with_capacity(prepared.known.len());
    for position in 0..prepared.known.len() {
        draw_known(prepared, draws, position, &mut drawn);
    }
    for (number, arrivals) in (0..).zip(&prepared.arrivals) {
        draw_arrivals(prepared, draws.of(ARRIVALS).of(number), draws.of(OFFICERS).of(number), arrivals, &mut drawn);
    }
    Assignment::ALL
        .into_iter()
        .zip(&prepared.holders)
        .map(|(assignment, holders)| under(prepared, &drawn, assignment, holders))
        .collect()
}

fn draw_known(prepared: &Prepared, draws: Draws, position: usize, drawn: &mut Vec<Drawn>) {
    let known = &prepared.known[position];
    let number = position as u64;
    let kind = &prepared.kinds[known.kind];
    let waits = known
        .waits
        .or_else(|| draws.of(WAITS).of(number).percent(kind.waits_on_others_percent).then_some(Acted::Never));
    let mut obligation = plain(prepared, known.kind, known.due_week, By::HolderOf(known.case));
    obligation.known = Some(position);
    match waits {
        None => {}
        Some(Acted::Never) => (obligation.is_others, obligation.is_stuck) = (true, true),
        Some(Acted::In(week)) => {
            obligation.is_others = week > known.due_week;
            obligation.work.came_week = obligation.work.came_week.max(week);
        }
    }
    let is_stuck = obligation.is_stuck;
    drawn.push(obligation);
    for (turn, &(next, percent, weeks)) in (0..).zip(&kind.follows) {
        if !is_stuck && draws.of(FOLLOWS).of(number).of(turn).percent(percent) {
            // What is late already is done at some time within its weeks from now, not all of it today.
            let done_week =
                if known.due_week < 0 { draw_week(kind, draws.of(DONE).of(number)) } else { known.due_week };
            let due_week = done_week + weeks;
            drawn.push(plain(prepared, next, due_week, By::HolderOf(known.case)));
        }
    }
}

/// One of the weeks in which work on such an obligation is done, counted from now.
fn draw_week(kind: &Kind, draws: Draws) -> i32 {
    let weeks = u64::from(kind.lead_weeks.unsigned_abs()) + 1;
    i32::try_from(draws.below(weeks)).expect("at most 52 weeks")
}

fn plain(prepared: &Prepared, kind: usize, due_week: i32, by: By) -> Drawn {
    let Kind { told, lead_weeks, .. } = &prepared.kinds[kind];
    let work = Work { due_week, came_week: due_week - lead_weeks, points: told.points };
    Drawn { work, kind, known: None, by, is_others: false, is_stuck: false }
}

fn draw_arrivals(prepared: &Prepared, counts: Draws, officers: Draws, arrivals: &Arrivals, drawn: &mut Vec<Drawn>) {
    let total = arrivals.officers.last().map_or(0, |&(_, points)| points);
    for (week, obligations) in (0..).zip(&arrivals.obligations) {
        let came_week = i32::try_from(week).expect("at most 52 weeks");
        let count = counts.of(week).poisson(arrivals.per_week_hundredths);
        for number in 0..count.unsigned_abs() {
            let officer = (total > 0).then(|| {
                let point = officers.of(week).of(number).below(total.unsigned_abs());
                arrivals.officers.partition_point(|&(_, until)| until.unsigned_abs() <= point)
            });
            let by = By::Officer(officer.map(|at| arrivals.officers[at].0));
            for (turn, &(kind, due_week)) in (0..).zip(obligations) {
                let mut obligation = plain(prepared, kind, due_week, by);
                obligation.work.came_week = obligation.work.came_week.max(came_week);
                let percent = prepared.kinds[kind].waits_on_others_percent;
                if counts.of(WAITS).of(week).of(number).of(turn).percent(percent) {
                    (obligation.is_others, obligation.is_stuck) = (true, true);
                }
                drawn.push(obligation);
            }
        }
    }
}

fn under(prepared: &Prepared, drawn: &[Drawn], assignment: Assignment, holders: &[Option<usize>]) -> Walked {
    let mut walked = Walked {
        total: Numbers::default(),
        worst_late_weeks: [0; 3],
        weeks: vec![Numbers::default(); prepared.week_count],
        kinds: vec![Numbers::default(); prepared.kinds.len()],
        missed: vec![[false; 3]; prepared.known.len()],
    };
    let mut of_officer: Vec<Vec<usize>> = vec![Vec::new(); prepared.points.len()];
    let mut idle = Vec::new();
    for (position, obligation) in drawn.iter().enumerate() {
        let officer = match obligation.by {
            By::HolderOf(case) => holders[case],
            By::Officer(officer) => officer.filter(|_| assignment != Assignment::DoNothing),
        };
        match officer {
            Some(officer) if !obligation.is_stuck => of_officer[officer].push(position),
            _ => idle.push((position, officer.is_none())),
        }
    }
    for (position, is_unheld) in idle {
        walked.count(prepared, &drawn[position], [None; 3], is_unheld);
    }
    for (points, positions) in prepared.points.iter().zip(&of_officer) {
        let works: Vec<Work> = positions.iter().map(|&position| drawn[position].work).collect();
        let done = Order::ALL.map(|order| finished(order, &works, points));
        for (at, &position) in positions.iter().enumerate() {
            walked.count(prepared, &drawn[position], [done[0][at], done[1][at], done[2][at]], false);
        }
    }
    walked
}

impl Walked {
    /// Counts an obligation that is finished in these weeks, order by order.
    fn count(&mut self, prepared: &Prepared, obligation: &Drawn, done: [Option<u32>; 3], is_unheld: bool) {
        let due = i64::from(obligation.work.due_week);
        let end = prepared.week_count as i64;
        let lateness = done.map(|done| done.map_or(end, i64::from) - due);
        if due < end && !obligation.is_others {
            for (worst, late) in self.worst_late_weeks.iter_mut().zip(lateness) {
                *worst = late.max(*worst);
            }
        }
        let Some(week) = usize::try_from(due).ok().filter(|&week| week < prepared.week_count) else { return };
        let missed = lateness.map(|late| late > 0);
        if let Some(known) = obligation.known {
            self.missed[known] = missed.map(|missed| missed || obligation.is_others);
        }
        for numbers in [&mut self.total, &mut self.weeks[week], &mut self.kinds[obligation.kind]] {
            numbers.due += 1;
            if obligation.is_others {
                numbers.waits_on_others += 1;
                continue;
            }
            for (count, missed) in numbers.missed.iter_mut().zip(missed) {
                *count += i64::from(missed);
            }
            numbers.unheld += i64::from(is_unheld);
        }
    }
}
