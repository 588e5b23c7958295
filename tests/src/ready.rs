//! What the policies that come with the command line say, once more, slowly, in plain code: whatever routes by them is compared
//! with it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use leadhand_domain::intake::Raw;

/// Where a lead should go.
#[derive(Debug, PartialEq)]
pub enum Expected {
    /// To a rep of the team, by the route.
    Team(String, &'static str),
    /// To this rep.
    Rep(String, &'static str),
    /// To nobody: everybody who may have it is away.
    Held,
}

/// A ready policy, and what it says in words.
pub struct Ready {
    /// The document, as it ships.
    pub document: &'static str,
    /// Each team with its reps and weights.
    pub teams: &'static [(&'static str, &'static [(&'static str, u32)])],
    /// Reps of no team who may be away too.
    pub others: &'static [&'static str],
    /// A lead, and whether something of it is not known that the policy asks for.
    pub lead: fn(&mut Dice) -> (Raw, bool),
    /// What the policy says of a lead when these reps are away.
    pub says: fn(&Ready, &Raw, &BTreeSet<&'static str>) -> Expected,
}

impl fmt::Debug for Ready {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ready").field("teams", &self.teams).finish_non_exhaustive()
    }
}

/// SplitMix64: the same leads every time.
#[derive(Debug)]
pub struct Dice(u64);

impl Dice {
    /// With this seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// One of the first so many numbers, from 0.
    pub fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % n as u64) as usize
    }

    /// One of these.
    pub fn of<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }
}

impl Ready {
    /// Everybody who may be away: the teams' reps and the others.
    pub fn everybody(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.teams.iter().flat_map(|(_, reps)| reps.iter().map(|(rep, _)| *rep)).chain(self.others.iter().copied())
    }

    /// The team of this name with its reps.
    ///
    /// # Panics
    /// When there is none.
    pub fn team(&self, team: &str) -> &'static (&'static str, &'static [(&'static str, u32)]) {
        self.teams.iter().find(|(name, _)| *name == team).expect("a team of the policy")
    }

    fn anyone(&self, team: &str, away: &BTreeSet<&'static str>) -> bool {
        let (_, reps) = self.team(team);
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

/// Regions of the US, and Canada, each with a team.
pub const GEOGRAPHIC: Ready = Ready {
    document: include_str!("../../services/leadhand/policies/geographic.yaml"),
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

/// Specialists by industry, and generalists.
pub const VERTICAL: Ready = Ready {
    document: include_str!("../../services/leadhand/policies/vertical.yaml"),
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
        let (_, route) = INDUSTRIES.iter().find(|(industry, _)| *industry == raw.industry).expect("one of these");
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

/// Teams by the size of the company.
pub const SEGMENTS: Ready = Ready {
    document: include_str!("../../services/leadhand/policies/segments.yaml"),
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

/// Each rep's count is less than one from the rep's share.
///
/// # Panics
/// When one is not.
#[track_caller]
pub fn assert_fair(reps: &[(&str, u32)], given: &BTreeMap<String, u32>, told: &str) {
    let all: u32 = given.values().sum();
    let weights: u32 = reps.iter().map(|(_, weight)| weight).sum();
    for (rep, weight) in reps {
        let got = given.get(*rep).copied().unwrap_or(0);
        let (got, share) = (i64::from(got * weights), i64::from(all * weight));
        assert!((got - share).abs() < i64::from(weights), "{rep} has {got} of {share} / {weights}: {told}");
    }
}
