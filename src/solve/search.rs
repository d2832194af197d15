//! The order of the stages: greedy, prices, a better start from the prices, local search, exact search where it pays.

use super::{
    answer::waiting_units,
    budget::{Budget, End, Options, Progress, Stage, Steps},
    exact, greedy,
    improve::{Cooling, Neighbourhood, anneal},
    milp,
    prices::{Priced, climb},
    state::State,
    verify::Measure,
};
use crate::model::{BoundSource, Evidence, OfficerPrices, Problem, Proof, Termination};

/// Moves per unit in the first run of local search; each further run has twice as many.
const MOVES_PER_UNIT: u64 = 100;
/// Runs of local search and rounds of exact search in turn, without a better answer, after which the search is given up.
const FRUITLESS_ROUNDS: usize = 3;
/// Nodes of the first exact search of a whole problem; each further one has so many times as many.
const NODES_FIRST: i32 = 500;
const NODES_GROWTH: i32 = 20;
/// Temperatures of the prices between two starts from them.
const STAGES_PER_START: usize = 4;

/// Searches until the optimum is proved, the gap is reached, nothing more is found, or the budget ends.
pub(super) fn search<'a>(
    problem: &'a Problem,
    options: &Options,
    budget: &Budget,
    progress: &mut dyn FnMut(Progress),
) -> (State<'a>, Evidence) {
    let mut steps = Steps::new(budget);
    let mut best = greedy::by_urgency(problem);
    let mut tell = |stage, steps: &Steps<'_>, objective, bound| {
        progress(Progress { stage, step_count: steps.taken(), objective, bound });
    };
    tell(Stage::Greedy, &steps, best.objective(), 0);
    let mut stage = 0;
    let priced = climb(problem, Measure::Price, options.threads, &mut steps, &mut |steps, priced| {
        stage += 1;
        if stage % STAGES_PER_START == 0 {
            start_from(priced, &mut best, steps);
        }
        tell(Stage::Prices, steps, best.objective(), priced.bound);
    });
    start_from(&priced, &mut best, &steps);
    // Where nobody waits now, nobody will: the count bound of 0 needs no prices.
    let counted = if waiting_units(&best) > 0 {
        climb(problem, Measure::Children, options.threads, &mut steps, &mut |_, _| {})
    } else {
        no_prices(problem)
    };
    tell(Stage::Prices, &steps, best.objective(), priced.bound);
    let claimed = refine(&mut best, &priced, options, &mut steps, &mut tell);
    greedy::fill(&mut best);
    let evidence = evidence(&best, priced, counted, claimed, options, &steps);
    (best, evidence)
}

/// A start from prices, if it is better. Prices that a stop left half-way give none: with them a solve that goes on longer
/// could come to a worse answer.
fn start_from<'a>(priced: &Priced, best: &mut State<'a>, steps: &Steps<'_>) {
    if steps.end().is_none() {
        let start = greedy::by_prices(best.problem, &priced.proof);
        if start.objective() < best.objective() {
            *best = start;
        }
    }
}

/// Local search and exact search in turn. Returns the best bound that HiGHS claims.
fn refine(
    best: &mut State<'_>,
    priced: &Priced,
    options: &Options,
    steps: &mut Steps<'_>,
    tell: &mut dyn FnMut(Stage, &Steps<'_>, i64, i64),
) -> Option<i64> {
    let problem = best.problem;
    let mut claimed: Option<i64> = None;
    let is_good_enough = |objective: i64, claimed: Option<i64>| {
        let bound = claimed.unwrap_or(0).max(priced.bound);
        objective <= bound || relative(objective, bound) <= options.gap_limit
    };
    if is_good_enough(best.objective(), claimed) {
        return claimed;
    }
    let neighbourhood = Neighbourhood::new(problem, &priced.proof);
    let unit_count = problem.units().len() as u64;
    let (mut moves, mut nodes, mut run, mut fruitless) = (MOVES_PER_UNIT * unit_count, NODES_FIRST, 0, 0);
    while fruitless < FRUITLESS_ROUNDS && !is_good_enough(best.objective(), claimed) && steps.end().is_none() {
        let before = best.objective();
        let gap_per_unit = (before - priced.bound) as f64 / unit_count as f64;
        let cooling = Cooling { moves, hottest: gap_per_unit.max(0.5), coldest: (gap_per_unit / 50.0).max(0.02) };
        let mut state = best.clone();
        anneal(&mut state, &neighbourhood, cooling, options.seed.wrapping_add(run), steps);
        if state.objective() < best.objective() {
            *best = state;
        }
        tell(Stage::Improve, steps, best.objective(), claimed.unwrap_or(0).max(priced.bound));
        if is_good_enough(best.objective(), claimed) {
            break;
        }
        let bound = exact::whole(best, priced, nodes, steps);
        claimed = claimed.max(bound);
        if bound.is_none() {
            exact::neighbourhoods(best, priced, steps);
        }
        tell(Stage::Milp, steps, best.objective(), claimed.unwrap_or(0).max(priced.bound));
        fruitless = if best.objective() < before { 0 } else { fruitless + 1 };
        moves *= 2;
        nodes = nodes.saturating_mul(NODES_GROWTH);
        run += 1;
    }
    claimed
}

fn relative(objective: i64, bound: i64) -> f64 {
    if objective == 0 { 0.0 } else { (objective - bound) as f64 / objective as f64 }
}

/// The proof without prices, for what needs none.
fn no_prices(problem: &Problem) -> Priced {
    let proof = Proof { officers: vec![OfficerPrices::default(); problem.officer_count()], handover: 0 };
    Priced::of(problem, Measure::Children, proof)
}

fn evidence(
    best: &State<'_>,
    priced: Priced,
    counted: Priced,
    claimed: Option<i64>,
    options: &Options,
    steps: &Steps<'_>,
) -> Evidence {
    let objective = best.objective();
    // A claim above the objective would be an error of HiGHS's floats; the objective is the most that can be true.
    let claimed = claimed.map(|bound| bound.min(objective)).filter(|&bound| bound > priced.bound);
    let bound = claimed.unwrap_or(priced.bound);
    let termination = if objective == bound {
        Termination::Optimal
    } else if relative(objective, bound) <= options.gap_limit {
        Termination::GapReached
    } else {
        match steps.end() {
            Some(End::Steps) => Termination::StepLimit,
            Some(End::Stopped) if steps.is_out_of_time() => Termination::TimeLimit,
            Some(End::Stopped) => Termination::Interrupted,
            None => Termination::Exhausted,
        }
    };
    Evidence {
        objective,
        bound,
        price_bound: priced.bound,
        bound_source: match claimed {
            Some(_) => BoundSource::Highs { version: milp::highs_version() },
            None => BoundSource::Prices,
        },
        proof: priced.proof,
        count_bound: counted.bound,
        count_proof: counted.proof,
        termination,
        step_count: steps.taken(),
        cut_calls: steps.cut_calls().to_vec(),
    }
}
