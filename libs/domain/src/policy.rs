//! The policy: a workspace's document, checked whole and indexed for deciding.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::sync::Arc;

use crate::account::{self, Entry};
use crate::availability::settings::Settings;
use crate::expression::{self, Expression};
use crate::guardrail::settings::{Guardrails, Pool};
use crate::guardrail::tier::Tier;
use crate::id::{PoolId, RepId, Source, TeamId, TerritoryId};
use crate::industry::Pattern;
use crate::quota::Quota;
use crate::refusal::Refusal;
use crate::rotation;
use crate::territory;
use crate::time::{Millis, Span};

pub mod apply;
mod attempts;
mod compile;
mod document;
mod managers;
mod pull;
pub mod rollback;

pub use attempts::{Attempt, Attempts, Who};
pub use pull::Priority;

/// The name that decisions give to the step that sends a customer's lead to its owner.
pub const ACCOUNT_OWNER: &str = "account_owner";

/// The name that decisions give to the step that sends a target company's lead to the rep it is assigned to.
pub const NAMED_ACCOUNT: &str = "named_account";

/// The name that decisions give to the step after the last route.
pub const DEFAULT_ROUTE: &str = "default";

/// The name that decisions give to the chain that takes what the routes could not place.
pub const FALLBACK: &str = "fallback";

/// The name that decisions give to what a pool says of leads that nobody claims.
pub const UNCLAIMED: &str = "unclaimed";

/// The name that decisions give to what becomes of a lead that was pushed first and that its rep did nothing about.
pub const PUSH_FIRST: &str = "push_first";

/// How many open leads a rep may have where no team says: P7.
pub const CAPACITY: u32 = 50;

/// The most reps a team may have: the first lead to a team writes a seat for each, in one commit.
pub const MAX_TEAM: usize = 10_000;

/// A fault of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The line, from 1; 0 when the fault has no place.
    pub line: u64,
    /// The column, from 1; 0 when the fault has no place.
    pub column: u64,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}", self.message),
            line => write!(f, "{line}:{}: {}", self.column, self.message),
        }
    }
}

/// A policy version, ready to decide by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// The version's number; 0 before it is stored.
    pub version: u64,
    /// The workspace's, which keys the marks by which leads are recognised; nothing before the policy is stored.
    pub secret: [u8; 32],
    /// The teams, in the document's order.
    pub teams: Vec<Team>,
    /// The pools, in the document's order.
    pub pools: Vec<Pool>,
    /// The claim quotas, shortest window first.
    pub quotas: Vec<Quota>,
    /// What else a rep meets between looking at a pool and owning a lead.
    pub guardrails: Guardrails,
    /// How soon an owner must make contact.
    pub contact_sla: Span,
    /// Whether only the owner's working time counts towards it.
    pub contact_sla_in_working_time: bool,
    /// For how long a lead is recognised when it comes in again; nothing: it is not.
    pub duplicates_within: Span,
    /// Whether what a new lead lacks of its company is asked for before it is routed.
    pub enrich: bool,
    /// Who takes what nobody else can.
    manager: Option<RepId>,
    /// Everybody whom the document names.
    reps: HashMap<RepId, Rep>,
    accounts: HashMap<account::Likeness, Vec<Entry>>,
    account_owner: Action,
    named_account: Action,
    areas: Areas,
    priorities: pull::Priorities,
    routes: Vec<Route>,
    default: Action,
    backup: Option<Target>,
    availability: Availability,
}

/// What makes reps unavailable.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Availability {
    everywhere: Settings,
    /// For each team, in the document's order, what differs.
    by_team: Vec<Option<Settings>>,
}

/// What the policy says of a rep.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rep {
    /// Who takes what the rep cannot.
    pub manager: Option<RepId>,
    /// The rep has left.
    pub left: bool,
    /// How early the rep may claim, where the document says so.
    pub tier: Option<Tier>,
    /// What the rep is to win in four weeks, where the document says so.
    pub target: Option<u64>,
    /// The places in [`Policy::teams`] of the rep's teams.
    pub teams: Vec<usize>,
}

