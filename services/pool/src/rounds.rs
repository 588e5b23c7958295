//! What comes by the calendar: tiers each Monday, and the activity floor each full hour.
//!
//! When each is due is a record of the workspace, and the deadline a hint. What is done of it is done rep by rep, each in a commit
//! that expects the rep as it was read and that does nothing a second time; the last one moves the moment on. So it does not matter
//! how many replicas do it at once, or where one of them breaks off.

use std::collections::HashSet;

use leadhand_domain::change::Change;
use leadhand_domain::figures::{Figures, Week};
use leadhand_domain::floor::{self, Ended};
use leadhand_domain::id::{RepId, RequestId, Workspace};
use leadhand_domain::policy::{Policy, required};
use leadhand_domain::record::{Key, Snapshot};
use leadhand_domain::rounds::{self, Rounds};
use leadhand_domain::tiers::{self, Candidate};
use leadhand_domain::time::Millis;
use leadhand_store::{Error, MAX_TOGETHER, Request, Store};

/// How many reps' records are read at once: each has twenty sums.
const READ: usize = 50;

/// Calculates the tiers, if they are due; whether they were.
pub(crate) async fn tiers(store: &Store, workspace: &Workspace, now: Millis) -> Result<bool, Error> {
    let due = due(store, workspace, |rounds| rounds.tiers, now).await?;
    let policy = store.policy(workspace).await?;
    let rule = policy.as_ref().and_then(|policy| policy.guardrails.tiers.weekly);
    let (Some(_), Some(policy), Some(rule)) = (due, policy, rule) else {
        return put_right(store, workspace, now).await;
    };
    let as_of = tiers::as_of(now);
    let mut reps: Vec<RepId> = policy.reps().cloned().collect();
    reps.sort_unstable();
    let candidates = candidates(store, workspace, &reps, &policy, Week::of(as_of)).await?;
    let rankings = tiers::rank(candidates, &rule);
    for part in rankings.chunks(MAX_TOGETHER) {
        let ranked: Vec<_> = part.iter().map(|ranking| &ranking.candidate.rep).collect();
        let give = |snapshot: &Snapshot| -> Vec<Change> {
            part.iter().filter_map(|ranking| tiers::give(snapshot, ranking, as_of, &policy, now)).collect()
        };
        together(store, workspace, &policy, &ranked, give).await?;
    }
    let head = store.read(workspace, &[Key::PolicyHead]).await?;
    if !rankings.is_empty() && head.policy_head().is_some_and(|head| head.tiers_since.is_none()) {
        let ranked: HashSet<&RepId> = rankings.iter().map(|ranking| &ranking.candidate.rep).collect();
        let others: Vec<&RepId> = reps.iter().filter(|rep| !ranked.contains(rep)).collect();
        for part in others.chunks(MAX_TOGETHER) {
            let keep = |snapshot: &Snapshot| -> Vec<Change> {
                part.iter().filter_map(|rep| tiers::keep(snapshot, rep, as_of)).collect()
            };
            together(store, workspace, &policy, part, keep).await?;
        }
    }
    let finish =
        |snapshot: &_, policy: Option<&_>| tiers::finish(snapshot, !rankings.is_empty(), as_of, required(policy)?, now);
    done(store.transact(workspace, None, &tiers::READS, finish).await.map(drop))
}

/// What everybody has made of leads in the weeks before.
async fn candidates(
    store: &Store,
    workspace: &Workspace,
    reps: &[RepId],
    policy: &Policy,
    week: Week,
) -> Result<Vec<Candidate>, Error> {
    let mut candidates = Vec::with_capacity(reps.len());
    for part in reps.chunks(READ) {
        let keys: Vec<Key> = part.iter().flat_map(|rep| Figures::keys(rep, week.looked_at())).collect();
        let read = store.read(workspace, &keys).await?;
        candidates.extend(part.iter().map(|rep| Candidate {
            rep: rep.clone(),
            figures: Figures::of(&read, rep, week.looked_at()),
            target: policy.target(rep),
        }));
    }
    Ok(candidates)
}

