//! Casework in pools as large as the councils of England are, by their published plans in January 2025.

use super::casework::{CaseworkError, CaseworkOptions};
use super::figures;

/// Splits casework into one pool a council: cases and officers in proportion to its plans, adding up to what was asked
/// for, with at least one officer each. For [`casework_pools_instance`].
///
/// [`casework_pools_instance`]: super::casework_pools_instance
///
/// # Errors
/// Fewer officers than there are councils.
///
/// # Panics
/// Never: published counts fit their type.
pub fn council_pools(whole: &CaseworkOptions) -> Result<Vec<CaseworkOptions>, CaseworkError> {
    let plans =
        figures::all().into_iter().map(|council| usize::try_from(council.plans_2025).expect("a published count"));
    let plans: Vec<_> = plans.collect();
    if whole.officers < plans.len() {
        return Err(CaseworkError::NoOfficers);
    }
    let (cases, officers) = (shares(whole.cases, &plans, 0), shares(whole.officers, &plans, 1));
    let pools = (0..).zip(cases.into_iter().zip(officers));
    Ok(pools
        // Far apart, so that the pools of one seed are not those of the next.
        .map(|(pool, (cases, officers))| CaseworkOptions {
            cases,
            officers,
            seed: whole.seed.wrapping_add(pool << 32),
            ..whole.clone()
        })
        .collect())
}

/// Parts of a whole in proportion to their sizes, none below `least`: rounded down, and what is left goes one each to the
/// largest remainders. Where too little is left for that, the largest parts give.
fn shares(whole: usize, sizes: &[usize], least: usize) -> Vec<usize> {
    let total: usize = sizes.iter().sum();
    let mut parts: Vec<_> = sizes.iter().map(|size| (whole * size / total).max(least)).collect();
    let mut by_remainder: Vec<_> = (0..sizes.len()).collect();
    by_remainder.sort_by_key(|&part| std::cmp::Reverse(whole * sizes[part] % total));
    let given: usize = parts.iter().sum();
    for &part in by_remainder.iter().take(whole.saturating_sub(given)) {
        parts[part] += 1;
    }
    for _ in whole..given {
        if let Some(largest) = parts.iter_mut().max() {
            *largest -= 1;
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::shares;

    #[test]
    fn shares_add_up() {
        assert_eq!(shares(10, &[1, 1, 1], 0), [4, 3, 3]);
        assert_eq!(shares(4_600, &[20_635, 17, 3_267], 1), [3_969, 3, 628]);
        assert_eq!(shares(4, &[90, 1, 1], 1), [2, 1, 1], "the largest gives");
        for whole in 3..500 {
            assert_eq!(shares(whole, &[700, 2, 41], 1).iter().sum::<usize>(), whole);
        }
    }
}
