//! What is stored: the entities that snapshots hold and changes put.

use std::collections::HashMap;
use std::sync::Arc;

use crate::account;
use crate::calendar::Calendar;
use crate::change::{Change, Count};
use crate::conduct::Conduct;
use crate::feed::Feed;
use crate::figures::{self, Figure, Week};
use crate::guardrail::ratio;
use crate::guardrail::selection::Selection;
use crate::id::{AccountId, CalendarSource, LeadId, PoolId, RepId, TeamId};
use crate::lead::{Lead, Person};
use crate::likeness::{Likeness, Mark};
use crate::presence::Presence;
use crate::rotation::{Head, Seat};
use crate::rounds::Rounds;
use crate::time::{Millis, Span};

/// Names one entity of a workspace.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Key {
    /// A lead with its state.
    Lead(LeadId),
    /// A lead's personal data.
    Person(LeadId),
    /// How many there are of something.
    Count(Counter),
    /// What only claims change of a rep.
    Claims(RepId),
    /// What is held against a rep, and the rep's tier.
    Conduct(RepId),
    /// How a rep chooses from the pools.
    Selection(RepId),
    /// What of a team's rotation is one for all; written with every change of a seat.
    RotationHead(TeamId),
    /// Where one rep stands in a team's rotation.
    Seat(TeamId, RepId),
    /// A rep's calendar.
    Calendar(RepId),
    /// When a rep was last seen.
    Presence(RepId),
    /// How a calendar stands that is fetched.
    Feed(RepId, CalendarSource),
    /// Changes whenever the calendar of anybody in the team does.
    Calendars(TeamId),
    /// The lead that was last seen with a mark.
    Likeness(Mark),
    /// The accounts that a domain or a name leads to.
    Accounts(account::Likeness),
    /// An account.
    Account(AccountId),
    /// Where the mix of push and pull of a route stands, by the route's name.
    Mix(Arc<str>),
    /// When what comes by the calendar is next due.
    Rounds,
    /// The active policy's version.
    PolicyHead,
    /// One version of the policy.
    PolicyVersion(u64),
}

/// What goes by key. Maps of records are small and short-lived, so their hash is seeded at random, as the standard one is, but
/// need not withstand who studies it: it takes a third of the time.
pub type ByKey<V> = HashMap<Key, V, foldhash::fast::RandomState>;

/// Something that is counted. A count is changed by adding to it, so changes of one count do not make each other stale;
/// a change may still depend on a count not going past a limit.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Counter {
    /// Leads that a rep owns or is asked to accept, and that are not closed.
    Open(RepId),
    /// Leads that a rep owns and has not made contact on.
    Uncontacted(RepId),
    /// Of these, those that the rep claimed.
    Hoarded(RepId),
    /// A sum of what a rep has made of leads in a week.
    Figure(RepId, Week, Figure),
}

impl Counter {
    /// For how long it is kept after it was last added to, when not for good.
    pub fn kept(&self) -> Option<Span> {
        match self {
            Self::Open(_) | Self::Uncontacted(_) | Self::Hoarded(_) => None,
            Self::Figure(..) => Some(figures::KEPT),
        }
    }
}

/// How many leads the mix of a route has decided on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mix {
    /// The route's name.
    pub route: Arc<str>,
    /// How many.
    pub decided: u64,
}

/// What only claims change of a rep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    /// The rep.
    pub rep: RepId,
    /// When the rep claimed, oldest first, as far back as any quota looks.
    pub claimed_at: Vec<Millis>,
    /// What was claimed, as far as the ratios look.
    pub taken: ratio::Taken,
}

