//! What a desk keeps at hand between decisions, so that the next one need not be worked out from the records again: the team's
//! rotation, and who of it takes part until when.
//!
//! It says nothing that the records do not: a decision with an empty table is the same. It goes with the snapshot that the
//! decisions are taken on, and holds as long as every change decided with it is put there; who throws the one away throws away
//! the other.

use crate::availability::status::{self, Known};
use crate::event::SkipReason;
use crate::id::{LeadId, RepId};
use crate::policy::{Policy, Team};
use crate::record::{Counter, Snapshot};
use crate::rotation::{Head, Kind, Live, Member};
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
    /// In the team's order: why each does not take part, if so.
    pub(super) absent: Vec<Option<SkipReason>>,
    pub(super) live: Live,
    /// From when to when the clock alone changes nothing of that.
    from: Millis,
    until: Option<Millis>,
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
        let mut row = kept.unwrap_or_else(|| Row::new(snapshot, policy, team, lead, now));
        if now < row.from || row.until.is_some_and(|until| until <= now) {
            row.look(snapshot, policy, now);
        }
        row.count(snapshot);
        self.row.insert(row)
    }
}

impl Row {
    fn new(snapshot: &Snapshot, policy: &Policy, team: &Team, lead: LeadId, now: Millis) -> Self {
        let head = snapshot.rotation_head(&team.id).cloned();
        let head = head.unwrap_or_else(|| Head::new(team.id.clone(), lead.chance()));
        let seats = team.reps.iter().filter_map(|(rep, _)| snapshot.seat(&team.id, rep).cloned());
        let (absent, until) = absent(snapshot, policy, team, now);
        let members = team.reps.iter().zip(&absent).map(|((rep, weight), absent)| Member {
            rep: rep.clone(),
            weight: *weight,
            present: absent.is_none(),
            open: open(snapshot, rep),
        });
        let live = Live::new(team.rotation, head, seats, members);
        Self { policy_version: policy.version, team: team.clone(), absent, live, from: now, until }
    }

    /// Looks anew who takes part.
    fn look(&mut self, snapshot: &Snapshot, policy: &Policy, now: Millis) {
        let (absent, until) = absent(snapshot, policy, &self.team, now);
        for ((rep, _), (before, after)) in self.team.reps.iter().zip(self.absent.iter().zip(&absent)) {
            if before.is_none() != after.is_none() {
                self.live.set_present(rep, after.is_none());
            }
        }
        (self.absent, self.from, self.until) = (absent, now, until);
    }

    /// Takes in what was counted since: who was full may have room. Who has become full is told of by [`Self::given`], or by the
    /// commit, which lets no count past its limit.
    fn count(&mut self, snapshot: &Snapshot) {
        let by_load = self.team.rotation.kind == Kind::Load;
        for ((rep, _), absent) in self.team.reps.iter().zip(&mut self.absent) {
            if *absent == Some(SkipReason::AtCapacity) && open(snapshot, rep) < self.team.capacity {
                *absent = None;
                self.live.set_present(rep, true);
            }
            if by_load {
                self.live.set_load(rep, open(snapshot, rep));
            }
        }
    }

    /// The rep gets one lead more: perhaps the last that may be.
    pub(super) fn given(&mut self, snapshot: &Snapshot, rep: &RepId) {
        let place = self.team.reps.iter().position(|(member, _)| member == rep);
        if let Some(place) = place.filter(|_| open(snapshot, rep).saturating_add(1) >= self.team.capacity) {
            self.absent[place] = Some(SkipReason::AtCapacity);
            self.live.set_present(rep, false);
        }
    }
}

fn open(snapshot: &Snapshot, rep: &RepId) -> u32 {
    u32::try_from(snapshot.count(&Counter::Open(rep.clone()))).unwrap_or(u32::MAX)
}

/// Why each of the team does not take part at `now`, if so, and until when that stays by the clock alone.
fn absent(snapshot: &Snapshot, policy: &Policy, team: &Team, now: Millis) -> (Vec<Option<SkipReason>>, Option<Millis>) {
    let mut until: Option<Millis> = None;
    let mut absent = Vec::with_capacity(team.reps.len());
    for (rep, _) in &team.reps {
        let status = status::status(Known::of(snapshot, rep), policy.availability(rep), now);
        until = until.into_iter().chain(status.until()).min();
        absent.push(match status.reason() {
            _ if !policy.has_rep(rep) => Some(SkipReason::Gone),
            Some(reason) => Some(SkipReason::Unavailable(reason)),
            None => (open(snapshot, rep) >= team.capacity).then_some(SkipReason::AtCapacity),
        });
    }
    (absent, until)
}
