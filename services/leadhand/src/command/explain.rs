//! `leadhand explain` and `leadhand why-not`: why a lead went where it went, from what was stored with the decision.

use leadhand_proto::event::v1::event::Kind;
use leadhand_proto::event::v1::{Decision, Event, RotationTrace};
use leadhand_proto::explain::v1::{
    ExplainDecisionRequest, ExplainDecisionResponse, Replay, ReplayVerdict, WhyNotReason, WhyNotRequest, WhyNotResponse,
};
use serde_json::{Value, json};

use crate::cli;
use crate::client::Session;
use crate::event::{self, decision};
use crate::failure::{Exit, Failure};
use crate::output;

/// Runs `explain`.
pub(super) async fn explain(session: &Session, args: cli::Explain) -> Result<Exit, Failure> {
    let request = ExplainDecisionRequest { workspace: session.workspace.clone(), lead_id: args.lead };
    let send = |request| {
        let mut client = session.explain();
        async move { client.explain_decision(request).await }
    };
    let ExplainDecisionResponse { event, replay } = session.call(request, send).await?;
    let (event, replay) = (event.unwrap_or_default(), replay.unwrap_or_default());
    if session.json {
        let rep = Some(&replay.rep_id).filter(|rep| !rep.is_empty());
        let replayed = json!({ "verdict": verdict_name(&replay), "rep_id": rep });
        output::json(&json!({ "event": event::json(&event), "replay": replayed }))?;
        return Ok(Exit::Done);
    }
    for (name, value) in facts(&event, &replay) {
        output::line(format_args!("{name:<14}{value}"))?;
    }
    let decision = event.decision.unwrap_or_default();
    if let Some(rotation) = &decision.rotation {
        output::line("")?;
        let rows = rotation.candidates.iter().zip(1..).map(|(candidate, place)| {
            let counts = [i32::to_string(&place), candidate.rep_id.clone()];
            let numbers = [candidate.weight.to_string(), candidate.given.to_string()];
            counts.into_iter().chain(numbers).chain([decision::standing(candidate)]).collect()
        });
        output::print_table(&output::table(&["turn", "rep", "weight", "had", "stood"], &[0, 2, 3], rows))?;
        let unshown = (rotation.present as usize).saturating_sub(rotation.candidates.len());
        if unshown > 0 {
            output::line(format_args!("and {unshown} after these"))?;
        }
    }
    if !decision.skips.is_empty() {
        output::line("")?;
        let rows = decision.skips.iter().map(|skip| vec![skip.rep_id.clone(), decision::why_skipped(skip)]);
        output::print_table(&output::table(&["passed over", "why"], &[], rows))?;
    }
    Ok(Exit::Done)
}

/// Runs `why-not`.
pub(super) async fn why_not(session: &Session, args: cli::WhyNot) -> Result<Exit, Failure> {
    let cli::WhyNot { lead, rep } = args;
    let request = WhyNotRequest { workspace: session.workspace.clone(), lead_id: lead.clone(), rep_id: rep.clone() };
    let send = |request| {
        let mut client = session.explain();
        async move { client.why_not(request).await }
    };
    let why = session.call(request, send).await?;
    if session.json {
        output::json(&json!({
            "lead_id": lead,
            "rep_id": rep,
            "reason": reason_name(&why),
            "skip": why.skip.as_ref().map(decision::skip_json),
            "turn": place(&why, &rep).map(|place| place + 1),
            "event": why.event.as_ref().map_or(Value::Null, event::json),
        }))?;
    } else {
        output::line(sentence(&rep, &why))?;
    }
    Ok(Exit::Done)
}

/// What is known of a decision, name by name; what there is nothing to tell of is left out.
fn facts(event: &Event, replay: &Replay) -> Vec<(&'static str, String)> {
    let decision = event.decision.clone().unwrap_or_default();
    let [lead, went, source, score] = subject(event);
    let list = |names: &[String]| names.join(", ");
    let facts = [
        ("lead", lead),
        ("went", went),
        ("decided", output::local(event.occurred_at.as_ref())),
        ("because", event::cause_of(event).map(str::to_owned).unwrap_or_default()),
        ("source", source),
        ("score", score),
        ("policy", format!("version {}", decision.policy_version)),
        ("route", decision.route.clone()),
        ("passed", list(&decision.passed)),
        ("not known", list(&decision.missing)),
        ("enriched", decision.enrichment.as_ref().map(decision::learnt).unwrap_or_default()),
        ("account", account(&decision)),
        ("counts in", decision.charged_team_id.clone()),
        ("mix", mix(&decision)),
        ("rotation", decision.rotation.as_ref().map(rotation).unwrap_or_default()),
        ("seed", decision.rotation.as_ref().map(|it| it.seed.to_string()).unwrap_or_default()),
        ("chosen again", verdict(replay)),
    ];
    facts.into_iter().filter(|(_, value)| !value.is_empty()).collect()
}

