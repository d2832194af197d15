//! Figures as text for people with 20 seconds: children without an officer first, then everything else. At most 100
//! columns, no colour.

use std::fmt::Write as _;

use super::figures::{Figures, Owner};

/// Widest line.
const WIDTH: usize = 100;
/// Said of every figure that rests on a preset of the rules.
pub(super) const STAMP: &str = "illustrative points, not calibrated";

/// One line of the picture of children without an officer.
pub(super) struct Without<'a> {
    pub(super) when: &'a str,
    pub(super) count: i64,
}

/// Children without an officer: a bar each, to one scale.
pub(super) fn children(lines: &[Without<'_>], child_count: i64) -> String {
    const BAR: usize = 50;
    let mut text = heading("Children without an officer");
    let label = lines.iter().map(|line| line.when.chars().count()).max().unwrap_or(0);
    for line in lines {
        let figure = grouped(line.count);
        let of_all = format!("of {}", grouped(child_count));
        let bar = bar(line.count, child_count, BAR);
        let _ = writeln!(
            text,
            "  {:label$}  {figure:>9}  {bar}{}",
            line.when,
            if bar.is_empty() { of_all } else { format!(" {of_all}") }
        );
    }
    text
}

/// One column of the picture of caseloads.
pub(super) struct Column<'a> {
    pub(super) title: &'a str,
    /// As in [`Figures`].
    pub(super) shares: &'a [Option<i64>],
}

/// Bands of caseload as a share of the cap: name, and the least share in it. From the top.
const BANDS_OVER: [(&str, i64); 4] =
    [("over 300 %", 301), ("201 to 300 %", 201), ("151 to 200 %", 151), ("101 to 150 %", 101)];
const BANDS_UNDER: [(&str, i64); 5] =
    [("91 to 100 %", 91), ("76 to 90 %", 76), ("51 to 75 %", 51), ("1 to 50 %", 1), ("no case", 0)];

/// How many officers have how full a caseload: a histogram with the cap marked in it, columns to one scale.
pub(super) fn caseloads(columns: &[Column<'_>]) -> String {
    let mut text = heading("Officers by how full their caseload is, as a share of the cap");
    let label = 14;
    let width = (WIDTH - 2 - label) / columns.len().max(1);
    let is_over = |share: &Option<i64>| share.is_some_and(|share| share > 100);
    let in_band = |column: &Column<'_>, least: i64, below: i64| {
        column.shares.iter().flatten().filter(|&&share| share >= least && share < below).count() as i64
    };
    let largest = columns
        .iter()
        .flat_map(|column| {
            let mut below = i64::MAX;
            BANDS_OVER.iter().chain(&BANDS_UNDER).map(move |&(_, least)| {
                let count = in_band(column, least, below);
                below = least;
                count
            })
        })
        .max()
        .unwrap_or(0)
        .max(1);
    let row = |text: &mut String, name: &str, counts: &[i64]| {
        let mut line = format!("  {name:>label$}");
        for (column, &count) in counts.iter().enumerate() {
            while line.chars().count() < 2 + label + column * width {
                line.push(' ');
            }
            let bar = bar(count, largest, width.saturating_sub(10));
            let figure = if count == 0 { ".".to_owned() } else { grouped(count) };
            let _ = write!(line, " |{bar}{}{figure}", if bar.is_empty() { "" } else { " " });
        }
        let _ = writeln!(text, "{}", line.trim_end());
    };
    let mut titles = format!("  {:label$}", "");
    for (position, column) in columns.iter().enumerate() {
        while titles.chars().count() < 2 + label + position * width {
            titles.push(' ');
        }
        let _ = write!(titles, "  {}", column.title);
    }
    let _ = writeln!(text, "{}", titles.trim_end());

    let mut below = i64::MAX;
    if columns.iter().any(|column| column.shares.iter().any(is_over)) {
        for (name, least) in BANDS_OVER {
            let counts: Vec<_> = columns.iter().map(|column| in_band(column, least, below)).collect();
            below = least;
            row(&mut text, name, &counts);
        }
    } else {
        row(&mut text, "over the cap", &vec![0; columns.len()]);
    }
    let cap = format!("  {:>label$} ", "cap ---------");
    let _ = writeln!(text, "{cap}{}", "-".repeat(WIDTH - cap.chars().count()));
    below = 101;
    for (name, least) in BANDS_UNDER {
        let counts: Vec<_> = columns.iter().map(|column| in_band(column, least, below)).collect();
        below = least;
        row(&mut text, name, &counts);
    }
    let uncapped: Vec<_> =
        columns.iter().map(|column| column.shares.iter().filter(|share| share.is_none()).count() as i64).collect();
    if uncapped.iter().any(|&count| count > 0) {
        row(&mut text, "without a cap", &uncapped);
    }
    text
}

