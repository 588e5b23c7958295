//! Accounts stream in and out, and leads go to whoever owns them at the moment of the lead's commit.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::StreamExt;
use leadhand_domain::time::Millis;
use leadhand_proto::account::v1::{
    Account, AccountKind, GetAccountRequest, MatchAccountRequest, MatchAccountResponse, UpsertAccountsRequest,
};
use leadhand_proto::event::v1::event::Kind;
use leadhand_proto::event::v1::{AccountMatch, Decision, Event};
use leadhand_proto::lead::v1::{Company, Lead};
use leadhand_proto::router::v1::RouteLeadRequest;
use leadhand_proto::router::v1::route_lead_response::Outcome;
use leadhand_proto::status::told;
use leadhand_proto::time::timestamp;
use leadhand_tests::accounts::{account, take_in, take_out, upserts};
use leadhand_tests::call::{WORKSPACE, apply_policy, events};
use leadhand_tests::held::Held;
use leadhand_tests::{Replica, START, Suite};
use tonic::{Code, Status};

const POLICY: &str = "
manager: mia
reps: [{id: mia}]
teams: [{id: owners, capacity: 100000, reps: [{id: ana}, {id: bo}, {id: cy}]}]
pools: [{id: open}]
default: {pool: open}
";

/// Routes the lead of a company: who got it, if anybody, and its id.
async fn route(replica: &Replica, name: &str, domain: &str, id: String) -> Result<(Option<String>, String), Status> {
    let company = Company { name: name.into(), domain: domain.into(), ..Company::default() };
    let lead = Lead { source: "webinar".into(), company: Some(company), ..Lead::default() };
    let request = RouteLeadRequest { workspace: WORKSPACE.into(), request_id: id, lead: Some(lead) };
    let answer = replica.router().route_lead(request).await?.into_inner();
    let rep = match answer.outcome.expect("an outcome") {
        Outcome::Assigned(assigned) => Some(assigned.rep_id),
        Outcome::Pooled(_) => None,
        other => panic!("not by this policy: {other:?}"),
    };
    Ok((rep, answer.lead_id))
}

async fn matched(replica: &Replica, name: &str, domain: &str) -> MatchAccountResponse {
    let request = MatchAccountRequest { workspace: WORKSPACE.into(), company_name: name.into(), domain: domain.into() };
    replica.accounts().match_account(request).await.expect("an answer").into_inner()
}

async fn get(replica: &Replica, account: &str) -> Result<Account, Status> {
    let request = GetAccountRequest { workspace: WORKSPACE.into(), account_id: account.into() };
    Ok(replica.accounts().get_account(request).await?.into_inner().account.expect("an account"))
}

fn decision<'a>(events: &'a [Event], lead: &str) -> &'a Decision {
    let of_lead = |event: &&Event| match &event.kind {
        Some(Kind::LeadAssigned(it)) => it.lead_id == lead,
        Some(Kind::LeadPooled(it)) => it.lead_id == lead,
        _ => false,
    };
    events.iter().find(of_lead).and_then(|event| event.decision.as_ref()).expect("a decision")
}

