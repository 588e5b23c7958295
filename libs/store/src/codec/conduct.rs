//! What is held against a rep, in records and in events.

use leadhand_domain::conduct::lift::{self, Told};
use leadhand_domain::conduct::{Conduct, Ended, Lifted, MAX_MISSES, Miss, Suspended, Suspension, Why};
use leadhand_domain::guardrail::tier::{Calculated, Tier};
use leadhand_domain::id::{LeadId, RepId};
use leadhand_domain::time::Millis;
use leadhand_proto::conduct_wire;
use leadhand_proto::event::v1 as wire;
use leadhand_proto::store::v1 as stored;
use leadhand_proto::time::timestamp;

use super::Fault;

pub(super) fn to_stored(conduct: &Conduct) -> stored::RepConduct {
    debug_assert!(conduct.misses.len() <= MAX_MISSES);
    stored::RepConduct {
        rep: conduct.rep.to_string(),
        misses: conduct.misses.iter().map(miss_to_stored).collect(),
        answers: conduct.answers.clone(),
        suspensions: conduct.suspensions.iter().map(suspension_to_stored).collect(),
        suspended_from: conduct.suspended.map_or(0, |(from, _)| from.0),
        suspended_until: conduct.suspended.map_or(0, |(_, until)| until.0),
        tier: conduct.tier.map_or(0, |calculated| calculated.tier.number()),
        tier_at: conduct.tier.map_or(0, |calculated| calculated.at.0),
    }
}

pub(super) fn from_stored(from: stored::RepConduct) -> Result<Conduct, Fault> {
    Ok(Conduct {
        rep: RepId::parse(&from.rep)?,
        misses: from.misses.into_iter().map(miss_from_stored).collect::<Result<_, _>>()?,
        answers: from.answers,
        suspensions: from.suspensions.into_iter().map(suspension_from_stored).collect::<Result<_, _>>()?,
        suspended: (from.suspended_until > 0).then_some((Millis(from.suspended_from), Millis(from.suspended_until))),
        tier: match from.tier {
            0 => None,
            tier => {
                let tier = Tier::of(tier).ok_or(Fault::Other("a tier that there is not"))?;
                Some(Calculated { tier, at: Millis(from.tier_at) })
            }
        },
    })
}

fn miss_to_stored(miss: &Miss) -> stored::MissedContact {
    stored::MissedContact { lead: miss.lead.bytes().to_vec(), at: miss.at.0, spent: miss.spent, lifted: miss.lifted }
}

fn miss_from_stored(from: stored::MissedContact) -> Result<Miss, Fault> {
    let lead = from.lead.try_into().map_err(|_| Fault::Other("the lead is not 16 bytes"))?;
    Ok(Miss { lead: LeadId::of_bytes(lead), at: Millis(from.at), spent: from.spent, lifted: from.lifted })
}

fn suspension_to_stored(suspension: &Suspension) -> stored::Suspension {
    let (misses, accepted, offers) = figures(suspension.why);
    stored::Suspension {
        from: suspension.from.0,
        until: suspension.until.0,
        misses,
        accepted,
        offers,
        lifted_by: suspension.lifted.as_ref().map(|lifted| lifted.by.to_string()).unwrap_or_default(),
        lift_reason: suspension.lifted.as_ref().map_or(0, |lifted| reason_to_stored(lifted.reason)),
    }
}

fn suspension_from_stored(from: stored::Suspension) -> Result<Suspension, Fault> {
    let why = match from.misses {
        0 => Why::Acceptance { accepted: from.accepted, of: from.offers },
        misses => Why::Misses(misses),
    };
    let lifted = match from.lifted_by.as_str() {
        "" => None,
        by => Some(Lifted { by: RepId::parse(by)?, reason: reason_from_stored(from.lift_reason)? }),
    };
    Ok(Suspension { from: Millis(from.from), until: Millis(from.until), why, lifted })
}