/// The lead, where it went, its source and its score.
fn subject(event: &Event) -> [String; 4] {
    let score = |score: Option<i32>| score.map(|score| score.to_string()).unwrap_or_default();
    match event.kind.clone() {
        Some(Kind::LeadAssigned(it)) => {
            let by = event::by(&it.team_id, &it.account_id, it.escalated);
            [it.lead_id, format!("to {}{by}", it.rep_id), it.source, score(it.score)]
        }
        Some(Kind::LeadOffered(it)) => {
            let by = event::by(&it.team_id, &it.account_id, false);
            [it.lead_id, format!("offered to {}{by}", it.rep_id), it.source, score(it.score)]
        }
        Some(Kind::LeadPooled(it)) => [it.lead_id, format!("into pool {}", it.pool_id), it.source, score(it.score)],
        Some(Kind::LeadHeld(it)) => {
            [it.lead_id, "nowhere: nobody could take it".to_owned(), it.source, score(it.score)]
        }
        Some(Kind::LeadClaimed(it)) => {
            let went = format!("to {}, who claimed it from {}", it.rep_id, it.pool_id);
            [it.lead_id, went, it.source, score(it.score)]
        }
        _ => [const { String::new() }; 4],
    }
}

fn account(decision: &Decision) -> String {
    let Some(trace) = &decision.account else { return String::new() };
    let by = event::account_match(trace.by);
    match trace.others {
        0 => format!("{}, by {by}", trace.account_id),
        others => format!("{}, by {by}; {others} others gave way", trace.account_id),
    }
}

fn mix(decision: &Decision) -> String {
    let told = |decided: u64, percent: u32| format!("pushes {percent} of 100; this was lead {}", decided + 1);
    decision.mix.as_ref().map(|mix| told(mix.decided, mix.push_percent)).unwrap_or_default()
}

fn rotation(trace: &RotationTrace) -> String {
    let of_weight = if trace.total_weight > 0 { format!(" of weight {}", trace.total_weight) } else { String::new() };
    let by = decision::kind(trace);
    format!("{} by {by}, {} leads so far, {} present{of_weight}", trace.team_id, trace.given, trace.present)
}

fn verdict_name(replay: &Replay) -> &'static str {
    match replay.verdict() {
        ReplayVerdict::Same => "same",
        ReplayVerdict::Different => "different",
        ReplayVerdict::NoRotation => "no_rotation",
        ReplayVerdict::Unspecified => "unknown",
    }
}

fn verdict(replay: &Replay) -> String {
    match (replay.verdict(), replay.rep_id.as_str()) {
        (ReplayVerdict::Same, rep) => format!("{rep}, the same"),
        (ReplayVerdict::Different, "") => "NOBODY: what is stored does not tell of the choice".to_owned(),
        (ReplayVerdict::Different, rep) => format!("{rep}: NOT the one who got it"),
        (ReplayVerdict::NoRotation, _) => "no rotation chose".to_owned(),
        (ReplayVerdict::Unspecified, _) => String::new(),
    }
}

fn reason_name(why: &WhyNotResponse) -> &'static str {
    match why.reason() {
        WhyNotReason::GotIt => "got_it",
        WhyNotReason::Skipped => "skipped",
        WhyNotReason::NotTheTurn => "not_the_turn",
        WhyNotReason::OtherRoute => "other_route",
        WhyNotReason::Pooled => "pooled",
        WhyNotReason::NotAsked => "not_asked",
        WhyNotReason::Unspecified => "unknown",
    }
}

/// The rep's place among those whose turn it could have been, from 0; `None` when it is not shown there.
fn place(why: &WhyNotResponse, rep: &str) -> Option<usize> {
    let rotation = why.event.as_ref()?.decision.as_ref()?.rotation.as_ref()?;
    rotation.candidates.iter().position(|candidate| candidate.rep_id == rep)
}

