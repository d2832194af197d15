//! What is known of one team: what was sent, what was acknowledged, what was read. Everything that comes back goes
//! through here and must agree with all that came before.

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    kill_backlog::{Picture, Sent},
    support_service::proto,
};

/// Versions of each team that the service is told to keep.
pub(crate) const VERSIONS_KEPT: i64 = 8;

/// One version as it came back, whole.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Seen {
    pub(crate) version: i64,
    pub(crate) allocation_id: String,
    time: Option<prost_types::Timestamp>,
    as_at_date: String,
    input_digest: String,
    totals: Option<proto::Totals>,
    picture: Picture,
}

/// The assignment that an allocation describes.
pub(crate) fn picture(allocation: &proto::Allocation) -> Picture {
    let mut picture = Picture::default();
    allocation.held_cases.iter().for_each(|held| picture.hold(&held.case_id, &held.officer_id));
    allocation.holdings.iter().for_each(|holding| picture.wait(holding));
    allocation.caseloads.iter().for_each(|caseload| picture.add_caseload(caseload));
    picture
}

impl Seen {
    pub(crate) fn of_allocation(allocation: proto::Allocation) -> Self {
        assert_eq!(allocation.state(), proto::AllocationState::Committed);
        let picture = picture(&allocation);
        Self {
            version: allocation.version,
            allocation_id: allocation.allocation_id,
            time: allocation.create_time,
            as_at_date: allocation.as_at_date,
            input_digest: allocation.input_digest,
            totals: allocation.totals,
            picture,
        }
    }

    pub(crate) fn of_assignment(assignment: proto::Assignment, picture: Picture) -> Self {
        assert_eq!(assignment.etag, assignment.version.to_string());
        Self {
            version: assignment.version,
            allocation_id: assignment.allocation_id,
            time: assignment.commit_time,
            as_at_date: assignment.as_at_date,
            input_digest: assignment.input_digest,
            totals: assignment.totals,
            picture,
        }
    }
}

/// What is known of one team.
#[derive(Default)]
pub(crate) struct Ledger {
    /// Version -> the backlogs sent to become it; more than one where clients raced.
    sent: BTreeMap<i64, Vec<Arc<Sent>>>,
    /// Version -> what it is, from when it was first seen: acknowledged or read.
    seen: BTreeMap<i64, (Arc<Sent>, Seen)>,
    /// The last version that a client was told is committed; 0 = none.
    acknowledged: i64,
    last_marker: i32,
    /// Allocation ids of proposals that a client was told are kept.
    pub(crate) proposals: Vec<String>,
}

impl Ledger {
    /// The next backlog, on top of the last acknowledged version, and the etag of that.
    pub(crate) fn next(&mut self, draw: impl FnOnce(i32, Option<&Sent>) -> Sent) -> (Arc<Sent>, i64) {
        self.last_marker += 1;
        let before = self.seen.get(&self.acknowledged).map(|(sent, _)| &**sent);
        (Arc::new(draw(self.last_marker, before)), self.acknowledged)
    }

    /// From now on the backlog may be found to have become this version.
    pub(crate) fn send(&mut self, version: i64, sent: &Arc<Sent>) {
        self.sent.entry(version).or_default().push(Arc::clone(sent));
    }

    /// What is stored can only be this version or a later one: it was acknowledged, or read.
    pub(crate) fn floor(&self) -> i64 {
        self.seen.last_key_value().map_or(0, |(&version, _)| version)
    }

    /// What is stored can only be this version or an earlier one.
    pub(crate) fn ceiling(&self) -> i64 {
        self.sent.last_key_value().map_or(0, |(&version, _)| version)
    }

    pub(crate) fn acknowledged(&self) -> i64 {
        self.acknowledged
    }

    /// This backlog was seen to have become this version.
    pub(crate) fn has_become(&self, version: i64, sent: &Sent) -> bool {
        self.seen.get(&version).is_some_and(|(found, _)| found.marker == sent.marker)
    }

    /// A version was read, or its commit acknowledged: it is one backlog's whole assignment, allowed on top of the version
    /// before, and the same whenever it is seen.
    pub(crate) fn see(&mut self, seen: &Seen) {
        let version = seen.version;
        if let Some((_, earlier)) = self.seen.get(&version) {
            assert_eq!(earlier, seen, "version {version} is another one now");
            return;
        }
        let candidates = self.sent.get(&version).unwrap_or_else(|| panic!("nobody sent version {version}"));
        let sent = candidates.iter().find(|sent| sent.is_marked_in(&seen.picture));
        let sent = sent.unwrap_or_else(|| panic!("version {version} is of no backlog sent for it: {seen:?}"));
        sent.check(&seen.picture);
        assert_eq!(seen.as_at_date, sent.backlog.as_at_date, "version {version} is a mixture");
        let totals = seen.totals.as_ref().unwrap();
        let figures = (totals.case_count, totals.allocated_count, totals.waiting_count);
        let picture = &seen.picture;
        let counted = (sent.cases.len() as i64, picture.held.len() as i64, picture.waiting.len() as i64);
        assert_eq!((figures, totals.release_count), (counted, 0), "version {version} is a mixture");
        let before = self.seen.get(&(version - 1)).map(|(_, before)| &before.picture);
        assert!(before.is_some() || version == 1, "version {version} has nothing to stand on");
        sent.check_step(before, picture);
        for (_, earlier) in self.seen.values() {
            assert_ne!(earlier.allocation_id, seen.allocation_id, "one allocation became two versions");
            assert_ne!(earlier.input_digest, seen.input_digest, "one backlog became two versions");
        }
        self.seen.insert(version, (Arc::clone(sent), seen.clone()));
    }

    /// A client was told that its backlog became this version, on top of `parent`.
    pub(crate) fn acknowledge(&mut self, sent: &Sent, parent: i64, seen: &Seen) {
        assert_eq!(seen.version, parent + 1, "a commit on top of {parent}");
        self.see(seen);
        assert!(self.has_become(seen.version, sent), "the answer is that of another request: {seen:?}");
        assert_eq!(self.acknowledged, parent, "two commits on top of one version were acknowledged");
        self.acknowledged = seen.version;
    }
}
