//! Pools and guardrails.

use super::super::document::{self, Document, Spanned, Text};
use super::super::pull::Priorities;
use super::{Check, Names, limits, routes};
use crate::guardrail::settings::{
    Acceptance, Guardrails, HotToWarm, Kind, Misses, Pool, Ratios, Selection, Share, Tiers, Transparency, Unclaimed,
    Weekly,
};
use crate::id::PoolId;
use crate::time::Span;

const DAY: Span = Span::hours(24);
const MONTH: Span = Span::days(30);
const YEAR: Span = Span::days(365);

/// The pools, in the document's order.
pub(super) fn pools(document: &Document, names: &Names<'_>, check: &mut Check) -> Vec<Pool> {
    let mut pools = Vec::new();
    for raw in &document.pools {
        let kind = match raw.kind {
            document::Kind::Queue => Kind::Queue,
            document::Kind::Pool => Kind::Browse,
            document::Kind::CherryPick => Kind::CherryPick,
        };
        let transparency = match (raw.transparency, kind) {
            (Some(document::Transparency::Preview), _) => Transparency::Preview,
            (Some(document::Transparency::Engagement), _) => Transparency::Engagement,
            (Some(document::Transparency::Full), _) | (None, Kind::CherryPick) => Transparency::Full,
            (None, Kind::Queue | Kind::Browse) => Transparency::Engagement,
        };
        let unclaimed = unclaimed(raw, document, names, check);
        // What is wrong with its id is told where the names are collected.
        if let Some(id) = names.pools.get(raw.id.value.as_str()).cloned() {
            pools.push(Pool { id, kind, transparency, unclaimed });
        }
    }
    pools
}

/// What becomes of leads that nobody claims.
fn unclaimed(raw: &document::Pool, document: &Document, names: &Names<'_>, check: &mut Check) -> Unclaimed {
    let after = |text: &Option<Text>, key: &str, check: &mut Check| {
        let wrong = format!("{key} must be 1m to 720h, such as `30m`");
        text.as_ref().and_then(|text| limits::length(text, Span::minutes(1), MONTH, &wrong, check))
    };
    let assign_after = after(&raw.assign_after, "assign_after", check);
    let escalate_after = after(&raw.escalate_after, "escalate_after", check);
    let recycle_after = after(&raw.recycle_after, "recycle_after", check);
    if let Some(text) = raw.escalate_after.as_ref().filter(|_| document.manager.is_none()) {
        check.fault(text.referenced, "escalate_after needs the document's `manager`");
    }
    let team = raw.assign_to.as_ref().and_then(|team| names.team(team, check));
    let pool = raw.recycle_to.as_ref().and_then(|pool| names.pool(pool, check));
    together(&raw.assign_after, &raw.assign_to, "assign_after", "assign_to", check);
    together(&raw.recycle_after, &raw.recycle_to, "recycle_after", "recycle_to", check);
    if let (Some(to), Some(pool)) = (&raw.recycle_to, &pool)
        && names.pools.get(raw.id.value.as_str()) == Some(pool)
    {
        check.fault(to.referenced, "a lead cannot move to the pool it is in");
    }
    Unclaimed { assign: assign_after.zip(team), escalate_after, recycle: recycle_after.zip::<PoolId>(pool) }
}

/// One key without the other says nothing.
fn together(one: &Option<Text>, other: &Option<Text>, one_key: &str, other_key: &str, check: &mut Check) {
    match (one, other) {
        (Some(text), None) => check.fault(text.referenced, format!("{one_key} needs {other_key}")),
        (None, Some(text)) => check.fault(text.referenced, format!("{other_key} needs {one_key}")),
        _ => {}
    }
}

/// Which leads matter more or less than others.
pub(super) fn priorities(raw: &document::Priority, check: &mut Check) -> Priorities {
    let mut when = |text: &Option<Text>| text.as_ref().and_then(|text| routes::expression(text, check));
    Priorities { high: when(&raw.high), low: when(&raw.low) }
}

