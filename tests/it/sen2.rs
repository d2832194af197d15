//! A SEN2 return, invented and imported: both forms, clean and dirty, through the library.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use caseload::cli::files::write_sen2;
use caseload::generate::{
    Census, CouncilOptions, ExpectedReject, Sen2Council, Sen2CouncilOptions, Sen2Form, sen2_council,
};
use caseload::import::{
    Form, RejectCode, Sen2Import, Sen2Options, TokenSource, Tokeniser, read_labels, read_sen2, relabel,
};
use caseload::model::{Case, Problem, Rules};
use caseload::solve::{Budget, Options, solve};
use caseload::statute::{Catalogue, Holidays, resolve};
use caseload::store::{EmbeddedStore, Retention, Store as _, TeamId};
use proptest::prelude::*;

use crate::cli_fixture::Workshop;

const KEY: &[u8] = b"a key of thirty-two bytes at the least";

fn drawn(council: &str, officers: usize, dirty_percent: u8) -> Sen2Council {
    sen2_council(&Sen2CouncilOptions {
        council: CouncilOptions {
            council: council.to_owned(),
            census: Census::January2022,
            officers,
            overdue_percent: 30,
            allocated_percent: 70,
            seed: 1,
        },
        dirty_percent,
        first_number: 1,
    })
    .unwrap()
}

fn options(folder: &Path) -> Sen2Options {
    Sen2Options {
        extract: folder.to_owned(),
        officers: folder.join("officers.csv"),
        supervisors: Some(folder.join("supervisors.csv")),
        owners: Some(folder.join("owners.csv")),
        areas: Some(folder.join("areas.csv")),
        as_at: None,
        token_source: None,
    }
}

fn imported(folder: &Path) -> Sen2Import {
    let (catalogue, holidays) = (Catalogue::preset("send-england").unwrap(), Holidays::england());
    read_sen2(&options(folder), &Tokeniser::new(KEY), &catalogue, &holidays).unwrap()
}

/// Cases with the council's own numbers in place of tokens, by id.
fn relabelled(import: &Sen2Import, folder: &Path, source: TokenSource) -> Vec<Case> {
    let labels = read_labels(folder, &Tokeniser::new(KEY), Some(source)).unwrap();
    let mut cases = import.backlog.cases.clone();
    let back = |token: &str| {
        let mut out = Vec::new();
        let counts = relabel(token.as_bytes(), &mut out, &labels).unwrap();
        assert_eq!((counts.replaced, counts.unknown), (1, 0), "{token}");
        String::from_utf8(out).unwrap()
    };
    for case in &mut cases {
        case.id = back(case.id.as_str()).as_str().into();
        case.child_id = case.child_id.as_ref().map(|child| back(child.as_str()).as_str().into());
    }
    cases.sort_by(|a, b| a.id.cmp(&b.id));
    cases
}

fn reported(import: &Sen2Import) -> BTreeSet<(String, u32, String, String)> {
    let rejects = import.rejects.kept().iter().map(|reject| {
        let field = reject.field.map_or("", |field| field.name());
        (reject.module.name().to_owned(), reject.at, field.to_owned(), reject.code.name().to_owned())
    });
    rejects.collect()
}

fn expected(rejects: &[ExpectedReject]) -> BTreeSet<(String, u32, String, String)> {
    let owned = |reject: &ExpectedReject| {
        (reject.module.to_owned(), reject.at, reject.field.to_owned(), reject.code.to_owned())
    };
    rejects.iter().map(owned).collect()
}

