//! Whom a lead goes to, one after another until somebody takes it: the routes that match, in the routing order, each with
//! what it says for when nobody is there; then the fallback chain.
//!
//! The order is account owner, named account, territory, specialisation, routes, default. Only what is asked for is worked
//! out: most leads go to the first.

use std::collections::{BTreeSet, VecDeque};

use super::{
    ACCOUNT_OWNER, Action, DEFAULT_ROUTE, FALLBACK, NAMED_ACCOUNT, Offer, Otherwise, PUSH_FIRST, Places, Policy, Push,
    PushFirst, Route, Target, UNCLAIMED,
};
use crate::account::{self, Entry, Kind};
use crate::event::AccountTrace;
use crate::expression;
use crate::geography::Place;
use crate::guardrail::settings::Unclaimed;
use crate::guardrail::unclaimed::Stage;
use crate::id::{AccountId, PoolId, RepId};
use crate::territory::PatternId;
use crate::time::Millis;

/// One try to place a lead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt<'a> {
    /// The route that says so.
    pub route: &'a str,
    /// Who or where.
    pub who: Who<'a>,
    /// Whether the rep must accept first.
    pub offer: Option<Offer>,
    /// Whether only a part is pushed.
    pub push: Option<&'a Push>,
    /// Where it goes when the rep does nothing about it.
    pub push_first: Option<&'a PushFirst>,
    /// Whether it counts as a turn of the rep in the rotation of their first team.
    pub counts: bool,
}

/// Who is asked, or where a lead goes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Who<'a> {
    /// One rep, the owner of an account when one is named.
    Rep(RepId, Option<AccountId>),
    /// A rep who has left: nobody, but it is told.
    Gone(RepId),
    /// Somebody of the team at this place in the policy.
    Team(usize),
    /// A pool takes whatever comes.
    Pool(&'a PoolId),
    /// A manager.
    Manager(RepId),
    /// The holding pool, the end of every chain.
    Hold,
}

