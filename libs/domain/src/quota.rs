//! Claim quotas: sliding windows over the moments of a rep's claims.
//!
//! A window of length `w` at `now` is `(now − w, now]`: a claim leaves it exactly `w` after it was made. Claims are counted,
//! not possessions: giving a lead back refunds nothing.

use crate::time::{Millis, Span};

/// A rule: at most `limit` claims in any window of `length`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// The window's length.
    pub length: Span,
    /// How many claims it may hold.
    pub limit: u32,
}

/// How full a window is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    /// The rule.
    pub quota: Quota,
    /// How many claims the window holds.
    pub used: u32,
    /// When the oldest of them leaves the window.
    pub next_free_at: Option<Millis>,
    /// When the window will have room for a claim: now when it has, never (`None`) when the limit is 0.
    pub room_at: Option<Millis>,
}

impl Usage {
    /// Whether the window has no room for another claim.
    pub fn is_exhausted(&self) -> bool {
        self.used >= self.quota.limit
    }
}

/// How full `quota`'s window is at `now`, given when claims were made, oldest first.
pub fn usage(quota: Quota, claimed_at: &[Millis], now: Millis) -> Usage {
    let held = &claimed_at[claimed_at.partition_point(|at| now.since(*at) >= quota.length)..];
    // Room comes when so many have left that one fewer than the limit remains.
    let must_leave = (held.len() + 1).saturating_sub(quota.limit as usize);
    let room_at = match must_leave.checked_sub(1) {
        None => Some(now),
        Some(last) => held.get(last).map(|at| at.after(quota.length)),
    };
    Usage {
        quota,
        used: u32::try_from(held.len()).unwrap_or(u32::MAX),
        next_free_at: held.first().map(|at| at.after(quota.length)),
        room_at,
    }
}

/// How long a claim is remembered past the longest window: longer than a call may take and clocks may differ.
const KEPT_LONGER: Span = Span::minutes(5);

/// The claims that any of `quotas` can still hold at `now` or shortly before, or that were made in the last `least`, with `now`
/// added, oldest first. A claim decided by a slower clock, or committed late, sorts in where it belongs, and its own window is
/// still known.
pub fn record(quotas: &[Quota], least: Span, claimed_at: &[Millis], now: Millis) -> Vec<Millis> {
    let longest = quotas.iter().map(|quota| quota.length).max().unwrap_or_default().max(least);
    let keep = |at: &Millis| now.since(*at) < Span(longest.0 + KEPT_LONGER.0);
    let mut kept: Vec<_> = claimed_at.iter().copied().filter(keep).chain([now]).collect();
    kept.sort_unstable();
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HOUR: Quota = Quota { length: Span::hours(1), limit: 3 };

    #[test]
    fn a_claim_leaves_its_window_exactly_at_its_length() {
        let made = [Millis(0), Millis(10), Millis(20)];
        let at = |now| usage(HOUR, &made, Millis(now));
        assert!(at(Span::hours(1).0 - 1).is_exhausted());
        assert!(!at(Span::hours(1).0).is_exhausted());
        assert_eq!(at(30).room_at, Some(Millis(Span::hours(1).0)));
    }

    /// Two claims of one rep are decided at moments a little apart and committed in the other order.
    #[test]
    fn a_claim_committed_late_finds_its_own_window() {
        let week = Quota { length: Span::days(7), limit: 3 };
        let made = [Millis(0), Millis(1), Millis(2)];
        let (late, now) = (Millis(week.length.0 - 1), Millis(week.length.0 + 2));
        assert!(usage(week, &made, late).is_exhausted());
        assert_eq!(usage(week, &made, now).used, 0);
        let kept = record(&[week], Span(0), &made, now);
        assert_eq!(usage(week, &kept, now).used, 1);
        assert!(usage(week, &kept, late).is_exhausted(), "the three that its window holds");
        let much_later = now.after(week.length).after(KEPT_LONGER);
        assert_eq!(record(&[week], Span(0), &kept, much_later), [much_later]);
    }

    #[test]
    fn a_limit_of_zero_never_has_room() {
        let none = Quota { limit: 0, ..HOUR };
        let usage = usage(none, &[], Millis(5));
        assert!(usage.is_exhausted());
        assert_eq!(usage.room_at, None);
    }

    proptest! {
        #[test]
        fn recording_only_what_fits_never_overfills_any_window(
            steps in prop::collection::vec(0i64..40 * 60_000, 1..80), limit in 1u32..5,
        ) {
            let quotas = [
                Quota { length: Span::hours(1), limit },
                Quota { length: Span::hours(5), limit: limit * 2 },
            ];
            let (mut kept, mut all, mut now) = (Vec::new(), Vec::new(), Millis(0));
            for step in steps {
                now = now.after(Span(step));
                if quotas.iter().all(|quota| !usage(*quota, &kept, now).is_exhausted()) {
                    kept = record(&quotas, Span(0), &kept, now);
                    all.push(now);
                }
                for quota in quotas {
                    // The oracle counts over everything ever claimed.
                    let held = all.iter().filter(|at| now.since(**at) < quota.length).count();
                    prop_assert!(held <= quota.limit as usize);
                    let usage = usage(quota, &kept, now);
                    prop_assert_eq!(usage.used as usize, held);
                    let room_at = usage.room_at.unwrap();
                    if usage.is_exhausted() {
                        let held_at = |t: Millis| all.iter().filter(|at| t.since(**at) < quota.length).count();
                        prop_assert!(held_at(room_at) < quota.limit as usize);
                        prop_assert!(held_at(Millis(room_at.0 - 1)) >= quota.limit as usize);
                    }
                }
            }
        }
    }
}
