//! Between a lead on the wire and the domain's.

use leadhand_domain::event::{CreditReason, DeclineReason, ReleaseReason};
use leadhand_domain::guardrail::settings::Transparency;
use leadhand_domain::intake::{self, Raw};
use leadhand_domain::invalid::Fields;
use leadhand_domain::lead::{self, Place, Via};
use leadhand_domain::outcome::Step;
use leadhand_domain::skip;

use crate::lead::v1 as wire;
use crate::time::{millis, timestamp};

/// A lead as the caller sent it, with its violations so far noted under `lead.`.
pub fn raw(lead: wire::Lead, fields: &mut Fields) -> Raw {
    let stage = match lead.stage() {
        wire::Stage::Unspecified => lead::Stage::Unknown,
        wire::Stage::Icp => lead::Stage::Icp,
        wire::Stage::Mql => lead::Stage::Mql,
        wire::Stage::Sql => lead::Stage::Sql,
    };
    if wire::Stage::try_from(lead.stage).is_err() {
        fields.add("lead.stage", "not a known stage");
    }
    let captured_at = lead.captured_at.as_ref().map(millis).transpose();
    let contact = lead.contact.unwrap_or_default();
    let engagement = lead.engagement.unwrap_or_default();
    let qualification = lead.qualification.unwrap_or_default();
    Raw {
        contact_name: contact.name,
        contact_title: contact.title,
        email: contact.email,
        phone: contact.phone,
        source: lead.source,
        stage,
        score: lead.score,
        grade: lead.grade,
        product_interest: lead.product_interest,
        notes: lead.notes,
        attributes: lead.attributes,
        engagement: intake::engagement::Raw {
            opens: engagement.opens,
            visits: engagement.visits,
            counters: engagement.counters,
        },
        form_responses: lead.form_responses,
        captured_at: fields.take("lead.captured_at", captured_at).flatten(),
        budget: qualification.budget,
        timeline: qualification.timeline,
        authority: qualification.authority,
        ..raw_company(lead.company.unwrap_or_default())
    }
}

/// A company as somebody sent it, and nothing else of a lead.
pub fn raw_company(company: wire::Company) -> Raw {
    Raw {
        company_name: company.name,
        company_domain: company.domain,
        employees: company.employees,
        industry: company.industry,
        country: company.country,
        region: company.region,
        city: company.city,
        ..Raw::default()
    }
}

/// A company, whole.
pub fn company(company: &lead::Company) -> wire::Company {
    wire::Company {
        name: company.name.clone(),
        domain: company.domain.clone(),
        employees: company.employees.and_then(|n| i32::try_from(n).ok()),
        industry: company.industry.clone(),
        country: company.country.clone(),
        region: company.region.clone(),
        city: company.city.clone(),
    }
}

/// What is known of budget, timeline and authority, if anything.
fn qualification(known: &lead::Qualification) -> Option<wire::Qualification> {
    let told = wire::Qualification {
        budget: known.budget.clone(),
        timeline: known.timeline.clone(),
        authority: known.authority.clone(),
    };
    (*known != lead::Qualification::default()).then_some(told)
}

/// Everything, for the owner.
pub fn whole(lead: &lead::Lead, person: &lead::Person) -> wire::Lead {
    let facts = &lead.facts;
    wire::Lead {
        company: Some(company(&facts.company)),
        contact: Some(wire::Contact {
            name: person.name.clone(),
            title: person.title.clone(),
            email: person.email.clone(),
            phone: person.phone.clone(),
        }),
        source: facts.source.to_string(),
        stage: stage(facts.stage).into(),
        score: facts.score.map(i32::from),
        grade: facts.grade.clone(),
        product_interest: facts.product_interest.clone(),
        notes: person.notes.clone(),
        attributes: person.attributes.clone(),
        captured_at: Some(timestamp(facts.captured_at)),
        engagement: engagement(&person.engagement),
        form_responses: person.form_responses.clone(),
        qualification: qualification(&facts.qualification),
    }
}

