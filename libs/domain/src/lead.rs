//! A lead as Leadhand keeps it: normalised, split into what decisions look at and what is personal.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use crate::company::domain::Registrable;
use crate::guardrail::unclaimed::Since;
use crate::id::{AccountId, Fence, LeadId, PoolId, RepId, Source, TeamId};
use crate::refusal::{Reason, Refusal};
use crate::time::Millis;

#[cfg(test)]
pub(crate) mod fixture;
mod temperature;

pub use temperature::Temperature;

/// How far marketing has qualified a lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Stage {
    /// Not known.
    #[default]
    Unknown,
    /// The company fits the ideal customer profile.
    Icp,
    /// Qualified by marketing.
    Mql,
    /// Qualified by sales.
    Sql,
}

/// The prospect's company. Empty texts are unknown.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Company {
    /// The name as people write it.
    pub name: String,
    /// The host name of its site or mail, in ASCII (punycode), lower case, without `www.`; never one where anyone can have
    /// mail.
    pub domain: String,
    /// How many people work there.
    pub employees: Option<u32>,
    /// The industry, a code or a text.
    pub industry: String,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// ISO 3166-2.
    pub region: String,
    /// The city.
    pub city: String,
}

impl Company {
    /// The registrable part of its domain, by which accounts are matched.
    pub fn registrable(&self) -> Option<Registrable> {
        Registrable::of(&self.domain)
    }
}

/// How far the prospect is known to be able to buy. Empty texts are unknown.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Qualification {
    /// What there is to spend.
    pub budget: String,
    /// By when.
    pub timeline: String,
    /// Who decides.
    pub authority: String,
}

/// The longest text of a [`Qualification`], in characters.
pub const MAX_QUALIFICATION: usize = 100;

/// What decisions look at: everything about a lead but where it is and who the person is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The prospect's company.
    pub company: Company,
    /// Where the lead comes from.
    pub source: Source,
    /// How far it is qualified.
    pub stage: Stage,
    /// How promising it is, 0 to 100.
    pub score: Option<u8>,
    /// The scoring system's own grade.
    pub grade: String,
    /// What the prospect asked about.
    pub product_interest: String,
    /// Budget, timeline and authority.
    pub qualification: Qualification,
    /// When the prospect raised a hand.
    pub captured_at: Millis,
}

/// A lead's personal data, kept apart so that it can be erased.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Person {
    /// The contact's name.
    pub name: String,
    /// The contact's title.
    pub title: String,
    /// The e-mail address, lower case.
    pub email: String,
    /// The phone number in E.164.
    pub phone: String,
    /// Free text from the form or the caller.
    pub notes: String,
    /// Whatever else the platform knows.
    pub attributes: BTreeMap<String, String>,
    /// What the prospect did. It tells of the person, and no decision looks at it.
    pub engagement: Engagement,
    /// What the prospect answered on the form, by question.
    pub form_responses: BTreeMap<String, String>,
    /// What managers wrote when they gave the lead to somebody, by the fence from then on; the latest [`MAX_NOTES`].
    pub act_notes: BTreeMap<Fence, String>,
}

/// What a prospect did, as the platforms count it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Engagement {
    /// How many of our mails were opened.
    pub opens: Option<u32>,
    /// How often our pages were visited.
    pub visits: Option<u32>,
    /// Whatever else is counted, by name.
    pub counters: BTreeMap<String, u32>,
}

/// The most counters that a lead's engagement has.
pub const MAX_COUNTERS: usize = 20;

/// The most form responses that a lead has.
pub const MAX_RESPONSES: usize = 50;

/// The most notes of managers that are kept with a lead.
pub const MAX_NOTES: usize = 20;

/// Where a lead is. An accepted lead is in exactly one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A rep is asked to accept it.
    Offered {
        /// Who is asked.
        to: RepId,
        /// How it came to the rep.
        via: Via,
        /// Until when the rep may accept; at this moment the offer has lapsed.
        expires: Millis,
        /// Whether the rep may decline.
        refusable: bool,
    },
    /// A rep owns it.
    Assigned {
        /// The owner.
        owner: RepId,
        /// Where it came from.
        via: Via,
        /// When the owner is reminded, if there was no contact until then.
        remind_at: Millis,
        /// Until when the owner must have made contact.
        contact_due: Millis,
        /// When the owner made the first contact.
        contacted_at: Option<Millis>,
    },
    /// It is in a pool and nobody owns it.
    Pooled {
        /// The pool.
        pool: PoolId,
    },
    /// Nobody could take it: it waits in the holding pool until somebody can.
    Held,
    /// It is no longer worked.
    Closed {
        /// Who owned it last.
        owner: RepId,
        /// How it ended.
        outcome: Outcome,
    },
}

/// How a lead ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It became a customer.
    Won {
        /// For how much, in the workspace's currency.
        amount: u64,
    },
    /// It went elsewhere.
    Lost,
    /// It was never one to be won.
    Disqualified,
    /// It is another lead once more.
    Duplicate,
}

/// How an owner got a lead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Via {
    /// Pushed by a team's rotation.
    Rotation(TeamId),
    /// Claimed from a pool.
    Claim(PoolId),
    /// Pushed to the owner of the account that the company is.
    Account(AccountId),
    /// Pushed to a rep whom the policy names.
    Named,
    /// Escalated to a manager.
    Escalation,
    /// Given by this manager.
    Manual(RepId),
}

/// The turn of a rotation that a lead counts as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// The team whose rotation counts it.
    pub team: TeamId,
    /// Whose turn it is.
    pub rep: RepId,
    /// The score that was counted.
    pub score: Option<u8>,
    /// It was credited back, and counts no more.
    pub credited: bool,
}

