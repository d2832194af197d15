//! A forecast as text for people: the totals first, then weeks, kinds, orders, and every assumption. At most 100 columns.

use std::fmt::Write as _;

use crate::{
    cli::{
        paint,
        picture::{counted, grouped, heading, wrapped},
        sparkline::sparkline,
    },
    plan::{Assignment, Counts, Forecast, Order, Outlook},
};

/// Kinds that are shown.
const KINDS_SHOWN: usize = 10;

pub(super) fn text(found: &Forecast, further: &[String]) -> String {
    let mut text = totals(found);
    text.push_str(&weeks(found));
    text.push_str(&marked(found));
    text.push_str(&kinds(found));
    text.push_str(&orders(found));
    let _ = write!(text, "\n{}", heading("What this rests on, and does not show"));
    let not_shown = "Of the rules you entered and the efforts above: no plan of work, and no statement on quality or lawfulness. Who is late by a day and by a year count alike.";
    for note in found.notes.iter().map(String::as_str).chain([not_shown]).chain(further.iter().map(String::as_str)) {
        text.push_str(&wrapped("  ", note));
    }
    text
}

/// `1,234`, or `1,234 to 2,345`.
fn range((low, high): (i64, i64)) -> String {
    if low == high { grouped(low) } else { format!("{} to {}", grouped(low), grouped(high)) }
}

fn totals(found: &Forecast) -> String {
    let weeks = counted(found.weeks.len() as i64, "week", "weeks");
    let mut text = heading(&format!("Deadlines that will be missed in {weeks} from {}", found.as_at));
    let _ = writeln!(
        text,
        "  {:14}{:>8}  {:>18}  {:>18}  {:>11}  {:>10}",
        "", "fall due", "missed: by order", "order and chance", "nobody's", "by others"
    );
    for outlook in &found.outlooks {
        let Counts { due, waits_on_others, unheld, .. } = outlook.total;
        let _ = writeln!(
            text,
            "  {:14}{:>8}  {}  {:>18}  {:>11}  {:>10}",
            outlook.assignment.title(),
            grouped(due.middle),
            paint::bold(&format!("{:>18}", range(outlook.total.range()))),
            range(outlook.total.outer_range()),
            grouped(unheld.middle),
            grouped(waits_on_others.middle),
        );
    }
    let paths = match found.path_count {
        1 => "nothing depends on chance".to_owned(),
        count => format!("the middle of {} paths of chance, seed {}", grouped(count), found.seed),
    };
    for line in [
        format!("Missed: of what officers could prevent with points enough, from the order of work that misses fewest to the one that misses most ({paths})."),
        "Order and chance: from what 1 path in 10 stays within in the one order to what 9 in 10 stay within in the other.".to_owned(),
        "Nobody's: of cases that nobody holds, among the missed. By others: missed because others (advice, schools) had not acted, besides them.".to_owned(),
    ] {
        text.push_str(&wrapped("  ", &line));
    }
    if found.missed_before_count > 0 {
        let late = counted(found.missed_before_count, "obligation is", "obligations are");
        text.push_str(&wrapped(
            "  ",
            &format!("{late} late already today: not among these, but the work has to be done all the same."),
        ));
    }
    text
}

fn weeks(found: &Forecast) -> String {
    let mut text = format!("\n{}", heading(&format!("Week by week from {}", found.as_at)));
    let mut line = |title: &str, values: &[i64]| {
        let most = values.iter().copied().max().unwrap_or(0);
        let week = values.iter().position(|&value| value == most).filter(|_| most > 0);
        let when = week.map_or_else(String::new, |week| format!(", {}", found.weeks[week].begin));
        let _ = writeln!(text, "  {title:22} {}  most {}{when}", sparkline(values), grouped(most));
    };
    let due: Vec<i64> = found.outlooks[0].weeks.iter().map(|week| week.due.middle).collect();
    line("fall due", &due);
    for outlook in &found.outlooks {
        let of =
            |pick: fn((i64, i64)) -> i64| -> Vec<i64> { outlook.weeks.iter().map(|week| pick(week.range())).collect() };
        let title = outlook.assignment.title();
        line(&format!("{title}, best"), &of(|range| range.0));
        line(&format!("{title}, worst"), &of(|range| range.1));
    }
    let others: Vec<i64> = found.outlooks[0].weeks.iter().map(|week| week.waits_on_others.middle).collect();
    if others.iter().any(|&count| count > 0) {
        line("missed by others", &others);
    }
    let marks: String = found.weeks.iter().map(|week| if week.marks.is_empty() { ' ' } else { '^' }).collect();
    if !marks.trim().is_empty() {
        let _ = writeln!(text, "  {:22} {}", "", marks.trim_end());
    }
    text
}

