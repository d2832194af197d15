//! What officers will have in the weeks to come, as far as the stages of their cases are known.

use jiff::ToSpan as _;

use crate::model::{CaseIndex, Note, OfficerIndex, Peak, Problem};

/// Weeks that are looked at.
const WEEKS: usize = 52;

/// The heaviest week of every officer; `None` = all weeks are alike. A case whose weeks are not known weighs the same in all.
/// O(cases + steps + officers x weeks).
pub(super) fn peaks(problem: &Problem, officers: &[Option<OfficerIndex>], loads: &[i64]) -> Vec<Option<Peak>> {
    let backlog = problem.backlog();
    let mut more = vec![[0_i64; WEEKS]; loads.len()];
    let mut is_known = vec![false; loads.len()];
    for (position, officer) in officers.iter().enumerate() {
        let case = &backlog.cases[CaseIndex::new(position).get()];
        let (Some(officer), Some(derived)) = (officer, &case.derived) else { continue };
        let mean = case.weight_points.unwrap_or(1);
        for (step, from) in derived.weeks.iter().enumerate() {
            let end = derived.weeks.get(step + 1).map_or(WEEKS, |next| usize::from(next.from_week));
            for week in &mut more[officer.get()][usize::from(from.from_week)..end] {
                *week += from.points - mean;
            }
            is_known[officer.get()] = true;
        }
    }
    let of_officer = |(officer, weeks): (usize, &[i64; WEEKS])| {
        let points = weeks.iter().max().filter(|_| is_known[officer])?;
        let week = (0_i64..).zip(weeks).find(|(_, found)| *found == points)?.0;
        Some(Peak { week: backlog.as_at.saturating_add(week.weeks()), points: loads[officer] + points })
    };
    more.iter().enumerate().map(of_officer).collect()
}

/// Officers whose heaviest week is above their points cap.
pub(super) fn notes(problem: &Problem, peaks: &[Option<Peak>]) -> Vec<Note> {
    let officers = problem.backlog().officers.iter().zip(problem.instance().limits()).zip(peaks);
    let over = officers.filter_map(|((officer, limits), peak)| {
        let (peak, capacity_points) = ((*peak)?, limits.capacity_points?);
        (peak.points > capacity_points).then(|| Note::PeakOverCap {
            officer_id: officer.id.clone(),
            week: peak.week,
            peak_points: peak.points,
            capacity_points,
        })
    });
    over.collect()
}
