//! What an extract and an assignment differ in, as files: a report, and what would mend it.

use std::io::Write as _;
use std::path::Path;

use super::backlog::{write_case, write_rows};
use super::folder::{Folder, Rows, WriteError};
use crate::import::CASE_COLUMNS;
use crate::model::Case;

/// One difference, as `differences.csv` has it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct DifferenceRow {
    /// What it is: `not_assigned`.
    pub code: &'static str,
    /// The cases: one, or the plan cases of a child.
    pub case_ids: Vec<String>,
    /// The child, if given.
    pub child_id: Option<String>,
    /// Who holds the case in the assignment.
    pub assigned_officer_id: Option<String>,
    /// Who holds it in the extract, where that is another one.
    pub extract_officer_id: Option<String>,
    /// What it means, and what to do.
    pub sentence: String,
}

const DIFFERENCE_COLUMNS: [&str; 6] =
    ["difference", "case_ids", "child_id", "assigned_officer_id", "extract_officer_id", "what_to_do"];

/// Writes `differences.csv`, `reconciliation.json`, `assign.csv` (for `caseload assign`) and `close.txt` (an id a line, for
/// `caseload close`).
///
/// # Errors
/// A file that cannot be written. Then the folder holds what it held.
pub fn write_reconciliation(
    folder: &Path,
    differences: &[DifferenceRow],
    assign: &[Case],
    close_case_ids: &[String],
    json: &serde_json::Value,
) -> Result<(), WriteError> {
    let mut files = Folder::create(folder)?;
    files.write("differences.csv", |out| {
        let mut rows = Rows::new(out, DIFFERENCE_COLUMNS)?;
        for row in differences {
            rows.text(row.code)?;
            rows.list(row.case_ids.iter().map(String::as_str))?;
            rows.optional(row.child_id.as_deref())?;
            rows.optional(row.assigned_officer_id.as_deref())?;
            rows.optional(row.extract_officer_id.as_deref())?;
            rows.text(&row.sentence)?;
            rows.end_row()?;
        }
        rows.end()
    })?;
    files.write("reconciliation.json", |out| {
        serde_json::to_writer_pretty(&mut *out, json)?;
        out.write_all(b"\n")
    })?;
    files.write("assign.csv", |out| write_rows(out, CASE_COLUMNS, assign, write_case))?;
    files.write("close.txt", |out| close_case_ids.iter().try_for_each(|id| writeln!(out, "{id}")))?;
    files.commit(&[])
}
