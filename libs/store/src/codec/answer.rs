//! Remembered answers: 16 bytes of hash of the request's body, then a message.

use leadhand_domain::answer::{
    Answer, Claimed, Closed, Contacted, Credited, Destination, Erased, Opportunity, Routed, Viewed,
};
use leadhand_domain::id::{Fence, LeadId, PoolId, RepId, TeamId};
use leadhand_domain::record::PolicyVersion;
use leadhand_domain::time::{Millis, Span};
use leadhand_proto::store::v1 as stored;
use leadhand_proto::store::v1::answer::Kind;
use prost::Message;

use super::Fault;
use super::lead::{CLOSED, HELD, OFFERED};

/// Length of a body's hash.
pub(crate) const HASH: usize = 16;

/// An answer as it was remembered.
#[derive(Debug, Clone)]
pub(crate) struct Remembered {
    pub(crate) body: [u8; HASH],
    pub(crate) answer: Answer,
    pub(crate) position: String,
}

pub(crate) fn encode(body: [u8; HASH], answer: &Answer) -> Vec<u8> {
    let kind = match answer {
        Answer::Routed(routed) => Kind::Routed(routed_to_stored(routed)),
        Answer::Claimed(claimed) => Kind::Claimed(stored::Claimed {
            lead_id: claimed.lead.to_string(),
            fence: claimed.fence.0,
            contact_due: claimed.contact_due.0,
        }),
        Answer::Contacted(contacted) => Kind::Contacted(stored::Contacted {
            contact_speed_ms: contacted.contact_speed.0,
            in_time: contacted.in_time,
            contacted_at: contacted.at.0,
        }),
        Answer::PolicyApplied(version) => Kind::PolicyApplied(version_to_stored(version)),
        Answer::CalendarTaken(changed) => Kind::CalendarTaken(*changed),
        Answer::AccountTaken(changed) => Kind::AccountTaken(*changed),
        Answer::Closed(closed) => Kind::Closed(stored::Closed { closed_at: closed.at.0, owned_ms: closed.owned.0 }),
        Answer::Opportunity(opportunity) => {
            Kind::Opportunity(stored::Opportunity { opportunity_at: opportunity.at.0, owned_ms: opportunity.owned.0 })
        }
        Answer::Credited(credited) => Kind::Credited(stored::Credited {
            rep: credited.rep.to_string(),
            team: credited.team.to_string(),
            before: credited.before,
        }),
        Answer::Viewed(viewed) => {
            Kind::Viewed(stored::Viewed { lead_id: viewed.lead.to_string(), until: viewed.until.map(|at| at.0) })
        }
        Answer::Erased(erased) => Kind::Erased(stored::Erased { erased_at: erased.at.0, before: erased.before }),
        Answer::Done => Kind::Done(true),
    };
    let mut bytes = body.to_vec();
    let message = stored::Answer { kind: Some(kind), position: String::new() };
    bytes.extend_from_slice(&message.encode_to_vec());
    bytes
}

