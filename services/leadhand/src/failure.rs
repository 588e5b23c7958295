//! Why a command did not do what it was asked to, and the exit code that says so.

use std::io;
use std::process::ExitCode;
use std::time::Duration;

use leadhand_proto::status::{Told, code_name, told};
use serde_json::{Value, json};
use tonic::{Code, Status};

use crate::output;

/// The reason of a claim that a quota of the policy does not allow.
const QUOTA_EXHAUSTED: &str = "QUOTA_EXHAUSTED";

/// What the process's exit code says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    /// Everything asked for is done.
    Done = 0,
    /// A rule said no; the answer names it.
    Refused = 1,
    /// The arguments or the input are wrong.
    Input = 2,
    /// The server cannot be reached or cannot answer now; the same command may succeed later.
    Unavailable = 3,
    /// Of several rows, some are done and some are not.
    Partly = 4,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why a command ended without having done what it was asked to.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The arguments or the input are wrong; nothing was sent.
    #[error("{0}")]
    Input(String),
    /// Nobody listens at the address.
    #[error("no server at {server} ({cause}): start one with `leadhand up`, or name another with --server")]
    NoServer {
        /// The address tried.
        server: String,
        /// What the attempt ended with.
        cause: String,
    },
    /// A service answered with an error.
    #[error("{}", .0.message())]
    Answered(Box<Status>),
    /// A service could not answer a call that changes something: whether it was carried out is not known.
    #[error("{}", status.message())]
    Unsettled {
        /// What came instead of an answer.
        status: Box<Status>,
        /// The call's name, by which it can be repeated.
        request_id: String,
    },
    /// Something on this machine does not work.
    #[error("{0}")]
    Local(String),
    /// The output cannot be written.
    #[error("cannot write the output: {0}")]
    Output(#[from] io::Error),
}

impl From<Status> for Failure {
    fn from(status: Status) -> Self {
        Self::Answered(Box::new(status))
    }
}

impl Failure {
    /// Wrong arguments or input, found before anything was sent.
    pub(crate) fn input(message: impl Into<String>) -> Self {
        Self::Input(message.into())
    }

    /// The error of a call that changes something, made under this request id.
    pub(crate) fn of_change(status: Status, request_id: &str) -> Self {
        let status = Box::new(status);
        match exit_of(&status) {
            Exit::Unavailable => Self::Unsettled { status, request_id: request_id.to_owned() },
            _ => Self::Answered(status),
        }
    }

    /// Something on this machine does not work.
    pub(crate) fn local(doing: &str, error: impl std::fmt::Display) -> Self {
        Self::Local(format!("{doing}: {error}"))
    }

    /// The exit code for it.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Input(_) => Exit::Input,
            Self::NoServer { .. } | Self::Local(_) => Exit::Unavailable,
            Self::Answered(status) | Self::Unsettled { status, .. } => exit_of(status),
            // Whoever read the output (`head`) has what it wanted.
            Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => Exit::Done,
            Self::Output(_) => Exit::Unavailable,
        }
    }

    /// Tells it on standard error: lines for people, one JSON object for programs.
    pub(crate) fn report(&self, json: bool) {
        if matches!(self, Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe) {
            return;
        }
        if json {
            eprintln!("{}", json!({ "error": self.json() }));
        } else {
            eprintln!("{}", self.text());
        }
    }

    /// Lines for people: what, why, where and when to try again.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Answered(status) => status_text(status),
            Self::Unsettled { status, request_id } => format!(
                "{}\n  it may have been done or not: repeat it with --request-id {request_id}, and it is done once",
                status_text(status)
            ),
            Self::Output(_) | Self::NoServer { .. } | Self::Input(_) | Self::Local(_) => {
                format!("error: {self}")
            }
        }
    }

    /// The same for programs.
    pub(crate) fn json(&self) -> Value {
        match self {
            Self::Answered(status) => status_json(status),
            Self::Unsettled { status, request_id } => {
                let mut told = status_json(status);
                told["request_id"] = json!(request_id);
                told
            }
            Self::Input(message) => json!({ "code": "INPUT", "message": message }),
            Self::NoServer { .. } => json!({ "code": "NO_SERVER", "message": self.to_string() }),
            Self::Local(message) => json!({ "code": "LOCAL", "message": message }),
            Self::Output(_) => json!({ "code": "OUTPUT", "message": self.to_string() }),
        }
    }
}

