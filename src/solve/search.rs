//! The order of the stages: greedy, prices, a better start from the prices, local search, exact search where it pays.

use std::ops::ControlFlow;

use super::{
    answer::waiting_units,
    budget::{Budget, End, Options, Progress, Stage, Steps},
    flow, greedy, milp,
    prices::{Priced, climb, climb_on, is_below_level},
    refine::refine,
    start::{self, Start},
    state::State,
    stays,
    verify::{Measure, gap_items},
};
use crate::model::{BoundSource, Evidence, Instance, OfficerPrices, Proof, Termination};

/// A bound further than this from the answer, after prices were climbed from those of an earlier answer, may be the fault of these.
const FAR_OFF: f64 = 0.01;
/// A start from prices leads further than an earlier answer unless it is so much further from the bound.
const HARDLY_WORSE: f64 = 1.25;

/// Searches until the optimum is proved, the gap is reached, nothing more is found, or the budget ends.
pub(super) fn search<'a>(
    instance: &'a Instance,
    options: &Options,
    budget: &Budget,
    progress: &mut dyn FnMut(Progress),
) -> (State<'a>, Evidence) {
    let mut steps = Steps::new(budget);
    let mut step_count = 0;
    let mut tell = |stage, steps: &Steps<'_>, objective, bound| {
        // Steps that did not enter the answer were taken all the same.
        step_count = steps.taken().max(step_count);
        progress(Progress { stage, step_count, objective, bound });
    };
    let Begun { mut best, kept, priced, counted, is_over, claimed } = match &options.start {
        Some(start) => warm(instance, start, options, &mut steps, &mut tell),
        None => cold(instance, options, &mut steps, &mut tell),
    };
    let least = kept.as_ref().map_or(i64::MAX, State::objective);
    let mut tell = |stage, steps: &Steps<'_>, objective: i64, bound| tell(stage, steps, objective.min(least), bound);
    let claimed = if is_over { claimed } else { refine(&mut best, &priced, options, &mut steps, &mut tell) };
    // The search did not make up for it: whoever holds a case keeps it, then.
    if let Some(kept) = kept.filter(|kept| kept.objective() <= best.objective()) {
        best = kept;
    }
    greedy::fill(&mut best);
    stays::put_first(&mut best);
    let evidence = evidence(&best, priced, counted, claimed, options, &steps);
    (best, evidence)
}

/// What there is before the search: an answer and the bounds.
struct Begun<'a> {
    best: State<'a>,
    /// An answer that is as good as the one that the search starts from, or better.
    kept: Option<State<'a>>,
    priced: Priced,
    counted: Priced,
    /// The problem is that of the earlier answer: there is nothing to search.
    is_over: bool,
    /// The bound that HiGHS claimed then.
    claimed: Option<i64>,
}

/// Who hears of progress: stage, steps, objective, bound.
pub(super) type Tell<'t> = dyn FnMut(Stage, &Steps<'_>, i64, i64) + 't;

fn cold<'a>(instance: &'a Instance, options: &Options, steps: &mut Steps<'_>, tell: &mut Tell<'_>) -> Begun<'a> {
    let mut best = greedy::by_urgency(instance);
    tell(Stage::Greedy, steps, best.objective(), 0);
    let priced = if let Some(optimum) = flow::optimum(&best, Measure::Price, options.threads, steps) {
        best = optimum.state;
        optimum.priced
    } else {
        let priced = climb(instance, Measure::Price, options.threads, steps, &mut |steps, bound| {
            tell(Stage::Prices, steps, best.objective(), bound);
        });
        start_from(&priced, &mut best, options, steps);
        priced
    };
    tell(Stage::Prices, steps, best.objective(), priced.bound);
    // Where nobody waits now, nobody will: the count bound of 0 needs no prices.
    let counted = if waiting_units(&best) == 0 {
        no_prices(instance)
    } else if let Some(optimum) = flow::optimum(&best, Measure::Children, options.threads, steps) {
        optimum.priced
    } else {
        climb(instance, Measure::Children, options.threads, steps, &mut |_, _| {})
    };
    Begun { best, kept: None, priced, counted, is_over: false, claimed: None }
}

