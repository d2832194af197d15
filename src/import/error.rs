//! What is wrong with files, all of it at once: each error names file, line, column, value and what to do.

use std::fmt;

/// Most errors that are kept; the rest are only counted. A file with more is wrong as a whole.
pub const ERRORS_MAX: usize = 1_000;

/// One thing that is wrong with one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileError {
    /// Name of the file, without its folder.
    pub file: String,
    /// Line on which the record starts, from 1; `None` = the file as a whole.
    pub line: Option<u64>,
    /// Name of the column (of JSON, its number in the line); empty = the line as a whole.
    pub column: String,
    /// A sentence with the value and what to do.
    pub message: String,
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&place_in_file(&self.file, self.line, &self.column))?;
        write!(f, ": {}", self.message)
    }
}

/// `cases.csv line 5, column weight_points`, without the parts that are not known.
pub(super) fn place_in_file(file: &str, line: Option<u64>, column: &str) -> String {
    let mut place = file.to_owned();
    if let Some(line) = line {
        place.push_str(&format!(" line {line}"));
    }
    if !column.is_empty() {
        place.push_str(&format!(", column {column}"));
    }
    place
}

/// Files that cannot be used as they stand. Nothing was half-read: either all of it is used or none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportError {
    /// At least one error, file by file in the order of reading, [`ERRORS_MAX`] at most.
    pub errors: Vec<FileError>,
    /// How many more there are.
    pub more_count: usize,
}

impl std::error::Error for ImportError {}

impl fmt::Display for ImportError {
    /// One error a line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, error) in self.errors.iter().enumerate() {
            if position > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{error}")?;
        }
        if self.more_count > 0 {
            write!(f, "\n... and {} more", self.more_count)?;
        }
        Ok(())
    }
}

/// Collects errors while files are read.
#[derive(Debug, Default)]
pub(crate) struct Errors {
    kept: Vec<FileError>,
    more_count: usize,
}

impl Errors {
    /// Keeps or counts one error. The message is built only where it is kept.
    pub(crate) fn push(&mut self, file: &str, line: Option<u64>, column: &str, message: impl FnOnce() -> String) {
        if self.kept.len() == ERRORS_MAX {
            self.more_count += 1;
            return;
        }
        self.kept.push(FileError { file: file.to_owned(), line, column: column.to_owned(), message: message() });
    }

    /// Keeps, or counts, those of files that were read by themselves.
    pub(crate) fn add(&mut self, other: ImportError) {
        for error in other.errors {
            if self.kept.len() < ERRORS_MAX {
                self.kept.push(error);
            } else {
                self.more_count += 1;
            }
        }
        self.more_count += other.more_count;
    }

    /// How many there are, kept or not.
    pub(crate) fn count(&self) -> usize {
        self.kept.len() + self.more_count
    }

    /// What was collected: at least one error.
    pub(crate) fn into_error(self) -> ImportError {
        ImportError { errors: self.kept, more_count: self.more_count }
    }

    /// `value`, unless there is an error.
    pub(crate) fn into_result<T>(self, value: T) -> Result<T, ImportError> {
        if self.kept.is_empty() { Ok(value) } else { Err(self.into_error()) }
    }
}

/// A value as a message quotes it: bounded, on one line.
pub(crate) fn quoted(value: &str) -> String {
    let short = cut(value);
    if short.len() == value.len() { format!("{value:?}") } else { format!("{short:?}...") }
}

/// The first characters of a text.
pub(crate) fn cut(text: &str) -> &str {
    const CHARS_MAX: usize = 60;
    text.char_indices().nth(CHARS_MAX).map_or(text, |(end, _)| &text[..end])
}
