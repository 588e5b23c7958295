//! Working time: when a rep works in an ordinary week, in the rep's own time zone, and how much of it passes between two
//! moments.
//!
//! **The clock on the rep's wall decides.** A moment is working time when the date and time that this clock shows lie in one
//! of the week's stretches. So an hour that the clock skips in spring is nobody's working time, and one that it shows twice
//! in autumn counts twice; a whole day that a zone leaves out (Samoa, 30 December 2011) never comes.
//!
//! **A holiday is a date without work.** Neither does a stretch run into it from the day before, nor does one that would
//! begin on it run on into the day after.
//!
//! How it is computed: between two changes of the zone's offset the wall clock runs like any other, and there working time
//! is a sum of whole weeks, a rest, and the holidays taken off ([`week::Week::worked`]). What is asked for is found in that
//! sum by halving, so the work grows with the number of offset changes in between (two a year) and not with the minutes.

use crate::time::{Millis, Span};

mod text;
mod week;
mod zone;

pub use text::{MAX_HOLIDAYS, MAX_TEXT};
pub use week::Day;
pub use zone::Zone;

use week::Week;

/// Beyond this moment, early in the year 10000, no time zone is asked; the last offset holds.
const END: i64 = 253_402_300_800_000;

/// Weekly working hours in a time zone, less holidays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hours {
    week: Week,
    zone: Zone,
}

impl Default for Hours {
    fn default() -> Self {
        Self::always()
    }
}

impl Hours {
    /// All day, every day: what counts where nobody has said anything.
    pub fn always() -> Self {
        Self { week: Week::full(), zone: Zone::UTC }
    }

    /// Hours from a text such as `mon-fri 09:00-12:00 13:00-17:30, sat 10:00-13:00`, in a time zone.
    ///
    /// Items are separated by commas. Each names days (`mon`, `mon-fri`, `sat-mon`, or several), then stretches. One that
    /// ends before it begins passes midnight, and belongs to the day it begins on; `24:00` is a day's end. `always` is
    /// `mon-sun 00:00-24:00`. Stretches may touch and not overlap.
    pub fn parse(text: &str, zone: Zone) -> Result<Self, crate::invalid::Invalid> {
        Ok(Self { week: Week::new(text::parse(text)?)?, zone })
    }

    /// The same without the holidays, whatever their order; at most [`MAX_HOLIDAYS`].
    pub fn without(mut self, holidays: Vec<Day>) -> Result<Self, crate::invalid::Invalid> {
        if holidays.len() > MAX_HOLIDAYS {
            return Err(crate::invalid::Invalid::new(format!("at most {MAX_HOLIDAYS} holidays")));
        }
        self.week.set_holidays(holidays);
        Ok(self)
    }

    /// The same without these holidays either.
    #[must_use]
    pub fn with_holidays(mut self, holidays: &[Day]) -> Self {
        self.week.set_holidays([self.week.holidays(), holidays].concat());
        self
    }

    /// The same week without any holiday, by the clock of a zone.
    pub(crate) fn ordinary(&self, zone: Zone) -> Self {
        let mut week = self.week.clone();
        week.set_holidays(Vec::new());
        Self { week, zone }
    }

    /// The week as [`Hours::parse`] reads it, always spelled alike: equal hours have equal texts.
    pub fn text(&self) -> String {
        text::print(self.week.days())
    }

    /// The time zone.
    pub fn zone(&self) -> &Zone {
        &self.zone
    }

    /// The holidays, in order.
    pub fn holidays(&self) -> &[Day] {
        self.week.holidays()
    }

    /// Whether a moment is working time.
    pub fn is_working(&self, at: Millis) -> bool {
        self.week.is_working(wall(at.0, self.zone.offset(at.0)))
    }

    /// When [`Hours::is_working`] next changes after `at`; `None` when it never does.
    pub fn next_change(&self, at: Millis) -> Option<Millis> {
        let working = self.is_working(at);
        for segment in self.segments(at, Millis(END)) {
            if self.week.is_working(segment.from) != working {
                return Some(segment.moment(segment.from));
            }
            if self.week.is_full_from(segment.from) {
                return None;
            }
            if let Some(flip) = self.week.flip(segment.from, segment.to, working) {
                return Some(segment.moment(flip));
            }
        }
        None
    }

    /// The first moment by which so much working time has passed since `at`; `at` itself when `span` is not positive. It may
    /// be the very end of a stretch. At the latest the end of the year 9999.
    pub fn add(&self, at: Millis, span: Span) -> Millis {
        let mut left = span.0;
        if left <= 0 {
            return at;
        }
        for segment in self.segments(at, Millis(END)) {
            let worked = self.week.worked(segment.from, segment.to);
            if left <= worked {
                return segment.moment(self.week.reach(segment.from, segment.to, left));
            }
            left -= worked;
        }
        at.max(Millis(END))
    }

    /// How much working time passes from one moment to another; none when `b` is not after `a`.
    pub fn between(&self, a: Millis, b: Millis) -> Span {
        Span(self.segments(a, b).map(|segment| self.week.worked(segment.from, segment.to)).sum())
    }

    /// The day that `at` is in: from midnight on the rep's clock to the next.
    ///
    /// Where the clock skips midnight the day begins when it has; where it shows midnight twice, at the first.
    pub fn day(&self, at: Millis) -> (Millis, Millis) {
        let day = Day::of(wall(at.0, self.zone.offset(at.0)));
        let (start, end) = (self.zone.start(day), self.zone.start(day.next()));
        // The clock may go back over midnight: the date is yesterday's again, and the day is today's.
        if at < end { (start, end) } else { (end, self.zone.start(day.next().next())) }
    }

    /// The date that the rep's clock shows.
    pub fn date(&self, at: Millis) -> Day {
        Day::of(wall(at.0, self.zone.offset(at.0)))
    }

    /// The stretches of time from `from` to `to` in which the zone's offset stays the same.
    fn segments(&self, from: Millis, to: Millis) -> impl Iterator<Item = Segment> {
        let mut next = Some(from.0);
        std::iter::from_fn(move || {
            let start = next.filter(|start| *start < to.0)?;
            let offset = self.zone.offset(start);
            next = self.zone.next_offset(start);
            let end = next.map_or(to.0, |end| end.min(to.0));
            Some(Segment { from: wall(start, offset), to: wall(end, offset), offset })
        })
    }
}

/// A stretch of time, in milliseconds of the wall clock, which is `offset` ahead of UTC all through it.
struct Segment {
    from: i64,
    to: i64,
    offset: i64,
}

impl Segment {
    fn moment(&self, wall: i64) -> Millis {
        Millis(wall.saturating_sub(self.offset))
    }
}

/// What the wall clock shows, as milliseconds since it showed the beginning of 1970.
fn wall(at: i64, offset: i64) -> i64 {
    at.clamp(-END, END).saturating_add(offset)
}

#[cfg(test)]
mod tests;
