//! The gate: every rule that a field can break, all violations at once.

use std::{
    collections::{HashMap, HashSet, hash_map::Entry},
    hash::Hash,
};

use super::{
    Instance, Owners, Service,
    people::{is_barred, pin_of, service_on},
};
use crate::model::{
    Amount, Backlog, CAPACITY_POINTS_MAX, COUNT_MAX, Case, CaseId, Code, GroupId, ID_BYTES_MAX, InvalidProblem,
    Officer, OfficerId, PRICE_MAX, Part, Place, Rules, SupervisorId, Violation, WEIGHT_POINTS_MAX,
};

/// Most cases of one group.
const GROUP_CASES_MAX: usize = 1_000;
/// Largest price in the rules.
const RULE_PRICE_MAX: i64 = 1_000_000_000;
/// Most cases or officers: positions are 32 bits wide, with room to spare.
const LIST_MAX: usize = 100_000_000;

pub(super) fn check(backlog: &Backlog, rules: &Rules) -> Result<(), InvalidProblem> {
    let mut found = Found::default();
    check_rules(rules, &mut found);
    if backlog.cases.is_empty() {
        found.add(Part::Backlog, None, "cases", String::new(), "has no case; send at least one open case");
    }
    for (part, length) in [(Part::Cases, backlog.cases.len()), (Part::Officers, backlog.officers.len())] {
        if length > LIST_MAX {
            found.add(part, None, "", length.to_string(), &format!("has {length} entries; at most {LIST_MAX} fit"));
        }
    }
    let supervisors = check_supervisors(backlog, &mut found);
    let officers = check_officers(backlog, &supervisors, &mut found);
    check_cases(backlog, rules, &officers, &mut found);
    check_pairs(backlog, &officers, &mut found);
    found.into_result()
}

/// Sums of prices must stay far inside 64 bits, so that nothing overflows on the way to an objective.
pub(super) fn prices_fit(instance: &Instance) -> Result<(), InvalidProblem> {
    let mut worst: i128 = 0;
    let mut load: i128 = 0;
    for unit in instance.unit_indices() {
        let (mut dearest, mut heaviest) = (0, 0);
        for pair in instance.pairs(unit) {
            dearest = dearest.max(pair.cost);
            heaviest = heaviest.max(pair.weight_points);
        }
        worst += i128::from(dearest.max(instance.unit(unit).waiting_price.unwrap_or(0)));
        load += i128::from(heaviest);
    }
    let steepest = instance.limits().iter().filter_map(|limits| limits.balance.last()).map(|last| last.slope).max();
    worst += i128::from(steepest.unwrap_or(0)) * load;
    if worst <= i128::from(i64::MAX / 1_024) {
        return Ok(());
    }
    let mut found = Found::default();
    let message = format!(
        "has prices that add up to {worst}, more than {}; divide all prices by a common factor",
        i64::MAX / 1_024
    );
    found.add(Part::Backlog, None, "", worst.to_string(), &message);
    found.into_result()
}

/// Violations so far.
#[derive(Default)]
struct Found(Vec<Violation>);

impl Found {
    fn add(&mut self, part: Part, position: Option<usize>, field: &'static str, value: impl AsRef<str>, message: &str) {
        let place = Place { part, position, field };
        self.0.push(Violation { place, value: printable(value.as_ref()), message: printable(message) });
    }

    fn into_result(self) -> Result<(), InvalidProblem> {
        if self.0.is_empty() { Ok(()) } else { Err(InvalidProblem { violations: self.0 }) }
    }

    /// An integer inside its range.
    fn number(&mut self, at: At, field: &'static str, value: Option<i64>, max: i64) {
        if let Some(value) = value
            && !(0..=max).contains(&value)
        {
            self.add(at.0, Some(at.1), field, value.to_string(), &format!("is {value}; must be 0 to {max}"));
        }
    }

    fn token(&mut self, at: At, field: &'static str, token: &str) {
        if let Some(problem) = token_problem(token) {
            self.add(at.0, Some(at.1), field, token, &problem);
        }
    }

