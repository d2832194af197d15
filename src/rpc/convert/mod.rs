//! Messages to values and back. A field that cannot be read is put on a list, so that the caller learns all of them
//! at once; ranges and references are checked behind [`Problem::new`](crate::model::Problem::new), not here.

pub(super) mod field;
pub(super) mod from_proto;
mod from_proto_backlog;
pub(super) mod from_proto_calls;
pub(super) mod from_proto_forecast;
pub(super) mod from_proto_planning;
mod from_proto_rules;
pub(super) mod from_proto_scenarios;
pub(super) mod from_proto_staffing;
pub(super) mod from_proto_waves;
pub(super) mod from_proto_what_if;
pub(super) mod to_proto;
mod to_proto_evidence;
pub(super) mod to_proto_forecast;
pub(super) mod to_proto_history;
pub(super) mod to_proto_scenarios;
pub(super) mod to_proto_staffing;
pub(super) mod to_proto_waves;

pub(super) use field::path;