/// What a prospect did; `None` when nothing is known.
fn engagement(engagement: &lead::Engagement) -> Option<wire::Engagement> {
    let number = |count: u32| i32::try_from(count).unwrap_or(i32::MAX);
    (*engagement != lead::Engagement::default()).then(|| wire::Engagement {
        opens: engagement.opens.map(number),
        visits: engagement.visits.map(number),
        counters: engagement.counters.iter().map(|(name, count)| (name.clone(), number(*count))).collect(),
    })
}

/// What a rep sees of a pooled lead beside the preview.
pub fn detail(person: &lead::Person, transparency: Transparency) -> wire::Detail {
    let mut detail = wire::Detail::default();
    if transparency >= Transparency::Engagement {
        detail.engagement = engagement(&person.engagement);
    }
    if transparency >= Transparency::Full {
        detail.form_responses = person.form_responses.clone();
        detail.notes = person.notes.clone();
    }
    detail
}

/// The preview fields and the detail, in the form of a lead.
pub fn detailed(lead: &lead::Lead, person: &lead::Person, transparency: Transparency) -> wire::Lead {
    let wire::Detail { engagement, form_responses, notes } = detail(person, transparency);
    wire::Lead { engagement, form_responses, notes, ..previewed(lead, person) }
}

/// The preview fields only, in the form of a lead.
pub fn previewed(lead: &lead::Lead, person: &lead::Person) -> wire::Lead {
    let facts = &lead.facts;
    wire::Lead {
        company: Some(wire::Company {
            name: facts.company.name.clone(),
            industry: facts.company.industry.clone(),
            employees: facts.company.employees.and_then(|n| i32::try_from(n).ok()),
            ..wire::Company::default()
        }),
        contact: Some(wire::Contact {
            name: person.name.clone(),
            title: person.title.clone(),
            ..wire::Contact::default()
        }),
        source: facts.source.to_string(),
        stage: stage(facts.stage).into(),
        score: facts.score.map(i32::from),
        grade: facts.grade.clone(),
        qualification: qualification(&facts.qualification),
        ..wire::Lead::default()
    }
}

/// One line of a pool's list.
pub fn preview(lead: &lead::Lead, person: &lead::Person) -> wire::Preview {
    let facts = &lead.facts;
    wire::Preview {
        lead_id: lead.id.to_string(),
        company_name: facts.company.name.clone(),
        industry: facts.company.industry.clone(),
        employees: facts.company.employees.and_then(|n| i32::try_from(n).ok()),
        contact_name: person.name.clone(),
        contact_title: person.title.clone(),
        source: facts.source.to_string(),
        stage: stage(facts.stage).into(),
        score: facts.score.map(i32::from),
        grade: facts.grade.clone(),
        pooled_at: Some(timestamp(lead.placed_at)),
        qualification: qualification(&facts.qualification),
        // What not every list shows.
        detail: None,
        held_until: None,
    }
}

/// Where the lead is.
pub fn state(lead: &lead::Lead) -> wire::State {
    let mut state = wire::State {
        fence: lead.fence.0,
        routed_at: Some(timestamp(lead.routed_at)),
        decision_position: lead.position.clone(),
        reroutes: lead.reroutes,
        credited: lead.turn.as_ref().is_some_and(|turn| turn.credited),
        opportunity_at: lead.opportunity_at.map(timestamp),
        last_activity_at: lead.acts.last_activity_at.map(timestamp),
        erased_at: lead.acts.erased_at.map(timestamp),
        ..wire::State::default()
    };
    match &lead.place {
        Place::Pooled { pool } => {
            state.set_place(wire::Place::Pooled);
            state.pool_id = pool.to_string();
            let hold =
                |hold: &lead::Hold| wire::Hold { rep_id: hold.rep.to_string(), until: Some(timestamp(hold.until)) };
            state.hold = lead.hold.as_deref().map(hold);
        }
        Place::Assigned { owner, via, contact_due, contacted_at, .. } => {
            state.set_place(wire::Place::Assigned);
            state.owner_rep_id = owner.to_string();
            state.assigned_at = Some(timestamp(lead.placed_at));
            state.contact_due = Some(timestamp(*contact_due));
            state.contacted_at = contacted_at.map(timestamp);
            state.act_by = lead.act_by.map(timestamp);
            came(via, &mut state);
        }
        Place::Offered { to, via, expires, .. } => {
            state.set_place(wire::Place::Offered);
            state.offered_rep_id = to.to_string();
            state.offer_expires = Some(timestamp(*expires));
            came(via, &mut state);
        }
        Place::Held => state.set_place(wire::Place::Held),
        Place::Closed { owner, outcome } => {
            state.set_place(wire::Place::Closed);
            state.owner_rep_id = owner.to_string();
            state.set_outcome(self::outcome(*outcome));
        }
    }
    state
}

