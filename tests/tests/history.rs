//! What happened to a lead: in order, in pages, and to each viewer what the viewer may see.

use leadhand_proto::event::v1::event::Kind;
use leadhand_proto::pool::v1::{GetLeadRequest, RecordOutcomeRequest};
use leadhand_proto::record::v1::HistoryEntry;
use leadhand_proto::status::told;
use leadhand_tests::acts::{activity, assign, contact, history, transfer};
use leadhand_tests::call::{WORKSPACE, apply_policy, route};
use leadhand_tests::held::{Held, events};
use leadhand_tests::{Suite, history as histories};
use prost::Message;
use tonic::Status;

const POLICY: &str = "
reps: [{id: mia, manager: top}, {id: top}]
teams: [{id: t, manager: mia, reps: [{id: ana}, {id: bo}]}, {id: u, manager: max, reps: [{id: cy}, {id: max}]}]
pools: [{id: open}]
default: {pool: open}
";

fn kinds(entries: &[HistoryEntry]) -> Vec<&'static str> {
    let kind = |entry: &HistoryEntry| match entry.event.as_ref().and_then(|event| event.kind.as_ref()) {
        Some(Kind::LeadPooled(_)) => "pooled",
        Some(Kind::AssignmentOrdered(_)) => "ordered",
        Some(Kind::LeadAssigned(_)) => "assigned",
        Some(Kind::ActivityRecorded(_)) => "activity",
        Some(Kind::LeadContacted(_)) => "contacted",
        Some(Kind::LeadClosed(_)) => "closed",
        Some(other) => panic!("{other:?}"),
        None => "gone",
    };
    entries.iter().map(kind).collect()
}

