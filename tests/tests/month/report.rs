//! What came of a month: asserted where it must hold, told where it is for people to judge.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use leadhand_domain::event::{Cause, Event, Kind};
use leadhand_domain::id::{LeadId, RepId};
use leadhand_domain::lead::{Lead, Place};
use leadhand_domain::policy::PUSH_FIRST;
use leadhand_domain::refusal::Failure;
use leadhand_domain::time::{Millis, Span};
use leadhand_tests::model::World;
use leadhand_tests::model::invariants::Story;

use crate::leads::{Arrival, LEADS};
use crate::modes::{MANAGER, Mode};
use crate::month::TICK;

/// How long whoever looks at a lead may still claim it when it is to leave its pool.
const HOLD: Span = Span::minutes(3);

/// What was refused.
#[derive(Debug, Default)]
pub(crate) struct Refused {
    by: BTreeMap<&'static str, u64>,
    /// Claims that were refused for nothing but what the rep owed, each paid at once by another.
    pub(crate) owed: u64,
}

impl Refused {
    /// Notes why something was refused; whether it was.
    pub(crate) fn note(&mut self, failure: Option<Failure>) -> bool {
        match failure {
            None => false,
            Some(Failure::Refused(refusal)) => {
                refusal.broken.iter().for_each(|broken| *self.by.entry(broken.reason.as_str()).or_default() += 1);
                true
            }
            Some(other) => panic!("not a refusal: {other:?}"),
        }
    }
}

/// What came of a month.
#[derive(Debug)]
pub(crate) struct Report {
    mode: Mode,
    ended: BTreeMap<&'static str, usize>,
    pushed: usize,
    claimed: usize,
    escalated: usize,
    misses: usize,
    lapsed: usize,
    suspended: usize,
    latest: Span,
    /// How far the share of what has just come in was from the mix at most.
    furthest: Option<f64>,
    events: usize,
    refused: Refused,
    gini: f64,
    gini_of_claims: f64,
}

impl Report {
    /// Of what has happened until `end`.
    ///
    /// # Panics
    /// When something does not hold.
    pub(crate) fn of(mode: Mode, world: &World, refused: Refused, leads: &[Arrival], end: Millis) -> Self {
        let story = Story::of(&world.events, &world.policy);
        assert!(story.latest <= TICK, "{mode:?}: told {} after its deadline", story.latest);
        let all: Vec<&Lead> = world.leads.iter().filter_map(|lead| world.lead(*lead)).collect();
        assert_eq!(all.len(), LEADS, "every lead is somewhere");
        story.assert_places(all.iter().copied());
        let mut ended: BTreeMap<&'static str, usize> = BTreeMap::new();
        for lead in &all {
            assert_punctual(lead, end);
            *ended.entry(place(lead)).or_default() += 1;
        }
        let (mut owners, mut claimers): (HashMap<&RepId, usize>, HashMap<&RepId, usize>) = Default::default();
        for event in &world.events {
            match &event.kind {
                Kind::LeadAssigned { rep, .. } if rep.as_str() != MANAGER => *owners.entry(rep).or_default() += 1,
                Kind::LeadClaimed { rep, .. } => {
                    *owners.entry(rep).or_default() += 1;
                    *claimers.entry(rep).or_default() += 1;
                }
                _ => {}
            }
        }
        match mode {
            Mode::PoolFirst => assert_none_waits_longer(&world.events, Span::hours(1), end),
            Mode::PushFirst => assert_none_waits_longer(&world.events, Span::hours(2), end),
            _ => {}
        }
        let count = |is: fn(&Kind) -> bool| world.events.iter().filter(|event| is(&event.kind)).count();
        let reps = world.policy.teams.iter().flat_map(|team| &team.reps).map(|(rep, _)| rep);
        let of =
            |counts: &HashMap<&RepId, usize>| reps.clone().map(|rep| counts.get(rep).copied().unwrap_or(0)).collect();
        Self {
            mode,
            ended,
            pushed: pushed(mode, world, leads),
            claimed: count(|kind| matches!(kind, Kind::LeadClaimed { .. })),
            escalated: count(|kind| matches!(kind, Kind::LeadAssigned { rep, .. } if rep.as_str() == MANAGER)),
            misses: count(|kind| matches!(kind, Kind::ContactMissed { .. })),
            lapsed: count(|kind| matches!(kind, Kind::HoldLapsed { .. })),
            suspended: count(|kind| matches!(kind, Kind::RepSuspended(_))),
            latest: story.latest,
            furthest: match mode {
                Mode::Share(percent) => Some(mixed(percent, &world.events)),
                _ => None,
            },
            events: world.events.len(),
            refused,
            gini: gini(of(&owners)),
            gini_of_claims: gini(of(&claimers)),
        }
    }
}

fn place(lead: &Lead) -> &'static str {
    match &lead.place {
        Place::Offered { .. } => "offered",
        Place::Assigned { contacted_at: None, .. } => "assigned",
        Place::Assigned { .. } => "in contact",
        Place::Pooled { .. } => "pooled",
        Place::Held => "held",
        Place::Closed { .. } => "closed",
    }
}

/// Nothing was due and is still not done.
fn assert_punctual(lead: &Lead, end: Millis) {
    let due = match &lead.place {
        Place::Offered { expires, .. } => Some(*expires),
        Place::Assigned { contact_due, contacted_at: None, .. } => {
            Some(lead.act_by.map_or(*contact_due, |at| at.min(*contact_due)))
        }
        Place::Pooled { .. } => lead.hold.as_ref().map(|hold| hold.until),
        _ => None,
    };
    assert!(due.is_none_or(|due| end.since(due) <= TICK), "overdue at {end}: {lead:?}");
}

