//! Where exact search pays: small problems and components of problems.

use super::{
    budget::{Options, Steps},
    groups::gaps,
    milp,
    near::{Keep, NearOptions},
    part::{Cut, NO_PART, Part, Pieces},
    prices::Priced,
    state::{Choice, State},
};
use crate::model::{Instance, PROOF_SCALE};

/// A problem with more pairs is not looked at: nothing of it is small, and all of its options would take much memory.
const PAIRS_MAX: usize = 2_000_000;
/// Floats that stand for whole prices are off by less than this.
const FLOAT_MARGIN: f64 = 1e-3;

/// How much a search of whole components may take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Effort {
    /// Nodes of the search tree of each component, times its options.
    pub(super) work: u32,
    /// A component is small enough to be searched up to so many options that matter, besides one a unit.
    pub(super) others_max: usize,
    /// Instead of `work`, where all that is open is one small component.
    pub(super) whole_work: u32,
}

/// Where prices leave out fewer options than this share, the tree has no end: such a component is searched for a better
/// answer only, if it is very small, with so small a share of the work.
const LEFT_OUT_MIN: f64 = 0.15;
const HOPELESS_OTHERS_MAX: usize = 2_000;
const HOPELESS_SHARE: u32 = 16;
/// All that is open is searched once, with `whole_work`, up to so many options besides one a unit: a better answer
/// would leave out few more of them, and HiGHS would only repeat its root.
const SMALL_OTHERS_MAX: usize = 2_000;

impl Effort {
    /// Nodes for a component. `None` = it is not searched.
    fn nodes(self, part: &Part, instance: &Instance) -> Option<i32> {
        let others = others(part);
        let pairs: usize = part.units.iter().map(|&unit| instance.pairs(unit).len()).sum();
        let is_hopeless = part.options.len() as f64 > (1.0 - LEFT_OUT_MIN) * pairs as f64;
        if others > self.others_max || is_hopeless && others > HOPELESS_OTHERS_MAX {
            return None;
        }
        let work = if is_hopeless { self.work / HOPELESS_SHARE } else { self.work };
        let nodes = work / u32::try_from(part.options.len()).unwrap_or(u32::MAX);
        Some(i32::try_from(nodes.max(1)).unwrap_or(i32::MAX))
    }
}

fn others(part: &Part) -> usize {
    part.options.len() - part.units.len()
}

/// Exact search of every component that is small enough, on a thread of its own, while local search goes on.
///
/// Only options whose regret is at most objective - bound can be part of a better answer. With the others left out, a
/// problem falls into components that share no officer, each with its own share of objective - bound, which leaves out yet
/// more. What HiGHS proves of the components adds up.
pub(super) struct Exact<'a> {
    /// The answer when it began.
    state: State<'a>,
    search: milp::Search,
    /// Price and gap of each component that is being searched, in that answer.
    before: Vec<(i64, f64)>,
    /// What is proved whatever HiGHS says.
    proved: f64,
    slack: f64,
    /// All that is open is one small component, and is searched with all the effort there is.
    is_whole: bool,
    /// Steps taken when it had begun.
    taken: u64,
}

/// What exact search comes to.
pub(super) struct Outcome<'a> {
    /// The answer when it began, with what HiGHS made of it.
    pub(super) state: State<'a>,
    /// What is proved of any answer.
    pub(super) bound: i64,
    /// Parts that HiGHS has searched, with their best choices.
    parts: Vec<Part>,
    /// Steps taken when the search had begun.
    pub(super) taken: u64,
}

