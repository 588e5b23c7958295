//! Pools, and what keeps claiming from them fair.

use schemars::JsonSchema;
use serde::Deserialize;

use super::spanned::{Spanned, Text};

/// Where leads wait.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::policy) struct Pool {
    /// The pool's id.
    pub(in crate::policy) id: Text,
    /// How reps choose; absent: `pool`.
    #[serde(default)]
    pub(in crate::policy) kind: Kind,
    /// How much of a lead its detail shows; absent: `full` in a `cherry_pick` pool, `engagement` in others.
    #[serde(default)]
    pub(in crate::policy) transparency: Option<Transparency>,
    /// How long after it entered the pool a lead that nobody claimed is given to a rep of the team under `assign_to`: `1m` to
    /// `720h`; absent: never.
    #[serde(default)]
    pub(in crate::policy) assign_after: Option<Text>,
    /// The team, with `assign_after`.
    #[serde(default)]
    pub(in crate::policy) assign_to: Option<Text>,
    /// How long after it entered the pool a lead that nobody claimed goes to the manager: `1m` to `720h`; absent: never.
    #[serde(default)]
    pub(in crate::policy) escalate_after: Option<Text>,
    /// How long after it entered the pool a lead that nobody claimed moves to the pool under `recycle_to`: `1m` to `720h`;
    /// absent: never.
    #[serde(default)]
    pub(in crate::policy) recycle_after: Option<Text>,
    /// The pool, with `recycle_after`.
    #[serde(default)]
    pub(in crate::policy) recycle_to: Option<Text>,
}

/// How reps choose from a pool.
#[derive(Debug, Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::policy) enum Kind {
    /// Only the first lead that the rep may claim, no skipping.
    Queue,
    /// Any lead, by a limited preview.
    #[default]
    Pool,
    /// Any lead, with full detail.
    CherryPick,
}

/// Which leads matter more or less than others.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::policy) struct Priority {
    /// A condition in CEL: the leads that matter more; absent: none.
    #[serde(default)]
    pub(in crate::policy) high: Option<Text>,
    /// A condition in CEL: the leads that matter less, unless they matter more; absent: none.
    #[serde(default)]
    pub(in crate::policy) low: Option<Text>,
}

/// How much of a pooled lead its detail shows.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::policy) enum Transparency {
    /// What the list shows.
    Preview,
    /// What the prospect did, too.
    Engagement,
    /// Form responses and notes, too.
    Full,
}

/// What a rep meets between looking at a pool and owning a lead.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::policy) struct Guardrails {
    /// How long a rep may choose; absent: the defaults of its keys.
    #[serde(default)]
    pub(in crate::policy) selection: Option<Selection>,
    /// Whether who claimed a lead may give it back, with a reason; absent: no.
    #[serde(default)]
    pub(in crate::policy) release: bool,
    /// How soon a claim must be followed by an activity or the contact, else it is undone and counts as a release: `1m` to
    /// `720h`; absent: never.
    #[serde(default)]
    pub(in crate::policy) action_within: Option<Text>,
    /// How many claimed leads without contact a rep may have: 1 to 1,000; absent: 10.
    #[serde(default)]
    pub(in crate::policy) hoarding: Option<Spanned<i64>>,
    /// What a rep's claims must be a mix of; absent: of anything.
    #[serde(default)]
    pub(in crate::policy) ratios: Ratios,
    /// Who is in which tier, and when a lead opens to those below the first; absent: the defaults of its keys.
    #[serde(default)]
    pub(in crate::policy) tiers: Tiers,
    /// How many offers a rep must accept; absent: none.
    #[serde(default)]
    pub(in crate::policy) acceptance: Option<Acceptance>,
    /// What missed contacts cost; absent: the defaults of its keys.
    #[serde(default)]
    pub(in crate::policy) misses: Misses,
    /// Whether a rep claims only leads of the territories whose actions name the rep or one of the rep's teams; absent: no.
    #[serde(default)]
    pub(in crate::policy) territory_only: bool,
    /// After how many skipped leads a claim is owed before the next detail: 1 to 1,000; absent: however many.
    #[serde(default)]
    pub(in crate::policy) skips: Option<Spanned<i64>>,
    /// At least so many claims a working day, else an alert: 1 to 200; absent: any number.
    #[serde(default)]
    pub(in crate::policy) floor: Option<Spanned<i64>>,
    /// For how long who gave a lead back, lost it or missed its contact cannot claim it again: `0h` to `8760h`; absent: `24h`.
    #[serde(default)]
    pub(in crate::policy) memory: Option<Text>,
}

