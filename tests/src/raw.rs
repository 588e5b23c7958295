//! Calls whose messages are bytes: any method, any content, well formed or not.

use bytes::{Buf, BufMut, Bytes};
use http::uri::PathAndQuery;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::{Request, Status};

use crate::Replica;

/// How many answers of a stream are awaited at most.
const ENOUGH: usize = 1;

/// Sends one message to a method, `/package.Service/Method`, and returns the first answer, if there is one before the call
/// ends well. Every kind of method is called alike: on the wire they do not differ.
pub async fn send(replica: &Replica, method: &str, message: impl Into<Bytes>) -> Result<Option<Bytes>, Status> {
    let mut client = tonic::client::Grpc::new(replica.channel.clone()).max_encoding_message_size(usize::MAX);
    client.ready().await.map_err(|error| Status::unavailable(error.to_string()))?;
    let path: PathAndQuery = method.parse().expect("a path");
    let request = Request::new(tokio_stream::once(message.into()));
    let mut answers = client.streaming(request, path, Plain).await?.into_inner();
    let mut first = None;
    for _ in 0..ENOUGH {
        first = answers.message().await?;
    }
    Ok(first)
}

#[derive(Debug, Default)]
struct Plain;

impl Codec for Plain {
    type Encode = Bytes;
    type Decode = Bytes;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Plain {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, message: Bytes, to: &mut EncodeBuf<'_>) -> Result<(), Status> {
        to.put(message);
        Ok(())
    }
}

impl Decoder for Plain {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, from: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        Ok(Some(from.copy_to_bytes(from.remaining())))
    }
}
