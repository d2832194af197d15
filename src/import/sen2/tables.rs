//! The extract in memory: flat tables of dates, codes and positions. Nothing in it says who a child is but the token.

use std::collections::HashMap;

use jiff::civil::Date;

use super::fields::{Field, Module};
use super::rejects::{RejectCode, Rejects};
use super::row::Row;
use super::token::{Given, KnownTokens, PersonKey, Token, TokenSource, Tokeniser};
use crate::model::Code;

/// Oldest age at which a plan can still be maintained, in years.
const AGE_MAX: i16 = 26;

/// Age, as coarse as the work differs by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// Under 5.
    EarlyYears,
    /// 5 to 15.
    School,
    /// 16 and over.
    Post16,
}

/// What was decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// To assess; to issue a plan.
    Yes,
    /// Not to, or it was withdrawn.
    No,
    /// Before these records began.
    Historic,
}

/// Outcomes of requests and assessments: yes, no, agreed after all, withdrawn, historic.
const OUTCOMES: [(&str, Outcome); 5] =
    [("Y", Outcome::Yes), ("N", Outcome::No), ("A", Outcome::Yes), ("W", Outcome::No), ("H", Outcome::Historic)];

/// Outcomes of reviews: true = amend; else maintain or cease.
const REVIEW_OUTCOMES: [(&str, bool); 3] = [("A", true), ("M", false), ("C", false)];

/// Settings that are no school: true = out of education.
const SETTINGS: [(&str, bool); 9] = [
    ("OLA", false),
    ("OPA", false),
    ("EHE", false),
    ("EYP", false),
    ("OTH", false),
    ("NEET", true),
    ("NIEC", true),
    ("NIEO", true),
    ("SCH", false),
];

const CEASE_REASONS: [(&str, ()); 9] =
    [("1", ()), ("2", ()), ("3", ()), ("4", ()), ("5", ()), ("6", ()), ("7", ()), ("8", ()), ("9", ())];

#[derive(Clone, Copy, Debug)]
pub(super) struct Person {
    pub(super) token: Token,
    pub(super) phase: Option<Phase>,
    /// Position in the list of areas.
    pub(super) area: Option<u16>,
}

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Request {
    pub(super) person: u32,
    pub(super) at: u32,
    pub(super) received: Option<Date>,
    pub(super) outcome_date: Option<Date>,
    pub(super) outcome: Option<Outcome>,
    pub(super) mediation: bool,
    pub(super) tribunal: bool,
    /// The child moved away before it was over.
    pub(super) exported: bool,
}

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Assessment {
    pub(super) request: u32,
    pub(super) at: u32,
    pub(super) outcome: Option<Outcome>,
    pub(super) outcome_date: Option<Date>,
    pub(super) mediation: bool,
    pub(super) tribunal: bool,
    pub(super) week20: bool,
}

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct NamedPlan {
    pub(super) assessment: u32,
    pub(super) at: u32,
    pub(super) start: Option<Date>,
    pub(super) cease: Option<Date>,
    pub(super) has_cease_reason: bool,
}

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct ActivePlan {
    pub(super) request: u32,
    pub(super) at: u32,
    pub(super) meeting: Option<Date>,
    /// The review ended in a decision to amend.
    pub(super) amends: Option<bool>,
    pub(super) draft: Option<Date>,
    pub(super) phase_due: Option<Date>,
    pub(super) phase_final: Option<Date>,
    pub(super) last_review: Option<Date>,
}

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Placement {
    pub(super) active: u32,
    pub(super) at: u32,
    /// 0 = none.
    pub(super) urn: u32,
    pub(super) is_out_of_education: bool,
    pub(super) entry: Option<Date>,
    pub(super) leaving: Option<Date>,
    pub(super) is_first_rank: bool,
}

/// All records that were read. A record names its parent by position.
#[derive(Default)]
pub(super) struct Tables {
    pub(super) persons: Vec<Person>,
    pub(super) requests: Vec<Request>,
    pub(super) assessments: Vec<Assessment>,
    pub(super) named_plans: Vec<NamedPlan>,
    pub(super) active_plans: Vec<ActivePlan>,
    pub(super) placements: Vec<Placement>,
}

/// How many records there are of each table.
pub(super) type Lengths = [usize; 5];

