//! What every store promises: one suite, run against each.

use std::num::NonZeroU64;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use caseload::model::{Backlog, Case, Rules};
use caseload::store::{
    Action, AssignmentVersion, Call, Committed, Input, ListPosition, Made, Mentions, Origin, Proposal, ProposalSummary,
    Retention, Store, StoreError, Token, VersionSummary,
};

use crate::store_fixture::{HOUR, Home, Kind, Stored, allocation, assignment, id, proposal, request, team, version};

macro_rules! contract {
    ($($name:ident)*) => {
        mod embedded {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $name() {
                super::$name(super::Kind::Embedded).await;
            })*
        }

        mod redis {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $name() {
                super::$name(super::Kind::Redis).await;
            })*
        }
    };
}

contract! {
    a_new_team_has_nothing
    a_commit_is_read_back_whole
    one_of_many_concurrent_commits_wins
    a_stale_commit_is_refused_and_changes_nothing
    a_repeated_request_gets_the_earlier_outcome
    concurrent_repetitions_are_one_commit
    a_request_id_is_not_used_for_two_things
    a_commit_without_a_request_id_may_be_repeated_too
    a_proposal_is_read_back_and_never_changes
    a_repeated_proposal_gets_the_earlier_one
    proposals_expire
    pages_are_stable
    a_big_payload_fits
    a_restart_keeps_everything
    readers_never_see_a_mixture
    old_versions_are_dropped_and_the_current_one_never
    versions_are_listed_newest_first_as_far_as_they_are_kept
    a_token_is_erased_from_versions_and_proposals_alike
    a_damaged_record_is_reported
    a_current_version_without_a_record_is_reported
}

fn conflict(outcome: Result<Committed, StoreError>) -> Option<u64> {
    match outcome {
        Err(StoreError::Conflict { current }) => current.map(|version| version.get()),
        other => panic!("{other:?} should be a conflict"),
    }
}

fn corrupt<T: std::fmt::Debug>(outcome: Result<T, StoreError>) -> String {
    match outcome {
        Err(StoreError::Corrupt { what, .. }) => what,
        other => panic!("{other:?} should be corrupt"),
    }
}

fn is_reused<T: std::fmt::Debug>(outcome: Result<T, StoreError>) -> bool {
    match outcome {
        Err(StoreError::RequestReused { request_id }) => request_id.as_str() == "r",
        other => panic!("{other:?} should be a reused request id"),
    }
}

async fn commit(store: &dyn Store, assignment: AssignmentVersion) -> u64 {
    let committed = store.commit(assignment).await.unwrap();
    assert!(!committed.repeated);
    committed.version.get()
}

async fn a_new_team_has_nothing(kind: Kind) {
    let home = Home::new(kind);
    let store = home.store();
    store.ping().await.unwrap();
    assert_eq!(store.current(&team("north")).await.unwrap(), None);
    assert_eq!(store.current_version(&team("north")).await.unwrap(), None);
    assert_eq!(store.version(&team("north"), version(1).unwrap()).await.unwrap(), None);
    assert_eq!(store.version_of(&team("north"), &id("a-1")).await.unwrap(), None);
    assert_eq!(store.proposal(&team("north"), &id("a-1")).await.unwrap(), None);
    assert_eq!(store.request(&team("north"), &request("r", "p").unwrap().id).await.unwrap(), None);
    let page = store.list_proposals(&team("north"), None, 10).await.unwrap();
    assert_eq!((page.proposals.len(), page.next), (0, None));
}

