//! From the records of a person to open cases: what is wrong between records, what is open, and since when.
//!
//! Where records contradict each other, the case stays open: no child is lost for a mistake in a return.

use jiff::{ToSpan as _, civil::Date, civil::date};

use super::derive::CaseFacts;
use super::fields::{Field, Module};
use super::rejects::{RejectCode, Rejects};
use super::tables::{ActivePlan, Assessment, NamedPlan, Outcome, Phase, Placement, Request, Tables, children};
use crate::model::Code;

/// Nothing that is open can have begun before the present law was made.
const FIRST_DAY: Date = date(2014, 1, 1);
/// How far ahead a phase transfer can be due.
const TRANSFER_DAYS_MAX: i32 = 800;
/// Weeks from the meeting in which an amendment is under way, and from the draft.
const AMENDING_WEEKS: (i64, i64) = (12, 8);

/// The two kinds of case that a return tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CaseKind {
    /// A plan that is maintained.
    Plan,
    /// A request or an assessment that is open.
    Assessment,
}

impl CaseKind {
    /// Its name in the catalogue, and the end of the case's id.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Plan => "plan",
            Self::Assessment => "assessment",
        }
    }
}

/// An open case as the records have it.
pub(super) struct OpenCase {
    pub(super) kind: CaseKind,
    pub(super) facts: CaseFacts,
    /// Age of the child, where it matters to who may take the case.
    pub(super) phase: Option<Phase>,
    /// Number of the school; 0 = none.
    pub(super) urn: u32,
    /// The day since which it is open, if it is one without an officer from its first day.
    pub(super) received: Option<Date>,
}

/// What a date may be.
struct Bounds<'r> {
    as_at: Date,
    rejects: &'r mut Rejects,
}

impl Bounds<'_> {
    /// The date, if it can be: from 2014 to the day of the extract.
    fn past(&mut self, module: Module, at: u32, field: Field, date: Option<Date>) -> Option<Date> {
        self.until(module, at, field, date, self.as_at, RejectCode::DateTooLate)
    }

    fn until(
        &mut self,
        module: Module,
        at: u32,
        field: Field,
        date: Option<Date>,
        last: Date,
        late: RejectCode,
    ) -> Option<Date> {
        let date = date?;
        let code = match () {
            () if date < FIRST_DAY => RejectCode::DateTooEarly,
            () if date > last => late,
            () => return Some(date),
        };
        self.rejects.push(module, at, Some(field), code);
        None
    }

    /// The date, unless it is before another.
    fn not_before(
        &mut self,
        (module, at, field): (Module, u32, Field),
        date: Option<Date>,
        first: Option<Date>,
        code: RejectCode,
    ) -> Option<Date> {
        if date.zip(first).is_some_and(|(date, first)| date < first) {
            self.rejects.push(module, at, Some(field), code);
            return None;
        }
        date
    }
}

/// What a request with all its records comes to.
#[derive(Default)]
struct Course {
    at: u32,
    received: Option<Date>,
    /// The stage, while the request or the assessment is open.
    open_stage: Option<&'static str>,
    is_exempt: bool,
    mediation: bool,
    tribunal: bool,
    /// The start of the newest plan that has not ceased, if there is a plan.
    plan: Option<PlanState>,
    active: Option<ActivePlan>,
    placement: Option<Placement>,
}

#[derive(Clone, Copy, Default)]
struct PlanState {
    at: u32,
    start: Option<Date>,
    is_ceased: bool,
}

/// The open cases of a person: one plan and one assessment at most.
pub(super) fn open_cases(tables: &Tables, person: u32, as_at: Date, rejects: &mut Rejects, open: &mut Vec<OpenCase>) {
    open.clear();
    let mut bounds = Bounds { as_at, rejects };
    let first = tables.requests.partition_point(|request| request.person < person);
    let requests = children(&tables.requests, person, |request| request.person);
    let courses: Vec<Course> = requests
        .iter()
        .enumerate()
        .map(|(offset, request)| {
            course(tables, u32::try_from(first + offset).expect("fewer than 2^32 requests"), request, &mut bounds)
        })
        .collect();
    let phase = tables.persons[person as usize].phase;
    open.extend(plan_case(&courses, phase, &mut bounds));
    open.extend(assessment_case(&courses, &mut bounds));
}

