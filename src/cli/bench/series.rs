//! When a solve had come how far, read off its points.

use crate::cli::trace::Point;

/// One in a million.
const MILLION: i128 = 1_000_000;
/// A price bound so near the last one, in parts per million of it, is as good as the bound of the linear program.
pub(super) const LP_PPM: i64 = 10;

/// Seconds until every case had an officer or waited.
pub(super) fn first_answer_seconds(series: &[Point]) -> Option<f64> {
    series.iter().find(|point| point.objective.is_some()).map(|point| point.seconds)
}

/// Seconds until answer and bound were so near each other, in parts per million of the answer.
pub(super) fn gap_seconds(series: &[Point], ppm: i64) -> Option<f64> {
    let is_reached = |point: &&Point| {
        point.objective.zip(point.bound).is_some_and(|(objective, bound)| {
            (i128::from(objective) - i128::from(bound)) * MILLION <= i128::from(ppm) * i128::from(objective)
        })
    };
    series.iter().find(is_reached).map(|point| point.seconds)
}

/// Seconds until the bound was so near the last price bound, in parts per million of it.
pub(super) fn bound_seconds(series: &[Point], price_bound: i64, ppm: i64) -> Option<f64> {
    let is_reached = |point: &&Point| {
        // The first answer comes without a bound, which is told as 0.
        point.stage != "greedy"
            && point.bound.is_some_and(|bound| {
                (i128::from(price_bound) - i128::from(bound)) * MILLION <= i128::from(ppm) * i128::from(price_bound)
            })
    };
    series.iter().find(is_reached).map(|point| point.seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(seconds: f64, stage: &'static str, objective: i64, bound: i64) -> Point {
        Point { seconds, stage, objective: Some(objective), bound: Some(bound) }
    }

    #[test]
    fn times_are_those_of_the_first_point_that_is_near_enough() {
        let series = [
            point(0.1, "greedy", 2_000_000, 0),
            point(0.5, "prices", 2_000_000, 989_999),
            point(0.7, "prices", 1_000_000, 990_000),
            point(1.5, "improve", 1_000_000, 999_989),
            point(2.5, "milp", 1_000_000, 999_990),
            point(3.5, "end", 1_000_000, 1_000_000),
        ];
        assert_eq!(first_answer_seconds(&series), Some(0.1));
        assert_eq!(bound_seconds(&series, 1_000_000, LP_PPM), Some(2.5), "10 below a million, not 11");
        assert_eq!(bound_seconds(&series, 0, LP_PPM), Some(0.5), "not before there are prices");
        assert_eq!(gap_seconds(&series, 10_000), Some(0.7), "1 %, and not a millionth more");
        assert_eq!(gap_seconds(&series, 9_999), Some(1.5));
        assert_eq!(gap_seconds(&series, 0), Some(3.5));
        assert_eq!(gap_seconds(&series[..5], 0), None);
        assert_eq!(gap_seconds(&[point(0.1, "greedy", 0, 0)], 0), Some(0.1), "nothing to pay is no gap");
        assert_eq!(first_answer_seconds(&[]), None);
    }
}
