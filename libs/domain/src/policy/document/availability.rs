//! What makes a rep unavailable, and which source is believed.

use schemars::JsonSchema;
use serde::Deserialize;

use super::spanned::{Spanned, Text};

/// What makes a rep unavailable. In a team: for its reps, where it differs from the rest of the document.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::policy) struct Availability {
    /// Leave does; absent: yes.
    #[serde(default)]
    pub(in crate::policy) leave: Option<bool>,
    /// Paid time off does; absent: yes.
    #[serde(default)]
    pub(in crate::policy) pto: Option<bool>,
    /// Being out of office does; absent: yes.
    #[serde(default)]
    pub(in crate::policy) out_of_office: Option<bool>,
    /// An event of whole days does; absent: yes.
    #[serde(default)]
    pub(in crate::policy) all_day: Option<bool>,
    /// Not being in the working hours does; absent: yes.
    #[serde(default)]
    pub(in crate::policy) outside_hours: Option<bool>,
    /// Which meetings do; absent: `full_day`.
    #[serde(default)]
    pub(in crate::policy) meetings: Option<Meetings>,
    /// Whether a meeting that the rep has not accepted is one; absent: no.
    #[serde(default)]
    pub(in crate::policy) tentative: Option<bool>,
    /// How long a rep may be seen by no presence source: `5m` to `720h`, or `never`; absent: `24h`.
    #[serde(default)]
    pub(in crate::policy) not_seen_after: Option<Text>,
    /// The hours of reps of whom no source states any, such as `mon-fri 09:00-17:00`; absent: `always`.
    #[serde(default)]
    pub(in crate::policy) hours: Option<Text>,
    /// The time zone of these hours, by its IANA name; absent: `UTC`.
    #[serde(default)]
    pub(in crate::policy) time_zone: Option<Text>,
    /// Dates on which nobody works, such as `2026-12-25`, whoever states the hours; at most 400.
    #[serde(default)]
    pub(in crate::policy) holidays: Option<Spanned<Vec<Text>>>,
    /// What is believed of sources.
    #[serde(default)]
    pub(in crate::policy) sources: Vec<Source>,
}

/// Which meetings make a rep unavailable.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::policy) enum Meetings {
    /// Each, while it lasts.
    Any,
    /// Those that leave no working time of a day free.
    FullDay,
    /// None.
    Ignore,
}

/// What is believed of a source; what is absent is as for one that is not listed.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::policy) struct Source {
    /// The source's id.
    pub(in crate::policy) id: Text,
    /// How far it is believed; absent: `hr` when it is called `hr` or its name begins with `hr-` or `hr_`, else `calendar`.
    #[serde(default)]
    pub(in crate::policy) class: Option<Class>,
    /// How long after it last spoke of a rep it is stale: `1m` to `8760h`; absent: never.
    #[serde(default)]
    pub(in crate::policy) stale_after: Option<Text>,
    /// What that means; with `stale_after`; absent: `ignore`.
    #[serde(default)]
    pub(in crate::policy) when_stale: Option<WhenStale>,
}

/// How far a source is believed.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::policy) enum Class {
    /// What the rep and colleagues enter.
    Calendar,
    /// What the employer has on file: above calendars.
    Hr,
}

/// What a stale source means for a rep of whom it has spoken.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::policy) enum WhenStale {
    /// Its busy intervals count no more.
    Available,
    /// The rep is unavailable until it is heard again.
    Unavailable,
    /// What it said last still counts.
    Ignore,
}
