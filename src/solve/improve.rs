//! Local search on a part: simulated annealing at low temperature over shifts, ejections and pulls, on the options that the
//! officer prices leave near each unit's best.
//!
//! A move takes a unit to another of its options. Where there is no room, units of that officer are ejected, one or several,
//! each to its cheapest option with room or, if there is none, in the same way; then the room that the first unit left may
//! be filled by others who want it. The move is undone unless its whole price is accepted (Metropolis: a dearer answer is
//! taken with probability exp(-increase / temperature)). Chains of ejections for the generalised assignment problem:
//! Yagiura, Ibaraki and Glover, INFORMS Journal on Computing 16 (2004).

use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use super::{
    part::{NOBODY, Part},
    state::Load,
};

/// What the root of an officer's room is worth, in temperatures.
const GATHERING: f64 = 5.0;
/// Units ejected in one move at most.
const EJECTIONS_MAX: u32 = 5;
/// Moves between two looks at who has room.
const MOVES_PER_LOOK: u64 = 256;
/// Units of an officer that are looked at, to find one to eject.
const EJECTION_DRAWS: usize = 8;
/// Best options among which an ejected unit that finds no room makes room.
const CHAIN_OPTIONS: u32 = 3;
/// Units that follow each other into room that was left.
const PULLS_MAX: u32 = 3;
/// Units that want an officer that are looked at, to find one to pull.
const PULL_DRAWS: usize = 8;

/// A part that is being searched.
pub(super) struct Walk {
    part: Part,
    loads: Vec<Load>,
    /// Units with each officer.
    members: Vec<Vec<u32>>,
    /// Position of each unit in its officer's list.
    seats: Vec<u32>,
    /// (unit, option) that lead to officer j: `wants[want_starts[j]..want_starts[j + 1]]`.
    want_starts: Vec<u32>,
    wants: Vec<(u32, u32)>,
    handovers: i64,
    /// Price of the part's choices, and of balance.
    objective: i64,
    random: ChaCha8Rng,
    /// Units that the present move has taken from an option, in that order.
    trail: Vec<(u32, u32)>,
    /// What a point of each officer's room costs less than its price, for now.
    reliefs: Vec<f64>,
    /// What the root of an officer's room is worth, for now.
    gathering: f64,
    /// What room costs less, in all, than at its price; up to a constant.
    relief: f64,
    /// Officers with room that has a price, when it was last looked.
    roomy: Vec<u32>,
    /// Units that the present move has taken out and not yet put back; where they shall go, if that is decided.
    homeless: Vec<(u32, Option<u32>)>,
    best: Vec<u32>,
    best_objective: i64,
}

/// Stands for no option: the unit is out.
const OUT: u32 = u32::MAX;

impl Walk {
    pub(super) fn new(part: Part, seed: u64) -> Self {
        let loads: Vec<Load> = part.officers.iter().map(|officer| officer.kept).collect();
        let officers = part.officers.len();
        let mut want_starts = vec![0_u32; officers + 1];
        for option in part.options.iter().filter(|option| option.officer != NOBODY) {
            want_starts[option.officer as usize + 1] += 1;
        }
        for officer in 0..officers {
            want_starts[officer + 1] += want_starts[officer];
        }
        let mut next = want_starts.clone();
        let mut wants = vec![(0, 0); want_starts[officers] as usize];
        for unit in 0..to_u32(part.units.len()) {
            for option in part.options_of(unit) {
                let officer = part.options[option as usize].officer;
                if officer != NOBODY {
                    let slot = &mut next[officer as usize];
                    wants[*slot as usize] = (unit, option);
                    *slot += 1;
                }
            }
        }
        let chosen = part.chosen.clone();
        let mut walk = Self {
            loads,
            members: vec![Vec::new(); officers],
            seats: vec![0; part.units.len()],
            want_starts,
            wants,
            handovers: 0,
            objective: part.officers.iter().map(|officer| officer.balance_price(officer.kept.points)).sum(),
            random: ChaCha8Rng::seed_from_u64(seed),
            trail: Vec::new(),
            reliefs: vec![0.0; officers],
            relief: 0.0,
            gathering: 0.0,
            roomy: Vec::new(),
            homeless: Vec::new(),
            best: chosen.clone(),
            best_objective: 0,
            part,
        };
        walk.part.chosen.fill(OUT);
        for (unit, option) in (0..).zip(chosen) {
            walk.enter(unit, option);
        }
        walk.best_objective = walk.objective;
        walk
    }

