//! Exact exchange among a few officers by meeting in the middle.
//!
//! Give every unit of a part its option of least regret. What an answer costs above that is a sum of extra regrets, one for
//! each unit that deviates, and of priced, unused room: each term is >= 0, so a better answer deviates with less than the
//! present answer's sum. The units are halved; of each half the N cheapest sets of deviations are listed, in order of
//! their regret (a set that is not among the N cheapest of some units cannot be extended to one of the N cheapest of more
//! units, so going through the units one by one finds exactly those), and of two sets with the same use of every limit
//! only the cheaper. Then pairs of sets are sought that together keep every limit and leave little priced room.
//! Horowitz and Sahni, "Computing partitions with applications to the knapsack problem", Journal of the ACM 21 (1974).

use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use super::{
    budget::Steps,
    groups::{at_random, freed, gaps},
    near::NearOptions,
    part::{NOBODY, Part, PartOfficer, Pieces},
    prices::Priced,
    regions::Regions,
    state::{Choice, State},
    threads,
};
use crate::model::UnitIndex;

/// Pairs of sets that are looked at, as a multiple of the sets of a half.
const LOOKS_PER_SET: usize = 500;
/// Looks at pairs of sets that take as long as making a set.
const LOOKS_OF_SET: u64 = 16;
/// Regrets are 32-bit floats: what is off by less is the same.
const TOLERANCE: f64 = 1e-2;
/// Noise beyond this many temperatures is cut off.
const NOISE_MAX: f64 = 4.0;
/// No set before this one.
const NO_TRAIL: u32 = u32::MAX;

/// Groups cut out together.
const GROUPS_AT_ONCE: usize = 64;

/// One round of exchange.
#[derive(Clone, Copy, Debug)]
pub(super) struct Round {
    /// Officers of a group.
    pub(super) size: usize,
    /// Sets of deviations of half a group.
    pub(super) sets_max: usize,
    pub(super) temperature: f64,
    pub(super) seed: u64,
}

/// Disjoint random groups of officers take a better exchange, or with a probability that falls with the temperature a worse
/// one. Returns how much work that was; `None` = the clock cut it off, and it does not count.
pub(super) fn round(
    state: &mut State<'_>,
    (priced, near, regions): (&Priced, &NearOptions, &Regions),
    Round { size, sets_max, temperature, seed }: Round,
    threads_max: usize,
    steps: &mut Steps<'_>,
) -> Option<u64> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let gaps = gaps(state, priced, near);
    let mut work = 0;
    let groups = at_random(&gaps, regions, size, &mut random);
    // Groups share no officer, so only what waits may be in more than one.
    let (held, mut waiting) = holders(state);
    for batch in groups.chunks(GROUPS_AT_ONCE) {
        if !steps.take() {
            return None;
        }
        waiting.retain(|&unit| state.choice(unit) == Choice::Waits);
        let of_batch = batch.iter().flatten().flat_map(|officer| &held[officer.get()]);
        let mut units: Vec<UnitIndex> = of_batch.chain(&waiting).copied().collect();
        units.sort_unstable();
        let freed = freed(batch, gaps.len());
        let pieces = Pieces::new(state, (priced, near), &freed, f32::INFINITY, Some(&units), threads_max);
        let seeds: Vec<u64> = (0..pieces.len()).map(|_| random.next_u64()).collect();
        let found = threads::map(threads_max, pieces.len(), |index| {
            let (mut part, mut work) = (pieces.part(index), 0);
            let chosen = exchange(&part, sets_max, temperature, seeds[index], &mut work, &|| steps.is_stopped());
            let choices = chosen.map(|chosen| {
                part.chosen = chosen;
                part.choices().collect::<Vec<_>>()
            });
            (choices, work)
        });
        if steps.is_stopped() {
            steps.cut_off();
            return None;
        }
        for (choices, done) in found {
            work += done;
            let choices = choices.unwrap_or_default();
            let is_new =
                |(unit, choice): &(UnitIndex, Choice)| *choice == Choice::Waits && state.choice(*unit) != Choice::Waits;
            waiting.extend(choices.iter().copied().filter(is_new).map(|(unit, _)| unit));
            state.take_over(choices.into_iter());
        }
    }
    debug_assert!(state.is_within_limits(), "an exchange keeps every limit");
    Some(work)
}

