//! The one integration binary.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed, which is what it is for")]
#![allow(clippy::print_stdout, reason = "a test says what it skips, and with which seed it runs")]
#![allow(clippy::cast_possible_truncation, reason = "figures of tests are small")]
#![allow(unreachable_pub, reason = "helpers are for the other files of this one binary")]

mod cli_allocate;
mod cli_bench;
mod cli_calls;
mod cli_check;
mod cli_demo;
mod cli_fixture;
mod cli_forecast;
mod cli_gap;
mod cli_reconcile;
mod cli_rules;
mod cli_staff;
mod cli_usage;
mod cli_what_if;
mod dependency_rule;
mod export_mps;
mod foreign_client;
mod gap_instances;
mod generate;
mod import;
mod import_gap;
mod kill;
mod kill_backlog;
mod kill_ledger;
mod kill_world;
mod properties;
mod rpc_allocate;
mod rpc_calls;
mod rpc_errors;
mod rpc_planning;
mod rpc_reconcile;
mod rpc_scenarios;
mod rpc_serve;
mod rpc_status;
mod sen2;
mod solve_brute;
mod solve_budget;
mod solve_checker;
mod solve_extremes;
mod solve_start;
mod solve_teams;
mod solve_work;
mod statute_rows;
mod store_contract;
mod store_faults;
mod store_fixture;
mod support_program;
mod support_redis;
mod support_service;
mod waiting_fair;
