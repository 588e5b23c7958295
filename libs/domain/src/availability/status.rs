//! Whether a rep is available at a moment, why not, and until when that stays so.
//!
//! Every [`Reason`] is a rule of its own that holds at some moments and not at others. The first that holds, in their order,
//! is the answer. So the answer changes when a rule before it begins to hold or it ceases to, and not otherwise: the next
//! moment at which any of these does so is exactly until when it stays.

use std::borrow::Cow;
use std::cell::Cell;

use super::settings::{Class, Settings};
use super::times::{EVER, NEVER, Times};
use crate::calendar::{Calendar, Stated};
use crate::id::RepId;
use crate::presence::Presence;
use crate::record::{Key, Snapshot};
use crate::time::{Millis, Span};
use crate::working::Hours;

mod said;

use said::intervals;

macro_rules! reasons {
    ($($(#[$doc:meta])* $variant:ident, $text:literal;)*) => {
        /// Why a rep is unavailable. Of several reasons the first in this order is told.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Reason {
            $($(#[$doc])* $variant,)*
        }

        impl Reason {
            /// Every reason there is, the one that is told first at the front.
            pub const ALL: [Self; reasons!(@count $($variant)*)] = [$(Self::$variant,)*];

            /// The name that people see.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }
        }
    };
    (@count $($variant:ident)*) => { [$(Reason::$variant),*].len() };
}

reasons! {
    /// The rep has left the company.
    Left, "has left";
    /// The rep has not joined the company yet.
    NotStarted, "has not started";
    /// A manager has paused the rep.
    Paused, "paused";
    /// Leave.
    Leave, "on leave";
    /// Paid time off.
    Pto, "on paid time off";
    /// Out of office.
    OutOfOffice, "out of office";
    /// An all-day event.
    AllDay, "all-day event";
    /// Not in the working hours.
    OutsideHours, "outside working hours";
    /// Meetings leave nothing of the working day.
    MeetingsAllDay, "meetings all day";
    /// A meeting.
    Meeting, "in a meeting";
    /// A source that decides has not been heard of for too long.
    Stale, "source is stale";
    /// No presence source has seen the rep for too long.
    NotSeen, "not seen";
}

/// Whether a rep is available.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// The rep can be given leads.
    Available {
        /// Until when the clock alone leaves it so; `None`: for good.
        until: Option<Millis>,
    },
    /// The rep cannot.
    Unavailable {
        /// Why.
        reason: Reason,
        /// Until when the clock alone leaves it so and for this reason; `None`: for good. Another reason may follow.
        until: Option<Millis>,
    },
}

impl Status {
    /// Why the rep is unavailable; `None` when available.
    pub fn reason(self) -> Option<Reason> {
        match self {
            Self::Available { .. } => None,
            Self::Unavailable { reason, .. } => Some(reason),
        }
    }

    /// The next moment at which the clock alone changes the answer.
    pub fn until(self) -> Option<Millis> {
        match self {
            Self::Available { until } | Self::Unavailable { until, .. } => until,
        }
    }
}

/// What is known of a rep.
#[derive(Debug, Clone, Copy, Default)]
pub struct Known<'a> {
    /// What other systems say.
    pub calendar: Option<&'a Calendar>,
    /// When the rep was last seen.
    pub presence: Option<&'a Presence>,
}

impl<'a> Known<'a> {
    /// What a snapshot knows of a rep, if it was read: see [`Known::keys`].
    pub fn of(snapshot: &'a Snapshot, rep: &RepId) -> Self {
        Self { calendar: snapshot.calendar(rep), presence: snapshot.presence(rep) }
    }

    /// Where it is known from.
    pub fn keys(rep: &RepId) -> [Key; 2] {
        [Key::Calendar(rep.clone()), Key::Presence(rep.clone())]
    }
}

/// Why a rep is unavailable at a moment; `None` when available. The same as [`status`] says, without until when: for
/// decisions that look at many reps.
pub fn reason(known: Known<'_>, settings: &Settings, at: Millis) -> Option<Reason> {
    let view = View::new(known, settings, at, Millis(at.0.saturating_add(1)));
    // Whether they fill the day is seen only by looking at all of it.
    if view.times(Reason::MeetingsAllDay).contains(at) {
        let (start, end) = view.hours.day(at);
        return View::new(known, settings, start, end).reason(at);
    }
    view.reason(at)
}

/// Whether a rep is available at a moment, and until when that stays so.
pub fn status(known: Known<'_>, settings: &Settings, at: Millis) -> Status {
    View::from(known, settings, at).status(at)
}

/// From when on, not before `at`, a rep is available; `None` when never, as far as is known.
pub fn available_from(known: Known<'_>, settings: &Settings, at: Millis) -> Option<Millis> {
    let view = View::from(known, settings, at);
    let for_good = view.times.iter().filter_map(Times::for_good_from).min().unwrap_or(NEVER);
    let changes = std::iter::successors(Some(at), |from| view.status(*from).until());
    let mut ahead = changes.take(MAX_STEPS).take_while(|from| *from < for_good);
    ahead.find(|from| view.reason(*from).is_none())
}

/// More changes from one reason to another than any calendar of people has without a moment free.
const MAX_STEPS: usize = 2_000;

/// The moment by which so much of a rep's working time has passed: inside the working hours, outside holidays, leave and
/// paid time off. At the latest the end of the year 9999.
pub fn due(known: Known<'_>, settings: &Settings, from: Millis, span: Span) -> Millis {
    let view = View::from(known, settings, from);
    let away = view.times(Reason::Leave).clone().and(view.times(Reason::Pto).clone());
    let (mut from, mut left) = (from, span);
    for (start, end) in away.from(from) {
        let worked = view.hours.between(from, *start);
        if left <= worked {
            break;
        }
        (from, left) = (*end, Span(left.0 - worked.0));
    }
    view.hours.add(from, left)
}

/// How much of a rep's working time between two moments is free: outside holidays, leave and paid time off, while the rep belongs
/// to the company and nobody has paused them; and in none of the stretches `besides`.
pub fn worked(
    calendar: Option<&Calendar>,
    settings: &Settings,
    (from, to): (Millis, Millis),
    besides: Vec<(Millis, Millis)>,
) -> Span {
    let view = View::new(Known { calendar, presence: None }, settings, from, to);
    let away = [Reason::Leave, Reason::Pto, Reason::Paused, Reason::NotStarted, Reason::Left];
    let away = away.into_iter().fold(Times::of(besides), |away, reason| away.and(view.times(reason).clone()));
    let taken: i64 = away.within(from, to).map(|(from, to)| view.hours.between(from, to).0).sum();
    Span(view.hours.between(from, to).0 - taken)
}

/// The working hours that count for a rep: those that a source states, else the settings'; without the holidays of both.
pub fn hours<'a>(calendar: Option<&'a Calendar>, settings: &'a Settings) -> Cow<'a, Hours> {
    class_and_hours(calendar, settings).1
}

/// The same with the class of the source; the settings are above none.
fn class_and_hours<'a>(calendar: Option<&'a Calendar>, settings: &'a Settings) -> (Class, Cow<'a, Hours>) {
    match calendar.and_then(|calendar| believed(&calendar.hours, settings)) {
        None => (Class::Calendar, Cow::Borrowed(&settings.hours)),
        Some((class, hours)) if settings.holidays.is_empty() => (class, Cow::Borrowed(hours)),
        Some((class, hours)) => (class, Cow::Owned(hours.clone().with_holidays(&settings.holidays))),
    }
}

