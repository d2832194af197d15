//! Local search and exact search in turn, once there is an answer and the price bound.

use super::{
    budget::{Options, Stage, Steps},
    exact, exchange,
    improve::Walk,
    near::{Keep, NearOptions},
    part::cut,
    prices::Priced,
    regions::Regions,
    search::{Tell, relative},
    state::State,
    threads,
};

/// Options that local search may choose among.
const NEAR: Keep = Keep { per_unit: 12, regret: f64::INFINITY };
/// Moves per option in one run of annealing.
const MOVES_PER_OPTION: f64 = 40.0;
/// And so many moves at least, but not more than so many per option.
const MOVES_PER_OPTION_MAX: f64 = 1_000.0;
const MOVES_MIN: f64 = 1e6;
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
/// Rounds of exchange in one run at least and at most, and the work after which a run ends in between: so much in the first
/// run, one more time as much in each further one.
const EXCHANGE_ROUNDS: usize = 64;
const EXCHANGE_ROUNDS_MAX: usize = 2_000;
const EXCHANGE_WORK: f64 = 5e8;
/// Officers of a group, round by round: small groups first, which are quick; later runs look further.
const EXCHANGE_SIZES: [[usize; 4]; 4] = [[2, 3, 2, 4], [2, 3, 4, 5], [3, 2, 4, 5], [2, 4, 5, 6]];
/// Sets of deviations of half a group in the first run, and in any: each further run has twice as many.
const EXCHANGE_SETS: usize = 4_000;
const EXCHANGE_SETS_MAX: usize = 32_000;
/// First temperature of exchange, in parts of the gap of an officer, and the last in parts of the first.
const EXCHANGE_HOT: f64 = 0.1;
const EXCHANGE_COLD: f64 = 0.05;
/// Runs of local search and rounds of exact search in turn, without a better answer, after which the search is given up.
const FRUITLESS_ROUNDS: usize = 5;
/// Effort of the first exact search of a whole problem, and by how much it grows. It comes before exchange, which small
/// problems need not wait for, so it must be over soon where it does not pay: with many options a unit HiGHS spends its time
/// at the root.
const WHOLE_FIRST: exact::Effort = exact::Effort { nodes: 50, others_max: 800 };
const NODES_GROWTH: i32 = 8;
const OTHERS_GROWTH: usize = 4;
const OTHERS_MAX: usize = 12_800;

/// Local search and exact search in turn. Returns the best bound that HiGHS claims.
pub(super) fn refine(
    best: &mut State<'_>,
    priced: &Priced,
    options: &Options,
    steps: &mut Steps<'_>,
    tell: &mut Tell<'_>,
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
    // Exact search comes ever more seldom, with ever more effort.
    let (mut effort, mut next_whole, mut run, mut fruitless) = (WHOLE_FIRST, 0, 0, 0);
    while fruitless < FRUITLESS_ROUNDS && steps.end().is_none() {
        let before = (best.objective(), claimed);
        let local = Local { priced, near: &near, regions: &regions, options, run };
        local.anneal(best, steps, &mut |steps, objective| {
            tell(Stage::Improve, steps, objective, claimed.unwrap_or(0).max(priced.bound));
        });
        if is_good_enough(best.objective(), claimed) {
            break;
        }
        if run == next_whole {
            let gap = |objective: i64, claimed: Option<i64>| objective - claimed.unwrap_or(0).max(priced.bound);
            let gap_before = gap(best.objective(), claimed);
            claimed = claimed.max(exact::whole(best, priced, effort, options, steps));
            tell(Stage::Milp, steps, best.objective(), claimed.unwrap_or(0).max(priced.bound));
            if is_good_enough(best.objective(), claimed) {
                break;
            }
            effort.nodes = effort.nodes.saturating_mul(NODES_GROWTH);
            effort.others_max = OTHERS_MAX.min(effort.others_max * OTHERS_GROWTH);
            // Where it has closed a quarter of the gap, more of it pays now.
            let has_paid = 4 * gap(best.objective(), claimed) <= 3 * gap_before;
            next_whole = if has_paid { run + 1 } else { 2 * run + 2 };
        }
        local.exchange(best, steps, &mut |steps, objective| {
            tell(Stage::Improve, steps, objective, claimed.unwrap_or(0).max(priced.bound));
        });
        if is_good_enough(best.objective(), claimed) {
            break;
        }
        fruitless = if (best.objective(), claimed) == before { fruitless + 1 } else { 0 };
        run += 1;
    }
    claimed
}

