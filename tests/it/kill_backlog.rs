//! Small backlogs, each of which can be told from every other by its assignment alone, and what an assignment that
//! answers one of them must look like.

use std::collections::BTreeMap;

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng as _, SeedableRng as _},
};

use crate::support_service::proto;

/// Random choices of one task: streams of one seed are independent.
pub(crate) struct Dice(ChaCha8Rng);

impl Dice {
    pub(crate) fn new(seed: u64, stream: u64) -> Self {
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        generator.set_stream(stream);
        Self(generator)
    }

    /// A number from `first` to `last`. The bias does not matter here.
    pub(crate) fn between(&mut self, first: i32, last: i32) -> i32 {
        let width = u64::try_from(last - first + 1).unwrap();
        first + i32::try_from(self.0.next_u64() % width).unwrap()
    }

    /// True once in so many times.
    pub(crate) fn once_in(&mut self, times: i32) -> bool {
        self.between(1, times) == 1
    }

    pub(crate) fn pick<'a, T>(&mut self, several: &'a [T]) -> &'a T {
        &several[usize::try_from(self.between(1, i32::try_from(several.len()).unwrap())).unwrap() - 1]
    }

    pub(crate) fn request_id(&mut self) -> String {
        let mut bytes = [0; 16];
        self.0.fill_bytes(&mut bytes);
        uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
    }
}

/// One backlog of a team. Its marker, a number that no other backlog of the team has, is in the only officer who holds
/// case `<team>-held-<marker>`, in the case that always waits, in the supervisor of all that waits, and in the day.
pub(crate) struct Sent {
    pub(crate) marker: i32,
    /// Case -> points.
    pub(crate) cases: BTreeMap<String, i64>,
    pub(crate) backlog: proto::Backlog,
    /// Cases of the assignment before that are closed.
    pub(crate) closed_case_ids: Vec<String>,
}

/// Who holds what, and what waits with whom.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(crate) struct Picture {
    /// Case -> officer.
    pub(crate) held: BTreeMap<String, String>,
    /// Case -> supervisor.
    pub(crate) waiting: BTreeMap<String, String>,
    /// By officer, without case ids.
    pub(crate) caseloads: BTreeMap<String, proto::Caseload>,
}

impl Picture {
    pub(crate) fn hold(&mut self, case_id: &str, officer_id: &str) {
        let before = self.held.insert(case_id.to_owned(), officer_id.to_owned());
        assert_eq!(before, None, "{case_id} has two officers");
    }

    pub(crate) fn wait(&mut self, holding: &proto::Holding) {
        let before = self.waiting.insert(holding.case_id.clone(), holding.supervisor_id.clone());
        assert_eq!(before, None, "{} waits twice", holding.case_id);
    }

    pub(crate) fn add_caseload(&mut self, caseload: &proto::Caseload) {
        let caseload = proto::Caseload { case_ids: Vec::new(), ..caseload.clone() };
        let before = self.caseloads.insert(caseload.officer_id.clone(), caseload);
        assert!(before.is_none(), "an officer has two caseloads");
    }

    fn held_by(&self, officer_id: &str) -> impl Iterator<Item = &String> {
        self.held.iter().filter(move |(_, holder)| *holder == officer_id).map(|(case_id, _)| case_id)
    }
}

fn case(id: &str, weight_points: i64, skill: &str) -> proto::Case {
    proto::Case {
        case_id: id.to_owned(),
        weight_points: Some(i32::try_from(weight_points).unwrap()),
        skills: (!skill.is_empty()).then(|| skill.to_owned()).into_iter().collect(),
        ..Default::default()
    }
}