    /// Codes that stand beside others in one cell of a file, between `:`.
    fn parts<'a>(&mut self, at: At, field: &'static str, codes: impl IntoIterator<Item = &'a Code>) {
        for code in codes {
            self.token(at, field, code.as_str());
            if code.as_str().contains(':') {
                self.add(at.0, Some(at.1), field, code.as_str(), &format!("has a colon in `{code}`; leave it out"));
            }
        }
    }

    fn codes(&mut self, at: At, field: &'static str, codes: &[Code]) {
        for code in codes {
            self.token(at, field, code.as_str());
        }
    }
}

/// What is wrong with a token, as a sentence without its subject; `None` = it is 1 to 64 bytes long, without white space,
/// control characters, `,` and `;`, and not shaped like a Unique Pupil Number (which the sentence does not repeat).
#[must_use]
pub fn token_problem(token: &str) -> Option<String> {
    if token.is_empty() {
        Some("is empty; give a token of 1 to 64 bytes".to_owned())
    } else if token.len() > ID_BYTES_MAX {
        Some(format!("has {} bytes; at most {ID_BYTES_MAX} are allowed", token.len()))
    } else if token.chars().any(|c| c.is_whitespace() || c.is_control() || c == ';' || c == ',') {
        let problem = format!("is `{token}`; white space, control characters, commas and semicolons are not allowed");
        Some(printable(&problem))
    } else if is_pupil_number(token) {
        let problem =
            "is shaped like a Unique Pupil Number; send a token instead, which only the council can trace back";
        Some(problem.to_owned())
    } else {
        None
    }
}

/// List and position of the entry being checked.
type At = (Part, usize);

/// Text that may go into a message and from there into a log, whatever was sent: pupil numbers are withheld, control
/// characters escaped, and a word longer than any id is cut short.
fn printable(text: &str) -> String {
    let is_part_of_word = |c: char| !(c.is_whitespace() || c == '`');
    let mut printable = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = if is_part_of_word(first) {
            rest.find(|c| !is_part_of_word(c)).unwrap_or(rest.len())
        } else {
            first.len_utf8()
        };
        let (word, after) = rest.split_at(length);
        rest = after;
        if word.split(|c: char| !c.is_ascii_alphanumeric()).any(is_pupil_number) {
            printable.push_str("(withheld)");
            continue;
        }
        let shown = word.char_indices().nth(ID_BYTES_MAX).map_or(word, |(end, _)| &word[..end]);
        for c in shown.chars() {
            if c.is_control() || (c.is_whitespace() && c != ' ') {
                printable.extend(c.escape_debug());
            } else {
                printable.push(c);
            }
        }
        if shown.len() < word.len() {
            printable.push('…');
        }
    }
    printable
}

/// `^[A-HJ-NP-RT-Z][0-9]{11}[0-9A-HJ-NP-RT-Z]$`, in either case: check letter, 11 digits, digit or letter.
fn is_pupil_number(token: &str) -> bool {
    let bytes = token.as_bytes();
    let is_letter = |byte: u8| byte.is_ascii_alphabetic() && !matches!(byte.to_ascii_uppercase(), b'I' | b'O' | b'S');
    bytes.len() == 13
        && is_letter(bytes[0])
        && bytes[1..12].iter().all(u8::is_ascii_digit)
        && (bytes[12].is_ascii_digit() || is_letter(bytes[12]))
}