/// The units with each officer, and those that wait.
fn holders(state: &State<'_>) -> (Vec<Vec<UnitIndex>>, Vec<UnitIndex>) {
    let mut held = vec![Vec::new(); state.instance.officer_count()];
    let mut waiting = Vec::new();
    for unit in state.instance.unit_indices() {
        match state.pair_of(unit) {
            Some(pair) => held[pair.officer.get()].push(unit),
            None => waiting.push(unit),
        }
    }
    (held, waiting)
}

/// A limit that the part's units share.
struct Limit {
    room: i64,
    /// Price of leaving one of it unused.
    price: f64,
}

/// A way for a unit to deviate from its option of least regret.
struct Deviation {
    option: u32,
    regret: f64,
    /// (limit, how much more it is used).
    uses: Vec<(u32, i64)>,
    hash: u64,
}

/// A set of deviations, at most one a unit.
#[derive(Clone, Copy)]
struct Set {
    regret: f64,
    hash: u64,
    /// The last deviation, and those before it.
    trail: u32,
}

/// The cheapest sets of a half, in order of regret.
struct Half {
    sets: Vec<Set>,
    /// Use of each limit by each set, one row a set.
    uses: Vec<i64>,
    /// (trail before, unit, option).
    trails: Vec<(u32, u32, u32)>,
    /// Sets made on the way.
    made: u64,
}

/// Choices drawn from Boltzmann's distribution at the temperature, among answers that are not much dearer than the present
/// one and deviate in so many sets a half. `None` = the present choices, or stopped.
fn exchange(
    part: &Part,
    sets_max: usize,
    temperature: f64,
    seed: u64,
    work: &mut u64,
    is_stopped: &(dyn Fn() -> bool + Sync),
) -> Option<Vec<u32>> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let table = Table::new(part, &mut random);
    let budget = table.gap + TOLERANCE + NOISE_MAX * temperature;
    let mut units = table.deviations(part, budget);
    // Each half gets its share of units that deviate cheaply.
    units.sort_by(|a, b| a.1[0].regret.total_cmp(&b.1[0].regret));
    let mut halves = [Vec::new(), Vec::new()];
    for (rank, unit) in units.into_iter().enumerate() {
        halves[rank % 2].push(unit);
    }
    let [first, second] = halves;
    let first = cheapest(&first, table.limits.len(), sets_max, budget, is_stopped)?;
    let second = cheapest(&second, table.limits.len(), sets_max, budget, is_stopped)?;
    *work += LOOKS_OF_SET * (first.made + second.made);
    let (a, b) = table.join(part, &first, &second, temperature, &mut random, work, is_stopped)?;
    let mut chosen = table.base;
    for (half, set) in [(&first, a), (&second, b)] {
        let mut trail = half.sets[set].trail;
        while trail != NO_TRAIL {
            let (before, unit, option) = half.trails[trail as usize];
            chosen[unit as usize] = option;
            trail = before;
        }
    }
    (chosen != part.chosen).then_some(chosen)
}

/// Limits, and where the part stands.
struct Table {
    limits: Vec<Limit>,
    /// Limit of each officer's points, cases and new cases, and of handovers; `NOBODY` = none.
    of_officer: Vec<[u32; 3]>,
    of_handovers: u32,
    /// Hash of each limit.
    hashes: Vec<u64>,
    /// Option of least regret of each unit.
    base: Vec<u32>,
    base_uses: Vec<i64>,
    /// What the present answer costs above the least: regrets and priced room.
    gap: f64,
    /// Least value of f(L) - p L of each officer with balance.
    balance_least: f64,
}