async fn whole(suite: &Suite, viewer: &str, lead: &str) -> Result<Vec<HistoryEntry>, Status> {
    let page = history(suite.replica(0), viewer, lead, 0, "").await?;
    assert_eq!(page.next_page_token, "");
    Ok(page.entries)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_and_managers_see_all_and_others_where_it_has_been() {
    let suite = Suite::start(1).await;
    let replica = suite.replica(0);
    apply_policy(replica, POLICY).await;
    let refused = async |viewer: &str, lead: &str| told(&whole(&suite, viewer, lead).await.expect_err(viewer)).reason;
    let lead = route(replica, "webinar", "r1").await.expect("pooled").lead_id;
    // In the pool it is anybody's to see, and any manager's.
    for viewer in ["ana", "cy", "max", "mia"] {
        assert_eq!(kinds(&whole(&suite, viewer, &lead).await.expect(viewer)), ["pooled"], "{viewer}");
    }
    let fence = assign(replica, "mia", &lead, "ana").await.expect("given").fence;
    activity(replica, "ana", &lead, fence).await.expect("recorded");
    contact(replica, "ana", &lead, fence).await.expect("contacted");
    let so_far = ["pooled", "ordered", "assigned", "activity", "contacted"];
    for viewer in ["ana", "mia", "top"] {
        let seen = whole(&suite, viewer, &lead).await.expect(viewer);
        assert_eq!(kinds(&seen), so_far, "{viewer}");
        assert_eq!(seen[1].note, "Marker Act Note");
        assert!(seen[2].event.as_ref().is_some_and(|event| event.decision.is_some()), "every decision");
    }
    for viewer in ["bo", "cy", "max"] {
        assert_eq!(refused(viewer, &lead).await, "NOT_OWNER", "{viewer}");
    }
    assert_eq!(refused("eve", &lead).await, "REP_UNKNOWN");
    assert_eq!(refused("bo", "00000000-0000-7000-8000-000000000000").await, "LEAD_UNKNOWN");

    // The one who had it sees it no more; the one who has it sees what was before.
    let fence = transfer(replica, "mia", &lead, fence, "bo").await.expect("given").fence;
    assert_eq!(refused("ana", &lead).await, "NOT_OWNER");
    let ended = RecordOutcomeRequest {
        workspace: WORKSPACE.into(),
        request_id: "o".into(),
        rep_id: "bo".into(),
        lead_id: lead.clone(),
        fence,
        outcome: 2,
        amount: 0,
    };
    replica.pool().record_outcome(ended).await.expect("closed");
    let all = [&so_far[..], &["ordered", "assigned", "closed"]].concat();
    for viewer in ["bo", "mia"] {
        assert_eq!(kinds(&whole(&suite, viewer, &lead).await.expect(viewer)), all, "{viewer}");
    }
    let positions: Vec<_> = whole(&suite, "bo", &lead)
        .await
        .expect("seen")
        .into_iter()
        .map(|entry| entry.event.expect("an event").position)
        .collect();
    let (held, stream) = (Held::read(&suite.redis).await, events(&suite.redis).await);
    assert_eq!(positions, held.history[&lead], "in order");
    histories::assert_whole(&held, &stream);
    // What was written in words is in no event.
    for event in stream {
        assert!(!String::from_utf8_lossy(&event.encode_to_vec()).contains("Marker"), "{event:?}");
    }
}

/// A lead that was worked and came back to the pool shows where it has been, and nothing of the work.
#[tokio::test(flavor = "multi_thread")]
async fn a_preview_shows_no_contact() {
    let suite = Suite::start(1).await;
    let replica = suite.replica(0);
    apply_policy(replica, POLICY).await;
    let lead = route(replica, "webinar", "r1").await.expect("pooled").lead_id;
    let fence = assign(replica, "mia", &lead, "ana").await.expect("given").fence;
    activity(replica, "ana", &lead, fence).await.expect("recorded");
    contact(replica, "ana", &lead, fence).await.expect("contacted");
    // By the rules the rep's leads go to the pool.
    let request = leadhand_tests::acts::leaver("off", "mia", "ana");
    let mut steps = replica.management().offboard_rep(request).await.expect("begun").into_inner();
    while steps.message().await.expect("no error").is_some() {}
    let seen = history(replica, "cy", &lead, 0, "").await.expect("a preview").entries;
    assert_eq!(kinds(&seen), ["pooled", "assigned", "pooled"]);
    assert!(seen.iter().all(|entry| entry.note.is_empty()));
    let managed = history(replica, "mia", &lead, 0, "").await.expect("all").entries;
    assert_eq!(managed.len(), 7);
    assert!(managed.iter().any(|entry| entry.note == "Marker Act Note"));
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_make_up_the_whole_and_what_the_stream_dropped_keeps_its_place() {
    let suite = Suite::start(1).await;
    let replica = suite.replica(0);
    apply_policy(replica, POLICY).await;
    let lead = route(replica, "webinar", "r1").await.expect("pooled").lead_id;
    let fence = assign(replica, "mia", &lead, "ana").await.expect("given").fence;
    for _ in 0..9 {
        activity(replica, "ana", &lead, fence).await.expect("recorded");
    }
    let whole = whole(&suite, "ana", &lead).await.expect("all");
    assert_eq!(whole.len(), 12);
    for size in [1, 5, 6, 11, 12, 500] {
        let (mut pages, mut token) = (Vec::new(), String::new());
        loop {
            let page = history(replica, "ana", &lead, size, &token).await.expect("a page");
            assert!(page.entries.len() <= size as usize);
            pages.extend(page.entries);
            token = page.next_page_token;
            if token.is_empty() {
                break;
            }
        }
        assert_eq!(pages, whole, "by {size}");
    }
    let beyond = history(replica, "ana", &lead, 5, "4294967295").await.expect("a page");
    assert_eq!((beyond.entries.len(), beyond.next_page_token.as_str()), (0, ""));
    // The oldest events are dropped from the stream; that something happened, and when, stays.
    let mut redis = suite.redis.connection().await;
    let mut trim = redis::cmd("XTRIM");
    trim.arg(format!("{{{WORKSPACE}}}:events")).arg("MAXLEN").arg(9);
    trim.query_async::<u64>(&mut redis).await.expect("trimmed");
    let kept = history(replica, "ana", &lead, 0, "").await.expect("a page").entries;
    assert_eq!(kinds(&kept)[..4], ["gone", "gone", "gone", "activity"]);
    let positions = |entries: &[HistoryEntry]| -> Vec<String> {
        entries.iter().map(|entry| entry.event.as_ref().expect("an event").position.clone()).collect()
    };
    assert_eq!(positions(&kept), positions(&whole));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_activity_is_no_contact_and_the_lead_tells_when_it_was() {
    let suite = Suite::start(1).await;
    let replica = suite.replica(0);
    apply_policy(replica, POLICY).await;
    let lead = route(replica, "webinar", "r1").await.expect("pooled").lead_id;
    let fence = assign(replica, "mia", &lead, "ana").await.expect("given").fence;
    let state = async || {
        let seen = GetLeadRequest { workspace: WORKSPACE.into(), rep_id: "ana".into(), lead_id: lead.clone() };
        replica.pool().get_lead(seen).await.expect("a lead").into_inner().state.expect("a state")
    };
    assert_eq!((state().await.last_activity_at, state().await.manager_id.as_str()), (None, "mia"));
    suite.clock.advance(61_000);
    for (rep, fence, why) in
        [("bo", fence, "NOT_OWNER"), ("ana", fence + 1, "FENCE_STALE"), ("eve", fence, "REP_UNKNOWN")]
    {
        assert_eq!(told(&activity(replica, rep, &lead, fence).await.expect_err(why)).reason, why);
    }
    activity(replica, "ana", &lead, fence).await.expect("recorded");
    let after = state().await;
    let since = after.assigned_at.expect("a moment").seconds;
    assert_eq!((after.last_activity_at.map(|at| at.seconds - since), after.contacted_at), (Some(61), None));
    let held = Held::read(&suite.redis).await;
    held.assert_each_lead_in_one_place();
    assert_eq!(held.uncontacted["ana"], 1);
}
