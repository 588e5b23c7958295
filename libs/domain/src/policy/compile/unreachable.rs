//! Settings that leave a tier or a band of scores without leads: nothing forbids them, and they are likely a slip.

use super::super::document::{Document, PushFirst};
use super::super::{Action, Otherwise, Policy, Target};
use super::{Check, limits};
use crate::guardrail::ratio::AGED_AFTER;
use crate::guardrail::settings::{BELOW, Pool, Unclaimed};
use crate::guardrail::tier::Tier;
use crate::id::PoolId;
use crate::lead::Temperature;
use crate::time::Span;

/// What is said of it, each with the pool that it is about, if it is about one.
pub(super) fn warnings(document: &Document, policy: &Policy) -> Vec<(Option<PoolId>, String)> {
    let mut found = Vec::new();
    for pool in &policy.pools {
        for tier in [Tier::Second, Tier::Third].into_iter().filter(|tier| is_anybodys(policy, *tier)) {
            let Some((opens, leaves, what)) = opens_too_late(policy, pool, tier) else { continue };
            let (tier, id) = (tier.number(), &pool.id);
            let message = format!(
                "tier {tier} never claims from pool `{id}`{what}: its leads open to it after {opens} and leave after {leaves}"
            );
            found.push((Some(pool.id.clone()), message));
        }
    }
    if let (Some(floor), Some(day)) = (policy.guardrails.floor, policy.quotas.get(1))
        && floor > day.limit
    {
        found.push((
            None,
            format!("a day's quota of {} is below the activity floor of {floor}: nobody reaches it", day.limit),
        ));
    }
    let bands = Bands::of(policy);
    let ratios = &policy.guardrails.ratios;
    if ratios.hot_to_warm.is_some() {
        if !bands.reach(Temperature::Warm) {
            found.push((None, "no warm lead comes into a pool: what `hot_to_warm` asks for is never there".to_owned()));
        }
        if !bands.reach(Temperature::Hot) {
            found.push((None, "no hot lead comes into a pool: `hot_to_warm` never asks for anything".to_owned()));
        }
    }
    if ratios.low_score.is_some() && !bands.reach(Temperature::Cold) {
        found.push((
            None,
            format!("no lead with a score below {BELOW} comes into a pool: `low_score` asks for one in vain"),
        ));
    }
    let ages = |unclaimed: &Unclaimed| first_stage(unclaimed).is_none_or(|first| first > AGED_AFTER);
    if ratios.leftover.is_some()
        && document.priority.low.is_none()
        && !policy.pools.iter().any(|pool| ages(&pool.unclaimed))
    {
        let message = "no lead is ever aged, as all leave their pools before, and none has a low priority: `leftover` asks in vain";
        found.push((None, message.to_owned()));
    }
    found
}

/// What is said of leads that are pushed first into a pool which they leave as soon as they come.
pub(super) fn pointless(first: &PushFirst, policy: &Policy) -> Option<String> {
    let pool = policy.pools.iter().find(|pool| pool.id.as_str() == first.pool.value)?;
    let within = limits::push_first_within(first.within.as_ref(), &mut Check::default());
    if within >= policy.contact_sla {
        return Some(format!(
            "contact is due before the {within} of `push_first` are over: nothing comes into its pool"
        ));
    }
    let escalated = pool.unclaimed.escalate_after.filter(|after| *after <= within)?;
    let id = &pool.id;
    Some(format!(
        "nobody claims from pool `{id}` what comes after {within}: it goes to the manager {escalated} after it was pushed"
    ))
}

/// When leads leave a pool at the latest that nobody claims.
fn first_stage(unclaimed: &Unclaimed) -> Option<Span> {
    let Unclaimed { assign, escalate_after, recycle } = unclaimed;
    let stages = [assign.map(|(after, _)| after), *escalate_after, recycle.as_ref().map(|(after, _)| *after)];
    stages.into_iter().flatten().min()
}

/// Whether somebody is or may come to be in a tier.
fn is_anybodys(policy: &Policy, tier: Tier) -> bool {
    policy.guardrails.tiers.weekly.is_some() || policy.reps().any(|rep| policy.tier(rep) == Some(tier))
}

