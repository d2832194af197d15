//! What goes wrong with one kind of store only: a Redis that is away, flushed or loses an answer; a damaged or busy file.

use std::time::Duration;

use caseload::store::{
    AssignmentVersion, EmbeddedStore, OpenError, Origin, RedisOptions, RedisStore, Retention, Store, StoreError, Token,
    VersionSummary,
};
use redis::Commands;

use crate::store_fixture::{HOUR, Home, Kind, assignment, id, proposal, request, team, version};
use crate::support_redis::{Proxy, RedisServer};

fn connect(url: &str) -> RedisStore {
    RedisStore::open(url, RedisOptions::default(), Retention::default()).unwrap()
}

fn is_unavailable<T: std::fmt::Debug>(outcome: Result<T, StoreError>) -> bool {
    match outcome {
        Err(StoreError::Unavailable { .. }) => true,
        other => panic!("{other:?} should be unavailable"),
    }
}

fn corrupt<T: std::fmt::Debug>(outcome: Result<T, StoreError>) -> String {
    match outcome {
        Err(StoreError::Corrupt { what, problem }) => format!("{what}: {problem}"),
        other => panic!("{other:?} should be corrupt"),
    }
}

#[tokio::test]
async fn a_flushed_redis_knows_no_assignment_and_takes_a_first_one_again() {
    let server = RedisServer::start();
    let store = connect(&server.url());
    store.commit(assignment(0, 1)).await.unwrap();
    store.commit(assignment(1, 2)).await.unwrap();
    redis::cmd("FLUSHALL").exec(&mut server.connection()).unwrap();

    assert_eq!(store.current(&team("north")).await.unwrap(), None);
    assert_eq!(store.current_version(&team("north")).await.unwrap(), None);
    let rebuilt = AssignmentVersion { origin: Origin::RebuiltFromRequest, ..assignment(0, 3) };
    assert_eq!(store.commit(rebuilt.clone()).await.unwrap().version.get(), 1);
    assert_eq!(store.current(&team("north")).await.unwrap(), Some(rebuilt));
}

#[tokio::test]
async fn a_redis_that_is_away_is_unavailable_and_then_used_again() {
    let mut server = RedisServer::start();
    let store = connect(&server.url());
    store.commit(assignment(0, 1)).await.unwrap();
    let second = AssignmentVersion { request: request("r", "p"), ..assignment(1, 2) };

    server.kill();
    assert!(is_unavailable(store.ping().await));
    assert!(is_unavailable(store.current(&team("north")).await));
    assert!(is_unavailable(store.commit(second.clone()).await));
    // A store may also be opened while its server is away.
    let early = connect(&server.url());
    assert!(is_unavailable(early.ping().await));

    server.start_again();
    assert_eq!(store.current(&team("north")).await.unwrap(), Some(assignment(0, 1)));
    assert!(!store.commit(second.clone()).await.unwrap().repeated);
    assert_eq!(early.current(&team("north")).await.unwrap(), Some(second));
}

#[tokio::test]
async fn a_lost_answer_is_asked_for_again_and_the_commit_is_done_once() {
    let server = RedisServer::start();
    let proxy = Proxy::to(&server);
    let store = connect(&proxy.url());
    // So that the scripts are known, and the answer that is lost is that of the commit.
    let mut other = assignment(0, 1);
    other.team_id = team("south");
    store.commit(other).await.unwrap();

    proxy.lose_one_answer();
    let committed = store.commit(assignment(0, 1)).await.unwrap();
    assert_eq!((committed.version.get(), committed.repeated), (1, true));
    proxy.lose_one_answer();
    let second = AssignmentVersion { request: request("r", "p"), ..assignment(1, 2) };
    let committed = store.commit(second.clone()).await.unwrap();
    assert_eq!((committed.version.get(), committed.repeated), (2, true));
    proxy.lose_one_answer();
    assert_eq!(store.current(&team("north")).await.unwrap(), Some(second));
    assert_eq!(proxy.lost_count(), 3);
}

#[tokio::test]
async fn a_redis_that_does_not_answer_is_unavailable_and_what_it_did_is_found_later() {
    let server = RedisServer::start();
    let proxy = Proxy::to(&server);
    // So that the script is known, and what is swallowed is the answer to the commit.
    let mut other = assignment(0, 1);
    other.team_id = team("south");
    connect(&server.url()).commit(other).await.unwrap();
    let options = RedisOptions { response_timeout: Duration::from_millis(100), ..RedisOptions::default() };
    let store = RedisStore::open(&proxy.url(), options, Retention::default()).unwrap();
    while store.ping().await.is_err() {}

    proxy.swallow_answers();
    let first = AssignmentVersion { request: request("r", "p"), ..assignment(0, 1) };
    assert!(is_unavailable(store.commit(first.clone()).await));
    while proxy.lost_count() == 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    proxy.forward();
    let store = connect(&proxy.url());
    assert!(store.commit(first).await.unwrap().repeated);
    assert_eq!(store.current_version(&team("north")).await.unwrap(), version(1));
}