    /// Tries so many moves at one temperature, and keeps the best answer met. A point of unused room counts `room_price_max`
    /// at most, and less the more of it there is with one officer: room is worth more in one place.
    pub(super) fn anneal(
        &mut self,
        moves: u64,
        temperature: f64,
        room_price_max: f64,
        is_stopped: &(dyn Fn() -> bool + Sync),
    ) {
        if self.part.units.is_empty() {
            return;
        }
        self.gathering = GATHERING * temperature;
        for (relief, officer) in self.reliefs.iter_mut().zip(&self.part.officers) {
            *relief = (officer.point_price - room_price_max).max(0.0);
        }
        for attempt in 0..moves {
            if attempt % MOVES_PER_LOOK == 0 {
                if is_stopped() {
                    return;
                }
                self.look_for_room();
            }
            let (unit, option) = self.draw();
            if option != self.part.chosen[unit as usize] {
                self.attempt(unit, option, temperature);
            }
        }
    }

    /// The best answer met.
    pub(super) fn into_best(mut self) -> Part {
        self.part.chosen = self.best;
        self.part
    }

    /// The answer it stands at.
    pub(super) fn part(&self) -> &Part {
        &self.part
    }

    fn below(&mut self, count: u32) -> u32 {
        ((u64::from(self.random.next_u32()) * u64::from(count)) >> 32) as u32
    }

    /// Lists the officers with room that has a price.
    fn look_for_room(&mut self) {
        let officers = self.part.officers.iter().zip(&self.loads);
        let has_room = officers.map(|(officer, load)| {
            officer.point_price > 0.0 && officer.load_limit.is_some_and(|limit| load.points < limit)
        });
        self.roomy.clear();
        self.roomy.extend((0..).zip(has_room).filter(|entry| entry.1).map(|entry| entry.0));
    }

    /// A unit and one of its options: any; or, in every other move, one that could use room that has a price.
    fn draw(&mut self) -> (u32, u32) {
        if !self.roomy.is_empty() && self.random.next_u32() < u32::MAX / 2 {
            let roomy = self.below(to_u32(self.roomy.len()));
            let officer = self.roomy[roomy as usize] as usize;
            let (from, to) = (self.want_starts[officer], self.want_starts[officer + 1]);
            if from < to {
                let want = from + self.below(to - from);
                return self.wants[want as usize];
            }
        }
        let unit = self.below(to_u32(self.part.units.len()));
        let options = self.part.options_of(unit);
        (unit, options.start + self.below(options.end - options.start))
    }

    fn attempt(&mut self, unit: u32, option: u32, temperature: f64) {
        let before = self.potential();
        // Metropolis, drawn beforehand: the increase that is accepted.
        let uniform = (f64::from(self.random.next_u32()) + 1.0) / 4_294_967_296.0;
        let accepted = -temperature * uniform.ln();
        self.trail.clear();
        self.homeless.clear();
        let left = self.part.options[self.part.chosen[unit as usize] as usize].officer;
        self.take_out(unit, Some(option));
        if self.settle() {
            let mut hole = left;
            for pull in 0..=PULLS_MAX {
                if self.potential() - before <= accepted {
                    if self.objective < self.best_objective {
                        self.remember();
                    }
                    return;
                }
                if pull == PULLS_MAX || hole == NOBODY {
                    break;
                }
                let Some((other, option)) = self.find_pull(hole) else { break };
                hole = self.part.options[self.part.chosen[other as usize] as usize].officer;
                self.take_out(other, Some(option));
                self.homeless.pop();
                self.enter(other, option);
            }
        }
        self.undo();
    }

    /// The objective, with unused room at what it costs for now.
    fn potential(&self) -> f64 {
        self.objective as f64 + self.relief
    }

    /// Notes that an officer's points have changed.
    fn relieve(&mut self, officer: usize, before: i64) {
        let Some(limit) = self.part.officers[officer].load_limit else { return };
        if self.part.officers[officer].point_price <= 0.0 {
            return;
        }
        let now = self.loads[officer].points;
        let root = |points: i64| ((limit - points).max(0) as f64).sqrt();
        self.relief += self.reliefs[officer] * (now - before) as f64 + self.gathering * (root(now) - root(before));
    }