async fn a_commit_is_read_back_whole(kind: Kind) {
    let home = Home::new(kind);
    let store = home.store();
    let mut first = assignment(0, 1);
    first.request = request("r", "p");
    let mut second = assignment(1, 2);
    second.origin = Origin::RebuiltFromRequest;
    assert_eq!(commit(&*store, first.clone()).await, 1);
    assert_eq!(commit(&*store, second.clone()).await, 2);

    let (store, north) = (home.second_store(), team("north"));
    assert_eq!(store.current(&north).await.unwrap(), Some(second.clone()));
    assert_eq!(store.current_version(&north).await.unwrap(), version(2));
    assert_eq!(store.version(&north, version(1).unwrap()).await.unwrap(), Some(first));
    assert_eq!(store.version(&north, version(2).unwrap()).await.unwrap(), Some(second));
    assert_eq!(store.version_of(&north, &id("a-1")).await.unwrap(), version(1));
    assert_eq!(store.version_of(&north, &id("a-2")).await.unwrap(), version(2));
    let outcome = store.request(&north, &request("r", "p").unwrap().id).await.unwrap().unwrap();
    assert_eq!(Some(outcome.request), request("r", "p"));
    assert_eq!((outcome.allocation_id, outcome.committed_version), (id("a-1"), version(1)));

    // Teams know nothing of each other.
    assert_eq!(store.current(&team("north-1")).await.unwrap(), None);
    assert_eq!(store.version_of(&team("nort"), &id("a-1")).await.unwrap(), None);
}

async fn one_of_many_concurrent_commits_wins(kind: Kind) {
    let home = Home::new(kind);
    let stores = [home.store(), home.second_store()];
    for parent in 0..6 {
        let tasks: Vec<_> = (0..16)
            .map(|task| {
                let store = Arc::clone(&stores[task % 2]);
                tokio::spawn(async move { store.commit(assignment(parent, 100 * parent as usize + task)).await })
            })
            .collect();
        let mut winners = Vec::new();
        for task in tasks {
            match task.await.unwrap() {
                Ok(committed) => winners.push(committed),
                lost => assert_eq!(conflict(lost), Some(parent + 1)),
            }
        }
        assert_eq!(winners.len(), 1, "{winners:?}");
        assert!(!winners[0].repeated);
        let current = stores[0].current(&team("north")).await.unwrap().unwrap();
        assert_eq!((current.version(), current.allocation_id), (winners[0].version, winners[0].allocation_id.clone()));
    }
}

async fn a_stale_commit_is_refused_and_changes_nothing(kind: Kind) {
    let home = Home::new(kind);
    let store = home.store();
    assert_eq!(conflict(store.commit(assignment(3, 1)).await), None);
    commit(&*store, assignment(0, 1)).await;
    commit(&*store, assignment(1, 2)).await;
    let mut stale = assignment(1, 3);
    stale.request = request("r", "p");
    assert_eq!(conflict(store.commit(stale).await), Some(2));
    assert_eq!(conflict(store.commit(assignment(0, 4)).await), Some(2));
    assert_eq!(conflict(store.commit(assignment(9, 5)).await), Some(2));

    let north = team("north");
    assert_eq!(store.current(&north).await.unwrap(), Some(assignment(1, 2)));
    assert_eq!(store.version(&north, version(10).unwrap()).await.unwrap(), None);
    assert_eq!(store.version_of(&north, &id("a-3")).await.unwrap(), None);
    assert_eq!(store.request(&north, &request("r", "p").unwrap().id).await.unwrap(), None);
}

async fn a_repeated_request_gets_the_earlier_outcome(kind: Kind) {
    let home = Home::new(kind);
    let store = home.store();
    let mut first = assignment(0, 1);
    first.request = request("r", "p");
    commit(&*store, first.clone()).await;
    commit(&*store, assignment(1, 2)).await;
    // The caller did not hear of it and asks again: the allocation is another one by now, and so is the parent.
    let mut again = assignment(2, 3);
    again.request = request("r", "p");
    for assignment in [first, again] {
        let committed = store.commit(assignment).await.unwrap();
        assert_eq!(committed, Committed { version: version(1).unwrap(), allocation_id: id("a-1"), repeated: true });
    }
    assert_eq!(store.current(&team("north")).await.unwrap(), Some(assignment(1, 2)));
}

