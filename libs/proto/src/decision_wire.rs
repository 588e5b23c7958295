//! Decisions between the domain and the wire, where events keep them. Nothing is lost on the way: what is read back replays.

use leadhand_domain::account::By;
use leadhand_domain::enrichment::{Enrichment, FIELDS, Failure};
use leadhand_domain::event::{AccountTrace, Decision, MixTrace, RotationTrace, Skip, SkipReason};
use leadhand_domain::id::{AccountId, RepId, TeamId};
use leadhand_domain::invalid::Invalid;
use leadhand_domain::rotation::{Candidate, Kind, Standing, Trace};

use crate::availability::v1::UnavailableReason;
use crate::availability_wire;
use crate::event::v1 as wire;
use crate::event::v1::candidate::Standing as WireStanding;

/// A decision, on the wire.
pub fn decision(decision: &Decision) -> wire::Decision {
    wire::Decision {
        policy_version: decision.policy_version,
        route: decision.route.clone(),
        skips: decision.skips.iter().map(skip).collect(),
        rotation: decision.rotation.as_ref().map(rotation),
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

/// A decision, from the wire; an error when it is not one that [`decision`] wrote.
pub fn read(from: &wire::Decision) -> Result<Decision, Invalid> {
    Ok(Decision {
        policy_version: from.policy_version,
        route: from.route.clone(),
        passed: from.passed.clone(),
        missing: from.missing.clone(),
        account: from.account.as_ref().map(read_account).transpose()?,
        skips: from.skips.iter().map(read_skip).collect::<Result<_, _>>()?,
        rotation: from.rotation.as_ref().map(read_rotation).transpose()?,
        mix: from.mix.map(|mix| MixTrace { decided: mix.decided, push_percent: mix.push_percent }),
        charged: (!from.charged_team_id.is_empty()).then(|| TeamId::parse(&from.charged_team_id)).transpose()?,
        enrichment: from.enrichment.as_ref().map(read_enrichment).transpose()?,
    })
}

/// Who was passed over, on the wire.
pub fn skip(skip: &Skip) -> wire::Skip {
    let (reason, unavailable) = match skip.reason {
        SkipReason::Unavailable(reason) => (wire::SkipReason::Busy, availability_wire::reason(reason)),
        SkipReason::AtCapacity => (wire::SkipReason::AtCapacity, UnavailableReason::Unspecified),
        SkipReason::LeftOut => (wire::SkipReason::LeftOut, UnavailableReason::Unspecified),
        SkipReason::Gone => (wire::SkipReason::Gone, UnavailableReason::Unspecified),
    };
    wire::Skip { rep_id: skip.rep.to_string(), reason: reason.into(), unavailable: unavailable.into() }
}

fn read_skip(from: &wire::Skip) -> Result<Skip, Invalid> {
    let reason = match from.reason() {
        wire::SkipReason::Busy => SkipReason::Unavailable(availability_wire::read_reason(from.unavailable)?),
        wire::SkipReason::AtCapacity => SkipReason::AtCapacity,
        wire::SkipReason::LeftOut => SkipReason::LeftOut,
        wire::SkipReason::Gone => SkipReason::Gone,
        wire::SkipReason::Unspecified => return Err(Invalid::new("not a SkipReason")),
    };
    Ok(Skip { rep: RepId::parse(&from.rep_id)?, reason })
}

/// By what an account was found, on the wire.
pub fn account_match(by: By) -> wire::AccountMatch {
    match by {
        By::Domain => wire::AccountMatch::Domain,
        By::Alias => wire::AccountMatch::Alias,
        By::Parent => wire::AccountMatch::Parent,
        By::Name => wire::AccountMatch::Name,
    }
}

fn read_account(from: &wire::AccountTrace) -> Result<AccountTrace, Invalid> {
    let by = match from.by() {
        wire::AccountMatch::Domain => By::Domain,
        wire::AccountMatch::Alias => By::Alias,
        wire::AccountMatch::Parent => By::Parent,
        wire::AccountMatch::Name => By::Name,
        wire::AccountMatch::Unspecified => return Err(Invalid::new("not an AccountMatch")),
    };
    Ok(AccountTrace { account: AccountId::parse(&from.account_id)?, by, others: from.others })
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

fn read_enrichment(from: &wire::Enrichment) -> Result<Enrichment, Invalid> {
    let names = |fields: &[String]| -> Result<Vec<_>, _> {
        let known = |field: &String| FIELDS.into_iter().find(|known| known == field);
        fields.iter().map(|field| known(field).ok_or_else(|| Invalid::new("not a field of a company"))).collect()
    };
    let failure = match from.failure() {
        wire::EnrichmentFailure::Unspecified => None,
        wire::EnrichmentFailure::NotConfigured => Some(Failure::NotConfigured),
        wire::EnrichmentFailure::TimedOut => Some(Failure::TimedOut),
        wire::EnrichmentFailure::Unavailable => Some(Failure::Unavailable),
        wire::EnrichmentFailure::Failed => Some(Failure::Failed),
        wire::EnrichmentFailure::Busy => Some(Failure::Busy),
        wire::EnrichmentFailure::Resting => Some(Failure::Resting),
    };
    Ok(Enrichment { filled: names(&from.filled)?, refused: names(&from.refused)?, failure })
}

fn rotation(trace: &RotationTrace) -> wire::RotationTrace {
    let Trace { kind, given, seed, room, present, total, candidates } = &trace.choice;
    wire::RotationTrace {
        team_id: trace.team.to_string(),
        given: *given,
        kind: rotation_kind(*kind).into(),
        seed: *seed,
        room: *room,
        present: *present,
        total_weight: *total,
        candidates: candidates.iter().map(candidate).collect(),
    }
}

fn read_rotation(from: &wire::RotationTrace) -> Result<RotationTrace, Invalid> {
    let kind = match from.kind() {
        wire::RotationKind::Equal => Kind::Equal,
        wire::RotationKind::Weight => Kind::Weight,
        wire::RotationKind::Attainment => Kind::Attainment,
        wire::RotationKind::Conversion => Kind::Conversion,
        wire::RotationKind::Load => Kind::Load,
        wire::RotationKind::Score => Kind::Score,
        wire::RotationKind::Unspecified => return Err(Invalid::new("not a RotationKind")),
    };
    let choice = Trace {
        kind,
        given: from.given,
        seed: from.seed,
        room: from.room,
        present: from.present,
        total: from.total_weight,
        candidates: from.candidates.iter().map(read_candidate).collect::<Result<_, _>>()?,
    };
    Ok(RotationTrace { team: TeamId::parse(&from.team_id)?, choice })
}

fn rotation_kind(kind: Kind) -> wire::RotationKind {
    match kind {
        Kind::Equal => wire::RotationKind::Equal,
        Kind::Weight => wire::RotationKind::Weight,
        Kind::Attainment => wire::RotationKind::Attainment,
        Kind::Conversion => wire::RotationKind::Conversion,
        Kind::Load => wire::RotationKind::Load,
        Kind::Score => wire::RotationKind::Score,
    }
}

fn candidate(candidate: &Candidate) -> wire::Candidate {
    let standing = match candidate.standing {
        Standing::Owed(owed) => WireStanding::Owed(fixed(owed)),
        Standing::Score(level) => WireStanding::Level(fixed(level)),
        Standing::Load { open, last_turn } => WireStanding::Load(wire::Load { open, last_turn }),
    };
    wire::Candidate {
        rep_id: candidate.rep.to_string(),
        weight: candidate.weight,
        given: candidate.given,
        standing: Some(standing),
    }
}

fn read_candidate(from: &wire::Candidate) -> Result<Candidate, Invalid> {
    let standing = match from.standing {
        Some(WireStanding::Owed(owed)) => Standing::Owed(number(owed)),
        Some(WireStanding::Level(level)) => Standing::Score(number(level)),
        Some(WireStanding::Load(wire::Load { open, last_turn })) => Standing::Load { open, last_turn },
        None => return Err(Invalid::new("a candidate without a standing")),
    };
    Ok(Candidate { rep: RepId::parse(&from.rep_id)?, weight: from.weight, given: from.given, standing })
}

fn fixed(number: i128) -> wire::Fixed {
    // The halves of the two's complement: the shift keeps the sign, the mask keeps 64 bits.
    wire::Fixed { high: (number >> 64) as i64, low: (number & i128::from(u64::MAX)) as u64 }
}

fn number(fixed: wire::Fixed) -> i128 {
    i128::from(fixed.high) << 64 | i128::from(fixed.low)
}

#[cfg(test)]
mod tests {
    use leadhand_domain::availability::status::Reason;
    use prost::Message;

    use super::*;

    fn everything(kind: Kind, standing: Standing, reason: SkipReason, by: By) -> Decision {
        let rep = |name: &str| RepId::parse(name).unwrap();
        let candidate = |name: &str| Candidate { rep: rep(name), weight: 10_000, given: 123_456, standing };
        Decision {
            policy_version: 3,
            route: "hand-raisers".into(),
            passed: vec!["field".into()],
            missing: vec!["score".into()],
            account: Some(AccountTrace { account: AccountId::parse("acme").unwrap(), by, others: 2 }),
            skips: vec![Skip { rep: rep("zoe"), reason }],
            rotation: Some(RotationTrace {
                team: TeamId::parse("inbound").unwrap(),
                choice: Trace {
                    kind,
                    given: 700_000,
                    seed: u64::MAX - 1,
                    room: 64,
                    present: 40,
                    total: 123,
                    candidates: ["ana-of-x", "bo", "cy", "dee", "eli"].map(candidate).into(),
                },
            }),
            mix: Some(MixTrace { decided: 9, push_percent: 60 }),
            charged: Some(TeamId::parse("field").unwrap()),
            enrichment: Some(Enrichment {
                filled: FIELDS[..2].to_vec(),
                refused: FIELDS[2..].to_vec(),
                failure: Some(Failure::TimedOut),
            }),
        }
    }

    /// Every variant, and numbers at the ends of their ranges, come back as they went.
    #[test]
    fn what_is_written_reads_back() {
        let kinds = [Kind::Equal, Kind::Weight, Kind::Attainment, Kind::Conversion, Kind::Load, Kind::Score];
        let numbers = [0, 1, -1, (1 << 64) - 1, 1 << 64, -(1 << 64), (1 << 96) + 7, -(1 << 96) - 7];
        let standings = numbers
            .into_iter()
            .flat_map(|number| [Standing::Owed(number), Standing::Score(number)])
            .chain([Standing::Load { open: u32::MAX, last_turn: u64::MAX }]);
        let reasons: Vec<_> = Reason::ALL
            .into_iter()
            .map(SkipReason::Unavailable)
            .chain([SkipReason::AtCapacity, SkipReason::LeftOut, SkipReason::Gone])
            .collect();
        let ways = [By::Domain, By::Alias, By::Parent, By::Name];
        for (n, standing) in standings.enumerate() {
            let written =
                everything(kinds[n % kinds.len()], standing, reasons[n % reasons.len()], ways[n % ways.len()]);
            let bytes = decision(&written).encode_to_vec();
            assert_eq!(read(&wire::Decision::decode(&bytes[..]).unwrap()), Ok(written));
        }
        assert_eq!(read(&wire::Decision::default()), Ok(Decision::default()));
    }

    #[test]
    fn what_nobody_wrote_is_not_guessed_at() {
        let rotation = |rotation| read(&wire::Decision { rotation: Some(rotation), ..Default::default() });
        assert!(rotation(wire::RotationTrace { team_id: "t".into(), ..Default::default() }).is_err(), "no kind");
        let candidates = vec![wire::Candidate { rep_id: "ana".into(), ..Default::default() }];
        let kind = wire::RotationKind::Load.into();
        let bare = wire::RotationTrace { team_id: "t".into(), kind, candidates, ..Default::default() };
        assert!(rotation(bare).is_err(), "no standing");
        let skips = vec![wire::Skip { rep_id: "ana".into(), ..Default::default() }];
        assert!(read(&wire::Decision { skips, ..Default::default() }).is_err(), "no reason");
    }

    /// A stored decision stays small, however large the team.
    #[test]
    fn a_rotation_takes_some_two_hundred_bytes() {
        let owed = Standing::Owed((1 << 63) + 12_345);
        let written = everything(Kind::Weight, owed, SkipReason::AtCapacity, By::Domain);
        let bytes = decision(&written).rotation.unwrap().encoded_len();
        assert!(bytes <= 220, "{bytes}");
    }
}
