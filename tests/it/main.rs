//! The one integration binary.

mod generate;
mod import;
mod store_contract;
mod store_faults;
mod store_fixture;
mod support_redis;
