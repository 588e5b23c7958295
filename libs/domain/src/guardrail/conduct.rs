//! What a rep's conduct means for claims (C9, C10): none during a suspension, and fewer a day after missed contacts.

use crate::conduct::Conduct;
use crate::policy::Policy;
use crate::quota::{self, Quota, Usage};
use crate::refusal::{Broken, Reason};
use crate::time::{Millis, Span};

/// The window of the quota that misses make smaller.
const DAY: Span = Span::days(1);

/// A suspension stops claiming; push goes on.
pub fn forbids(conduct: Option<&Conduct>, _policy: &Policy, now: Millis) -> Vec<Broken> {
    let until = conduct.and_then(|conduct| conduct.suspended_until(now));
    let broken = until.map(|until| Broken {
        reason: Reason::Suspended,
        message: "claiming is suspended for missed contacts or offers not accepted".to_owned(),
        retry_at: Some(until),
        window: None,
    });
    broken.into_iter().collect()
}

/// The quotas as they are for a rep at `now`: the daily one is a claim less for each miss that counts.
pub fn quotas(policy: &Policy, conduct: Option<&Conduct>, now: Millis) -> Vec<Quota> {
    let less = u32::try_from(ends(policy, conduct, now).len()).unwrap_or(u32::MAX);
    policy.quotas.iter().map(|quota| reduced(*quota, less)).collect()
}

/// How full each quota's window is for a rep at `now`, given when the rep claimed, oldest first. That there will be room tells
/// both: a claim that leaves the window, and a miss that stops counting.
pub fn usages(policy: &Policy, conduct: Option<&Conduct>, claimed_at: &[Millis], now: Millis) -> Vec<Usage> {
    let ends = ends(policy, conduct, now);
    let usage = |quota: &Quota| match quota.length {
        DAY if !ends.is_empty() => with_misses(*quota, claimed_at, &ends, now),
        _ => quota::usage(*quota, claimed_at, now),
    };
    policy.quotas.iter().map(usage).collect()
}

/// When the misses stop counting that cost a claim a day at `now`, in order.
fn ends(policy: &Policy, conduct: Option<&Conduct>, now: Millis) -> Vec<Millis> {
    let misses = conduct.map_or(&[][..], |conduct| &conduct.misses);
    let ends = misses.iter().map(|miss| miss.quota_less_until(&policy.guardrails.misses));
    let mut ends: Vec<Millis> = ends.filter(|end| *end > now).collect();
    ends.sort_unstable();
    ends
}

fn reduced(quota: Quota, less: u32) -> Quota {
    Quota { limit: if quota.length == DAY { quota.limit.saturating_sub(less) } else { quota.limit }, ..quota }
}

fn with_misses(quota: Quota, claimed_at: &[Millis], ends: &[Millis], now: Millis) -> Usage {
    let usage_at = |at: Millis| {
        let counting = ends.len() - ends.partition_point(|end| *end <= at);
        quota::usage(reduced(quota, u32::try_from(counting).unwrap_or(u32::MAX)), claimed_at, at)
    };
    let usage = usage_at(now);
    // Between these moments nothing changes but that claims leave the window, of which each usage tells.
    let mut moments =
        std::iter::once(now).chain(ends.iter().copied()).zip(ends.iter().copied().map(Some).chain([None]));
    let room_at = moments.find_map(|(from, to)| {
        let room_at = usage_at(from).room_at?;
        to.is_none_or(|to| room_at < to).then_some(room_at)
    });
    Usage { room_at, ..usage }
}

#[cfg(test)]
mod tests;