/// What a run of local search works with.
struct Local<'a> {
    priced: &'a Priced,
    near: &'a NearOptions,
    regions: &'a Regions,
    options: &'a Options,
    /// Ordinal of the run, which varies the seed.
    run: u64,
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
    fn anneal(&self, best: &mut State<'_>, steps: &mut Steps<'_>, tell: &mut dyn FnMut(&Steps<'_>, i64)) {
        let unit_count = best.instance.units().len();
        let moves_per_option = MOVES_PER_OPTION.max((MOVES_MIN / unit_count as f64 / 2.5).min(MOVES_PER_OPTION_MAX));
        let scale = self.scale();
        let (hottest, coldest) = (scale * HOT, scale * HOT * COLD);
        let width = self.near.width(OTHERS_PER_UNIT);
        let parts_count = if unit_count < 3_000 { 1 } else { 2 * unit_count.div_ceil(8_000) };
        let dearest = exact::point_prices(self.priced).into_iter().fold(0.0, f64::max);
        let mut state = best.clone();
        for round in 0..ANNEALING_ROUNDS {
            if !steps.take() {
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
            let parts = cut(&state, self.near, self.priced, &self.regions.cut(parts_count, turn), width);
            let walked = threads::map(self.options.threads, parts.len(), |index| {
                let part = parts[index].clone();
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a number of moves")]
                let moves = (moves_per_option * part.options.len() as f64 / ANNEALING_ROUNDS as f64) as u64;
                let mut walk = Walk::new(part, self.seed(round).wrapping_add(index as u64 * 104_729));
                walk.anneal(moves, temperature, room_price, &|| steps.is_stopped());
                walk
            });
            if steps.is_stopped() {
                steps.cut_off();
                return;
            }
            let mut at_best = state.clone();
            for walk in walked {
                state.take_over(walk.part().choices());
                at_best.take_over(walk.into_best().choices());
            }
            if at_best.objective() < best.objective() {
                *best = at_best;
                tell(steps, best.objective());
            }
        }
    }

    /// Rounds of exchange, from hot to cold; `best` is the best answer met.
    fn exchange(&self, best: &mut State<'_>, steps: &mut Steps<'_>, tell: &mut dyn FnMut(&Steps<'_>, i64)) {
        let gap_per_officer = (best.objective() - self.priced.bound) as f64 / best.instance.officer_count() as f64;
        let mut state = best.clone();
        let run = usize::try_from(self.run).unwrap_or(usize::MAX);
        let work_wanted = EXCHANGE_WORK * (self.run + 1) as f64;
        let sizes = EXCHANGE_SIZES[run.min(EXCHANGE_SIZES.len() - 1)];
        let sets_max = EXCHANGE_SETS_MAX.min(EXCHANGE_SETS << run.min(16));
        let mut work = 0.0;
        for round in 0..EXCHANGE_ROUNDS_MAX {
            let share = (work / work_wanted)
                .max(round as f64 / EXCHANGE_ROUNDS_MAX as f64)
                .min(round as f64 / EXCHANGE_ROUNDS as f64);
            if share >= 1.0 {
                return;
            }
            let temperature = EXCHANGE_HOT * gap_per_officer * EXCHANGE_COLD.powf(share);
            let size = sizes[round % sizes.len()];
            let seed = self.seed(round).wrapping_add(1);
            let done = exchange::round(
                &mut state,
                (self.priced, self.near, self.regions),
                exchange::Round { size, sets_max, temperature, seed },
                self.options.threads,
                steps,
            );
            let Some(done) = done else { return };
            work += done as f64;
            if state.objective() < best.objective() {
                *best = state.clone();
                tell(steps, best.objective());
            }
        }
    }
}