/// Who gave a lead back, lost it or missed its contact, and so cannot claim it again for a while: C14.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Barred {
    /// Who.
    pub rep: RepId,
    /// When that was.
    pub since: Millis,
}

/// How many of them a lead remembers, the latest.
pub const MAX_BARRED: usize = 20;

/// A rep looks at a pooled lead's detail, and nobody else can look at it or take it meanwhile: C2.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// Who.
    pub rep: RepId,
    /// Until when; at this moment the lead is free again.
    pub until: Millis,
}

/// A lead is a rep's at first, and goes into a pool when the rep does nothing about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pushed {
    /// The pool.
    pub pool: PoolId,
    /// From when its escalation counts: when it was given to the rep, or so much later as the rep's time began later or stood still.
    pub at: Millis,
}

/// The most free attributes that a lead has.
pub const MAX_ATTRIBUTES: usize = 50;

/// How many reps a lead remembers to leave out when it is routed again.
pub const MAX_LEFT_OUT: usize = 5;

/// A lead with its state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lead {
    /// The id.
    pub id: LeadId,
    /// What decisions look at.
    pub facts: Facts,
    /// Where it is.
    pub place: Place,
    /// Grows by one with each change of owner; 0 while nobody has owned it.
    pub fence: Fence,
    /// When it was accepted.
    pub routed_at: Millis,
    /// When it came to its place.
    pub placed_at: Millis,
    /// Who owned it or declined it and is left out when it is routed again, latest last; at most [`MAX_LEFT_OUT`].
    pub left_out: Vec<RepId>,
    /// How often it was routed again because its owner did not work it.
    pub reroutes: u32,
    /// Who cannot claim it for now, each rep once, latest last; at most [`MAX_BARRED`].
    pub barred: Vec<Barred>,
    /// Until when the owner must have done something about it, else it is taken away: a claim by C4, one that was pushed first by
    /// C11. `None` when nothing is asked, or something was done.
    pub act_by: Option<Millis>,
    /// That it was pushed first, while it is still that owner's or in the pool that it came to from there.
    pub pushed: Option<Box<Pushed>>,
    /// Who looks at its detail, while it is in a pool; it may be over ([`Lead::held_at`]).
    pub hold: Option<Box<Hold>>,
    /// When an owner first told that it has become an opportunity.
    pub opportunity_at: Option<Millis>,
    /// While it is held, whom it waits for: the same for all leads that one policy version has led to the same reps and teams,
    /// so that one of them which still finds nobody tells of the others ([`crate::route::Nobody`]).
    pub waits_for: Option<NonZeroU32>,
    /// The turn that it counts as of who has it, or had it last; `None` when no rotation counts it.
    pub turn: Option<Box<Turn>>,
    /// What was done about it, wherever it is.
    pub acts: Acts,
    /// The position of the event with the decision that put it there; filled in by the commit.
    pub position: String,
}

/// What was done about a lead, wherever it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Acts {
    /// When an owner last recorded an activity, the present one or one before.
    pub last_activity_at: Option<Millis>,
    /// When its personal data was deleted.
    pub erased_at: Option<Millis>,
}

impl Lead {
    /// One that has just come in and has no place yet.
    pub fn arrived(id: LeadId, facts: Facts, at: Millis) -> Self {
        Self {
            id,
            facts,
            place: Place::Held,
            fence: Fence::default(),
            routed_at: at,
            placed_at: at,
            left_out: Vec::new(),
            reroutes: 0,
            barred: Vec::new(),
            opportunity_at: None,
            acts: Acts::default(),
            act_by: None,
            pushed: None,
            hold: None,
            waits_for: None,
            turn: None,
            position: String::new(),
        }
    }

    /// Remembers that `rep` lost it or gave it back.
    pub fn bar(&mut self, rep: &RepId, since: Millis) {
        self.barred.retain(|barred| barred.rep != *rep);
        self.barred.push(Barred { rep: rep.clone(), since });
        let surplus = self.barred.len().saturating_sub(MAX_BARRED);
        self.barred.drain(..surplus);
    }

    /// The hold on it at `now`: at its end it is over, and a lead that is in no pool has none.
    pub fn held_at(&self, now: Millis) -> Option<&Hold> {
        let pooled = matches!(self.place, Place::Pooled { .. });
        self.hold.as_deref().filter(|hold| pooled && now < hold.until)
    }

    /// Who has it: its owner, or who is asked to accept it.
    pub fn holder(&self) -> Option<&RepId> {
        match &self.place {
            Place::Assigned { owner: rep, .. } | Place::Offered { to: rep, .. } => Some(rep),
            _ => None,
        }
    }

    /// From when it has been unclaimed, while it is in a pool.
    pub fn unclaimed(&self) -> Since {
        Since { pooled: self.placed_at, pushed: self.pushed.as_ref().map_or(self.placed_at, |pushed| pushed.at) }
    }

    /// Refuses whoever quotes another fence than the lead's.
    pub fn require_fence(&self, fence: Fence) -> Result<(), Refusal> {
        if self.fence == fence {
            return Ok(());
        }
        let message = format!("the lead is at fence {}, not {}", self.fence.0, fence.0);
        Err(Refusal::of(Reason::FenceStale, message))
    }

    /// The pool it is in.
    pub fn pool(&self) -> Option<&PoolId> {
        match &self.place {
            Place::Pooled { pool } => Some(pool),
            _ => None,
        }
    }

    /// The owner, when it has one.
    pub fn owner(&self) -> Option<&RepId> {
        match &self.place {
            Place::Assigned { owner, .. } => Some(owner),
            _ => None,
        }
    }
}
