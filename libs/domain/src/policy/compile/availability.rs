//! What makes a rep unavailable.

use std::collections::{BTreeMap, HashSet};

use super::super::document::{self, Availability};
use super::{Check, limits};
use crate::availability::settings::{Class, Meetings, Settings, Source, WhenStale};
use crate::id::CalendarSource;
use crate::time::Span;
use crate::working::{Day, Hours, MAX_HOLIDAYS, Zone};

/// The settings that a part of the document makes of those around it.
pub(super) fn settings(raw: &Availability, around: &Settings, check: &mut Check) -> Settings {
    let holidays = raw.holidays.as_ref().map(|days| {
        if days.value.len() > MAX_HOLIDAYS {
            check.fault(days.referenced, format!("at most {MAX_HOLIDAYS} holidays"));
        }
        let days = days.value.iter().filter_map(|day| check.take(day.referenced, Day::parse(&day.value)));
        days.take(MAX_HOLIDAYS).collect()
    });
    let holidays: Vec<Day> = holidays.unwrap_or_else(|| around.holidays.clone());
    Settings {
        leave: raw.leave.unwrap_or(around.leave),
        pto: raw.pto.unwrap_or(around.pto),
        out_of_office: raw.out_of_office.unwrap_or(around.out_of_office),
        all_day: raw.all_day.unwrap_or(around.all_day),
        outside_hours: raw.outside_hours.unwrap_or(around.outside_hours),
        meetings: match raw.meetings {
            None => around.meetings,
            Some(document::Meetings::Any) => Meetings::Any,
            Some(document::Meetings::FullDay) => Meetings::FullDay,
            Some(document::Meetings::Ignore) => Meetings::Ignore,
        },
        tentative: raw.tentative.unwrap_or(around.tentative),
        not_seen_after: not_seen_after(raw, around, check),
        hours: hours(raw, around, check).with_holidays(&holidays),
        holidays,
        sources: sources(raw, around, check),
    }
}

fn not_seen_after(raw: &Availability, around: &Settings, check: &mut Check) -> Option<Span> {
    match &raw.not_seen_after {
        None => around.not_seen_after,
        Some(never) if never.value == "never" => None,
        Some(after) => {
            let wrong = "not_seen_after must be 5m to 720h, such as `24h`, or `never`";
            limits::length(after, Span::minutes(5), Span::days(30), wrong, check)
        }
    }
}

/// The hours without holidays; a team that names only the zone has the hours around it, by its own clock.
fn hours(raw: &Availability, around: &Settings, check: &mut Check) -> Hours {
    let zone = raw.time_zone.as_ref().and_then(|zone| check.take(zone.referenced, Zone::parse(&zone.value)));
    let zone = zone.unwrap_or_else(|| around.hours.zone().clone());
    let hours =
        raw.hours.as_ref().and_then(|text| check.take(text.referenced, Hours::parse(&text.value, zone.clone())));
    hours.unwrap_or_else(|| around.hours.ordinary(zone))
}

fn sources(raw: &Availability, around: &Settings, check: &mut Check) -> BTreeMap<CalendarSource, Source> {
    let mut sources = around.sources.clone();
    let mut seen = HashSet::new();
    for listed in &raw.sources {
        let at = listed.id.referenced;
        let stale_after = listed.stale_after.as_ref().and_then(|after| {
            let wrong = "stale_after must be 1m to 8760h, such as `6h`";
            limits::length(after, Span::minutes(1), Span::days(365), wrong, check)
        });
        if listed.when_stale.is_some() && listed.stale_after.is_none() {
            check.fault(at, "`when_stale` says nothing without `stale_after`");
        }
        let Some(id) = check.take(at, CalendarSource::parse(&listed.id.value)) else { continue };
        check.unique(&mut seen, &id, at, &format!("source `{id}`"));
        let class = match listed.class {
            None => Class::by_name(&id),
            Some(document::Class::Calendar) => Class::Calendar,
            Some(document::Class::Hr) => Class::Hr,
        };
        let when_stale = match listed.when_stale {
            None | Some(document::WhenStale::Ignore) => WhenStale::Ignore,
            Some(document::WhenStale::Available) => WhenStale::Available,
            Some(document::WhenStale::Unavailable) => WhenStale::Unavailable,
        };
        sources.insert(id, Source { class, stale_after, when_stale });
    }
    sources
}

