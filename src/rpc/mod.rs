//! gRPC in and out: handlers are convert, call, convert. The messages of the API stay in this folder.
//!
//! - `convert`: both directions, one home each.
//! - `status`: the only table from errors to codes.
//! - `calls`: what is done around every call.
//! - `serve`: the server itself.

mod allocation_service;
mod assignment_service;
mod calls;
mod convert;
mod planning_service;
mod serve;
mod status;

pub(crate) use convert::to_proto::stay_extension;
pub use serve::{Drained, ServeError, ServeOptions, serve};

/// The generated messages and services.
#[allow(
    clippy::all,
    clippy::pedantic,
    clippy::restriction,
    dead_code,
    unreachable_pub,
    unused_qualifications,
    rustdoc::all,
    reason = "generated code follows its own rules, and its clients are for others"
)]
pub(crate) mod proto {
    tonic::include_proto!("caseload.v1");

    /// What reflection answers from.
    pub(crate) const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/caseload_descriptor.bin"));
}