/// Of several statements the one that counts, with the class of its source.
pub(super) fn believed<'a, T>(stated: &'a [Stated<T>], settings: &Settings) -> Option<(Class, &'a T)> {
    let with_class = |stated: &'a Stated<T>| Some((settings.source(&stated.source).class, stated.what.as_ref()?));
    // Of equals the last.
    stated.iter().filter_map(with_class).max_by_key(|(class, _)| *class)
}

/// When each rule holds, as far as one needs to know to answer between two moments.
struct View<'a> {
    /// When each rule holds by what was said. Of [`Reason::OutsideHours`] it is when it does not, whatever the hours; of
    /// [`Reason::MeetingsAllDay`], in which meetings it might.
    times: [Times; Reason::ALL.len()],
    hours: Cow<'a, Hours>,
    settings: &'a Settings,
}

impl<'a> View<'a> {
    /// Good for every moment from `at` on.
    fn from(known: Known<'a>, settings: &'a Settings, at: Millis) -> Self {
        let start = hours(known.calendar, settings).day(at).0;
        Self::new(known, settings, start.min(at), NEVER)
    }

    fn new(known: Known<'a>, settings: &'a Settings, from: Millis, to: Millis) -> Self {
        let (class, hours) = class_and_hours(known.calendar, settings);
        let mut view = Self { times: Default::default(), hours, settings };
        let mut working: [Vec<_>; 2] = Default::default();
        let mut set = |reason: Reason, stretch| view.times[reason as usize] = Times::of(vec![stretch]);
        if let Some(calendar) = known.calendar {
            if let Some((_, employment)) = believed(&calendar.employment, settings) {
                set(Reason::Left, (employment.ends_at.unwrap_or(NEVER), NEVER));
                set(Reason::NotStarted, (EVER, employment.starts_at.unwrap_or(EVER)));
            }
            let pauses = calendar.pauses.iter().filter_map(|stated| stated.what.as_ref());
            let pauses = pauses.map(|pause| (pause.since, pause.until.unwrap_or(NEVER)));
            view.times[Reason::Paused as usize] = Times::of(pauses.collect());
            let says_anything = calendar.events.iter().any(|event| event.end > from && event.start < to);
            if says_anything || !settings.sources.is_empty() {
                view.listen(calendar, from, to, &mut working);
            }
            let heard = working.iter().zip([Class::Calendar, Class::Hr]).filter(|(_, by)| *by >= class);
            let overtime = heard.flat_map(|(times, _)| times).copied().collect();
            view.times[Reason::OutsideHours as usize] = Times::of(overtime);
        }
        if let (Some(presence), Some(limit)) = (known.presence, settings.not_seen_after) {
            let unseen = Times::of(vec![(presence.seen_at.after(limit), NEVER)]);
            view.times[Reason::NotSeen as usize] = unseen.minus(&Times::of(working.concat()));
        }
        view
    }

