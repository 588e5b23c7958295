//! What a desk keeps at hand between decisions, so that the next one need not be worked out from the records again: the team's
//! rotation, and who of it takes part until when.
//!
//! It says nothing that the records do not: a decision with an empty table is the same. It goes with the snapshot that the
//! decisions are taken on, and holds as long as every change decided with it is put there; who throws the one away throws away
//! the other.

use std::collections::{BTreeMap, HashMap};

use crate::availability::status::{self, Known};
use crate::change::Change;
use crate::event::{Skip, SkipReason};
use crate::id::{LeadId, RepId};
use crate::policy::{Policy, Team};
use crate::record::{Counter, Record, Snapshot};
use crate::rotation::{Changes, Head, Kind, Live, Member};
use crate::time::Millis;

/// What a desk keeps at hand; empty at first.
#[derive(Debug, Default)]
pub struct Table {
    row: Option<Row>,
}

/// A team at its rotation.
#[derive(Debug)]
pub(super) struct Row {
    policy_version: u64,
    team: Team,
    /// The reps' places in the team's order.
    places: HashMap<RepId, usize>,
    /// Who does not take part and why, by the place in the team's order.
    pub(super) absent: BTreeMap<usize, SkipReason>,
    pub(super) live: Live,
    /// From when to when the clock alone changes nothing of that.
    from: Millis,
    until: Option<Millis>,
    /// Whose leads a change has counted that is in the snapshot by the next decision.
    counted: Vec<RepId>,
}

impl Table {
    /// The team as it stands at `now`.
    pub(super) fn row(
        &mut self,
        snapshot: &Snapshot,
        policy: &Policy,
        team: &Team,
        lead: LeadId,
        now: Millis,
    ) -> &mut Row {
        let kept = self.row.take().filter(|row| row.policy_version == policy.version && row.team.id == team.id);
        let kept = kept.and_then(|row| row.still(snapshot, policy, now));
        self.row.insert(kept.unwrap_or_else(|| Row::new(snapshot, policy, team, lead, now)))
    }

    /// This was decided, here or elsewhere, and is in the snapshot by the next decision: whoever it gives a lead may be full, and
    /// whoever it takes one from may have room. What is decided with this table is noted by itself.
    pub fn note(&mut self, change: &Change) {
        let Some(row) = &mut self.row else { return };
        row.counted.extend(change.counts.iter().filter_map(|count| match &count.counter {
            Counter::Open(rep) => Some(rep.clone()),
            Counter::Uncontacted(_) | Counter::Hoarded(_) | Counter::Figure(..) => None,
        }));
    }
}

impl Row {
    fn new(snapshot: &Snapshot, policy: &Policy, team: &Team, lead: LeadId, now: Millis) -> Self {
        let head = snapshot.rotation_head(&team.id).cloned();
        let head = head.unwrap_or_else(|| Head::new(team.id.clone(), lead.chance()));
        let seats = team.reps.iter().filter_map(|(rep, _)| snapshot.seat(&team.id, rep).cloned());
        let (absent, until) = absent(snapshot, policy, team, now);
        let members = team.reps.iter().enumerate().map(|(place, (rep, weight))| Member {
            rep: rep.clone(),
            weight: *weight,
            present: !absent.contains_key(&place),
            open: open(snapshot, rep),
        });
        let live = Live::new(team.rotation, head, seats, members);
        Self {
            policy_version: policy.version,
            team: team.clone(),
            places: (0..).zip(&team.reps).map(|(place, (rep, _))| (rep.clone(), place)).collect(),
            absent,
            live,
            from: now,
            until,
            counted: Vec::new(),
        }
    }

    /// The row, as long as the same take part. When others do, it is made anew of the records: what somebody does who comes
    /// and goes between two leads is not written anywhere, so nothing may rest on it. What others have counted shows in a
    /// snapshot that is read later.
    fn still(mut self, snapshot: &Snapshot, policy: &Policy, now: Millis) -> Option<Self> {
        for rep in std::mem::take(&mut self.counted) {
            let Some(place) = self.places.get(&rep) else { continue };
            let open = open(snapshot, &rep);
            let full = open >= self.team.capacity;
            match self.absent.get(place) {
                None if full => return None,
                Some(SkipReason::AtCapacity) if !full => return None,
                _ => {}
            }
            if self.team.rotation.kind == Kind::Load {
                self.live.set_load(&rep, open);
            }
        }
        if now < self.from || self.until.is_some_and(|until| until <= now) {
            let (absent, until) = absent(snapshot, policy, &self.team, now);
            let same = absent.keys().eq(self.absent.keys());
            (self.absent, self.from, self.until) = (absent, now, until);
            return same.then_some(self);
        }
        Some(self)
    }

    /// What of the rotation has changed.
    pub(super) fn changed(&mut self) -> Vec<Record> {
        let Some(Changes { head, seats }) = self.live.changes(usize::MAX) else { return Vec::new() };
        std::iter::once(Record::RotationHead(head)).chain(seats.into_iter().map(Record::Seat)).collect()
    }

    /// The rep gets one lead more: perhaps the last that may be.
    pub(super) fn given(&mut self, snapshot: &Snapshot, rep: &RepId) {
        let full = open(snapshot, rep).saturating_add(1) >= self.team.capacity;
        if let Some(place) = self.places.get(rep).filter(|_| full) {
            self.absent.insert(*place, SkipReason::AtCapacity);
            self.live.set_present(rep, false);
        }
    }

    /// Who is passed over, in the team's order: who does not take part, and who takes part but is left out of this lead.
    pub(super) fn skips(&self, left_out: &[RepId]) -> Vec<Skip> {
        let out = left_out.iter().filter(|rep| self.live.is_present(rep)).filter_map(|rep| self.places.get(rep));
        let mut passed: Vec<_> = self.absent.iter().map(|(place, reason)| (*place, *reason)).collect();
        passed.extend(out.map(|place| (*place, SkipReason::LeftOut)));
        passed.sort_unstable_by_key(|(place, _)| *place);
        passed.into_iter().map(|(place, reason)| Skip { rep: self.team.reps[place].0.clone(), reason }).collect()
    }
}

fn open(snapshot: &Snapshot, rep: &RepId) -> u32 {
    u32::try_from(snapshot.count(&Counter::Open(rep.clone()))).unwrap_or(u32::MAX)
}

/// Who of the team does not take part at `now` and why, and until when that stays by the clock alone.
fn absent(
    snapshot: &Snapshot,
    policy: &Policy,
    team: &Team,
    now: Millis,
) -> (BTreeMap<usize, SkipReason>, Option<Millis>) {
    let mut until: Option<Millis> = None;
    let mut absent = BTreeMap::new();
    for (place, (rep, _)) in team.reps.iter().enumerate() {
        let status = status::status(Known::of(snapshot, rep), policy.availability(rep), now);
        until = until.into_iter().chain(status.until()).min();
        let reason = match status.reason() {
            _ if !policy.has_rep(rep) => Some(SkipReason::Gone),
            Some(reason) => Some(SkipReason::Unavailable(reason)),
            None => (open(snapshot, rep) >= team.capacity).then_some(SkipReason::AtCapacity),
        };
        absent.extend(reason.map(|reason| (place, reason)));
    }
    (absent, until)
}