impl Table {
    fn new(part: &Part, random: &mut ChaCha8Rng) -> Self {
        let mut limits = Vec::new();
        let mut add = |limit: Option<i64>, kept: i64, price: f64| match limit {
            Some(limit) => {
                limits.push(Limit { room: limit - kept, price });
                u32::try_from(limits.len() - 1).expect("few limits")
            }
            None => NOBODY,
        };
        let of_officer = part
            .officers
            .iter()
            .map(|officer| {
                // With balance, points cost something by themselves.
                let is_linear = officer.balance.is_empty();
                let points = officer.load_limit.or_else(|| (!is_linear).then_some(i64::MAX / 4));
                [
                    add(points, officer.kept.points, if is_linear { officer.point_price } else { 0.0 }),
                    add(officer.case_limit, officer.kept.cases, officer.case_price),
                    add(officer.intake_limit, officer.kept.new_cases, officer.new_case_price),
                ]
            })
            .collect();
        let of_handovers = add(part.handovers_room, 0, part.handover_price);
        let hashes = limits.iter().map(|_| random.next_u64() | 1).collect();
        let mut table = Self {
            base_uses: vec![0; limits.len()],
            limits,
            of_officer,
            of_handovers,
            hashes,
            base: part.chosen.clone(),
            gap: 0.0,
            balance_least: part.officers.iter().map(balance_least).sum(),
        };
        let mut uses = vec![0; table.limits.len()];
        for unit in 0..part.units.len() {
            let options = part.options_of(to_u32(unit));
            let least = options
                .min_by(|a, b| part.options[*a as usize].regret.total_cmp(&part.options[*b as usize].regret))
                .expect("a unit has options");
            table.base[unit] = least;
            let (mut at_base, mut now) = (Vec::new(), Vec::new());
            table.uses(part, unit, least, 1, &mut at_base);
            table.uses(part, unit, part.chosen[unit], 1, &mut now);
            for (limit, amount) in at_base {
                table.base_uses[limit as usize] += amount;
            }
            for (limit, amount) in now {
                uses[limit as usize] += amount;
            }
            table.gap += f64::from(part.options[part.chosen[unit] as usize].regret)
                - f64::from(part.options[least as usize].regret);
        }
        table.gap += table.room_price(part, &uses);
        table
    }

    /// Price of what these uses leave of the limits, and of balance that is not the best.
    fn room_price(&self, part: &Part, uses: &[i64]) -> f64 {
        let linear: f64 =
            self.limits.iter().zip(uses).map(|(limit, used)| limit.price * (limit.room - used) as f64).sum();
        let balance: f64 = part
            .officers
            .iter()
            .zip(&self.of_officer)
            .filter(|(officer, _)| !officer.balance.is_empty())
            .map(|(officer, limits)| balance_value(officer, officer.kept.points + uses[limits[0] as usize]))
            .sum();
        linear + balance - self.balance_least
    }

    fn uses(&self, part: &Part, unit: usize, option: u32, sign: i64, into: &mut Vec<(u32, i64)>) {
        let option = &part.options[option as usize];
        let mut add = |limit: u32, amount: i64| {
            if limit == NOBODY || amount == 0 {
                return;
            }
            match into.iter_mut().find(|entry| entry.0 == limit) {
                Some(entry) => entry.1 += sign * amount,
                None => into.push((limit, sign * amount)),
            }
        };
        add(self.of_handovers, i64::from(option.handovers));
        if option.officer != NOBODY {
            let [points, cases, new_cases] = self.of_officer[option.officer as usize];
            add(points, i64::from(option.points));
            add(cases, i64::from(part.case_counts[unit]));
            add(new_cases, i64::from(option.new_cases));
        }
    }

    /// Ways to deviate of every unit that has some within the budget, the cheapest first.
    fn deviations(&self, part: &Part, budget: f64) -> Vec<(u32, Vec<Deviation>)> {
        let mut units = Vec::new();
        for unit in 0..part.units.len() {
            let base = self.base[unit];
            let of = |option: u32| f64::from(part.options[option as usize].regret);
            let mut ways: Vec<Deviation> = part
                .options_of(to_u32(unit))
                .filter(|&option| option != base && of(option) - of(base) < budget)
                .map(|option| {
                    let mut uses = Vec::new();
                    self.uses(part, unit, option, 1, &mut uses);
                    self.uses(part, unit, base, -1, &mut uses);
                    let hash = uses.iter().fold(0_u64, |hash, &(limit, amount)| {
                        hash.wrapping_add(self.hashes[limit as usize].wrapping_mul(amount.cast_unsigned()))
                    });
                    Deviation { option, regret: of(option) - of(base), uses, hash }
                })
                .collect();
            ways.sort_by(|a, b| a.regret.total_cmp(&b.regret));
            if !ways.is_empty() {
                units.push((to_u32(unit), ways));
            }
        }
        units
    }

