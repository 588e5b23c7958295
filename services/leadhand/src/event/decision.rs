//! Decisions: who could have had a lead, who was passed over, and what the choice rested on.

use leadhand_proto::event::v1::candidate::Standing;
use leadhand_proto::event::v1::{Candidate, Decision, Enrichment, Fixed, RotationTrace, Skip, SkipReason};
use serde_json::{Value, json};

use super::name::{account_match, enrichment_failure, rotation_kind, skip_reason, unavailable};

/// A decision for programs. The seed is a text: not every program keeps 64 bits of a number.
pub(crate) fn json(decision: &Decision) -> Value {
    let account = decision.account.as_ref().map(|it| {
        json!({
            "account_id": it.account_id,
            "by": account_match(it.by),
            "others": it.others,
        })
    });
    json!({
        "policy_version": decision.policy_version,
        "route": decision.route,
        "skips": decision.skips.iter().map(skip_json).collect::<Vec<_>>(),
        "rotation": decision.rotation.as_ref().map(rotation_json),
        "passed": decision.passed,
        "missing": decision.missing,
        "account": account,
        "mix": decision.mix.as_ref().map(|it| json!({ "decided": it.decided, "push_percent": it.push_percent })),
        "charged_team_id": Some(&decision.charged_team_id).filter(|team| !team.is_empty()),
        "enrichment": decision.enrichment.as_ref().map(enrichment),
    })
}

fn enrichment(it: &Enrichment) -> Value {
    json!({ "filled": it.filled, "refused": it.refused, "failure": enrichment_failure(it.failure) })
}

/// What was learnt of the company before the lead was routed, for people.
pub(crate) fn learnt(it: &Enrichment) -> String {
    let list = |fields: &[String]| fields.join(", ");
    match (enrichment_failure(it.failure), it.filled.is_empty()) {
        (Some(failure), _) => format!("nothing: {}", failure.replace('_', " ")),
        (None, true) if it.refused.is_empty() => "nothing".to_owned(),
        (None, true) => format!("nothing; left out {}", list(&it.refused)),
        (None, false) if it.refused.is_empty() => list(&it.filled),
        (None, false) => format!("{}; left out {}", list(&it.filled), list(&it.refused)),
    }
}

/// Who was passed over, for programs.
pub(crate) fn skip_json(skip: &Skip) -> Value {
    let unavailable = Some(unavailable(skip.unavailable)).filter(|reason| !reason.is_empty());
    json!({ "rep_id": skip.rep_id, "reason": skip_reason(skip.reason), "unavailable": unavailable })
}

fn rotation_json(trace: &RotationTrace) -> Value {
    json!({
        "team_id": trace.team_id,
        "by": rotation_kind(trace.kind),
        "given": trace.given,
        "seed": trace.seed.to_string(),
        "room": trace.room,
        "present": trace.present,
        "total_weight": trace.total_weight,
        "candidates": trace.candidates.iter().map(candidate_json).collect::<Vec<_>>(),
    })
}

fn candidate_json(candidate: &Candidate) -> Value {
    let (owed, level, open, last_turn) = match &candidate.standing {
        Some(Standing::Owed(owed)) => (Some(leads(owed)), None, None, None),
        Some(Standing::Level(level)) => (None, Some(points(level)), None, None),
        Some(Standing::Load(load)) => (None, None, Some(load.open), Some(load.last_turn)),
        None => (None, None, None, None),
    };
    json!({
        "rep_id": candidate.rep_id,
        "weight": candidate.weight,
        "given": candidate.given,
        "owed": owed,
        "score_level": level,
        "open": open,
        "last_turn": last_turn,
    })
}

/// Why somebody was passed over, for people.
pub(crate) fn why_skipped(skip: &Skip) -> String {
    match unavailable(skip.unavailable) {
        unnamed if unnamed.is_empty() => match SkipReason::try_from(skip.reason) {
            Ok(SkipReason::LeftOut) => "had or declined this lead before".to_owned(),
            Ok(SkipReason::Gone) => "has left".to_owned(),
            _ => skip_reason(skip.reason).replace('_', " "),
        },
        named => named.replace('_', " "),
    }
}

