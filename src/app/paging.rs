//! Page tokens: opaque text that says where the next page starts, of which version and with which filters. A token is
//! no secret; it is bound so that no two pages of one listing can be of different versions.

use std::fmt::Write as _;

use serde::Serialize;

use super::{
    digest::digest_of,
    error::{AllocateError, BadField, Violations},
};
use crate::store::Version;

/// The page asked for: at least 1 and at most 1,000 entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageRequest {
    /// Most entries.
    pub size: usize,
    /// The token of the page before; empty = the first page.
    pub token: String,
}

/// What a token says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// Of which version; `None` for lists that are of none.
    pub(super) version: Option<Version>,
    /// Where the page starts, in the list's own terms.
    pub(super) position: String,
}

/// The token of a place in the list with these filters.
pub(super) fn token(place: &Place, filters: &impl Serialize) -> String {
    let version = place.version.map_or(0, Version::get);
    let text = format!("1 {version} {} {}", mark(filters), place.position);
    text.bytes().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").expect("a String takes all text");
        hex
    })
}

/// The place that a token names; `None` for the first page.
///
/// # Errors
/// [`AllocateError::Invalid`] on `page_token` for text that is no token, or one of a list with other filters.
pub(super) fn place(token: &str, filters: &impl Serialize) -> Result<Option<Place>, AllocateError> {
    if token.is_empty() {
        return Ok(None);
    }
    let refuse = |message: &str| {
        Err(AllocateError::Invalid(Violations {
            fields: vec![BadField::new("page_token", message)],
            ..Violations::default()
        }))
    };
    let Some((place, of)) = read(token) else {
        return refuse("is not a token of this service; send the next_page_token of the page before, unchanged");
    };
    if of != mark(filters) {
        return refuse(
            "belongs to a list with other filters; send the other fields as they were, or start again without",
        );
    }
    Ok(Some(place))
}

/// Refuses a position that this list cannot have.
pub(super) fn foreign_position() -> AllocateError {
    let message = "is not a token of this list; start again without";
    AllocateError::Invalid(Violations { fields: vec![BadField::new("page_token", message)], ..Violations::default() })
}

fn read(token: &str) -> Option<(Place, String)> {
    let digits = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    let bytes: Option<Vec<u8>> = token.as_bytes().chunks(2).map(digits).collect();
    let text = String::from_utf8(bytes?).ok()?;
    let mut parts = text.splitn(4, ' ');
    let (format, version, of, position) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let version = version.parse().ok().filter(|_| format == "1")?;
    Some((Place { version: Version::new(version), position: position.to_owned() }, of.to_owned()))
}

/// 16 hexadecimal digits that other filters do not have.
fn mark(filters: &impl Serialize) -> String {
    let digest = digest_of(filters);
    let hex = digest.as_str().trim_start_matches("sha256:");
    hex.chars().take(16).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(token: &str, filters: &str) -> String {
        match place(token, &filters) {
            Err(AllocateError::Invalid(found)) => found.fields[0].message.clone(),
            other => panic!("{token:?} gave {other:?}"),
        }
    }

    #[test]
    fn a_token_names_its_place() {
        for position in ["0", "17", "00001:a b"] {
            let there = Place { version: Version::new(3), position: position.to_owned() };
            assert_eq!(place(&token(&there, &"filters"), &"filters").unwrap(), Some(there));
        }
        assert_eq!(place("", &"filters").unwrap(), None);
    }

    #[test]
    fn a_token_of_another_list_or_garbage_is_refused() {
        let there = Place { version: None, position: "1".to_owned() };
        let good = token(&there, &"filters");
        assert!(refusal(&good, "others").contains("other filters"));
        for bad in ["x", "zz", "31", &good[1..], "é", "+f", &good[2..]] {
            assert!(refusal(bad, "filters").contains("not a token"), "{bad}");
        }
    }
}
