use super::*;
use crate::{
    model::UnitIndex,
    solve::{budget::Budget, greedy::options as choices_of, improve::Walk, test_dice::Dice, verify::Measure},
};

const INSTANCES: u64 = 200;
const ENDLESS: Effort = Effort { work: u32::MAX, others_max: usize::MAX, whole_work: u32::MAX };

/// Some prices: any prove something.
fn priced(instance: &Instance, dice: &mut Dice) -> Priced {
    Priced::of(instance, Measure::Price, dice.proof(instance))
}

/// The lowest objective by trying everything.
fn lowest(instance: &Instance) -> i64 {
    let lists: Vec<Vec<Choice>> = instance.unit_indices().map(|unit| choices_of(instance, unit).collect()).collect();
    let mut turns = vec![0; lists.len()];
    let mut lowest = i64::MAX;
    loop {
        let state = State::of_choices(instance, turns.iter().zip(&lists).map(|(&turn, list)| list[turn]).collect());
        if state.is_within_limits() {
            lowest = lowest.min(state.objective());
        }
        let Some(next) = (0..lists.len()).find(|&unit| turns[unit] + 1 < lists[unit].len()) else { return lowest };
        turns[..next].fill(0);
        turns[next] += 1;
    }
}

fn recounted(state: &State<'_>) -> i64 {
    let choices = state.instance.unit_indices().map(|unit| state.choice(unit)).collect();
    State::of_choices(state.instance, choices).objective()
}

fn assert_sound(state: &State<'_>, seed: u64) {
    assert!(state.is_within_limits(), "seed {seed}");
    assert_eq!(state.objective(), recounted(state), "seed {seed}");
}

#[test]
fn without_end_the_best_is_found_and_proved() {
    for seed in 0..INSTANCES {
        let dice = &mut Dice::new(seed);
        let instance = dice.instance();
        let priced = priced(&instance, dice);
        let (budget, lowest) = (Budget::default(), lowest(&instance));
        let today = State::of_today(&instance);
        let steps = &mut Steps::new(&budget);
        let options = Options { threads: 1 + seed as usize % 2, ..Options::default() };
        let mut beside = Beside::begin(&today, &priced, ENDLESS, &options, steps);
        match beside.take(steps) {
            None => assert_eq!(today.objective(), lowest, "seed {seed}"),
            Some(outcome) => {
                assert_sound(&outcome.state, seed);
                assert_eq!((outcome.state.objective(), outcome.bound), (lowest, lowest), "seed {seed}");
                let mut other = today.clone();
                outcome.give(&mut other);
                assert_sound(&other, seed);
                assert_eq!(other.objective(), lowest, "seed {seed}");
            }
        }
    }
}

#[test]
fn a_search_cut_short_claims_nothing_false() {
    for seed in 0..INSTANCES {
        let dice = &mut Dice::new(seed);
        let instance = dice.instance();
        let priced = priced(&instance, dice);
        let lowest = lowest(&instance);
        // Every call counts as cut off: only what prices settle is claimed.
        let budget = Budget { cut_calls: (0..100).collect(), ..Budget::default() };
        for (budget, work) in [(Budget::default(), 1), (budget, 1_000)] {
            let steps = &mut Steps::new(&budget);
            let effort = Effort { work, others_max: usize::MAX, whole_work: work };
            let mut beside = Beside::begin(&State::of_today(&instance), &priced, effort, &Options::default(), steps);
            let Some(outcome) = beside.take(steps) else { continue };
            assert_sound(&outcome.state, seed);
            assert!(outcome.bound <= lowest && lowest <= outcome.state.objective(), "seed {seed}");
        }
    }
}

#[test]
fn a_part_that_is_cut_out_and_walked_comes_back_whole() {
    for seed in 0..INSTANCES {
        let dice = &mut Dice::new(seed);
        let instance = dice.instance();
        let priced = priced(&instance, dice);
        let near = NearOptions::new(&instance, &priced, Keep { per_unit: 12, regret: f64::INFINITY }, 1);
        let mut state = State::of_today(&instance);
        let count = 1 + dice.below(2) as u32;
        let part_of_officer = (0..instance.officer_count() as u32).map(|officer| officer % count).collect();
        let pieces = Cut { part_of_officer, parts: count as usize };
        for turn in 0..3 {
            let cut = Pieces::new(&state, (&priced, &near), &pieces, f32::INFINITY, None, 1 + turn as usize % 2);
            let parts: Vec<Part> = cut.parts().collect();
            for part in parts {
                let (before, part_before) = (state.objective(), part.price());
                let same: Vec<(UnitIndex, Choice)> = part.choices().collect();
                state.take_over(same.into_iter());
                assert_eq!(state.objective(), before, "seed {seed}");
                let mut walk = Walk::new(part, seed + turn);
                walk.anneal(300, 4.0, 1.0, &|| false);
                state.take_over(walk.part().choices());
                assert_sound(&state, seed);
                assert_eq!(state.objective() - before, walk.part().price() - part_before, "seed {seed}");
            }
        }
    }
}
