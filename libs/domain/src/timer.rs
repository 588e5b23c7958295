//! What to do when a deadline has come. The deadline is a hint, the lead decides.

use crate::answer::Answer;
use crate::change::{Change, Due, Timer};
use crate::event::{Event, Kind};
use crate::guardrail::unclaimed::AGAIN_AFTER;
use crate::id::{Fence, LeadId, RepId};
use crate::lead::{Lead, Place};
use crate::policy::Policy;
use crate::record::{Key, Snapshot};
use crate::refusal::{Reason, Refusal};
use crate::route::Again;
use crate::time::Millis;

/// What a deadline of a lead calls for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// The lead is to be routed again, under this fence and for this reason.
    Route(Fence, Again),
    /// The owner is to be reminded, under this fence.
    Remind(Fence),
    /// The rep's hold has passed.
    Lapse(RepId),
    /// There is nothing to wait for: the lead has moved on.
    Drop,
    /// It comes later, at this moment.
    Later(Millis),
}

/// What `due` calls for at `now`, by the lead as it is.
pub fn step(lead: Option<&Lead>, due: &Due, policy: Option<&Policy>, now: Millis) -> Step {
    let Some(lead) = lead else { return Step::Drop };
    match (due, &lead.place) {
        (Due::Contact(_), Place::Assigned { remind_at, contact_due, contacted_at: None, .. }) => {
            // One that came for the owner before is not the present one's.
            match now {
                now if now >= *contact_due => Step::Route(lead.fence, Again::ContactMissed),
                now if now >= *remind_at => Step::Remind(lead.fence),
                _ => Step::Later(*remind_at),
            }
        }
        (Due::Offer(_), Place::Offered { expires, .. }) if now >= *expires => {
            Step::Route(lead.fence, Again::OfferLapsed)
        }
        (Due::Offer(_), Place::Offered { expires, .. }) => Step::Later(*expires),
        (Due::Action(_), Place::Assigned { contacted_at: None, .. }) => match lead.act_by {
            Some(at) if now >= at => Step::Route(lead.fence, Again::NotActedOn),
            Some(at) => Step::Later(at),
            None => Step::Drop,
        },
        (Due::Pool(_), Place::Pooled { pool }) => {
            let Some(pool) = policy.and_then(|policy| policy.pool(pool)) else { return Step::Drop };
            // Who looks at it may still claim it.
            if let Some(hold) = lead.held_at(now) {
                return Step::Later(hold.until);
            }
            match (pool.unclaimed.due(lead.unclaimed(), now), pool.unclaimed.next(lead.unclaimed(), now)) {
                (Some(stage), _) => Step::Route(lead.fence, Again::Unclaimed(stage)),
                (None, Some(at)) => Step::Later(at),
                (None, None) => Step::Drop,
            }
        }
        (Due::Hold(_), Place::Pooled { .. }) => match &lead.hold {
            Some(hold) if now >= hold.until => Step::Lapse(hold.rep.clone()),
            Some(hold) => Step::Later(hold.until),
            None => Step::Drop,
        },
        (Due::Held(_), Place::Held) => Step::Route(lead.fence, Again::Retried),
        _ => Step::Drop,
    }
}

/// Reminds the owner that little time is left, and waits for the deadline itself. It changes nothing of the lead, so that two
/// who do it at once would both: it goes under a request id made of the fence.
pub fn remind(snapshot: &Snapshot, lead: LeadId, fence: Fence, now: Millis) -> Result<Change, Refusal> {
    let not_due = || Refusal::of(Reason::NotDue, "there is nobody to remind");
    let found = snapshot.lead(lead).filter(|lead| lead.fence == fence).ok_or_else(not_due)?;
    let Place::Assigned { owner, remind_at, contact_due, contacted_at: None, .. } = &found.place else {
        return Err(not_due());
    };
    if now >= *contact_due || now < *remind_at {
        return Err(not_due());
    }
    let mut change = Change::answering(Answer::Done);
    change.expects.push(Key::Lead(lead));
    change.timers.push(Timer::Set(Due::Contact(lead), *contact_due));
    let kind = Kind::ContactDueSoon { lead, rep: owner.clone(), fence, contact_due: *contact_due };
    change.events.push(Event { at: now, kind, decision: None });
    Ok(change)
}