/// What a rep meets between looking at a pool and owning a lead.
pub(super) fn guardrails(raw: &document::Guardrails, check: &mut Check) -> Guardrails {
    let default = Guardrails::default();
    let action = "action_within must be 1m to 720h, such as `15m`";
    let memory = "memory must be 0h to 8760h, such as `24h`";
    Guardrails {
        selection: selection(raw.selection.as_ref(), default.selection, check),
        release: raw.release,
        action_within: raw
            .action_within
            .as_ref()
            .and_then(|text| limits::length(text, Span::minutes(1), MONTH, action, check)),
        hoarding: number(&raw.hoarding, "hoarding", check).or(default.hoarding),
        ratios: Ratios {
            hot_to_warm: raw.ratios.hot_to_warm.as_ref().and_then(|text| hot_to_warm(text, check)),
            leftover: raw.ratios.leftover.as_ref().and_then(|raw| share(raw, check)),
            low_score: raw.ratios.low_score.as_ref().and_then(|raw| share(raw, check)),
        },
        tiers: tiers(&raw.tiers, default.tiers, check),
        acceptance: raw.acceptance.as_ref().map(|raw| acceptance(raw, check)),
        misses: misses(&raw.misses, default.misses, check),
        territory_only: raw.territory_only,
        skips: number(&raw.skips, "skips", check),
        floor: raw.floor.as_ref().and_then(|floor| check.number(floor, "floor", 1, 200)),
        memory: length(&raw.memory, default.memory, (Span(0), YEAR), memory, check),
    }
}

fn number(raw: &Option<Spanned<i64>>, what: &str, check: &mut Check) -> Option<u32> {
    raw.as_ref().and_then(|number| check.number(number, what, 1, 1_000))
}

fn length(raw: &Option<Text>, default: Span, bounds: (Span, Span), wrong: &str, check: &mut Check) -> Span {
    let told = raw.as_ref().and_then(|text| limits::length(text, bounds.0, bounds.1, wrong, check));
    told.unwrap_or(default)
}

fn selection(raw: Option<&document::Selection>, default: Option<Selection>, check: &mut Check) -> Option<Selection> {
    let (Some(raw), Some(Selection { window, hold, wait, no_hold_again })) = (raw, default) else { return default };
    let (some, any) = ((Span(10_000), DAY), (Span(0), DAY));
    let selection = Selection {
        window: length(&raw.window, window, some, "window must be 10s to 24h, such as `60s`", check),
        hold: length(&raw.hold, hold, some, "hold must be 10s to 24h, such as `3m`", check),
        wait: length(&raw.wait, wait, any, "wait must be 0s to 24h, such as `30s`", check),
        no_hold_again: length(
            &raw.no_hold_again,
            no_hold_again,
            any,
            "no_hold_again must be 0s to 24h, such as `10m`",
            check,
        ),
    };
    raw.limited.unwrap_or(true).then_some(selection)
}

fn hot_to_warm(text: &Text, check: &mut Check) -> Option<HotToWarm> {
    let number = |text: &str| text.parse::<u32>().ok().filter(|number| (1..=9).contains(number));
    let parts = text.value.split_once(':').and_then(|(hot, warm)| number(hot).zip(number(warm)));
    if parts.is_none() {
        check.fault(text.referenced, "hot_to_warm must be two numbers of 1 to 9, such as `2:1`");
    }
    parts.map(|(hot, warm)| HotToWarm { hot, warm })
}

fn share(raw: &document::Share, check: &mut Check) -> Option<Share> {
    // No more than what is remembered of a rep's claims.
    let of = check.number(&raw.of, "of", 2, 20)?;
    let least = check.number(&raw.least, "least", 1, of.into())?;
    Some(Share { least, of })
}

fn tiers(raw: &document::Tiers, default: Tiers, check: &mut Check) -> Tiers {
    let bounds = (Span(0), MONTH);
    let second = "second_after must be 0s to 720h, such as `15m`";
    let second_after = length(&raw.second_after, default.second_after, bounds, second, check);
    let third_after = match &raw.third_after {
        None => default.third_after.map(|third| third.max(second_after)),
        Some(text) if text.value == "never" => None,
        Some(text) => {
            let third = "third_after must be 0s to 720h, such as `1h`, or `never`";
            let third_after = limits::length(text, bounds.0, bounds.1, third, check);
            if third_after.is_some_and(|third| third < second_after) {
                check.fault(text.referenced, "third_after must not be before second_after");
            }
            third_after
        }
    };
    Tiers { second_after, third_after, weekly: weekly(raw, check) }
}

/// How tiers are calculated, if they are.
fn weekly(raw: &document::Tiers, check: &mut Check) -> Option<Weekly> {
    let default = Weekly::default();
    let at_least = number(&raw.at_least, "at_least", check).unwrap_or(default.at_least);
    let first = raw.first_percent.as_ref().and_then(|raw| check.number(raw, "first_percent", 1, 100));
    let first_percent = first.unwrap_or(default.first_percent);
    let rest = 100 - first_percent;
    let second = raw.second_percent.as_ref().and_then(|raw| check.number(raw, "second_percent", 0, rest.into()));
    let second_percent = second.unwrap_or(default.second_percent.min(rest));
    raw.weekly.unwrap_or(true).then_some(Weekly { at_least, first_percent, second_percent })
}

