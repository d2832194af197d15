//! How much one request may ask for. Each limit is a configuration key; the reasons are with `config`.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use super::error::AllocateError;
use crate::model::{Backlog, Code, Officer};

/// What one request may ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most cases.
    pub case_count_max: usize,
    /// Most officers.
    pub officer_count_max: usize,
    /// Most eligible pairs, sent or derived.
    pub pair_count_max: usize,
    /// The time to search where the request names none.
    pub time_limit_default: Duration,
    /// The longest time to search.
    pub time_limit_max: Duration,
    /// The shortest time to search that is worth starting.
    pub time_limit_min: Duration,
    /// Threads of one solve.
    pub threads_per_solve: usize,
    /// How long a proposal is kept.
    pub proposal_ttl: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            case_count_max: 200_000,
            officer_count_max: 10_000,
            pair_count_max: 5_000_000,
            time_limit_default: Duration::from_secs(10),
            time_limit_max: Duration::from_secs(60),
            time_limit_min: Duration::from_millis(50),
            threads_per_solve: 2,
            proposal_ttl: Duration::from_secs(7 * 24 * 3600),
        }
    }
}

impl Limits {
    /// Refuses a backlog of more cases, officers or explicit pairs. Cheap, so that it can come before anything else.
    ///
    /// # Errors
    /// [`AllocateError::TooMany`] for the first limit that is passed.
    pub fn check_size(&self, cases: usize, officers: usize, pairs: usize) -> Result<(), AllocateError> {
        at_most("cases", "case_count_max", self.case_count_max, cases)?;
        at_most("officers", "officer_count_max", self.officer_count_max, officers)?;
        self.check_pairs(pairs)
    }

    /// Refuses a backlog from which more eligible pairs would be derived, before any is made: 200,000 cases that any of
    /// 10,000 officers may take would fill the memory of most machines. Groups are counted case by case.
    ///
    /// # Errors
    /// [`AllocateError::TooMany`].
    pub fn check_derived_pairs(&self, backlog: &Backlog) -> Result<(), AllocateError> {
        if backlog.pairs.is_some() {
            return Ok(());
        }
        let mut alike: BTreeMap<(Option<&Code>, BTreeSet<&Code>), usize> = BTreeMap::new();
        for case in &backlog.cases {
            *alike.entry((case.area.as_ref(), case.skills.iter().collect())).or_default() += 1;
        }
        let is_there = |officer: &&Officer| officer.available_until.is_none_or(|last| last >= backlog.as_at);
        let officers: Vec<(&Officer, BTreeSet<&Code>)> = backlog
            .officers
            .iter()
            .filter(is_there)
            .map(|officer| (officer, officer.skills.iter().collect()))
            .collect();
        let mut pairs = 0;
        for ((area, skills), cases) in alike {
            let covers =
                |officer: &Officer| area.is_none_or(|area| officer.areas.is_empty() || officer.areas.contains(area));
            let eligible = officers.iter().filter(|(officer, has)| covers(officer) && skills.is_subset(has)).count();
            pairs += cases * eligible;
            self.check_pairs(pairs)?;
        }
        Ok(())
    }

    fn check_pairs(&self, pairs: usize) -> Result<(), AllocateError> {
        at_most("eligible pairs", "pair_count_max", self.pair_count_max, pairs)
    }
}

fn at_most(what: &'static str, key: &'static str, limit: usize, found: usize) -> Result<(), AllocateError> {
    if found <= limit { Ok(()) } else { Err(AllocateError::TooMany { what, key, limit, found }) }
}
