//! The council's own lists beside an extract: who holds what, and which postcode districts belong to which area.

use std::collections::HashSet;
use std::collections::hash_map::{Entry, HashMap};
use std::io;
use std::path::Path;

use jiff::civil::Date;

use super::cases::CaseKind;
use super::export::open_records;
use super::fields::{Field, Module};
use super::rejects::{RejectCode, Rejects};
use super::row::Row;
use super::tables::{AreaCodes, district, normal};
use super::token::{KnownTokens, LETTER_COUNT, PREFIX, PersonKey, TokenSource, Tokeniser};
use crate::model::{Code, OfficerId};

/// Who holds a case.
#[derive(Clone, Debug)]
pub(super) struct Owner {
    pub(super) officer: OfficerId,
    pub(super) since: Option<Date>,
    pub(super) is_pinned: bool,
}

/// Owners by child and kind of case.
pub(super) struct Owners<'a> {
    pub(super) tokeniser: &'a Tokeniser,
    pub(super) source: TokenSource,
    pub(super) as_at: Date,
    pub(super) officers: &'a HashSet<OfficerId>,
    pub(super) known: &'a KnownTokens,
    /// Which cases a person has: plan, assessment.
    pub(super) has_case: &'a [[bool; 2]],
}

impl Owners<'_> {
    /// Reads the list: `person_key`, `child_id` or `case_id`; `officer_id`; `case_kind`, `since` and `pinned` where known.
    pub(super) fn read(&self, path: &Path, rejects: &mut Rejects) -> io::Result<HashMap<(u32, CaseKind), Owner>> {
        let mut owners = HashMap::new();
        let Some(mut records) = open_records(Module::Owners, path, rejects)? else { return Ok(owners) };
        if !records.has(Field::OfficerId) {
            rejects.push(Module::Owners, 1, Some(Field::OfficerId), RejectCode::ColumnMissing);
        }
        while let Some(row) = records.next(rejects)? {
            let Some((owner, person, kinds)) = self.owner(&row, rejects) else { continue };
            for kind in kinds {
                match owners.entry((person, kind)) {
                    Entry::Occupied(_) => row.reject(None, RejectCode::OwnerTwice, rejects),
                    Entry::Vacant(place) => {
                        place.insert(owner.clone());
                    }
                }
            }
        }
        Ok(owners)
    }

    fn owner(&self, row: &Row<'_>, rejects: &mut Rejects) -> Option<(Owner, u32, Vec<CaseKind>)> {
        let officer = row.word(Field::OfficerId);
        let named =
            [Field::CaseId, Field::ChildId, Field::PersonKey].into_iter().find(|&field| !row.value(field).is_empty());
        let (Some(named), false) = (named, officer.is_empty()) else {
            row.reject(None, RejectCode::OwnerKeyMissing, rejects);
            return None;
        };
        let Some(officer) = self.officers.get(officer.as_ref()) else {
            row.reject(Some(Field::OfficerId), RejectCode::OwnerUnknownOfficer, rejects);
            return None;
        };
        let kinds = [("plan", CaseKind::Plan), ("assessment", CaseKind::Assessment)];
        let kind = row.value(Field::CaseKind);
        let mut wanted =
            kinds.iter().find(|(name, _)| kind.eq_ignore_ascii_case(name.as_bytes())).map(|&(_, kind)| kind);
        if wanted.is_none() && !kind.is_empty() {
            row.reject(Some(Field::CaseKind), RejectCode::OwnerKindUnknown, rejects);
            return None;
        }
        let word = row.word(named);
        let token = match named {
            Field::PersonKey => self.of_number(&word),
            _ => {
                if named == Field::CaseId {
                    wanted = kinds.iter().find(|(name, _)| word.ends_with(name)).map(|&(_, kind)| kind);
                }
                self.of_token(&word)
            }
        };
        let cases = token.and_then(|person| {
            let has = |kind: CaseKind| self.has_case[person as usize][kind as usize];
            let cases: Vec<CaseKind> = kinds
                .iter()
                .map(|&(_, kind)| kind)
                .filter(|&kind| has(kind) && wanted.is_none_or(|wanted| wanted == kind))
                .collect();
            (!cases.is_empty()).then_some((person, cases))
        });
        let Some((person, kinds)) = cases else {
            row.reject(Some(named), RejectCode::OwnerUnknownPerson, rejects);
            return None;
        };
        let since = row.date(Field::Since, rejects).filter(|&since| {
            let is_past = since <= self.as_at;
            if !is_past {
                row.reject(Some(Field::Since), RejectCode::SinceInFuture, rejects);
            }
            is_past
        });
        let is_pinned = row.flag(Field::Pinned, rejects);
        Some((Owner { officer: officer.clone(), since, is_pinned }, person, kinds))
    }

    /// The person of that number, which goes no further.
    fn of_number(&self, number: &str) -> Option<u32> {
        let number = normal(self.source, number);
        let labels = match self.source {
            TokenSource::NativeId => &[Field::NativeId][..],
            TokenSource::PersonTableId => &[Field::PersonTableId],
            TokenSource::Upn => &[Field::Upn, Field::UniqueLearnerNumber],
        };
        labels.iter().find_map(|field| {
            let key = PersonKey { label: field.name(), number: &number };
            self.known.person_of(self.tokeniser, key)
        })
    }

    /// The person of a child's token, or of a case's, which begins with it.
    fn of_token(&self, word: &str) -> Option<u32> {
        let token = word.get(..PREFIX.len() + LETTER_COUNT)?.parse().ok()?;
        self.known.person(token)
    }
}

/// Reads areas by postcode district: `postcode_district`, `area`.
pub(super) fn read_areas(path: &Path, rejects: &mut Rejects) -> io::Result<(HashMap<String, u16>, AreaCodes)> {
    let (mut areas, mut codes) = (HashMap::new(), AreaCodes::new());
    let Some(mut records) = open_records(Module::Areas, path, rejects)? else { return Ok((areas, codes)) };
    for field in [Field::PostcodeDistrict, Field::Area] {
        if !records.has(field) {
            rejects.push(Module::Areas, 1, Some(field), RejectCode::ColumnMissing);
        }
    }
    let mut positions: HashMap<String, u16> = HashMap::new();
    while let Some(row) = records.next(rejects)? {
        let (district, area) = (district(&row.word(Field::PostcodeDistrict)), row.word(Field::Area));
        let next = u16::try_from(codes.len()).ok();
        let (false, false, Some(next)) = (district.is_empty(), area.is_empty(), next) else {
            row.reject(None, RejectCode::AreaKeyMissing, rejects);
            continue;
        };
        let position = *positions.entry(area.to_string()).or_insert_with(|| {
            codes.push(Code::from(area.as_ref()));
            next
        });
        areas.insert(district, position);
    }
    Ok((areas, codes))
}
