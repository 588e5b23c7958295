//! The policy: a workspace's document, checked whole and indexed for deciding.

use std::collections::HashSet;
use std::fmt;

use crate::id::{PoolId, RepId, Source, TeamId};
use crate::lead::Facts;
use crate::quota::Quota;
use crate::refusal::{Reason, Refusal};
use crate::time::Span;

pub mod apply;
mod compile;
mod document;

/// The name that decisions give to the step after the last route.
pub const DEFAULT_ROUTE: &str = "default";

/// The most reps a team may have; it bounds the rotation's record.
pub const MAX_TEAM: usize = 1_000;

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
    /// The teams, in the document's order.
    pub teams: Vec<Team>,
    /// The pools, in the document's order.
    pub pools: Vec<PoolId>,
    /// The claim quotas, shortest window first.
    pub quotas: Vec<Quota>,
    /// How soon an owner must make contact.
    pub contact_sla: Span,
    routes: Vec<Route>,
    default: Action,
    /// Everybody in any team.
    reps: HashSet<RepId>,
}

/// A group of reps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Team {
    /// The team's id.
    pub id: TeamId,
    /// Its reps with their weights, in the document's order.
    pub reps: Vec<(RepId, u32)>,
}

/// One step of the routing order.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Route {
    name: String,
    /// Empty: any.
    sources: Vec<Source>,
    min_score: Option<u8>,
    action: Action,
}

/// What to do with a lead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Rotate among a team; into the pool when nobody of it is available.
    Rotate {
        /// The team's place in [`Policy::teams`].
        team: usize,
        /// Where the lead goes otherwise.
        otherwise: PoolId,
    },
    /// Put into a pool.
    Pool(PoolId),
}

/// The route that acts on a lead.
#[derive(Debug, Clone, Copy)]
pub struct Match<'a> {
    /// The route's name.
    pub route: &'a str,
    /// What to do.
    pub action: &'a Action,
}

/// The policy, or the refusal of a workspace that has none.
pub fn required<P>(policy: Option<P>) -> Result<P, Refusal> {
    policy.ok_or_else(|| Refusal::of(Reason::PolicyMissing, "the workspace has no policy yet"))
}

impl Policy {
    /// Checks a document and indexes it; every fault is reported at once, in the order of their places.
    pub fn parse(document: &str) -> Result<Self, Vec<Fault>> {
        compile::compile(document)
    }

    /// The first route that matches the lead, or the default.
    pub fn route(&self, lead: &Facts) -> Match<'_> {
        let matches = |route: &&Route| {
            (route.sources.is_empty() || route.sources.contains(&lead.source))
                && route.min_score.is_none_or(|least| lead.score.is_some_and(|score| score >= least))
        };
        match self.routes.iter().find(matches) {
            Some(route) => Match { route: &route.name, action: &route.action },
            None => Match { route: DEFAULT_ROUTE, action: &self.default },
        }
    }

    /// The team, if the policy has it.
    pub fn team(&self, id: &TeamId) -> Option<&Team> {
        self.teams.iter().find(|team| team.id == *id)
    }

    /// Refuses a rep who is in no team.
    pub fn require_rep(&self, rep: &RepId) -> Result<(), Refusal> {
        if self.has_rep(rep) {
            return Ok(());
        }
        Err(Refusal::of(Reason::RepUnknown, format!("no rep `{rep}` in the policy")))
    }

    /// Whether the rep is in any team.
    pub fn has_rep(&self, rep: &RepId) -> bool {
        self.reps.contains(rep)
    }

    /// Whether the pool is one of the policy's.
    pub fn has_pool(&self, pool: &PoolId) -> bool {
        self.pools.contains(pool)
    }
}
