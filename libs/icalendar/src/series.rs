//! Events into occurrences: those of one `UID` together, as each may change what the others say.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use leadhand_domain::time::Millis;

use crate::event::{Event, Length, Recurrence};
use crate::fault::{Fault, Reason};
use crate::limit::{self, Budget, Spent};
use crate::occurrence::{Occurrence, digest};
use crate::rule::Rule;
use crate::rule::expand::expand;
use crate::value::Written;
use crate::zone::{Moment, instant};

/// The occurrences of all events that are called the same. A fault leaves the series out that it is of.
pub(crate) fn occurrences(
    events: Vec<Event>,
    window: &Range<Millis>,
    budget: &mut Budget,
    found: &mut Vec<Occurrence>,
    skipped: &mut Vec<Fault>,
) -> Result<(), Fault> {
    let has_series = events.iter().any(|event| event.recurrence.is_none());
    // What changes a series that is not in the file is an event by itself, with what rules it has.
    let (masters, changes): (Vec<_>, Vec<_>) =
        events.into_iter().partition(|event| event.recurrence.is_none() || !has_series && event.recurs());
    let masters = newest(masters);
    let changes = newest_changes(changes);
    let (later, several) = (later(&changes), masters.len() > 1);
    for master in &masters {
        budget.next_event();
        let series = Series { master, changes: &changes, later: &later, window, several };
        let before = found.len();
        if let Err(spent) = series.expand(budget, found) {
            let fault = spent.reason().at(master.line);
            if spent == Spent::File {
                return Err(fault);
            }
            found.truncate(before);
            skipped.push(fault);
        }
    }
    for change in &changes {
        if let Some(recurrence) = &change.recurrence {
            let of =
                if recurrence.of.is_date { Name::Day(recurrence.of.civil.date()) } else { Name::of(&recurrence.of) };
            found.extend(change.occurrence(change.start.civil, None, Some(of), window));
        }
    }
    if found.len() > limit::OCCURRENCES {
        return Err(Reason::TooLarge.at(masters.iter().chain(&changes).next().map_or(1, |event| event.line)));
    }
    Ok(())
}

/// Of several events of one name, those of the newest revision. More than one are left when the sender calls different
/// events the same, which no client gets away with often enough to stop.
fn newest(events: Vec<Event>) -> Vec<Event> {
    let newest = events.iter().map(|event| event.revision).max();
    events.into_iter().filter(|event| Some(event.revision) == newest).collect()
}

/// Of several changes of one occurrence, the newest; in the order of the occurrences.
fn newest_changes(changes: Vec<Event>) -> Vec<Event> {
    let mut by_moment: HashMap<(Option<Millis>, bool), Event> = HashMap::new();
    for change in changes {
        let of = change.recurrence.as_ref().map(|recurrence| &recurrence.of);
        let key = (of.and_then(Moment::at), of.is_some_and(|of| of.is_date));
        match by_moment.get(&key) {
            Some(held) if held.revision > change.revision => {}
            _ => {
                by_moment.insert(key, change);
            }
        }
    }
    let mut changes: Vec<_> = by_moment.into_iter().collect();
    changes.sort_by_key(|(key, _)| *key);
    changes.into_iter().map(|(_, change)| change).collect()
}

/// What an occurrence of a series is called: the time at which the series has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Name {
    Day(Date),
    At(Millis),
}

impl Name {
    fn of(moment: &Moment) -> Self {
        moment.at().map_or(Self::Day(moment.civil.date()), Self::At)
    }

    fn text(self) -> String {
        match self {
            Self::Day(date) => date.strftime("%Y%m%d").to_string(),
            Self::At(Millis(at)) => Timestamp::from_millisecond(at)
                .map_or_else(|_| at.to_string(), |at| at.strftime("%Y%m%dT%H%M%SZ").to_string()),
        }
    }
}

/// Names as other components of the series say them: not always in the way of the series itself.
#[derive(Default)]
struct Names {
    days: HashSet<Date>,
    moments: HashSet<Millis>,
}