/// An erasure goes from record to record. Wherever it is cut off, done again it is whole.
#[tokio::test]
async fn an_erasure_that_was_cut_off_is_finished_when_asked_for_again() {
    let options = RedisOptions { response_timeout: Duration::from_millis(100), ..RedisOptions::default() };
    let (north, token) = (team("north"), Token::Case("c-1-00000".into()));
    let mut cut_count = 0;
    for answers in 0.. {
        let server = RedisServer::start();
        let direct = connect(&server.url());
        for (parent, mark) in [(0, 1), (1, 2), (2, 3)] {
            // The same allocation in three versions: the token is in each.
            let again = AssignmentVersion { allocation: assignment(0, 1).allocation, ..assignment(parent, mark) };
            direct.commit(again).await.unwrap();
        }
        let proxy = Proxy::to(&server);
        let store = RedisStore::open(&proxy.url(), options.clone(), Retention::default()).unwrap();
        while store.ping().await.is_err() {}
        proxy.swallow_answers_after(answers);
        let outcome = store.erase(&north, &token, "erased-1", version(3)).await;
        let is_whole = outcome.is_ok();
        assert!(is_whole || is_unavailable(outcome), "after {answers} answers");
        cut_count += u32::from(!is_whole);

        direct.erase(&north, &token, "erased-1", version(3)).await.unwrap();
        assert!(direct.mentions(&north, &token).await.unwrap().is_none(), "after {answers} answers");
        for (position, summary) in (1..).zip(direct.list_versions(&north, version(3).unwrap(), 3).await.unwrap()) {
            let kept = direct.version(&north, summary.version).await.unwrap().unwrap();
            let text = serde_json::to_string(&kept).unwrap();
            assert!(text.contains("erased-1") && !text.contains("c-1-00000"), "{position}: {text}");
            assert_eq!((kept.erased_count, VersionSummary::from(&kept)), (1, summary), "after {answers} answers");
        }
        if is_whole {
            break;
        }
    }
    assert!(cut_count > 3, "only {cut_count} cuts");
}

#[tokio::test]
async fn redis_values_that_cannot_be_ours_are_reported() {
    let server = RedisServer::start();
    let store = connect(&server.url());
    let mut connection = server.connection();
    store.commit(assignment(0, 1)).await.unwrap();
    let north = team("north");
    let pointer = "caseload:{north}:current";

    connection.del::<_, ()>(pointer).unwrap();
    let report = corrupt(store.current(&north).await);
    assert_eq!(report, "caseload:{north}:current: it is missing although there are versions");
    corrupt(store.current_version(&north).await);
    corrupt(store.commit(assignment(0, 2)).await);
    // Not even the record of the version that seems to come next is overwritten.
    connection.del::<_, ()>("caseload:{north}:allocations").unwrap();
    corrupt(store.commit(assignment(0, 2)).await);

    for garbage in ["x", "01", "-1", "", "0"] {
        connection.set::<_, _, ()>(pointer, garbage).unwrap();
        corrupt(store.current(&north).await);
        corrupt(store.current_version(&north).await);
        if !garbage.is_empty() {
            corrupt(store.commit(assignment(1, 2)).await);
        }
    }
    connection.del::<_, ()>(pointer).unwrap();
    connection.hset::<_, _, _, ()>(pointer, "a", "b").unwrap();
    corrupt(store.current(&north).await);
    corrupt(store.commit(assignment(1, 2)).await);
    let key = "caseload:{south}:proposals";
    connection.set::<_, _, ()>(key, "text").unwrap();
    corrupt(store.list_proposals(&team("south"), None, 1).await);
}

#[tokio::test]
async fn all_keys_of_a_team_share_a_hash_tag_and_what_may_go_has_a_time_to_live() {
    let home = Home::new(Kind::Redis);
    let store = home.store();
    store.commit(AssignmentVersion { request: request("r", "p"), ..assignment(0, 1) }).await.unwrap();
    let mut kept = proposal(&home, 2);
    kept.request = request("s", "p");
    store.keep_proposal(kept).await.unwrap();

    let mut connection = home.redis();
    let mut keys: Vec<String> = connection.keys("*").unwrap();
    keys.sort();
    let mut found = Vec::new();
    for key in &keys {
        let rest = key.strip_prefix("caseload:{north}:").expect("the hash tag comes first");
        let hours = match connection.pttl::<_, i64>(key).unwrap() {
            -1 => "for ever".to_owned(),
            ms => format!("{} h", (ms + HOUR * 1000 - 1) / (HOUR * 1000)),
        };
        found.push(format!("{rest} {hours}"));
    }
    let expected = "allocations for ever, current for ever, expiry 1 h, proposal:a-2 1 h, proposals 1 h, \
                    request:r 168 h, request:s 168 h, summary:a-2 1 h, version-summary:1 for ever, version:1 for ever";
    assert_eq!(found.join(", "), expected);
}

