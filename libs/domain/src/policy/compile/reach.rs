//! Which routes are never reached, because those above them take all of their leads.

use super::super::document;
use crate::id::Source;

/// What a route asks for, and whether it ends the routing.
pub(super) struct Reach<'a> {
    name: String,
    /// `None`: any.
    sources: Option<Vec<Source>>,
    min_score: Option<u8>,
    strategic: Option<bool>,
    segment: Option<&'a str>,
    when: Option<&'a str>,
    /// No lead goes on to the next route.
    ends: bool,
}

impl<'a> Reach<'a> {
    /// What a route asks for; `None` when a condition is at fault, so that it says nothing about others.
    pub(super) fn of(raw: &'a document::Route, sources: &[Source], min_score: Option<u8>) -> Option<Self> {
        let listed = raw.sources.as_ref().map_or(0, Vec::len);
        if (raw.sources.is_some() && (listed == 0 || listed != sources.len()))
            || raw.min_score.is_some() != min_score.is_some()
        {
            return None;
        }
        // A manager or a rep may not be there, then the next route acts; a pool takes every lead.
        let otherwise = raw.otherwise.as_ref().is_some_and(|otherwise| !otherwise.value.next);
        Some(Self {
            name: raw.name.value.trim().to_owned(),
            sources: raw.sources.is_some().then(|| sources.to_vec()),
            min_score,
            strategic: raw.strategic,
            segment: raw.segment.as_ref().map(|segment| segment.value.as_str()),
            when: raw.when.as_ref().map(|when| when.value.trim()),
            ends: raw.pool.is_some() || otherwise,
        })
    }

    fn is_any(&self) -> bool {
        let Self { sources, min_score, strategic, segment, when, .. } = self;
        sources.is_none() && min_score.is_none() && strategic.is_none() && segment.is_none() && when.is_none()
    }

    /// Whether every lead of `later` with this source, whatever it is when `None`, is one of this route's, and stays with it.
    fn takes(&self, later: &Self, source: Option<&Source>) -> bool {
        self.ends
            && self.sources.as_ref().is_none_or(|sources| source.is_some_and(|source| sources.contains(source)))
            && self.min_score.is_none_or(|least| later.min_score.is_some_and(|score| score >= least))
            && (self.strategic.is_none() || self.strategic == later.strategic)
            && (self.segment.is_none() || self.segment == later.segment)
            && (self.when.is_none() || self.when == later.when)
    }
}

/// Why a route below these is never reached, if so.
pub(super) fn covered(above: &[Reach<'_>], later: Option<&Reach<'_>>) -> Option<String> {
    if let Some(any) = above.iter().find(|route| route.ends && route.is_any()) {
        return Some(format!("never reached: route `{}` matches every lead", any.name));
    }
    let later = later?;
    // One route a source; without sources, one for all of them.
    let sources = match &later.sources {
        Some(sources) => sources.iter().map(Some).collect(),
        None => vec![None],
    };
    let mut takers: Vec<&str> = Vec::new();
    for source in sources {
        let taker = above.iter().find(|route| route.takes(later, source))?;
        if !takers.contains(&taker.name.as_str()) {
            takers.push(&taker.name);
        }
    }
    match takers[..] {
        [one] => Some(format!("never reached: route `{one}` matches every lead that this one matches")),
        _ => {
            let all = takers.iter().map(|taker| format!("`{taker}`")).collect::<Vec<_>>().join(", ");
            Some(format!("never reached: between them, the routes {all} match every lead that this one matches"))
        }
    }
}