impl<'a> Exact<'a> {
    /// `None` = there is nothing that would be small enough.
    fn begin(
        state: &State<'a>,
        priced: &Priced,
        effort: Effort,
        options: &Options,
        steps: &mut Steps<'_>,
    ) -> Option<Self> {
        let instance = state.instance;
        // What needs no HiGHS is a step, too, so that a replay that ends before it claims no more.
        if instance.pair_count() > PAIRS_MAX || !steps.take() {
            return None;
        }
        let slack = state.objective() as f64 - priced.scaled as f64 / PROOF_SCALE as f64;
        let keep = Keep { per_unit: usize::MAX, regret: slack * (1.0 + 1e-6) + FLOAT_MARGIN };
        let near = NearOptions::new(instance, priced, keep, options.threads);
        let components = components(instance, &near);
        let mut gap_of = vec![0.0; components.parts];
        for (gap, &part) in gaps(state, priced, &near).iter().zip(&components.part_of_officer) {
            gap_of[part as usize] += gap;
        }
        if instance.handover_limit().is_some() {
            // One component, and what is left of the limit is part of its gap.
            gap_of.fill(slack);
        }
        let pieces = Pieces::new(state, (priced, &near), &components, f32::INFINITY, None, options.threads);
        let mut parts: Vec<Part> = pieces.parts().collect();
        for (part, &gap) in parts.iter_mut().zip(&gap_of) {
            part.keep_within(upwards(gap + FLOAT_MARGIN));
        }
        let open: Vec<(Part, f64)> = parts.into_iter().zip(gap_of).filter(|(_, gap)| *gap > FLOAT_MARGIN).collect();
        // With nothing left to choose, what is there is the best: the whole gap of the component is proved away.
        let (settled, open): (Vec<_>, Vec<_>) = open.into_iter().partition(|(part, _)| part.units.is_empty());
        let is_whole =
            matches!(&open[..], [(part, _)] if others(part) <= SMALL_OTHERS_MAX) && effort.whole_work > effort.work;
        let effort = if is_whole { Effort { work: effort.whole_work, ..effort } } else { effort };
        let with_nodes = |(part, gap): (Part, f64)| Some((effort.nodes(&part, instance)?, part, gap));
        let small: Vec<(i32, Part, f64)> = open.into_iter().filter_map(with_nodes).collect();
        if small.is_empty() && settled.is_empty() {
            return None;
        }
        let before: Vec<(i64, f64)> = small.iter().map(|(_, part, gap)| (part.price(), *gap)).collect();
        let parts = small.into_iter().map(|(nodes, part, _)| (part, nodes)).collect();
        let proved = priced.scaled as f64 / PROOF_SCALE as f64 + settled.iter().map(|(_, gap)| gap).sum::<f64>();
        let search = milp::start(parts, steps);
        Some(Self { state: state.clone(), search, before, proved, slack, is_whole, taken: steps.taken() })
    }

    /// Waits for HiGHS.
    fn end(self, steps: &mut Steps<'_>) -> Outcome<'a> {
        let Self { mut state, search, before, mut proved, slack, taken, .. } = self;
        let incumbent = state.objective();
        let mut parts = Vec::new();
        for (found, (price, gap)) in search.wait(steps).into_iter().zip(before) {
            let Some(found) = found else { continue };
            adopt(&mut state, &found.part);
            parts.push(found.part);
            if let Some(bound) = found.bound {
                // Whatever was left out costs at least what the component cost before.
                proved += (bound.min(price) as f64 - (price as f64 - gap)).max(0.0);
            }
        }
        #[expect(clippy::cast_possible_truncation, reason = "a sum of prices, far below 2^63")]
        let bound = (proved - FLOAT_MARGIN - 1e-6 * slack).ceil() as i64;
        Outcome { state, bound: bound.min(incumbent), parts, taken }
    }
}

impl<'a> Outcome<'a> {
    /// Nothing is better than what was found.
    pub(super) fn is_complete(&self) -> bool {
        self.state.objective() <= self.bound
    }

