//! What placing a lead changes.

use std::num::NonZeroU32;

use super::{Again, LEFT_OUT_FOR, RETRY_AFTER, STAYS_HELD_REMEMBERED};
use crate::answer::{Answer, Destination, Routed};
use crate::availability::status::{self, Known};
use crate::calendar::Calendar;
use crate::change::{Change, Count, Due, Index, Timer};
use crate::conduct;
use crate::event::Likeness as By;
use crate::event::act::Act;
use crate::event::{Cause, Decision, Event, HeldReason, Kind, ReleaseReason, Skip, SkipReason};
use crate::figures;
use crate::guardrail::selection;
use crate::id::{LeadId, PoolId, RepId, TeamId};
use crate::lead::{Facts, Lead, MAX_LEFT_OUT, Person, Place, Pushed, Turn, Via};
use crate::likeness::{Likeness, Mark};
use crate::policy::{Offer, Policy, PushFirst};
use crate::record::{Counter, Key, Mix, Record, Snapshot};
use crate::time::{Millis, Span};

/// Where a lead is to be.
#[derive(Debug)]
pub(super) enum Placing {
    /// A rep gets it, or is asked.
    Rep {
        rep: RepId,
        via: Via,
        offer: Option<Offer>,
        push_first: Option<PushFirst>,
        /// How many open leads the rep may have with this one.
        capacity: Option<u32>,
        /// The team whose rotation counts it as a turn of the rep.
        counted: Option<TeamId>,
        /// What of the rotation the turn has changed.
        rotation: Vec<Record>,
    },
    Pool(PoolId),
    /// Nobody can take it; whom it waits for.
    Hold(NonZeroU32),
}

impl Placing {
    /// The team whose rotation counts the lead although it did not choose.
    pub(super) fn charged(&self) -> Option<&TeamId> {
        match self {
            Self::Rep { via: Via::Rotation(_), .. } | Self::Pool(_) | Self::Hold(_) => None,
            Self::Rep { counted, .. } => counted.as_ref(),
        }
    }
}

/// What a placing rests on, beside the lead.
pub(super) struct Context<'a> {
    pub(super) snapshot: &'a Snapshot,
    pub(super) policy: &'a Policy,
    /// The calendar of the rep who gets it, if anybody does.
    pub(super) calendar: Option<&'a Calendar>,
    pub(super) expects: Vec<Key>,
    pub(super) mix: Option<Mix>,
    /// When the first of those passed over may be there again.
    pub(super) back_at: Option<Millis>,
    pub(super) now: Millis,
}

/// Who has the lead, or had it last: whose manager it goes to.
pub(crate) fn last_rep(lead: &Lead) -> Option<&RepId> {
    match &lead.place {
        Place::Assigned { owner: rep, .. } | Place::Offered { to: rep, .. } | Place::Closed { owner: rep, .. } => {
            Some(rep)
        }
        Place::Pooled { .. } | Place::Held => lead.left_out.last(),
    }
}

/// The lead that is placed.
pub(super) enum Subject<'a> {
    /// It has just come in.
    New { id: LeadId, facts: &'a Facts, person: &'a Person, marks: &'a [(By, Mark)] },
    /// It is there already.
    Again { lead: &'a Lead, because: &'a Again },
}

impl<'a> Subject<'a> {
    pub(super) fn id(&self) -> LeadId {
        match self {
            Self::New { id, .. } => *id,
            Self::Again { lead, .. } => lead.id,
        }
    }

    pub(super) fn facts(&self) -> &'a Facts {
        match self {
            Self::New { facts, .. } => facts,
            Self::Again { lead, .. } => &lead.facts,
        }
    }

    pub(super) fn lead(&self) -> Option<&'a Lead> {
        match self {
            Self::New { .. } => None,
            Self::Again { lead, .. } => Some(lead),
        }
    }

    /// The lead before it is placed.
    fn before(&self, now: Millis) -> Lead {
        match self {
            Self::Again { lead, because } => {
                let mut before = Lead {
                    left_out: had(lead),
                    reroutes: lead.reroutes + u32::from(because.counts()),
                    hold: None,
                    waits_for: None,
                    act_by: None,
                    pushed: None,
                    ..(*lead).clone()
                };
                if let Some(owner) = lead.owner() {
                    before.bar(owner, now);
                }
                before
            }
            Self::New { id, facts, .. } => Lead::arrived(*id, (*facts).clone(), now),
        }
    }
}

