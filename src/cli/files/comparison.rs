//! The folder of a comparison of scenarios: `scenarios.csv`, `officers.csv`, `changes.csv` and `comparison.json`.

use std::{io::Write as _, path::Path};

use serde_json::Value;

use super::folder::{Folder, Rows, WriteError};
use crate::{
    model::OfficerId,
    plan::{Evaluated, LeftBehind},
};

/// Writes the four files; the baseline is the first of all.
///
/// # Errors
/// A file that cannot be written. Then the folder holds what it held.
pub fn write_comparison(folder: &Path, all: &[Evaluated], json: &Value) -> Result<(), WriteError> {
    let mut files = Folder::create(folder)?;
    files.write("scenarios.csv", |out| {
        let names = [
            "scenario",
            "children_without_officer_count",
            "more_children_at_most_count",
            "child_count",
            "case_count",
            "waiting_count",
            "deadlines_at_risk_count",
            "handover_count",
            "left_behind_count",
            "officer_count",
            "over_cap_officer_count",
            "objective",
            "bound",
        ];
        let mut rows = Rows::new(out, names)?;
        for Evaluated { name, figures, .. } in all {
            rows.text(name)?;
            for number in [
                figures.children_without_officer_count,
                figures.more_children_at_most_count,
                figures.child_count,
                figures.case_count,
                figures.waiting_count,
                figures.deadlines_at_risk_count,
                figures.handover_count,
                figures.left_behind_count,
                figures.officer_count,
                figures.over_cap_officer_count,
                figures.objective,
                figures.bound,
            ] {
                rows.integer(Some(number))?;
            }
            rows.end_row()?;
        }
        rows.end()
    })?;
    files.write("officers.csv", |out| {
        let names = [
            "scenario",
            "officer_id",
            "case_count",
            "load_points",
            "capacity_points",
            "percent",
            "inherited_appeal_count",
            "inherited_overdue_count",
        ];
        let mut rows = Rows::new(out, names)?;
        for of in all {
            for officer in &of.figures.officers {
                rows.text(&of.name)?;
                rows.text(officer.officer_id.as_str())?;
                rows.integer(Some(officer.case_count))?;
                rows.integer(Some(officer.load_points))?;
                rows.integer(officer.capacity_points)?;
                rows.integer(officer.percent)?;
                rows.integer(Some(officer.inherited_appeal_count))?;
                rows.integer(Some(officer.inherited_overdue_count))?;
                rows.end_row()?;
            }
        }
        rows.end()
    })?;
    files.write("changes.csv", |out| {
        let mut rows = Rows::new(out, ["scenario", "case_id", "from_officer_id", "to_officer_id", "reason"])?;
        for of in all {
            for change in of.allocations.iter().flat_map(|allocation| &allocation.changes) {
                rows.text(&of.name)?;
                rows.text(change.case_id.as_str())?;
                rows.optional(change.from_officer_id.as_ref().map(OfficerId::as_str))?;
                rows.optional(change.to_officer_id.as_ref().map(OfficerId::as_str))?;
                rows.text(change.reason.code())?;
                rows.end_row()?;
            }
        }
        rows.end()
    })?;
    files.write("comparison.json", |out| {
        serde_json::to_writer_pretty(&mut *out, json)?;
        out.write_all(b"\n")
    })?;
    files.commit(&[])
}

/// Adds `left_behind.csv` to the folder.
///
/// # Errors
/// As [`write_comparison`].
pub fn write_left_behind(folder: &Path, behind: &[LeftBehind]) -> Result<(), WriteError> {
    let mut files = Folder::create(folder)?;
    files.write("left_behind.csv", |out| {
        let mut rows = Rows::new(out, ["case_id", "from_officer_id", "to_officer_id", "reason", "due_date"])?;
        for entry in behind {
            rows.text(entry.case_id.as_str())?;
            rows.text(entry.from_officer_id.as_str())?;
            rows.optional(entry.to_officer_id.as_ref().map(OfficerId::as_str))?;
            rows.optional(entry.reason.map(|reason| reason.code()))?;
            rows.date(entry.due_date)?;
            rows.end_row()?;
        }
        rows.end()
    })?;
    files.commit(&[])
}
