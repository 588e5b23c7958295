//! The bodies at the edge: requests are bounded, responses are bounded, watched to their end and ended on shutdown.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{HeaderMap, header};
use http_body::{Body as HttpBody, Frame, SizeHint};
use leadhand_proto::refusal;
use tokio::time::Sleep;
use tokio_util::sync::WaitForCancellationFutureOwned;
use tonic::body::Body;
use tonic::{Code, Status};

use super::metrics::Record;
use crate::call::{Call, Receiving};
use crate::status;

/// How much tonic may gather of a stream's messages into one frame.
const GATHERED_BYTES: usize = 32 << 10;
/// What precedes every message.
const PREFIX_BYTES: usize = 5;

/// A request. What it has received of a message that is not whole yet is counted among what all may; one that is whole is
/// decoded before more is read. That of a unary call is refused when it grows past its limit or says that it will.
pub(super) struct Bounded<B> {
    inner: B,
    /// What is left of the limit, and the limit; tonic has its own for each message of a stream.
    unary: Option<(usize, usize)>,
    message: Message,
    receiving: Receiving,
}

impl<B> Bounded<B> {
    pub(super) fn new(inner: B, limit: Option<usize>, receiving: Receiving) -> Self {
        let unary = limit.map(|limit| (limit.saturating_add(PREFIX_BYTES), limit));
        Self { inner, unary, message: Message::default(), receiving }
    }

    /// Takes account of what has come in.
    fn take(&mut self, data: &[u8]) -> Result<(), Status> {
        let largest = self.message.take(data);
        if let Some((left, limit)) = &mut self.unary {
            // tonic would refuse a message past the limit too, with another status.
            match left.checked_sub(data.len()) {
                Some(rest) if largest <= *limit => *left = rest,
                _ => return Err(status::too_large("request", *limit)),
            }
        }
        if self.receiving.hold(self.message.received) { Ok(()) } else { Err(status::overloaded()) }
    }
}

/// The message that comes in: a prefix with its length, then so many bytes.
#[derive(Default)]
struct Message {
    prefix: [u8; PREFIX_BYTES],
    /// How much of it is there, the prefix included.
    received: usize,
}

impl Message {
    /// How long it is; known once its prefix is there.
    fn length(&self) -> Option<usize> {
        let [_, a, b, c, d] = self.prefix;
        (self.received >= PREFIX_BYTES).then(|| u32::from_be_bytes([a, b, c, d]) as usize)
    }

    /// Goes on by these bytes, maybe over several messages; the longest length that was announced.
    fn take(&mut self, mut data: &[u8]) -> usize {
        let mut longest = 0;
        loop {
            if self.received < PREFIX_BYTES {
                let (prefix, rest) = data.split_at(data.len().min(PREFIX_BYTES - self.received));
                self.prefix[self.received..self.received + prefix.len()].copy_from_slice(prefix);
                self.received += prefix.len();
                data = rest;
            }
            let Some(length) = self.length() else { return longest };
            longest = longest.max(length);
            let missing = length - (self.received - PREFIX_BYTES);
            if data.len() < missing {
                self.received += data.len();
                return longest;
            }
            data = &data[missing..];
            self.received = 0;
            if data.is_empty() {
                return longest;
            }
        }
    }
}

impl<B> HttpBody for Bounded<B>
where
    B: HttpBody<Data = Bytes> + Unpin,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    type Data = Bytes;
    type Error = Box<dyn std::error::Error + Send + Sync>;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        Pin::new(&mut self.inner).poll_frame(cx).map(|frame| {
            let frame = match frame? {
                Ok(frame) => frame,
                Err(error) => return Some(Err(error.into())),
            };
            let taken = frame.data_ref().map_or(Ok(()), |data| self.take(data));
            Some(taken.map(|()| frame).map_err(Into::into))
        })
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

/// The response.
#[derive(Default)]
pub(super) struct Outgoing {
    inner: Body,
    /// The call, until it has ended.
    open: Option<Open>,
}

/// A response that has not ended yet.
pub(super) struct Open {
    pub(super) record: Record,
    pub(super) max_bytes: usize,
    /// What only streams have.
    pub(super) stream: Option<Box<Stream>>,
}

/// What an open stream is held by.
pub(super) struct Stream {
    pub(super) call: Call,
    /// Fires when the server can wait no longer for the stream to end by itself.
    pub(super) cut: Pin<Box<WaitForCancellationFutureOwned>>,
    /// The caller's own deadline.
    pub(super) deadline: Option<Pin<Box<Sleep>>>,
}