fn check_rules(rules: &Rules, found: &mut Found) {
    let mut range = |field: &'static str, value: i64, min: i64, max: i64| {
        if !(min..=max).contains(&value) {
            found.add(Part::Rules, None, field, value.to_string(), &format!("is {value}; must be {min} to {max}"));
        }
    };
    range("area_rank_price", rules.area_rank_price, 0, RULE_PRICE_MAX);
    range("setting_price", rules.setting_price, 0, RULE_PRICE_MAX);
    range("handover_price", rules.handover_price, 0, RULE_PRICE_MAX);
    range("handover_price_per_point", rules.handover_price_per_point, 0, RULE_PRICE_MAX);
    range("handover_points", rules.handover_points, 0, WEIGHT_POINTS_MAX);
    range("group_apart_price", rules.group_apart_price, 0, RULE_PRICE_MAX);
    range("same_child_apart_price", rules.same_child_apart_price, 0, RULE_PRICE_MAX);
    range("waiting_price", rules.waiting_price, 0, RULE_PRICE_MAX);
    range("waiting_price_per_point", rules.waiting_price_per_point, 0, RULE_PRICE_MAX);
    range("urgency_price_per_point", rules.urgency_price_per_point, 0, RULE_PRICE_MAX);
    range("urgency_days", rules.urgency_days, 1, 3_660);
    range("waited_price_per_point_week", rules.waited_price_per_point_week, 0, RULE_PRICE_MAX);
    range("over_cap_price_per_point", rules.over_cap_price_per_point, 0, RULE_PRICE_MAX);
    range("handover_limit", rules.handover_limit.unwrap_or(0), 0, COUNT_MAX);
    range("second_person_above_handovers", rules.second_person_above_handovers.unwrap_or(0), 0, COUNT_MAX);
    range("default_max_case_count", rules.default_max_case_count, 1, COUNT_MAX);
    range("check_by_days", rules.check_by_days, 1, 366);
    range("longest_stay_days", rules.longest_stay_days, 1, 3_660);
    range("full_time_capacity_points", rules.full_time_capacity_points, 1, CAPACITY_POINTS_MAX);
    if rules.balance.len() > 10 {
        range("balance", rules.balance.len() as i64, 0, 10);
    }
    for step in &rules.balance {
        range("balance.percent", step.percent, 0, 100);
        range("balance.slope", step.slope, 0, WEIGHT_POINTS_MAX);
    }
    if rules.catalogue.len() > ID_BYTES_MAX {
        found.add(Part::Rules, None, "catalogue", &rules.catalogue, "must be 64 bytes long at most");
    }
    if rules.version.is_empty() || rules.version.len() > ID_BYTES_MAX {
        found.add(Part::Rules, None, "version", &rules.version, "must be 1 to 64 bytes long");
    }
}

fn check_supervisors<'a>(backlog: &'a Backlog, found: &mut Found) -> HashSet<&'a SupervisorId> {
    let mut ids = HashSet::new();
    let mut owner_of_area: HashMap<&Code, &SupervisorId> = HashMap::new();
    let mut default: Option<&SupervisorId> = None;
    for (position, supervisor) in backlog.supervisors.iter().enumerate() {
        let at = (Part::Supervisors, position);
        found.token(at, "supervisor_id", supervisor.id.as_str());
        found.codes(at, "areas", &supervisor.areas);
        found.number(at, "max_holding_count", supervisor.max_holding_count, COUNT_MAX);
        if !ids.insert(&supervisor.id) {
            duplicate(found, at, "supervisor_id", supervisor.id.as_str());
        }
        if supervisor.areas.is_empty() {
            if let Some(other) = default {
                let message = format!(
                    "supervisors `{other}` and `{}` both have no areas; only one can be the default supervisor",
                    supervisor.id
                );
                found.add(at.0, Some(position), "areas", String::new(), &message);
            }
            default = default.or(Some(&supervisor.id));
        }
        for area in &supervisor.areas {
            match owner_of_area.entry(area) {
                Entry::Occupied(entry) => {
                    let message = format!(
                        "area `{area}` already belongs to supervisor `{}`; a waiting case needs exactly one",
                        entry.get()
                    );
                    found.add(at.0, Some(position), "areas", area.to_string(), &message);
                }
                Entry::Vacant(entry) => {
                    entry.insert(&supervisor.id);
                }
            }
        }
    }
    ids
}