async fn concurrent_repetitions_are_one_commit(kind: Kind) {
    let home = Home::new(kind);
    let stores = [home.store(), home.second_store()];
    let tasks: Vec<_> = (0..16)
        .map(|task| {
            let store = Arc::clone(&stores[task % 2]);
            let assignment = AssignmentVersion { request: request("r", "p"), ..assignment(0, task) };
            tokio::spawn(async move { store.commit(assignment).await.unwrap() })
        })
        .collect();
    let mut outcomes = Vec::new();
    for task in tasks {
        outcomes.push(task.await.unwrap());
    }
    assert_eq!(outcomes.iter().filter(|outcome| !outcome.repeated).count(), 1, "{outcomes:?}");
    let current = stores[0].current(&team("north")).await.unwrap().unwrap();
    for outcome in outcomes {
        assert_eq!((outcome.version, outcome.allocation_id), (current.version(), current.allocation_id.clone()));
    }
}

async fn a_request_id_is_not_used_for_two_things(kind: Kind) {
    let home = Home::new(kind);
    let store = home.store();
    let with = |payload| AssignmentVersion { request: request("r", payload), ..assignment(1, 3) };
    let keep = |payload| {
        let mut proposal = proposal(&home, 4);
        proposal.request = request("r", payload);
        proposal
    };
    commit(&*store, AssignmentVersion { request: request("r", "p"), ..assignment(0, 1) }).await;
    assert!(is_reused(store.commit(with("q")).await));
    assert!(is_reused(store.keep_proposal(keep("q")).await));
    assert!(is_reused(store.keep_proposal(keep("p")).await));
    assert_eq!(store.current_version(&team("north")).await.unwrap(), version(1));
    assert_eq!(store.proposal(&team("north"), &id("a-4")).await.unwrap(), None);

    // Another team's request of the same id is another request; there it keeps a proposal.
    let mut south = keep("p");
    south.team_id = team("south");
    assert!(!store.keep_proposal(south.clone()).await.unwrap().repeated);
    let in_south = |payload, parent| AssignmentVersion { team_id: team("south"), parent, ..with(payload) };
    assert!(is_reused(store.commit(in_south("q", None)).await));
    assert!(is_reused(store.commit(in_south("p", None)).await));
    south.request = request("r", "q");
    assert!(is_reused(store.keep_proposal(south).await));
    assert_eq!(store.current_version(&team("south")).await.unwrap(), None);
}

async fn a_commit_without_a_request_id_may_be_repeated_too(kind: Kind) {
    let home = Home::new(kind);
    let store = home.store();
    commit(&*store, assignment(0, 1)).await;
    assert!(store.commit(assignment(0, 1)).await.unwrap().repeated);
    commit(&*store, assignment(1, 2)).await;
    let committed = store.commit(assignment(0, 1)).await.unwrap();
    assert_eq!(committed, Committed { version: version(1).unwrap(), allocation_id: id("a-1"), repeated: true });
    // On another parent it is another commit: a return to an earlier allocation.
    assert_eq!(conflict(store.commit(assignment(1, 1)).await), Some(2));
    assert_eq!(commit(&*store, assignment(2, 1)).await, 3);
    assert_eq!(store.version_of(&team("north"), &id("a-1")).await.unwrap(), version(3));
    assert_eq!(store.current(&team("north")).await.unwrap(), Some(assignment(2, 1)));
}

async fn a_proposal_is_read_back_and_never_changes(kind: Kind) {
    let home = Home::new(kind);
    let store = home.store();
    let mut first = proposal(&home, 1);
    first.base_version = version(7);
    let kept = store.keep_proposal(first.clone()).await.unwrap();
    assert_eq!((kept.allocation_id, kept.repeated), (id("a-1"), false));

    let mut other = proposal(&home, 2);
    other.allocation_id = id("a-1");
    assert!(store.keep_proposal(other).await.unwrap().repeated);
    assert_eq!(home.second_store().proposal(&team("north"), &id("a-1")).await.unwrap(), Some(first.clone()));
    let page = store.list_proposals(&team("north"), None, 10).await.unwrap();
    assert_eq!((page.proposals, page.next), (vec![ProposalSummary::from(&first)], None));
    assert_eq!(store.proposal(&team("south"), &id("a-1")).await.unwrap(), None);
    assert_eq!(store.current_version(&team("north")).await.unwrap(), None);
}

