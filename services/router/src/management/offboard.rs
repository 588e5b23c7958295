//! Routing all of a leaver's leads again, a batch after the other.
//!
//! What is left to do is what the rep has by the store's index, so nothing is remembered of how far it has come: whoever goes on,
//! after a lost connection or at another replica, reads that again. Each lead is routed under a request id made of the lead and
//! its fence: two who do it at once do it once.

use std::sync::Arc;

use futures_util::stream::{self, Stream, StreamExt};
use leadhand_domain::id::{Fence, LeadId, RequestId, Workspace};
use leadhand_domain::offboard::{self, Command};
use leadhand_domain::policy::required;
use leadhand_domain::record::{Counter, Key};
use leadhand_domain::refusal::{Reason, Refusal};
use leadhand_domain::route::{self, Again};
use leadhand_domain::time::Millis;
use leadhand_kit::critical;
use leadhand_store::{Committed, Error, Request, Store};
use tonic::Status;

use super::Managers;
use crate::route::{Arrival, Routes};

/// How many leads are looked at together, and told of together.
const BATCH: usize = 64;

/// How many of them are under way at once: as many as a desk decides together.
const AT_ONCE: usize = 16;

/// How many batches in a row may come to nothing, because others are at the same leads, before the caller is told to come back.
const MAX_IN_VAIN: u32 = 8;

/// About how many bytes a lead that is routed again writes.
const ABOUT: usize = 1_024;

/// Who leaves, checked.
#[derive(Debug, Clone)]
pub(super) struct Leaver {
    pub(super) workspace: Workspace,
    pub(super) request: Request,
    pub(super) command: Command,
}

/// What is told on the way.
pub(super) enum Told {
    /// How many leads this call has routed so far, and how many the rep still has.
    Progress { routed: u64, left: u64 },
    /// The rep has nothing left.
    Done,
}

/// Why it ended before it was done.
pub(super) enum End {
    ShuttingDown,
    Store(Error),
    Panicked(Status),
}

/// Has the rep paused, and tells that it begins; or recalls that it has begun.
pub(super) async fn begin(store: &Store, leaver: &Leaver, now: Millis) -> Result<Committed, Error> {
    let Leaver { workspace, request, command } = leaver;
    let decide = |snapshot: &_, policy: Option<&_>| offboard::begin(snapshot, command, required(policy)?, now);
    store.transact(workspace, Some(request), &offboard::reads(command), decide).await
}

/// Where it is.
struct At {
    managers: Managers,
    leaver: Arc<Leaver>,
    routed: u64,
    in_vain: u32,
    ended: bool,
}

/// Routes what the rep has, and tells of each batch; ends with [`Told::Done`]. A batch that has begun is carried out even if
/// nobody listens any more.
pub(super) fn go_on(managers: Managers, leaver: Leaver) -> impl Stream<Item = Result<Told, End>> + Send {
    let at = At { managers, leaver: Arc::new(leaver), routed: 0, in_vain: 0, ended: false };
    stream::unfold(at, |mut at| async move {
        if at.ended {
            return None;
        }
        let told = at.batch().await;
        at.ended = !matches!(told, Ok(Told::Progress { .. }));
        Some((told, at))
    })
}

impl At {
    async fn batch(&mut self) -> Result<Told, End> {
        loop {
            if self.managers.shutdown.is_cancelled() {
                return Err(End::ShuttingDown);
            }
            let (routes, leaver, now) = (self.managers.routes.clone(), self.leaver.clone(), self.managers.now());
            let step = async move { batch(&routes, &leaver, now).await };
            match critical(step).await.map_err(End::Panicked)?.map_err(End::Store)? {
                None => return Ok(Told::Done),
                Some(Batch { routed: 0, .. }) => {
                    self.in_vain += 1;
                    if self.in_vain == MAX_IN_VAIN {
                        return Err(End::Store(Error::Contention));
                    }
                }
                Some(Batch { routed, left }) => {
                    self.in_vain = 0;
                    self.routed += routed;
                    return Ok(Told::Progress { routed: self.routed, left });
                }
            }
        }
    }
}

/// What a batch came to.
struct Batch {
    routed: u64,
    left: u64,
}

/// Routes the first leads that the rep has; `None` when there are none.
async fn batch(routes: &Routes, leaver: &Leaver, now: Millis) -> Result<Option<Batch>, Error> {
    let Leaver { workspace, command, .. } = leaver;
    let (store, rep) = (&routes.store, &command.rep);
    let page = store.owned_page(workspace, rep, None, BATCH).await?;
    if page.is_empty() {
        return Ok(None);
    }
    let keys: Vec<_> = page.iter().map(|entry| Key::Lead(entry.lead)).collect();
    let read = store.read(workspace, &keys).await?;
    let had = page.iter().filter_map(|entry| read.lead(entry.lead)).filter(|lead| lead.holder() == Some(rep));
    let leads: Vec<_> = had.map(|lead| (lead.id, lead.fence)).collect();
    let tries = stream::iter(leads).map(|(lead, fence)| again(routes, leaver, lead, fence, now));
    let results: Vec<_> = tries.buffer_unordered(AT_ONCE).collect().await;
    let mut routed = 0;
    for result in results {
        match result {
            Ok(_) => routed += 1,
            // The rep has lost it by another way, or others are at it: the next batch looks again.
            Err(Error::Contention) => {}
            Err(Error::Refused(refusal)) if has_moved(&refusal) => {}
            Err(error) => return Err(error),
        }
    }
    let open = Counter::Open(rep.clone());
    let left = store.read(workspace, &[Key::Count(open.clone())]).await?.count(&open);
    Ok(Some(Batch { routed, left }))
}

/// Whether a refusal says no more than that the lead is not where it was. Any other, that the policy has another manager since,
/// say, would come again for every lead.
fn has_moved(refusal: &Refusal) -> bool {
    let moved = [Reason::FenceStale, Reason::NotOwner, Reason::NotDue, Reason::LeadUnknown];
    refusal.broken.iter().all(|broken| moved.contains(&broken.reason))
}

async fn again(routes: &Routes, leaver: &Leaver, lead: LeadId, fence: Fence, now: Millis) -> Result<Committed, Error> {
    let Leaver { workspace, command, .. } = leaver;
    let (rep, manager) = (command.rep.clone(), command.manager.clone());
    // At most 61 characters, all of which a request id may have.
    let id = RequestId::parse(&format!("off.{lead}.{}", fence.0)).map_err(|fault| Error::Damaged(fault.0))?;
    let because = Again::Offboarded { rep, manager };
    let arrival = Arrival {
        workspace: workspace.clone(),
        // Whoever orders it, it is done once.
        request: Request { method: "OffboardLead", caller: String::new(), id, body: [0; 16] },
        command: Arc::new(route::Command::Again { lead, fence, because }),
        lead: None,
        weight: ABOUT,
        now,
    };
    routes.route_again(lead, arrival, None).await
}
