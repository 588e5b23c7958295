//! Claiming: a rep takes a lead out of its pool, one that is named ([`decide`]) or the next ([`decide_next`]).
//!
//! Two rules look beyond the lead and the rep: in a queue only the first lead that the rep may claim, and that deepens no debt
//! that stands, can be claimed, and a debt stands only while some lead would pay it. For these the pools are searched
//! ([`Sought`]), and the leads that were found ([`Found`]) are read and expected like everything else a decision rests on. What
//! was not found is not: a lead that comes in while a claim is decided counts as coming in after it.

use crate::answer::{Answer, Claimed};
use crate::change::{Change, Count, Due, Index, Lock, LockOn, Timer};
use crate::event::{Decision, Event, Kind};
use crate::floor;
use crate::guardrail::ratio::{self, Debt};
use crate::guardrail::settings::{Kind as PoolKind, Unclaimed};
use crate::guardrail::{Claimant, selection};
use crate::id::{LeadId, PoolId, RepId};
use crate::lead::{Lead, Place, Via};
use crate::policy::Policy;
use crate::quota;
use crate::record::{Claims, Counter, Key, Record, Snapshot};
use crate::refusal::{Broken, Reason, Refusal};
use crate::route::{Contact, begin_contact};
use crate::time::{Millis, Span};

/// For how long the lock of a claim stays.
pub const LOCK_TTL: Span = Span(2_000);

/// A claim of a lead that is named.
#[derive(Debug, Clone)]
pub struct Command {
    /// Who claims.
    pub rep: RepId,
    /// What.
    pub lead: LeadId,
}

/// A claim of whatever is next.
#[derive(Debug, Clone)]
pub struct Next {
    /// Who claims.
    pub rep: RepId,
    /// From which pool; `None`: from the first in the policy's order that has a lead for the rep.
    pub pool: Option<PoolId>,
}

/// Why a claim is not decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Undecided {
    /// A rule refuses.
    Refused(Refusal),
    /// The pools must be searched first.
    Seeks(Sought),
}

impl From<Refusal> for Undecided {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// What must be found in the pools before a claim can be decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sought {
    /// The first leads of these pools, in their order, that the rep may claim; then the first of each other kind, up to one that
    /// deepens none of the debts that stand.
    Front(Vec<PoolId>, Vec<Debt>),
    /// A lead of each kind that the rep may claim, in whichever pool, until they show that all these debts stand.
    Kinds(Vec<Debt>),
}

/// Leads that were found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Looked {
    /// Which.
    pub leads: Vec<LeadId>,
    /// The debts that they were looked for by: by others more would have been found.
    pub debts: Vec<Debt>,
}

impl Looked {
    /// Whether they are enough to judge by these debts.
    fn covers(&self, debts: &[Debt]) -> bool {
        debts.iter().all(|debt| self.debts.iter().any(|by| by.reason() == debt.reason()))
    }
}

/// What was found in the pools.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// See [`Sought::Front`]; `None`: not looked for.
    pub front: Option<Looked>,
    /// See [`Sought::Kinds`]; `None`: not looked for.
    pub kinds: Option<Looked>,
}

impl Found {
    /// The records of what was found.
    pub fn keys(&self) -> impl Iterator<Item = Key> {
        self.front.iter().chain(&self.kinds).flat_map(|looked| &looked.leads).copied().map(Key::Lead)
    }
}

/// What a claim looks at, whatever was found.
pub fn reads(command: &Command) -> Vec<Key> {
    let mut keys = vec![Key::Lead(command.lead)];
    keys.extend(Claimant::reads(&command.rep));
    keys
}

/// What a claim of whatever is next looks at, beside what was found.
pub fn next_reads(command: &Next) -> Vec<Key> {
    Claimant::reads(&command.rep).into()
}

/// Decides on a claim; a refusal names every rule that failed.
pub fn decide(
    snapshot: &Snapshot,
    command: &Command,
    found: &Found,
    policy: &Policy,
    now: Millis,
) -> Result<Change, Undecided> {
    policy.require_rep(&command.rep)?;
    let lead = snapshot.lead(command.lead).ok_or_else(|| Refusal::lead_unknown(command.lead))?;
    let claimant = Claimant::of(snapshot, &command.rep, policy);
    let mut broken = Vec::new();
    match &lead.place {
        Place::Pooled { pool } => {
            broken.extend(claimant.forbidden(now));
            broken.extend(claimant.forbidden_lead(lead, now));
            broken.extend(out_of_turn(snapshot, lead, pool, &claimant, found, policy, now)?);
            broken.extend(indebted(snapshot, lead, &claimant, found, now)?);
        }
        place => {
            let owned = matches!(place, Place::Assigned { .. } | Place::Closed { .. });
            let message = if owned { "the lead has an owner" } else { "the lead is in no pool" };
            broken.extend(Refusal::of(Reason::LeadAlreadyClaimed, message).broken);
            broken.extend(claimant.forbidden(now));
        }
    }
    if !broken.is_empty() {
        return Err(Refusal { broken }.into());
    }
    let Place::Pooled { pool } = &lead.place else { return Err(Refusal { broken }.into()) };
    let mut change = take(snapshot, lead, pool, &claimant, policy, now);
    change.expects.extend(found.keys().filter(|key| *key != Key::Lead(command.lead)));
    Ok(change)
}

