//! Crediting a lead back that was not worth its turn: the rotation that counted it counts one less, and the rep is owed it.
//!
//! A turn is credited once, whoever asks and however often. It is that of whoever has the lead, or had it last: a lead that was
//! taken from a rep stays counted for that rep.

use super::{Decided, Desk, Findings, Table};
use crate::answer::{Answer, Credited};
use crate::change::Change;
use crate::event::{CreditReason, Event, Kind};
use crate::id::{Fence, LeadId, RepId};
use crate::lead::{Lead, Turn};
use crate::policy::Policy;
use crate::record::{Key, Record, Snapshot};
use crate::refusal::{Reason, Refusal};
use crate::time::Millis;

/// A lead to be credited back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// The lead.
    pub lead: LeadId,
    /// The fence under which it was found bad; `None`: whatever it is now.
    pub fence: Option<Fence>,
    /// Why.
    pub reason: CreditReason,
    /// The manager who asks for it.
    pub by: RepId,
}

/// The desk that decides: that of the rotation which counted the lead, if the policy has it.
pub fn desk(policy: &Policy, lead: Option<&Lead>) -> Desk {
    let turn = lead.and_then(|lead| lead.turn.as_deref());
    match turn.filter(|turn| policy.team(&turn.team).is_some()) {
        Some(turn) => Desk::Rotation(turn.team.clone()),
        None => Desk::Rest,
    }
}

/// Decides on a credit, at a desk, as [`super::decide`] does on a lead.
pub fn decide(
    snapshot: &Snapshot,
    table: &mut Table,
    command: &Command,
    policy: &Policy,
    desk: &Desk,
    now: Millis,
) -> Result<Decided, Refusal> {
    let key = Key::Lead(command.lead);
    if !snapshot.knows(&key) {
        return Ok(Decided::Needs(vec![key]));
    }
    let lead = snapshot.lead(command.lead).ok_or_else(|| Refusal::lead_unknown(command.lead))?;
    command.fence.map_or(Ok(()), |fence| lead.require_fence(fence))?;
    let Some(turn) = lead.turn.as_deref() else {
        return Err(Refusal::of(Reason::NotCounted, "no rotation counts the lead"));
    };
    let Turn { team, rep, score, credited } = turn;
    policy.require_manager(&command.by, [rep])?;
    let answer = Credited { rep: rep.clone(), team: team.clone(), before: *credited };
    let mut change = Change::answering(Answer::Credited(answer));
    change.expects.extend([Key::PolicyHead, key]);
    if *credited {
        return Ok(Decided::Change(Box::new(change)));
    }
    let Some(team) = policy.team(team) else {
        return Err(Refusal::of(Reason::RotationUnknown, format!("team `{team}` is no longer in the policy")));
    };
    if !team.reps.iter().any(|(member, _)| member == rep) {
        return Err(Refusal::of(Reason::RotationUnknown, format!("rep `{rep}` is no longer in team `{}`", team.id)));
    }
    let its = Desk::Rotation(team.id.clone());
    if *desk != its {
        return Ok(Decided::Elsewhere(its, Findings::default()));
    }
    let row = table.row(snapshot, policy, team, lead.id, now);
    if !row.live.credit(rep, *score) {
        return Err(Refusal::of(Reason::NotCounted, "the rotation counts nothing of the rep's"));
    }
    change.puts.extend(row.changed());
    change.expects.extend([Key::Calendars(team.id.clone()), Key::RotationHead(team.id.clone())]);
    let turn = Turn { credited: true, ..turn.clone() };
    change.puts.push(Record::from(Lead { turn: Some(Box::new(turn)), ..lead.clone() }));
    let (rep, team, reason, by) = (rep.clone(), team.id.clone(), command.reason, command.by.clone());
    change.events.push(Event {
        at: now,
        kind: Kind::LeadCredited { lead: lead.id, rep, team, reason, by },
        decision: None,
    });
    Ok(Decided::Change(Box::new(change)))
}