/// Whether the same call, repeated with its request id, may succeed. `DEADLINE_EXCEEDED` may too, but it says that the
/// time given to the call is over.
pub(crate) fn retriable(status: &Status) -> bool {
    match status.code() {
        Code::Unavailable | Code::Aborted => true,
        Code::Unknown | Code::Internal | Code::Cancelled => lost_connection(status),
        _ => false,
    }
}

/// Whether the connection broke under the call: such a status is made by the client, and carries its cause.
fn lost_connection(status: &Status) -> bool {
    std::error::Error::source(status).is_some() && told(status).reason.is_empty()
}

fn exit_of(status: &Status) -> Exit {
    match status.code() {
        Code::Ok => Exit::Done,
        // A used-up quota is a rule of the policy; what else there is too much of is in the message (MESSAGE_TOO_LARGE). A
        // server with too much to do says UNAVAILABLE.
        Code::ResourceExhausted if told(status).reason == QUOTA_EXHAUSTED => Exit::Refused,
        // What gRPC itself says of a message that is larger than it reads.
        Code::OutOfRange if told(status).reason.is_empty() => Exit::Input,
        Code::InvalidArgument | Code::NotFound | Code::Unimplemented | Code::ResourceExhausted => Exit::Input,
        Code::FailedPrecondition
        | Code::OutOfRange
        | Code::AlreadyExists
        | Code::PermissionDenied
        | Code::Unauthenticated => Exit::Refused,
        _ => Exit::Unavailable,
    }
}

fn status_text(status: &Status) -> String {
    let told = told(status);
    let mut text = match exit_of(status) {
        // The message of one that names its quotas repeats them, as does that of one that names its fields.
        Exit::Refused if told.reason == QUOTA_EXHAUSTED && !told.quotas.is_empty() => {
            "refused: no claim is left".to_owned()
        }
        Exit::Refused => format!("refused: {}", status.message()),
        Exit::Input if status.code() == Code::Unimplemented => {
            "error: the server does not know this call: is it a Leadhand server, and not an older one?".to_owned()
        }
        Exit::Input if !told.fields.is_empty() => "error: wrong input".to_owned(),
        Exit::Input => format!("error: {}", status.message()),
        _ => format!("unavailable: {}", status.message()),
    };
    if !told.reason.is_empty() {
        text.push_str(&format!(" ({})", told.reason));
    }
    for field in &told.fields {
        text.push_str(&format!("\n  {}: {}", field.field, field.description));
    }
    for quota in &told.quotas {
        if !text.contains(&quota.description) {
            text.push_str(&format!("\n  {}: {}", quota.subject, quota.description));
        }
    }
    if let Some(hint) = hint(&told) {
        text.push_str(&format!("\n  {hint}"));
    }
    text
}

/// What to do about it.
fn hint(told: &Told) -> Option<String> {
    if told.reason == "POLICY_MISSING" {
        return Some("give the workspace a policy with `leadhand policy apply FILE`".to_owned());
    }
    if let Some(delay) = told.retry_after {
        return Some(format!("try again in {}", output::length(delay)));
    }
    None
}

fn status_json(status: &Status) -> Value {
    let told = told(status);
    let pairs = |pairs: Vec<(String, String)>, name: &str| -> Vec<Value> {
        pairs.into_iter().map(|(key, text)| json!({ name: key, "description": text })).collect()
    };
    json!({
        "code": code_name(status.code()),
        "reason": told.reason,
        "message": status.message(),
        "metadata": told.metadata,
        "retry_after_ms": told.retry_after.map(millis),
        "fields": pairs(told.fields.into_iter().map(|v| (v.field, v.description)).collect(), "field"),
        "quotas": pairs(told.quotas.into_iter().map(|v| (v.subject, v.description)).collect(), "subject"),
    })
}