impl Tables {
    /// Makes room for a record whose fields are read later; its position.
    pub(super) fn reserve(&mut self, module: Module) -> u32 {
        let length = match module {
            Module::Requests => push(&mut self.requests),
            Module::Assessment => push(&mut self.assessments),
            Module::NamedPlan => push(&mut self.named_plans),
            Module::ActivePlans => push(&mut self.active_plans),
            Module::PlacementDetail => push(&mut self.placements),
            Module::Header | Module::Person | Module::Owners | Module::Areas => 0,
        };
        u32::try_from(length).expect("fewer than 2^32 records")
    }

    /// Reads a record of a module below that of persons into its place.
    pub(super) fn fill(&mut self, position: u32, parent: u32, row: &Row<'_>, rejects: &mut Rejects) {
        let place = position as usize;
        match row.module {
            Module::Requests => self.requests[place] = request(parent, row, rejects),
            Module::Assessment => self.assessments[place] = assessment(parent, row, rejects),
            Module::NamedPlan => self.named_plans[place] = named_plan(parent, row, rejects),
            Module::ActivePlans => self.active_plans[place] = active_plan(parent, row, rejects),
            Module::PlacementDetail => self.placements[place] = placement(parent, row, rejects),
            Module::Header | Module::Person | Module::Owners | Module::Areas => {}
        }
    }

    pub(super) fn lengths(&self) -> Lengths {
        [
            self.requests.len(),
            self.assessments.len(),
            self.named_plans.len(),
            self.active_plans.len(),
            self.placements.len(),
        ]
    }

    /// Takes away what was read since.
    pub(super) fn truncate(&mut self, lengths: Lengths) {
        self.requests.truncate(lengths[0]);
        self.assessments.truncate(lengths[1]);
        self.named_plans.truncate(lengths[2]);
        self.active_plans.truncate(lengths[3]);
        self.placements.truncate(lengths[4]);
    }

    /// Brings children of one parent together, in the order in which they were read. Positions of requests, assessments and
    /// active plans change with it, and those who name them follow.
    pub(super) fn sort(&mut self) {
        let requests = order(&mut self.requests, |request| request.person);
        if let Some(requests) = requests {
            self.assessments.iter_mut().for_each(|child| child.request = requests[child.request as usize]);
            self.active_plans.iter_mut().for_each(|child| child.request = requests[child.request as usize]);
        }
        if let Some(assessments) = order(&mut self.assessments, |assessment| assessment.request) {
            self.named_plans.iter_mut().for_each(|child| child.assessment = assessments[child.assessment as usize]);
        }
        if let Some(active_plans) = order(&mut self.active_plans, |active| active.request) {
            self.placements.iter_mut().for_each(|child| child.active = active_plans[child.active as usize]);
        }
        order(&mut self.named_plans, |named| named.assessment);
        order(&mut self.placements, |placement| placement.active);
    }
}

fn push<T: Default>(table: &mut Vec<T>) -> usize {
    table.push(T::default());
    table.len() - 1
}

/// Sorts a table by parent; where that moved anything, the new position of each old one.
fn order<T: Copy>(table: &mut Vec<T>, parent: impl Fn(&T) -> u32) -> Option<Vec<u32>> {
    if table.is_sorted_by_key(&parent) {
        return None;
    }
    let position = |index: usize| u32::try_from(index).expect("fewer than 2^32 records");
    let mut by_parent: Vec<u32> = (0..position(table.len())).collect();
    by_parent.sort_by_key(|&old| parent(&table[old as usize]));
    let mut new_of_old = vec![0; table.len()];
    for (new, &old) in by_parent.iter().enumerate() {
        new_of_old[old as usize] = position(new);
    }
    *table = by_parent.iter().map(|&old| table[old as usize]).collect();
    Some(new_of_old)
}

/// The children of one parent in a sorted table.
pub(super) fn children<T>(table: &[T], parent: u32, of: impl Fn(&T) -> u32) -> &[T] {
    let start = table.partition_point(|child| of(child) < parent);
    let count = table[start..].iter().take_while(|child| of(child) == parent).count();
    &table[start..start + count]
}

fn request(person: u32, row: &Row<'_>, rejects: &mut Rejects) -> Request {
    let exported = row.value(Field::Exported);
    Request {
        person,
        at: row.at,
        received: row.date(Field::ReceivedDate, rejects),
        outcome_date: row.date(Field::RequestOutcomeDate, rejects),
        outcome: row.code(Field::RequestOutcome, &OUTCOMES, rejects),
        mediation: row.flag(Field::RequestMediation, rejects),
        tribunal: row.flag(Field::RequestTribunal, rejects),
        // The code of the council that the child moved to, or a flag.
        exported: ![&b""[..], b"0", b"N", b"n", b"false"].contains(&exported),
    }
}

