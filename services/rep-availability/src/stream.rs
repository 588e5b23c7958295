//! A stream of changes of what is known of reps: several under way at once, acknowledged in the order they came.
//!
//! Changes of different reps do not touch the same record, so several are carried out side by side, each in a commit of its own;
//! a change waits for the ones of the same rep before it. A calendar file is read when its turn has come, by the hours that the
//! messages before it have stated, and one at a time: it takes up to a second of a thread. A message that is sent again, as it
//! was not acknowledged, changes nothing.

use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use leadhand_domain::availability::Said;
use leadhand_domain::id::{RepId, Workspace};
use leadhand_domain::invalid::Violation;
use leadhand_domain::time::Millis;
use leadhand_icalendar::Fault;
use leadhand_kit::acknowledge::{Batch, Work};
use leadhand_kit::{Clock, critical};
use leadhand_proto::refusal;
use leadhand_store::{Error, Store};
use tokio::sync::Semaphore;
use tonic::Status;

use crate::file::Unread;
use crate::intake;
use crate::request::Message;

/// A change that was carried out.
#[derive(Debug)]
pub(crate) struct Taken {
    /// The caller's number for it.
    pub(crate) sequence: u64,
    /// Whether it changed anything.
    pub(crate) changed: bool,
    /// What of a file was left out.
    pub(crate) skipped: Vec<Fault>,
}

/// What changes are carried out with.
#[derive(Debug, Clone)]
pub(crate) struct Changes {
    pub(crate) store: Store,
    /// The turns in which calendar files are read.
    pub(crate) files: Arc<Semaphore>,
    pub(crate) clock: Clock,
}

/// Whose change it is, and whether by a file.
#[derive(Debug, Default)]
pub(crate) struct Concern {
    /// `None` before the change.
    rep: Option<(Workspace, RepId)>,
    by_file: bool,
}

impl Work for Changes {
    type Message = Message;
    type Concern = Concern;
    type Done = Taken;

    const UNDER_WAY: usize = 16;

    /// Each in a commit of its own.
    fn has_room(&self, _: &Batch<Self>, _: &Message) -> bool {
        false
    }

    fn waits_for(&self, under_way: &Concern, Message { workspace, command, file, .. }: &Message) -> bool {
        let same = under_way.rep.as_ref().is_some_and(|(whose, rep)| (whose, rep) == (workspace, &command.rep));
        same || (under_way.by_file && file.is_some())
    }

    fn concerns(&self, concern: &mut Concern, Message { workspace, command, file, .. }: &Message) {
        *concern = Concern { rep: Some((workspace.clone(), command.rep.clone())), by_file: file.is_some() };
    }

    fn carry_out(&self, messages: Vec<Message>, _: &Concern) -> BoxFuture<'static, Result<Vec<Taken>, Status>> {
        let work = self.clone();
        let now = Millis(self.clock.now_ms());
        async move {
            let mut taken = Vec::with_capacity(messages.len());
            for message in messages {
                taken.push(work.take(message, now).await?);
            }
            Ok(taken)
        }
        .boxed()
    }
}

impl Changes {
    async fn take(&self, message: Message, now: Millis) -> Result<Taken, Status> {
        let Message { workspace, sequence, mut command, file } = message;
        let mut skipped = Vec::new();
        if let Some(file) = file {
            let content = file.read(&self.files, &self.store, &workspace, &command.rep, now).await;
            let content = content.map_err(|unread| self.unread(unread))?;
            (command.said, skipped) = (Said::All(content.events), content.skipped);
        }
        let store = self.store.clone();
        let changed = critical(async move { intake::take(&store, &workspace, &command, now).await }).await?;
        Ok(Taken { sequence, changed: changed.map_err(|error| self.failed(&error))?, skipped })
    }

    fn unread(&self, unread: Unread) -> Status {
        match unread {
            Unread::Faults(faults) => {
                let violation =
                    |fault: Fault| Violation { field: "calendar.content".to_owned(), description: fault.to_string() };
                refusal::invalid(&faults.into_iter().map(violation).collect::<Vec<_>>())
            }
            Unread::Store(error) => self.failed(&error),
            Unread::Panicked => refusal::internal(),
        }
    }

    fn failed(&self, error: &Error) -> Status {
        refusal::failed(&error.failure(), Millis(self.clock.now_ms()))
    }
}