fn acceptance(raw: &document::Acceptance, check: &mut Check) -> Acceptance {
    let mut number = |raw: &Option<Spanned<i64>>, what: &str, most: u32, default: u32| {
        raw.as_ref().and_then(|raw| check.number(raw, what, 1, most.into())).unwrap_or(default)
    };
    let percent = number(&raw.percent, "percent", 100, 80);
    let last = number(&raw.last, "last", 100, 20);
    let at_least = number(&raw.at_least, "at_least", last, 10.min(last));
    Acceptance { percent, last, at_least, suspension: suspension(&raw.suspension, Span::days(7), check) }
}

fn suspension(raw: &Option<Text>, default: Span, check: &mut Check) -> Span {
    length(raw, default, (Span::hours(1), YEAR), "suspension must be 1h to 8760h, such as `168h`", check)
}

fn misses(raw: &document::Misses, default: Misses, check: &mut Check) -> Misses {
    let less = "quota_less_for must be 0h to 168h, such as `24h`";
    let within = "within must be 1h to 720h, such as `168h`";
    let most = match &raw.most {
        None => default.most,
        Some(most) => check.number(most, "most", 0, 100).filter(|most| *most > 0),
    };
    Misses {
        quota_less_for: length(&raw.quota_less_for, default.quota_less_for, (Span(0), Span::days(7)), less, check),
        most,
        within: length(&raw.within, default.within, (Span::hours(1), MONTH), within, check),
        suspension: suspension(&raw.suspension, default.suspension, check),
    }
}

#[cfg(test)]
mod tests {
    use super::super::compile;
    use super::*;

    fn told(rest: &str) -> Result<Guardrails, String> {
        let document = format!("{{pools: [{{id: open}}], default: {{pool: open}}, guardrails: {rest}}}");
        let faults = |faults: Vec<crate::policy::Fault>| faults.into_iter().map(|fault| fault.message).collect();
        compile(&document).map(|(policy, _)| policy.guardrails).map_err(faults)
    }

    #[test]
    fn what_is_not_said_is_the_default() {
        assert_eq!(told("{}"), Ok(Guardrails::default()));
        assert_eq!(told("{selection: {}, tiers: {}, misses: {}, ratios: {}}"), Ok(Guardrails::default()));
        let usual = Acceptance { percent: 80, last: 20, at_least: 10, suspension: Span::days(7) };
        assert_eq!(told("{acceptance: {}}").map(|it| it.acceptance), Ok(Some(usual)));
    }

    #[test]
    fn what_is_said_counts() {
        let all = "{selection: {window: 30s, hold: 2m, wait: 0s, no_hold_again: 1h}, release: true, action_within: 15m, \
                   hoarding: 5, ratios: {hot_to_warm: '2:1', leftover: {least: 1, of: 5}, low_score: {least: 3, of: 10}}, \
                   tiers: {second_after: 5m, third_after: never, at_least: 1, first_percent: 60}, floor: 200, misses: {most: 0, quota_less_for: 0h}, territory_only: true, \
                   skips: 10, memory: 0h}";
        let told = told(all).unwrap();
        let selection =
            Selection { window: Span(30_000), hold: Span::minutes(2), wait: Span(0), no_hold_again: Span::hours(1) };
        assert_eq!(told.selection, Some(selection));
        assert_eq!((told.release, told.action_within, told.hoarding), (true, Some(Span::minutes(15)), Some(5)));
        assert_eq!(told.ratios.hot_to_warm, Some(HotToWarm { hot: 2, warm: 1 }));
        assert_eq!(told.ratios.leftover, Some(Share { least: 1, of: 5 }));
        assert_eq!(told.ratios.low_score, Some(Share { least: 3, of: 10 }));
        let weekly = Some(Weekly { at_least: 1, first_percent: 60, second_percent: 40 });
        assert_eq!(told.tiers, Tiers { second_after: Span::minutes(5), third_after: None, weekly });
        assert_eq!(told.floor, Some(200));
        assert_eq!((told.misses.most, told.misses.quota_less_for), (None, Span(0)));
        assert_eq!((told.territory_only, told.skips, told.memory), (true, Some(10), Span(0)));
    }

