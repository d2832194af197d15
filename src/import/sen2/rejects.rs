//! What was wrong with an extract, record by record: a closed list of codes, and no value of any field.
//!
//! A value that stands in the wrong column may be a child's name, so no message quotes one. Place, field and code are enough to
//! find it where it came from.

use std::collections::BTreeMap;

use super::fields::{Field, Module};

/// Most rejects that are kept; the rest are only counted.
pub const REJECTS_MAX: usize = 1_000_000;

/// What was done about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// The record is left out.
    Rejected,
    /// The record is used, as the message says.
    Repaired,
}

impl Action {
    /// The word in the report.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Rejected => "rejected",
            Self::Repaired => "repaired",
        }
    }
}

macro_rules! codes {
    ($($code:ident $name:literal $action:ident $message:literal,)*) => {
        /// A way in which an extract can be wrong.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum RejectCode {
            $(
                #[doc = $message]
                $code,
            )*
        }

        impl RejectCode {
            /// All codes.
            pub const ALL: &'static [Self] = &[$(Self::$code),*];

            /// Its name in the report.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$code => $name,)*
                }
            }

            /// What is done about it.
            #[must_use]
            pub fn action(self) -> Action {
                match self {
                    $(Self::$code => Action::$action,)*
                }
            }

            /// What is wrong, what was made of it, and what to do.
            #[must_use]
            pub fn message(self) -> &'static str {
                match self {
                    $(Self::$code => $message,)*
                }
            }
        }
    };
}

