//! Calendars and presence.

use leadhand_domain::calendar::{Calendar, Employment, Event, Kind, Pause, Stated};
use leadhand_domain::feed::Feed;
use leadhand_domain::id::{CalendarSource, RepId};
use leadhand_domain::presence::Presence;
use leadhand_domain::time::Millis;
use leadhand_domain::working::{Day, Hours, Zone};
use leadhand_proto::store::v1 as stored;

use super::Fault;

pub(super) fn to_stored(calendar: &Calendar) -> stored::Calendar {
    stored::Calendar {
        rep: calendar.rep.to_string(),
        events: calendar.events.iter().map(event_to_stored).collect(),
        hours: calendar.hours.iter().map(hours_to_stored).collect(),
        employment: calendar.employment.iter().map(employment_to_stored).collect(),
        pauses: calendar.pauses.iter().map(pause_to_stored).collect(),
        heard: calendar
            .heard
            .iter()
            .map(|(source, at)| stored::Heard { source: source.to_string(), at: at.0 })
            .collect(),
    }
}

pub(super) fn from_stored(from: stored::Calendar) -> Result<Calendar, Fault> {
    let heard = |heard: stored::Heard| Ok((CalendarSource::parse(&heard.source)?, Millis(heard.at)));
    Ok(Calendar {
        rep: RepId::parse(&from.rep)?,
        events: from.events.into_iter().map(event_from_stored).collect::<Result<_, _>>()?,
        hours: from.hours.into_iter().map(hours_from_stored).collect::<Result<_, _>>()?,
        employment: from.employment.into_iter().map(employment_from_stored).collect::<Result<_, _>>()?,
        pauses: from.pauses.into_iter().map(pause_from_stored).collect::<Result<_, _>>()?,
        heard: from.heard.into_iter().map(heard).collect::<Result<_, Fault>>()?,
    })
}

fn event_to_stored(event: &Event) -> stored::CalendarEvent {
    stored::CalendarEvent {
        source: event.source.to_string(),
        event_id: event.id.clone(),
        revision: event.revision,
        start: event.start.0,
        end: event.end.0,
        kind: event.kind.number(),
    }
}

fn event_from_stored(from: stored::CalendarEvent) -> Result<Event, Fault> {
    Ok(Event {
        source: CalendarSource::parse(&from.source)?,
        id: from.event_id,
        revision: from.revision,
        kind: Kind::of(from.kind).ok_or(Fault::Other("calendar event of an unknown kind"))?,
        start: Millis(from.start),
        end: Millis(from.end),
    })
}

fn hours_to_stored(stated: &Stated<Hours>) -> stored::StatedHours {
    let mut to =
        stored::StatedHours { source: stated.source.to_string(), revision: stated.revision, ..Default::default() };
    if let Some(hours) = &stated.what {
        to.text = hours.text();
        to.time_zone = hours.zone().name().to_owned();
        to.holidays = hours.holidays().iter().map(|day| day.0).collect();
    }
    to
}

fn hours_from_stored(from: stored::StatedHours) -> Result<Stated<Hours>, Fault> {
    let what = match from.text.as_str() {
        "" => None,
        text => {
            let holidays = from.holidays.into_iter().map(Day).collect();
            Some(Hours::parse(text, Zone::parse(&from.time_zone)?)?.without(holidays)?)
        }
    };
    Ok(Stated { source: CalendarSource::parse(&from.source)?, revision: from.revision, what })
}

fn employment_to_stored(stated: &Stated<Employment>) -> stored::StatedEmployment {
    let what = stated.what.clone();
    let withdrawn = what.is_none();
    let Employment { starts_at, ends_at, manager } = what.unwrap_or_default();
    stored::StatedEmployment {
        source: stated.source.to_string(),
        revision: stated.revision,
        withdrawn,
        starts_at: starts_at.map(|at| at.0),
        ends_at: ends_at.map(|at| at.0),
        manager: manager.map(|manager| manager.to_string()).unwrap_or_default(),
    }
}

fn employment_from_stored(from: stored::StatedEmployment) -> Result<Stated<Employment>, Fault> {
    let manager = (!from.manager.is_empty()).then(|| RepId::parse(&from.manager)).transpose()?;
    let employment = Employment { starts_at: from.starts_at.map(Millis), ends_at: from.ends_at.map(Millis), manager };
    let what = (!from.withdrawn).then_some(employment);
    Ok(Stated { source: CalendarSource::parse(&from.source)?, revision: from.revision, what })
}

fn pause_to_stored(stated: &Stated<Pause>) -> stored::StatedPause {
    let mut to =
        stored::StatedPause { source: stated.source.to_string(), revision: stated.revision, ..Default::default() };
    if let Some(pause) = &stated.what {
        to.manager = pause.manager.to_string();
        to.since = pause.since.0;
        to.until = pause.until.map(|at| at.0);
        to.reason.clone_from(&pause.reason);
    }
    to
}

fn pause_from_stored(from: stored::StatedPause) -> Result<Stated<Pause>, Fault> {
    let what = match from.manager.as_str() {
        "" => None,
        manager => Some(Pause {
            since: Millis(from.since),
            until: from.until.map(Millis),
            manager: RepId::parse(manager)?,
            reason: from.reason,
        }),
    };
    Ok(Stated { source: CalendarSource::parse(&from.source)?, revision: from.revision, what })
}

pub(super) fn presence_to_stored(presence: &Presence) -> stored::Presence {
    stored::Presence { rep: presence.rep.to_string(), seen_at: presence.seen_at.0 }
}

pub(super) fn presence_from_stored(from: stored::Presence) -> Result<Presence, Fault> {
    Ok(Presence { rep: RepId::parse(&from.rep)?, seen_at: Millis(from.seen_at) })
}

pub(super) fn feed_to_stored(feed: &Feed) -> stored::Feed {
    stored::Feed {
        rep: feed.rep.to_string(),
        source: feed.source.to_string(),
        shape: feed.shape.to_vec(),
        next_at: feed.next_at.0,
        good_at: feed.good_at.map(|at| at.0),
        read_at: feed.read_at.map(|at| at.0),
        failures: feed.failures,
        etag: feed.etag.clone(),
        last_modified: feed.last_modified.clone(),
    }
}

pub(super) fn feed_from_stored(from: stored::Feed) -> Result<Feed, Fault> {
    Ok(Feed {
        rep: RepId::parse(&from.rep)?,
        source: CalendarSource::parse(&from.source)?,
        shape: from.shape.try_into().map_err(|_| Fault::Other("the shape is not 16 bytes"))?,
        next_at: Millis(from.next_at),
        good_at: from.good_at.map(Millis),
        read_at: from.read_at.map(Millis),
        failures: from.failures,
        etag: from.etag,
        last_modified: from.last_modified,
    })
}