    #[expect(clippy::too_many_arguments, reason = "one loop over what two halves, a temperature and a stop flag give")]
    /// The pair of sets, one of each half, that keeps the limits and has the lowest gap, with noise: Gumbel's noise makes
    /// the least a draw from Boltzmann's distribution.
    fn join(
        &self,
        part: &Part,
        first: &Half,
        second: &Half,
        temperature: f64,
        random: &mut ChaCha8Rng,
        work: &mut u64,
        is_stopped: &(dyn Fn() -> bool + Sync),
    ) -> Option<(usize, usize)> {
        let width = self.limits.len();
        // Two limits whose room costs most tell which sets of the second half can go with one of the first.
        let mut keys: Vec<usize> = (0..width).filter(|&limit| self.limits[limit].price > 0.0).collect();
        keys.sort_by(|&a, &b| self.limits[b].price.total_cmp(&self.limits[a].price).then(a.cmp(&b)));
        let use_of =
            |half: &Half, set: usize, key: Option<&usize>| key.map_or(0, |&limit| half.uses[set * width + limit]);
        let (one, two) = (keys.first(), keys.get(1));
        let mut order: Vec<(i64, i64, u32)> = (0..second.sets.len())
            .map(|set| (use_of(second, set, one), use_of(second, set, two), to_u32(set)))
            .collect();
        order.sort_unstable();
        let room: Vec<i64> = self.limits.iter().zip(&self.base_uses).map(|(limit, base)| limit.room - base).collect();
        // Most that a set of the second half may use of a key's limit, and least that pays.
        let ends = |key: Option<&usize>, used: i64, left: f64| match key {
            Some(&limit) => {
                let high = room[limit] - used;
                #[expect(clippy::cast_possible_truncation, reason = "capped; what is cut off is less than one")]
                let unused_max = (left / self.limits[limit].price).min(1e12) as i64;
                (high - unused_max, high)
            }
            None => (i64::MIN, i64::MAX),
        };
        let mut best: Option<(f64, usize, usize)> = None;
        let mut best_gap = self.gap + NOISE_MAX * temperature;
        let looks_max = LOOKS_PER_SET * (first.sets.len() + second.sets.len());
        let mut looks = looks_max;
        let mut uses = vec![0; width];
        for (a, set) in first.sets.iter().enumerate() {
            let left = best_gap + TOLERANCE - set.regret;
            if left < 0.0 || looks == 0 {
                break;
            }
            if a % 256 == 0 && is_stopped() {
                return None;
            }
            let row = &first.uses[a * width..(a + 1) * width];
            let (one_low, one_high) = ends(one, use_of(first, a, one), left);
            let (two_low, two_high) = ends(two, use_of(first, a, two), left);
            let mut at = order.partition_point(|entry| entry.0 < one_low);
            while at < order.len() && order[at].0 <= one_high && looks > 0 {
                let value = order[at].0;
                if order[at].1 < two_low {
                    at += order[at..].partition_point(|entry| (entry.0, entry.1) < (value, two_low));
                    looks -= 1;
                    continue;
                }
                if order[at].1 > two_high {
                    at += order[at..].partition_point(|entry| entry.0 <= value);
                    looks -= 1;
                    continue;
                }
                let b = order[at].2 as usize;
                at += 1;
                looks -= 1;
                let other = &second.sets[b];
                if set.regret + other.regret > best_gap + TOLERANCE {
                    continue;
                }
                let other_row = &second.uses[b * width..(b + 1) * width];
                if row.iter().zip(other_row).zip(&room).any(|((x, y), room)| x + y > *room) {
                    continue;
                }
                for (limit, used) in uses.iter_mut().enumerate() {
                    *used = self.base_uses[limit] + row[limit] + other_row[limit];
                }
                let gap = set.regret + other.regret + self.room_price(part, &uses);
                let uniform = (f64::from(random.next_u32()) + 0.5) / 4_294_967_296.0;
                let noise = (-(-uniform.ln()).ln()).clamp(-NOISE_MAX, NOISE_MAX);
                let drawn = gap - (temperature.max(1e-3)) * noise;
                if best.is_none_or(|(least, ..)| drawn < least) && gap <= self.gap + NOISE_MAX * temperature + TOLERANCE
                {
                    best = Some((drawn, a, b));
                    best_gap = best_gap.min(drawn + NOISE_MAX * temperature);
                }
            }
        }
        *work += (looks_max - looks) as u64;
        best.map(|(_, a, b)| (a, b))
    }
}