async fn a_repeated_proposal_gets_the_earlier_one(kind: Kind) {
    let home = Home::new(kind);
    let store = home.store();
    let mut first = proposal(&home, 1);
    first.request = request("r", "p");
    let mut again = proposal(&home, 2);
    again.request = request("r", "p");
    assert!(!store.keep_proposal(first).await.unwrap().repeated);
    let kept = store.keep_proposal(again).await.unwrap();
    assert_eq!((kept.allocation_id, kept.repeated), (id("a-1"), true));
    assert_eq!(store.proposal(&team("north"), &id("a-2")).await.unwrap(), None);
    let outcome = store.request(&team("north"), &request("r", "p").unwrap().id).await.unwrap().unwrap();
    assert_eq!((outcome.allocation_id, outcome.committed_version), (id("a-1"), None));
}

async fn proposals_expire(kind: Kind) {
    let home = Home::new(kind);
    let store = home.store();
    store.keep_proposal(proposal(&home, 1)).await.unwrap();
    home.advance(HOUR - 1);
    store.keep_proposal(proposal(&home, 2)).await.unwrap();
    assert!(store.proposal(&team("north"), &id("a-1")).await.unwrap().is_some());
    home.advance(1);
    // Once before anything has purged it, once after a write has.
    for mark in [3, 4] {
        assert_eq!(store.proposal(&team("north"), &id("a-1")).await.unwrap(), None);
        let page = store.list_proposals(&team("north"), None, 10).await.unwrap();
        assert!(!page.proposals.iter().any(|summary| summary.allocation_id == id("a-1")), "{page:?}");
        assert!(page.proposals.iter().any(|summary| summary.allocation_id == id("a-2")), "{page:?}");
        store.keep_proposal(proposal(&home, mark)).await.unwrap();
    }
}

async fn pages_are_stable(kind: Kind) {
    let home = Home::new(kind);
    let store = home.store();
    // Two at each of four instants.
    for mark in 0..8 {
        home.advance(i64::from(mark % 2 == 0));
        store.keep_proposal(proposal(&home, mark)).await.unwrap();
    }
    let mut other = proposal(&home, 99);
    other.team_id = team("north-1");
    store.keep_proposal(other).await.unwrap();

    let mut seen = Vec::new();
    let mut after = None;
    loop {
        let page = store.list_proposals(&team("north"), after.as_ref(), 3).await.unwrap();
        seen.push(page.proposals.iter().map(|summary| summary.allocation_id.to_string()).collect::<Vec<_>>().join(" "));
        // A newer one does not move the pages that follow.
        home.advance(1);
        store.keep_proposal(proposal(&home, 10 + seen.len())).await.unwrap();
        let Some(next) = page.next else { break };
        after = Some(ListPosition::from_token(&next.to_string()).unwrap());
    }
    assert_eq!(seen, ["a-7 a-6 a-5", "a-4 a-3 a-2", "a-1 a-0"]);

    // Exactly full pages end without an empty one, and a page has at least one entry.
    let page = store.list_proposals(&team("north"), None, 11).await.unwrap();
    assert_eq!((page.proposals.len(), page.next), (11, None));
    let page = store.list_proposals(&team("north"), None, 0).await.unwrap();
    assert_eq!((page.proposals.len(), page.next.is_some()), (1, true));

    // The first two expire in the middle of a walk.
    home.advance(HOUR - 6);
    let page = store.list_proposals(&team("north"), after.as_ref(), 3).await.unwrap();
    assert_eq!((page.proposals.len(), page.next), (0, None));
    assert_eq!(store.list_proposals(&team("north"), None, 100).await.unwrap().proposals.len(), 9);
}

