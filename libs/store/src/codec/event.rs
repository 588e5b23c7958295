//! Events. The stream keeps `leadhand.event.v1.Event` without its position, which is the entry's id.

use leadhand_domain::event::{Cause, CreditReason, Event, HeldReason, Kind, Likeness};
use leadhand_domain::id::Workspace;
use leadhand_domain::lead::Via;
use leadhand_domain::time::Millis;
use leadhand_proto::act_wire;
use leadhand_proto::availability_wire;
use leadhand_proto::decision_wire;
use leadhand_proto::event::v1 as wire;
use leadhand_proto::lead::v1::CreditReason as LeadCreditReason;
use leadhand_proto::lead_wire;
use leadhand_proto::tier_wire;
use leadhand_proto::time::timestamp;
use prost::Message;

use super::conduct;

pub(crate) fn encode(workspace: &Workspace, event: &Event) -> Vec<u8> {
    wire::Event {
        position: String::new(),
        workspace: workspace.to_string(),
        occurred_at: Some(timestamp(event.at)),
        kind: Some(kind(&event.kind)),
        decision: event.decision.as_ref().map(decision_wire::decision),
    }
    .encode_to_vec()
}

fn kind(kind: &Kind) -> wire::event::Kind {
    use wire::event::Kind as To;
    let at = |at: &Millis| Some(timestamp(*at));
    match kind {
        Kind::LeadAssigned { lead, rep, via, cause, fence, contact_due, source, score, captured_at } => {
            let (team_id, account_id) = via_ids(via);
            To::LeadAssigned(wire::LeadAssigned {
                lead_id: lead.to_string(),
                rep_id: rep.to_string(),
                team_id,
                fence: fence.0,
                contact_due: at(contact_due),
                source: source.to_string(),
                score: score.map(i32::from),
                captured_at: at(captured_at),
                account_id,
                escalated: *via == Via::Escalation,
                cause: self::cause(*cause).into(),
                manager_id: match via {
                    Via::Manual(manager) => manager.to_string(),
                    _ => String::new(),
                },
            })
        }
        Kind::LeadOffered { lead, rep, via, cause, fence, expires, refusable, source, score } => {
            let (team_id, account_id) = via_ids(via);
            To::LeadOffered(wire::LeadOffered {
                lead_id: lead.to_string(),
                rep_id: rep.to_string(),
                team_id,
                account_id,
                fence: fence.0,
                expires: at(expires),
                refusable: *refusable,
                source: source.to_string(),
                score: score.map(i32::from),
                cause: self::cause(*cause).into(),
            })
        }
        Kind::OfferDeclined { lead, rep, fence, reason } => To::OfferDeclined(wire::OfferDeclined {
            lead_id: lead.to_string(),
            rep_id: rep.to_string(),
            fence: fence.0,
            reason: lead_wire::declined(*reason).into(),
        }),
        Kind::LeadReleased { lead, rep, fence, reason } => To::LeadReleased(wire::LeadReleased {
            lead_id: lead.to_string(),
            rep_id: rep.to_string(),
            fence: fence.0,
            reason: lead_wire::released(*reason).into(),
        }),
        Kind::OfferLapsed { lead, rep, fence } => {
            To::OfferLapsed(wire::OfferLapsed { lead_id: lead.to_string(), rep_id: rep.to_string(), fence: fence.0 })
        }
        Kind::LeadPooled { lead, pool, cause, source, score, captured_at } => To::LeadPooled(wire::LeadPooled {
            lead_id: lead.to_string(),
            pool_id: pool.to_string(),
            source: source.to_string(),
            score: score.map(i32::from),
            captured_at: at(captured_at),
            cause: self::cause(*cause).into(),
        }),
        Kind::LeadHeld { lead, cause, reason, source, score, retry_at } => To::LeadHeld(wire::LeadHeld {
            reason: held_reason(*reason).into(),
            lead_id: lead.to_string(),
            source: source.to_string(),
            score: score.map(i32::from),
            retry_at: at(retry_at),
            cause: self::cause(*cause).into(),
        }),
        Kind::LeadRepeated { lead, by, source } => To::LeadRepeated(wire::LeadRepeated {
            lead_id: lead.to_string(),
            by: likeness(*by).into(),
            source: source.to_string(),
        }),
        Kind::ContactDueSoon { lead, rep, fence, contact_due } => To::ContactDueSoon(wire::ContactDueSoon {
            lead_id: lead.to_string(),
            rep_id: rep.to_string(),
            fence: fence.0,
            contact_due: at(contact_due),
        }),
        Kind::ContactMissed { lead, rep, fence, contact_due } => To::ContactMissed(wire::ContactMissed {
            lead_id: lead.to_string(),
            rep_id: rep.to_string(),
            fence: fence.0,
            contact_due: at(contact_due),
        }),
        Kind::LeadClosed { lead, rep, fence, outcome, source, owned } => To::LeadClosed(wire::LeadClosed {
            lead_id: lead.to_string(),
            rep_id: rep.to_string(),
            fence: fence.0,
            outcome: lead_wire::outcome(*outcome).into(),
            amount: lead_wire::amount(*outcome),
            source: source.to_string(),
            owned_ms: owned.0,
        }),
        Kind::OpportunityRecorded { lead, rep, fence, source, owned } => {
            To::OpportunityRecorded(wire::OpportunityRecorded {
                lead_id: lead.to_string(),
                rep_id: rep.to_string(),
                fence: fence.0,
                source: source.to_string(),
                owned_ms: owned.0,
            })
        }
        Kind::LeadUpdated { lead, fields } => {
            To::LeadUpdated(wire::LeadUpdated { lead_id: lead.to_string(), fields: fields.clone() })
        }
        Kind::LeadCredited { lead, rep, team, reason, by } => To::LeadCredited(wire::LeadCredited {
            lead_id: lead.to_string(),
            rep_id: rep.to_string(),
            team_id: team.to_string(),
            reason: credit_reason(*reason).into(),
            requested_by: by.to_string(),
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
        Kind::LeadSkipped { lead, rep, pool, reason } => To::LeadSkipped(wire::LeadSkipped {
            lead_id: lead.to_string(),
            rep_id: rep.to_string(),
            pool_id: pool.to_string(),
            reason: lead_wire::skipped(*reason).into(),
        }),
        Kind::HoldBegan { lead, rep, pool, until } => To::HoldBegan(wire::HoldBegan {
            lead_id: lead.to_string(),
            rep_id: rep.to_string(),
            pool_id: pool.to_string(),
            until: at(until),
        }),
        Kind::HoldLapsed { lead, rep, pool } => To::HoldLapsed(wire::HoldLapsed {
            lead_id: lead.to_string(),
            rep_id: rep.to_string(),
            pool_id: pool.to_string(),
        }),
        Kind::LeadContacted { lead, rep, fence, contact_speed, in_time } => To::LeadContacted(wire::LeadContacted {
            lead_id: lead.to_string(),
            rep_id: rep.to_string(),
            fence: fence.0,
            contact_speed_ms: contact_speed.0,
            in_time: *in_time,
        }),
        Kind::RepSuspended(suspended) => To::RepSuspended(conduct::suspended(suspended)),
        Kind::SuspensionEnded(ended) => To::SuspensionEnded(conduct::ended(ended)),
        Kind::PenaltyLifted(told) => To::PenaltyLifted(conduct::lifted(told)),
        Kind::TierChanged(changed) => To::TierChanged(tier_wire::changed(changed)),
        Kind::ActivityBelowFloor(below) => To::ActivityBelowFloor(tier_wire::below(below)),
        Kind::AvailabilityChanged { rep, source, status } => To::AvailabilityChanged(wire::AvailabilityChanged {
            rep_id: rep.to_string(),
            source: source.to_string(),
            status: Some(availability_wire::status(*status)),
        }),
        Kind::AccountChanged { account, revision, owner } => To::AccountChanged(wire::AccountChanged {
            account_id: account.to_string(),
            revision: *revision,
            owner_rep_id: owner.as_ref().map(ToString::to_string).unwrap_or_default(),
        }),
        Kind::PolicyActivated { version, author } => {
            To::PolicyActivated(wire::PolicyActivated { version: *version, author: author.clone() })
        }
        Kind::Act(act) => act_wire::act(act),
    }
}

/// The team whose rotation chose and the account whose owner it is, where they are why.
fn via_ids(via: &Via) -> (String, String) {
    match via {
        Via::Rotation(team) => (team.to_string(), String::new()),
        Via::Account(account) => (String::new(), account.to_string()),
        Via::Claim(_) | Via::Named | Via::Escalation | Via::Manual(_) => (String::new(), String::new()),
    }
}

fn cause(cause: Cause) -> wire::Cause {
    match cause {
        Cause::New => wire::Cause::New,
        Cause::Accepted => wire::Cause::Accepted,
        Cause::Declined => wire::Cause::Declined,
        Cause::OfferLapsed => wire::Cause::OfferLapsed,
        Cause::ContactMissed => wire::Cause::ContactMissed,
        Cause::Retried => wire::Cause::Retried,
        Cause::Released => wire::Cause::Released,
        Cause::NotActedOn => wire::Cause::NotActedOn,
        Cause::Unclaimed => wire::Cause::Unclaimed,
        Cause::Ordered => wire::Cause::Ordered,
        Cause::Offboarded => wire::Cause::Offboarded,
    }
}

fn likeness(by: Likeness) -> wire::Likeness {
    match by {
        Likeness::Email => wire::Likeness::Email,
        Likeness::Phone => wire::Likeness::Phone,
        Likeness::CompanyAndName => wire::Likeness::CompanyAndName,
    }
}

fn held_reason(reason: HeldReason) -> wire::HeldReason {
    match reason {
        HeldReason::AtCapacity => wire::HeldReason::AtCapacity,
        HeldReason::Unavailable => wire::HeldReason::Unavailable,
        HeldReason::LeftOut => wire::HeldReason::LeftOut,
        HeldReason::Nobody => wire::HeldReason::Nobody,
    }
}

fn credit_reason(reason: CreditReason) -> LeadCreditReason {
    match reason {
        CreditReason::Unreachable => LeadCreditReason::Unreachable,
        CreditReason::Duplicate => LeadCreditReason::Duplicate,
        CreditReason::NotALead => LeadCreditReason::NotALead,
        CreditReason::WrongTeam => LeadCreditReason::WrongTeam,
        CreditReason::Other => LeadCreditReason::Other,
    }
}