/// How it came to its owner.
fn came(via: &Via, state: &mut wire::State) {
    match via {
        Via::Rotation(team) => state.team_id = team.to_string(),
        Via::Claim(pool) => state.pool_id = pool.to_string(),
        Via::Account(account) => state.account_id = account.to_string(),
        Via::Manual(manager) => state.manager_id = manager.to_string(),
        Via::Named | Via::Escalation => {}
    }
}

/// How a lead ended.
pub fn outcome(outcome: lead::Outcome) -> wire::Outcome {
    match outcome {
        lead::Outcome::Won { .. } => wire::Outcome::Won,
        lead::Outcome::Lost => wire::Outcome::Lost,
        lead::Outcome::Disqualified => wire::Outcome::Disqualified,
        lead::Outcome::Duplicate => wire::Outcome::Duplicate,
    }
}

/// What an owner says came of a lead; an amount goes with a win only.
pub fn step_from(outcome: i32, amount: u64, fields: &mut Fields) -> Option<Step> {
    let known = wire::Outcome::try_from(outcome).unwrap_or_default();
    if known != wire::Outcome::Won && known != wire::Outcome::Unspecified && amount > 0 {
        fields.add("amount", "goes with a win only");
    }
    Some(match known {
        wire::Outcome::Opportunity => Step::Opportunity,
        wire::Outcome::Won => Step::End(lead::Outcome::Won { amount }),
        wire::Outcome::Lost => Step::End(lead::Outcome::Lost),
        wire::Outcome::Disqualified => Step::End(lead::Outcome::Disqualified),
        wire::Outcome::Duplicate => Step::End(lead::Outcome::Duplicate),
        wire::Outcome::Unspecified => {
            fields.add("outcome", "required: opportunity, won, lost, disqualified or duplicate");
            return None;
        }
    })
}

/// Why a rep declines; the fault is noted under `field`.
pub fn decline_reason(reason: i32, field: &str, fields: &mut Fields) -> Option<DeclineReason> {
    match wire::DeclineReason::try_from(reason).unwrap_or_default() {
        wire::DeclineReason::Busy => Some(DeclineReason::Busy),
        wire::DeclineReason::NotMyField => Some(DeclineReason::NotMyField),
        wire::DeclineReason::ConflictOfInterest => Some(DeclineReason::ConflictOfInterest),
        wire::DeclineReason::Language => Some(DeclineReason::Language),
        wire::DeclineReason::Other => Some(DeclineReason::Other),
        wire::DeclineReason::Unspecified => {
            fields.add(field, "required: one of the reasons there are");
            None
        }
    }
}

/// Why a rep declines, on the wire.
pub fn declined(reason: DeclineReason) -> wire::DeclineReason {
    match reason {
        DeclineReason::Busy => wire::DeclineReason::Busy,
        DeclineReason::NotMyField => wire::DeclineReason::NotMyField,
        DeclineReason::ConflictOfInterest => wire::DeclineReason::ConflictOfInterest,
        DeclineReason::Language => wire::DeclineReason::Language,
        DeclineReason::Other => wire::DeclineReason::Other,
    }
}

