//! What happened in the demo, kept by what the services answered and by the events that they sent. Nothing here is planned
//! or assumed: each figure of the final table is counted or measured.

use std::collections::BTreeMap;
use std::time::Duration;

use hdrhistogram::Histogram;
use leadhand_proto::event::v1::{Event, event::Kind};
use tonic::Status;

use super::fairness::{Busy, Fairness};
use crate::moment;
use crate::outline::Outline;

/// Something that was done, as its answer tells it, or seen on the event stream.
#[derive(Debug)]
pub(super) enum Did {
    /// A lead was routed; how long the caller waited for the answer.
    Routed {
        /// From the call to its answer.
        latency: Duration,
        /// Whether a rep got it; else a pool.
        assigned: bool,
    },
    /// A claim was granted.
    Claimed {
        /// Who claimed.
        rep: String,
    },
    /// A claim was refused.
    ClaimRefused {
        /// Who claimed.
        rep: String,
        /// The rule that said no.
        reason: String,
        /// When to try again.
        retry_after: Option<Duration>,
    },
    /// A contact was recorded.
    Contacted {
        /// The owner.
        rep: String,
        /// From assignment to contact, as the service answered.
        after_ms: i64,
    },
    /// A rep is about to be busy; told before the calendar is sent.
    Busy(Busy),
    /// A calendar was changed.
    Calendar,
    /// A policy was applied.
    Policy,
    /// An event was received.
    Seen(Box<Event>),
    /// The event stream was interrupted and resumed.
    Resumed,
    /// Something did not work that should have.
    Failed {
        /// What.
        what: &'static str,
        /// Why.
        status: Status,
    },
}

/// What one rep did.
#[derive(Debug, Default)]
pub(super) struct Work {
    /// Claims granted.
    pub(super) claimed: u64,
    /// Claims refused, by reason.
    pub(super) refused: BTreeMap<String, u64>,
    /// How long each contacted lead had waited, in milliseconds.
    pub(super) contacts_ms: Vec<i64>,
    /// How often the rep came up for a lead and was passed over.
    pub(super) skipped: u64,
    /// Leads pushed to the rep, as the events tell.
    pub(super) pushed: u64,
}

/// All of it.
#[derive(Debug)]
pub(super) struct Book {
    /// Leads that went to a rep.
    pub(super) assigned: u64,
    /// Leads that went to a pool.
    pub(super) pooled: u64,
    /// Claims granted.
    pub(super) claimed: u64,
    /// Claims refused.
    pub(super) refused: u64,
    /// Contacts recorded.
    pub(super) contacted: u64,
    /// Changes that must each have one event: what was answered as done.
    pub(super) changes: u64,
    /// Events received.
    pub(super) events: u64,
    /// How often the event stream was interrupted.
    pub(super) resumed: u64,
    /// From the call of `RouteLead` to its answer, in microseconds.
    pub(super) latency_us: Histogram<u64>,
    /// What each rep did.
    pub(super) reps: BTreeMap<String, Work>,
    /// Who was given how much of what was due.
    pub(super) fairness: Fairness,
    /// When who was busy.
    pub(super) busy: Vec<Busy>,
    /// What did not work.
    pub(super) failed: Vec<String>,
    /// Leads whose last event is that they were pooled, assigned or claimed: each in one place.
    pub(super) places: BTreeMap<String, Place>,
}

/// Where a lead is by its events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// A rep got it pushed.
    Pushed,
    /// It waits in a pool.
    Pooled,
    /// A rep claimed it.
    Claimed,
    /// The events contradict each other.
    Unclear,
}

impl Book {
    /// Nothing has happened yet.
    pub(super) fn new(outline: &Outline) -> Self {
        Self {
            assigned: 0,
            pooled: 0,
            claimed: 0,
            refused: 0,
            contacted: 0,
            changes: 0,
            events: 0,
            resumed: 0,
            // Three digits up to ten minutes; its bounds are constants that are legal.
            latency_us: Histogram::new_with_max(600_000_000, 3).expect("legal bounds"),
            reps: BTreeMap::new(),
            fairness: Fairness::new(outline),
            busy: Vec::new(),
            failed: Vec::new(),
            places: BTreeMap::new(),
        }
    }

    /// Takes down what happened.
    pub(super) fn note(&mut self, did: Did) {
        match did {
            Did::Routed { latency, assigned } => {
                self.changes += 1;
                *(if assigned { &mut self.assigned } else { &mut self.pooled }) += 1;
                self.latency_us.saturating_record(u64::try_from(latency.as_micros()).unwrap_or(u64::MAX));
            }
            Did::Claimed { rep } => {
                self.changes += 1;
                self.claimed += 1;
                self.rep(&rep).claimed += 1;
            }
            Did::ClaimRefused { rep, reason, .. } => {
                self.refused += 1;
                *self.rep(&rep).refused.entry(reason).or_default() += 1;
            }
            Did::Contacted { rep, after_ms } => {
                self.changes += 1;
                self.contacted += 1;
                self.rep(&rep).contacts_ms.push(after_ms);
            }
            Did::Busy(busy) => self.busy.push(busy),
            Did::Calendar | Did::Policy => self.changes += 1,
            Did::Seen(event) => self.seen(&event),
            Did::Resumed => self.resumed += 1,
            Did::Failed { what, status } => {
                self.failed.push(format!(
                    "{what}: {} {}",
                    leadhand_proto::status::told(&status).reason,
                    status.message()
                ));
            }
        }
    }

