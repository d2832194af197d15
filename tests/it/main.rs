//! The one integration binary.

mod store_contract;
mod store_faults;
mod store_fixture;
mod support_redis;
