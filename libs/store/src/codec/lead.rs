//! Leads and their personal data.

use leadhand_domain::id::{Fence, LeadId, PoolId, RepId, Source, TeamId};
use leadhand_domain::lead::{Company, Facts, Lead, Person, Place, Stage, Via};
use leadhand_domain::time::Millis;
use leadhand_proto::store::v1 as stored;

use super::Fault;

const ASSIGNED: u32 = 1;
const POOLED: u32 = 2;

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
        ..stored::Lead::default()
    };
    match &lead.place {
        Place::Pooled { pool } => {
            to.place = POOLED;
            to.pool = pool.to_string();
        }
        Place::Assigned { owner, via, contact_due, contacted_at } => {
            to.place = ASSIGNED;
            to.owner = owner.to_string();
            to.contact_due = contact_due.0;
            to.contacted_at = contacted_at.map_or(0, |at| at.0);
            match via {
                Via::Rotation(team) => to.team = team.to_string(),
                Via::Claim(pool) => to.pool = pool.to_string(),
            }
        }
    }
    to
}

pub(super) fn from_stored(from: stored::Lead) -> Result<Lead, Fault> {
    let place = match from.place {
        POOLED => Place::Pooled { pool: PoolId::parse(&from.pool)? },
        ASSIGNED => Place::Assigned {
            owner: RepId::parse(&from.owner)?,
            via: match from.team.as_str() {
                "" => Via::Claim(PoolId::parse(&from.pool)?),
                team => Via::Rotation(TeamId::parse(team)?),
            },
            contact_due: Millis(from.contact_due),
            contacted_at: (from.contacted_at != 0).then_some(Millis(from.contacted_at)),
        },
        _ => return Err(Fault::Other("unknown place")),
    };
    let score = from.score.map(u8::try_from).transpose();
    Ok(Lead {
        id: LeadId::parse(&from.lead_id)?,
        facts: Facts {
            company: company_from_stored(from.company.unwrap_or_default()),
            source: Source::parse(&from.source)?,
            stage: stage_from_stored(from.stage)?,
            score: score.map_err(|_| Fault::Other("score out of range"))?,
            grade: from.grade,
            product_interest: from.product_interest,
            captured_at: Millis(from.captured_at),
        },
        place,
        fence: Fence(from.fence),
        routed_at: Millis(from.routed_at),
        placed_at: Millis(from.placed_at),
        position: from.position,
    })
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
    }
}

pub(super) fn person_from_stored(from: stored::Person) -> Person {
    Person {
        name: from.name,
        title: from.title,
        email: from.email,
        phone: from.phone,
        notes: from.notes,
        attributes: from.attributes,
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
