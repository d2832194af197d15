//! What a case weighs, when it is due, whom it needs and how long it may wait: from what has happened in it, by the catalogue.
//! The one place where this is derived: whatever is written of a case comes from here.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use jiff::civil::Date;

use super::cases::CaseKind;
use crate::model::Code;
use crate::statute::{Catalogue, Events, Facts, Holidays, Unweighable, weigh};

/// The clock that never runs here: the meeting that a return tells of has been held.
const NOT_RUNNING: &str = "review-notice";
/// The clock that the return's exemption flag is about.
const EXEMPT_CLOCK: &str = "final-plan";
/// The exemption as a return has it: that there is one, not which.
pub(super) const EXEMPTION: &str = "week20";

/// What is known of a case.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct CaseFacts {
    kind: CaseKind,
    /// The stage, where the return tells it; of a plan it follows from what is due.
    pub(super) stage: Option<Code>,
    pub(super) events: Events,
    pub(super) is_out_of_education: bool,
    /// The 20 weeks need not be kept.
    pub(super) is_exempt: bool,
    pub(super) mediation: bool,
    pub(super) tribunal: bool,
}

impl CaseFacts {
    pub(super) fn of_kind(kind: CaseKind) -> Self {
        Self {
            kind,
            stage: None,
            events: Events::new(),
            is_out_of_education: false,
            is_exempt: false,
            mediation: false,
            tribunal: false,
        }
    }

    pub(super) fn event(&mut self, code: &str, day: Option<Date>) {
        if let Some(day) = day {
            self.events.insert(Code::from(code), day);
        }
    }
}

/// A dated duty of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Obligation {
    /// The clock.
    pub clock: Code,
    /// Its last day.
    pub due_date: Date,
    /// The reason for which it need not be kept. It lifts the limit, not the duty, and gives no new day.
    pub exemption: Option<Code>,
}

/// What follows from what is known of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Derived {
    /// The stage it is in.
    pub stage: Code,
    /// What has happened.
    pub events: Events,
    /// What is due, the nearest first.
    pub obligations: Vec<Obligation>,
    /// The nearest day of those that must be kept.
    pub due_date: Option<Date>,
    /// Weight, in points.
    pub weight_points: i64,
    /// Points of its heaviest week of the next 52.
    pub peak_points: i64,
    /// Skills that the stage needs.
    pub skills: Vec<Code>,
    /// Longest stay on a holding list, in days from the day of the extract.
    pub longest_stay_days: i64,
    /// It has been to mediation or to the tribunal, and the catalogue has no points for that.
    pub has_unweighed_dispute: bool,
}

/// Derives by one catalogue as at one day. Cases of which the same is known share what follows.
pub(super) struct Deriver<'c> {
    catalogue: &'c Catalogue,
    holidays: &'c Holidays,
    as_at: Date,
    known: HashMap<CaseFacts, Arc<Derived>>,
    lifted: BTreeSet<Code>,
    clocks_of_kind: HashMap<CaseKind, Vec<Code>>,
}

impl<'c> Deriver<'c> {
    pub(super) fn new(catalogue: &'c Catalogue, holidays: &'c Holidays, as_at: Date) -> Self {
        let exempt = Code::from(EXEMPT_CLOCK);
        let lifting = catalogue.exemptions.iter().filter(|exemption| exemption.lifts.contains(&exempt));
        let lifted = lifting.flat_map(|exemption| exemption.lifts.iter().cloned()).collect();
        let clocks_of_kind = [CaseKind::Plan, CaseKind::Assessment].map(|kind| {
            let stages = catalogue.stages_at(as_at).filter(|stage| stage.case_kind.as_str() == kind.name());
            let clocks: BTreeSet<Code> = stages.flat_map(|stage| stage.clocks.iter().cloned()).collect();
            (kind, clocks.into_iter().collect())
        });
        Self { catalogue, holidays, as_at, known: HashMap::new(), lifted, clocks_of_kind: clocks_of_kind.into() }
    }

    /// What follows. O(1) where the same is known of an earlier case.
    pub(super) fn derive(&mut self, facts: CaseFacts) -> Result<Arc<Derived>, Unweighable> {
        if let Some(derived) = self.known.get(&facts) {
            return Ok(Arc::clone(derived));
        }
        let derived = Arc::new(self.derive_new(&facts)?);
        self.known.insert(facts, Arc::clone(&derived));
        Ok(derived)
    }

