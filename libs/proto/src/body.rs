//! The hash of a request's body, by which a repeated request id is told from a reused one.

use prost::Message;
use sha2::{Digest, Sha256};

/// The first 16 bytes of SHA-256 of the message's encoding. The request's own id may stay in: it is part of the name
/// under which the hash is kept. Maps are encoded in the order of their keys, so equal messages have equal hashes.
pub fn hash(message: &impl Message) -> [u8; 16] {
    let digest: [u8; 32] = Sha256::digest(message.encode_to_vec()).into();
    let mut hash = [0; 16];
    hash.copy_from_slice(&digest[..16]);
    hash
}