/// Who is left out when the lead is routed again: who owned it or declined it, the present one included; and nobody once it has
/// been held for [`LEFT_OUT_FOR`], as it is better with one of them than with nobody.
pub fn left_out(lead: &Lead, now: Millis) -> Vec<RepId> {
    let in_vain = lead.place == Place::Held && now >= lead.placed_at.after(LEFT_OUT_FOR);
    if in_vain { Vec::new() } else { had(lead) }
}

/// Who owned or declined the lead, the present one included, as far as it is remembered.
pub(crate) fn had(lead: &Lead) -> Vec<RepId> {
    let mut out = lead.left_out.clone();
    if let Place::Assigned { owner: rep, .. } | Place::Offered { to: rep, .. } = &lead.place {
        out.retain(|earlier| earlier != rep);
        out.push(rep.clone());
    }
    let surplus = out.len().saturating_sub(MAX_LEFT_OUT);
    out.drain(..surplus);
    out
}

/// The whole change.
pub(super) fn change(context: Context<'_>, subject: &Subject<'_>, placing: Placing, decision: Decision) -> Change {
    let now = context.now;
    let mut next = subject.before(now);
    let id = next.id;
    let cause = match subject {
        Subject::New { .. } => Cause::New,
        Subject::Again { because, .. } => because.cause(),
    };
    let was_held = subject.lead().is_some_and(|lead| lead.place == Place::Held);
    // Answered below, when it is known where the lead goes.
    let mut change = Change::answering(Answer::Done);
    change.expects.push(Key::PolicyHead);
    change.expects.extend(context.expects);
    change.puts.extend(context.mix.map(Record::Mix));
    match subject {
        Subject::Again { lead, because } => {
            leave(&mut change, lead, because, now);
            conduct::left(&mut change, context.snapshot, lead, because, context.policy, now);
        }
        Subject::New { person, marks, .. } => {
            let kept = context.policy.duplicates_within;
            for (_, mark) in *marks {
                change.expects.push(Key::Likeness(*mark));
                change.puts.push(Record::Likeness(Likeness { mark: *mark, lead: id, kept }));
            }
            change.puts.push(Record::Person(id, (*person).clone()));
        }
    }
    let facts = next.facts.clone();
    let (to, kind) = match placing {
        Placing::Rep { rep, via, offer, push_first, capacity, counted, rotation } => {
            change.puts.extend(rotation);
            let score = facts.score;
            next.turn = counted.map(|team| Box::new(Turn { team, rep: rep.clone(), score, credited: false }));
            let owning = Owning { rep, via, offer, push_first, capacity, cause, calendar: context.calendar };
            own(&mut change, &mut next, owning, context.policy, now)
        }
        Placing::Pool(pool) => {
            change.index.push(Index::Enter { pool: pool.clone(), lead: id, at: now });
            if let Subject::Again { lead, because: Again::NotActedOn } = subject {
                next.pushed.clone_from(&lead.pushed);
            }
            (next.place, next.placed_at) = (Place::Pooled { pool: pool.clone() }, now);
            let unclaimed = context.policy.pool(&pool).and_then(|pool| pool.unclaimed.comes(next.unclaimed(), now));
            change.timers.extend(unclaimed.map(|at| Timer::Set(Due::Pool(id), at)));
            next.turn = None;
            let Facts { source, score, captured_at, .. } = facts;
            (Destination::Pooled(pool.clone()), Kind::LeadPooled { lead: id, pool, cause, source, score, captured_at })
        }
        Placing::Hold(waits_for) => {
            let mut retry_at = context.back_at.unwrap_or(now.after(RETRY_AFTER)).min(now.after(RETRY_AFTER));
            let all_come_up = if was_held { next.placed_at } else { now }.after(LEFT_OUT_FOR);
            if !next.left_out.is_empty() && all_come_up > now {
                retry_at = retry_at.min(all_come_up);
            }
            change.timers.push(Timer::Set(Due::Held(id), retry_at));
            next.place = Place::Held;
            next.turn = None;
            next.waits_for = Some(waits_for);
            if !was_held {
                change.index.push(Index::Hold { lead: id, since: next.routed_at });
            }
            let Facts { source, score, .. } = facts;
            let reason = held_because(&decision.skips);
            (Destination::Held, Kind::LeadHeld { lead: id, cause, reason, source, score, retry_at })
        }
    };
    if was_held && next.place != Place::Held {
        change.index.push(Index::Free { lead: id });
        change.timers.push(Timer::Cancel(Due::Held(id)));
    }
    let routed = Routed {
        lead: id,
        to,
        route: decision.route.clone(),
        policy_version: decision.policy_version,
        duplicate: false,
    };
    change.answer = Answer::Routed(routed);
    // One that waits on, as it did, is nothing new to tell.
    if was_held && next.place == Place::Held {
        change.remembered = STAYS_HELD_REMEMBERED;
    } else {
        next.placed_at = now;
        next.position = String::new();
        change.events.push(Event { at: now, kind, decision: Some(decision) });
    }
    change.puts.push(Record::from(next));
    change
}

