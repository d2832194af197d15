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

use super::assignment::{AssignmentVersion, Proposal, ProposalSummary, RequestOutcome, VersionSummary};
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

impl Record for VersionSummary {
    const KIND: u8 = 5;
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
    use std::sync::Arc;

    use expect_test::expect;

    use super::super::ids::{AllocationId, Digest, RequestId, Version};
    use super::super::{
        Action, Call, Identity, Input, KeptStart, Made, Origin, OverrideReason, Pin, RequestKey, TeamId,
    };
    use super::*;
    use crate::model::{
        Allocation, Backlog, BoundSource, Case, Caseload, Change, ChangeReason, Evidence, GapItems, Held, Holding,
        HoldingReason, Note, Officer, OfficerGap, OfficerPrices, Pair, Peak, Proof, Rules, StayExtension, StayReason,
        Supervisor, SupervisorHoldings, Termination, Totals,
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
            proposed_by: Identity::Unverified,
            committed_by: Identity::Unverified,
            input: Some(Arc::new(input(allocation.evidence.clone()))),
            pins: vec![Pin { case_id: "c-1".into(), officer_id: "o-1".into(), reason: OverrideReason::Continuity }],
            erased_count: 0,
            allocation: allocation.into(),
        }
    }

    fn input(evidence: Evidence) -> Input {
        let day = date(2026, 1, 31);
        Input {
            backlog: Backlog {
                as_at: day,
                cases: vec![Case::new("c-1".into())],
                officers: vec![Officer::new("o-1".into())],
                supervisors: vec![Supervisor { id: "s-1".into(), areas: Vec::new(), max_holding_count: Some(3) }],
                pairs: Some(vec![Pair {
                    case_id: "c-1".into(),
                    officer_id: "o-1".into(),
                    cost: 2,
                    weight_points: None,
                }]),
            },
            rules: Rules::standard(),
            made: Made::Solved {
                seed: 7,
                gap_limit_bits: 0.01_f64.to_bits(),
                start: Some(KeptStart { officers: vec![Some(0), None], evidence }),
            },
            program_version: "0.1.0".to_owned(),
        }
    }

    /// The day-to-day calls, which an input may also have been made by.
    fn calls() -> Vec<Made> {
        let called = |action| Made::Called(Call { as_at: date(2026, 2, 1), action });
        vec![
            called(Action::Assign { cases: Vec::new(), pairs: Vec::new() }),
            called(Action::Reassign {
                case_id: "c-1".into(),
                officer_id: "o-1".into(),
                reason: OverrideReason::OfficerAway,
                allow_over_cap: false,
                keep_pinned: true,
            }),
            called(Action::Close { case_ids: vec!["c-1".into()] }),
            called(Action::Erase { tombstone: "erased-1".to_owned() }),
        ]
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
    fn a_record_from_before_inputs_were_kept_is_still_read() {
        let mut json = serde_json::to_value(assignment()).unwrap();
        for field in ["proposed_by", "committed_by", "input", "pins", "erased_count"] {
            json.as_object_mut().unwrap().remove(field).unwrap();
        }
        let read: AssignmentVersion = serde_json::from_value(json).unwrap();
        assert_eq!(read, AssignmentVersion { input: None, pins: Vec::new(), ..assignment() });
        assert_eq!(read.committed_by.code(), "unverified");
        // And so are rules without what they did not have.
        assert!(!serde_json::to_string(&Rules::standard()).unwrap().contains("second_person"));
    }

    #[test]
    fn the_format_is_the_one_of_last_time() {
        let json = |value: &str| value.replace("},", "},\n");
        expect![[r#"
            {"version":7,"allocation_id":"a-1","commit_time":"2026-01-31T12:00:00Z","proposed_by":"unverified","committed_by":"unverified","origin":"rebuilt_from_request","reason":null,"as_at":"2026-01-31","rules_version":"standard-1","input_digest":"sha256:9660d83b8d6f5f1a75cacb1b2bcac704883f3194394aa684cd525ae9277b5f84","totals":{"case_count":2,"allocated_count":1,"waiting_count":1,"child_count":2,"children_without_officer_count":0,"handover_count":0,"release_count":0,"undated_case_count":0,"over_cap_officer_count":0},
            "has_input":true,"erased_count":0}"#]].assert_eq(&json(&serde_json::to_string(&VersionSummary::from(&assignment())).unwrap()));
        expect![[r#"
            [{"called":{"as_at":"2026-02-01","action":{"assign":{"cases":[],"pairs":[]}}}},
            {"called":{"as_at":"2026-02-01","action":{"reassign":{"case_id":"c-1","officer_id":"o-1","reason":"officer_away","allow_over_cap":false,"keep_pinned":true}}}},
            {"called":{"as_at":"2026-02-01","action":{"close":{"case_ids":["c-1"]}}}},
            {"called":{"as_at":"2026-02-01","action":{"erase":{"tombstone":"erased-1"}}}}]"#]].assert_eq(&json(&serde_json::to_string(&calls()).unwrap()));
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
            "notes":[{"undated_cases":{"case_count":1,"case_ids":["c-2"]}}],"has_default_supervisor":true},
            "proposed_by":"unverified","committed_by":"unverified","input":{"backlog":{"as_at":"2026-01-31","cases":[{"id":"c-1","child_id":null,"weight_points":null,"holding_price":null,"area":null,"setting_code":null,"skills":[],"current_officer_id":null,"held_since":null,"required_officer_id":null,"pinned":false,"group_id":null,"due_date":null,"waiting_since":null,"barred_officer_ids":[],"kind":null,"stage":null,"events":[],"add_ons":[],"obligations":[],"stay_extension":null,"derived":null}],"officers":[{"id":"o-1","capacity_points":null,"max_case_count":null,"intake_limit":null,"areas":[],"setting_codes":[],"skills":[],"supervisor_id":null,"available_from":null,"available_until":null,"fte_percent":null,"reductions":[],"absences":[],"former_intake":[]}],"supervisors":[{"id":"s-1","areas":[],"max_holding_count":3}],"pairs":[{"case_id":"c-1","officer_id":"o-1","cost":2,"weight_points":null}]},
            "rules":{"version":"standard-1","effective_from":"2014-09-01","area_rank_price":12,"setting_price":10,"handover_price":25,"handover_price_per_point":4,"handover_points":0,"group_apart_price":20,"same_child_apart_price":15,"waiting_price":150,"waiting_price_per_point":60,"urgency_price_per_point":240,"urgency_days":84,"waited_price_per_point_week":10,"raise_waiting_prices":true,"balance":[{"percent":80,"slope":1},
            {"percent":95,"slope":1}],"balance_may_move":false,"over_cap_price_per_point":100,"handover_limit":null,"release_to_holding":false,"default_max_case_count":180,"check_by_days":14,"longest_stay_days":140,"full_time_capacity_points":1800,"catalogue":""},
            "made":{"solved":{"seed":7,"gap_limit_bits":4576918229304087675,"start":{"officers":[0,null],"evidence":{"objective":10,"bound":9,"price_bound":8,"bound_source":{"highs":{"version":"1.16.0"}},
            "proof":{"officers":[{"point":1,"case":2,"new_case":3}],"handover":4},
            "gap_items":{"officers":[{"regret":1,"point":2,"case":3,"new_case":4}],"waiting_regret":5,"handover":6},
            "count_bound":1,"count_proof":{"officers":[{"point":1,"case":2,"new_case":3}],"handover":4},
            "termination":"gap_reached","step_count":12,"cut_calls":[3]}}}},
            "program_version":"0.1.0"},
            "pins":[{"case_id":"c-1","officer_id":"o-1","reason":"continuity"}],"erased_count":0}"#]].assert_eq(&json(&serde_json::to_string(&assignment()).unwrap()));
        expect![[r#"
            {"request":{"id":"r-1","fingerprint":"sha256:239f59ed55e737c77147cf55ad0c1b030b6d7ee748a7426952f9b852d5a935e5"},
            "allocation_id":"a-1","committed_version":7}"#]].assert_eq(&json(&serde_json::to_string(&outcome()).unwrap()));
    }
}