impl Sent {
    /// The next backlog on top of this one: some cases closed, some new, officers with more room or less, also less than
    /// they carry today.
    pub(crate) fn draw(dice: &mut Dice, team: &str, marker: i32, before: Option<&Self>) -> Self {
        let is_ordinary = |id: &str| id.starts_with(&format!("{team}-case-"));
        let (mut cases, mut closed_case_ids) = (BTreeMap::new(), Vec::new());
        for (id, points) in before.iter().flat_map(|before| &before.cases) {
            if is_ordinary(id) && !dice.once_in(4) {
                cases.insert(id.clone(), *points);
            } else {
                closed_case_ids.push(id.clone());
            }
        }
        let fewest = 3_usize.saturating_sub(cases.len());
        let new_count = fewest + usize::try_from(dice.between(0, 3)).unwrap();
        for number in 0..new_count {
            cases.insert(format!("{team}-case-{marker}-{number}"), i64::from(dice.between(1, 4)));
        }
        let mut entries: Vec<proto::Case> = cases.iter().map(|(id, points)| case(id, *points, "general")).collect();
        let (held, waiting) = (format!("{team}-held-{marker}"), format!("{team}-waiting-{marker}"));
        let officer_of_marker = format!("officer-{marker}");
        entries.push(proto::Case { required_officer_id: officer_of_marker.clone(), ..case(&held, 1, "") });
        entries.push(case(&waiting, 1, "nobody-has-it"));
        cases.extend([(held, 1), (waiting, 1)]);
        let mut officers =
            vec![proto::Officer { officer_id: officer_of_marker, capacity_points: Some(1), ..Default::default() }];
        for number in 1..=2 + marker % 2 {
            officers.push(proto::Officer {
                officer_id: format!("officer-of-{team}-{number}"),
                capacity_points: Some(dice.between(2, 12)),
                max_case_count: dice.once_in(3).then(|| dice.between(1, 5)),
                skills: vec!["general".to_owned()],
                ..Default::default()
            });
        }
        let day = "2026-09-01".parse::<jiff::civil::Date>().unwrap() + jiff::Span::new().days(marker);
        let backlog = proto::Backlog {
            as_at_date: day.to_string(),
            cases: entries,
            officers,
            supervisors: vec![proto::Supervisor {
                supervisor_id: format!("supervisor-{marker}"),
                ..Default::default()
            }],
            pairs: Vec::new(),
        };
        Self { marker, cases, backlog, closed_case_ids }
    }

    /// The assignment is one of this backlog: by its marker.
    pub(crate) fn is_marked_in(&self, picture: &Picture) -> bool {
        picture.caseloads.contains_key(&format!("officer-{}", self.marker))
    }

    /// The whole assignment is of this backlog and of no other, every case is in it once, and all figures agree.
    pub(crate) fn check(&self, picture: &Picture) {
        let placed: Vec<&String> = picture.held.keys().chain(picture.waiting.keys()).collect();
        assert_eq!(placed.len(), self.cases.len(), "cases are missing or twice: {placed:?}");
        for id in self.cases.keys() {
            let places = (picture.held.contains_key(id), picture.waiting.contains_key(id));
            assert!(places.0 != places.1, "{id} (held, waiting): {places:?}");
        }
        let supervisor = format!("supervisor-{}", self.marker);
        assert!(picture.waiting.values().all(|owner| *owner == supervisor), "a mixture: {:?}", picture.waiting);
        let officers: Vec<&String> = self.backlog.officers.iter().map(|officer| &officer.officer_id).collect();
        assert!(picture.held.values().all(|holder| officers.contains(&holder)), "a mixture: {:?}", picture.held);
        assert_eq!(picture.caseloads.len(), officers.len(), "a mixture: {:?}", picture.caseloads);
        for officer in &self.backlog.officers {
            let caseload = &picture.caseloads[&officer.officer_id];
            let (count, load) = self.load(picture, &officer.officer_id);
            assert_eq!((caseload.case_count, caseload.load_points), (count, load), "{}", officer.officer_id);
            assert_eq!(caseload.capacity_points, officer.capacity_points.map(i64::from), "{}", officer.officer_id);
            assert_eq!(caseload.max_case_count, officer.max_case_count.map(i64::from), "{}", officer.officer_id);
            assert_eq!(caseload.over, is_over(officer, count, load), "{}", officer.officer_id);
        }
    }

    /// No cap is broken but by cases that the officer held before and keeps, and no case leaves an officer who stays for
    /// the holding list.
    pub(crate) fn check_step(&self, before: Option<&Picture>, after: &Picture) {
        for officer in &self.backlog.officers {
            let id = &officer.officer_id;
            let (count, load) = self.load(after, id);
            if is_over(officer, count, load) {
                let held_before = |case: &String| before.is_some_and(|before| before.held.get(case) == Some(id));
                let new: Vec<&String> = after.held_by(id).filter(|case| !held_before(case)).collect();
                assert!(new.is_empty(), "{id} is over a cap and was given {new:?}");
            }
        }
        for (case, holder) in before.iter().flat_map(|before| &before.held) {
            let stays = self.backlog.officers.iter().any(|officer| officer.officer_id == *holder);
            let released = stays && after.waiting.contains_key(case);
            assert!(!released, "{case} left {holder} for the holding list");
        }
    }

    /// Cases and points of an officer.
    fn load(&self, picture: &Picture, officer_id: &str) -> (i64, i64) {
        picture.held_by(officer_id).fold((0, 0), |(count, load), case| (count + 1, load + self.cases[case]))
    }
}

fn is_over(officer: &proto::Officer, count: i64, load: i64) -> bool {
    let above = |cap: Option<i32>, found| cap.is_some_and(|cap| found > i64::from(cap));
    above(officer.capacity_points, load) || above(officer.max_case_count, count)
}
