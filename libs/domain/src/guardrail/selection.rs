//! How long a rep may choose: C2, and what a skip is: C13.
//!
//! The first look at a pool starts a window; a lead's detail, opened with [`crate::view`], puts a hold on the lead, and uses the
//! window. What passes unused has *lapsed*: the rep's claims wait, and a hold that lapses counts as a skip. All of that is
//! worked out from the record at the moment of asking ([`Selection::at`]), so nothing waits for a timer to be true. A timer only
//! tells of the end of a hold, and tidies up ([`lapse`]).
//!
//! A hold is kept twice, in the lead and in its rep's record, by the same commits: the lead says who may take it, the record what
//! the rep may do. Where the lead says otherwise, it is right: somebody took it out of the pool.

use super::settings;
use crate::answer::Answer;
use crate::change::{Change, Due, Timer};
use crate::event::{Event, Kind};
use crate::guardrail::Claimant;
use crate::id::{LeadId, RepId};
use crate::lead::{Lead, Place};
use crate::policy::Policy;
use crate::record::{Key, Record, Snapshot};
use crate::refusal::{Broken, Reason, Refusal};
use crate::time::{Millis, Span};

/// How many leads a rep's record remembers as held or skipped lately: the latest.
pub const MAX_LATELY: usize = 200;

/// For how long a skip of a lead is known at least, so that another click does not count again.
pub const SKIP_KNOWN: Span = Span::minutes(10);

/// What is remembered of how a rep chooses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection {
    /// The rep.
    pub rep: RepId,
    /// What a look at a pool has started, and neither a detail nor a claim has used.
    pub window: Option<Window>,
    /// The lead that the rep looks at; never beside a window.
    pub hold: Option<Held>,
    /// When a window or a hold last passed unused.
    pub lapsed_at: Option<Millis>,
    /// What the rep held or skipped lately and did not claim, each lead once, latest last; at most [`MAX_LATELY`].
    pub lately: Vec<Ended>,
    /// How many leads the rep has skipped since the last claim.
    pub skipped: u32,
}

/// The time that a rep has to choose in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// From when: where claims wait as the rep looks, from when they no longer do.
    pub from: Millis,
    /// At this moment it has passed.
    pub until: Millis,
}

/// A lead that the rep looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    /// The lead.
    pub lead: LeadId,
    /// At this moment the hold has passed.
    pub until: Millis,
}

/// A lead that the rep did not claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ended {
    /// The lead.
    pub lead: LeadId,
    /// When it was skipped, or its hold passed.
    pub at: Millis,
}

impl Selection {
    /// Of a rep who has not looked at anything yet.
    pub fn new(rep: RepId) -> Self {
        Self { rep, window: None, hold: None, lapsed_at: None, lately: Vec::new(), skipped: 0 }
    }

    /// As it is at `now`: what has passed by then has lapsed.
    #[must_use]
    pub fn at(&self, now: Millis) -> Self {
        let mut next = self.clone();
        if let Some(window) = next.window.take_if(|window| now >= window.until) {
            next.lapsed_at = next.lapsed_at.max(Some(window.until));
        }
        if let Some(hold) = next.hold.take_if(|hold| now >= hold.until) {
            next.lapsed_at = next.lapsed_at.max(Some(hold.until));
            next.skip(hold.lead, hold.until);
        }
        next
    }

    /// Until when claims wait, if they do at `now`; asked of what [`Selection::at`] gave.
    pub fn waits_until(&self, limits: settings::Selection, now: Millis) -> Option<Millis> {
        self.lapsed_at.map(|at| at.after(limits.wait)).filter(|until| now < *until)
    }

    /// From when the rep can hold a lead again that was held or skipped lately, if not at `now`.
    pub(crate) fn holds_again_at(&self, lead: LeadId, limits: settings::Selection, now: Millis) -> Option<Millis> {
        let ended = self.lately.iter().find(|ended| ended.lead == lead)?;
        Some(ended.at.after(limits.no_hold_again)).filter(|at| now < *at)
    }

