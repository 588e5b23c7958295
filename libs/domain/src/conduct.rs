//! What Leadhand holds against a rep: contacts missed, offers not accepted, and the suspensions that they led to (C9, C10).
//!
//! A miss counts from the moment when contact was due, however late that was found out; it costs a claim of the daily quota for a
//! while, and several within some days suspend claiming. Misses that have led to a suspension are spent: they lead to no second
//! one, and what is missed or declined during a suspension counts towards the next. Suspensions run from when they are decided
//! and do not add up: claiming is free again when the last of them is over. Push goes on meanwhile.
//!
//! The tier that was calculated for a rep ([`crate::tiers`]) stands in the same record: claims read it anyway.

use crate::answer::Answer;
use crate::change::{Change, Due, Timer};
use crate::event::{Event, Kind};
use crate::guardrail::settings::{Acceptance, Misses};
use crate::guardrail::tier::Calculated;
use crate::id::{LeadId, RepId};
use crate::lead::{Lead, Place};
use crate::policy::Policy;
use crate::record::{Key, Record, Snapshot};
use crate::refusal::{Reason, Refusal};
use crate::route::Again;
use crate::time::{Millis, Span};

pub mod lift;

/// The most misses that are remembered of a rep. Of more, the oldest are forgotten: a daily quota is at most so many claims less.
pub const MAX_MISSES: usize = 200;

/// The most suspensions that are remembered of a rep: of more, those that end last.
pub const MAX_SUSPENSIONS: usize = 10;

/// How long a miss is remembered past what any rule looks at: it may be found out late that others were missed about then.
const KEPT_LONGER: Span = Span::days(1);

/// What is held against a rep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conduct {
    /// The rep.
    pub rep: RepId,
    /// Contacts that the rep has missed, oldest first.
    pub misses: Vec<Miss>,
    /// Whether the last offers were accepted, oldest first, since the last suspension for it. Empty where the policy does not ask.
    pub answers: Vec<bool>,
    /// Suspensions that run, those whose end is not told yet, and those that were lifted and would still run; by their ends.
    pub suspensions: Vec<Suspension>,
    /// From when until when the rep was last suspended, once that is over.
    pub suspended: Option<(Millis, Millis)>,
    /// The tier that was last calculated.
    pub tier: Option<Calculated>,
}

/// A contact that was missed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Miss {
    /// The lead.
    pub lead: LeadId,
    /// When contact was due.
    pub at: Millis,
    /// Whether it has led to a suspension, and leads to no other.
    pub spent: bool,
    /// Whether a manager has lifted it.
    pub lifted: bool,
}

/// A time without claims.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suspension {
    /// Since when.
    pub from: Millis,
    /// Until when; at this moment it is over.
    pub until: Millis,
    /// Why.
    pub why: Why,
    /// Who has lifted it before, if anybody has.
    pub lifted: Option<Lifted>,
}

/// Why a rep is suspended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// So many contacts were missed.
    Misses(u32),
    /// Too few offers were accepted.
    Acceptance {
        /// So many.
        accepted: u32,
        /// Of so many.
        of: u32,
    },
}

/// Who has lifted a suspension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lifted {
    /// The manager.
    pub by: RepId,
    /// Why.
    pub reason: lift::Why,
}

/// A rep may not claim for a while, as events tell it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suspended {
    /// The rep.
    pub rep: RepId,
    /// Until when this suspension runs.
    pub until: Millis,
    /// Why.
    pub why: Why,
}

/// A rep may claim again, as events tell it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// The rep.
    pub rep: RepId,
    /// Since when the rep was suspended.
    pub from: Millis,
    /// Whether a manager has ended it before its time.
    pub lifted: bool,
}

impl Miss {
    /// Until when it costs a claim of the daily quota.
    pub fn quota_less_until(&self, rule: &Misses) -> Millis {
        if self.lifted { self.at } else { self.at.after(rule.quota_less_for) }
    }

    /// Until when it may lead to a suspension; from then on it is out of every window that is yet to come.
    pub fn suspends_until(&self, rule: &Misses) -> Millis {
        if self.lifted || self.spent || rule.most.is_none() { self.at } else { self.at.after(rule.within) }
    }

    /// When it stops counting for anything.
    pub fn counts_until(&self, rule: &Misses) -> Millis {
        self.quota_less_until(rule).max(self.suspends_until(rule))
    }
}

impl Conduct {
    /// Nothing is held against the rep.
    pub fn clean(rep: RepId) -> Self {
        let (misses, answers, suspensions) = (Vec::new(), Vec::new(), Vec::new());
        Self { rep, misses, answers, suspensions, suspended: None, tier: None }
    }