/// Decides on a claim of whatever is next: the first of what was found that no rule keeps from the rep.
pub fn decide_next(
    snapshot: &Snapshot,
    command: &Next,
    found: &Found,
    policy: &Policy,
    now: Millis,
) -> Result<Change, Undecided> {
    policy.require_rep(&command.rep)?;
    let pools = pools(command, policy)?;
    let claimant = Claimant::of(snapshot, &command.rep, policy);
    let forbidden = claimant.forbidden(now);
    if !forbidden.is_empty() {
        return Err(Refusal { broken: forbidden }.into());
    }
    let (first, debts) = first(snapshot, &pools, &claimant, found, now)?;
    let Some((lead, pool)) = first.and_then(|lead| Some((lead, lead.pool()?))) else {
        let none = found.front.as_ref().is_none_or(|front| front.leads.is_empty());
        let nothing = || Refusal::of(Reason::NothingClaimable, "nothing waits that the rep may claim");
        let owed = || Refusal { broken: debts.into_iter().map(Debt::broken).collect() };
        return Err(if none { nothing() } else { owed() }.into());
    };
    let mut change = take(snapshot, lead, pool, &claimant, policy, now);
    change.expects.extend(found.keys().filter(|key| *key != Key::Lead(lead.id)));
    Ok(change)
}

/// The pools that a claim of whatever is next may take from, the first one first; never none.
pub fn pools<'a>(command: &'a Next, policy: &'a Policy) -> Result<Vec<&'a PoolId>, Refusal> {
    let unknown = |message: String| Refusal::of(Reason::PoolUnknown, message);
    match &command.pool {
        Some(pool) if policy.has_pool(pool) => Ok(vec![pool]),
        Some(pool) => Err(unknown(format!("no pool `{pool}` in the policy"))),
        None if policy.pools.is_empty() => Err(unknown("the policy has no pool".to_owned())),
        None => Ok(policy.pools.iter().map(|pool| &pool.id).collect()),
    }
}

/// In a queue only the first lead can be claimed that the rep may claim and that deepens no debt that stands.
fn out_of_turn(
    snapshot: &Snapshot,
    lead: &Lead,
    pool: &PoolId,
    claimant: &Claimant<'_>,
    found: &Found,
    policy: &Policy,
    now: Millis,
) -> Result<Option<Broken>, Undecided> {
    if policy.pool(pool).is_none_or(|pool| pool.kind != PoolKind::Queue) {
        return Ok(None);
    }
    // It was the first when the rep opened it, and what comes free before it meanwhile takes nothing from who looks at it.
    if policy.guardrails.selection.is_some() && lead.held_at(now).is_some_and(|hold| hold.rep == *claimant.rep) {
        return Ok(None);
    }
    let (first, _) = first(snapshot, &[pool], claimant, found, now)?;
    Ok(first.filter(|first| first.id != lead.id).map(|_| Broken {
        reason: Reason::NotFirst,
        message: "another lead comes first in this queue".to_owned(),
        retry_at: None,
        window: None,
    }))
}

/// The first lead of these pools that nothing keeps from the rep, if there is one, and the debts that stand.
fn first<'a>(
    snapshot: &'a Snapshot,
    pools: &[&PoolId],
    claimant: &Claimant<'_>,
    found: &Found,
    now: Millis,
) -> Result<(Option<&'a Lead>, Vec<Debt>), Undecided> {
    let debts = standing(snapshot, claimant, found, now)?;
    let seeks = || Undecided::Seeks(Sought::Front(pools.iter().copied().cloned().collect(), debts.clone()));
    let front = found.front.as_ref().filter(|front| front.covers(&debts)).ok_or_else(seeks)?;
    let within = |lead: &&Lead| lead.pool().is_some_and(|pool| pools.contains(&pool));
    let leads = front.leads.iter().filter_map(|lead| snapshot.lead(*lead)).filter(within);
    let waiting: Vec<_> = leads.filter(|lead| claimant.may_claim(lead, now)).collect();
    let first = waiting.iter().copied().find(|lead| is_free(lead, claimant, &debts, now));
    if first.is_none() && waiting.len() < front.leads.len() {
        // Others have taken some of what was found: there may be more behind it.
        return Err(seeks());
    }
    Ok((first, debts))
}