/// Why an owner gives a lead back; the fault is noted under `field`.
pub fn release_reason(reason: i32, field: &str, fields: &mut Fields) -> Option<ReleaseReason> {
    match wire::ReleaseReason::try_from(reason).unwrap_or_default() {
        wire::ReleaseReason::Busy => Some(ReleaseReason::Busy),
        wire::ReleaseReason::NotMyField => Some(ReleaseReason::NotMyField),
        wire::ReleaseReason::ConflictOfInterest => Some(ReleaseReason::ConflictOfInterest),
        wire::ReleaseReason::Language => Some(ReleaseReason::Language),
        wire::ReleaseReason::Other => Some(ReleaseReason::Other),
        wire::ReleaseReason::Unspecified => {
            fields.add(field, "required: one of the reasons there are");
            None
        }
        wire::ReleaseReason::NotActedOn => {
            fields.add(field, "not a reason that a rep gives");
            None
        }
    }
}

/// Why an owner gives a lead back, on the wire.
pub fn released(reason: ReleaseReason) -> wire::ReleaseReason {
    match reason {
        ReleaseReason::Busy => wire::ReleaseReason::Busy,
        ReleaseReason::NotMyField => wire::ReleaseReason::NotMyField,
        ReleaseReason::ConflictOfInterest => wire::ReleaseReason::ConflictOfInterest,
        ReleaseReason::Language => wire::ReleaseReason::Language,
        ReleaseReason::NotActedOn => wire::ReleaseReason::NotActedOn,
        ReleaseReason::Other => wire::ReleaseReason::Other,
    }
}

/// Why a rep skips a lead; the fault is noted under `field`.
pub fn skip_reason(reason: i32, field: &str, fields: &mut Fields) -> Option<skip::Reason> {
    match wire::LeadSkipReason::try_from(reason).unwrap_or_default() {
        wire::LeadSkipReason::NotMyField => Some(skip::Reason::NotMyField),
        wire::LeadSkipReason::PoorFit => Some(skip::Reason::PoorFit),
        wire::LeadSkipReason::TooLittleKnown => Some(skip::Reason::TooLittleKnown),
        wire::LeadSkipReason::ConflictOfInterest => Some(skip::Reason::ConflictOfInterest),
        wire::LeadSkipReason::Language => Some(skip::Reason::Language),
        wire::LeadSkipReason::Other => Some(skip::Reason::Other),
        wire::LeadSkipReason::Unspecified => {
            fields.add(field, "required: one of the reasons there are");
            None
        }
    }
}

/// Why a rep skips a lead, on the wire.
pub fn skipped(reason: skip::Reason) -> wire::LeadSkipReason {
    match reason {
        skip::Reason::NotMyField => wire::LeadSkipReason::NotMyField,
        skip::Reason::PoorFit => wire::LeadSkipReason::PoorFit,
        skip::Reason::TooLittleKnown => wire::LeadSkipReason::TooLittleKnown,
        skip::Reason::ConflictOfInterest => wire::LeadSkipReason::ConflictOfInterest,
        skip::Reason::Language => wire::LeadSkipReason::Language,
        skip::Reason::Other => wire::LeadSkipReason::Other,
    }
}

/// Why a lead is credited back; the fault is noted under `field`.
pub fn credit_reason(reason: i32, field: &str, fields: &mut Fields) -> Option<CreditReason> {
    match wire::CreditReason::try_from(reason).unwrap_or_default() {
        wire::CreditReason::Unreachable => Some(CreditReason::Unreachable),
        wire::CreditReason::Duplicate => Some(CreditReason::Duplicate),
        wire::CreditReason::NotALead => Some(CreditReason::NotALead),
        wire::CreditReason::WrongTeam => Some(CreditReason::WrongTeam),
        wire::CreditReason::Other => Some(CreditReason::Other),
        wire::CreditReason::Unspecified => {
            fields.add(field, "required: one of the reasons there are");
            None
        }
    }
}

/// For how much it was won.
pub fn amount(outcome: lead::Outcome) -> u64 {
    match outcome {
        lead::Outcome::Won { amount } => amount,
        _ => 0,
    }
}

fn stage(stage: lead::Stage) -> wire::Stage {
    match stage {
        lead::Stage::Unknown => wire::Stage::Unspecified,
        lead::Stage::Icp => wire::Stage::Icp,
        lead::Stage::Mql => wire::Stage::Mql,
        lead::Stage::Sql => wire::Stage::Sql,
    }
}