    /// Until when the rep cannot claim, if so at `now`.
    pub fn suspended_until(&self, now: Millis) -> Option<Millis> {
        self.ends_at().filter(|until| *until > now)
    }

    /// When the rep can claim again, which is yet to be told then; `None` when there is nothing to tell.
    pub fn ends_at(&self) -> Option<Millis> {
        self.running().map(|suspension| suspension.until).max()
    }

    /// From when until when the rep could not claim, as far as it is known: what runs, and what was last over.
    pub fn suspended(&self) -> impl Iterator<Item = (Millis, Millis)> {
        self.running().map(|suspension| (suspension.from, suspension.until)).chain(self.suspended)
    }

    /// Those that nobody has lifted.
    fn running(&self) -> impl Iterator<Item = &Suspension> {
        self.suspensions.iter().filter(|suspension| suspension.lifted.is_none())
    }

    /// Takes a missed contact in; why the rep is suspended, if that is so now.
    fn miss(&mut self, lead: LeadId, at: Millis, rule: &Misses) -> Option<Why> {
        let place = self.misses.partition_point(|miss| miss.at <= at);
        self.misses.insert(place, Miss { lead, at, spent: false, lifted: false });
        let most = rule.most?;
        let counting = self.misses.iter().filter(|miss| !miss.spent && !miss.lifted);
        let moments: Vec<Millis> = counting.map(|miss| miss.at).collect();
        // The narrowest stretches of time that hold enough of them; it may be found out late that one of them was missed first.
        let reached = moments.windows((most as usize).max(1)).find_map(|stretch| {
            let (first, last) = (*stretch.first()?, *stretch.last()?);
            (last.since(first) < rule.within && (first..=last).contains(&at)).then_some(last)
        })?;
        let misses = moments.iter().filter(|at| **at <= reached && reached.since(**at) < rule.within).count();
        self.misses.iter_mut().filter(|miss| !miss.lifted).for_each(|miss| miss.spent = true);
        Some(Why::Misses(u32::try_from(misses).unwrap_or(u32::MAX)))
    }

    /// Takes in whether an offer was accepted; why the rep is suspended, if that is so now.
    fn answer(&mut self, accepted: bool, rule: &Acceptance) -> Option<Why> {
        self.answers.push(accepted);
        let surplus = self.answers.len().saturating_sub(rule.last as usize);
        self.answers.drain(..surplus);
        let count = |answers: usize| u32::try_from(answers).unwrap_or(u32::MAX);
        let (of, accepted) = (count(self.answers.len()), count(self.answers.iter().filter(|answer| **answer).count()));
        if of < rule.at_least || u64::from(accepted) * 100 >= u64::from(rule.percent) * u64::from(of) {
            return None;
        }
        // The next list begins: else the next offer would suspend at once again.
        self.answers.clear();
        Some(Why::Acceptance { accepted, of })
    }

    /// Forgets what no rule can look at any more.
    fn prune(&mut self, rule: &Misses, now: Millis) {
        let within = rule.most.map_or(Span(0), |_| rule.within);
        let kept = Span(rule.quota_less_for.0.max(within.0).saturating_add(KEPT_LONGER.0));
        self.misses.retain(|miss| now.since(miss.at) < kept);
        let surplus = self.misses.len().saturating_sub(MAX_MISSES);
        self.misses.drain(..surplus);
        self.suspensions.retain(|suspension| suspension.lifted.is_none() || suspension.until > now);
        let surplus = self.suspensions.len().saturating_sub(MAX_SUSPENSIONS);
        self.suspensions.drain(..surplus);
    }

    /// When all suspensions that run are over, takes them out and tells so.
    fn end(&mut self, now: Millis) -> Option<Event> {
        let until = self.ends_at().filter(|until| *until <= now)?;
        let from = self.running().map(|suspension| suspension.from).min()?;
        self.suspended = Some((from, until));
        self.suspensions.retain(|suspension| suspension.lifted.is_some());
        let ended = Ended { rep: self.rep.clone(), from, lifted: false };
        Some(Event { at: now, kind: Kind::SuspensionEnded(ended), decision: None })
    }

