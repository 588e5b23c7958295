//! Reading: the entities an operation concerns, each with its version, in one round trip.

use std::collections::HashMap;
use std::sync::Arc;

use leadhand_domain::id::Workspace;
use leadhand_domain::record::{Key, Snapshot};

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
    pub(crate) versions: HashMap<Key, Option<Version>>,
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
    let mut command = redis::cmd("MGET");
    let has_extra = extra.is_some();
    if let Some(extra) = extra {
        command.arg(extra);
    }
    for key in keys {
        command.arg(keys::record(workspace, key));
    }
    let mut read = Read::default();
    if keys.is_empty() && !has_extra {
        return Ok((None, read));
    }
    let mut values = link.run::<Vec<Option<Vec<u8>>>>(&command).await?.into_iter();
    let extra = if has_extra { values.next().flatten() } else { None };
    for (key, value) in keys.iter().zip(values) {
        read.take(key.clone(), value.as_deref())?;
    }
    Ok((extra, read))
}
