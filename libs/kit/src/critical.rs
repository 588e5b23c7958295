//! Work that runs to its end even if the caller hangs up.

use leadhand_proto::refusal;
use tonic::Status;
use tracing::Instrument;

use crate::call::Call;

/// Runs `future` to its end whether or not the caller waits: a handler that is dropped (the caller hung up, or the
/// deadline passed) leaves it running. It keeps the call's span, deadline and place in the server's count, and a server
/// that shuts down waits for it within its grace.
///
/// # Errors
/// INTERNAL when the future panics. What the future itself answers is inside: `critical(claim).await??`.
pub async fn critical<F>(future: F) -> Result<F::Output, Status>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    let call = Call::current();
    let tracker = call.place.as_ref().map(|place| place.critical().clone());
    // On the heap at once: it is large, and handed on several times.
    let work = call.scope(Box::pin(future)).in_current_span();
    let task = match tracker {
        Some(tracker) => tracker.spawn(work),
        None => tokio::spawn(work),
    };
    task.await.map_err(|error| {
        if error.is_panic() {
            tracing::error!("a critical step panicked");
        }
        refusal::internal()
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use futures_util::FutureExt;
    use tokio::sync::oneshot;
    use tonic::Code;

    use super::*;
    use crate::deadline;

    #[tokio::test]
    async fn it_runs_on_when_the_caller_is_gone() {
        let (begin, begun) = oneshot::channel::<()>();
        let (end, ended) = oneshot::channel::<&str>();
        let handler = critical(async move {
            begun.await.expect("begin");
            end.send("done").expect("end");
        });
        assert!(handler.now_or_never().is_none(), "polled once, then dropped");
        begin.send(()).expect("still running");
        assert_eq!(ended.await, Ok("done"));
    }

    #[tokio::test]
    async fn it_carries_the_deadline_and_tells_a_panic() {
        let remaining = deadline::scope(Duration::from_secs(5), critical(async { deadline::remaining() })).await;
        assert!(remaining.expect("an answer").is_some());

        let refused = critical(async { panic!("a secret") }).await.expect_err("a panic");
        assert_eq!(refused.code(), Code::Internal);
        assert!(!refused.message().contains("secret"));
    }
}
