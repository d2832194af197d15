//! The one integration binary.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed, which is what it is for")]

mod foreign_client;
mod generate;
mod import;
mod kill;
mod kill_backlog;
mod kill_ledger;
mod kill_world;
mod rpc_allocate;
mod rpc_errors;
mod rpc_serve;
mod store_contract;
mod store_faults;
mod store_fixture;
mod support_program;
mod support_redis;
mod support_service;
