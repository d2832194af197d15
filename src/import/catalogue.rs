//! A stage catalogue that is shipped, or from a TOML file.

use std::path::Path;

use super::error::{Errors, ImportError};
use super::table::file_name;
use crate::statute::{Catalogue, PRESETS};

/// Largest file, in bytes: many times the size of the catalogues that are shipped.
const BYTES_MAX: u64 = 4 << 20;

/// The catalogue of that name among those shipped, else of that file.
///
/// # Errors
/// A file that cannot be read, is too large or no UTF-8; everything that is wrong with it, each with its line and field.
pub fn read_catalogue(preset_or_file: &str) -> Result<Catalogue, ImportError> {
    if let Some(catalogue) = Catalogue::preset(preset_or_file) {
        return Ok(catalogue);
    }
    let path = Path::new(preset_or_file);
    let file = file_name(path);
    let mut errors = Errors::default();
    let faults = match text(path) {
        Ok(text) => match Catalogue::read(&text) {
            Ok(catalogue) => return Ok(catalogue),
            Err(faults) => faults,
        },
        Err(message) => {
            errors.push(&file, None, "", || message);
            Vec::new()
        }
    };
    for fault in faults {
        let field = if fault.field.is_empty() { String::new() } else { format!("{}: ", fault.field) };
        errors.push(&file, Some(fault.line), "", || format!("{field}{}", fault.message));
    }
    Err(errors.into_error())
}

/// The file says of itself that it is a catalogue: it has a table of that name.
#[must_use]
pub fn is_catalogue(file: &str) -> bool {
    let is_header = |line: &str| line.split('#').next().unwrap_or_default().trim() == "[catalogue]";
    Catalogue::preset(file).is_some() || text(Path::new(file)).is_ok_and(|text| text.lines().any(is_header))
}

fn text(path: &Path) -> Result<String, String> {
    let known = || PRESETS.map(|(name, _)| name).join(", ");
    let unreadable =
        |error| format!("{} is neither a catalogue ({}) nor a file that can be read: {error}", path.display(), known());
    let bytes = std::fs::metadata(path).map_err(unreadable)?.len();
    if bytes > BYTES_MAX {
        return Err(format!("has {bytes} bytes; {BYTES_MAX} at most are read: is it the right file?"));
    }
    std::fs::read_to_string(path).map_err(unreadable)
}