/// Of several active plans the one that started last; without one, a plan that has started and not ceased.
fn plan_case(courses: &[Course], phase: Option<Phase>, bounds: &mut Bounds<'_>) -> Option<OpenCase> {
    let start = |course: &Course| course.plan.and_then(|plan| plan.start);
    let active = |course: &&Course| course.active.is_some();
    let chosen = courses.iter().filter(active).rev().max_by_key(|course| start(course));
    for other in courses.iter().filter(active) {
        if let (Some(plan), false) = (other.active, chosen.is_some_and(|chosen| std::ptr::eq(chosen, other))) {
            bounds.rejects.push(Module::ActivePlans, plan.at, None, RejectCode::TwoActivePlans);
        }
    }
    let course = match chosen {
        Some(course) => course,
        None => {
            let started = |course: &&Course| course.plan.is_some_and(|plan| !plan.is_ceased && plan.start.is_some());
            let course = courses.iter().filter(started).max_by_key(|course| start(course))?;
            let at = course.plan.map_or(course.at, |plan| plan.at);
            bounds.rejects.push(Module::NamedPlan, at, None, RejectCode::PlanNotActive);
            course
        }
    };
    let mut facts = CaseFacts::of_kind(CaseKind::Plan);
    facts.mediation = course.mediation;
    facts.tribunal = course.tribunal;
    let start = start(course);
    facts.event("plan-made", start);
    if let Some(active) = &course.active {
        reviews(active, start, &mut facts, bounds);
    }
    let placement = course.placement;
    facts.is_out_of_education = placement.is_some_and(|placement| placement.is_out_of_education);
    let urn = placement.map_or(0, |placement| placement.urn);
    Some(OpenCase { kind: CaseKind::Plan, facts, phase, urn, received: None })
}

fn reviews(active: &ActivePlan, start: Option<Date>, facts: &mut CaseFacts, bounds: &mut Bounds<'_>) {
    let (module, at, as_at) = (Module::ActivePlans, active.at, bounds.as_at);
    let last = bounds.until(module, at, Field::LastReview, active.last_review, as_at, RejectCode::LastReviewFuture);
    match (last, start) {
        (None, None) => bounds.rejects.push(module, at, Some(Field::LastReview), RejectCode::StartMissing),
        (None, Some(start)) if start.saturating_add(1.year()) < as_at => {
            bounds.rejects.push(module, at, Some(Field::LastReview), RejectCode::LastReviewMissing);
        }
        _ => {}
    }
    facts.event("last-review", last);
    let meeting = bounds.past(module, at, Field::ReviewMeeting, active.meeting);
    let draft = bounds.past(module, at, Field::ReviewDraft, active.draft);
    let draft = bounds.not_before((module, at, Field::ReviewDraft), draft, meeting, RejectCode::DraftBeforeMeeting);
    // Neither says when it came to its end: taken as done when its time is over.
    let within = |date: Date, weeks: i64| date.saturating_add(weeks.weeks()) >= as_at;
    if meeting.is_some_and(|meeting| last.is_none_or(|last| meeting > last)) {
        facts.event("review-meeting", meeting);
    } else if active.amends == Some(true) {
        facts.event("review-meeting-amend", meeting.filter(|&meeting| within(meeting, AMENDING_WEEKS.0)));
    }
    if active.amends != Some(false) {
        facts.event("amendments-sent", draft.filter(|&draft| within(draft, AMENDING_WEEKS.1)));
    }
    let last_day = as_at.saturating_add(TRANSFER_DAYS_MAX.days());
    let due =
        bounds.until(module, at, Field::PhaseTransferDueDate, active.phase_due, last_day, RejectCode::DateTooLate);
    let done = bounds.past(module, at, Field::PhaseTransferFinalDate, active.phase_final);
    if let (Some(due), None) = (due, done) {
        // Schools: 15 February. Into post-16: 31 March.
        let is_school = (due.month(), due.day()) <= (2, 15);
        facts.event(if is_school { "phase-transfer" } else { "phase-transfer-post-16" }, Some(due));
    }
}

/// Of several open requests the earliest.
fn assessment_case(courses: &[Course], bounds: &mut Bounds<'_>) -> Option<OpenCase> {
    let open = |course: &&Course| course.open_stage.is_some();
    let chosen = courses.iter().filter(open).min_by_key(|course| course.received.unwrap_or(Date::MAX))?;
    for other in courses.iter().filter(open).filter(|other| !std::ptr::eq(*other, chosen)) {
        bounds.rejects.push(Module::Requests, other.at, None, RejectCode::TwoOpenRequests);
    }
    if chosen.received.is_none() {
        let field = Some(Field::ReceivedDate);
        bounds.rejects.push(Module::Requests, chosen.at, field, RejectCode::ReceivedMissing);
    }
    let mut facts = CaseFacts::of_kind(CaseKind::Assessment);
    facts.stage = chosen.open_stage.map(Code::from);
    facts.is_exempt = chosen.is_exempt;
    facts.mediation = chosen.mediation;
    facts.tribunal = chosen.tribunal;
    facts.event("request-received", chosen.received);
    Some(OpenCase { kind: CaseKind::Assessment, facts, phase: None, urn: 0, received: chosen.received })
}

