//! Trying to place a lead, at one desk.

use super::place::Placing;
use super::{Desk, Findings, Table};
use crate::availability::rests_on;
use crate::availability::status::{self, Known};
use crate::event::{MixTrace, RotationTrace, Skip, SkipReason};
use crate::id::{LeadId, RepId};
use crate::lead::Via;
use crate::policy::{self, Attempt, Policy, Push, Team, Who};
use crate::record::{Counter, Key, Mix, Record, Snapshot};
use crate::time::Millis;

/// What a try came to.
pub(super) enum Tried {
    Placed(Box<Placing>, Option<RotationTrace>),
    Nobody,
    Needs(Vec<Key>),
    Elsewhere(Desk),
}

/// Goes through the tries.
pub(super) struct Walk<'a, 't> {
    pub(super) snapshot: &'a Snapshot,
    pub(super) policy: &'a Policy,
    pub(super) now: Millis,
    pub(super) desk: &'a Desk,
    pub(super) table: &'t mut Table,
    pub(super) lead: LeadId,
    pub(super) score: Option<u8>,
    pub(super) left_out: Vec<RepId>,
    pub(super) found: Findings,
}

impl<'a> Walk<'a, '_> {
    /// Tries one.
    pub(super) fn attempt(&mut self, attempt: &Attempt<'a>) -> Tried {
        if let Some(push) = attempt.push {
            match self.mix(attempt.route, push) {
                Ok(true) => {}
                Ok(false) => return Tried::Placed(Box::new(Placing::Pool(push.rest.clone())), None),
                Err(key) => return Tried::Needs(vec![key]),
            }
        }
        match &attempt.who {
            Who::Pool(pool) => Tried::Placed(Box::new(Placing::Pool((*pool).clone())), None),
            Who::Hold => Tried::Placed(Box::new(Placing::Hold(self.found.waits_for(self.policy.version))), None),
            Who::Gone(rep) => {
                self.skip(rep, SkipReason::Gone);
                Tried::Nobody
            }
            Who::Rep(rep, account) => {
                let via = account.clone().map_or(Via::Named, Via::Account);
                self.rep(rep, via, attempt)
            }
            Who::Manager(rep) => self.rep(rep, Via::Escalation, attempt),
            Who::Team(team) => self.team(&self.policy.teams[*team], attempt),
        }
    }

    /// Whether the mix of a route pushes this lead; or what must be read to tell.
    fn mix(&mut self, route: &str, push: &Push) -> Result<bool, Key> {
        if let Some((mix, _)) = &self.found.mix
            && *mix.route == *route
        {
            // Decided at an earlier desk; only a push goes on from there.
            return Ok(true);
        }
        let name = route.into();
        let key = Key::Mix(name);
        if !self.snapshot.knows(&key) {
            return Err(key);
        }
        let Key::Mix(name) = key else { return Ok(true) };
        let decided = self.snapshot.mix(&name).map_or(0, |mix| mix.decided);
        let trace = MixTrace { decided, push_percent: push.percent };
        self.found.expects.push(Key::Mix(name.clone()));
        self.found.mix = Some((Mix { route: name, decided: decided + 1 }, trace));
        Ok(push.pushes(decided))
    }

    fn skip(&mut self, rep: &RepId, reason: SkipReason) {
        self.found.skips.push(Skip { rep: rep.clone(), reason });
    }

    /// Nobody is there: notes when the first of those skipped since the place `from` may be back by the clock alone.
    fn nobody(&mut self, from: usize) -> Tried {
        for skip in &self.found.skips[from..] {
            if let SkipReason::Unavailable(_) = skip.reason {
                let known = Known::of(self.snapshot, &skip.rep);
                let until = status::status(known, self.policy.availability(&skip.rep), self.now).until();
                self.found.back_at = self.found.back_at.into_iter().chain(until).min();
            }
        }
        let rests_on = rests_on(&self.found.skips[from..]);
        self.found.expects.extend(rests_on);
        Tried::Nobody
    }

    /// Why a rep is passed over, if so. Without a `capacity` it is a manager, for whom neither that counts nor having had the
    /// lead before: nobody is behind.
    fn unavailable(&self, rep: &RepId, capacity: Option<u32>) -> Option<SkipReason> {
        if !self.policy.has_rep(rep) {
            return Some(SkipReason::Gone);
        }
        if capacity.is_some() && self.left_out.contains(rep) {
            return Some(SkipReason::LeftOut);
        }
        let (known, settings) = (Known::of(self.snapshot, rep), self.policy.availability(rep));
        if let Some(reason) = status::reason(known, settings, self.now) {
            return Some(SkipReason::Unavailable(reason));
        }
        let open = self.snapshot.count(&Counter::Open(rep.clone()));
        capacity.filter(|capacity| open >= u64::from(*capacity)).map(|_| SkipReason::AtCapacity)
    }

    /// One rep, or a manager.
    fn rep(&mut self, rep: &RepId, via: Via, attempt: &Attempt<'_>) -> Tried {
        let first_team = self.policy.teams_of(rep).next();
        let counts = first_team.filter(|_| attempt.counts);
        if let Some(team) = counts.filter(|team| !self.is_at(team)) {
            return Tried::Elsewhere(Desk::Rotation(team.id.clone()));
        }
        let keys = Known::keys(rep).into_iter().chain([Key::Count(Counter::Open(rep.clone()))]);
        let missing: Vec<_> = keys.filter(|key| !self.snapshot.knows(key)).collect();
        if !missing.is_empty() {
            return Tried::Needs(missing);
        }
        let capacity = match via {
            Via::Escalation => None,
            _ => Some(first_team.map_or(policy::CAPACITY, |team| team.capacity)),
        };
        self.found.expects.push(Key::Calendar(rep.clone()));
        match self.unavailable(rep, capacity) {
            Some(reason) => {
                self.skip(rep, reason);
                self.nobody(self.found.skips.len() - 1)
            }
            None => {
                let rotation = counts.map(|team| self.charge(team, rep)).unwrap_or_default();
                let (rep, offer, counted) = (rep.clone(), attempt.offer, counts.map(|team| team.id.clone()));
                let push_first = attempt.push_first.cloned();
                let placing = Placing::Rep { rep, via, offer, push_first, capacity, counted, rotation };
                Tried::Placed(Box::new(placing), None)
            }
        }
    }

    fn is_at(&self, team: &Team) -> bool {
        matches!(self.desk, Desk::Rotation(desk) if *desk == team.id)
    }

    /// Counts the lead as a turn of the rep, one of the team whose desk this is; what that changes.
    fn charge(&mut self, team: &Team, rep: &RepId) -> Vec<Record> {
        let row = self.table.row(self.snapshot, self.policy, team, self.lead, self.now);
        row.live.charge(rep, self.score);
        row.given(self.snapshot, rep);
        self.found.expects.extend([Key::Calendars(team.id.clone()), Key::RotationHead(team.id.clone())]);
        row.changed()
    }

    fn team(&mut self, team: &'a Team, attempt: &Attempt<'_>) -> Tried {
        if !self.is_at(team) {
            return Tried::Elsewhere(Desk::Rotation(team.id.clone()));
        }
        let skipped = self.found.skips.len();
        let row = self.table.row(self.snapshot, self.policy, team, self.lead, self.now);
        self.found.skips.extend(row.skips(&self.left_out));
        self.found.expects.push(Key::Calendars(team.id.clone()));
        let Some(turn) = row.live.give_but(&self.left_out, self.score) else { return self.nobody(skipped) };
        row.given(self.snapshot, &turn.rep);
        let rotation = row.changed();
        let rests_on = rests_on(&self.found.skips[skipped..]);
        self.found.expects.extend(rests_on);
        // Whoever writes a seat writes the head, so that the head stands for all of them.
        self.found.expects.push(Key::RotationHead(team.id.clone()));
        let trace = RotationTrace { team: team.id.clone(), choice: turn.trace };
        let placing = Placing::Rep {
            rep: turn.rep,
            via: Via::Rotation(team.id.clone()),
            offer: attempt.offer,
            push_first: attempt.push_first.cloned(),
            capacity: Some(team.capacity),
            counted: Some(team.id.clone()),
            rotation,
        };
        Tried::Placed(Box::new(placing), Some(trace))
    }
}
