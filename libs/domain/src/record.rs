//! What is stored: the entities that snapshots hold and changes put.

use std::collections::HashMap;
use std::sync::Arc;

use crate::calendar::Calendar;
use crate::id::{LeadId, PoolId, RepId, TeamId};
use crate::lead::{Lead, Person};
use crate::rotation::{Head, Seat};
use crate::time::Millis;

/// Names one entity of a workspace.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Key {
    /// A lead with its state.
    Lead(LeadId),
    /// A lead's personal data.
    Person(LeadId),
    /// What every assignment changes of a rep.
    Load(RepId),
    /// What only claims change of a rep.
    Claims(RepId),
    /// What of a team's rotation is one for all; written with every change of a seat.
    RotationHead(TeamId),
    /// Where one rep stands in a team's rotation.
    Seat(TeamId, RepId),
    /// A rep's calendar.
    Calendar(RepId),
    /// Changes whenever the calendar of anybody in the team does.
    Calendars(TeamId),
    /// The active policy's version.
    PolicyHead,
    /// One version of the policy.
    PolicyVersion(u64),
}

/// What every assignment changes of a rep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Load {
    /// The rep.
    pub rep: RepId,
    /// Leads owned.
    pub open: u32,
    /// Leads owned and not yet contacted.
    pub uncontacted: u32,
}

impl Load {
    /// A rep without leads.
    pub fn none(rep: RepId) -> Self {
        Self { rep, open: 0, uncontacted: 0 }
    }

    /// With one lead more.
    #[must_use]
    pub fn with_one_more(&self) -> Self {
        Self { open: self.open + 1, uncontacted: self.uncontacted + 1, ..self.clone() }
    }

    /// With one lead contacted.
    #[must_use]
    pub fn with_one_contacted(&self) -> Self {
        Self { uncontacted: self.uncontacted.saturating_sub(1), ..self.clone() }
    }
}

/// What only claims change of a rep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    /// The rep.
    pub rep: RepId,
    /// When the rep claimed, oldest first, as far back as any quota looks.
    pub claimed_at: Vec<Millis>,
}

/// Which version of the policy is active.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyHead {
    /// 1 for the first.
    pub number: u64,
    /// Every pool that any version up to this one has had: leads may still wait in those that the active one has dropped.
    pub pools: Vec<PoolId>,
}

/// One version of the policy as it was applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyVersion {
    /// 1 for the first.
    pub number: u64,
    /// The document, in YAML.
    pub document: String,
    /// Who applied it.
    pub author: String,
    /// Why.
    pub comment: String,
    /// When.
    pub applied_at: Millis,
}

/// One entity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Record {
    /// See [`Key::Lead`].
    Lead(Lead),
    /// See [`Key::Person`].
    Person(LeadId, Person),
    /// See [`Key::Load`].
    Load(Load),
    /// See [`Key::Claims`].
    Claims(Claims),
    /// See [`Key::RotationHead`].
    RotationHead(Head),
    /// See [`Key::Seat`].
    Seat(Seat),
    /// See [`Key::Calendar`].
    Calendar(Calendar),
    /// See [`Key::Calendars`]; when the last change was made.
    Calendars(TeamId, Millis),
    /// See [`Key::PolicyHead`].
    PolicyHead(PolicyHead),
    /// See [`Key::PolicyVersion`].
    PolicyVersion(PolicyVersion),
}

impl Record {
    /// The entity's name.
    pub fn key(&self) -> Key {
        match self {
            Self::Lead(lead) => Key::Lead(lead.id),
            Self::Person(lead, _) => Key::Person(*lead),
            Self::Load(load) => Key::Load(load.rep.clone()),
            Self::Claims(claims) => Key::Claims(claims.rep.clone()),
            Self::RotationHead(head) => Key::RotationHead(head.team.clone()),
            Self::Seat(seat) => Key::Seat(seat.team.clone(), seat.rep.clone()),
            Self::Calendar(calendar) => Key::Calendar(calendar.rep.clone()),
            Self::Calendars(team, _) => Key::Calendars(team.clone()),
            Self::PolicyHead(_) => Key::PolicyHead,
            Self::PolicyVersion(version) => Key::PolicyVersion(version.number),
        }
    }
}

/// The entities an operation concerns, as they were read. What was read and not there is `None`; asking for what was not
/// read is a mistake of the code and reads as not there, which the commit then refutes.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    records: HashMap<Key, Option<Arc<Record>>>,
}

macro_rules! typed {
    ($($(#[$doc:meta])* $method:ident($($arg:ident: $arg_type:ty),*) -> $type:ty, $key:expr, $pattern:pat => $value:expr;)*) => {
        $($(#[$doc])*
        pub fn $method(&self $(, $arg: $arg_type)*) -> Option<$type> {
            match self.get(&$key)? {
                $pattern => Some($value),
                _ => None,
            }
        })*
    };
}

impl Snapshot {
    /// Puts what was read of `key`.
    pub fn insert(&mut self, key: Key, record: Option<Arc<Record>>) {
        self.records.insert(key, record);
    }

    /// Forgets `key`.
    pub fn remove(&mut self, key: &Key) {
        self.records.remove(key);
    }

    /// The entity, when it was read and is there.
    pub fn get(&self, key: &Key) -> Option<&Record> {
        self.records.get(key)?.as_deref()
    }

    /// As the snapshot reads once `puts` are committed.
    pub fn apply<'a>(&mut self, puts: impl IntoIterator<Item = &'a Record>) {
        for record in puts {
            self.insert(record.key(), Some(Arc::new(record.clone())));
        }
    }

    typed! {
        /// The lead.
        lead(id: LeadId) -> &Lead, Key::Lead(id), Record::Lead(lead) => lead;
        /// The lead's personal data.
        person(id: LeadId) -> &Person, Key::Person(id), Record::Person(_, person) => person;
        /// The rep's load.
        load(rep: &RepId) -> &Load, Key::Load(rep.clone()), Record::Load(load) => load;
        /// The rep's claims.
        claims(rep: &RepId) -> &Claims, Key::Claims(rep.clone()), Record::Claims(claims) => claims;
        /// The head of the team's rotation.
        rotation_head(team: &TeamId) -> &Head, Key::RotationHead(team.clone()), Record::RotationHead(head) => head;
        /// The rep's seat in the team's rotation.
        seat(team: &TeamId, rep: &RepId) -> &Seat, Key::Seat(team.clone(), rep.clone()), Record::Seat(seat) => seat;
        /// The rep's calendar.
        calendar(rep: &RepId) -> &Calendar, Key::Calendar(rep.clone()), Record::Calendar(calendar) => calendar;
        /// The active policy's version.
        policy_head() -> &PolicyHead, Key::PolicyHead, Record::PolicyHead(head) => head;
    }
}
