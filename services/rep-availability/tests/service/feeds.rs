//! Calendars that are fetched from a real HTTP server.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Response, StatusCode};
use axum::routing::get;
use leadhand_domain::feed::{Feed, READ_ANEW};
use leadhand_domain::id::{CalendarSource, RepId, Workspace};
use leadhand_domain::record::Key;
use leadhand_rep_availability::Config;
use leadhand_rep_availability::feeds::{self, Listed};
use leadhand_store::Store;
use leadhand_testkit::{Redis, eventually};

use crate::calendar::file;
use crate::common::{Served, WORKSPACE};

const MINUTE: i64 = 60_000;

/// Until noon, out of office.
const AWAY: (&str, &str) =
    ("away", "DTSTART:20260302T090000Z\r\nDTEND:20260302T120000Z\r\nX-MICROSOFT-CDO-BUSYSTATUS:OOF");

/// What the calendar server says, and what it was asked.
#[derive(Debug, Default)]
struct Says {
    status: u16,
    body: Vec<u8>,
    etag: Option<&'static str>,
    last_modified: Option<&'static str>,
    redirect: Option<String>,
    /// Never answers.
    hangs: bool,
    /// What each request named as known.
    asked: Vec<(Option<String>, Option<String>)>,
    /// From where each said that it came.
    referers: Vec<Option<String>>,
}

type Shared = Arc<Mutex<Says>>;

async fn answer(State(says): State<Shared>, headers: HeaderMap) -> Response<Body> {
    let header = |name: &str| headers.get(name).map(|value| value.to_str().unwrap().to_owned());
    let known = (header("if-none-match"), header("if-modified-since"));
    let hangs = {
        let mut says = says.lock().unwrap();
        says.asked.push(known.clone());
        says.referers.push(header("referer"));
        says.hangs
    };
    if hangs {
        std::future::pending::<()>().await;
    }
    let says = says.lock().unwrap();
    let mut response = Response::builder().status(says.status);
    for (name, value) in [("etag", says.etag), ("last-modified", says.last_modified)] {
        if let Some(value) = value {
            response = response.header(name, value);
        }
    }
    if let Some(to) = &says.redirect {
        return response.status(302).header("location", to).body(Body::empty()).unwrap();
    }
    let same = says.etag.is_some() && known.0.as_deref() == says.etag
        || says.last_modified.is_some() && known.1.as_deref() == says.last_modified;
    if same && says.status == 200 {
        return response.status(StatusCode::NOT_MODIFIED).body(Body::empty()).unwrap();
    }
    response.body(Body::from(says.body.clone())).unwrap()
}

