//! Calendars.

use leadhand_domain::calendar::{Calendar, Event};
use leadhand_domain::id::{CalendarSource, RepId};
use leadhand_domain::time::Millis;
use leadhand_proto::store::v1 as stored;

use super::Fault;

pub(super) fn to_stored(calendar: &Calendar) -> stored::Calendar {
    stored::Calendar {
        rep: calendar.rep.to_string(),
        events: calendar
            .events
            .iter()
            .map(|event| stored::CalendarEvent {
                source: event.source.to_string(),
                event_id: event.id.clone(),
                revision: event.revision,
                start: event.start.0,
                end: event.end.0,
            })
            .collect(),
    }
}

pub(super) fn from_stored(from: stored::Calendar) -> Result<Calendar, Fault> {
    let mut events = Vec::with_capacity(from.events.len());
    for event in from.events {
        events.push(Event {
            source: CalendarSource::parse(&event.source)?,
            id: event.event_id,
            revision: event.revision,
            start: Millis(event.start),
            end: Millis(event.end),
        });
    }
    Ok(Calendar { rep: RepId::parse(&from.rep)?, events })
}
