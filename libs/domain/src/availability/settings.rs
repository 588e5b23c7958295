//! What makes a rep unavailable, and which source is believed.

use std::collections::BTreeMap;

use crate::id::CalendarSource;
use crate::time::Span;
use crate::working::{Day, Hours};

/// What makes a rep unavailable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Leave does. Default: yes.
    pub leave: bool,
    /// Paid time off does. Default: yes.
    pub pto: bool,
    /// Being out of office does. Default: yes.
    pub out_of_office: bool,
    /// An all-day event does. Default: yes.
    pub all_day: bool,
    /// Not being in the working hours does. Default: yes.
    pub outside_hours: bool,
    /// Which meetings do. Default: those that fill the working day.
    pub meetings: Meetings,
    /// Whether a meeting that the rep has not accepted is a meeting. Default: no.
    pub tentative: bool,
    /// How long a rep may be seen by no presence source; `None`: for ever. Default: 24 h. A rep whom none has ever seen is
    /// not held to it.
    pub not_seen_after: Option<Span>,
    /// The hours of a rep of whom no source states any, less `holidays`. Default: always, in UTC.
    pub hours: Hours,
    /// Dates on which nobody works, whoever states the hours. Default: none.
    pub holidays: Vec<Day>,
    /// What is believed of the sources; see [`Settings::source`] for those that are not listed.
    pub sources: BTreeMap<CalendarSource, Source>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            leave: true,
            pto: true,
            out_of_office: true,
            all_day: true,
            outside_hours: true,
            meetings: Meetings::FullDay,
            tentative: false,
            not_seen_after: Some(Span::hours(24)),
            hours: Hours::always(),
            holidays: Vec::new(),
            sources: BTreeMap::new(),
        }
    }
}

/// Which meetings make a rep unavailable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Meetings {
    /// Each, while it lasts.
    Any,
    /// Those that leave no working time of a day free: while they last, in that day's working time. A day is from midnight to
    /// midnight on the rep's clock; without working hours it is working time from end to end.
    #[default]
    FullDay,
    /// None.
    Ignore,
}

/// How far a source is believed: where a higher class says [`crate::calendar::Kind::Working`], a lower one is not heard. Of
/// working hours and employment, that of the highest class counts, then the one stated last. Within a class, whoever says
/// that the rep is away is right.
///
/// Presence is below both: somebody said to be working is not held to being seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Class {
    /// What the rep and colleagues enter.
    #[default]
    Calendar,
    /// What the employer has on file.
    Hr,
}

/// What is believed of one source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Source {
    /// Its precedence.
    pub class: Class,
    /// How long after it was last heard of a rep it is stale for that rep; `None`: never. Default: never. It is heard with
    /// every change of the rep's, and when it says that there is none.
    pub stale_after: Option<Span>,
    /// What that means.
    pub when_stale: WhenStale,
}

/// What a stale source means for a rep of whom it has spoken.
///
/// It concerns what changes from day to day: working hours, employment and pauses stand until they are changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WhenStale {
    /// Its busy intervals count no more, from when it became stale on: it keeps nobody away.
    Available,
    /// The rep is unavailable until it is heard again.
    Unavailable,
    /// Nothing: what it said last still counts.
    #[default]
    Ignore,
}

impl Class {
    /// The class of a source that the policy does not list: an HR system's when it is called `hr` or its name begins with
    /// `hr-` or `hr_`, else a calendar's.
    pub fn by_name(source: &CalendarSource) -> Self {
        let rest = source.as_str().strip_prefix("hr");
        let is_hr = rest.is_some_and(|rest| matches!(rest.as_bytes(), [] | [b'-' | b'_', ..]));
        if is_hr { Self::Hr } else { Self::Calendar }
    }
}

impl Settings {
    /// What is believed of a source. One that is not listed is never stale; see [`Class::by_name`].
    pub fn source(&self, source: &CalendarSource) -> Source {
        let listed = self.sources.get(source).copied();
        listed.unwrap_or_else(|| Source { class: Class::by_name(source), ..Source::default() })
    }
}
