//! Local search and, beside it, exact search, once there is an answer and the price bound.

use std::cmp::Ordering;

use super::{
    budget::{Options, Stage, Steps},
    exact::{self, Beside},
    exchange,
    improve::Walk,
    near::{Keep, NearOptions},
    part::Pieces,
    prices::Priced,
    regions::Regions,
    search::{Tell, relative},
    state::State,
    threads,
};

/// Options that local search may choose among.
const NEAR: Keep = Keep { per_unit: 12, regret: f64::INFINITY };
/// Moves per option in the first run of annealing, which is also the least, and in any run.
const MOVES_PER_OPTION: f64 = 40.0;
const MOVES_PER_OPTION_MAX: f64 = 640.0;
/// But so many moves at least, if that is not more than so many per option.
const MOVES_MIN: f64 = 1e6;
const MOVES_PER_OPTION_OF_FEW: f64 = 1_000.0;
/// Rounds of one run of annealing.
const ANNEALING_ROUNDS: usize = 16;
/// First temperature of annealing, in parts of the regret up to which one unit in ten has another option.
const HOT: f64 = 0.6;
/// Last temperature, in parts of the first.
const COLD: f64 = 0.05;
/// Options a unit, besides the best, that annealing chooses among.
const OTHERS_PER_UNIT: f64 = 1.5;
/// What room costs at first, in temperatures, and the share of the rounds after which it costs its price.
const ROOM_HOT: f64 = 10.0;
const ROOM_RAMP: f64 = 0.7;
/// Rounds of exchange in one run at least and at most, and the work after which a run ends in between: in the first run, and
/// in any.
const EXCHANGE_ROUNDS: usize = 16;
const EXCHANGE_ROUNDS_MAX: usize = 2_000;
const EXCHANGE_WORK: f64 = 5e8;
const EXCHANGE_WORK_MIN: f64 = 1e8;
const EXCHANGE_WORK_MAX: f64 = 8e9;
/// Officers of a group, round by round: small groups first, which are quick; later runs look further.
const EXCHANGE_SIZES: [[usize; 4]; 4] = [[2, 3, 2, 4], [2, 3, 4, 5], [3, 2, 4, 5], [2, 4, 5, 6]];
/// Sets of deviations of half a group in the first run, and in any: each further run has twice as many.
const EXCHANGE_SETS: usize = 4_000;
const EXCHANGE_SETS_MAX: usize = 32_000;
/// First temperature of exchange, in parts of the gap of an officer, and the last in parts of the first.
const EXCHANGE_HOT: f64 = 0.1;
const EXCHANGE_COLD: f64 = 0.05;
/// Runs of local search and rounds of exact search in turn, without a better answer, after which the search is given up.
const FRUITLESS_RUNS: usize = 8;
/// Effort of the first exact search, and by how much it grows. On small problems HiGHS takes about as long then as local
/// search does until it asks for the outcome.
const EXACT_FIRST: exact::Effort = exact::Effort { work: 250_000, others_max: 2_000, whole_work: 250_000 };
const WORK_GROWTH: u32 = 6;
const OTHERS_GROWTH: usize = 6;
const OTHERS_MAX: usize = 16_000;
/// Effort of a search of all that is open, from the second on: up to a minute.
const WHOLE_WORK: u32 = 10_000_000;