    fn remember(&mut self) {
        self.best_objective = self.objective;
        self.best.copy_from_slice(&self.part.chosen);
    }

    /// Finds an option for every unit that is out. False = given up, with some still out.
    fn settle(&mut self) -> bool {
        let mut ejections = 0;
        while let Some((unit, wanted)) = self.homeless.pop() {
            let option = match wanted {
                Some(option) => option,
                None => {
                    if let Some(option) = self.cheapest_with_room(unit) {
                        self.enter(unit, option);
                        continue;
                    }
                    let options = self.part.options_of(unit);
                    options.start + self.below((options.end - options.start).min(CHAIN_OPTIONS))
                }
            };
            let officer = self.part.options[option as usize].officer;
            while !self.has_room(unit, option) {
                if officer == NOBODY || ejections == EJECTIONS_MAX {
                    return false;
                }
                let Some(other) = self.find_ejection(unit, option) else { return false };
                ejections += 1;
                self.take_out(other, None);
            }
            self.enter(unit, option);
        }
        true
    }

    /// The cheapest option with room, other than the one the unit was taken from in this move.
    fn cheapest_with_room(&self, unit: u32) -> Option<u32> {
        let from = self.trail.iter().rev().find(|entry| entry.0 == unit).map_or(OUT, |entry| entry.1);
        let mut best: Option<(i64, u32)> = None;
        for option in self.part.options_of(unit) {
            if option != from && self.has_room(unit, option) {
                let price = self.price_of(option);
                if best.is_none_or(|(least, _)| price < least) {
                    best = Some((price, option));
                }
            }
        }
        best.map(|(_, option)| option)
    }

    /// One of the option's officer's units, whose leaving makes the room that is lacking and costs little at the prices.
    fn find_ejection(&mut self, unit: u32, option: u32) -> Option<u32> {
        let wanted = self.part.options[option as usize];
        let officer = wanted.officer as usize;
        let lacking = {
            let limit = self.part.officers[officer].load_limit.unwrap_or(i64::MAX);
            (self.loads[officer].points + i64::from(wanted.points)).saturating_sub(limit)
        };
        let point_price = self.part.officers[officer].point_price;
        let count = self.members[officer].len();
        let draws = count.min(EJECTION_DRAWS);
        let mut best: Option<(f64, u32)> = None;
        for draw in 0..draws {
            let seat = if draws < count { self.below(to_u32(count)) as usize } else { draw };
            let other = self.members[officer][seat];
            if other == unit || self.trail.iter().any(|entry| entry.0 == other) {
                continue;
            }
            let left = self.part.options[self.part.chosen[other as usize] as usize];
            let too_much = i64::from(left.points) - lacking.max(0);
            let waste = if too_much >= 0 { too_much as f64 } else { -too_much as f64 * 0.5 };
            let loss = f64::from(self.loss(other)) + waste * point_price;
            if best.is_none_or(|(least, _)| loss < least) {
                best = Some((loss, other));
            }
        }
        best.map(|(_, other)| other)
    }

    /// What the unit's leaving costs at the prices: its best other option less the one it has. Negative = a gain.
    fn loss(&self, unit: u32) -> f32 {
        let options = self.part.options_of(unit);
        let chosen = self.part.chosen[unit as usize];
        let other = if chosen == options.start { options.start + 1 } else { options.start };
        self.part.options[other as usize].regret - self.part.options[chosen as usize].regret
    }

    /// A unit that wants this officer, has room there, and loses least at the prices by coming.
    fn find_pull(&mut self, officer: u32) -> Option<(u32, u32)> {
        let (from, to) = (self.want_starts[officer as usize], self.want_starts[officer as usize + 1]);
        let mut best: Option<(f32, (u32, u32))> = None;
        for _ in 0..PULL_DRAWS.min((to - from) as usize) {
            let want = from + self.below(to - from);
            let (unit, option) = self.wants[want as usize];
            let chosen = self.part.chosen[unit as usize];
            let chosen_officer = self.part.options[chosen as usize].officer;
            if chosen_officer == officer
                || self.trail.iter().any(|entry| entry.0 == unit)
                || !self.has_room(unit, option)
            {
                continue;
            }
            let loss = self.part.options[option as usize].regret - self.part.options[chosen as usize].regret;
            if best.is_none_or(|(least, _)| loss < least) {
                best = Some((loss, (unit, option)));
            }
        }
        best.map(|(_, pull)| pull)
    }

