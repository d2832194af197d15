//! The names under which things are kept; the table is in the [parent's documentation](super).

use crate::store::ids::{AllocationId, RequestId, TeamId, Version};

/// Keys of one team.
pub(super) struct Keys {
    /// What all of them begin with.
    pub(super) prefix: String,
}

impl Keys {
    pub(super) fn new(team_id: &TeamId) -> Self {
        Self { prefix: format!("caseload:{{{team_id}}}:") }
    }

    fn key(&self, rest: &str) -> String {
        format!("{}{rest}", self.prefix)
    }

    pub(super) fn current(&self) -> String {
        self.key("current")
    }

    pub(super) fn versions(&self) -> String {
        self.key("version:")
    }

    pub(super) fn version(&self, version: Version) -> String {
        format!("{}{version}", self.versions())
    }

    pub(super) fn version_summaries(&self) -> String {
        self.key("version-summary:")
    }

    pub(super) fn version_summary(&self, version: Version) -> String {
        format!("{}{version}", self.version_summaries())
    }

    pub(super) fn allocations(&self) -> String {
        self.key("allocations")
    }

    pub(super) fn request(&self, request_id: &RequestId) -> String {
        self.key(&format!("request:{request_id}"))
    }

    pub(super) fn proposal(&self, allocation_id: &AllocationId) -> String {
        self.key(&format!("proposal:{allocation_id}"))
    }

    pub(super) fn summary(&self, allocation_id: &AllocationId) -> String {
        self.key(&format!("summary:{allocation_id}"))
    }

    pub(super) fn proposals(&self) -> String {
        self.key("proposals")
    }

    pub(super) fn expiry(&self) -> String {
        self.key("expiry")
    }
}
