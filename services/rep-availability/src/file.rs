//! Calendar files: from their text to what they say of a rep.

use leadhand_domain::availability::{Interval, MAX_LENGTH, Reading, status};
use leadhand_domain::calendar::Kind;
use leadhand_domain::id::{RepId, Workspace};
use leadhand_domain::record::Key;
use leadhand_domain::time::{Millis, Span};
use leadhand_domain::working::Zone;
use leadhand_icalendar::{self as icalendar, Fault, Occurrence};
use leadhand_store::{Error, Store};
use tokio::sync::Semaphore;

/// How far back a file is read: what fills a day is all of the day, wherever that began.
const BACK: Span = Span::days(2);

/// How far ahead a file that was sent is read: for as long as a calendar event may last.
const AHEAD: Span = MAX_LENGTH;

/// The most lines that a refusal or an acknowledgement tells of.
const MAX_LINES: usize = 100;

/// What a file says.
#[derive(Debug)]
pub(crate) struct Content {
    pub(crate) events: Vec<Reading>,
    /// What was left out, by line.
    pub(crate) skipped: Vec<Fault>,
}

/// How a file is read.
#[derive(Debug, Clone)]
pub(crate) struct Terms {
    /// The zone of days, and of times without one.
    pub(crate) zone: Zone,
    /// What every event is; `None`: what the file says.
    pub(crate) kind: Option<Kind>,
    /// How far ahead it is read.
    pub(crate) horizon: Span,
}

/// Why a file was not read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failed {
    #[error("{0}")]
    File(#[from] Fault),
    #[error("reading the file panicked")]
    Panicked,
}

/// A file that was sent, and not yet read.
#[derive(Debug)]
pub(crate) struct Sent {
    pub(crate) content: Vec<u8>,
    /// The zone of days; `None`: that of the rep's working hours.
    pub(crate) zone: Option<Zone>,
    /// What every event is; `None`: what the file says.
    pub(crate) kind: Option<Kind>,
    /// Whether what cannot be read is left out; otherwise the file is refused.
    pub(crate) lenient: bool,
}

/// Why a file that was sent was not read.
#[derive(Debug)]
pub(crate) enum Unread {
    /// What is wrong with it, by line.
    Faults(Vec<Fault>),
    /// The rep's hours could not be looked up.
    Store(Error),
    /// Reading it panicked.
    Panicked,
}

impl Sent {
    /// Reads it for a rep, by the rep's hours as they are now. No more than so many are read at once, or reading them would leave
    /// no core to whoever answers calls.
    pub(crate) async fn read(
        self,
        turns: &Semaphore,
        store: &Store,
        workspace: &Workspace,
        rep: &RepId,
        now: Millis,
    ) -> Result<Content, Unread> {
        let zone = match self.zone {
            Some(zone) => zone,
            None => zone_of(store, workspace, rep).await.map_err(Unread::Store)?,
        };
        let terms = Terms { zone, kind: self.kind, horizon: AHEAD };
        let mut content = read_in_turn(turns, self.content, terms, now).await.map_err(|failed| match failed {
            Failed::File(fault) => Unread::Faults(vec![fault]),
            Failed::Panicked => Unread::Panicked,
        })?;
        content.skipped.truncate(MAX_LINES);
        if !self.lenient && !content.skipped.is_empty() {
            return Err(Unread::Faults(content.skipped));
        }
        Ok(content)
    }
}

/// Reads a file, as of `now`. It takes up to a second of one thread, which is not one that answers calls.
pub(crate) async fn read(text: Vec<u8>, terms: Terms, now: Millis) -> Result<Content, Failed> {
    let work = tokio::task::spawn_blocking(move || content(&text, &terms, now));
    Ok(work.await.map_err(|_| Failed::Panicked)??)
}

/// The same for files that anybody may send at any time.
async fn read_in_turn(turns: &Semaphore, text: Vec<u8>, terms: Terms, now: Millis) -> Result<Content, Failed> {
    // It is never closed.
    let _turn = turns.acquire().await;
    read(text, terms, now).await
}

