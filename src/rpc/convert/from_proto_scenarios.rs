//! Scenarios from their messages.

use jiff::civil::Date;
use prost_types::{Struct, Value as ProtoValue, value::Kind};
use serde_json::{Map, Value};
use tokio::time::Instant;

use super::{
    field::{Found, optional, path},
    from_proto::whole,
    from_proto_backlog::backlog,
    from_proto_planning::{budget, input},
};
use crate::{
    app::{
        Adjustment, AllocateError, Away, Caps, Closing, Growth, Joiners, OfficerChange, PlanningBudget, PlanningInput,
        Scenario,
    },
    model::{Code, OfficerId},
    rpc::proto::{self, adjustment::Adjustment as Message},
};

/// Whole numbers of a float's own precision: those of a `Struct` are floats.
const WHOLE_MAX: f64 = 9_007_199_254_740_992.0;

/// What is asked, and whether results list the cases that change hands.
pub(in crate::rpc) fn question(
    message: proto::EvaluateScenariosRequest,
    call_deadline: Option<Instant>,
) -> Result<(PlanningInput, PlanningBudget, Vec<Scenario>), AllocateError> {
    let proto::EvaluateScenariosRequest { input: about, budget: limits, scenarios, with_changes: _ } = message;
    let mut found = Found::default();
    let about = input(about, &mut found);
    let limits = budget(limits, call_deadline, &mut found);
    let scenarios = (0..).zip(scenarios).map(|(at, message)| scenario(at, message, &mut found)).collect();
    whole(found, about.map(|about| (about, limits, scenarios)))
}

fn scenario(position: usize, message: proto::Scenario, found: &mut Found) -> Scenario {
    let proto::Scenario { name, adjustments, split_by_areas } = message;
    let one = |(at, message): (usize, proto::Adjustment)| {
        let path = format!("scenarios[{position}].adjustments[{at}]");
        match message.adjustment {
            Some(message) => adjustment(&path, message, found),
            None => {
                found.field(path, "is missing; say what is adjusted, such as officers_leave");
                None
            }
        }
    };
    Scenario {
        name,
        adjustments: (0..).zip(adjustments).filter_map(one).collect(),
        split_by_areas: split_by_areas.into_iter().map(|part| codes(part.codes)).collect(),
    }
}

/// `None` = it cannot be read, which is on the list.
fn adjustment(at: &str, message: Message, found: &mut Found) -> Option<Adjustment> {
    Some(match message {
        Message::OfficersJoin(message) => {
            let proto::OfficersJoin {
                count,
                capacity_points,
                max_case_count,
                intake_limit,
                fte_percent,
                areas,
                skills,
                setting_codes,
            } = message;
            Adjustment::OfficersJoin(Joiners {
                count: count.into(),
                capacity_points: capacity_points.map(i64::from),
                max_case_count: max_case_count.map(i64::from),
                intake_limit: intake_limit.map(i64::from),
                fte_percent: fte_percent.map(i64::from),
                areas: codes(areas),
                skills: codes(skills),
                setting_codes: codes(setting_codes),
            })
        }
        Message::OfficersLeave(message) => {
            Adjustment::OfficersLeave(message.officer_ids.into_iter().map(OfficerId::new).collect())
        }
        Message::OfficerChanges(message) => {
            let proto::OfficerChanges {
                officer_id,
                capacity_points,
                max_case_count,
                intake_limit,
                fte_percent,
                areas,
                skills,
                setting_codes,
            } = message;
            let list = |list: Option<proto::CodeList>| list.map(|list| codes(list.codes));
            Adjustment::OfficerChanges(OfficerChange {
                officer_id: OfficerId::new(officer_id),
                capacity_points: capacity_points.map(i64::from),
                max_case_count: max_case_count.map(i64::from),
                intake_limit: intake_limit.map(i64::from),
                fte_percent: fte_percent.map(i64::from),
                areas: list(areas),
                skills: list(skills),
                setting_codes: list(setting_codes),
            })
        }
        Message::OfficerAway(message) => {
            let from = day(&format!("{at}.officer_away.from_date"), &message.from_date, found);
            let until = day(&format!("{at}.officer_away.until_date"), &message.until_date, found);
            Adjustment::OfficerAway(Away { officer_id: OfficerId::new(message.officer_id), from: from?, until: until? })
        }
        Message::CapsChange(message) => {
            let proto::CapsChange { capacity_points, max_case_count, intake_limit } = message;
            Adjustment::CapsChange(Caps {
                capacity_points: capacity_points.map(i64::from),
                max_case_count: max_case_count.map(i64::from),
                intake_limit: intake_limit.map(i64::from),
            })
        }
        Message::RulesChange(fields) => {
            let fields = table(fields);
            if fields.is_empty() {
                found.field(format!("{at}.rules_change"), "names no field of the rules, such as handover_limit");
            }
            Adjustment::RulesChange(fields.into_iter().collect())
        }
        Message::DemandGrows(message) => {
            let proto::DemandGrows { percent, area, kind, stage, skill } = message;
            Adjustment::DemandGrows(Growth {
                percent: percent.into(),
                area: optional(area, Code::new),
                kind: optional(kind, Code::new),
                stage: optional(stage, Code::new),
                skill: optional(skill, Code::new),
            })
        }
        Message::AreaCloses(message) => Adjustment::AreaCloses(Closing {
            area: Code::new(message.area),
            goes_to: optional(message.goes_to, Code::new),
        }),
        Message::TeamJoins(message) => {
            let mut inside = Found::default();
            let other = backlog(message, &mut inside);
            for violation in inside.0.backlog {
                let of_message = path(violation.place);
                let field = of_message.strip_prefix("backlog.").unwrap_or(&of_message);
                found.field(format!("{at}.team_joins.{field}"), violation.message);
            }
            Adjustment::TeamJoins(Box::new(other))
        }
    })
}

/// A day that has to be there.
fn day(field: &str, text: &str, found: &mut Found) -> Option<Date> {
    if text.is_empty() {
        found.field(field, "is missing; give an ISO date");
    }
    found.day(field, text)
}

fn codes(codes: Vec<String>) -> Vec<Code> {
    codes.into_iter().map(Code::new).collect()
}

fn table(fields: Struct) -> Map<String, Value> {
    fields.fields.into_iter().map(|(name, value)| (name, json(value))).collect()
}

fn json(value: ProtoValue) -> Value {
    match value.kind {
        None | Some(Kind::NullValue(_)) => Value::Null,
        #[expect(clippy::cast_possible_truncation, reason = "whole, and small enough to be exact")]
        Some(Kind::NumberValue(number)) if number.fract() == 0.0 && number.abs() <= WHOLE_MAX => {
            Value::from(number as i64)
        }
        Some(Kind::NumberValue(number)) => Value::from(number),
        Some(Kind::StringValue(text)) => Value::from(text),
        Some(Kind::BoolValue(is)) => Value::from(is),
        Some(Kind::StructValue(fields)) => Value::Object(table(fields)),
        Some(Kind::ListValue(list)) => Value::Array(list.values.into_iter().map(json).collect()),
    }
}
