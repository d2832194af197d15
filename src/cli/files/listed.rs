//! The two files of a result that only repeat what the others say: `caseloads.csv` and `changes.csv`, read back.

use std::path::Path;

use crate::import::{ColumnSpec, Errors, ImportError, Table, optional, required};
use crate::model::{CaseId, OfficerId};

pub(super) const CASELOAD_COLUMNS: &[ColumnSpec] = &[
    required("officer_id"),
    required("case_count"),
    required("load_points"),
    optional("capacity_points"),
    required("over"),
    optional("max_case_count"),
    optional("peak_week"),
    optional("peak_points"),
];

const CHANGE_COLUMNS: &[ColumnSpec] =
    &[required("case_id"), optional("from_officer_id"), optional("to_officer_id"), optional("reason")];

/// A row of `caseloads.csv`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseloadRow {
    /// The officer.
    pub officer_id: OfficerId,
    /// Cases held.
    pub case_count: i64,
    /// Points held.
    pub load_points: i64,
    /// Points cap.
    pub capacity_points: Option<i64>,
    /// Above a cap.
    pub over: bool,
}

/// A row of `changes.csv`, without its reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeRow {
    /// The case.
    pub case_id: CaseId,
    /// Before; `None` = no officer.
    pub from_officer_id: Option<OfficerId>,
    /// After; `None` = holding list.
    pub to_officer_id: Option<OfficerId>,
}

/// What the two files list; `None` where a file is not there, as with another program's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// `caseloads.csv`, in the order of the file.
    pub caseloads: Option<Vec<CaseloadRow>>,
    /// `changes.csv`, in the order of the file.
    pub changes: Option<Vec<ChangeRow>>,
}

/// Reads the two files of a result folder, where they are there.
///
/// # Errors
/// Everything that is wrong with either of the files, at once.
pub fn read_listed(folder: &Path) -> Result<Listed, ImportError> {
    let mut errors = Errors::default();
    let existing = |name: &str| Some(folder.join(name)).filter(|path| path.exists());
    let caseloads = existing("caseloads.csv").map(|path| read_caseloads(&path, &mut errors));
    let changes = existing("changes.csv").map(|path| read_changes(&path, &mut errors));
    errors.into_result(Listed { caseloads, changes })
}

fn read_caseloads(path: &Path, errors: &mut Errors) -> Vec<CaseloadRow> {
    let Some(mut table) = Table::open(path, CASELOAD_COLUMNS, errors) else { return Vec::new() };
    let officer_id = table.column("officer_id");
    let case_count = table.column("case_count");
    let load_points = table.column("load_points");
    let capacity_points = table.column("capacity_points");
    let over = table.column("over");
    let mut rows = Vec::new();
    while let Some(mut row) = table.next_row() {
        rows.push(CaseloadRow {
            officer_id: OfficerId::from(row.required(officer_id)),
            case_count: row.required_integer(case_count),
            load_points: row.required_integer(load_points),
            capacity_points: row.integer(capacity_points),
            over: row.flag(over),
        });
    }
    rows
}

fn read_changes(path: &Path, errors: &mut Errors) -> Vec<ChangeRow> {
    let Some(mut table) = Table::open(path, CHANGE_COLUMNS, errors) else { return Vec::new() };
    let case_id = table.column("case_id");
    let from_officer_id = table.column("from_officer_id");
    let to_officer_id = table.column("to_officer_id");
    let mut rows = Vec::new();
    while let Some(mut row) = table.next_row() {
        rows.push(ChangeRow {
            case_id: CaseId::from(row.required(case_id)),
            from_officer_id: row.text(from_officer_id).map(OfficerId::from),
            to_officer_id: row.text(to_officer_id).map(OfficerId::from),
        });
    }
    rows
}