#[test]
fn birmingham_comes_back_from_both_forms_as_it_was_and_is_allocated() {
    let council = drawn("Birmingham", 75, 0);
    let mut wanted = council.backlog.cases.clone();
    wanted.sort_by(|a, b| a.id.cmp(&b.id));
    assert_eq!(wanted.len(), 11_300);
    let mut csv_backlog = None;
    for (form, source) in [(Sen2Form::Csv, TokenSource::NativeId), (Sen2Form::Xml, TokenSource::Upn)] {
        let folder = tempfile::tempdir().unwrap();
        write_sen2(folder.path(), &council, form).unwrap();
        let import = imported(folder.path());
        assert_eq!(import.rejects.kept(), []);
        assert_eq!(import.token_source, source);
        assert_eq!((import.counts.plans, import.counts.assessments), (10_489, 811));
        assert_eq!(import.council_code.as_deref(), Some("E08000025"));
        assert_eq!(import.backlog.as_at, council.backlog.as_at);
        assert_eq!(import.backlog.officers, council.backlog.officers);
        let mut cases = relabelled(&import, folder.path(), source);
        if form == Sen2Form::Xml {
            // There is no other number of a child in the XML return.
            assert_eq!(import.form, Form::Xml);
            for case in &mut cases {
                let number = case.child_id.as_ref().unwrap().as_str();
                let native = format!("EHC2022{:07}", number[4..12].parse::<u32>().unwrap());
                case.id = case.id.as_str().replace(number, &native).as_str().into();
                case.child_id = Some(native.as_str().into());
            }
        }
        for case in &mut cases {
            // The generated backlog says what follows from kind and stage, the import says both.
            let (kind, stage) = (case.kind.take().unwrap(), case.stage.take());
            assert!(case.id.as_str().ends_with(kind.as_str()) && stage.is_some(), "{case:?}");
        }
        let differing: Vec<_> = wanted.iter().zip(&cases).filter(|(wanted, case)| wanted != case).take(3).collect();
        assert!(differing.is_empty() && wanted.len() == cases.len(), "{form:?}: {differing:#?}");
        csv_backlog.get_or_insert(import.backlog);
    }
    let mut backlog = csv_backlog.unwrap();
    let resolved = resolve(&mut backlog, &Catalogue::preset("send-england").unwrap(), &Holidays::england());
    assert_eq!(resolved.violations, []);
    let problem = Problem::new(backlog, Rules::standard()).unwrap();
    let allocation = solve(&problem, &Options::default(), &Budget::steps(2), &mut |_| ()).unwrap();
    assert!(allocation.totals.allocated_count >= council.backlog.cases.len() as i64 / 2, "{:?}", allocation.totals);
}

#[test]
fn a_dirty_return_gives_exactly_the_rejects_that_were_made() {
    let council = drawn("Birmingham", 75, 6);
    for form in [Sen2Form::Csv, Sen2Form::Xml] {
        let folder = tempfile::tempdir().unwrap();
        write_sen2(folder.path(), &council, form).unwrap();
        let import = imported(folder.path());
        let (reported, expected) = (reported(&import), expected(&council.expected_rejects(form)));
        let ways: BTreeSet<&str> = expected.iter().map(|(.., code)| code.as_str()).collect();
        assert!(ways.len() >= 35, "{} ways: {ways:?}", ways.len());
        let missing: Vec<_> = expected.difference(&reported).take(5).collect();
        let invented: Vec<_> = reported.difference(&expected).take(5).collect();
        assert!(missing.is_empty() && invented.is_empty(), "{form:?}: missing {missing:#?}, invented {invented:#?}");
        // Hardly a child is lost: without a key, with a row that cannot be read, or with a plan that has ceased.
        let cases = import.backlog.cases.len();
        assert!(cases > 11_200 && cases < 11_300, "{cases}");
        Problem::new(import.backlog, Rules::standard()).unwrap();
    }
}

#[test]
fn the_same_key_gives_the_same_tokens_and_another_gives_others() {
    let council = drawn("Rutland", 3, 0);
    let folder = tempfile::tempdir().unwrap();
    write_sen2(folder.path(), &council, Sen2Form::Csv).unwrap();
    let ids = |key: &[u8]| -> BTreeSet<String> {
        let (catalogue, holidays) = (Catalogue::preset("send-england").unwrap(), Holidays::england());
        let import = read_sen2(&options(folder.path()), &Tokeniser::new(key), &catalogue, &holidays).unwrap();
        import.backlog.cases.iter().map(|case| case.id.to_string()).collect()
    };
    assert_eq!(ids(KEY), ids(KEY));
    assert!(ids(KEY).is_disjoint(&ids(b"another key of thirty-two bytes or so")));
}

