//! Fields of a request: the list of those that cannot be read, readers for the types that several have, and their paths.

use jiff::civil::Date;

use crate::{
    app::{BadField, Violations},
    model::{Part, Place, Violation},
};

/// Longest piece of a caller's text that is repeated in an answer, in characters.
const QUOTED_MAX: usize = 80;

/// The path of a field as the messages name it: the model's places, which are named like columns of a file, except
/// that dates end in `_date`.
pub(in crate::rpc) fn path(place: Place) -> String {
    let field = match place.field {
        "as_at" => "as_at_date",
        "waiting_since" => "waiting_since_date",
        "available_from" => "available_from_date",
        "available_until" => "available_until_date",
        field => field,
    };
    Place { field, ..place }.to_string()
}

/// Where in backlog and rules a reader is.
#[derive(Clone, Copy)]
pub(super) struct At {
    pub(super) part: Part,
    pub(super) position: Option<usize>,
}

/// What cannot be read, so far.
#[derive(Default)]
pub(super) struct Found(pub(super) Violations);

impl Found {
    /// A bad field outside backlog and rules.
    pub(super) fn field(&mut self, field: impl Into<String>, message: impl Into<String>) {
        self.0.fields.push(BadField::new(field, message));
    }

    /// A bad field of backlog or rules.
    pub(super) fn violation(&mut self, at: At, field: &'static str, value: &str, message: impl Into<String>) {
        let place = Place { part: at.part, position: at.position, field };
        self.0.backlog.push(Violation { place, value: quoted(value), message: message.into() });
    }

    /// An ISO date; empty = unset.
    pub(super) fn date(&mut self, at: At, field: &'static str, text: &str) -> Option<Date> {
        if text.is_empty() {
            return None;
        }
        let date = iso_date(text);
        if date.is_none() {
            self.violation(at, field, text, no_date(text));
        }
        date
    }

    /// An ISO date outside backlog and rules; empty = unset.
    pub(super) fn day(&mut self, field: &str, text: &str) -> Option<Date> {
        let date = iso_date(text);
        if date.is_none() && !text.is_empty() {
            self.field(field, no_date(text));
        }
        date
    }
}

fn iso_date(text: &str) -> Option<Date> {
    text.parse::<Date>().ok().filter(|date| date.to_string() == text)
}

fn no_date(text: &str) -> String {
    format!("is `{}`; must be an ISO date such as 2026-01-20", quoted(text))
}

/// A caller's text, short enough to be repeated to them.
pub(super) fn quoted(text: &str) -> String {
    let short: String = text.chars().take(QUOTED_MAX).collect();
    let ellipsis = if short.len() < text.len() { "..." } else { "" };
    format!("{}{ellipsis}", short.escape_debug())
}

/// Empty text is an unset field.
pub(super) fn optional<T>(text: String, wrap: impl FnOnce(String) -> T) -> Option<T> {
    if text.is_empty() { None } else { Some(wrap(text)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_names_the_field_of_the_message() {
        let check = |part, position, field, expected: &str| assert_eq!(path(Place { part, position, field }), expected);
        check(Part::Cases, Some(3), "weight_points", "backlog.cases[3].weight_points");
        check(Part::Cases, Some(0), "waiting_since", "backlog.cases[0].waiting_since_date");
        check(Part::Cases, Some(0), "due_date", "backlog.cases[0].due_date");
        check(Part::Officers, Some(1), "available_until", "backlog.officers[1].available_until_date");
        check(Part::Backlog, None, "as_at", "backlog.as_at_date");
        check(Part::Supervisors, None, "", "backlog.supervisors");
        check(Part::Rules, None, "preset", "rules.preset");
    }

    #[test]
    fn only_a_whole_iso_date_is_a_date() {
        let at = At { part: Part::Cases, position: Some(0) };
        let mut found = Found::default();
        assert_eq!(
            found.date(at, "due_date", "2026-02-28").map(|date| date.to_string()),
            Some("2026-02-28".to_owned())
        );
        assert_eq!(found.date(at, "due_date", ""), None);
        assert!(found.0.is_empty());
        let bad = ["2026-02-30", "2026-2-3", "20260203", "28/02/2026", "2026-02-28T10:00", " 2026-02-28", "x"];
        for text in bad {
            assert_eq!(found.date(at, "due_date", text), None, "{text}");
        }
        assert_eq!(found.0.count(), bad.len());
    }
}