impl Outgoing {
    /// A response that has nothing more to tell.
    pub(super) fn ended(inner: Body) -> Self {
        Self { inner, open: None }
    }

    /// A response whose outcome is yet to come.
    pub(super) fn open(inner: Body, open: Open) -> Self {
        Self { inner, open: Some(open) }
    }

    /// Ends the response with `status` instead of what was to come.
    fn end(&mut self, status: Status) -> Frame<Bytes> {
        if let Some(mut open) = self.open.take() {
            open.record.finish(status.code());
        }
        self.inner = Body::empty();
        let mut headers = status.into_http::<()>().into_parts().0.headers;
        headers.remove(header::CONTENT_TYPE);
        Frame::trailers(headers)
    }
}

impl HttpBody for Outgoing {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let this = &mut *self;
        let Some(open) = &mut this.open else {
            return Pin::new(&mut this.inner).poll_frame(cx);
        };
        let inner = Pin::new(&mut this.inner);
        let polled = match &mut open.stream {
            None => inner.poll_frame(cx),
            Some(stream) => {
                let call = stream.call.clone();
                let poll = || open.record.span().in_scope(|| call.sync_scope(|| inner.poll_frame(cx)));
                match catch_unwind(AssertUnwindSafe(poll)) {
                    Ok(polled) => polled,
                    Err(_) => return Poll::Ready(Some(Ok(this.end(refusal::internal())))),
                }
            }
        };
        match polled {
            Poll::Pending => {
                let Some(stream) = &mut open.stream else { return Poll::Pending };
                if stream.cut.as_mut().poll(cx).is_ready() {
                    return Poll::Ready(Some(Ok(this.end(status::shutting_down()))));
                }
                if stream.deadline.as_mut().is_some_and(|sleep| sleep.as_mut().poll(cx).is_ready()) {
                    return Poll::Ready(Some(Ok(this.end(status::deadline_exceeded()))));
                }
                Poll::Pending
            }
            Poll::Ready(Some(Ok(frame))) => {
                if let Some(data) = frame.data_ref() {
                    let slack = if open.stream.is_some() { GATHERED_BYTES } else { 0 };
                    if data.len() > open.max_bytes.saturating_add(PREFIX_BYTES + slack) {
                        let refusal = status::too_large("response", open.max_bytes);
                        return Poll::Ready(Some(Ok(this.end(refusal))));
                    }
                } else if let Some(trailers) = frame.trailers_ref() {
                    open.record.finish(code_in(trailers).unwrap_or(Code::Unknown));
                    this.open = None;
                }
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(Some(Err(error))) => {
                open.record.finish(error.code());
                this.open = None;
                Poll::Ready(Some(Err(error)))
            }
            Poll::Ready(None) => {
                open.record.finish(Code::Unknown);
                this.open = None;
                Poll::Ready(None)
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.open.is_none() && self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        if self.open.is_none() { self.inner.size_hint() } else { SizeHint::default() }
    }
}

/// The `grpc-status` in headers or trailers.
pub(super) fn code_in(headers: &HeaderMap) -> Option<Code> {
    headers.get("grpc-status").map(|value| Code::from_bytes(value.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(length: usize) -> Vec<u8> {
        let mut bytes = vec![0];
        bytes.extend(u32::try_from(length).unwrap().to_be_bytes());
        bytes.resize(PREFIX_BYTES + length, 7);
        bytes
    }

    /// However the bytes are cut, what counts is the part of the message that is not whole.
    #[test]
    fn only_a_message_that_is_not_whole_counts() {
        let lengths = [0, 1, 300, 0, 70_000, 5];
        let whole: Vec<u8> = lengths.iter().flat_map(|length| message(*length)).collect();
        let ends: Vec<usize> = lengths
            .iter()
            .scan(0, |at, length| {
                *at += PREFIX_BYTES + length;
                Some(*at)
            })
            .collect();
        for piece in [1, 2, 3, 5, 7, 64, 1_000, whole.len()] {
            let (mut at, mut longest, mut reader) = (0, 0, Message::default());
            for data in whole.chunks(piece) {
                longest = reader.take(data).max(longest);
                at += data.len();
                let begun = ends.iter().copied().filter(|end| *end <= at).max().unwrap_or(0);
                assert_eq!(reader.received, at - begun, "in pieces of {piece}, at {at}");
            }
            assert_eq!(longest, 70_000);
        }
    }
}
