//! Reps and teams.

use schemars::JsonSchema;
use serde::Deserialize;

use super::availability::Availability;
use super::spanned::{Spanned, Text};

/// What is to be said of a rep.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::policy) struct Rep {
    /// The rep's id.
    pub(in crate::policy) id: Text,
    /// Who takes the rep's accounts when the rep has left, and leads that the rep did not work; absent: the team's manager.
    #[serde(default)]
    pub(in crate::policy) manager: Option<Text>,
    /// The rep has left: what was the rep's goes to the manager.
    #[serde(default)]
    pub(in crate::policy) left: bool,
    /// How early the rep may claim, 1 to 3: see `guardrails.tiers`; absent: as calculated.
    #[serde(default)]
    pub(in crate::policy) tier: Option<Spanned<i64>>,
    /// For how much the rep is to win leads in four weeks, in the workspace's currency: 1 to 1,000,000,000; absent: tiers go by
    /// the rest.
    #[serde(default)]
    pub(in crate::policy) target: Option<Spanned<i64>>,
}

/// A group of reps.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::policy) struct Team {
    /// The team's id.
    pub(in crate::policy) id: Text,
    /// Who takes what nobody of the team can; absent: the document's manager.
    #[serde(default)]
    pub(in crate::policy) manager: Option<Text>,
    /// The team that takes what nobody of this one can, before the manager.
    #[serde(default)]
    pub(in crate::policy) backup: Option<Text>,
    /// Who has so many open leads is given no more: 1 to 1,000,000; absent: 50.
    #[serde(default)]
    pub(in crate::policy) capacity: Option<Spanned<i64>>,
    /// How it takes turns; absent: by weight.
    #[serde(default)]
    pub(in crate::policy) rotation: Option<Rotation>,
    /// What makes its reps unavailable, where it differs from the rest of the document; of a rep in several teams, the first
    /// says so.
    #[serde(default)]
    pub(in crate::policy) availability: Option<Availability>,
    /// Its reps.
    pub(in crate::policy) reps: Vec<Member>,
}

/// How a team takes turns.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::policy) struct Rotation {
    /// What decides whose turn it is; absent: `weight`.
    #[serde(default)]
    pub(in crate::policy) by: By,
    /// What becomes of a rep who was away; absent: `resume`.
    #[serde(default)]
    pub(in crate::policy) returning: Back,
}

/// What decides whose turn it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::policy) enum By {
    /// One after another.
    Equal,
    /// In proportion to `weight`.
    #[default]
    Weight,
    /// In proportion to `attainment`.
    Attainment,
    /// In proportion to `conversion`.
    Conversion,
    /// Who has the fewest open leads.
    Load,
    /// Who has the smallest sum of scores.
    Score,
}

/// What becomes of a rep who was away.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::policy) enum Back {
    /// Goes on level with the others.
    #[default]
    Resume,
    /// Gets what was missed, at most twice the share until level.
    CatchUp,
}

/// A rep in a team.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::policy) struct Member {
    /// The rep's id.
    pub(in crate::policy) id: Text,
    /// The rep's share of the team's leads, in proportion to the others' weights: 1 to 10,000; absent: 1.
    #[serde(default)]
    pub(in crate::policy) weight: Option<Spanned<i64>>,
    /// Won amount over sales target, such as 1.2; for teams that go by it.
    #[serde(default)]
    pub(in crate::policy) attainment: Option<Spanned<f64>>,
    /// Outcomes of opportunity or better over contacted leads, such as 0.25; for teams that go by it.
    #[serde(default)]
    pub(in crate::policy) conversion: Option<Spanned<f64>>,
}
