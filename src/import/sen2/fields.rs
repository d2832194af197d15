//! What is read of an extract: modules and their fields by name. What has no name here is never looked at.
//!
//! Names, sex, ethnicity, needs and the named plan's details are of no use to an allocation, so there is no field for them.

/// A module of the extract, or a file beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Module {
    /// The header of the return: council, reference date.
    Header,
    /// Module 1: children and young people.
    Person,
    /// Module 2: requests for an assessment.
    Requests,
    /// Module 3: assessments.
    Assessment,
    /// Module 4: plans as they were made, and ceased.
    NamedPlan,
    /// Module 5: active plans with their reviews.
    ActivePlans,
    /// Module 5a: schools and other settings attended.
    PlacementDetail,
    /// The council's own list of who holds what.
    Owners,
    /// The council's own list of postcode districts and areas.
    Areas,
}

impl Module {
    /// The modules that the CSV export has a file for, parents first.
    pub(super) const EXPORTED: [Self; 7] = [
        Self::Header,
        Self::Person,
        Self::Requests,
        Self::Assessment,
        Self::NamedPlan,
        Self::ActivePlans,
        Self::PlacementDetail,
    ];

    /// Its name: of an exported module, as in file names and table ids.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Header => "sen2",
            Self::Person => "person",
            Self::Requests => "requests",
            Self::Assessment => "assessment",
            Self::NamedPlan => "namedplan",
            Self::ActivePlans => "activeplans",
            Self::PlacementDetail => "placementdetail",
            Self::Owners => "owners",
            Self::Areas => "areas",
        }
    }

    /// The module of an XML element that holds a record.
    pub(super) fn of_element(lower_case_name: &[u8]) -> Option<Self> {
        match lower_case_name {
            b"header" => Some(Self::Header),
            b"person" => Some(Self::Person),
            b"requests" => Some(Self::Requests),
            b"assessment" => Some(Self::Assessment),
            b"namedplan" => Some(Self::NamedPlan),
            b"activeplans" => Some(Self::ActivePlans),
            b"placementdetail" => Some(Self::PlacementDetail),
            _ => None,
        }
    }

    /// The module whose record holds one of this; in the CSV export, the field that names it.
    pub(super) fn parent(self) -> Option<(Self, Field)> {
        match self {
            Self::Requests => Some((Self::Person, Field::PersonTableId)),
            Self::Assessment | Self::ActivePlans => Some((Self::Requests, Field::RequestsTableId)),
            Self::NamedPlan => Some((Self::Assessment, Field::AssessmentTableId)),
            Self::PlacementDetail => Some((Self::ActivePlans, Field::ActivePlansTableId)),
            Self::Header | Self::Person | Self::Owners | Self::Areas => None,
        }
    }

    /// In the CSV export, the field by which its records are named, where others are joined to them.
    pub(super) fn table_id(self) -> Option<Field> {
        match self {
            Self::Person => Some(Field::PersonTableId),
            Self::Requests => Some(Field::RequestsTableId),
            Self::Assessment => Some(Field::AssessmentTableId),
            Self::ActivePlans => Some(Field::ActivePlansTableId),
            Self::Header | Self::NamedPlan | Self::PlacementDetail | Self::Owners | Self::Areas => None,
        }
    }

    /// Fields without which a file of the CSV export says nothing.
    pub(super) fn needed(self) -> &'static [Field] {
        match self {
            Self::Header | Self::Person | Self::Owners | Self::Areas => &[],
            Self::Requests => &[Field::ReceivedDate, Field::RequestOutcomeDate],
            Self::Assessment => &[Field::AssessmentOutcome],
            Self::NamedPlan => &[Field::StartDate],
            Self::ActivePlans => &[Field::LastReview],
            Self::PlacementDetail => &[Field::SenSetting],
        }
    }
}

macro_rules! fields {
    ($($field:ident $name:literal $($alias:literal)*,)*) => {
        /// A field that is read.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Field {
            $(
                #[doc = concat!("`", $name, "`.")]
                $field,
            )*
        }

        impl Field {
            /// How many there are.
            pub(super) const COUNT: usize = [$(Self::$field),*].len();

            /// Its name in the CSV export and, but for capitals, in the return.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$field => $name,)*
                }
            }

            /// The field of that name in small letters, where it is read.
            pub(super) fn of_name(lower_case_name: &[u8]) -> Option<Self> {
                $(
                    if lower_case_name == $name.as_bytes() $(|| lower_case_name == $alias.as_bytes())* {
                        return Some(Self::$field);
                    }
                )*
                None
            }
        }
    };
}

fields! {
    Lea "lea",
    ReferenceDate "referencedate",
    PersonTableId "persontableid",
    NativeId "nativeid",
    Upn "upn",
    UniqueLearnerNumber "uniquelearnernumber" "uln",
    PersonBirthDate "personbirthdate",
    PostCode "postcode",
    RequestsTableId "requeststableid",
    ReceivedDate "receiveddate",
    RequestOutcomeDate "requestoutcomedate",
    RequestOutcome "requestoutcome",
    RequestMediation "requestmediation",
    RequestTribunal "requesttribunal",
    Exported "exported",
    AssessmentTableId "assessmenttableid",
    AssessmentOutcome "assessmentoutcome",
    AssessmentOutcomeDate "assessmentoutcomedate",
    AssessmentMediation "assessmentmediation",
    AssessmentTribunal "assessmenttribunal",
    OtherMediation "othermediation",
    OtherTribunal "othertribunal",
    Week20 "week20",
    StartDate "startdate",
    CeaseDate "ceasedate",
    CeaseReason "ceasereason",
    ActivePlansTableId "activeplanstableid",
    ReviewMeeting "reviewmeeting",
    ReviewOutcome "reviewoutcome",
    ReviewDraft "reviewdraft",
    PhaseTransferDueDate "phasetransferduedate",
    PhaseTransferFinalDate "phasetransferfinaldate",
    LastReview "lastreview",
    Urn "urn",
    SenSetting "sensetting",
    EntryDate "entrydate",
    LeavingDate "leavingdate",
    PlacementRank "placementrank",
    PersonKey "person_key",
    ChildId "child_id",
    CaseId "case_id",
    CaseKind "case_kind",
    OfficerId "officer_id",
    Since "since",
    Pinned "pinned",
    PostcodeDistrict "postcode_district",
    Area "area",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_to_their_fields() {
        assert_eq!(Field::of_name(b"lastreview"), Some(Field::LastReview));
        assert_eq!(Field::of_name(b"uln"), Some(Field::UniqueLearnerNumber));
        for name in [&b"surname"[..], b"forename", b"sex", b"gendercurrent", b"ethnicity", b"sentype", b""] {
            assert_eq!(Field::of_name(name), None);
        }
        assert_eq!(Field::Area as usize + 1, Field::COUNT);
    }
}
