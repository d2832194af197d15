//! A CSV file record by record, whatever is wrong with some of them: what cannot be read costs its own line and no more.

use std::collections::VecDeque;
use std::io::{self, BufRead, Read as _};

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

use super::fields::{Field, Module};
use super::rejects::{RejectCode, Rejects};
use super::row::{NO_SPANS, Row, Spans};

/// Longest record in bytes.
pub(super) const RECORD_BYTES_MAX: usize = 1 << 16;
/// Most lines of one record: quoted text may have line breaks in it.
const RECORD_LINES_MAX: usize = 20;
/// Most columns.
const COLUMNS_MAX: usize = 256;

/// One line as it stands in the file.
struct Line {
    number: u32,
    /// With its line feed, unless the file ends without one.
    text: Vec<u8>,
    is_too_long: bool,
}

/// A file that is being read.
pub(super) struct Records<R> {
    module: Module,
    source: R,
    line: u32,
    /// Lines that were read ahead.
    ahead: VecDeque<Line>,
    core: Reader,
    /// What each column is, if it is read.
    columns: Vec<Option<Field>>,
    record: Record,
    is_utf8: bool,
}

/// The values of one record.
struct Record {
    text: Vec<u8>,
    ends: Vec<usize>,
    spans: Spans,
}

impl<R: BufRead> Records<R> {
    /// Reads the header. `None` = there is none, which is said in the rejects.
    pub(super) fn open(module: Module, source: R, rejects: &mut Rejects) -> io::Result<Option<Self>> {
        let mut records = Self {
            module,
            source,
            line: 0,
            ahead: VecDeque::new(),
            core: ReaderBuilder::new().build(),
            columns: Vec::new(),
            record: Record { text: vec![0; 2 * RECORD_BYTES_MAX], ends: vec![0; COLUMNS_MAX], spans: NO_SPANS },
            is_utf8: true,
        };
        let Some(mut line) = records.next_line()? else {
            rejects.push(module, 0, None, RejectCode::FileEmpty);
            return Ok(None);
        };
        if is_utf16(&line.text) {
            rejects.push(module, 0, None, RejectCode::FileEncoding);
            return Ok(None);
        }
        if line.text.starts_with(b"\xef\xbb\xbf") {
            line.text.drain(..3);
        }
        let count = records.split(&line.text).unwrap_or(0);
        let mut columns = Vec::with_capacity(count);
        for position in 0..count {
            let (start, end) = records.record.cell(position);
            let name = records.record.text[start..end].trim_ascii().to_ascii_lowercase();
            let field = Field::of_name(&name);
            let is_twice = field.is_some() && columns.contains(&field);
            if is_twice {
                rejects.push(module, 1, field, RejectCode::ColumnTwice);
            }
            columns.push(if is_twice { None } else { field });
        }
        records.columns = columns;
        let needed = [module.table_id(), module.parent().map(|(_, field)| field)];
        for field in needed.into_iter().flatten().chain(module.needed().iter().copied()) {
            if !records.has(field) {
                rejects.push(module, 1, Some(field), RejectCode::ColumnMissing);
            }
        }
        Ok(Some(records))
    }

    /// The file has that column.
    pub(super) fn has(&self, field: Field) -> bool {
        self.columns.contains(&Some(field))
    }

