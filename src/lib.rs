//! `caseload` gives every open case a named officer under a caseload cap, and proves how good its answer is.
//!
//! The middle is pure: [`model`] says what things are, [`solve`] finds, proves, checks and explains an answer, [`plan`]
//! asks it managers' questions, [`generate`] invents backlogs. They know no files, sockets, clock or chance but a seed. Around them: [`import`] reads files,
//! [`export`] writes the problem for other solvers, [`store`] keeps proposals and the current assignment, [`app`] is the
//! service without its protocol, [`rpc`] is gRPC in and out, and [`cli`] is the command line. Which room may call which is
//! in ARCHITECTURE.md, and a test enforces it.
//!
//! Three cases, one officer with room for two:
//!
//! ```
//! use caseload::model::{Backlog, Case, Officer, Problem, Rules};
//! use caseload::solve::{Budget, Options, solve};
//!
//! let mut officer = Officer::new("o1".into());
//! officer.max_case_count = Some(2);
//! let backlog = Backlog {
//!     as_at: "2026-09-01".parse()?,
//!     cases: ["a", "b", "c"].map(|id| Case::new(id.into())).to_vec(),
//!     officers: vec![officer],
//!     supervisors: Vec::new(),
//!     pairs: None,
//! };
//! let problem = Problem::new(backlog, Rules::standard())?;
//! let allocation = solve(&problem, &Options::default(), &Budget::steps(1_000), &mut |_| ())?;
//!
//! assert_eq!(allocation.totals.allocated_count, 2);
//! assert_eq!(allocation.totals.children_without_officer_count, 1);
//! // Nobody could do better, and the proof says so.
//! assert_eq!(allocation.more_children_at_most(), 0);
//! assert_eq!(allocation.evidence.objective, allocation.evidence.price_bound);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![forbid(unsafe_code)]

pub mod app;
pub mod cli;
pub mod config;
pub mod export;
pub mod generate;
pub mod import;
pub mod model;
pub mod plan;
pub mod rpc;
pub mod solve;
pub mod statute;
pub mod store;
pub mod telemetry;
