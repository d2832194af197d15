//! Which room may know which: walks the sources and holds them to the table below.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use expect_test::{Expect, expect};

/// What the files under a path may name of this crate. The first row that fits a file counts.
const ROOMS: &[(&str, &[&str])] = &[
    ("src/lib.rs", ANY),
    ("src/main.rs", &["cli"]),
    ("src/cli/", ANY),
    ("src/rpc/", &["rpc", "app", "model"]),
    ("src/console/", &["console", "app", "model"]),
    ("src/app/", &["app", "plan", "solve", "statute", "store", "model"]),
    ("src/plan/", &["plan", "solve", "statute", "model"]),
    ("src/import/", &["import", "statute", "model"]),
    ("src/export/", &["export", "model"]),
    ("src/generate/", &["generate", "statute", "model"]),
    ("src/solve/", &["solve", "model"]),
    ("src/store/", &["store", "model"]),
    ("src/statute/", &["statute", "model"]),
    ("src/model/", &["model"]),
    // The shell's own: what every room can be set to, and what it says of itself.
    ("src/config", ANY),
    ("src/telemetry", &["config", "telemetry"]),
];
const ANY: &[&str] = &["*"];

/// Words that only the files under some paths may name.
const RESERVED: &[(&[&str], &[&str])] = &[
    (&["good_lp", "highs", "highs_sys"], &["src/solve/milp/"]),
    (&["redis"], &["src/store/redis.rs", "src/store/redis/"]),
    (&["redb"], &["src/store/embedded.rs", "src/store/embedded/"]),
    (
        &["prost", "prost_types", "tonic", "tonic_prost", "tonic_types", "tonic_health", "tonic_reflection"],
        &["src/rpc/", "src/cli/"],
    ),
    (&["axum"], &["src/console/"]),
];

/// Words that the pure rooms do not name: no runtime, no files, no environment, no clock, no chance.
const IMPURE: &[&str] = &[
    "tokio",
    "std::fs",
    "std::env",
    "std::net",
    "std::process",
    "SystemTime",
    "Zoned::now",
    "Timestamp::now",
    "thread_rng",
    "from_os_rng",
    "RandomState",
];
const PURE: &[&str] =
    &["src/model/", "src/statute/", "src/solve/", "src/plan/", "src/generate/", "src/export/", "src/import/gap.rs"];

/// Waiting, and a clock to wait by, is for HiGHS alone.
const WAITING: (&[&str], &[&str]) = (&["std::sync::mpsc", "std::time", "Instant"], &["src/solve/milp/"]);
/// A writer that is handed in is for what is too long for a value.
const WRITING: (&[&str], &[&str]) = (&["std::io"], &["src/export/", "src/generate/sen2/"]);
/// Threads are for HiGHS, and for scans whose sums do not depend on how many there are.
const THREADS: (&[&str], &[&str]) = (&["std::thread"], &["src/solve/milp/", "src/solve/threads.rs"]);

/// What a line of a file names, though it may not.
fn offences(path: &str, line: &str) -> Vec<String> {
    let code = line.split("//").next().unwrap_or_default();
    let mut found = Vec::new();
    let allowed = ROOMS.iter().find(|(room, _)| path.starts_with(room)).map_or(&[][..], |(_, allowed)| *allowed);
    if allowed != ANY {
        let rooms = rooms_named(code).into_iter().filter(|room| !allowed.contains(&room.as_str()));
        found.extend(rooms.map(|room| format!("may not name room {room}")));
    }
    for (words, homes) in RESERVED {
        if !homes.iter().any(|home| path.starts_with(home)) {
            let named = words.iter().filter(|word| names_crate(code, word));
            found.extend(named.map(|word| format!("may not name {word}; only {} may", homes.join(" and "))));
        }
    }
    if PURE.iter().any(|room| path.starts_with(room)) {
        found.extend(
            IMPURE.iter().filter(|word| names(code, word)).map(|word| format!("is pure; it may not name {word}")),
        );
        for (words, places) in [WAITING, WRITING, THREADS] {
            if places.iter().any(|place| path.starts_with(place)) {
                continue;
            }
            let named = words.iter().filter(|word| names(code, word));
            found.extend(named.map(|word| format!("may not name {word}; only {} may", places.join(", "))));
        }
    }
    found
}