    /// The next record that can be read.
    pub(super) fn next(&mut self, rejects: &mut Rejects) -> io::Result<Option<Row<'_>>> {
        let at = loop {
            let Some(mut line) = self.next_line()? else { return Ok(None) };
            if line.text.trim_ascii().is_empty() && !line.is_too_long {
                continue;
            }
            if line.is_too_long {
                rejects.push(self.module, line.number, None, RejectCode::RowTooLong);
                continue;
            }
            let is_last = !line.text.ends_with(b"\n");
            let is_open = quotes(&line.text) % 2 == 1 && (is_last || self.split(&line.text).is_none());
            if is_open && !self.close(&mut line)? {
                let code = if is_last { RejectCode::FileCutOff } else { RejectCode::QuoteOpen };
                rejects.push(self.module, line.number, None, code);
                continue;
            }
            if self.split(&line.text) != Some(self.columns.len()) {
                let code = if is_last { RejectCode::FileCutOff } else { RejectCode::RowLength };
                rejects.push(self.module, line.number, None, code);
                continue;
            }
            if self.is_utf8 && std::str::from_utf8(&line.text).is_err() {
                self.is_utf8 = false;
                rejects.push(self.module, line.number, None, RejectCode::NotUtf8);
            }
            break line.number;
        };
        self.record.spans = NO_SPANS;
        for (position, field) in self.columns.iter().enumerate() {
            if let Some(field) = field {
                let (start, end) = self.record.cell(position);
                let short = |at: usize| u32::try_from(at).expect("a record is short");
                self.record.spans[*field as usize] = (short(start), short(end));
            }
        }
        Ok(Some(Row { module: self.module, at, text: &self.record.text, spans: &self.record.spans }))
    }

    /// Joins the lines that follow, until every quotation mark is closed and the record has as many values as the header.
    /// Where that does not come about, they stay lines of their own.
    fn close(&mut self, line: &mut Line) -> io::Result<bool> {
        let mut joined = line.text.clone();
        for count in 1..RECORD_LINES_MAX {
            while self.ahead.len() < count {
                let Some(next) = self.read_line()? else { return Ok(false) };
                self.ahead.push_back(next);
            }
            let next = &self.ahead[count - 1];
            if next.is_too_long || joined.len() + next.text.len() > RECORD_BYTES_MAX {
                return Ok(false);
            }
            joined.extend_from_slice(&next.text);
            if quotes(&next.text) % 2 == 1 {
                let is_whole = self.split(&joined) == Some(self.columns.len());
                if is_whole {
                    self.ahead.drain(..count);
                    line.text = joined;
                }
                return Ok(is_whole);
            }
        }
        Ok(false)
    }

    /// Splits a record into its values; how many there are, unless they are too many, or more follows.
    fn split(&mut self, text: &[u8]) -> Option<usize> {
        self.core.reset();
        let Record { text: output, ends, .. } = &mut self.record;
        let (result, read, written, count) = self.core.read_record(text, output, ends);
        match result {
            ReadRecordResult::Record => text[read..].trim_ascii().is_empty().then_some(count),
            // A last line without its line feed is ended by the end of the input; so is a quotation mark left open.
            ReadRecordResult::InputEmpty if !text.ends_with(b"\n") => {
                let (result, _, _, more) = self.core.read_record(&[], &mut output[written..], &mut ends[count..]);
                (result == ReadRecordResult::Record).then_some(count + more)
            }
            _ => None,
        }
    }

    fn next_line(&mut self) -> io::Result<Option<Line>> {
        match self.ahead.pop_front() {
            Some(line) => Ok(Some(line)),
            None => self.read_line(),
        }
    }

    fn read_line(&mut self) -> io::Result<Option<Line>> {
        let mut text = Vec::new();
        (&mut self.source).take(RECORD_BYTES_MAX as u64).read_until(b'\n', &mut text)?;
        if text.is_empty() {
            return Ok(None);
        }
        let is_too_long = text.len() == RECORD_BYTES_MAX && !text.ends_with(b"\n");
        if is_too_long {
            self.source.skip_until(b'\n')?;
        }
        self.line += 1;
        Ok(Some(Line { number: self.line, text, is_too_long }))
    }
}

impl Record {
    fn cell(&self, position: usize) -> (usize, usize) {
        let start = position.checked_sub(1).map_or(0, |before| self.ends[before]);
        (start, self.ends[position])
    }
}

fn quotes(text: &[u8]) -> usize {
    text.iter().filter(|&&byte| byte == b'"').count()
}

/// A byte order mark of UTF-16, or every other byte zero.
pub(super) fn is_utf16(text: &[u8]) -> bool {
    text.starts_with(b"\xff\xfe") || text.starts_with(b"\xfe\xff") || text.iter().take(8).any(|&byte| byte == 0)
}
