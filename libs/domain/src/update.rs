//! Correcting or filling in what is known of a lead that is there.

use std::collections::BTreeMap;

use crate::answer::Answer;
use crate::change::{Change, Due, Timer};
use crate::event::{Event, Kind};
use crate::id::LeadId;
use crate::intake::{self, Raw};
use crate::invalid::{Fields, Violation};
use crate::lead::{
    Engagement, Facts, MAX_ATTRIBUTES, MAX_COUNTERS, MAX_RESPONSES, Person, Place, Qualification, Stage,
};
use crate::record::{Key, Record, Snapshot};
use crate::refusal::{Reason, Refusal};
use crate::time::Millis;

/// What is known better now, normalised as a new lead's is; what is empty stays as it is.
#[derive(Debug, Clone)]
pub struct Command {
    lead: LeadId,
    facts: Facts,
    notes: String,
    attributes: BTreeMap<String, String>,
    engagement: Engagement,
    form_responses: BTreeMap<String, String>,
}

impl Command {
    /// Checks what a platform sent, by the rules for new leads, at `now`. The person and the source cannot be changed: both
    /// are left out of `raw`, as is the capture.
    pub fn new(lead: LeadId, raw: Raw, now: Millis) -> Result<Self, Vec<Violation>> {
        // Leads have a source, and an update has none.
        let raw = Raw { source: "update".to_owned(), ..raw };
        let (facts, person) = intake::normalise(raw, now)?;
        let Person { notes, attributes, engagement, form_responses, .. } = person;
        let command = Self { lead, facts, notes, attributes, engagement, form_responses };
        if command.is_empty() {
            let mut fields = Fields::new();
            fields.add("company", "at least one field of a lead is required");
            return fields.finish(None);
        }
        Ok(command)
    }

    fn is_empty(&self) -> bool {
        let Facts { company, stage, score, grade, product_interest, qualification, .. } = &self.facts;
        let texts =
            [&company.name, &company.domain, &company.industry, &company.country, &company.region, &company.city];
        texts.into_iter().chain([grade, product_interest, &self.notes]).all(|text| text.is_empty())
            && company.employees.is_none()
            && score.is_none()
            && *qualification == Qualification::default()
            && *stage == Stage::Unknown
            && self.attributes.is_empty()
            && self.engagement == Engagement::default()
            && self.form_responses.is_empty()
    }
}

/// What an update looks at.
pub fn reads(command: &Command) -> [Key; 2] {
    [Key::Lead(command.lead), Key::Person(command.lead)]
}

/// Decides on an update. One that says what is known changes nothing. A held lead is tried again by what is known now.
pub fn decide(snapshot: &Snapshot, command: &Command, now: Millis) -> Result<Change, Refusal> {
    let lead = snapshot.lead(command.lead).ok_or_else(|| Refusal::lead_unknown(command.lead))?;
    let personal = !(command.notes.is_empty()
        && command.attributes.is_empty()
        && command.engagement == Engagement::default()
        && command.form_responses.is_empty());
    if lead.acts.erased_at.is_some() && personal {
        let message =
            "the lead's personal data is erased: it can have no notes, attributes, engagement or form responses";
        return Err(Refusal::of(Reason::LeadErased, message));
    }
    let mut next = lead.clone();
    let mut person = snapshot.person(command.lead).cloned().unwrap_or_default();
    let mut fields = Vec::new();
    let facts = facts(&mut next.facts, &command.facts, &mut fields);
    let mut texts = set(&mut person.notes, &command.notes, "notes", &mut fields);
    texts |= engagement(&mut person, command, &mut fields)?;
    let before = person.attributes.clone();
    person.attributes.extend(command.attributes.clone());
    if person.attributes.len() > MAX_ATTRIBUTES {
        return Err(full(MAX_ATTRIBUTES, "attributes"));
    }
    let attributes = person.attributes != before;
    if attributes {
        fields.push("attributes".to_owned());
    }
    let mut change = Change::answering(Answer::Done);
    change.expects.extend(reads(command));
    if fields.is_empty() {
        return Ok(change);
    }
    // Conditions look at attributes too: whoever decides on the lead meanwhile is to look again.
    if facts || attributes {
        change.puts.push(Record::from(next));
        if lead.place == Place::Held {
            change.timers.push(Timer::Set(Due::Held(lead.id), now));
        }
    }
    if texts || attributes {
        change.puts.push(Record::Person(lead.id, person));
    }
    change.events.push(Event { at: now, kind: Kind::LeadUpdated { lead: lead.id, fields }, decision: None });
    Ok(change)
}

fn full(most: usize, of: &str) -> Refusal {
    Refusal::of(Reason::AttributesFull, format!("a lead has at most {most} {of}"))
}

/// What the prospect did and answered; whether that is new.
fn engagement(person: &mut Person, better: &Command, fields: &mut Vec<String>) -> Result<bool, Refusal> {
    let before = fields.len();
    let (known, with) = (&mut person.engagement, &better.engagement);
    set(&mut known.opens, &with.opens, "engagement.opens", fields);
    set(&mut known.visits, &with.visits, "engagement.visits", fields);
    let (counters, responses) = (known.counters.clone(), person.form_responses.clone());
    known.counters.extend(with.counters.clone());
    person.form_responses.extend(better.form_responses.clone());
    if known.counters.len() > MAX_COUNTERS {
        return Err(full(MAX_COUNTERS, "counters"));
    }
    if person.form_responses.len() > MAX_RESPONSES {
        return Err(full(MAX_RESPONSES, "form responses"));
    }
    fields.extend((known.counters != counters).then(|| "engagement.counters".to_owned()));
    fields.extend((person.form_responses != responses).then(|| "form_responses".to_owned()));
    Ok(fields.len() > before)
}

fn set<T: Clone + PartialEq + Default>(known: &mut T, better: &T, name: &str, fields: &mut Vec<String>) -> bool {
    let changes = *better != T::default() && known != better;
    if changes {
        known.clone_from(better);
        fields.push(name.to_owned());
    }
    changes
}

fn facts(known: &mut Facts, better: &Facts, fields: &mut Vec<String>) -> bool {
    let before = fields.len();
    let (company, with) = (&mut known.company, &better.company);
    set(&mut company.name, &with.name, "company.name", fields);
    set(&mut company.domain, &with.domain, "company.domain", fields);
    set(&mut company.employees, &with.employees, "company.employees", fields);
    set(&mut company.industry, &with.industry, "company.industry", fields);
    // A region tells its country.
    let country = match with.region.split_once('-') {
        Some((country, _)) if with.country.is_empty() => country.to_owned(),
        _ => with.country.clone(),
    };
    let moved = set(&mut company.country, &country, "company.country", fields);
    if moved && with.region.is_empty() && !company.region.is_empty() {
        // It lies in the country that was wrong.
        company.region.clear();
        fields.push("company.region".to_owned());
    }
    set(&mut company.region, &with.region, "company.region", fields);
    set(&mut company.city, &with.city, "company.city", fields);
    set(&mut known.stage, &better.stage, "stage", fields);
    set(&mut known.score, &better.score, "score", fields);
    set(&mut known.grade, &better.grade, "grade", fields);
    set(&mut known.product_interest, &better.product_interest, "product_interest", fields);
    let (known, better) = (&mut known.qualification, &better.qualification);
    set(&mut known.budget, &better.budget, "qualification.budget", fields);
    set(&mut known.timeline, &better.timeline, "qualification.timeline", fields);
    set(&mut known.authority, &better.authority, "qualification.authority", fields);
    fields.len() > before
}

#[cfg(test)]
mod tests;
