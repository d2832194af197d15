//! Scenarios from a TOML file.

use std::path::{Path, PathBuf};

use jiff::civil::Date;
use serde::Deserialize;
use toml::{Spanned, Table};

use super::error::{Errors, ImportError};
use super::table::file_name;
use super::toml_file::{line_at, read_toml};
use super::{BacklogFiles, read_backlog};
use crate::model::Backlog;

/// A file: `[[scenario]]` tables, each with the fields of a scenario and, perhaps, `joining_team`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    scenario: Vec<Spanned<Table>>,
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
    let name = file_name(path);
    let Some((file, text)) = read_toml::<File>(path, &mut errors) else { return errors.into_result(Vec::new()) };
    let folder = path.parent().unwrap_or(Path::new(""));
    let mut read = Vec::new();
    for table in file.scenario {
        let line = Some(line_at(&text, table.span().start));
        let mut table = table.into_inner();
        let team = table.remove("joining_team").map(Team::deserialize).transpose();
        let (scenario, team) = match (T::deserialize(table), team) {
            (Ok(scenario), Ok(team)) => (scenario, team),
            (scenario, team) => {
                let messages = [scenario.err(), team.err()].into_iter().flatten();
                messages.for_each(|error| errors.push(&name, line, "", || error.message().trim_end().to_owned()));
                continue;
            }
        };
        let team = team.map(|team| {
            let files = BacklogFiles {
                cases: folder.join(team.cases),
                officers: folder.join(team.officers),
                supervisors: team.supervisors.map(|path| folder.join(path)),
                pairs: team.pairs.map(|path| folder.join(path)),
            };
            read_backlog(&files, as_at).map(|read| read.backlog)
        });
        match team.transpose() {
            Ok(team) => read.push((scenario, team)),
            Err(wrong) => errors.add(wrong),
        }
    }
    errors.into_result(read)
}
