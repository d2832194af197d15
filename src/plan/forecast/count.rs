//! From many paths to counts with their spread.

use super::{
    Assignment, Counts, Forecast, ForecastOptions, Interval, ObligationOutlook, Outlook,
    prepare::Prepared,
    walk::{Numbers, Walked},
};
use crate::plan::Given;

/// What paths came to so far, for each of [`Assignment::ALL`].
pub(super) struct Tally {
    of: Vec<Assigned>,
}

#[derive(Default)]
struct Assigned {
    totals: Vec<Numbers>,
    worst: Vec<[i64; 3]>,
    /// One list of paths a week, and a kind.
    weeks: Vec<Vec<Numbers>>,
    kinds: Vec<Vec<Numbers>>,
    /// Paths in which each obligation of the backlog is missed, in each order.
    missed: Vec<[i64; 3]>,
}

impl Tally {
    pub(super) fn new(prepared: &Prepared) -> Self {
        let assigned = |_| Assigned {
            weeks: vec![Vec::new(); prepared.week_count],
            kinds: vec![Vec::new(); prepared.kinds.len()],
            missed: vec![[0; 3]; prepared.known.len()],
            ..Assigned::default()
        };
        Self { of: Assignment::ALL.map(assigned).into() }
    }

    pub(super) fn add(&mut self, path: &[Walked]) {
        for (so_far, walked) in self.of.iter_mut().zip(path) {
            so_far.totals.push(walked.total);
            so_far.worst.push(walked.worst_late_weeks);
            so_far.weeks.iter_mut().zip(&walked.weeks).for_each(|(list, numbers)| list.push(*numbers));
            so_far.kinds.iter_mut().zip(&walked.kinds).for_each(|(list, numbers)| list.push(*numbers));
            for (counts, missed) in so_far.missed.iter_mut().zip(&walked.missed) {
                counts.iter_mut().zip(missed).for_each(|(count, &missed)| *count += i64::from(missed));
            }
        }
    }

    pub(super) fn forecast(
        &self,
        prepared: &Prepared,
        given: &Given,
        options: &ForecastOptions,
        path_count: i64,
    ) -> Forecast {
        let outlooks = Assignment::ALL.into_iter().zip(&self.of).zip(&prepared.holders);
        let outlooks = outlooks.map(|((assignment, found), holders)| {
            let held_case_count = holders.iter().flatten().count() as i64;
            Outlook {
                assignment,
                held_case_count,
                unheld_case_count: holders.len() as i64 - held_case_count,
                total: counts(&found.totals),
                worst_late_weeks: [0, 1, 2].map(|order| interval(found.worst.iter().map(|worst| worst[order]))),
                weeks: found.weeks.iter().map(|paths| counts(paths)).collect(),
                kinds: found.kinds.iter().map(|paths| counts(paths)).collect(),
            }
        });
        let mut notes = prepared.notes.clone();
        if path_count < options.path_count && prepared.has_chance() {
            notes.push(format!("Interrupted: {path_count} of {} paths were run.", options.path_count));
        }
        Forecast {
            as_at: given.backlog.as_at,
            seed: options.seed,
            path_count,
            rules_version: given.rules.version.clone(),
            efforts_name: options.efforts.name.clone(),
            missed_before_count: prepared.known.iter().filter(|known| known.due_week < 0).count() as i64,
            weeks: prepared.weeks.clone(),
            kinds: prepared.kinds.iter().map(|kind| kind.told.clone()).collect(),
            outlooks: outlooks.collect(),
            obligations: self.obligations(prepared, given),
            notes,
        }
    }

    fn obligations(&self, prepared: &Prepared, given: &Given) -> Vec<ObligationOutlook> {
        let weeks = 0..prepared.week_count as i64;
        let falls_due =
            prepared.known.iter().enumerate().filter(|(_, known)| weeks.contains(&i64::from(known.due_week)));
        let mut obligations: Vec<ObligationOutlook> = falls_due
            .map(|(position, known)| {
                let officer = |assignment: usize| {
                    let holder = prepared.holders[assignment][known.case]?;
                    Some(given.backlog.officers[holder].id.clone())
                };
                let range = |assignment: usize| {
                    let counts = self.of[assignment].missed[position];
                    (counts.into_iter().min().unwrap_or(0), counts.into_iter().max().unwrap_or(0))
                };
                ObligationOutlook {
                    case_id: given.backlog.cases[known.case].id.clone(),
                    code: prepared.kinds[known.kind].told.code.clone(),
                    due_date: known.due_date,
                    officer_ids: [0, 1, 2].map(officer),
                    missed_path_counts: [0, 1, 2].map(range),
                }
            })
            .collect();
        obligations.sort_by(|a, b| (a.due_date, &a.case_id, &a.code).cmp(&(b.due_date, &b.case_id, &b.code)));
        obligations
    }
}

fn counts(paths: &[Numbers]) -> Counts {
    Counts {
        due: interval(paths.iter().map(|path| path.due)),
        missed: [0, 1, 2].map(|order| interval(paths.iter().map(|path| path.missed[order]))),
        waits_on_others: interval(paths.iter().map(|path| path.waits_on_others)),
        unheld: interval(paths.iter().map(|path| path.unheld)),
    }
}

/// Ranks are rounded outwards, so that an interval is never narrower than it says.
fn interval(values: impl Iterator<Item = i64>) -> Interval {
    let mut sorted: Vec<i64> = values.collect();
    sorted.sort_unstable();
    let Some(last) = sorted.len().checked_sub(1) else { return Interval::default() };
    Interval { low: sorted[last / 10], middle: sorted[last / 2], high: sorted[(last * 9).div_ceil(10)] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_is_not_narrower_than_it_says() {
        assert_eq!(interval([].into_iter()), Interval::default());
        assert_eq!(interval([7].into_iter()), Interval { low: 7, middle: 7, high: 7 });
        assert_eq!(interval((0..=100).rev()), Interval { low: 10, middle: 50, high: 90 });
        assert_eq!(interval(0..6), Interval { low: 0, middle: 2, high: 5 });
    }
}
