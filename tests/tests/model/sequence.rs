//! One sequence: a policy, and one step after another.

use std::collections::{BTreeMap, HashSet};

use leadhand_domain::change::Due;
use leadhand_domain::time::Millis;
use leadhand_tests::call::apply_policy;
use leadhand_tests::model::World;
use leadhand_tests::model::invariants::Story;
use leadhand_tests::model::mirror::Mirror;
use leadhand_tests::ready::Dice;
use leadhand_tests::{START, Suite};

use crate::calls;
use crate::policies::{self, MIXES};
use crate::steps::{Step, arrival, step};

/// How many steps a sequence has.
const STEPS: u64 = 150;

/// So many leads come first.
const STOCK: u64 = 12;

/// Everything is compared whenever time has passed, and each time so many steps are taken.
const COMPARED_EVERY: u64 = 10;

/// How many deadlines a wait lets come at most: what is tried again every minute would be tried for days.
const DEADLINES: usize = 40;

/// How many deadlines may fall together: every order of them is tried.
const TOGETHER: usize = 4;

/// How many of the last steps are told where something differs.
const TOLD: usize = 12;

/// What must have happened in all sequences together.
const DONE: [&str; 10] =
    ["Route", "List", "View", "Skip", "Claim", "Next", "Release", "Contact", "Activity", "Outcome"];

/// By what something must have been refused.
const REFUSED: [&str; 8] = [
    "CROSS_TERRITORY",
    "LEAD_ALREADY_CLAIMED",
    "LEAD_ON_HOLD",
    "NOTHING_CLAIMABLE",
    "NOT_FIRST",
    "QUOTA_EXHAUSTED",
    "SKIP_NOT_ALLOWED",
    "TIER_NOT_OPEN",
];

/// What must have been told.
const TOLD_OF: [&str; 9] = [
    "ContactMissed",
    "HoldBegan",
    "HoldLapsed",
    "LeadClaimed",
    "LeadPooled",
    "LeadReleased",
    "LeadSkipped",
    "OfferLapsed",
    "RepSuspended",
];

/// What happened, in numbers.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) tied: u64,
    /// How often several deadlines fell together.
    pub(crate) together: u64,
    pub(crate) steps: u64,
    pub(crate) comparisons: u64,
    pub(crate) events: u64,
    pub(crate) done: BTreeMap<String, u64>,
    pub(crate) refused: BTreeMap<String, u64>,
    pub(crate) told: BTreeMap<String, u64>,
}

impl Tally {
    /// Nearly everything that can happen has.
    pub(crate) fn assert_varied(&self) {
        let all = [(&self.done, &DONE[..]), (&self.refused, &REFUSED), (&self.told, &TOLD_OF)];
        for (counts, expected) in all {
            let missing: Vec<_> = expected.iter().filter(|what| !counts.contains_key(**what)).collect();
            assert!(missing.is_empty(), "never: {missing:?}");
        }
        assert!(self.tied * 2 < self.steps / STEPS, "many sequences end early: {}", self.tied);
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.tied += other.tied;
        self.together += other.together;
        self.steps += other.steps;
        self.comparisons += other.comparisons;
        self.events += other.events;
        let sums = [(&mut self.done, other.done), (&mut self.refused, other.refused), (&mut self.told, other.told)];
        for (sum, counts) in sums {
            counts.into_iter().for_each(|(what, count)| *sum.entry(what).or_default() += count);
        }
    }
}

struct Sequence {
    suite: Suite,
    world: World,
    mirror: Mirror,
    dice: Dice,
    now: Millis,
    /// At which milliseconds of a second something was done: what follows from it comes at the same, as rules count in
    /// seconds, so that deadlines rarely fall together.
    taken: HashSet<i64>,
    calls: Vec<(String, Step)>,
    log: Vec<String>,
    story: Story,
    /// How many events the story has.
    read: usize,
    tally: Tally,
}

/// Why a sequence ends: something differs, or too many deadlines fall together.
enum Stopped {
    Tied,
    Differs(String),
}

impl From<String> for Stopped {
    fn from(what: String) -> Self {
        Self::Differs(what)
    }
}

/// Runs the sequence of this seed.
///
/// # Panics
/// When the services and the model differ; with the policy and the last steps.
pub(crate) async fn run(seed: u64) -> Tally {
    let mut dice = Dice::new(seed);
    let document = policies::document(&mut dice);
    let mut suite = Suite::start(0).await;
    // Nobody makes up for a deadline that is missing: it is to be seen.
    (suite.timer_tick_ms, suite.sweep_every_ms) = (Some(5), 3_600_000);
    suite.add_replica().await;
    apply_policy(suite.replica(0), &document).await;
    let mirror = Mirror::of(&suite, &MIXES).await;
    let now = Millis(START);
    let world = World::new(mirror.policy().await, &document, "test", now);
    let mut sequence = Sequence {
        suite,
        world,
        mirror,
        dice,
        now,
        taken: HashSet::new(),
        calls: Vec::new(),
        log: Vec::new(),
        story: Story::default(),
        read: 0,
        tally: Tally::default(),
    };
    match sequence.all().await {
        Ok(()) => {}
        Err(Stopped::Tied) => sequence.tally.tied += 1,
        Err(Stopped::Differs(what)) => {
            let log = &sequence.log[sequence.log.len().saturating_sub(TOLD)..];
            panic!("seed {seed}, after {} steps:\n{document}\n{}\n{what}", sequence.log.len(), log.join("\n"));
        }
    }
    sequence.tally.events = sequence.world.events.len() as u64;
    sequence.tally
}