    fn has_room(&self, unit: u32, option: u32) -> bool {
        let option = &self.part.options[option as usize];
        if self.part.handovers_room.is_some_and(|room| self.handovers + i64::from(option.handovers) > room) {
            return false;
        }
        if option.officer == NOBODY {
            return true;
        }
        let officer = &self.part.officers[option.officer as usize];
        let load = &self.loads[option.officer as usize];
        let case_count = i64::from(self.part.case_counts[unit as usize]);
        let fits =
            |used: i64, more: i64, limit: Option<i64>| more == 0 || limit.is_none_or(|limit| used + more <= limit);
        fits(load.points, i64::from(option.points), officer.load_limit)
            && fits(load.cases, case_count, officer.case_limit)
            && fits(load.new_cases, i64::from(option.new_cases), officer.intake_limit)
    }

    /// What the objective grows by if a unit that is out takes the option.
    fn price_of(&self, option: u32) -> i64 {
        let option = &self.part.options[option as usize];
        if option.officer == NOBODY {
            return option.cost;
        }
        let officer = &self.part.officers[option.officer as usize];
        if officer.balance.is_empty() {
            return option.cost;
        }
        let points = self.loads[option.officer as usize].points;
        option.cost + officer.balance_price(points + i64::from(option.points)) - officer.balance_price(points)
    }

    fn enter(&mut self, unit: u32, option: u32) {
        self.objective += self.price_of(option);
        self.part.chosen[unit as usize] = option;
        let PartOptionUse { officer, points, new_cases, handovers } = self.use_of(option);
        self.handovers += handovers;
        if officer != NOBODY {
            let load = &mut self.loads[officer as usize];
            let before = load.points;
            load.points += points;
            self.relieve(officer as usize, before);
            let load = &mut self.loads[officer as usize];
            load.cases += i64::from(self.part.case_counts[unit as usize]);
            load.new_cases += new_cases;
            let members = &mut self.members[officer as usize];
            self.seats[unit as usize] = to_u32(members.len());
            members.push(unit);
        }
    }

    fn leave(&mut self, unit: u32) {
        let option = std::mem::replace(&mut self.part.chosen[unit as usize], OUT);
        let PartOptionUse { officer, points, new_cases, handovers } = self.use_of(option);
        self.handovers -= handovers;
        if officer != NOBODY {
            let load = &mut self.loads[officer as usize];
            let before = load.points;
            load.points -= points;
            self.relieve(officer as usize, before);
            let load = &mut self.loads[officer as usize];
            load.cases -= i64::from(self.part.case_counts[unit as usize]);
            load.new_cases -= new_cases;
            let members = &mut self.members[officer as usize];
            let seat = self.seats[unit as usize];
            members.swap_remove(seat as usize);
            if let Some(&moved) = members.get(seat as usize) {
                self.seats[moved as usize] = seat;
            }
        }
        self.objective -= self.price_of(option);
    }

    fn use_of(&self, option: u32) -> PartOptionUse {
        let option = &self.part.options[option as usize];
        PartOptionUse {
            officer: option.officer,
            points: i64::from(option.points),
            new_cases: i64::from(option.new_cases),
            handovers: i64::from(option.handovers),
        }
    }

    fn take_out(&mut self, unit: u32, wanted: Option<u32>) {
        self.trail.push((unit, self.part.chosen[unit as usize]));
        self.leave(unit);
        self.homeless.push((unit, wanted));
    }

    /// Everything back to where it was before the move.
    fn undo(&mut self) {
        while let Some((unit, option)) = self.trail.pop() {
            if self.part.chosen[unit as usize] != OUT {
                self.leave(unit);
            }
            self.enter(unit, option);
        }
    }
}

/// What an option uses.
struct PartOptionUse {
    officer: u32,
    points: i64,
    new_cases: i64,
    handovers: i64,
}

fn to_u32(count: usize) -> u32 {
    u32::try_from(count).expect("a part has fewer than 2^32 of anything")
}
