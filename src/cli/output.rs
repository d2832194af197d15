//! The only place that writes to standard output and standard error.

use std::io::{self, StdoutLock, Write as _};

use super::exit::{Code, Failure};

/// Writes to standard output. A reader who has seen enough (`| head`) is no failure.
pub(super) fn say(text: &str) -> Result<(), Failure> {
    stream(|out| out.write_all(text.as_bytes()))
}

/// Lets something write to standard output itself: what is too long for a text.
pub(super) fn stream(write: impl FnOnce(&mut StdoutLock<'_>) -> io::Result<()>) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match write(&mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::new(Code::Files, format!("cannot write to standard output: {error}")))
        }
        _ => Ok(()),
    }
}

/// Tells of a failure on standard error.
pub(super) fn complain(message: &str) {
    // Where standard error is gone there is nobody left to tell; the exit code still says it.
    let _ = writeln!(io::stderr(), "caseload: {message}");
}
