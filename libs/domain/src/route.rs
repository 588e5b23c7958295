//! Routing a lead: whom it goes to, tried one after another until somebody takes it.
//!
//! The tries ([`crate::policy::Attempts`]) come in the policy's order. Those for a team are decided at the team's [`Desk`], where its
//! rotation is; so a lead may be sent on from one desk to the next with what was found so far ([`Findings`]). Everything that
//! was found is expected by the commit to be still so.

use std::borrow::Cow;
use std::fmt;

use crate::account::{Entry, Likeness};
use crate::availability::status::Known;
use crate::change::Change;
use crate::conduct;
use crate::event::{Decision, MixTrace, Skip};
use crate::expression;
use crate::id::{Fence, LeadId, PoolId, TeamId};
use crate::lead::{Facts, Person, Pushed};
use crate::policy::{Attempts, Policy, Who};
use crate::record::{Counter, Key, Mix, Snapshot};
use crate::refusal::{Reason, Refusal};
use crate::time::{Millis, Span};

mod again;
pub mod credit;
mod nobody;
mod place;
mod repeated;
mod signs;
mod table;
mod walk;

pub use again::Again;
use again::{escalates, routable};
pub use nobody::Nobody;
use nobody::Waits;
use place::Subject;
pub use place::left_out;
pub(crate) use place::{Contact, begin_contact, had, last_rep};
pub use signs::Signs;
pub use table::Table;
use walk::{Tried, Walk};

/// The re-route at which a lead goes to the manager: P12.
const ESCALATES_AT: u32 = 3;

/// A lead to be routed.
#[derive(Debug, Clone)]
#[allow(clippy::large_enum_variant, reason = "there is one for each call, and it is mostly a new lead")]
pub enum Command {
    /// One that has just come in.
    New {
        /// The id it gets.
        lead: LeadId,
        /// What decisions look at.
        facts: Facts,
        /// Its personal data.
        person: Person,
        /// By what it is recognised.
        signs: Signs,
    },
    /// One that is there already and needs another rep.
    Again {
        /// Which.
        lead: LeadId,
        /// The fence under which that was found: whoever is late changes nothing.
        fence: Fence,
        /// Why.
        because: Again,
    },
}

impl Command {
    /// A lead that has just come in.
    pub fn new(lead: LeadId, facts: Facts, person: Person) -> Self {
        Self::New { lead, facts, person, signs: Signs::default() }
    }
}

/// What decides on a lead: requests of the same desk are decided one after another.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Desk {
    /// A team's rotation, a record that each of its leads changes.
    Rotation(TeamId),
    /// A pool takes whatever comes.
    Pool(PoolId),
    /// Leads that neither a team nor a pool is to have: a rep's, or held.
    Rest,
}

impl fmt::Display for Desk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rotation(team) => write!(f, "rotation-{team}"),
            Self::Pool(pool) => write!(f, "pool-{pool}"),
            Self::Rest => f.write_str("rest"),
        }
    }
}

/// What was found at the desks that a lead has passed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Findings {
    /// The policy version under which it was found: under another, the tries are others.
    policy_version: u64,
    /// How many tries were of no use.
    tried: usize,
    /// Whom they were with.
    waits: Waits,
    passed: Vec<String>,
    skips: Vec<Skip>,
    /// When the first of those passed over may be there again.
    back_at: Option<Millis>,
    mix: Option<(Mix, MixTrace)>,
    /// The facts that this rests on.
    pub expects: Vec<Key>,
}

/// What became of a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decided {
    /// The lead is placed.
    Change(Box<Change>),
    /// It cannot be told without these records.
    Needs(Vec<Key>),
    /// Another desk is to decide, knowing what was found here.
    Elsewhere(Desk, Findings),
}

/// The desk that decides first on a lead, as far as its facts tell.
pub fn desk(policy: &Policy, lead: expression::Lead<'_>, now: Millis) -> Desk {
    for attempt in Attempts::new(policy, lead, &[], now) {
        match attempt.who {
            Who::Team(team) => return Desk::Rotation(policy.teams[team].id.clone()),
            Who::Pool(pool) => return Desk::Pool(pool.clone()),
            _ => {}
        }
    }
    Desk::Rest
}