#[tokio::test]
async fn expired_proposals_leave_the_lists_in_redis() {
    let home = Home::new(Kind::Redis);
    home.store().keep_proposal(proposal(&home, 1)).await.unwrap();
    home.advance(HOUR);
    home.store().keep_proposal(proposal(&home, 2)).await.unwrap();
    for list in ["caseload:{north}:proposals", "caseload:{north}:expiry"] {
        let positions: Vec<String> = home.redis().zrange(list, 0, -1).unwrap();
        assert!(positions.len() == 1 && positions[0].ends_with(":a-2"), "{list}: {positions:?}");
    }
}

#[tokio::test]
async fn an_address_that_is_none_is_refused_without_telling_its_password() {
    for url in ["http://user:secret@host", "redis//secret", "redis://user:secret@host:port"] {
        let error = RedisStore::open(url, RedisOptions::default(), Retention::default()).unwrap_err();
        let chain = format!("{error} {error:?}");
        assert!(matches!(error, OpenError::Address { .. }) && !chain.contains("secret"), "{chain}");
    }
}

/// A server without TLS stands for one whose handshake fails; that rustls can begin one at all is what is tested.
#[tokio::test]
async fn a_failed_tls_handshake_is_unavailable() {
    let server = RedisServer::start();
    let store = connect(&server.url().replace("redis://", "rediss://"));
    assert!(is_unavailable(store.ping().await));
}

#[tokio::test]
async fn a_file_in_use_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let first = EmbeddedStore::open(folder.path(), Retention::default()).unwrap();
    let error = EmbeddedStore::open(folder.path(), Retention::default()).unwrap_err();
    let file = folder.path().join("caseload.redb");
    assert_eq!(
        error.to_string(),
        format!(
            "data file {} is in use: another caseload is using it. Stop that one, or choose another data directory",
            file.display()
        )
    );
    drop(first);
    EmbeddedStore::open(folder.path(), Retention::default()).unwrap();
    let error = EmbeddedStore::open(&folder.path().join("none"), Retention::default()).unwrap_err();
    assert!(matches!(&error, OpenError::File { file, .. } if file.ends_with("none/caseload.redb")), "{error}");
}

/// Among more expired ones than one write purges, so that some are still there and must not count.
#[tokio::test]
async fn request_ids_expire_in_the_embedded_store() {
    let retention = Retention { request_ttl: Duration::from_secs(10), ..Retention::default() };
    let home = Home::with_retention(Kind::Embedded, retention);
    let (store, north) = (home.store(), team("north"));
    let r = request("r", "p").unwrap().id;
    let with = |payload, parent, mark| AssignmentVersion { request: request("r", payload), ..assignment(parent, mark) };
    for mark in 0..150 {
        let mut other = proposal(&home, mark);
        other.request = request(&format!("a-{mark}"), "p");
        store.keep_proposal(other).await.unwrap();
    }
    store.commit(with("p", 0, 1)).await.unwrap();
    home.advance(9);
    assert!(store.request(&north, &r).await.unwrap().is_some());
    home.advance(1);
    assert_eq!(store.request(&north, &r).await.unwrap(), None);
    // The id is free again, and its new outcome lives as long as any.
    assert!(!store.commit(with("q", 1, 2)).await.unwrap().repeated);
    home.advance(9);
    store.commit(assignment(2, 3)).await.unwrap();
    assert_eq!(store.request(&north, &r).await.unwrap().unwrap().committed_version, version(2));
}

/// Damage anywhere in the file is found when it is opened, or is where nothing is kept: never a panic, never an older
/// version.
#[tokio::test]
async fn a_damaged_file_is_refused_or_does_not_matter() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("caseload.redb");
    let store = EmbeddedStore::open(folder.path(), Retention::default()).unwrap();
    for parent in 0..3 {
        store.commit(assignment(parent, parent as usize + 1)).await.unwrap();
    }
    drop(store);
    let whole = std::fs::read(&file).unwrap();
    let (mut refused_count, mut read_count) = (0, 0);
    let used = whole.iter().enumerate().filter(|(_, byte)| **byte != 0).map(|(position, _)| position);
    for position in used.step_by(3) {
        let mut damaged = whole.clone();
        damaged[position] ^= 0xff;
        std::fs::write(&file, &damaged).unwrap();
        let store = match EmbeddedStore::open(folder.path(), Retention::default()) {
            Ok(store) => store,
            Err(error) => {
                assert!(matches!(error, OpenError::File { .. }), "{error:?}");
                refused_count += 1;
                continue;
            }
        };
        let current = store.current(&team("north")).await.unwrap();
        assert_eq!(current, Some(assignment(2, 3)), "byte {position}");
        assert_eq!(store.version_of(&team("north"), &id("a-3")).await.unwrap(), version(3), "byte {position}");
        read_count += 1;
    }
    assert!(refused_count > 0, "{refused_count} refused, {read_count} read");
}
