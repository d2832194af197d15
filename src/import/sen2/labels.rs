//! The way back, for those who hold the key: tokens in any text become the council's own numbers again.

use std::collections::{HashMap, HashSet};
use std::io::{self, BufRead, Write};
use std::path::Path;

use super::fields::Field;
use super::rejects::Rejects;
use super::row::Row;
use super::tables::normal;
use super::token::{LETTER_COUNT, LETTERS, PREFIX, Token, TokenSource, Tokeniser};
use super::{Source, failure, open, xml};
use crate::import::error::ImportError;

/// Length of a token.
const TOKEN_LENGTH: usize = PREFIX.len() + LETTER_COUNT;
/// Most unknown tokens that are told apart.
const UNKNOWN_MAX: usize = 1_000_000;

/// The council's number of each child, by token. Nothing else of them is kept.
#[derive(Clone)]
pub struct Labels {
    /// What the numbers are.
    pub source: TokenSource,
    numbers: HashMap<Token, Box<str>>,
}

impl std::fmt::Debug for Labels {
    /// No number of a child.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Labels {{ {} numbers }}", self.numbers.len())
    }
}

/// What became of the tokens of a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Relabelled {
    /// Tokens that were replaced, each as often as it stood there.
    pub replaced: u64,
    /// Tokens that no child of the extract has, as often as they stood there.
    pub unknown: u64,
    /// How many different ones they were.
    pub distinct_unknown: usize,
    /// Tokens that stayed, as the number would break a CSV or JSON file: it has a comma, quotation mark or backslash in it.
    pub unsafe_number: u64,
}

impl Labels {
    /// How many children there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.numbers.len()
    }

    /// There is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.numbers.is_empty()
    }
}

/// Reads the numbers of all children of an extract.
///
/// # Errors
/// No extract there, or one that cannot be read.
pub fn read_labels(extract: &Path, tokeniser: &Tokeniser, wanted: Option<TokenSource>) -> Result<Labels, ImportError> {
    let failed = |message: String| failure(extract, message);
    let found = Source::find(extract).map_err(failed)?;
    let read = || -> io::Result<Labels> {
        let source = found.token_source(wanted)?;
        let mut labels = Labels { source, numbers: HashMap::new() };
        let mut rejects = Rejects::default();
        match &found {
            Source::Csv(files) => {
                files.read_persons(&mut rejects, |row, _| labels.learn(row, tokeniser))?;
            }
            Source::Xml(path) => xml::walk(open(path)?, &mut rejects, |seen, _| {
                if let xml::Seen::End(row) = seen
                    && row.module == super::Module::Person
                {
                    labels.learn(&row, tokeniser);
                }
                true
            })?,
        }
        Ok(labels)
    };
    read().map_err(|error| failed(error.to_string()))
}

impl Labels {
    fn learn(&mut self, row: &Row<'_>, tokeniser: &Tokeniser) {
        let fields = match self.source {
            TokenSource::NativeId => &[Field::NativeId][..],
            TokenSource::PersonTableId => &[Field::PersonTableId],
            TokenSource::Upn => &[Field::Upn, Field::UniqueLearnerNumber],
        };
        if let Some(&field) = fields.iter().find(|&&field| !row.value(field).is_empty()) {
            let number = normal(self.source, &row.word(field));
            let (token, _) = tokeniser.token(field.name(), &number);
            self.numbers.entry(token).or_insert_with(|| number.into());
        }
    }
}

