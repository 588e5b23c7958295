//! `leadhand policy watch`: each version as it takes effect, one a line, across lost connections.

use leadhand_proto::policy::v1::watch_policy_response::Item;
use leadhand_proto::policy::v1::{Version, WatchPolicyRequest, WatchPolicyResponse};
use tonic::{Status, Streaming};

use super::version_json;
use crate::client::{FIRST_WAIT, Session, interrupted};
use crate::failure::{Exit, Failure};
use crate::output;

/// Runs until it is interrupted, or for so many versions; begins after a version, else with the active one.
pub(super) async fn run(session: &Session, mut after: Option<u64>, limit: Option<u64>) -> Result<Exit, Failure> {
    let (mut shown, mut wait) = (0, FIRST_WAIT);
    while limit.is_none_or(|limit| shown < limit) {
        let status = match open(session, after).await {
            Err(status) => status,
            Ok(mut stream) => loop {
                if limit.is_some_and(|limit| shown >= limit) {
                    return Ok(Exit::Done);
                }
                match stream.message().await {
                    Ok(Some(WatchPolicyResponse { item: Some(Item::Version(version)) })) => {
                        show(session, &version)?;
                        (after, shown, wait) = (Some(version.number), shown + 1, FIRST_WAIT);
                    }
                    // Nothing new, or a kind of message that this version does not know.
                    Ok(Some(_)) => wait = FIRST_WAIT,
                    Ok(None) => break Status::unavailable("the server ended the stream"),
                    Err(status) => break status,
                }
            },
        };
        interrupted(status, &mut wait).await?;
    }
    Ok(Exit::Done)
}

async fn open(session: &Session, after: Option<u64>) -> Result<Streaming<WatchPolicyResponse>, Status> {
    let request = WatchPolicyRequest { workspace: session.workspace.clone(), after };
    Ok(session.policy().watch_policy(request).await?.into_inner())
}

fn show(session: &Session, version: &Version) -> Result<(), Failure> {
    if session.json {
        return Ok(output::json(&version_json(version))?);
    }
    let (at, author) = (output::local(version.applied_at.as_ref()), &version.author);
    let comment = if version.comment.is_empty() { String::new() } else { format!(": {}", version.comment) };
    Ok(output::line(format_args!("{at}  version {} by {author}{comment}", version.number))?)
}
