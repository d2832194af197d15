//! Colour, where standard output is a terminal and nobody asked for none (NO_COLOR). Nothing is said by colour alone.

use std::io::IsTerminal as _;
use std::sync::LazyLock;

static IS_ON: LazyLock<bool> = LazyLock::new(|| {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    std::io::stdout().is_terminal() && !is_set("NO_COLOR") && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
});

/// What people should worry about.
pub(super) fn bad(text: &str) -> String {
    painted(text, "31")
}

/// What is as it should be.
pub(super) fn good(text: &str) -> String {
    painted(text, "32")
}

pub(super) fn bold(text: &str) -> String {
    painted(text, "1")
}

fn painted(text: &str, code: &str) -> String {
    if *IS_ON && !text.is_empty() { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
}