/// f(L) - p L.
fn balance_value(officer: &PartOfficer, points: i64) -> f64 {
    officer.balance_price(points) as f64 - officer.point_price * points as f64
}

/// Its least value, which a convex f takes at a kink or an end. 0 without balance.
fn balance_least(officer: &PartOfficer) -> f64 {
    if officer.balance.is_empty() {
        return 0.0;
    }
    let end = officer.load_limit.unwrap_or(i64::MAX / 4);
    let kinks = officer.balance.iter().map(|segment| segment.from_points.clamp(0, end));
    let ends = [0, officer.load_limit.unwrap_or(0)];
    kinks.chain(ends).map(|points| balance_value(officer, points)).fold(f64::INFINITY, f64::min)
}

/// The cheapest sets of deviations of these units.
fn cheapest(
    units: &[(u32, Vec<Deviation>)],
    width: usize,
    sets_max: usize,
    budget: f64,
    is_stopped: &(dyn Fn() -> bool + Sync),
) -> Option<Half> {
    let nothing = Set { regret: 0.0, hash: 0, trail: NO_TRAIL };
    let mut half = Half { sets: vec![nothing], uses: vec![0; width], trails: Vec::new(), made: 0 };
    let mut seen = Seen::new(sets_max);
    for (unit, ways) in units {
        if is_stopped() {
            return None;
        }
        let (old, old_uses) = (std::mem::take(&mut half.sets), std::mem::take(&mut half.uses));
        // Lists in order, one with the old sets, one for each way with all of them extended by it: merged.
        let mut heads = vec![0_usize; ways.len() + 1];
        seen.clear();
        half.made += old.len() as u64;
        while half.sets.len() < sets_max {
            let next = (0..heads.len())
                .filter(|&list| heads[list] < old.len())
                .map(|list| (old[heads[list]].regret + if list == 0 { 0.0 } else { ways[list - 1].regret }, list))
                .min_by(|a, b| a.0.total_cmp(&b.0));
            let Some((regret, list)) = next.filter(|next| next.0 < budget) else { break };
            let from = heads[list];
            heads[list] += 1;
            let before = old[from];
            let hash = if list == 0 { before.hash } else { before.hash.wrapping_add(ways[list - 1].hash) };
            if !seen.insert(hash) {
                continue;
            }
            half.uses.extend_from_slice(&old_uses[from * width..(from + 1) * width]);
            if list == 0 {
                half.sets.push(before);
                continue;
            }
            let way = &ways[list - 1];
            let start = half.uses.len() - width;
            for &(limit, amount) in &way.uses {
                half.uses[start + limit as usize] += amount;
            }
            half.trails.push((before.trail, *unit, way.option));
            let trail = u32::try_from(half.trails.len() - 1).expect("fewer than 2^32 sets");
            half.sets.push(Set { regret, hash, trail });
        }
    }
    Some(half)
}

/// Hashes met, in a table that is cleared at once.
struct Seen {
    slots: Vec<(u64, u32)>,
    age: u32,
}

impl Seen {
    fn new(count: usize) -> Self {
        Self { slots: vec![(0, 0); (2 * count).next_power_of_two()], age: 1 }
    }

    fn clear(&mut self) {
        self.age += 1;
    }

    /// False = it was there.
    fn insert(&mut self, hash: u64) -> bool {
        let mask = self.slots.len() - 1;
        let mut slot = (hash.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 20) as usize & mask;
        while self.slots[slot].1 == self.age {
            if self.slots[slot].0 == hash {
                return false;
            }
            slot = (slot + 1) & mask;
        }
        self.slots[slot] = (hash, self.age);
        true
    }
}

fn to_u32(count: usize) -> u32 {
    u32::try_from(count).expect("a part has fewer than 2^32 of anything")
}

#[cfg(test)]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small numbers, drawn for tests")]
mod tests {
    use super::*;
    use crate::{
        model::{BalanceSegment, UnitIndex},
        solve::{
            part::{NOBODY, PartOption},
            state::{Choice, Load},
        },
    };

