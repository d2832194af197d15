//! Two managers' questions on a solver thread: which deadlines will be missed, and who takes whom in which week.

use std::sync::Arc;

use tracing::Span;

use super::{
    PlanningBudget, Scheduler,
    error::{AllocateError, BadField, Violations},
};
use crate::{
    model::InvalidProblem,
    plan::{self, BadEntry, Demand, Efforts, Forecast, ForecastOptions, Given, Unanswerable, Wait, WaveOptions, Waves},
    solve::{Budget, Options, solve},
};

/// What is asked of a forecast; what is `None` is as shipped.
#[derive(Clone, Debug, Default)]
pub struct ForecastQuestion {
    /// Weeks, `1..=52`.
    pub week_count: Option<i64>,
    /// Paths of chance, `1..=1_000`.
    pub path_count: Option<i64>,
    /// New demand.
    pub demand: Vec<Demand>,
    /// What obligations take.
    pub efforts: Option<Efforts>,
    /// Obligations of single cases that wait on others.
    pub waits: Vec<Wait>,
}

impl Scheduler {
    /// Which deadlines will be missed. The search for the proposed assignment ends with the time limit; the paths are run after it.
    ///
    /// # Errors
    /// [`AllocateError::Invalid`], and those of the solver pool.
    pub async fn forecast(
        &self,
        given: Given,
        question: ForecastQuestion,
        budget: &PlanningBudget,
    ) -> Result<Forecast, AllocateError> {
        let usual = ForecastOptions::of(&given.statute);
        let wanted = ForecastOptions {
            week_count: question.week_count.unwrap_or(usual.week_count),
            path_count: question.path_count.unwrap_or(usual.path_count),
            seed: budget.seed,
            efforts: question.efforts.unwrap_or(usual.efforts),
            demand: question.demand,
            waits: question.waits,
        };
        self.ask(given, budget, move |given, options, budget| {
            let problem = given.problem().map_err(unusable)?;
            let faults = wanted.faults(given);
            if !faults.is_empty() {
                return Err(bad(faults));
            }
            let proposed = solve(&problem, options, budget, &mut |_| ()).map_err(AllocateError::Faulty)?;
            plan::forecast(given, &proposed, &wanted, options.threads, budget, &mut |_| ()).map_err(bad)
        })
        .await
    }

    /// Who takes whom in which week.
    ///
    /// # Errors
    /// [`AllocateError::Invalid`], and those of the solver pool.
    pub async fn waves(
        &self,
        given: Given,
        wanted: WaveOptions,
        budget: &PlanningBudget,
    ) -> Result<Waves, AllocateError> {
        self.ask(given, budget, move |given, options, budget| {
            plan::waves(given, &wanted, options, budget, &mut |_| ()).map_err(|error| match error {
                Unanswerable::Invalid(faults) => bad(faults),
                Unanswerable::Problem(error) => unusable(error),
                Unanswerable::Faulty(error) => AllocateError::Faulty(error),
            })
        })
        .await
    }

    /// Answers a question on a solver thread, within its time.
    pub(super) async fn ask<T: Send + 'static>(
        &self,
        given: Given,
        asked: &PlanningBudget,
        answer: impl FnOnce(&Given, &Options, &Budget) -> Result<T, AllocateError> + Send + 'static,
    ) -> Result<T, AllocateError> {
        let time = self.planning_time(asked, given.backlog.cases.len())?;
        let budget = Budget { step_limit: asked.step_limit, ..Budget::default() };
        let options = Options {
            seed: asked.seed,
            threads: self.limits.threads_per_solve,
            gap_limit: asked.gap_limit,
            start: None,
        };
        let (span, stop, given) = (Span::current(), budget.clone(), Arc::new(given));
        let ticket = self.pool.submit(&budget, move || span.in_scope(|| answer(&given, &options, &stop)))?;
        ticket.answer(time).await?
    }
}

pub(super) fn unusable(error: InvalidProblem) -> AllocateError {
    AllocateError::Invalid(Violations { fields: Vec::new(), backlog: error.violations })
}

pub(super) fn bad(faults: Vec<BadEntry>) -> AllocateError {
    let fields = faults.into_iter().map(|fault| BadField::new(fault.path, fault.message)).collect();
    AllocateError::Invalid(Violations { fields, backlog: Vec::new() })
}
