//! What comes in.

use leadhand_domain::id::LeadId;
use leadhand_domain::intake::{self, Raw};
use leadhand_domain::lead::{Facts, Person, Stage};
use leadhand_domain::time::{Millis, Span};
use leadhand_tests::START;
use leadhand_tests::ready::Dice;

use crate::modes::{ACCOUNTS, domain};

/// How many leads come.
pub(crate) const LEADS: usize = 20_000;

/// For how many days.
pub(crate) const DAYS: usize = 30;

/// The midnight before the month begins, a Monday.
pub(crate) const MIDNIGHT: Millis = Millis(START - Span::hours(10).0);

/// Of a hundred leads, how many come when nobody works.
const AT_NIGHT: usize = 1;

/// A lead, and when it comes.
#[derive(Debug)]
pub(crate) struct Arrival {
    pub(crate) at: Millis,
    pub(crate) id: LeadId,
    pub(crate) facts: Facts,
    pub(crate) person: Person,
}

/// A month's leads, in the order in which they come; the same every time.
pub(crate) fn month() -> Vec<Arrival> {
    let mut dice = Dice::new(20_000);
    let mut moments: Vec<_> = (0..LEADS).map(|_| moment(&mut dice)).collect();
    moments.sort_unstable();
    moments.into_iter().map(|at| arrival(&mut dice, at)).collect()
}

/// Most in working hours, early enough for what nobody claims in half an hour.
fn moment(dice: &mut Dice) -> Millis {
    let days: Vec<usize> = (0..DAYS).filter(|day| day % 7 < 5).collect();
    let (day, from, hours) = match dice.below(100) {
        n if n < AT_NIGHT => (dice.below(DAYS), 0, 24),
        _ => (dice.of(&days), 9, 7),
    };
    let within = dice.below(Span::hours(hours).0 as usize) as i64;
    Millis(MIDNIGHT.0 + Span::days(day as i64).0 + Span::hours(from).0 + within)
}

fn arrival(dice: &mut Dice, at: Millis) -> Arrival {
    let sources = ["demo_request", "referral", "content_download", "webinar", "partner", "content_download"];
    let score = match dice.below(10) {
        0 => None,
        1..5 => Some(dice.below(50)),
        5..8 => Some(50 + dice.below(30)),
        _ => Some(80 + dice.below(21)),
    };
    let raw = Raw {
        source: dice.of(&sources).to_owned(),
        score: score.map(|score| score as i32),
        stage: dice.of(&[Stage::Mql, Stage::Sql, Stage::Icp, Stage::Unknown]),
        employees: Some(1 + dice.below(2_000) as i32),
        company_domain: if dice.below(5) == 0 { domain(dice.below(ACCOUNTS)) } else { String::new() },
        ..Raw::default()
    };
    let (facts, person) = intake::normalise(raw, at).expect("a sound lead");
    let random = std::array::from_fn(|_| dice.below(256) as u8);
    Arrival { at, id: LeadId::new(at, random), facts, person }
}
