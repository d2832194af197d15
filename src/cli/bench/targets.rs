//! What the engine is to reach, as data, and what a measurement says of it.

use serde::{Deserialize, Serialize};

use super::series::{LP_PPM, bound_seconds, first_answer_seconds, gap_seconds};
use super::warm::WarmRecord;
use crate::cli::trace::Point;

/// A target of some sizes at some ratios of caps to demand, in per cent.
struct Target {
    sizes: &'static [&'static str],
    ratios: &'static [u16],
    want: Want,
}

/// What is wanted. All of them: at most so much.
#[derive(Clone, Copy, Debug)]
enum Want {
    /// A proven gap, in parts per million, after so many seconds.
    Gap { ppm: i64, seconds: f64 },
    /// A price bound so near the last one, in parts per million, after so many seconds.
    Bound { ppm: i64, seconds: f64 },
    /// The first complete answer, in per cent of the time to a bound of LP quality.
    FirstAnswer { percent: f64 },
    /// Peak memory of the process, in bytes: less than that.
    Memory { bytes: u64 },
    /// Seconds to a fresh proof after each small change.
    WarmProof { seconds: f64 },
}

const TIGHT: &[u16] = &[110];
const SHORT: &[u16] = &[95];
const BOTH: &[u16] = &[110, 95];
const LARGEST_BUT_ONE: &[&str] = &["650k", "england"];

/// All targets. MB are 10^6 bytes.
const TARGETS: [Target; 16] = [
    of(&["12k"], TIGHT, Want::Gap { ppm: 1_000, seconds: 2.0 }),
    of(&["12k"], SHORT, Want::Gap { ppm: 1_800, seconds: 2.0 }),
    of(&["12k"], TIGHT, Want::Gap { ppm: 200, seconds: 60.0 }),
    of(&["12k"], SHORT, Want::Gap { ppm: 700, seconds: 60.0 }),
    of(&["12k"], BOTH, Want::Memory { bytes: 200_000_000 }),
    of(&["50k"], BOTH, Want::Gap { ppm: 1_000, seconds: 8.0 }),
    of(&["50k"], BOTH, Want::Gap { ppm: 250, seconds: 60.0 }),
    of(&["50k"], BOTH, Want::Memory { bytes: 400_000_000 }),
    of(LARGEST_BUT_ONE, BOTH, Want::Bound { ppm: LP_PPM, seconds: 40.0 }),
    of(LARGEST_BUT_ONE, BOTH, Want::Gap { ppm: 1_000, seconds: 90.0 }),
    of(LARGEST_BUT_ONE, BOTH, Want::Memory { bytes: 2_500_000_000 }),
    of(&["10m"], BOTH, Want::Bound { ppm: 5_000, seconds: 900.0 }),
    of(&["10m"], BOTH, Want::Gap { ppm: 10_000, seconds: 900.0 }),
    of(&["10m"], BOTH, Want::Memory { bytes: 8_000_000_000 }),
    of(&["50k", "650k", "england", "england-153", "10m"], BOTH, Want::FirstAnswer { percent: 5.0 }),
    of(&["650k"], BOTH, Want::WarmProof { seconds: 0.2 }),
];

const fn of(sizes: &'static [&'static str], ratios: &'static [u16], want: Want) -> Target {
    Target { sizes, ratios, want }
}

/// What became of a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum State {
    #[serde(rename = "pass")]
    Pass,
    #[serde(rename = "miss")]
    Miss,
    /// The time given, or what was asked for, was too little to tell.
    #[serde(rename = "not run")]
    NotRun,
    #[serde(rename = "no target")]
    NoTarget,
}

impl State {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Miss => "miss",
            Self::NotRun => "not run",
            Self::NoTarget => "no target",
        }
    }
}

/// A target with what was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Verdict {
    pub(super) target: String,
    pub(super) found: String,
    pub(super) state: State,
}

/// What was measured of one instance.
pub(super) struct Measured<'a> {
    pub(super) series: &'a [Point],
    /// The last one.
    pub(super) price_bound: i64,
    /// Seconds of the whole solve.
    pub(super) seconds: f64,
    /// The clock, or a person, ended the search: with more time it might have come further.
    pub(super) is_cut: bool,
    pub(super) peak_memory_bytes: Option<u64>,
    pub(super) warm: &'a [WarmRecord],
}

