//! Values as people write them.

use std::time::Duration;

/// A whole number and a unit: `500ms`, `10s`, `5m`, `12h`, `7d`.
pub(super) fn duration(text: &str) -> Option<Duration> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let number: u32 = number.parse().ok()?;
    let unit = match unit {
        "ms" => Duration::from_millis(1),
        "s" => Duration::from_secs(1),
        "m" => Duration::from_secs(60),
        "h" => Duration::from_secs(3600),
        "d" => Duration::from_secs(24 * 3600),
        _ => return None,
    };
    unit.checked_mul(number)
}

/// The same, but not 0.
pub(super) fn positive_duration(text: &str) -> Option<Duration> {
    duration(text).filter(|duration| !duration.is_zero())
}

/// A URL without what stands before the `@`, and without a query: both may hold a password.
pub(super) fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let rest = rest.rsplit_once('@').map_or(rest, |(_, rest)| rest);
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    format!("{scheme}://{rest}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_a_number_and_a_unit() {
        let check = |text, seconds: u64| assert_eq!(duration(text), Some(Duration::from_secs(seconds)), "{text}");
        check("1000ms", 1);
        check("10s", 10);
        check("5m", 300);
        check("12h", 43_200);
        check("7d", 604_800);
        check("0s", 0);
        for bad in ["", "10", "s", "-1s", "1.5s", "10 s", "10sec", "99999999999s"] {
            assert_eq!(duration(bad), None, "{bad}");
        }
        assert_eq!(positive_duration("0s"), None);
    }

    #[test]
    fn no_password_is_shown() {
        let check = |url, expected: &str| assert_eq!(without_password(url), expected);
        check("redis://user:pass@host:6379/1", "redis://host:6379/1");
        check("rediss://:p@ss@host", "rediss://host");
        check("redis://host?password=x", "redis://host");
        check("redis://host", "redis://host");
        check("embedded", "embedded");
    }
}
