//! The records of a child as both forms have them: a tree of modules with named values.

use jiff::civil::Date;

use crate::generate::stage::days_later;

use super::child::Child;

/// A file of the CSV export, or an element of the return.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sen2Module {
    /// Header.
    Header,
    /// Module 1.
    Person,
    /// Module 2.
    Requests,
    /// Module 3.
    Assessment,
    /// Module 4.
    NamedPlan,
    /// Module 4a.
    PlanDetail,
    /// Module 5.
    ActivePlans,
    /// Module 5a.
    PlacementDetail,
    /// Module 5b.
    SenNeed,
}

impl Sen2Module {
    /// All of them, parents first.
    pub const ALL: [Self; 9] = [
        Self::Header,
        Self::Person,
        Self::Requests,
        Self::Assessment,
        Self::NamedPlan,
        Self::PlanDetail,
        Self::ActivePlans,
        Self::PlacementDetail,
        Self::SenNeed,
    ];

    /// The name in file names and table ids.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Header => "sen2",
            Self::Person => "person",
            Self::Requests => "requests",
            Self::Assessment => "assessment",
            Self::NamedPlan => "namedplan",
            Self::PlanDetail => "plandetail",
            Self::ActivePlans => "activeplans",
            Self::PlacementDetail => "placementdetail",
            Self::SenNeed => "senneed",
        }
    }

    /// The name of its element.
    pub(super) fn element(self) -> &'static str {
        match self {
            Self::Header => "Header",
            Self::Person => "Person",
            Self::Requests => "Requests",
            Self::Assessment => "Assessment",
            Self::NamedPlan => "NamedPlan",
            Self::PlanDetail => "PlanDetail",
            Self::ActivePlans => "ActivePlans",
            Self::PlacementDetail => "PlacementDetail",
            Self::SenNeed => "SENneed",
        }
    }

    pub(super) fn parent(self) -> Option<Self> {
        match self {
            Self::Header => None,
            Self::Person => Some(Self::Header),
            Self::Requests => Some(Self::Person),
            Self::Assessment | Self::ActivePlans => Some(Self::Requests),
            Self::NamedPlan => Some(Self::Assessment),
            Self::PlanDetail => Some(Self::NamedPlan),
            Self::PlacementDetail | Self::SenNeed => Some(Self::ActivePlans),
        }
    }

    /// Fields that both forms have, in their order.
    pub(super) fn fields(self) -> &'static [&'static str] {
        match self {
            Self::Header => &[
                "Collection",
                "Year",
                "ReferenceDate",
                "SourceLevel",
                "SoftwareCode",
                "Release",
                "SerialNo",
                "DateTime",
                "LEA",
            ],
            Self::Person => &[
                "Surname",
                "Forename",
                "PersonBirthDate",
                "Sex",
                "Ethnicity",
                "PostCode",
                "UPN",
                "UniqueLearnerNumber",
                "UPNunknown",
            ],
            Self::Requests => &[
                "ReceivedDate",
                "RequestSource",
                "RYA",
                "RequestOutcomeDate",
                "RequestOutcome",
                "RequestMediation",
                "RequestTribunal",
                "Exported",
            ],
            Self::Assessment => &[
                "AssessmentOutcome",
                "AssessmentOutcomeDate",
                "AssessmentMediation",
                "AssessmentTribunal",
                "OtherMediation",
                "OtherTribunal",
                "Week20",
            ],
            Self::NamedPlan => &["StartDate", "PlanRes", "PlanWBP", "PB", "OA", "DP", "CeaseDate", "CeaseReason"],
            Self::PlanDetail => &[
                "URN",
                "UKPRN",
                "SENSetting",
                "SENSettingOther",
                "PlacementRank",
                "SENUnitIndicator",
                "ResourcedProvisionIndicator",
            ],
            Self::ActivePlans => &[
                "TransferLA",
                "ReviewMeeting",
                "ReviewOutcome",
                "ReviewDraft",
                "PhaseTransferDueDate",
                "PhaseTransferFinalDate",
                "LastReview",
            ],
            Self::PlacementDetail => &[
                "URN",
                "UKPRN",
                "SENSetting",
                "SENSettingOther",
                "PlacementRank",
                "EntryDate",
                "LeavingDate",
                "SENUnitIndicator",
                "ResourcedProvisionIndicator",
                "RES",
                "WBP",
            ],
            Self::SenNeed => &["SENtype", "SENtypeRank"],
        }
    }
}

/// A value; dates are written differently in the two forms.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Text(String),
    Date(Date),
}

/// What is done to a record when it is written, beyond its values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Damage {
    /// A value too many.
    ExtraCell,
    /// A quotation mark that nobody closes.
    OpenQuote,
    /// Far too long a value.
    LongCell,
    /// No table id.
    NoId,
    /// The table id of the record before it.
    SameId,
    /// The id of no parent.
    NoParent,
    /// A byte that is not UTF-8.
    Latin1,
    /// An element that is closed by another's name.
    WrongEnd,
    /// An entity.
    Entity,
}

