//! Builds every error that leaves a service, so that all carry the same details.

use std::time::Duration;

use tonic::{Code, Status};
use tonic_types::{ErrorDetails, FieldViolation, QuotaViolation, StatusExt};

/// The `domain` of every `google.rpc.ErrorInfo` that Leadhand sends.
pub const DOMAIN: &str = "leadhand.dev";

/// An error on its way to a caller: a gRPC code, a stable reason, and the details a program can act on.
#[derive(Debug, Clone)]
pub struct Problem {
    code: Code,
    reason: &'static str,
    message: String,
    details: ErrorDetails,
}

impl Problem {
    /// A problem with a stable `reason` (`UPPER_SNAKE_CASE`) for programs and a `message` for people.
    pub fn new(code: Code, reason: &'static str, message: impl Into<String>) -> Self {
        Self { code, reason, message: message.into(), details: ErrorDetails::new() }
    }

    /// The call may succeed after this long (`google.rpc.RetryInfo`).
    pub fn retry_after(mut self, delay: Duration) -> Self {
        self.details.set_retry_info(Some(delay));
        self
    }

    /// Names a quota that is used up (`google.rpc.QuotaFailure`).
    pub fn quota(mut self, subject: impl Into<String>, description: impl Into<String>) -> Self {
        self.details.add_quota_failure_violation(subject, description);
        self
    }

    /// Names a malformed field by its path in the request (`google.rpc.BadRequest`).
    pub fn field(mut self, path: impl Into<String>, description: impl Into<String>) -> Self {
        self.details.add_bad_request_violation(path, description);
        self
    }

    /// The status to send. `metadata` goes into `google.rpc.ErrorInfo`.
    pub fn with_metadata(mut self, metadata: impl IntoIterator<Item = (String, String)>) -> Status {
        self.details.set_error_info(
            self.reason,
            DOMAIN,
            metadata.into_iter().collect::<std::collections::HashMap<_, _>>(),
        );
        Status::with_error_details(self.code, self.message, self.details)
    }
}

impl From<Problem> for Status {
    fn from(problem: Problem) -> Self {
        problem.with_metadata([])
    }
}

/// A gRPC code's name as the specification spells it: `FAILED_PRECONDITION`.
pub fn code_name(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}

/// What a received status says beyond its code, for clients and tests.
#[derive(Debug, Clone, Default)]
pub struct Told {
    /// The stable reason, empty when the status carries none.
    pub reason: String,
    /// The reason's metadata.
    pub metadata: std::collections::HashMap<String, String>,
    /// When to try again.
    pub retry_after: Option<Duration>,
    /// The malformed fields.
    pub fields: Vec<FieldViolation>,
    /// The quotas used up.
    pub quotas: Vec<QuotaViolation>,
}

/// Reads the details of a status received from a service.
pub fn told(status: &Status) -> Told {
    let details = status.get_error_details();
    let info = details.error_info();
    Told {
        reason: info.map(|info| info.reason.clone()).unwrap_or_default(),
        metadata: info.map(|info| info.metadata.clone()).unwrap_or_default(),
        retry_after: details.retry_info().and_then(|info| info.retry_delay),
        fields: details.bad_request().map(|bad| bad.field_violations.clone()).unwrap_or_default(),
        quotas: details.quota_failure().map(|quota| quota.violations.clone()).unwrap_or_default(),
    }
}