async fn a_big_payload_fits(kind: Kind) {
    let home = Home::new(kind);
    let store = home.store();
    let big = AssignmentVersion { allocation: allocation(1, 20_000), ..assignment(0, 1) };
    commit(&*store, big.clone()).await;
    assert_eq!(home.second_store().current(&team("north")).await.unwrap(), Some(big.clone()));
    let mut kept = proposal(&home, 2);
    kept.allocation = big.allocation;
    store.keep_proposal(kept.clone()).await.unwrap();
    assert_eq!(store.proposal(&team("north"), &id("a-2")).await.unwrap(), Some(kept));
}

async fn a_restart_keeps_everything(kind: Kind) {
    let mut home = Home::new(kind);
    let store = home.store();
    let first = AssignmentVersion { request: request("r", "p"), ..assignment(0, 1) };
    commit(&*store, first.clone()).await;
    commit(&*store, assignment(1, 2)).await;
    let kept = proposal(&home, 3);
    store.keep_proposal(kept.clone()).await.unwrap();

    home.crash_and_restart(Retention::default());
    let (store, north) = (home.store(), team("north"));
    assert_eq!(store.current(&north).await.unwrap(), Some(assignment(1, 2)));
    assert_eq!(store.version(&north, version(1).unwrap()).await.unwrap(), Some(first.clone()));
    assert_eq!(store.version_of(&north, &id("a-1")).await.unwrap(), version(1));
    assert_eq!(store.proposal(&north, &id("a-3")).await.unwrap(), Some(kept));
    assert_eq!(store.list_proposals(&north, None, 10).await.unwrap().proposals.len(), 1);
    assert!(store.commit(first).await.unwrap().repeated);
    assert_eq!(commit(&*store, assignment(2, 4)).await, 3);
}

async fn readers_never_see_a_mixture(kind: Kind) {
    // One version is kept, so that readers also meet records that are dropped under them.
    let home = Home::with_retention(kind, Retention { versions_max: NonZeroU64::MIN, ..Retention::default() });
    let is_over = Arc::new(AtomicBool::new(false));
    let readers: Vec<_> = [home.store(), home.second_store()]
        .into_iter()
        .map(|store| {
            let is_over = Arc::clone(&is_over);
            tokio::spawn(async move {
                let (mut last, mut read_count) = (0, 0);
                while !is_over.load(Ordering::SeqCst) {
                    let Some(current) = store.current(&team("north")).await.unwrap() else { continue };
                    let mark = current.version().get();
                    assert_eq!(current, assignment(mark - 1, mark as usize));
                    assert!(mark >= last, "version {mark} was read after {last}");
                    (last, read_count) = (mark, read_count + 1);
                }
                read_count
            })
        })
        .collect();
    let store = home.store();
    for parent in 0..60 {
        commit(&*store, assignment(parent, parent as usize + 1)).await;
    }
    is_over.store(true, Ordering::SeqCst);
    for reader in readers {
        assert!(reader.await.unwrap() > 0, "the reader read nothing");
    }
}

async fn old_versions_are_dropped_and_the_current_one_never(kind: Kind) {
    let retention = |max| Retention { versions_max: NonZeroU64::new(max).unwrap(), ..Retention::default() };
    let mut home = Home::with_retention(kind, retention(3));
    async fn kept(store: &dyn Store) -> Vec<u64> {
        let mut kept = Vec::new();
        for number in 1..10 {
            if store.version(&team("north"), version(number).unwrap()).await.unwrap().is_some() {
                kept.push(number);
            }
            let of_allocation = store.version_of(&team("north"), &id(&format!("a-{number}"))).await.unwrap();
            assert_eq!(of_allocation.is_some(), kept.last() == Some(&number));
        }
        kept
    }
    for parent in 0..5 {
        commit(&*home.store(), assignment(parent, parent as usize + 1)).await;
    }
    let mut other = assignment(0, 77);
    other.team_id = team("north-1");
    commit(&*home.store(), other.clone()).await;
    assert_eq!(kept(&*home.store()).await, [3, 4, 5]);

    home.crash_and_restart(retention(1));
    assert_eq!(kept(&*home.store()).await, [3, 4, 5]);
    commit(&*home.store(), assignment(5, 6)).await;
    assert_eq!(kept(&*home.store()).await, [6]);
    assert_eq!(home.store().current(&team("north")).await.unwrap(), Some(assignment(5, 6)));
    assert_eq!(home.store().current(&team("north-1")).await.unwrap(), Some(other));
}