fn assessment(request: u32, row: &Row<'_>, rejects: &mut Rejects) -> Assessment {
    let mut any = |fields: [Field; 2]| fields.map(|field| row.flag(field, rejects)).contains(&true);
    let mediation = any([Field::AssessmentMediation, Field::OtherMediation]);
    let tribunal = any([Field::AssessmentTribunal, Field::OtherTribunal]);
    Assessment {
        request,
        at: row.at,
        outcome: row.code(Field::AssessmentOutcome, &OUTCOMES, rejects),
        outcome_date: row.date(Field::AssessmentOutcomeDate, rejects),
        mediation,
        tribunal,
        week20: row.flag(Field::Week20, rejects),
    }
}

fn named_plan(assessment: u32, row: &Row<'_>, rejects: &mut Rejects) -> NamedPlan {
    NamedPlan {
        assessment,
        at: row.at,
        start: row.date(Field::StartDate, rejects),
        cease: row.date(Field::CeaseDate, rejects),
        has_cease_reason: row.code(Field::CeaseReason, &CEASE_REASONS, rejects).is_some(),
    }
}

fn active_plan(request: u32, row: &Row<'_>, rejects: &mut Rejects) -> ActivePlan {
    ActivePlan {
        request,
        at: row.at,
        meeting: row.date(Field::ReviewMeeting, rejects),
        amends: row.code(Field::ReviewOutcome, &REVIEW_OUTCOMES, rejects),
        draft: row.date(Field::ReviewDraft, rejects),
        phase_due: row.date(Field::PhaseTransferDueDate, rejects),
        phase_final: row.date(Field::PhaseTransferFinalDate, rejects),
        last_review: row.date(Field::LastReview, rejects),
    }
}

fn placement(active: u32, row: &Row<'_>, rejects: &mut Rejects) -> Placement {
    let urn = row.value(Field::Urn);
    let number = std::str::from_utf8(urn).ok().and_then(|text| text.parse().ok());
    if number.is_none() && !urn.is_empty() {
        row.reject(Some(Field::Urn), RejectCode::UnknownCode, rejects);
    }
    let rank = row.value(Field::PlacementRank);
    Placement {
        active,
        at: row.at,
        urn: number.unwrap_or(0),
        is_out_of_education: row.code(Field::SenSetting, &SETTINGS, rejects).unwrap_or(false),
        entry: row.date(Field::EntryDate, rejects),
        leaving: row.date(Field::LeavingDate, rejects),
        is_first_rank: rank == b"1" || rank.is_empty(),
    }
}

/// Where identifying values stop: what a person is becomes a token, an age phase and an area.
pub(super) struct Door<'a> {
    pub(super) tokeniser: &'a Tokeniser,
    pub(super) source: TokenSource,
    pub(super) as_at: Date,
    /// Areas by postcode district, as positions of `area_codes`; `None` = the council gave no list.
    pub(super) areas: Option<&'a HashMap<String, u16>>,
    pub(super) known: KnownTokens,
}