    /// Whether all `leads` are routed, every owner has made contact, and every change has been told of.
    pub(super) fn complete(&self, leads: u64) -> bool {
        self.assigned + self.pooled >= leads
            && self.contacted >= self.assigned + self.claimed
            && self.events >= self.changes
    }

    fn seen(&mut self, event: &Event) {
        self.events += 1;
        for skip in event.decision.iter().flat_map(|decision| &decision.skips) {
            self.rep(&skip.rep_id).skipped += 1;
        }
        match &event.kind {
            Some(Kind::LeadAssigned(it)) => {
                let at_ms = event.occurred_at.as_ref().and_then(moment::from_wire).map_or(0, |at| at.as_millisecond());
                self.fairness.given(&it.team_id, &it.rep_id, at_ms);
                self.rep(&it.rep_id).pushed += 1;
                self.place(&it.lead_id, None, Place::Pushed);
            }
            Some(Kind::LeadPooled(it)) => self.place(&it.lead_id, None, Place::Pooled),
            Some(Kind::LeadClaimed(it)) => self.place(&it.lead_id, Some(Place::Pooled), Place::Claimed),
            // What was committed before it could not know, what comes after it must.
            Some(Kind::AvailabilityChanged(it)) => {
                for busy in self.busy.iter().filter(|busy| busy.rep == it.rep_id) {
                    self.fairness.busy(busy.clone());
                }
            }
            // The demo's policy offers nothing and holds nothing; its leads are all different.
            _ => {}
        }
    }

    /// The lead's events take it from one place to another; any other order is unclear.
    fn place(&mut self, lead: &str, from: Option<Place>, to: Place) {
        let known = self.places.get(lead).copied();
        self.places.insert(lead.to_owned(), if known == from { to } else { Place::Unclear });
    }

    /// How many leads are in a place by their events.
    pub(super) fn count(&self, place: Place) -> u64 {
        self.places.values().filter(|known| **known == place).count() as u64
    }

    fn rep(&mut self, rep: &str) -> &mut Work {
        self.reps.entry(rep.to_owned()).or_default()
    }
}

impl Work {
    /// The middle of the times to contact; `None` when nobody was contacted.
    pub(super) fn median_contact_ms(&self) -> Option<i64> {
        let mut sorted = self.contacts_ms.clone();
        sorted.sort_unstable();
        match sorted.len() {
            0 => None,
            n if n % 2 == 1 => Some(sorted[n / 2]),
            n => Some((sorted[n / 2 - 1] + sorted[n / 2]) / 2),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use leadhand_proto::event::v1::{LeadAssigned, LeadClaimed, LeadPooled};

    fn book() -> Book {
        Book::new(&Outline::parse("teams: [{id: t, reps: [{id: a}]}]").unwrap())
    }

    fn seen(kind: Kind) -> Did {
        Did::Seen(Box::new(Event { kind: Some(kind), ..Event::default() }))
    }

    #[test]
    fn a_lead_that_is_given_twice_is_found_out() {
        let mut book = book();
        let pooled = LeadPooled { lead_id: "x".into(), ..LeadPooled::default() };
        let claimed = LeadClaimed { lead_id: "x".into(), ..LeadClaimed::default() };
        let assigned =
            LeadAssigned { lead_id: "y".into(), team_id: "t".into(), rep_id: "a".into(), ..LeadAssigned::default() };
        book.note(seen(Kind::LeadPooled(pooled)));
        book.note(seen(Kind::LeadClaimed(claimed.clone())));
        book.note(seen(Kind::LeadAssigned(assigned.clone())));
        assert_eq!((book.count(Place::Claimed), book.count(Place::Pushed), book.count(Place::Unclear)), (1, 1, 0));
        book.note(seen(Kind::LeadClaimed(claimed)));
        book.note(seen(Kind::LeadAssigned(assigned)));
        assert_eq!(book.count(Place::Unclear), 2);
        assert_eq!((book.events, book.reps["a"].pushed), (5, 2));
    }

    #[test]
    fn the_median_is_the_middle() {
        let of =
            |contacts_ms: &[i64]| Work { contacts_ms: contacts_ms.to_vec(), ..Work::default() }.median_contact_ms();
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[9, 1, 5]), Some(5));
        assert_eq!(of(&[4, 1, 9, 2]), Some(3));
    }
}
