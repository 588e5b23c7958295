//! Claiming: a rep takes a lead out of its pool.

use crate::answer::{Answer, Claimed};
use crate::calendar::Calendar;
use crate::change::{Change, Count, Index, Lock, LockOn};
use crate::event::{Decision, Event, Kind};
use crate::guardrail::selection;
use crate::id::{LeadId, RepId};
use crate::lead::{Lead, Place, Via};
use crate::policy::Policy;
use crate::quota;
use crate::record::{Claims, Counter, Key, Record, Snapshot};
use crate::refusal::{Broken, Reason, Refusal};
use crate::route::{Contact, begin_contact};
use crate::time::{Millis, Span};

/// For how long the lock of a claim stays.
pub const LOCK_TTL: Span = Span(2_000);

/// A claim.
#[derive(Debug, Clone)]
pub struct Command {
    /// Who claims.
    pub rep: RepId,
    /// What.
    pub lead: LeadId,
}

/// What a claim looks at.
pub fn reads(command: &Command) -> [Key; 5] {
    let (claims, calendar) = (Key::Claims(command.rep.clone()), Key::Calendar(command.rep.clone()));
    [Key::PolicyHead, Key::Lead(command.lead), claims, calendar, Key::Selection(command.rep.clone())]
}

/// Decides on a claim; a refusal names every rule that failed.
pub fn decide(snapshot: &Snapshot, command: &Command, policy: &Policy, now: Millis) -> Result<Change, Refusal> {
    let rep = &command.rep;
    policy.require_rep(rep)?;
    let lead = snapshot.lead(command.lead).ok_or_else(|| Refusal::lead_unknown(command.lead))?;
    let claimed_at = snapshot.claims(rep).map_or(&[][..], |claims| &claims.claimed_at);
    let mut forbidden = paused(snapshot.calendar(rep), now);
    forbidden.extend(exhausted(policy, claimed_at, now));
    forbidden.extend(selection::forbids(snapshot.selection(rep), lead, rep, policy, now));
    let Place::Pooled { pool } = &lead.place else {
        let owned = matches!(lead.place, Place::Assigned { .. } | Place::Closed { .. });
        let message = if owned { "the lead has an owner" } else { "the lead is in no pool" };
        let mut broken = Refusal::of(Reason::LeadAlreadyClaimed, message).broken;
        broken.extend(forbidden);
        return Err(Refusal { broken });
    };
    if !forbidden.is_empty() {
        return Err(Refusal { broken: forbidden });
    }
    let fence = lead.fence.next();
    // Answered when it is known until when contact is due.
    let mut change = Change::answering(Answer::Done);
    let Contact { remind_at, contact_due } = begin_contact(&mut change, lead, rep, snapshot.calendar(rep), policy, now);
    change.answer = Answer::Claimed(Claimed { lead: lead.id, fence, contact_due });
    change.expects.extend(reads(command));
    change.puts.push(Record::Lead(Lead {
        place: Place::Assigned {
            owner: rep.clone(),
            via: Via::Claim(pool.clone()),
            remind_at,
            contact_due,
            contacted_at: None,
        },
        fence,
        placed_at: now,
        hold: None,
        ..lead.clone()
    }));
    selection::after_claim(&mut change, snapshot.selection(rep), lead, policy, now);
    change
        .puts
        .push(Record::Claims(Claims { rep: rep.clone(), claimed_at: quota::record(&policy.quotas, claimed_at, now) }));
    change.counts.push(Count { counter: Counter::Open(rep.clone()), delta: 1, most: None });
    change.locks.push(Lock { on: LockOn::Claim(lead.id), holder: rep.clone(), ttl: LOCK_TTL });
    change.index.push(Index::Leave { pool: pool.clone(), lead: lead.id });
    change.index.push(Index::Own { rep: rep.clone(), lead: lead.id, at: now });
    change.events.push(Event {
        at: now,
        kind: Kind::LeadClaimed {
            lead: lead.id,
            rep: rep.clone(),
            pool: pool.clone(),
            fence,
            contact_due,
            source: lead.facts.source.clone(),
            score: lead.facts.score,
            pooled: now.since(lead.placed_at),
        },
        decision: Some(Decision { policy_version: policy.version, ..Decision::default() }),
    });
    Ok(change)
}

/// A pause stops claiming, as it stops what is pushed; why a manager ordered it is not told.
pub(crate) fn paused(calendar: Option<&Calendar>, now: Millis) -> Vec<Broken> {
    let paused = calendar.filter(|calendar| calendar.pause(now).is_some());
    let broken = paused.map(|calendar| Broken {
        reason: Reason::RepPaused,
        message: "a manager has paused the rep".to_owned(),
        retry_at: calendar.paused_until(now),
        window: None,
    });
    broken.into_iter().collect()
}

fn exhausted(policy: &Policy, claimed_at: &[Millis], now: Millis) -> Vec<Broken> {
    let used_up =
        policy.quotas.iter().map(|quota| quota::usage(*quota, claimed_at, now)).filter(quota::Usage::is_exhausted);
    used_up
        .map(|usage| Broken {
            reason: Reason::QuotaExhausted,
            message: format!("{} claims in {} made, {} allowed", usage.used, usage.quota.length, usage.quota.limit),
            retry_at: usage.room_at,
            window: Some(usage.quota.length),
        })
        .collect()
}

#[cfg(test)]
mod tests;