#[cfg(test)]
mod tests {
    use super::super::super::Policy;
    use super::*;
    use crate::id::RepId;

    const DOCUMENT: &str = "
availability:
  meetings: any
  pto: false
  not_seen_after: never
  hours: mon-fri 09:00-17:00
  time_zone: America/New_York
  holidays: [2026-12-25]
  sources:
    - {id: google, stale_after: 6h, when_stale: unavailable}
    - {id: personio, class: hr}
teams:
  - id: inbound
    reps: [{id: ana}]
  - id: field
    reps: [{id: bo}, {id: ana}]
    availability:
      meetings: ignore
      time_zone: Europe/Paris
      holidays: []
      not_seen_after: 8h
      sources: [{id: google, stale_after: 12h}]
default: {rotate: inbound}
";

    fn of(policy: &Policy, rep: &str) -> Settings {
        policy.availability(&RepId::parse(rep).unwrap()).clone()
    }

    fn source(settings: &Settings, name: &str) -> Source {
        settings.source(&CalendarSource::parse(name).unwrap())
    }

    #[test]
    fn a_document_that_says_nothing_has_the_defaults() {
        let silent = Policy::parse("pools: [{id: open}]\ndefault: {pool: open}").unwrap();
        assert_eq!(of(&silent, "ana"), Settings::default());
        assert!(!silent.contact_sla_in_working_time);
    }

    #[test]
    fn a_team_says_what_differs_and_of_several_teams_the_first() {
        let policy = Policy::parse(DOCUMENT).unwrap();
        let (ana, bo) = (of(&policy, "ana"), of(&policy, "bo"));
        assert_eq!((ana.meetings, ana.pto, ana.leave, ana.not_seen_after), (Meetings::Any, false, true, None));
        assert_eq!((ana.hours.text().as_str(), ana.hours.zone().name()), ("mon-fri 09:00-17:00", "America/New_York"));
        assert_eq!(ana.hours.holidays(), [Day::parse("2026-12-25").unwrap()]);
        let six = Some(Span::hours(6));
        let google = Source { class: Class::Calendar, stale_after: six, when_stale: WhenStale::Unavailable };
        assert_eq!(source(&ana, "google"), google);
        assert_eq!(source(&ana, "personio").class, Class::Hr);

        assert_eq!((bo.meetings, bo.pto, bo.not_seen_after), (Meetings::Ignore, false, Some(Span::hours(8))));
        assert_eq!((bo.hours.text().as_str(), bo.hours.zone().name()), ("mon-fri 09:00-17:00", "Europe/Paris"));
        assert!(bo.hours.holidays().is_empty() && bo.holidays.is_empty());
        let twelve = Source { stale_after: Some(Span::hours(12)), ..Source::default() };
        assert_eq!((source(&bo, "google"), source(&bo, "personio").class), (twelve, Class::Hr));
        assert_eq!(of(&policy, "nobody"), ana, "of no team");
    }

    #[test]
    fn every_fault_is_told_with_its_place() {
        let bad = "
availability:
  not_seen_after: soon
  hours: mon-fri 17:00-17:00
  time_zone: Mars/Olympus
  holidays: [2026-12-25, 2026-13-01]
  sources:
    - {id: google, when_stale: available}
    - {id: google, stale_after: 1s}
    - {id: Google}
teams:
  - id: inbound
    reps: [{id: ana}]
    availability: {time_zone: Nowhere}
default: {rotate: inbound}
";
        let faults: Vec<_> = Policy::parse(bad).unwrap_err().iter().map(ToString::to_string).collect();
        let zone = "not a time zone of the IANA database, such as Europe/Berlin";
        assert_eq!(
            faults,
            [
                "3:19: not_seen_after must be 5m to 720h, such as `24h`, or `never`",
                "4:10: item 1: a stretch must last at least a minute and less than a day, or be 00:00-24:00",
                &format!("5:14: {zone}"),
                "6:26: not a date such as 2026-12-25",
                "8:12: `when_stale` says nothing without `stale_after`",
                "9:12: source `google` is defined twice",
                "9:33: stale_after must be 1m to 8760h, such as `6h`",
                "10:12: 1 to 64 characters of a-z 0-9 _ -",
                &format!("14:31: {zone}"),
            ]
        );
    }
}
