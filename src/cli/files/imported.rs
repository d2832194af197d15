//! What an import leaves beside the backlog: what was wrong, what is due, and where it all comes from.

use std::collections::BTreeMap;
use std::path::Path;
use std::{fs, io};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::folder::{Folder, Rows, WriteError};
use crate::import::{Form, Module, Reject, Sen2Import};
use crate::model::Code;

const IMPORT_FILE: &str = "import.json";
const REJECT_COLUMNS: [&str; 8] = ["file", "line", "person", "module", "field", "code", "action", "message"];
const OBLIGATION_COLUMNS: [&str; 6] = ["case_id", "stage", "obligation", "due_date", "exemption", "longest_stay_days"];

/// `import.json`: where a backlog comes from, for whoever reads it later.
#[derive(Debug, Serialize)]
pub struct ImportRecord<'a> {
    /// Version of the program.
    pub program: &'static str,
    /// `csv` or `xml`.
    pub form: &'static str,
    /// Code of the council, which names the team.
    pub council_code: Option<&'a str>,
    /// The day of the backlog.
    pub as_at: Date,
    /// The day of the extract, as far as it says.
    pub extract_date: Option<Date>,
    /// The day of the import.
    pub today: Date,
    /// A sentence, if the extract is old.
    pub warning: Option<String>,
    /// What tokens were made from.
    pub token_made_from: &'static str,
    /// Name of the key, not the key.
    pub key_name: &'a str,
    /// Version of the catalogue.
    pub catalogue: &'a str,
    /// What the catalogue says of its points.
    pub note: &'a str,
    /// Children and young people.
    pub person_count: usize,
    /// Open cases.
    pub case_count: usize,
    /// Of them, with an officer.
    pub held_count: usize,
    /// Of them, without a due date.
    pub undated_count: usize,
    /// Of these, for an exemption.
    pub exempt_count: usize,
    /// Rejects by code.
    pub rejects: BTreeMap<&'static str, usize>,
    /// Rejects that are not in `rejects.csv`.
    pub more_reject_count: usize,
}

/// The day of the extract that a backlog was imported from, as `import.json` in its folder says; `None` = it was not imported,
/// or the extract told no day.
///
/// # Errors
/// What is wrong with the file, if it is there and cannot be read.
pub fn extract_date(folder: &Path) -> Result<Option<Date>, String> {
    #[derive(Deserialize)]
    struct Extract {
        extract_date: Option<Date>,
    }
    let path = folder.join(IMPORT_FILE);
    let unusable = |problem: String| format!("{}: {problem}; import again, or remove it", path.display());
    match fs::read(&path) {
        Ok(bytes) => match serde_json::from_slice::<Extract>(&bytes) {
            Ok(extract) => Ok(extract.extract_date),
            Err(error) => Err(unusable(error.to_string())),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unusable(error.to_string())),
    }
}

/// Writes `rejects.csv`, `obligations.csv` and `import.json`.
///
/// # Errors
/// A file that cannot be written. Then the folder holds what it held.
pub fn write_imported(folder: &Path, import: &Sen2Import, record: &ImportRecord<'_>) -> Result<(), WriteError> {
    let mut files = Folder::create(folder)?;
    files.write("rejects.csv", |out| {
        let mut rows = Rows::new(out, REJECT_COLUMNS)?;
        for &reject in import.rejects.kept() {
            write_reject(&mut rows, import, reject)?;
        }
        rows.end()
    })?;
    files.write("obligations.csv", |out| {
        let mut rows = Rows::new(out, OBLIGATION_COLUMNS)?;
        for (case, derived) in import.backlog.cases.iter().zip(&import.derived) {
            for obligation in &derived.obligations {
                rows.text(case.id.as_str())?;
                rows.text(derived.stage.as_str())?;
                rows.text(obligation.clock.as_str())?;
                rows.date(Some(obligation.due_date))?;
                rows.optional(obligation.exemption.as_ref().map(Code::as_str))?;
                rows.integer(Some(derived.longest_stay_days))?;
                rows.end_row()?;
            }
        }
        rows.end()
    })?;
    files.write(IMPORT_FILE, |out| {
        serde_json::to_writer_pretty(&mut *out, record)?;
        io::Write::write_all(out, b"\n")
    })?;
    files.commit(&[])
}

fn write_reject(rows: &mut Rows<'_>, import: &Sen2Import, reject: Reject) -> io::Result<()> {
    rows.text(import.files.get(&reject.module).map_or(reject.module.name(), String::as_str))?;
    let at = (reject.at > 0).then_some(i64::from(reject.at));
    let is_line = import.form == Form::Csv || matches!(reject.module, Module::Owners | Module::Areas);
    rows.integer(at.filter(|_| is_line))?;
    rows.integer(at.filter(|_| !is_line))?;
    rows.text(reject.module.name())?;
    rows.optional(reject.field.map(|field| field.name()))?;
    rows.text(reject.code.name())?;
    rows.text(reject.code.action().word())?;
    rows.text(reject.code.message())?;
    rows.end_row()
}
