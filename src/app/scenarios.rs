//! What would be if, on a solver thread: scenarios, of which each result is sent as it is ready; leavers; handovers.

use tokio::sync::mpsc::Sender;

use super::{PlanningBudget, Scheduler, error::AllocateError};
use crate::{
    model::OfficerId,
    plan::{
        self, Comparison, Evaluated, Given, HandoverFrontier, HandoverOptions, LeaverDrill, Scenario, Unanswerable,
    },
    solve::FaultyAnswer,
};

/// What came of one scenario, by its position; without one, of the team as it is.
pub type ScenarioAnswer = (Option<usize>, Result<Evaluated, FaultyAnswer>);

impl Scheduler {
    /// Checks all scenarios, then runs them beside the team as it is, which is sent first. Where nobody receives any more, no further one is begun.
    ///
    /// # Errors
    /// Before anything is sent [`AllocateError::Invalid`]; and those of the solver pool.
    pub async fn evaluate_scenarios(
        &self,
        given: Given,
        scenarios: Vec<Scenario>,
        budget: &PlanningBudget,
        results: Sender<ScenarioAnswer>,
    ) -> Result<(), AllocateError> {
        self.ask(given, budget, move |given, options, budget| {
            let mut comparison = Comparison::new(given, &scenarios, options.seed)?;
            comparison.run_all(options, budget, &|position, result| results.blocking_send((position, result)).is_ok());
            Ok::<(), Unanswerable>(())
        })
        .await
    }

    /// What becomes of the cases of officers who give notice.
    ///
    /// # Errors
    /// [`AllocateError::Invalid`], and those of the solver pool.
    pub async fn leaver_drill(
        &self,
        given: Given,
        leavers: Vec<OfficerId>,
        budget: &PlanningBudget,
    ) -> Result<LeaverDrill, AllocateError> {
        self.ask(given, budget, move |given, options, budget| plan::leaver_drill(given, &leavers, options, budget))
            .await
    }

    /// What handovers buy.
    ///
    /// # Errors
    /// [`AllocateError::Invalid`], and those of the solver pool.
    pub async fn handovers(
        &self,
        given: Given,
        wanted: HandoverOptions,
        budget: &PlanningBudget,
    ) -> Result<HandoverFrontier, AllocateError> {
        self.ask(given, budget, move |given, options, budget| {
            plan::handover_frontier(given, &wanted, options, budget, &mut |_| ())
        })
        .await
    }
}