/// Which version of the policy is active.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyHead {
    /// 1 for the first.
    pub number: u64,
    /// Every pool that any version up to this one has had: leads may still wait in those that the active one has dropped.
    pub pools: Vec<PoolId>,
    /// Made at random with the first version: keys the marks by which leads are recognised, as bare hashes of e-mail addresses
    /// can be guessed.
    pub secret: [u8; 32],
    /// As of when tiers were first calculated; `None`: they never were, and everybody is in the first.
    pub tiers_since: Option<Millis>,
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
#[allow(clippy::large_enum_variant, reason = "most that are made are leads, and snapshots keep them behind an Arc")]
pub enum Record {
    /// See [`Key::Lead`]. By far the largest: on its own.
    Lead(Box<Lead>),
    /// See [`Key::Person`].
    Person(LeadId, Person),
    /// See [`Key::Count`].
    Count(Counter, u64),
    /// See [`Key::Claims`].
    Claims(Claims),
    /// See [`Key::Conduct`].
    Conduct(Conduct),
    /// See [`Key::Selection`].
    Selection(Selection),
    /// See [`Key::RotationHead`].
    RotationHead(Head),
    /// See [`Key::Seat`].
    Seat(Seat),
    /// See [`Key::Calendar`].
    Calendar(Calendar),
    /// See [`Key::Presence`].
    Presence(Presence),
    /// See [`Key::Feed`].
    Feed(Feed),
    /// See [`Key::Calendars`]; when the last change was made.
    Calendars(TeamId, Millis),
    /// See [`Key::Likeness`].
    Likeness(Likeness),
    /// See [`Key::Accounts`].
    Accounts(account::At),
    /// See [`Key::Account`].
    Account(account::Account),
    /// See [`Key::Mix`].
    Mix(Mix),
    /// See [`Key::Rounds`].
    Rounds(Rounds),
    /// See [`Key::PolicyHead`].
    PolicyHead(PolicyHead),
    /// See [`Key::PolicyVersion`].
    PolicyVersion(PolicyVersion),
}

impl From<Lead> for Record {
    fn from(lead: Lead) -> Self {
        Self::Lead(Box::new(lead))
    }
}

impl Record {
    /// The entity's name.
    pub fn key(&self) -> Key {
        match self {
            Self::Lead(lead) => Key::Lead(lead.id),
            Self::Person(lead, _) => Key::Person(*lead),
            Self::Count(counter, _) => Key::Count(counter.clone()),
            Self::Claims(claims) => Key::Claims(claims.rep.clone()),
            Self::Conduct(conduct) => Key::Conduct(conduct.rep.clone()),
            Self::Selection(selection) => Key::Selection(selection.rep.clone()),
            Self::RotationHead(head) => Key::RotationHead(head.team.clone()),
            Self::Seat(seat) => Key::Seat(seat.team.clone(), seat.rep.clone()),
            Self::Calendar(calendar) => Key::Calendar(calendar.rep.clone()),
            Self::Presence(presence) => Key::Presence(presence.rep.clone()),
            Self::Feed(feed) => Key::Feed(feed.rep.clone(), feed.source.clone()),
            Self::Calendars(team, _) => Key::Calendars(team.clone()),
            Self::Likeness(likeness) => Key::Likeness(likeness.mark),
            Self::Accounts(at) => Key::Accounts(at.likeness.clone()),
            Self::Account(account) => Key::Account(account.id.clone()),
            Self::Mix(mix) => Key::Mix(mix.route.clone()),
            Self::Rounds(_) => Key::Rounds,
            Self::PolicyHead(_) => Key::PolicyHead,
            Self::PolicyVersion(version) => Key::PolicyVersion(version.number),
        }
    }

    /// For how long it is kept, when not for good.
    pub fn kept(&self) -> Option<Span> {
        match self {
            Self::Likeness(likeness) => Some(likeness.kept),
            Self::Accounts(at) if at.entries.is_empty() => Some(account::EMPTY_KEPT),
            _ => None,
        }
    }
}

