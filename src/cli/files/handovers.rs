//! The folder of a comparison of handover limits: `steps.csv`, `handovers.csv` and `handovers.json`.

use std::{collections::HashSet, io::Write as _, path::Path};

use serde_json::{Value, json};

use super::folder::{Folder, Rows, WriteError};
use crate::plan::{HandedOver, HandoverFrontier};

/// Writes the three files.
///
/// # Errors
/// A file that cannot be written. Then the folder holds what it held.
pub fn write_handovers(folder: &Path, found: &HandoverFrontier) -> Result<(), WriteError> {
    let mut files = Folder::create(folder)?;
    files.write("steps.csv", |out| {
        let names = [
            "step",
            "handover_limit",
            "handover_count",
            "child_count",
            "children_without_officer_count",
            "over_cap_points",
            "over_cap_case_count",
            "fullest_percent",
            "emptiest_percent",
            "objective",
            "bound",
        ];
        let mut rows = Rows::new(out, names)?;
        for (number, step) in (1..).zip(&found.steps) {
            rows.integer(Some(number))?;
            rows.integer(step.handover_limit)?;
            for count in [
                step.handed_over.len() as i64,
                step.child_count,
                step.children_without_officer_count,
                step.over_cap_points,
                step.over_cap_case_count,
            ] {
                rows.integer(Some(count))?;
            }
            rows.integer(step.percent.map(|(fullest, _)| fullest))?;
            rows.integer(step.percent.map(|(_, emptiest)| emptiest))?;
            rows.integer(Some(step.objective))?;
            rows.integer(Some(step.bound))?;
            rows.end_row()?;
        }
        rows.end()
    })?;
    files.write("handovers.csv", |out| {
        let mut rows = Rows::new(out, ["step", "case_id", "from_officer_id", "to_officer_id", "in_step_before"])?;
        let mut before: HashSet<&HandedOver> = HashSet::new();
        for (number, step) in (1..).zip(&found.steps) {
            for entry in &step.handed_over {
                rows.integer(Some(number))?;
                rows.text(entry.case_id.as_str())?;
                rows.text(entry.from_officer_id.as_str())?;
                rows.text(entry.to_officer_id.as_str())?;
                rows.flag(before.contains(entry))?;
                rows.end_row()?;
            }
            before = step.handed_over.iter().collect();
        }
        rows.end()
    })?;
    files.write("handovers.json", |out| {
        serde_json::to_writer_pretty(&mut *out, &handovers_json(found))?;
        out.write_all(b"\n")
    })?;
    files.commit(&[])
}

/// Everything but the single cases.
#[must_use]
pub fn handovers_json(found: &HandoverFrontier) -> Value {
    let steps: Vec<Value> = found
        .steps
        .iter()
        .map(|step| {
            json!({
                "handover_limit": step.handover_limit,
                "handover_count": step.handed_over.len(),
                "child_count": step.child_count,
                "children_without_officer_count": step.children_without_officer_count,
                "over_cap_points": step.over_cap_points,
                "over_cap_case_count": step.over_cap_case_count,
                "fullest_percent": step.percent.map(|(fullest, _)| fullest),
                "emptiest_percent": step.percent.map(|(_, emptiest)| emptiest),
                "objective": step.objective,
                "bound": step.bound,
            })
        })
        .collect();
    json!({
        "as_at": found.as_at.to_string(),
        "rules_version": found.rules_version,
        "seed": found.seed,
        "child_count": found.child_count,
        "steps": steps,
        "notes": found.notes,
    })
}
