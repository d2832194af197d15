//! Profiles of officers who could be hired, from the command line and a TOML file.

use std::path::PathBuf;

use clap::Args;

use crate::{
    cli::{
        exit::Failure,
        input::{readable, unusable_files},
    },
    import::read_profiles,
    model::Code,
    plan::Profile,
};

/// Help that the commands with profiles share.
pub(super) const HELP: &str = "\
A profile on the command line: CODE, or CODE:KEY=VALUE,KEY=VALUE,... with these keys:
  skills, areas, settings   names joined by + (no areas = any): skills=tribunal+post-16
  hours                     per cent of full time, 1 to 100; 100 if not given
  points, cases             caps; those of the rules for the hours if not given
  intake                    new cases in 7 days
  cost                      of one, in any unit that is the same for all; 1 if not given
In a file, TOML, each in a table [[profile]]: code, skills, areas, setting_codes, fte_percent,
capacity_points, max_case_count, intake_limit, cost.";

#[derive(Debug, Args)]
pub(super) struct ProfileArgs {
    /// An officer who could be hired, such as tribunal:skills=tribunal,hours=100 (may be given several times; see below)
    #[arg(long, value_name = "PROFILE", value_parser = profile, required_unless_present = "profiles")]
    profile: Vec<Profile>,
    /// Officers who could be hired: a TOML file
    #[arg(long, value_name = "FILE")]
    profiles: Option<PathBuf>,
}

impl ProfileArgs {
    /// Those of the file, then those of the command line.
    pub(super) fn read(&self) -> Result<Vec<Profile>, Failure> {
        let mut profiles = Vec::new();
        if let Some(path) = &self.profiles {
            readable([path].into_iter())?;
            profiles = read_profiles(path).map_err(|error| unusable_files(&error))?;
        }
        profiles.extend(self.profile.iter().cloned());
        Ok(profiles)
    }
}

/// `tribunal:skills=tribunal+post-16,hours=60,cost=2`
fn profile(text: &str) -> Result<Profile, String> {
    let (code, fields) = text.split_once(':').unwrap_or((text, ""));
    let mut profile = Profile::new(Code::from(code));
    let codes = |value: &str| value.split('+').map(Code::from).collect::<Vec<_>>();
    for field in fields.split(',').filter(|field| !field.is_empty()) {
        let Some((key, value)) = field.split_once('=') else {
            return Err(format!("`{field}` is not KEY=VALUE; list names with +, as in skills=tribunal+post-16"));
        };
        let number =
            || value.parse::<i64>().map_err(|_| format!("{key} is `{value}`; give a whole number, such as {key}=100"));
        match key {
            "skills" => profile.skills = codes(value),
            "areas" => profile.areas = codes(value),
            "settings" => profile.setting_codes = codes(value),
            "hours" => profile.fte_percent = number()?,
            "points" => profile.capacity_points = Some(number()?),
            "cases" => profile.max_case_count = Some(number()?),
            "intake" => profile.intake_limit = Some(number()?),
            "cost" => profile.cost = number()?,
            other => {
                return Err(format!(
                    "`{other}` is no key of a profile; there are skills, areas, settings, hours, points, cases, intake and cost"
                ));
            }
        }
    }
    Ok(profile)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_is_read_from_one_argument() {
        assert_eq!(profile("any").unwrap(), Profile::new("any".into()));
        let expected = Profile {
            skills: vec!["tribunal".into(), "post-16".into()],
            areas: vec!["north".into()],
            fte_percent: 60,
            capacity_points: Some(900),
            max_case_count: Some(90),
            intake_limit: Some(10),
            cost: 3,
            ..Profile::new("t".into())
        };
        let text = "t:skills=tribunal+post-16,areas=north,hours=60,points=900,cases=90,intake=10,cost=3";
        assert_eq!(profile(text).unwrap(), expected);
    }

    #[test]
    fn what_is_no_profile_says_what_one_is() {
        for (text, said) in [
            ("t:hours", "`hours` is not KEY=VALUE"),
            ("t:hours=full", "hours is `full`; give a whole number"),
            ("t:moon=1", "`moon` is no key of a profile"),
        ] {
            assert!(profile(text).unwrap_err().contains(said), "{text}");
        }
    }
}
