//! Content lines into components, keeping only what is read later: names, notes and addresses are dropped here.

use crate::fault::{Fault, Reason};
use crate::limit;
use crate::line::{Line, Lines};

/// What kind of component.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Calendar,
    Event,
    FreeBusy,
    TimeZone,
    /// A `STANDARD` or `DAYLIGHT` part of a time zone.
    Observance,
    /// Working hours (RFC 7953).
    Availability,
    Other,
}

impl Kind {
    fn of(name: &str) -> Self {
        let is = |other: &str| name.eq_ignore_ascii_case(other);
        match () {
            () if is("VCALENDAR") => Self::Calendar,
            () if is("VEVENT") => Self::Event,
            () if is("VFREEBUSY") => Self::FreeBusy,
            () if is("VTIMEZONE") => Self::TimeZone,
            () if is("STANDARD") || is("DAYLIGHT") => Self::Observance,
            () if is("VAVAILABILITY") => Self::Availability,
            () => Self::Other,
        }
    }
}

/// The properties that are read, wherever they stand.
const READ: [&str; 20] = [
    "DTEND",
    "DTSTAMP",
    "DTSTART",
    "DURATION",
    "EXDATE",
    "EXRULE",
    "FREEBUSY",
    "LAST-MODIFIED",
    "METHOD",
    "RDATE",
    "RECURRENCE-ID",
    "RRULE",
    "SEQUENCE",
    "STATUS",
    "TRANSP",
    "TZID",
    "TZOFFSETFROM",
    "TZOFFSETTO",
    "UID",
    "VERSION",
];

/// Those that are no part of RFC 5545.
const READ_TOO: [&str; 3] = ["X-LIC-LOCATION", "X-MICROSOFT-CDO-ALLDAYEVENT", "X-MICROSOFT-CDO-BUSYSTATUS"];

/// The property as it is called here, if it is read.
fn read(name: &str) -> Option<&'static str> {
    READ.iter().chain(&READ_TOO).find(|known| name.eq_ignore_ascii_case(known)).copied()
}

/// One property that is read.
#[derive(Debug)]
pub(crate) struct Property {
    pub(crate) line: u64,
    pub(crate) name: &'static str,
    pub(crate) value: String,
    parameters: Vec<(&'static str, String)>,
}

impl Property {
    fn of(name: &'static str, line: &Line<'_>) -> Option<Self> {
        let (parameters, value) = parameters(line.rest)?;
        Some(Self { line: line.number, name, value: value.trim().to_owned(), parameters })
    }

    /// A parameter, without its quotes.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(found, _)| *found == name).map(|(_, value)| value.as_str())
    }

    /// Whether the value is this word, in any case.
    pub(crate) fn is(&self, word: &str) -> bool {
        self.value.eq_ignore_ascii_case(word)
    }

    /// This reason, at this property.
    pub(crate) fn fault(&self, reason: Reason) -> Fault {
        reason.at(self.line)
    }
}

/// The parameters that are read.
const PARAMETERS: [&str; 4] = ["FBTYPE", "RANGE", "TZID", "VALUE"];

