//! What a case weighs and when it is due, by its stage. Every number is an illustration, not calibrated.
//!
//! A case's cap weight is the mean of its points over those of the next 52 weeks whose stage is known. Of a plan all
//! 52 are: the year has its review, for some an amendment or a phase transfer. What follows a request, an
//! assessment, an appeal or an order is not decided yet, so such a case weighs what its present stage weighs (the
//! plan at the end of an assessment is a case of its own). Lateness raises urgency, never points: an overdue case
//! keeps the points of its stage, or slow work would earn a smaller caseload.

use jiff::civil::Date;

use super::dice::Dice;

/// Weeks over which points are averaged.
const YEAR_WEEKS: i64 = 52;

/// Age bands of the published figures.
pub(super) const AGE_BANDS: usize = 5;
/// Children of each age band who change phase within a year, in per mille: those aged 4, 10 and 15 have about 17 % of
/// all plans in England.
const TRANSFER_PER_MILLE: [i64; AGE_BANDS] = [600, 220, 220, 0, 0];
/// Points of a plan with nothing due in 12 weeks.
const MAINTAINED_POINTS: i64 = 5;
/// Points and weeks of a review: from 12 weeks before it is due to its decision.
const REVIEW: (i64, i64) = (12, 12);
/// Points and weeks of amending after a review.
const AMENDING: (i64, i64) = (25, 8);
/// Points and weeks of a phase transfer, October to 15 February (31 March into post-16).
const TRANSFER: (i64, i64) = (30, 16);
/// Further points of a child who is out of education.
const OUT_OF_EDUCATION_POINTS: i64 = 20;
/// Children with a plan who are out of education, in per mille: 2,460 of compulsory school age in England.
const OUT_OF_EDUCATION_PER_MILLE: i64 = 4;

/// What an officer has open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// A plan is maintained, reviewed, amended or taken through a phase transfer.
    Plan,
    /// A request for an assessment, undecided (weeks 0 to 6).
    Request,
    /// An assessment (weeks 6 to 16).
    Assessment,
    /// A plan is drafted and finalised (weeks 16 to 20).
    Drafting,
    /// A mediation about a plan.
    Mediation,
    /// A tribunal appeal about a plan.
    Appeal,
    /// An order of the tribunal to comply with.
    Order,
}

/// Weight, due date and skill of one case.
pub(super) struct Profile {
    pub(super) points: i64,
    pub(super) due_date: Date,
    /// First day on which the case can have been open.
    pub(super) open_since: Option<Date>,
    pub(super) skill: Option<Skill>,
}

/// The skills that cases need here: coarse on purpose, so that no code singles out a child.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Skill {
    Assessment,
    EarlyYears,
    Post16,
    Tribunal,
}

impl Skill {
    pub(super) const ALL: [Self; 4] = [Self::Assessment, Self::EarlyYears, Self::Post16, Self::Tribunal];

    pub(super) fn code(self) -> &'static str {
        match self {
            Self::Assessment => "assessment",
            Self::EarlyYears => "early-years",
            Self::Post16 => "post-16",
            Self::Tribunal => "tribunal",
        }
    }
}

/// What the profile of a case depends on besides its stage.
pub(super) struct Setting<'a> {
    pub(super) as_at: Date,
    /// Plans by age band, as weights.
    pub(super) ages: &'a [i64; AGE_BANDS],
    /// Reviews that end in an amendment, in per mille.
    pub(super) amend_per_mille: i64,
}

/// Draws the profile of a case in that stage.
pub(super) fn profile(stage: Stage, is_overdue: bool, setting: &Setting<'_>, dice: &mut Dice) -> Profile {
    // Days from the start of the case to the due date (weeks 6, 16 and 20 of the statutory path), days by which the
    // due date may lie ahead, days by which it may be missed.
    let (points, skill, path_days, ahead_days, late_days) = match stage {
        Stage::Plan => return plan_profile(is_overdue, setting, dice),
        Stage::Request => (25, Skill::Assessment, Some(42), 41, 60),
        Stage::Assessment => (40, Skill::Assessment, Some(112), 69, 120),
        Stage::Drafting => (100, Skill::Assessment, Some(140), 27, 150),
        Stage::Mediation => (60, Skill::Tribunal, None, 29, 30),
        Stage::Appeal => (60, Skill::Tribunal, None, 83, 60),
        Stage::Order => (100, Skill::Tribunal, None, 34, 60),
    };
    let due_date = draw_due_date(setting.as_at, is_overdue, ahead_days, late_days, dice);
    let open_since = path_days.map(|days| days_later(due_date, -days));
    Profile { points, due_date, open_since, skill: Some(skill) }
}

fn plan_profile(is_overdue: bool, setting: &Setting<'_>, dice: &mut Dice) -> Profile {
    // A council that publishes no ages (it would single out a child) has children of school age.
    let ages = if setting.ages.iter().sum::<i64>() > 0 { setting.ages } else { &[0, 1, 1, 0, 0] };
    let age_band = dice.weighted(ages);
    let into_post_16 = age_band == 2;
    // Of a transfer that runs now, the weeks to its end are ahead; of next winter's, the rest up to the same day.
    let weeks_left = if into_post_16 { 10 } else { 4 };
    let transfers_at = dice.between(0, 999);
    let share = TRANSFER_PER_MILLE[age_band];
    let transfers_now = transfers_at < share;
    let transfer_weeks = if transfers_now {
        weeks_left
    } else if transfers_at < 2 * share {
        TRANSFER.1 - weeks_left
    } else {
        0
    };
    let is_amended = dice.per_mille(setting.amend_per_mille);
    let is_out_of_education = dice.per_mille(OUT_OF_EDUCATION_PER_MILLE);
    // A child under five is reviewed at least every six months.
    let reviews = if age_band == 0 { 2 } else { 1 };

    let mut point_weeks = MAINTAINED_POINTS * YEAR_WEEKS;
    point_weeks += reviews * REVIEW.1 * (REVIEW.0 - MAINTAINED_POINTS);
    point_weeks += i64::from(is_amended) * AMENDING.1 * (AMENDING.0 - MAINTAINED_POINTS);
    point_weeks += transfer_weeks * (TRANSFER.0 - MAINTAINED_POINTS);
    // Rounded up or down at random, so that the points of many cases add up to what they are on average.
    let mut points = point_weeks / YEAR_WEEKS + i64::from(dice.between(1, YEAR_WEEKS) <= point_weeks % YEAR_WEEKS);
    points += i64::from(is_out_of_education) * OUT_OF_EDUCATION_POINTS;

    let due_date = if transfers_now && !is_overdue {
        // The fixed dates by which a phase transfer must be done; the stock is taken in January.
        let (month, day) = if into_post_16 { (3, 31) } else { (2, 15) };
        Date::new(setting.as_at.year(), month, day).expect("a day of every year")
    } else {
        draw_due_date(setting.as_at, is_overdue, 364 / reviews, 180, dice)
    };
    let skill = match age_band {
        0 => Some(Skill::EarlyYears),
        1 | 2 => None,
        _ => Some(Skill::Post16),
    };
    Profile { points, due_date, open_since: None, skill }
}

fn draw_due_date(as_at: Date, is_overdue: bool, ahead_days: i64, late_days: i64, dice: &mut Dice) -> Date {
    let days = if is_overdue { -dice.between(1, late_days) } else { dice.between(0, ahead_days) };
    days_later(as_at, days)
}

/// The date that many days later (earlier if below 0).
pub(super) fn days_later(date: Date, days: i64) -> Date {
    date.saturating_add(jiff::Span::new().days(days))
}
