//! `caseload` gives every open case a named officer under a caseload cap, and proves how good its answer is.

#![forbid(unsafe_code)]

pub mod app;
pub mod cli;
pub mod config;
pub mod generate;
pub mod import;
pub mod model;
pub mod rpc;
pub mod solve;
pub mod store;
pub mod telemetry;
