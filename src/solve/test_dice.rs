//! Chance for tests of the solver: seeded, so that what fails fails again. Numbers, and small problems that use every limit.

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng as _, SeedableRng as _},
};

use crate::model::{
    Anchor, BalanceSegment, EligiblePair, Instance, Limits, OfficerIndex, OfficerPrices, PROOF_SCALE, Proof, Unit,
};

pub(super) struct Dice(ChaCha8Rng);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// A number in `0..limit`.
    pub(super) fn below(&mut self, limit: i64) -> i64 {
        (self.0.next_u64() >> 1) as i64 % limit
    }

    pub(super) fn is(&mut self, percent: i64) -> bool {
        self.below(100) < percent
    }

    /// Some units, held and not, and officers with limits of every kind, balance, and at times a handover limit.
    pub(super) fn instance(&mut self) -> Instance {
        let officers = 2 + self.below(3);
        let mut limits: Vec<Limits> = (0..officers)
            .map(|_| Limits {
                capacity_points: None,
                max_case_count: None,
                load_limit: self.is(80).then(|| 2 + self.below(10)),
                case_limit: self.is(40).then(|| 1 + self.below(3)),
                intake_limit: self.is(30).then(|| self.below(3)),
                balance: if self.is(40) {
                    vec![BalanceSegment { from_points: self.below(6), slope: 2 }]
                } else {
                    Vec::new()
                },
            })
            .collect();
        let mut drafts = Vec::new();
        for _ in 0..4 + self.below(4) {
            let holder = self.is(40).then(|| OfficerIndex::new(self.below(officers) as usize));
            let pairs: Vec<EligiblePair> = (0..officers as usize)
                .map(OfficerIndex::new)
                .filter(|&officer| holder == Some(officer) || self.is(70))
                .collect::<Vec<_>>()
                .into_iter()
                .map(|officer| EligiblePair {
                    cost: self.below(30),
                    officer,
                    weight_points: 1 + self.below(5) as u32,
                    new_case_count: u32::from(holder != Some(officer)),
                    handover_count: u32::from(holder.is_some_and(|holder| holder != officer)),
                })
                .collect();
            let anchor = holder.map_or(Anchor::None, Anchor::Held);
            let waiting_price = (holder.is_none() || self.is(30)).then(|| 20 + self.below(40));
            let release_count = u32::from(holder.is_some());
            drafts.push((
                Unit { case_count: 1, child_count: 1, anchor, waiting_price, release_count, stay_is_over: false },
                pairs,
            ));
        }
        // What is where it is today is always within the limits.
        for (position, limits) in limits.iter_mut().enumerate() {
            let kept: Vec<&EligiblePair> = drafts
                .iter()
                .filter(|(unit, _)| unit.anchor.officer() == Some(OfficerIndex::new(position)))
                .flat_map(|(_, pairs)| pairs.iter().filter(|pair| pair.officer.get() == position))
                .collect();
            let points = kept.iter().map(|pair| i64::from(pair.weight_points)).sum();
            limits.load_limit = limits.load_limit.map(|limit| limit.max(points));
            limits.case_limit = limits.case_limit.map(|limit| limit.max(kept.len() as i64));
        }
        let handover_limit = self.is(40).then(|| self.below(3));
        let mut instance = Instance::new(limits, handover_limit);
        drafts.into_iter().for_each(|(unit, pairs)| instance.push(unit, &pairs));
        instance
    }

    /// Some prices: any prove something. None without a limit.
    pub(super) fn proof(&mut self, instance: &Instance) -> Proof {
        let mut price = |most: i64| self.below(most * PROOF_SCALE);
        let officers = (0..instance.officer_count())
            .map(|_| OfficerPrices { point: price(4), case: price(2), new_case: price(2) })
            .collect();
        let handover = price(3);
        let mut proof = Proof { officers, handover };
        for (prices, limits) in proof.officers.iter_mut().zip(instance.limits()) {
            let or_nothing = |limit: Option<i64>, price: i64| if limit.is_some() { price } else { 0 };
            prices.point = or_nothing(limits.load_limit, prices.point);
            prices.case = or_nothing(limits.case_limit, prices.case);
            prices.new_case = or_nothing(limits.intake_limit, prices.new_case);
        }
        proof.handover = if instance.handover_limit().is_some() { proof.handover } else { 0 };
        proof
    }
}