    #[test]
    fn tiers_can_be_left_as_they_are() {
        let weekly = |rest: &str| told(rest).map(|it| it.tiers.weekly);
        assert_eq!(weekly("{tiers: {weekly: false}}"), Ok(None));
        let all = Weekly { at_least: 1_000, first_percent: 100, second_percent: 0 };
        assert_eq!(weekly("{tiers: {at_least: 1000, first_percent: 100}}"), Ok(Some(all)));
        assert_eq!(
            weekly("{tiers: {weekly: true, second_percent: 80}}").map(|it| it.map(|it| it.second_percent)),
            Ok(Some(80))
        );
    }

    #[test]
    fn choosing_can_be_left_without_a_limit() {
        assert_eq!(told("{selection: {limited: false}}").map(|it| it.selection), Ok(None));
    }

    #[test]
    fn each_value_out_of_its_range_is_a_fault() {
        for wrong in [
            "{hoarding: 0}",
            "{hoarding: 1001}",
            "{action_within: 59s}",
            "{selection: {window: 9s}}",
            "{selection: {wait: 25h}}",
            "{ratios: {hot_to_warm: '2'}}",
            "{ratios: {hot_to_warm: '10:1'}}",
            "{ratios: {hot_to_warm: '1:0'}}",
            "{ratios: {leftover: {least: 6, of: 5}}}",
            "{ratios: {low_score: {least: 1, of: 21}}}",
            "{tiers: {second_after: 2h, third_after: 1h}}",
            "{tiers: {at_least: 0}}",
            "{tiers: {at_least: 1001}}",
            "{tiers: {first_percent: 0}}",
            "{tiers: {first_percent: 101}}",
            "{tiers: {second_percent: 81}}",
            "{tiers: {first_percent: 70, second_percent: 31}}",
            "{tiers: {weekly: 1}}",
            "{floor: 0}",
            "{floor: 201}",
            "{floor: 2.5}",
            "{acceptance: {percent: 101}}",
            "{acceptance: {last: 5, at_least: 6}}",
            "{misses: {most: 101}}",
            "{misses: {suspension: 59m}}",
            "{memory: 8761h}",
        ] {
            assert!(told(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_pool_says_how_much_a_detail_shows() {
        let shown = |rest: &str| {
            let document = format!("{{pools: [{{id: open{rest}}}], default: {{pool: open}}}}");
            compile(&document).map(|(policy, _)| policy.pools[0].transparency).map_err(|faults| faults.len())
        };
        for (rest, told) in [
            ("", Transparency::Engagement),
            (", kind: queue", Transparency::Engagement),
            (", kind: cherry_pick", Transparency::Full),
            (", kind: cherry_pick, transparency: preview", Transparency::Preview),
            (", transparency: engagement", Transparency::Engagement),
            (", transparency: full", Transparency::Full),
        ] {
            assert_eq!(shown(rest), Ok(told), "{rest}");
        }
        assert!(shown(", transparency: all").is_err());
    }

    #[test]
    fn a_pool_says_what_becomes_of_leads_that_nobody_claims() {
        let pools = |rest: &str| {
            let teams = "reps: [{id: max}], manager: max, teams: [{id: t, reps: [{id: ana}]}]";
            let document = format!("{{{teams}, pools: [{{id: open{rest}}}, {{id: old}}], default: {{pool: open}}}}");
            compile(&document).map(|(policy, _)| policy.pools[0].unclaimed.clone()).map_err(|faults| faults.len())
        };
        let all = ", assign_after: 30m, assign_to: t, escalate_after: 1h, recycle_after: 24h, recycle_to: old";
        let (minutes, old) = (Span::minutes(30), PoolId::parse("old").unwrap());
        let unclaimed = Unclaimed {
            assign: Some((minutes, 0)),
            escalate_after: Some(Span::hours(1)),
            recycle: Some((Span::hours(24), old)),
        };
        assert_eq!(pools(all), Ok(unclaimed));
        assert_eq!(pools(""), Ok(Unclaimed::default()));
        for wrong in [
            ", assign_after: 30m",
            ", assign_to: t",
            ", assign_after: 30m, assign_to: u",
            ", recycle_after: 1h, recycle_to: open",
            ", escalate_after: 59s",
        ] {
            assert_eq!(pools(wrong), Err(1), "{wrong}");
        }
        let nobody =
            "{teams: [{id: t, reps: [{id: ana}]}], pools: [{id: open, escalate_after: 1h}], default: {pool: open}}";
        assert!(compile(nobody).is_err(), "there is no manager");
    }
}
