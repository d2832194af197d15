//! The folder of a staffing question: `hires.csv`, `caseloads.csv`, `allocation.csv`, `out_of_reach.csv` and `staffing.json`.

use std::{io::Write as _, path::Path};

use serde_json::{Value, json};

use super::folder::{Folder, Rows, WriteError};
use crate::{
    model::Code,
    plan::{CaseGroup, Lower, StaffingPlan},
};

/// Writes the files. Where there is no allocation, `caseloads.csv` and `allocation.csv` have no rows.
///
/// # Errors
/// A file that cannot be written. Then the folder holds what it held.
pub fn write_staffing(folder: &Path, found: &StaffingPlan) -> Result<(), WriteError> {
    let mut files = Folder::create(folder)?;
    files.write("hires.csv", |out| {
        let names = ["profile_code", "hire_count", "cost", "max_case_count", "capacity_points", "case_count", "points"];
        let mut rows = Rows::new(out, names)?;
        for hires in &found.hires {
            rows.text(hires.profile_code.as_str())?;
            for number in [
                Some(hires.count),
                Some(hires.cost),
                hires.max_case_count,
                hires.capacity_points,
                Some(hires.case_count),
                Some(hires.points),
            ] {
                rows.integer(number)?;
            }
            rows.end_row()?;
        }
        rows.end()
    })?;
    files.write("caseloads.csv", |out| {
        let names = ["officer_id", "case_count", "load_points", "max_case_count", "capacity_points"];
        let mut rows = Rows::new(out, names)?;
        for caseload in found.allocation.iter().flat_map(|allocation| &allocation.caseloads) {
            rows.text(caseload.officer_id.as_str())?;
            rows.integer(Some(caseload.case_count))?;
            rows.integer(Some(caseload.load_points))?;
            rows.integer(caseload.max_case_count)?;
            rows.integer(caseload.capacity_points)?;
            rows.end_row()?;
        }
        rows.end()
    })?;
    files.write("allocation.csv", |out| {
        let mut rows = Rows::new(out, ["case_id", "officer_id"])?;
        for held in found.allocation.iter().flat_map(|allocation| &allocation.held) {
            rows.text(held.case_id.as_str())?;
            rows.text(held.officer_id.as_str())?;
            rows.end_row()?;
        }
        rows.end()
    })?;
    files.write("out_of_reach.csv", |out| {
        let mut rows = Rows::new(out, ["reason", "area", "skills", "case_count", "points"])?;
        for entry in &found.out_of_reach {
            rows.text(entry.reason.code())?;
            group_row(&mut rows, &entry.cases)?;
        }
        rows.end()
    })?;
    files.write("staffing.json", |out| {
        serde_json::to_writer_pretty(&mut *out, &staffing_json(found))?;
        out.write_all(b"\n")
    })?;
    files.commit(&[])
}

/// Area, skills, cases and points, and the end of the row.
pub(super) fn group_row(rows: &mut Rows<'_>, group: &CaseGroup) -> std::io::Result<()> {
    rows.optional(group.area.as_ref().map(Code::as_str))?;
    rows.list(group.skills.iter().map(Code::as_str))?;
    rows.integer(Some(group.case_count))?;
    rows.integer(Some(group.points))?;
    rows.end_row()
}

/// Area, skills, cases and points.
pub(super) fn group_json(group: &CaseGroup) -> Value {
    json!({
        "area": group.area,
        "skills": group.skills,
        "case_count": group.case_count,
        "points": group.points,
    })
}

/// Everything but the single cases.
#[must_use]
pub fn staffing_json(found: &StaffingPlan) -> Value {
    let hires: Vec<Value> = found
        .hires
        .iter()
        .map(|hires| {
            json!({
                "profile_code": hires.profile_code,
                "hire_count": hires.count,
                "cost": hires.cost,
                "max_case_count": hires.max_case_count,
                "capacity_points": hires.capacity_points,
                "case_count": hires.case_count,
                "points": hires.points,
            })
        })
        .collect();
    let out_of_reach: Vec<Value> = found
        .out_of_reach
        .iter()
        .map(|entry| json!({ "reason": entry.reason.code(), "cases": group_json(&entry.cases) }))
        .collect();
    let missed = found.missed.map(|missed| {
        let range = |(fewest, most): (i64, i64)| json!({ "fewest": fewest, "most": most });
        json!({
            "due_count": missed.due_count,
            "week_count": missed.week_count,
            "as_today": range(missed.as_today),
            "with_hires": range(missed.with_hires),
        })
    });
    let totals = found.allocation.as_ref().map(|allocation| &allocation.totals);
    json!({
        "as_at": found.as_at.to_string(),
        "rules_version": found.rules_version,
        "seed": found.seed,
        "peak_week": found.peak_week.map(|week| week.to_string()),
        "case_count": found.case_count,
        "child_count": found.child_count,
        "points": found.points,
        "present_officer_count": found.present_officer_count,
        "officer_count": found.officer_count(),
        "hire_count": found.hire_count,
        "hire_count_at_least": found.hire_count_at_least,
        "cost": found.cost,
        "cost_at_least": found.cost_at_least.value(),
        "cost_at_least_source": match found.cost_at_least {
            Lower::Proved(_) => "prices",
            Lower::Claimed(_) => "highs",
        },
        "cost_at_least_proved": found.cost_proved,
        "hires": hires,
        "out_of_reach": out_of_reach,
        "is_put_to_the_test": found.is_complete(),
        "unfinished": found.unfinished,
        "children_without_officer_count": totals.map(|totals| totals.children_without_officer_count),
        "over_cap_officer_count": totals.map(|totals| totals.over_cap_officer_count),
        "cases_that_change_officer_count": found.handover_count,
        "missed_deadlines": missed,
        "notes": found.notes,
    })
}