/// Local search, with exact search beside it. Returns the best bound that HiGHS claims.
pub(super) fn refine<'a>(
    best: &mut State<'a>,
    priced: &Priced,
    options: &Options,
    steps: &mut Steps<'_>,
    tell: &mut Tell<'_>,
) -> Option<i64> {
    let instance = best.instance;
    let mut search = Search { priced, options, claimed: None, beside: Beside::Nothing };
    // Whether the clock or a step limit ends a search, nothing is claimed after the last step.
    if search.is_good_enough(best) || steps.is_over() {
        return None;
    }
    let near = NearOptions::new(instance, priced, NEAR, options.threads);
    if steps.is_over() {
        return None;
    }
    let regions = Regions::new(instance, &near);
    // Exact search is asked ever more seldom, with ever more effort.
    let (mut effort, mut next_exact, mut run, mut fruitless) = (EXACT_FIRST, 0, 0, 0);
    let mut shares = Shares { moves_per_option: MOVES_PER_OPTION, exchange_work: EXCHANGE_WORK };
    while fruitless < FRUITLESS_RUNS && !steps.is_over() {
        let before = (best.objective(), search.claimed);
        let local = Local { priced, near: &near, regions: &regions, options, run, shares };
        local.anneal(best, steps, &mut search, tell);
        let annealed = before.0 - best.objective();
        if search.is_good_enough(best) || search.is_complete(steps) || steps.is_over() {
            break;
        }
        if run == next_exact {
            search.join(best, steps, tell);
            if search.is_good_enough(best) {
                break;
            }
            search.beside = Beside::begin(best, priced, effort, options, steps);
            tell(Stage::Milp, steps, best.objective(), search.bound());
            next_exact = if search.beside.is_whole() { u64::MAX } else { 2 * run + 1 };
            if options.threads <= 1 {
                // HiGHS has the only one.
                search.beside.settle(steps);
            }
            effort.work = effort.work.saturating_mul(WORK_GROWTH);
            effort.others_max = OTHERS_MAX.min(effort.others_max * OTHERS_GROWTH);
            effort.whole_work = WHOLE_WORK;
        }
        let at = best.objective();
        local.exchange(best, steps, &mut search, tell);
        let exchanged = at - best.objective();
        if search.is_good_enough(best) || search.is_complete(steps) {
            break;
        }
        fruitless = if (best.objective(), search.claimed) == before { fruitless + 1 } else { 0 };
        shares = if run == 0 { shares.after_first() } else { shares.after(annealed, exchanged) };
        run += 1;
    }
    if !search.is_good_enough(best) {
        search.join(best, steps, tell);
    }
    search.claimed
}

/// Where the search stands besides the best answer.
struct Search<'a, 'p> {
    priced: &'p Priced,
    options: &'p Options,
    /// Best bound that HiGHS claims.
    claimed: Option<i64>,
    beside: Beside<'a>,
}

impl<'a> Search<'a, '_> {
    fn bound(&self) -> i64 {
        self.claimed.unwrap_or(0).max(self.priced.bound)
    }

    fn is_enough(&self, objective: i64) -> bool {
        objective <= self.bound() || relative(objective, self.bound()) <= self.options.gap_limit
    }

    fn is_good_enough(&self, best: &State<'_>) -> bool {
        self.is_enough(best.objective())
    }

    /// Exact search has come with the best of all answers, and local search could not have ended the search before.
    fn is_complete(&mut self, steps: &mut Steps<'_>) -> bool {
        self.beside.complete(steps).is_some_and(|objective| !self.is_enough(objective))
    }

    fn threads_left(&self) -> usize {
        self.beside.threads_left(self.options.threads)
    }

    /// Takes over what exact search has come to.
    fn join(&mut self, best: &mut State<'a>, steps: &mut Steps<'_>, tell: &mut Tell<'_>) {
        let Some(outcome) = self.beside.take(steps) else { return };
        if outcome.is_complete() && !self.is_enough(outcome.state.objective()) {
            steps.forget_after(outcome.taken);
            *best = outcome.state;
        } else {
            outcome.give(best);
        }
        self.claimed = self.claimed.max(Some(outcome.bound));
        tell(Stage::Milp, steps, best.objective(), self.bound());
    }
}

/// How much of a run is annealing, and how much exchange.
///
/// Where capacity is short, long annealing is what pays; where there is room for all, exchange is. What gained more in
/// one run gets more in the next; if neither gained, both do.
#[derive(Clone, Copy)]
struct Shares {
    moves_per_option: f64,
    exchange_work: f64,
}