/// The deadlines that a lead must have at `now`, by where it is. A reminder whose moment is over is not made up for: whether it
/// was given cannot be told.
pub fn needed(lead: &Lead, policy: Option<&Policy>, now: Millis) -> Vec<(Due, Millis)> {
    match &lead.place {
        Place::Assigned { remind_at, contact_due, contacted_at: None, .. } => {
            let contact = (Due::Contact(lead.id), if now < *remind_at { *remind_at } else { *contact_due });
            let action = lead.act_by.map(|at| (Due::Action(lead.id), at));
            [Some(contact), action].into_iter().flatten().collect()
        }
        Place::Offered { expires, .. } => vec![(Due::Offer(lead.id), *expires)],
        Place::Held => vec![(Due::Held(lead.id), now)],
        Place::Pooled { pool } => {
            let pool = policy.and_then(|policy| policy.pool(pool));
            let at = pool.and_then(|pool| pool.unclaimed.comes(lead.unclaimed(), now));
            let hold = lead.hold.as_ref().map(|hold| (Due::Hold(lead.id), hold.until));
            at.map(|at| (Due::Pool(lead.id), at)).into_iter().chain(hold).collect()
        }
        Place::Assigned { .. } | Place::Closed { .. } => Vec::new(),
    }
}

/// Sets again a deadline of a lead that was found without it.
pub fn restore(
    snapshot: &Snapshot,
    missing: &Due,
    lead: LeadId,
    policy: Option<&Policy>,
    now: Millis,
) -> Result<Change, Refusal> {
    let mut change = Change::answering(Answer::Done);
    change.expects.push(Key::Lead(lead));
    let (due, at) = snapshot
        .lead(lead)
        .and_then(|lead| needed(lead, policy, now).into_iter().find(|(due, _)| due == missing))
        .ok_or_else(|| Refusal::of(Reason::NotDue, "the lead waits for nothing"))?;
    change.timers.push(Timer::Set(due, at));
    Ok(change)
}

/// Puts a deadline right that has nothing to say now: away with it, or at its moment. Whatever sets a deadline of a lead
/// writes the lead too, so one that was just set is not lost.
pub fn settle(
    snapshot: &Snapshot,
    due: &Due,
    lead: LeadId,
    policy: Option<&Policy>,
    now: Millis,
) -> Result<Change, Refusal> {
    let mut change = Change::answering(Answer::Done);
    change.expects.push(Key::Lead(lead));
    match step(snapshot.lead(lead), due, policy, now) {
        Step::Drop => change.timers.push(Timer::Cancel(due.clone())),
        Step::Later(at) => change.timers.push(Timer::Set(due.clone(), at)),
        Step::Route(..) | Step::Remind(_) | Step::Lapse(_) => {
            return Err(Refusal::of(Reason::NotDue, "the deadline has come"));
        }
    }
    Ok(change)
}

/// Puts ahead what a pooled lead has come to and nobody can carry out now.
pub fn postpone(snapshot: &Snapshot, lead: LeadId, policy: Option<&Policy>, now: Millis) -> Result<Change, Refusal> {
    let mut change = Change::answering(Answer::Done);
    change.expects.push(Key::Lead(lead));
    let found = snapshot.lead(lead);
    let Some((found, pool)) = found.and_then(|found| Some((found, policy?.pool(found.pool()?)?))) else {
        change.timers.push(Timer::Cancel(Due::Pool(lead)));
        return Ok(change);
    };
    let again = now.after(AGAIN_AFTER);
    let at = pool.unclaimed.next(found.unclaimed(), now).map_or(again, |next| next.min(again));
    change.timers.push(Timer::Set(Due::Pool(lead), at));
    Ok(change)
}

#[cfg(test)]
mod tests;
