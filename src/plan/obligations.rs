//! What is due of the open cases, and whose it is: from what a case says itself, else from its events by the catalogue.

use std::collections::{BTreeSet, HashMap};

use jiff::civil::Date;

use crate::{
    model::{Backlog, Case, Code},
    statute::{Catalogue, Events, Facts, Party, Stage, Statute, weigh},
};

/// An obligation of ours with a day that has to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Open {
    /// Position of its case in the backlog.
    pub(super) case: usize,
    /// Its clock; `None` = only the day is known.
    pub(super) code: Option<Code>,
    /// Its last day.
    pub(super) due_date: Date,
}

/// All obligations, and what is not among them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Obligations {
    /// By case, then by day.
    pub(super) list: Vec<Open>,
    /// Obligations whose limit a person has lifted: no day that could be missed.
    pub(super) exempt_count: i64,
    /// Obligations of other bodies (a school's report, advice) that fall due in these weeks: not ours to miss.
    pub(super) of_others_count: i64,
    /// Cases of which no day is known.
    pub(super) undated_count: i64,
    /// Cases of which only the nearest day is known, and neither stage nor kind.
    pub(super) unstated_count: i64,
}

/// Obligations of all cases with a last day before `end`: those that are open, and those that come again until then. A family's windows, floors
/// and advice are nobody's deadlines. Of several clocks that one event ends, the nearest counts: they are one piece of work. O(cases x clocks).
pub(super) fn obligations(backlog: &Backlog, statute: &Statute, end: Date) -> Obligations {
    let mut found = Obligations::default();
    let mut finder = Finder { statute, as_at: backlog.as_at, end, of_kind: HashMap::new() };
    for (position, case) in backlog.cases.iter().enumerate() {
        finder.case(position, case, &mut found);
    }
    found
}

struct Finder<'a> {
    statute: &'a Statute,
    as_at: Date,
    end: Date,
    /// Clocks of all stages of a kind of case.
    of_kind: HashMap<Code, BTreeSet<Code>>,
}

impl Finder<'_> {
    fn case(&mut self, position: usize, case: &Case, found: &mut Obligations) {
        let (catalogue, holidays) = (&self.statute.catalogue, &self.statute.holidays);
        let mut events = Events::new();
        for event in &case.events {
            let day = events.entry(event.code.clone()).or_insert(event.date);
            *day = event.date.max(*day);
        }
        let stage = stage_of(case, &events, self.statute, self.as_at);
        let mut days: Vec<(Code, Date)> = Vec::new();
        let mut is_known = false;
        for obligation in &case.obligations {
            let Some(clock) = catalogue.clock(&obligation.code, self.as_at) else { continue };
            is_known = true;
            let day = obligation.due_date.or_else(|| clock.open_day(&events, holidays, self.as_at));
            match day {
                _ if obligation.exemption.is_some() => found.exempt_count += 1,
                Some(day) if clock.is_deadline() => days.push((clock.code.clone(), day)),
                Some(day) if clock.whose == Party::Other && day < self.end => found.of_others_count += 1,
                _ => {}
            }
        }
        if case.obligations.is_empty()
            && let Some(stage) = stage
        {
            let codes = if case.stage.is_some() {
                stage.clocks.iter().cloned().collect()
            } else {
                self.of_kind
                    .entry(stage.case_kind.clone())
                    .or_insert_with(|| clocks_of_kind(catalogue, stage, self.as_at))
                    .clone()
            };
            // In the order of the catalogue.
            for clock in catalogue.clocks.iter().filter(|clock| codes.contains(&clock.code)) {
                let holds = catalogue.clock(&clock.code, self.as_at) == Some(clock);
                let Some(day) = clock.open_day(&events, holidays, self.as_at).filter(|_| holds) else { continue };
                if clock.is_deadline() {
                    days.push((clock.code.clone(), day));
                } else if clock.whose == Party::Other && self.as_at <= day && day < self.end {
                    found.of_others_count += 1;
                }
            }
        }
        if days.is_empty() && !is_known {
            match (case.due_date, stage) {
                (None, _) => found.undated_count += 1,
                (Some(day), None) => {
                    found.unstated_count += 1;
                    found.list.push(Open { case: position, code: None, due_date: day });
                }
                (Some(day), Some(stage)) => {
                    // Of our clocks of the stage the first.
                    let ours =
                        |code: &&Code| catalogue.clock(code, self.as_at).is_some_and(|clock| clock.is_deadline());
                    let code = stage.clocks.iter().find(ours).cloned();
                    days.extend(code.clone().map(|code| (code, day)));
                    if code.is_none() {
                        found.list.push(Open { case: position, code, due_date: day });
                    }
                }
            }
        }
        let mut days = one_for_each_end(days, catalogue, self.as_at);
        self.add_those_that_come_again(&mut days, stage);
        days.sort_by_key(|&(_, day)| day);
        let obligation = |(code, due_date)| Open { case: position, code: Some(code), due_date };
        found.list.extend(days.into_iter().filter(|&(_, day)| day < self.end).map(obligation));
    }

    /// What its stages say comes again, whatever happens.
    fn add_those_that_come_again(&self, days: &mut Vec<(Code, Date)>, stage: Option<&Stage>) {
        let Some(stage) = stage else { return };
        let of_kind = self.statute.catalogue.stages_at(self.as_at).filter(|other| other.case_kind == stage.case_kind);
        for window in of_kind.filter_map(|stage| stage.window.as_ref()) {
            let (Some(every), Some((_, first))) = (window.every, days.iter().find(|(code, _)| *code == window.clock))
            else {
                continue;
            };
            let mut day = every.after((*first).max(self.as_at), &self.statute.holidays);
            while every.count > 0 && day < self.end {
                days.push((window.clock.clone(), day));
                day = every.after(day, &self.statute.holidays);
            }
        }
    }
}

