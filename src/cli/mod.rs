//! The command line: one file a command. It may call everything; nothing calls it but the binary.

pub mod files;
pub mod serve;
