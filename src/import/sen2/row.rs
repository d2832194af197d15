//! One record as text, and what its values can mean: dates, flags, codes.

use std::borrow::Cow;

use jiff::civil::Date;

use super::fields::{Field, Module};
use super::rejects::{RejectCode, Rejects};

/// Where the values of a record stand in its text.
pub(super) type Spans = [(u32, u32); Field::COUNT];

/// No value at all.
pub(super) const NO_SPANS: Spans = [(0, 0); Field::COUNT];

/// A record. Only fields that are read have a value.
pub(super) struct Row<'a> {
    pub(super) module: Module,
    /// Line or ordinal, for the report.
    pub(super) at: u32,
    pub(super) text: &'a [u8],
    pub(super) spans: &'a Spans,
}

impl Row<'_> {
    /// The value without white space around it; empty where there is none.
    pub(super) fn value(&self, field: Field) -> &[u8] {
        let (start, end) = self.spans[field as usize];
        self.text.get(start as usize..end as usize).unwrap_or_default().trim_ascii()
    }

    /// The value as text: UTF-8, else Windows-1252 as far as that is Latin-1.
    pub(super) fn word(&self, field: Field) -> Cow<'_, str> {
        let value = self.value(field);
        match std::str::from_utf8(value) {
            Ok(text) => Cow::Borrowed(text),
            Err(_) => Cow::Owned(value.iter().map(|&byte| char::from(byte)).collect()),
        }
    }

    pub(super) fn reject(&self, field: Option<Field>, code: RejectCode, rejects: &mut Rejects) {
        rejects.push(self.module, self.at, field, code);
    }

    /// A date, if it is one.
    pub(super) fn date(&self, field: Field, rejects: &mut Rejects) -> Option<Date> {
        let value = self.value(field);
        if value.is_empty() {
            return None;
        }
        let date = parse_date(value);
        if date.is_none() {
            self.reject(Some(field), RejectCode::BadDate, rejects);
        }
        date
    }

    /// Yes or no; empty = no.
    pub(super) fn flag(&self, field: Field, rejects: &mut Rejects) -> bool {
        let is_any = |words: &[&[u8]]| words.iter().any(|word| self.value(field).eq_ignore_ascii_case(word));
        let is_yes = is_any(&[b"1", b"true", b"y", b"yes"]);
        if !is_yes && !is_any(&[b"", b"0", b"false", b"n", b"no"]) {
            self.reject(Some(field), RejectCode::UnknownCode, rejects);
        }
        is_yes
    }

    /// One of the codes of the field, by its name in capitals.
    pub(super) fn code<T: Copy>(&self, field: Field, codes: &[(&str, T)], rejects: &mut Rejects) -> Option<T> {
        let value = self.value(field);
        if value.is_empty() {
            return None;
        }
        let found = codes.iter().find(|(code, _)| value.eq_ignore_ascii_case(code.as_bytes()));
        if found.is_none() {
            self.reject(Some(field), RejectCode::UnknownCode, rejects);
        }
        found.map(|&(_, meaning)| meaning)
    }
}

const MONTHS: [&[u8; 3]; 12] =
    [b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov", b"dec"];

/// `2022-09-28`, `2022-Sep-28` and `28/09/2022`, each with or without a time of day after it.
pub(super) fn parse_date(text: &[u8]) -> Option<Date> {
    let day_end = text.iter().position(|&byte| byte == b' ' || byte == b'T').unwrap_or(text.len());
    let (day, time) = text.split_at(day_end);
    if !time.iter().skip(1).all(|byte| byte.is_ascii_digit() || b":.+Z-".contains(byte)) {
        return None;
    }
    match *day {
        [d1, d2, b'/', m1, m2, b'/', y1, y2, y3, y4] => to_date(&[y1, y2, y3, y4], &[m1, m2], &[d1, d2]),
        [y1, y2, y3, y4, b'-', m1, m2, m3, b'-', d1, d2] => {
            let month = MONTHS.iter().position(|name| name.eq_ignore_ascii_case(&[m1, m2, m3]))?;
            let month = i8::try_from(month + 1).ok()?;
            Date::new(number(&[y1, y2, y3, y4])?, month, i8::try_from(number(&[d1, d2])?).ok()?).ok()
        }
        [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] => to_date(&[y1, y2, y3, y4], &[m1, m2], &[d1, d2]),
        _ => None,
    }
}

fn to_date(year: &[u8], month: &[u8], day: &[u8]) -> Option<Date> {
    Date::new(number(year)?, i8::try_from(number(month)?).ok()?, i8::try_from(number(day)?).ok()?).ok()
}

fn number(digits: &[u8]) -> Option<i16> {
    digits.iter().try_fold(0_i16, |sum, byte| byte.is_ascii_digit().then(|| sum * 10 + i16::from(byte - b'0')))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn dates_are_read_as_the_forms_write_them() {
        for text in ["2022-Sep-28 00:00:00", "2022-09-28", "2022-09-28T00:00:00", "28/09/2022", "2022-SEP-28"] {
            assert_eq!(parse_date(text.as_bytes()), Some(date(2022, 9, 28)), "{text}");
        }
        for text in
            ["", "2022", "2022-13-01", "2022-Feb-30", "28/9/2022", "28-09-2022", "2022-09-28 noon", "2022-09-2x"]
        {
            assert_eq!(parse_date(text.as_bytes()), None, "{text}");
        }
    }
}