/// Why nobody can take a lead for which these were passed over.
fn held_because(skips: &[Skip]) -> HeldReason {
    let any = |is: fn(SkipReason) -> bool| skips.iter().any(|skip| is(skip.reason));
    match () {
        () if any(|reason| reason == SkipReason::AtCapacity) => HeldReason::AtCapacity,
        () if any(|reason| matches!(reason, SkipReason::Unavailable(_))) => HeldReason::Unavailable,
        () if any(|reason| reason == SkipReason::LeftOut) => HeldReason::LeftOut,
        () => HeldReason::Nobody,
    }
}

/// Takes the lead away from where it is.
fn leave(change: &mut Change, lead: &Lead, because: &Again, now: Millis) {
    let id = lead.id;
    change.expects.push(Key::Lead(id));
    let fence = lead.fence;
    if lead.holder().is_some() {
        // Whoever had it has room for one that is held.
        change.timers.push(Timer::Set(Due::Drain, now));
    }
    let mut disown = |rep: &RepId| {
        change.counts.push(Count { counter: Counter::Open(rep.clone()), delta: -1, most: None });
        change.index.push(Index::Disown { rep: rep.clone(), lead: id });
    };
    match &lead.place {
        Place::Offered { to, .. } => {
            disown(to);
            change.timers.push(Timer::Cancel(Due::Offer(id)));
            let rep = to.clone();
            let kind = match because {
                Again::Declined(_, reason) => Kind::OfferDeclined { lead: id, rep, fence, reason: *reason },
                Again::Offboarded { manager, .. } => offboarded(lead, rep, manager),
                _ => Kind::OfferLapsed { lead: id, rep, fence },
            };
            change.events.push(Event { at: now, kind, decision: None });
        }
        Place::Assigned { owner, via, contact_due, contacted_at, .. } => {
            disown(owner);
            if contacted_at.is_none() {
                change.waits_no_more(owner, via);
            }
            if because.counts() {
                figures::left(change, lead, now);
            }
            change.timers.push(Timer::Cancel(Due::Contact(id)));
            change.timers.extend(lead.act_by.map(|_| Timer::Cancel(Due::Action(id))));
            let rep = owner.clone();
            let released = |reason| Kind::LeadReleased { lead: id, rep: rep.clone(), fence, reason };
            let kind = match because {
                Again::Released(_, reason) => released(*reason),
                Again::NotActedOn => released(ReleaseReason::NotActedOn),
                Again::Offboarded { manager, .. } => offboarded(lead, rep.clone(), manager),
                _ => Kind::ContactMissed { lead: id, rep: rep.clone(), fence, contact_due: *contact_due },
            };
            change.events.push(Event { at: now, kind, decision: None });
        }
        Place::Pooled { pool } => {
            change.index.push(Index::Leave { pool: pool.clone(), lead: id });
            change.timers.push(Timer::Cancel(Due::Pool(id)));
            // A hold ends with the lead's place in the pool; one that is not over keeps the lead there.
            selection::tell_lapsed(change, lead, now);
            change.timers.extend(lead.hold.as_ref().map(|_| Timer::Cancel(Due::Hold(id))));
        }
        Place::Held | Place::Closed { .. } => {}
    }
}

