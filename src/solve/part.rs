//! A part of a problem, copied out: some units that may change, each with a few options, among some officers, with what
//! everything else leaves of the limits. Parts that share no officer and no unit can be searched at the same time.

use super::{
    near::NearOptions,
    prices::Priced,
    state::{Choice, Load, State},
    threads,
};
use crate::model::{BalanceSegment, OfficerIndex, OfficerPrices, PROOF_SCALE, UnitIndex};

/// Stands for waiting instead of an officer's position in the part.
pub(super) const NOBODY: u32 = u32::MAX;
/// Units of which one thread finds the parts.
const UNITS_PER_SCAN: usize = 65_536;

/// What an option costs and uses.
#[derive(Clone, Copy, Debug)]
pub(super) struct PartOption {
    pub(super) choice: Choice,
    /// Position among the part's officers; [`NOBODY`] = waiting.
    pub(super) officer: u32,
    pub(super) regret: f32,
    pub(super) cost: i64,
    pub(super) points: u32,
    pub(super) new_cases: u32,
    pub(super) handovers: u32,
}

/// An officer, with what the units that are not in the part use of the limits.
#[derive(Clone, Debug)]
pub(super) struct PartOfficer {
    pub(super) kept: Load,
    /// Prices of a point, a case and a new case, by the proof.
    pub(super) point_price: f64,
    pub(super) case_price: f64,
    pub(super) new_case_price: f64,
    pub(super) load_limit: Option<i64>,
    pub(super) case_limit: Option<i64>,
    pub(super) intake_limit: Option<i64>,
    pub(super) balance: Vec<BalanceSegment>,
}

/// Units, options and officers.
#[derive(Clone, Debug, Default)]
pub(super) struct Part {
    pub(super) units: Vec<UnitIndex>,
    pub(super) case_counts: Vec<u32>,
    /// Options of unit i: `starts[i]..starts[i + 1]`, the least regret first.
    pub(super) starts: Vec<u32>,
    pub(super) options: Vec<PartOption>,
    /// Position among all options of the one that each unit has.
    pub(super) chosen: Vec<u32>,
    pub(super) officers: Vec<PartOfficer>,
    /// Handovers that the part's units may use together; `None` = no limit.
    pub(super) handovers_room: Option<i64>,
    /// Price of a handover, by the proof.
    pub(super) handover_price: f64,
}

/// Where officers and units belong when a problem is cut into parts.
pub(super) struct Cut {
    /// The part of each officer.
    pub(super) part_of_officer: Vec<u32>,
    pub(super) parts: usize,
}

/// Belongs to no part.
pub(super) const NO_PART: u32 = u32::MAX;

impl Cut {
    /// The part of a unit: that of its officer; while it waits, that of its nearest officer.
    fn part_of(&self, state: &State<'_>, near: &NearOptions, unit: UnitIndex) -> u32 {
        let of = |choice: Choice| match choice {
            Choice::Pair(position) => {
                let pair = state.instance.pair_at(unit, position as usize);
                Some(self.part_of_officer[pair.officer.get()])
            }
            Choice::Waits => None,
        };
        of(state.choice(unit))
            .or_else(|| near.of(unit).iter().filter_map(|near| of(near.choice())).find(|&part| part != NO_PART))
            .unwrap_or(NO_PART)
    }
}

/// A problem cut into parts, each of which is copied out when it is asked for: all of them together would be many times
/// as large as the choices that come of them.
///
/// A unit keeps its options within `width` and inside its part, and the one it has; units left with one option stay
/// outside. What is left of the handover limit is shared out evenly.
pub(super) struct Pieces<'s, 'a> {
    state: &'s State<'a>,
    near: &'s NearOptions,
    priced: &'s Priced,
    cut: &'s Cut,
    width: f32,
    /// Officers of each part, in order.
    officers: Vec<Vec<OfficerIndex>>,
    /// Position of each officer in the part.
    local: Vec<u32>,
    /// Units of each part, in order.
    units: Vec<Vec<UnitIndex>>,
}

