//! What callers hand back to go on where they were: texts that mean nothing to them.

use std::fmt::Write;

use leadhand_domain::guardrail::tier::Tier;
use leadhand_domain::id::LeadId;
use leadhand_domain::invalid::Invalid;
use leadhand_domain::time::Millis;
use leadhand_proto::body;
use leadhand_proto::pool::v1::{ListLeadsRequest, WatchPoolRequest};
use leadhand_store::events::Position;
use leadhand_store::pools::Entry;

use crate::index::{Place, Sort};

/// What a token was given for: another request cannot go on with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stamp(String);

impl Stamp {
    /// Of the pages of a list.
    pub(crate) fn of_list(request: &ListLeadsRequest, sort: Sort) -> Self {
        let sort = match sort {
            Sort::Waiting => 1,
            Sort::Newest => 2,
            Sort::HighScore => 3,
            Sort::LowScore => 4,
            Sort::Size => 5,
        };
        Self::of(&ListLeadsRequest { page_size: 0, page_token: String::new(), sort, ..request.clone() })
    }

    /// Of a watched pool.
    pub(crate) fn of_watch(request: &WatchPoolRequest) -> Self {
        Self::of(&WatchPoolRequest { after: String::new(), ..request.clone() })
    }

    fn of(request: &impl prost::Message) -> Self {
        let mut stamp = String::new();
        for byte in &body::hash(request)[..8] {
            // Writing to a string cannot fail.
            let _ = write!(stamp, "{byte:02x}");
        }
        Self(stamp)
    }

    /// A token's parts before the stamp, which must be this one.
    fn parts<'a, const N: usize>(&self, token: &'a str, call: &str) -> Result<[&'a str; N], Invalid> {
        let foreign = || Invalid::new(format!("not a token that {call} gave for the same request"));
        let (parts, stamp) = token.rsplit_once('.').ok_or_else(foreign)?;
        let parts: Vec<_> = parts.splitn(N + 1, '.').collect();
        parts.try_into().ok().filter(|_| stamp == self.0).ok_or_else(foreign)
    }
}

/// The token of the page after a place.
pub(crate) fn page(place: Place, stamp: &Stamp) -> String {
    format!("{}.{}.{}.{}", place.rank, place.at.0, place.lead, stamp.0)
}

/// Reads a page's token; empty is the beginning.
pub(crate) fn parse_page(token: &str, stamp: &Stamp) -> Result<Option<Place>, Invalid> {
    if token.is_empty() {
        return Ok(None);
    }
    let [rank, at, lead] = stamp.parts(token, "ListLeads")?;
    let place =
        || Some(Place { rank: rank.parse().ok()?, at: Millis(at.parse().ok()?), lead: LeadId::parse(lead).ok()? });
    place().map(Some).ok_or_else(|| Invalid::new("not a token that ListLeads gave"))
}

/// Up to where a watcher has been told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Told {
    /// Every event up to here.
    pub(crate) position: Position,
    /// What the clock had opened by then.
    pub(crate) at: Millis,
    /// By this version of the policy.
    pub(crate) version: u64,
    /// As one of this tier.
    pub(crate) tier: Tier,
}

/// The text of it.
pub(crate) fn told(told: Told, stamp: &Stamp) -> String {
    format!("{}.{}.{}.{}.{}", told.position, told.at.0, told.version, told.tier.number(), stamp.0)
}

/// Reads it; empty is the beginning.
pub(crate) fn parse_told(token: &str, stamp: &Stamp) -> Result<Option<Told>, Invalid> {
    if token.is_empty() {
        return Ok(None);
    }
    let [position, at, version, tier] = stamp.parts(token, "WatchPool")?;
    let told = || {
        let (position, at) = (Position::parse(position).ok()?, Millis(at.parse().ok()?));
        Some(Told { position, at, version: version.parse().ok()?, tier: Tier::of(tier.parse().ok()?)? })
    };
    told().map(Some).ok_or_else(|| Invalid::new("not a position that WatchPool gave"))
}

/// The token of the page of one's own leads after a place.
pub(crate) fn mine(entry: Entry) -> String {
    format!("{}.{}", entry.at.0, entry.lead)
}

/// Reads it; empty is the beginning.
pub(crate) fn parse_mine(token: &str) -> Result<Option<Entry>, Invalid> {
    if token.is_empty() {
        return Ok(None);
    }
    let place = token
        .split_once('.')
        .and_then(|(at, lead)| Some(Entry { at: Millis(at.parse().ok()?), lead: LeadId::parse(lead).ok()? }));
    place.map(Some).ok_or_else(|| Invalid::new("not a token that ListMyLeads gave"))
}
