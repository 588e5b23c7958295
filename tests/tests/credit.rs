//! Leads that were not worth their turn are credited back, once each; leads of accounts count as turns where the policy says so.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::{StreamExt, stream};
use leadhand_proto::event::v1::event::Kind;
use leadhand_proto::lead::v1::{Company, CreditReason, Lead};
use leadhand_proto::pool::v1::{GetLeadRequest, RecordOutcomeRequest};
use leadhand_proto::router::v1::route_lead_response::Outcome;
use leadhand_proto::router::v1::{Assigned, CreditLeadRequest, CreditLeadResponse, RouteLeadRequest};
use leadhand_proto::status::told;
use leadhand_tests::call::{WORKSPACE, apply_policy, claim, events, route};
use leadhand_tests::held::Held;
use leadhand_tests::{Replica, Suite};
use tonic::Status;

const WEIGHTS: [(&str, i64); 3] = [("ana", 3), ("bo", 2), ("cy", 1)];

fn policy(counts: bool) -> String {
    format!(
        "
manager: max
reps: [{{id: max}}]
teams: [{{id: in, capacity: 100000, reps: [{{id: ana, weight: 3}}, {{id: bo, weight: 2}}, {{id: cy}}]}}]
pools: [{{id: open}}]
accounts: [{{id: acme, domain: acme.example, owner: ana}}]
account_owner: {{counts: {counts}}}
routes: [{{name: content, sources: [content_download], pool: open}}]
default: {{rotate: in}}
"
    )
}

fn request(id: &str, lead: &str) -> CreditLeadRequest {
    CreditLeadRequest {
        workspace: WORKSPACE.into(),
        request_id: id.into(),
        lead_id: lead.into(),
        fence: None,
        reason: CreditReason::Unreachable.into(),
        requested_by: "max".into(),
    }
}

async fn credit(replica: &Replica, request: CreditLeadRequest) -> Result<CreditLeadResponse, Status> {
    Ok(replica.router().credit_lead(request).await?.into_inner())
}

async fn pushed(replica: &Replica, id: &str) -> (String, Assigned) {
    let routed = route(replica, "webinar", id).await.expect("routed");
    match routed.outcome {
        Some(Outcome::Assigned(assigned)) => (routed.lead_id, assigned),
        other => panic!("{other:?}"),
    }
}