fn figures(why: Why) -> (u32, u32, u32) {
    match why {
        Why::Misses(misses) => (misses, 0, 0),
        Why::Acceptance { accepted, of } => (0, accepted, of),
    }
}

fn reason_to_stored(why: lift::Why) -> u32 {
    match why {
        lift::Why::BadLead => 1,
        lift::Why::Absent => 2,
        lift::Why::SystemFault => 3,
        lift::Why::NotRecorded => 4,
        lift::Why::Goodwill => 5,
        lift::Why::Other => 6,
    }
}

fn reason_from_stored(why: u32) -> Result<lift::Why, Fault> {
    Ok(match why {
        1 => lift::Why::BadLead,
        2 => lift::Why::Absent,
        3 => lift::Why::SystemFault,
        4 => lift::Why::NotRecorded,
        5 => lift::Why::Goodwill,
        6 => lift::Why::Other,
        _ => return Err(Fault::Other("lifted for an unknown reason")),
    })
}

pub(super) fn suspended(suspended: &Suspended) -> wire::RepSuspended {
    let (misses, accepted, offers) = figures(suspended.why);
    wire::RepSuspended {
        rep_id: suspended.rep.to_string(),
        until: Some(timestamp(suspended.until)),
        cause: conduct_wire::cause(suspended.why).into(),
        misses,
        accepted,
        offers,
    }
}

pub(super) fn ended(ended: &Ended) -> wire::SuspensionEnded {
    wire::SuspensionEnded {
        rep_id: ended.rep.to_string(),
        suspended_at: Some(timestamp(ended.from)),
        lifted: ended.lifted,
    }
}

pub(super) fn lifted(told: &Told) -> wire::PenaltyLifted {
    wire::PenaltyLifted {
        rep_id: told.rep.to_string(),
        manager_id: told.by.to_string(),
        reason: conduct_wire::lift_reason(told.why).into(),
        missed_lead_ids: told.misses.iter().map(ToString::to_string).collect(),
        suspended_until: told.suspended_until.map(timestamp),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::{Version, decode, encode};
    use leadhand_domain::record::{Key, Record};

    #[test]
    fn what_is_held_against_a_rep_reads_back_as_it_was() {
        let rep = RepId::parse("ana").unwrap();
        let miss = |n, spent, lifted| Miss { lead: LeadId::new(Millis(n), [7; 10]), at: Millis(n), spent, lifted };
        let whys = [1, 2, 3, 4, 5, 6].map(|number| reason_from_stored(number).unwrap());
        let lifted = whys.map(|reason| Some(Lifted { by: RepId::parse("max").unwrap(), reason }));
        let suspension = |lifted| Suspension { from: Millis(1), until: Millis(9), why: Why::Misses(3), lifted };
        let why = Why::Acceptance { accepted: 0, of: 10 };
        let mut suspensions: Vec<Suspension> = lifted.into_iter().map(suspension).collect();
        suspensions.push(Suspension { why, ..suspension(None) });
        let misses = vec![miss(-4, false, false), miss(5, true, false), miss(6, false, true)];
        let conduct = Conduct { misses, answers: vec![true, false], suspensions, ..Conduct::clean(rep.clone()) };
        let calculated = Some(Calculated { tier: Tier::Third, at: Millis(7) });
        let told = Conduct { suspended: Some((Millis(-5), Millis(3))), tier: calculated, ..conduct.clone() };
        for record in [conduct, told].map(Record::Conduct) {
            let version = Version::random();
            let read = decode(&Key::Conduct(rep.clone()), &encode(version, &record)).unwrap();
            assert_eq!(read, (Some(version), record));
        }
    }

    proptest::proptest! {
        #[test]
        fn damaged_bytes_are_an_error_not_a_panic(
            bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..80),
        ) {
            let _ = decode(&Key::Conduct(RepId::parse("ana").unwrap()), &bytes);
        }
    }
}
