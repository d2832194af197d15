//! Questions about how much room a team has, on a solver thread.

use super::{PlanningBudget, Scheduler, error::AllocateError};
use crate::plan::{
    self, Given, LowestCap, LowestCapOptions, ShortageOptions, Shortages, StaffingOptions, StaffingPlan, Worth,
    WorthOptions,
};

/// One of four questions.
#[derive(Clone, Debug)]
pub enum StaffingQuestion {
    /// How many officers to hire.
    Hires(StaffingOptions),
    /// Which cap the present team can meet.
    LowestCap(LowestCapOptions),
    /// What one more officer brings.
    Worth(WorthOptions),
    /// Why it does not fit.
    Shortage(ShortageOptions),
}

/// Its answer.
#[derive(Debug)]
pub enum StaffingAnswer {
    /// How many officers to hire.
    Hires(Box<StaffingPlan>),
    /// Which cap the present team can meet.
    LowestCap(Box<LowestCap>),
    /// What one more officer brings.
    Worth(Worth),
    /// Why it does not fit.
    Shortage(Shortages),
}

impl Scheduler {
    /// Answers it.
    ///
    /// # Errors
    /// [`AllocateError::Invalid`], and those of the solver pool.
    pub async fn staffing(
        &self,
        given: Given,
        question: StaffingQuestion,
        budget: &PlanningBudget,
    ) -> Result<StaffingAnswer, AllocateError> {
        self.ask(given, budget, move |given, options, budget| match question {
            StaffingQuestion::Hires(wanted) => plan::staffing(given, &wanted, options, budget, &mut |_| ())
                .map(|plan| StaffingAnswer::Hires(Box::new(plan))),
            StaffingQuestion::LowestCap(wanted) => plan::lowest_cap(given, &wanted, options, budget, &mut |_| ())
                .map(|found| StaffingAnswer::LowestCap(Box::new(found))),
            StaffingQuestion::Worth(wanted) => {
                plan::worth(given, &wanted, options, budget, &mut |_| ()).map(StaffingAnswer::Worth)
            }
            StaffingQuestion::Shortage(wanted) => plan::shortages(given, &wanted).map(StaffingAnswer::Shortage),
        })
        .await
    }
}
