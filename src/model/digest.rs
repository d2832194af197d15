//! One short name for exactly this input: the same backlog and rules always give the same digest.

use std::fmt::Write as _;

use jiff::civil::Date;
use sha2::{Digest, Sha256};

use super::{Backlog, Case, Officer, Pair, Rules, Supervisor};

/// `sha256:` and 64 hexadecimal digits over everything in the backlog and rules.
///
/// The order of cases, officers, supervisors, pairs and of lists whose order means nothing (skills, settings, barred
/// officers, a supervisor's areas, balance steps) does not matter; an officer's areas are ranked, so theirs does.
/// Ids are taken to be unique, as `Problem::new` demands. O(n log n) in the number of records.
#[must_use]
pub fn input_digest(backlog: &Backlog, rules: &Rules) -> String {
    let Backlog { as_at, cases, officers, supervisors, pairs } = backlog;
    let mut canon = Canon(Sha256::new());
    canon.text("caseload input 2");
    canon.date(Some(*as_at));
    canon.count(cases.len());
    for case in sorted(cases, |case| &case.id) {
        canon.case(case);
    }
    canon.count(officers.len());
    for officer in sorted(officers, |officer| &officer.id) {
        canon.officer(officer);
    }
    canon.count(supervisors.len());
    for supervisor in sorted(supervisors, |supervisor| &supervisor.id) {
        canon.supervisor(supervisor);
    }
    canon.flag(pairs.is_some());
    if let Some(pairs) = pairs {
        canon.count(pairs.len());
        for pair in sorted(pairs, |pair| (&pair.case_id, &pair.officer_id)) {
            canon.pair(pair);
        }
    }
    canon.rules(rules);

    let mut text = String::from("sha256:");
    for byte in canon.0.finalize() {
        write!(text, "{byte:02x}").expect("writing to a string cannot fail");
    }
    text
}

fn sorted<'a, T, K: Ord>(records: &'a [T], key: impl Fn(&'a T) -> K) -> Vec<&'a T> {
    let mut sorted: Vec<_> = records.iter().collect();
    // Stable, and linear where the records are in order already.
    sorted.sort_by_key(|record| key(record));
    sorted
}

/// The canonical form: values in a fixed order, each with its length or a mark, so that no two inputs run together.
struct Canon(Sha256);

impl Canon {
    // The patterns name every field on purpose: a new one does not compile until it is in the digest.

    fn case(&mut self, case: &Case) {
        let Case {
            id,
            child_id,
            weight_points,
            holding_price,
            area,
            setting_code,
            skills,
            current_officer_id,
            held_since,
            required_officer_id,
            pinned,
            group_id,
            due_date,
            waiting_since,
            barred_officer_ids,
            kind,
            stage,
            events,
            add_ons,
            obligations,
            stay_extension,
            derived,
        } = case;
        self.text(id.as_str());
        self.optional(child_id.as_ref().map(|id| id.as_str()));
        self.integer(*weight_points);
        self.integer(*holding_price);
        self.optional(area.as_ref().map(|code| code.as_str()));
        self.optional(setting_code.as_ref().map(|code| code.as_str()));
        self.set(skills.iter().map(|code| code.as_str()));
        self.optional(current_officer_id.as_ref().map(|id| id.as_str()));
        self.date(*held_since);
        self.optional(required_officer_id.as_ref().map(|id| id.as_str()));
        self.flag(*pinned);
        self.optional(group_id.as_ref().map(|id| id.as_str()));
        self.date(*due_date);
        self.date(*waiting_since);
        self.set(barred_officer_ids.iter().map(|id| id.as_str()));
        self.optional(kind.as_ref().map(|code| code.as_str()));
        self.optional(stage.as_ref().map(|code| code.as_str()));
        self.texts(events);
        self.texts(add_ons);
        self.texts(obligations);
        self.texts(stay_extension.as_slice());
        // Follows from the rest and from the catalogue, which the rules name.
        let _ = derived;
    }

    fn officer(&mut self, officer: &Officer) {
        let Officer {
            id,
            capacity_points,
            max_case_count,
            intake_limit,
            areas,
            setting_codes,
            skills,
            supervisor_id,
            available_from,
            available_until,
            fte_percent,
            reductions,
            absences,
            former_intake,
        } = officer;
        self.text(id.as_str());
        self.integer(*capacity_points);
        self.integer(*max_case_count);
        self.integer(*intake_limit);
        self.count(areas.len());
        for area in areas {
            self.text(area.as_str());
        }
        self.set(setting_codes.iter().map(|code| code.as_str()));
        self.set(skills.iter().map(|code| code.as_str()));
        self.optional(supervisor_id.as_ref().map(|id| id.as_str()));
        self.date(*available_from);
        self.date(*available_until);
        self.integer(*fte_percent);
        self.texts(reductions);
        self.texts(absences);
        self.texts(former_intake);
    }

    fn supervisor(&mut self, supervisor: &Supervisor) {
        let Supervisor { id, areas, max_holding_count } = supervisor;
        self.text(id.as_str());
        self.set(areas.iter().map(|code| code.as_str()));
        self.integer(*max_holding_count);
    }

    fn pair(&mut self, pair: &Pair) {
        let Pair { case_id, officer_id, cost, weight_points } = pair;
        self.text(case_id.as_str());
        self.text(officer_id.as_str());
        self.integer(Some(*cost));
        self.integer(*weight_points);
    }

    /// Rules are few and named, so their JSON serves: every field is in it, in the order of the type.
    fn rules(&mut self, rules: &Rules) {
        let mut rules = rules.clone();
        rules.balance.sort_by_key(|step| (step.percent, step.slope));
        self.text(&serde_json::to_string(&rules).expect("rules are names, numbers and flags, which JSON can hold"));
    }

    fn count(&mut self, count: usize) {
        self.0.update((count as u64).to_le_bytes());
    }

    fn text(&mut self, text: &str) {
        self.count(text.len());
        self.0.update(text);
    }

    fn optional(&mut self, text: Option<&str>) {
        self.flag(text.is_some());
        self.text(text.unwrap_or_default());
    }

    fn flag(&mut self, flag: bool) {
        self.0.update([u8::from(flag)]);
    }

    fn integer(&mut self, value: Option<i64>) {
        self.flag(value.is_some());
        self.0.update(value.unwrap_or_default().to_le_bytes());
    }

    fn date(&mut self, date: Option<Date>) {
        self.integer(
            date.map(|date| i64::from(date.year()) * 10_000 + i64::from(date.month()) * 100 + i64::from(date.day())),
        );
    }

    /// A list whose order means nothing, by the text form of its entries.
    fn texts<T: ToString>(&mut self, entries: &[T]) {
        let mut texts: Vec<String> = entries.iter().map(ToString::to_string).collect();
        texts.sort_unstable();
        self.count(texts.len());
        for text in &texts {
            self.text(text);
        }
    }

    fn set<'a>(&mut self, members: impl Iterator<Item = &'a str>) {
        let mut members: Vec<_> = members.collect();
        members.sort_unstable();
        members.dedup();
        self.count(members.len());
        for member in members {
            self.text(member);
        }
    }
}
