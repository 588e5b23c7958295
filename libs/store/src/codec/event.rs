//! Events. The stream keeps `leadhand.event.v1.Event` without its position, which is the entry's id.

use leadhand_domain::event::{Decision, Event, Kind, SkipReason};
use leadhand_domain::id::Workspace;
use leadhand_domain::time::Millis;
use leadhand_proto::availability_wire;
use leadhand_proto::event::v1 as wire;
use leadhand_proto::time::timestamp;
use prost::Message;

pub(crate) fn encode(workspace: &Workspace, event: &Event) -> Vec<u8> {
    wire::Event {
        position: String::new(),
        workspace: workspace.to_string(),
        occurred_at: Some(timestamp(event.at)),
        kind: Some(kind(&event.kind)),
        decision: event.decision.as_ref().map(decision),
    }
    .encode_to_vec()
}

fn kind(kind: &Kind) -> wire::event::Kind {
    use wire::event::Kind as To;
    let at = |at: &Millis| Some(timestamp(*at));
    match kind {
        Kind::LeadAssigned { lead, rep, team, fence, contact_due, source, score, captured_at } => {
            To::LeadAssigned(wire::LeadAssigned {
                lead_id: lead.to_string(),
                rep_id: rep.to_string(),
                team_id: team.to_string(),
                fence: fence.0,
                contact_due: at(contact_due),
                source: source.to_string(),
                score: score.map(i32::from),
                captured_at: at(captured_at),
            })
        }
        Kind::LeadPooled { lead, pool, source, score, captured_at } => To::LeadPooled(wire::LeadPooled {
            lead_id: lead.to_string(),
            pool_id: pool.to_string(),
            source: source.to_string(),
            score: score.map(i32::from),
            captured_at: at(captured_at),
        }),
        Kind::LeadClaimed { lead, rep, pool, fence, contact_due, source, score, pooled } => {
            To::LeadClaimed(wire::LeadClaimed {
                lead_id: lead.to_string(),
                rep_id: rep.to_string(),
                pool_id: pool.to_string(),
                fence: fence.0,
                contact_due: at(contact_due),
                source: source.to_string(),
                score: score.map(i32::from),
                pooled_ms: pooled.0,
            })
        }
        Kind::LeadContacted { lead, rep, fence, contact_speed, in_time } => To::LeadContacted(wire::LeadContacted {
            lead_id: lead.to_string(),
            rep_id: rep.to_string(),
            fence: fence.0,
            contact_speed_ms: contact_speed.0,
            in_time: *in_time,
        }),
        Kind::AvailabilityChanged { rep, source, status } => To::AvailabilityChanged(wire::AvailabilityChanged {
            rep_id: rep.to_string(),
            source: source.to_string(),
            status: Some(availability_wire::status(*status)),
        }),
        Kind::PolicyActivated { version, author } => {
            To::PolicyActivated(wire::PolicyActivated { version: *version, author: author.clone() })
        }
    }
}

fn decision(decision: &Decision) -> wire::Decision {
    wire::Decision {
        policy_version: decision.policy_version,
        route: decision.route.clone(),
        skips: decision
            .skips
            .iter()
            .map(|skip| match skip.reason {
                SkipReason::Unavailable(reason) => wire::Skip {
                    rep_id: skip.rep.to_string(),
                    reason: wire::SkipReason::Busy.into(),
                    unavailable: availability_wire::reason(reason).into(),
                },
            })
            .collect(),
        rotation: decision.rotation.as_ref().map(|trace| wire::RotationTrace {
            team_id: trace.team.to_string(),
            given: trace.given,
            owed_micros: trace.owed_micros,
        }),
    }
}
