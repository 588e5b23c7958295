//! The calls, each as its service takes it.

use std::sync::Arc;

use leadhand_domain::answer::Answer;
use leadhand_domain::change::Change;
use leadhand_domain::claim::{self, Found, Looked, Undecided};
use leadhand_domain::guardrail::settings::Transparency;
use leadhand_domain::guardrail::{selection, tier};
use leadhand_domain::id::{Fence, LeadId, PoolId, RepId};
use leadhand_domain::lead::{Facts, Lead, Person};
use leadhand_domain::policy::Policy;
use leadhand_domain::record::Snapshot;
use leadhand_domain::refusal::{Failure, Reason, Refusal};
use leadhand_domain::route::{self, Again, Decided, Desk, Findings};
use leadhand_domain::time::Millis;
use leadhand_domain::visibility::{self, Viewer};
use leadhand_domain::{accept, activity, contact, outcome, skip, view};

use super::{Answered, Asked, Done, Thoroughness, World};

/// How often the pools are searched for one claim.
const SEARCHES: usize = 8;

/// What a rep sees of a lead.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown {
    /// The lead.
    pub lead: Lead,
    /// Whose it is.
    pub person: Person,
    /// How much is shown; `None`: nothing.
    pub transparency: Option<Transparency>,
    /// Until when it is the rep's to choose.
    pub until: Option<Millis>,
    /// The event that tells of the hold.
    pub position: Option<usize>,
}

impl World {
    /// A lead comes in, under the id that it gets.
    pub fn route(&mut self, asked: Asked, id: LeadId, facts: Facts, person: Person, now: Millis) -> Answered {
        self.settle(Some(asked), &route::Command::new(id, facts, person), now)
    }

    /// A lead is routed again.
    pub fn reroute(
        &mut self,
        asked: Option<Asked>,
        lead: LeadId,
        fence: Fence,
        because: Again,
        now: Millis,
    ) -> Answered {
        self.settle(asked, &route::Command::Again { lead, fence, because }, now)
    }

    fn settle(&mut self, asked: Option<Asked>, command: &route::Command, now: Millis) -> Answered {
        if let Some(done) = self.recalled(asked.as_ref()) {
            return Ok(done);
        }
        let change = match self.thoroughness {
            Thoroughness::Everything => route::settle(&mut self.records, command, &self.policy, now),
            Thoroughness::Enough => self.decide(command, now),
        };
        Ok(self.commit(asked, change.map_err(Failure::Refused)?))
    }

    /// The same as [`route::settle`], with what each desk keeps at hand.
    fn decide(&mut self, command: &route::Command, now: Millis) -> Result<Change, Refusal> {
        let (mut desk, mut findings) = (Desk::Rest, Findings::default());
        loop {
            let table = self.tables.entry(desk.clone()).or_default();
            match route::decide(&self.records, table, command, &self.policy, &desk, &findings, now)? {
                Decided::Change(change) => return Ok(*change),
                Decided::Needs(keys) => keys.into_iter().for_each(|key| self.records.insert(key, None)),
                Decided::Elsewhere(next, found) => (desk, findings) = (next, found),
            }
        }
    }

    /// A rep looks at a pool: the first leads that the list has, so many at most, and until when somebody looks at each.
    pub fn list(
        &mut self,
        rep: &RepId,
        pool: &PoolId,
        size: usize,
        now: Millis,
    ) -> Answered<Vec<(LeadId, Option<Millis>)>> {
        let policy = self.policy.clone();
        policy.require_rep(rep).map_err(Failure::Refused)?;
        if !policy.has_pool(pool) {
            let message = format!("no pool `{pool}` in the policy");
            return Err(Failure::Refused(Refusal::of(Reason::PoolUnknown, message)));
        }
        if policy.guardrails.selection.is_some() && selection::opens(self.records.selection(rep), now) {
            self.transact(None, |records, policy| selection::open(records, rep, policy, now))?;
        }
        let viewer = Viewer { rep: rep.clone(), tier: tier::of(&self.records, rep, &policy) };
        let leads = self.pools.get(pool).into_iter().flat_map(|pool| pool.iter());
        let leads = leads.filter_map(|lead| self.lead(lead));
        let listed = leads.filter(|lead| visibility::listed(&policy, &viewer, lead, now)).take(size);
        Ok(listed.map(|lead| (lead.id, lead.held_at(now).map(|hold| hold.until))).collect())
    }

