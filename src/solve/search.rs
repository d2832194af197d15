//! The order of the stages: greedy, prices, a better start from the prices, local search, exact search where it pays.

use super::{
    answer::waiting_units,
    budget::{Budget, End, Options, Progress, Stage, Steps},
    exact, flow, greedy,
    improve::Walk,
    milp,
    near::{Keep, NearOptions},
    part::cut,
    prices::{Priced, climb},
    regions::Regions,
    state::State,
    threads,
    verify::Measure,
};
use crate::model::{BoundSource, Evidence, OfficerPrices, Instance, Proof, Termination};

/// Moves per unit in the first run of local search; each further run has twice as many.
const MOVES_PER_UNIT: f64 = 200.0;
const NEAR: Keep = Keep { per_unit: 12, regret: f64::INFINITY };
/// Runs of local search and rounds of exact search in turn, without a better answer, after which the search is given up.
const FRUITLESS_ROUNDS: usize = 3;
/// Nodes of the first exact search of a whole problem; each further one has so many times as many.
const NODES_FIRST: i32 = 500;
const NODES_GROWTH: i32 = 20;
/// Temperatures of the prices between two starts from them.
const STAGES_PER_START: usize = 4;

/// Searches until the optimum is proved, the gap is reached, nothing more is found, or the budget ends.
pub(super) fn search<'a>(
    instance: &'a Instance,
    options: &Options,
    budget: &Budget,
    progress: &mut dyn FnMut(Progress),
) -> (State<'a>, Evidence) {
    let mut steps = Steps::new(budget);
    let mut best = greedy::by_urgency(instance);
    let mut tell = |stage, steps: &Steps<'_>, objective, bound| {
        progress(Progress { stage, step_count: steps.taken(), objective, bound });
    };
    tell(Stage::Greedy, &steps, best.objective(), 0);
    let mut stage = 0;
    let priced = if let Some(optimum) = flow::optimum(&best, Measure::Price, options.threads, &mut steps) {
        best = optimum.state;
        optimum.priced
    } else {
        let priced = climb(instance, Measure::Price, options.threads, &mut steps, &mut |steps, priced| {
            stage += 1;
            if stage % STAGES_PER_START == 0 {
                start_from(priced, &mut best, steps);
            }
            tell(Stage::Prices, steps, best.objective(), priced.bound);
        });
        start_from(&priced, &mut best, &steps);
        priced
    };
    // Where nobody waits now, nobody will: the count bound of 0 needs no prices.
    let counted = if waiting_units(&best) == 0 {
        no_prices(instance)
    } else if let Some(optimum) = flow::optimum(&best, Measure::Children, options.threads, &mut steps) {
        optimum.priced
    } else {
        climb(instance, Measure::Children, options.threads, &mut steps, &mut |_, _| {})
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
        if let Some(start) = greedy::by_prices(best.instance, &priced.proof)
            && start.objective() < best.objective()
        {
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
    let instance = best.instance;
    let mut claimed: Option<i64> = None;
    let is_good_enough = |objective: i64, claimed: Option<i64>| {
        let bound = claimed.unwrap_or(0).max(priced.bound);
        objective <= bound || relative(objective, bound) <= options.gap_limit
    };
    if is_good_enough(best.objective(), claimed) {
        return claimed;
    }
    let near = NearOptions::new(instance, priced, NEAR, options.threads);
    let regions = Regions::new(instance, &near);
    let (mut moves, mut nodes, mut run, mut fruitless) = (MOVES_PER_UNIT, NODES_FIRST, 0, 0);
    while fruitless < FRUITLESS_ROUNDS && !is_good_enough(best.objective(), claimed) && steps.end().is_none() {
        let before = best.objective();
        let annealing = Annealing { moves_per_unit: moves, run, bound: priced.bound };
        anneal(best, priced, &near, &regions, annealing, options, steps, &mut |steps, objective| {
            tell(Stage::Improve, steps, objective, claimed.unwrap_or(0).max(priced.bound));
        });
        if std::env::var("DBG").is_ok() { eprint!("obj {} gap {:.4}% widths {:.2} {:.2} {:.2} {:.2} ", best.objective(), 100.0*relative(best.objective(), priced.bound), near.width(0.1), near.width(0.3), near.width(1.0), near.width(2.0)); exact::debug_gap(best, priced, &near); if std::env::var("EXIT").is_ok() { std::process::exit(0); } }
        if is_good_enough(best.objective(), claimed) {
            break;
        }
        let whole = exact::whole(best, priced, nodes, options, steps);
        claimed = claimed.max(whole.as_ref().map(|whole| whole.bound));
        if whole.is_none_or(|whole| !whole.is_all) {
            exact::neighbourhoods(best, priced, &near, &regions, options, steps);
        }
        tell(Stage::Milp, steps, best.objective(), claimed.unwrap_or(0).max(priced.bound));
        fruitless = if best.objective() < before { 0 } else { fruitless + 1 };
        moves *= 2.0;
        nodes = nodes.saturating_mul(NODES_GROWTH);
        run += 1;
    }
    claimed
}

/// One run of annealing.
struct Annealing {
    moves_per_unit: f64,
    /// Ordinal, which varies the seed.
    run: u64,
    bound: i64,
}

/// Anneals regions apart, cut differently in every round, from hot to cold; `best` is the best answer met. A round that the
/// clock cuts off does not count.
#[expect(clippy::too_many_arguments, reason = "TODO")]
fn anneal(
    best: &mut State<'_>,
    priced: &Priced,
    near: &NearOptions,
    regions: &Regions,
    annealing: Annealing,
    options: &Options,
    steps: &mut Steps<'_>,
    tell: &mut dyn FnMut(&Steps<'_>, i64),
) {
    let instance = best.instance;
    let unit_count = instance.units().len();
    let gap_per_unit = (best.objective() - annealing.bound) as f64 / unit_count as f64;
    let env = |name: &str, d: f64| std::env::var(name).ok().and_then(|v| v.parse().ok()).unwrap_or(d);
    let scale = f64::from(near.width(0.1).min(1e9)).max(1e-6);
    let hottest = scale * env("HOT", 0.6);
    let coldest = scale * env("COLD", 0.05);
    let width = near.width(env("WIDTH", 1.5));
    let point_prices = exact::point_prices(priced);
    let parts_count = if unit_count < 3_000 { 1 } else { 2 * unit_count.div_ceil(8_000) };
    let dearest = point_prices.iter().copied().fold(0.0, f64::max);
    let rounds = env("ROUNDS", 16.0) as usize;
    let mut state = best.clone();
    for round in 0..rounds {
        if !steps.take() {
            return;
        }
        let share = round as f64 / (rounds - 1).max(1) as f64;
        let temperature = hottest * (coldest / hottest).powf(share);
        let ramp = (share / env("RAMP", 0.7)).min(1.0);
        let lambda = if ramp >= 1.0 { f64::INFINITY } else { let l0 = env("LAM", 10.0) * hottest; l0 * (dearest / l0).max(1.0).powf(ramp) };
        let turn = (round as f64 * 0.618).fract();
        let parts = cut(&state, near, &point_prices, &regions.cut(parts_count, turn), width);
        let seed = options.seed.wrapping_add(annealing.run * 1_000_003).wrapping_add(round as u64 * 7_919);
        let walked = threads::map(options.threads, parts.len(), |index| {
            let part = parts[index].clone();
            let moves = (annealing.moves_per_unit.max(env("MOVES", 2e6) / unit_count as f64) * part.units.len() as f64 / rounds as f64) as u64;
            let mut walk = Walk::new(part, seed.wrapping_add(index as u64 * 104_729));
            walk.anneal(moves, temperature, lambda, temperature * env("BON", 5.0));
            walk
        });
        if steps.is_stopped() { return; }
        let mut at_best = state.clone();
        for walk in walked {
            state.take_over(walk.part().choices());
            let (part, _) = walk.into_best();
            at_best.take_over(part.choices());
        }
        if at_best.objective() < best.objective() {
            *best = at_best;
            tell(steps, best.objective());
        }
    }
}

fn relative(objective: i64, bound: i64) -> f64 {
    if objective == 0 { 0.0 } else { (objective - bound) as f64 / objective as f64 }
}

/// The proof without prices, for what needs none.
fn no_prices(instance: &Instance) -> Priced {
    let proof = Proof { officers: vec![OfficerPrices::default(); instance.officer_count()], handover: 0 };
    Priced::of(instance, Measure::Children, proof)
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