#[test]
fn owners_may_be_keyed_by_token_or_case() {
    let council = drawn("Rutland", 3, 0);
    let folder = tempfile::tempdir().unwrap();
    write_sen2(folder.path(), &council, Sen2Form::Csv).unwrap();
    let cases = imported(folder.path()).backlog.cases;
    let (one, other) = (&cases[0], &cases[1]);
    let owners = format!(
        "case_id,child_id,officer_id,pinned\n{},,officer-001,yes\n,{},officer-002,\n,child-0000000000000000,officer-001,\nchild-x,,officer-001,\n",
        one.id,
        other.child_id.as_ref().unwrap()
    );
    fs::write(folder.path().join("owners.csv"), owners).unwrap();
    let import = imported(folder.path());
    let officer =
        |position: usize| import.backlog.cases[position].current_officer_id.as_ref().map(|id| id.as_str().to_owned());
    assert_eq!((officer(0).as_deref(), officer(1).as_deref()), (Some("officer-001"), Some("officer-002")));
    assert!(import.backlog.cases[0].pinned && !import.backlog.cases[1].pinned);
    assert_eq!(import.counts.held, 2);
    let unknown: Vec<_> = import.rejects.kept().iter().map(|reject| (reject.at, reject.code)).collect();
    assert_eq!(unknown, [(4, RejectCode::OwnerUnknownPerson), (5, RejectCode::OwnerUnknownPerson)]);
}

/// A council's folder, with one file changed by hand.
fn tampered(form: Sen2Form, name: &str, change: impl FnOnce(Vec<u8>) -> Vec<u8>) -> (Sen2Import, usize) {
    let council = drawn("Rutland", 3, 0);
    let folder = tempfile::tempdir().unwrap();
    write_sen2(folder.path(), &council, form).unwrap();
    let path = folder.path().join(name);
    fs::write(&path, change(fs::read(&path).unwrap())).unwrap();
    (imported(folder.path()), council.backlog.cases.len())
}

fn codes(import: &Sen2Import) -> BTreeSet<RejectCode> {
    import.rejects.kept().iter().map(|reject| reject.code).collect()
}

#[test]
fn files_in_other_encodings_or_cut_off_are_told_and_read_as_far_as_they_go() {
    let person = "Blade-Export_20-01-2022_person.csv";
    let (import, _) = tampered(Sen2Form::Csv, person, |text| {
        let text = String::from_utf8(text).unwrap();
        [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect()
    });
    assert_eq!(import.backlog.cases, []);
    assert!(codes(&import).contains(&RejectCode::FileEncoding));

    let (import, count) = tampered(Sen2Form::Csv, person, |text| {
        let cut = text.len() / 2;
        let line_end = text[..cut].iter().rposition(|&byte| byte == b'\n').unwrap();
        text[..line_end + 12].to_vec()
    });
    assert!(codes(&import).contains(&RejectCode::FileCutOff));
    let read = import.backlog.cases.len();
    assert!(read > count / 3 && read < count * 2 / 3, "{read} of {count}");

    let (import, count) = tampered(Sen2Form::Csv, person, |text| {
        let mut with_mark = b"\xef\xbb\xbf".to_vec();
        with_mark.extend(String::from_utf8(text).unwrap().replace('\n', "\r\n").into_bytes());
        with_mark
    });
    assert_eq!((import.rejects.kept(), import.backlog.cases.len()), (&[][..], count));

    let (import, count) = tampered(Sen2Form::Xml, "sen2-return.xml", |text| text[..text.len() / 2].to_vec());
    // Those who are not read any more have owners.
    assert_eq!(codes(&import), [RejectCode::FileCutOff, RejectCode::OwnerUnknownPerson].into());
    let read = import.backlog.cases.len();
    assert!(read > count / 3 && read < count * 2 / 3, "{read} of {count}");

    let (import, count) = tampered(Sen2Form::Xml, "sen2-return.xml", |text| {
        let name = text.windows(11).position(|word| word == b"Plantedname").unwrap();
        let text = [&text[..name], &[0xe9], &text[name..]].concat();
        let ampersand = text.windows(12).position(|word| word == b"Plantedname7").unwrap();
        [&text[..ampersand], b"Planted & ", &text[ampersand..]].concat()
    });
    assert_eq!((codes(&import), import.backlog.cases.len()), ([RejectCode::NotUtf8].into(), count));
}

#[test]
fn text_with_line_breaks_in_quotation_marks_is_one_record() {
    let (import, count) = tampered(Sen2Form::Csv, "Blade-Export_20-01-2022_person.csv", |text| {
        let text = String::from_utf8(text).unwrap();
        text.replacen("Plantedname2,", "\"Planted\nname \"\"2\"\", of\",", 1).into_bytes()
    });
    assert_eq!((import.rejects.kept(), import.backlog.cases.len()), (&[][..], count));
}

#[test]
fn entities_are_not_expanded_and_depth_is_limited() {
    let bomb = "<!DOCTYPE m [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">]>\n<Message>";
    let (import, count) = tampered(Sen2Form::Xml, "sen2-return.xml", |text| {
        let text = String::from_utf8(text).unwrap().replacen("<Message>", bomb, 1);
        text.replacen("<RYA>0</RYA>", "<RYA>&b;</RYA>", 1).into_bytes()
    });
    assert_eq!(codes(&import), [RejectCode::XmlDoctype, RejectCode::XmlEntity].into());
    assert_eq!(import.backlog.cases.len(), count);

    let council = drawn("Rutland", 3, 0);
    let folder = tempfile::tempdir().unwrap();
    write_sen2(folder.path(), &council, Sen2Form::Xml).unwrap();
    fs::write(folder.path().join("sen2-return.xml"), "<a>".repeat(1_000_000)).unwrap();
    let (catalogue, holidays) = (Catalogue::preset("send-england").unwrap(), Holidays::england());
    let error = read_sen2(&options(folder.path()), &Tokeniser::new(KEY), &catalogue, &holidays).unwrap_err();
    let message = "sen2-return.xml: the file nests elements deeper than 64: it is no SEN2 return";
    assert!(error.to_string().ends_with(message), "{error}");

    let (import, _) = tampered(Sen2Form::Xml, "sen2-return.xml", |text| {
        let text = String::from_utf8(text).unwrap();
        text.replacen("Plantedname9<", &format!("{}<", "x".repeat(3 << 20)), 1).into_bytes()
    });
    assert_eq!(codes(&import), [RejectCode::RowTooLong, RejectCode::OwnerUnknownPerson].into());
}

