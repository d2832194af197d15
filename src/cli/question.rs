//! What managers' questions share: where the answer goes, and what is said where there is none.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::Value;

use super::{
    exit::{Code, Failure, Outcome},
    files::WriteError,
    input::listed,
    output,
    working::Working,
};
use crate::plan::{BadEntry, Unanswerable};

/// Where the answer goes.
#[derive(Debug, Args)]
pub(super) struct AnswerArgs {
    /// Write the answer to this folder
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Print one JSON object instead of the picture
    #[arg(long)]
    json: bool,
}

impl AnswerArgs {
    /// Writes the files, where they are wanted; then prints the one JSON object, where that is wanted, else the picture.
    pub(super) fn tell(
        &self,
        working: Working,
        write: impl FnOnce(&Path) -> Result<(), WriteError>,
        json: impl FnOnce() -> Value,
        picture: impl FnOnce() -> String,
    ) -> Outcome {
        if let Some(folder) = &self.out {
            working.phase("writing the answer");
            write(folder).map_err(|error| Failure::from_error(Code::Files, &error))?;
        }
        drop(working);
        let mut text = if self.json {
            serde_json::to_string_pretty(&json()).expect("names and numbers are always JSON") + "\n"
        } else {
            picture()
        };
        if let Some(folder) = self.out.as_ref().filter(|_| !self.json) {
            text.push_str(&format!("  The answer is in {}.\n", folder.display()));
        }
        output::say(&text)?;
        Ok(Code::Fine)
    }
}

/// Why a question has no answer; what is wrong with it in these words.
pub(super) fn unanswerable(error: Unanswerable, in_words: impl Fn(&BadEntry) -> String) -> Failure {
    match error {
        Unanswerable::Invalid(faults) => listed("in the question", faults.iter().map(in_words), faults.len()),
        Unanswerable::Problem(error) => Failure::from_error(Code::Data, &error),
        Unanswerable::Faulty(error) => Failure::of_defect(&error),
    }
}