/// The stage of the present week; `None` = the case says neither stage nor kind.
fn stage_of<'a>(case: &Case, events: &Events, statute: &'a Statute, as_at: Date) -> Option<&'a Stage> {
    let code = match &case.stage {
        Some(stage) => stage.clone(),
        None => {
            let facts = Facts { case_kind: Some(case.kind.clone()?), events: events.clone(), ..Facts::default() };
            // A backlog with a kind that cannot be resolved is refused before it comes here.
            weigh(&statute.catalogue, &facts, as_at, &statute.holidays).ok()?.stage
        }
    };
    statute.catalogue.stage(&code, as_at)
}

fn clocks_of_kind(catalogue: &Catalogue, stage: &Stage, as_at: Date) -> BTreeSet<Code> {
    let stages = catalogue.stages_at(as_at).filter(|other| other.case_kind == stage.case_kind);
    stages.flat_map(|stage| stage.clocks.iter().cloned()).collect()
}

/// Of several clocks that the same event ends, the one that ends first: one piece of work.
fn one_for_each_end(days: Vec<(Code, Date)>, catalogue: &Catalogue, as_at: Date) -> Vec<(Code, Date)> {
    let ends = |code: &Code| catalogue.clock(code, as_at).map(|clock| &clock.ended_by).filter(|ends| !ends.is_empty());
    let mut kept: Vec<(Code, Date)> = Vec::new();
    for (code, day) in days {
        let same = |(other, _): &&mut (Code, Date)| ends(other).is_some() && ends(other) == ends(&code);
        match kept.iter_mut().find(same) {
            Some(earlier) if day < earlier.1 => *earlier = (code, day),
            Some(_) => {}
            None => kept.push((code, day)),
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use jiff::civil::date;

    use super::*;

    /// Cells kind, stage, due date, events, obligations; lists between blanks.
    fn check(rows: &[[&str; 5]], expected: &Expect) {
        let given = |cell: &str| (!cell.is_empty()).then(|| Code::from(cell));
        let cases = rows.iter().enumerate().map(|(number, [kind, stage, due, events, obligations])| Case {
            kind: given(kind),
            stage: given(stage),
            due_date: (!due.is_empty()).then(|| due.parse().unwrap()),
            events: events.split_whitespace().map(|event| event.parse().unwrap()).collect(),
            obligations: obligations.split_whitespace().map(|one| one.parse().unwrap()).collect(),
            ..Case::new(format!("c{number}").as_str().into())
        });
        let backlog = Backlog {
            as_at: date(2025, 1, 20),
            cases: cases.collect(),
            officers: Vec::new(),
            supervisors: Vec::new(),
            pairs: None,
        };
        let catalogue = Catalogue::preset("send-england").unwrap();
        let found = obligations(&backlog, &Statute::of(catalogue), date(2026, 1, 19));
        let mut text = String::new();
        for Open { case, code, due_date } in &found.list {
            text.push_str(&format!("c{case} {due_date} {}\n", code.as_ref().map_or("-", Code::as_str)));
        }
        text.push_str(&format!(
            "exempt {}, of others {}, undated {}, unstated {}\n",
            found.exempt_count, found.of_others_count, found.undated_count, found.unstated_count
        ));
        expected.assert_eq(&text);
    }

    #[test]
    fn obligations_follow_from_events_by_the_catalogue() {
        check(
            &[
                ["assessment", "request", "", "request-received:2025-01-06", ""],
                ["plan", "", "", "last-review:2024-06-03 phase-transfer:2025-09-01", ""],
                // Both clocks of the amendment are ended by one event; a school's report is not ours.
                [
                    "plan",
                    "",
                    "",
                    "last-review:2024-12-09 amendments-sent:2025-01-10 review-meeting-amend:2024-12-09 review-meeting:2025-01-15",
                    "",
                ],
            ],
            &expect![[r#"
                c0 2025-02-17 decide-whether-to-assess
                c0 2025-05-26 final-plan
                c1 2025-02-14 phase-transfer-school
                c1 2025-06-02 annual-review
                c2 2025-02-12 review-decision
                c2 2025-03-03 amended-after-meeting
                c2 2025-12-08 annual-review
                exempt 0, of others 1, undated 0, unstated 0
            "#]],
        );
    }

    #[test]
    fn what_a_case_says_itself_counts() {
        check(
            &[
                [
                    "plan",
                    "",
                    "",
                    "last-review:2024-06-03",
                    "annual-review:2025-03-01 phase-transfer-school::absence:head",
                ],
                ["", "", "2025-02-01", "", ""],
                ["assessment", "drafting", "2025-02-01", "", ""],
                ["", "", "", "", ""],
                // Late before it began, and again after a year: not within these weeks.
                ["plan", "", "", "last-review:2023-06-03", ""],
            ],
            &expect![[r#"
                c0 2025-03-01 annual-review
                c1 2025-02-01 -
                c2 2025-02-01 final-plan
                c4 2024-06-02 annual-review
                exempt 1, of others 0, undated 1, unstated 1
            "#]],
        );
    }
}
