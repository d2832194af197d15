//! The least price and the least number of children without an officer, by trying every choice of every unit. Written
//! from the formulas, one by one, and from nothing of the solvers or the checker.

use std::collections::BTreeSet;

use caseload::model::{Limits, Problem, UnitIndex};

/// The best that any allocation can do.
#[derive(Clone, Debug)]
pub(crate) struct Optimum {
    /// Least objective.
    pub(crate) price: i64,
    /// Fewest children with a case on the holding list.
    pub(crate) children: i64,
    /// Allocations that keep the rules.
    pub(crate) allocation_count: u64,
}

/// Tries everything.
///
/// # Panics
/// If no allocation keeps the rules, which no valid problem allows.
pub(crate) fn optimum(problem: &Problem) -> Optimum {
    let mut trial = Trial {
        problem,
        points: vec![0; problem.instance().officer_count()],
        cases: vec![0; problem.instance().officer_count()],
        new_cases: vec![0; problem.instance().officer_count()],
        handovers: 0,
        price: 0,
        waiting: Vec::new(),
        best: Optimum { price: i64::MAX, children: i64::MAX, allocation_count: 0 },
    };
    let units: Vec<UnitIndex> = problem.instance().unit_indices().collect();
    trial.choose(&units);
    assert!(trial.best.allocation_count > 0, "a valid problem has an allocation");
    trial.best
}

struct Trial<'a> {
    problem: &'a Problem,
    points: Vec<i64>,
    cases: Vec<i64>,
    new_cases: Vec<i64>,
    handovers: i64,
    price: i64,
    waiting: Vec<UnitIndex>,
    best: Optimum,
}

impl Trial<'_> {
    fn choose(&mut self, units: &[UnitIndex]) {
        let Some((&unit_index, others)) = units.split_first() else {
            self.end();
            return;
        };
        let unit = self.problem.instance().unit(unit_index);
        for pair in self.problem.instance().pairs(unit_index) {
            self.add(&pair, i64::from(unit.case_count), 1);
            self.choose(others);
            self.add(&pair, i64::from(unit.case_count), -1);
        }
        if let Some(waiting_price) = unit.waiting_price {
            self.price += waiting_price;
            self.handovers += i64::from(unit.release_count);
            self.waiting.push(unit_index);
            self.choose(others);
            self.waiting.pop();
            self.handovers -= i64::from(unit.release_count);
            self.price -= waiting_price;
        }
    }

    fn add(&mut self, pair: &caseload::model::EligiblePair, case_count: i64, sign: i64) {
        let officer = pair.officer.get();
        self.price += sign * pair.cost;
        self.points[officer] += sign * i64::from(pair.weight_points);
        self.cases[officer] += sign * case_count;
        self.new_cases[officer] += sign * i64::from(pair.new_case_count);
        self.handovers += sign * i64::from(pair.handover_count);
    }

    /// All units are placed.
    fn end(&mut self) {
        let mut price = self.price;
        for (officer, limits) in self.problem.instance().limits().iter().enumerate() {
            let used = [
                (self.points[officer], limits.load_limit),
                (self.cases[officer], limits.case_limit),
                (self.new_cases[officer], limits.intake_limit),
            ];
            if used.iter().any(|&(used, limit)| limit.is_some_and(|limit| used > limit)) {
                return;
            }
            price += balance_price(limits, self.points[officer]);
        }
        if self.problem.instance().handover_limit().is_some_and(|limit| self.handovers > limit) {
            return;
        }
        self.best.allocation_count += 1;
        self.best.price = self.best.price.min(price);
        self.best.children = self.best.children.min(self.children_waiting());
    }

    fn children_waiting(&self) -> i64 {
        let cases = &self.problem.backlog().cases;
        let waiting = self.waiting.iter().flat_map(|unit| self.problem.cases_of(*unit)).map(|case| &cases[case.get()]);
        // A case without a child's token is a child of its own.
        let children: BTreeSet<(Option<&str>, &str)> = waiting
            .map(|case| match &case.child_id {
                Some(child) => (Some(child.as_str()), ""),
                None => (None, case.id.as_str()),
            })
            .collect();
        children.len() as i64
    }
}

/// Point by point: each costs the slope of the last segment that starts at or below it.
pub(crate) fn balance_price(limits: &Limits, load: i64) -> i64 {
    let slope_at =
        |point: i64| limits.balance.iter().rfind(|segment| segment.from_points <= point).map_or(0, |last| last.slope);
    (0..load).map(slope_at).sum()
}
