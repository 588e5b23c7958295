//! Events. The stream keeps `leadhand.event.v1.Event` without its position, which is the entry's id.

use leadhand_domain::account::By;
use leadhand_domain::enrichment::{Enrichment, Failure};
use leadhand_domain::event::{
    Cause, CreditReason, Decision, DeclineReason, Event, HeldReason, Kind, Likeness, Skip, SkipReason,
};
use leadhand_domain::id::Workspace;
use leadhand_domain::lead::Via;
use leadhand_domain::time::Millis;
use leadhand_proto::availability::v1::UnavailableReason;
use leadhand_proto::availability_wire;
use leadhand_proto::event::v1 as wire;
use leadhand_proto::lead::v1::{CreditReason as LeadCreditReason, DeclineReason as LeadDeclineReason};
use leadhand_proto::lead_wire;
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
            reason: decline_reason(*reason).into(),
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
        Kind::AccountChanged { account, revision, owner } => To::AccountChanged(wire::AccountChanged {
            account_id: account.to_string(),
            revision: *revision,
            owner_rep_id: owner.as_ref().map(ToString::to_string).unwrap_or_default(),
        }),
        Kind::PolicyActivated { version, author } => {
            To::PolicyActivated(wire::PolicyActivated { version: *version, author: author.clone() })
        }
    }
}

/// The team whose rotation chose and the account whose owner it is, where they are why.
fn via_ids(via: &Via) -> (String, String) {
    match via {
        Via::Rotation(team) => (team.to_string(), String::new()),
        Via::Account(account) => (String::new(), account.to_string()),
        Via::Claim(_) | Via::Named | Via::Escalation => (String::new(), String::new()),
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
    }
}

fn likeness(by: Likeness) -> wire::Likeness {
    match by {
        Likeness::Email => wire::Likeness::Email,
        Likeness::Phone => wire::Likeness::Phone,
        Likeness::CompanyAndName => wire::Likeness::CompanyAndName,
    }
}

fn decline_reason(reason: DeclineReason) -> LeadDeclineReason {
    match reason {
        DeclineReason::Busy => LeadDeclineReason::Busy,
        DeclineReason::NotMyField => LeadDeclineReason::NotMyField,
        DeclineReason::ConflictOfInterest => LeadDeclineReason::ConflictOfInterest,
        DeclineReason::Language => LeadDeclineReason::Language,
        DeclineReason::Other => LeadDeclineReason::Other,
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

fn enrichment(enrichment: &Enrichment) -> wire::Enrichment {
    let names = |fields: &[&str]| fields.iter().map(|field| (*field).to_owned()).collect();
    let failure = enrichment.failure.map_or(wire::EnrichmentFailure::Unspecified, |failure| match failure {
        Failure::NotConfigured => wire::EnrichmentFailure::NotConfigured,
        Failure::TimedOut => wire::EnrichmentFailure::TimedOut,
        Failure::Unavailable => wire::EnrichmentFailure::Unavailable,
        Failure::Failed => wire::EnrichmentFailure::Failed,
        Failure::Busy => wire::EnrichmentFailure::Busy,
        Failure::Resting => wire::EnrichmentFailure::Resting,
    });
    wire::Enrichment { filled: names(&enrichment.filled), refused: names(&enrichment.refused), failure: failure.into() }
}

fn skip(skip: &Skip) -> wire::Skip {
    let (reason, unavailable) = match skip.reason {
        SkipReason::Unavailable(reason) => (wire::SkipReason::Busy, availability_wire::reason(reason)),
        SkipReason::AtCapacity => (wire::SkipReason::AtCapacity, UnavailableReason::Unspecified),
        SkipReason::LeftOut => (wire::SkipReason::LeftOut, UnavailableReason::Unspecified),
        SkipReason::Gone => (wire::SkipReason::Gone, UnavailableReason::Unspecified),
    };
    wire::Skip { rep_id: skip.rep.to_string(), reason: reason.into(), unavailable: unavailable.into() }
}

fn account_match(by: By) -> wire::AccountMatch {
    match by {
        By::Domain => wire::AccountMatch::Domain,
        By::Alias => wire::AccountMatch::Alias,
        By::Parent => wire::AccountMatch::Parent,
        By::Name => wire::AccountMatch::Name,
    }
}

/// A decision as events tell it.
pub(crate) fn decision(decision: &Decision) -> wire::Decision {
    wire::Decision {
        policy_version: decision.policy_version,
        route: decision.route.clone(),
        skips: decision.skips.iter().map(skip).collect(),
        rotation: decision.rotation.as_ref().map(|trace| wire::RotationTrace {
            team_id: trace.team.to_string(),
            given: trace.given,
            owed_micros: trace.owed_micros,
        }),
        passed: decision.passed.clone(),
        missing: decision.missing.clone(),
        account: decision.account.as_ref().map(|trace| wire::AccountTrace {
            account_id: trace.account.to_string(),
            by: account_match(trace.by).into(),
            others: trace.others,
        }),
        mix: decision.mix.map(|trace| wire::MixTrace { decided: trace.decided, push_percent: trace.push_percent }),
        charged_team_id: decision.charged.as_ref().map(ToString::to_string).unwrap_or_default(),
        enrichment: decision.enrichment.as_ref().map(enrichment),
    }
}
