//! The further files of a forecast.

use std::{collections::HashMap, fs, path::Path};

use crate::{
    cli::{
        exit::{Code, Failure},
        input::{readable, unusable_files},
    },
    import::{ColumnSpec, Errors, Table, optional, required},
    model::{CaseId, Code as Name, Obligation},
    plan::{Efforts, Given, Wait},
};

const WAIT_COLUMNS: &[ColumnSpec] = &[required("case_id"), optional("obligation"), optional("until")];
/// As `import sen2` writes them.
const OBLIGATION_COLUMNS: &[ColumnSpec] = &[
    required("case_id"),
    optional("stage"),
    required("obligation"),
    required("due_date"),
    optional("exemption"),
    optional("longest_stay_days"),
];

/// A table of efforts.
pub(super) fn efforts(file: &Path) -> Result<Efforts, Failure> {
    let unreadable = |error: &dyn std::fmt::Display| {
        Failure::new(
            Code::Files,
            format!("cannot read {}: {error}; check the path and who may read it", file.display()),
        )
    };
    let text = fs::read_to_string(file).map_err(|error| unreadable(&error))?;
    Efforts::read(&text).map_err(|error| Failure::new(Code::Data, format!("{}: {error}", file.display())))
}

/// Obligations that wait on others.
pub(super) fn waits(file: &Path) -> Result<Vec<Wait>, Failure> {
    readable([&file.to_path_buf()].into_iter())?;
    let mut errors = Errors::default();
    let mut waits = Vec::new();
    if let Some(mut table) = Table::open(file, WAIT_COLUMNS, &mut errors) {
        let columns = ["case_id", "obligation", "until"].map(|name| table.column(name));
        while let Some(mut row) = table.next_row() {
            waits.push(Wait {
                case_id: CaseId::from(row.required(columns[0])),
                code: row.text(columns[1]).map(Name::from),
                until: row.date(columns[2]),
            });
        }
    }
    errors.into_result(waits).map_err(|error| unusable_files(&error))
}

/// Gives every case that says no obligations itself those of the file; what is exempt has no day that could be missed. The answer is
/// what the reader should know.
pub(super) fn obligations(file: &Path, given: &mut Given) -> Result<Vec<String>, Failure> {
    readable([&file.to_path_buf()].into_iter())?;
    let mut errors = Errors::default();
    let mut of_case: HashMap<CaseId, Vec<Obligation>> = HashMap::new();
    let mut exempt_count = 0;
    if let Some(mut table) = Table::open(file, OBLIGATION_COLUMNS, &mut errors) {
        let columns = ["case_id", "obligation", "due_date", "exemption"].map(|name| table.column(name));
        while let Some(mut row) = table.next_row() {
            let case_id = CaseId::from(row.required(columns[0]));
            let code = Name::from(row.required(columns[1]));
            let due_date = if row.required(columns[2]).is_empty() { None } else { row.date(columns[2]) };
            if row.text(columns[3]).is_some() {
                exempt_count += 1;
            } else {
                of_case.entry(case_id).or_default().push(Obligation { code, due_date, exemption: None });
            }
        }
    }
    errors.into_result(()).map_err(|error| unusable_files(&error))?;
    for case in given.backlog.cases.iter_mut().filter(|case| case.obligations.is_empty()) {
        case.obligations = of_case.remove(&case.id).unwrap_or_default();
    }
    given.problem().map_err(|error| {
        let message = format!("{} does not fit the cases: {error}", file.display());
        Failure::new(Code::Data, message)
    })?;
    let mut notes = Vec::new();
    if !of_case.is_empty() {
        notes.push(format!(
            "{} cases of {} are not in the backlog, or say what is due themselves.",
            of_case.len(),
            file.display()
        ));
    }
    if exempt_count > 0 {
        notes.push(format!("{exempt_count} obligations of {} have their limit lifted: not counted.", file.display()));
    }
    Ok(notes)
}
