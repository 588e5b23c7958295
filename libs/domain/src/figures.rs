//! What a rep makes of leads, week by week: what tiers are calculated from (C8).
//!
//! These are sums that changes add to, not records: contacts of one rep that come at once do not make each other stale, and
//! nothing is read for them. A week's sums go by themselves once no calculation looks at them any more.
//!
//! A lead counts when its time without contact ends in the rep's hands: when contact is made or missed, when the lead is given
//! back or undone, or closed without contact; not when a manager takes it away. Whoever made no contact took all the time there
//! was, so that nobody looks fast by giving leads back. It counts in the week in which that is decided, however late: what a week
//! holds is settled when it is over.

use crate::change::{Change, Count};
use crate::id::RepId;
use crate::lead::{Lead, Outcome, Place};
use crate::record::{Counter, Key, Snapshot};
use crate::time::{Millis, Span};

/// How long a week's sums are kept after the last was added to them.
pub const KEPT: Span = Span::days(42);

/// How many weeks are looked at together.
pub const WEEKS: i64 = 4;

/// The most that one win counts for: sums stay exact however many there are.
const MOST: u64 = 1_000_000_000_000;

const DAYS: i64 = Span::days(1).0;

/// A week of seven days from Monday 00:00 UTC, counted from that of 1 January 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Week(pub i64);

impl Week {
    /// The week that a moment is in.
    pub fn of(at: Millis) -> Self {
        // 1 January 1970 was a Thursday.
        Self((at.0.div_euclid(DAYS) + 3).div_euclid(7))
    }

    /// Its Monday, 00:00 UTC.
    pub fn start(self) -> Millis {
        Millis(self.0.saturating_mul(7).saturating_sub(3).saturating_mul(DAYS))
    }

    /// The one after it.
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// The weeks that a calculation in this week looks at: those before it.
    pub fn looked_at(self) -> impl Iterator<Item = Self> {
        (self.0 - WEEKS..self.0).map(Self)
    }
}

/// One of the sums.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Figure {
    /// Leads whose time without contact ended.
    Leads,
    /// Those of them on which contact was made.
    Contacted,
    /// How long that took of all of them together, in milliseconds.
    ContactMs,
    /// Leads that became an opportunity, or were won.
    Converted,
    /// For how much leads were won.
    Amount,
}

impl Figure {
    /// Each there is.
    pub const ALL: [Self; 5] = [Self::Leads, Self::Contacted, Self::ContactMs, Self::Converted, Self::Amount];

    /// The name it is stored under; never another one.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Leads => "leads",
            Self::Contacted => "contacted",
            Self::ContactMs => "contact_ms",
            Self::Converted => "converted",
            Self::Amount => "amount",
        }
    }
}

/// The sums of some weeks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Figures {
    /// See [`Figure::Leads`].
    pub leads: u64,
    /// See [`Figure::Contacted`].
    pub contacted: u64,
    /// See [`Figure::ContactMs`].
    pub contact_ms: u64,
    /// See [`Figure::Converted`].
    pub converted: u64,
    /// See [`Figure::Amount`], in the workspace's currency.
    pub amount: u64,
}

impl Figures {
    /// What is looked at for a rep's figures of some weeks.
    pub fn keys(rep: &RepId, weeks: impl Iterator<Item = Week>) -> impl Iterator<Item = Key> {
        weeks.flat_map(|week| Figure::ALL.map(|figure| Key::Count(Counter::Figure(rep.clone(), week, figure))))
    }

    /// A rep's figures of some weeks together.
    pub fn of(snapshot: &Snapshot, rep: &RepId, weeks: impl Iterator<Item = Week>) -> Self {
        let mut sum = Self::default();
        for week in weeks {
            let count = |figure| snapshot.count(&Counter::Figure(rep.clone(), week, figure));
            sum.leads = sum.leads.saturating_add(count(Figure::Leads));
            sum.contacted = sum.contacted.saturating_add(count(Figure::Contacted));
            sum.contact_ms = sum.contact_ms.saturating_add(count(Figure::ContactMs));
            sum.converted = sum.converted.saturating_add(count(Figure::Converted));
            sum.amount = sum.amount.saturating_add(count(Figure::Amount));
        }
        sum
    }

    /// How long it took until contact, on average; `None` without leads.
    pub fn contact_speed(&self) -> Option<Span> {
        let mean = self.contact_ms.checked_div(self.leads)?;
        Some(Span(i64::try_from(mean).unwrap_or(i64::MAX)))
    }
}

fn add(change: &mut Change, rep: &RepId, figure: Figure, by: u64, now: Millis) {
    let counter = Counter::Figure(rep.clone(), Week::of(now), figure);
    if let Some(delta) = i64::try_from(by.min(MOST)).ok().filter(|delta| *delta > 0) {
        change.counts.push(Count { counter, delta, most: None });
    }
}

fn ended(change: &mut Change, rep: &RepId, took: Span, now: Millis) {
    add(change, rep, Figure::Leads, 1, now);
    add(change, rep, Figure::ContactMs, u64::try_from(took.0).unwrap_or(0), now);
}

/// An owner has made the first contact, so long after the lead became theirs.
pub(crate) fn contacted(change: &mut Change, rep: &RepId, took: Span, now: Millis) {
    add(change, rep, Figure::Contacted, 1, now);
    ended(change, rep, took, now);
}

/// A lead leaves its owner by the owner's doing, or not doing: if no contact was made, none will be.
pub(crate) fn left(change: &mut Change, lead: &Lead, now: Millis) {
    if let Place::Assigned { owner, contact_due, contacted_at: None, .. } = &lead.place {
        ended(change, owner, contact_due.since(lead.placed_at), now);
    }
}

/// A lead has become an opportunity for the first time.
pub(crate) fn converted(change: &mut Change, rep: &RepId, now: Millis) {
    add(change, rep, Figure::Converted, 1, now);
}

/// An owner tells how a lead ended. What is won was contacted by then, and is a conversion; once, if the same owner told before
/// that it is an opportunity.
pub(crate) fn closed(change: &mut Change, lead: &Lead, rep: &RepId, outcome: Outcome, now: Millis) {
    let Outcome::Won { amount } = outcome else { return left(change, lead, now) };
    if let Place::Assigned { contacted_at: None, .. } = &lead.place {
        contacted(change, rep, now.since(lead.placed_at), now);
    }
    if lead.opportunity_at.is_none_or(|at| at < lead.placed_at) {
        converted(change, rep, now);
    }
    add(change, rep, Figure::Amount, amount, now);
}

#[cfg(test)]
mod tests;