/// Each count is within so many leads of its share.
#[track_caller]
fn assert_shares(counts: &BTreeMap<String, i64>, within: i64) {
    let all: i64 = counts.values().sum();
    for (rep, weight) in WEIGHTS {
        let off = 6 * counts.get(rep).copied().unwrap_or_default() - all * weight;
        assert!(off.abs() < 6 * within, "{rep}: {counts:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lead_is_credited_once_however_many_ask() {
    let suite = Arc::new(Suite::start(2).await);
    apply_policy(suite.replica(0), &policy(false)).await;
    let (lead, assigned) = pushed(suite.replica(0), "r1").await;
    let asked = (0..40).map(|n| {
        let (suite, lead) = (suite.clone(), lead.clone());
        tokio::spawn(async move { credit(suite.replica(n), request(&format!("c{n}"), &lead)).await })
    });
    let mut answers = Vec::new();
    for answer in asked.collect::<Vec<_>>() {
        let answer = answer.await.expect("no panic").expect("an ordinary answer");
        assert_eq!((&answer.rep_id, &answer.team_id), (&assigned.rep_id, &"in".to_owned()));
        answers.push(answer);
    }
    let first: Vec<_> = answers.iter().filter(|answer| !answer.already_credited).collect();
    let [first] = first[..] else { panic!("{answers:?}") };
    assert!(answers.iter().all(|answer| answer.already_credited == answer.position.is_empty()));
    let told = events(suite.replica(0)).await;
    let mut credited = told.iter().filter_map(|event| match &event.kind {
        Some(Kind::LeadCredited(it)) => Some((event, it)),
        _ => None,
    });
    let (event, it) = credited.next().expect("told");
    assert!(credited.next().is_none(), "told once");
    assert_eq!((&event.position, &it.lead_id, &it.rep_id), (&first.position, &lead, &assigned.rep_id));
    assert_eq!((it.reason(), it.requested_by.as_str()), (CreditReason::Unreachable, "max"));
    let held = Held::read(&suite.redis).await;
    held.assert_each_lead_in_one_place();
    assert_eq!(held.rotations["in"].given, 0);
    let seen = GetLeadRequest { workspace: WORKSPACE.into(), rep_id: assigned.rep_id.clone(), lead_id: lead };
    let state = suite.replica(1).pool().get_lead(seen).await.expect("a lead").into_inner().state.expect("a state");
    assert!(state.credited);
    assert_eq!(state.owner_rep_id, assigned.rep_id, "it stays where it is");
}

/// While the rotation gives leads to many callers: what is not credited follows the shares.
#[tokio::test(flavor = "multi_thread")]
async fn shares_follow_credits_under_load() {
    let suite = Arc::new(Suite::start(2).await);
    apply_policy(suite.replica(0), &policy(false)).await;
    let worked = stream::iter(0..600_usize).map(|n| {
        let suite = suite.clone();
        async move {
            let (lead, assigned) = pushed(suite.replica(n), &format!("r{n}")).await;
            // Every third is bad, and of the bad ones some are closed before that is said.
            if n % 3 == 0 {
                if n % 2 == 0 {
                    let request = RecordOutcomeRequest {
                        workspace: WORKSPACE.into(),
                        request_id: format!("o{n}"),
                        rep_id: assigned.rep_id.clone(),
                        lead_id: lead.clone(),
                        fence: assigned.fence,
                        outcome: 3,
                        amount: 0,
                    };
                    suite.replica(n).pool().record_outcome(request).await.expect("closed");
                }
                let fence = Some(assigned.fence);
                let answer =
                    credit(suite.replica(n + 1), CreditLeadRequest { fence, ..request(&format!("c{n}"), &lead) });
                assert!(!answer.await.expect("credited").already_credited);
            }
            (assigned.rep_id, i64::from(n % 3 != 0))
        }
    });
    let mut counts = BTreeMap::new();
    let worked: Vec<_> = worked.buffer_unordered(16).collect().await;
    for (rep, counted) in worked {
        *counts.entry(rep).or_default() += counted;
    }
    // What waits for a later turn has had it after these.
    for n in 0..60 {
        *counts.entry(pushed(suite.replica(n), &format!("last-{n}")).await.1.rep_id).or_default() += 1;
    }
    assert_shares(&counts, 3);
    let held = Held::read(&suite.redis).await;
    held.assert_each_lead_in_one_place();
    assert_eq!(held.rotations["in"].given, 460);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_credited_is_refused_by_name() {
    let suite = Suite::start(2).await;
    let replica = suite.replica(0);
    apply_policy(replica, &policy(false)).await;
    let reason = |answer: Result<CreditLeadResponse, Status>| told(&answer.expect_err("refused")).reason;
    let pooled = route(replica, "content_download", "p").await.expect("pooled").lead_id;
    assert_eq!(reason(credit(replica, request("c1", &pooled)).await), "NOT_COUNTED");
    claim(replica, "ana", &pooled).await.expect("claimed");
    assert_eq!(reason(credit(replica, request("c1", &pooled)).await), "NOT_COUNTED");
    let nowhere = "00000000-0000-7000-8000-000000000000";
    assert_eq!(reason(credit(replica, request("c1", nowhere)).await), "LEAD_UNKNOWN");
    let (lead, assigned) = pushed(replica, "r1").await;
    let stale = CreditLeadRequest { fence: Some(assigned.fence + 1), ..request("c1", &lead) };
    assert_eq!(reason(credit(replica, stale).await), "FENCE_STALE");
    for nobody in [assigned.rep_id.as_str(), "eve"] {
        let asked = CreditLeadRequest { requested_by: nobody.into(), ..request("c1", &lead) };
        assert_eq!(reason(credit(replica, asked).await), "NOT_MANAGER");
    }
    // The other replica learns of it at once, whatever it knew.
    let others = policy(false).replace("{id: in,", "{id: out,").replace("rotate: in", "rotate: out");
    apply_policy(suite.replica(1), &others).await;
    assert_eq!(reason(credit(replica, request("c1", &lead)).await), "ROTATION_UNKNOWN");
    let gone = policy(false).replace(&format!("{{id: {}", assigned.rep_id), "{id: eve");
    let gone = gone.replace("owner: ana", "owner: eve").replace("owner: eve, owner", "owner");
    let gone = if assigned.rep_id == "ana" { gone } else { gone.replace("owner: eve", "owner: ana") };
    apply_policy(suite.replica(1), &gone).await;
    assert_eq!(reason(credit(replica, request("c1", &lead)).await), "ROTATION_UNKNOWN");
    // A refusal is not remembered.
    apply_policy(suite.replica(1), &policy(false)).await;
    assert!(!credit(replica, request("c1", &lead)).await.expect("credited").already_credited);
}

/// Callers bring leads of an account, and others: with the switch on all of them together follow the shares.
#[tokio::test(flavor = "multi_thread")]
async fn leads_of_accounts_count_where_the_policy_says_so() {
    for counts in [true, false] {
        let suite = Arc::new(Suite::start(2).await);
        apply_policy(suite.replica(0), &policy(counts)).await;
        let routed = stream::iter(0..600_usize).map(|n| {
            let suite = suite.clone();
            async move {
                let domain = if n % 5 == 0 { "acme.example" } else { "" };
                let company = Some(Company { domain: domain.into(), ..Company::default() });
                let lead = Some(Lead { source: "webinar".into(), company, ..Lead::default() });
                let request = RouteLeadRequest { workspace: WORKSPACE.into(), request_id: format!("r{n}"), lead };
                let routed = suite.replica(n).router().route_lead(request).await.expect("routed").into_inner();
                let Some(Outcome::Assigned(assigned)) = routed.outcome else { panic!("{routed:?}") };
                assert_eq!(routed.route == "account_owner", n % 5 == 0);
                (assigned.rep_id, n % 5 == 0)
            }
        });
        let routed: Vec<_> = routed.buffer_unordered(16).collect().await;
        let (mut all, mut rotated): (BTreeMap<_, i64>, BTreeMap<_, i64>) = Default::default();
        for (rep, owned) in routed {
            *all.entry(rep.clone()).or_default() += 1;
            *rotated.entry(rep).or_default() += i64::from(!owned);
        }
        let held = Held::read(&suite.redis).await;
        held.assert_each_lead_in_one_place();
        if counts {
            // 120 of ana's 300 came by her account. Two leads ahead or behind by charges, and one by the rotation.
            assert_shares(&all, 3);
            assert_eq!(held.rotations["in"].given, 600);
        } else {
            assert_shares(&rotated, 1);
            assert_eq!(held.rotations["in"].given, 480);
        }
        for event in events(suite.replica(0)).await {
            if let Some(Kind::LeadAssigned(it)) = &event.kind {
                let charged = event.decision.as_ref().expect("a decision").charged_team_id.as_str();
                assert_eq!(charged, if counts && !it.account_id.is_empty() { "in" } else { "" }, "{event:?}");
            }
        }
    }
}