/// An earlier answer made to fit. Its bound is that of its prices, in one pass; then both are made better.
fn warm<'a>(
    instance: &'a Instance,
    start: &Start,
    options: &Options,
    steps: &mut Steps<'_>,
    tell: &mut Tell<'_>,
) -> Begun<'a> {
    let priced = Priced::of(instance, Measure::Price, start::proof(instance, &start.evidence.proof));
    let mut best = start::state(instance, start, &priced.proof);
    tell(Stage::Start, steps, best.objective(), priced.bound);
    let counted = Priced::of(instance, Measure::Children, start::proof(instance, &start.evidence.count_proof));
    let earlier = &start.evidence;
    if start.is_same_problem {
        let claimed = (earlier.bound > earlier.price_bound).then_some(earlier.bound);
        return Begun { best, kept: None, priced, counted, is_over: true, claimed };
    }
    let is_enough = |bound: i64| relative(best.objective(), bound) <= options.gap_limit;
    let mut priced = priced;
    if !is_enough(priced.bound) {
        priced = climb_on(instance, Measure::Price, &priced.proof, options.threads, steps, &mut |steps, bound| {
            tell(Stage::Prices, steps, best.objective(), bound);
            if is_enough(bound) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
    }
    if relative(best.objective(), priced.bound) > FAR_OFF && is_below_level(instance, &priced) {
        // Yesterday's prices have gone astray today: new caps have none, for one.
        let cold = climb(instance, Measure::Price, options.threads, steps, &mut |steps, bound| {
            tell(Stage::Prices, steps, best.objective(), bound.max(priced.bound));
        });
        if cold.scaled > priced.scaled {
            priced = cold;
        }
    }
    let kept = start_anew(&priced, &mut best, options, steps);
    let least = kept.as_ref().map_or(i64::MAX, State::objective);
    tell(Stage::Prices, steps, best.objective().min(least), priced.bound);
    let counted = if waiting_units(&best) == 0 {
        no_prices(instance)
    } else {
        let found = climb(instance, Measure::Children, options.threads, steps, &mut |_, _| {});
        if found.scaled > counted.scaled { found } else { counted }
    };
    Begun { best, kept, priced, counted, is_over: false, claimed: None }
}

/// A start from prices, if it is better. Prices that a stop left half-way give none: with them a solve that goes on longer
/// could come to a worse answer.
fn start_from<'a>(priced: &Priced, best: &mut State<'a>, options: &Options, steps: &Steps<'_>) {
    if let Some(start) = from_prices(priced, best, options, steps)
        && start.objective() < best.objective()
    {
        *best = start;
    }
}

/// The same for an earlier answer made to fit, which ties the search to yesterday: a start from prices that is hardly
/// worse leads further. The earlier answer, if it is as good until then, is returned, to be kept.
fn start_anew<'a>(priced: &Priced, best: &mut State<'a>, options: &Options, steps: &Steps<'_>) -> Option<State<'a>> {
    if relative(best.objective(), priced.bound) <= options.gap_limit {
        return None;
    }
    let start = from_prices(priced, best, options, steps)?;
    let above_bound = |state: &State<'_>| (state.objective() - priced.bound) as f64;
    if above_bound(&start) > HARDLY_WORSE * above_bound(best) {
        return None;
    }
    let earlier = std::mem::replace(best, start);
    (earlier.objective() <= best.objective()).then_some(earlier)
}

fn from_prices<'a>(priced: &Priced, best: &State<'a>, options: &Options, steps: &Steps<'_>) -> Option<State<'a>> {
    if steps.end().is_some() {
        return None;
    }
    greedy::by_prices(best.instance, &priced.proof, options.threads)
}

pub(super) fn relative(objective: i64, bound: i64) -> f64 {
    if objective == 0 { 0.0 } else { (objective - bound) as f64 / objective as f64 }
}

/// The proof without prices, for what needs none.
pub(super) fn no_prices(instance: &Instance) -> Priced {
    let proof = Proof { officers: vec![OfficerPrices::default(); instance.officer_count()], handover: 0 };
    Priced::of(instance, Measure::Children, proof)
}

/// What is known of the quality of an answer.
pub(super) fn evidence(
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
    let officers: Vec<_> =
        best.instance.unit_indices().map(|unit| best.pair_of(unit).map(|pair| pair.officer)).collect();
    let gap_items = gap_items(best.instance, &officers, &priced.proof);
    Evidence {
        objective,
        bound,
        price_bound: priced.bound,
        bound_source: match claimed {
            Some(_) => BoundSource::Highs { version: milp::highs_version() },
            None => BoundSource::Prices,
        },
        proof: priced.proof,
        gap_items: gap_items.expect("every unit has one of its options"),
        count_bound: counted.bound,
        count_proof: counted.proof,
        termination,
        step_count: steps.taken(),
        cut_calls: steps.cut_calls().to_vec(),
    }
}
