//! Reading: the entities an operation concerns, each with its version, in one round trip.

use std::sync::Arc;

use leadhand_domain::id::Workspace;
use leadhand_domain::record::{ByKey, Key, Snapshot};

use crate::codec::{self, Version};
use crate::error::Error;
use crate::keys;
use crate::link::{Lane, Link};

/// The most keys of one command.
const MAX_KEYS: usize = 1_024;

/// Entities as they were read, with their versions.
#[derive(Debug, Clone, Default)]
pub(crate) struct Read {
    pub(crate) snapshot: Snapshot,
    pub(crate) versions: ByKey<Option<Version>>,
}

impl Read {
    /// The version of a record that was read, if it is there.
    pub(crate) fn version(&self, key: &Key) -> Option<Version> {
        self.versions.get(key).copied().flatten()
    }

    /// Takes in what was read besides.
    pub(crate) fn join(&mut self, other: Self) {
        for (key, version) in other.versions {
            self.snapshot.insert(key.clone(), other.snapshot.record(&key));
            self.versions.insert(key, version);
        }
    }

    /// Takes in what Redis holds under `key`.
    pub(crate) fn take(&mut self, key: Key, value: Option<&[u8]>) -> Result<(), Error> {
        let (version, record) = match value {
            None => (None, None),
            Some(bytes) => {
                let (version, record) = codec::decode(&key, bytes)?;
                (version, Some(Arc::new(record)))
            }
        };
        self.versions.insert(key.clone(), version);
        self.snapshot.insert(key, record);
        Ok(())
    }
}

/// Reads `keys` on one connection, after what was sent on it before.
pub(crate) async fn read_on(link: &Link, lane: &Lane, workspace: &Workspace, keys: &[Key]) -> Result<Read, Error> {
    let mut read = Read::default();
    for part in keys.chunks(MAX_KEYS) {
        let mut command = redis::cmd("MGET");
        for key in part {
            command.arg(keys::record(workspace, key));
        }
        let values = link.run_on::<Vec<Option<Vec<u8>>>>(lane, &command).await?;
        for (key, value) in part.iter().zip(values) {
            read.take(key.clone(), value.as_deref())?;
        }
    }
    Ok(read)
}

/// Reads `keys`, and the string under `extra` when one is named.
pub(crate) async fn read(
    link: &Link,
    workspace: &Workspace,
    extra: Option<String>,
    keys: &[Key],
) -> Result<(Option<Vec<u8>>, Read), Error> {
    let mut read = Read::default();
    let mut held = None;
    // Between its commands Redis serves others.
    for (part, keys) in keys.chunks(MAX_KEYS).chain(keys.is_empty().then_some(&[][..])).enumerate() {
        let extra = extra.as_ref().filter(|_| part == 0);
        let mut command = redis::cmd("MGET");
        command.arg(extra);
        for key in keys {
            command.arg(keys::record(workspace, key));
        }
        if extra.is_none() && keys.is_empty() {
            break;
        }
        let mut values = link.run::<Vec<Option<Vec<u8>>>>(&command).await?.into_iter();
        if extra.is_some() {
            held = values.next().flatten();
        }
        for (key, value) in keys.iter().zip(values) {
            read.take(key.clone(), value.as_deref())?;
        }
    }
    Ok((held, read))
}
