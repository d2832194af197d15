//! The folder of waves: `waves.csv`, `weeks.csv`, `never.csv` and `waves.json`.

use std::{io::Write as _, path::Path};

use serde_json::{Value, json};

use super::folder::{Folder, Rows, WriteError};
use crate::plan::Waves;

/// Writes the four files.
///
/// # Errors
/// A file that cannot be written. Then the folder holds what it held.
pub fn write_waves(folder: &Path, found: &Waves) -> Result<(), WriteError> {
    let mut files = Folder::create(folder)?;
    files.write("waves.csv", |out| {
        let mut rows = Rows::new(out, ["week", "begin", "case_id", "officer_id", "held_until_then"])?;
        for taken in &found.taken {
            rows.integer(Some(taken.week as i64 + 1))?;
            rows.date(found.weeks.get(taken.week).map(|week| week.begin))?;
            rows.text(taken.case_id.as_str())?;
            rows.text(taken.officer_id.as_str())?;
            rows.flag(taken.is_held_until_then)?;
            rows.end_row()?;
        }
        rows.end()
    })?;
    files.write("weeks.csv", |out| {
        let names = ["week", "begin", "taken_count", "waiting_count", "children_without_officer_count"];
        let mut rows = Rows::new(out, names)?;
        for (number, week) in (1..).zip(&found.weeks) {
            rows.integer(Some(number))?;
            rows.date(Some(week.begin))?;
            for count in [week.taken_count, week.waiting_count, week.children_without_officer_count] {
                rows.integer(Some(count))?;
            }
            rows.end_row()?;
        }
        rows.end()
    })?;
    files.write("never.csv", |out| {
        let mut rows = Rows::new(out, ["case_id"])?;
        for case_id in &found.never {
            rows.text(case_id.as_str())?;
            rows.end_row()?;
        }
        rows.end()
    })?;
    files.write("waves.json", |out| {
        serde_json::to_writer_pretty(&mut *out, &waves_json(found))?;
        out.write_all(b"\n")
    })?;
    files.commit(&[])
}

/// Everything but the single cases.
#[must_use]
pub fn waves_json(found: &Waves) -> Value {
    let weeks: Vec<Value> = found
        .weeks
        .iter()
        .map(|week| {
            json!({
                "begin": week.begin.to_string(),
                "taken_count": week.taken_count,
                "waiting_count": week.waiting_count,
                "children_without_officer_count": week.children_without_officer_count,
            })
        })
        .collect();
    json!({
        "as_at": found.as_at.to_string(),
        "rules_version": found.rules_version,
        "seed": found.seed,
        "waiting_before_count": found.waiting_before_count,
        "children_without_officer_before_count": found.children_before_count,
        "child_count": found.child_count,
        "week_count": found.weeks.len(),
        "week_count_at_least": found.week_count_at_least,
        "gap_weeks": found.gap_weeks(),
        "never_case_count": found.never.len(),
        "never_child_count": found.never_child_count,
        "more_children_at_most_count": found.more_children_at_most_count,
        "search_count": found.search_count,
        "weeks": weeks,
        "notes": found.notes,
    })
}