fn offboarded(lead: &Lead, rep: RepId, manager: &RepId) -> Kind {
    Kind::Act(Act::OwnerOffboarded { lead: lead.id, rep, fence: lead.fence, manager: manager.clone() })
}

/// Who gets a lead, and how.
struct Owning<'a> {
    rep: RepId,
    via: Via,
    offer: Option<Offer>,
    push_first: Option<PushFirst>,
    capacity: Option<u32>,
    cause: Cause,
    calendar: Option<&'a Calendar>,
}

fn own(change: &mut Change, lead: &mut Lead, owning: Owning<'_>, policy: &Policy, now: Millis) -> (Destination, Kind) {
    let Owning { rep, via, offer, push_first, capacity, cause, calendar } = owning;
    let id = lead.id;
    lead.fence = lead.fence.next();
    let fence = lead.fence;
    let team = match &via {
        Via::Rotation(team) => Some(team.clone()),
        _ => None,
    };
    let most = capacity.map(u64::from);
    change.counts.push(Count { counter: Counter::Open(rep.clone()), delta: 1, most });
    change.index.push(Index::Own { rep: rep.clone(), lead: id, at: now });
    let Facts { source, score, captured_at, .. } = lead.facts.clone();
    match offer {
        Some(Offer { within, refusable }) => {
            let expires = now.after(within);
            lead.place = Place::Offered { to: rep.clone(), via: via.clone(), expires, refusable };
            change.timers.push(Timer::Set(Due::Offer(id), expires));
            let to = Destination::Offered { rep: rep.clone(), team, fence, expires };
            (to, Kind::LeadOffered { lead: id, rep, via, cause, fence, expires, refusable, source, score })
        }
        None => {
            let Contact { remind_at, contact_due } = begin_contact(change, lead, &rep, calendar, policy, now);
            if let Some(PushFirst { within, pool }) = push_first {
                let act_by = after(&rep, calendar, policy, now, within);
                change.timers.push(Timer::Set(Due::Action(id), act_by));
                (lead.act_by, lead.pushed) =
                    (Some(act_by), Some(Box::new(Pushed { pool, at: Millis(act_by.0 - within.0) })));
            }
            lead.place =
                Place::Assigned { owner: rep.clone(), via: via.clone(), remind_at, contact_due, contacted_at: None };
            let to = Destination::Assigned { rep: rep.clone(), team, fence, contact_due };
            (to, Kind::LeadAssigned { lead: id, rep, via, cause, fence, contact_due, source, score, captured_at })
        }
    }
}

/// Until when an owner is to make contact.
pub(crate) struct Contact {
    /// When the owner is reminded: three quarters of the time are over.
    pub(crate) remind_at: Millis,
    /// At this moment it has been missed.
    pub(crate) contact_due: Millis,
}

/// When so much time is over, of the rep's working time where the policy says so.
fn after(rep: &RepId, calendar: Option<&Calendar>, policy: &Policy, now: Millis, length: Span) -> Millis {
    if !policy.contact_sla_in_working_time {
        return now.after(length);
    }
    status::due(Known { calendar, presence: None }, policy.availability(rep), now, length)
}

/// From now on the rep must make contact.
pub(crate) fn begin_contact(
    change: &mut Change,
    lead: &Lead,
    rep: &RepId,
    calendar: Option<&Calendar>,
    policy: &Policy,
    now: Millis,
) -> Contact {
    let sla = policy.contact_sla;
    let after = |length: Span| after(rep, calendar, policy, now, length);
    change.counts.push(Count { counter: Counter::Uncontacted(rep.clone()), delta: 1, most: None });
    let remind_at = after(Span(sla.0 / 4 * 3));
    change.timers.push(Timer::Set(Due::Contact(lead.id), remind_at));
    Contact { remind_at, contact_due: after(sla) }
}
