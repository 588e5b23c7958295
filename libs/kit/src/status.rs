//! The statuses that the edge itself answers with: deadline, overload, shutdown, panic.

use std::time::Duration;

use leadhand_proto::status::Problem;
use tonic::{Code, Status};

/// The deadline passed before there was an answer (DEADLINE_EXCEEDED / `DEADLINE_EXCEEDED`). The outcome is unknown:
/// repeating the call with the same `request_id` tells.
pub fn deadline_exceeded() -> Status {
    Problem::new(Code::DeadlineExceeded, "DEADLINE_EXCEEDED", "the deadline passed; the outcome is unknown").into()
}

/// More work is in hand than the server takes (UNAVAILABLE / `OVERLOADED`). Nothing was done.
pub fn overloaded(retry_after: Duration) -> Status {
    Problem::new(Code::Unavailable, "OVERLOADED", "the server has too many calls in hand")
        .retry_after(retry_after)
        .into()
}

/// The server is going away (UNAVAILABLE / `SHUTTING_DOWN`): the next call reaches another replica.
pub fn shutting_down(retry_after: Duration) -> Status {
    Problem::new(Code::Unavailable, "SHUTTING_DOWN", "the server is shutting down").retry_after(retry_after).into()
}

/// Something that should not happen happened (INTERNAL / `INTERNAL`). Says nothing of what: the log does.
pub fn internal() -> Status {
    Problem::new(Code::Internal, "INTERNAL", "internal error").into()
}

/// The caller gave up (CANCELLED / `CANCELLED`).
pub fn cancelled() -> Status {
    Problem::new(Code::Cancelled, "CANCELLED", "the caller cancelled the call").into()
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