/// A calendar server; where the calendar is.
async fn serve(says: Says) -> (Shared, String) {
    let says = Arc::new(Mutex::new(Says { status: 200, ..says }));
    let router = Router::new().route("/secret.ics", get(answer)).with_state(says.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/secret.ics", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (says, url)
}

fn config(url: &str) -> Config {
    let fetch = feeds::Config { tick_ms: 5, timeout_ms: 300, max_bytes: 64 << 10, ..feeds::Config::default() };
    let feed = Listed {
        workspace: WORKSPACE.into(),
        rep: "ana".into(),
        source: "google".into(),
        url: Some(url.into()),
        url_file: None,
        every_s: 300,
        time_zone: None,
        kind: None,
    };
    Config { feeds: vec![feed], fetch, ..Config::default() }
}

/// How the feed stands, with its key.
async fn feed(served: &Served) -> Option<Feed> {
    let store = Store::new(leadhand_store::Config::at(served.redis.url())).unwrap();
    let (rep, source) = (RepId::parse("ana").unwrap(), CalendarSource::parse("google").unwrap());
    let key = Key::Feed(rep.clone(), source.clone());
    let read = store.read(&Workspace::parse(WORKSPACE).unwrap(), &[key]).await.unwrap();
    read.feed(&rep, &source).cloned()
}

async fn is_free(served: &Served) -> bool {
    let minute = (served.ctx.clock.now_ms() - crate::common::NOW) / MINUTE;
    served.free(WORKSPACE, "ana", minute).await.unwrap().0
}

fn asked(says: &Shared) -> usize {
    says.lock().unwrap().asked.len()
}

#[tokio::test]
async fn a_feed_is_fetched_again_and_again_and_what_it_says_no_more_is_gone() {
    let (says, url) = serve(Says { body: file(&[AWAY]), etag: Some("\"v1\""), ..Says::default() }).await;
    let served = Served::with(Redis::start(), config(&url)).await;
    // Another replica shares the work.
    let _another = served.another_with(config(&url)).await;
    eventually!(!is_free(&served).await);
    assert_eq!(asked(&says), 1);
    let events = served.events().await;

    served.ctx.clock.advance(5 * MINUTE);
    eventually!(feed(&served).await.unwrap().good_at.unwrap().0 == served.ctx.clock.now_ms());
    assert_eq!(says.lock().unwrap().asked, [(None, None), (Some("\"v1\"".to_owned()), None)]);
    assert_eq!(served.events().await, events, "nothing has changed");

    {
        let mut says = says.lock().unwrap();
        (says.body, says.etag, says.last_modified) = (file(&[]), None, Some("Mon, 02 Mar 2026 10:06:00 GMT"));
    }
    served.ctx.clock.advance(5 * MINUTE);
    eventually!(is_free(&served).await, "the event was taken out of the feed");
    served.ctx.clock.advance(5 * MINUTE);
    eventually!(feed(&served).await.unwrap().good_at.unwrap().0 == served.ctx.clock.now_ms());
    let last = says.lock().unwrap().asked.last().cloned();
    assert_eq!(last, Some((None, Some("Mon, 02 Mar 2026 10:06:00 GMT".to_owned()))));
    assert_eq!(asked(&says), 4, "each time by one of the two");
}

#[tokio::test]
async fn what_was_read_stands_while_a_feed_fails_in_whatever_way() {
    let (says, url) = serve(Says { body: file(&[AWAY]), ..Says::default() }).await;
    let served = Served::with(Redis::start(), config(&url)).await;
    eventually!(!is_free(&served).await);
    let mut large = file(&[AWAY]);
    large.resize(65 << 10, b' ');
    let faults = [
        Says { status: 500, ..Says::default() },
        Says { status: 304, ..Says::default() },
        Says { status: 200, body: b"<!DOCTYPE html>".to_vec(), ..Says::default() },
        Says { status: 200, body: large, ..Says::default() },
        Says { status: 200, redirect: Some(url.clone()), ..Says::default() },
        Says { status: 200, hangs: true, ..Says::default() },
    ];
    let count = u32::try_from(faults.len()).unwrap();
    for (failures, fault) in (1..).zip(faults) {
        *says.lock().unwrap() = fault;
        let due = feed(&served).await.unwrap().next_at.0;
        served.ctx.clock.set(due - 1);
        let before = feed(&served).await.unwrap();
        assert_eq!(before.failures, failures - 1, "it is left alone until it is due");
        served.ctx.clock.set(due);
        eventually!(feed(&served).await.unwrap().failures == failures);
        let now = feed(&served).await.unwrap();
        let pause = (now.next_at.0 - due) / MINUTE;
        assert!(pause >= (5 << failures) / 2 && pause <= 5 << failures, "after {failures}: {pause} min");
        assert_eq!(served.held().await, 1);
    }
    let due = feed(&served).await.unwrap();
    assert_eq!((due.failures, due.good_at.unwrap().0), (count, crate::common::NOW));
    let later = ("later", "DTSTART:20260310T090000Z\r\nDURATION:P1D");
    *says.lock().unwrap() = Says { status: 200, body: file(&[later, AWAY]), ..Says::default() };
    served.ctx.clock.set(due.next_at.0);
    eventually!(served.held().await == 2);
    assert_eq!(feed(&served).await.unwrap().failures, 0);
}

#[tokio::test]
async fn what_recurs_without_an_end_goes_on_though_the_feed_never_changes() {
    let daily = ("daily", "DTSTART:20200101T090000Z\r\nDURATION:PT1H\r\nRRULE:FREQ=DAILY");
    let (says, url) = serve(Says { body: file(&[daily]), etag: Some("\"v1\""), ..Says::default() }).await;
    let served = Served::with(Redis::start(), config(&url)).await;
    let last = async || {
        let calendar = served.calendar("ana").await;
        calendar.and_then(|calendar| calendar.events.iter().map(|event| event.end).max())
    };
    eventually!(last().await.is_some());
    let first = last().await.unwrap();
    served.ctx.clock.advance(READ_ANEW.0);
    eventually!(feed(&served).await.unwrap().good_at.unwrap().0 == served.ctx.clock.now_ms());
    served.ctx.clock.advance(READ_ANEW.0);
    eventually!(last().await.unwrap() > first);
    assert!(says.lock().unwrap().asked.iter().all(|known| *known == (None, None)), "twice a day all of it");
}

#[tokio::test]
async fn a_feed_moves_and_says_what_every_event_is() {
    let (says, url) = serve(Says { body: file(&[AWAY]), ..Says::default() }).await;
    let (_, old) = serve(Says { redirect: Some(url), ..Says::default() }).await;
    let mut config = config(&old);
    config.feeds[0].kind = Some("pto".into());
    let served = Served::with(Redis::start(), config).await;
    eventually!(served.held().await == 1);
    let told = served.answer(WORKSPACE, "ana", 0).await.unwrap();
    assert_eq!(told.reason(), leadhand_proto::availability::v1::UnavailableReason::Pto);
    assert_eq!(says.lock().unwrap().referers, [None], "whoever has the old address can read the calendar");
}
