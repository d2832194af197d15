//! The published figures of every English council (`councils_2025.csv`, Department for Education, Open Government
//! Licence v3.0; see the licence beside it).

use std::num::ParseIntError;

/// The table, part of the program.
const TABLE: &str = include_str!("councils_2025.csv");

/// Share of plans in schools where a council's was not published, in per mille: an assumption.
const SCHOOL_PER_MILLE_ASSUMED: i64 = 800;

/// What is published of one council and used here.
#[derive(Clone, Debug)]
pub(super) struct Figures {
    pub(super) code: String,
    pub(super) name: String,
    /// Plans maintained in January 2022; `None` for a council that did not exist then, or did not publish.
    pub(super) plans_2022: Option<i64>,
    /// Plans maintained in January 2025.
    pub(super) plans_2025: i64,
    /// Plans in January 2025 by age: 0 to 4, 5 to 10, 11 to 15, 16 to 19, 20 to 25.
    pub(super) ages: [i64; 5],
    /// Share of plans in mainstream and special schools, in per mille.
    pub(super) school_per_mille: i64,
    /// Requests of 2024 not decided at its end.
    pub(super) undecided: i64,
    /// Assessments begun in 2024.
    pub(super) assessments: i64,
    /// Reviews expected in 2024, and those that ended in a decision to amend the plan.
    pub(super) reviews: Option<(i64, i64)>,
    /// Appeals registered in 2024.
    pub(super) appeals: Option<i64>,
}

/// All councils, in the order of the table.
pub(super) fn all() -> Vec<Figures> {
    let mut reader = csv::Reader::from_reader(TABLE.as_bytes());
    let header = reader.headers().expect("the embedded table has a header").clone();
    let rows = reader.records().map(|row| row.expect("the embedded table is well formed"));
    rows.map(|row| {
        let text = |column: &str| {
            let position = header.iter().position(|name| name == column);
            row[position.unwrap_or_else(|| panic!("the embedded table has a column {column}"))].to_owned()
        };
        let count = |column: &str| {
            let text = text(column);
            (!text.is_empty()).then(|| text.parse().unwrap_or_else(|_| panic!("{column} {text} is a count")))
        };
        let per_mille = |column: &str| {
            let text = text(column);
            (!text.is_empty()).then(|| tenths(&text).unwrap_or_else(|_| panic!("{column} {text} is a percentage")))
        };
        Figures {
            code: text("la_code"),
            name: text("la_name"),
            plans_2022: count("plans_jan_2022"),
            plans_2025: count("plans_jan_2025").expect("every council publishes its plans"),
            ages: ["age_0_4", "age_5_10", "age_11_15", "age_16_19", "age_20_25"]
                .map(|column| count(column).unwrap_or_default()),
            school_per_mille: per_mille("mainstream_pct")
                .zip(per_mille("special_pct"))
                .map_or(SCHOOL_PER_MILLE_ASSUMED, |(mainstream, special)| mainstream + special),
            undecided: count("requests_undecided_2024").unwrap_or_default(),
            assessments: count("assessments_2024").unwrap_or_default(),
            reviews: count("reviews_expected_2024").zip(count("review_amend_2024")),
            appeals: count("appeals_2024"),
        }
    })
    .collect()
}

/// A decimal number with at most one place, in tenths: `53.2` is 532. Integers keep the figures the same everywhere.
fn tenths(text: &str) -> Result<i64, ParseIntError> {
    let (whole, tenth) = text.split_once('.').unwrap_or((text, "0"));
    Ok(whole.parse::<i64>()? * 10 + tenth.parse::<i64>()?)
}

/// The council of that name (in any case) or code.
///
/// # Errors
/// The names that come near, the nearest first.
pub(super) fn find(wanted: &str) -> Result<Figures, Vec<String>> {
    let key = wanted.trim().to_lowercase();
    let mut councils = all();
    if let Some(position) = councils
        .iter()
        .position(|council| council.name.to_lowercase() == key || council.code.eq_ignore_ascii_case(&key))
    {
        return Ok(councils.swap_remove(position));
    }
    const NEAR_MAX: usize = 5;
    let mut near: Vec<_> = councils
        .into_iter()
        .filter_map(|council| {
            let name = council.name.to_lowercase();
            let distance = if name.contains(&key) && !key.is_empty() { 0 } else { edit_distance(&name, &key) };
            (distance <= key.chars().count() / 3).then_some((distance, council.name))
        })
        .collect();
    near.sort();
    Err(near.into_iter().take(NEAR_MAX).map(|(_, name)| name).collect())
}

/// Letters to change, insert or take out to get from one word to the other.
fn edit_distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (position, letter) in from.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], position + 1);
        for (column, &other) in to.iter().enumerate() {
            let changed = diagonal + usize::from(letter != other);
            diagonal = row[column + 1];
            row[column + 1] = changed.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[to.len()]
}
