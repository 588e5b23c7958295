//! The reps of the demo: each works its own leads one after another, and takes leads from the pools in between.
//!
//! They work at the demo's speed, a call in a fraction of a second; how long a lead waited for its contact is then
//! measured, like everything else.

use std::time::Duration;

use leadhand_proto::status::told;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::Did;
use crate::client::Session;
use crate::command::{claim, contact, pool};

/// How many leads of a pool a rep looks at before choosing one.
const LOOKED_AT: usize = 3;
/// How often a rep who loses a lead to another tries the next one at once.
const TRIES: usize = 3;

/// A lead that is the rep's to work.
#[derive(Debug, Clone)]
pub(super) struct Mine {
    /// The lead.
    pub(super) lead: String,
    /// Its fence.
    pub(super) fence: u64,
}

/// A rep at work.
#[derive(Debug)]
pub(super) struct Rep {
    /// The rep's id.
    pub(super) id: String,
    /// The rep's place among the reps: what makes them differ.
    pub(super) nth: usize,
    /// The pools to take leads from.
    pub(super) pools: Vec<String>,
    /// How long one call to a prospect takes.
    pub(super) call: Duration,
    /// How long the rep works before looking at the pools again.
    pub(super) shift: Duration,
}

impl Rep {
    /// Works until told to go home, and then finishes what is in hand.
    pub(super) async fn work(
        self,
        session: Session,
        mut inbox: mpsc::Receiver<Mine>,
        did: mpsc::Sender<Did>,
        go_home: CancellationToken,
    ) {
        let mut look = tokio::time::interval(self.shift);
        look.reset();
        let mut may_claim = true;
        let mut round = 0;
        loop {
            let told = tokio::select! {
                () = go_home.cancelled() => return,
                mine = inbox.recv() => match mine {
                    Some(mine) => {
                        tokio::time::sleep(self.call).await;
                        self.contact(&session, mine).await
                    }
                    None => return,
                },
                _ = look.tick(), if may_claim => {
                    round += 1;
                    match self.claim(&session, round, &did).await {
                        Some(told) => {
                            may_claim = !matches!(told, Did::ClaimRefused { retry_after: Some(_), .. });
                            told
                        }
                        None => continue,
                    }
                }
            };
            if did.send(told).await.is_err() {
                return;
            }
        }
    }

    async fn contact(&self, session: &Session, mine: Mine) -> Did {
        let request_id = uuid::Uuid::now_v7().to_string();
        match contact::contact(session, request_id, &self.id, &mine.lead, mine.fence).await {
            Ok(contacted) => Did::Contacted { rep: self.id.clone(), after_ms: contacted.contact_speed_ms },
            Err(status) => Did::Failed { what: "a contact", status },
        }
    }

    /// Looks at a pool and claims one of its first leads: what came of the last try, `None` when the pool was empty.
    async fn claim(&self, session: &Session, round: usize, did: &mpsc::Sender<Did>) -> Option<Did> {
        let pool = self.pools.get(round % self.pools.len().max(1))?;
        for again in 1..=TRIES {
            let leads = match pool::leads(session, &pool::Wanted::of(&self.id, pool), LOOKED_AT).await {
                Ok(leads) => leads,
                Err(status) => return Some(Did::Failed { what: "a look at the pool", status }),
            };
            let lead = leads.get((self.nth + round) % leads.len().max(1))?;
            let request_id = uuid::Uuid::now_v7().to_string();
            let status = match claim::claim(session, request_id, &self.id, &lead.lead_id).await {
                Ok(_) => return Some(Did::Claimed { rep: self.id.clone() }),
                Err(status) => status,
            };
            let told = told(&status);
            if told.reason.is_empty() || crate::failure::retriable(&status) {
                return Some(Did::Failed { what: "a claim", status });
            }
            let lost = told.reason == "LEAD_ALREADY_CLAIMED";
            let refused =
                Did::ClaimRefused { rep: self.id.clone(), reason: told.reason, retry_after: told.retry_after };
            if !lost || again == TRIES {
                return Some(refused);
            }
            did.send(refused).await.ok()?;
        }
        None
    }
}
