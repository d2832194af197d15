//! A file of TOML, or what is wrong with it.

use std::path::Path;

use serde::Deserialize;

use super::{error::Errors, table::file_name};

/// Largest file, in bytes.
const BYTES_MAX: u64 = 4 << 20;

/// Reads it, and gives its text, too; `None` = it cannot be read, is too large or no such TOML, as is said in `errors`, with its line.
pub(super) fn read_toml<T: for<'de> Deserialize<'de>>(path: &Path, errors: &mut Errors) -> Option<(T, String)> {
    let name = file_name(path);
    let text = match std::fs::metadata(path).map(|about| about.len()) {
        Ok(bytes) if bytes > BYTES_MAX => Err(format!("has {bytes} bytes; {BYTES_MAX} at most are read")),
        _ => std::fs::read_to_string(path).map_err(|error| format!("cannot be read: {error}; check the path")),
    };
    let text = match text {
        Ok(text) => text,
        Err(message) => {
            errors.push(&name, None, "", || message);
            return None;
        }
    };
    match toml::from_str(&text) {
        Ok(read) => Some((read, text)),
        Err(error) => {
            let line = error.span().map(|span| line_at(&text, span.start));
            errors.push(&name, line, "", || error.message().to_owned());
            None
        }
    }
}

/// The line, from 1, of a byte of a text.
pub(super) fn line_at(text: &str, byte: usize) -> u64 {
    1 + text.bytes().take(byte).filter(|&byte| byte == b'\n').count() as u64
}