/// The weeks that stand out: fixed days and the tribunal's breaks. Weeks that follow each other with the same marks are one line.
fn marked(found: &Forecast) -> String {
    let mut text = String::new();
    let mut first = 0;
    while first < found.weeks.len() {
        let marks = &found.weeks[first].marks;
        let end = first + found.weeks[first..].iter().take_while(|week| week.marks == *marks).count();
        if !marks.is_empty() {
            let sum = |of: &dyn Fn(usize) -> i64| (first..end).map(of).sum::<i64>();
            let missed: Vec<String> = found
                .outlooks
                .iter()
                .map(|outlook| {
                    let low = sum(&|week| outlook.weeks[week].range().0);
                    let high = sum(&|week| outlook.weeks[week].range().1);
                    format!("{} {}", outlook.assignment.title(), range((low, high)))
                })
                .collect();
            let line = format!(
                "{}{} {}: {} due; missed {}.",
                if end - first > 1 { format!("{} weeks from ", end - first) } else { String::new() },
                found.weeks[first].begin,
                marks.join("; "),
                grouped(sum(&|week| found.outlooks[0].weeks[week].due.middle)),
                missed.join(", ")
            );
            text.push_str(&wrapped("  ^ ", &line));
        }
        first = end;
    }
    text
}

fn kinds(found: &Forecast) -> String {
    let due = |kind: usize| found.outlooks[0].kinds[kind].due.middle;
    let mut order: Vec<usize> = (0..found.kinds.len()).filter(|&kind| due(kind) > 0).collect();
    if order.is_empty() {
        return String::new();
    }
    order.sort_by_key(|&kind| (std::cmp::Reverse(due(kind)), kind));
    let mut text = format!("\n{}", heading("What is missed, by kind of obligation"));
    let titles = Assignment::ALL.map(|assignment| format!("{:>17}", assignment.title()));
    let _ = writeln!(text, "  {:25}{:>6}{:>8}{}", "", "points", "due", titles.concat());
    for &kind in order.iter().take(KINDS_SHOWN) {
        let told = &found.kinds[kind];
        let cells: String =
            found.outlooks.iter().map(|outlook| format!("{:>17}", range(outlook.kinds[kind].range()))).collect();
        let code = told.code.as_ref().map_or("only a day is known", |code| code.as_str());
        let _ = writeln!(text, "  {code:25}{:>6}{:>8}{cells}", grouped(told.points), grouped(due(kind)));
    }
    if order.len() > KINDS_SHOWN {
        let _ = writeln!(text, "  ... and {} more: in kinds.csv with --out", order.len() - KINDS_SHOWN);
    }
    text
}

fn orders(found: &Forecast) -> String {
    let mut text = format!("\n{}", heading("The same by order of work: missed (weeks late at worst)"));
    let titles = Assignment::ALL.map(|assignment| format!("{:>18}", assignment.title()));
    let _ = writeln!(text, "  {:38}{}", "", titles.concat());
    for (position, order) in Order::ALL.into_iter().enumerate() {
        let cell = |outlook: &Outlook| {
            let missed = grouped(outlook.total.missed[position].middle);
            format!("{:>18}", format!("{missed} ({})", outlook.worst_late_weeks[position].middle))
        };
        let cells: String = found.outlooks.iter().map(cell).collect();
        let title = match order {
            Order::EarliestDue => "earliest due date first",
            Order::FewestLate => "Moore-Hodgson, of what is open",
            Order::FirstCome => "first come first served",
        };
        let _ = writeln!(text, "  {title:38}{cells}");
    }
    let meaning = "The first keeps the worst lateness least; the second misses fewest of what is there, without what comes later; none is the best in general.";
    text.push_str(&wrapped("  ", meaning));
    text
}
