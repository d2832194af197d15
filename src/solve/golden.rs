//! Golden section: where a concave function of one number is highest.

/// Where a concave function is highest between 0 and `most`, nearly, and what it is there: by golden section, 0 included.
pub(super) fn highest_point(most: f64, steps: usize, mut of: impl FnMut(f64) -> f64) -> (f64, f64) {
    let golden = (5.0_f64.sqrt() - 1.0) / 2.0;
    let (mut low, mut high) = (0.0, most);
    let (mut a, mut b) = (high - golden * (high - low), low + golden * (high - low));
    let (mut at_a, mut at_b) = (of(a), of(b));
    for _ in 0..steps {
        if at_a > at_b {
            (high, b, at_b) = (b, a, at_a);
            a = high - golden * (high - low);
            at_a = of(a);
        } else {
            (low, a, at_a) = (a, b, at_b);
            b = low + golden * (high - low);
            at_b = of(b);
        }
    }
    let at_0 = of(0.0);
    [(a, at_a), (b, at_b)].into_iter().fold((0.0, at_0), |best, next| if next.1 > best.1 { next } else { best })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_point_of_a_concave_function_is_found_at_its_ends_too() {
        for (most, top, expected) in [(10.0, 3.25, 3.25), (10.0, -1.0, 0.0), (10.0, 12.0, 10.0), (0.0, 5.0, 0.0)] {
            let (at, value) = highest_point(most, 60, |x| 7.0 - (x - top).abs());
            assert!((at - expected).abs() < 1e-6, "{top}: {at}");
            assert!((value - (7.0 - (at - top).abs())).abs() < 1e-9, "{top}: {value}");
        }
    }
}