impl Names {
    fn add(&mut self, said: &Moment, of: &Moment) {
        if said.is_date || of.is_date {
            self.days.insert(said.civil.date());
        } else {
            self.moments.extend(said.at());
        }
    }

    fn has(&self, instance: &Instance) -> bool {
        self.moments.contains(&instance.at) || self.days.contains(&instance.civil.date())
    }
}

/// An occurrence as the series has it, before anything changes it.
#[derive(Debug, Clone, Copy)]
struct Instance {
    civil: DateTime,
    at: Millis,
    length: Option<Length>,
}

/// A series with what changes it.
struct Series<'a> {
    master: &'a Event,
    changes: &'a [Event],
    later: &'a [Later<'a>],
    window: &'a Range<Millis>,
    /// Whether there are others of the same name.
    several: bool,
}

/// A change that holds for later occurrences too.
struct Later<'a> {
    from: Millis,
    shift: SignedDuration,
    event: &'a Event,
}

/// The changes that hold for later occurrences too, in order: all of them move by as much as the first did.
fn later(changes: &[Event]) -> Vec<Later<'_>> {
    let later = changes.iter().filter_map(|event| {
        let Recurrence { of, .. } = event.recurrence.as_ref().filter(|recurrence| recurrence.and_later)?;
        let from = of.at()?;
        let shift = event.clock(of.civil, from, of)?.duration_until(event.start.civil);
        Some(Later { from, shift, event })
    });
    later.collect()
}

impl Series<'_> {
    fn expand(&self, budget: &mut Budget, found: &mut Vec<Occurrence>) -> Result<(), Spent> {
        let Self { master, later, .. } = *self;
        // Each of those of one name looks at all the changes.
        budget.spend(1 + self.changes.len() as u64)?;
        if master.kind.is_none() && later.iter().all(|change| change.event.kind.is_none()) {
            return Ok(());
        }
        let mut out = Names::default();
        let changed =
            self.changes.iter().filter_map(|change| change.recurrence.as_ref()).map(|recurrence| &recurrence.of);
        budget.spend(master.exceptions.len() as u64)?;
        for moment in master.exceptions.iter().chain(changed) {
            out.add(moment, &master.start);
        }
        let named = master.recurs() || self.several;
        let before = found.len();
        for instance in self.instances(budget)? {
            if out.has(&instance) {
                continue;
            }
            let name = if master.start.is_date { Name::Day(instance.civil.date()) } else { Name::At(instance.at) };
            let name = named.then_some(name);
            let changed = later.partition_point(|change| change.from <= instance.at);
            let occurrence = match later[..changed].last() {
                Some(change) => {
                    let clock = change.event.clock(instance.civil, instance.at, &master.start);
                    let moved = clock.and_then(|clock| clock.checked_add(change.shift).ok());
                    moved.and_then(|clock| change.event.occurrence(clock, None, name, self.window))
                }
                None => master.occurrence(instance.civil, instance.length, name, self.window),
            };
            found.extend(occurrence);
            if found.len() - before > limit::EVENT_OCCURRENCES {
                return Err(Spent::Event);
            }
        }
        Ok(())
    }

    /// What the rules and dates of the series give, in order, as far as it can reach into the window.
    fn instances(&self, budget: &mut Budget) -> Result<Vec<Instance>, Spent> {
        let Moment { civil: start, zone, is_date } = &self.master.start;
        let lengths = self.changes.iter().chain([self.master]).map(|event| event.length.at_most());
        let extras = self.master.extras.iter().filter_map(|(_, length)| length.map(Length::at_most));
        let longest = lengths.chain(extras).max().unwrap_or(0);
        let shift = self.later.iter().map(|change| change.shift.unsigned_abs().as_millis()).max().unwrap_or(0);
        // Two days are more than any two clocks differ.
        let reach = i64::try_from(shift).unwrap_or(i64::MAX).saturating_add(2 * 86_400_000);
        let clock = |at: i64| TimeZone::UTC.to_datetime(timestamp(at));
        let from = clock(self.window.start.0.saturating_sub(reach).saturating_sub(longest));
        let window = from..clock(self.window.end.0.saturating_add(reach));

        let mut instances = vec![(*start, None)];
        for rule in &self.master.rules {
            let found = expand(rule, *start, &window, budget)?;
            instances.extend(
                found.into_iter().filter(|civil| in_time(rule, *civil, &self.master.start)).map(|civil| (civil, None)),
            );
        }
        for (moment, length) in &self.master.extras {
            budget.spend(1)?;
            let civil = match (moment.is_date, *is_date) {
                // A day more of something that has a time of day is at that time.
                (true, _) | (_, true) => Some(moment.civil.date().to_datetime(start.time())),
                _ => moment.at().and_then(|at| local(at, zone)),
            };
            instances.extend(civil.map(|civil| (civil, *length)));
        }
        let placed = instances
            .into_iter()
            .filter_map(|(civil, length)| Some(Instance { civil, at: instant(civil, zone)?, length }));
        let mut instances: Vec<_> = placed.collect();
        // Of two at one time the longer stays.
        let longer = |instance: &Instance| instance.length.map_or(self.master.length.at_most(), Length::at_most);
        instances.sort_by_key(|instance| (instance.at, -longer(instance)));
        instances.dedup_by_key(|instance| instance.at);
        Ok(instances)
    }
}

