//! Reads iCalendar files (RFC 5545) into the times in which somebody is busy.
//!
//! ```
//! # fn main() -> Result<(), leadhand_icalendar::Fault> {
//! use leadhand_domain::time::Millis;
//!
//! let text = b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:standup\r\nDTSTART:20240101T090000Z\r\n\
//!     DURATION:PT15M\r\nRRULE:FREQ=DAILY\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
//! let (monday, tuesday) = (Millis(1_704_067_200_000), Millis(1_704_153_600_000));
//! let import = leadhand_icalendar::read(text, &jiff::tz::TimeZone::UTC, monday..tuesday)?;
//! assert_eq!(import.events.len(), 1);
//! # Ok(())
//! # }
//! ```
//!
//! Pure: it reads no clock and no file, and its time zones are compiled in. It never panics, and the work and memory that a
//! hostile file can cost are [bounded](limit). The way of a file:
//!
//! | module | makes |
//! |---|---|
//! | [`mod@line`] | bytes into numbered, unfolded lines |
//! | [`component`] | lines into components; titles, notes and people are dropped here |
//! | [`zone`] | `TZID`s into time zones |
//! | [`event`], [`value`], [`rule`] | components into events, read but not expanded |
//! | [`series`], [`rule::expand`] | all events of a `UID` into occurrences |
//! | [`free_busy`] | `VFREEBUSY` into occurrences |

use std::collections::HashMap;
use std::ops::Range;

use jiff::tz::TimeZone;
use leadhand_domain::time::{Millis, Span};

mod component;
mod event;
mod fault;
mod free_busy;
pub mod limit;
mod line;
mod occurrence;
mod rule;
mod series;
mod value;
mod zone;

pub use fault::{Fault, Reason};
pub use occurrence::{Kind, Occurrence};

use component::Component;
use event::Event;
use limit::Budget;
use zone::Zones;

/// What a file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// When somebody is busy, inside or partly inside the window: by start, each id once.
    pub events: Vec<Occurrence>,
    /// What was left out, by line. Whoever is shown the import is to be shown this: these times count as free.
    pub skipped: Vec<Fault>,
}

/// Reads a file. `zone` is that of the person whose calendar it is: days, and times without a zone, are in it. Whatever
/// touches the window is found, and told in its full length.
///
/// A file whose components do not nest is refused whole, since nobody knows what it meant; so is one that is too large, or not
/// UTF-8. What is wrong inside one event is left out and told: the event, or only the line where the rest is as good
/// without.
pub fn read(text: &[u8], zone: &TimeZone, window: Range<Millis>) -> Result<Import, Fault> {
    if text.len() > limit::BYTES {
        return Err(Reason::TooLarge.at(1));
    }
    let calendars = component::calendars(text)?;
    let mut budget = Budget::new();
    let mut import = Import { events: Vec::new(), skipped: Vec::new() };
    for calendar in &calendars {
        read_calendar(calendar, zone, &window, &mut budget, &mut import)?;
    }
    // The newest first, so that it is the one that stays.
    import.events.sort_unstable_by(|a, b| {
        (&a.id, b.revision, b.kind, b.end, a.start).cmp(&(&b.id, a.revision, a.kind, a.end, b.start))
    });
    import.events.dedup_by(|a, b| a.id == b.id);
    import.events.sort_unstable_by(|a, b| (a.start, a.end, &a.id).cmp(&(b.start, b.end, &b.id)));
    import.skipped.sort_unstable_by_key(|fault| fault.line);
    Ok(import)
}

fn read_calendar(
    calendar: &Component,
    zone: &TimeZone,
    window: &Range<Millis>,
    budget: &mut Budget,
    import: &mut Import,
) -> Result<(), Fault> {
    // vCalendar 1.0 has the same look and other rules.
    if let Some(version) = calendar.first("VERSION").filter(|version| version.is("1.0")) {
        return Err(version.fault(Reason::Unsupported));
    }
    // A message that takes events back keeps nobody busy.
    if calendar.first("METHOD").is_some_and(|method| method.is("CANCEL")) {
        return Ok(());
    }
    let zones = Zones::of(calendar, zone, series::timestamp(window.end.after(Span::days(2)).0), budget)?;
    if let Some(fault) = calendar.broken {
        return Err(fault);
    }
    let mut named: HashMap<String, usize> = HashMap::new();
    let mut groups: Vec<Vec<Event>> = Vec::new();
    for child in &calendar.children {
        import.skipped.extend(child.spoilt.iter().chain(&child.broken));
        match child.kind {
            _ if child.broken.is_some() => {}
            component::Kind::Event => match Event::of(child, &zones, &mut import.skipped) {
                Ok(event) => {
                    let group = event
                        .uid
                        .as_ref()
                        .map_or(groups.len(), |uid| *named.entry(uid.clone()).or_insert(groups.len()));
                    if group == groups.len() {
                        groups.push(Vec::new());
                    }
                    groups[group].push(event);
                }
                Err(fault) => import.skipped.push(fault),
            },
            component::Kind::FreeBusy => {
                free_busy::occurrences(child, &zones, window, &mut import.events, &mut import.skipped)?;
            }
            component::Kind::Availability => import.skipped.push(Reason::Unsupported.at(child.line)),
            _ => {}
        }
    }
    for events in groups {
        series::occurrences(events, window, budget, &mut import.events, &mut import.skipped)?;
    }
    Ok(())
}
