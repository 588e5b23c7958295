//! A month, one thing after another.

use std::collections::BTreeMap;
use std::sync::Arc;

use leadhand_domain::activity;
use leadhand_domain::answer::Answer;
use leadhand_domain::claim;
use leadhand_domain::contact;
use leadhand_domain::event::Kind;
use leadhand_domain::event::act::ActivityKind;
use leadhand_domain::id::{Fence, LeadId, PoolId, RepId};
use leadhand_domain::lead::Outcome;
use leadhand_domain::outcome::{self, Step};
use leadhand_domain::policy::Policy;
use leadhand_domain::refusal::{Failure, Reason};
use leadhand_domain::time::{Millis, Span};
use leadhand_domain::{skip, view};
use leadhand_tests::model::{Asked, Thoroughness, World};
use leadhand_tests::ready::Dice;

use crate::leads::{Arrival, DAYS, MIDNIGHT};
use crate::modes::{MANAGER, Mode, REPS, rep};
use crate::report::{Refused, Report};
use crate::reps::Temper;

/// How often workers look for deadlines.
pub(crate) const TICK: Span = Span(1_000);

/// How many leads a rep looks at.
const PAGE: usize = 50;

/// The reasons by which a claim is refused for what the rep owes.
const OWED: [Reason; 3] = [Reason::WarmOwed, Reason::LeftoverOwed, Reason::LowScoreOwed];

/// What somebody is about to do.
#[derive(Debug, Clone)]
enum Todo {
    /// A lead comes in.
    Arrive(usize),
    /// A rep looks at the pools.
    Look(usize),
    /// A rep has looked at a lead for long enough.
    Choose(usize, LeadId),
    /// A rep makes contact.
    Contact(usize, LeadId, Fence),
    /// A rep says what came of a lead.
    End(usize, LeadId, Fence),
}

struct Month<'a> {
    mode: Mode,
    world: World,
    dice: Dice,
    leads: &'a [Arrival],
    reps: Vec<(RepId, Temper)>,
    places: BTreeMap<RepId, usize>,
    todo: BTreeMap<(Millis, u64), Todo>,
    planned: u64,
    calls: u64,
    /// How many events were looked at.
    seen: usize,
    refused: Refused,
}

/// Lets a month pass, and a while for what is under way; what came of it.
///
/// # Panics
/// When something does not hold.
pub(crate) fn run(mode: Mode, leads: &[Arrival]) -> Report {
    let document = mode.document();
    let mut policy = Policy::parse(&document).unwrap_or_else(|faults| panic!("{faults:?}\n{document}"));
    policy.version = 1;
    let mut world = World::new(Arc::new(policy), &document, "test", MIDNIGHT);
    world.thoroughness = Thoroughness::Enough;
    let id = |name: &str| RepId::parse(name).expect("a rep");
    let mut reps: Vec<_> = (0..REPS).map(|n| (id(&rep(n)), Temper::of(n))).collect();
    reps.push((id(MANAGER), Temper::Manager));
    let places = reps.iter().enumerate().map(|(place, (rep, _))| (rep.clone(), place)).collect();
    let mut month = Month {
        mode,
        world,
        dice: Dice::new(7),
        leads,
        reps,
        places,
        todo: BTreeMap::new(),
        planned: 0,
        calls: 0,
        seen: 0,
        refused: Refused::default(),
    };
    let end = Millis(MIDNIGHT.0 + Span::days(DAYS as i64).0);
    month.plan(leads[0].at, Todo::Arrive(0));
    for n in 0..REPS {
        month.look_again(n, MIDNIGHT);
    }
    while let Some(((at, _), todo)) = month.todo.pop_first() {
        if at > end {
            break;
        }
        month.world.pass(MIDNIGHT, at, TICK);
        month.follow();
        month.act(todo, at);
        month.follow();
    }
    month.world.pass(MIDNIGHT, end, TICK);
    month.world.carry_out(end);
    Report::of(month.mode, &month.world, month.refused, leads, end)
}

