//! A problem as an integer program in free MPS, which HiGHS, SCIP, OR-Tools and most other solvers read.
//!
//! ```text
//! minimise   sum cost x + sum waiting price u + sum slope z
//! subject to unit;CASE        sum over officers of x + u = 1
//!            points;OFFICER   sum points x <= points limit
//!            cases;OFFICER    sum cases x <= case limit
//!            new;OFFICER      sum new cases x <= intake limit
//!            handovers        sum handovers x + sum releases u <= handover limit
//!            balance;OFFICER  sum points x - sum z <= start of the first segment,  0 <= z <= length of the segment
//!            x, u binary
//! ```
//!
//! Columns are named so that a solution can be read back: `CASE;OFFICER` is x, `CASE;` is u, where CASE is the first case
//! of the unit; `;OFFICER;K` is z of the officer's K-th segment. No id is empty or has `;` or white space in it, so no
//! two names are the same. The last segment has no length: the points limit ends it.

use std::fmt;
use std::io::{self, BufWriter, Write};

use crate::model::{CaseId, Limits, OfficerId, OfficerIndex, Problem, UnitIndex};

/// Bytes written at once.
const BUFFER_BYTES: usize = 1 << 16;

/// Writes the problem, after the comments, a line each. One pass over the eligible pairs a section; no memory but the
/// buffer.
///
/// # Errors
/// The writer's; or, before anything is written, a case id that would make readers take its column for a comment.
pub fn write_mps(problem: &Problem, comments: &[&str], out: impl Write) -> io::Result<()> {
    if let Some(id) =
        problem.instance().unit_indices().map(|unit| first_case(problem, unit)).find(|id| id.as_str().starts_with('$'))
    {
        let message =
            format!("case id `{id}` begins with `$`, which MPS readers take for a comment; give the case another id");
        return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
    }
    let mut out = BufWriter::with_capacity(BUFFER_BYTES, out);
    for comment in comments {
        writeln!(out, "* {comment}")?;
    }
    writeln!(out, "NAME caseload")?;
    write_rows(problem, &mut out)?;
    write_columns(problem, &mut out)?;
    write_right_hand_sides(problem, &mut out)?;
    write_bounds(problem, &mut out)?;
    writeln!(out, "ENDATA")?;
    out.flush()
}

fn write_rows(problem: &Problem, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "ROWS\n N cost")?;
    for unit in problem.instance().unit_indices() {
        writeln!(out, " E {}", Row::Unit(first_case(problem, unit)))?;
    }
    for (row, _) in limit_rows(problem) {
        writeln!(out, " L {row}")?;
    }
    Ok(())
}

fn write_columns(problem: &Problem, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "COLUMNS\n choice 'MARKER' 'INTORG'")?;
    for unit_index in problem.instance().unit_indices() {
        let unit = problem.instance().unit(unit_index);
        let case = first_case(problem, unit_index);
        for pair in problem.instance().pairs(unit_index) {
            let limits = &problem.instance().limits()[pair.officer.get()];
            let officer = officer_id(problem, pair.officer);
            let column = Column::Pair(case, officer);
            let mut entry = |row: Row<'_>, value: i64| write_entry(out, column, row, value);
            entry(Row::Cost, pair.cost)?;
            entry(Row::Unit(case), 1)?;
            if limits.load_limit.is_some() {
                entry(Row::Points(officer), pair.weight_points.into())?;
            }
            if limits.case_limit.is_some() {
                entry(Row::Cases(officer), unit.case_count.into())?;
            }
            if limits.intake_limit.is_some() {
                entry(Row::New(officer), pair.new_case_count.into())?;
            }
            if problem.instance().handover_limit().is_some() {
                entry(Row::Handovers, pair.handover_count.into())?;
            }
            if !limits.balance.is_empty() {
                entry(Row::Balance(officer), pair.weight_points.into())?;
            }
        }
        if let Some(waiting_price) = unit.waiting_price {
            let column = Column::Waiting(case);
            write_entry(out, column, Row::Cost, waiting_price)?;
            write_entry(out, column, Row::Unit(case), 1)?;
            if problem.instance().handover_limit().is_some() {
                write_entry(out, column, Row::Handovers, unit.release_count.into())?;
            }
        }
    }
    writeln!(out, " choice 'MARKER' 'INTEND'")?;
    for (officer, limits) in officers(problem) {
        for segment in segments(limits) {
            let column = Column::Balance(officer, segment.number);
            write_entry(out, column, Row::Cost, segment.slope)?;
            write_entry(out, column, Row::Balance(officer), -1)?;
        }
    }
    Ok(())
}

