//! The policy as people write it: the YAML document's shape, before anything is checked.

use serde::Deserialize;
use serde_saphyr::Spanned;

/// A text with its place in the document.
pub(super) type Text = Spanned<String>;

/// The whole document.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Document {
    /// Groups of reps that leads rotate among.
    #[serde(default)]
    pub(super) teams: Vec<Team>,
    /// Where leads wait that nobody owns.
    #[serde(default)]
    pub(super) pools: Vec<Pool>,
    /// The routing order: the first route that matches acts.
    #[serde(default)]
    pub(super) routes: Vec<Route>,
    /// What happens to a lead that no route matches.
    pub(super) default: Spanned<Action>,
    /// How many leads a rep may claim.
    #[serde(default)]
    pub(super) quotas: Quotas,
    /// How soon an owner must make contact: a length of time such as `2h` or `90m`, from `1m` to `720h`; absent: `2h`.
    #[serde(default)]
    pub(super) contact_sla: Option<Text>,
}

/// A group of reps.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Team {
    /// The team's id.
    pub(super) id: Text,
    /// Its reps.
    pub(super) reps: Vec<Rep>,
}

/// A rep in a team.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rep {
    /// The rep's id.
    pub(super) id: Text,
    /// The rep's share of the team's leads, in proportion to the others' weights: 1 to 10,000; absent: 1.
    #[serde(default)]
    pub(super) weight: Option<Spanned<i64>>,
}

/// Where leads wait.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Pool {
    /// The pool's id.
    pub(super) id: Text,
}

/// One step of the routing order.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Route {
    /// What people call it; decisions quote it.
    pub(super) name: Text,
    /// The lead's source is one of these; absent: any.
    #[serde(default)]
    pub(super) sources: Option<Vec<Text>>,
    /// The lead's score is known and at least this; absent: any.
    #[serde(default)]
    pub(super) min_score: Option<Spanned<i64>>,
    /// Rotate among a team.
    #[serde(default)]
    pub(super) rotate: Option<Rotate>,
    /// Put into a pool.
    #[serde(default)]
    pub(super) pool: Option<Text>,
}

/// What to do with a lead: exactly one of the two.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Action {
    /// Rotate among a team.
    #[serde(default)]
    pub(super) rotate: Option<Rotate>,
    /// Put into a pool.
    #[serde(default)]
    pub(super) pool: Option<Text>,
}

/// Rotate among a team.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rotate {
    /// The team.
    pub(super) team: Text,
    /// Where the lead goes when nobody of the team is available.
    pub(super) otherwise: Otherwise,
}

/// Where a lead goes when its first choice cannot take it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Otherwise {
    /// Put into a pool.
    pub(super) pool: Text,
}

/// How many leads a rep may claim in any window of a length; absent: the default.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Quotas {
    /// In any hour; 3.
    #[serde(default)]
    pub(super) hour: Option<Spanned<i64>>,
    /// In any 24 hours; 10.
    #[serde(default)]
    pub(super) day: Option<Spanned<i64>>,
    /// In any 7 days; 40.
    #[serde(default)]
    pub(super) week: Option<Spanned<i64>>,
}