/// When a pool's leads open to the tier and when they have left by then, if so; and which, if not all. Tiers count from entering the
/// pool, and the escalation of what was pushed first from the push.
fn opens_too_late(policy: &Policy, pool: &Pool, tier: Tier) -> Option<(Span, Span, &'static str)> {
    let opens = policy.guardrails.tiers.opens_after(tier)?;
    let late = |leaves: &Span| opens >= *leaves;
    if let Some(leaves) = first_stage(&pool.unclaimed).filter(late) {
        return Some((opens, leaves, ""));
    }
    let actions = policy.routes.iter().map(|route| &route.action).chain([&policy.default]);
    let pushed = actions.filter_map(|action| action.push_first.as_ref()).filter(|first| first.pool == pool.id);
    let within = pushed.map(|first| first.within).max()?;
    let leaves = Span(pool.unclaimed.escalate_after?.0 - within.0);
    // What leaves at once is told of by itself.
    (leaves.0 > 0 && late(&leaves)).then_some((opens, leaves, " what was pushed first"))
}

/// Which scores come into a pool, as far as the scores alone decide.
struct Bands {
    /// The scores, `None` for one that is not known, of what comes into some pool.
    pooled: Vec<Option<u8>>,
}

impl Bands {
    fn of(policy: &Policy) -> Self {
        let scores = std::iter::once(None).chain((0..=100).map(Some));
        Self { pooled: scores.filter(|score| into_a_pool(policy, *score)).collect() }
    }

    fn reach(&self, temperature: Temperature) -> bool {
        self.pooled.iter().any(|score| Temperature::of(*score) == temperature)
    }
}

/// Whether some lead with this score may come into a pool while those whom it is pushed to are there.
fn into_a_pool(policy: &Policy, score: Option<u8>) -> bool {
    let (territories, specialisations) = (&policy.areas.territories, &policy.areas.specialisations);
    let placed = territories.actions.values().chain(specialisations.actions.values()).map(|(_, action)| action);
    let owned = [&policy.account_owner, &policy.named_account];
    if owned.into_iter().chain(placed).any(pools) {
        return true;
    }
    for route in &policy.routes {
        let matches = route.min_score.is_none_or(|least| score.is_some_and(|score| score >= least));
        if matches && pools(&route.action) {
            return true;
        }
        // Whatever has the score goes here, and no further.
        let whatever = route.sources.is_empty() && route.when.is_empty() && route.strategic.is_none();
        if matches && whatever {
            return false;
        }
    }
    pools(&policy.default)
}

/// Whether an action puts leads into a pool, at once or when nobody works them or is there.
fn pools(action: &Action) -> bool {
    let Action { target, otherwise, push, push_first, .. } = action;
    let pool = |target: &Target| matches!(target, Target::Pool(_));
    pool(target) || matches!(otherwise, Otherwise::To(target) if pool(target)) || push.is_some() || push_first.is_some()
}

#[cfg(test)]
mod tests {
    use super::super::super::Policy;

    fn told(rest: &str) -> Vec<(u64, String)> {
        let document = format!("teams: [{{id: t, reps: [{{id: ana}}]}}]\nmanager: ana\n{rest}\n");
        let (_, warnings) = Policy::check(&document).unwrap_or_else(|faults| panic!("{faults:?}"));
        let told = warnings.into_iter().map(|warning| (warning.line, warning.message));
        told.filter(|(_, message)| !message.starts_with("no lead goes")).collect()
    }

    #[test]
    fn a_tier_that_opens_after_the_leads_have_left_is_told() {
        let pool = |stage: &str, tiers: &str| {
            told(&format!("pools: [{{id: open, {stage}}}]\ndefault: {{pool: open}}\nguardrails: {{tiers: {tiers}}}"))
        };
        let message = "tier 3 never claims from pool `open`: its leads open to it after 1 h and leave after 1 h";
        assert_eq!(pool("escalate_after: 60m", "{}"), [(3, message.to_owned())]);
        assert_eq!(pool("escalate_after: 61m", "{}"), []);
        assert_eq!(pool("assign_after: 30m, assign_to: t", "{second_after: 29m, third_after: never}"), []);
        assert_eq!(pool("assign_after: 30m, assign_to: t", "{second_after: 30m, third_after: 45m}").len(), 2);
    }

