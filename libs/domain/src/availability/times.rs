//! Sets of moments.

use crate::time::Millis;

/// A moment before every other: since ever.
pub(super) const EVER: Millis = Millis(i64::MIN);

/// A moment after every other: for good.
pub(super) const NEVER: Millis = Millis(i64::MAX);

/// Stretches of time in order; they neither overlap nor touch. Each has its start in it, and its end not.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Times(Vec<(Millis, Millis)>);

impl Times {
    /// The moments in any of these stretches.
    pub(super) fn of(mut stretches: Vec<(Millis, Millis)>) -> Self {
        stretches.retain(|(start, end)| start < end);
        stretches.sort_unstable();
        stretches.dedup_by(|next, last| {
            let touch = next.0 <= last.1;
            if touch {
                last.1 = last.1.max(next.1);
            }
            touch
        });
        Self(stretches)
    }

    /// The moments of these that are not among `others`.
    pub(super) fn minus(self, others: &Self) -> Self {
        if self.0.is_empty() || others.0.is_empty() {
            return self;
        }
        let mut left = Vec::with_capacity(self.0.len());
        for (mut start, end) in self.0 {
            for (taken, until) in others.from(start) {
                if *taken >= end {
                    break;
                }
                left.push((start, *taken));
                start = *until;
            }
            left.push((start, end));
        }
        Self::of(left)
    }

    /// The moments in these or those.
    pub(super) fn and(self, others: Self) -> Self {
        match (self.0.is_empty(), others.0.is_empty()) {
            (_, true) => self,
            (true, _) => others,
            _ => Self::of([self.0, others.0].concat()),
        }
    }

    /// Whether there is no moment among them.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// From when on every moment is among them.
    pub(super) fn for_good_from(&self) -> Option<Millis> {
        self.0.last().filter(|(_, end)| *end == NEVER).map(|(start, _)| *start)
    }

    /// The stretches that end after a moment.
    pub(super) fn from(&self, at: Millis) -> &[(Millis, Millis)] {
        &self.0[self.0.partition_point(|(_, end)| *end <= at)..]
    }

    /// The stretch that a moment is in.
    pub(super) fn around(&self, at: Millis) -> Option<(Millis, Millis)> {
        self.from(at).first().copied().filter(|(start, _)| *start <= at)
    }

    /// Whether a moment is among them.
    pub(super) fn contains(&self, at: Millis) -> bool {
        self.around(at).is_some()
    }

    /// When [`Times::contains`] next changes.
    pub(super) fn next_change(&self, at: Millis) -> Option<Millis> {
        let (start, end) = self.from(at).first().copied()?;
        Some(if start <= at { end } else { start }).filter(|next| *next < NEVER)
    }

    /// The parts of the stretches that lie between two moments.
    pub(super) fn within(&self, from: Millis, to: Millis) -> impl Iterator<Item = (Millis, Millis)> {
        let ahead = self.from(from).iter().take_while(move |(start, _)| *start < to);
        ahead.map(move |(start, end)| ((*start).max(from), (*end).min(to))).filter(|(start, end)| start < end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn stretches() -> impl Strategy<Value = Vec<(i64, i64)>> {
        prop::collection::vec((0..40_i64, 0..50_i64), 0..8)
    }

    fn times(stretches: &[(i64, i64)]) -> Times {
        Times::of(stretches.iter().map(|(start, end)| (Millis(*start), Millis(*end))).collect())
    }

    proptest! {
        /// Against looking at every moment by itself.
        #[test]
        fn sets_are_what_their_moments_are(these in stretches(), those in stretches(), from in 0..50_i64, to in 0..50_i64) {
            let is_in = |stretches: &[(i64, i64)], n: i64| stretches.iter().any(|(start, end)| (*start..*end).contains(&n));
            let (a, b) = (times(&these), times(&those));
            let (both, less) = (a.clone().and(b.clone()), a.clone().minus(&b));
            for n in -1..60 {
                prop_assert_eq!(a.contains(Millis(n)), is_in(&these, n));
                prop_assert_eq!(both.contains(Millis(n)), is_in(&these, n) || is_in(&those, n));
                prop_assert_eq!(less.contains(Millis(n)), is_in(&these, n) && !is_in(&those, n));
                let flip = (n..60).find(|later| is_in(&these, *later) != is_in(&these, n)).map(Millis);
                prop_assert_eq!(a.next_change(Millis(n)), flip);
            }
            let length: i64 = a.within(Millis(from), Millis(to)).map(|(start, end)| end.0 - start.0).sum();
            prop_assert_eq!(length, (from..to).filter(|n| is_in(&these, *n)).count() as i64);
        }
    }
}
