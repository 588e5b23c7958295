//! The policies that come with the command line do what their comments say: thousands of leads each, every decision compared
//! with the same said once more, slowly, in plain code.
#![allow(clippy::unwrap_used, reason = "a test that unwraps says where it failed")]

use std::collections::{BTreeMap, BTreeSet};

use leadhand_domain::answer::{Answer, Destination};
use leadhand_domain::calendar::{Calendar, Event, Kind};
use leadhand_domain::id::{CalendarSource, LeadId, RepId};
use leadhand_domain::intake::{self, Raw};
use leadhand_domain::policy::Policy;
use leadhand_domain::record::{Counter, Record, Snapshot};
use leadhand_domain::route::{Command, settle};
use leadhand_domain::time::Millis;

const LEADS: usize = 6_000;
const START: Millis = Millis(1_700_000_000_000);

/// Where a lead should go.
#[derive(Debug, PartialEq)]
enum Expected {
    /// To a rep of the team, by the route.
    Team(String, &'static str),
    /// To this rep.
    Rep(String, &'static str),
    /// To nobody: everybody who may have it is away.
    Held,
}

/// A ready policy, and what it says in words.
struct Ready {
    document: &'static str,
    /// Each team with its reps and weights.
    teams: &'static [(&'static str, &'static [(&'static str, u32)])],
    /// Reps of no team who may be away too.
    others: &'static [&'static str],
    /// A lead, and whether something of it is not known that the policy asks for.
    lead: fn(&mut Dice) -> (Raw, bool),
    /// What the policy says of a lead when these reps are away.
    says: fn(&Ready, &Raw, &BTreeSet<&'static str>) -> Expected,
}

/// SplitMix64: the same leads every time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % n as u64) as usize
    }

    fn of<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }
}

impl Ready {
    fn anyone(&self, team: &str, away: &BTreeSet<&'static str>) -> bool {
        let (_, reps) = self.teams.iter().find(|(name, _)| *name == team).unwrap();
        reps.iter().any(|(rep, _)| !away.contains(rep))
    }

    /// A customer's lead: the owner's, or the manager's when the owner has left; the next step's when they are away.
    fn owned(&self, raw: &Raw, owner: &'static str, away: &BTreeSet<&'static str>) -> Option<Expected> {
        let whose = match raw.company_domain.as_str() {
            "globex.example" => owner,
            // Its owner has left.
            "initech.example" => "morgan",
            _ => return None,
        };
        (!away.contains(whose)).then(|| Expected::Rep("account_owner".to_owned(), whose))
    }

