//! The covering model, as mathematics reads it in `solve::cover`, and what HiGHS says of it: first with parts of officers, which gives
//! prices, then with whole ones.

use good_lp::{Expression, ProblemVariables, SolverModel as _, Variable, solvers::highs::highs, variable};
use highs::{HighsModelStatus, SolvedModel};

use super::model::{Limits, Unsolved, set_options};
use crate::solve::cover::{Class, Cover, HUNDREDTHS, Holder, PRICE_TOP, Proposed, Room, RoomPrices, whole_parts};

/// Rows of the model whose duals are prices: of a holder, and of its points or cases.
struct Priced {
    holder: usize,
    is_points: bool,
    row: usize,
}

/// Called on HiGHS's own threads only.
pub(super) fn propose(cover: &Cover, limits: Limits) -> Result<Proposed, Unsolved> {
    let (relaxed, priced) = attempt(cover, limits, false)?;
    let prices = prices(cover, &relaxed, &priced);
    if relaxed.status() != HighsModelStatus::Optimal {
        return Err(if relaxed.status() == HighsModelStatus::ReachedTimeLimit {
            Unsolved::OutOfTime
        } else {
            Unsolved::Failed
        });
    }
    let (left_out, spread) = (left_out(cover, &relaxed), spread(cover, &relaxed));
    if left_out.iter().any(|&count| count > 0) {
        return Ok(Proposed { counts: None, claimed: None, left_out, prices, spread });
    }
    let (whole, _) = attempt(cover, limits, true)?;
    if whole.status() == HighsModelStatus::ReachedTimeLimit {
        return Err(Unsolved::OutOfTime);
    }
    let has_answer = matches!(whole.status(), HighsModelStatus::Optimal | HighsModelStatus::ReachedSolutionLimit);
    #[expect(clippy::cast_possible_truncation, reason = "costs and counts are small enough to be exact in a float")]
    let claimed = whole
        .double_info_value(c"mip_dual_bound")
        .ok()
        .filter(|bound| bound.is_finite() && has_answer)
        .map(|bound| (bound - 1e-6 * bound.abs().max(1.0)).ceil().max(0.0) as i64);
    let values = whole.get_solution();
    #[expect(clippy::cast_possible_truncation, reason = "as above")]
    let counts: Vec<i64> = values.columns().iter().take(cover.costs.len()).map(|count| count.round() as i64).collect();
    let is_complete = has_answer && counts.len() == cover.costs.len();
    Ok(Proposed { counts: is_complete.then_some(counts), claimed, left_out, prices, spread })
}

fn attempt(cover: &Cover, limits: Limits, is_whole: bool) -> Result<(SolvedModel, Vec<Priced>), Unsolved> {
    let mut variables = ProblemVariables::new();
    let mut objective = Expression::default();
    let counts: Vec<Variable> = cover
        .costs
        .iter()
        .map(|&cost| {
            let definition = variable().min(0.0);
            let count = variables.add(if is_whole { definition.integer() } else { definition });
            objective.add_mul(cost as f64, count);
            count
        })
        .collect();
    let mut points = vec![Expression::default(); cover.holders.len()];
    let mut cases = points.clone();
    let mut of_classes = Vec::with_capacity(cover.classes.len());
    // Columns come in the order of creation: counts, what is left out, options.
    let dear = dearer_than_room(cover);
    let left: Vec<Variable> = cover
        .classes
        .iter()
        .map(|_| {
            let left = variables.add(variable().min(0.0));
            objective.add_mul(dear, left);
            left
        })
        .collect();
    for (class, left) in cover.classes.iter().zip(left) {
        let mut of_class = Expression::with_capacity(class.options.len() + 1);
        of_class.add_mul(1.0, left);
        for &(holder, weight) in &class.options {
            let given = variables.add(variable().min(0.0));
            of_class.add_mul(1.0, given);
            points[holder].add_mul(weight as f64, given);
            cases[holder].add_mul(class.case_count as f64, given);
        }
        of_classes.push((of_class, class.unit_count));
    }
    let mut model = variables.minimise(objective).using(highs);
    let mut row = of_classes.len();
    for (of_class, unit_count) in of_classes {
        model.add_constraint(of_class.eq(unit_count as f64));
    }
    let mut priced = Vec::new();
    for (position, ((holder, points), cases)) in cover.holders.iter().zip(points).zip(cases).enumerate() {
        for (is_points, used, room) in [(true, points, holder.points), (false, cases, holder.cases)] {
            let Some(room) = room else { continue };
            model.add_constraint((used - more(holder, room, &counts)).leq(room.fixed as f64));
            priced.push(Priced { holder: position, is_points, row });
            row += 1;
        }
    }
    let mut model = model.try_into_inner().map_err(|_| Unsolved::Failed)?;
    set_options(&mut model, limits).map_err(|_| Unsolved::Failed)?;
    let solved = model.try_solve().map_err(|_| Unsolved::Failed)?;
    Ok((solved, priced))
}

