//! Figures as text for people with 20 seconds: children without an officer first, then everything else. At most 100
//! columns.

use std::fmt::Write as _;

use super::figures::{Figures, Owner};
use super::paint;

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
    const BAR: usize = 56;
    let mut text = heading("Children without an officer");
    let label = lines.iter().map(|line| line.when.chars().count()).max().unwrap_or(0);
    for line in lines {
        let figure = format!("{:>9}", grouped(line.count));
        let after = match line.count {
            0 => paint::good("every child has an officer"),
            count => format!("{} of {}", paint::bad(&bar(count, child_count, BAR)), grouped(child_count)),
        };
        let _ = writeln!(text, "  {:<label$}  {}  {after}", line.when, paint::bold(&figure));
    }
    text
}

/// One line of a picture of numbers.
pub(super) struct Bar {
    pub(super) name: String,
    pub(super) count: i64,
}

/// A bar each, to one scale.
pub(super) fn bars(lines: &[Bar]) -> String {
    const BAR: usize = 56;
    let label = lines.iter().map(|line| line.name.chars().count()).max().unwrap_or(0);
    let largest = lines.iter().map(|line| line.count).max().unwrap_or(0);
    let mut text = String::new();
    for line in lines {
        let figure = format!("{:>9}", grouped(line.count));
        let bar = bar(line.count, largest, BAR);
        let _ = writeln!(text, "{}", format!("  {:<label$}  {}  {bar}", line.name, paint::bold(&figure)).trim_end());
    }
    text
}

/// One column of the picture of caseloads.
pub(super) struct Column<'a> {
    pub(super) title: &'a str,
    /// As in [`Figures`].
    pub(super) shares: &'a [Option<i64>],
}

impl Column<'_> {
    /// Officers whose share is in the band.
    fn count(&self, band: &Band) -> i64 {
        self.shares.iter().flatten().filter(|share| (band.least..=band.most).contains(*share)).count() as i64
    }
}

/// Caseloads from `least` to `most` per cent of the cap.
struct Band {
    name: &'static str,
    least: i64,
    most: i64,
}

const fn band(name: &'static str, least: i64, most: i64) -> Band {
    Band { name, least, most }
}

/// From the top.
const BANDS_OVER: [Band; 4] = [
    band("over 300 %", 301, i64::MAX),
    band("201 to 300 %", 201, 300),
    band("151 to 200 %", 151, 200),
    band("101 to 150 %", 101, 150),
];
const BANDS_UNDER: [Band; 5] = [
    band("91 to 100 %", 91, 100),
    band("76 to 90 %", 76, 90),
    band("51 to 75 %", 51, 75),
    band("1 to 50 %", 1, 50),
    band("no case", 0, 0),
];

