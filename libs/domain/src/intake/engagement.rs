//! What a prospect did and answered, as a platform sent it.

use std::collections::BTreeMap;

use crate::id::Source;
use crate::invalid::{Fields, Invalid, text};
use crate::lead::{Engagement, MAX_COUNTERS, MAX_RESPONSES};

/// Engagement as a platform sent it.
#[derive(Debug, Clone, Default)]
pub struct Raw {
    /// `engagement.opens`
    pub opens: Option<i32>,
    /// `engagement.visits`
    pub visits: Option<i32>,
    /// `engagement.counters`
    pub counters: BTreeMap<String, i32>,
}

pub(super) fn normalise(raw: Raw, fields: &mut Fields) -> Engagement {
    Engagement {
        opens: fields.take("engagement.opens", counted(raw.opens)).flatten(),
        visits: fields.take("engagement.visits", counted(raw.visits)).flatten(),
        counters: counters(raw.counters, fields),
    }
}

fn counted(value: Option<i32>) -> Result<Option<u32>, Invalid> {
    value.map(u32::try_from).transpose().map_err(|_| Invalid::new("0 or more"))
}

fn counters(raw: BTreeMap<String, i32>, fields: &mut Fields) -> BTreeMap<String, u32> {
    if raw.len() > MAX_COUNTERS {
        fields.add("engagement.counters", format!("at most {MAX_COUNTERS} entries"));
        return BTreeMap::new();
    }
    let mut kept = BTreeMap::new();
    for (name, value) in raw {
        let count = Source::parse(&name)
            .map_err(|_| Invalid::new("names of 1 to 64 characters of a-z 0-9 _ -"))
            .and_then(|_| counted(Some(value)));
        if let Some(count) = fields.take("engagement.counters", count).flatten() {
            kept.insert(name, count);
        }
    }
    kept
}

/// Questions are texts, as they stand on forms.
pub(super) fn form_responses(raw: BTreeMap<String, String>, fields: &mut Fields) -> BTreeMap<String, String> {
    if raw.len() > MAX_RESPONSES {
        fields.add("form_responses", format!("at most {MAX_RESPONSES} entries"));
        return BTreeMap::new();
    }
    let mut kept = BTreeMap::new();
    for (question, response) in raw {
        let question = text(&question, 200).and_then(|question| match question.is_empty() {
            true => Err(Invalid::new("questions of 1 to 200 characters")),
            false => Ok(question),
        });
        let pair = question.and_then(|question| Ok((question, text(&response, 2_000)?)));
        kept.extend(fields.take("form_responses", pair));
    }
    kept
}