/// A group of reps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Team {
    /// The team's id.
    pub id: TeamId,
    /// Its reps with their weights, in the document's order.
    pub reps: Vec<(RepId, u32)>,
    /// Who takes what nobody of the team can.
    pub manager: Option<RepId>,
    /// The place in [`Policy::teams`] of the team that takes it before.
    pub backup: Option<usize>,
    /// Who has so many open leads is given no more.
    pub capacity: u32,
    /// How the team takes turns.
    pub rotation: rotation::Settings,
}

/// One step of the routing order.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Route {
    name: Arc<str>,
    /// Empty: any.
    sources: Vec<Source>,
    min_score: Option<u8>,
    strategic: Option<bool>,
    /// All must match.
    when: Vec<Arc<Expression>>,
    action: Action,
}

/// Territories and specialisations.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Areas {
    territories: Places,
    specialisations: Places,
    /// The industries that they name, by number.
    patterns: Vec<Pattern>,
    /// Whose territories are where.
    owners: pull::Owners,
}

/// Rules over place, industry and size, and what each does.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Places {
    index: territory::Index,
    /// Each with the name that decisions give to it.
    actions: HashMap<TerritoryId, (Arc<str>, Action)>,
}

impl Route {
    /// Whether the route is the lead's; fields that it asks for and that are not known are added to `missing`.
    fn matches(
        &self,
        lead: &expression::Lead<'_>,
        strategic: bool,
        now: Millis,
        missing: &mut BTreeSet<String>,
    ) -> bool {
        let facts = lead.facts;
        if !self.sources.is_empty() && !self.sources.contains(&facts.source) {
            return false;
        }
        if self.strategic.is_some_and(|asked| asked != strategic) {
            return false;
        }
        if let Some(least) = self.min_score {
            match facts.score {
                Some(score) if score >= least => {}
                Some(_) => return false,
                None => {
                    missing.insert("score".to_owned());
                    return false;
                }
            }
        }
        self.when.iter().all(|when| match when.evaluate(lead, now) {
            expression::Outcome::Matches => true,
            expression::Outcome::Missing(field) => {
                missing.insert(field.to_string().trim_start_matches("lead.").to_owned());
                false
            }
            expression::Outcome::Differs | expression::Outcome::Failed(_) => false,
        })
    }
}

/// What to do with a lead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    /// Whom it goes to, or where.
    pub target: Target,
    /// What if nobody there can take it.
    pub otherwise: Otherwise,
    /// Whether the rep must accept first.
    pub offer: Option<Offer>,
    /// Whether only a part is pushed.
    pub push: Option<Push>,
    /// Where a lead goes that its rep does nothing about.
    pub push_first: Option<PushFirst>,
    /// Whether a lead that goes to an account's owner counts as a turn of the owner in the rotation of their first team.
    pub counts: bool,
}

/// Whom a lead goes to, or where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// The owner of the account that the lead's company is.
    Owner,
    /// One rep.
    Rep(RepId),
    /// Somebody of the team at this place in [`Policy::teams`].
    Team(usize),
    /// A pool.
    Pool(PoolId),
    /// The manager.
    Manager,
}

/// What if nobody can take a lead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Otherwise {
    /// The next route that matches acts.
    Next,
    /// It goes there.
    To(Target),
}

/// A rep is asked before a lead counts as the rep's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offer {
    /// How long the rep has to accept.
    pub within: Span,
    /// Whether the rep may decline.
    pub refusable: bool,
}

/// A lead is the rep's at first, and goes into a pool when the rep does nothing about it: C11.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushFirst {
    /// How long the rep has to record an activity or contact.
    pub within: Span,
    /// The pool.
    pub pool: PoolId,
}

/// Only a part of the leads is pushed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Push {
    /// Of a hundred.
    pub percent: u32,
    /// Where the others go.
    pub rest: PoolId,
}

impl Push {
    /// Whether the next lead is pushed after `decided` leads: of any first `n` leads, exactly `⌊n · percent / 100⌋` are.
    pub fn pushes(&self, decided: u64) -> bool {
        let pushed = |n: u64| u128::from(n) * u128::from(self.percent) / 100;
        pushed(decided + 1) > pushed(decided)
    }
}

