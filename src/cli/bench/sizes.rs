//! The instances by name: how large each is, and how it is made.

use std::time::Duration;

use crate::cli::exit::{Code, Failure};
use crate::cli::generate::CASEWORK_DAY;
use crate::generate::{
    CaseworkOptions, Census, CouncilOptions, casework_instance, casework_pools_instance, council, council_pools,
};
use crate::model::{Instance, Problem, Rules};

/// A size that can be asked for by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Size {
    /// Council sizes are `GROUP-OFFICERS`: the group names all of them. Empty = casework of a size asked for by number.
    name: &'static str,
    pub(super) shape: Shape,
    /// Seconds to search, if nothing else is asked for.
    pub(super) limit_seconds: u32,
    /// Measured if no size is asked for.
    pub(super) is_quick: bool,
}

/// How an instance is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// Abstract casework in one pool.
    Casework { cases: usize, officers: usize },
    /// The same in one pool a council of England, sizes in proportion.
    Pools { cases: usize, officers: usize },
    /// A council's backlog from published figures.
    Council { name: &'static str, census: Census, officers: usize, overdue_percent: u8, allocated_percent: u8 },
}

/// In the order in which they are listed and run.
const SIZES: [Size; 18] = [
    casework("1k", 1_000, 20, 60, true),
    casework("12k", 12_000, 150, 60, true),
    casework("50k", 50_000, 500, 60, false),
    casework("650k", 650_000, 5_000, 90, false),
    casework("england", 690_000, 4_600, 90, false),
    Size {
        name: "england-153",
        shape: Shape::Pools { cases: 690_000, officers: 4_600 },
        limit_seconds: 90,
        is_quick: false,
    },
    casework("10m", 10_000_000, 50_000, 900, false),
    bexley("S-14", 14, false),
    bexley("S-18", 18, true),
    bexley("S-24", 24, false),
    birmingham("M-19", 19, false),
    birmingham("M-45", 45, false),
    birmingham("M-62", 62, false),
    birmingham("M-75", 75, false),
    birmingham("M-95", 95, true),
    kent("L-86", 86),
    kent("L-108", 108),
    kent("L-143", 143),
];

const fn casework(name: &'static str, cases: usize, officers: usize, limit_seconds: u32, is_quick: bool) -> Size {
    Size { name, shape: Shape::Casework { cases, officers }, limit_seconds, is_quick }
}

/// The council with the median number of plans in January 2025.
const fn bexley(name: &'static str, officers: usize, is_quick: bool) -> Size {
    of_council(name, "Bexley", Census::January2025, officers, (30, 70), is_quick)
}

/// In January 2022, when nobody had an officer.
const fn birmingham(name: &'static str, officers: usize, is_quick: bool) -> Size {
    of_council(name, "Birmingham", Census::January2022, officers, (40, 0), is_quick)
}

/// The council with the most plans.
const fn kent(name: &'static str, officers: usize) -> Size {
    of_council(name, "Kent", Census::January2025, officers, (30, 70), false)
}

const fn of_council(
    name: &'static str,
    council: &'static str,
    census: Census,
    officers: usize,
    (overdue_percent, allocated_percent): (u8, u8),
    is_quick: bool,
) -> Size {
    let shape = Shape::Council { name: council, census, officers, overdue_percent, allocated_percent };
    Size { name, shape, limit_seconds: 10, is_quick }
}

/// One size of a name, or all of a group.
#[derive(Clone, Debug)]
pub(super) struct Named(pub(super) Vec<Size>);

/// Reads a name, in any case.
pub(super) fn named(text: &str) -> Result<Named, String> {
    let wanted = text.to_lowercase();
    let those = |is_wanted: &dyn Fn(&str) -> bool| -> Vec<Size> {
        all().iter().filter(|size| is_wanted(&size.name.to_lowercase())).copied().collect()
    };
    let exact = those(&|name| name == wanted);
    let found = if exact.is_empty() {
        those(&|name| name.split_once('-').is_some_and(|(group, _)| group == wanted))
    } else {
        exact
    };
    if found.is_empty() {
        let names: Vec<_> = all().iter().map(|size| size.name).collect();
        return Err(format!("no such size; there are {}, and S, M and L for all of theirs", names.join(", ")));
    }
    Ok(Named(found))
}

pub(super) fn all() -> &'static [Size] {
    &SIZES
}

impl Size {
    /// Casework of any size.
    pub(super) fn of(cases: usize, officers: usize) -> Self {
        casework("", cases, officers, 60, false)
    }

    pub(super) fn name(&self) -> String {
        match self.shape {
            Shape::Casework { cases, officers } if self.name.is_empty() => format!("{cases}x{officers}"),
            _ => self.name.to_owned(),
        }
    }
}

/// One instance to be measured.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Planned {
    pub(super) size: Size,
    /// What the points caps add up to, in per cent of demand; of casework.
    pub(super) ratio_percent: Option<u16>,
    pub(super) seed: u64,
    /// Time to search.
    pub(super) limit: Duration,
}

impl Planned {
    /// `12k-r110-s1`, `M-95-s1`.
    pub(super) fn name(&self) -> String {
        let ratio = self.ratio_percent.map(|ratio| format!("-r{ratio}")).unwrap_or_default();
        format!("{}{ratio}-s{}", self.size.name(), self.seed)
    }

    /// Makes the instance.
    pub(super) fn build(&self) -> Result<Instance, Failure> {
        let seed = self.seed;
        let options = |cases, officers| {
            let ratio_percent = self.ratio_percent.unwrap_or(110);
            CaseworkOptions { cases, officers, ratio_percent, seed, as_at: CASEWORK_DAY }
        };
        match self.size.shape {
            Shape::Casework { cases, officers } => casework_instance(&options(cases, officers)).map_err(failure),
            Shape::Pools { cases, officers } => council_pools(&options(cases, officers))
                .and_then(|pools| casework_pools_instance(&pools))
                .map_err(failure),
            Shape::Council { name, census, officers, overdue_percent, allocated_percent } => {
                let council_name = name.to_owned();
                let options = CouncilOptions {
                    council: council_name,
                    census,
                    officers,
                    overdue_percent,
                    allocated_percent,
                    seed,
                };
                let backlog = council(&options).map_err(failure)?;
                Ok(Problem::new(backlog, Rules::standard()).map_err(failure)?.instance().clone())
            }
        }
    }
}

fn failure(error: impl std::error::Error) -> Failure {
    Failure::from_error(Code::Usage, &error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_of_one_size_or_of_a_group() {
        let names = |text| named(text).map(|Named(sizes)| sizes.iter().map(|size| size.name).collect::<Vec<_>>());
        assert_eq!(names("england").as_deref(), Ok(&["england"][..]));
        assert_eq!(names("England-153").as_deref(), Ok(&["england-153"][..]));
        assert_eq!(names("s").as_deref(), Ok(&["S-14", "S-18", "S-24"][..]));
        assert_eq!(names("M-95").as_deref(), Ok(&["M-95"][..]));
        assert!(names("xxl").is_err_and(|error| error.contains("650k, england, england-153, 10m")));
        assert!(names("").is_err());
    }
}