    /// Gives an answer that local search has come to meanwhile what is better here.
    pub(super) fn give(&self, state: &mut State<'a>) {
        for part in &self.parts {
            adopt(state, part);
        }
        if self.state.objective() < state.objective() {
            *state = self.state.clone();
        }
    }
}

/// Exact search while local search goes on beside it.
///
/// Local search must not feel when HiGHS comes back, only at which of its own runs it asks for the outcome. The exception
/// is an outcome that proves its answer the best: it ends everything, is the final answer whatever local search has come to,
/// and the steps taken since exact search began are not counted. It would be the final answer, too, if it came later.
pub(super) enum Beside<'a> {
    Nothing,
    Runs(Box<Exact<'a>>),
    /// It has come, and waits to be asked for.
    Came(Box<Outcome<'a>>),
}

impl<'a> Beside<'a> {
    /// Begins, and does not wait.
    pub(super) fn begin(
        state: &State<'a>,
        priced: &Priced,
        effort: Effort,
        options: &Options,
        steps: &mut Steps<'_>,
    ) -> Self {
        Exact::begin(state, priced, effort, options, steps).map_or(Self::Nothing, |exact| Self::Runs(Box::new(exact)))
    }

    /// It searches all that is open with all the effort there is: another search would only repeat it.
    pub(super) fn is_whole(&self) -> bool {
        matches!(self, Self::Runs(exact) if exact.is_whole)
    }

    /// Waits for the outcome, and keeps it.
    pub(super) fn settle(&mut self, steps: &mut Steps<'_>) {
        *self = self.take(steps).map_or(Self::Nothing, |outcome| Self::Came(Box::new(outcome)));
    }

    /// Threads that are left for local search.
    pub(super) fn threads_left(&self, threads: usize) -> usize {
        if matches!(self, Self::Runs(_)) { threads.saturating_sub(1).max(1) } else { threads }
    }

    /// Price of the answer that it has found and proved the best. Does not wait.
    pub(super) fn complete(&mut self, steps: &mut Steps<'_>) -> Option<i64> {
        if let Self::Runs(exact) = self
            && exact.search.is_done()
        {
            self.settle(steps);
        }
        match self {
            Self::Came(outcome) if outcome.is_complete() => Some(outcome.bound),
            _ => None,
        }
    }

    /// Waits for the outcome and takes it.
    pub(super) fn take(&mut self, steps: &mut Steps<'_>) -> Option<Outcome<'a>> {
        match std::mem::replace(self, Self::Nothing) {
            Self::Nothing => None,
            Self::Runs(exact) => Some(exact.end(steps)),
            Self::Came(outcome) => Some(*outcome),
        }
    }
}

/// Takes over the part's choices if they keep every limit and are better: HiGHS is not trusted.
fn adopt(state: &mut State<'_>, part: &Part) {
    let before: Vec<_> = part.units.iter().map(|&unit| (unit, state.choice(unit))).collect();
    let objective = state.objective();
    state.take_over(part.choices());
    if state.objective() >= objective || !state.is_within_limits() {
        state.take_over(before.into_iter());
    }
}

/// Officers who share no unit, directly or through others, are in different components. A handover limit ties all.
fn components(instance: &Instance, near: &NearOptions) -> Cut {
    let mut parents: Vec<usize> = (0..instance.officer_count()).collect();
    fn root(parents: &mut [usize], mut officer: usize) -> usize {
        while parents[officer] != officer {
            parents[officer] = parents[parents[officer]];
            officer = parents[officer];
        }
        officer
    }
    if instance.handover_limit().is_some() {
        parents.fill(0);
    }
    for unit in instance.unit_indices() {
        let mut first = None;
        for near in near.of(unit) {
            let Choice::Pair(position) = near.choice() else { continue };
            let officer = root(&mut parents, instance.pair_at(unit, position as usize).officer.get());
            let first = *first.get_or_insert(officer);
            let (low, high) = (first.min(officer), first.max(officer));
            parents[high] = root(&mut parents, low);
        }
    }
    let mut part_of_root = vec![NO_PART; parents.len()];
    let mut parts = 0;
    let part_of_officer = (0..parents.len())
        .map(|officer| {
            let part = &mut part_of_root[root(&mut parents, officer)];
            if *part == NO_PART {
                *part = parts;
                parts += 1;
            }
            *part
        })
        .collect();
    Cut { part_of_officer, parts: parts as usize }
}

/// Price of a point with each officer.
pub(super) fn point_prices(priced: &Priced) -> Vec<f64> {
    priced.proof.officers.iter().map(|prices| prices.point as f64 / PROOF_SCALE as f64).collect()
}

/// A regret as the options know it, rounded up.
#[expect(clippy::cast_possible_truncation, reason = "a larger regret keeps more options")]
fn upwards(regret: f64) -> f32 {
    (regret as f32).next_up()
}

#[cfg(test)]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small numbers, drawn for tests")]
mod tests;
