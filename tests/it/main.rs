//! The one integration binary.

mod cli_allocate;
mod cli_check;
mod cli_fixture;
mod cli_usage;
mod generate;
mod import;
mod store_contract;
mod store_faults;
mod store_fixture;
mod support_redis;
