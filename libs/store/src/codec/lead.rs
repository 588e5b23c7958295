//! Leads and their personal data.

use std::num::NonZeroU32;

use leadhand_domain::id::{AccountId, Fence, LeadId, PoolId, RepId, Source, TeamId};
use leadhand_domain::lead::{
    Acts, Barred, Company, Engagement, Facts, Hold, Lead, Outcome, Person, Place, Pushed, Qualification, Stage, Turn,
    Via,
};
use leadhand_domain::time::Millis;
use leadhand_proto::store::v1 as stored;

use super::Fault;

const ASSIGNED: u32 = 1;
const POOLED: u32 = 2;
pub(super) const OFFERED: u32 = 3;
pub(super) const HELD: u32 = 4;
pub(super) const CLOSED: u32 = 5;

const ACCOUNT: u32 = 1;
const NAMED: u32 = 2;
const ESCALATION: u32 = 3;
const MANUAL: u32 = 4;

pub(super) fn to_stored(lead: &Lead) -> stored::Lead {
    let mut to = stored::Lead {
        lead_id: lead.id.to_string(),
        fence: lead.fence.0,
        routed_at: lead.routed_at.0,
        placed_at: lead.placed_at.0,
        position: lead.position.clone(),
        source: lead.facts.source.to_string(),
        score: lead.facts.score.map(i32::from),
        stage: stage_to_stored(lead.facts.stage),
        grade: lead.facts.grade.clone(),
        captured_at: lead.facts.captured_at.0,
        product_interest: lead.facts.product_interest.clone(),
        company: Some(company_to_stored(&lead.facts.company)),
        qualification: qualification_to_stored(&lead.facts.qualification),
        left_out: lead.left_out.iter().map(ToString::to_string).collect(),
        reroutes: lead.reroutes,
        waits_for: lead.waits_for.map_or(0, NonZeroU32::get),
        opportunity_at: lead.opportunity_at.map_or(0, |at| at.0),
        turn: lead.turn.as_deref().map(turn_to_stored),
        barred: lead.barred.iter().map(barred_to_stored).collect(),
        act_by: lead.act_by.map_or(0, |at| at.0),
        pushed_to: lead.pushed.as_ref().map(|pushed| pushed.pool.to_string()).unwrap_or_default(),
        pushed_at: lead.pushed.as_ref().map_or(0, |pushed| pushed.at.0),
        last_activity_at: lead.acts.last_activity_at.map_or(0, |at| at.0),
        erased_at: lead.acts.erased_at.map_or(0, |at| at.0),
        ..stored::Lead::default()
    };
    match &lead.place {
        Place::Pooled { pool } => {
            to.place = POOLED;
            to.pool = pool.to_string();
            // One that is in no pool has no hold, whatever took it out.
            to.hold =
                lead.hold.as_ref().map(|hold| stored::LeadHold { rep: hold.rep.to_string(), until: hold.until.0 });
        }
        Place::Assigned { owner, via, remind_at, contact_due, contacted_at } => {
            to.place = ASSIGNED;
            to.owner = owner.to_string();
            to.remind_at = remind_at.0;
            to.contact_due = contact_due.0;
            to.contacted_at = contacted_at.map_or(0, |at| at.0);
            via_to_stored(via, &mut to);
        }
        Place::Offered { to: rep, via, expires, refusable } => {
            to.place = OFFERED;
            to.owner = rep.to_string();
            to.expires = expires.0;
            to.refusable = *refusable;
            via_to_stored(via, &mut to);
        }
        Place::Held => to.place = HELD,
        Place::Closed { owner, outcome } => {
            to.place = CLOSED;
            to.owner = owner.to_string();
            (to.outcome, to.amount) = match outcome {
                Outcome::Won { amount } => (1, *amount),
                Outcome::Lost => (2, 0),
                Outcome::Disqualified => (3, 0),
                Outcome::Duplicate => (4, 0),
            };
        }
    }
    to
}