fn write_right_hand_sides(problem: &Problem, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "RHS")?;
    for unit in problem.instance().unit_indices() {
        writeln!(out, " limit {} 1", Row::Unit(first_case(problem, unit)))?;
    }
    for (row, limit) in limit_rows(problem) {
        writeln!(out, " limit {row} {limit}")?;
    }
    Ok(())
}

fn write_bounds(problem: &Problem, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "BOUNDS")?;
    for unit_index in problem.instance().unit_indices() {
        let case = first_case(problem, unit_index);
        for pair in problem.instance().pairs(unit_index) {
            writeln!(out, " UP bound {} 1", Column::Pair(case, officer_id(problem, pair.officer)))?;
        }
        if problem.instance().unit(unit_index).waiting_price.is_some() {
            writeln!(out, " UP bound {} 1", Column::Waiting(case))?;
        }
    }
    for (officer, limits) in officers(problem) {
        for segment in segments(limits) {
            if let Some(length) = segment.length {
                writeln!(out, " UP bound {} {length}", Column::Balance(officer, segment.number))?;
            }
        }
    }
    Ok(())
}

/// A coefficient, unless it is 0. The cost is written in any case, so that every column is named.
fn write_entry(out: &mut impl Write, column: Column<'_>, row: Row<'_>, value: i64) -> io::Result<()> {
    if value == 0 && row != Row::Cost { Ok(()) } else { writeln!(out, " {column} {row} {value}") }
}

/// The rows `<=`, each with its limit.
fn limit_rows(problem: &Problem) -> impl Iterator<Item = (Row<'_>, i64)> {
    let of_officers = officers(problem).flat_map(|(officer, limits)| {
        let balance_from = limits.balance.first().map(|segment| segment.from_points);
        [
            (Row::Points(officer), limits.load_limit),
            (Row::Cases(officer), limits.case_limit),
            (Row::New(officer), limits.intake_limit),
            (Row::Balance(officer), balance_from),
        ]
    });
    of_officers
        .chain([(Row::Handovers, problem.instance().handover_limit())])
        .filter_map(|(row, limit)| limit.map(|limit| (row, limit)))
}

fn officers(problem: &Problem) -> impl Iterator<Item = (&OfficerId, &Limits)> {
    problem.backlog().officers.iter().map(|officer| &officer.id).zip(problem.instance().limits())
}

fn first_case(problem: &Problem, unit: UnitIndex) -> &CaseId {
    &problem.backlog().cases[problem.cases_of(unit)[0].get()].id
}

fn officer_id(problem: &Problem, officer: OfficerIndex) -> &OfficerId {
    &problem.backlog().officers[officer.get()].id
}

/// A part of the load in which every point costs the same.
struct Segment {
    /// From 1.
    number: usize,
    /// In points; `None` = the last, which goes on.
    length: Option<i64>,
    /// Price per point.
    slope: i64,
}

/// The segments of an officer's balance price that are longer than nothing.
fn segments(limits: &Limits) -> impl Iterator<Item = Segment> {
    let ends = limits.balance.iter().skip(1).map(|next| Some(next.from_points)).chain([None]);
    (1..)
        .zip(limits.balance.iter().zip(ends))
        .map(|(number, (segment, end))| Segment {
            number,
            length: end.map(|end| end - segment.from_points),
            slope: segment.slope,
        })
        .filter(|segment| segment.length != Some(0))
}

/// The name of a row.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Row<'a> {
    Cost,
    Unit(&'a CaseId),
    Points(&'a OfficerId),
    Cases(&'a OfficerId),
    New(&'a OfficerId),
    Handovers,
    Balance(&'a OfficerId),
}

impl fmt::Display for Row<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cost => f.write_str("cost"),
            Self::Unit(case) => write!(f, "unit;{case}"),
            Self::Points(officer) => write!(f, "points;{officer}"),
            Self::Cases(officer) => write!(f, "cases;{officer}"),
            Self::New(officer) => write!(f, "new;{officer}"),
            Self::Handovers => f.write_str("handovers"),
            Self::Balance(officer) => write!(f, "balance;{officer}"),
        }
    }
}

/// The name of a column.
#[derive(Clone, Copy)]
enum Column<'a> {
    Pair(&'a CaseId, &'a OfficerId),
    Waiting(&'a CaseId),
    Balance(&'a OfficerId, usize),
}

impl fmt::Display for Column<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pair(case, officer) => write!(f, "{case};{officer}"),
            Self::Waiting(case) => write!(f, "{case};"),
            Self::Balance(officer, number) => write!(f, ";{officer};{number}"),
        }
    }
}