/// A record with those below it.
#[derive(Clone, Debug)]
pub(super) struct Record {
    pub(super) module: Sen2Module,
    values: Vec<(&'static str, Value)>,
    pub(super) children: Vec<Record>,
    pub(super) damage: Option<Damage>,
}

impl Record {
    pub(super) fn new(module: Sen2Module) -> Self {
        Self { module, values: Vec::new(), children: Vec::new(), damage: None }
    }

    /// Without those below it.
    pub(super) fn alone(&self) -> Self {
        Self { values: self.values.clone(), children: Vec::new(), ..*self }
    }

    pub(super) fn text(mut self, field: &'static str, text: impl Into<String>) -> Self {
        self.set(field, Value::Text(text.into()));
        self
    }

    pub(super) fn date(mut self, field: &'static str, date: Date) -> Self {
        self.set(field, Value::Date(date));
        self
    }

    pub(super) fn with(mut self, child: Record) -> Self {
        self.children.push(child);
        self
    }

    pub(super) fn set(&mut self, field: &'static str, value: Value) {
        debug_assert!(field == "NativeId" || self.module.fields().contains(&field), "{field} is no field");
        self.values.retain(|(known, _)| *known != field);
        self.values.push((field, value));
    }

    pub(super) fn get(&self, field: &str) -> Option<&Value> {
        self.values.iter().find(|(known, _)| *known == field).map(|(_, value)| value)
    }

    /// The first record of that module, here or below.
    pub(super) fn first(&mut self, module: Sen2Module) -> Option<&mut Record> {
        if self.module == module {
            return Some(self);
        }
        self.children.iter_mut().find_map(|child| child.first(module))
    }
}

/// Everything the return has of a child.
pub(super) fn records(child: &Child) -> Record {
    let number = child.number;
    let area: u32 = child.area.as_str().trim_start_matches("area-").parse().unwrap_or(0);
    let person = Record::new(Sen2Module::Person)
        .text("NativeId", child.native_id())
        .text("Surname", format!("Plantedname{number}"))
        .text("Forename", format!("Plantedfore{number}"))
        .date("PersonBirthDate", child.born)
        .text("Sex", if number.is_multiple_of(10) { "F" } else { "M" })
        .text("Ethnicity", "PLTD")
        .text("PostCode", format!("ZQ{area} {}XX", number % 10))
        .text("UPN", child.upn())
        .text("UniqueLearnerNumber", format!("777{number:07}"));
    let received = child.received();
    let flag = |is_set: bool| if is_set { "1" } else { "0" };
    let request = Record::new(Sen2Module::Requests)
        .date("ReceivedDate", received)
        .text("RequestSource", "1")
        .text("RYA", "0")
        .text("RequestMediation", "0")
        .text("RequestTribunal", "0");
    if child.is_request() {
        return person.with(request);
    }
    // Decided within four weeks, as far as time has gone on.
    let decided = request.date("RequestOutcomeDate", days_later(received, 28)).text("RequestOutcome", "Y");
    let assessment = Record::new(Sen2Module::Assessment)
        .text("AssessmentMediation", "0")
        .text("AssessmentTribunal", "0")
        .text("OtherMediation", flag(child.has_mediation()))
        .text("OtherTribunal", flag(child.has_tribunal()))
        .text("Week20", "0");
    if child.is_assessment() {
        return person.with(decided.with(assessment));
    }
    let assessment = assessment.text("AssessmentOutcome", "Y").date("AssessmentOutcomeDate", days_later(received, 90));
    if child.is_drafting() {
        return person.with(decided.with(assessment));
    }
    let setting = |record: Record| match child.urn {
        Some(urn) => record.text("URN", urn.to_string()).text("PlacementRank", "1"),
        None => record.text("SENSetting", "OLA").text("PlacementRank", "1"),
    };
    let plan = Record::new(Sen2Module::NamedPlan).date("StartDate", child.start).text("PB", "0");
    let plan = plan.with(setting(Record::new(Sen2Module::PlanDetail)));
    let mut active = Record::new(Sen2Module::ActivePlans)
        .date("ReviewMeeting", days_later(child.last_review, -14))
        .text("ReviewOutcome", "M")
        .date("LastReview", child.last_review);
    if let Some(transfer) = child.transfer {
        active.set("PhaseTransferDueDate", Value::Date(transfer));
    }
    let active = active
        .with(setting(Record::new(Sen2Module::PlacementDetail)).date("EntryDate", child.start))
        .with(Record::new(Sen2Module::SenNeed).text("SENtype", "ASD").text("SENtypeRank", "1"));
    person.with(decided.with(assessment.with(plan)).with(active))
}
