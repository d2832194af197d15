//! The ways in which records are broken on purpose, and what an import must say of each.

use jiff::{ToSpan as _, civil::Date, civil::date};

use crate::generate::dice::Dice;

use super::child::Child;
use super::record::{Damage, Record, Sen2Module, Value};
use super::write::Sen2Form;

/// A way of being wrong. Names of codes are those of the report, written out: what is expected is not what the reader says of itself.
#[derive(Debug)]
pub(super) struct Flaw {
    /// The form that can be wrong so; `None` = both.
    form: Option<Sen2Form>,
    applies: fn(&Child) -> bool,
    breaks: fn(&mut Record, &Child, Date),
    /// Module, how many records of it the child has before this one, field, code.
    pub(super) expected: &'static [(Sen2Module, usize, &'static str, &'static str)],
    /// In the CSV export, everything below the record of this module has lost its parent.
    pub(super) orphans: Option<Sen2Module>,
    /// The child has no case left.
    pub(super) loses_case: bool,
    /// The person stands there twice.
    pub(super) is_twice: bool,
    /// It is told once a file.
    is_once: bool,
    /// What is wrong with the row of its owner.
    pub(super) owner: Option<OwnerFlaw>,
}

/// A way in which the row of an owner is wrong, with the field and code that are expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OwnerFlaw {
    UnknownPerson,
    UnknownOfficer,
    NoOfficer,
    Twice,
    UnknownKind,
    Future,
}

impl OwnerFlaw {
    pub(super) fn expected(self) -> (&'static str, &'static str) {
        match self {
            Self::UnknownPerson => ("person_key", "owner-unknown-person"),
            Self::UnknownOfficer => ("officer_id", "owner-unknown-officer"),
            Self::NoOfficer => ("", "owner-key-missing"),
            Self::Twice => ("", "owner-twice"),
            Self::UnknownKind => ("case_kind", "owner-kind-unknown"),
            Self::Future => ("since", "since-in-future"),
        }
    }
}

const NONE: Flaw = Flaw {
    form: None,
    applies: |_| true,
    breaks: |_, _, _| {},
    expected: &[],
    orphans: None,
    loses_case: false,
    is_twice: false,
    is_once: false,
    owner: None,
};

use Sen2Module::{ActivePlans, Assessment, NamedPlan, Person, PlacementDetail, Requests};

fn set(record: &mut Record, module: Sen2Module, field: &'static str, value: Value) {
    record.first(module).expect("the flaw applies to children with such a record").set(field, value);
}

fn clear(record: &mut Record, module: Sen2Module, field: &'static str) {
    set(record, module, field, Value::Text(String::new()));
}