fn via_to_stored(via: &Via, to: &mut stored::Lead) {
    match via {
        Via::Rotation(team) => to.team = team.to_string(),
        Via::Claim(pool) => to.pool = pool.to_string(),
        Via::Account(account) => (to.via, to.account) = (ACCOUNT, account.to_string()),
        Via::Named => to.via = NAMED,
        Via::Escalation => to.via = ESCALATION,
        Via::Manual(manager) => (to.via, to.manager) = (MANUAL, manager.to_string()),
    }
}

fn via_from_stored(from: &stored::Lead) -> Result<Via, Fault> {
    Ok(match (from.via, from.team.as_str()) {
        (ACCOUNT, _) => Via::Account(AccountId::parse(&from.account)?),
        (NAMED, _) => Via::Named,
        (ESCALATION, _) => Via::Escalation,
        (MANUAL, _) => Via::Manual(RepId::parse(&from.manager)?),
        (0, "") => Via::Claim(PoolId::parse(&from.pool)?),
        (0, team) => Via::Rotation(TeamId::parse(team)?),
        _ => return Err(Fault::Other("unknown way to the owner")),
    })
}

fn outcome_from_stored(from: &stored::Lead) -> Result<Outcome, Fault> {
    Ok(match from.outcome {
        1 => Outcome::Won { amount: from.amount },
        2 => Outcome::Lost,
        3 => Outcome::Disqualified,
        4 => Outcome::Duplicate,
        _ => return Err(Fault::Other("unknown outcome")),
    })
}

pub(super) fn from_stored(from: stored::Lead) -> Result<Lead, Fault> {
    let place = match from.place {
        POOLED => Place::Pooled { pool: PoolId::parse(&from.pool)? },
        ASSIGNED => Place::Assigned {
            owner: RepId::parse(&from.owner)?,
            via: via_from_stored(&from)?,
            remind_at: Millis(from.remind_at),
            contact_due: Millis(from.contact_due),
            contacted_at: moment(from.contacted_at),
        },
        OFFERED => Place::Offered {
            to: RepId::parse(&from.owner)?,
            via: via_from_stored(&from)?,
            expires: Millis(from.expires),
            refusable: from.refusable,
        },
        HELD => Place::Held,
        CLOSED => Place::Closed { owner: RepId::parse(&from.owner)?, outcome: outcome_from_stored(&from)? },
        _ => return Err(Fault::Other("unknown place")),
    };
    let left_out = from.left_out.iter().map(|rep| RepId::parse(rep)).collect::<Result<_, _>>()?;
    let score = score_from_stored(from.score)?;
    let hold =
        |hold: stored::LeadHold| Ok::<_, Fault>(Hold { rep: RepId::parse(&hold.rep)?, until: Millis(hold.until) });
    let hold = from.hold.map(hold).transpose()?.map(Box::new);
    let pushed = match from.pushed_to.as_str() {
        "" => None,
        pool => Some(Box::new(Pushed { pool: PoolId::parse(pool)?, at: Millis(from.pushed_at) })),
    };
    Ok(Lead {
        id: LeadId::parse(&from.lead_id)?,
        facts: Facts {
            company: company_from_stored(from.company.unwrap_or_default()),
            source: Source::parse(&from.source)?,
            stage: stage_from_stored(from.stage)?,
            score,
            grade: from.grade,
            product_interest: from.product_interest,
            qualification: qualification_from_stored(from.qualification.unwrap_or_default()),
            captured_at: Millis(from.captured_at),
        },
        place,
        fence: Fence(from.fence),
        routed_at: Millis(from.routed_at),
        placed_at: Millis(from.placed_at),
        left_out,
        reroutes: from.reroutes,
        hold,
        opportunity_at: (from.opportunity_at != 0).then_some(Millis(from.opportunity_at)),
        waits_for: NonZeroU32::new(from.waits_for),
        turn: from.turn.map(turn_from_stored).transpose()?.map(Box::new),
        barred: from.barred.into_iter().map(barred_from_stored).collect::<Result<_, _>>()?,
        act_by: (from.act_by != 0).then_some(Millis(from.act_by)),
        pushed,
        acts: Acts { last_activity_at: moment(from.last_activity_at), erased_at: moment(from.erased_at) },
        position: from.position,
    })
}