    /// The first of these teams that has anyone, then the manager.
    fn first_team(&self, route: &str, teams: &[&'static str], away: &BTreeSet<&'static str>) -> Expected {
        match teams.iter().find(|team| self.anyone(team, away)) {
            Some(team) => Expected::Team(route.to_owned(), team),
            None if away.contains("morgan") => Expected::Held,
            None => Expected::Rep("fallback".to_owned(), "morgan"),
        }
    }
}

/// The states of each of the four regions of the US Census Bureau.
const STATES: [(&str, &str); 4] = [
    ("west", "AZ CO ID MT NV NM UT WY AK CA HI OR WA"),
    ("midwest", "IL IN MI OH WI IA KS MN MO NE ND SD"),
    ("south", "DE DC FL GA MD NC SC VA WV AL KY MS TN AR LA OK TX"),
    ("northeast", "CT ME MA NH RI VT NJ NY PA"),
];

fn customer(dice: &mut Dice, raw: &mut Raw) -> bool {
    match dice.below(50) {
        0 => raw.company_domain = "globex.example".into(),
        1 => raw.company_domain = "initech.example".into(),
        _ => return false,
    }
    raw.company_domain == "initech.example"
}

fn from_somewhere(dice: &mut Dice) -> (Raw, bool) {
    let mut raw = Raw { source: "webinar".into(), ..Raw::default() };
    let unknown = match dice.below(10) {
        0 => true,
        1 => {
            raw.country = "US".into();
            true
        }
        2 => {
            raw.country = dice.of(&["DE", "MX", "JP", "BR"]).into();
            false
        }
        3 | 4 => {
            raw.country = "CA".into();
            raw.region = dice.of(&["", "CA-ON", "CA-QC"]).into();
            false
        }
        _ => {
            let states = STATES[dice.below(4)].1.split(' ').collect::<Vec<_>>();
            raw.country = "US".into();
            raw.region = format!("US-{}", dice.of(&states));
            false
        }
    };
    let left = customer(dice, &mut raw);
    (raw, unknown || left)
}

const GEOGRAPHIC: Ready = Ready {
    document: include_str!("../../../services/leadhand/policies/geographic.yaml"),
    teams: &[
        ("west", &[("alex", 3), ("blair", 2)]),
        ("midwest", &[("casey", 1), ("drew", 1)]),
        ("south", &[("eden", 5), ("finley", 4)]),
        ("northeast", &[("gray", 2), ("harper", 1)]),
        ("canada", &[("indigo", 4), ("jules", 3)]),
    ],
    others: &["emery", "morgan"],
    lead: from_somewhere,
    says: |policy, raw, away| {
        if let Some(owned) = policy.owned(raw, "alex", away) {
            return owned;
        }
        let state = raw.region.strip_prefix("US-");
        let region = match raw.country.as_str() {
            "CA" => Some("canada"),
            _ => STATES.iter().find(|(_, states)| states.split(' ').any(|known| state == Some(known))).map(|(r, _)| *r),
        };
        let route = region.map_or("default".to_owned(), |region| format!("territory:{region}"));
        match region {
            Some(region) if policy.anyone(region, away) => Expected::Team(route, region),
            _ if !away.contains("emery") => Expected::Rep(route, "emery"),
            _ => policy.first_team(&route, &[], away),
        }
    },
};

/// Industries, and whose they are.
const INDUSTRIES: [(&str, &str); 20] = [
    ("Hospitals", "specialisation:health-care"),
    ("General hospital", "specialisation:health-care"),
    ("622110", "specialisation:health-care"),
    ("NAICS 62", "specialisation:health-care"),
    ("Health Care", "specialisation:health-care"),
    // Of two specialists by a word each, the first.
    ("Medical device manufacturing", "specialisation:health-care"),
    ("Banking", "specialisation:finance"),
    ("522110", "specialisation:finance"),
    // Health insurance: its code is finance's, and a code tells more than a word.
    ("524114", "specialisation:finance"),
    ("Insurance", "specialisation:finance"),
    ("Manufacturing", "specialisation:manufacturing"),
    ("336110", "specialisation:manufacturing"),
    ("NAICS 31-33", "specialisation:manufacturing"),
    ("Software", "default"),
    ("541511", "default"),
    ("Education", "default"),
    // Not the word: neither health, nor bank.
    ("Healthy snacks delivery", "default"),
    ("Bankruptcy law", "default"),
    ("", "default"),
    ("", "default"),
];

const VERTICAL: Ready = Ready {
    document: include_str!("../../../services/leadhand/policies/vertical.yaml"),
    teams: &[("generalists", &[("gabi", 1), ("gil", 1), ("gus", 1), ("gwen", 1), ("gita", 1)])],
    others: &["hana", "felix", "mats", "morgan"],
    lead: |dice| {
        let (industry, _) = dice.of(&INDUSTRIES);
        let mut raw = Raw { source: "webinar".into(), industry: industry.into(), ..Raw::default() };
        let left = customer(dice, &mut raw);
        (raw, industry.is_empty() || left)
    },
    says: |policy, raw, away| {
        if let Some(owned) = policy.owned(raw, "gwen", away) {
            return owned;
        }
        let (_, route) = INDUSTRIES.iter().find(|(industry, _)| *industry == raw.industry).unwrap();
        let specialist = match *route {
            "specialisation:health-care" => Some("hana"),
            "specialisation:finance" => Some("felix"),
            "specialisation:manufacturing" => Some("mats"),
            _ => None,
        };
        match specialist.filter(|specialist| !away.contains(specialist)) {
            Some(specialist) => Expected::Rep((*route).to_owned(), specialist),
            None => policy.first_team(route, &["generalists"], away),
        }
    },
};

const SEGMENTS: Ready = Ready {
    document: include_str!("../../../services/leadhand/policies/segments.yaml"),
    teams: &[
        ("enterprise", &[("erin", 120), ("ezra", 100), ("elena", 90), ("emil", 70)]),
        (
            "mid-market",
            &[
                ("mara", 130),
                ("mika", 110),
                ("milo", 105),
                ("mina", 100),
                ("moss", 95),
                ("myra", 90),
                ("manu", 80),
                ("mel", 60),
            ],
        ),
        ("smb", &[("sam", 125), ("sara", 110), ("seth", 100), ("skye", 95), ("sol", 85), ("suri", 65)]),
    ],
    others: &["morgan"],
    lead: |dice| {
        let edges = [1, 49, 50, 51, 499, 500, 501, 1_000_000];
        let employees = match dice.below(8) {
            0 => None,
            1 | 2 => Some(dice.of(&edges)),
            n => Some([1, 50, 500][n % 3] + dice.below(40) as i32),
        };
        let mut raw = Raw { source: "webinar".into(), employees, ..Raw::default() };
        let left = customer(dice, &mut raw);
        (raw, employees.is_none() || left)
    },
    says: |policy, raw, away| {
        if let Some(owned) = policy.owned(raw, "erin", away) {
            return owned;
        }
        match raw.employees {
            Some(500..) => policy.first_team("enterprise", &["enterprise", "mid-market"], away),
            Some(50..500) => policy.first_team("mid-market", &["mid-market", "smb"], away),
            _ => policy.first_team("default", &["smb", "mid-market"], away),
        }
    },
};

fn is_away(rep: &str, now: Millis) -> Record {
    let source = CalendarSource::parse("google").unwrap();
    let (kind, end) = (Kind::OutOfOffice, Millis(now.0 + 1));
    let event = Event { source, id: "e".into(), revision: 1, kind, start: now, end };
    Record::Calendar(Calendar { events: vec![event], ..Calendar::empty(RepId::parse(rep).unwrap()) })
}

/// Routes the leads one after another; reps are away for a lead with a chance of so many in a hundred. Whoever gets a lead is
/// done with it before the next comes.
fn run(name: &str, ready: &Ready, away_percent: usize) {
    let (policy, warnings) = Policy::check(ready.document).unwrap();
    assert_eq!(warnings, []);
    let mut dice = Dice(7 + away_percent as u64);
    let mut snapshot = Snapshot::default();
    let mut counts: BTreeMap<(&str, String), u64> = BTreeMap::new();
    let mut given: BTreeMap<&str, BTreeMap<String, u32>> = BTreeMap::new();
    let (mut odd, mut held) = (0, 0);
    for n in 0..LEADS {
        let now = Millis(START.0 + 1_000 * n as i64);
        let (raw, unknown) = (ready.lead)(&mut dice);
        let mut away = BTreeSet::new();
        // Now and then everybody is ill at once.
        let percent = if away_percent > 0 && n % 20 == 0 { 97 } else { away_percent };
        for rep in ready
            .teams
            .iter()
            .flat_map(|(_, reps)| reps.iter().map(|(rep, _)| *rep))
            .chain(ready.others.iter().copied())
        {
            if dice.below(100) < percent {
                away.insert(rep);
                snapshot.put(is_away(rep, now));
            }
        }
        odd += usize::from(unknown);
        let expected = (ready.says)(ready, &raw, &away);
        let told = format!("lead {n}: {raw:?}, away {away:?}");
        let (facts, person) = intake::normalise(raw, now).unwrap();
        let command = Command::new(LeadId::new(now, [0; 10]), facts, person);
        let change = settle(&mut snapshot, &command, &policy, now).unwrap();
        let Answer::Routed(routed) = &change.answer else { panic!("{told}") };
        match (&routed.to, &expected) {
            (Destination::Held, Expected::Held) => held += 1,
            (Destination::Assigned { rep, team: Some(team), .. }, Expected::Team(route, expected)) => {
                assert_eq!((&routed.route, team.as_str()), (route, *expected), "{told}");
                let (name, reps) = ready.teams.iter().find(|(name, _)| name == expected).unwrap();
                assert!(
                    reps.iter().any(|(member, _)| *member == rep.as_str()) && !away.contains(rep.as_str()),
                    "{told}"
                );
                *given.entry(name).or_default().entry(rep.to_string()).or_default() += 1;
                if away_percent == 0 {
                    assert_fair(reps, &given[name], &told);
                }
            }
            (Destination::Assigned { rep, team: None, .. }, Expected::Rep(route, expected)) => {
                assert_eq!((&routed.route, rep.as_str()), (route, *expected), "{told}");
            }
            (to, expected) => panic!("{told}: {to:?} by {}, not {expected:?}", routed.route),
        }
        if let Destination::Assigned { rep, team, .. } = &routed.to {
            let team = team.as_ref().and_then(|team| ready.teams.iter().find(|(name, _)| *name == team.as_str()));
            *counts.entry((team.map_or("-", |(name, _)| name), rep.to_string())).or_default() += 1;
        }
        snapshot.apply(&change);
        if let Destination::Assigned { rep, .. } = &routed.to {
            snapshot.put(Record::Count(Counter::Open(rep.clone()), 0));
        }
    }
    println!(
        "{name}: {LEADS} leads, {odd} with something unknown or an owner who has left, {away_percent} % away, {held} held"
    );
    counts.iter().for_each(|((team, rep), count)| println!("  {team:12} {rep:8} {count}"));
    assert!(odd * 10 >= LEADS, "{odd}");
    if away_percent == 0 {
        assert_eq!(held, 0, "everybody is there");
        let all: u64 = counts.values().sum();
        assert_eq!(all, LEADS as u64);
    } else {
        assert!(held > 0, "nobody was ever away with all others");
    }
}

/// Each rep's count is less than one from the rep's share.
fn assert_fair(reps: &[(&str, u32)], given: &BTreeMap<String, u32>, told: &str) {
    let all: u32 = given.values().sum();
    let weights: u32 = reps.iter().map(|(_, weight)| weight).sum();
    for (rep, weight) in reps {
        let got = given.get(*rep).copied().unwrap_or(0);
        let (got, share) = (i64::from(got * weights), i64::from(all * weight));
        assert!((got - share).abs() < i64::from(weights), "{rep} has {got} of {share} / {weights}: {told}");
    }
}

#[test]
fn the_geographic_team_does_as_it_says() {
    run("geographic", &GEOGRAPHIC, 0);
    run("geographic", &GEOGRAPHIC, 30);
}

#[test]
fn the_vertical_specialists_do_as_they_say() {
    run("vertical", &VERTICAL, 0);
    run("vertical", &VERTICAL, 30);
}

#[test]
fn the_segment_teams_do_as_they_say() {
    run("segments", &SEGMENTS, 0);
    run("segments", &SEGMENTS, 30);
}