#[test]
fn a_missing_file_or_column_is_told() {
    let council = drawn("Rutland", 3, 0);
    let folder = tempfile::tempdir().unwrap();
    write_sen2(folder.path(), &council, Sen2Form::Csv).unwrap();
    fs::remove_file(folder.path().join("Blade-Export_20-01-2022_placementdetail.csv")).unwrap();
    let active = folder.path().join("Blade-Export_20-01-2022_activeplans.csv");
    let text = fs::read_to_string(&active).unwrap().replacen("lastreview", "last_review", 1);
    fs::write(&active, text).unwrap();
    let import = imported(folder.path());
    let found = codes(&import);
    assert!(found.contains(&RejectCode::FileMissing) && found.contains(&RejectCode::ColumnMissing), "{found:?}");
    assert_eq!(import.backlog.cases.len(), council.backlog.cases.len());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_never_panic_the_readers(
        bytes in proptest::collection::vec(any::<u8>(), 0..2_000),
        cut in 0..100_000_usize,
        module in 0..7_usize,
    ) {
        let folder = FOLDER.path();
        let names = ["sen2", "person", "requests", "assessment", "namedplan", "activeplans", "placementdetail"];
        let work = tempfile::tempdir().unwrap();
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            let mut content = fs::read(&path).unwrap();
            if name.ends_with(&format!("_{}.csv", names[module])) || name.ends_with(".xml") {
                let at = cut % content.len();
                content.splice(at..(at + bytes.len() / 2).min(content.len()), bytes.iter().copied());
            }
            fs::write(work.path().join(&name), content).unwrap();
        }
        let (catalogue, holidays) = (Catalogue::preset("send-england").unwrap(), Holidays::england());
        for extract in [work.path().to_owned(), work.path().join("sen2-return.xml")] {
            let options = Sen2Options { extract, as_at: Some("2022-01-20".parse().unwrap()), ..options(work.path()) };
            // An error is an answer, too.
            let _ = read_sen2(&options, &Tokeniser::new(KEY), &catalogue, &holidays);
        }
        let labels = read_labels(work.path(), &Tokeniser::new(KEY), None);
        if let Ok(labels) = labels {
            relabel(bytes.as_slice(), Vec::new(), &labels).unwrap();
        }
    }
}

