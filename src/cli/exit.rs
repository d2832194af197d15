//! How the program ends: every exit code, and the failure that carries one.

use crate::app::error::chain;
use crate::solve::FaultyAnswer;

/// Exit codes: the ones above 2 as `sysexits.h` numbers them. [`HELP`] tells them to people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Code {
    /// Done; of a check: nothing is wrong.
    Fine,
    /// Of a check: the answer is wrong. Of a published instance: no solution was found. Of the others: the run failed.
    Wrong,
    /// An argument is missing or cannot be understood.
    Usage,
    /// Of a comparison: there are differences.
    Differences,
    /// Rules that do not exist, or a service configuration that cannot be used.
    Configuration,
    /// Input files that can be read but not used.
    Data,
    /// The address or the store of the service cannot be had.
    Unavailable,
    /// A file that cannot be read or written.
    Files,
}

impl Code {
    pub(super) fn number(self) -> u8 {
        match self {
            Self::Fine => 0,
            Self::Wrong => 1,
            Self::Usage => 2,
            Self::Differences => 3,
            Self::Configuration => 64,
            Self::Data => 65,
            Self::Unavailable => 69,
            Self::Files => 74,
        }
    }
}

/// The codes, for the help.
pub(super) const HELP: &str = "\
Exit codes:
   0  done; of `check`: nothing is wrong with the answer
   1  of `check`: something is wrong with the answer; of `allocate --format gap`: no solution was
      found; otherwise: the run failed
   2  an argument is missing or cannot be understood
   3  of `reconcile`: extract and assignment differ
  64  bad configuration: no such rules, or the service's configuration cannot be used
  65  bad input: every violation is listed with its file, line and column
  69  the service's address or store cannot be had
  74  a file cannot be read or written";

/// Why a command did not do what it was asked: a message for people, and the exit code.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) code: Code,
    /// One or several lines: which thing, which value, what to do.
    pub(super) message: String,
}

impl Failure {
    pub(super) fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    /// An answer that the checker refused.
    pub(super) fn of_defect(error: &FaultyAnswer) -> Self {
        Self::new(Code::Wrong, format!("{error}\nthis is a defect of caseload, please report it"))
    }

    /// A failure with an error and all its causes, which do not repeat each other.
    pub(super) fn from_error(code: Code, error: &dyn std::error::Error) -> Self {
        Self { code, message: chain(error) }
    }
}

/// What a command comes to.
pub(super) type Outcome = Result<Code, Failure>;