fn check_officers<'a>(
    backlog: &'a Backlog,
    supervisors: &HashSet<&SupervisorId>,
    found: &mut Found,
) -> HashMap<&'a OfficerId, &'a Officer> {
    let mut officers = HashMap::with_capacity(backlog.officers.len());
    for (position, officer) in backlog.officers.iter().enumerate() {
        let at = (Part::Officers, position);
        found.token(at, "officer_id", officer.id.as_str());
        found.number(at, "capacity_points", officer.capacity_points, CAPACITY_POINTS_MAX);
        found.number(at, "max_case_count", officer.max_case_count, COUNT_MAX);
        found.number(at, "intake_limit", officer.intake_limit, COUNT_MAX);
        found.codes(at, "areas", &officer.areas);
        found.codes(at, "setting_codes", &officer.setting_codes);
        found.codes(at, "skills", &officer.skills);
        if officers.insert(&officer.id, officer).is_some() {
            duplicate(found, at, "officer_id", officer.id.as_str());
        }
        if let Some(supervisor) = &officer.supervisor_id
            && !supervisors.contains(supervisor)
        {
            let message = format!(
                "names supervisor `{supervisor}`, who is not among the supervisors; add them or leave it empty"
            );
            found.add(at.0, Some(position), "supervisor_id", supervisor.to_string(), &message);
        }
        if let (Some(from), Some(until)) = (officer.available_from, officer.available_until)
            && until < from
        {
            let message = format!("is {until}, before available_from {from}; swap or clear one of them");
            found.add(at.0, Some(position), "available_until", until.to_string(), &message);
        }
        check_hours(officer, at, found);
    }
    officers
}

fn check_hours(officer: &Officer, at: At, found: &mut Found) {
    found.number(at, "fte_percent", officer.fte_percent, 100);
    for reduction in &officer.reductions {
        match reduction.amount {
            Amount::Percent(percent) => found.number(at, "reductions", Some(percent), 100),
            Amount::Points(points) => found.number(at, "reductions", Some(points), CAPACITY_POINTS_MAX),
        }
    }
    let of_absences = officer.absences.iter().map(|absence| ("absences", Some(absence.from), Some(absence.until)));
    let of_reductions = officer.reductions.iter().map(|reduction| ("reductions", reduction.from, reduction.until));
    for (field, from, until) in of_absences.chain(of_reductions) {
        if let (Some(from), Some(until)) = (from, until)
            && until < from
        {
            let message = format!("ends on {until}, before it begins on {from}; swap the two days");
            found.add(at.0, Some(at.1), field, until.to_string(), &message);
        }
    }
}

fn duplicate(found: &mut Found, at: At, field: &'static str, id: &str) {
    found.add(at.0, Some(at.1), field, id, &format!("`{id}` is already in the list; ids must be unique"));
}

fn check_cases(backlog: &Backlog, rules: &Rules, officers: &HashMap<&OfficerId, &Officer>, found: &mut Found) {
    let mut ids: HashSet<&CaseId> = HashSet::with_capacity(backlog.cases.len());
    let mut group_pins: HashMap<&GroupId, (&OfficerId, usize)> = HashMap::new();
    let mut group_sizes: HashMap<&GroupId, usize> = HashMap::new();
    let owners = Owners::new(backlog);
    for (position, case) in backlog.cases.iter().enumerate() {
        let at = (Part::Cases, position);
        check_case_fields(case, at, found);
        if let Some(extension) = &case.stay_extension
            && owners.of(case).is_some_and(|owner| owner.as_str() == extension.by.as_str())
        {
            let message = format!(
                "is by `{}`, who owns the case while it waits; somebody else has to decide that it may wait longer",
                extension.by
            );
            found.add(at.0, Some(position), "stay_extension", extension.by.as_str(), &message);
        }
        if !ids.insert(&case.id) {
            duplicate(found, at, "case_id", case.id.as_str());
        }
        if case.holding_price.is_none() && !derives_waiting_price(rules) {
            found.add(
                at.0,
                Some(position),
                "holding_price",
                String::new(),
                "is missing; these rules derive no price of waiting, so every case needs its own",
            );
        }
        let named =
            [("current_officer_id", &case.current_officer_id), ("required_officer_id", &case.required_officer_id)];
        for (field, officer_id) in named {
            if let Some(officer_id) = officer_id
                && !officers.contains_key(officer_id)
            {
                unknown_officer(found, at, field, officer_id);
            }
        }
        for officer_id in &case.barred_officer_ids {
            if !officers.contains_key(officer_id) {
                unknown_officer(found, at, "barred_officer_ids", officer_id);
            }
        }
        check_pin(case, at, officers, backlog, found);
        if let Some(group) = &case.group_id {
            *group_sizes.entry(group).or_default() += 1;
            if group_sizes[group] == GROUP_CASES_MAX + 1 {
                let message = format!(
                    "group `{group}` has more than {GROUP_CASES_MAX} cases; a school is a setting, not a group"
                );
                found.add(at.0, Some(position), "group_id", group.to_string(), &message);
            }
            if let Some(officer_id) = pin_of(case) {
                let (other, _) = *group_pins.entry(group).or_insert((officer_id, position));
                if other != officer_id {
                    let message = format!(
                        "pins group `{group}` to officer `{officer_id}`, but another of its cases is pinned to `{other}`; a group has one officer"
                    );
                    found.add(at.0, Some(position), pin_field(case), officer_id.to_string(), &message);
                }
            }
        }
    }
}