/// Whether no debt keeps the rep from a lead.
fn is_free(lead: &Lead, claimant: &Claimant<'_>, debts: &[Debt], now: Millis) -> bool {
    let traits = claimant.traits(lead, now);
    !debts.iter().any(|debt| debt.is_deepened_by(traits))
}

/// Which of the rep's debts stand.
fn standing(snapshot: &Snapshot, claimant: &Claimant<'_>, found: &Found, now: Millis) -> Result<Vec<Debt>, Undecided> {
    let debts = claimant.debts();
    if debts.is_empty() {
        return Ok(debts);
    }
    let seeks = || Undecided::Seeks(Sought::Kinds(debts.clone()));
    let kinds = found.kinds.as_ref().filter(|kinds| kinds.covers(&debts)).ok_or_else(seeks)?;
    let leads = kinds.leads.iter().filter_map(|lead| snapshot.lead(*lead)).filter(|lead| claimant.may_claim(lead, now));
    let claimable: Vec<_> = leads.map(|lead| claimant.traits(lead, now)).collect();
    if claimable.len() < kinds.leads.len() {
        // Others have taken some of what was found: there may be more of its kind.
        return Err(seeks());
    }
    Ok(ratio::standing(&debts, &claimable))
}

/// The debts that keep the rep from this lead.
fn indebted(
    snapshot: &Snapshot,
    lead: &Lead,
    claimant: &Claimant<'_>,
    found: &Found,
    now: Millis,
) -> Result<Vec<Broken>, Undecided> {
    let traits = claimant.traits(lead, now);
    if !claimant.debts().iter().any(|debt| debt.is_deepened_by(traits)) {
        return Ok(Vec::new());
    }
    let standing = standing(snapshot, claimant, found, now)?;
    Ok(standing.into_iter().filter(|debt| debt.is_deepened_by(traits)).map(Debt::broken).collect())
}

/// A lead of a pool becomes the rep's.
fn take(
    snapshot: &Snapshot,
    lead: &Lead,
    pool: &PoolId,
    claimant: &Claimant<'_>,
    policy: &Policy,
    now: Millis,
) -> Change {
    let rep = claimant.rep;
    let guardrails = &policy.guardrails;
    let fence = lead.fence.next();
    // Answered when it is known until when contact is due.
    let mut change = Change::answering(Answer::Done);
    let Contact { remind_at, contact_due } = begin_contact(&mut change, lead, rep, snapshot.calendar(rep), policy, now);
    change.answer = Answer::Claimed(Claimed { lead: lead.id, fence, contact_due });
    change.expects.push(Key::Lead(lead.id));
    change.expects.extend(Claimant::reads(rep).into_iter().filter(|key| !matches!(key, Key::Count(_))));
    let act_by = guardrails.action_within.map(|within| now.after(within));
    change.timers.extend(act_by.map(|at| Timer::Set(Due::Action(lead.id), at)));
    let waited = policy.pool(pool).is_some_and(|pool| pool.unclaimed != Unclaimed::default());
    change.timers.extend(waited.then_some(Timer::Cancel(Due::Pool(lead.id))));
    selection::after_claim(&mut change, snapshot.selection(rep), lead, policy, now);
    let taken = claimant.taken().with(claimant.traits(lead, now), &guardrails.ratios);
    change.puts.push(Record::Claims(Claims {
        rep: rep.clone(),
        claimed_at: quota::record(&policy.quotas, floor::looks_back(guardrails), claimant.claimed_at(), now),
        taken,
    }));
    change.puts.push(Record::from(Lead {
        place: Place::Assigned {
            owner: rep.clone(),
            via: Via::Claim(pool.clone()),
            remind_at,
            contact_due,
            contacted_at: None,
        },
        fence,
        placed_at: now,
        act_by,
        pushed: None,
        hold: None,
        ..lead.clone()
    }));
    change.counts.push(Count { counter: Counter::Open(rep.clone()), delta: 1, most: None });
    let most = guardrails.hoarding.map(u64::from);
    change.counts.push(Count { counter: Counter::Hoarded(rep.clone()), delta: 1, most });
    change.locks.push(Lock { on: LockOn::Claim(lead.id, fence), holder: rep.clone(), ttl: LOCK_TTL });
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
    change
}

#[cfg(test)]
mod tests;