    #[test]
    fn a_band_that_no_pool_gets_is_told() {
        let ratios = |routes: &str| {
            let ratios = "{hot_to_warm: '2:1', low_score: {least: 3, of: 10}}";
            let text = format!(
                "pools: [{{id: open}}]\nroutes: [{routes}]\ndefault: {{pool: open}}\nguardrails: {{ratios: {ratios}}}"
            );
            told(&text).into_iter().map(|(_, message)| message[..16].to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(ratios(""), [""; 0]);
        assert_eq!(ratios("{name: hot, min_score: 80, rotate: t}"), ["no hot lead come"]);
        assert_eq!(ratios("{name: hot, min_score: 81, rotate: t}"), [""; 0], "one of 80 is hot, too");
        assert_eq!(ratios("{name: warm, min_score: 50, rotate: t}"), ["no warm lead com", "no hot lead come"]);
        assert_eq!(ratios("{name: hot, min_score: 80, rotate: t, push: {percent: 60, rest: open}}"), [""; 0]);
        assert_eq!(ratios("{name: hot, min_score: 80, rotate: t, push_first: {pool: open}}"), [""; 0]);
        assert_eq!(ratios("{name: some, min_score: 80, sources: [webinar], rotate: t}"), [""; 0]);
        let all = ["no warm lead com", "no hot lead come", "no lead with a s"];
        assert_eq!(ratios("{name: all, rotate: t}"), all);
    }

    #[test]
    fn a_pool_that_what_is_pushed_first_leaves_at_once_is_told() {
        let first = |within: &str| {
            let first = format!("{{rotate: t, push_first: {{pool: open{within}}}}}");
            told(&format!("pools: [{{id: open, escalate_after: 90m}}]\ndefault: {first}")).len()
        };
        // Tier 3 sees for no hour what leaves earlier.
        assert_eq!((first(""), first(", within: 29m"), first(", within: 31m")), (1, 0, 1));
        assert_eq!((first(", within: 90m"), first(", within: 3h")), (1, 1));
    }

    #[test]
    fn a_tier_that_nobody_is_in_misses_nothing() {
        let warnings = |rest: &str| {
            let pool = "pools: [{id: open, escalate_after: 10m}]\ndefault: {pool: open}";
            told(&format!("{pool}\nguardrails: {{tiers: {{weekly: false}}}}\n{rest}")).len()
        };
        assert_eq!((warnings(""), warnings("reps: [{id: ana, tier: 3}]")), (0, 1));
    }

    #[test]
    fn a_floor_above_the_quota_is_told() {
        let floor = |floor: u32| {
            told(&format!("pools: [{{id: open}}]\ndefault: {{pool: open}}\nguardrails: {{floor: {floor}}}")).len()
        };
        assert_eq!((floor(10), floor(11)), (0, 1));
    }

    #[test]
    fn what_is_pushed_first_goes_to_a_rep_without_an_offer() {
        let faults = |action: &str| {
            let text = format!(
                "{{teams: [{{id: t, reps: [{{id: a}}]}}], manager: a, pools: [{{id: open}}], default: {{{action}}}}}"
            );
            Policy::parse(&text)
                .map(drop)
                .map_err(|faults| faults.into_iter().map(|fault| fault.message).collect::<Vec<_>>())
        };
        let first = "push_first: {pool: open";
        assert_eq!(faults(&format!("rotate: t, {first}}}")), Ok(()));
        for wrong in ["0m", "59s", "721h", "soon"] {
            let told = faults(&format!("rotate: t, {first}, within: {wrong}}}")).unwrap_err();
            assert_eq!(told, ["within must be 1m to 720h, such as `30m`"], "{wrong}");
        }
        for right in ["1m", "720h"] {
            assert_eq!(faults(&format!("rotate: t, {first}, within: {right}}}")), Ok(()), "{right}");
        }
        for target in ["pool: open", "manager: true"] {
            let told = faults(&format!("{target}, {first}}}")).unwrap_err();
            assert_eq!(told, ["`push_first` goes with `rep` or `rotate`"]);
        }
        let told = faults(&format!("rotate: t, offer: {{}}, {first}}}")).unwrap_err();
        assert!(told[0].starts_with("`offer` and `push_first` exclude each other"), "{told:?}");
        assert_eq!(faults("rotate: t, push_first: {pool: other}").unwrap_err(), ["no pool `other`"]);
    }

    #[test]
    fn a_ratio_of_old_leads_where_none_grows_old_is_told() {
        let leftover = |stage: &str, rest: &str| {
            let ratios = "{leftover: {least: 1, of: 5}}";
            told(&format!(
                "pools: [{{id: open{stage}}}]\ndefault: {{pool: open}}\nguardrails: {{ratios: {ratios}}}\n{rest}"
            ))
            .len()
        };
        assert_eq!(leftover("", ""), 0);
        assert_eq!(leftover(", escalate_after: 24h", ""), 1);
        assert_eq!(leftover(", escalate_after: 24h", "priority: {low: lead.score < 20}"), 0);
        assert_eq!(leftover(", escalate_after: 25h", ""), 0);
    }
}