    /// Takes in what sources say of the time between two moments, and when they say that the rep works.
    fn listen(&mut self, calendar: &Calendar, from: Millis, to: Millis, working: &mut [Vec<(Millis, Millis)>; 2]) {
        let by_class = intervals(calendar, self.settings, from, to, working);
        let [by_calendar, by_hr] = by_class.map(|by_reason| by_reason.map(Times::of));
        let at_work = Times::of(working[Class::Hr as usize].clone());
        for ((to, by_calendar), by_hr) in self.times.iter_mut().zip(by_calendar).zip(by_hr) {
            if !(by_calendar.is_empty() && by_hr.is_empty()) {
                *to = by_calendar.minus(&at_work).and(by_hr);
            }
        }
    }

    fn times(&self, reason: Reason) -> &Times {
        &self.times[reason as usize]
    }

    /// The first rule that holds.
    fn reason(&self, at: Millis) -> Option<Reason> {
        Reason::ALL.into_iter().find(|reason| self.holds(*reason, at))
    }

    fn status(&self, at: Millis) -> Status {
        let mut until: Option<Millis> = None;
        for reason in Reason::ALL {
            let next = self.next_change(reason, at, until);
            until = until.into_iter().chain(next).min();
            if self.holds(reason, at) {
                return Status::Unavailable { reason, until };
            }
        }
        Status::Available { until }
    }