    /// A part of 8 units and 3 officers, some with a case limit, some with balance, where everybody waits; prices are
    /// those of the proof, so that price - constant = regrets + priced room.
    fn tiny(seed: u64) -> Part {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let mut draw = |count: u32| i64::from(random.next_u32() % count);
        let officer = |limit: i64, case_limit: i64, has_balance: bool, price: i64| PartOfficer {
            kept: Load { points: 1, cases: 1, new_cases: 0 },
            point_price: price as f64,
            case_price: 0.0,
            new_case_price: 0.0,
            load_limit: Some(limit),
            case_limit: (case_limit > 1).then_some(case_limit),
            intake_limit: None,
            balance: if has_balance { vec![BalanceSegment { from_points: 5, slope: 2 }] } else { Vec::new() },
        };
        let officers: Vec<PartOfficer> = (0..3).map(|_| officer(6 + draw(8), draw(5), draw(3) == 0, draw(4))).collect();
        let mut part = Part { starts: vec![0], ..Part::default() };
        for unit in 0..8 {
            let points = 1 + draw(5);
            let mut options: Vec<PartOption> = Vec::new();
            for (j, officer) in officers.iter().enumerate() {
                let cost = draw(20);
                options.push(PartOption {
                    choice: Choice::Pair(j as u32),
                    officer: j as u32,
                    regret: (cost as f64 + officer.point_price * points as f64) as f32,
                    cost,
                    points: points as u32,
                    new_cases: 0,
                    handovers: 0,
                });
            }
            options.push(PartOption {
                choice: Choice::Waits,
                officer: NOBODY,
                regret: 60.0,
                cost: 60,
                points: 0,
                new_cases: 0,
                handovers: 0,
            });
            options.sort_by(|a, b| a.regret.total_cmp(&b.regret));
            let least = options[0].regret;
            options.iter_mut().for_each(|option| option.regret -= least);
            let waits = options.iter().position(|option| option.officer == NOBODY).unwrap();
            part.chosen.push((part.options.len() + waits) as u32);
            part.options.extend(options);
            part.starts.push(part.options.len() as u32);
            part.units.push(UnitIndex::new(unit));
            part.case_counts.push(1);
        }
        part.officers = officers;
        part
    }

    fn keeps_limits(part: &Part) -> bool {
        part.officers.iter().enumerate().all(|(j, officer)| {
            let held: Vec<_> =
                part.chosen.iter().map(|&o| part.options[o as usize]).filter(|o| o.officer == j as u32).collect();
            officer.load_limit.is_none_or(|limit| {
                officer.kept.points + held.iter().map(|o| i64::from(o.points)).sum::<i64>() <= limit
            }) && officer.case_limit.is_none_or(|limit| officer.kept.cases + held.len() as i64 <= limit)
        })
    }

    /// The lowest price by trying everything.
    fn lowest(part: &Part) -> i64 {
        let mut all = part.clone();
        (0..4_u32.pow(8))
            .filter_map(|code| {
                for unit in 0..8 {
                    all.chosen[unit as usize] = unit * 4 + code / 4_u32.pow(unit) % 4;
                }
                keeps_limits(&all).then(|| all.price())
            })
            .min()
            .unwrap()
    }

    #[test]
    fn with_enough_sets_an_exchange_finds_the_best() {
        for seed in 0..20 {
            let mut part = tiny(seed);
            let best = lowest(&part);
            if let Some(chosen) = exchange(&part, 1_000, 0.0, seed, &mut 0, &|| false) {
                part.chosen = chosen;
            }
            assert!(keeps_limits(&part), "seed {seed}");
            assert_eq!(part.price(), best, "seed {seed}");
        }
    }

    #[test]
    fn a_hot_exchange_keeps_every_limit() {
        for seed in 0..20 {
            let mut part = tiny(seed);
            for turn in 0..5 {
                if let Some(chosen) = exchange(&part, 50, 8.0, turn, &mut 0, &|| false) {
                    part.chosen = chosen;
                }
                assert!(keeps_limits(&part), "seed {seed}");
            }
        }
    }

    #[test]
    fn a_walk_keeps_limits_and_counts_its_price() {
        for seed in 0..20 {
            let mut walk = crate::solve::improve::Walk::new(tiny(seed), seed);
            let before = walk.part().price();
            walk.anneal(2_000, 3.0, 1.0, &|| false);
            assert!(keeps_limits(walk.part()), "seed {seed}");
            let best = walk.into_best();
            assert!(keeps_limits(&best) && best.price() <= before, "seed {seed}");
        }
    }
}
