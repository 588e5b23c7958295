//! Opening a pooled lead's detail: it puts a hold on the lead, and nobody else can look at it or take it meanwhile.

use crate::answer::{Answer, Viewed};
use crate::change::{Change, Due, Timer};
use crate::claim::{self, Looked};
use crate::event::{Event, Kind};
use crate::guardrail::selection::{self, Held, Selection};
use crate::guardrail::settings;
use crate::guardrail::settings::{Kind as Choice, Transparency};
use crate::guardrail::{self, Claimant};
use crate::id::{LeadId, PoolId, RepId};
use crate::lead::{Hold, Lead, Place, Via};
use crate::policy::Policy;
use crate::record::{Key, Record, Snapshot};
use crate::refusal::{Broken, Reason, Refusal};
use crate::time::Millis;

/// A rep wants to see a lead's detail.
#[derive(Debug, Clone)]
pub struct Command {
    /// Who.
    pub rep: RepId,
    /// Which.
    pub lead: LeadId,
}

/// What a detail looks at: what a claim does, and the lead that the rep holds. `front` is what [`needs_front`] asks for.
pub fn reads(command: &Command, held: Option<&Selection>, front: &[LeadId]) -> Vec<Key> {
    let claim = claim::Command { rep: command.rep.clone(), lead: command.lead };
    let held = held.and_then(|selection| selection.hold).map(|hold| hold.lead);
    let others = front.iter().copied().chain(held).filter(|lead| *lead != command.lead);
    claim::reads(&claim).into_iter().chain(others.map(Key::Lead)).collect()
}

/// The pool whose leads must be looked at, from its front up to the first that the rep may claim, before it can be decided on
/// this detail: the pool is a queue, or a claim is owed.
pub fn needs_front<'a>(snapshot: &'a Snapshot, command: &Command, policy: &Policy, now: Millis) -> Option<&'a PoolId> {
    let Place::Pooled { pool } = &snapshot.lead(command.lead)?.place else { return None };
    let owes = owes(&selection::at(snapshot, &command.rep, now), policy);
    (is_queue(policy, pool) || owes).then_some(pool)
}

/// Whether only the first lead of a pool is to be had.
pub(crate) fn is_queue(policy: &Policy, pool: &PoolId) -> bool {
    policy.pool(pool).is_some_and(|pool| pool.kind == Choice::Queue)
}

fn owes(selection: &Selection, policy: &Policy) -> bool {
    policy.guardrails.skips.is_some_and(|most| selection.skipped >= most)
}

