//! What may happen next.

use leadhand_domain::id::{LeadId, RepId};
use leadhand_domain::lead::Place;
use leadhand_domain::time::Millis;
use leadhand_proto::lead::v1::{
    ActivityKind, Company, Contact, DeclineReason, Engagement, Lead, LeadSkipReason, Outcome, ReleaseReason,
};
use leadhand_tests::model::World;
use leadhand_tests::ready::Dice;

use crate::policies::{POOLS, REPS, rep};

/// One thing that somebody does.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    Route(Box<Lead>),
    List {
        rep: String,
        pool: String,
    },
    View {
        rep: String,
        lead: String,
    },
    Skip {
        rep: String,
        lead: String,
        reason: LeadSkipReason,
    },
    Claim {
        rep: String,
        lead: String,
    },
    Next {
        rep: String,
        pool: String,
    },
    Release {
        rep: String,
        lead: String,
        fence: u64,
        reason: ReleaseReason,
    },
    Contact {
        rep: String,
        lead: String,
        fence: u64,
    },
    Activity {
        rep: String,
        lead: String,
        fence: u64,
        kind: ActivityKind,
    },
    Outcome {
        rep: String,
        lead: String,
        fence: u64,
        outcome: Outcome,
    },
    Accept {
        rep: String,
        lead: String,
        fence: u64,
    },
    Decline {
        rep: String,
        lead: String,
        fence: u64,
        reason: DeclineReason,
    },
    /// A call is repeated: the one so many before.
    Again(usize),
    /// Nothing happens for so many milliseconds.
    Wait(i64),
    /// Nothing happens until so many milliseconds past the next deadline.
    Deadline(i64),
}

/// Reps who do most: else fifty hardly meet.
const BUSY: usize = 9;

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;

/// The next step, by what there is.
pub(crate) fn step(dice: &mut Dice, world: &World, now: Millis) -> Step {
    match dice.below(100) {
        0..15 => arrival(dice),
        15..20 => Step::List { rep: somebody(dice), pool: pool(dice) },
        20..34 => view(dice, world, now),
        34..39 => skip(dice, world, now),
        39..55 => claim(dice, world, now),
        55..63 => Step::Next { rep: somebody(dice), pool: if dice.below(3) == 0 { String::new() } else { pool(dice) } },
        63..79 => work(dice, world),
        79..82 => Step::Again(dice.below(6)),
        82..86 => Step::Deadline(dice.of(&[-1, 0, 1])),
        _ => Step::Wait(wait(dice)),
    }
}

/// A lead comes in.
pub(crate) fn arrival(dice: &mut Dice) -> Step {
    Step::Route(Box::new(lead(dice)))
}

fn wait(dice: &mut Dice) -> i64 {
    let (from, to) = match dice.below(60) {
        0..28 => (SECOND, MINUTE),
        28..48 => (MINUTE, 10 * MINUTE),
        48..56 => (10 * MINUTE, 2 * HOUR),
        56..59 => (2 * HOUR, 30 * HOUR),
        _ => (72 * HOUR, 190 * HOUR),
    };
    from + dice.below((to - from) as usize) as i64
}

fn somebody(dice: &mut Dice) -> String {
    match dice.below(60) {
        0 => "nobody".to_owned(),
        1..12 => rep(dice.below(REPS)),
        // Of both teams and every tier.
        _ => rep(dice.below(BUSY) * (REPS / BUSY)),
    }
}

fn pool(dice: &mut Dice) -> String {
    if dice.below(40) == 0 { "nowhere".to_owned() } else { dice.of(&POOLS).to_owned() }
}

/// A lead, most often one in a pool.
fn any(dice: &mut Dice, world: &World) -> String {
    let pooled: Vec<LeadId> = world.pools.values().flat_map(|pool| pool.iter().take(4)).collect();
    match dice.below(12) {
        0 if !world.leads.is_empty() => world.leads[dice.below(world.leads.len())].to_string(),
        1 => LeadId::new(Millis(1), [7; 10]).to_string(),
        _ if pooled.is_empty() => LeadId::new(Millis(2), [7; 10]).to_string(),
        _ => dice.of(&pooled).to_string(),
    }
}

