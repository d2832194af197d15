//! One CSV file as a table of named columns: header, line numbers, cells. What the columns mean is not here.

use std::collections::HashSet;
use std::fs::File;
use std::io::{Chain, Read};
use std::path::Path;

use ::csv::{ByteRecord, Reader, ReaderBuilder, Terminator};
use jiff::civil::Date;

use super::error::{Errors, quoted};

/// Bytes read from a file at once.
const BUFFER_BYTES: usize = 1 << 18;

/// A column that a file may have.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ColumnSpec {
    /// The name in the header.
    pub(crate) name: &'static str,
    /// The file must have it, and a value in every row.
    pub(crate) required: bool,
}

/// A column that must be there.
pub(crate) const fn required(name: &'static str) -> ColumnSpec {
    ColumnSpec { name, required: true }
}

/// A column that may be left out, as may any of its values.
pub(crate) const fn optional(name: &'static str) -> ColumnSpec {
    ColumnSpec { name, required: false }
}

/// Where a column is in this file, if it has it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Column {
    name: &'static str,
    position: Option<usize>,
}

/// A CSV file that is being read. UTF-8 with or without byte order mark, LF or CRLF, quoted where needed, one line a
/// row; blank rows are skipped, white space around a value is not part of it.
pub(crate) struct Table<'e> {
    file: String,
    // The added line end makes the last record end like every other, so that lines can be counted from its end.
    reader: Reader<Chain<File, &'static [u8]>>,
    specs: &'static [ColumnSpec],
    header: Vec<String>,
    record: ByteRecord,
    errors: &'e mut Errors,
}

impl<'e> Table<'e> {
    /// Opens a file and checks its header; `None` where that is wrong already, and said in `errors`.
    pub(crate) fn open(path: &Path, specs: &'static [ColumnSpec], errors: &'e mut Errors) -> Option<Self> {
        let file = file_name(path);
        let source = match File::open(path) {
            Ok(source) => source,
            Err(error) => {
                errors.push(&file, None, "", || {
                    format!("cannot open {}: {error}; check the path and who may read it", path.display())
                });
                return None;
            }
        };
        let reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            // A carriage return before the line end is white space at the end of a value. Left to itself the reader
            // ends a record at the carriage return, and the line feed then spoils the count of lines.
            .terminator(Terminator::Any(b'\n'))
            .buffer_capacity(BUFFER_BYTES)
            .from_reader(source.chain(b"\n".as_slice()));
        let mut table = Self { file, reader, specs, header: Vec::new(), record: ByteRecord::new(), errors };
        table.read_header().then_some(table)
    }

    /// The column of that name, which must be one of the specifications.
    pub(crate) fn column(&self, name: &'static str) -> Column {
        assert!(self.specs.iter().any(|spec| spec.name == name), "column {name} is not specified");
        Column { name, position: self.header.iter().position(|found| found == name) }
    }

    /// The next row that is not blank. A row of the wrong length, or with a line break in a value, is said in the
    /// errors and passed over: its values may stand under the wrong names.
    pub(crate) fn next_row(&mut self) -> Option<Row<'_>> {
        let line = loop {
            let line = self.next_record()?;
            let is_blank = self.record.iter().all(|cell| cell.trim_ascii().is_empty());
            if !is_blank && self.is_whole(line) {
                break line;
            }
        };
        Some(Row { file: &self.file, line, record: &self.record, errors: self.errors })
    }

    fn is_whole(&mut self, line: u64) -> bool {
        let (found, expected) = (self.record.len(), self.header.len());
        // No value has a line break in it; a quotation mark left open has, and would swallow the rows that follow.
        if let Some(position) = self.record.iter().position(|cell| cell.contains(&b'\n')) {
            let column = self.header.get(position).map_or("", String::as_str);
            let value = String::from_utf8_lossy(&self.record[position]);
            self.errors.push(&self.file, Some(line), column, || {
                format!("{} has a line break in it; a quotation mark may be left open", quoted(&value))
            });
            return false;
        }
        if found != expected {
            let hint = if found > expected {
                "put a value with a comma in it in quotation marks"
            } else {
                "write every comma, also after values left empty"
            };
            self.errors.push(&self.file, Some(line), "", || {
                format!("the row has {}, the header has {expected}; {hint}", counted(found, "value"))
            });
        }
        found == expected
    }

    /// Reads one record, and answers with the line on which it starts.
    fn next_record(&mut self) -> Option<u64> {
        match self.reader.read_byte_record(&mut self.record) {
            Ok(true) => {
                let lines_inside = self.record.as_slice().iter().filter(|&&byte| byte == b'\n').count() as u64;
                Some(self.reader.position().line() - 1 - lines_inside)
            }
            Ok(false) => None,
            Err(error) => {
                self.errors.push(&self.file, None, "", || format!("cannot be read to its end: {error}"));
                None
            }
        }
    }

    fn read_header(&mut self) -> bool {
        let Some(line) = self.next_record() else {
            let names = self.known_names();
            self.errors.push(&self.file, None, "", || {
                format!("the file is empty; its first line must name the columns: {names}")
            });
            return false;
        };
        let mut header = Vec::with_capacity(self.record.len());
        let mut seen = HashSet::new();
        let mut good = true;
        for (position, cell) in self.record.iter().enumerate() {
            let name = String::from_utf8_lossy(cell).trim().to_owned();
            let message = if std::str::from_utf8(cell).is_err() {
                format!("the name of column {} is not UTF-8; save the file as \"CSV UTF-8\"", position + 1)
            } else if name.is_empty() {
                format!("column {} has no name; name it or take it out", position + 1)
            } else if !self.specs.iter().any(|spec| spec.name == name) {
                let hint = if name.contains(';') || name.contains('\t') {
                    "; save the file with commas between its columns"
                } else if name.contains('\r') {
                    "; save the file with line feeds between its lines"
                } else {
                    ""
                };
                format!("unknown column {}{hint}; known are {}", quoted(&name), self.known_names())
            } else if !seen.insert(name.clone()) {
                format!("column {name} is there twice; take one out")
            } else {
                header.push(name);
                continue;
            };
            self.errors.push(&self.file, Some(line), "", || message);
            good = false;
        }
        for spec in self.specs.iter().filter(|spec| spec.required && !seen.contains(spec.name)) {
            self.errors
                .push(&self.file, Some(line), "", || format!("column {} is missing; the file must have it", spec.name));
            good = false;
        }
        self.header = header;
        good
    }

    fn known_names(&self) -> String {
        self.specs.iter().map(|spec| spec.name).collect::<Vec<_>>().join(", ")
    }
}

