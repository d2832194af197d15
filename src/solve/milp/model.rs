//! The exact model, as mathematics reads it, and what HiGHS says of it.
//!
//! ```text
//! minimise   sum cost x + sum slope z
//! subject to sum over options of a unit of x = 1
//!            sum points x <= room,  sum cases x <= room,  sum new cases x <= room      for each officer
//!            sum handovers x <= room
//!            points kept + sum points x <= start of balance + sum z,  0 <= z <= length of the segment
//!            x binary
//! ```
//!
//! good_lp builds it; HiGHS's own model is then used directly, because good_lp's solution keeps neither bound nor status.

use std::{num::NonZeroU32, time::Duration};

use good_lp::{Expression, ProblemVariables, SolverModel as _, Variable, solvers::highs::highs, variable};
use highs::{HighsModelStatus, SolvedModel};

use crate::{
    model::BalanceSegment,
    solve::part::{NOBODY, Part, PartOfficer},
};

/// Version of HiGHS, named by every bound that it claims.
pub(in crate::solve) fn highs_version() -> String {
    use highs_sys::{HIGHS_VERSION_MAJOR, HIGHS_VERSION_MINOR, HIGHS_VERSION_PATCH};
    format!("{HIGHS_VERSION_MAJOR}.{HIGHS_VERSION_MINOR}.{HIGHS_VERSION_PATCH}")
}

/// Prices above this lose whole units in 64-bit floats after a few million additions: such a part is not searched.
const PRICE_MAX: i64 = 1 << 40;

/// The part, solved.
pub(super) struct Solved {
    /// Option of every unit, as positions among all options, if a solution was found.
    pub(super) chosen: Option<Vec<u32>>,
    /// Bound on the part's price, measured as `Part::price` is.
    pub(super) bound: Option<i64>,
    /// HiGHS says that there is nothing better.
    is_closed: bool,
}

/// Why a part has no result.
#[derive(Debug)]
pub(super) enum Unsolved {
    /// The time limit ended the call.
    OutOfTime,
    /// Prices are too large for floats, or HiGHS failed.
    Failed,
}

/// How far a call may go: nodes, and the time that is left, if there is a time limit.
#[derive(Clone, Copy)]
pub(super) struct Limits {
    pub(super) nodes: i32,
    pub(super) time_left: Option<Duration>,
}

/// Builds and solves. Called on HiGHS's own threads only.
///
/// HiGHS 1.16 at times closes the tree and hands back the start, far above its own bound, as the optimum: then it is asked
/// once more, without a start.
pub(super) fn solve(part: &Part, limits: Limits) -> Result<Solved, Unsolved> {
    let solved = attempt(part, limits, true)?;
    let price = solved.chosen.clone().map(|chosen| Part { chosen, ..part.clone() }.price());
    if solved.is_closed && price > solved.bound {
        return attempt(part, limits, false);
    }
    Ok(solved)
}

fn attempt(part: &Part, limits: Limits, has_start: bool) -> Result<Solved, Unsolved> {
    if part.options.iter().any(|option| option.cost > PRICE_MAX) {
        return Err(Unsolved::Failed);
    }
    let mut variables = ProblemVariables::new();
    let mut objective = Expression::with_capacity(part.options.len());
    // Columns come in the order of creation: one an option, then the balance segments.
    let mut start = vec![0.0; part.options.len()];
    for &option in &part.chosen {
        start[option as usize] = 1.0;
    }
    let chosen: Vec<Variable> = part
        .options
        .iter()
        .map(|option| {
            let x = variables.add(variable().binary());
            objective.add_mul(option.cost as f64, x);
            x
        })
        .collect();
    let rows = Rows::new(part, &chosen);
    let mut segments: Vec<Vec<Variable>> = Vec::with_capacity(part.officers.len());
    for (officer, points) in part.officers.iter().zip(&rows.start_points) {
        let mut of_officer = Vec::new();
        for (from, length, slope) in lengths(officer) {
            let z = variables.add(variable().min(0.0).max(length));
            objective.add_mul(slope, z);
            start.push(((officer.kept.points + points) as f64 - from).clamp(0.0, length));
            of_officer.push(z);
        }
        segments.push(of_officer);
    }
    let mut model = variables.minimise(objective).using(highs);
    for ends in part.starts.windows(2) {
        let of_unit = &chosen[ends[0] as usize..ends[1] as usize];
        model.add_constraint(of_unit.iter().copied().sum::<Expression>().eq(1.0));
    }
    for (position, officer) in part.officers.iter().enumerate() {
        if let Some(limit) = officer.load_limit {
            model.add_constraint(rows.points[position].clone().leq((limit - officer.kept.points) as f64));
        }
        if let Some(limit) = officer.case_limit {
            model.add_constraint(rows.cases[position].clone().leq((limit - officer.kept.cases) as f64));
        }
        if let Some(limit) = officer.intake_limit {
            model.add_constraint(rows.new_cases[position].clone().leq((limit - officer.kept.new_cases) as f64));
        }
        if let Some(BalanceSegment { from_points: from, .. }) = officer.balance.first() {
            let above: Expression = segments[position].iter().copied().sum();
            model.add_constraint((rows.points[position].clone() - above).leq((from - officer.kept.points) as f64));
        }
    }
    if let Some(room) = part.handovers_room {
        model.add_constraint(rows.handovers.leq(room as f64));
    }
    let mut model = model.try_into_inner().map_err(|_| Unsolved::Failed)?;
    set_options(&mut model, limits).map_err(|_| Unsolved::Failed)?;
    if has_start {
        model.try_set_solution(Some(&start), None, None, None).map_err(|_| Unsolved::Failed)?;
    }
    let solved = model.try_solve().map_err(|_| Unsolved::Failed)?;
    if solved.status() == HighsModelStatus::ReachedTimeLimit {
        return Err(Unsolved::OutOfTime);
    }
    Ok(read(part, &solved))
}

