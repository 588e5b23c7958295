//! Policies, compiled once a version and process.

use std::sync::Arc;

use leadhand_domain::id::Workspace;
use leadhand_domain::policy::Policy;
use leadhand_domain::record::{Key, PolicyHead, PolicyVersion};

use crate::codec::{self, Version};
use crate::error::Error;
use crate::link::Link;
use crate::snapshot::{self, Read};

/// How many compiled policies a process keeps.
const KEPT: u64 = 1_024;

/// Compiled policies. They go by the random version of the head's record: a number may come back with another document when
/// Redis has lost its latest writes.
#[derive(Debug)]
pub(crate) struct Policies {
    /// A new version is met by everybody at once, and compiled once.
    compiled: moka::future::Cache<(Workspace, Version), Arc<Policy>>,
    /// The version of each workspace that was last met: where a decision may start, not what it may rest on.
    latest: moka::sync::Cache<Workspace, (Version, Arc<Policy>)>,
}

impl Policies {
    pub(crate) fn new() -> Self {
        Self { compiled: moka::future::Cache::new(KEPT), latest: moka::sync::Cache::new(KEPT) }
    }

    /// The version last met, if any; it may have been replaced since.
    pub(crate) fn latest(&self, workspace: &Workspace) -> Option<Arc<Policy>> {
        self.latest.get(workspace).map(|(_, policy)| policy)
    }

    /// The policy that a decision on these records is taken under, if the workspace has one and its head was read.
    pub(crate) async fn of(
        &self,
        link: &Link,
        workspace: &Workspace,
        read: &Read,
    ) -> Result<Option<Arc<Policy>>, Error> {
        let Some((head, version)) = read.snapshot.policy_head().zip(read.version(&Key::PolicyHead)) else {
            return Ok(None);
        };
        if let Some((_, policy)) = self.latest.get(workspace).filter(|(latest, _)| *latest == version) {
            return Ok(Some(policy));
        }
        let name = (workspace.clone(), version);
        let compiled = self.compiled.try_get_with(name, compile(link, workspace, head)).await;
        let policy = compiled.map_err(|error| {
            error.failure();
            Error::Shared(error)
        })?;
        self.latest.insert(workspace.clone(), (version, policy.clone()));
        Ok(Some(policy))
    }
}

async fn compile(link: &Link, workspace: &Workspace, head: &PolicyHead) -> Result<Arc<Policy>, Error> {
    let number = head.number;
    let version = version(link, workspace, number).await?;
    let damaged = |what: String| Error::Damaged(format!("policy version {number}: {what}"));
    // A large document takes longer than anything else may keep a thread of the runtime.
    let parsing = tokio::task::spawn_blocking(move || Policy::parse(&version.document));
    let parsed = parsing.await.map_err(|error| damaged(error.to_string()))?;
    let mut policy = parsed.map_err(|faults| damaged(faults.first().map(ToString::to_string).unwrap_or_default()))?;
    (policy.version, policy.secret) = (number, head.secret);
    Ok(Arc::new(policy))
}

/// A stored version of the policy.
pub(crate) async fn version(link: &Link, workspace: &Workspace, number: u64) -> Result<PolicyVersion, Error> {
    let key = Key::PolicyVersion(number);
    let (_, read) = snapshot::read(link, workspace, None, std::slice::from_ref(&key)).await?;
    let record = read.snapshot.get(&key).cloned();
    record.and_then(codec::policy_version).ok_or_else(|| Error::Damaged(format!("policy version {number} is missing")))
}
