//! Managers' questions, each asked of `solve`: what if, how many officers, what is due when. Pure: a function of what is
//! given, options and budget. Nothing here is ever committed.

mod adjust;
mod compare;
mod draws;
mod effort;
mod forecast;
mod handovers;
mod leavers;
mod lowest_cap;
mod obligations;
mod orders;
mod profile;
mod refused;
mod room;
mod scenario;
mod shortage;
mod staffing;
#[cfg(test)]
mod test_team;
mod throughput;
mod waves;
mod worth;

pub use adjust::{
    Adjustment, Away, Caps, Closing, GROWTH_PERCENT_MAX, Growth, JOINERS_MAX, Joiners, OfficerChange, adjusted,
};
pub use compare::{Figures, OfficerFigures};
pub use effort::{Effort, Efforts, Follow, Other};
pub use forecast::{
    Assignment, Counts, Demand, Forecast, ForecastOptions, Interval, ObligationKind, ObligationOutlook, Outlook,
    PATHS_MAX, RATE_MAX_HUNDREDTHS, WEEKS_MAX, Wait, Week, forecast,
};
pub use handovers::{HandedOver, HandoverFrontier, HandoverOptions, HandoverStep, LIMITS_MAX, handover_frontier};
pub use leavers::{LeaverDrill, LeftBehind, SCARCE_BELOW, ScarceSkill, leaver_drill};
pub use lowest_cap::{CapKind, LowestCap, LowestCapOptions, lowest_cap};
pub use orders::Order;
pub use profile::{COST_MAX, PROFILES_MAX, Profile};
pub use refused::{BadEntry, Unanswerable};
pub use room::{Allowances, CaseGroup, PAIRS_MAX, TargetCaps};
pub use scenario::{Comparison, Evaluated, NAME_BYTES_MAX, SCENARIOS_MAX, Scenario, Verdict};
pub use shortage::{Shortage, ShortageOptions, Shortages, shortages};
pub use staffing::{Hires, Lower, Missed, OutOfReach, OutOfReachReason, StaffingOptions, StaffingPlan, staffing};
pub use waves::{INTAKE_MAX, Taken, Wave, WaveOptions, Waves, waves};
pub use worth::{HireWorth, WhyNothing, Worth, WorthFigures, WorthOptions, worth};

use crate::{
    model::{Backlog, InvalidProblem, Problem, Rules},
    statute::Statute,
};

/// What is asked about: the open cases and officers of a team with today's holders in them, and what they are judged by.
/// The backlog is as it was sent: the catalogue has not yet said anything of its cases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// Open cases and officers.
    pub backlog: Backlog,
    /// Caps, prices, and what may move.
    pub rules: Rules,
    /// What says when things are due.
    pub statute: Statute,
}

impl Given {
    /// The problem that this is today. O(cases + pairs).
    ///
    /// # Errors
    /// Everything that is wrong with the backlog.
    pub fn problem(&self) -> Result<Problem, InvalidProblem> {
        self.statute.problem(self.backlog.clone(), self.rules.clone())
    }
}