/// Commits what concerns these reps, under this policy: under another one everything is to be decided anew.
async fn together(
    store: &Store,
    workspace: &Workspace,
    policy: &Policy,
    reps: &[&RepId],
    mut decide: impl FnMut(&Snapshot) -> Vec<Change>,
) -> Result<(), Error> {
    let conducts = reps.iter().map(|rep| Key::Conduct((*rep).clone()));
    let keys: Vec<Key> = std::iter::once(Key::PolicyHead).chain(conducts).collect();
    let decide = |snapshot: &Snapshot| match snapshot.policy_head() {
        Some(head) if head.number == policy.version => Ok(decide(snapshot)),
        _ => Err(Vec::new()),
    };
    store.transact_all(workspace, &keys, decide).await.map(drop)
}

/// Holds everybody to the activity floor whose day is over, if that is due; whether it was.
pub(crate) async fn floor(store: &Store, workspace: &Workspace, now: Millis) -> Result<bool, Error> {
    let due = due(store, workspace, |rounds| rounds.floor, now).await?;
    let policy = store.policy(workspace).await?.filter(|policy| policy.guardrails.floor.is_some());
    let (Some(due), Some(policy)) = (due, policy) else { return put_right(store, workspace, now).await };
    let stretch = floor::stretch(due, now);
    let mut reps: Vec<&RepId> = policy.reps().filter(|rep| floor::holds(&policy, rep)).collect();
    // Whoever looks tells in the same order.
    reps.sort_unstable();
    for part in reps.chunks(READ) {
        let keys: Vec<Key> = part.iter().flat_map(|rep| floor::reads(rep)).collect();
        let read = store.read(workspace, &keys).await?;
        for rep in part {
            for day in floor::ended(&read, rep, &policy, stretch) {
                if floor::below(&read, rep, &policy, &day).is_some() {
                    tell(store, workspace, rep, &day, now).await?;
                }
            }
        }
    }
    let finish = |snapshot: &_, policy: Option<&_>| floor::finish(snapshot, stretch.1, required(policy)?, now);
    done(store.transact(workspace, None, &rounds::READS, finish).await.map(drop))
}

/// Tells of a rep's day, once: it is a request of the rep's that has the day's name.
async fn tell(store: &Store, workspace: &Workspace, rep: &RepId, day: &Ended, now: Millis) -> Result<(), Error> {
    let id = RequestId::parse(&day.day.to_string()).map_err(|fault| Error::Damaged(fault.to_string()))?;
    let request = Request { method: "HoldToFloor", caller: rep.to_string(), id, body: [0; 16] };
    let decide = |snapshot: &_, policy: Option<&_>| floor::tell(snapshot, rep, required(policy)?, day, now);
    done(store.transact(workspace, Some(&request), &floor::reads(rep), decide).await.map(drop)).map(drop)
}

/// When it was due, if it is.
async fn due(
    store: &Store,
    workspace: &Workspace,
    of: fn(&Rounds) -> Option<Millis>,
    now: Millis,
) -> Result<Option<Millis>, Error> {
    let read = store.read(workspace, &[Key::Rounds]).await?;
    Ok(read.rounds().and_then(of).filter(|due| *due <= now))
}

/// Puts the rounds and their deadlines as they must be; it does nothing else.
pub(crate) async fn put_right(store: &Store, workspace: &Workspace, now: Millis) -> Result<bool, Error> {
    let decide = |snapshot: &_, policy: Option<&_>| Ok(rounds::restore(snapshot, required(policy)?, now));
    done(store.transact(workspace, None, &rounds::READS, decide).await.map(drop)).map(|_| false)
}

/// A refusal says that somebody was faster.
fn done(result: Result<(), Error>) -> Result<bool, Error> {
    match result {
        Ok(()) => Ok(true),
        Err(Error::Refused(_)) => Ok(false),
        Err(error) => Err(error),
    }
}
