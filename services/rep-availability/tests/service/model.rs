//! Against the plainest model: the newest revision of each event, and every minute looked at by itself.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::*;

use crate::common::{REPS, Served, busy, cancelled};

/// A rep, an event, a revision, and the minutes in which it has the rep busy.
type Message = (usize, u8, u64, Said);
type Said = Option<(i64, i64)>;

fn messages() -> impl Strategy<Value = Vec<Message>> {
    let said = prop::option::of((0..20_i64, 1..8_i64));
    prop::collection::vec((0..REPS.len(), 0..3_u8, 0..5_u64, said), 1..60)
}

#[test]
fn calendars_are_the_newest_revision_of_each_event() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let served = runtime.block_on(Served::start());
    let cases = AtomicUsize::new(0);
    proptest!(ProptestConfig::with_cases(24), |(messages in messages())| {
        // The calendars of a workspace of its own: the service and its Redis go on from case to case.
        let case = cases.fetch_add(1, Ordering::Relaxed);
        runtime.block_on(check(&served, &format!("case-{case}"), messages));
    });
}

async fn check(served: &Served, workspace: &str, messages: Vec<Message>) {
    served.apply_policy(workspace).await;
    let mut model: HashMap<(usize, u8), (u64, Said)> = HashMap::new();
    let mut requests = Vec::new();
    let mut expected = Vec::new();
    for (n, (rep, event, revision, said)) in messages.into_iter().enumerate() {
        let said = said.map(|(start, length)| (start, start + length));
        let newer = model.get(&(rep, event)).is_none_or(|(held, _)| *held < revision);
        if newer {
            model.insert((rep, event), (revision, said));
        }
        let (sequence, id) = (n as u64, event.to_string());
        let mut request = match said {
            Some(interval) => busy(sequence, REPS[rep], &id, revision, interval),
            None => cancelled(sequence, REPS[rep], &id, revision),
        };
        request.workspace = workspace.into();
        requests.push(request);
        expected.push((sequence, newer));
    }
    let (acknowledged, end) = served.send_all(requests).await;
    end.unwrap();
    assert_eq!(acknowledged, expected);
    for (rep, name) in REPS.iter().enumerate() {
        let busy = |minute: i64| {
            let mut said = model.iter().filter(|((of, _), _)| *of == rep).filter_map(|(_, (_, said))| *said);
            said.any(|(start, end)| (start..end).contains(&minute))
        };
        for minute in 0..30 {
            let other = (minute..30).find(|later| busy(*later) != busy(minute));
            assert_eq!(served.free(workspace, name, minute).await.unwrap(), (!busy(minute), other), "{name} {minute}");
        }
    }
}
