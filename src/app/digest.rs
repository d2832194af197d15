//! Short names for exactly this input: the same content always gives the same digest.

use std::io::{self, Write};

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::{
    model::{self, Backlog, Rules},
    store::Digest,
};

/// The digest of backlog and rules as the caller sent them: see [`model::input_digest`].
#[must_use]
pub fn input_digest(backlog: &Backlog, rules: &Rules) -> Digest {
    Digest::new(model::input_digest(backlog, rules)).expect("a digest has the shape of one")
}

/// The digest of a value's JSON, in which every field has its name or its place.
pub(super) fn digest_of(value: &impl Serialize) -> Digest {
    let mut hash = Hash(Sha256::new());
    serde_json::to_writer(&mut hash, value)
        .expect("names, numbers and flags have a JSON form, and hashing never fails");
    let hex: String = hash.0.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    Digest::new(format!("sha256:{hex}")).expect("64 hexadecimal digits")
}

struct Hash(Sha256);

impl Write for Hash {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
