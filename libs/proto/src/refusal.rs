//! The one table from what the domain refuses to what a caller sees.

use std::time::Duration;

use leadhand_domain::invalid::{Fields, Violation};
use leadhand_domain::refusal::{Class, Failure, Reason, Refusal};
use leadhand_domain::time::Millis;
use tonic::{Code, Status};

use crate::status::Problem;

/// The most malformed fields that one status names: it travels in HTTP headers, for which clients allow some 8 KiB.
const MAX_VIOLATIONS: usize = 12;

fn code(class: Class) -> Code {
    match class {
        Class::NotFound => Code::NotFound,
        Class::Precondition => Code::FailedPrecondition,
        Class::Exhausted => Code::ResourceExhausted,
        Class::Invalid => Code::InvalidArgument,
    }
}

/// The status of an operation that did not end in an answer, told at `now`.
pub fn failed(failure: &Failure, now: Millis) -> Status {
    match failure {
        Failure::Refused(refusal) => status(refusal, now),
        Failure::Contention => contention(),
        Failure::Unavailable => unavailable(),
        Failure::Internal => internal(),
    }
}

/// The status of a refusal decided at `now`. The first rule that failed gives the code and the reason; when there are
/// more, the metadata `also` lists their reasons.
pub fn status(refusal: &Refusal, now: Millis) -> Status {
    let Some(first) = refusal.broken.first() else {
        return Problem::new(Code::Internal, "INTERNAL", "refused without a reason").into();
    };
    let message: Vec<_> = refusal.broken.iter().map(|broken| broken.message.as_str()).collect();
    let mut problem = Problem::new(code(first.reason.class()), first.reason.as_str(), message.join("; "));
    for broken in &refusal.broken {
        match broken.reason {
            Reason::QuotaExhausted => {
                let subject = broken.window.map_or("claims".to_owned(), |window| format!("claims per {window}"));
                problem = problem.quota(subject, &broken.message);
            }
            Reason::RequestIdReused => problem = problem.field("request_id", &broken.message),
            _ => {}
        }
    }
    if let Some(at) = refusal.retry_at() {
        let wait = u64::try_from(at.since(now).0).unwrap_or(0);
        problem = problem.retry_after(Duration::from_millis(wait));
    }
    let mut also: Vec<_> = refusal.broken[1..].iter().map(|broken| broken.reason.as_str()).collect();
    also.dedup();
    also.retain(|reason| *reason != first.reason.as_str());
    problem.with_metadata((!also.is_empty()).then(|| ("also".to_owned(), also.join(","))))
}

/// The checked request, or the status that names every malformed field.
pub fn checked<T>(fields: Fields, value: Option<T>) -> Result<T, Status> {
    fields.finish(value).map_err(|violations| invalid(&violations))
}

/// The status of a request with malformed fields.
pub fn invalid(violations: &[Violation]) -> Status {
    let (violations, more) = violations.split_at(violations.len().min(MAX_VIOLATIONS));
    // In the message too, for tools that do not decode the details.
    let named: Vec<_> = violations.iter().map(|v| format!("{}: {}", v.field, v.description)).collect();
    let mut problem = Problem::new(Code::InvalidArgument, "INVALID_FIELDS", named.join("; "));
    for violation in violations {
        problem = problem.field(&violation.field, &violation.description);
    }
    if let Some(next) = more.first() {
        problem = problem.field(&next.field, format!("and {} more", more.len()));
    }
    problem.into()
}

/// Too many others were changing the same records; nothing was written.
pub fn contention() -> Status {
    Problem::new(Code::Aborted, "CONTENTION", "others kept changing the same records; repeat with the same request_id")
        .retry_after(Duration::from_millis(50))
        .into()
}

/// The store does not answer. What was under way may still be carried out: the same request id tells.
pub fn unavailable() -> Status {
    Problem::new(Code::Unavailable, "STORE_UNAVAILABLE", "the store does not answer; repeat with the same request_id")
        .retry_after(Duration::from_millis(500))
        .into()
}

/// The router does not answer. What was under way may still be carried out: the same request id tells.
pub fn router_unavailable() -> Status {
    Problem::new(Code::Unavailable, "ROUTER_UNAVAILABLE", "the router does not answer; repeat with the same request_id")
        .retry_after(Duration::from_millis(500))
        .into()
}

/// A fault of ours; the log has the details.
pub fn internal() -> Status {
    Problem::new(Code::Internal, "INTERNAL", "an internal error; the service's log tells more").into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::status::told;
    use leadhand_domain::refusal::Broken;
    use leadhand_domain::time::Span;

    #[test]
    fn a_refusal_tells_every_rule_and_when_to_retry() {
        let now = Millis(1_000);
        let quota = |message: &str, at| Broken {
            reason: Reason::QuotaExhausted,
            message: message.into(),
            retry_at: Some(Millis(at)),
            window: Some(Span::hours(1)),
        };
        let refusal = Refusal { broken: vec![quota("hour", 3_000), quota("day", 8_000)] };
        let status = status(&refusal, now);
        assert_eq!(status.code(), Code::ResourceExhausted);
        let told = told(&status);
        assert_eq!(told.reason, "QUOTA_EXHAUSTED");
        assert_eq!(told.retry_after, Some(Duration::from_millis(7_000)));
        assert_eq!(told.quotas.len(), 2);
        assert!(!told.metadata.contains_key("also"), "the same reason is not told twice");
    }

    #[test]
    fn a_thousand_faults_still_fit_into_the_headers() {
        let fault =
            |n: usize| Violation { field: "document".into(), description: format!("{n}:1: {}", "x".repeat(80)) };
        let status = invalid(&(0..1_000).map(fault).collect::<Vec<_>>());
        let fields = told(&status).fields;
        assert_eq!(fields.len(), MAX_VIOLATIONS + 1);
        assert_eq!(fields[MAX_VIOLATIONS].description, format!("and {} more", 1_000 - MAX_VIOLATIONS));
        // The details are base64 in the headers.
        assert!(status.details().len() * 4 / 3 + status.message().len() < 8_192, "{}", status.details().len());
    }

    #[test]
    fn a_rule_that_waiting_does_not_mend_leaves_the_retry_out() {
        let mut refusal = Refusal::of(Reason::LeadAlreadyClaimed, "the lead has an owner");
        refusal.broken.push(Broken {
            reason: Reason::QuotaExhausted,
            message: "hour".into(),
            retry_at: Some(Millis(9)),
            window: None,
        });
        let status = status(&refusal, Millis(0));
        assert_eq!(status.code(), Code::FailedPrecondition);
        assert_eq!(told(&status).retry_after, None);
        assert_eq!(told(&status).metadata["also"], "QUOTA_EXHAUSTED");
    }
}