    /// Counts a lead that the rep did not claim.
    pub(crate) fn skip(&mut self, lead: LeadId, at: Millis) {
        self.skipped = self.skipped.saturating_add(1);
        self.lately.retain(|ended| ended.lead != lead);
        self.lately.push(Ended { lead, at });
        let surplus = self.lately.len().saturating_sub(MAX_LATELY);
        self.lately.drain(..surplus);
    }

    /// Forgets what no rule looks at any more.
    pub(crate) fn tidy(&mut self, policy: &Policy, now: Millis) {
        let known = policy.guardrails.selection.map_or(SKIP_KNOWN, |limits| limits.no_hold_again.max(SKIP_KNOWN));
        self.lately.retain(|ended| now < ended.at.after(known));
    }
}

/// How `rep` chooses at `now`.
pub fn at(snapshot: &Snapshot, rep: &RepId, now: Millis) -> Selection {
    snapshot.selection(rep).map_or_else(|| Selection::new(rep.clone()), |selection| selection.at(now))
}

/// How a rep stands, as far as choosing goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Standing {
    /// Until when to open a detail or claim.
    pub window_until: Option<Millis>,
    /// The lead that the rep looks at.
    pub hold: Option<Held>,
    /// How many leads may be skipped before a claim is owed; `None`: any number.
    pub skips_left: Option<u32>,
    /// Until when claims wait.
    pub claims_wait_until: Option<Millis>,
}

/// How `rep` stands at `now`.
pub fn standing(snapshot: &Snapshot, rep: &RepId, policy: &Policy, now: Millis) -> Standing {
    let selection = at(snapshot, rep, now);
    let skips_left = policy.guardrails.skips.map(|most| most.saturating_sub(selection.skipped));
    let Some(limits) = policy.guardrails.selection else { return Standing { skips_left, ..Standing::default() } };
    Standing {
        window_until: selection.window.map(|window| window.until),
        hold: selection.hold,
        skips_left,
        claims_wait_until: selection.waits_until(limits, now),
    }
}

/// What a look at a pool reads.
pub fn reads(rep: &RepId) -> [Key; 2] {
    [Key::PolicyHead, Key::Selection(rep.clone())]
}

/// Whether a look at a pool at `now` starts a window: none runs, and the rep looks at no detail.
pub fn opens(selection: Option<&Selection>, now: Millis) -> bool {
    selection.is_none_or(|selection| {
        let selection = selection.at(now);
        selection.window.is_none() && selection.hold.is_none()
    })
}

/// What a look at a pool changes. While claims wait, the window starts when they no longer do: else a rep could look then, and
/// choose for as long as they like afterwards.
pub fn open(snapshot: &Snapshot, rep: &RepId, policy: &Policy, now: Millis) -> Result<Change, Refusal> {
    policy.require_rep(rep)?;
    let mut change = Change::answering(Answer::Done);
    change.expects.extend(reads(rep));
    if let Some(limits) = policy.guardrails.selection
        && opens(snapshot.selection(rep), now)
    {
        let mut next = at(snapshot, rep, now);
        let from = next.waits_until(limits, now).unwrap_or(now);
        next.window = Some(Window { from, until: from.after(limits.window) });
        next.tidy(policy, now);
        change.puts.push(Record::Selection(next));
    }
    Ok(change)
}

/// A rep's claims wait at `now`, whatever the lead.
pub(crate) fn waits(selection: Option<&Selection>, policy: &Policy, now: Millis) -> Option<Broken> {
    let until = selection?.at(now).waits_until(policy.guardrails.selection?, now)?;
    let message = "the time to choose passed, and claims wait".to_owned();
    Some(Broken { reason: Reason::SelectionLapsed, message, retry_at: Some(until), window: None })
}