/// What the desk looks at, whatever the lead; `None` when the policy knows it no more.
pub fn reads(policy: &Policy, desk: &Desk) -> Option<Vec<Key>> {
    let mut keys = vec![Key::PolicyHead];
    match desk {
        Desk::Rest => Some(keys),
        Desk::Pool(pool) => policy.has_pool(pool).then_some(keys),
        Desk::Rotation(team) => {
            keys.extend([Key::Calendars(team.clone()), Key::RotationHead(team.clone())]);
            for (rep, _) in &policy.team(team)?.reps {
                keys.extend(Known::keys(rep));
                keys.push(Key::Count(Counter::Open(rep.clone())));
                keys.push(Key::Seat(team.clone(), rep.clone()));
            }
            Some(keys)
        }
    }
}

/// What is looked at whatever the desk, as far as the lead tells; [`decide`] may need more.
pub fn asks(policy: &Policy, command: &Command) -> Vec<Key> {
    match command {
        Command::New { facts, person, signs, .. } => signs.of(policy, facts, person).keys().collect(),
        Command::Again { lead, .. } => vec![Key::Lead(*lead), Key::Person(*lead)],
    }
}

/// Decides where a lead goes, at a desk, after what was found at others. Whoever calls has read what [`reads`] names, and puts a
/// change into the snapshot before the table is used again.
pub fn decide(
    snapshot: &Snapshot,
    table: &mut Table,
    command: &Command,
    policy: &Policy,
    desk: &Desk,
    findings: &Findings,
    now: Millis,
) -> Result<Decided, Refusal> {
    let none = Findings { policy_version: policy.version, ..Findings::default() };
    let findings = if findings.policy_version == policy.version { findings } else { &none };
    let unknown = |keys: Vec<Key>| -> Vec<Key> { keys.into_iter().filter(|key| !snapshot.knows(key)).collect() };
    let likenesses: Cow<'_, [Likeness]>;
    let subject = match command {
        Command::New { lead, facts, person, signs } => {
            let signs = signs.of(policy, facts, person);
            let missing = unknown(signs.keys().collect());
            if !missing.is_empty() {
                return Ok(Decided::Needs(missing));
            }
            if let Some(decided) = repeated::decide(snapshot, *lead, facts, policy, signs.marks, now) {
                return Ok(decided);
            }
            likenesses = Cow::Borrowed(signs.companies);
            Subject::New { id: *lead, facts, person, marks: signs.marks }
        }
        Command::Again { lead, fence, because } => {
            let missing = unknown(vec![Key::Lead(*lead), Key::Person(*lead)]);
            if !missing.is_empty() {
                return Ok(Decided::Needs(missing));
            }
            let lead = snapshot.lead(*lead).ok_or_else(|| Refusal::lead_unknown(*lead))?;
            routable(lead, *fence, because, policy, now)?;
            likenesses = Cow::Owned(Likeness::of(&lead.facts.company));
            let looked_at = likenesses.iter().cloned().map(Key::Accounts);
            let missing = unknown(looked_at.chain(conduct::looks_at(lead, because, policy)).collect());
            if !missing.is_empty() {
                return Ok(Decided::Needs(missing));
            }
            Subject::Again { lead, because }
        }
    };
    let (facts, lead) = (subject.facts(), subject.lead());
    let attributes = match &subject {
        Subject::New { person, .. } => Some(&person.attributes),
        Subject::Again { lead, .. } => snapshot.person(lead.id).map(|person| &person.attributes),
    };
    let view = match attributes {
        Some(attributes) => expression::Lead::new(facts, attributes),
        None => expression::Lead::without_attributes(facts),
    };
    let accounts = accounts(snapshot, policy, &likenesses);
    let mut walk = Walk {
        snapshot,
        policy,
        now,
        desk,
        table,
        lead: subject.id(),
        score: facts.score,
        left_out: lead.map(|lead| left_out(lead, now)).unwrap_or_default(),
        found: findings.clone(),
    };
    let mut attempts = match (lead, command) {
        (Some(lead), Command::Again { because: Again::Unclaimed(stage), .. }) => {
            let unclaimed = lead.pool().and_then(|pool| policy.pool(pool)).map(|pool| &pool.unclaimed);
            Attempts::unclaimed(policy, view, *stage, unclaimed, place::last_rep(lead), now)
        }
        (Some(lead), _) if escalates(lead, command) => {
            Attempts::escalated(policy, view, &accounts, place::last_rep(lead), now)
        }
        (Some(lead), Command::Again { because: Again::NotActedOn, .. })
            if let Some(Pushed { pool, .. }) =
                lead.pushed.as_deref().filter(|pushed| policy.has_pool(&pushed.pool)) =>
        {
            Attempts::unworked(policy, view, pool, now)
        }
        _ => Attempts::new(policy, view, &accounts, now),
    };
    let account = attempts.account().cloned();
    for _ in 0..findings.tried {
        attempts.next();
    }
    while let Some(attempt) = attempts.next() {
        let tried = match walk.attempt(&attempt) {
            Tried::Placed(placing, rotation) => {
                let Findings { passed, skips, back_at, mix, mut expects, .. } = walk.found;
                expects.extend(likenesses.iter().cloned().map(Key::Accounts));
                let charged = placing.charged().cloned();
                let decision = Decision {
                    policy_version: policy.version,
                    route: attempt.route.to_owned(),
                    passed,
                    missing: attempts.missing().cloned().collect(),
                    account,
                    skips,
                    rotation,
                    mix: mix.as_ref().map(|(_, trace)| *trace),
                    charged,
                    enrichment: None,
                };
                let calendar = match &*placing {
                    place::Placing::Rep { rep, .. } => snapshot.calendar(rep),
                    _ => None,
                };
                let mix = mix.map(|(mix, _)| mix);
                let context = place::Context { snapshot, policy, calendar, expects, mix, back_at, now };
                let change = place::change(context, &subject, *placing, decision);
                walk.table.note(&change);
                return Ok(Decided::Change(Box::new(change)));
            }
            Tried::Needs(keys) => return Ok(Decided::Needs(keys)),
            Tried::Elsewhere(desk) => return Ok(Decided::Elsewhere(desk, walk.found)),
            Tried::Nobody => attempt.route,
        };
        walk.found.waits.add(&attempt.who);
        walk.found.tried += 1;
        if walk.found.passed.last().is_none_or(|last| last != tried) {
            walk.found.passed.push(tried.to_owned());
        }
    }
    if let Command::Again { because: Again::Unclaimed(_), .. } = command {
        return Err(Refusal::of(Reason::NotDue, "nobody can take it now: it stays in its pool"));
    }
    // The holding pool, at the end of every chain, takes whatever comes.
    Err(Refusal::of(Reason::PolicyMissing, "the policy leads nowhere"))
}