/// What waits, why, and with whom; nothing where nothing waits.
pub(super) fn waiting(figures: &Figures) -> String {
    if figures.waiting_count == 0 {
        return String::new();
    }
    let mut text = heading("What waits, why, and with whom");
    for (count, sentence) in &figures.reasons {
        let _ = writeln!(text, "  {:>9}  {sentence}", grouped(*count));
    }
    let owned: i64 = figures.owners.iter().map(|owner| owner.holding_count).sum();
    if figures.waiting_count > owned {
        let unowned = figures.waiting_count - owned;
        let _ =
            writeln!(text, "  {:>9}  with nobody: give --supervisors, one of them without areas.", grouped(unowned));
    }
    text.push_str(&owners(&figures.owners));
    text
}

/// Supervisors with what they own, several in a line; `!` marks more than the maximum.
fn owners(owners: &[Owner]) -> String {
    let entries: Vec<_> = owners
        .iter()
        .map(|owner| {
            let over = owner.max_holding_count.filter(|&max| owner.holding_count > max);
            let over = over.map_or_else(String::new, |max| format!(" (more than {})", grouped(max)));
            format!("{} {}{over}", owner.supervisor_id, grouped(owner.holding_count))
        })
        .collect();
    let mut text = String::new();
    let mut line = String::from("  With");
    for (position, entry) in entries.iter().enumerate() {
        let comma = if position + 1 < entries.len() { "," } else { "." };
        if line.chars().count() + 1 + entry.chars().count() + 1 > WIDTH {
            let _ = writeln!(text, "{line}");
            line = String::from("      ");
        }
        let _ = write!(line, " {entry}{comma}");
    }
    if !entries.is_empty() {
        let _ = writeln!(text, "{line}");
    }
    text
}

/// How good the answer is, in words.
pub(super) fn quality(figures: &Figures) -> String {
    let quality = &figures.quality;
    let mut text = String::new();
    let _ = writeln!(
        text,
        "  {}",
        more_children(figures.children_without_officer_count, figures.more_children_at_most_count)
    );
    let _ = writeln!(
        text,
        "  Objective {}; no allocation under these rules can cost less than {}: {}.",
        grouped(quality.objective),
        grouped(quality.bound),
        quality.in_words()
    );
    text
}

/// The count bound in words.
pub(super) fn more_children(children_without_officer_count: i64, more_at_most: i64) -> String {
    match (children_without_officer_count, more_at_most) {
        (0, _) => "Every child has an officer.".to_owned(),
        (_, 0) => "No more children could have an officer under the rules you entered.".to_owned(),
        (_, 1) => "At most 1 more child could have an officer under the rules you entered.".to_owned(),
        (_, more) => {
            format!("At most {} more children could have an officer under the rules you entered.", grouped(more))
        }
    }
}

pub(super) fn heading(text: &str) -> String {
    format!("{}\n", text.to_uppercase())
}

/// A bar of full and half blocks; anything above nothing is seen.
fn bar(count: i64, largest: i64, width: usize) -> String {
    if count <= 0 || largest <= 0 {
        return String::new();
    }
    let halves = (i128::from(count) * 2 * width as i128 / i128::from(largest)).max(1) as usize;
    format!("{}{}", "█".repeat(halves / 2), if halves % 2 == 1 { "▌" } else { "" })
}

/// `1 child`, `2,345 children`.
pub(super) fn counted(count: i64, one: &str, more: &str) -> String {
    format!("{} {}", grouped(count), if count == 1 { one } else { more })
}

/// A number with commas between its thousands.
pub(super) fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3 + 1);
    if number < 0 {
        text.push('-');
    }
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
