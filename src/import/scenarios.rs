//! Scenarios from a TOML file.

use std::path::{Path, PathBuf};

use jiff::civil::Date;
use serde::Deserialize;

use super::error::{Errors, ImportError};
use super::toml_file::read_toml;
use super::{BacklogFiles, read_backlog};
use crate::model::Backlog;

/// A file: `[[scenario]]` tables. `T` is what a scenario is made of; its fields stand beside `joining_team`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File<T> {
    scenario: Vec<Entry<T>>,
}

#[derive(Deserialize)]
struct Entry<T> {
    #[serde(flatten)]
    scenario: T,
    joining_team: Option<Team>,
}

/// Files of a team that joins.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Team {
    cases: PathBuf,
    officers: PathBuf,
    supervisors: Option<PathBuf>,
    pairs: Option<PathBuf>,
}

/// Reads scenarios, each with the backlog of the team that joins in it, if one does. Its files are looked for beside the file.
///
/// # Errors
/// A file that cannot be read, is too large or no TOML; an unknown or missing field, with its line; everything that is wrong with
/// the files of a team.
pub fn read_scenarios<T: for<'de> Deserialize<'de>>(
    path: &Path,
    as_at: Date,
) -> Result<Vec<(T, Option<Backlog>)>, ImportError> {
    let mut errors = Errors::default();
    let Some(file) = read_toml::<File<T>>(path, &mut errors) else { return errors.into_result(Vec::new()) };
    let folder = path.parent().unwrap_or(Path::new(""));
    let mut read = Vec::new();
    for Entry { scenario, joining_team } in file.scenario {
        let team = joining_team.map(|team| {
            let files = BacklogFiles {
                cases: folder.join(team.cases),
                officers: folder.join(team.officers),
                supervisors: team.supervisors.map(|path| folder.join(path)),
                pairs: team.pairs.map(|path| folder.join(path)),
            };
            read_backlog(&files, as_at).map(|read| read.backlog)
        });
        read.push((scenario, team.transpose()?));
    }
    errors.into_result(read)
}