fn millis(length: Duration) -> u64 {
    u64::try_from(length.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use leadhand_proto::status::Problem;

    fn answered(problem: Problem) -> Failure {
        Failure::from(Status::from(problem))
    }

    #[test]
    fn the_exit_code_tells_a_rule_from_bad_input_from_no_server() {
        let cases = [
            (answered(Problem::new(Code::FailedPrecondition, "LEAD_ALREADY_CLAIMED", "")), Exit::Refused),
            (answered(Problem::new(Code::ResourceExhausted, "QUOTA_EXHAUSTED", "")), Exit::Refused),
            (answered(Problem::new(Code::ResourceExhausted, "MESSAGE_TOO_LARGE", "")), Exit::Input),
            (Status::out_of_range("decoded message length too large").into(), Exit::Input),
            (answered(Problem::new(Code::OutOfRange, "POSITION_LOST", "")), Exit::Refused),
            (answered(Problem::new(Code::InvalidArgument, "INVALID_FIELDS", "")), Exit::Input),
            (answered(Problem::new(Code::NotFound, "LEAD_UNKNOWN", "")), Exit::Input),
            (answered(Problem::new(Code::Unavailable, "STORE_UNAVAILABLE", "")), Exit::Unavailable),
            (answered(Problem::new(Code::Aborted, "CONTENTION", "")), Exit::Unavailable),
            (answered(Problem::new(Code::Unavailable, "OVERLOADED", "")), Exit::Unavailable),
            (Status::deadline_exceeded("").into(), Exit::Unavailable),
            (Failure::input("x"), Exit::Input),
            (Failure::NoServer { server: String::new(), cause: String::new() }, Exit::Unavailable),
            (Failure::Output(io::ErrorKind::BrokenPipe.into()), Exit::Done),
        ];
        for (failure, exit) in cases {
            assert_eq!(failure.exit(), exit, "{failure:?}");
        }
    }

    #[test]
    fn a_refusal_says_why_and_when() {
        let failure = answered(
            Problem::new(Code::ResourceExhausted, "QUOTA_EXHAUSTED", "3 made; 10 made")
                .quota("claims per 1 h", "3 made")
                .quota("claims per 1 d", "10 made")
                .retry_after(Duration::from_secs(2472)),
        );
        assert_eq!(
            failure.text(),
            "refused: no claim is left (QUOTA_EXHAUSTED)\n  claims per 1 h: 3 made\n  claims per 1 d: 10 made\n  \
             try again in 41 min 12 s"
        );
        let json = failure.json();
        assert_eq!(json["retry_after_ms"], 2_472_000);
        assert_eq!(json["quotas"][0]["subject"], "claims per 1 h");

        let both = answered(
            Problem::new(Code::FailedPrecondition, "LEAD_ALREADY_CLAIMED", "the lead has an owner; 3 made")
                .quota("claims per 1 h", "3 made"),
        );
        assert_eq!(both.text(), "refused: the lead has an owner; 3 made (LEAD_ALREADY_CLAIMED)");
    }

    #[test]
    fn bad_input_names_its_fields() {
        let failure = answered(
            Problem::new(Code::InvalidArgument, "INVALID_FIELDS", "lead.source: required")
                .field("lead.source", "required"),
        );
        assert_eq!(failure.text(), "error: wrong input (INVALID_FIELDS)\n  lead.source: required");
    }

    #[test]
    fn what_may_have_been_done_can_be_repeated_by_its_id() {
        let failure = Failure::of_change(Status::deadline_exceeded("no answer"), "r1");
        assert!(failure.text().contains("--request-id r1"));
        assert_eq!((failure.json()["request_id"].clone(), failure.exit()), (json!("r1"), Exit::Unavailable));
        assert!(matches!(Failure::of_change(Status::failed_precondition(""), "r1"), Failure::Answered(_)));
    }

    #[test]
    fn only_what_may_pass_by_itself_is_retried() {
        assert!(retriable(&Status::unavailable("")));
        assert!(retriable(&Status::aborted("")));
        assert!(!retriable(&Status::internal("a fault of the server")));
        assert!(!retriable(&Status::failed_precondition("")));
        let mut broken = Status::unknown("transport error");
        broken.set_source(std::sync::Arc::new(io::Error::from(io::ErrorKind::BrokenPipe)));
        assert!(retriable(&broken));
    }
}
