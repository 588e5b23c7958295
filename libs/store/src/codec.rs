//! Between the domain's entities and the bytes that Redis keeps.
//!
//! A stored record is 8 version bytes followed by a message of `leadhand.store.v1`. Reading checks ids again: what cannot
//! be read back is an error with the record's key, never a guess.

use leadhand_domain::id::{LeadId, PoolId};
use leadhand_domain::invalid::Invalid;
use leadhand_domain::likeness::Likeness;
use leadhand_domain::record::{self, Key, Record};
use leadhand_domain::rounds::Rounds;
use leadhand_domain::time::{Millis, Span};
use leadhand_proto::store::v1 as stored;
use prost::Message;

use crate::error::Error;

mod account;
pub(crate) mod answer;
mod calendar;
mod conduct;
pub(crate) mod event;
mod lead;
mod ledger;
mod rotation;
mod selection;

/// Length of a record's version.
pub(crate) const VERSION: usize = 8;

/// A record's version: random, compared as bytes, never counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Version(pub(crate) [u8; VERSION]);

impl Version {
    pub(crate) fn random() -> Self {
        Self(rand::random())
    }
}

/// What went wrong while reading a record back.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    #[error("{0}")]
    Decode(#[from] prost::DecodeError),
    #[error("{0}")]
    Id(#[from] Invalid),
    #[error("{0}")]
    Other(&'static str),
}

/// The record as Redis keeps it.
pub(crate) fn encode(version: Version, record: &Record) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(256);
    bytes.extend_from_slice(&version.0);
    let written = match record {
        Record::Lead(lead) => lead::to_stored(lead).encode(&mut bytes),
        Record::Person(id, person) => lead::person_to_stored(*id, person).encode(&mut bytes),
        Record::Likeness(likeness) => stored::Likeness { lead_id: likeness.lead.to_string() }.encode(&mut bytes),
        Record::Accounts(at) => account::to_stored(at).encode(&mut bytes),
        Record::Account(account) => account::account_to_stored(account).encode(&mut bytes),
        Record::Mix(mix) => stored::Mix { route: mix.route.to_string(), decided: mix.decided }.encode(&mut bytes),
        Record::Rounds(Rounds { tiers, floor }) => {
            let [tiers, floor] = [*tiers, *floor].map(moment_to_stored);
            stored::Rounds { tiers, floor }.encode(&mut bytes)
        }
        // A count has no version: it is added to, never put.
        Record::Count(_, count) => return count.to_string().into_bytes(),
        Record::Claims(claims) => ledger::claims_to_stored(claims).encode(&mut bytes),
        Record::Conduct(conduct) => conduct::to_stored(conduct).encode(&mut bytes),
        Record::Selection(selection) => selection::to_stored(selection).encode(&mut bytes),
        Record::RotationHead(head) => rotation::head_to_stored(head).encode(&mut bytes),
        Record::Seat(seat) => rotation::seat_to_stored(seat).encode(&mut bytes),
        Record::Calendar(calendar) => calendar::to_stored(calendar).encode(&mut bytes),
        Record::Presence(presence) => calendar::presence_to_stored(presence).encode(&mut bytes),
        Record::Feed(feed) => calendar::feed_to_stored(feed).encode(&mut bytes),
        Record::Calendars(_, at) => stored::Calendars { changed_at: at.0 }.encode(&mut bytes),
        Record::PolicyHead(head) => {
            let pools = head.pools.iter().map(ToString::to_string).collect();
            let (secret, tiers_since) = (head.secret.to_vec(), moment_to_stored(head.tiers_since));
            stored::PolicyHead { number: head.number, pools, secret, tiers_since }.encode(&mut bytes)
        }
        Record::PolicyVersion(version) => answer::version_to_stored(version).encode(&mut bytes),
    };
    // A `Vec` grows: encoding into it cannot run out of room.
    debug_assert!(written.is_ok());
    bytes
}

/// The version and the entity from what Redis keeps under `key`; a count has no version.
pub(crate) fn decode(key: &Key, bytes: &[u8]) -> Result<(Option<Version>, Record), Error> {
    let damaged = |fault: Fault| Error::Damaged(format!("{key:?}: {fault}"));
    if let Key::Count(counter) = key {
        let count = std::str::from_utf8(bytes).ok().and_then(|text| text.parse::<i64>().ok());
        let count = count.ok_or_else(|| damaged(Fault::Other("not a count")))?;
        // Never below nothing, whatever was counted twice by an operator's hand.
        return Ok((None, Record::Count(counter.clone(), u64::try_from(count).unwrap_or(0))));
    }
    let (version, body) =
        bytes.split_first_chunk::<VERSION>().ok_or_else(|| damaged(Fault::Other("shorter than its version")))?;
    let record = decode_body(key, body).map_err(damaged)?;
    Ok((Some(Version(*version)), record))
}

fn decode_body(key: &Key, body: &[u8]) -> Result<Record, Fault> {
    Ok(match key {
        Key::Lead(_) => Record::from(lead::from_stored(stored::Lead::decode(body)?)?),
        Key::Person(id) => Record::Person(*id, lead::person_from_stored(stored::Person::decode(body)?)),
        Key::Likeness(mark) => {
            let lead = LeadId::parse(&stored::Likeness::decode(body)?.lead_id)?;
            // For how long is the key's to know.
            Record::Likeness(Likeness { mark: *mark, lead, kept: Span(0) })
        }
        Key::Accounts(likeness) => Record::Accounts(account::from_stored(likeness, stored::AccountsAt::decode(body)?)?),
        Key::Account(_) => Record::Account(account::account_from_stored(stored::Account::decode(body)?)?),
        Key::Mix(route) => {
            Record::Mix(record::Mix { route: route.clone(), decided: stored::Mix::decode(body)?.decided })
        }
        Key::Rounds => {
            let stored::Rounds { tiers, floor } = stored::Rounds::decode(body)?;
            let [tiers, floor] = [tiers, floor].map(moment_from_stored);
            Record::Rounds(Rounds { tiers, floor })
        }
        Key::Count(_) => return Err(Fault::Other("a count has no body")),
        Key::Claims(_) => Record::Claims(ledger::claims_from_stored(stored::RepClaims::decode(body)?)?),
        Key::Conduct(_) => Record::Conduct(conduct::from_stored(stored::RepConduct::decode(body)?)?),
        Key::Selection(_) => Record::Selection(selection::from_stored(stored::RepSelection::decode(body)?)?),
        Key::RotationHead(_) => Record::RotationHead(rotation::head_from_stored(stored::Rotation::decode(body)?)?),
        Key::Seat(..) => Record::Seat(rotation::seat_from_stored(stored::Seat::decode(body)?)?),
        Key::Calendar(_) => Record::Calendar(calendar::from_stored(stored::Calendar::decode(body)?)?),
        Key::Presence(_) => Record::Presence(calendar::presence_from_stored(stored::Presence::decode(body)?)?),
        Key::Feed(..) => Record::Feed(calendar::feed_from_stored(stored::Feed::decode(body)?)?),
        Key::Calendars(team) => Record::Calendars(team.clone(), Millis(stored::Calendars::decode(body)?.changed_at)),
        Key::PolicyHead => {
            let head = stored::PolicyHead::decode(body)?;
            let pools = head.pools.iter().map(|pool| PoolId::parse(pool)).collect::<Result<_, _>>()?;
            let secret = head.secret.try_into().map_err(|_| Fault::Other("the secret is not 32 bytes"))?;
            let tiers_since = moment_from_stored(head.tiers_since);
            Record::PolicyHead(record::PolicyHead { number: head.number, pools, secret, tiers_since })
        }
        Key::PolicyVersion(_) => {
            let version = answer::version_from_stored(stored::PolicyVersion::decode(body)?);
            Record::PolicyVersion(version)
        }
    })
}

/// Where there may be no moment, 0 says so: that of 1970 is none that anything comes at.
fn moment_to_stored(at: Option<Millis>) -> i64 {
    at.map_or(0, |at| at.0)
}

fn moment_from_stored(at: i64) -> Option<Millis> {
    (at != 0).then_some(Millis(at))
}

/// The policy version of a record, when it is one.
pub(crate) fn policy_version(record: Record) -> Option<record::PolicyVersion> {
    match record {
        Record::PolicyVersion(version) => Some(version),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