/// Decides on a detail; a refusal names every rule that failed. `front` are the first leads of the pool that the rep may claim,
/// found by the debts that stand ([`claim::Sought::Front`]). Who holds the lead already sees it again, for no longer than before.
pub fn decide(
    snapshot: &Snapshot,
    command: &Command,
    front: &Looked,
    policy: &Policy,
    now: Millis,
) -> Result<Change, Refusal> {
    let Looked { leads: front, debts } = front;
    let (rep, limits) = (&command.rep, policy.guardrails.selection);
    policy.require_rep(rep)?;
    let lead = snapshot.lead(command.lead).ok_or_else(|| Refusal::lead_unknown(command.lead))?;
    let Place::Pooled { pool } = &lead.place else { return Err(not_pooled(lead)) };
    let viewed = |until| Change::answering(Answer::Viewed(Viewed { lead: lead.id, until }));
    if let Some(own) = lead.held_at(now).filter(|hold| limits.is_some() && hold.rep == *rep) {
        let mut change = viewed(Some(own.until));
        change.expects.extend([Key::PolicyHead, Key::Lead(lead.id)]);
        return Ok(change);
    }
    let mut next = selection::at(snapshot, rep, now);
    drop_what_was_taken(&mut next, snapshot, now);
    let mut broken = guardrail::paused(snapshot.calendar(rep), now);
    let claimant = Claimant::of(snapshot, rep, policy);
    broken.extend(claimant.forbidden_lead(lead, now));
    if let Some(limits) = limits {
        broken.extend(held(&next, lead.id, limits, now));
    }
    let deepens = |lead: &Lead| debts.iter().any(|debt| debt.is_deepened_by(claimant.traits(lead, now)));
    let waiting = front.iter().filter_map(|lead| snapshot.lead(*lead)).filter(|lead| claimant.may_claim(lead, now));
    let first = || front.iter().copied().find(|lead| selection::is_claimable(snapshot, rep, *lead, policy, now));
    // Of a queue its first, or the first that deepens no debt that stands: that one is to be claimed instead.
    let turns = [waiting.clone().next(), waiting.clone().find(|lead| !deepens(lead))];
    if is_queue(policy, pool) && !turns.into_iter().flatten().any(|turn| turn.id == lead.id) {
        broken.push(no_retry(Reason::NotFirst, "only the first lead of a queue that the rep may claim can be seen"));
    }
    if owes(&next, policy) && first().is_some() {
        broken.push(no_retry(Reason::ClaimOwed, format!("{} leads skipped, and a claim is owed", next.skipped)));
    }
    if !broken.is_empty() {
        return Err(Refusal { broken });
    }
    let until = limits.map(|limits| now.after(limits.hold));
    let mut change = viewed(until);
    // A count has no version, and a detail does not rest on any.
    let read = reads(command, snapshot.selection(rep), front).into_iter();
    change.expects = read.filter(|key| !matches!(key, Key::Count(_))).collect();
    let Some(until) = until else { return Ok(change) };
    selection::tell_lapsed(&mut change, lead, now);
    let kind = Kind::HoldBegan { lead: lead.id, rep: rep.clone(), pool: pool.clone(), until };
    change.events.push(Event { at: now, kind, decision: None });
    change.timers.push(Timer::Set(Due::Hold(lead.id), until));
    change.puts.push(Record::from(Lead { hold: Some(Box::new(Hold { rep: rep.clone(), until })), ..lead.clone() }));
    next.window = None;
    next.hold = Some(Held { lead: lead.id, until });
    next.tidy(policy, now);
    change.puts.push(Record::Selection(next));
    Ok(change)
}

/// A lead that somebody took out of its pool is not held any more, though the rep's record does not know it.
fn drop_what_was_taken(selection: &mut Selection, snapshot: &Snapshot, now: Millis) {
    if let Some(hold) = selection.hold
        && let Some(lead) = snapshot.lead(hold.lead)
        && lead.held_at(now).is_none_or(|held| held.rep != selection.rep)
    {
        selection.hold = None;
    }
}

/// Which rules of holds forbid another one.
fn held(selection: &Selection, lead: LeadId, limits: settings::Selection, now: Millis) -> Vec<Broken> {
    let open = selection.hold.map(|hold| Broken {
        reason: Reason::HoldOpen,
        message: format!("the rep looks at lead {}: claim or skip it first", hold.lead),
        retry_at: Some(hold.until),
        window: None,
    });
    let again = selection.holds_again_at(lead, limits, now).map(|again_at| Broken {
        reason: Reason::HeldLately,
        message: "the rep held or skipped this lead a short time ago".to_owned(),
        retry_at: Some(again_at),
        window: None,
    });
    open.into_iter().chain(again).collect()
}

fn no_retry(reason: Reason, message: impl Into<String>) -> Broken {
    Broken { reason, message: message.into(), retry_at: None, window: None }
}

/// The lead is in no pool.
pub(crate) fn not_pooled(lead: &Lead) -> Refusal {
    let owned = matches!(lead.place, Place::Assigned { .. } | Place::Closed { .. });
    let message = if owned { "the lead has an owner" } else { "the lead is in no pool" };
    Refusal::of(Reason::LeadAlreadyClaimed, message)
}

/// How much of a lead a rep sees who was granted its detail, perhaps a while ago: an answer that is repeated shows nothing that the
/// rep may not see now. `None`: nothing at all, another rep has it.
pub fn shown(lead: &Lead, viewer: &RepId, granted: &Viewed, policy: &Policy, now: Millis) -> Option<Transparency> {
    let of = |pool| policy.pool(pool).map_or_else(Transparency::default, |pool| pool.transparency);
    match &lead.place {
        Place::Pooled { pool } => {
            let holds = lead.held_at(now).is_some_and(|hold| hold.rep == *viewer);
            let free = granted.until.is_none() && policy.guardrails.selection.is_none();
            Some(if holds || free { of(pool) } else { Transparency::Preview })
        }
        Place::Assigned { owner, via: Via::Claim(pool), .. } if owner == viewer => Some(of(pool)),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
