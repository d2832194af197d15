//! Short names for exactly this input: the same content always gives the same digest.

use std::io::{self, Write};

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::{
    model::{Backlog, Rules},
    store::Digest,
};

/// The digest of backlog and rules as the caller sent them. The order of the lists does not matter.
#[must_use]
pub fn input_digest(backlog: &Backlog, rules: &Rules) -> Digest {
    let Backlog { as_at, cases, officers, supervisors, pairs } = backlog;
    digest_of(&(
        "caseload input 1",
        as_at,
        sorted_by(cases, |case| &case.id),
        sorted_by(officers, |officer| &officer.id),
        sorted_by(supervisors, |supervisor| &supervisor.id),
        pairs.as_ref().map(|pairs| sorted_by(pairs, |pair| (&pair.case_id, &pair.officer_id))),
        rules,
    ))
}

/// The digest of a value's JSON, in which every field has its name or its place.
pub(super) fn digest_of(value: &impl Serialize) -> Digest {
    let mut hash = Hash(Sha256::new());
    serde_json::to_writer(&mut hash, value)
        .expect("names, numbers and flags have a JSON form, and hashing never fails");
    let hex: String = hash.0.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    Digest::new(format!("sha256:{hex}")).expect("64 hexadecimal digits")
}

fn sorted_by<'a, T, K: Ord>(entries: &'a [T], key: impl Fn(&'a T) -> K) -> Vec<&'a T> {
    let mut sorted: Vec<&T> = entries.iter().collect();
    sorted.sort_by_key(|entry| key(entry));
    sorted
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Case;
    use jiff::civil::date;

    #[test]
    fn order_does_not_matter_and_everything_else_does() {
        let backlog = |ids: [&str; 2]| Backlog {
            as_at: date(2026, 9, 1),
            cases: ids.map(|id| Case::new(id.into())).to_vec(),
            officers: Vec::new(),
            supervisors: Vec::new(),
            pairs: None,
        };
        let rules = Rules::standard();
        let digest = input_digest(&backlog(["a", "b"]), &rules);
        assert_eq!(digest, input_digest(&backlog(["b", "a"]), &rules));
        assert_ne!(digest, input_digest(&backlog(["a", "c"]), &rules));
        assert_ne!(digest, input_digest(&backlog(["a", "b"]), &Rules::plain()));
        let mut pinned = backlog(["a", "b"]);
        pinned.cases[0].pinned = true;
        assert_ne!(digest, input_digest(&pinned, &rules));
    }
}