fn course(tables: &Tables, position: u32, request: &Request, bounds: &mut Bounds<'_>) -> Course {
    let at = request.at;
    let received = bounds.past(Module::Requests, at, Field::ReceivedDate, request.received);
    let decided = bounds.past(Module::Requests, at, Field::RequestOutcomeDate, request.outcome_date);
    let place = (Module::Requests, at, Field::RequestOutcomeDate);
    let has_date = decided.is_some();
    bounds.not_before(place, decided, received, RejectCode::OutcomeBeforeRequest);
    match request.outcome {
        Some(Outcome::Yes | Outcome::No) if !has_date => {
            bounds.rejects.push(Module::Requests, at, Some(Field::RequestOutcomeDate), RejectCode::OutcomeWithoutDate);
        }
        None if has_date => {
            bounds.rejects.push(Module::Requests, at, Some(Field::RequestOutcome), RejectCode::DateWithoutOutcome);
        }
        _ => {}
    }
    let first = tables.assessments.partition_point(|assessment| assessment.request < position);
    let assessments = children(&tables.assessments, position, |assessment| assessment.request);
    let mut course =
        Course { at, received, mediation: request.mediation, tribunal: request.tribunal, ..Course::default() };
    let mut named: Option<PlanState> = None;
    for (offset, assessment) in assessments.iter().enumerate() {
        assessed(request, assessment, received, bounds);
        course.mediation |= assessment.mediation;
        course.tribunal |= assessment.tribunal;
        course.is_exempt |= assessment.week20;
        let parent = u32::try_from(first + offset).expect("fewer than 2^32 assessments");
        for plan in children(&tables.named_plans, parent, |plan| plan.assessment) {
            let state = named_plan(plan, received, bounds);
            if named.is_none_or(|known| state.start >= known.start) {
                named = Some(state);
            }
        }
    }
    let actives = children(&tables.active_plans, position, |active| active.request);
    if let Some((active, others)) = actives.split_first() {
        let plan = tables.active_plans.partition_point(|active| active.request < position);
        let plan = u32::try_from(plan).expect("fewer than 2^32 plans");
        for other in others {
            bounds.rejects.push(Module::ActivePlans, other.at, None, RejectCode::TwoActivePlans);
        }
        let placement = current(children(&tables.placements, plan, |placement| placement.active), bounds);
        course.placement = placement;
        course.active = keep_active(*active, named, placement.is_some(), bounds);
    }
    course.open_stage = match (request.exported, actives.is_empty() && named.is_none(), assessments.last()) {
        (true, ..) | (_, false, _) => None,
        (_, _, None) => match request.outcome {
            None => Some("request"),
            Some(Outcome::Yes) => Some("assessment"),
            Some(Outcome::No | Outcome::Historic) => None,
        },
        (_, _, Some(assessment)) => match assessment.outcome {
            None => Some("assessment"),
            Some(Outcome::Yes) => Some("drafting"),
            Some(Outcome::No | Outcome::Historic) => None,
        },
    };
    course.plan = named;
    course
}

fn assessed(request: &Request, assessment: &Assessment, received: Option<Date>, bounds: &mut Bounds<'_>) {
    let (module, at) = (Module::Assessment, assessment.at);
    if matches!(request.outcome, None | Some(Outcome::No)) {
        bounds.rejects.push(module, at, None, RejectCode::AssessedWithoutDecision);
    }
    let ended = bounds.past(module, at, Field::AssessmentOutcomeDate, assessment.outcome_date);
    let place = (module, at, Field::AssessmentOutcomeDate);
    bounds.not_before(place, ended, received, RejectCode::AssessedBeforeRequest);
}

fn named_plan(plan: &NamedPlan, received: Option<Date>, bounds: &mut Bounds<'_>) -> PlanState {
    let (module, at) = (Module::NamedPlan, plan.at);
    let start = bounds.past(module, at, Field::StartDate, plan.start);
    let cease = bounds.past(module, at, Field::CeaseDate, plan.cease);
    bounds.not_before((module, at, Field::StartDate), start, received, RejectCode::StartBeforeRequest);
    let cease = bounds.not_before((module, at, Field::CeaseDate), cease, start, RejectCode::CeaseBeforeStart);
    if plan.has_cease_reason && plan.cease.is_none() {
        bounds.rejects.push(module, at, Some(Field::CeaseDate), RejectCode::CeaseWithoutDate);
    }
    PlanState { at, start, is_ceased: cease.is_some() }
}

/// The active plan, unless it has ceased and nobody attends anything under it.
fn keep_active(
    active: ActivePlan,
    named: Option<PlanState>,
    has_placement: bool,
    bounds: &mut Bounds<'_>,
) -> Option<ActivePlan> {
    if !named.is_some_and(|plan| plan.is_ceased) {
        return Some(active);
    }
    let code = if has_placement { RejectCode::CeasedOpenPlacement } else { RejectCode::CeasedActive };
    bounds.rejects.push(Module::ActivePlans, active.at, None, code);
    has_placement.then_some(active)
}

/// The placement that is open, of the first rank where there are several.
fn current(placements: &[Placement], bounds: &mut Bounds<'_>) -> Option<Placement> {
    let mut chosen: Option<Placement> = None;
    for placement in placements {
        let place = (Module::PlacementDetail, placement.at, Field::LeavingDate);
        let left = bounds.not_before(place, placement.leaving, placement.entry, RejectCode::LeavingBeforeEntry);
        if left.is_some_and(|left| left <= bounds.as_at) {
            continue;
        }
        match chosen {
            Some(first) if first.is_first_rank && placement.is_first_rank => {
                bounds.rejects.push(Module::PlacementDetail, placement.at, None, RejectCode::TwoPlacements);
            }
            Some(first) if first.is_first_rank || !placement.is_first_rank => {}
            _ => chosen = Some(*placement),
        }
    }
    chosen
}