fn barred_to_stored(barred: &Barred) -> stored::Barred {
    stored::Barred { rep: barred.rep.to_string(), since: barred.since.0 }
}

fn barred_from_stored(from: stored::Barred) -> Result<Barred, Fault> {
    Ok(Barred { rep: RepId::parse(&from.rep)?, since: Millis(from.since) })
}

fn moment(at: i64) -> Option<Millis> {
    (at != 0).then_some(Millis(at))
}

fn turn_to_stored(turn: &Turn) -> stored::LeadTurn {
    stored::LeadTurn {
        team: turn.team.to_string(),
        rep: turn.rep.to_string(),
        score: turn.score.map(i32::from),
        credited: turn.credited,
    }
}

fn turn_from_stored(from: stored::LeadTurn) -> Result<Turn, Fault> {
    Ok(Turn {
        team: TeamId::parse(&from.team)?,
        rep: RepId::parse(&from.rep)?,
        score: score_from_stored(from.score)?,
        credited: from.credited,
    })
}

fn score_from_stored(score: Option<i32>) -> Result<Option<u8>, Fault> {
    score.map(u8::try_from).transpose().map_err(|_| Fault::Other("score out of range"))
}

pub(super) fn person_to_stored(lead: LeadId, person: &Person) -> stored::Person {
    stored::Person {
        lead_id: lead.to_string(),
        name: person.name.clone(),
        title: person.title.clone(),
        email: person.email.clone(),
        phone: person.phone.clone(),
        notes: person.notes.clone(),
        attributes: person.attributes.clone(),
        engagement: (person.engagement != Engagement::default()).then(|| stored::Engagement {
            opens: person.engagement.opens,
            visits: person.engagement.visits,
            counters: person.engagement.counters.clone(),
        }),
        form_responses: person.form_responses.clone(),
        act_notes: person.act_notes.iter().map(|(fence, note)| (fence.0, note.clone())).collect(),
    }
}

pub(super) fn person_from_stored(from: stored::Person) -> Person {
    let stored::Engagement { opens, visits, counters } = from.engagement.unwrap_or_default();
    Person {
        name: from.name,
        title: from.title,
        email: from.email,
        phone: from.phone,
        notes: from.notes,
        attributes: from.attributes,
        engagement: Engagement { opens, visits, counters },
        form_responses: from.form_responses,
        act_notes: from.act_notes.into_iter().map(|(fence, note)| (Fence(fence), note)).collect(),
    }
}

fn company_to_stored(company: &Company) -> stored::Company {
    stored::Company {
        name: company.name.clone(),
        domain: company.domain.clone(),
        employees: company.employees,
        industry: company.industry.clone(),
        country: company.country.clone(),
        region: company.region.clone(),
        city: company.city.clone(),
    }
}

/// One of which nothing is known takes no room.
fn qualification_to_stored(known: &Qualification) -> Option<stored::Qualification> {
    let to = stored::Qualification {
        budget: known.budget.clone(),
        timeline: known.timeline.clone(),
        authority: known.authority.clone(),
    };
    (*known != Qualification::default()).then_some(to)
}

fn qualification_from_stored(from: stored::Qualification) -> Qualification {
    Qualification { budget: from.budget, timeline: from.timeline, authority: from.authority }
}

fn company_from_stored(from: stored::Company) -> Company {
    Company {
        name: from.name,
        domain: from.domain,
        employees: from.employees,
        industry: from.industry,
        country: from.country,
        region: from.region,
        city: from.city,
    }
}

fn stage_to_stored(stage: Stage) -> u32 {
    match stage {
        Stage::Unknown => 0,
        Stage::Icp => 1,
        Stage::Mql => 2,
        Stage::Sql => 3,
    }
}

fn stage_from_stored(stage: u32) -> Result<Stage, Fault> {
    Ok(match stage {
        0 => Stage::Unknown,
        1 => Stage::Icp,
        2 => Stage::Mql,
        3 => Stage::Sql,
        _ => return Err(Fault::Other("unknown stage")),
    })
}