    /// A rep opens a lead's detail.
    pub fn view(&mut self, asked: Asked, command: &view::Command, now: Millis) -> Answered<Shown> {
        let front = match view::needs_front(&self.records, command, &self.policy, now) {
            Some(pool) => self.turns(pool, &command.rep, now),
            None => Looked::default(),
        };
        let done = self.transact(Some(asked), |records, policy| view::decide(records, command, &front, policy, now))?;
        let Answer::Viewed(granted) = done.answer else { return Err(Failure::Internal) };
        let unknown = || Failure::Refused(Refusal::lead_unknown(granted.lead));
        let lead = self.lead(granted.lead).ok_or_else(unknown)?;
        Ok(Shown {
            transparency: view::shown(lead, &command.rep, &granted, &self.policy, now),
            person: self.records.person(lead.id).cloned().unwrap_or_default(),
            lead: lead.clone(),
            until: granted.until,
            position: done.position,
        })
    }

    /// A rep does not want a lead.
    pub fn skip(&mut self, asked: Asked, command: &skip::Command, now: Millis) -> Answered {
        self.transact(Some(asked), |records, policy| skip::decide(records, command, policy, now))
    }

    /// A rep takes a lead.
    pub fn claim(&mut self, asked: Asked, command: &claim::Command, now: Millis) -> Answered {
        let decide = |records: &_, found: &_, policy: &_| claim::decide(records, command, found, policy, now);
        self.search(Some(asked), &command.rep, decide, now)
    }

    /// A rep takes whatever is next.
    pub fn next(&mut self, asked: Asked, command: &claim::Next, now: Millis) -> Answered {
        let decide = |records: &_, found: &_, policy: &_| claim::decide_next(records, command, found, policy, now);
        self.search(Some(asked), &command.rep, decide, now)
    }

    /// What a claim of whatever is next would come to; nothing changes.
    pub fn foresee(&self, command: &claim::Next, now: Millis) -> Answered<()> {
        let decide = |records: &_, found: &_, policy: &_| claim::decide_next(records, command, found, policy, now);
        self.decided(&command.rep, decide, now).map(drop)
    }

    fn search(
        &mut self,
        asked: Option<Asked>,
        rep: &RepId,
        decide: impl Fn(&Snapshot, &Found, &Policy) -> Result<Change, Undecided>,
        now: Millis,
    ) -> Answered {
        if let Some(done) = self.recalled(asked.as_ref()) {
            return Ok(done);
        }
        let change = self.decided(rep, decide, now)?;
        Ok(self.commit(asked, change))
    }

    fn decided(
        &self,
        rep: &RepId,
        decide: impl Fn(&Snapshot, &Found, &Policy) -> Result<Change, Undecided>,
        now: Millis,
    ) -> Answered<Change> {
        let mut found = Found::default();
        for _ in 0..SEARCHES {
            match decide(&self.records, &found, &self.policy) {
                Ok(change) => return Ok(change),
                Err(Undecided::Refused(refusal)) => return Err(Failure::Refused(refusal)),
                Err(Undecided::Seeks(sought)) => self.seek(sought, &mut found, rep, now),
            }
        }
        Err(Failure::Contention)
    }

    /// The owner has made contact.
    pub fn contact(&mut self, asked: Asked, command: &contact::Command, now: Millis) -> Answered {
        self.transact(Some(asked), |records, policy| contact::decide(records, command, policy, now))
    }

    /// The owner has done something else.
    pub fn activity(&mut self, asked: Asked, command: &activity::Command, now: Millis) -> Answered {
        self.transact(Some(asked), |records, policy| activity::decide(records, command, policy, now))
    }

    /// The owner says what came of a lead.
    pub fn outcome(&mut self, asked: Asked, command: &outcome::Command, now: Millis) -> Answered {
        self.transact(Some(asked), |records, policy| outcome::decide(records, command, policy, now))
    }

    /// A rep takes a lead that was offered.
    pub fn accept(&mut self, asked: Asked, command: &accept::Command, now: Millis) -> Answered {
        self.transact(Some(asked), |records, policy| accept::decide(records, command, policy, now))
    }

    /// Reads, decides, commits.
    pub(super) fn transact(
        &mut self,
        asked: Option<Asked>,
        decide: impl FnOnce(&Snapshot, &Policy) -> Result<Change, Refusal>,
    ) -> Answered {
        if let Some(done) = self.recalled(asked.as_ref()) {
            return Ok(done);
        }
        let policy: Arc<Policy> = self.policy.clone();
        let change = decide(&self.records, &policy).map_err(Failure::Refused)?;
        Ok(self.commit(asked, change))
    }

    fn recalled(&self, asked: Option<&Asked>) -> Option<Done> {
        self.answers.get(asked?).cloned()
    }
}
