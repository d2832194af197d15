//! Whether caseloads.csv and changes.csv say what allocation.csv comes to.

use std::collections::BTreeMap;

use crate::cli::files::{CaseloadRow, ChangeRow, Listed};
use crate::model::{CaseId, OfficerId, OfficerIndex, Problem};

/// What the files list wrongly, a sentence each.
pub(super) fn faults(problem: &Problem, officers: &[Option<OfficerIndex>], listed: &Listed) -> Vec<String> {
    let mut faults = Vec::new();
    if let Some(rows) = &listed.caseloads {
        caseload_faults(problem, officers, rows, &mut faults);
    }
    if let Some(rows) = &listed.changes {
        change_faults(problem, officers, rows, &mut faults);
    }
    faults
}

fn caseload_faults(
    problem: &Problem,
    officers: &[Option<OfficerIndex>],
    rows: &[CaseloadRow],
    faults: &mut Vec<String>,
) {
    let mut found: BTreeMap<&OfficerId, CaseloadRow> = BTreeMap::new();
    for (officer, limits) in problem.backlog().officers.iter().zip(problem.instance().limits()) {
        let officer_id = officer.id.clone();
        let capacity_points = limits.capacity_points;
        found.insert(
            &officer.id,
            CaseloadRow { officer_id, case_count: 0, load_points: 0, capacity_points, over: false },
        );
    }
    for unit in problem.instance().unit_indices() {
        let cases = problem.cases_of(unit);
        let Some(officer) = officers[cases[0].get()] else { continue };
        let Some(pair) = problem.instance().pair(unit, officer) else { continue };
        let id = &problem.backlog().officers[officer.get()].id;
        let row = found.get_mut(id).expect("every officer has a row");
        row.case_count += cases.len() as i64;
        row.load_points += i64::from(pair.weight_points);
    }
    for (row, limits) in found.values_mut().zip(problem.instance().limits()) {
        row.over = limits.capacity_points.is_some_and(|cap| row.load_points > cap)
            || limits.max_case_count.is_some_and(|cap| row.case_count > cap);
    }
    for row in rows {
        match found.remove(&row.officer_id) {
            None => faults.push(format!(
                "caseloads.csv lists officer {}, who is not in the backlog or listed before",
                row.officer_id
            )),
            Some(found) if found == *row => {}
            Some(found) => faults.push(format!(
                "officer {} has {}; caseloads.csv says {}",
                row.officer_id,
                shown(&found),
                shown(row)
            )),
        }
    }
    faults.extend(found.into_keys().map(|officer| format!("caseloads.csv lacks officer {officer}")));
}

fn shown(row: &CaseloadRow) -> String {
    let cap = row.capacity_points.map_or_else(|| "any number of".to_owned(), |cap| cap.to_string());
    let over = if row.over { "over a cap" } else { "within the caps" };
    format!("{} cases and {} of {cap} points, {over}", row.case_count, row.load_points)
}

fn change_faults(problem: &Problem, officers: &[Option<OfficerIndex>], rows: &[ChangeRow], faults: &mut Vec<String>) {
    let backlog = problem.backlog();
    let mut found: BTreeMap<&CaseId, ChangeRow> = backlog
        .cases
        .iter()
        .zip(officers)
        .map(|(case, officer)| ChangeRow {
            case_id: case.id.clone(),
            from_officer_id: case.current_officer_id.clone(),
            to_officer_id: officer.map(|officer| backlog.officers[officer.get()].id.clone()),
        })
        .zip(&backlog.cases)
        .filter(|(change, _)| change.from_officer_id != change.to_officer_id)
        .map(|(change, case)| (&case.id, change))
        .collect();
    for row in rows {
        match found.remove(&row.case_id) {
            None => faults.push(format!("changes.csv lists case {}, which does not change officer", row.case_id)),
            Some(found) if found == *row => {}
            Some(found) => {
                faults.push(format!("case {} goes {}; changes.csv says {}", row.case_id, way(&found), way(row)));
            }
        }
    }
    faults.extend(
        found.into_values().map(|change| format!("changes.csv lacks case {}, {}", change.case_id, way(&change))),
    );
}

fn way(change: &ChangeRow) -> String {
    let shown = |officer: &Option<OfficerId>| officer.as_ref().map_or_else(|| "nobody".to_owned(), ToString::to_string);
    format!("from {} to {}", shown(&change.from_officer_id), shown(&change.to_officer_id))
}