/// Somebody who looks at a lead, and the lead.
fn held(dice: &mut Dice, world: &World, now: Millis) -> Option<(String, String)> {
    let leads = world.pools.values().flat_map(|pool| pool.iter()).filter_map(|lead| world.lead(lead));
    let held: Vec<_> = leads.filter_map(|lead| Some((lead.held_at(now)?.rep.clone(), lead.id))).collect();
    let (rep, lead) = held.get(dice.below(held.len().max(1)))?;
    Some((rep.to_string(), lead.to_string()))
}

fn view(dice: &mut Dice, world: &World, now: Millis) -> Step {
    if dice.below(8) == 0
        && let Some((rep, lead)) = held(dice, world, now)
    {
        return Step::View { rep, lead };
    }
    Step::View { rep: somebody(dice), lead: any(dice, world) }
}

fn skip(dice: &mut Dice, world: &World, now: Millis) -> Step {
    let reason = dice.of(&[LeadSkipReason::PoorFit, LeadSkipReason::Language, LeadSkipReason::Other]);
    match held(dice, world, now).filter(|_| dice.below(2) == 0) {
        Some((rep, lead)) => Step::Skip { rep, lead, reason },
        None => Step::Skip { rep: somebody(dice), lead: any(dice, world), reason },
    }
}

fn claim(dice: &mut Dice, world: &World, now: Millis) -> Step {
    match held(dice, world, now).filter(|_| dice.below(2) == 0) {
        Some((rep, lead)) => Step::Claim { rep, lead },
        None => Step::Claim { rep: somebody(dice), lead: any(dice, world) },
    }
}

/// What is done about a lead that somebody has; now and then by another, or too late.
fn work(dice: &mut Dice, world: &World) -> Step {
    let had: Vec<(&RepId, LeadId)> =
        world.owned.iter().flat_map(|(rep, leads)| leads.iter().map(move |lead| (rep, lead))).collect();
    let (rep, lead) = match had.get(dice.below(had.len().max(1))) {
        Some((rep, lead)) => (rep.to_string(), *lead),
        None => return Step::Wait(wait(dice)),
    };
    let found = world.lead(lead);
    let offered = found.is_some_and(|lead| matches!(lead.place, Place::Offered { .. }));
    let fence = found.map(|lead| lead.fence.0).unwrap_or_default();
    let fence = if dice.below(25) == 0 { fence.max(2) - 1 } else { fence };
    let rep = if dice.below(20) == 0 { somebody(dice) } else { rep };
    let lead = if dice.below(40) == 0 { any(dice, world) } else { lead.to_string() };
    if offered && dice.below(8) > 0 {
        return match dice.below(3) {
            0 => Step::Decline { rep, lead, fence, reason: DeclineReason::Busy },
            _ => Step::Accept { rep, lead, fence },
        };
    }
    match dice.below(10) {
        0..4 => Step::Contact { rep, lead, fence },
        4..6 => Step::Release { rep, lead, fence, reason: dice.of(&[ReleaseReason::Busy, ReleaseReason::Other]) },
        6 => Step::Activity { rep, lead, fence, kind: dice.of(&[ActivityKind::Voicemail, ActivityKind::Note]) },
        _ => {
            let outcome = dice.of(&[Outcome::Opportunity, Outcome::Won, Outcome::Lost, Outcome::Disqualified]);
            Step::Outcome { rep, lead, fence, outcome }
        }
    }
}

/// Of every temperature, source and country; now and then one that has been there.
fn lead(dice: &mut Dice) -> Lead {
    let sources = ["demo_request", "trial", "content_download", "referral", "webinar", "partner", "partner"];
    let score = [None, Some(20 + dice.below(30)), Some(50 + dice.below(30)), Some(80 + dice.below(21))];
    let person = dice.below(60);
    let email = if dice.below(3) == 0 { format!("p{person}@c{person}.example") } else { String::new() };
    let company = Company {
        name: format!("Company {person}"),
        country: dice.of(&["US", "DE", "FR", ""]).into(),
        employees: (dice.below(3) > 0).then(|| 1 + dice.below(900) as i32),
        ..Company::default()
    };
    let more = dice.below(2) == 0;
    Lead {
        company: Some(company),
        contact: Some(Contact { email, title: dice.of(&["CTO", ""]).into(), ..Contact::default() }),
        source: dice.of(&sources).into(),
        score: dice.of(&score).map(|score| score as i32),
        notes: if more { "called before".into() } else { String::new() },
        engagement: more.then(|| Engagement { opens: Some(3), ..Engagement::default() }),
        ..Lead::default()
    }
}