fn damage(record: &mut Record, module: Sen2Module, damage: Damage) {
    record.first(module).expect("the flaw applies to children with such a record").damage = Some(damage);
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn before(day: Date) -> Value {
    Value::Date(day.saturating_sub(1.day()))
}

fn plan(child: &Child) -> bool {
    child.is_plan()
}

fn owned(child: &Child) -> bool {
    child.officer.is_some()
}

fn of_owner(owner: OwnerFlaw) -> Flaw {
    Flaw { applies: owned, owner: Some(owner), ..NONE }
}

/// All of them, in an order that stays.
fn flaws() -> Vec<Flaw> {
    use OwnerFlaw as Owner;
    let both = vec![
        Flaw {
            applies: plan,
            breaks: |record, _, _| set(record, NamedPlan, "CeaseDate", text("31/02/2024")),
            expected: &[(NamedPlan, 0, "ceasedate", "bad-date")],
            ..NONE
        },
        Flaw {
            breaks: |record, _, _| set(record, Requests, "RequestMediation", text("perhaps")),
            expected: &[(Requests, 0, "requestmediation", "unknown-code")],
            ..NONE
        },
        Flaw {
            applies: plan,
            breaks: |record, _, _| set(record, PlacementDetail, "URN", text("Plantedname of a school")),
            expected: &[(PlacementDetail, 0, "urn", "unknown-code")],
            ..NONE
        },
        Flaw {
            applies: plan,
            breaks: |record, _, _| set(record, ActivePlans, "ReviewMeeting", Value::Date(date(2013, 5, 1))),
            expected: &[(ActivePlans, 0, "reviewmeeting", "date-too-early")],
            ..NONE
        },
        Flaw {
            applies: plan,
            breaks: |record, _, as_at| set(record, NamedPlan, "StartDate", Value::Date(as_at.saturating_add(9.days()))),
            expected: &[(NamedPlan, 0, "startdate", "date-too-late")],
            ..NONE
        },
        Flaw {
            applies: plan,
            breaks: |record, _, as_at| {
                set(record, ActivePlans, "LastReview", Value::Date(as_at.saturating_add(30.days())));
            },
            expected: &[
                (ActivePlans, 0, "lastreview", "last-review-future"),
                (ActivePlans, 0, "lastreview", "last-review-missing"),
            ],
            ..NONE
        },
        Flaw {
            applies: plan,
            breaks: |record, _, _| clear(record, ActivePlans, "LastReview"),
            expected: &[(ActivePlans, 0, "lastreview", "last-review-missing")],
            ..NONE
        },
        Flaw {
            applies: plan,
            breaks: |record, _, _| {
                clear(record, ActivePlans, "LastReview");
                clear(record, NamedPlan, "StartDate");
            },
            expected: &[(ActivePlans, 0, "lastreview", "start-missing")],
            ..NONE
        },
        Flaw {
            applies: Child::is_request,
            breaks: |record, _, _| clear(record, Requests, "ReceivedDate"),
            expected: &[(Requests, 0, "receiveddate", "received-missing")],
            ..NONE
        },
        Flaw {
            applies: Child::is_assessment,
            breaks: |record, child, _| set(record, Requests, "RequestOutcomeDate", before(child.received())),
            expected: &[(Requests, 0, "requestoutcomedate", "outcome-before-request")],
            ..NONE
        },
        Flaw {
            applies: Child::is_assessment,
            breaks: |record, _, _| clear(record, Requests, "RequestOutcomeDate"),
            expected: &[(Requests, 0, "requestoutcomedate", "outcome-without-date")],
            ..NONE
        },
        Flaw {
            applies: Child::is_request,
            breaks: |record, child, _| set(record, Requests, "RequestOutcomeDate", Value::Date(child.received())),
            expected: &[(Requests, 0, "requestoutcome", "date-without-outcome")],
            ..NONE
        },
        Flaw {
            applies: Child::is_assessment,
            breaks: |record, _, _| {
                clear(record, Requests, "RequestOutcome");
                clear(record, Requests, "RequestOutcomeDate");
            },
            expected: &[(Assessment, 0, "", "assessed-without-decision")],
            ..NONE
        },
        Flaw {
            applies: Child::is_drafting,
            breaks: |record, child, _| set(record, Assessment, "AssessmentOutcomeDate", before(child.received())),
            expected: &[(Assessment, 0, "assessmentoutcomedate", "assessed-before-request")],
            ..NONE
        },
        Flaw {
            applies: plan,
            breaks: |record, child, _| set(record, NamedPlan, "StartDate", before(child.received())),
            expected: &[(NamedPlan, 0, "startdate", "start-before-request")],
            ..NONE
        },
        Flaw {
            applies: plan,
            breaks: |record, child, _| set(record, NamedPlan, "CeaseDate", before(child.start)),
            expected: &[(NamedPlan, 0, "ceasedate", "cease-before-start")],
            ..NONE
        },
        Flaw {
            applies: plan,
            breaks: |record, _, _| set(record, NamedPlan, "CeaseReason", text("2")),
            expected: &[(NamedPlan, 0, "ceasedate", "cease-without-date")],
            ..NONE
        },
        Flaw {
            applies: plan,
            breaks: |record, _, as_at| {
                set(record, NamedPlan, "CeaseDate", before(as_at));
                set(record, PlacementDetail, "LeavingDate", before(as_at));
            },
            expected: &[(ActivePlans, 0, "", "ceased-active")],
            loses_case: true,
            ..NONE
        },
        Flaw {
            applies: plan,
            breaks: |record, _, as_at| set(record, NamedPlan, "CeaseDate", before(as_at)),
            expected: &[(ActivePlans, 0, "", "ceased-open-placement")],
            ..NONE
        },
        Flaw {
            applies: plan,
            breaks: |record, _, _| {
                let request = record.first(Requests).expect("everybody has one");
                request.children.retain(|child| child.module != ActivePlans);
            },
            expected: &[(NamedPlan, 0, "", "plan-not-active")],
            ..NONE
        },
        Flaw {
            applies: plan,
            breaks: |record, child, _| set(record, PlacementDetail, "LeavingDate", before(child.start)),
            expected: &[(PlacementDetail, 0, "leavingdate", "leaving-before-entry")],
            ..NONE
        },
        Flaw {
            applies: plan,
            breaks: |record, _, _| {
                let active = record.first(ActivePlans).expect("a plan is active");
                active.children.push(Record::new(PlacementDetail).text("URN", "100001").text("PlacementRank", "1"));
            },
            expected: &[(PlacementDetail, 1, "", "two-placements")],
            ..NONE
        },
        Flaw {
            applies: plan,
            breaks: |record, child, _| {
                set(record, ActivePlans, "ReviewDraft", Value::Date(child.last_review.saturating_sub(15.days())));
            },
            expected: &[(ActivePlans, 0, "reviewdraft", "draft-before-meeting")],
            ..NONE
        },
        Flaw {
            applies: Child::is_request,
            breaks: |record, _, as_at| record.children.push(Record::new(Requests).date("ReceivedDate", as_at)),
            expected: &[(Requests, 1, "", "two-open-requests")],
            ..NONE
        },
        Flaw {
            applies: plan,
            breaks: |record, child, _| {
                let active = Record::new(ActivePlans).date("LastReview", child.last_review);
                record.children.push(Record::new(Requests).text("RequestOutcome", "H").with(active));
            },
            expected: &[(ActivePlans, 1, "", "two-active-plans")],
            ..NONE
        },
        Flaw {
            breaks: |record, _, _| clear(record, Person, "PersonBirthDate"),
            expected: &[(Person, 0, "personbirthdate", "birth-date-missing")],
            ..NONE
        },
        Flaw {
            breaks: |record, _, _| set(record, Person, "PersonBirthDate", Value::Date(date(1950, 1, 1))),
            expected: &[(Person, 0, "personbirthdate", "age-out-of-range")],
            ..NONE
        },
        Flaw {
            breaks: |record, _, _| set(record, Person, "PostCode", text("QQ99 9XX")),
            expected: &[(Person, 0, "postcode", "area-unknown")],
            ..NONE
        },
        Flaw { is_twice: true, expected: &[(Person, 1, "", "person-twice")], ..NONE },
        Flaw {
            breaks: |record, _, _| {
                for field in ["NativeId", "UPN", "UniqueLearnerNumber"] {
                    clear(record, Person, field);
                }
            },
            expected: &[(Person, 0, "", "person-key-missing")],
            orphans: Some(Person),
            loses_case: true,
            ..NONE
        },
        of_owner(Owner::UnknownPerson),
        of_owner(Owner::UnknownOfficer),
        of_owner(Owner::NoOfficer),
        of_owner(Owner::Twice),
        of_owner(Owner::UnknownKind),
        of_owner(Owner::Future),
    ];
    both.into_iter().chain(csv_flaws()).chain(xml_flaws()).collect()
}

fn csv_flaws() -> Vec<Flaw> {
    let csv = Some(Sen2Form::Csv);
    vec![
        Flaw {
            form: csv,
            breaks: |record, _, _| damage(record, Person, Damage::ExtraCell),
            expected: &[(Person, 0, "", "row-length")],
            orphans: Some(Person),
            loses_case: true,
            ..NONE
        },
        Flaw {
            form: csv,
            applies: plan,
            breaks: |record, _, _| damage(record, PlacementDetail, Damage::OpenQuote),
            expected: &[(PlacementDetail, 0, "", "quote-open")],
            ..NONE
        },
        Flaw {
            form: csv,
            applies: plan,
            breaks: |record, _, _| damage(record, PlacementDetail, Damage::LongCell),
            expected: &[(PlacementDetail, 0, "", "row-too-long")],
            ..NONE
        },
        Flaw {
            form: csv,
            applies: plan,
            breaks: |record, _, _| damage(record, ActivePlans, Damage::NoId),
            expected: &[(ActivePlans, 0, "activeplanstableid", "id-missing"), (NamedPlan, 0, "", "plan-not-active")],
            orphans: Some(ActivePlans),
            ..NONE
        },
        Flaw {
            form: csv,
            applies: Child::is_assessment,
            breaks: |record, _, _| {
                let mut again = Record::new(Assessment).text("Week20", "0");
                again.damage = Some(Damage::SameId);
                record.first(Requests).expect("everybody has one").children.push(again);
            },
            expected: &[(Assessment, 1, "assessmenttableid", "id-twice")],
            ..NONE
        },
        Flaw {
            form: csv,
            applies: plan,
            breaks: |record, _, _| damage(record, PlacementDetail, Damage::NoParent),
            expected: &[(PlacementDetail, 0, "activeplanstableid", "orphan")],
            ..NONE
        },
        Flaw {
            form: csv,
            breaks: |record, _, _| damage(record, Person, Damage::Latin1),
            expected: &[(Person, 0, "", "not-utf8")],
            is_once: true,
            ..NONE
        },
    ]
}

fn xml_flaws() -> Vec<Flaw> {
    let xml = Some(Sen2Form::Xml);
    vec![
        Flaw {
            form: xml,
            breaks: |record, _, _| damage(record, Requests, Damage::WrongEnd),
            expected: &[(Person, 0, "", "xml-mismatch")],
            ..NONE
        },
        Flaw {
            form: xml,
            breaks: |record, _, _| damage(record, Person, Damage::Entity),
            expected: &[(Person, 0, "", "xml-entity")],
            ..NONE
        },
        Flaw {
            form: xml,
            breaks: |record, _, _| record.children.push(Record::new(PlacementDetail).text("URN", "100001")),
            expected: &[(PlacementDetail, 0, "", "xml-stray")],
            ..NONE
        },
        Flaw {
            form: xml,
            breaks: |record, child, _| set(record, Person, "UPN", Value::Text(format!("planted upn {}", child.number))),
            expected: &[(Person, 0, "upn", "upn-shape")],
            applies: |child| child.officer.is_none(),
            ..NONE
        },
        Flaw {
            form: xml,
            breaks: |record, _, _| clear(record, Person, "UPN"),
            expected: &[(Person, 0, "upn", "upn-missing")],
            applies: |child| child.officer.is_none(),
            ..NONE
        },
    ]
}

impl Flaw {
    /// The record as it is written in that form.
    pub(super) fn break_in(&self, form: Sen2Form, record: &mut Record, child: &Child, as_at: Date) {
        if self.is_of(form) {
            (self.breaks)(record, child, as_at);
        }
    }

    pub(super) fn is_of(&self, form: Sen2Form) -> bool {
        self.form.is_none_or(|own| own == form)
    }
}

/// Breaks the records of so many children, in all ways about equally often.
pub(super) fn give(children: &mut [Child], dirty_percent: u8, seed: u64) {
    if dirty_percent == 0 {
        return;
    }
    // As long as the program: children name their flaws, and are handed about.
    static FLAWS: std::sync::LazyLock<Vec<Flaw>> = std::sync::LazyLock::new(flaws);
    let mut dice = Dice::new(seed, 22);
    let mut uses = vec![0; FLAWS.len()];
    for child in children {
        if dice.per_mille(i64::from(dirty_percent) * 10) {
            let may = |flaw: &Flaw, uses: usize| (flaw.applies)(child) && !(flaw.is_once && uses > 0);
            let rarest = (0..FLAWS.len()).filter(|&flaw| may(&FLAWS[flaw], uses[flaw])).min_by_key(|&flaw| uses[flaw]);
            if let Some(flaw) = rarest {
                uses[flaw] += 1;
                child.flaw = Some(&FLAWS[flaw]);
            }
        }
    }
}
