//! Everything at once: deadlines, contacts, claims, workers, restarts.

use std::collections::BTreeSet;
use std::sync::Arc;

use leadhand_tests::START;

use super::*;

const LEADS: usize = 30;

/// At the moment when contact is due it is made, and missed: one of them, for each lead.
#[tokio::test(flavor = "multi_thread")]
async fn a_contact_and_its_deadline_at_once_are_a_contact_or_a_miss() {
    let suite = Arc::new(start(2, &policy("{}")).await);
    let mut leads = Vec::new();
    for _ in 0..LEADS {
        leads.push(give(&suite, "referral").await);
    }
    suite.clock.advance(2 * HOUR);
    let contacts = leads.clone().into_iter().rev().map(|(lead, fence)| {
        let suite = suite.clone();
        tokio::spawn(async move { (lead.clone(), contact(&suite, &lead, fence).await) })
    });
    let mut contacted = BTreeSet::new();
    for contact in contacts.collect::<Vec<_>>() {
        match contact.await.expect("no panic") {
            (lead, Ok(in_time)) => {
                assert!(!in_time, "at its deadline it has passed");
                contacted.insert(lead);
            }
            (_, Err(status)) => assert!(matches!(&*told(&status).reason, "FENCE_STALE" | "NOT_OWNER"), "{status:?}"),
        }
    }
    let missing = LEADS - contacted.len();
    eventually!(count(&suite, missed).await == missing, "{missing} of {LEADS}");
    let held = Held::read(&suite.redis).await;
    let misses: Vec<_> = held.conduct.get("ana").map(|conduct| conduct.misses.clone()).unwrap_or_default();
    let of_misses: BTreeSet<_> = misses.iter().map(|miss| hyphenated(&miss.lead)).collect();
    assert_eq!((misses.len(), of_misses.len()), (missing, missing), "each once");
    assert!(of_misses.is_disjoint(&contacted));
    assert_eq!(count(&suite, begun).await, missing / 3);
    held.assert_each_lead_in_one_place();
}

fn hyphenated(bytes: &[u8]) -> String {
    leadhand_domain::id::LeadId::of_bytes(bytes.try_into().expect("16 bytes")).to_string()
}

/// In the order in which things happened, nobody claims between the begin and the end of a suspension.
#[tokio::test(flavor = "multi_thread")]
async fn no_claim_is_granted_after_the_miss_that_suspends() {
    let many = policy("{misses: {most: 2, quota_less_for: 0h}, hoarding: 1000}").replace("day: 2", "day: 1000");
    let suite = Arc::new(start(2, &many).await);
    for _ in 0..4 {
        give(&suite, "referral").await;
    }
    let mut pooled = Vec::new();
    for _ in 0..LEADS {
        pooled.push(give(&suite, "webinar").await.0);
    }
    let start = Arc::new(tokio::sync::Barrier::new(LEADS + 1));
    let claims = pooled.into_iter().enumerate().map(|(n, lead)| {
        let (suite, start) = (suite.clone(), start.clone());
        tokio::spawn(async move {
            start.wait().await;
            claim(suite.replica(n), "ana", &lead).await
        })
    });
    let claims: Vec<_> = claims.collect();
    start.wait().await;
    suite.clock.advance(2 * HOUR);
    let mut granted = 0;
    for claim in claims {
        match claim.await.expect("no panic") {
            Ok(_) => granted += 1,
            Err(status) => assert!(matches!(&*told(&status).reason, "SUSPENDED" | "CONTENTION"), "{status:?}"),
        }
    }
    eventually!(count(&suite, begun).await == 2);
    let (mut suspended, mut claimed) = (false, 0);
    for event in events(&suite.redis).await {
        match event.kind {
            Some(Kind::RepSuspended(_)) => suspended = true,
            Some(Kind::LeadClaimed(_)) => {
                assert!(!suspended, "claimed while suspended");
                claimed += 1;
            }
            _ => {}
        }
    }
    assert_eq!(claimed, granted);
    assert_sound(&suite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_that_came_while_nobody_looked_is_told_once_by_the_next() {
    let mut suite = start(2, &policy("{misses: {most: 1}}")).await;
    misses(&suite).await;
    let until = suspended_until(&suite).await.expect("suspended");
    suite.stop_replica(0).await;
    suite.stop_replica(0).await;
    suite.clock.set(until);
    for _ in 0..3 {
        suite.add_replica().await;
    }
    eventually!(count(&suite, ended).await == 1);
    eventually!(!Held::read(&suite.redis).await.timers.contains_key("suspension:ana"));
    assert_eq!(count(&suite, ended).await, 1);
    assert_sound(&suite).await;
}

/// Somebody deleted the deadlines: that of the suspension is set again at its moment, though its rep has no lead.
#[tokio::test(flavor = "multi_thread")]
async fn the_deadline_of_a_suspension_that_is_lost_is_set_again() {
    let suite = start(2, &policy("{misses: {most: 1}}")).await;
    misses(&suite).await;
    let until = START + 2 * HOUR + 7 * DAY;
    eventually!(
        Held::read(&suite.redis).await.timers.keys().all(|timer| ["suspension:ana", "tiers"].contains(&&**timer))
    );
    let mut redis = suite.redis.connection().await;
    redis::cmd("DEL").arg("{acme}:timers").query_async::<()>(&mut redis).await.expect("deleted");
    eventually!(Held::read(&suite.redis).await.timers.get("suspension:ana") == Some(&until));
    suite.clock.set(until);
    eventually!(count(&suite, ended).await == 1);
    assert_sound(&suite).await;
}