/// Goes through the tries for one lead.
#[derive(Debug)]
pub struct Attempts<'a> {
    policy: &'a Policy,
    lead: expression::Lead<'a>,
    now: Millis,
    /// The industries of the policy that the lead is of; `None` when its industry is not known.
    industries: Option<Vec<PatternId>>,
    missing: BTreeSet<String>,
    customer: Option<(&'a Entry, AccountTrace)>,
    named: Option<(&'a Entry, AccountTrace)>,
    step: Step,
    ready: VecDeque<Attempt<'a>>,
    /// The team last tried: its backups and its manager come in the fallback chain.
    team: Option<usize>,
}

#[derive(Debug, Clone, Copy)]
enum Step {
    AccountOwner,
    NamedAccount,
    Territory,
    Specialisation,
    Route(usize),
    Default,
    Fallback,
    End,
}

impl<'a> Attempts<'a> {
    /// The tries for a lead whose company was found to be one of `accounts`.
    pub fn new(policy: &'a Policy, lead: expression::Lead<'a>, accounts: &[&'a Entry], now: Millis) -> Self {
        let find = |kind| account::choose(accounts.iter().copied(), kind);
        Self {
            policy,
            lead,
            now,
            industries: None,
            missing: BTreeSet::new(),
            customer: find(Kind::Customer),
            named: find(Kind::Named),
            step: Step::AccountOwner,
            ready: VecDeque::new(),
            team: None,
        }
    }

    /// The tries for a lead that only a manager may take any more: that of its last owner. Where there is none, the tries are
    /// those of any lead.
    pub fn escalated(
        policy: &'a Policy,
        lead: expression::Lead<'a>,
        accounts: &[&'a Entry],
        owner: Option<&RepId>,
        now: Millis,
    ) -> Self {
        let mut attempts = Self { step: Step::End, ..Self::new(policy, lead, &[], now) };
        attempts.team = owner.and_then(|owner| policy.rep(owner)?.teams.first().copied());
        attempts.manager(FALLBACK, owner);
        if attempts.ready.is_empty() {
            return Self::new(policy, lead, accounts, now);
        }
        attempts.add(FALLBACK, Who::Hold, None, None);
        attempts
    }

    /// The tries for a pooled lead that nobody has claimed and that has come to this stage: whom the pool names, and nobody else.
    pub fn unclaimed(
        policy: &'a Policy,
        lead: expression::Lead<'a>,
        stage: Stage,
        unclaimed: Option<&'a Unclaimed>,
        last: Option<&RepId>,
        now: Millis,
    ) -> Self {
        let mut attempts = Self { step: Step::End, ..Self::new(policy, lead, &[], now) };
        match (stage, unclaimed) {
            (Stage::Recycle, Some(Unclaimed { recycle: Some((_, pool)), .. })) => {
                attempts.add(UNCLAIMED, Who::Pool(pool), None, None);
            }
            (Stage::Assign, Some(Unclaimed { assign: Some((_, team)), .. })) => {
                attempts.add(UNCLAIMED, Who::Team(*team), None, None);
            }
            (Stage::Escalate, Some(Unclaimed { escalate_after: Some(_), assign, .. })) => {
                attempts.team = assign.map(|(_, team)| team);
                attempts.manager(UNCLAIMED, last);
            }
            _ => {}
        }
        attempts
    }

    /// The try for a lead that was pushed first and that its rep did nothing about.
    pub fn unworked(policy: &'a Policy, lead: expression::Lead<'a>, pool: &'a PoolId, now: Millis) -> Self {
        let mut attempts = Self { step: Step::End, ..Self::new(policy, lead, &[], now) };
        attempts.add(PUSH_FIRST, Who::Pool(pool), None, None);
        attempts
    }

    /// The account that the lead's company is, if it is one: a customer before a target company.
    pub fn account(&self) -> Option<&AccountTrace> {
        self.customer.as_ref().or(self.named.as_ref()).map(|(_, trace)| trace)
    }

    fn strategic(&self) -> bool {
        [&self.customer, &self.named].into_iter().flatten().any(|(entry, _)| entry.strategic)
    }

    fn add(&mut self, route: &'a str, who: Who<'a>, offer: Option<Offer>, push: Option<&'a Push>) {
        self.ready.push_back(Attempt { route, who, offer, push, push_first: None, counts: false });
    }

    /// Makes the next step's tries ready; `false` when there is no step left.
    fn advance(&mut self) -> bool {
        let policy = self.policy;
        match self.step {
            Step::AccountOwner => {
                self.step = Step::NamedAccount;
                if let Some((entry, _)) = self.customer.clone() {
                    self.act(ACCOUNT_OWNER, &policy.account_owner, Some(entry));
                }
            }
            Step::NamedAccount => {
                self.step = Step::Territory;
                if let Some((entry, _)) = self.named.clone() {
                    self.act(NAMED_ACCOUNT, &policy.named_account, Some(entry));
                }
            }
            Step::Territory => {
                self.step = Step::Specialisation;
                self.place(&policy.areas.territories);
            }
            Step::Specialisation => {
                self.step = Step::Route(0);
                self.place(&policy.areas.specialisations);
            }
            Step::Route(from) => {
                let strategic = self.strategic();
                let (lead, now, missing) = (&self.lead, self.now, &mut self.missing);
                let matches = |route: &Route| route.matches(lead, strategic, now, missing);
                let found = policy.routes[from..].iter().position(matches);
                match found.map(|place| from + place) {
                    None => self.step = Step::Default,
                    Some(place) => {
                        self.step = Step::Route(place + 1);
                        self.act(&policy.routes[place].name, &policy.routes[place].action, None);
                    }
                }
            }
            Step::Default => {
                self.step = Step::Fallback;
                self.act(DEFAULT_ROUTE, &policy.default, None);
            }
            Step::Fallback => {
                self.step = Step::End;
                self.fallback();
            }
            Step::End => return false,
        }
        true
    }

    /// The most specific of rules over place, industry and size.
    fn place(&mut self, places: &'a Places) {
        if places.actions.is_empty() {
            return;
        }
        let company = &self.lead.facts.company;
        if self.industries.is_none() {
            self.industries = self.policy.areas.industries(company);
        }
        let outcome = places.index.find(&Place::of(company), self.industries.as_deref(), company.employees);
        self.missing.extend(outcome.missing.iter().map(|attribute| format!("company.{attribute}").replace(' ', "_")));
        if let Some((name, action)) = outcome.found.and_then(|found| places.actions.get(&found.territory)) {
            self.act(name, action, None);
        }
    }

    /// Fields that a step so far asked for and that are not known.
    pub fn missing(&self) -> impl Iterator<Item = &String> {
        self.missing.iter()
    }

    fn act(&mut self, route: &'a str, action: &'a Action, owner: Option<&Entry>) {
        let first = self.ready.len();
        self.target(route, &action.target, owner, action.offer, action.push.as_ref());
        for attempt in self.ready.iter_mut().skip(first) {
            attempt.counts = action.counts && matches!(attempt.who, Who::Rep(..));
        }
        match &action.otherwise {
            Otherwise::Next => {}
            Otherwise::To(target) => {
                // What an action names for when nobody is there ends the routes; the fallback chain still follows.
                self.step = Step::Fallback;
                self.target(route, target, owner, action.offer, None);
            }
        }
        for attempt in self.ready.iter_mut().skip(first) {
            if matches!(attempt.who, Who::Rep(..) | Who::Team(_)) {
                attempt.push_first = action.push_first.as_ref();
            }
        }
    }

    fn target(
        &mut self,
        route: &'a str,
        target: &'a Target,
        owner: Option<&Entry>,
        offer: Option<Offer>,
        push: Option<&'a Push>,
    ) {
        match target {
            Target::Owner => {
                if let Some(entry) = owner {
                    self.rep(route, &entry.owner, Some(entry.account.clone()), offer, push);
                }
            }
            Target::Rep(rep) => self.rep(route, rep, None, offer, push),
            Target::Team(team) => {
                self.team = Some(*team);
                self.add(route, Who::Team(*team), offer, push);
            }
            Target::Pool(pool) => self.add(route, Who::Pool(pool), None, None),
            Target::Manager => self.manager(route, owner.map(|entry| &entry.owner)),
        }
    }

    /// A rep, or the manager of one who has left.
    fn rep(
        &mut self,
        route: &'a str,
        rep: &RepId,
        account: Option<AccountId>,
        offer: Option<Offer>,
        push: Option<&'a Push>,
    ) {
        if self.policy.has_rep(rep) {
            return self.add(route, Who::Rep(rep.clone(), account), offer, push);
        }
        self.add(route, Who::Gone(rep.clone()), None, None);
        self.manager(route, Some(rep));
    }

    fn manager(&mut self, route: &'a str, of: Option<&RepId>) {
        if let Some(manager) = self.policy.manager_of(of, self.team)
            && self.policy.has_rep(manager)
        {
            self.add(route, Who::Manager(manager.clone()), None, None);
        }
    }

    /// Backup, manager, holding pool.
    fn fallback(&mut self) {
        let policy = self.policy;
        // The document has no cycle of backups.
        let mut backup = self.team.and_then(|team| policy.teams.get(team)?.backup);
        while let Some(team) = backup {
            self.add(FALLBACK, Who::Team(team), None, None);
            backup = policy.teams.get(team).and_then(|team| team.backup);
        }
        if let Some(target) = &policy.backup {
            let team = self.team;
            self.target(FALLBACK, target, None, None, None);
            self.team = team.or(self.team);
        }
        self.manager(FALLBACK, None);
        self.add(FALLBACK, Who::Hold, None, None);
    }
}

impl<'a> Iterator for Attempts<'a> {
    type Item = Attempt<'a>;

    fn next(&mut self) -> Option<Attempt<'a>> {
        loop {
            if let Some(attempt) = self.ready.pop_front() {
                return Some(attempt);
            }
            if !self.advance() {
                return None;
            }
        }
    }
}
