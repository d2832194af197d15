//! Names and positions of things. An id is a caller's opaque token; an index is a position inside one [`Problem`].
//!
//! [`Problem`]: super::Problem

use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Wraps a token as it was sent; [`Problem::new`](super::Problem::new) checks its shape.
            pub fn new(token: impl Into<Arc<str>>) -> Self {
                Self(token.into())
            }

            /// The token as it was sent.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(token: &str) -> Self {
                Self(token.into())
            }
        }

        /// They compare and hash as their tokens do.
        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    )*};
}

ids! {
    /// Token of one open case. Never a Unique Pupil Number.
    CaseId;
    /// Token of the child a case is about. Never a Unique Pupil Number.
    ChildId;
    /// Token of an officer.
    OfficerId;
    /// Token of a supervisor, who owns waiting cases.
    SupervisorId;
    /// Token of a group of cases that should have one officer.
    GroupId;
    /// A coarse code: an area, a setting (school) or a skill.
    Code;
}

macro_rules! indices {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u32);

        impl $name {
            /// The `position`-th of its kind in the problem.
            ///
            /// # Panics
            /// If `position` exceeds `u32::MAX`, far above every limit of a problem.
            #[must_use]
            pub fn new(position: usize) -> Self {
                Self(u32::try_from(position).expect("a problem holds fewer than 2^32 of anything"))
            }

            /// The position, to index a slice with.
            #[must_use]
            pub fn get(self) -> usize {
                self.0 as usize
            }
        }
    )*};
}

indices! {
    /// Position of a case among the problem's cases, sorted by id.
    CaseIndex;
    /// Position of an officer among the problem's officers, sorted by id.
    OfficerIndex;
    /// Position of a unit (a case, or a group that stays together).
    UnitIndex;
}
