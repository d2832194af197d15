//! What can go wrong in a store, by what the caller can do about it.

use std::error::Error;
use std::path::PathBuf;

use super::ids::{RequestId, Version};

/// Any cause: the stores' own libraries are named nowhere else.
pub type Cause = Box<dyn Error + Send + Sync>;

/// An operation that was not done, or whose outcome is not known ([`StoreError::Unavailable`] only).
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another commit came first: read the current version, decide again.
    #[error("the current version is {}, not the one this was made from", version_text(*.current))]
    Conflict {
        /// The current version; `None` = the team has no assignment.
        current: Option<Version>,
    },
    /// The request id belongs to another request, or to another operation: choose a new one.
    #[error("request_id {request_id} was already used for another request; use a new one")]
    RequestReused {
        /// The id.
        request_id: RequestId,
    },
    /// The store cannot be reached, or did not answer in time. A commit may or may not have been done: repeat it with
    /// the same request id (or just the same allocation), and it is done once.
    #[error("the store is unavailable")]
    Unavailable {
        /// Why.
        #[source]
        source: Cause,
    },
    /// A stored record is not what was stored. Nothing was guessed: somebody has to restore it.
    #[error("stored record {what} is corrupt: {problem}")]
    Corrupt {
        /// Which record, as the store names it.
        what: String,
        /// What is wrong with it.
        problem: String,
    },
}

fn version_text(version: Option<Version>) -> String {
    version.map_or_else(|| "none".to_owned(), |version| version.to_string())
}

impl StoreError {
    pub(super) fn unavailable(source: impl Into<Cause>) -> Self {
        Self::Unavailable { source: source.into() }
    }

    pub(super) fn corrupt(what: impl Into<String>, problem: impl Into<String>) -> Self {
        Self::Corrupt { what: what.into(), problem: problem.into() }
    }
}

/// A store that could not be opened at start.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The data file belongs to another running process.
    #[error(
        "data file {} is in use: another caseload is using it. Stop that one, or choose another data directory",
        file.display()
    )]
    InUse {
        /// The file.
        file: PathBuf,
    },
    /// The data file cannot be opened or created.
    #[error("data file {} cannot be opened", file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// Why.
        #[source]
        source: Cause,
    },
    /// The store's address is not one. The address itself is left out, since it may hold a password.
    #[error("the store's address is not a redis:// or rediss:// URL, or its certificate is not a PEM file")]
    Address {
        /// Why.
        #[source]
        source: Cause,
    },
}
