//! The allocation rules: prices of the objective's terms, caps by default, and what may move.

use jiff::civil::{Date, date};
use serde::{Deserialize, Serialize};

/// One step of the balance price: above `percent` of an officer's capacity, every further point costs `slope` more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BalanceStep {
    /// Percent of the officer's cap, `0..=100`.
    pub percent: i64,
    /// Price per point above it, `0..=1_000_000`; slopes of several steps add up.
    pub slope: i64,
}

/// One versioned, effective-dated document. Two presets exist: [`Rules::standard`] and [`Rules::plain`].
/// A rules file names the preset it starts from and what differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// Name of this version; every answer carries it.
    pub version: String,
    /// First day on which these rules apply.
    pub effective_from: Date,
    /// Price for every rank that the case's area stands below the first of the officer's areas.
    pub area_rank_price: i64,
    /// Price of an officer who does not know the case's setting (school).
    pub setting_price: i64,
    /// Price of a handover, per case.
    pub handover_price: i64,
    /// Price of a handover, per point of the case.
    pub handover_price_per_point: i64,
    /// Points a case weighs more with an officer who takes it over from another.
    pub handover_points: i64,
    /// Price of giving a case to another officer than the one who holds the rest of its group.
    pub group_apart_price: i64,
    /// Price of giving a case that nobody holds to another officer than those who hold other cases of its child.
    pub same_child_apart_price: i64,
    /// Price of waiting, per case.
    pub waiting_price: i64,
    /// Price of waiting, per point.
    pub waiting_price_per_point: i64,
    /// Further price of waiting per point on the due date; it falls to 0 at `urgency_days` before it and rises at the
    /// same rate after it, to at most 1.4 times.
    pub urgency_price_per_point: i64,
    /// Days before the due date at which urgency starts to count, `1..=3660`.
    pub urgency_days: i64,
    /// Further price of waiting per point and full week waited (52 weeks at most).
    pub waited_price_per_point_week: i64,
    /// Waiting prices are raised above every price of having an officer, so that no case waits while an eligible
    /// officer has room; off, they count exactly as given (and must be given).
    pub raise_waiting_prices: bool,
    /// The balance price: steers new cases to officers with more headroom.
    pub balance: Vec<BalanceStep>,
    /// Balance by itself may cause a handover.
    pub balance_may_move: bool,
    /// Price per point that an officer stays above the cap today.
    pub over_cap_price_per_point: i64,
    /// Most handovers (and releases) in one allocation; `None` = no limit.
    pub handover_limit: Option<i64>,
    /// An allocation with more handovers and releases than this is committed by somebody else than whoever proposed it;
    /// `None` = one person may do both. Not a limit of the problem: the solver does not know it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second_person_above_handovers: Option<i64>,
    /// A case may move from an officer who stays to the holding list.
    pub release_to_holding: bool,
    /// Case-count cap of an officer who has neither cap: an assumption, which the answer names.
    pub default_max_case_count: i64,
    /// Days until a supervisor must look at a waiting case again, `1..=366`.
    pub check_by_days: i64,
    /// Longest stay on a holding list, in days from `waiting_since`, `1..=3660`, of a case whose stage is not given.
    pub longest_stay_days: i64,
    /// Points that a full-time officer can carry, `1..=1_000_000_000`, where an officer's hours are given and not their points.
    pub full_time_capacity_points: i64,
    /// The stage catalogue by name or version; empty = the one of the service or command.
    pub catalogue: String,
}

impl Rules {
    /// The rules a council starts with. Every price is an illustration, not calibrated.
    #[must_use]
    pub fn standard() -> Self {
        Self {
            version: "standard-1".to_owned(),
            effective_from: date(2014, 9, 1),
            area_rank_price: 12,
            setting_price: 10,
            handover_price: 25,
            handover_price_per_point: 4,
            handover_points: 0,
            group_apart_price: 20,
            same_child_apart_price: 15,
            waiting_price: 150,
            waiting_price_per_point: 60,
            urgency_price_per_point: 240,
            urgency_days: 84,
            waited_price_per_point_week: 10,
            raise_waiting_prices: true,
            balance: vec![BalanceStep { percent: 80, slope: 1 }, BalanceStep { percent: 95, slope: 1 }],
            balance_may_move: false,
            over_cap_price_per_point: 100,
            handover_limit: None,
            second_person_above_handovers: None,
            release_to_holding: false,
            default_max_case_count: 180,
            check_by_days: 14,
            longest_stay_days: 140,
            full_time_capacity_points: 1_800,
            catalogue: String::new(),
        }
    }

    /// The published generalised assignment problem: the objective is exactly the sum of pair costs and waiting
    /// prices; caps and limits hold where given.
    #[must_use]
    pub fn plain() -> Self {
        Self {
            version: "plain-1".to_owned(),
            area_rank_price: 0,
            setting_price: 0,
            handover_price: 0,
            handover_price_per_point: 0,
            group_apart_price: 0,
            same_child_apart_price: 0,
            waiting_price: 0,
            waiting_price_per_point: 0,
            urgency_price_per_point: 0,
            waited_price_per_point_week: 0,
            raise_waiting_prices: false,
            balance: Vec::new(),
            over_cap_price_per_point: 0,
            ..Self::standard()
        }
    }

    /// The preset of that name, if there is one.
    #[must_use]
    pub fn preset(name: &str) -> Option<Self> {
        match name {
            "standard" => Some(Self::standard()),
            "plain" => Some(Self::plain()),
            _ => None,
        }
    }
}
