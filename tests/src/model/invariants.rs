//! What must hold whatever happens, looked up in the events alone: one owner, no window exceeded, no hold by two, claims that
//! are never given back, no lead outside the five places, no deadline told late.

use std::collections::{BTreeMap, HashMap};

use leadhand_domain::event::act::Act;
use leadhand_domain::event::{Cause, Event, Kind};
use leadhand_domain::id::{Fence, LeadId, PoolId, RepId};
use leadhand_domain::lead::{Lead, Place};
use leadhand_domain::policy::Policy;
use leadhand_domain::time::{Millis, Span};

/// The window that misses make smaller.
const DAY: Span = Span::days(1);

/// Where a lead is, as its events tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Spot {
    /// A rep is asked to accept it.
    Offered(RepId),
    /// A rep owns it.
    Assigned(RepId),
    /// It is in a pool.
    Pooled(PoolId),
    /// It is in the holding pool.
    Held,
    /// It is no longer worked.
    Closed,
    /// Who had it has it no more, which the same commit goes on to place.
    Left,
}

/// What the events tell.
#[derive(Debug, Default)]
pub struct Story {
    /// Where each lead is, at which fence.
    pub leads: BTreeMap<LeadId, (Spot, Fence)>,
    /// The longest that anything was told after its deadline.
    pub latest: Span,
    claims: HashMap<RepId, Vec<Millis>>,
    misses: HashMap<RepId, Vec<Millis>>,
    holds: HashMap<LeadId, (RepId, Millis)>,
    held_by: HashMap<RepId, (LeadId, Millis)>,
}

impl Story {
    /// What these events tell, under this policy.
    ///
    /// # Panics
    /// When they tell of what must not be.
    pub fn of(events: &[Event], policy: &Policy) -> Self {
        let mut story = Self::default();
        for event in events {
            story.take(event, policy);
        }
        story
    }

    /// Takes the next event in.
    ///
    /// # Panics
    /// When it must not be.
    pub fn take(&mut self, event: &Event, policy: &Policy) {
        let at = event.at;
        match &event.kind {
            Kind::LeadAssigned { lead, rep, cause, fence, .. } => {
                self.end_hold(*lead, None, at, event);
                let (spot, before) = self.spot(*lead);
                let (expected, from) = match cause {
                    Cause::Accepted => (before, spot == Some(Spot::Offered(rep.clone()))),
                    _ => (before.next(), !matches!(spot, Some(Spot::Assigned(_) | Spot::Offered(_) | Spot::Closed))),
                };
                assert!(*fence == expected && from, "{event:?} of {spot:?} at {before:?}");
                self.leads.insert(*lead, (Spot::Assigned(rep.clone()), *fence));
            }
            Kind::LeadOffered { lead, rep, fence, .. } => {
                self.end_hold(*lead, None, at, event);
                let (spot, before) = self.spot(*lead);
                let free = !matches!(spot, Some(Spot::Assigned(_) | Spot::Offered(_) | Spot::Closed));
                assert!(*fence == before.next() && free, "{event:?} of {spot:?} at {before:?}");
                self.leads.insert(*lead, (Spot::Offered(rep.clone()), *fence));
            }
            Kind::LeadClaimed { lead, rep, pool, fence, .. } => {
                self.end_hold(*lead, Some(rep), at, event);
                let (spot, before) = self.spot(*lead);
                assert!(*fence == before.next() && spot == Some(Spot::Pooled(pool.clone())), "{event:?} of {spot:?}");
                self.leads.insert(*lead, (Spot::Assigned(rep.clone()), *fence));
                self.claimed(rep, at, policy);
            }
            Kind::LeadPooled { lead, pool, .. } => self.lay(*lead, Spot::Pooled(pool.clone()), event),
            Kind::LeadHeld { lead, .. } => self.lay(*lead, Spot::Held, event),
            Kind::OfferDeclined { lead, rep, fence, .. } | Kind::OfferLapsed { lead, rep, fence } => {
                self.leave(*lead, &Spot::Offered(rep.clone()), *fence, event);
            }
            Kind::LeadReleased { lead, rep, fence, .. } => {
                self.leave(*lead, &Spot::Assigned(rep.clone()), *fence, event);
            }
            Kind::ContactMissed { lead, rep, fence, contact_due } => {
                self.leave(*lead, &Spot::Assigned(rep.clone()), *fence, event);
                self.told(at, *contact_due, event);
                self.misses.entry(rep.clone()).or_default().push(*contact_due);
            }
            Kind::Act(Act::OwnerOffboarded { lead, rep, fence, .. }) => {
                let (spot, before) = self.spot(*lead);
                assert!(spot.is_some_and(|spot| spot.whose() == Some(rep)) && before == *fence, "{event:?}");
                self.leads.insert(*lead, (Spot::Left, *fence));
            }
            Kind::LeadClosed { lead, rep, fence, .. } => {
                self.leave(*lead, &Spot::Assigned(rep.clone()), *fence, event);
                self.leads.insert(*lead, (Spot::Closed, *fence));
            }
            Kind::LeadContacted { lead, rep, fence, .. }
            | Kind::OpportunityRecorded { lead, rep, fence, .. }
            | Kind::ContactDueSoon { lead, rep, fence, .. }
            | Kind::Act(Act::ActivityRecorded { lead, rep, fence, .. }) => {
                assert_eq!(self.spot(*lead), (Some(Spot::Assigned(rep.clone())), *fence), "{event:?}");
            }
            Kind::HoldBegan { lead, rep, until, .. } => {
                let other = self.holds.insert(*lead, (rep.clone(), *until));
                assert!(other.as_ref().is_none_or(|(_, until)| *until <= at), "{event:?} beside {other:?}");
                let other = self.held_by.insert(rep.clone(), (*lead, *until));
                assert!(other.is_none_or(|(_, until)| until <= at), "{event:?} beside {other:?}");
                assert!(matches!(self.spot(*lead).0, Some(Spot::Pooled(_))), "{event:?}");
            }
            Kind::HoldLapsed { lead, rep, .. } => {
                let hold = self.holds.remove(lead);
                let until = hold.filter(|(holder, _)| holder == rep).map(|(_, until)| until);
                self.told(at, until.unwrap_or_else(|| panic!("no such hold: {event:?}")), event);
            }
            Kind::LeadSkipped { lead, rep, .. } if self.holds.get(lead).is_some_and(|(holder, _)| holder == rep) => {
                self.holds.remove(lead);
                self.held_by.remove(rep);
            }
            _ => {}
        }
    }