/// A cost above that of the room for any one unit: the unit's points or cases, over what one of the meanest variable adds.
fn dearer_than_room(cover: &Cover) -> f64 {
    let points = cover.classes.iter().flat_map(|class| class.options.iter().map(|&(_, points)| points));
    let largest = points.chain(cover.classes.iter().map(|class| class.case_count)).max().unwrap_or(0);
    let rooms = cover.holders.iter().flat_map(|holder| [holder.points, holder.cases]).flatten();
    let meanest = rooms.map(|room| room.more_hundredths).filter(|&more| more > 0).min().unwrap_or(HUNDREDTHS);
    let dearest = cover.costs.iter().copied().max().unwrap_or(1);
    2.0 * dearest as f64 * (1.0 + largest as f64 * HUNDREDTHS as f64 / meanest as f64)
}

fn left_out(cover: &Cover, relaxed: &SolvedModel) -> Vec<i64> {
    let solution = relaxed.get_solution();
    let columns = solution.columns().iter().skip(cover.costs.len()).take(cover.classes.len());
    #[expect(clippy::cast_possible_truncation, reason = "at most the units of a class")]
    let whole = |count: f64| (count - 1e-6).ceil().max(0.0) as i64;
    columns.map(|&count| whole(count)).collect()
}

/// What each option of each class is given, in whole units.
fn spread(cover: &Cover, relaxed: &SolvedModel) -> Vec<Vec<i64>> {
    let solution = relaxed.get_solution();
    let mut columns = solution.columns().iter().copied().skip(cover.costs.len() + cover.classes.len());
    let of = |class: &Class| {
        let given: Vec<f64> = columns.by_ref().take(class.options.len()).collect();
        whole_parts(&given, class.unit_count)
    };
    cover.classes.iter().map(of).collect()
}

fn more(holder: &Holder, room: Room, counts: &[Variable]) -> Expression {
    let mut more = Expression::default();
    if let Some(variable) = holder.variable.filter(|_| room.more_hundredths > 0) {
        more.add_mul(room.more_hundredths as f64 / HUNDREDTHS as f64, counts[variable]);
    }
    more
}

/// Duals as whole prices, the largest the top. Of an infeasible model HiGHS has none that are worth anything: all 0.
fn prices(cover: &Cover, relaxed: &SolvedModel, priced: &[Priced]) -> Vec<RoomPrices> {
    let mut prices = vec![RoomPrices::default(); cover.holders.len()];
    if relaxed.status() != HighsModelStatus::Optimal {
        return prices;
    }
    let solution = relaxed.get_solution();
    // Less room costs more: the dual of a row that is at most something is 0 or less.
    let dual = |priced: &Priced| solution.dual_rows().get(priced.row).map_or(0.0, |dual| (-dual).max(0.0));
    let largest = priced.iter().map(dual).fold(0.0, f64::max);
    if largest <= 0.0 || !largest.is_finite() {
        return prices;
    }
    for entry in priced {
        #[expect(clippy::cast_possible_truncation, reason = "at most the top")]
        let price = (dual(entry) / largest * PRICE_TOP as f64).round() as i64;
        let of_holder = &mut prices[entry.holder];
        if entry.is_points {
            of_holder.point = price;
        } else {
            of_holder.case = price;
        }
    }
    prices
}