/// The rules give a case without `holding_price` a price of waiting.
fn derives_waiting_price(rules: &Rules) -> bool {
    rules.raise_waiting_prices || rules.waiting_price > 0 || rules.waiting_price_per_point > 0
}

fn check_case_fields(case: &Case, at: At, found: &mut Found) {
    found.token(at, "case_id", case.id.as_str());
    if let Some(child) = &case.child_id {
        found.token(at, "child_id", child.as_str());
    }
    if let Some(group) = &case.group_id {
        found.token(at, "group_id", group.as_str());
    }
    if let Some(area) = &case.area {
        found.token(at, "area", area.as_str());
    }
    if let Some(code) = &case.setting_code {
        found.token(at, "setting_code", code.as_str());
    }
    found.codes(at, "skills", &case.skills);
    found.parts(at, "kind", case.kind.as_slice());
    found.parts(at, "stage", case.stage.as_slice());
    found.parts(at, "events", case.events.iter().map(|event| &event.code));
    found.parts(at, "add_ons", case.add_ons.iter().map(|add_on| &add_on.code));
    found.parts(at, "obligations", case.obligations.iter().map(|obligation| &obligation.code));
    let exemptions = case.obligations.iter().filter_map(|obligation| obligation.exemption.as_ref());
    found.parts(at, "obligations", exemptions.flat_map(|exempted| [&exempted.code, &exempted.by]));
    found.parts(at, "stay_extension", case.stay_extension.iter().map(|extension| &extension.by));
    found.number(at, "weight_points", case.weight_points, WEIGHT_POINTS_MAX);
    found.number(at, "holding_price", case.holding_price, PRICE_MAX);
}

fn unknown_officer(found: &mut Found, at: At, field: &'static str, officer_id: &OfficerId) {
    let message = format!(
        "names officer `{}`, who is not among the officers; add them (with available_until, if they left) or clear it",
        officer_id.as_str()
    );
    found.add(at.0, Some(at.1), field, officer_id.as_str(), &message);
}

fn pin_field(case: &Case) -> &'static str {
    if case.required_officer_id.is_some() { "required_officer_id" } else { "pinned" }
}