/// The entities an operation concerns, as they were read. What was read and not there is `None`; what was not read reads as
/// not there too, which the commit then refutes; [`Snapshot::knows`] tells the two apart.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    records: ByKey<Option<Arc<Record>>>,
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

    /// The entity, to be put into another snapshot.
    pub fn record(&self, key: &Key) -> Option<Arc<Record>> {
        self.records.get(key)?.clone()
    }

    /// Takes in what another one knows.
    pub fn merge(&mut self, other: Self) {
        self.records.extend(other.records);
    }

    /// Puts an entity.
    pub fn put(&mut self, record: Record) {
        self.insert(record.key(), Some(Arc::new(record)));
    }

    /// Forgets `key`.
    pub fn remove(&mut self, key: &Key) {
        self.records.remove(key);
    }

    /// Whether `key` was read, there or not.
    pub fn knows(&self, key: &Key) -> bool {
        self.records.contains_key(key)
    }

    /// How many there are, as of the reading.
    pub fn count(&self, counter: &Counter) -> u64 {
        match self.get(&Key::Count(counter.clone())) {
            Some(Record::Count(_, count)) => *count,
            _ => 0,
        }
    }

    /// The entity, when it was read and is there.
    pub fn get(&self, key: &Key) -> Option<&Record> {
        self.records.get(key)?.as_deref()
    }

    /// As the snapshot reads once the change is committed.
    pub fn apply(&mut self, change: &Change) {
        for record in &change.puts {
            self.put(record.clone());
        }
        for Count { counter, delta, .. } in &change.counts {
            let count = self.count(counter).saturating_add_signed(*delta);
            self.put(Record::Count(counter.clone(), count));
        }
    }

    typed! {
        /// The lead.
        lead(id: LeadId) -> &Lead, Key::Lead(id), Record::Lead(lead) => lead;
        /// The lead's personal data.
        person(id: LeadId) -> &Person, Key::Person(id), Record::Person(_, person) => person;
        /// The rep's claims.
        claims(rep: &RepId) -> &Claims, Key::Claims(rep.clone()), Record::Claims(claims) => claims;
        /// What is held against the rep.
        conduct(rep: &RepId) -> &Conduct, Key::Conduct(rep.clone()), Record::Conduct(conduct) => conduct;
        /// How the rep chooses from the pools.
        selection(rep: &RepId) -> &Selection, Key::Selection(rep.clone()), Record::Selection(selection) => selection;
        /// The head of the team's rotation.
        rotation_head(team: &TeamId) -> &Head, Key::RotationHead(team.clone()), Record::RotationHead(head) => head;
        /// The rep's seat in the team's rotation.
        seat(team: &TeamId, rep: &RepId) -> &Seat, Key::Seat(team.clone(), rep.clone()), Record::Seat(seat) => seat;
        /// The rep's calendar.
        calendar(rep: &RepId) -> &Calendar, Key::Calendar(rep.clone()), Record::Calendar(calendar) => calendar;
        /// The lead that was last seen with a mark.
        likeness(mark: Mark) -> &Likeness, Key::Likeness(mark), Record::Likeness(likeness) => likeness;
        /// The accounts that a domain or a name leads to.
        accounts(likeness: &account::Likeness) -> &account::At, Key::Accounts(likeness.clone()), Record::Accounts(at) => at;
        /// The account.
        account(id: &AccountId) -> &account::Account, Key::Account(id.clone()), Record::Account(account) => account;
        /// Where the mix of a route stands.
        mix(route: &Arc<str>) -> &Mix, Key::Mix(route.clone()), Record::Mix(mix) => mix;
        /// When what comes by the calendar is next due.
        rounds() -> &Rounds, Key::Rounds, Record::Rounds(rounds) => rounds;
        /// When the rep was last seen.
        presence(rep: &RepId) -> &Presence, Key::Presence(rep.clone()), Record::Presence(presence) => presence;
        /// How a calendar stands that is fetched.
        feed(rep: &RepId, source: &CalendarSource) -> &Feed, Key::Feed(rep.clone(), source.clone()),
            Record::Feed(feed) => feed;
        /// A version of the policy.
        policy_version(number: u64) -> &PolicyVersion, Key::PolicyVersion(number),
            Record::PolicyVersion(version) => version;
        /// The active policy's version.
        policy_head() -> &PolicyHead, Key::PolicyHead, Record::PolicyHead(head) => head;
    }
}
