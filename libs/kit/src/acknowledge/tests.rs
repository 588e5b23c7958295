use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use futures_util::FutureExt;
use futures_util::stream::iter;
use tokio::sync::{Semaphore, mpsc};
use tokio_stream::wrappers::ReceiverStream;
use tonic::Code;

use super::*;

/// Numbers; those of one tenth wait for each other, three go together, and 13 fails.
#[derive(Debug, Clone)]
struct Tens {
    /// A batch ends when it gets a permit.
    may_end: Arc<Semaphore>,
    begun: Arc<Mutex<Vec<Vec<u32>>>>,
    at_once: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
}

impl Tens {
    fn new(permits: usize) -> Self {
        Self {
            may_end: Arc::new(Semaphore::new(permits)),
            begun: Arc::default(),
            at_once: Arc::default(),
            most: Arc::default(),
        }
    }

    fn begun(&self) -> Vec<Vec<u32>> {
        self.begun.lock().unwrap().clone()
    }
}

impl Work for Tens {
    type Message = u32;
    type Concern = HashSet<u32>;
    type Done = u32;

    const UNDER_WAY: usize = 4;

    fn has_room(&self, batch: &Batch<Self>, _: &u32) -> bool {
        batch.messages.len() < 3
    }

    fn waits_for(&self, under_way: &HashSet<u32>, message: &u32) -> bool {
        under_way.contains(&(message / 10))
    }

    fn concerns(&self, concern: &mut HashSet<u32>, message: &u32) {
        concern.insert(message / 10);
    }

    fn carry_out(&self, messages: Vec<u32>, _: &HashSet<u32>) -> BoxFuture<'static, Result<Vec<u32>, Status>> {
        let work = self.clone();
        work.begun.lock().unwrap().push(messages.clone());
        work.most.fetch_max(work.at_once.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        async move {
            work.may_end.acquire().await.expect("open").forget();
            work.at_once.fetch_sub(1, Ordering::SeqCst);
            if messages.contains(&13) { Err(Status::aborted("13")) } else { Ok(messages) }
        }
        .boxed()
    }
}

/// What is acknowledged of these numbers, and how it ends.
async fn all(work: &Tens, numbers: impl IntoIterator<Item = Result<u32, Status>>) -> (Vec<u32>, Option<Code>) {
    let inbound = iter(numbers.into_iter().collect::<Vec<_>>());
    let answers: Vec<_> = acknowledge(work.clone(), inbound, CancellationToken::new()).collect().await;
    let end = answers.last().and_then(|last| last.as_ref().err()).map(Status::code);
    (answers.into_iter().filter_map(Result::ok).collect(), end)
}

#[tokio::test]
async fn what_comes_in_is_acknowledged_in_order_and_in_bounded_batches() {
    let work = Tens::new(1_000);
    let numbers = (0..1_000).map(|n| n * 7 % 400);
    let (done, end) = all(&work, numbers.clone().map(|n| Ok(n + 100))).await;
    assert_eq!((done, end), (numbers.map(|n| n + 100).collect(), None));
    let begun = work.begun();
    assert!(begun.iter().all(|batch| (1..=3).contains(&batch.len())), "{begun:?}");
    assert!(work.most.load(Ordering::SeqCst) <= 4);
}

#[tokio::test]
async fn a_message_waits_for_what_it_concerns() {
    let work = Tens::new(0);
    let (send, receive) = mpsc::channel(100);
    let mut stream = Box::pin(acknowledge(work.clone(), ReceiverStream::new(receive), CancellationToken::new()));
    for number in [10, 20, 30, 11, 40] {
        send.send(Ok(number)).await.unwrap();
    }
    assert!(stream.next().now_or_never().is_none());
    assert_eq!(work.begun(), [vec![10, 20, 30]], "11 waits for 10, and 40 behind it");
    work.may_end.add_permits(1);
    assert_eq!(stream.next().await.unwrap().unwrap(), 10);
    drop(send);
    work.may_end.add_permits(1);
    assert_eq!(stream.map(Result::unwrap).collect::<Vec<_>>().await, [20, 30, 11, 40]);
}

#[tokio::test]
async fn one_that_is_sent_alone_is_carried_out_alone_and_no_more_is_read_than_is_held() {
    let work = Tens::new(0);
    let (send, receive) = mpsc::channel(1_000);
    let mut stream = Box::pin(acknowledge(work.clone(), ReceiverStream::new(receive), CancellationToken::new()));
    send.send(Ok(10)).await.unwrap();
    assert!(stream.next().now_or_never().is_none());
    assert_eq!(work.begun(), [vec![10]]);
    for number in 2..100 {
        send.send(Ok(number * 10)).await.unwrap();
    }
    while stream.next().now_or_never().is_some() {}
    let begun: usize = work.begun().iter().map(Vec::len).sum();
    let unread = 1_000 - send.capacity();
    assert_eq!(work.begun().len(), 4);
    assert_eq!(99 - unread, begun + 3 + 1, "what is under way, the batch being filled, and one that waits");
}

#[tokio::test]
async fn the_first_failure_ends_it_after_what_came_before() {
    let refused = || Err(Status::invalid_argument("bad"));
    let work = Tens::new(100);
    assert_eq!(all(&work, [Ok(20), Ok(30), refused(), Ok(40)]).await, (vec![20, 30], Some(Code::InvalidArgument)));
    let failing = [20, 30, 40, 13, 50].map(Ok);
    assert_eq!(all(&Tens::new(100), failing).await, (vec![20, 30, 40], Some(Code::Aborted)));
}

#[tokio::test]
async fn a_shutdown_begins_nothing_more_and_acknowledges_what_is_under_way() {
    let work = Tens::new(0);
    let (send, receive) = mpsc::channel(100);
    let shutdown = CancellationToken::new();
    let mut stream = Box::pin(acknowledge(work.clone(), ReceiverStream::new(receive), shutdown.clone()));
    for number in [10, 11] {
        send.send(Ok(number)).await.unwrap();
        assert!(stream.next().now_or_never().is_none());
    }
    shutdown.cancel();
    work.may_end.add_permits(2);
    let answers: Vec<_> = stream.collect().await;
    assert_eq!(answers[0].as_ref().unwrap(), &10);
    assert_eq!(answers[1].as_ref().unwrap_err().code(), Code::Unavailable);
    assert_eq!((answers.len(), work.begun()), (2, vec![vec![10]]), "the caller never ended it");
}
