//! Files to a backlog and rules, with every error named by file, line and column; and published instances to a backlog.
//!
//! Here is only what can be said of a file by itself: its columns, and whether a value can be read. What the values
//! mean together (unknown officers, ranges, duplicates) is [`Problem::new`](crate::model)'s to say; the line numbers
//! kept here turn what it finds back into places in the files. Called by the command line.

mod catalogue;
mod csv;
mod error;
mod gap;
mod lines;
mod profiles;
mod rules;
mod scenarios;
mod sen2;
mod table;
mod toml_file;

use std::path::{Path, PathBuf};

use jiff::civil::Date;

use crate::model::{Backlog, Case, Pair, Part, Violation};

pub use catalogue::{is_catalogue, read_catalogue};
pub(crate) use csv::{CASE_COLUMNS, OFFICER_COLUMNS, PAIR_COLUMNS, SUPERVISOR_COLUMNS};
pub(crate) use error::Errors;
pub use error::{ERRORS_MAX, FileError, ImportError};
pub use gap::{GapInstance, GapSolution, Sense, read_gap, read_gap_solution};
use lines::Lines;
pub use profiles::read_profiles;
pub use rules::read_rules;
pub use scenarios::read_scenarios;
pub use sen2::{
    Action, CaseKind, Counts, Derived, FRESH_DAYS, Field, Form, KeyError, KeyFile, Labels, Module, Obligation,
    REJECTS_MAX, Reject, RejectCode, Rejects, Relabelled, Sen2Import, Sen2Options, TokenSource, Tokeniser, read_key,
    read_labels, read_or_make_key, read_sen2, relabel,
};
pub(crate) use table::{ColumnSpec, Table, file_name, optional, required};

/// The files of a backlog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BacklogFiles {
    /// `cases.csv`.
    pub cases: PathBuf,
    /// `officers.csv`.
    pub officers: PathBuf,
    /// `supervisors.csv`; `None` = no supervisors.
    pub supervisors: Option<PathBuf>,
    /// `pairs.csv`; `None` = eligibility is derived from areas, skills, dates and bars.
    pub pairs: Option<PathBuf>,
}

impl BacklogFiles {
    /// The files of a folder by their usual names. `supervisors.csv` and `pairs.csv` count where they exist now.
    #[must_use]
    pub fn in_folder(folder: &Path) -> Self {
        let existing = |name: &str| Some(folder.join(name)).filter(|path| path.exists());
        Self {
            cases: folder.join("cases.csv"),
            officers: folder.join("officers.csv"),
            supervisors: existing("supervisors.csv"),
            pairs: existing("pairs.csv"),
        }
    }
}

/// A backlog as the files have it, and where each of its records stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadBacklog {
    /// The backlog, in the order of the files. Nothing in it is checked but that it can be read.
    pub backlog: Backlog,
    /// Where its records stand; kept when the backlog itself is given away.
    pub places: BacklogPlaces,
}

impl ReadBacklog {
    /// See [`BacklogPlaces::locate`].
    #[must_use]
    pub fn locate(&self, violation: &Violation) -> String {
        self.places.locate(violation)
    }
}

/// New cases as a file has them, and where each of them stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCases {
    /// The cases, in the order of the file.
    pub cases: Vec<Case>,
    /// Their pairs, in the order of the file; `None` = no file of pairs.
    pub pairs: Option<Vec<Pair>>,
    case_lines: Lines,
}

impl NewCases {
    /// The line of the file on which a case starts, from 1.
    #[must_use]
    pub fn line(&self, position: usize) -> Option<u64> {
        self.case_lines.line(position)
    }
}

/// Reads new cases, with the columns of `cases.csv` and `pairs.csv`. Errors as of [`read_backlog`].
///
/// # Errors
/// Everything that is wrong with the files, at once.
pub fn read_new_cases(cases: &Path, pairs: Option<&Path>) -> Result<NewCases, ImportError> {
    let mut errors = Errors::default();
    let (cases, case_lines) = csv::read_cases(cases, &mut errors);
    let pairs = pairs.map(|path| csv::read_pairs(path, &mut errors).0);
    errors.into_result(NewCases { cases, pairs, case_lines })
}

/// Where the records of a backlog stand in its files: a few bytes, whatever the size of the files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BacklogPlaces {
    cases: (String, Lines),
    officers: (String, Lines),
    supervisors: (String, Lines),
    pairs: (String, Lines),
}

impl BacklogPlaces {
    /// The violation with its place in the files: `cases.csv line 5, column weight_points: ...`. A violation of the
    /// backlog as a whole, or of the rules, keeps its own path.
    #[must_use]
    pub fn locate(&self, violation: &Violation) -> String {
        let place = &violation.place;
        let (file, lines) = match place.part {
            Part::Cases => &self.cases,
            Part::Officers => &self.officers,
            Part::Supervisors => &self.supervisors,
            Part::Pairs => &self.pairs,
            Part::Backlog | Part::Rules => return violation.to_string(),
        };
        let line = place.position.and_then(|position| lines.line(position));
        format!("{}: {}", error::place_in_file(file, line, place.field), violation.message)
    }
}

/// Reads a backlog as at a day. One pass over each file, in memory of the size of the backlog.
///
/// Columns may stand in any order and most may be left out; values of a list are separated by `;`, dates are written
/// `2022-01-31`, `pinned` is true, false, yes, no, 1, 0 or empty.
///
/// # Errors
/// Everything that is wrong with any of the files, at once: a file that cannot be opened, an unknown, repeated or
/// missing column, a row of the wrong length, a value that cannot be read.
pub fn read_backlog(files: &BacklogFiles, as_at: Date) -> Result<ReadBacklog, ImportError> {
    let mut errors = Errors::default();
    let (cases, case_lines) = csv::read_cases(&files.cases, &mut errors);
    let (officers, officer_lines) = csv::read_officers(&files.officers, &mut errors);
    let (supervisors, supervisor_lines) =
        files.supervisors.as_ref().map(|path| csv::read_supervisors(path, &mut errors)).unwrap_or_default();
    let (pairs, pair_lines) = files.pairs.as_ref().map(|path| csv::read_pairs(path, &mut errors)).unzip();

    let name = |path: Option<&PathBuf>, usual: &str| path.map_or_else(|| usual.to_owned(), |path| file_name(path));
    let places = BacklogPlaces {
        cases: (file_name(&files.cases), case_lines),
        officers: (file_name(&files.officers), officer_lines),
        supervisors: (name(files.supervisors.as_ref(), "supervisors.csv"), supervisor_lines),
        pairs: (name(files.pairs.as_ref(), "pairs.csv"), pair_lines.unwrap_or_default()),
    };
    errors.into_result(ReadBacklog { backlog: Backlog { as_at, cases, officers, supervisors, pairs }, places })
}
