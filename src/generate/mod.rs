//! Invented backlogs, from a seed: a real council from published figures, and abstract casework of any size.
//!
//! Pure: no files, environment or clock, and the same options give the same backlog on every machine. No child is in
//! here; what is published are counts of whole councils, and everything else is drawn.

mod casework;
mod council;
mod dice;
mod figures;
mod pools;
mod sen2;
mod stage;
mod team;

pub use casework::{CaseworkError, CaseworkOptions, casework, casework_instance, casework_pools_instance};
pub use council::{Census, CouncilError, CouncilOptions, council, council_names};
pub use pools::council_pools;
pub use sen2::{ExpectedReject, Sen2Council, Sen2CouncilOptions, Sen2Form, Sen2Module, sen2_council};