/// Why not, in one sentence.
fn sentence(rep: &str, why: &WhyNotResponse) -> String {
    let event = why.event.clone().unwrap_or_default();
    let [_, to, ..] = subject(&event);
    let went = if to.starts_with("offered") { format!("was {to}") } else { format!("went {to}") };
    let candidates = event.decision.iter().flat_map(|it| &it.rotation).flat_map(|it| &it.candidates);
    let stood = |place: usize| candidates.clone().nth(place).map(decision::standing).unwrap_or_default();
    let route = event.decision.as_ref().map(|it| it.route.clone()).unwrap_or_default();
    match (why.reason(), &why.skip, place(why, rep)) {
        (WhyNotReason::GotIt, ..) => format!("{rep} got it"),
        (WhyNotReason::Skipped, Some(skip), _) => {
            format!("{rep} was passed over: {}; the lead {went}", decision::why_skipped(skip))
        }
        (WhyNotReason::NotTheTurn, _, Some(place)) => format!(
            "it was not {rep}'s turn but number {} in line ({}); the lead {went} ({})",
            place + 1,
            stood(place),
            stood(0)
        ),
        (WhyNotReason::NotTheTurn, ..) => {
            format!("it was not {rep}'s turn: {} others and more were before; the lead {went}", candidates.count())
        }
        (WhyNotReason::OtherRoute, ..) if route.is_empty() => format!("a manager decided: the lead {went}"),
        (WhyNotReason::OtherRoute, ..) => format!("route `{route}` leads to others; the lead {went}"),
        (WhyNotReason::Pooled, ..) => format!("the lead {went}"),
        (WhyNotReason::NotAsked, ..) => format!("nobody could take the lead, and {rep} is not among those who came up"),
        (WhyNotReason::Skipped | WhyNotReason::Unspecified, ..) => {
            "for a reason this version of the command line does not know".to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use leadhand_proto::event::v1::candidate::Standing;
    use leadhand_proto::event::v1::{Candidate, Cause, LeadAssigned, Load, RotationKind, Skip, SkipReason};

    use super::*;

    fn event() -> Event {
        let candidate = |rep: &str, open| Candidate {
            rep_id: rep.into(),
            weight: 1,
            given: 3,
            standing: Some(Standing::Load(Load { open, last_turn: 5 })),
        };
        let rotation = RotationTrace {
            team_id: "inbound".into(),
            given: 6,
            kind: RotationKind::Load.into(),
            seed: 77,
            present: 3,
            candidates: vec![candidate("ana", 1), candidate("bo", 2)],
            ..RotationTrace::default()
        };
        Event {
            kind: Some(Kind::LeadAssigned(LeadAssigned {
                lead_id: "l1".into(),
                rep_id: "ana".into(),
                team_id: "inbound".into(),
                source: "webinar".into(),
                cause: Cause::New.into(),
                ..LeadAssigned::default()
            })),
            decision: Some(Decision {
                policy_version: 4,
                route: "default".into(),
                passed: vec!["field".into()],
                missing: vec!["score".into()],
                rotation: Some(rotation),
                ..Decision::default()
            }),
            ..Event::default()
        }
    }

    #[test]
    fn a_decision_is_told_by_what_there_is_to_tell() {
        let replay = Replay { verdict: ReplayVerdict::Same.into(), rep_id: "ana".into() };
        let facts = facts(&event(), &replay);
        let value = |name| facts.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str());
        assert_eq!(value("went"), Some("to ana of inbound"));
        assert_eq!(
            (value("policy"), value("route"), value("passed")),
            (Some("version 4"), Some("default"), Some("field"))
        );
        assert_eq!((value("not known"), value("because")), (Some("score"), Some("new")));
        assert_eq!(value("rotation"), Some("inbound by load, 6 leads so far, 3 present"));
        assert_eq!((value("seed"), value("chosen again")), (Some("77"), Some("ana, the same")));
        assert_eq!((value("score"), value("mix"), value("account")), (None, None, None));
    }

    #[test]
    fn why_not_is_one_sentence() {
        let why = |reason: WhyNotReason, skip| WhyNotResponse { reason: reason.into(), skip, event: Some(event()) };
        let turn = why(WhyNotReason::NotTheTurn, None);
        let told = "it was not bo's turn but number 2 in line (2 open, last turn 5); \
                    the lead went to ana of inbound (1 open, last turn 5)";
        assert_eq!(sentence("bo", &turn), told);
        let told = "it was not cy's turn: 2 others and more were before; the lead went to ana of inbound";
        assert_eq!(sentence("cy", &turn), told);
        let skip = Skip { rep_id: "dee".into(), reason: SkipReason::AtCapacity.into(), unavailable: 0 };
        let skipped = why(WhyNotReason::Skipped, Some(skip));
        assert_eq!(sentence("dee", &skipped), "dee was passed over: at capacity; the lead went to ana of inbound");
        let other = why(WhyNotReason::OtherRoute, None);
        assert_eq!(sentence("eli", &other), "route `default` leads to others; the lead went to ana of inbound");
        let held = why(WhyNotReason::NotAsked, None);
        assert_eq!(sentence("eli", &held), "nobody could take the lead, and eli is not among those who came up");
        assert_eq!(sentence("ana", &why(WhyNotReason::GotIt, None)), "ana got it");
    }
}