/// One account for each way to be found, and two that are found alike.
fn book() -> Vec<Account> {
    let since = |ms| Some(timestamp(Millis(ms)));
    let blank = |id: &str, owner: &str| Account { domain: String::new(), ..account(id, owner, 1) };
    vec![
        Account { domain: "umbrella.co.uk".into(), ..blank("by_domain", "ana") },
        Account { aliases: vec!["umbrella.co.uk".into(), "umbrella.de".into()], ..blank("by_alias", "bo") },
        Account { subsidiaries: vec!["umbrella.de".into(), "smaller.com".into()], ..blank("by_parent", "cy") },
        Account { name: "Umbrella GmbH & Co. KG".into(), since: since(START), ..blank("by_name", "ana") },
        Account { name: "UMBRELLA Inc.".into(), since: since(START - 1), ..blank("older", "bo") },
        Account { name: "Umbrella".into(), kind: AccountKind::Named.into(), since: since(1), ..blank("target", "cy") },
        Account { name: "Mail Users".into(), domain: "gmail.com".into(), ..blank("free_mail", "ana") },
        Account { name: "Orphan".into(), ..blank("orphan", "left") },
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_gets_the_lead_by_domain_then_alias_then_parent_then_name_then_the_oldest() {
    let suite = Suite::start(2).await;
    // The accounts may be there before the policy is.
    assert_eq!(take_in(suite.replica(0), book()).await, [true; 8]);
    apply_policy(suite.replica(0), POLICY).await;
    let cases = [
        ("Umbrella AG", "www.umbrella.co.uk", Some(("ana", "by_domain", AccountMatch::Domain, 4))),
        ("", "mail.umbrella.de", Some(("bo", "by_alias", AccountMatch::Alias, 1))),
        ("", "smaller.com", Some(("cy", "by_parent", AccountMatch::Parent, 0))),
        ("umbrella ltd", "", Some(("bo", "older", AccountMatch::Name, 2))),
        ("umbrella ltd", "elsewhere.com", Some(("bo", "older", AccountMatch::Name, 2))),
        // Nobody's: neither the account that names it nor anybody else's.
        ("", "gmail.com", None),
        ("Orphan AB", "", Some(("mia", "orphan", AccountMatch::Name, 0))),
        ("Another", "another.com", None),
    ];
    let mut leads = Vec::new();
    for (n, (name, domain, expected)) in cases.into_iter().enumerate() {
        let (rep, lead) = route(suite.replica(n), name, domain, format!("r{n}")).await.expect("routed");
        assert_eq!(rep.as_deref(), expected.map(|(rep, ..)| rep), "{name} {domain}");
        leads.push(lead);
    }
    let events = events(suite.replica(0)).await;
    for ((name, domain, expected), lead) in cases.into_iter().zip(&leads) {
        let trace = decision(&events, lead).account.as_ref();
        let found = matched(suite.replica(1), name, domain).await;
        let acting = found.acting.as_ref();
        let expected_trace = expected.map(|(_, account, by, _)| (account, by));
        assert_eq!(trace.map(|trace| (&*trace.account_id, trace.by())), expected_trace, "{name} {domain}");
        assert_eq!(acting.map(|acting| (&*acting.account_id, acting.by())), expected_trace, "{name} {domain}");
        assert_eq!(found.others.len(), expected.map_or(0, |(.., others)| others), "{name} {domain}: {found:?}");
    }
    Held::read(&suite.redis).await.assert_each_lead_in_one_place();
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_revisions_the_later_counts_and_what_was_deleted_stays_so() {
    let suite = Suite::start(1).await;
    let replica = suite.replica(0);
    apply_policy(replica, POLICY).await;
    let named = |name: &str, revision| Account { name: name.into(), ..account("acme", "ana", revision) };
    assert_eq!(take_in(replica, [named("Acme", 3), named("Older", 2), named("Same", 3)]).await, [true, false, false]);
    assert_eq!(get(replica, "acme").await.expect("held"), named("Acme", 3));
    // Several of one batch, one on top of the other.
    let moves: Vec<_> = (4..40).map(|n| Account { domain: format!("acme{n}.com"), ..named("Acme", n) }).collect();
    assert_eq!(take_in(replica, moves).await, [true; 36]);
    assert!(matched(replica, "", "acme38.com").await.acting.is_none());
    assert_eq!(matched(replica, "", "acme39.com").await.acting.expect("it").account_id, "acme");

    assert_eq!(
        take_out(replica, &[("acme", 39), ("acme", 50), ("acme", 50), ("new", 7)]).await,
        [false, true, false, true]
    );
    for gone in ["acme", "new", "never"] {
        let status = get(replica, gone).await.expect_err("gone");
        assert_eq!((status.code(), &*told(&status).reason), (Code::NotFound, "ACCOUNT_UNKNOWN"));
    }
    assert!(matched(replica, "Acme", "acme39.com").await.acting.is_none());
    let late = [named("Acme", 49), account("new", "ana", 7), named("Back", 51)];
    assert_eq!(take_in(replica, late).await, [false, false, true]);
    assert_eq!(matched(replica, "back", "").await.acting.expect("it").owner_rep_id, "ana");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_lead_goes_by_an_account_that_was_changed_before_it() {
    const ACCOUNTS: usize = 4;
    let suite = Arc::new(Suite::start(2).await);
    apply_policy(suite.replica(0), POLICY).await;
    let stop = Arc::new(AtomicBool::new(false));
    let changes = tokio::spawn({
        let (suite, stop) = (suite.clone(), stop.clone());
        async move {
            let mut revision = 0;
            while !stop.load(Ordering::Relaxed) {
                revision += 1;
                let owner = ["ana", "bo", "cy"][revision as usize % 3];
                let moved = (0..ACCOUNTS).map(|n| account(&format!("a{n}"), owner, 2 * revision));
                assert_eq!(take_in(suite.replica(revision as usize), moved).await, [true; ACCOUNTS]);
                let gone = format!("a{}", revision as usize % ACCOUNTS);
                assert_eq!(take_out(suite.replica(0), &[(&gone, 2 * revision + 1)]).await, [true]);
            }
        }
    });
    let routed = futures_util::stream::iter(0..600_usize).map(|n| {
        let suite = suite.clone();
        async move {
            let (name, domain) = (String::new(), format!("a{}.com", n % ACCOUNTS));
            for again in 0.. {
                // The same lead under the same request id, should so many changes be in its way.
                match route(suite.replica(n + again), &name, &domain, format!("r{n}")).await {
                    Ok((_, lead)) => return (lead, format!("a{}", n % ACCOUNTS)),
                    Err(status) => assert_eq!(status.code(), Code::Aborted, "{status:?}"),
                }
            }
            unreachable!("it is tried until it is routed")
        }
    });
    let leads: BTreeMap<String, String> = routed.buffer_unordered(16).collect().await;
    stop.store(true, Ordering::Relaxed);
    changes.await.expect("no panic");

    let mut owners: BTreeMap<String, String> = BTreeMap::new();
    let (mut given, mut nobodys, mut moved) = (0, 0, 0);
    for event in events(suite.replica(1)).await {
        let known = |lead: &str| owners.get(&leads[lead]).cloned();
        match event.kind {
            Some(Kind::AccountChanged(it)) => {
                moved += 1;
                owners.insert(it.account_id, it.owner_rep_id);
            }
            Some(Kind::LeadAssigned(it)) => {
                given += 1;
                assert_eq!(Some(it.rep_id), known(&it.lead_id), "given by what was no longer so");
            }
            Some(Kind::LeadPooled(it)) => {
                nobodys += 1;
                assert!(known(&it.lead_id).is_none_or(|owner| owner.is_empty()), "its owner was passed over");
            }
            _ => {}
        }
    }
    assert_eq!(given + nobodys, leads.len());
    assert!(given > 50 && nobodys > 10 && moved > 50, "{given} given, {nobodys} nobody's, {moved} changes");
    Held::read(&suite.redis).await.assert_each_lead_in_one_place();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_stream_is_resumed_where_the_acknowledgements_end() {
    const ACCOUNTS: usize = 2_000;
    let mut suite = Suite::start(2).await;
    let numbered = |n: usize| Account {
        // A tenth has the same name, and each leads from a domain of its own.
        name: if n.is_multiple_of(10) { "Acme".into() } else { format!("Company {n}") },
        since: Some(timestamp(Millis(1_000 + n as i64))),
        ..account(&format!("a{n}"), "ana", 1)
    };
    let messages: Vec<UpsertAccountsRequest> = upserts((0..ACCOUNTS).map(numbered));
    let mut acknowledged = 0;
    // Cut by the caller, and cut by the service that goes away.
    for (replica, cut_after) in [(0, 300), (1, 700)] {
        let rest = tokio_stream::iter(messages[acknowledged..].to_vec());
        let mut answers = suite.replica(replica).accounts().upsert_accounts(rest).await.expect("a stream").into_inner();
        for _ in 0..cut_after {
            let answer = answers.message().await.expect("no error").expect("no end");
            acknowledged += 1;
            assert_eq!(answer.sequence, acknowledged as u64);
        }
        if replica == 1 {
            suite.stop_replica(1).await;
            while let Ok(Some(answer)) = answers.message().await {
                acknowledged += 1;
                assert_eq!(answer.sequence, acknowledged as u64, "none is acknowledged out of order at the end");
            }
        }
    }
    assert!(acknowledged < ACCOUNTS, "all were taken in before the stream was cut");
    let replica = suite.replica(0);
    let rest = tokio_stream::iter(messages[acknowledged..].to_vec());
    let mut answers = replica.accounts().upsert_accounts(rest).await.expect("a stream").into_inner();
    while let Some(answer) = answers.message().await.expect("no error") {
        acknowledged += 1;
        assert_eq!(answer.sequence, acknowledged as u64);
    }
    assert_eq!(acknowledged, ACCOUNTS);
    for n in (0..ACCOUNTS).step_by(37) {
        assert_eq!(get(replica, &format!("a{n}")).await.expect("held"), numbered(n));
        let found = matched(replica, "", &format!("a{n}.com")).await;
        assert_eq!(found.acting.expect("found").account_id, format!("a{n}"));
    }
    let acme = matched(replica, "ACME Corp.", "").await;
    assert_eq!((acme.acting.expect("found").account_id.as_str(), acme.others.len()), ("a0", 63));
    let told = events(replica).await.into_iter().filter(|event| matches!(event.kind, Some(Kind::AccountChanged(_))));
    assert_eq!(told.count(), ACCOUNTS, "each once, however often it was sent");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_malformed_message_ends_the_stream_after_what_came_before_it() {
    let suite = Suite::start(1).await;
    let mut messages = upserts((0..60).map(|n| account(&format!("a{n}"), "ana", 1)));
    messages[40].account.as_mut().expect("one").owner_rep_id = "no one".into();
    let sent = tokio_stream::iter(messages);
    let mut answers = suite.replica(0).accounts().upsert_accounts(sent).await.expect("a stream").into_inner();
    for sequence in 1..=40 {
        assert_eq!(answers.message().await.expect("acknowledged").expect("no end").sequence, sequence);
    }
    let status = answers.message().await.expect_err("malformed");
    assert_eq!(told(&status).fields[0].field, "account.owner_rep_id");
    assert!(get(suite.replica(0), "a39").await.is_ok());
    assert!(get(suite.replica(0), "a40").await.is_err());
}
