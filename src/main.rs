//! The `caseload` program. Everything it does is in the library's `cli`.

use std::io::{Write as _, stdout};

fn main() {
    let code = caseload::cli::run();
    // Nobody is left to tell where standard output is gone.
    let _ = stdout().flush();
    // Not by returning: a thread that HiGHS keeps beyond the time limit must not see its globals torn down under it.
    signal_hook::low_level::exit(code.into());
}
