//! `leadhand pool --watch`: a pool's leads, then what changes, one a line, across lost connections.

use std::time::Duration;

use leadhand_proto::lead::v1::Preview;
use leadhand_proto::pool::v1::watch_pool_response::Item;
use leadhand_proto::pool::v1::{PoolCaughtUp, PoolLead, PoolLeft, PoolSnapshot, WatchPoolRequest};
use leadhand_proto::status::told;
use serde_json::{Value, json};
use tonic::Status;

use super::{Wanted, columns, preview_json};
use crate::client::{FIRST_WAIT, Session, next_wait};
use crate::failure::{Exit, Failure, retriable};
use crate::output;

/// Shows until it is interrupted, or what it meets cannot be mended by resuming.
pub(super) async fn run(session: &Session, wanted: &Wanted) -> Result<Exit, Failure> {
    let mut request = WatchPoolRequest {
        workspace: session.workspace.clone(),
        rep_id: wanted.rep.clone(),
        pool_id: wanted.pool.clone(),
        filter: wanted.filter.clone(),
        search: wanted.search.clone(),
        after: String::new(),
    };
    let mut wait: Option<Duration> = None;
    loop {
        if let Some(wait) = wait {
            tokio::time::sleep(wait).await;
        }
        let status = follow(session, &mut request, &mut wait).await?;
        if !retriable(&status) {
            return Err(status.into());
        }
        eprintln!("interrupted: {}; resuming", status.message());
        let next = wait.map_or(FIRST_WAIT, next_wait);
        wait = Some(next.max(told(&status).retry_after.unwrap_or_default()));
    }
}

/// Shows until the stream ends, and how it ended.
async fn follow(
    session: &Session,
    request: &mut WatchPoolRequest,
    wait: &mut Option<Duration>,
) -> Result<Status, Failure> {
    let mut stream = match session.pool().watch_pool(request.clone()).await {
        Ok(stream) => stream.into_inner(),
        Err(status) => return Ok(status),
    };
    loop {
        let item = match stream.message().await {
            Ok(Some(response)) => response.item,
            Ok(None) => return Ok(Status::unavailable("the server ended the stream")),
            Err(status) => return Ok(status),
        };
        *wait = None;
        // A kind of message that this version does not know.
        let Some(item) = item else { continue };
        if let Some(position) = position(&item) {
            request.after = position;
        }
        if session.json {
            output::json(&item_json(&item))?;
        } else {
            show(&item)?;
        }
    }
}

/// Where to resume after an item; in the midst of a snapshot, nowhere.
fn position(item: &Item) -> Option<String> {
    match item {
        Item::Snapshot(_) => Some(String::new()),
        Item::CaughtUp(PoolCaughtUp { position }) => Some(position.clone()),
        Item::Entered(PoolLead { position, .. }) | Item::Changed(PoolLead { position, .. }) => Some(position.clone()),
        Item::Left(PoolLeft { position, .. }) => Some(position.clone()),
    }
}

fn show(item: &Item) -> std::io::Result<()> {
    let lead = |mark: &str, lead: &Preview| {
        output::line(format_args!("{mark} {}  {}", lead.lead_id, columns(lead).join("  ")))
    };
    match item {
        Item::Snapshot(PoolSnapshot { first, leads }) => {
            if *first {
                output::line("the pool as it is:")?;
            }
            leads.iter().try_for_each(|preview| lead(" ", preview))
        }
        Item::CaughtUp(_) => Ok(()),
        Item::Entered(entered) => lead("+", &entered.lead.clone().unwrap_or_default()),
        Item::Changed(changed) => lead("*", &changed.lead.clone().unwrap_or_default()),
        Item::Left(left) => output::line(format_args!("- {}", left.lead_id)),
    }
}

fn item_json(item: &Item) -> Value {
    let lead = |told: &PoolLead| json!({ "lead": told.lead.as_ref().map_or(Value::Null, preview_json), "position": told.position });
    match item {
        Item::Snapshot(PoolSnapshot { first, leads }) => {
            json!({ "snapshot": { "first": first, "leads": leads.iter().map(preview_json).collect::<Vec<_>>() } })
        }
        Item::CaughtUp(PoolCaughtUp { position }) => json!({ "caught_up": { "position": position } }),
        Item::Entered(entered) => json!({ "entered": lead(entered) }),
        Item::Changed(changed) => json!({ "changed": lead(changed) }),
        Item::Left(PoolLeft { lead_id, position }) => json!({ "left": { "lead_id": lead_id, "position": position } }),
    }
}