    fn derive_new(&self, facts: &CaseFacts) -> Result<Derived, Unweighable> {
        let mut add_ons = Vec::new();
        let mut has_unweighed_dispute = false;
        for (is_true, code, must_be_known) in [
            (facts.is_out_of_education, "out-of-education", true),
            (facts.mediation, "mediation", false),
            (facts.tribunal, "tribunal", false),
        ] {
            let code = Code::from(code);
            let is_known = self.catalogue.add_on(&code, self.as_at).is_some();
            has_unweighed_dispute |= is_true && !must_be_known && !is_known;
            if is_true && is_known {
                add_ons.push((code, None));
            }
        }
        let weight = weigh(
            self.catalogue,
            &Facts {
                stage: facts.stage.clone(),
                case_kind: Some(Code::from(facts.kind.name())),
                events: facts.events.clone(),
                add_ons,
            },
            self.as_at,
            self.holidays,
        )?;
        let stage = self.catalogue.stage(&weight.stage, self.as_at);
        let stage = stage.ok_or_else(|| Unweighable::Stage(weight.stage.clone()))?;
        let clocks = if facts.stage.is_some() { &stage.clocks } else { &self.clocks_of_kind[&facts.kind] };
        let mut obligations: Vec<Obligation> = clocks
            .iter()
            .filter(|code| code.as_str() != NOT_RUNNING)
            .filter_map(|code| {
                let clock = self.catalogue.clock(code, self.as_at).filter(|clock| clock.is_deadline())?;
                let due_date = clock.last_day(&facts.events, self.holidays)?;
                let is_lifted = facts.is_exempt && self.lifted.contains(code);
                Some(Obligation { clock: code.clone(), due_date, exemption: is_lifted.then(|| Code::from(EXEMPTION)) })
            })
            .collect();
        obligations.sort_by(|a, b| (a.due_date, &a.clock).cmp(&(b.due_date, &b.clock)));
        let due_date = obligations.iter().find(|due| due.exemption.is_none()).map(|due| due.due_date);
        let stay_end = stage.longest_stay.after(self.as_at, self.holidays);
        Ok(Derived {
            stage: weight.stage,
            events: facts.events.clone(),
            due_date,
            obligations,
            weight_points: weight.points,
            peak_points: weight.peak_points,
            skills: stage.skills.clone(),
            longest_stay_days: i64::from((stay_end - self.as_at).get_days()),
            has_unweighed_dispute,
        })
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const AS_AT: Date = date(2025, 1, 16);

    fn derived(kind: CaseKind, stage: Option<&str>, events: &[(&str, Date)], is_exempt: bool) -> Arc<Derived> {
        let (catalogue, holidays) = (Catalogue::preset("send-england").unwrap(), Holidays::england());
        let mut facts = CaseFacts { is_exempt, stage: stage.map(Code::from), ..CaseFacts::of_kind(kind) };
        for &(code, day) in events {
            facts.event(code, Some(day));
        }
        Deriver::new(&catalogue, &holidays, AS_AT).derive(facts).unwrap()
    }

    fn due(derived: &Derived) -> Vec<String> {
        derived.obligations.iter().map(|due| format!("{} {}", due.due_date, due.clock)).collect()
    }

    #[test]
    fn an_assessment_is_due_by_its_next_clock() {
        let received = [("request-received", date(2025, 1, 6))];
        let request = derived(CaseKind::Assessment, Some("request"), &received, false);
        assert_eq!(due(&request), ["2025-02-17 decide-whether-to-assess", "2025-05-26 final-plan"]);
        assert_eq!((request.due_date, request.weight_points), (Some(date(2025, 2, 17)), 25));
        assert_eq!(request.skills, [Code::from("assessment")]);
        // Five working days from a Thursday.
        assert_eq!(request.longest_stay_days, 7);
        let assessment = derived(CaseKind::Assessment, Some("assessment"), &received, false);
        assert_eq!(assessment.due_date, Some(date(2025, 4, 28)));
        let drafting = derived(CaseKind::Assessment, Some("drafting"), &received, false);
        assert_eq!((drafting.due_date, drafting.weight_points), (Some(date(2025, 5, 26)), 100));
    }

    #[test]
    fn an_exemption_lifts_the_limit_and_gives_no_new_day() {
        let received = [("request-received", date(2024, 8, 1))];
        let drafting = derived(CaseKind::Assessment, Some("drafting"), &received, true);
        assert_eq!(drafting.due_date, None);
        assert_eq!(drafting.obligations[0].exemption, Some(Code::from("week20")));
        // The decision whether to assess has exemptions of its own, and no flag.
        let request = derived(CaseKind::Assessment, Some("request"), &received, true);
        assert_eq!(request.due_date, Some(date(2024, 9, 12)));
    }

    #[test]
    fn a_plan_is_due_by_the_nearest_of_review_decision_and_transfer() {
        let plan = derived(CaseKind::Plan, None, &[("last-review", date(2024, 6, 3))], false);
        assert_eq!(due(&plan), ["2025-06-02 annual-review"]);
        let plan = derived(
            CaseKind::Plan,
            None,
            &[
                ("last-review", date(2024, 2, 10)),
                ("review-meeting", date(2025, 1, 8)),
                ("phase-transfer", date(2025, 2, 15)),
            ],
            false,
        );
        assert_eq!(
            due(&plan),
            ["2025-02-05 review-decision", "2025-02-09 annual-review", "2025-02-14 phase-transfer-school"]
        );
        assert_eq!(plan.stage, Code::from("transfer"));
        assert_eq!(derived(CaseKind::Plan, None, &[], false).due_date, None);
    }
}