    /// Begins a suspension and tells so.
    fn suspend(&mut self, change: &mut Change, why: Why, length: Span, now: Millis) {
        // One that is over and whose deadline nobody has looked at yet.
        change.events.extend(self.end(now));
        let until = now.after(length);
        let place = self.suspensions.partition_point(|suspension| suspension.until <= until);
        self.suspensions.insert(place, Suspension { from: now, until, why, lifted: None });
        let told = Suspended { rep: self.rep.clone(), until, why };
        change.events.push(Event { at: now, kind: Kind::RepSuspended(told), decision: None });
        let ends_at = self.ends_at().unwrap_or(until);
        change.timers.push(Timer::Set(Due::Suspension(self.rep.clone()), ends_at));
    }
}

/// Whose conduct it is about that a lead is routed again, if it is about anybody's under this policy.
pub(crate) fn looks_at(lead: &Lead, because: &Again, policy: &Policy) -> Option<Key> {
    match (&lead.place, because) {
        (Place::Assigned { owner, .. }, Again::ContactMissed) => Some(Key::Conduct(owner.clone())),
        (Place::Offered { to, .. }, Again::Declined(..) | Again::OfferLapsed) => answers(to, policy),
        _ => None,
    }
}

/// The conduct of a rep who answers an offer, if the policy asks how many are accepted.
pub(crate) fn answers(rep: &RepId, policy: &Policy) -> Option<Key> {
    policy.guardrails.acceptance.map(|_| Key::Conduct(rep.clone()))
}

/// Notes of whoever had the lead that it is routed again, where that is held against the rep.
pub(crate) fn left(
    change: &mut Change,
    snapshot: &Snapshot,
    lead: &Lead,
    because: &Again,
    policy: &Policy,
    now: Millis,
) {
    match (&lead.place, because) {
        (Place::Assigned { owner, contact_due, .. }, Again::ContactMissed) => {
            let mut conduct = of(snapshot, owner);
            let rule = &policy.guardrails.misses;
            if let Some(why) = conduct.miss(lead.id, *contact_due, rule) {
                conduct.suspend(change, why, rule.suspension, now);
            }
            put(change, conduct, policy, now);
        }
        (Place::Offered { to, .. }, Again::Declined(..) | Again::OfferLapsed) => {
            answered(change, snapshot, to, false, policy, now);
        }
        _ => {}
    }
}

/// Notes whether a rep has accepted an offer, where the policy asks.
pub(crate) fn answered(
    change: &mut Change,
    snapshot: &Snapshot,
    rep: &RepId,
    accepted: bool,
    policy: &Policy,
    now: Millis,
) {
    let Some(rule) = &policy.guardrails.acceptance else { return };
    let mut conduct = of(snapshot, rep);
    if let Some(why) = conduct.answer(accepted, rule) {
        conduct.suspend(change, why, rule.suspension, now);
    }
    put(change, conduct, policy, now);
}

/// What is known of it, or that nothing is.
pub(crate) fn of(snapshot: &Snapshot, rep: &RepId) -> Conduct {
    snapshot.conduct(rep).cloned().unwrap_or_else(|| Conduct::clean(rep.clone()))
}

fn put(change: &mut Change, mut conduct: Conduct, policy: &Policy, now: Millis) {
    conduct.prune(&policy.guardrails.misses, now);
    change.expects.push(Key::Conduct(conduct.rep.clone()));
    change.puts.push(Record::Conduct(conduct));
}

/// Carries out the deadline of a rep's suspension: tells that it is over, once; else puts the deadline right.
pub fn end(snapshot: &Snapshot, rep: &RepId, now: Millis) -> Result<Change, Refusal> {
    let mut change = Change::answering(Answer::Done);
    change.expects.push(Key::Conduct(rep.clone()));
    let mut conduct = of(snapshot, rep);
    let due = Due::Suspension(rep.clone());
    match conduct.end(now) {
        Some(ended) => {
            change.events.push(ended);
            change.timers.push(Timer::Cancel(due));
            change.puts.push(Record::Conduct(conduct));
        }
        None => change.timers.push(match conduct.ends_at() {
            Some(until) => Timer::Set(due, until),
            None => Timer::Cancel(due),
        }),
    }
    Ok(change)
}

/// Sets again the deadline of a rep's suspension that was found without it.
pub fn restore(snapshot: &Snapshot, rep: &RepId) -> Result<Change, Refusal> {
    let nothing = || Refusal::of(Reason::NotDue, "the rep waits for no suspension to end");
    let until = snapshot.conduct(rep).and_then(Conduct::ends_at).ok_or_else(nothing)?;
    let mut change = Change::answering(Answer::Done);
    change.expects.push(Key::Conduct(rep.clone()));
    change.timers.push(Timer::Set(Due::Suspension(rep.clone()), until));
    Ok(change)
}

#[cfg(test)]
mod tests;
