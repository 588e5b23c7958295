//! A lead and a policy for the tests of what is done to leads.

use super::*;
use crate::intake::{self, Raw};
use crate::policy::Policy;
use crate::record::{Record, Snapshot};
use crate::time::Span;

/// When the lead came.
pub(crate) const NOW: Millis = Millis(1_700_000_000_000);

/// A team with a manager, who has a manager, and another team.
pub(crate) fn policy() -> Policy {
    Policy::parse(
        "
reps: [{id: mia, manager: top}, {id: top}, {id: old, left: true}]
teams: [{id: t, manager: mia, reps: [{id: ana}, {id: bo}]}, {id: u, manager: max, reps: [{id: cy}, {id: max}]}]
pools: [{id: open}]
default: {rotate: t}
",
    )
    .unwrap()
}

pub(crate) fn rep(id: &str) -> RepId {
    RepId::parse(id).unwrap()
}

/// A lead in the pool, at fence 4.
pub(crate) fn lead() -> Lead {
    let raw = Raw { source: "webinar".into(), ..Raw::default() };
    Lead {
        place: Place::Pooled { pool: PoolId::parse("open").unwrap() },
        fence: Fence(4),
        position: "1-0".into(),
        ..Lead::arrived(LeadId::new(NOW, [1; 10]), intake::normalise(raw, NOW).unwrap().0, NOW)
    }
}

/// This rep's, without contact.
pub(crate) fn assigned(owner: &str) -> Place {
    let (owner, contact_due) = (rep(owner), NOW.after(Span::hours(2)));
    let remind_at = NOW.after(Span::minutes(90));
    Place::Assigned { owner, via: Via::Named, remind_at, contact_due, contacted_at: None }
}

/// This rep's to accept.
pub(crate) fn offered(to: &str) -> Place {
    Place::Offered { to: rep(to), via: Via::Named, expires: NOW.after(Span::minutes(5)), refusable: true }
}

/// Nothing but the lead.
pub(crate) fn snapshot(lead: &Lead) -> Snapshot {
    let mut snapshot = Snapshot::default();
    snapshot.put(Record::from(lead.clone()));
    snapshot
}