/// `;name=value;name="value":rest` in parts: the first of each parameter that is read, and the rest.
fn parameters(mut rest: &str) -> Option<(Vec<(&'static str, String)>, &str)> {
    let mut found = Vec::new();
    loop {
        if let Some(value) = rest.strip_prefix(':') {
            return Some((found, value));
        }
        let text = rest.strip_prefix(';')?;
        let mut quoted = false;
        let end = text.find(|c| {
            quoted ^= c == '"';
            !quoted && matches!(c, ':' | ';')
        })?;
        let (parameter, after) = text.split_at(end);
        if let Some((name, value)) = parameter.split_once('=') {
            let known = PARAMETERS.iter().find(|known| name.eq_ignore_ascii_case(known));
            if let Some(name) = known.filter(|name| found.iter().all(|(found, _)| found != *name)) {
                found.push((*name, value.replace('"', "")));
            }
        } else if !parameter.is_empty() {
            return None;
        }
        rest = after;
    }
}

/// A component with what is read of it.
#[derive(Debug)]
pub(crate) struct Component {
    pub(crate) kind: Kind,
    /// The line of its `BEGIN`.
    pub(crate) line: u64,
    pub(crate) properties: Vec<Property>,
    pub(crate) children: Vec<Component>,
    /// Lines that are malformed, of properties that are not read.
    pub(crate) spoilt: Vec<Fault>,
    /// The first line that is malformed, of a property that is read: nobody knows what the component means.
    pub(crate) broken: Option<Fault>,
}

impl Component {
    fn new(kind: Kind, line: u64) -> Self {
        Self { kind, line, properties: Vec::new(), children: Vec::new(), spoilt: Vec::new(), broken: None }
    }

    fn take(&mut self, line: &Line<'_>) {
        let fault = Reason::Malformed.at(line.number);
        match read(line.name) {
            Some(name) => match Property::of(name, line).filter(|_| line.is_well_formed()) {
                Some(property) => self.properties.push(property),
                None => self.broken = self.broken.or(Some(fault)),
            },
            None if line.is_well_formed() => {}
            None => self.spoilt.push(fault),
        }
    }

    /// The properties of that name.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Property> {
        self.properties.iter().filter(move |property| property.name == name)
    }

    /// The first property of that name.
    pub(crate) fn first(&self, name: &str) -> Option<&Property> {
        self.properties.iter().find(|property| property.name == name)
    }

    /// The property of that name; a second one is a fault.
    pub(crate) fn single(&self, name: &str) -> Result<Option<&Property>, Fault> {
        let mut found = self.properties.iter().filter(|property| property.name == name);
        let first = found.next();
        found.next().map_or(Ok(first), |second| Err(second.fault(Reason::Malformed)))
    }
}

/// The calendars of a file.
pub(crate) fn calendars(text: &[u8]) -> Result<Vec<Component>, Fault> {
    let mut lines = Lines::new(text);
    let mut calendars = Vec::new();
    let mut open: Vec<(String, Component)> = Vec::new();
    let mut count = 0_usize;
    while let Some(line) = lines.next() {
        let line = line?;
        let fault = |reason: Reason| reason.at(line.number);
        let is = |name: &str| line.name.eq_ignore_ascii_case(name);
        let outside = open.is_empty();
        // A page of HTML is no calendar with a mistake in it.
        let not_here = fault(if outside && calendars.is_empty() { Reason::NotCalendar } else { Reason::Malformed });
        let named = line.rest.strip_prefix(':').map(str::trim);
        if is("BEGIN") {
            let name = named.ok_or(not_here)?;
            let kind = Kind::of(name);
            count += 1;
            match () {
                () if outside != (kind == Kind::Calendar) => return Err(not_here),
                () if count > limit::COMPONENTS => return Err(fault(Reason::TooLarge)),
                () if open.len() == limit::DEPTH => return Err(fault(Reason::TooDeep)),
                () => open.push((name.to_owned(), Component::new(kind, line.number))),
            }
        } else if is("END") {
            let closed = open.pop().filter(|(begun, _)| named.is_some_and(|name| name.eq_ignore_ascii_case(begun)));
            let (_, component) = closed.ok_or(not_here)?;
            match open.last_mut() {
                Some((_, parent)) if parent.kind != Kind::Other && component.kind != Kind::Other => {
                    parent.children.push(component);
                }
                Some(_) => {}
                None => calendars.push(component),
            }
        } else {
            let (_, component) = open.last_mut().ok_or(not_here)?;
            if component.kind != Kind::Other {
                component.take(&line);
            }
            if component.kind == Kind::Calendar && !line.is_well_formed() {
                return Err(not_here);
            }
        }
    }
    match open.last() {
        Some(_) => Err(Reason::Truncated.at(lines.last())),
        None if calendars.is_empty() => Err(Reason::NotCalendar.at(1)),
        None => Ok(calendars),
    }
}