/// The targets of a size, as they are stated.
pub(super) fn stated(size: &str) -> Vec<String> {
    let those = TARGETS.iter().filter(|target| target.sizes.contains(&size));
    those
        .map(|target| {
            let ratios: Vec<_> = target.ratios.iter().map(|ratio| format!("{ratio} %")).collect();
            format!("{} at {}", target.want.text(), ratios.join(" and "))
        })
        .collect()
}

/// Every target of this size and ratio, with what became of it.
pub(super) fn verdicts(size: &str, ratio_percent: Option<u16>, measured: &Measured<'_>) -> Vec<Verdict> {
    let is_meant = |target: &&Target| {
        target.sizes.contains(&size) && ratio_percent.is_some_and(|ratio| target.ratios.contains(&ratio))
    };
    let verdict = |target: &Target| {
        let (state, found) = target.want.found(measured);
        Verdict { target: target.want.text(), found, state }
    };
    TARGETS.iter().filter(is_meant).map(verdict).collect()
}

/// All together: one miss is a miss.
pub(super) fn overall(verdicts: &[Verdict]) -> State {
    let any = |state| verdicts.iter().any(|verdict| verdict.state == state);
    [State::Miss, State::NotRun, State::Pass].into_iter().find(|&state| any(state)).unwrap_or(State::NoTarget)
}

impl Want {
    fn text(self) -> String {
        match self {
            Self::Gap { ppm, seconds } => format!("proven gap <= {} % in {seconds} s", percent(ppm)),
            Self::Bound { ppm, seconds } => {
                format!("bound within {} % of the last in {seconds} s", percent(ppm))
            }
            Self::FirstAnswer { percent } => format!("first answer in {percent} % of the time to the bound"),
            Self::Memory { bytes } => format!("peak memory < {} MB", bytes / 1_000_000),
            Self::WarmProof { seconds } => format!("fresh proof after a change in {} ms", seconds * 1e3),
        }
    }

    fn found(self, measured: &Measured<'_>) -> (State, String) {
        match self {
            Self::Gap { ppm, seconds } => in_time(gap_seconds(measured.series, ppm), seconds, measured),
            Self::Bound { ppm, seconds } => {
                in_time(bound_seconds(measured.series, measured.price_bound, ppm), seconds, measured)
            }
            Self::FirstAnswer { percent } => {
                let bound = bound_seconds(measured.series, measured.price_bound, LP_PPM);
                match first_answer_seconds(measured.series).zip(bound) {
                    Some((first, bound)) => {
                        (within(first * 100.0 <= percent * bound), format!("{first:.3} s of {bound:.3} s"))
                    }
                    None => (State::NotRun, "no bound".to_owned()),
                }
            }
            Self::Memory { bytes } => match measured.peak_memory_bytes {
                Some(peak) => (within(peak < bytes), format!("{} MB", peak.div_ceil(1_000_000))),
                None => (State::NotRun, "not told here".to_owned()),
            },
            Self::WarmProof { seconds } => {
                let proofs = measured.warm.iter().filter(|warm| warm.is_change());
                match proofs.map(|warm| warm.seconds).reduce(f64::max) {
                    Some(slowest) => (within(slowest <= seconds), format!("{:.0} ms at most", slowest * 1e3)),
                    None => (State::NotRun, "only with --warm".to_owned()),
                }
            }
        }
    }
}

fn within(is_within: bool) -> State {
    if is_within { State::Pass } else { State::Miss }
}

/// What was to be reached after `limit` seconds was reached after `reached`.
fn in_time(reached: Option<f64>, limit: f64, measured: &Measured<'_>) -> (State, String) {
    match reached {
        Some(seconds) => (within(seconds <= limit), format!("{seconds:.2} s")),
        None if measured.is_cut && measured.seconds < limit => {
            (State::NotRun, format!("not in the {:.1} s given", measured.seconds))
        }
        None => (State::Miss, format!("not within {:.1} s", measured.seconds)),
    }
}