/// Both forms of a small council in one folder.
static FOLDER: std::sync::LazyLock<tempfile::TempDir> = std::sync::LazyLock::new(|| {
    let council = drawn("City of London", 1, 20);
    let (csv, xml) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    write_sen2(csv.path(), &council, Sen2Form::Csv).unwrap();
    write_sen2(xml.path(), &council, Sen2Form::Xml).unwrap();
    fs::copy(xml.path().join("sen2-return.xml"), csv.path().join("sen2-return.xml")).unwrap();
    csv
});

/// Words by which what must not come out is known, in every value of the persons that could say who they are.
const PLANTED: [&str; 8] = ["Planted", "planted", "PLTD", "Z999", "7770", "QQ99", "ZQ1 ", "EHC20"];

/// Everything that is kept of the team, as text: records are compressed.
fn stored(data_dir: &Path) -> String {
    let store = EmbeddedStore::open(data_dir, Retention::default()).unwrap();
    let team_id = TeamId::new("north").unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let current = runtime.block_on(store.current(&team_id)).unwrap().unwrap();
    assert!(!current.input.as_ref().unwrap().backlog.cases.is_empty());
    serde_json::to_string(&current).unwrap()
}

#[test]
fn nothing_that_says_who_a_child_is_comes_out_of_any_command() {
    for (format, key_is_upn) in [("sen2-csv", false), ("sen2-xml", true)] {
        let workshop = Workshop::new();
        let council = "generate --council Rutland --census 2022 --officers 3 --dirty 40 --out extract";
        workshop.run(&format!("{council} --format {format}")).exits(0);
        let import = "import sen2 extract --key council.key --officers extract/officers.csv --supervisors \
                      extract/supervisors.csv --owners extract/owners.csv --areas extract/areas.csv --log-level trace --out backlog";
        let run = workshop.run(import).exits(0);
        assert!(run.stderr.contains("read a SEN2 extract"), "nothing was logged: {}", run.stderr);
        let allocate = "allocate --cases backlog/cases.csv --officers backlog/officers.csv --supervisors backlog/supervisors.csv \
                        --as-at 2022-01-20 --steps 2 --out result";
        let allocated = workshop.run(allocate).exits(0).says("the extract is of 2022-01-20, more than 14 days old");
        let team = "--team north --data-dir store";
        let committed = workshop.run(&format!("{allocate} --commit {team}").replace("--out result", "")).exits(0);
        let status = workshop.run(&format!("status --as-at 2022-01-20 --json {team}")).exits(0);
        let versions = workshop.run(&format!("versions --json {team}")).exits(0);
        let files = "--cases backlog/cases.csv --officers backlog/officers.csv --as-at 2022-01-20 --steps 2";
        let forecast =
            format!("forecast {files} --obligations backlog/obligations.csv --weeks 4 --paths 2 --out forecast");
        let forecast = workshop.run(&forecast).exits(0).complains("more than 14 days old");
        let leavers = format!("what-if leavers --leaver officer-001 {files} --out leavers");
        let leavers = workshop.run(&leavers).exits(0).complains("more than 14 days old");
        let extract: String = workshop.files_lossy("extract");
        for planted in PLANTED.into_iter().take(if key_is_upn { 7 } else { 8 }).filter(|word| *word != "planted") {
            assert!(extract.contains(planted), "{planted} is not in the extract");
        }
        let mut texts: Vec<String> = [run, allocated, committed, status, versions, forecast, leavers]
            .into_iter()
            .flat_map(|run| [run.stdout, run.stderr])
            .chain([stored(&workshop.path("store"))])
            .collect();
        texts.extend(workshop.files("backlog").into_values());
        for folder in ["result", "forecast", "leavers"] {
            texts.extend(workshop.files(folder).into_values());
        }
        // Errors, too: a person file in the place of every other.
        let person = if key_is_upn { "sen2-return.xml" } else { "Blade-Export_20-01-2022_person.csv" };
        for broken in ["--officers", "--supervisors", "--owners", "--areas", "--catalogue"] {
            let wrong = match broken {
                "--officers" => {
                    format!("import sen2 extract --key council.key --officers extract/{person} --out other")
                }
                _ => format!(
                    "import sen2 extract --key council.key --officers extract/officers.csv {broken} extract/{person} --out other"
                ),
            };
            let run = workshop.run(&wrong);
            texts.extend([run.stdout, run.stderr]);
        }
        // Nobody under 26 was born after 2020 or before 1995; no date that may come out is before 2014.
        let births = (1995..=2013).flat_map(|year| [format!("{year}-0"), format!("{year}-1")]);
        let planted: Vec<String> = PLANTED.iter().map(|word| (*word).to_owned()).chain(births).collect();
        for text in &texts {
            for planted in &planted {
                let line = text.lines().find(|line| line.contains(planted.as_str()));
                assert!(line.is_none(), "{planted} came out: {line:?}");
            }
        }
    }
}

