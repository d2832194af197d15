//! What managers' questions are asked about, and how long their answers may take. The questions themselves are `plan`'s.

use std::{sync::Arc, time::Duration};

use jiff::civil::Date;
use tokio::time::Instant;
use tracing::Span;

use super::{
    Scheduler,
    allocate::name_catalogue,
    error::{AllocateError, BadField, Violations},
    incumbent::carried_out,
    pool::SearchTime,
};
use crate::{
    model::{Backlog, Rules},
    plan::{Given, Unanswerable},
    solve::{Budget, Options},
    store::TeamId,
};

/// What a question is asked about.
#[derive(Clone, Debug)]
pub struct PlanningInput {
    /// The team.
    pub team_id: TeamId,
    /// The backlog and the rules to ask about, or the current assignment, and what is other than with it.
    pub about: About,
}

/// A backlog of the caller's, or the team's own.
#[derive(Clone, Debug)]
#[allow(clippy::large_enum_variant, reason = "one for each call")]
pub enum About {
    /// What the caller sent.
    Sent(Backlog, Rules),
    /// The current assignment.
    Current {
        /// Other rules than those it was made by.
        rules: Option<Rules>,
        /// A later day than that for which it was made.
        as_at: Option<Date>,
    },
}

/// How long to search, and how.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PlanningBudget {
    /// The longest time, all together; `None` = the default.
    pub time_limit: Option<Duration>,
    /// The gap at which each search stops, 0 to 1.
    pub gap_limit: f64,
    /// Seed of all searches.
    pub seed: u64,
    /// Most steps of each search.
    pub step_limit: Option<u64>,
    /// After this nobody waits for the answer.
    pub call_deadline: Option<Instant>,
}

impl Scheduler {
    /// The backlog and rules that a question is about, today's holders in it.
    ///
    /// # Errors
    /// [`AllocateError::TooMany`], [`AllocateError::Invalid`]; of the team's own [`AllocateError::UnknownTeam`],
    /// [`AllocateError::InputNotKept`], and those of the store.
    pub async fn given(&self, input: PlanningInput) -> Result<Given, AllocateError> {
        let (backlog, mut rules) = match input.about {
            About::Sent(backlog, rules) => (backlog, rules),
            About::Current { rules, as_at } => {
                let current = self.assignment(&input.team_id, None).await?;
                let kept = current.input.clone().ok_or(AllocateError::InputNotKept { version: current.version() })?;
                let made = current.allocation.as_at;
                let as_at = as_at.unwrap_or(made);
                if as_at < made {
                    let message =
                        format!("is {as_at}, before the day of the current assignment; must be {made} or later");
                    let field = BadField::new("as_at_date", message);
                    return Err(AllocateError::Invalid(Violations { fields: vec![field], backlog: Vec::new() }));
                }
                (carried_out(&current, &kept, as_at), rules.unwrap_or_else(|| kept.rules.clone()))
            }
        };
        let pair_count = backlog.pairs.as_ref().map_or(0, Vec::len);
        self.limits.check_size(backlog.cases.len(), backlog.officers.len(), pair_count)?;
        self.limits.check_derived_pairs(&backlog)?;
        let statute = name_catalogue(&self.statute, &mut rules)
            .map_err(|unknown| AllocateError::Invalid(Violations { fields: Vec::new(), backlog: vec![unknown] }))?;
        Ok(Given { backlog, rules, statute: Arc::unwrap_or_clone(statute) })
    }

    /// How long a question about so many cases may be worked on.
    ///
    /// # Errors
    /// [`AllocateError::TooLittleTime`].
    pub fn planning_time(&self, budget: &PlanningBudget, case_count: usize) -> Result<SearchTime, AllocateError> {
        self.search_time(budget.time_limit, budget.call_deadline, case_count)
    }

    /// Answers a question on a solver thread, within its time.
    pub(super) async fn ask<T: Send + 'static>(
        &self,
        given: Given,
        asked: &PlanningBudget,
        answer: impl FnOnce(&Given, &Options, &Budget) -> Result<T, Unanswerable> + Send + 'static,
    ) -> Result<T, AllocateError> {
        let time = self.planning_time(asked, given.backlog.cases.len())?;
        let budget = Budget { step_limit: asked.step_limit, ..Budget::default() };
        let options = Options {
            seed: asked.seed,
            threads: self.limits.threads_per_solve,
            gap_limit: asked.gap_limit,
            start: None,
        };
        let (span, stop) = (Span::current(), budget.clone());
        let work = move || {
            // Known before the question shares its time among its searches.
            let ends = std::time::Instant::now() + time.longest;
            stop.deadline.set(time.until.map_or(ends, |until| until.into_std().min(ends)));
            span.in_scope(|| answer(&given, &options, &stop))
        };
        Ok(self.pool.submit(&budget, work)?.answer(time).await??)
    }
}
