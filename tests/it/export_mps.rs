//! The problem in MPS: every feature is in the file, and what the file says is the same problem.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use caseload::export::write_mps;
use caseload::model::{Backlog, Case, Officer, OfficerId, Problem, Rules};
use caseload::solve::verify::{assignment_faults, objective, unit_officers};
use expect_test::expect;
use jiff::civil::date;
use proptest::prelude::*;

use crate::cli_fixture::Workshop;
use crate::solve_brute::optimum;
use crate::solve_teams::{check, teams};

fn mps(problem: &Problem) -> String {
    let mut bytes = Vec::new();
    write_mps(problem, &[], &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn every_feature_is_in_the_file() {
    let workshop = Workshop::with(&[
        (
            "cases.csv",
            "case_id,weight_points,holding_price,current_officer_id,required_officer_id,group_id\n\
             a,4,90,o1,,\nb,3,80,,,g\nc,2,70,,,g\ncost,1,60,,o2,\n",
        ),
        ("officers.csv", "officer_id,capacity_points,max_case_count,intake_limit\no1,10,,2\no2,8,3,\n"),
        (
            "rules.toml",
            "preset = \"plain\"\nhandover_price = 5\nhandover_limit = 1\nrelease_to_holding = true\n\
             balance = [{ percent = 50, slope = 1 }, { percent = 80, slope = 2 }]\n",
        ),
    ]);
    let input = "--cases cases.csv --officers officers.csv --rules rules.toml --as-at 2025-06-02";
    let run = workshop.run(&format!("export mps {input} --out -")).exits(0);
    expect![[r#"
        NAME caseload
        ROWS
         N cost
         E unit;a
         E unit;b
         E unit;cost
         L points;o1
         L new;o1
         L balance;o1
         L points;o2
         L cases;o2
         L balance;o2
         L handovers
        COLUMNS
         choice 'MARKER' 'INTORG'
         a;o1 cost 0
         a;o1 unit;a 1
         a;o1 points;o1 4
         a;o1 balance;o1 4
         a;o2 cost 17
         a;o2 unit;a 1
         a;o2 points;o2 4
         a;o2 cases;o2 1
         a;o2 handovers 1
         a;o2 balance;o2 4
         a; cost 95
         a; unit;a 1
         a; handovers 1
         b;o1 cost 0
         b;o1 unit;b 1
         b;o1 points;o1 5
         b;o1 new;o1 2
         b;o1 balance;o1 5
         b;o2 cost 0
         b;o2 unit;b 1
         b;o2 points;o2 5
         b;o2 cases;o2 2
         b;o2 balance;o2 5
         b; cost 150
         b; unit;b 1
         cost;o2 cost 0
         cost;o2 unit;cost 1
         cost;o2 points;o2 1
         cost;o2 cases;o2 1
         cost;o2 balance;o2 1
         choice 'MARKER' 'INTEND'
         ;o1;1 cost 1
         ;o1;1 balance;o1 -1
         ;o1;2 cost 3
         ;o1;2 balance;o1 -1
         ;o2;1 cost 1
         ;o2;1 balance;o2 -1
         ;o2;2 cost 3
         ;o2;2 balance;o2 -1
        RHS
         limit unit;a 1
         limit unit;b 1
         limit unit;cost 1
         limit points;o1 10
         limit new;o1 2
         limit balance;o1 5
         limit points;o2 8
         limit cases;o2 3
         limit balance;o2 4
         limit handovers 1
        BOUNDS
         UP bound a;o1 1
         UP bound a;o2 1
         UP bound a; 1
         UP bound b;o1 1
         UP bound b;o2 1
         UP bound b; 1
         UP bound cost;o2 1
         UP bound ;o1;1 3
         UP bound ;o2;1 2
        ENDATA
    "#]]
    .assert_eq(&run.stdout);

    let to_file = workshop.run(&format!("export mps {input} --out models/team.mps")).exits(0);
    assert_eq!(to_file.stdout, "the problem is in models/team.mps\n");
    assert_eq!(workshop.read("models/team.mps"), run.stdout);
    assert_eq!(workshop.files("models").len(), 1, "nothing half-written is left");
}

#[test]
fn an_id_that_readers_would_take_for_a_comment_is_refused() {
    let backlog = Backlog {
        as_at: date(2025, 6, 2),
        cases: vec![Case::new("$1".into())],
        officers: vec![Officer::new("o".into())],
        supervisors: Vec::new(),
        pairs: None,
    };
    let mut out = Vec::new();
    let error = write_mps(&Problem::new(backlog, Rules::standard()).unwrap(), &[], &mut out).unwrap_err();
    assert_eq!(
        error.to_string(),
        "case id `$1` begins with `$`, which MPS readers take for a comment; give the case another id"
    );
    assert!(out.is_empty(), "nothing was written");
}

/// Takes so many bytes, then no more.
struct Full(usize);

impl Write for Full {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(self.0);
        self.0 -= taken;
        if taken == 0 { Err(io::ErrorKind::StorageFull.into()) } else { Ok(taken) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_writer_that_fails_is_told_of() {
    let backlog = Backlog {
        as_at: date(2025, 6, 2),
        cases: vec![Case::new("a".into())],
        officers: vec![Officer::new("o".into())],
        supervisors: Vec::new(),
        pairs: None,
    };
    let problem = Problem::new(backlog, Rules::standard()).unwrap();
    let length = mps(&problem).len();
    assert!(write_mps(&problem, &[], Full(length)).is_ok());
    for room in [0, 10, length - 1] {
        let error = write_mps(&problem, &[], Full(room)).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::StorageFull, "room for {room} bytes");
    }
}

/// An integer program as read back: binaries, of which each equality takes one, and continuous columns, each of which
/// lets one row `<=` have more.
struct Program {
    /// Rows `<=`: limit.
    limits: Vec<i64>,
    /// For each equality, the binaries in it.
    choices: Vec<Vec<Binary>>,
    /// For each row `<=`, the (price, length) of what lets it have more, cheapest first.
    slack: Vec<Vec<(i64, Option<i64>)>>,
}

struct Binary {
    name: String,
    cost: i64,
    /// (row `<=`, coefficient).
    uses: Vec<(usize, i64)>,
}

#[derive(Default)]
struct Column {
    is_integer: bool,
    upper: Option<i64>,
    entries: BTreeMap<String, i64>,
}

/// Reads what `write_mps` writes, and nothing else.
fn parse(text: &str) -> Program {
    let (mut section, mut is_integer) = ("", false);
    let (mut equalities, mut limit_rows, mut sides) = (Vec::new(), Vec::new(), BTreeMap::new());
    let mut columns: BTreeMap<String, Column> = BTreeMap::new();
    for line in text.lines() {
        if !line.starts_with(' ') {
            section = line.split(' ').next().unwrap();
            continue;
        }
        let words: Vec<&str> = line.split_whitespace().collect();
        let number = || words.last().unwrap().parse::<i64>().unwrap();
        match (section, words[0], words.len()) {
            ("ROWS", "N", 2) => assert_eq!(words[1], "cost"),
            ("ROWS", "E", 2) => equalities.push(words[1].to_owned()),
            ("ROWS", "L", 2) => limit_rows.push(words[1].to_owned()),
            ("COLUMNS", _, 3) if words[1] == "'MARKER'" => is_integer = words[2] == "'INTORG'",
            ("COLUMNS", name, 3) => {
                let column = columns.entry(name.to_owned()).or_default();
                column.is_integer = is_integer;
                let earlier = column.entries.insert(words[1].to_owned(), number());
                assert_eq!(earlier, None, "{line} is there twice");
            }
            ("RHS", "limit", 3) => assert_eq!(sides.insert(words[1].to_owned(), number()), None, "{line}"),
            ("BOUNDS", "UP", 4) => columns.get_mut(words[2]).expect("a column that exists").upper = Some(number()),
            _ => panic!("not expected in {section}: {line}"),
        }
    }
    assert_eq!(section, "ENDATA");
    let rows: BTreeSet<&String> = equalities.iter().chain(&limit_rows).collect();
    assert_eq!(rows.len(), equalities.len() + limit_rows.len(), "no two rows have one name");
    let position = |row: &String| limit_rows.iter().position(|other| other == row);
    let mut program = Program {
        limits: limit_rows.iter().map(|row| sides[row]).collect(),
        choices: equalities.iter().map(|_| Vec::new()).collect(),
        slack: limit_rows.iter().map(|_| Vec::new()).collect(),
    };
    for (name, Column { is_integer, upper, mut entries }) in columns {
        let cost = entries.remove("cost").expect("every column has a cost");
        if is_integer {
            assert_eq!(upper, Some(1), "{name} is binary");
            let own: Vec<usize> = (0..equalities.len()).filter(|&row| entries.contains_key(&equalities[row])).collect();
            let [row] = own[..] else { panic!("{name} is in {} equalities", own.len()) };
            assert_eq!((entries.remove(&equalities[row]), sides[&equalities[row]]), (Some(1), 1));
            let uses = entries.iter().map(|(row, &value)| (position(row).expect("a row that exists"), value)).collect();
            program.choices[row].push(Binary { name, cost, uses });
        } else {
            let [(row, -1)] = entries.iter().map(|(row, &value)| (row, value)).collect::<Vec<_>>()[..] else {
                panic!("{name} lets one row have more")
            };
            program.slack[position(row).expect("a row that exists")].push((cost, upper));
        }
    }
    program.slack.iter_mut().for_each(|of_row| of_row.sort_by_key(|&(price, _)| price));
    program
}

impl Program {
    /// The least cost, and the names of the binaries that are 1, by trying everything.
    fn least(&self) -> (i64, Vec<&str>) {
        let mut best = (i64::MAX, Vec::new());
        let mut used = vec![0; self.limits.len()];
        self.choose(0, 0, &mut used, &mut Vec::new(), &mut best);
        best
    }

    fn choose<'a>(
        &'a self,
        position: usize,
        cost: i64,
        used: &mut Vec<i64>,
        chosen: &mut Vec<&'a str>,
        best: &mut (i64, Vec<&'a str>),
    ) {
        let Some(choices) = self.choices.get(position) else {
            if let Some(slack) = self.slack_cost(used)
                && cost + slack < best.0
            {
                *best = (cost + slack, chosen.clone());
            }
            return;
        };
        for Binary { name, cost: price, uses } in choices {
            uses.iter().for_each(|&(row, value)| used[row] += value);
            chosen.push(name);
            self.choose(position + 1, cost + price, used, chosen, best);
            chosen.pop();
            uses.iter().for_each(|&(row, value)| used[row] -= value);
        }
    }

    /// What it costs to let every row have what it uses; `None` = no column does.
    fn slack_cost(&self, used: &[i64]) -> Option<i64> {
        let mut cost = 0;
        for ((used, limit), slack) in used.iter().zip(&self.limits).zip(&self.slack) {
            let mut above = (used - limit).max(0);
            for &(price, length) in slack {
                let part = length.map_or(above, |length| above.min(length));
                cost += price * part;
                above -= part;
            }
            if above > 0 {
                return None;
            }
        }
        Some(cost)
    }
}

#[test]
fn the_file_says_the_same_problem_and_its_solution_maps_back() {
    check(300, &teams(), |team| {
        let problem = team.problem();
        let text = mps(&problem);
        let program = parse(&text);
        let (cost, chosen) = program.least();
        prop_assert_eq!(cost, optimum(&problem).price);
        prop_assert_eq!(cost, team.solve().evidence.objective);

        let mut officers = vec![None; problem.backlog().cases.len()];
        for name in chosen {
            let (case, officer) = name.split_once(';').unwrap();
            let officer = (!officer.is_empty()).then(|| problem.officer_index(&OfficerId::from(officer)).unwrap());
            let case = problem.case_index(&case.into()).unwrap();
            let unit = problem.instance().unit_indices().find(|unit| problem.cases_of(*unit)[0] == case).unwrap();
            problem.cases_of(unit).iter().for_each(|case| officers[case.get()] = officer);
        }
        let mut faults = Vec::new();
        assignment_faults(&problem, &officers, &mut faults);
        prop_assert!(faults.is_empty(), "{:?}", faults);
        prop_assert_eq!(objective(problem.instance(), &unit_officers(&problem, &officers)), Some(i128::from(cost)));
        Ok(())
    });
}
