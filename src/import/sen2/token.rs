//! Tokens instead of children: HMAC-SHA-256 of the council's own number under a key that stays with the council.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// Bytes of a token: with 80 bits, two of a million children share one with a chance of 1 in 2,400,000,000,000.
const TOKEN_BYTES: usize = 10;
/// What a token begins with.
pub(super) const PREFIX: &str = "child-";
/// Its letters after that: digits and small letters without i, l, o and u.
pub(super) const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// Letters of a token after the prefix.
pub(super) const LETTER_COUNT: usize = TOKEN_BYTES * 8 / 5;

/// The field of an extract that tokens are made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenSource {
    /// The council's own number of the child (`NativeId`).
    NativeId,
    /// The number of the person in the export (`persontableid`).
    PersonTableId,
    /// The Unique Pupil Number, else the learner number: an XML return may have nothing else.
    Upn,
}

impl TokenSource {
    /// What people call it.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::NativeId => "the council's own number (NativeId)",
            Self::PersonTableId => "the number of the person in the export (persontableid)",
            Self::Upn => "the Unique Pupil Number, else the learner number",
        }
    }
}

/// A child, opaque.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Token([u8; TOKEN_BYTES]);

impl fmt::Display for Token {
    /// `child-` and 16 letters.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bits = self.0.iter().fold(0_u128, |bits, &byte| bits << 8 | u128::from(byte));
        f.write_str(PREFIX)?;
        for letter in (0..LETTER_COUNT).rev() {
            let index = usize::try_from(bits >> (5 * letter) & 31).expect("five bits");
            fmt::Write::write_char(f, char::from(LETTERS[index]))?;
        }
        Ok(())
    }
}

impl FromStr for Token {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let letters = text.strip_prefix(PREFIX).filter(|letters| letters.len() == LETTER_COUNT).ok_or(())?;
        let bits = letters.bytes().try_fold(0_u128, |bits, letter| {
            let index = LETTERS.iter().position(|&known| known == letter)?;
            Some(bits << 5 | index as u128)
        });
        let bytes = bits.ok_or(())?.to_be_bytes();
        Ok(Self(bytes[bytes.len() - TOKEN_BYTES..].try_into().map_err(|_| ())?))
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Makes tokens under one key.
#[derive(Clone)]
pub struct Tokeniser {
    keyed: Hmac<Sha256>,
}

impl fmt::Debug for Tokeniser {
    /// Nothing of the key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tokeniser")
    }
}

impl Tokeniser {
    /// A tokeniser for that key.
    ///
    /// # Panics
    /// Never: a key of any length will do.
    #[must_use]
    pub fn new(key: &[u8]) -> Self {
        Self { keyed: Hmac::new_from_slice(key).expect("HMAC takes keys of any length") }
    }

    /// The token of that number, and a few more bits by which two numbers of one token would be told apart.
    pub(super) fn token(&self, label: &str, number: &str) -> (Token, u64) {
        let digest = self.digest(label, number);
        let token = digest[..TOKEN_BYTES].try_into().expect("a digest has 32 bytes");
        let rest = digest[TOKEN_BYTES..TOKEN_BYTES + 8].try_into().expect("a digest has 32 bytes");
        (Token(token), u64::from_le_bytes(rest))
    }

    /// A name of the key that does not give it away: with another key it is another.
    #[must_use]
    pub fn key_name(&self) -> String {
        self.token("caseload key name", "").0.to_string()[PREFIX.len()..][..8].to_owned()
    }

    /// What is made from one field is never what is made from another: its name goes in as well.
    fn digest(&self, label: &str, number: &str) -> [u8; 32] {
        let mut mac = self.keyed.clone();
        mac.update(label.as_bytes());
        mac.update(&[0]);
        mac.update(number.as_bytes());
        mac.finalize().into_bytes().into()
    }
}

/// A number of a child as it is read, and the field it is of.
#[derive(Clone, Copy)]
pub(super) struct PersonKey<'a> {
    pub(super) label: &'static str,
    pub(super) number: &'a str,
}

/// Tokens that were given, and to which person of the extract.
#[derive(Default)]
pub(super) struct KnownTokens {
    persons: HashMap<Token, (u64, u32)>,
}

/// What a token is to those given before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Given {
    New(Token),
    /// The same number as that person's.
    Again(u32),
    /// Another number with the same token.
    Collision,
}

impl KnownTokens {
    /// The token for this number of a person. Distinct numbers with one token are told by bits that are not in the token.
    pub(super) fn give(&mut self, tokeniser: &Tokeniser, key: PersonKey<'_>, person: u32) -> Given {
        let (token, rest) = tokeniser.token(key.label, key.number);
        match self.persons.get(&token) {
            Some(&(known, first)) if known == rest => Given::Again(first),
            Some(_) => Given::Collision,
            None => {
                self.persons.insert(token, (rest, person));
                Given::New(token)
            }
        }
    }

    /// The person of that number.
    pub(super) fn person_of(&self, tokeniser: &Tokeniser, key: PersonKey<'_>) -> Option<u32> {
        let (token, rest) = tokeniser.token(key.label, key.number);
        self.persons.get(&token).filter(|&&(known, _)| known == rest).map(|&(_, person)| person)
    }

    pub(super) fn person(&self, token: Token) -> Option<u32> {
        self.persons.get(&token).map(|&(_, person)| person)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hmac_is_that_of_the_standard() {
        // RFC 4231, test case 2, over label, zero and number: recomputed here from its definition.
        use sha2::Digest as _;
        let key = b"a key of thirty-two bytes, no less";
        let pad = |byte: u8| {
            let mut block = [byte; 64];
            block.iter_mut().zip(key).for_each(|(at, key)| *at ^= key);
            block
        };
        let inner = Sha256::new().chain_update(pad(0x36)).chain_update(b"nativeid\0EHC1").finalize();
        let outer = Sha256::new().chain_update(pad(0x5c)).chain_update(inner).finalize();
        assert_eq!(Tokeniser::new(key).digest("nativeid", "EHC1")[..], outer[..]);
    }

    #[test]
    fn a_token_is_short_plain_and_stable() {
        let tokeniser = Tokeniser::new(&[7; 32]);
        let (token, _) = tokeniser.token("nativeid", "EHC2022004567");
        let text = token.to_string();
        assert_eq!(text.len(), PREFIX.len() + LETTER_COUNT);
        assert!(text[PREFIX.len()..].bytes().all(|letter| LETTERS.contains(&letter)), "{text}");
        assert_eq!(tokeniser.token("nativeid", "EHC2022004567").0, token);
        assert_eq!(text.parse(), Ok(token));
        assert_eq!("child-000001".parse::<Token>(), Err(()));
        assert_ne!(tokeniser.token("upn", "EHC2022004567").0, token);
        assert_ne!(Tokeniser::new(&[8; 32]).token("nativeid", "EHC2022004567").0, token);
        assert_ne!(Tokeniser::new(&[8; 32]).key_name(), tokeniser.key_name());
    }

    #[test]
    fn the_same_number_again_is_told_from_a_collision() {
        let tokeniser = Tokeniser::new(&[7; 32]);
        let mut known = KnownTokens::default();
        let key = |number| PersonKey { label: "upn", number };
        let Given::New(token) = known.give(&tokeniser, key("a"), 0) else { panic!("it is new") };
        assert_eq!(known.give(&tokeniser, key("a"), 1), Given::Again(0));
        assert_eq!(known.person(token), Some(0));
        known.persons.insert(token, (0, 0));
        assert_eq!(known.give(&tokeniser, key("a"), 1), Given::Collision);
    }
}
