//! A council's backlog as the SEN2 return would have it: children that nobody is, their records, and what an import must make
//! of them. Pure: to writers that are handed in.
//!
//! From [`council`](super::council): plans, requests, assessments, areas, schools, who holds what. Drawn here: the dates behind each
//! due date. A mediation, an appeal or an order is a plan with a flag, as the return has nothing else of it.

mod child;
mod flaws;
mod record;
mod write;

use jiff::civil::Date;

use super::council::{CouncilError, CouncilOptions, draw_council};
use super::dice::Dice;
use crate::model::{Backlog, Case, CaseId, ChildId, Code};
use crate::statute::{Catalogue, Facts, Holidays, weigh};
use child::Child;
pub use record::Sen2Module;
pub use write::Sen2Form;

/// Which council's return, and how much is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sen2CouncilOptions {
    /// The council.
    pub council: CouncilOptions,
    /// Children whose records are broken, in per cent, `0..=100`, each in one of many ways.
    pub dirty_percent: u8,
    /// Number of the first child: several councils can follow each other in one return.
    pub first_number: u32,
}

/// A return, and what an import must make of it.
#[derive(Clone, Debug)]
pub struct Sen2Council {
    /// Code of the council in the header.
    pub council_code: String,
    /// The backlog that follows from the return if nothing is wrong with it. `child_id` is the council's own number, and `id` that
    /// and the kind of case: an import has tokens in their place.
    pub backlog: Backlog,
    children: Vec<Child>,
    as_at: Date,
}

/// A reject that an import must report.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ExpectedReject {
    /// Name of the module.
    pub module: &'static str,
    /// Line of its file; in XML, the ordinal of the person.
    pub at: u32,
    /// Name of the field; empty = the record.
    pub field: &'static str,
    /// Name of the code.
    pub code: &'static str,
}

/// Draws a return. As [`council`](super::council), and linear in the number of cases.
///
/// # Errors
/// As [`council`](super::council); `dirty_percent` above 100.
///
/// # Panics
/// Never: the shipped catalogue weighs every stage that is drawn.
pub fn sen2_council(options: &Sen2CouncilOptions) -> Result<Sen2Council, CouncilError> {
    if options.dirty_percent > 100 {
        return Err(CouncilError::BadPercent { option: "dirty_percent", value: options.dirty_percent });
    }
    let drawn = draw_council(&options.council)?;
    let mut backlog = drawn.backlog;
    let as_at = backlog.as_at;
    let mut dice = Dice::new(options.council.seed, 21);
    let mut children: Vec<Child> = (options.first_number..)
        .zip(backlog.cases.iter().zip(&drawn.stages))
        .map(|(number, (case, &stage))| Child::draw(number, case, stage, as_at, &mut dice))
        .collect();
    flaws::give(&mut children, options.dirty_percent, options.council.seed);
    let (catalogue, holidays) = (Catalogue::preset("send-england").expect("it is shipped"), Holidays::england());
    backlog.cases = children.iter().map(|child| expected_case(child, as_at, &catalogue, &holidays)).collect();
    for officer in &mut backlog.officers {
        for school in &mut officer.setting_codes {
            *school = Code::new(format!("urn-{}", child::urn(school)));
        }
    }
    Ok(Sen2Council { council_code: drawn.council_code, backlog, children, as_at })
}

fn expected_case(child: &Child, as_at: Date, catalogue: &Catalogue, holidays: &Holidays) -> Case {
    let kind = if child.is_plan() { "plan" } else { "assessment" };
    let facts = Facts {
        stage: child.stage_code().map(Code::from),
        case_kind: Some(Code::from(kind)),
        events: child.events(),
        add_ons: Vec::new(),
    };
    let weight = weigh(catalogue, &facts, as_at, holidays).expect("the shipped catalogue knows these stages");
    let mut case = Case::new(CaseId::new(format!("{}-{kind}", child.native_id())));
    case.child_id = Some(ChildId::new(child.native_id()));
    case.weight_points = Some(weight.points);
    case.area = Some(child.area.clone());
    case.setting_code = child.urn.filter(|_| child.is_plan()).map(|urn| Code::new(format!("urn-{urn}")));
    case.skills = child.skill().map(Code::from).into_iter().collect();
    case.due_date = Some(child.due_date());
    case.current_officer_id = child.officer.clone();
    case.held_since = child.held_since;
    case.waiting_since = (!child.is_plan() && child.officer.is_none()).then(|| child.received());
    case
}
