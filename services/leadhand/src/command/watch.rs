//! `leadhand watch`: the events of the workspace, one a line, across lost connections.

use leadhand_proto::notification::v1::subscribe_request::Start;
use leadhand_proto::notification::v1::{Beginning, Now};

use crate::cli::Watch;
use crate::client::Session;
use crate::failure::{Exit, Failure};
use crate::subscription::{Item, Subscription};
use crate::{event, output};

/// Runs the command until it is interrupted, or as far as its arguments say.
pub(super) async fn run(session: &Session, args: Watch) -> Result<Exit, Failure> {
    let start = match args.after {
        Some(position) => Start::After(position),
        None if args.from_beginning => Start::Beginning(Beginning {}),
        None => Start::Now(Now {}),
    };
    let mut events = Subscription::new(session.clone(), start);
    let mut shown = 0;
    while args.limit.is_none_or(|limit| shown < limit) {
        match events.next().await? {
            Item::Event(event) => {
                shown += 1;
                if session.json {
                    output::json(&event::json(&event))?;
                } else {
                    output::line(event::line(&event))?;
                }
            }
            Item::CaughtUp if args.until_caught_up => break,
            Item::CaughtUp => {}
            Item::Interrupted(status) => eprintln!("interrupted: {}; resuming", status.message()),
        }
    }
    Ok(Exit::Done)
}
