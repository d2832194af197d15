//! The `caseload` program. Everything it does is in the library's `cli`.

use std::process::ExitCode;

fn main() -> ExitCode {
    caseload::cli::run()
}
