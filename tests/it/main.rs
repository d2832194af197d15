//! The one integration binary.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed, which is what it is for")]

mod cli_allocate;
mod cli_check;
mod cli_demo;
mod cli_fixture;
mod cli_usage;
mod dependency_rule;
mod foreign_client;
mod gap_instances;
mod generate;
mod import;
mod properties;
mod rpc_allocate;
mod rpc_errors;
mod rpc_serve;
mod solve_brute;
mod solve_budget;
mod solve_checker;
mod solve_teams;
mod store_contract;
mod store_faults;
mod store_fixture;
mod support_redis;
mod support_service;