/// How the team took turns, for people.
pub(crate) fn kind(trace: &RotationTrace) -> &'static str {
    rotation_kind(trace.kind)
}

/// Where a candidate stood, for people.
pub(crate) fn standing(candidate: &Candidate) -> String {
    match &candidate.standing {
        Some(Standing::Owed(owed)) => {
            let owed = leads(owed);
            if owed < 0.0 { format!("{:.3} leads ahead", -owed) } else { format!("owed {owed:.3} leads") }
        }
        Some(Standing::Level(level)) => format!("score level {:.1}", points(level)),
        Some(Standing::Load(load)) if load.last_turn == 0 => format!("{} open, never had a turn", load.open),
        Some(Standing::Load(load)) => format!("{} open, last turn {}", load.open, load.last_turn),
        None => "-".to_owned(),
    }
}

fn leads(number: &Fixed) -> f64 {
    // As good as 53 bits can tell it: for people to read, not to choose by.
    number.high as f64 + number.low as f64 / 2f64.powi(64)
}

fn points(level: &Fixed) -> f64 {
    leads(level) * 256.0
}

#[cfg(test)]
mod tests {
    use leadhand_proto::event::v1::{EnrichmentFailure, Load, RotationKind};

    use super::*;

    fn candidate(standing: Standing) -> Candidate {
        Candidate { rep_id: "ana".into(), weight: 2, given: 7, standing: Some(standing) }
    }

    #[test]
    fn where_a_candidate_stood_is_told_in_its_own_terms() {
        let half = 1 << 63;
        let owed = |high, low| candidate(Standing::Owed(Fixed { high, low }));
        assert_eq!(standing(&owed(0, half)), "owed 0.500 leads");
        assert_eq!(standing(&owed(-1, half)), "0.500 leads ahead");
        assert_eq!(standing(&candidate(Standing::Level(Fixed { high: 3, low: half }))), "score level 896.0");
        let load = |open, last_turn| candidate(Standing::Load(Load { open, last_turn }));
        assert_eq!(standing(&load(4, 12)), "4 open, last turn 12");
        assert_eq!(standing(&load(0, 0)), "0 open, never had a turn");
        assert_eq!(standing(&Candidate::default()), "-");
    }

    #[test]
    fn what_was_learnt_and_who_was_passed_over_is_told_in_words() {
        let learnt_of = |filled: &[&str], refused: &[&str], failure: EnrichmentFailure| {
            let list = |fields: &[&str]| fields.iter().map(|field| (*field).to_owned()).collect();
            learnt(&Enrichment { filled: list(filled), refused: list(refused), failure: failure.into() })
        };
        let answered = EnrichmentFailure::Unspecified;
        assert_eq!(learnt_of(&["country", "employees"], &[], answered), "country, employees");
        assert_eq!(learnt_of(&["country"], &["region"], answered), "country; left out region");
        assert_eq!(learnt_of(&[], &[], answered), "nothing");
        assert_eq!(learnt_of(&[], &[], EnrichmentFailure::TimedOut), "nothing: timed out");
        let skip = |reason: SkipReason| why_skipped(&Skip { reason: reason.into(), ..Skip::default() });
        assert_eq!(skip(SkipReason::LeftOut), "had or declined this lead before");
        assert_eq!((skip(SkipReason::Gone), skip(SkipReason::AtCapacity)), ("has left".into(), "at capacity".into()));
    }

    #[test]
    fn programs_get_every_number() {
        let trace = RotationTrace {
            team_id: "inbound".into(),
            given: 9,
            kind: RotationKind::Weight.into(),
            seed: u64::MAX,
            room: 2,
            present: 2,
            total_weight: 3,
            candidates: vec![candidate(Standing::Owed(Fixed { high: 1, low: 1 << 62 }))],
        };
        let told = json(&Decision { rotation: Some(trace), ..Decision::default() });
        let rotation = &told["rotation"];
        assert_eq!((&rotation["by"], &rotation["seed"]), (&"weight".into(), &"18446744073709551615".into()));
        assert_eq!(
            (&rotation["candidates"][0]["owed"], &rotation["candidates"][0]["open"]),
            (&1.25.into(), &Value::Null)
        );
    }
}
