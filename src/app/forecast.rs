//! Two managers' questions on a solver thread: which deadlines will be missed, and who takes whom in which week.

use super::{PlanningBudget, Scheduler, error::AllocateError};
use crate::{
    plan::{self, Demand, Efforts, Forecast, ForecastOptions, Given, Unanswerable, Wait, WaveOptions, Waves},
    solve::solve,
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
            let problem = given.problem()?;
            let faults = wanted.faults(given);
            if !faults.is_empty() {
                return Err(Unanswerable::Invalid(faults));
            }
            let proposed = solve(&problem, options, budget, &mut |_| ())?;
            plan::forecast(given, &proposed, &wanted, options.threads, budget, &mut |_| ())
                .map_err(Unanswerable::Invalid)
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
        self.ask(given, budget, move |given, options, budget| plan::waves(given, &wanted, options, budget, &mut |_| ()))
            .await
    }
}