pub(crate) fn decode(bytes: &[u8]) -> Result<Remembered, Fault> {
    let (body, message) = bytes.split_first_chunk::<HASH>().ok_or(Fault::Other("shorter than its hash"))?;
    let message = stored::Answer::decode(message)?;
    let answer = match message.kind.ok_or(Fault::Other("answer without kind"))? {
        Kind::Routed(routed) => Answer::Routed(routed_from_stored(routed)?),
        Kind::Claimed(claimed) => Answer::Claimed(Claimed {
            lead: LeadId::parse(&claimed.lead_id)?,
            fence: Fence(claimed.fence),
            contact_due: Millis(claimed.contact_due),
        }),
        Kind::Contacted(contacted) => Answer::Contacted(Contacted {
            contact_speed: Span(contacted.contact_speed_ms),
            in_time: contacted.in_time,
            at: Millis(contacted.contacted_at),
        }),
        Kind::PolicyApplied(version) => Answer::PolicyApplied(version_from_stored(version)),
        Kind::CalendarTaken(changed) => Answer::CalendarTaken(changed),
        Kind::AccountTaken(changed) => Answer::AccountTaken(changed),
        Kind::Closed(closed) => Answer::Closed(Closed { at: Millis(closed.closed_at), owned: Span(closed.owned_ms) }),
        Kind::Opportunity(opportunity) => Answer::Opportunity(Opportunity {
            at: Millis(opportunity.opportunity_at),
            owned: Span(opportunity.owned_ms),
        }),
        Kind::Credited(credited) => Answer::Credited(Credited {
            rep: RepId::parse(&credited.rep)?,
            team: TeamId::parse(&credited.team)?,
            before: credited.before,
        }),
        Kind::Viewed(viewed) => {
            Answer::Viewed(Viewed { lead: LeadId::parse(&viewed.lead_id)?, until: viewed.until.map(Millis) })
        }
        Kind::Erased(erased) => Answer::Erased(Erased { at: Millis(erased.erased_at), before: erased.before }),
        Kind::Done(_) => Answer::Done,
    };
    Ok(Remembered { body: *body, answer, position: message.position })
}

fn routed_to_stored(routed: &Routed) -> stored::Routed {
    let mut to = stored::Routed {
        lead_id: routed.lead.to_string(),
        route: routed.route.clone(),
        policy_version: routed.policy_version,
        duplicate: routed.duplicate,
        ..stored::Routed::default()
    };
    let team_name = |team: &Option<TeamId>| team.as_ref().map(ToString::to_string).unwrap_or_default();
    match &routed.to {
        Destination::Assigned { rep, team, fence, contact_due } => {
            to.rep = rep.to_string();
            to.team = team_name(team);
            to.fence = fence.0;
            to.contact_due = contact_due.0;
        }
        Destination::Offered { rep, team, fence, expires } => {
            to.place = OFFERED;
            to.rep = rep.to_string();
            to.team = team_name(team);
            to.fence = fence.0;
            to.expires = expires.0;
        }
        Destination::Pooled(pool) => to.pool = pool.to_string(),
        Destination::Held => to.place = HELD,
        Destination::Closed => to.place = CLOSED,
    }
    to
}

fn routed_from_stored(from: stored::Routed) -> Result<Routed, Fault> {
    let team = || (!from.team.is_empty()).then(|| TeamId::parse(&from.team)).transpose();
    let to = match (from.place, from.pool.as_str()) {
        (OFFERED, _) => Destination::Offered {
            rep: RepId::parse(&from.rep)?,
            team: team()?,
            fence: Fence(from.fence),
            expires: Millis(from.expires),
        },
        (HELD, _) => Destination::Held,
        (CLOSED, _) => Destination::Closed,
        (_, "") => Destination::Assigned {
            rep: RepId::parse(&from.rep)?,
            team: team()?,
            fence: Fence(from.fence),
            contact_due: Millis(from.contact_due),
        },
        (_, pool) => Destination::Pooled(PoolId::parse(pool)?),
    };
    Ok(Routed {
        lead: LeadId::parse(&from.lead_id)?,
        to,
        route: from.route,
        policy_version: from.policy_version,
        duplicate: from.duplicate,
    })
}

pub(super) fn version_to_stored(version: &PolicyVersion) -> stored::PolicyVersion {
    stored::PolicyVersion {
        number: version.number,
        document: version.document.clone(),
        author: version.author.clone(),
        comment: version.comment.clone(),
        applied_at: version.applied_at.0,
    }
}

pub(super) fn version_from_stored(from: stored::PolicyVersion) -> PolicyVersion {
    PolicyVersion {
        number: from.number,
        document: from.document,
        author: from.author,
        comment: from.comment,
        applied_at: Millis(from.applied_at),
    }
}