impl Event {
    fn recurs(&self) -> bool {
        !(self.rules.is_empty() && self.extras.is_empty())
    }

    /// What the wall clock of this event shows at a moment that is told, as `of` is, by a clock or a date.
    fn clock(&self, civil: DateTime, at: Millis, of: &Moment) -> Option<DateTime> {
        if of.is_date { Some(civil) } else { local(at, &self.start.zone) }
    }

    /// The occurrence that begins when the wall clock shows that; `None` when it keeps nobody busy inside the window.
    fn occurrence(
        &self,
        civil: DateTime,
        length: Option<Length>,
        name: Option<Name>,
        window: &Range<Millis>,
    ) -> Option<Occurrence> {
        let kind = self.kind?;
        let start = instant(civil, &self.start.zone)?;
        let end = match length.unwrap_or(self.length) {
            Length::Exact(millis) => Millis(start.0.checked_add(millis)?),
            Length::Nominal(length) => {
                let day = civil.checked_add(SignedDuration::from_hours(24 * i64::from(length.days))).ok()?;
                Millis(instant(day, &self.start.zone)?.0.checked_add(length.seconds * 1000)?)
            }
        };
        if end <= start || end <= window.start || start >= window.end {
            return None;
        }
        let event = match &self.uid {
            Some(uid) => digest(&format!("uid {uid}")),
            None => digest(&format!("at {} {}", start.0, end.0)),
        };
        let id = match name {
            Some(name) => format!("{event}/{}", name.text()),
            None => event,
        };
        Some(Occurrence { start, end, all_day: self.all_day, kind, id, revision: self.revision })
    }
}

/// Whether an occurrence is not after the end of its rule. A date as the end is that whole day; of a moment as the end of
/// something that is days, the date as written counts.
fn in_time(rule: &Rule, civil: DateTime, start: &Moment) -> bool {
    match rule.until {
        None => true,
        Some(until) if start.is_date => civil.date() <= until.civil().date(),
        Some(Written::Date(last)) => civil.date() <= last,
        Some(Written::Local(last)) => civil <= last,
        Some(Written::Utc(last)) => instant(civil, &start.zone) <= instant(last, &TimeZone::UTC),
    }
}

/// What the wall clock of a zone shows then.
fn local(at: Millis, zone: &TimeZone) -> Option<DateTime> {
    Timestamp::from_millisecond(at.0).ok().map(|at| zone.to_datetime(at))
}

/// The moment, or the nearest one that can be told.
pub(crate) fn timestamp(millis: i64) -> Timestamp {
    let nearest = if millis < 0 { Timestamp::MIN } else { Timestamp::MAX };
    Timestamp::from_millisecond(millis).unwrap_or(nearest)
}