impl<'s, 'a> Pieces<'s, 'a> {
    /// Only these units may be in a part; `None` = any. O(units + officers).
    pub(super) fn new(
        state: &'s State<'a>,
        (priced, near): (&'s Priced, &'s NearOptions),
        cut: &'s Cut,
        width: f32,
        candidates: Option<&[UnitIndex]>,
        threads: usize,
    ) -> Self {
        let mut officers: Vec<Vec<OfficerIndex>> = vec![Vec::new(); cut.parts];
        let mut local = vec![NOBODY; cut.part_of_officer.len()];
        for (position, &part) in cut.part_of_officer.iter().enumerate() {
            let Some(officers) = officers.get_mut(part as usize) else { continue };
            local[position] = u32::try_from(officers.len()).expect("fewer than 2^32 officers");
            officers.push(OfficerIndex::new(position));
        }
        let count = candidates.map_or(state.instance.units().len(), <[UnitIndex]>::len);
        let unit_at = |position: usize| candidates.map_or(UnitIndex::new(position), |units| units[position]);
        let scans = threads::map(threads, count.div_ceil(UNITS_PER_SCAN), |scan| {
            let positions = scan * UNITS_PER_SCAN..count.min((scan + 1) * UNITS_PER_SCAN);
            positions.map(|position| cut.part_of(state, near, unit_at(position))).collect::<Vec<u32>>()
        });
        let mut units: Vec<Vec<UnitIndex>> = vec![Vec::new(); cut.parts];
        for (position, part) in scans.into_iter().flatten().enumerate() {
            if let Some(units) = units.get_mut(part as usize) {
                units.push(unit_at(position));
            }
        }
        Self { state, near, priced, cut, width, officers, local, units }
    }

    pub(super) fn len(&self) -> usize {
        self.units.len()
    }

    /// O(options of its units).
    pub(super) fn part(&self, index: usize) -> Part {
        let Self { state, near, priced, cut, width, local, .. } = self;
        let instance = state.instance;
        let scaled = |price: i64| price as f64 / PROOF_SCALE as f64;
        let part_officer = |&officer: &OfficerIndex| {
            let limits = &instance.limits()[officer.get()];
            let OfficerPrices { point, case, new_case } = priced.proof.officers[officer.get()];
            PartOfficer {
                kept: state.load(officer),
                point_price: scaled(point),
                case_price: scaled(case),
                new_case_price: scaled(new_case),
                load_limit: limits.load_limit,
                case_limit: limits.case_limit,
                intake_limit: limits.intake_limit,
                balance: limits.balance.clone(),
            }
        };
        let mut part = Part { officers: self.officers[index].iter().map(part_officer).collect(), ..Part::default() };
        let part_number = u32::try_from(index).expect("fewer than 2^32 parts");
        let mut own_handovers = 0;
        for &unit in &self.units[index] {
            let first = part.options.len();
            let today = state.choice(unit);
            let mut chosen = None;
            for option in near.of(unit) {
                if option.choice() != today && option.regret > *width {
                    continue;
                }
                if let Some(option) = part_option(state, unit, option.choice(), option.regret, cut, part_number, local)
                {
                    if option.choice == today {
                        chosen = Some(part.options.len());
                    }
                    part.options.push(option);
                }
            }
            if chosen.is_none() {
                let far = part.options.last().map_or(0.0, |option| option.regret).max(*width);
                chosen = Some(part.options.len());
                part.options.extend(part_option(state, unit, today, far, cut, part_number, local));
            }
            if part.options.len() - first < 2 {
                part.options.truncate(first);
                continue;
            }
            let chosen = chosen.expect("just found or added");
            let option = part.options[chosen];
            let case_count = instance.unit(unit).case_count;
            if option.officer != NOBODY {
                let kept = &mut part.officers[option.officer as usize].kept;
                kept.points -= i64::from(option.points);
                kept.cases -= i64::from(case_count);
                kept.new_cases -= i64::from(option.new_cases);
            }
            own_handovers += i64::from(option.handovers);
            part.units.push(unit);
            part.case_counts.push(case_count);
            part.starts.push(u32::try_from(first).expect("a part has fewer than 2^32 options"));
            part.chosen.push(u32::try_from(chosen).expect("a part has fewer than 2^32 options"));
        }
        part.starts.push(u32::try_from(part.options.len()).expect("a part has fewer than 2^32 options"));
        let share = instance.handover_limit().map(|limit| (limit - state.handovers()) / self.len() as i64);
        part.handovers_room = share.map(|share| share + own_handovers);
        part.handover_price = scaled(priced.proof.handover);
        part
    }