/// One row. A value that cannot be read is said in the errors and stands as missing.
pub(crate) struct Row<'t> {
    file: &'t str,
    /// Line on which the row starts, from 1.
    pub(crate) line: u64,
    record: &'t ByteRecord,
    errors: &'t mut Errors,
}

impl<'t> Row<'t> {
    /// The value, or `None` where the column or the value is not there.
    pub(crate) fn text(&mut self, column: Column) -> Option<&'t str> {
        let cell = self.record.get(column.position?)?;
        match std::str::from_utf8(cell) {
            Ok(text) => Some(text.trim()).filter(|text| !text.is_empty()),
            Err(_) => {
                self.error(column, || {
                    format!("{} is not UTF-8; save the file as \"CSV UTF-8\"", quoted(&String::from_utf8_lossy(cell)))
                });
                None
            }
        }
    }

    /// The value of a required column; empty where it is missing, which is an error.
    pub(crate) fn required(&mut self, column: Column) -> &'t str {
        let before = self.errors.count();
        let text = self.text(column);
        if text.is_none() && self.errors.count() == before {
            self.error(column, || "has no value; give one in every row".to_owned());
        }
        text.unwrap_or_default()
    }

    /// A whole number.
    pub(crate) fn integer(&mut self, column: Column) -> Option<i64> {
        self.parsed(column, |text| text.parse().ok(), "a whole number; write digits only, such as 12")
    }

    /// The whole number of a required column; 0 where it is missing, which is an error.
    pub(crate) fn required_integer(&mut self, column: Column) -> i64 {
        if self.required(column).is_empty() { 0 } else { self.integer(column).unwrap_or_default() }
    }

    /// A date.
    pub(crate) fn date(&mut self, column: Column) -> Option<Date> {
        self.parsed(column, parse_date, "a date; write year-month-day, such as 2022-01-31")
    }

    /// True or false; false where it is missing.
    pub(crate) fn flag(&mut self, column: Column) -> bool {
        self.parsed(column, parse_flag, "true or false; write true, false, yes, no, 1, 0 or nothing").unwrap_or(false)
    }

    /// A list separated by `;`; empty parts are left out.
    pub(crate) fn list<T: From<&'t str>>(&mut self, column: Column) -> Vec<T> {
        let Some(text) = self.text(column) else { return Vec::new() };
        text.split(';').map(str::trim).filter(|part| !part.is_empty()).map(T::from).collect()
    }

    /// A list separated by `;` whose parts have a text form of their own; empty parts are left out.
    pub(crate) fn parsed_list<T: std::str::FromStr<Err = String>>(&mut self, column: Column) -> Vec<T> {
        let parts: Vec<&str> = self.list(column);
        let mut values = Vec::with_capacity(parts.len());
        for part in parts {
            match part.parse() {
                Ok(value) => values.push(value),
                Err(problem) => self.error(column, || format!("{}: {problem}", quoted(part))),
            }
        }
        values
    }

    /// A value in the shape that `parse` knows; `wanted` is what it should have been.
    pub(crate) fn parsed<T>(&mut self, column: Column, parse: impl Fn(&str) -> Option<T>, wanted: &str) -> Option<T> {
        let text = self.text(column)?;
        let value = parse(text);
        if value.is_none() {
            self.error(column, || format!("{} is not {wanted}", quoted(text)));
        }
        value
    }

    fn error(&mut self, column: Column, message: impl FnOnce() -> String) {
        self.errors.push(self.file, Some(self.line), column.name, message);
    }
}

/// `YYYY-MM-DD` and nothing else: what the date library accepts beyond that (week dates, times) nobody means here.
pub(crate) fn parse_date(text: &str) -> Option<Date> {
    let &[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = text.as_bytes() else { return None };
    let number = |digits: &[u8]| {
        digits.iter().try_fold(0_i16, |sum, byte| byte.is_ascii_digit().then(|| sum * 10 + i16::from(byte - b'0')))
    };
    let two_digits = |digits: [u8; 2]| i8::try_from(number(&digits)?).ok();
    Date::new(number(&[y1, y2, y3, y4])?, two_digits([m1, m2])?, two_digits([d1, d2])?).ok()
}

fn parse_flag(text: &str) -> Option<bool> {
    let any_of = |words: [&str; 3]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    match (any_of(["true", "yes", "1"]), any_of(["false", "no", "0"])) {
        (true, _) => Some(true),
        (_, true) => Some(false),
        _ => None,
    }
}

/// The name of a file without its folder.
pub(crate) fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}

fn counted(count: usize, word: &str) -> String {
    if count == 1 { format!("1 {word}") } else { format!("{count} {word}s") }
}