impl Shares {
    /// The first run gains most by annealing, whatever pays later.
    fn after_first(self) -> Self {
        Self { moves_per_option: 4.0 * self.moves_per_option, ..self }
    }

    fn after(self, annealed: i64, exchanged: i64) -> Self {
        let (more_moves, more_work) = match annealed.cmp(&exchanged) {
            Ordering::Greater => (4.0, 0.5),
            Ordering::Less => (0.5, 2.0),
            Ordering::Equal => (2.0, 2.0),
        };
        Self {
            moves_per_option: (self.moves_per_option * more_moves).clamp(MOVES_PER_OPTION, MOVES_PER_OPTION_MAX),
            exchange_work: (self.exchange_work * more_work).clamp(EXCHANGE_WORK_MIN, EXCHANGE_WORK_MAX),
        }
    }
}

/// What a run of local search works with.
struct Local<'a> {
    priced: &'a Priced,
    near: &'a NearOptions,
    regions: &'a Regions,
    options: &'a Options,
    /// Ordinal of the run, which varies the seed.
    run: u64,
    shares: Shares,
}

impl Local<'_> {
    /// The regret up to which one unit in ten has another option; where all of those cost the same, a tenth of the
    /// smallest difference of two objectives.
    fn scale(&self) -> f64 {
        match self.near.width(0.1) {
            width if width > 0.0 && width.is_finite() => f64::from(width),
            _ => 0.1,
        }
    }

    fn seed(&self, round: usize) -> u64 {
        self.options.seed.wrapping_add(self.run << 32).wrapping_add(round as u64 * 7_919)
    }

    /// Anneals regions apart, cut differently in every round, from hot to cold; `best` is the best answer met. A round that
    /// the clock cuts off does not count.
    ///
    /// Unused room costs less than its price at first, so that a few points with each of several officers can come together
    /// with one who has room for a unit then.
    fn anneal<'a>(
        &self,
        best: &mut State<'a>,
        steps: &mut Steps<'_>,
        search: &mut Search<'a, '_>,
        tell: &mut Tell<'_>,
    ) {
        let unit_count = best.instance.units().len();
        let of_few = (MOVES_MIN / unit_count as f64 / 2.5).min(MOVES_PER_OPTION_OF_FEW);
        let moves_per_option = self.shares.moves_per_option.max(of_few);
        let scale = self.scale();
        let (hottest, coldest) = (scale * HOT, scale * HOT * COLD);
        let width = self.near.width(OTHERS_PER_UNIT);
        let parts_count = if unit_count < 3_000 { 1 } else { 2 * unit_count.div_ceil(8_000) };
        let dearest = exact::point_prices(self.priced).into_iter().fold(0.0, f64::max);
        let mut state = best.clone();
        for round in 0..ANNEALING_ROUNDS {
            if search.is_complete(steps) || !steps.take() {
                return;
            }
            let share = round as f64 / (ANNEALING_ROUNDS - 1) as f64;
            let temperature = hottest * (coldest / hottest).powf(share);
            let cheapest_room = ROOM_HOT * hottest;
            let room_price = if share >= ROOM_RAMP {
                f64::INFINITY
            } else {
                cheapest_room * (dearest / cheapest_room).max(1.0).powf(share / ROOM_RAMP)
            };
            // Golden section: no two rounds cut alike.
            let turn = (round as f64 * 0.618).fract();
            let cut = self.regions.cut(parts_count, turn);
            let threads = search.threads_left();
            let pieces = Pieces::new(&state, (self.priced, self.near), &cut, width, None, threads);
            let walked = threads::map(threads, pieces.len(), |index| {
                let part = pieces.part(index);
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a number of moves")]
                let moves = (moves_per_option * part.options.len() as f64 / ANNEALING_ROUNDS as f64) as u64;
                let mut walk = Walk::new(part, self.seed(round).wrapping_add(index as u64 * 104_729));
                walk.anneal(moves, temperature, room_price, &|| steps.is_stopped());
                let last: Vec<_> = walk.part().choices().collect();
                (last, walk.into_best().choices().collect::<Vec<_>>())
            });
            if steps.is_stopped() {
                steps.cut_off();
                return;
            }
            let mut at_best = state.clone();
            for (last, best) in walked {
                state.take_over(last.into_iter());
                at_best.take_over(best.into_iter());
            }
            if at_best.objective() < best.objective() {
                *best = at_best;
                tell(Stage::Improve, steps, best.objective(), search.bound());
            }
        }
    }

    /// Rounds of exchange, from hot to cold; `best` is the best answer met.
    fn exchange<'a>(
        &self,
        best: &mut State<'a>,
        steps: &mut Steps<'_>,
        search: &mut Search<'a, '_>,
        tell: &mut Tell<'_>,
    ) {
        let gap_per_officer = (best.objective() - self.priced.bound) as f64 / best.instance.officer_count() as f64;
        let mut state = best.clone();
        let run = usize::try_from(self.run).unwrap_or(usize::MAX);
        let sizes = EXCHANGE_SIZES[run.min(EXCHANGE_SIZES.len() - 1)];
        let sets_max = EXCHANGE_SETS_MAX.min(EXCHANGE_SETS << run.min(16));
        let mut work = 0.0;
        for round in 0..EXCHANGE_ROUNDS_MAX {
            let share = (work / self.shares.exchange_work)
                .max(round as f64 / EXCHANGE_ROUNDS_MAX as f64)
                .min(round as f64 / EXCHANGE_ROUNDS as f64);
            if share >= 1.0 || search.is_complete(steps) {
                return;
            }
            let temperature = EXCHANGE_HOT * gap_per_officer * EXCHANGE_COLD.powf(share);
            let size = sizes[round % sizes.len()];
            let seed = self.seed(round).wrapping_add(1);
            let done = exchange::round(
                &mut state,
                (self.priced, self.near, self.regions),
                exchange::Round { size, sets_max, temperature, seed },
                search.threads_left(),
                steps,
            );
            let Some(done) = done else { return };
            work += done as f64;
            if state.objective() < best.objective() {
                *best = state.clone();
                tell(Stage::Improve, steps, best.objective(), search.bound());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: Shares = Shares { moves_per_option: MOVES_PER_OPTION, exchange_work: EXCHANGE_WORK };

    #[test]
    fn what_gained_more_gets_more_of_the_next_run() {
        let second = FIRST.after_first();
        let (annealed, exchanged, neither) = (second.after(9, 1), second.after(1, 9), second.after(0, 0));
        assert!(annealed.moves_per_option > second.moves_per_option && annealed.exchange_work < second.exchange_work);
        assert!(exchanged.moves_per_option < second.moves_per_option && exchanged.exchange_work > second.exchange_work);
        assert!(neither.moves_per_option > second.moves_per_option && neither.exchange_work > second.exchange_work);
    }

    #[test]
    fn whatever_gains_both_keep_a_share_and_neither_grows_for_ever() {
        for (annealed, exchanged) in [(1, 0), (0, 1), (0, 0)] {
            let last = (0..100).fold(FIRST, |shares, _| shares.after(annealed, exchanged));
            assert!((MOVES_PER_OPTION..=MOVES_PER_OPTION_MAX).contains(&last.moves_per_option));
            assert!((EXCHANGE_WORK_MIN..=EXCHANGE_WORK_MAX).contains(&last.exchange_work));
            assert_eq!(last.moves_per_option >= MOVES_PER_OPTION_MAX, annealed >= exchanged);
            assert_eq!(last.exchange_work >= EXCHANGE_WORK_MAX, exchanged >= annealed);
        }
    }
}