fn check_pin(case: &Case, at: At, officers: &HashMap<&OfficerId, &Officer>, backlog: &Backlog, found: &mut Found) {
    if case.pinned && case.current_officer_id.is_none() && case.required_officer_id.is_none() {
        found.add(
            at.0,
            Some(at.1),
            "pinned",
            "true",
            "pins the case to its current officer, but it has none; give current_officer_id or required_officer_id",
        );
    }
    if case.pinned
        && let (Some(current), Some(required)) = (&case.current_officer_id, &case.required_officer_id)
        && current != required
    {
        let message = format!(
            "is `{required}`, but the case is also pinned to its current officer `{current}`; keep one of the two"
        );
        found.add(at.0, Some(at.1), "required_officer_id", required.to_string(), &message);
    }
    let Some(officer_id) = pin_of(case) else { return };
    if is_barred(case, officer_id) {
        let message =
            format!("pins the case to officer `{officer_id}`, who is barred from it; remove the pin or the bar");
        found.add(at.0, Some(at.1), pin_field(case), officer_id.to_string(), &message);
    }
    if let Some(officer) = officers.get(officer_id)
        && service_on(officer, backlog.as_at) == Service::Out
    {
        let message = format!(
            "pins the case to officer `{officer_id}`, who is not in service on {}; remove the pin or change the officer's dates",
            backlog.as_at
        );
        found.add(at.0, Some(at.1), pin_field(case), officer_id.to_string(), &message);
    }
}

fn check_pairs(backlog: &Backlog, officers: &HashMap<&OfficerId, &Officer>, found: &mut Found) {
    let Some(pairs) = &backlog.pairs else { return };
    // Two numbers a pair, not two ids: there may be very many. Ids that name nobody get numbers beyond those that do.
    let mut case_numbers = numbered(backlog.cases.iter().map(|case| &case.id));
    let mut officer_numbers = numbered(backlog.officers.iter().map(|officer| &officer.id));
    let (case_count, officer_count) = (case_numbers.len(), officer_numbers.len());
    let mut listed: HashSet<(u32, u32)> = HashSet::with_capacity(pairs.len());
    for (position, pair) in pairs.iter().enumerate() {
        let at = (Part::Pairs, position);
        found.number(at, "cost", Some(pair.cost), PRICE_MAX);
        found.number(at, "weight_points", pair.weight_points, WEIGHT_POINTS_MAX);
        let (case, officer) =
            (number(&mut case_numbers, &pair.case_id), number(&mut officer_numbers, &pair.officer_id));
        if case as usize >= case_count {
            let id = pair.case_id.as_str();
            found.add(at.0, Some(position), "case_id", id, &format!("names case `{id}`, which is not among the cases"));
        }
        if officer as usize >= officer_count {
            unknown_officer(found, at, "officer_id", &pair.officer_id);
        }
        if !listed.insert((case, officer)) {
            let message =
                format!("the pair of case `{}` and officer `{}` is already in the list", pair.case_id, pair.officer_id);
            found.add(at.0, Some(position), "", String::new(), &message);
        }
    }
    // Whoever holds a case, or is pinned to it, must be priced: nobody loses an officer because a pair was forgotten.
    for (position, case) in backlog.cases.iter().enumerate() {
        let holder = case.current_officer_id.as_ref().filter(|officer_id| {
            let stays =
                officers.get(officer_id).is_some_and(|officer| service_on(officer, backlog.as_at) != Service::Out);
            stays && !is_barred(case, officer_id)
        });
        for (field, officer_id) in [("current_officer_id", holder), (pin_field(case), pin_of(case))] {
            if let Some(officer_id) = officer_id
                && let (Some(&case_number), Some(&officer)) =
                    (case_numbers.get(&case.id), officer_numbers.get(officer_id))
                && (officer as usize) < officer_count
                && !listed.contains(&(case_number, officer))
            {
                let message =
                    format!("is `{officer_id}`, but there is no pair of case `{}` with them; add one", case.id);
                found.add(Part::Cases, Some(position), field, officer_id.to_string(), &message);
            }
        }
    }
}

/// Different ids, numbered from 0.
fn numbered<'a, T: Eq + Hash>(ids: impl Iterator<Item = &'a T>) -> HashMap<&'a T, u32> {
    let mut numbers = HashMap::new();
    for id in ids {
        number(&mut numbers, id);
    }
    numbers
}

/// The number of an id; the next one if it has none.
fn number<'a, T: Eq + Hash>(numbers: &mut HashMap<&'a T, u32>, id: &'a T) -> u32 {
    let next = u32::try_from(numbers.len()).expect("a list has fewer than 2^32 ids");
    *numbers.entry(id).or_insert(next)
}
