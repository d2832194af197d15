//! Profiles of officers who could be hired, from a TOML file.

use std::path::Path;

use serde::Deserialize;

use super::{
    error::{Errors, ImportError},
    toml_file::read_toml,
};

/// A file: `[[profile]]` tables. `T` is what a profile is.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File<T> {
    profile: Vec<T>,
}

/// Reads profiles.
///
/// # Errors
/// A file that cannot be read, is too large or no TOML; an unknown or missing field, with its line.
pub fn read_profiles<T: for<'de> Deserialize<'de>>(path: &Path) -> Result<Vec<T>, ImportError> {
    let mut errors = Errors::default();
    let read = read_toml::<File<T>>(path, &mut errors);
    errors.into_result(read.map_or_else(Vec::new, |(file, _)| file.profile))
}