/// The policy, or the refusal of a workspace that has none.
pub fn required<P>(policy: Option<P>) -> Result<P, Refusal> {
    policy.ok_or_else(Refusal::policy_missing)
}

impl Policy {
    /// Checks a document and indexes it; every fault is reported at once, in the order of their places.
    pub fn parse(document: &str) -> Result<Self, Vec<Fault>> {
        compile::compile(document).map(|(policy, _)| policy)
    }

    /// [`Policy::parse`], and what is likely a slip though nothing forbids it, in the order of the places.
    pub fn check(document: &str) -> Result<(Self, Vec<Fault>), Vec<Fault>> {
        let (policy, document) = compile::compile(document)?;
        let warnings = compile::warnings(&document, &policy);
        Ok((policy, warnings))
    }

    /// The JSON Schema of the document, for editors; made from the types that read it. What it cannot say, such as that a
    /// team must be there to be named, [`Policy::check`] does.
    pub fn schema() -> schemars::Schema {
        schemars::schema_for!(document::Document)
    }

    /// The team, if the policy has it.
    pub fn team(&self, id: &TeamId) -> Option<&Team> {
        self.teams.iter().find(|team| team.id == *id)
    }

    /// What the policy says of a rep, if it knows the rep.
    pub fn rep(&self, rep: &RepId) -> Option<&Rep> {
        self.reps.get(rep)
    }

    /// The accounts of the document that a domain or a name leads to.
    pub fn accounts(&self, likeness: &account::Likeness) -> &[Entry] {
        self.accounts.get(likeness).map_or(&[], Vec::as_slice)
    }

    /// The rep's teams.
    pub fn teams_of<'a>(&'a self, rep: &RepId) -> impl Iterator<Item = &'a Team> + use<'a> {
        let places = self.reps.get(rep).map_or(&[][..], |rep| &rep.teams);
        places.iter().filter_map(|place| self.teams.get(*place))
    }

    /// What makes the rep unavailable: what the first of the rep's teams says, where it says anything.
    pub fn availability(&self, rep: &RepId) -> &Settings {
        let Availability { everywhere, by_team } = &self.availability;
        let of_team = || by_team.get(*self.reps.get(rep)?.teams.first()?)?.as_ref();
        // Most policies have none, and need not look for the rep.
        let of_team = by_team.iter().any(Option::is_some).then(of_team).flatten();
        of_team.unwrap_or(everywhere)
    }

    /// Who takes what `rep`, of this team perhaps, cannot: the rep's manager, the team's, the document's.
    pub fn manager_of(&self, rep: Option<&RepId>, team: Option<usize>) -> Option<&RepId> {
        let own = rep.and_then(|rep| self.reps.get(rep)?.manager.as_ref());
        let team = team.and_then(|team| self.teams.get(team)?.manager.as_ref());
        own.or(team).or(self.manager.as_ref())
    }

    /// Refuses a rep whom the policy does not know, or who has left.
    pub fn require_rep(&self, rep: &RepId) -> Result<(), Refusal> {
        if self.has_rep(rep) {
            return Ok(());
        }
        Err(Refusal::rep_unknown(rep))
    }

    /// Everybody who is there and has not left, in no order.
    pub fn reps(&self) -> impl Iterator<Item = &RepId> {
        self.reps.iter().filter(|(_, rep)| !rep.left).map(|(id, _)| id)
    }

    /// Whether the rep is there and has not left.
    pub fn has_rep(&self, rep: &RepId) -> bool {
        self.reps.get(rep).is_some_and(|rep| !rep.left)
    }

    /// What the policy says of a pool, if it has it.
    pub fn pool(&self, id: &PoolId) -> Option<&Pool> {
        self.pools.iter().find(|pool| pool.id == *id)
    }

    /// Whether the pool is one of the policy's.
    pub fn has_pool(&self, pool: &PoolId) -> bool {
        self.pool(pool).is_some()
    }
}