/// Copies a text, with the council's numbers instead of tokens. In memory of one line, or of 64 KiB where lines are longer.
///
/// # Errors
/// What reading or writing answers with.
pub fn relabel(mut text: impl BufRead, mut out: impl Write, labels: &Labels) -> io::Result<Relabelled> {
    let mut counts = Relabelled::default();
    let mut unknown: HashSet<Token> = HashSet::new();
    let mut kept: Vec<u8> = Vec::new();
    loop {
        let chunk = text.fill_buf()?;
        let (length, is_end) = (chunk.len(), chunk.is_empty());
        kept.extend_from_slice(chunk);
        text.consume(length);
        let mut done = 0;
        while let Some(found) = find(&kept[done..]) {
            let start = done + found;
            // A token, and the letter after it by which a longer word is told.
            if kept.len() <= start + TOKEN_LENGTH && !is_end {
                out.write_all(&kept[done..start])?;
                done = start;
                break;
            }
            let end = (start + TOKEN_LENGTH).min(kept.len());
            out.write_all(&kept[done..start])?;
            match token_at(&kept, start) {
                None => {
                    out.write_all(PREFIX.as_bytes())?;
                    done = start + PREFIX.len();
                }
                Some(token) => {
                    match labels.numbers.get(&token) {
                        Some(number) if is_safe(number) => {
                            counts.replaced += 1;
                            out.write_all(number.as_bytes())?;
                        }
                        Some(_) => {
                            counts.unsafe_number += 1;
                            out.write_all(&kept[start..end])?;
                        }
                        None => {
                            counts.unknown += 1;
                            if unknown.len() < UNKNOWN_MAX {
                                unknown.insert(token);
                            }
                            out.write_all(&kept[start..end])?;
                        }
                    }
                    done = end;
                }
            }
        }
        // What may be the beginning of a token stays for the next turn.
        let rest = kept.len() - done;
        let is_waiting = rest > 0 && kept[done..].starts_with(PREFIX.as_bytes()) && !is_end;
        let keep = match (is_end, is_waiting) {
            (true, _) => 0,
            (false, true) => rest,
            (false, false) => rest.min(PREFIX.len() - 1),
        };
        out.write_all(&kept[done..kept.len() - keep])?;
        kept.drain(..kept.len() - keep);
        if is_end {
            break;
        }
    }
    out.flush()?;
    counts.distinct_unknown = unknown.len();
    Ok(counts)
}

fn find(text: &[u8]) -> Option<usize> {
    let prefix = PREFIX.as_bytes();
    let mut from = 0;
    while let Some(at) = text[from..].iter().position(|&byte| byte == prefix[0]) {
        if text[from + at..].starts_with(prefix) {
            return Some(from + at);
        }
        from += at + 1;
    }
    None
}

/// The token that stands there as a word, or before the `-` of a case's id.
fn token_at(text: &[u8], start: usize) -> Option<Token> {
    let is_end = text.get(start + TOKEN_LENGTH).is_none_or(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_');
    let letters = text.get(start + PREFIX.len()..start + TOKEN_LENGTH)?;
    if !is_end || !letters.iter().all(|letter| LETTERS.contains(letter)) {
        return None;
    }
    std::str::from_utf8(&text[start..start + TOKEN_LENGTH]).ok()?.parse().ok()
}

fn is_safe(number: &str) -> bool {
    !number.chars().any(|c| c.is_control() || matches!(c, ',' | '"' | '\\' | ';' | '<' | '&'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_replaced_wherever_the_text_is_cut() {
        let tokeniser = Tokeniser::new(&[3; 32]);
        let token = |number: &str| tokeniser.token("nativeid", number).0;
        let numbers = [("EHC1", "EHC1"), ("E,2", "E,2")].map(|(number, label)| (token(number), label.into()));
        let labels = Labels { source: TokenSource::NativeId, numbers: numbers.into() };
        let (one, unsafe_one, other) = (token("EHC1"), token("E,2"), token("EHC3"));
        let text = format!(
            "case_id\n{one}-plan,{one}\n\"{unsafe_one}\" chchild-{other}, child-0001 {one}x child-{{}} {one}-assessment\nchild-"
        );
        let expected = format!(
            "case_id\nEHC1-plan,EHC1\n\"{unsafe_one}\" chchild-{other}, child-0001 {one}x child-{{}} EHC1-assessment\nchild-"
        );
        for capacity in 1..60 {
            let mut out = Vec::new();
            let source = io::BufReader::with_capacity(capacity, text.as_bytes());
            let counts = relabel(source, &mut out, &labels).unwrap();
            assert_eq!(String::from_utf8(out).unwrap(), expected, "{capacity} bytes at a time");
            let wanted = Relabelled { replaced: 3, unknown: 1, distinct_unknown: 1, unsafe_number: 1 };
            assert_eq!(counts, wanted);
        }
    }
}
