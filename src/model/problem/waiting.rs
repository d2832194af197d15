//! The price of leaving a unit without an officer: per point, rising with urgency and with time waited, and above every
//! price of having an officer, so that nothing waits while an eligible officer has room.

use jiff::{ToSpan as _, Unit as TimeUnit, civil::Date};

use super::{EligiblePair, people::People, units::Anchor};
use crate::model::{Case, CaseId, CaseIndex, Note, Rules};

/// Urgency is counted in thousandths: 1,000 on the due date.
const URGENCY_FULL: i64 = 1_000;
/// Lateness raises urgency to at most this.
const URGENCY_MAX: i64 = 1_400;
/// Weeks waited that count at most.
const WAITED_WEEKS_MAX: i64 = 52;

/// What waiting means for a unit.
pub(super) struct Waiting {
    /// `None` = it is no option.
    pub(super) price: Option<i64>,
    /// Cases that would leave an officer who stays.
    pub(super) release_count: u32,
    /// The price was raised above that of having an officer.
    pub(super) is_raised: bool,
    /// Nobody holds it, and the longest stay of one of its cases has run out.
    pub(super) stay_is_over: bool,
}

/// What waiting means for a unit of these cases, which may go to these officers.
pub(super) fn waiting(
    people: &People,
    rules: &Rules,
    anchor: Anchor,
    cases: &[CaseIndex],
    pairs: &[EligiblePair],
) -> Waiting {
    let release_price = match anchor {
        Anchor::Pinned(_) => return Waiting { price: None, release_count: 0, is_raised: false, stay_is_over: false },
        Anchor::Held(_) if !rules.release_to_holding => {
            return Waiting { price: None, release_count: 0, is_raised: false, stay_is_over: false };
        }
        Anchor::Held(_) => cases
            .iter()
            .map(|case| {
                let weight = people.backlog.cases[case.get()].weight_points.unwrap_or(1);
                rules.handover_price + rules.handover_price_per_point * weight
            })
            .sum(),
        Anchor::None => 0,
    };
    // A sum beyond 64 bits stays at their end, where `check::prices_fit` refuses it.
    let stated = cases
        .iter()
        .map(|case| case_price(&people.backlog.cases[case.get()], rules, people.backlog.as_at))
        .fold(0, i64::saturating_add);
    let case_count = u32::try_from(cases.len()).expect("fewer than 2^32 cases");
    let balance_slope: i64 = rules.balance.iter().map(|step| step.slope).sum();
    let dearest = pairs.iter().map(|pair| pair.cost + balance_slope * i64::from(pair.weight_points) + 1).max();
    let as_at = people.backlog.as_at;
    let is_over = |case: &CaseIndex| longest_stay_until(&people.backlog.cases[case.get()], rules, as_at) < as_at;
    let floor = if rules.raise_waiting_prices { dearest.unwrap_or(0) } else { 0 };
    Waiting {
        price: Some(stated.max(floor).saturating_add(release_price)),
        release_count: if anchor == Anchor::None { 0 } else { case_count },
        is_raised: stated < floor,
        stay_is_over: rules.raise_waiting_prices && anchor == Anchor::None && cases.iter().any(is_over),
    }
}

/// Notes that follow from the waiting prices of all units.
pub(super) fn notes(people: &People, rules: &Rules, raised_count: i64, notes: &mut Vec<Note>) {
    if raised_count > 0 {
        notes.push(Note::RaisedWaitingPrices { case_count: raised_count });
    }
    let undated = people.backlog.cases.iter().filter(|case| case.due_date.is_none());
    // Where every price is given, due dates do not matter and their absence is no news.
    let case_ids: Vec<CaseId> =
        if rules.urgency_price_per_point > 0 { undated.map(|case| case.id.clone()).collect() } else { Vec::new() };
    if !case_ids.is_empty() {
        notes.push(Note::UndatedCases { case_count: case_ids.len() as i64, case_ids });
    }
}

fn case_price(case: &Case, rules: &Rules, as_at: Date) -> i64 {
    if let Some(price) = case.holding_price {
        return price;
    }
    let weight = case.weight_points.unwrap_or(1);
    let waited_weeks = case.waiting_since.map_or(0, |since| days_between(since, as_at) / 7).clamp(0, WAITED_WEEKS_MAX);
    rules.waiting_price
        + weight * (rules.waiting_price_per_point + rules.waited_price_per_point_week * waited_weeks)
        + weight * rules.urgency_price_per_point * urgency(case, rules, as_at) / URGENCY_FULL
}

/// Counted from the first day of waiting, by the case's stage or else by the rules; an extension is never shorter.
pub(super) fn longest_stay_until(case: &Case, rules: &Rules, as_at: Date) -> Date {
    let since = case.waiting_since.map_or(as_at, |since| since.min(as_at));
    let of_stage = case.derived.as_ref().and_then(|derived| derived.longest_stay_until);
    let until = of_stage.unwrap_or_else(|| since.saturating_add(rules.longest_stay_days.days()));
    case.stay_extension.as_ref().map_or(until, |extension| extension.until.max(until))
}

/// By the case's stage; else 1,000 on the due date, 0 at `urgency_days` before it, rising at the same rate after it to 1,400. No date = due today.
fn urgency(case: &Case, rules: &Rules, as_at: Date) -> i64 {
    if let Some(percent) = case.derived.as_ref().and_then(|derived| derived.urgency_percent) {
        return percent * URGENCY_FULL / 100;
    }
    let days_left = case.due_date.map_or(0, |due| days_between(as_at, due));
    (URGENCY_FULL - URGENCY_FULL * days_left / rules.urgency_days).clamp(0, URGENCY_MAX)
}

fn days_between(from: Date, to: Date) -> i64 {
    let span = to.since((TimeUnit::Day, from)).expect("any two civil dates are a countable number of days apart");
    i64::from(span.get_days())
}