    /// Every lead is where its events say, and nowhere else.
    ///
    /// # Panics
    /// When one is not.
    pub fn assert_places<'a>(&self, leads: impl Iterator<Item = &'a Lead>) {
        let mut count = 0;
        for lead in leads {
            count += 1;
            let spot = match &lead.place {
                Place::Offered { to, .. } => Spot::Offered(to.clone()),
                Place::Assigned { owner, .. } => Spot::Assigned(owner.clone()),
                Place::Pooled { pool } => Spot::Pooled(pool.clone()),
                Place::Held => Spot::Held,
                Place::Closed { .. } => Spot::Closed,
            };
            assert_eq!(self.leads.get(&lead.id), Some(&(spot, lead.fence)), "{lead:?}");
        }
        assert_eq!(count, self.leads.len(), "as many as came in");
    }

    fn spot(&self, lead: LeadId) -> (Option<Spot>, Fence) {
        match self.leads.get(&lead) {
            Some((spot, fence)) => (Some(spot.clone()), *fence),
            None => (None, Fence::default()),
        }
    }

    /// It waits for somebody, at the fence it had.
    fn lay(&mut self, lead: LeadId, to: Spot, event: &Event) {
        self.end_hold(lead, None, event.at, event);
        let (spot, fence) = self.spot(lead);
        assert!(
            spot.as_ref().is_none_or(|spot| spot.whose().is_none() && *spot != Spot::Closed),
            "{event:?} of {spot:?}"
        );
        self.leads.insert(lead, (to, fence));
    }

    fn leave(&mut self, lead: LeadId, from: &Spot, fence: Fence, event: &Event) {
        assert_eq!(self.spot(lead), (Some(from.clone()), fence), "{event:?}");
        self.leads.insert(lead, (Spot::Left, fence));
    }

    /// The lead leaves its pool: nobody but `by` may be looking at it.
    fn end_hold(&mut self, lead: LeadId, by: Option<&RepId>, at: Millis, event: &Event) {
        let Some((holder, until)) = self.holds.remove(&lead) else { return };
        assert!(until <= at || by == Some(&holder), "{holder} looks at it until {until}: {event:?}");
        if self.held_by.get(&holder).is_some_and(|(held, _)| *held == lead) {
            self.held_by.remove(&holder);
        }
    }

    /// Counts over everything ever claimed, whatever became of it.
    fn claimed(&mut self, rep: &RepId, at: Millis, policy: &Policy) {
        let claims = self.claims.entry(rep.clone()).or_default();
        claims.push(at);
        let rule = &policy.guardrails.misses;
        let misses = self.misses.get(rep).into_iter().flatten();
        let less = misses.filter(|missed| at < missed.after(rule.quota_less_for)).count();
        for quota in &policy.quotas {
            let used = claims.iter().filter(|claimed| at.since(**claimed) < quota.length).count();
            let less = if quota.length == DAY { less } else { 0 };
            let allowed = (quota.limit as usize).saturating_sub(less);
            assert!(used <= allowed, "{rep} claimed {used} in {} at {at}, {allowed} allowed", quota.length);
        }
    }

    fn told(&mut self, at: Millis, due: Millis, event: &Event) {
        let late = at.since(due);
        assert!(late >= Span(0), "too early: {event:?}");
        self.latest = self.latest.max(late);
    }
}

impl Spot {
    /// Who has it.
    pub fn whose(&self) -> Option<&RepId> {
        match self {
            Self::Offered(rep) | Self::Assigned(rep) => Some(rep),
            _ => None,
        }
    }
}
