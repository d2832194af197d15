//! A question about staffing from its message.

use tokio::time::Instant;

use super::{
    field::Found,
    from_proto::whole,
    from_proto_planning::{budget, input},
};
use crate::{
    app::{
        AllocateError, Allowances, CapKind, LowestCapOptions, PlanningBudget, PlanningInput, Profile, ShortageOptions,
        StaffingOptions, StaffingQuestion, TargetCaps, WorthOptions,
    },
    model::Code,
    rpc::proto::{self, plan_staffing_request::Question},
};

pub(in crate::rpc) fn question(
    message: proto::PlanStaffingRequest,
    call_deadline: Option<Instant>,
) -> Result<(PlanningInput, PlanningBudget, StaffingQuestion), AllocateError> {
    let proto::PlanStaffingRequest { input: about, budget: limits, question } = message;
    let mut found = Found::default();
    let about = input(about, &mut found);
    let limits = budget(limits, call_deadline, &mut found);
    let question = match question {
        Some(question) => asked(question, &mut found),
        None => {
            found.field("question", "is missing; give hires, lowest_cap, hire_worth or shortage");
            None
        }
    };
    whole(found, about.zip(question).map(|(about, question)| (about, limits, question)))
}

fn asked(question: Question, found: &mut Found) -> Option<StaffingQuestion> {
    Some(match question {
        Question::Hires(proto::HiresQuestion { profiles, caps: target, with_forecast }) => {
            let (caps, allowances, in_peak_week) = caps(target.unwrap_or_default());
            let profiles = profiles.into_iter().map(profile).collect();
            StaffingQuestion::Hires(StaffingOptions { profiles, caps, allowances, in_peak_week, with_forecast })
        }
        Question::LowestCap(message) => {
            let of = match message.kind() {
                proto::CapKind::Cases => CapKind::Cases,
                proto::CapKind::Points => CapKind::Points,
                proto::CapKind::Unspecified => {
                    found.field("lowest_cap.kind", "is missing or unknown; give CAP_KIND_CASES or CAP_KIND_POINTS");
                    return None;
                }
            };
            let (target, allowances, in_peak_week) = caps(message.caps.unwrap_or_default());
            if target != TargetCaps::default() {
                let message = "has a cap, which is what is asked for; leave out max_case_count and without_points_cap";
                found.field("lowest_cap.caps", message);
                return None;
            }
            let with_other_cap = message.with_other_cap;
            StaffingQuestion::LowestCap(LowestCapOptions { of, with_other_cap, allowances, in_peak_week })
        }
        Question::HireWorth(proto::HireWorthQuestion { profiles, with_forecast }) => {
            let profiles = profiles.into_iter().map(profile).collect();
            StaffingQuestion::Worth(WorthOptions { profiles, with_forecast })
        }
        Question::Shortage(proto::ShortageQuestion { caps: target }) => {
            let (caps, allowances, in_peak_week) = caps(target.unwrap_or_default());
            StaffingQuestion::Shortage(ShortageOptions { caps, allowances, in_peak_week })
        }
    })
}

fn caps(message: proto::TargetCaps) -> (TargetCaps, Allowances, bool) {
    let proto::TargetCaps {
        max_case_count,
        without_points_cap,
        leave_percent,
        vacancy_percent,
        allowances_for_all,
        in_peak_week,
    } = message;
    let caps = TargetCaps { max_case_count: max_case_count.map(i64::from), without_points_cap };
    let allowances = Allowances {
        leave_percent: leave_percent.into(),
        vacancy_percent: vacancy_percent.into(),
        for_all: allowances_for_all,
    };
    (caps, allowances, in_peak_week)
}

fn profile(message: proto::OfficerProfile) -> Profile {
    let codes = |codes: Vec<String>| codes.into_iter().map(Code::new).collect();
    let usual = Profile::new(Code::new(message.code));
    Profile {
        areas: codes(message.areas),
        skills: codes(message.skills),
        setting_codes: codes(message.setting_codes),
        fte_percent: message.fte_percent.map_or(usual.fte_percent, i64::from),
        capacity_points: message.capacity_points.map(i64::from),
        max_case_count: message.max_case_count.map(i64::from),
        intake_limit: message.intake_limit.map(i64::from),
        cost: message.cost.unwrap_or(usual.cost),
        ..usual
    }
}