/// Decides on a snapshot that holds whatever there is: goes from desk to desk until one decides.
pub fn settle(everything: &mut Snapshot, command: &Command, policy: &Policy, now: Millis) -> Result<Change, Refusal> {
    let (mut desk, mut findings) = (Desk::Rest, Findings::default());
    loop {
        match decide(everything, &mut Table::default(), command, policy, &desk, &findings, now)? {
            Decided::Change(change) => return Ok(*change),
            Decided::Needs(keys) => keys.into_iter().for_each(|key| everything.insert(key, None)),
            Decided::Elsewhere(next, found) => (desk, findings) = (next, found),
        }
    }
}

fn accounts<'a>(snapshot: &'a Snapshot, policy: &'a Policy, likenesses: &[Likeness]) -> Vec<&'a Entry> {
    let mut found = Vec::new();
    for likeness in likenesses {
        found.extend(policy.accounts(likeness));
        found.extend(snapshot.accounts(likeness).into_iter().flat_map(|at| &at.entries));
    }
    found
}

/// How long a held lead waits at most until it is tried again, should nothing happen before.
pub const RETRY_AFTER: Span = Span::minutes(15);

/// How long a lead is held at most for want of others than those who had it before: then they come up again.
pub const LEFT_OUT_FOR: Span = RETRY_AFTER;

/// For how long it is remembered that a held lead was tried and stays held. It is tried whenever anybody comes free, each time
/// as a request of its own: kept like other answers, they would be the most of what is stored.
pub const STAYS_HELD_REMEMBERED: Span = Span::minutes(1);

#[cfg(test)]
mod order_tests;
#[cfg(test)]
mod tests;