/// How many officers have how full a caseload: a histogram with the cap marked in it, columns to one scale.
pub(super) fn caseloads(columns: &[Column<'_>]) -> String {
    const LABEL: usize = 15;
    let width = (WIDTH - LABEL) / columns.len().max(1);
    let bands = || BANDS_OVER.iter().chain(&BANDS_UNDER);
    let largest = columns.iter().flat_map(|column| bands().map(|band| column.count(band))).max().unwrap_or(0);
    let row = |name: &str, counts: &[i64], paint: fn(&str) -> String| {
        let mut line = format!("{name:>LABEL$}");
        for &count in counts {
            let bar = bar(count, largest, width - 9);
            let cell = match count {
                0 => String::new(),
                count => format!("{bar} {}", grouped(count)),
            };
            let padding = " ".repeat((width - 2).saturating_sub(cell.chars().count()));
            let _ = write!(line, " │{}{padding}", cell.replacen(&bar, &paint(&bar), usize::from(count > 0)));
        }
        format!("{}\n", line.trim_end())
    };

    let mut text = heading("Officers by how full their caseload is, as a share of the cap");
    let titles: String = columns.iter().map(|column| format!("  {:<1$}", column.title, width - 2)).collect();
    let _ = writeln!(text, "{:LABEL$}{}", "", titles.trim_end());
    let counts = |band: &Band| columns.iter().map(|column| column.count(band)).collect::<Vec<_>>();
    let mut any_over = false;
    for band in &BANDS_OVER {
        let counts = counts(band);
        if counts.iter().any(|&count| count > 0) {
            any_over = true;
            text.push_str(&row(band.name, &counts, paint::bad));
        }
    }
    if !any_over {
        text.push_str(&row("over the cap", &vec![0; columns.len()], paint::bad));
    }
    let cap = format!("{:>LABEL$} ", "the cap: 100 %");
    let _ = writeln!(text, "{}", paint::bold(&format!("{cap}{}", "━".repeat(WIDTH - cap.chars().count()))));
    for band in &BANDS_UNDER {
        text.push_str(&row(band.name, &counts(band), paint::good));
    }
    let uncapped: Vec<_> =
        columns.iter().map(|column| column.shares.iter().filter(|share| share.is_none()).count() as i64).collect();
    if uncapped.iter().any(|&count| count > 0) {
        text.push_str(&row("without a cap", &uncapped, paint::good));
    }
    text
}

/// What waits, why, and with whom; nothing where nothing waits.
pub(super) fn waiting(figures: &Figures, of_whom: &str) -> String {
    if figures.waiting_count == 0 {
        return String::new();
    }
    let mut text = heading(&format!("What waits, why, and with whom{of_whom}"));
    for (count, sentence) in &figures.reasons {
        text.push_str(&wrapped(&format!("  {:>9}  ", grouped(*count)), sentence));
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

/// Supervisors with what they own, several in a line, and how many own too much.
fn owners(owners: &[Owner]) -> String {
    let mut text = String::new();
    if !owners.is_empty() {
        // An id and its count stay on one line.
        let entries: Vec<_> = owners
            .iter()
            .map(|owner| format!("{}\u{a0}{}", owner.supervisor_id, grouped(owner.holding_count)))
            .collect();
        text.push_str(&wrapped("  With ", &format!("{}.", entries.join(", "))).replace('\u{a0}', " "));
    }
    let over =
        owners.iter().filter(|owner| owner.max_holding_count.is_some_and(|max| owner.holding_count > max)).count();
    if over > 0 {
        let own = if over == 1 { "owns" } else { "own" };
        let who = counted(over as i64, "supervisor", "supervisors");
        let _ = writeln!(text, "  {who} {own} more than the maximum of their holding list.");
    }
    text
}

/// How good the answer is, in words.
pub(super) fn quality(figures: &Figures) -> String {
    let quality = &figures.quality;
    let mut text = String::new();
    let more = more_children(figures.children_without_officer_count, figures.more_children_at_most_count);
    let _ = writeln!(text, "  {}", paint::bold(&more));
    let _ = writeln!(
        text,
        "  Objective {}; no allocation under these rules can cost less than {}:",
        grouped(quality.objective),
        grouped(quality.bound),
    );
    let _ = writeln!(text, "  {}.", quality.in_words());
    text
}

/// A text of any length with this before its first line; further lines stand below its beginning.
pub(super) fn wrapped(before: &str, text: &str) -> String {
    let indent = before.chars().count();
    let mut lines = String::new();
    let mut line = before.to_owned();
    for (position, word) in text.split(' ').enumerate() {
        if position > 0 && line.chars().count() + 1 + word.chars().count() > WIDTH {
            let _ = writeln!(lines, "{line}");
            line = format!("{:indent$}{word}", "");
        } else {
            if position > 0 {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    let _ = writeln!(lines, "{line}");
    lines
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
    format!("{}\n", paint::bold(&text.to_uppercase()))
}

/// A bar of full and half blocks; anything above nothing is seen.
fn bar(count: i64, largest: i64, width: usize) -> String {
    if count <= 0 || largest <= 0 {
        return String::new();
    }
    let halves = i128::from(count) * 2 * width as i128 / i128::from(largest);
    let halves = usize::try_from(halves).unwrap_or(usize::MAX).clamp(1, 2 * width);
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
