//! A child that nobody is: what is drawn of it, and the dates that follow.

use jiff::{ToSpan as _, civil::Date, civil::date};

use crate::generate::dice::Dice;
use crate::generate::stage::{Skill, Stage, days_later};
use crate::model::{Case, Code, OfficerId};
use crate::statute::Events;

use super::flaws::Flaw;

/// The first day of the present law.
const LAW: Date = date(2014, 9, 1);

#[derive(Clone, Debug)]
pub(super) struct Child {
    pub(super) number: u32,
    stage: Stage,
    due_date: Date,
    pub(super) born: Date,
    /// The skill that its age asks for.
    age_skill: Option<Skill>,
    /// Where a plan's year begins that ends on the due date; or, of a transfer, some months ago.
    pub(super) last_review: Date,
    /// Start of the plan.
    pub(super) start: Date,
    /// Due date of a phase transfer that runs.
    pub(super) transfer: Option<Date>,
    pub(super) area: Code,
    /// School, if it attends one.
    pub(super) urn: Option<u32>,
    pub(super) officer: Option<OfficerId>,
    pub(super) held_since: Option<Date>,
    /// What is wrong with its records.
    pub(super) flaw: Option<&'static Flaw>,
}

/// Number of a school in the register, by its code in a generated backlog.
pub(super) fn urn(school: &Code) -> u32 {
    100_000 + school.as_str().trim_start_matches("school-").parse::<u32>().unwrap_or_default()
}

impl Child {
    pub(super) fn draw(number: u32, case: &Case, stage: Stage, as_at: Date, dice: &mut Dice) -> Self {
        let age = match skill_of(case) {
            Some(Skill::EarlyYears) => dice.between(3, 4),
            Some(Skill::Post16) => dice.between(16, 23),
            _ => dice.between(6, 15),
        };
        // Some days after the birthday.
        let born = days_later(as_at, -(age * 366 + dice.between(1, 180)));
        let due = case.due_date.unwrap_or(as_at);
        let is_transfer = due > as_at && matches!((due.month(), due.day()), (2, 15) | (3, 31)) && stage == Stage::Plan;
        let transfer = is_transfer.then_some(due);
        let is_leap_end = due.tomorrow().is_ok_and(|next| (next.month(), next.day()) == (2, 29));
        let due = if is_leap_end { days_later(due, -1) } else { due };
        let last_review = match transfer {
            Some(_) => days_later(as_at, -dice.between(30, 200)),
            None => days_later(due, 1).saturating_sub(1.year()),
        };
        // At least a year and a half ago, while the child was there.
        let newest = last_review.min(days_later(as_at, -540));
        let oldest = LAW.max(days_later(born, 400)).min(newest);
        let days = i64::from((newest - oldest).get_days());
        Self {
            number,
            stage,
            due_date: due,
            born,
            age_skill: skill_of(case).filter(|skill| matches!(skill, Skill::EarlyYears | Skill::Post16)),
            last_review,
            start: days_later(newest, -dice.between(0, days)),
            transfer,
            area: case.area.clone().unwrap_or_else(|| Code::from("area-01")),
            urn: case.setting_code.as_ref().map(urn),
            officer: case.current_officer_id.clone(),
            held_since: case.held_since,
            flaw: None,
        }
    }

    pub(super) fn is_plan(&self) -> bool {
        !matches!(self.stage, Stage::Request | Stage::Assessment | Stage::Drafting)
    }

    pub(super) fn is_request(&self) -> bool {
        self.stage == Stage::Request
    }

    pub(super) fn is_assessment(&self) -> bool {
        self.stage == Stage::Assessment
    }

    pub(super) fn is_drafting(&self) -> bool {
        self.stage == Stage::Drafting
    }

    pub(super) fn has_mediation(&self) -> bool {
        self.stage == Stage::Mediation
    }

    pub(super) fn has_tribunal(&self) -> bool {
        matches!(self.stage, Stage::Appeal | Stage::Order)
    }

    /// The stage in the catalogue, where it does not follow from what is due.
    pub(super) fn stage_code(&self) -> Option<&'static str> {
        match self.stage {
            Stage::Request => Some("request"),
            Stage::Assessment => Some("assessment"),
            Stage::Drafting => Some("drafting"),
            Stage::Plan | Stage::Mediation | Stage::Appeal | Stage::Order => None,
        }
    }

    /// When the request was received that this is about: 6, 16 or 20 weeks before the due date.
    pub(super) fn received(&self) -> Date {
        match self.stage {
            Stage::Request => days_later(self.due_date, -42),
            Stage::Assessment => days_later(self.due_date, -112),
            Stage::Drafting => days_later(self.due_date, -140),
            Stage::Plan | Stage::Mediation | Stage::Appeal | Stage::Order => days_later(self.start, -140),
        }
    }

    /// When something is due: before the day of a transfer, which is the first on which it is late.
    pub(super) fn due_date(&self) -> Date {
        self.transfer.map_or(self.due_date, |transfer| days_later(transfer, -1))
    }

    /// The skill that the case needs, by stage or age.
    pub(super) fn skill(&self) -> Option<&'static str> {
        if self.is_plan() { self.age_skill.map(Skill::code) } else { Some(Skill::Assessment.code()) }
    }

    /// What has happened, as the catalogue names it.
    pub(super) fn events(&self) -> Events {
        let mut events = Events::new();
        if !self.is_plan() {
            events.insert(Code::from("request-received"), self.received());
            return events;
        }
        events.insert(Code::from("plan-made"), self.start);
        events.insert(Code::from("last-review"), self.last_review);
        if let Some(transfer) = self.transfer {
            let is_school = transfer.month() == 2;
            let code = if is_school { "phase-transfer" } else { "phase-transfer-post-16" };
            events.insert(Code::from(code), transfer);
        }
        events
    }

    /// The council's own number of the child.
    pub(super) fn native_id(&self) -> String {
        format!("EHC2022{:07}", self.number)
    }

    /// Shaped like a Unique Pupil Number, and nobody's.
    pub(super) fn upn(&self) -> String {
        format!("Z999{:08}", self.number % 100_000_000) + "K"
    }
}

fn skill_of(case: &Case) -> Option<Skill> {
    let code = case.skills.first()?;
    Skill::ALL.into_iter().find(|skill| skill.code() == code.as_str())
}
