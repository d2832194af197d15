//! How a solve went, as JSON lines: one for each time that the answer or the bound was told to be better.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Serialize;

use super::exit::{Code, Failure};
use super::files::WriteError;
use crate::solve::{Progress, Stage};

/// What was known at one moment of a solve.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Point {
    /// Seconds since the solve began.
    pub(super) seconds: f64,
    /// What it did: see [`stage_code`]; of the last point `end`.
    pub(super) stage: &'static str,
    /// Price of the best answer; `None` where there was none that counts.
    pub(super) objective: Option<i64>,
    /// Best bound; `None` where there is none in published costs.
    pub(super) bound: Option<i64>,
}

impl Point {
    pub(super) fn of(elapsed: Duration, progress: Progress) -> Self {
        Self {
            seconds: elapsed.as_secs_f64(),
            stage: stage_code(progress.stage),
            objective: Some(progress.objective),
            bound: Some(progress.bound),
        }
    }

    /// The answer itself, checked.
    pub(super) fn end(elapsed: Duration, objective: Option<i64>, bound: Option<i64>) -> Self {
        Self { seconds: elapsed.as_secs_f64(), stage: "end", objective, bound }
    }
}

/// The word for a stage in traces.
fn stage_code(stage: Stage) -> &'static str {
    match stage {
        Stage::Start => "start",
        Stage::Greedy => "greedy",
        Stage::Prices => "prices",
        Stage::Improve => "improve",
        Stage::Milp => "milp",
    }
}

/// Where the points go: a file, or nowhere.
pub(super) struct Trace {
    file: Option<(PathBuf, File)>,
    /// The first point that could not be written; no further one is tried.
    failed: Option<io::Error>,
}

/// A line of several instances' trace says which it is of.
#[derive(Serialize)]
struct Line<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    instance: Option<&'a str>,
    #[serde(flatten)]
    point: &'a Point,
}

impl Trace {
    /// A new file, or an empty one in place of what was there.
    pub(super) fn create(path: Option<&Path>) -> Result<Self, Failure> {
        Self::open(path, |path| File::create(path))
    }

    /// The end of a file that is there.
    pub(super) fn append(path: Option<&Path>) -> Result<Self, Failure> {
        Self::open(path, |path| File::options().append(true).open(path))
    }

    fn open(path: Option<&Path>, open: impl FnOnce(&Path) -> io::Result<File>) -> Result<Self, Failure> {
        let open = |path: &Path| Ok((path.to_owned(), open(path).map_err(|source| failure(path, source))?));
        Ok(Self { file: path.map(open).transpose()?, failed: None })
    }

    /// Writes a line, which is in the file at once: a long solve can be watched.
    pub(super) fn write(&mut self, instance: Option<&str>, point: &Point) {
        if let Some((_, file)) = &mut self.file
            && self.failed.is_none()
        {
            let line = serde_json::to_string(&Line { instance, point }).expect("words and numbers are always JSON");
            self.failed = file.write_all(format!("{line}\n").as_bytes()).err();
        }
    }

    /// Says whether all could be written.
    pub(super) fn close(self) -> Result<(), Failure> {
        match (self.file, self.failed) {
            (Some((path, _)), Some(source)) => Err(failure(&path, source)),
            _ => Ok(()),
        }
    }
}

fn failure(path: &Path, source: io::Error) -> Failure {
    Failure::from_error(Code::Files, &WriteError { path: path.to_owned(), source })
}