/// The rooms after `crate::` and `caseload::`, also in braces: `use crate::{model::X, solve}`.
fn rooms_named(code: &str) -> Vec<String> {
    let mut rooms = Vec::new();
    for root in ["crate::", "caseload::"] {
        for (at, _) in code.match_indices(root) {
            let is_own_word = !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':');
            if !is_own_word {
                continue;
            }
            let rest = &code[at + root.len()..];
            match rest.strip_prefix('{') {
                Some(list) => rooms.extend(top_level(list)),
                None => rooms.push(first_word(rest)),
            }
        }
    }
    // Macros of this crate and types that lib.rs gives out again are no rooms.
    rooms.retain(|room| room.starts_with(|c: char| c.is_ascii_lowercase()));
    rooms
}

/// First words of the entries of a list in braces, whose opening brace is gone.
fn top_level(list: &str) -> Vec<String> {
    let (mut depth, mut entry, mut entries) = (0, String::new(), Vec::new());
    for c in list.chars() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => entries.push(first_word(std::mem::take(&mut entry).trim())),
            _ if depth == 0 => entry.push(c),
            _ => {}
        }
    }
    entries.push(first_word(entry.trim()));
    entries
}

fn first_word(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

/// The code names this path or word, as a word of its own.
fn names(code: &str, word: &str) -> bool {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(word)
        .any(|(at, _)| !code[..at].ends_with(is_word) && !code[at + word.len()..].starts_with(is_word))
        || word.strip_prefix("std::").is_some_and(|inner| {
            let list = code.find("std::{").map(|at| top_level(&code[at + 6..])).unwrap_or_default();
            list.iter().any(|entry| entry == inner.split("::").next().unwrap_or_default())
        })
}

/// The code reaches into this crate: `redis::`, `use redis;`, `extern crate redis`.
fn names_crate(code: &str, name: &str) -> bool {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(name).any(|(at, _)| {
        let before = &code[..at];
        let after = &code[at + name.len()..];
        let is_path = after.starts_with("::") || before.trim_end().ends_with("use") && after.starts_with([';', ' ']);
        is_path && !before.ends_with(is_word) && !before.ends_with("::")
    })
}

/// Statements that go over several lines are joined, so that a list in braces is seen whole.
fn statements(source: &str) -> Vec<(usize, String)> {
    let mut statements: Vec<(usize, String)> = Vec::new();
    let mut is_open = false;
    for (number, line) in source.lines().enumerate() {
        let code = line.split("//").next().unwrap_or_default().trim_end();
        if is_open {
            let (_, open) = statements.last_mut().expect("a statement was opened");
            open.push_str(code.trim_start());
        } else {
            statements.push((number + 1, code.to_owned()));
        }
        let start = code.trim_start();
        let opens =
            ["use ", "pub use ", "pub(crate) use ", "pub(super) use "].iter().any(|word| start.starts_with(word));
        is_open = (is_open || opens) && !code.ends_with(';');
    }
    statements
}

fn offences_in(path: &str, source: &str) -> String {
    let mut found = String::new();
    if !ROOMS.iter().any(|(room, _)| path.starts_with(room)) {
        return format!("{path} is in no room of the table\n");
    }
    for (number, statement) in statements(source) {
        for offence in offences(path, &statement) {
            let _ = writeln!(found, "{path}:{number} {offence}: {}", statement.trim());
        }
    }
    found
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn no_room_knows_more_than_it_may() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    sources(&root.join("src"), &mut files);
    assert!(files.len() > 40, "only {} files were found", files.len());
    let mut found = String::new();
    for file in files {
        let path = file.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
        found.push_str(&offences_in(&path, &fs::read_to_string(&file).unwrap()));
    }
    assert!(found.is_empty(), "against the dependency rule:\n{found}");
}

fn check(path: &str, source: &str, expected: Expect) {
    expected.assert_eq(&offences_in(path, source));
}

#[test]
fn a_room_that_is_not_allowed_is_found_in_every_spelling() {
    check(
        "src/model/x.rs",
        "use crate::solve::Budget;\nuse crate::model::Case;",
        expect![[r#"
        src/model/x.rs:1 may not name room solve: use crate::solve::Budget;
    "#]],
    );
    check(
        "src/store/x.rs",
        "use crate::{\n    model::{Case, Problem},\n    solve::{Budget, verify},\n};",
        expect![[r#"
            src/store/x.rs:1 may not name room solve: use crate::{model::{Case, Problem},solve::{Budget, verify},};
        "#]],
    );
    check(
        "src/solve/x.rs",
        "fn f() { crate::store::open() }",
        expect![[r#"
        src/solve/x.rs:1 may not name room store: fn f() { crate::store::open() }
    "#]],
    );
    check(
        "src/rpc/x.rs",
        "pub(crate) use crate::store;\nuse crate::app::A;",
        expect![[r#"
        src/rpc/x.rs:1 may not name room store: pub(crate) use crate::store;
    "#]],
    );
    check(
        "src/main.rs",
        "use caseload::{cli, solve};",
        expect![[r#"
        src/main.rs:1 may not name room solve: use caseload::{cli, solve};
    "#]],
    );
    check(
        "src/elsewhere/x.rs",
        "fn f() {}",
        expect![[r#"
            src/elsewhere/x.rs is in no room of the table
        "#]],
    );
}

#[test]
fn a_crate_out_of_its_home_is_found() {
    check(
        "src/solve/x.rs",
        "use good_lp::Expression;",
        expect![[r#"
        src/solve/x.rs:1 may not name good_lp; only src/solve/milp/ may: use good_lp::Expression;
    "#]],
    );
    check(
        "src/solve/milp/x.rs",
        "use good_lp::Expression;\nuse std::{sync::mpsc, thread, time::Duration};",
        expect![[""]],
    );
    check(
        "src/store/embedded.rs",
        "use redis;\nlet x = redis::cmd();",
        expect![[r#"
        src/store/embedded.rs:1 may not name redis; only src/store/redis.rs and src/store/redis/ may: use redis;
        src/store/embedded.rs:2 may not name redis; only src/store/redis.rs and src/store/redis/ may: let x = redis::cmd();
    "#]],
    );
    check(
        "src/app/x.rs",
        "use tonic::Status;\nfn f(x: prost_types::Any) {}",
        expect![[r#"
        src/app/x.rs:1 may not name tonic; only src/rpc/ and src/cli/ may: use tonic::Status;
        src/app/x.rs:2 may not name prost_types; only src/rpc/ and src/cli/ may: fn f(x: prost_types::Any) {}
    "#]],
    );
    check("src/cli/x.rs", "use tonic::Status;\nuse crate::store::Store;", expect![[""]]);
}

#[test]
fn an_impure_word_in_a_pure_room_is_found() {
    check(
        "src/solve/x.rs",
        "use std::{collections::HashMap, fs};",
        expect![[r#"
        src/solve/x.rs:1 is pure; it may not name std::fs: use std::{collections::HashMap, fs};
    "#]],
    );
    check(
        "src/model/x.rs",
        "let now = jiff::Zoned::now();\nlet at = Instant::now();",
        expect![[r#"
        src/model/x.rs:1 is pure; it may not name Zoned::now: let now = jiff::Zoned::now();
        src/model/x.rs:2 may not name Instant; only src/solve/milp/ may: let at = Instant::now();
    "#]],
    );
    check(
        "src/generate/x.rs",
        "let home = std::env::var(name);\nstd::thread::sleep(x);",
        expect![[r#"
        src/generate/x.rs:1 is pure; it may not name std::env: let home = std::env::var(name);
        src/generate/x.rs:2 may not name std::thread; only src/solve/milp/, src/solve/threads.rs may: std::thread::sleep(x);
    "#]],
    );
    check(
        "src/model/x.rs",
        "use std::io::Write;",
        expect![[r#"
        src/model/x.rs:1 may not name std::io; only src/export/, src/generate/sen2/ may: use std::io::Write;
    "#]],
    );
    check("src/export/x.rs", "use std::io::{self, Write};\nuse crate::model::Problem;", expect![[""]]);
    check(
        "src/export/x.rs",
        "use std::fs::File;\nuse crate::solve::Budget;",
        expect![[r#"
        src/export/x.rs:1 is pure; it may not name std::fs: use std::fs::File;
        src/export/x.rs:2 may not name room solve: use crate::solve::Budget;
    "#]],
    );
    check(
        "src/solve/x.rs",
        "use std::sync::mpsc::channel;",
        expect![[r#"
        src/solve/x.rs:1 may not name std::sync::mpsc; only src/solve/milp/ may: use std::sync::mpsc::channel;
    "#]],
    );
}

#[test]
fn what_is_allowed_or_only_talked_about_is_not_found() {
    check(
        "src/solve/x.rs",
        "// crate::store and std::fs are not for here\nuse super::budget;\nuse crate::model::Case;",
        expect![[""]],
    );
    check(
        "src/solve/x.rs",
        "use std::sync::{Arc, atomic::AtomicBool};\nlet highs = redis_count + my_crate::store;",
        expect![[""]],
    );
    check("src/app/x.rs", "use crate::{model::Case, solve, store};\nuse tokio::sync::mpsc;", expect![[""]]);
}
