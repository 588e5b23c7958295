//! What sources say, as times in which a rule holds.

use super::Reason;
use crate::availability::settings::{Meetings, Settings, WhenStale};
use crate::availability::times::NEVER;
use crate::calendar::{Calendar, Event, Kind};
use crate::time::Millis;

/// For each reason, when it holds.
pub(super) type ByReason = [Vec<(Millis, Millis)>; Reason::ALL.len()];

/// What sources of each class say of the time between two moments, by the reason it is for; and when they say that the rep
/// works.
pub(super) fn intervals(
    calendar: &Calendar,
    settings: &Settings,
    from: Millis,
    to: Millis,
    working: &mut [Vec<(Millis, Millis)>; 2],
) -> [ByReason; 2] {
    let mut by_class: [ByReason; 2] = Default::default();
    for Event { source, kind, start, end, .. } in &calendar.events {
        if *end <= from || *start >= to || start >= end {
            continue;
        }
        let believed = settings.source(source);
        let mut end = *end;
        if let (WhenStale::Available, Some(after)) = (believed.when_stale, believed.stale_after)
            && let Some(heard) = calendar.heard(source)
        {
            end = end.min(heard.after(after));
        }
        if *kind == Kind::Working {
            working[believed.class as usize].push((*start, end));
        } else if let Some(reason) = reason_for(*kind, settings) {
            by_class[believed.class as usize][reason as usize].push((*start, end));
        }
    }
    for (source, heard) in &calendar.heard {
        let believed = settings.source(source);
        if let (WhenStale::Unavailable, Some(after)) = (believed.when_stale, believed.stale_after) {
            by_class[believed.class as usize][Reason::Stale as usize].push((heard.after(after), NEVER));
        }
    }
    by_class
}

/// What an interval of a kind is a reason for.
fn reason_for(kind: Kind, settings: &Settings) -> Option<Reason> {
    let meeting = match settings.meetings {
        Meetings::Any => Some(Reason::Meeting),
        Meetings::FullDay => Some(Reason::MeetingsAllDay),
        Meetings::Ignore => None,
    };
    match kind {
        Kind::Leave => settings.leave.then_some(Reason::Leave),
        Kind::Pto => settings.pto.then_some(Reason::Pto),
        Kind::OutOfOffice => settings.out_of_office.then_some(Reason::OutOfOffice),
        Kind::AllDay => settings.all_day.then_some(Reason::AllDay),
        Kind::Meeting => meeting,
        Kind::Tentative => meeting.filter(|_| settings.tentative),
        Kind::Free | Kind::Working => None,
    }
}