/// (from, length, slope) of each balance segment up to the points limit. The slope is what each further point costs.
fn lengths(officer: &PartOfficer) -> impl Iterator<Item = (f64, f64, f64)> + '_ {
    let end = officer.load_limit.unwrap_or(i64::MAX >> 12);
    let ends = officer.balance.iter().skip(1).map(|segment| segment.from_points).chain([end]);
    officer.balance.iter().zip(ends).map(move |(segment, to)| {
        let from = segment.from_points;
        (from as f64, (to.min(end) - from).max(0) as f64, segment.slope as f64)
    })
}

/// Left-hand sides, officer by officer.
struct Rows {
    points: Vec<Expression>,
    cases: Vec<Expression>,
    new_cases: Vec<Expression>,
    handovers: Expression,
    /// Points that the start gives each officer.
    start_points: Vec<i64>,
}

impl Rows {
    fn new(part: &Part, chosen: &[Variable]) -> Self {
        let empty = || vec![Expression::default(); part.officers.len()];
        let mut rows = Self {
            points: empty(),
            cases: empty(),
            new_cases: empty(),
            handovers: Expression::default(),
            start_points: vec![0; part.officers.len()],
        };
        for unit in 0..part.units.len() {
            for position in part.starts[unit]..part.starts[unit + 1] {
                let (option, x) = (&part.options[position as usize], chosen[position as usize]);
                if option.handovers > 0 {
                    rows.handovers.add_mul(f64::from(option.handovers), x);
                }
                if option.officer == NOBODY {
                    continue;
                }
                let officer = option.officer as usize;
                if option.points > 0 {
                    rows.points[officer].add_mul(f64::from(option.points), x);
                }
                rows.cases[officer].add_mul(f64::from(part.case_counts[unit]), x);
                if option.new_cases > 0 {
                    rows.new_cases[officer].add_mul(f64::from(option.new_cases), x);
                }
                if position == part.chosen[unit] {
                    rows.start_points[officer] += i64::from(option.points);
                }
            }
        }
        rows
    }
}

/// Every option of HiGHS that is not at its default, in one place.
pub(super) fn set_options(model: &mut highs::Model, limits: Limits) -> Result<(), highs::TrySetOptionError> {
    model.make_quiet();
    // HiGHS's scheduler is global to the process: more than one thread once, and it could never be changed.
    model.set_threads(NonZeroU32::MIN);
    model.try_set_option("mip_max_nodes", limits.nodes)?;
    if let Some(time_left) = limits.time_left {
        model.try_set_option("time_limit", time_left.as_secs_f64())?;
    }
    // Objectives are whole numbers: less than one apart is the same.
    model.try_set_option("mip_abs_gap", 0.999)?;
    model.try_set_option("mip_rel_gap", 0.0)?;
    model.try_set_option("mip_feasibility_tolerance", 1e-7)
}

fn read(part: &Part, solved: &SolvedModel) -> Solved {
    // The node limit shows as a solution limit.
    let has_answer = matches!(solved.status(), HighsModelStatus::Optimal | HighsModelStatus::ReachedSolutionLimit);
    // HiGHS counts from zero; balance of what is kept is in no column that could be avoided, so it is taken off here.
    let kept: i64 = part.officers.iter().map(|officer| officer.balance_price(officer.kept.points)).sum();
    #[expect(clippy::cast_possible_truncation, reason = "prices here are small enough to be exact in a float")]
    let bound = solved
        .double_info_value(c"mip_dual_bound")
        .ok()
        .filter(|bound| bound.is_finite() && has_answer)
        .map(|bound| (bound - 1e-6 * bound.abs().max(1.0)).ceil() as i64 - kept);
    let values = solved.get_solution();
    let columns = values.columns();
    let mut chosen = Vec::with_capacity(part.units.len());
    for ends in part.starts.windows(2) {
        // Values come back as 0.9999999; anything but exactly one option is no solution.
        let is_taken = |option: &u32| columns.get(*option as usize).is_some_and(|value| *value > 0.5);
        let taken: Vec<u32> = (ends[0]..ends[1]).filter(is_taken).collect();
        if let [option] = taken[..] {
            chosen.push(option);
        }
    }
    let is_complete = has_answer && chosen.len() == part.units.len();
    let is_closed = solved.status() == HighsModelStatus::Optimal;
    Solved { chosen: is_complete.then_some(chosen), bound, is_closed }
}
