//! What happened to a lead.

use leadhand_domain::id::Fence;
use leadhand_domain::lead::{Lead, Person};
use leadhand_domain::policy::required;
use leadhand_domain::record::Key;
use leadhand_domain::refusal::Refusal;
use leadhand_domain::visibility::{self, View};
use leadhand_proto::act_wire;
use leadhand_proto::event::v1::Event;
use leadhand_proto::event::v1::event::Kind;
use leadhand_proto::record::v1::HistoryEntry;
use leadhand_store::history::Entry;
use leadhand_store::{Error, Store};
use prost::Message;

use super::request::History;

/// A page of a history.
pub(super) struct Page {
    pub(super) entries: Vec<HistoryEntry>,
    /// Where the next page starts; `None` on the last one.
    pub(super) next: Option<u32>,
}

/// One page of what happened to a lead, as far as the viewer may see it.
pub(super) async fn page(store: &Store, asked: &History) -> Result<Page, Error> {
    let History { workspace, viewer, lead, from, size } = asked;
    let policy = required(store.policy(workspace).await?)?;
    let read = store.read(workspace, &[Key::Lead(*lead), Key::Person(*lead)]).await?;
    // Who left the policy still sees the leads that are theirs.
    if read.lead(*lead).and_then(Lead::owner) != Some(viewer) {
        policy.require_rep(viewer)?;
    }
    let found = read.lead(*lead).ok_or_else(|| Refusal::lead_unknown(*lead))?;
    let view = visibility::history(&policy, found, viewer)?;
    let nobody = Person::default();
    let person = read.person(*lead).unwrap_or(&nobody);
    let happened = store.history(workspace, *lead, *from, *size).await?;
    let read = u32::try_from(happened.len()).unwrap_or(u32::MAX);
    let next = (happened.len() == *size).then(|| from.checked_add(read)).flatten();
    let mut entries = Vec::with_capacity(happened.len());
    for entry in happened {
        let event = event(entry)?;
        if view == View::Preview && !act_wire::is_public(&event) {
            continue;
        }
        let note = if view == View::Owner { note(person, &event) } else { String::new() };
        entries.push(HistoryEntry { event: Some(event), note });
    }
    Ok(Page { entries, next })
}

fn event(entry: Entry) -> Result<Event, Error> {
    let position = entry.position.to_string();
    let Some(stored) = entry.event else { return Ok(Event { position, ..Event::default() }) };
    let event = Event::decode(stored.event.as_slice());
    let event = event.map_err(|fault| Error::Damaged(format!("event {position}: {fault}")))?;
    Ok(Event { position, ..event })
}

/// What the manager wrote who ordered this, as far as it is kept: under the fence from then on.
fn note(person: &Person, event: &Event) -> String {
    let Some(Kind::AssignmentOrdered(ordered)) = &event.kind else { return String::new() };
    person.act_notes.get(&Fence(ordered.fence).next()).cloned().unwrap_or_default()
}