/// How long a rep may choose.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::policy) struct Selection {
    /// Whether it is limited at all; absent: yes.
    #[serde(default)]
    pub(in crate::policy) limited: Option<bool>,
    /// From the first look at a pool: `10s` to `24h`; absent: `60s`.
    #[serde(default)]
    pub(in crate::policy) window: Option<Text>,
    /// From opening a lead's detail: `10s` to `24h`; absent: `3m`.
    #[serde(default)]
    pub(in crate::policy) hold: Option<Text>,
    /// How long claims wait after either has passed unused: `0s` to `24h`; absent: `30s`.
    #[serde(default)]
    pub(in crate::policy) wait: Option<Text>,
    /// For how long the rep cannot hold the same lead again: `0s` to `24h`; absent: `10m`.
    #[serde(default)]
    pub(in crate::policy) no_hold_again: Option<Text>,
}

/// What a rep's claims must be a mix of.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::policy) struct Ratios {
    /// After how many hot claims how many warm ones are owed, such as `2:1`; each 1 to 9; absent: none.
    #[serde(default)]
    pub(in crate::policy) hot_to_warm: Option<Text>,
    /// Of any so many claims at least so many aged or of low priority, such as `{least: 1, of: 5}`; absent: none.
    #[serde(default)]
    pub(in crate::policy) leftover: Option<Share>,
    /// Of the last so many claims at least so many with a score below 50, such as `{least: 3, of: 10}`; absent: none.
    #[serde(default)]
    pub(in crate::policy) low_score: Option<Share>,
}

/// At least so many of so many.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::policy) struct Share {
    /// At least: 1 to `of`.
    pub(in crate::policy) least: Spanned<i64>,
    /// Of: 2 to 20.
    pub(in crate::policy) of: Spanned<i64>,
}

/// Who is in which tier, and when a lead opens to those below the first.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::policy) struct Tiers {
    /// To the second: `0s` to `720h`; absent: `15m`.
    #[serde(default)]
    pub(in crate::policy) second_after: Option<Text>,
    /// To the third: `0s` to `720h`, not before the second, or `never`; absent: `1h`.
    #[serde(default)]
    pub(in crate::policy) third_after: Option<Text>,
    /// Whether tiers are calculated each Monday, 00:00 UTC, from the four weeks before; absent: yes.
    #[serde(default)]
    pub(in crate::policy) weekly: Option<bool>,
    /// How many leads a rep must have had in these: 1 to 1,000; absent: 20.
    #[serde(default)]
    pub(in crate::policy) at_least: Option<Spanned<i64>>,
    /// How many of a hundred are in the first tier: 1 to 100; absent: 20.
    #[serde(default)]
    pub(in crate::policy) first_percent: Option<Spanned<i64>>,
    /// How many of a hundred are in the second: 0 to 100 less `first_percent`; absent: 50, or as many as are left.
    #[serde(default)]
    pub(in crate::policy) second_percent: Option<Spanned<i64>>,
}

/// How many offers a rep must accept.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::policy) struct Acceptance {
    /// Of a hundred, 1 to 100; absent: 80.
    #[serde(default)]
    pub(in crate::policy) percent: Option<Spanned<i64>>,
    /// Of the last how many offers, 1 to 100; absent: 20.
    #[serde(default)]
    pub(in crate::policy) last: Option<Spanned<i64>>,
    /// Once there have been so many, 1 to `last`; absent: 10.
    #[serde(default)]
    pub(in crate::policy) at_least: Option<Spanned<i64>>,
    /// How long claiming is suspended otherwise: `1h` to `8760h`; absent: `168h`, a week.
    #[serde(default)]
    pub(in crate::policy) suspension: Option<Text>,
}

/// What missed contacts cost.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::policy) struct Misses {
    /// For how long the daily quota is one claim less for each: `0h` to `168h`; absent: `24h`.
    #[serde(default)]
    pub(in crate::policy) quota_less_for: Option<Text>,
    /// How many suspend claiming, 1 to 100; 0: however many; absent: 3.
    #[serde(default)]
    pub(in crate::policy) most: Option<Spanned<i64>>,
    /// Within which time: `1h` to `720h`; absent: `168h`, a week.
    #[serde(default)]
    pub(in crate::policy) within: Option<Text>,
    /// For how long: `1h` to `8760h`; absent: `168h`, a week.
    #[serde(default)]
    pub(in crate::policy) suspension: Option<Text>,
}