/// How many leads were pushed as they came in: those that the mode pushes.
fn pushed(mode: Mode, world: &World, leads: &[Arrival]) -> usize {
    let facts: HashMap<LeadId, &Arrival> = leads.iter().map(|arrival| (arrival.id, arrival)).collect();
    let (mut all, mut pushed) = (0, 0);
    for event in &world.events {
        let (lead, is_pushed) = match &event.kind {
            Kind::LeadAssigned { lead, cause: Cause::New, .. }
            | Kind::LeadOffered { lead, cause: Cause::New, .. }
            | Kind::LeadHeld { lead, cause: Cause::New, .. } => (lead, true),
            Kind::LeadPooled { lead, cause: Cause::New, .. } => (lead, false),
            _ => continue,
        };
        all += 1;
        pushed += usize::from(is_pushed);
        // Where all to whom it is pushed are away, the pool takes it.
        let nobody = event.decision.as_ref().is_some_and(|decision| !decision.skips.is_empty());
        if let Some(expected) = mode.pushes(&facts[lead].facts) {
            assert!(expected == is_pushed || (expected && nobody), "{mode:?}: {event:?}");
        }
    }
    assert_eq!(all, LEADS);
    pushed
}

/// Of the leads that the mix has decided on, in its order, so many were pushed that after each no other number of them would be
/// nearer to the share. Leads that are routed again are among them: it is decided on them again. How far the share of those
/// that had just come in was from it at most, in leads.
fn mixed(percent: u64, events: &[Event]) -> f64 {
    let (mut all, mut pushed, mut new, mut new_pushed, mut furthest) = (0_u64, 0_u64, 0_u64, 0_u64, 0.0_f64);
    let off = |pushed: u64, all: u64| (pushed as f64 - percent as f64 / 100.0 * all as f64).abs();
    for event in events {
        let Some(mix) = event.decision.as_ref().and_then(|decision| decision.mix) else { continue };
        let is_pushed = u64::from(!matches!(event.kind, Kind::LeadPooled { .. }));
        assert_eq!(mix.decided, all, "{event:?}");
        all += 1;
        pushed += is_pushed;
        assert!(off(pushed, all) < 1.0, "{pushed} of {all} are pushed, {percent} % should be: {event:?}");
        if is_new(&event.kind) {
            new += 1;
            new_pushed += is_pushed;
            furthest = furthest.max(off(new_pushed, new));
        }
    }
    furthest
}

fn is_new(kind: &Kind) -> bool {
    match kind {
        Kind::LeadAssigned { cause, .. } | Kind::LeadOffered { cause, .. } => *cause == Cause::New,
        Kind::LeadPooled { cause, .. } | Kind::LeadHeld { cause, .. } => *cause == Cause::New,
        _ => false,
    }
}

/// A lead that nobody claims is not in its pool any more when it is to be the manager's, counted from when it came to the pool or,
/// where it was pushed first, to the rep; who looks at it then may still claim it.
fn assert_none_waits_longer(events: &[Event], escalated_after: Span, end: Millis) {
    let mut pushed: HashMap<LeadId, Millis> = HashMap::new();
    let mut leaves_by: HashMap<LeadId, Millis> = HashMap::new();
    let latest = |due: Millis| due.after(HOLD).after(TICK);
    for event in events {
        let at = event.at;
        match &event.kind {
            Kind::LeadPooled { lead, .. } => {
                let first = event.decision.as_ref().is_some_and(|decision| decision.route == PUSH_FIRST);
                let since = if first { pushed[lead] } else { at };
                leaves_by.insert(*lead, latest(since.after(escalated_after).max(at)));
            }
            Kind::LeadAssigned { lead, .. } | Kind::LeadClaimed { lead, .. } | Kind::LeadHeld { lead, .. } => {
                pushed.insert(*lead, at);
                if let Some(by) = leaves_by.remove(lead) {
                    assert!(at <= by, "in the pool until {by}: {event:?}");
                }
            }
            _ => {}
        }
    }
    assert!(leaves_by.values().all(|by| *by >= end), "somebody waits for ever");
}

/// How uneven: 0 when all have the same, nearly 1 when one has all.
fn gini(mut counts: Vec<usize>) -> f64 {
    counts.sort_unstable();
    let (n, sum) = (counts.len() as f64, counts.iter().sum::<usize>() as f64);
    let ranked: f64 = counts.iter().zip(1..).map(|(count, rank)| *count as f64 * f64::from(rank)).sum();
    if sum > 0.0 { 2.0 * ranked / (n * sum) - (n + 1.0) / n } else { 0.0 }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ended: Vec<_> = self.ended.iter().map(|(place, count)| format!("{count} {place}")).collect();
        let refused: Vec<_> = self.refused.by.iter().map(|(reason, count)| format!("{reason} {count}")).collect();
        writeln!(f, "{}: {} events", self.mode.name(), self.events)?;
        writeln!(f, "  ended: {}", ended.join(", "))?;
        writeln!(
            f,
            "  pushed as they came {}, claimed {}, to the manager {}, contacts missed {}, holds lapsed {}, suspensions {}",
            self.pushed, self.claimed, self.escalated, self.misses, self.lapsed, self.suspended
        )?;
        if let Some(furthest) = self.furthest {
            writeln!(
                f,
                "  the share of all routed is exact; of those that had just come in, off by {furthest:.1} leads at most"
            )?;
        }
        writeln!(f, "  refused: {}; for debts alone {}", refused.join(", "), self.refused.owed)?;
        write!(
            f,
            "  Gini of leads {:.2}, of claims {:.2}; latest deadline {}",
            self.gini, self.gini_of_claims, self.latest
        )
    }
}