fn content(text: &[u8], terms: &Terms, now: Millis) -> Result<Content, Fault> {
    let window = Millis(now.0.saturating_sub(BACK.0))..now.after(terms.horizon);
    let import = icalendar::read(text, terms.zone.rules(), window)?;
    let reading = |occurrence: Occurrence| {
        let kind = terms.kind.unwrap_or_else(|| kind(&occurrence));
        // Longer than a year and more is a slip, and would keep the rep away for ever.
        let interval = Interval::parse(occurrence.start, occurrence.end, kind).ok()?;
        Some(Reading { event: occurrence.event_id().to_owned(), revision: occurrence.revision(), interval })
    };
    Ok(Content { events: import.events.into_iter().filter_map(reading).collect(), skipped: import.skipped })
}

fn kind(occurrence: &Occurrence) -> Kind {
    match occurrence.kind {
        icalendar::Kind::Tentative => Kind::Tentative,
        icalendar::Kind::OutOfOffice => Kind::OutOfOffice,
        icalendar::Kind::Busy if occurrence.all_day => Kind::AllDay,
        icalendar::Kind::Busy => Kind::Meeting,
    }
}

/// The time zone that a rep works in, as far as is known.
pub(crate) async fn zone_of(store: &Store, workspace: &Workspace, rep: &RepId) -> Result<Zone, Error> {
    let keys = [Key::Calendar(rep.clone())];
    let (policy, read) = futures_util::try_join!(store.policy(workspace), store.read(workspace, &keys))?;
    // Without a policy nothing will be taken in; that is told then.
    let zone = policy.map(|policy| status::hours(read.calendar(rep), policy.availability(rep)).zone().clone());
    Ok(zone.unwrap_or(Zone::UTC))
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[tokio::test]
    async fn a_file_waits_for_its_turn() {
        let turns = Semaphore::new(1);
        let terms = Terms { zone: Zone::UTC, kind: None, horizon: Span::days(1) };
        let read = || read_in_turn(&turns, b"BEGIN:VCALENDAR\nEND:VCALENDAR\n".to_vec(), terms.clone(), Millis(0));
        let turn = turns.acquire().await.unwrap();
        assert!(read().now_or_never().is_none(), "as many are read as may be");
        drop(turn);
        assert_eq!(read().await.unwrap().events, []);
    }

    #[test]
    fn what_an_event_is_is_what_the_file_says_unless_told() {
        let event = |name: &str, rest: &str| {
            format!("BEGIN:VEVENT\r\nUID:{name}\r\nDTSTAMP:20260301T000000Z\r\n{rest}\r\nEND:VEVENT\r\n")
        };
        let text = [
            "BEGIN:VCALENDAR\r\n".to_owned(),
            event("a", "DTSTART:20260302T100000Z\r\nDTEND:20260302T110000Z"),
            event("b", "DTSTART;VALUE=DATE:20260303"),
            event("c", "DTSTART:20260304T100000Z\r\nDURATION:PT1H\r\nX-MICROSOFT-CDO-BUSYSTATUS:OOF"),
            event("d", "DTSTART:20260305T100000Z\r\nDURATION:PT1H\r\nSTATUS:TENTATIVE"),
            event("e", "DTSTART:20260306T100000Z\r\nDURATION:P500D"),
            event("f", "DTSTART:20260307T100000Z\r\nDURATION:soon"),
            "END:VCALENDAR\r\n".to_owned(),
        ]
        .concat();
        let now = Millis(1_772_445_600_000);
        let read = |kind| {
            let terms = Terms { zone: Zone::parse("Europe/Berlin").unwrap(), kind, horizon: Span::days(30) };
            content(text.as_bytes(), &terms, now).unwrap()
        };
        let told = read(None);
        let day = Millis(1_772_492_400_000);
        let wanted = [
            Interval::parse(now, now.after(Span::hours(1)), Kind::Meeting).unwrap(),
            Interval::parse(day, day.after(Span::days(1)), Kind::AllDay).unwrap(),
            Interval::parse(now.after(Span::days(2)), now.after(Span::hours(49)), Kind::OutOfOffice).unwrap(),
            Interval::parse(now.after(Span::days(3)), now.after(Span::hours(73)), Kind::Tentative).unwrap(),
        ];
        assert_eq!(told.events.iter().map(|reading| reading.interval).collect::<Vec<_>>(), wanted);
        assert_eq!(told.skipped.len(), 1);
        let leave = read(Some(Kind::Pto));
        assert_eq!(leave.events[0].interval, Interval::parse(now, now.after(Span::hours(1)), Kind::Pto).unwrap());
    }
}