#[test]
fn a_data_officer_goes_from_extract_to_allocation_and_back() {
    let workshop = Workshop::new();
    workshop.run("generate --council Rutland --census 2022 --officers 3 --format sen2-csv --out extract").exits(0);
    let import = "import sen2 extract --key council.key --officers extract/officers.csv --owners extract/owners.csv";
    let run = workshop.run(&format!("{import} --today 2022-01-25")).exits(0);
    let run = run.says("A NEW KEY was made: council.key").says("nothing was wrong with it");
    assert!(!run.stdout.contains("OLD DATA"), "{}", run.stdout);
    let first = workshop.read("backlog/cases.csv");
    // The key is used again; the extract has grown old.
    let run = workshop.run(&format!("{import} --today 2022-02-04")).exits(0);
    let run = run.says("OLD DATA: the extract is of 2022-01-20, 15 days before 2022-02-04");
    assert!(!run.stdout.contains("NEW KEY"), "{}", run.stdout);
    assert_eq!(workshop.read("backlog/cases.csv"), first);
    assert!(workshop.read("backlog/import.json").contains("OLD DATA"));

    let allocate =
        "allocate --cases backlog/cases.csv --officers backlog/officers.csv --as-at 2022-01-20 --steps 2 --out result";
    workshop.run(allocate).exits(0);
    let relabel = "relabel result/allocation.csv --key council.key --extract extract --out ours.csv";
    workshop.run(relabel).exits(0).says("tokens replaced by the council's own number (NativeId); 0 not known");
    assert_eq!(mode(&workshop.path("ours.csv")), 0o600);
    let (tokens, ours) = (workshop.read("result/allocation.csv"), workshop.read("ours.csv"));
    assert!(tokens.contains("child-") && !ours.contains("child-") && ours.contains("EHC2022"), "{ours}");
    workshop.run(relabel).exits(74).complains("ours.csv is there already");
    workshop.write("result/strange.txt", "child-0000000000000000-plan\n");
    let strange = "relabel result/strange.txt --key council.key --extract extract --out strange.txt";
    workshop
        .run(strange)
        .exits(0)
        .says("0 tokens replaced by the council's own number (NativeId); 1 not known (1 different");
}

#[test]
fn a_key_that_cannot_be_used_is_refused_before_anything_is_written() {
    let workshop = Workshop::new();
    workshop.run("generate --council Rutland --census 2022 --officers 3 --format sen2-csv --out extract").exits(0);
    let import = |key: &str, out: &str| {
        workshop.run(&format!("import sen2 extract --key {key} --officers extract/officers.csv --out {out}"))
    };
    workshop.write("short.key", "abc\n");
    set_mode(&workshop.path("short.key"), 0o600);
    import("short.key", "backlog").exits(74).complains("short.key holds no key: 3 bytes");
    workshop.write("open.key", &"k".repeat(64));
    set_mode(&workshop.path("open.key"), 0o644);
    import("open.key", "backlog").exits(74).complains("can be read by others (mode 644); run: chmod 600");
    import("nowhere/council.key", "backlog").exits(74).complains("cannot make the key file nowhere/council.key");
    fs::create_dir(workshop.path("out")).unwrap();
    import("out/council.key", "out").exits(74).complains("is inside the output folder out");
    import("extract/../out/council.key", "out").exits(74).complains("is inside the output folder out");
    assert!(!workshop.path("backlog").exists());
    import("council.key", "backlog").exits(0);
    assert_eq!(mode(&workshop.path("council.key")), 0o600);
    assert_eq!(workshop.read("council.key").trim().len(), 64);
    workshop.run("import sen2 nowhere --key k --officers extract/officers.csv").exits(74).complains("nowhere");
    workshop.run("import sen2 . --key council.key --officers extract/officers.csv").exits(65).complains("has neither");
}

fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}
