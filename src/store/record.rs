//! How a record is stored: the same bytes in every store, and not those of the API.
//!
//! | bytes | what |
//! |---|---|
//! | 8 | `CASELOAD` |
//! | 2 | format number, big-endian: 1 |
//! | 1 | kind of record |
//! | 32 | SHA-256 of the key, the 11 bytes above and the payload |
//! | the rest | payload: zlib-compressed JSON |
//!
//! The key is in the checksum, so that a whole record under another's key is noticed too. Whoever changes a type that
//! is stored must either keep old records readable (serde defaults) or raise the format number and convert; the test
//! `the_format_is_the_one_of_last_time` is there to remind them.

use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::assignment::{AssignmentVersion, Proposal, ProposalSummary, RequestOutcome};
use super::error::StoreError;
use super::ids::sha256;

const MAGIC: &[u8; 8] = b"CASELOAD";
const FORMAT: u16 = 1;
const HEAD_BYTES: usize = 11;
const CHECKSUM_BYTES: usize = 32;
/// 20,000 cases are some 3 MB of JSON; a record that inflates to more than this was not written here.
const JSON_BYTES_MAX: u64 = 1 << 30;

/// Something that is stored as a whole.
pub(super) trait Record: Serialize + DeserializeOwned {
    /// Tells the kinds apart; never used again for another.
    const KIND: u8;
}

impl Record for AssignmentVersion {
    const KIND: u8 = 1;
}

impl Record for Proposal {
    const KIND: u8 = 2;
}

impl Record for ProposalSummary {
    const KIND: u8 = 3;
}

impl Record for RequestOutcome {
    const KIND: u8 = 4;
}

/// The bytes to store under `key`.
pub(super) fn encode<T: Record>(key: &str, value: &T) -> Vec<u8> {
    let json = serde_json::to_vec(value).expect("records have text keys and no failing serializers");
    let mut head = [0; HEAD_BYTES];
    head[..8].copy_from_slice(MAGIC);
    head[8..10].copy_from_slice(&FORMAT.to_be_bytes());
    head[10] = T::KIND;
    // Fast: a tenth more bytes than by default for a fraction of its time, and a commit waits for it.
    let mut payload = ZlibEncoder::new(Vec::new(), Compression::fast());
    payload.write_all(&json).expect("a Vec takes every byte");
    let payload = payload.finish().expect("a Vec takes every byte");
    [&head[..], &checksum(key, &head, &payload), &payload].concat()
}

/// The record that was stored under `key`.
///
/// # Errors
/// [`StoreError::Corrupt`] naming the key for any other bytes than those [`encode`] gave for it.
pub(super) fn decode<T: Record>(key: &str, bytes: &[u8]) -> Result<T, StoreError> {
    read(key, bytes).map_err(|problem| StoreError::corrupt(key, problem))
}

fn read<T: Record>(key: &str, bytes: &[u8]) -> Result<T, String> {
    let Some((head, rest)) = bytes.split_at_checked(HEAD_BYTES) else {
        return Err(format!("{} bytes are too few for a record", bytes.len()));
    };
    if !head.starts_with(MAGIC) {
        return Err("it does not begin with CASELOAD".to_owned());
    }
    let format = u16::from_be_bytes([head[8], head[9]]);
    if format != FORMAT {
        return Err(format!("its format is {format}, this caseload knows {FORMAT}"));
    }
    if head[10] != T::KIND {
        return Err(format!("it is a record of kind {}, not {}", head[10], T::KIND));
    }
    let Some((sum, payload)) = rest.split_at_checked(CHECKSUM_BYTES) else {
        return Err("it ends within the checksum".to_owned());
    };
    if sum != checksum(key, head, payload) {
        return Err("its checksum does not match".to_owned());
    }
    let mut json = Vec::new();
    ZlibDecoder::new(payload)
        .take(JSON_BYTES_MAX)
        .read_to_end(&mut json)
        .map_err(|error| format!("it cannot be decompressed: {error}"))?;
    serde_json::from_slice(&json).map_err(|error| format!("its JSON cannot be read: {error}"))
}