codes! {
    FileMissing "file-missing" Repaired "there is no such file; read as if it had no rows",
    FileEmpty "file-empty" Repaired "the file has no header; read as if it had no rows",
    FileEncoding "file-encoding" Rejected "the file is UTF-16; save it as CSV UTF-8 (XML: as UTF-8)",
    FileCutOff "file-cut-off" Rejected "the file ends in the middle of a record; export it again",
    ColumnMissing "column-missing" Repaired "the file lacks this column; read as if it were empty",
    ColumnTwice "column-twice" Repaired "the file has this column twice; the first is read",
    NotUtf8 "not-utf8" Repaired "the file is not UTF-8; read as Windows-1252",
    RowLength "row-length" Rejected "the row has more or fewer values than the header; look for a comma or line break without quotation marks",
    QuoteOpen "quote-open" Rejected "a quotation mark is opened and never closed",
    RowTooLong "row-too-long" Rejected "the record is longer than 65536 bytes",
    XmlMismatch "xml-mismatch" Repaired "elements are not closed in the order in which they were opened; read as far as they are known",
    XmlEntity "xml-entity" Repaired "an entity is never expanded; the value is taken as empty",
    XmlDoctype "xml-doctype" Repaired "a document type is never read; a return has none",
    XmlStray "xml-stray" Rejected "the record stands outside the record that it belongs to",
    IdMissing "id-missing" Rejected "the row has no table id",
    IdTwice "id-twice" Rejected "another row of the file has the same table id; the first stands",
    Orphan "orphan" Rejected "no row that was read has this id; see whether it is in this report",
    PersonKeyMissing "person-key-missing" Rejected "nothing to make a token from: this child has no case; add it by hand",
    UpnMissing "upn-missing" Repaired "no Unique Pupil Number; the token is made from the learner number",
    UpnShape "upn-shape" Repaired "not shaped like a Unique Pupil Number; the token is made from it all the same",
    PersonTwice "person-twice" Repaired "another person has the same key; their records are taken together",
    TokenCollision "token-collision" Rejected "another key has the same token by chance: this child has no case; add it by hand",
    BirthDateMissing "birth-date-missing" Repaired "no date of birth; the age phase stays unknown",
    AgeOutOfRange "age-out-of-range" Repaired "born after the day of the extract, or over 26; the age phase stays unknown",
    AreaUnknown "area-unknown" Repaired "no area for the postcode district; the area stays unknown",
    BadDate "bad-date" Repaired "not a date; taken as empty",
    UnknownCode "unknown-code" Repaired "not a code of this field; taken as empty",
    DateTooEarly "date-too-early" Repaired "before 2014; taken as empty",
    DateTooLate "date-too-late" Repaired "after the day of the extract; taken as empty",
    LastReviewFuture "last-review-future" Repaired "a review cannot have been decided after the day of the extract; taken as empty",
    LastReviewMissing "last-review-missing" Repaired "the plan is more than a year old and has no review; its review is due from its start",
    StartMissing "start-missing" Repaired "neither start of the plan nor last review is known; the case has no due date",
    ReceivedMissing "received-missing" Repaired "no day on which the request was received; the case has no due date",
    OutcomeBeforeRequest "outcome-before-request" Repaired "decided before it was received; the outcome stands, its day is taken as empty",
    OutcomeWithoutDate "outcome-without-date" Repaired "an outcome without its day; the outcome stands",
    DateWithoutOutcome "date-without-outcome" Repaired "the day of an outcome without the outcome; taken as still open",
    AssessedWithoutDecision "assessed-without-decision" Repaired "an assessment without the decision to assess; the assessment stands",
    AssessedBeforeRequest "assessed-before-request" Repaired "assessment ended before the request was received; the outcome stands, its day is taken as empty",
    StartBeforeRequest "start-before-request" Repaired "the plan starts before its request was received; both are used",
    CeaseBeforeStart "cease-before-start" Repaired "the plan ceases before it starts; taken as not ceased",
    CeaseWithoutDate "cease-without-date" Repaired "a reason for ceasing without its day; taken as not ceased",
    CeasedActive "ceased-active" Rejected "an active plan that has ceased; it has no case",
    CeasedOpenPlacement "ceased-open-placement" Repaired "the plan has ceased and a placement is open; taken as not ceased, so that no child is lost",
    PlanNotActive "plan-not-active" Repaired "a plan that has started and not ceased is among no active plans; taken as active, so that no child is lost",
    LeavingBeforeEntry "leaving-before-entry" Repaired "left before entering; taken as still there",
    TwoPlacements "two-placements" Repaired "several open placements of the first rank; the first stands",
    DraftBeforeMeeting "draft-before-meeting" Repaired "amendments sent before the review meeting; taken as empty",
    TwoOpenRequests "two-open-requests" Rejected "another request of this child is open; the earliest stands",
    TwoActivePlans "two-active-plans" Rejected "another plan of this child is active; the latest stands",
    OwnerUnknownPerson "owner-unknown-person" Rejected "no open case of such a child in the extract",
    OwnerUnknownOfficer "owner-unknown-officer" Rejected "no such officer in the officer file: the case counts as without an officer",
    OwnerKeyMissing "owner-key-missing" Rejected "the row lacks a child or an officer",
    OwnerTwice "owner-twice" Rejected "another row names an officer for the same case; the first stands",
    OwnerKindUnknown "owner-kind-unknown" Rejected "write plan or assessment, or leave it empty for all cases of the child",
    SinceInFuture "since-in-future" Repaired "held since a day after that of the extract; taken as empty",
    AreaKeyMissing "area-key-missing" Rejected "the row lacks a postcode district or an area",
}

/// One thing that was wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reject {
    /// Where.
    pub module: Module,
    /// Line of the file, from 1; in an XML return, the ordinal of the person. 0 = the file as a whole.
    pub at: u32,
    /// The field, if it is one.
    pub field: Option<Field>,
    /// What.
    pub code: RejectCode,
}

/// Everything that was wrong, in the order of the modules.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rejects {
    kept: Vec<Reject>,
    /// How many more there were than are kept.
    more_count: usize,
}

impl Rejects {
    pub(super) fn push(&mut self, module: Module, at: u32, field: Option<Field>, code: RejectCode) {
        if self.kept.len() == REJECTS_MAX {
            self.more_count += 1;
        } else {
            self.kept.push(Reject { module, at, field, code });
        }
    }

    /// By module and place, each once.
    pub(super) fn sort(&mut self) {
        self.kept.sort_unstable();
        self.kept.dedup();
    }

    /// Those that are kept, by module and place.
    #[must_use]
    pub fn kept(&self) -> &[Reject] {
        &self.kept
    }

    /// How many more there were.
    #[must_use]
    pub fn more_count(&self) -> usize {
        self.more_count
    }

    /// How many there are of each code.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<RejectCode, usize> {
        let mut counts = BTreeMap::new();
        for reject in &self.kept {
            *counts.entry(reject.code).or_default() += 1;
        }
        counts
    }
}