/// Parts per million, in per cent.
fn percent(ppm: i64) -> f64 {
    ppm as f64 / 1e4
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(seconds: f64, objective: i64, bound: i64) -> Point {
        Point { seconds, stage: "improve", objective: Some(objective), bound: Some(bound) }
    }

    fn measured(series: &[Point]) -> Measured<'_> {
        Measured {
            series,
            price_bound: series.last().and_then(|point| point.bound).unwrap_or(0),
            seconds: series.last().map_or(0.0, |point| point.seconds),
            is_cut: true,
            peak_memory_bytes: None,
            warm: &[],
        }
    }

    fn states(size: &str, ratio: u16, measured: &Measured<'_>) -> Vec<State> {
        verdicts(size, Some(ratio), measured).into_iter().map(|verdict| verdict.state).collect()
    }

    #[test]
    fn a_gap_counts_at_its_border_and_not_beyond() {
        let (exact, above) = ((1_000_000, 999_000), (1_000_000, 998_999));
        let is_reached = |(objective, bound): (i64, i64), seconds| {
            states("12k", 110, &measured(&[point(seconds, objective, bound), point(60.0, 1_000_000, 999_800)]))[0]
        };
        assert_eq!(is_reached(exact, 2.0), State::Pass);
        assert_eq!(is_reached(exact, 2.001), State::Miss);
        assert_eq!(is_reached(above, 2.0), State::Miss, "reached only after 60 s");
    }

    #[test]
    fn too_little_time_is_no_miss_but_giving_up_is() {
        let series = [point(1.0, 1_000_000, 999_000), point(5.0, 1_000_000, 999_500)];
        assert_eq!(states("12k", 110, &measured(&series)), [State::Pass, State::NotRun, State::NotRun]);
        let given_up = Measured { is_cut: false, ..measured(&series) };
        assert_eq!(states("12k", 110, &given_up)[1], State::Miss);
        assert_eq!(overall(&verdicts("12k", Some(110), &given_up)), State::Miss);
    }

    #[test]
    fn memory_and_the_first_answer_at_their_borders() {
        let series = [point(0.5, 2_000_000, 0), point(10.0, 1_000_000, 1_000_000)];
        let with = |peak| Measured { peak_memory_bytes: Some(peak), ..measured(&series) };
        assert_eq!(states("50k", 95, &with(399_999_999)), [State::Miss, State::Pass, State::Pass, State::Pass]);
        assert_eq!(states("50k", 95, &with(400_000_000))[2], State::Miss, "less than 400 MB");
        let slow = [point(0.51, 2_000_000, 0), point(10.0, 1_000_000, 1_000_000)];
        assert_eq!(states("50k", 95, &measured(&slow))[3], State::Miss);
    }

    #[test]
    fn a_warm_proof_is_as_slow_as_its_slowest_change() {
        let warm = |change: &str, seconds| WarmRecord {
            change: change.to_owned(),
            seconds,
            objective: 10,
            bound: 10,
            gap: 0.0,
            moved_count: None,
        };
        let state = |seconds| {
            let warm = [warm(WarmRecord::UNCHANGED, 9.0), warm("one new case", 0.1), warm("one cap down", seconds)];
            let series = [point(0.1, 10, 10)];
            *states("650k", 110, &Measured { warm: &warm, ..measured(&series) }).last().expect("the last target")
        };
        assert_eq!((state(0.2), state(0.2001)), (State::Pass, State::Miss));
        assert_eq!(states("650k", 110, &measured(&[])).last(), Some(&State::NotRun), "only with --warm");
    }

    #[test]
    fn others_have_no_target() {
        let nothing = measured(&[]);
        assert_eq!(verdicts("12k", Some(100), &nothing), []);
        assert_eq!(verdicts("M-95", None, &nothing), []);
        assert_eq!(overall(&[]), State::NoTarget);
    }

    #[test]
    fn every_target_is_of_a_size_that_there_is() {
        for size in TARGETS.iter().flat_map(|target| target.sizes) {
            assert!(super::super::sizes::named(size).is_ok(), "{size}");
        }
        assert_eq!(stated("england-153"), ["first answer in 5 % of the time to the bound at 110 % and 95 %"]);
    }
}
