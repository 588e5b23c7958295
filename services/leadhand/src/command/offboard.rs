//! `leadhand offboard`: all leads of a rep are routed again, across lost connections.

use leadhand_proto::lead::v1::OffboardReason;
use leadhand_proto::management::v1::offboard_rep_response::Step;
use leadhand_proto::management::v1::{OffboardDone, OffboardRepRequest};
use serde_json::json;
use tonic::Status;

use crate::cli::{self, Offboard};
use crate::client::{Session, Tries};
use crate::failure::{Exit, Failure};
use crate::output;

/// Runs the command.
pub(super) async fn run(session: &Session, args: Offboard) -> Result<Exit, Failure> {
    let id = args.request.id();
    let reason = match args.reason {
        cli::OffboardReason::Leaving => OffboardReason::Leaving,
        cli::OffboardReason::OtherRole => OffboardReason::OtherRole,
        cli::OffboardReason::LongAbsence => OffboardReason::LongAbsence,
        cli::OffboardReason::Other => OffboardReason::Other,
    };
    let request = OffboardRepRequest {
        workspace: session.workspace.clone(),
        request_id: id.clone(),
        manager_id: args.by,
        rep_id: args.rep.clone(),
        reason: reason.into(),
    };
    let (mut routed, mut tries) = (0, Tries::new());
    let done = loop {
        // What was routed before the stream broke off counts.
        let before = routed;
        match follow(session, request.clone(), before, &mut routed).await {
            Ok(done) => break done,
            Err(status) => {
                let pause = tries.pause(session, status, routed > before).await;
                pause.map_err(|status| Failure::of_change(status, &id))?;
            }
        }
    };
    if session.json {
        output::json(&json!({ "rep_id": args.rep, "routed": routed, "position": done.position }))?;
    } else {
        output::line(format_args!("{} has no leads any more; {routed} were routed again", args.rep))?;
    }
    Ok(Exit::Done)
}

/// Follows one call to its end, and tells people how far it has come.
async fn follow(
    session: &Session,
    request: OffboardRepRequest,
    before: u64,
    routed: &mut u64,
) -> Result<OffboardDone, Status> {
    let mut steps = session.management().offboard_rep(request).await?.into_inner();
    loop {
        match steps.message().await?.and_then(|response| response.step) {
            Some(Step::Progress(progress)) => {
                *routed = before + progress.routed;
                if !session.json {
                    eprintln!("{routed} routed again, {} left", progress.left);
                }
            }
            Some(Step::Done(done)) => return Ok(done),
            None => return Err(Status::unavailable("the server ended the stream")),
        }
    }
}