    fn holds(&self, reason: Reason, at: Millis) -> bool {
        match reason {
            Reason::OutsideHours => {
                self.settings.outside_hours && !self.hours.is_working(at) && !self.times(reason).contains(at)
            }
            Reason::MeetingsAllDay => {
                self.times(reason).contains(at) && self.hours.is_working(at) && self.is_filled(self.hours.day(at))
            }
            _ => self.times(reason).contains(at),
        }
    }

    /// When [`View::holds`] next changes; it need not be looked for from `before` on.
    fn next_change(&self, reason: Reason, at: Millis, before: Option<Millis>) -> Option<Millis> {
        match reason {
            Reason::OutsideHours if self.settings.outside_hours => self.next_hours(at),
            Reason::OutsideHours => None,
            Reason::MeetingsAllDay if self.holds(reason, at) => self.filled_until(at),
            Reason::MeetingsAllDay => self.next_filled(at, before.unwrap_or(NEVER)),
            _ => self.times(reason).next_change(at),
        }
    }

    /// When being outside the hours begins or ends.
    fn next_hours(&self, at: Millis) -> Option<Millis> {
        let overtime = self.times(Reason::OutsideHours);
        let now = self.holds(Reason::OutsideHours, at);
        let mut from = at;
        loop {
            from = match overtime.around(from) {
                Some((_, end)) => Some(end).filter(|end| *end < NEVER)?,
                None => self.hours.next_change(from).into_iter().chain(overtime.next_change(from)).min()?,
            };
            if self.holds(Reason::OutsideHours, from) != now {
                return Some(from);
            }
        }
    }

    /// Whether meetings leave nothing of the working time of a day.
    fn is_filled(&self, (start, end): (Millis, Millis)) -> bool {
        let meetings = self.times(Reason::MeetingsAllDay).within(start, end);
        let taken: i64 = meetings.map(|(from, to)| self.hours.between(from, to).0).sum();
        taken == self.hours.between(start, end).0
    }

    /// Until when a meeting fills working time of a filled day, when it does at `at`.
    fn filled_until(&self, at: Millis) -> Option<Millis> {
        let end = self.times(Reason::MeetingsAllDay).around(at)?.1;
        let end = self.hours.next_change(at).map_or(end, |flip| flip.min(end));
        // Days that lie in the meeting from end to end are filled; the last may not be.
        let last = self.hours.day(Millis(end.0 - 1));
        Some(if last.0 <= at || self.is_filled(last) { end } else { last.0 })
    }

    /// When a meeting first does.
    fn next_filled(&self, at: Millis, before: Millis) -> Option<Millis> {
        // A day's meetings follow on one another: all of them are looked at once, not once for each.
        let known = Cell::new(((EVER, EVER), false));
        let is_filled = |day| {
            if known.get().0 != day {
                known.set((day, self.is_filled(day)));
            }
            known.get().1
        };
        for (start, end) in self.times(Reason::MeetingsAllDay).within(at, before) {
            let ((from, to), filled) = known.get();
            if !filled && from <= start && end <= to {
                continue;
            }
            let (first, last) = (self.hours.day(start), self.hours.day(Millis(end.0 - 1)));
            let between = (first.1, last.0);
            let parts = [(first, is_filled(first)), (between, true), (last, is_filled(last))];
            for ((from, to), is_filled) in parts {
                let (from, to) = (from.max(start), to.min(end));
                if !is_filled || from >= to {
                    continue;
                }
                if self.hours.is_working(from) {
                    return Some(from);
                }
                if let Some(next) = self.hours.next_change(from).filter(|next| *next < to) {
                    return Some(next);
                }
            }
        }
        None
    }
}

#[cfg(test)]
mod tests;