async fn versions_are_listed_newest_first_as_far_as_they_are_kept(kind: Kind) {
    let three = Retention { versions_max: NonZeroU64::new(3).unwrap(), ..Retention::default() };
    let home = Home::with_retention(kind, three);
    let store = home.store();
    let north = team("north");
    let listed = async |newest: u64, limit| -> Vec<u64> {
        let found = store.list_versions(&north, version(newest).unwrap(), limit).await.unwrap();
        found.iter().map(|summary| summary.version.get()).collect()
    };
    assert_eq!(listed(1, 10).await, [0; 0]);
    for parent in 0..5 {
        commit(&*store, assignment(parent, parent as usize + 1)).await;
    }
    let mut other = assignment(0, 77);
    other.team_id = team("north-1");
    commit(&*store, other).await;
    assert_eq!(listed(5, 10).await, [5, 4, 3]);
    assert_eq!(listed(5, 2).await, [5, 4]);
    assert_eq!(listed(4, 2).await, [4, 3]);
    assert_eq!(listed(2, 2).await, [0; 0]);
    let newest = home.second_store().list_versions(&north, version(5).unwrap(), 1).await.unwrap();
    assert_eq!(newest, [VersionSummary::from(&assignment(4, 5))]);
}

/// An input of two cases about two children.
fn input() -> Arc<Input> {
    let case = |id: &str, child: &str| Case { child_id: Some(child.into()), ..Case::new(id.into()) };
    Arc::new(Input {
        backlog: Backlog {
            as_at: jiff::civil::date(2026, 1, 31),
            cases: vec![case("a", "child-a"), case("b", "child-b")],
            officers: Vec::new(),
            supervisors: Vec::new(),
            pairs: None,
        },
        rules: Rules::standard(),
        made: Made::Called(Call {
            as_at: jiff::civil::date(2026, 1, 31),
            action: Action::Close { case_ids: vec!["a".into()] },
        }),
        program_version: String::new(),
    })
}

