//! The routing order.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use serde_saphyr::Location;

use super::super::document::{Document, Text};
use super::super::{ACCOUNT_OWNER, DEFAULT_ROUTE, FALLBACK, NAMED_ACCOUNT, PUSH_FIRST, Route, UNCLAIMED};
use super::reach::{self, Reach};
use super::{Check, Names, actions};
use crate::expression::Expression;
use crate::id::{SegmentId, Source};

/// The names that decisions give to steps which are no routes of the document.
const TAKEN: [&str; 6] = [ACCOUNT_OWNER, NAMED_ACCOUNT, DEFAULT_ROUTE, FALLBACK, UNCLAIMED, PUSH_FIRST];

pub(super) fn routes(document: &Document, names: &Names<'_>, check: &mut Check) -> Vec<Route> {
    let segments = segments(document, check);
    let mut seen = HashSet::new();
    let mut routes = Vec::new();
    let mut above = Vec::new();
    for raw in &document.routes {
        let at = raw.name.referenced;
        let name = raw.name.value.trim().to_owned();
        if name.is_empty() || name.chars().count() > 64 {
            check.fault(at, "a route's name has 1 to 64 characters");
        }
        if TAKEN.contains(&name.as_str()) {
            check.fault(at, format!("`{name}` names a step that every policy has"));
        }
        check.unique(&mut seen, &name, at, &format!("route `{name}`"));
        let sources = sources(raw.sources.as_deref(), at, check);
        let min_score = raw.min_score.as_ref().and_then(|score| check.number(score, "min_score", 0, 100));
        let min_score = min_score.and_then(|score| u8::try_from(score).ok());
        let reach = Reach::of(raw, &sources, min_score);
        if let Some(message) = reach::covered(&above, reach.as_ref()) {
            check.fault(at, message);
        }
        above.extend(reach);
        let action = actions::action(raw.acts(), at, names, check);
        let mut when = Vec::new();
        if let Some(segment) = &raw.segment {
            match segments.get(segment.value.as_str()) {
                Some(condition) => when.extend(condition.clone()),
                None => check.fault(segment.referenced, format!("no segment `{}`", segment.value)),
            }
        }
        when.extend(raw.when.as_ref().and_then(|when| expression(when, check)));
        if let Some(action) = action {
            routes.push(Route { name: name.into(), sources, min_score, strategic: raw.strategic, when, action });
        }
    }
    routes
}

/// The segments by id; one whose condition is at fault is there without it.
fn segments<'a>(document: &'a Document, check: &mut Check) -> HashMap<&'a str, Option<Arc<Expression>>> {
    let mut seen = HashSet::new();
    let mut segments = HashMap::new();
    for raw in &document.segments {
        let id = raw.id.value.as_str();
        if let Some(id) = check.take(raw.id.referenced, SegmentId::parse(id)) {
            check.unique(&mut seen, &id, raw.id.referenced, &format!("segment `{id}`"));
        }
        segments.insert(id, expression(&raw.when, check));
    }
    segments
}

pub(super) fn expression(text: &Text, check: &mut Check) -> Option<Arc<Expression>> {
    match Expression::parse(&text.value) {
        Ok(expression) => Some(Arc::new(expression)),
        Err(faults) => {
            for fault in faults {
                let (line, column) = (fault.line, fault.column);
                let place = if line > 1 { format!("line {line}, column {column}") } else { format!("column {column}") };
                check.fault(text.referenced, format!("at {place} of the condition: {}", fault.message));
            }
            None
        }
    }
}

fn sources(raw: Option<&[Text]>, at: Location, check: &mut Check) -> Vec<Source> {
    let Some(raw) = raw else { return Vec::new() };
    if raw.is_empty() {
        check.fault(at, "`sources` is empty, so the route matches nothing; leave it out to match any source");
    }
    raw.iter().filter_map(|source| check.take(source.referenced, Source::parse(&source.value))).collect()
}
