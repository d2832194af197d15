//! What the reader of an answer should know besides its figures.

use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::units::{CaseId, Code, GroupId, OfficerId};

/// Something the reader of the answer should know: an assumption made, or a wish that could not be met.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Note {
    /// Officers without any cap were given the rules' default case-count cap.
    DefaultCaseCap {
        /// The cap assumed.
        max_case_count: i64,
        /// How many officers.
        officer_count: i64,
    },
    /// Cases without a due date count as due today.
    UndatedCases {
        /// How many.
        case_count: i64,
        /// Which, by id; none in records from before they were listed.
        #[serde(default)]
        case_ids: Vec<CaseId>,
    },
    /// Cases weigh what the stage catalogue says.
    WeighedByCatalogue {
        /// Its version.
        version: String,
        /// What it says of its points.
        note: String,
        /// How many cases.
        case_count: i64,
    },
    /// Cases of a stage that wants another officer than an earlier one, where nobody is known who had that.
    UnbarredCases {
        /// Which.
        case_ids: Vec<CaseId>,
    },
    /// Cases whose stay on a holding list has run out: their price of waiting was raised above every other.
    StaysRunOut {
        /// How many of those that had no officer before.
        case_count: i64,
    },
    /// What is known of the weeks to come takes an officer over the points cap.
    PeakOverCap {
        /// The officer.
        officer_id: OfficerId,
        /// The first day of the heaviest week.
        week: Date,
        /// Points in that week.
        peak_points: i64,
        /// The cap.
        capacity_points: i64,
    },
    /// The backlog was imported from an extract that was more than 14 days old when it was used.
    OldExtract {
        /// The day of the extract.
        extract_date: Date,
    },
    /// Waiting prices were raised, so that no case waits while an eligible officer has room.
    RaisedWaitingPrices {
        /// How many cases.
        case_count: i64,
    },
    /// A group was split: its cases are held by different officers, or no officer can take it whole.
    SplitGroup {
        /// The group.
        group_id: GroupId,
        /// Why.
        reason: SplitReason,
    },
    /// Pins alone cause more handovers than the limit allows; the limit was raised to that.
    RaisedHandoverLimit {
        /// As asked.
        handover_limit: i64,
        /// As used.
        pinned_handover_count: i64,
    },
    /// Officers of the team's current assignment are not in the backlog: their cases count as without an officer.
    DepartedOfficers {
        /// How many officers.
        officer_count: i64,
        /// Their cases.
        case_count: i64,
    },
    /// A case's area that no officer covers.
    UncoveredArea {
        /// The area.
        area: Code,
        /// Its cases.
        case_count: i64,
    },
}

/// Why a group was split.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SplitReason {
    /// Its cases are with (or pinned to) different officers, or only some of them have one.
    HeldApart,
    /// No officer may take, or has the capacity for, all of its cases.
    NoOfficerForAll,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DefaultCaseCap { max_case_count, officer_count } => write!(
                f,
                "{} no cap of their own: {max_case_count} cases each is assumed. Give capacity_points or max_case_count to change it.",
                counted(*officer_count, "officer has", "officers have")
            ),
            Self::UndatedCases { case_count, case_ids } => write!(
                f,
                "{} as due today{}. Give due_date to change it.",
                counted(*case_count, "case has no due date and counts", "cases have no due date and count"),
                first_ids(case_ids)
            ),
            Self::WeighedByCatalogue { version, note, case_count } => {
                let cases = counted(*case_count, "case weighs", "cases weigh");
                write!(f, "{cases} what the stage catalogue {version} says: {note}.")
            }
            Self::UnbarredCases { case_ids } => write!(
                f,
                "{} another officer than an earlier stage had, and it is not known who had that{}. Give barred_officer_ids.",
                counted(i64::try_from(case_ids.len()).unwrap_or(i64::MAX), "case wants", "cases want"),
                first_ids(case_ids)
            ),
            Self::StaysRunOut { case_count } => write!(
                f,
                "the longest stay of {} without an officer has run out, which puts {} before every case whose has not.",
                counted(*case_count, "case", "cases"),
                if *case_count == 1 { "it" } else { "them" }
            ),
            Self::PeakOverCap { officer_id, week, peak_points, capacity_points } => write!(
                f,
                "officer {officer_id} will have {peak_points} points in the week from {week} by what is known today, over the cap of {capacity_points}."
            ),
            Self::OldExtract { extract_date } => write!(
                f,
                "the extract is of {extract_date}, more than 14 days old: cases opened since then are not in it. Import a fresh one."
            ),
            Self::RaisedWaitingPrices { case_count } => write!(
                f,
                "the waiting price of {} was raised above every price of having an officer, so that no case waits while there is room.",
                counted(*case_count, "case", "cases")
            ),
            Self::SplitGroup { group_id, reason: SplitReason::HeldApart } => write!(
                f,
                "group {group_id} was split: its cases are with different officers today, or only some have one."
            ),
            Self::SplitGroup { group_id, reason: SplitReason::NoOfficerForAll } => {
                write!(f, "group {group_id} was split: no officer can take all of its cases.")
            }
            Self::RaisedHandoverLimit { handover_limit, pinned_handover_count } => write!(
                f,
                "pins alone cause {}; the limit of {handover_limit} was raised to that.",
                counted(*pinned_handover_count, "handover", "handovers")
            ),
            Self::DepartedOfficers { officer_count, case_count } => write!(
                f,
                "{} not in the backlog though the current assignment names them: {} held by them {} as without an officer. Send with available_until whoever left, and as before whoever was forgotten.",
                counted(*officer_count, "officer is", "officers are"),
                counted(*case_count, "case", "cases"),
                if *case_count == 1 { "counts" } else { "count" }
            ),
            Self::UncoveredArea { area, case_count } => {
                let cases = counted(*case_count, "case is", "cases are");
                write!(f, "no officer covers area {area}, where {cases}.")
            }
        }
    }
}

/// `: a, b, c and 4 more`; nothing for no ids.
fn first_ids(case_ids: &[CaseId]) -> String {
    const SHOWN_MAX: usize = 10;
    let shown: Vec<&str> = case_ids.iter().take(SHOWN_MAX).map(CaseId::as_str).collect();
    match (shown.is_empty(), case_ids.len().saturating_sub(SHOWN_MAX)) {
        (true, _) => String::new(),
        (false, 0) => format!(": {}", shown.join(", ")),
        (false, more) => format!(": {} and {more} more", shown.join(", ")),
    }
}

/// `1 case is`, `2 cases are`.
fn counted(count: i64, one: &str, more: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {more}") }
}
