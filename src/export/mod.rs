//! The whole problem in the languages of other solvers, so that anyone can solve it with their own and compare.
//!
//! Pure but for the writer that is handed in. Reading an answer back is not here: `check` does it. Called by the command
//! line.

mod mps;

pub use mps::write_mps;