impl Month<'_> {
    fn plan(&mut self, at: Millis, todo: Todo) {
        self.planned += 1;
        self.todo.insert((at, self.planned), todo);
    }

    /// A call's request id.
    fn asked(&mut self, method: &'static str, rep: &RepId) -> Asked {
        self.calls += 1;
        Asked::new(method, rep, &self.calls.to_string())
    }

    /// Whoever gets a lead will make contact, or forget it.
    fn follow(&mut self) {
        for place in self.seen..self.world.events.len() {
            let event = &self.world.events[place];
            let at = event.at;
            let (Kind::LeadAssigned { lead, rep, fence, .. } | Kind::LeadClaimed { lead, rep, fence, .. }) =
                &event.kind
            else {
                continue;
            };
            let (lead, fence, n) = (*lead, *fence, self.places[rep]);
            let temper = self.reps[n].1;
            if let Some(after) = temper.contacts_after(&mut self.dice) {
                let at = temper.works_from(temper.works_from(at).after(after));
                self.plan(at, Todo::Contact(n, lead, fence));
            }
        }
        self.seen = self.world.events.len();
    }

    fn look_again(&mut self, n: usize, now: Millis) {
        let temper = self.reps[n].1;
        let after = temper.looks_after(&mut self.dice);
        self.plan(temper.works_from(now.after(after)), Todo::Look(n));
    }

    fn act(&mut self, todo: Todo, now: Millis) {
        match todo {
            Todo::Arrive(n) => {
                let Arrival { id, facts, person, .. } = &self.leads[n];
                let asked = Asked { method: "RouteLead", caller: String::new(), id: n.to_string() };
                let routed = self.world.route(asked, *id, facts.clone(), person.clone(), now);
                routed.expect("every lead has a place");
                if let Some(next) = self.leads.get(n + 1) {
                    self.plan(next.at, Todo::Arrive(n + 1));
                }
            }
            Todo::Look(n) => {
                self.look(n, now);
                self.look_again(n, now);
            }
            Todo::Choose(n, lead) => self.choose(n, lead, now),
            Todo::Contact(n, lead, fence) => self.contact(n, lead, fence, now),
            Todo::End(n, lead, fence) => {
                let rep = self.reps[n].0.clone();
                let outcome =
                    self.dice.of(&[Outcome::Won { amount: 100 }, Outcome::Lost, Outcome::Lost, Outcome::Disqualified]);
                let command = outcome::Command { rep: rep.clone(), lead, fence, step: Step::End(outcome) };
                let asked = self.asked("RecordOutcome", &rep);
                let ended = self.world.outcome(asked, &command, now);
                // Whoever made contact too late may have lost it.
                assert!(ended.is_ok() || self.refused.note(ended.err()), "{command:?}");
            }
        }
    }

    /// A rep looks at the pools and opens a detail, or takes what is next.
    fn look(&mut self, n: usize, now: Millis) {
        let (rep, temper) = self.reps[n].clone();
        let pool = if self.dice.below(3) == 0 { "cherry" } else { "open" };
        let pool = PoolId::parse(pool).expect("a pool");
        if temper == Temper::Steady && self.dice.below(3) == 0 {
            let command = claim::Next { rep: rep.clone(), pool: None };
            let asked = self.asked("ClaimNext", &rep);
            let claimed = self.world.next(asked, &command, now);
            return self.claimed(n, claimed.err(), now);
        }
        let listed = self.world.list(&rep, &pool, PAGE, now).expect("a list");
        let free: Vec<_> = listed.into_iter().filter(|(_, held)| held.is_none()).map(|(lead, _)| lead).collect();
        let score = |lead: &LeadId| self.world.lead(*lead).and_then(|lead| lead.facts.score).unwrap_or_default();
        let best = match temper {
            Temper::Greedy => free.iter().copied().max_by_key(score),
            _ => free.first().copied(),
        };
        // What is owed comes first, for who reads why the last claim was refused.
        let owed = free.get(self.dice.below(free.len().max(1))).copied();
        let Some(lead) = (if self.dice.below(3) == 0 { owed } else { best }) else { return };
        let asked = self.asked("ViewLead", &rep);
        match self.world.view(asked, &view::Command { rep, lead }, now) {
            Ok(_) => {
                let after = temper.thinks_for(&mut self.dice);
                self.plan(now.after(after), Todo::Choose(n, lead));
            }
            Err(failure) => {
                self.refused.note(Some(failure));
            }
        }
    }

    /// A rep takes the lead, or does not want it.
    fn choose(&mut self, n: usize, lead: LeadId, now: Millis) {
        let (rep, temper) = self.reps[n].clone();
        let cold = self.world.lead(lead).is_some_and(|lead| lead.facts.score.unwrap_or_default() < 50);
        if temper == Temper::Greedy && cold && self.dice.below(2) == 0 {
            let command = skip::Command { rep: rep.clone(), lead, reason: skip::Reason::PoorFit };
            let asked = self.asked("SkipLead", &rep);
            self.refused.note(self.world.skip(asked, &command, now).err());
            return;
        }
        let asked = self.asked("ClaimLead", &rep);
        let claimed = self.world.claim(asked, &claim::Command { rep, lead }, now);
        self.claimed(n, claimed.err(), now);
    }

    /// What a claim came to. Who is refused for what is owed can pay it at once, and so is not locked out.
    fn claimed(&mut self, n: usize, failure: Option<Failure>, now: Millis) {
        if let Some(Failure::Refused(refusal)) = &failure
            && refusal.broken.iter().all(|broken| OWED.contains(&broken.reason))
        {
            let command = claim::Next { rep: self.reps[n].0.clone(), pool: None };
            let foreseen = self.world.foresee(&command, now);
            assert!(foreseen.is_ok(), "{:?}: {refusal:?}, and next {foreseen:?}", command.rep);
            self.refused.owed += 1;
            // They pay.
            let asked = self.asked("ClaimNext", &command.rep);
            self.world.next(asked, &command, now).expect("as foreseen");
        }
        self.refused.note(failure);
    }

    fn contact(&mut self, n: usize, lead: LeadId, fence: Fence, now: Millis) {
        let rep = self.reps[n].0.clone();
        // Some try in vain first, which keeps the lead theirs.
        if self.dice.below(10) == 0 {
            let kind = ActivityKind::Voicemail;
            let command = activity::Command { rep: rep.clone(), lead, fence, kind };
            let asked = self.asked("RecordActivity", &rep);
            self.refused.note(self.world.activity(asked, &command, now).err());
        }
        let asked = self.asked("RecordContact", &rep);
        match self.world.contact(asked, &contact::Command { rep, lead, fence }, now) {
            Ok(done) => {
                assert!(matches!(done.answer, Answer::Contacted(_)), "{done:?}");
                let after = Span::minutes(60 + self.dice.below(3 * 24 * 60) as i64);
                let at = self.reps[n].1.works_from(now.after(after));
                self.plan(at, Todo::End(n, lead, fence));
            }
            Err(failure) => {
                self.refused.note(Some(failure));
            }
        }
    }
}
