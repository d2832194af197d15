//! The one integration binary.

mod foreign_client;
mod generate;
mod import;
mod rpc_allocate;
mod rpc_errors;
mod rpc_serve;
mod store_contract;
mod store_faults;
mod store_fixture;
mod support_redis;
mod support_service;
