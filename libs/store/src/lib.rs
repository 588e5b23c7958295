//! The only crate that knows Redis: keys, snapshots, the commit, the event stream.
//!
//! | module | holds |
//! |---|---|
//! | [`Store`] | what services use |
//! | `keys`, `codec` | how things are spelled and encoded |
//! | `link` | connections that heal |
//! | `snapshot`, `commit`, `transact` | read, decide, commit |
//! | [`sequence`] | one FIFO for what everybody writes |
//! | [`pools`], [`history`], [`events`] | what is listed and streamed |
//! | [`timers`] | deadlines that have come |
//! | [`local`] | a private Redis, for one machine and for tests |

use std::sync::Arc;

use leadhand_domain::event::Event;
use leadhand_domain::id::Workspace;
use leadhand_domain::policy::Policy;
use leadhand_domain::record::{Key, PolicyVersion, Snapshot};
use leadhand_domain::time::Millis;

mod codec;
mod commit;
mod config;
mod error;
pub mod events;
pub mod history;
mod keys;
mod link;
pub mod local;
mod observer;
mod policies;
pub mod pools;
pub mod sequence;
mod snapshot;
pub mod timers;
mod transact;

pub use commit::Request;
pub use config::Config;
pub use error::Error;
pub use transact::{Committed, MAX_TOGETHER};

/// What [`Store::clock`] answers.
pub type ClockAnswer = std::pin::Pin<Box<dyn Future<Output = Result<i64, String>> + Send>>;

/// What a service keeps in Redis. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {
    link: Arc<link::Link>,
    commit: Arc<commit::Commit>,
    policies: Arc<policies::Policies>,
    config: Arc<Config>,
    observer: observer::Observer,
}

impl Store {
    /// A store that connects when it is first used; fails only on a malformed URL.
    pub fn new(config: Config) -> Result<Self, Error> {
        config.check()?;
        Ok(Self {
            link: Arc::new(link::Link::new(&config)?),
            commit: Arc::new(commit::Commit::new()),
            policies: Arc::new(policies::Policies::new()),
            config: Arc::new(config),
            observer: observer::Observer::default(),
        })
    }

    /// Has somebody called with each event that this store, or one that is cloned from it, has committed. Not with those of a
    /// commit whose answer is lost: for metrics, not for records.
    pub fn observed(self, observe: impl Fn(&Event) + Send + Sync + 'static) -> Self {
        Self { observer: observer::Observer::new(observe), ..self }
    }

    /// Redis' own time; an error when it does not answer or takes no writes. Serves readiness and the clock's correction.
    pub async fn time(&self) -> Result<Millis, Error> {
        // A write that changes nothing: a server that was made a replica answers all else, from records that grow old.
        self.link.run::<()>(redis::cmd("UNLINK").arg(keys::NOTHING)).await?;
        let (seconds, micros): (i64, i64) = self.link.run(&redis::cmd("TIME")).await?;
        Ok(Millis(seconds * 1000 + micros / 1000))
    }

    /// [`Store::time`] for whoever keeps a clock by it: milliseconds since the Unix epoch, or what is wrong.
    pub fn clock(&self) -> impl Fn() -> ClockAnswer + Clone + Send + Sync + use<> {
        let store = self.clone();
        move || {
            let store = store.clone();
            Box::pin(async move { store.time().await.map(|now| now.0).map_err(|error| error.to_string()) })
        }
    }

    /// Entities as they are now.
    pub async fn read(&self, workspace: &Workspace, keys: &[Key]) -> Result<Snapshot, Error> {
        Ok(snapshot::read(&self.link, workspace, None, keys).await?.1.snapshot)
    }

    /// The active policy, if the workspace has one.
    pub async fn policy(&self, workspace: &Workspace) -> Result<Option<Arc<Policy>>, Error> {
        let (_, head) = snapshot::read(&self.link, workspace, None, &[Key::PolicyHead]).await?;
        self.policies.of(&self.link, workspace, &head).await
    }

    /// A policy that was active a moment ago, without a round trip where one is known. What is decided by it must be
    /// committed with the head expected.
    pub async fn recent_policy(&self, workspace: &Workspace) -> Result<Option<Arc<Policy>>, Error> {
        match self.policies.latest(workspace) {
            Some(policy) => Ok(Some(policy)),
            None => self.policy(workspace).await,
        }
    }

    /// The active policy as it was applied, if the workspace has one.
    pub async fn policy_version(&self, workspace: &Workspace) -> Result<Option<PolicyVersion>, Error> {
        let head = self.read(workspace, &[Key::PolicyHead]).await?;
        match head.policy_head() {
            None => Ok(None),
            Some(head) => Ok(Some(policies::version(&self.link, workspace, head.number).await?)),
        }
    }

    /// Versions of the policy, by number; one that is not there is left out.
    pub async fn policy_versions(&self, workspace: &Workspace, numbers: &[u64]) -> Result<Vec<PolicyVersion>, Error> {
        let keys: Vec<_> = numbers.iter().copied().map(Key::PolicyVersion).collect();
        let snapshot = self.read(workspace, &keys).await?;
        Ok(numbers.iter().filter_map(|number| snapshot.policy_version(*number).cloned()).collect())
    }
}
