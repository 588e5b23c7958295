//! The statuses that the edge answers with, and services as well where they have the same to say.

use std::time::Duration;

use leadhand_proto::status::Problem;
use tonic::{Code, Status};

/// When who found no place, or lost it to a shutdown, may try again: by then it may reach another replica.
const RETRY_AFTER: Duration = Duration::from_millis(200);

/// The deadline passed before there was an answer (DEADLINE_EXCEEDED / `DEADLINE_EXCEEDED`). The outcome is unknown:
/// repeating the call with the same `request_id` tells.
pub fn deadline_exceeded() -> Status {
    Problem::new(Code::DeadlineExceeded, "DEADLINE_EXCEEDED", "the deadline passed; the outcome is unknown").into()
}

/// As much is in hand as this replica takes (UNAVAILABLE / `OVERLOADED`). Nothing was done.
pub fn overloaded() -> Status {
    Problem::new(Code::Unavailable, "OVERLOADED", "the server has as many calls in hand as it takes")
        .retry_after(RETRY_AFTER)
        .into()
}

/// The server is going away (UNAVAILABLE / `SHUTTING_DOWN`): the next call reaches another replica.
pub fn shutting_down() -> Status {
    Problem::new(Code::Unavailable, "SHUTTING_DOWN", "the server is shutting down").retry_after(RETRY_AFTER).into()
}

/// A message is larger than the server accepts or sends (RESOURCE_EXHAUSTED / `MESSAGE_TOO_LARGE`).
pub fn too_large(what: &str, limit_bytes: usize) -> Status {
    Problem::new(Code::ResourceExhausted, "MESSAGE_TOO_LARGE", format!("the {what} is larger than {limit_bytes} bytes"))
        .into()
}

/// No such method here (UNIMPLEMENTED / `UNKNOWN_METHOD`).
pub fn unknown_method() -> Status {
    Problem::new(Code::Unimplemented, "UNKNOWN_METHOD", "this server has no such method").into()
}