/// Another rep looks at the lead.
pub(crate) fn on_hold(lead: &Lead, rep: &RepId, now: Millis) -> Option<Broken> {
    let hold = lead.held_at(now).filter(|hold| hold.rep != *rep)?;
    let message = "another rep looks at the lead".to_owned();
    Some(Broken { reason: Reason::LeadOnHold, message, retry_at: Some(hold.until), window: None })
}

/// What a claim of `lead` changes here: window and hold are used, and nothing is owed any more. A hold on another lead goes on.
/// Call it before the claim's own event is put, which is to be the change's last.
pub fn after_claim(change: &mut Change, selection: Option<&Selection>, lead: &Lead, policy: &Policy, now: Millis) {
    if lead.hold.is_some() {
        tell_lapsed(change, lead, now);
        change.timers.push(Timer::Cancel(Due::Hold(lead.id)));
    }
    let Some(before) = selection else { return };
    let mut next = before.at(now);
    next.window = None;
    next.hold.take_if(|hold| hold.lead == lead.id);
    next.skipped = 0;
    next.tidy(policy, now);
    if next != *before {
        change.puts.push(Record::Selection(next));
    }
}

/// Tells of a hold that has passed, and that nobody has told of yet, when the lead's record changes for another reason.
pub(crate) fn tell_lapsed(change: &mut Change, lead: &Lead, now: Millis) {
    if let (Some(hold), Place::Pooled { pool }) = (&lead.hold, &lead.place)
        && now >= hold.until
    {
        let kind = Kind::HoldLapsed { lead: lead.id, rep: hold.rep.clone(), pool: pool.clone() };
        change.events.push(Event { at: now, kind, decision: None });
    }
}

/// Tells that a hold of `rep` on a lead has passed, and tidies both records up. Nothing becomes true by this.
pub fn lapse(snapshot: &Snapshot, lead: LeadId, rep: &RepId, now: Millis) -> Result<Change, Refusal> {
    let not_due = || Refusal::of(Reason::NotDue, "no hold has passed");
    let found = snapshot.lead(lead).ok_or_else(not_due)?;
    let hold = found.hold.as_ref().filter(|hold| hold.rep == *rep && now >= hold.until);
    if hold.is_none() || !matches!(found.place, Place::Pooled { .. }) {
        return Err(not_due());
    }
    let mut change = Change::answering(Answer::Done);
    change.expects.extend([Key::Lead(lead), Key::Selection(rep.clone())]);
    tell_lapsed(&mut change, found, now);
    change.timers.push(Timer::Cancel(Due::Hold(lead)));
    change.puts.push(Record::from(Lead { hold: None, ..found.clone() }));
    if let Some(before) = snapshot.selection(rep) {
        let next = before.at(now);
        if next != *before {
            change.puts.push(Record::Selection(next));
        }
    }
    Ok(change)
}

/// What becomes of the record of the rep who looks at a lead that somebody else takes out of its pool, as a manager does: the hold
/// is over, and no fault of the rep's. `None` when that changes nothing.
pub fn taken_away(selection: &Selection, lead: LeadId, now: Millis) -> Option<Record> {
    let mut next = selection.at(now);
    next.hold.take_if(|hold| hold.lead == lead)?;
    Some(Record::Selection(next))
}

/// Whether `rep` may claim the lead at `now`, by everything that a claim looks at but what the rep owes by the ratios, which locks
/// nobody out, and the wait after a lapse: who lets a hold lapse brings that about, and it is over soon.
pub fn is_claimable(snapshot: &Snapshot, rep: &RepId, lead: LeadId, policy: &Policy, now: Millis) -> bool {
    let claimant = Claimant::of(snapshot, rep, policy);
    let forbidden = claimant.forbidden(now);
    forbidden.iter().all(|broken| broken.reason == Reason::SelectionLapsed)
        && snapshot.lead(lead).is_some_and(|lead| claimant.may_claim(lead, now))
}

#[cfg(test)]
mod tests;