impl Door<'_> {
    /// The position of the person: a new one, one with the same key, or none.
    pub(super) fn admit(&mut self, row: &Row<'_>, tables: &mut Tables, rejects: &mut Rejects) -> Option<u32> {
        let position = u32::try_from(tables.persons.len()).expect("fewer than 2^32 persons");
        let Some((label, field)) = self.key_field(row, rejects) else {
            row.reject(None, RejectCode::PersonKeyMissing, rejects);
            return None;
        };
        let number = normal(self.source, &row.word(field));
        match self.known.give(self.tokeniser, PersonKey { label, number: &number }, position) {
            Given::New(token) => {
                let phase = self.phase(row, rejects);
                let area = self.area(row, rejects);
                tables.persons.push(Person { token, phase, area });
                Some(position)
            }
            Given::Again(first) => {
                row.reject(None, RejectCode::PersonTwice, rejects);
                Some(first)
            }
            Given::Collision => {
                row.reject(None, RejectCode::TokenCollision, rejects);
                None
            }
        }
    }

    fn key_field(&self, row: &Row<'_>, rejects: &mut Rejects) -> Option<(&'static str, Field)> {
        let field = match self.source {
            TokenSource::NativeId => Field::NativeId,
            TokenSource::PersonTableId => Field::PersonTableId,
            TokenSource::Upn
                if row.value(Field::Upn).is_empty() && !row.value(Field::UniqueLearnerNumber).is_empty() =>
            {
                row.reject(Some(Field::Upn), RejectCode::UpnMissing, rejects);
                return Some((Field::UniqueLearnerNumber.name(), Field::UniqueLearnerNumber));
            }
            TokenSource::Upn => {
                let upn = row.value(Field::Upn);
                if !upn.is_empty() && !is_upn(upn) {
                    row.reject(Some(Field::Upn), RejectCode::UpnShape, rejects);
                }
                Field::Upn
            }
        };
        (!row.value(field).is_empty()).then(|| (field.name(), field))
    }

    fn phase(&self, row: &Row<'_>, rejects: &mut Rejects) -> Option<Phase> {
        let field = Field::PersonBirthDate;
        if row.value(field).is_empty() {
            row.reject(Some(field), RejectCode::BirthDateMissing, rejects);
            return None;
        }
        let born = row.date(field, rejects)?;
        let is_before_birthday = (self.as_at.month(), self.as_at.day()) < (born.month(), born.day());
        match self.as_at.year() - born.year() - i16::from(is_before_birthday) {
            0..5 => Some(Phase::EarlyYears),
            5..16 => Some(Phase::School),
            16..=AGE_MAX => Some(Phase::Post16),
            _ => {
                row.reject(Some(field), RejectCode::AgeOutOfRange, rejects);
                None
            }
        }
    }

    fn area(&self, row: &Row<'_>, rejects: &mut Rejects) -> Option<u16> {
        let areas = self.areas?;
        let area = areas.get(&district(&row.word(Field::PostCode))).copied();
        if area.is_none() {
            row.reject(Some(Field::PostCode), RejectCode::AreaUnknown, rejects);
        }
        area
    }
}

/// A number of a child as its token is made from it.
pub(super) fn normal(source: TokenSource, number: &str) -> String {
    match source {
        TokenSource::Upn => number.trim().to_ascii_uppercase(),
        TokenSource::NativeId | TokenSource::PersonTableId => number.trim().to_owned(),
    }
}

/// The first half of a postcode, which some thousands of households share: `B23` of `B23 6RA`.
pub(super) fn district(postcode: &str) -> String {
    let compact: Vec<char> = postcode.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_ascii_uppercase()).collect();
    let has_inner = compact.len() > 4;
    compact[..if has_inner { compact.len() - 3 } else { compact.len() }].iter().collect()
}

/// A letter, eleven digits, and a digit or letter, of the letters that are in use.
fn is_upn(value: &[u8]) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_uppercase() && !matches!(byte, b'I' | b'O' | b'S');
    let upper = value.to_ascii_uppercase();
    let [first, digits @ .., last] = upper.as_slice() else { return false };
    is_letter(*first)
        && digits.len() == 11
        && digits.iter().all(u8::is_ascii_digit)
        && (last.is_ascii_digit() || is_letter(*last))
}

/// The code of an area by its position.
pub(super) type AreaCodes = Vec<Code>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_district_is_the_first_half_of_a_postcode() {
        for (postcode, expected) in
            [("b23 6ra", "B23"), ("B236RA", "B23"), ("B23", "B23"), ("", ""), (" ZQ1 9ZZ ", "ZQ1")]
        {
            assert_eq!(district(postcode), expected);
        }
    }

    #[test]
    fn the_shape_of_a_pupil_number_is_known() {
        for good in ["A123456789012", "H80120000800B"] {
            assert!(is_upn(good.as_bytes()), "{good}");
        }
        for bad in ["", "A", "I123456789012", "A12345678901", "A12345678901S", "EHC2022004567"] {
            assert!(!is_upn(bad.as_bytes()), "{bad}");
        }
    }

    #[test]
    fn sorting_takes_those_who_name_a_record_along() {
        let mut tables = Tables::default();
        for person in [2, 0, 1, 0] {
            tables.requests.push(Request { person, at: person * 10, ..Request::default() });
        }
        for request in [3, 0, 1, 2] {
            tables.active_plans.push(ActivePlan { request, at: request, ..ActivePlan::default() });
        }
        tables.sort();
        let people: Vec<_> = tables.requests.iter().map(|request| request.person).collect();
        assert_eq!(people, [0, 0, 1, 2]);
        let of: Vec<_> = tables.active_plans.iter().map(|plan| (plan.request, plan.at)).collect();
        assert_eq!(of, [(0, 1), (1, 3), (2, 2), (3, 0)]);
        assert_eq!(children(&tables.requests, 0, |request| request.person).len(), 2);
        assert_eq!(children(&tables.requests, 3, |request| request.person).len(), 0);
    }
}
