//! Names in the store: teams, allocations, requests, versions and digests, each checked once and for all.

use std::fmt;
use std::num::NonZeroU64;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// A text that is not the id it should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind} {text:?} must be {shape}")]
pub struct InvalidId {
    /// Which id: `team_id`.
    pub kind: &'static str,
    /// What was given, cut to 80 characters.
    pub text: String,
    /// What it must look like.
    pub shape: &'static str,
}

macro_rules! checked_ids {
    ($($(#[$doc:meta])* $name:ident($kind:literal, $shape:literal, $is_valid:path);)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Checks and wraps a text.
            ///
            /// # Errors
            /// If the text does not have the shape given above.
            pub fn new(text: impl Into<String>) -> Result<Self, InvalidId> {
                let text = text.into();
                if $is_valid(&text) {
                    Ok(Self(text))
                } else {
                    Err(InvalidId { kind: $kind, text: text.chars().take(80).collect(), shape: $shape })
                }
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;

            fn try_from(text: String) -> Result<Self, InvalidId> {
                Self::new(text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    )*};
}

checked_ids! {
    /// The scope of one current assignment: `^[a-z0-9][a-z0-9-]{0,62}$`, so that it can stand in a URL, a file name and
    /// between the braces of a Redis hash tag as it is.
    TeamId("team_id", "1 to 63 of a-z, 0-9 and '-', not beginning with '-'", is_team_id);
    /// Names one allocation for ever, kept or committed: 1 to 128 visible ASCII characters.
    AllocationId("allocation_id", "1 to 128 visible ASCII characters without spaces", is_token);
    /// Chosen by the caller so that a request sent twice is done once: 1 to 128 visible ASCII characters, best a UUID.
    RequestId("request_id", "1 to 128 visible ASCII characters without spaces", is_token);
    /// SHA-256 of something: `sha256:` and 64 lower-case hexadecimal digits.
    Digest("digest", "'sha256:' and 64 lower-case hexadecimal digits", is_digest);
}

fn is_team_id(text: &str) -> bool {
    text.len() <= 63
        && text.starts_with(|first: char| first.is_ascii_lowercase() || first.is_ascii_digit())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

fn is_token(text: &str) -> bool {
    (1..=128).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

fn is_digest(text: &str) -> bool {
    text.strip_prefix("sha256:").is_some_and(|hex| {
        hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
    })
}

impl AllocationId {
    /// A new one that no other process can have made: a random UUID.
    #[must_use]
    pub fn random() -> Self {
        Self(uuid::Uuid::new_v4().to_string())
    }
}

impl Digest {
    /// The digest of these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let mut text = String::from("sha256:");
        for byte in sha256(bytes) {
            for digit in [byte >> 4, byte & 15] {
                text.push(char::from_digit(u32::from(digit), 16).expect("4 bits are one hexadecimal digit"));
            }
        }
        Self(text)
    }
}

pub(super) fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// Number of a team's assignment: the first is 1, and every commit adds 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Version(NonZeroU64);

impl Version {
    /// The first version of a team.
    pub const FIRST: Self = Self(NonZeroU64::MIN);

    /// The version of this number; `None` for 0, which no assignment has.
    #[must_use]
    pub fn new(number: u64) -> Option<Self> {
        NonZeroU64::new(number).map(Self)
    }

    /// The version that follows `parent`: one more, or the first after none.
    ///
    /// # Panics
    /// After 2^64 - 1 commits.
    #[must_use]
    pub fn after(parent: Option<Self>) -> Self {
        match parent {
            None => Self::FIRST,
            Some(Self(number)) => Self(number.checked_add(1).expect("a team sees fewer than 2^64 commits")),
        }
    }

    /// The number, from 1.
    #[must_use]
    pub fn get(self) -> u64 {
        self.0.get()
    }

    /// The text by which callers know the version: its number.
    #[must_use]
    pub fn etag(self) -> String {
        self.to_string()
    }

    /// The version that an etag names; `None` for any text that [`Version::etag`] does not give.
    #[must_use]
    pub fn from_etag(etag: &str) -> Option<Self> {
        let version = etag.parse().ok().and_then(Self::new)?;
        (version.etag() == etag).then_some(version)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_checked() {
        let longest = "a".repeat(63);
        for good in ["a", "7", "north-1", longest.as_str()] {
            assert_eq!(TeamId::new(good).map(String::from), Ok(good.to_owned()));
        }
        let too_long = "a".repeat(64);
        for bad in ["", "-a", "A", "a_b", "a}b", "ä", "a b", "a\n", too_long.as_str()] {
            assert!(TeamId::new(bad).is_err(), "{bad:?}");
            assert!(serde_json::from_value::<TeamId>(bad.into()).is_err(), "{bad:?} by serde");
        }
        assert!(RequestId::new("7c1f:x/{y}").is_ok());
        for bad in ["", " ", "a b", "é", "a\u{7f}", "x".repeat(129).as_str()] {
            assert!(RequestId::new(bad).is_err(), "{bad:?}");
        }
        assert_eq!(
            TeamId::new("A!").unwrap_err().to_string(),
            "team_id \"A!\" must be 1 to 63 of a-z, 0-9 and '-', not beginning with '-'"
        );
    }

    #[test]
    fn a_digest_is_that_of_the_standard() {
        let empty = Digest::of(b"");
        assert_eq!(empty.as_str(), "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert_eq!(Digest::new(empty.as_str()), Ok(empty));
        assert!(Digest::new("sha256:E3").is_err());
    }

    #[test]
    fn an_etag_names_its_version_and_nothing_else_does() {
        assert_eq!(Version::from_etag(&Version::FIRST.etag()), Some(Version::FIRST));
        assert_eq!(Version::from_etag("18446744073709551615"), Version::new(u64::MAX));
        for bad in ["", "0", "01", "+1", "-1", "1 ", "1.0", "x", "18446744073709551616"] {
            assert_eq!(Version::from_etag(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn versions_rise_by_one() {
        assert_eq!(Version::after(None).get(), 1);
        assert_eq!(Version::after(Version::new(41)).get(), 42);
    }
}