    /// All of them.
    pub(super) fn parts(&self) -> impl Iterator<Item = Part> {
        (0..self.len()).map(|index| self.part(index))
    }
}

fn part_option(
    state: &State<'_>,
    unit: UnitIndex,
    choice: Choice,
    regret: f32,
    cut: &Cut,
    part: u32,
    local: &[u32],
) -> Option<PartOption> {
    let instance = state.instance;
    match choice {
        Choice::Waits => {
            let unit = instance.unit(unit);
            let cost = unit.waiting_price?;
            Some(PartOption {
                choice,
                officer: NOBODY,
                regret,
                cost,
                points: 0,
                new_cases: 0,
                handovers: unit.release_count,
            })
        }
        Choice::Pair(position) => {
            let pair = instance.pair_at(unit, position as usize);
            (cut.part_of_officer[pair.officer.get()] == part).then_some(PartOption {
                choice,
                officer: local[pair.officer.get()],
                regret,
                cost: pair.cost,
                points: pair.weight_points,
                new_cases: pair.new_case_count,
                handovers: pair.handover_count,
            })
        }
    }
}

impl Part {
    pub(super) fn options_of(&self, unit: u32) -> std::ops::Range<u32> {
        self.starts[unit as usize]..self.starts[unit as usize + 1]
    }

    /// The choices of all units of the part.
    pub(super) fn choices(&self) -> impl Iterator<Item = (UnitIndex, Choice)> + '_ {
        self.units.iter().zip(&self.chosen).map(|(&unit, &option)| (unit, self.options[option as usize].choice))
    }
}

impl Part {
    /// Keeps options up to this regret, and those that units have.
    pub(super) fn keep_within(&mut self, regret_max: f32) {
        self.keep(|regret| regret <= regret_max);
    }

    fn keep(&mut self, is_kept: impl Fn(f32) -> bool) {
        let mut kept = Vec::new();
        for unit in 0..self.units.len() {
            let first = kept.len();
            for position in self.starts[unit]..self.starts[unit + 1] {
                let option = self.options[position as usize];
                let is_chosen = self.chosen[unit] == position;
                if is_chosen || is_kept(option.regret) {
                    if is_chosen {
                        self.chosen[unit] = u32::try_from(kept.len()).expect("fewer than before");
                    }
                    kept.push(option);
                }
            }
            self.starts[unit] = u32::try_from(first).expect("fewer than before");
        }
        self.starts[self.units.len()] = u32::try_from(kept.len()).expect("fewer than before");
        self.options = kept;
    }

    /// Price of the chosen options, and what they add to balance.
    pub(super) fn price(&self) -> i64 {
        let mut points: Vec<i64> = self.officers.iter().map(|officer| officer.kept.points).collect();
        let mut price = 0;
        for &option in &self.chosen {
            let option = &self.options[option as usize];
            price += option.cost;
            if option.officer != NOBODY {
                points[option.officer as usize] += i64::from(option.points);
            }
        }
        let balance = self.officers.iter().zip(points);
        price
            + balance
                .map(|(officer, points)| officer.balance_price(points) - officer.balance_price(officer.kept.points))
                .sum::<i64>()
    }
}

impl PartOfficer {
    pub(super) fn balance_price(&self, points: i64) -> i64 {
        BalanceSegment::price(&self.balance, points)
    }
}
