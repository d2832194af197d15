//! The order of the stages: greedy, prices, a better start from the prices, local search, exact search where it pays.

use super::{
    answer::waiting_units,
    budget::{Budget, End, Options, Progress, Stage, Steps},
    greedy,
    improve::{Cooling, Neighbourhood, anneal},
    prices::{Priced, climb},
    state::State,
    verify::Measure,
};
use crate::model::{BoundSource, Evidence, OfficerPrices, Problem, Proof, Termination};

/// Moves per unit in the first run of local search; each further run has twice as many.
const MOVES_PER_UNIT: u64 = 100;
/// Runs of local search without a better answer, after which it is given up.
const FRUITLESS_RUNS: usize = 3;

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
    let objective = best.objective();
    let priced =
        climb(problem, Measure::Price, &mut steps, &mut |steps, bound| tell(Stage::Prices, steps, objective, bound));
    let from_prices = greedy::by_prices(problem, &priced.proof);
    if from_prices.objective() < best.objective() {
        best = from_prices;
    }
    let counted = if waiting_units(&best) > 0 {
        climb(problem, Measure::Children, &mut steps, &mut |_, _| {})
    } else {
        no_prices(problem)
    };
    let is_good_enough =
        |objective: i64| objective <= priced.bound || relative(objective, priced.bound) <= options.gap_limit;
    if !is_good_enough(best.objective()) {
        let neighbourhood = Neighbourhood::new(problem, &priced.proof);
        let mut fruitless = 0;
        let mut moves = MOVES_PER_UNIT * problem.units().len() as u64;
        let mut run = 0;
        while fruitless < FRUITLESS_RUNS && !is_good_enough(best.objective()) && steps.end().is_none() {
            let gap_per_unit = (best.objective() - priced.bound) as f64 / problem.units().len() as f64;
            let cooling = Cooling { moves, hottest: gap_per_unit.max(0.5), coldest: (gap_per_unit / 50.0).max(0.02) };
            let mut state = best.clone();
            anneal(&mut state, &neighbourhood, cooling, options.seed.wrapping_add(run), &mut steps);
            if state.objective() < best.objective() {
                best = state;
                fruitless = 0;
            } else {
                fruitless += 1;
            }
            tell(Stage::Improve, &steps, best.objective(), priced.bound);
            moves *= 2;
            run += 1;
        }
    }
    greedy::fill(&mut best);
    let evidence = evidence(&best, priced, counted, options, &steps);
    (best, evidence)
}

fn relative(objective: i64, bound: i64) -> f64 {
    if objective == 0 { 0.0 } else { (objective - bound) as f64 / objective as f64 }
}

/// The proof without prices, for what needs none.
fn no_prices(problem: &Problem) -> Priced {
    let proof = Proof { officers: vec![OfficerPrices::default(); problem.officer_count()], handover: 0 };
    let bound = super::verify::price_bound(problem, &proof, Measure::Children).expect("zero prices are always allowed");
    Priced { proof, bound }
}

fn evidence(best: &State<'_>, priced: Priced, counted: Priced, options: &Options, steps: &Steps<'_>) -> Evidence {
    let objective = best.objective();
    let bound = priced.bound;
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
        bound_source: BoundSource::Prices,
        proof: priced.proof,
        count_bound: counted.bound,
        count_proof: counted.proof,
        termination,
        step_count: steps.taken(),
        cut_calls: steps.cut_calls().to_vec(),
    }
}