fn checksum(key: &str, head: &[u8], payload: &[u8]) -> [u8; CHECKSUM_BYTES] {
    let key_length = (key.len() as u64).to_be_bytes();
    sha256(&[&key_length, key.as_bytes(), head, payload].concat())
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::ids::{AllocationId, Digest, RequestId, Version};
    use super::super::{Origin, RequestKey, TeamId};
    use super::*;
    use crate::model::{
        Allocation, BoundSource, Caseload, Change, ChangeReason, Evidence, GapItems, Held, Holding, HoldingReason,
        Note, OfficerGap, OfficerPrices, Peak, Proof, StayExtension, StayReason, SupervisorHoldings, Termination,
        Totals,
    };
    use jiff::civil::date;

    const KEY: &str = "north/version/7";

    fn outcome() -> RequestOutcome {
        RequestOutcome {
            request: RequestKey { id: RequestId::new("r-1").unwrap(), fingerprint: Digest::of(b"payload") },
            allocation_id: AllocationId::new("a-1").unwrap(),
            committed_version: Version::new(7),
        }
    }

    /// Uses every type that is stored, so that none changes unnoticed.
    fn assignment() -> AssignmentVersion {
        let proof = Proof { officers: vec![OfficerPrices { point: 1, case: 2, new_case: 3 }], handover: 4 };
        let allocation = Allocation {
            as_at: date(2026, 1, 31),
            rules_version: "standard-1".to_owned(),
            held: vec![Held {
                case_id: "c-1".into(),
                officer_id: "o-1".into(),
                since: Some(date(2026, 1, 2)),
                due_date: Some(date(2026, 3, 2)),
                named_contact: true,
            }],
            holdings: vec![Holding {
                case_id: "c-2".into(),
                reason: HoldingReason::AllFull,
                supervisor_id: Some("s-1".into()),
                waiting_since: date(2026, 1, 3),
                check_by: date(2026, 2, 14),
                longest_stay_until: date(2026, 5, 1),
                stay_extension: Some(StayExtension {
                    until: date(2026, 5, 1),
                    reason: StayReason::OfficerExpected,
                    by: "head".into(),
                }),
                due_date: Some(date(2026, 3, 3)),
                named_contact: true,
            }],
            caseloads: vec![Caseload {
                officer_id: "o-1".into(),
                supervisor_id: Some("s-2".into()),
                case_count: 1,
                load_points: 5,
                capacity_points: Some(9),
                max_case_count: None,
                new_case_count: 1,
                over: false,
                peak: Some(Peak { week: date(2026, 2, 7), points: 7 }),
                former_intake: vec![date(2026, 1, 28)],
            }],
            supervisors: vec![SupervisorHoldings {
                supervisor_id: "s-1".into(),
                holding_count: 1,
                max_holding_count: None,
            }],
            changes: vec![Change {
                case_id: "c-1".into(),
                from_officer_id: None,
                to_officer_id: Some("o-1".into()),
                reason: ChangeReason::FirstOfficer,
            }],
            totals: Totals { case_count: 2, allocated_count: 1, waiting_count: 1, child_count: 2, ..Totals::default() },
            evidence: Evidence {
                objective: 10,
                bound: 9,
                price_bound: 8,
                bound_source: BoundSource::Highs { version: "1.16.0".to_owned() },
                proof: proof.clone(),
                gap_items: GapItems {
                    officers: vec![OfficerGap { regret: 1, point: 2, case: 3, new_case: 4 }],
                    waiting_regret: 5,
                    handover: 6,
                },
                count_bound: 1,
                count_proof: proof,
                termination: Termination::GapReached,
                step_count: 12,
                cut_calls: vec![3],
            },
            notes: vec![Note::UndatedCases { case_count: 1, case_ids: vec!["c-2".into()] }],
            has_default_supervisor: true,
        };
        AssignmentVersion {
            parent: Version::new(6),
            team_id: TeamId::new("north").unwrap(),
            allocation_id: AllocationId::new("a-1").unwrap(),
            request: Some(outcome().request),
            commit_time: "2026-01-31T12:00:00Z".parse().unwrap(),
            input_digest: Digest::of(b"backlog and rules"),
            origin: Origin::RebuiltFromRequest,
            allocation: allocation.into(),
        }
    }

    fn problem<T: Record + std::fmt::Debug>(key: &str, bytes: &[u8]) -> String {
        match decode::<T>(key, bytes) {
            Err(StoreError::Corrupt { what, problem }) => {
                assert_eq!(what, key);
                problem
            }
            other => panic!("{other:?} should be corrupt"),
        }
    }

    #[test]
    fn what_was_encoded_is_decoded() {
        assert_eq!(decode::<AssignmentVersion>(KEY, &encode(KEY, &assignment())).unwrap(), assignment());
        assert_eq!(decode::<RequestOutcome>(KEY, &encode(KEY, &outcome())).unwrap(), outcome());
    }

    #[test]
    fn every_flipped_bit_is_noticed() {
        let bytes = encode(KEY, &assignment());
        for position in 0..bytes.len() {
            for bit in 0..8 {
                let mut damaged = bytes.clone();
                damaged[position] ^= 1 << bit;
                problem::<AssignmentVersion>(KEY, &damaged);
            }
        }
    }

    #[test]
    fn every_truncation_and_every_appendix_is_noticed() {
        let bytes = encode(KEY, &outcome());
        for length in 0..bytes.len() {
            problem::<RequestOutcome>(KEY, &bytes[..length]);
        }
        problem::<RequestOutcome>(KEY, &[&bytes[..], b"\0"].concat());
    }

    #[test]
    fn the_message_says_what_is_wrong() {
        let bytes = encode(KEY, &outcome());
        let with = |position: usize, byte: u8| {
            let mut damaged = bytes.clone();
            damaged[position] = byte;
            damaged
        };
        let sealed = |payload: &[u8]| [&bytes[..11], &checksum(KEY, &bytes[..11], payload), payload].concat();
        let mut zipped = ZlibEncoder::new(Vec::new(), Compression::fast());
        zipped.write_all(br#"{"request":7}"#).unwrap();

        expect!["0 bytes are too few for a record"].assert_eq(&problem::<RequestOutcome>(KEY, b""));
        expect!["it does not begin with CASELOAD"].assert_eq(&problem::<RequestOutcome>(KEY, &with(0, b'X')));
        expect!["its format is 2, this caseload knows 1"].assert_eq(&problem::<RequestOutcome>(KEY, &with(9, 2)));
        expect!["it is a record of kind 4, not 1"].assert_eq(&problem::<AssignmentVersion>(KEY, &bytes));
        expect!["it ends within the checksum"].assert_eq(&problem::<RequestOutcome>(KEY, &bytes[..20]));
        expect!["its checksum does not match"].assert_eq(&problem::<RequestOutcome>("north/version/8", &bytes));
        expect!["it cannot be decompressed: corrupt deflate stream"]
            .assert_eq(&problem::<RequestOutcome>(KEY, &sealed(b"plain text")));
        expect!["its JSON cannot be read: invalid type: integer `7`, expected struct RequestKey at line 1 column 12"]
            .assert_eq(&problem::<RequestOutcome>(KEY, &sealed(&zipped.finish().unwrap())));
    }

    #[test]
    fn a_record_from_before_gap_items_is_still_read() {
        let mut json = serde_json::to_value(assignment()).unwrap();
        json["allocation"]["evidence"].as_object_mut().unwrap().remove("gap_items").unwrap();
        let read: AssignmentVersion = serde_json::from_value(json).unwrap();
        assert_eq!(read.allocation.evidence.gap_items, GapItems::default());
        assert_eq!(read.allocation.evidence.proof, assignment().allocation.evidence.proof);
    }

    #[test]
    fn a_record_from_before_due_dates_is_still_read() {
        let mut json = serde_json::to_value(assignment()).unwrap();
        let allocation = &mut json["allocation"];
        for (list, fields) in [
            ("held", &["due_date", "named_contact"][..]),
            ("holdings", &["stay_extension", "due_date", "named_contact"]),
            ("caseloads", &["peak", "former_intake"]),
        ] {
            for field in fields {
                allocation[list][0].as_object_mut().unwrap().remove(*field).unwrap();
            }
        }
        allocation["notes"] = serde_json::json!([{"undated_cases": {"case_count": 1}}]);
        let read: AssignmentVersion = serde_json::from_value(json).unwrap();
        assert_eq!((read.allocation.held[0].due_date, read.allocation.holdings[0].due_date), (None, None));
        assert_eq!(read.allocation.notes, [Note::UndatedCases { case_count: 1, case_ids: Vec::new() }]);
    }

    #[test]
    fn the_format_is_the_one_of_last_time() {
        let json = |value: &str| value.replace("},", "},\n");
        expect![[r#"
            {"parent":6,"team_id":"north","allocation_id":"a-1","request":{"id":"r-1","fingerprint":"sha256:239f59ed55e737c77147cf55ad0c1b030b6d7ee748a7426952f9b852d5a935e5"},
            "commit_time":"2026-01-31T12:00:00Z","input_digest":"sha256:9660d83b8d6f5f1a75cacb1b2bcac704883f3194394aa684cd525ae9277b5f84","origin":"rebuilt_from_request","allocation":{"as_at":"2026-01-31","rules_version":"standard-1","held":[{"case_id":"c-1","officer_id":"o-1","since":"2026-01-02","due_date":"2026-03-02","named_contact":true}],"holdings":[{"case_id":"c-2","reason":"all_full","supervisor_id":"s-1","waiting_since":"2026-01-03","check_by":"2026-02-14","longest_stay_until":"2026-05-01","stay_extension":{"until":"2026-05-01","reason":"officer_expected","by":"head"},
            "due_date":"2026-03-03","named_contact":true}],"caseloads":[{"officer_id":"o-1","supervisor_id":"s-2","case_count":1,"load_points":5,"capacity_points":9,"max_case_count":null,"new_case_count":1,"over":false,"peak":{"week":"2026-02-07","points":7},
            "former_intake":["2026-01-28"]}],"supervisors":[{"supervisor_id":"s-1","holding_count":1,"max_holding_count":null}],"changes":[{"case_id":"c-1","from_officer_id":null,"to_officer_id":"o-1","reason":"first_officer"}],"totals":{"case_count":2,"allocated_count":1,"waiting_count":1,"child_count":2,"children_without_officer_count":0,"handover_count":0,"release_count":0,"undated_case_count":0,"over_cap_officer_count":0},
            "evidence":{"objective":10,"bound":9,"price_bound":8,"bound_source":{"highs":{"version":"1.16.0"}},
            "proof":{"officers":[{"point":1,"case":2,"new_case":3}],"handover":4},
            "gap_items":{"officers":[{"regret":1,"point":2,"case":3,"new_case":4}],"waiting_regret":5,"handover":6},
            "count_bound":1,"count_proof":{"officers":[{"point":1,"case":2,"new_case":3}],"handover":4},
            "termination":"gap_reached","step_count":12,"cut_calls":[3]},
            "notes":[{"undated_cases":{"case_count":1,"case_ids":["c-2"]}}],"has_default_supervisor":true}}"#]].assert_eq(&json(&serde_json::to_string(&assignment()).unwrap()));
        expect![[r#"
            {"request":{"id":"r-1","fingerprint":"sha256:239f59ed55e737c77147cf55ad0c1b030b6d7ee748a7426952f9b852d5a935e5"},
            "allocation_id":"a-1","committed_version":7}"#]].assert_eq(&json(&serde_json::to_string(&outcome()).unwrap()));
    }
}
