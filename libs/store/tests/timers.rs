//! Deadlines on a real Redis: found, and moved by whoever knows them as they are.

#![allow(clippy::unwrap_used, reason = "a test that unwraps says where it failed")]

use leadhand_domain::answer::Answer;
use leadhand_domain::change::{Change, Due, Timer};
use leadhand_domain::id::{LeadId, Workspace};
use leadhand_domain::time::Millis;
use leadhand_store::timers::Come;
use leadhand_store::{Config, Store};
use leadhand_testkit::Redis;

const NOW: Millis = Millis(1_700_000_000_000);

fn workspace() -> Workspace {
    Workspace::parse("acme").unwrap()
}

async fn set(store: &Store, timers: &[(&Due, i64)]) {
    let mut change = Change::answering(Answer::Done);
    change.timers.extend(timers.iter().map(|(due, after)| Timer::Set((*due).clone(), at(*after))));
    store.transact(&workspace(), None, &[], |_, _| Ok(change.clone())).await.unwrap();
}

fn at(after: i64) -> Millis {
    Millis(NOW.0 + after)
}

async fn due(store: &Store, after: i64) -> Vec<(Due, i64)> {
    let come = store.timers_due(&workspace(), at(after), 10).await.unwrap();
    come.into_iter().map(|come| (come.due, come.at.0 - NOW.0)).collect()
}

#[tokio::test]
async fn what_has_come_is_found_in_order_and_at_its_moment() {
    let redis = Redis::start();
    let store = Store::new(Config::at(redis.url())).unwrap();
    let lead = LeadId::new(NOW, [1; 10]);
    let (offer, contact) = (Due::Offer(lead), Due::Contact(lead));
    set(&store, &[(&offer, 7), (&Due::Drain, 5)]).await;
    assert_eq!(due(&store, 4).await, []);
    assert_eq!(due(&store, 5).await, [(Due::Drain, 5)]);
    assert_eq!(due(&store, 7).await, [(Due::Drain, 5), (offer.clone(), 7)]);
    assert_eq!(store.timers_unset(&workspace(), &[contact.clone(), offer]).await.unwrap(), [contact]);
}

#[tokio::test]
async fn a_deadline_that_was_set_anew_is_nobodys_to_move() {
    let redis = Redis::start();
    let store = Store::new(Config::at(redis.url())).unwrap();
    let read = |after| Come { due: Due::Drain, at: at(after) };
    let moved = async |from, to: Option<i64>| store.move_timer(&workspace(), &read(from), to.map(at)).await.unwrap();
    assert!(!moved(5, Some(6)).await, "it is not there");
    set(&store, &[(&Due::Drain, 5)]).await;
    assert!(moved(5, Some(9)).await);
    assert!(!moved(5, Some(9)).await && !moved(5, None).await, "somebody else moved it");
    assert_eq!(due(&store, 20).await, [(Due::Drain, 9)]);
    set(&store, &[(&Due::Drain, 8)]).await;
    assert!(!moved(9, None).await, "it was set anew");
    assert_eq!(due(&store, 20).await, [(Due::Drain, 8)]);
    assert!(moved(8, None).await);
    assert_eq!(due(&store, 20).await, []);
}