impl Sequence {
    async fn all(&mut self) -> Result<(), Stopped> {
        self.settle().await?;
        for n in 0..STEPS {
            let next = match n {
                0..STOCK => arrival(&mut self.dice),
                _ => step(&mut self.dice, &self.world, self.now),
            };
            self.tally.steps += 1;
            self.log.push(format!("{} {next:?}", self.now));
            let passes = matches!(next, Step::Wait(_) | Step::Deadline(_));
            self.take(next).await?;
            if passes || n % COMPARED_EVERY == 0 {
                self.compare().await?;
            }
        }
        self.compare().await?;
        Ok(())
    }

    async fn take(&mut self, next: Step) -> Result<(), Stopped> {
        match next {
            Step::Wait(ms) => self.advance(Millis(self.now.0 + ms)).await,
            Step::Deadline(past) => match self.world.deadlines.next() {
                Some((at, _)) => self.advance(Millis(at.0 + past).max(self.now)).await,
                None => Ok(()),
            },
            Step::Again(before) => match self.calls.iter().rev().nth(before).cloned() {
                Some((id, again)) => self.call(&id, &again).await,
                None => Ok(()),
            },
            call => {
                let id = format!("s{}", self.tally.steps);
                self.call(&id, &call).await?;
                self.calls.push((id, call));
                Ok(())
            }
        }
    }

    async fn call(&mut self, id: &str, call: &Step) -> Result<(), Stopped> {
        self.tick().await?;
        self.mirror.unsettle(&self.world).await;
        let both = calls::take(self.suite.replica(0), &mut self.world, call, id, self.now).await;
        self.settle().await?;
        let reasons = both.compare(&self.mirror, self.now)?;
        let what = format!("{call:?}").split([' ', '(']).next().unwrap_or_default().to_owned();
        self.log.push(format!("    {} {what} {reasons:?}", self.now));
        if reasons.is_empty() {
            *self.tally.done.entry(what).or_default() += 1;
        }
        reasons.iter().for_each(|reason| *self.tally.refused.entry((*reason).to_owned()).or_default() += 1);
        Ok(())
    }

    /// Goes on to a moment of a second at which nothing was done yet.
    async fn tick(&mut self) -> Result<(), Stopped> {
        if self.taken.len() > 900 {
            self.taken.clear();
        }
        let mut to = self.now;
        loop {
            to = Millis(to.0 + 1 + self.dice.below(40) as i64);
            if self.taken.insert(to.0 % 1_000) {
                return self.advance(to).await;
            }
        }
    }

    /// Moves the clock, and stops it at each deadline.
    async fn advance(&mut self, to: Millis) -> Result<(), Stopped> {
        for _ in 0..DEADLINES {
            let Some((at, _)) = self.world.deadlines.next().filter(|(at, _)| *at <= to) else {
                self.now = to;
                self.suite.clock.set(to.0);
                return Ok(());
            };
            self.mirror.unsettle(&self.world).await;
            self.now = at;
            self.suite.clock.set(at.0);
            let due = self.world.deadlines.first();
            if due.len() == 1 {
                self.settle().await?;
            } else {
                self.settle_in_some_order(&due).await?;
            }
        }
        Ok(())
    }

    /// Several deadlines fall together: workers carry them out in whichever order.
    async fn settle_in_some_order(&mut self, due: &[Due]) -> Result<(), Stopped> {
        if due.len() > TOGETHER {
            return Err(Stopped::Tied);
        }
        self.tally.together += 1;
        let mut worlds: Vec<_> = orders(due)
            .iter()
            .map(|order| {
                let mut world = self.world.fork();
                world.carry_out_in(order, self.now);
                world
            })
            .collect();
        // Two orders may tell the same and leave other records: one of them is the one.
        let mut differs = String::new();
        for place in self.mirror.follow(&worlds).await? {
            match self.mirror.compare(&worlds[place], &self.suite).await {
                Ok(()) => {
                    self.world = worlds.swap_remove(place);
                    self.tell();
                    return Ok(());
                }
                Err(what) => differs = what,
            }
        }
        Err(Stopped::Differs(differs))
    }

    /// Carries out what is due, and waits until the workers have.
    async fn settle(&mut self) -> Result<(), Stopped> {
        self.world.carry_out(self.now);
        self.tell();
        self.mirror.follow(std::slice::from_ref(&self.world)).await?;
        Ok(())
    }

    /// Looks at what was told since.
    fn tell(&mut self) {
        for event in &self.world.events[self.read..] {
            let kind = format!("{:?}", event.kind);
            let kind = kind.split([' ', '(', '{']).next().unwrap_or_default().to_owned();
            *self.tally.told.entry(kind).or_default() += 1;
            self.story.take(event, &self.world.policy);
        }
        self.read = self.world.events.len();
    }

    async fn compare(&mut self) -> Result<(), Stopped> {
        self.tally.comparisons += 1;
        self.story.assert_places(self.world.leads.iter().filter_map(|lead| self.world.lead(*lead)));
        Ok(self.mirror.compare(&self.world, &self.suite).await?)
    }
}

/// Every order of these.
fn orders(due: &[Due]) -> Vec<Vec<&Due>> {
    let mut all = vec![Vec::new()];
    for one in due {
        all = all
            .into_iter()
            .flat_map(|order: Vec<&Due>| {
                (0..=order.len()).map(move |place| {
                    let mut order = order.clone();
                    order.insert(place, one);
                    order
                })
            })
            .collect();
    }
    all
}