async fn a_token_is_erased_from_versions_and_proposals_alike(kind: Kind) {
    let home = Home::new(kind);
    let store = home.store();
    let north = team("north");
    let case = Token::Case("c-2-00000".into());
    assert!(store.mentions(&north, &case).await.unwrap().is_none());
    commit(&*store, assignment(0, 1)).await;
    // Its allocation holds c-2-00000 and more; its input names the case a and two children.
    commit(&*store, AssignmentVersion { input: Some(input()), ..assignment(1, 2) }).await;
    commit(&*store, assignment(2, 3)).await;
    let old = Proposal { base_version: version(2), input: Some(input()), ..proposal(&home, 2) };
    let new = Proposal { base_version: version(3), input: Some(input()), ..proposal(&home, 4) };
    store.keep_proposal(old.clone()).await.unwrap();
    store.keep_proposal(new.clone()).await.unwrap();
    let count = |version_count, proposal_count| Mentions { version_count, proposal_count };
    assert_eq!(store.mentions(&north, &case).await.unwrap(), count(1, 1));
    assert_eq!(store.version(&north, version(2).unwrap()).await.unwrap().unwrap().erased_count, 0);

    assert_eq!(store.erase(&north, &case, "erased-1", version(3)).await.unwrap(), count(1, 1));
    assert!(store.mentions(&north, &case).await.unwrap().is_none());
    let erased = home.second_store().version(&north, version(2).unwrap()).await.unwrap().unwrap();
    let text = serde_json::to_string(&erased).unwrap();
    assert!(text.contains("erased-1") && !text.contains("c-2-00000") && erased.erased_count == 1, "{text}");
    assert!(erased.allocation.held.is_sorted_by_key(|held| &held.case_id));
    assert_eq!(erased.allocation.held.len(), assignment(1, 2).allocation.held.len());
    let summary = &store.list_versions(&north, version(2).unwrap(), 1).await.unwrap()[0];
    assert_eq!(summary, &VersionSummary::from(&erased));
    let proposals = [store.proposal(&north, &id("a-2")).await.unwrap().unwrap(), old];
    assert_eq!((proposals[0].erased_count, proposals[0].expire_time), (1, proposals[1].expire_time));
    // Others are as they were.
    assert_eq!(store.version(&north, version(1).unwrap()).await.unwrap(), Some(assignment(0, 1)));
    assert_eq!(store.proposal(&north, &id("a-4")).await.unwrap(), Some(new));
    // Again: nothing is left to do.
    assert_eq!(store.erase(&north, &case, "erased-2", version(3)).await.unwrap(), count(0, 0));

    // In the input: the case of a call, and a child.
    store.erase(&north, &Token::Case("a".into()), "erased-3", version(3)).await.unwrap();
    store.erase(&north, &Token::Child("child-b".into()), "erased-4", version(3)).await.unwrap();
    let input = store.version(&north, version(2).unwrap()).await.unwrap().unwrap().input.unwrap();
    let text = serde_json::to_string(&*input).unwrap();
    assert!(text.contains(r#""close":{"case_ids":["erased-3"]}"#), "{text}");
    assert!(!text.contains(r#""a""#) && !text.contains("child-b") && text.contains("erased-4"), "{text}");
    assert!(text.contains("child-a"), "{text}");
    // A proposal that was made later is about somebody who came later.
    assert!(serde_json::to_string(&store.proposal(&north, &id("a-4")).await.unwrap()).unwrap().contains("child-b"));
    // Proposals expire as ever.
    home.advance(HOUR);
    assert_eq!(store.proposal(&north, &id("a-2")).await.unwrap(), None);
}

async fn a_damaged_record_is_reported(kind: Kind) {
    let mut home = Home::new(kind);
    let store = home.store();
    let north = team("north");
    commit(&*store, AssignmentVersion { request: request("r", "p"), ..assignment(0, 1) }).await;
    commit(&*store, assignment(1, 2)).await;
    store.keep_proposal(proposal(&home, 3)).await.unwrap();
    drop(store);
    let flip = |mut bytes: Vec<u8>| {
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        Some(bytes)
    };

    home.damage(&Stored::Version(2), flip);
    let what = corrupt(home.store().current(&north).await);
    assert!(what.contains("north") && what.contains("version") && what.contains('2'), "{what}");
    corrupt(home.store().version(&north, version(2).unwrap()).await);
    assert_eq!(home.store().current_version(&north).await.unwrap(), version(2));
    assert!(home.store().version(&north, version(1).unwrap()).await.unwrap().is_some());

    home.damage(&Stored::Version(1), |bytes| Some(bytes[..bytes.len() - 1].to_vec()));
    corrupt(home.store().version(&north, version(1).unwrap()).await);

    assert!(home.store().list_proposals(&north, None, 10).await.is_ok());
    home.damage(&Stored::Proposal("a-3"), |_| Some(b"garbage".to_vec()));
    corrupt(home.store().proposal(&north, &id("a-3")).await);
    home.damage(&Stored::Summary("a-3"), |_| Some(Vec::new()));
    corrupt(home.store().list_proposals(&north, None, 10).await);

    home.damage(&Stored::Request("r"), flip);
    corrupt(home.store().request(&north, &request("r", "p").unwrap().id).await);
    // What the request did is not known, so nothing is done under its id.
    corrupt(home.store().commit(AssignmentVersion { request: request("r", "p"), ..assignment(2, 9) }).await);
    assert_eq!(home.store().current_version(&north).await.unwrap(), version(2));
}

async fn a_current_version_without_a_record_is_reported(kind: Kind) {
    let mut home = Home::new(kind);
    commit(&*home.store(), assignment(0, 1)).await;
    home.damage(&Stored::Version(1), |_| None);
    corrupt(home.store().current(&team("north")).await);
}
