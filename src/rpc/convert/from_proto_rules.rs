//! The rules' message: a preset, and what differs from it.

use super::field::{At, Found, optional, quoted};
use crate::{
    model::{BalanceStep, Part, Rules},
    rpc::proto,
};

const AT: At = At { part: Part::Rules, position: None };

pub(super) fn rules(message: Option<proto::Rules>, found: &mut Found) -> Rules {
    let Some(message) = message else { return Rules::standard() };
    let preset = preset(&message.preset, found);
    let mut rules = changed(preset.clone(), message.clone(), found);
    rules.version = match optional(message.version, |version| version) {
        Some(version) => version,
        None if rules == preset => preset.version,
        None => format!("{}+", preset.version),
    };
    rules
}

fn preset(name: &str, found: &mut Found) -> Rules {
    let name = if name.is_empty() { "standard" } else { name };
    Rules::preset(name).unwrap_or_else(|| {
        let message = format!("is `{}`; must be `standard` or `plain`, or empty for `standard`", quoted(name));
        found.violation(AT, "preset", name, message);
        Rules::standard()
    })
}

fn changed(mut rules: Rules, message: proto::Rules, found: &mut Found) -> Rules {
    // The pattern names every field, so that a new one cannot be forgotten here.
    let proto::Rules {
        preset: _,
        version: _,
        area_rank_price,
        setting_price,
        handover_price,
        handover_price_per_point,
        handover_points,
        group_apart_price,
        waiting_price,
        waiting_price_per_point,
        urgency_price_per_point,
        urgency_days,
        waited_price_per_point_week,
        raise_waiting_prices,
        balance,
        no_balance,
        balance_may_move,
        over_cap_price_per_point,
        handover_limit,
        release_to_holding,
        default_max_case_count,
        check_by_days,
        longest_stay_days,
        same_child_apart_price,
        full_time_capacity_points,
        catalogue,
        second_person_above_handovers,
    } = message;
    set(&mut rules.area_rank_price, area_rank_price);
    set(&mut rules.setting_price, setting_price);
    set(&mut rules.handover_price, handover_price);
    set(&mut rules.handover_price_per_point, handover_price_per_point);
    set(&mut rules.handover_points, handover_points);
    set(&mut rules.group_apart_price, group_apart_price);
    set(&mut rules.waiting_price, waiting_price);
    set(&mut rules.waiting_price_per_point, waiting_price_per_point);
    set(&mut rules.urgency_price_per_point, urgency_price_per_point);
    set(&mut rules.urgency_days, urgency_days);
    set(&mut rules.waited_price_per_point_week, waited_price_per_point_week);
    set(&mut rules.raise_waiting_prices, raise_waiting_prices);
    set(&mut rules.balance_may_move, balance_may_move);
    set(&mut rules.over_cap_price_per_point, over_cap_price_per_point);
    set(&mut rules.release_to_holding, release_to_holding);
    set(&mut rules.default_max_case_count, default_max_case_count);
    set(&mut rules.check_by_days, check_by_days);
    set(&mut rules.longest_stay_days, longest_stay_days);
    set(&mut rules.same_child_apart_price, same_child_apart_price);
    set(&mut rules.full_time_capacity_points, full_time_capacity_points);
    rules.catalogue = catalogue;
    rules.handover_limit = handover_limit.or(rules.handover_limit);
    rules.second_person_above_handovers = second_person_above_handovers.or(rules.second_person_above_handovers);
    match (balance.is_empty(), no_balance) {
        (true, false) => {}
        (true, true) => rules.balance.clear(),
        (false, false) => {
            let step = |step: proto::BalanceStep| BalanceStep { percent: step.percent, slope: step.slope };
            rules.balance = balance.into_iter().map(step).collect();
        }
        (false, true) => {
            let message = "is true although balance has steps; clear one of them";
            found.violation(AT, "no_balance", "true", message);
        }
    }
    rules
}

fn set<T>(field: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *field = value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(message: proto::Rules) -> Result<Rules, String> {
        let mut found = Found::default();
        let rules = rules(Some(message), &mut found);
        match found.0.backlog.first() {
            None => Ok(rules),
            Some(violation) => Err(violation.to_string()),
        }
    }

    #[test]
    fn a_preset_keeps_its_name_until_something_differs() {
        assert_eq!(rules(None, &mut Found::default()), Rules::standard());
        assert_eq!(check(proto::Rules::default()), Ok(Rules::standard()));
        assert_eq!(check(proto::Rules { preset: "plain".to_owned(), ..Default::default() }), Ok(Rules::plain()));
        let same = Some(Rules::standard().handover_price);
        assert_eq!(check(proto::Rules { handover_price: same, ..Default::default() }), Ok(Rules::standard()));
        let other = check(proto::Rules { handover_price: Some(7), ..Default::default() }).unwrap();
        assert_eq!((other.version.as_str(), other.handover_price), ("standard-1+", 7));
        let named =
            check(proto::Rules { version: "north-3".to_owned(), handover_limit: Some(0), ..Default::default() });
        let named = named.unwrap();
        assert_eq!((named.version.as_str(), named.handover_limit), ("north-3", Some(0)));
    }

    #[test]
    fn balance_is_the_presets_or_the_callers_or_none() {
        let step = proto::BalanceStep { percent: 50, slope: 3 };
        let none = check(proto::Rules { no_balance: true, ..Default::default() }).unwrap();
        assert!(none.balance.is_empty());
        let own = check(proto::Rules { balance: vec![step], ..Default::default() }).unwrap();
        assert_eq!(own.balance, [BalanceStep { percent: 50, slope: 3 }]);
        let both = check(proto::Rules { balance: vec![step], no_balance: true, ..Default::default() });
        assert_eq!(both.unwrap_err(), "rules.no_balance: is true although balance has steps; clear one of them");
        let unknown = check(proto::Rules { preset: "x".to_owned(), ..Default::default() });
        assert_eq!(
            unknown.unwrap_err(),
            "rules.preset: is `x`; must be `standard` or `plain`, or empty for `standard`"
        );
    }
}
