//! What `Problem::new` makes of a team, and what it refuses. A test is a few lines of team and the expected text.

mod eligibility;
mod limits;
mod prices;
mod refusals;
mod team;
mod tokens;
mod units;
