//! One move of all prices of a kind together, to where the officers use what they have.
//!
//! Where cases must wait, how high all prices are says how many of them do. Single steps of single prices find that level slowly:
//! each price's curvature tells of cases that go to another officer, and far fewer go to the holding list.

use super::{
    core::{CORE_WIDTH, Core},
    layout::{Layout, Of, Values},
};
use crate::solve::budget::Steps;

/// Where fewer of the units may wait than this share, the level of the prices matters little.
const LEAST_WAITING: f64 = 5e-3;
/// Officers who use what they have, but for this share of it, are left as they are.
const EVEN: f64 = 1e-3;
/// Looks for the level between two that are too low and too high.
const LOOKS: usize = 5;

/// Moves the prices of points, and then those of cases, of all officers by one and the same sum each, as far as the softened dual of
/// the core rises, nearly. At most 14 steps of the budget; `None` = it has ended.
pub(super) fn even_out(
    core: &Core,
    layout: &Layout,
    prices: &mut Values,
    threads: usize,
    steps: &mut Steps<'_>,
) -> Option<()> {
    if core.may_wait() < LEAST_WAITING {
        return Some(());
    }
    let points: fn(Of) -> Of = |of| Of { point: of.point, ..Of::default() };
    let cases: fn(Of) -> Of = |of| Of { case: of.case, ..Of::default() };
    for kind in [points, cases] {
        let only =
            |values: &Values| Values { officers: values.officers.iter().copied().map(kind).collect(), handover: 0.0 };
        let direction = only(&layout.is_active);
        let moved = |by: f64| {
            let prices = prices.map2(&direction, |price, on| price + by * on);
            prices.map2(&layout.highest, |price, highest| price.clamp(0.0, highest))
        };
        // How much more than they have is used by the officers whose price can follow: a price of nothing cannot fall.
        let excess = |prices: &Values, steps: &mut Steps<'_>| {
            steps.take().then(|| {
                let gradient = core.slope(layout, prices, threads).gradient;
                let follows = gradient.map2(prices, |excess, price| if price > 0.0 { excess } else { excess.max(0.0) });
                direction.dot(&follows)
            })
        };
        let at_start = excess(prices, steps)?;
        if at_start.abs() <= EVEN * direction.dot(&layout.limits) {
            continue;
        }
        let is_like_start = |excess: f64| (excess > 0.0) == (at_start > 0.0);
        let (mut near, mut at_near) = (0.0, at_start);
        // A typical option that changes more may come from outside the core.
        let mut far = (CORE_WIDTH * core.temperature / only(&layout.uses).largest()).copysign(at_start);
        let mut at_far = excess(&moved(far), steps)?;
        if is_like_start(at_far) {
            near = far;
        } else {
            for _ in 0..LOOKS {
                let middle = near + (far - near) * (at_near / (at_near - at_far)).clamp(0.1, 0.9);
                let at_middle = excess(&moved(middle), steps)?;
                if is_like_start(at_middle) {
                    (near, at_near) = (middle, at_middle);
                } else {
                    (far, at_far) = (middle, at_middle);
                }
            }
        }
        *prices = moved(near);
    }
    Some(())
}
