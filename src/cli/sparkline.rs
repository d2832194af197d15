//! A row of numbers as a row of blocks.

/// A block a value, the largest the highest; `·` for 0.
pub(super) fn sparkline(values: &[i64]) -> String {
    const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let largest = i128::from(values.iter().copied().max().unwrap_or(0).max(1));
    let block = |value: &i64| match usize::try_from((i128::from(*value) * 8 + largest - 1) / largest) {
        Ok(0) | Err(_) => '·',
        Ok(eighths) => BLOCKS[eighths.min(8) - 1],
    };
    values.iter().map(block).collect()
}

#[cfg(test)]
mod tests {
    use super::sparkline;

    #[test]
    fn the_largest_is_the_highest_and_nothing_is_a_dot() {
        assert_eq!(sparkline(&[]), "");
        assert_eq!(sparkline(&[0, 0]), "··");
        assert_eq!(sparkline(&[0, 1, 4, 8, 1_000]), "·▁▁▁█");
        assert_eq!(sparkline(&[1, 2, 3, 4, 5, 6, 7, 8]), "▁▂▃▄▅▆▇█");
        assert_eq!(sparkline(&[i64::MAX, -5]), "█·");
    }
}
