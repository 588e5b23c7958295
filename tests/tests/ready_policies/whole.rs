//! Through two routers and Redis, by concurrent callers: every decision is the one that the policy's words call for, every lead
//! has an owner at once, and no team's shares are ever off by a lead, in the order of the commits.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::{StreamExt, stream};
use leadhand_domain::intake::Raw;
use leadhand_domain::time::Millis;
use leadhand_kit::Clock;
use leadhand_proto::availability::v1::stream_availability_request::Change;
use leadhand_proto::availability::v1::{BusyInterval, Cancelled, IntervalKind, StreamAvailabilityRequest};
use leadhand_proto::event::v1::event::Kind;
use leadhand_proto::lead::v1::{Company, Lead, Outcome as Ending};
use leadhand_proto::pool::v1::RecordOutcomeRequest;
use leadhand_proto::router::v1::route_lead_response::Outcome;
use leadhand_proto::router::v1::{Assigned, RouteLeadRequest};
use leadhand_proto::time::timestamp;
use leadhand_testkit::Redis;
use leadhand_tests::Suite;
use leadhand_tests::call::{WORKSPACE, apply_policy};
use leadhand_tests::held::{Held, events};
use leadhand_tests::ready::{Dice, Expected, GEOGRAPHIC, Ready, SEGMENTS, VERTICAL, assert_fair};

/// With everybody there.
const LEADS: usize = 5_000;
/// How often some are away, and how many leads come in then.
const ABSENCES: (usize, usize) = (3, 200);
/// Fewer than the open leads that a rep of no team may have.
const CALLERS: usize = 48;
const HOUR: i64 = 3_600_000;
const MINUTE: u64 = 60_000;

/// A ready policy at work.
struct Run {
    name: &'static str,
    ready: Ready,
    suite: Suite,
    dice: Dice,
    routed: usize,
    odd: usize,
}

fn lead(raw: &Raw, captured_at: i64) -> Lead {
    let company = Company {
        domain: raw.company_domain.clone(),
        employees: raw.employees,
        industry: raw.industry.clone(),
        country: raw.country.clone(),
        region: raw.region.clone(),
        ..Company::default()
    };
    let captured_at = Some(timestamp(Millis(captured_at)));
    Lead { source: raw.source.clone(), company: Some(company), captured_at, ..Lead::default() }
}

/// The shipped document. Leads stay with whom they go to, so a team's reps may have as many as they get.
fn roomy(document: &str) -> String {
    document.replace("    capacity: 50\n", "").replace("    reps:", "    capacity: 100000\n    reps:")
}

impl Run {
    async fn new(name: &'static str, ready: Ready) -> Self {
        let suite = Suite::with(Redis::start(), Clock::system(), 2).await;
        apply_policy(suite.replica(0), &roomy(ready.document)).await;
        let mut run = Self { name, ready, suite, dice: Dice::new(11), routed: 0, odd: 0 };
        run = run.route(LEADS, &BTreeSet::new()).await;
        run.check_events().await;
        for absence in 0..ABSENCES.0 {
            run = run.absence(absence).await;
        }
        run
    }

    /// Routes leads while these are away, each compared with what the policy says.
    async fn route(mut self, leads: usize, away: &BTreeSet<&'static str>) -> Self {
        let mut coming = Vec::new();
        for n in self.routed..self.routed + leads {
            let (raw, unknown) = (self.ready.lead)(&mut self.dice);
            self.odd += usize::from(unknown);
            let expected = (self.ready.says)(&self.ready, &raw, away);
            coming.push((n, raw, expected));
        }
        self.routed += leads;
        let run = &self;
        stream::iter(coming)
            .for_each_concurrent(CALLERS, |(n, raw, expected)| async move { run.one(n, raw, expected, away).await })
            .await;
        self
    }

    async fn one(&self, n: usize, raw: Raw, expected: Expected, away: &BTreeSet<&'static str>) {
        let told = format!("lead {n}: {raw:?}, away {away:?}");
        let lead = Some(lead(&raw, self.suite.clock.now_ms()));
        let request = RouteLeadRequest { workspace: WORKSPACE.into(), request_id: format!("r{n}"), lead };
        let routed = self.suite.replica(n).router().route_lead(request).await.expect(&told).into_inner();
        let Some(Outcome::Assigned(to)) = &routed.outcome else { panic!("{told}: {routed:?}") };
        let Assigned { rep_id, team_id, fence, .. } = to;
        match expected {
            Expected::Team(route, team) => {
                assert_eq!((&routed.route, team_id.as_str()), (&route, team), "{told}");
                let (_, reps) = self.ready.team(team);
                let of_the_team = reps.iter().any(|(member, _)| member == rep_id);
                assert!(of_the_team && !away.contains(rep_id.as_str()), "{told}: {rep_id}");
            }
            Expected::Rep(route, rep) => {
                assert_eq!((&routed.route, rep_id.as_str()), (&route, rep), "{told}");
                assert_eq!(team_id, "", "{told}");
                // Who is in no team has room for fifty.
                self.close(n, routed.lead_id, rep_id.clone(), *fence).await;
            }
            Expected::Held => panic!("{told}: somebody is there"),
        }
    }

    async fn close(&self, n: usize, lead_id: String, rep_id: String, fence: u64) {
        let outcome = Ending::Lost.into();
        let (workspace, request_id) = (WORKSPACE.into(), format!("o{n}"));
        let ended = RecordOutcomeRequest { workspace, request_id, rep_id, lead_id, fence, outcome, amount: 0 };
        self.suite.replica(n).pool().record_outcome(ended).await.expect("closed");
    }

    /// Some are away for a while, never the manager; leads come in meanwhile.
    async fn absence(mut self, n: usize) -> Self {
        let mut away = BTreeSet::new();
        for rep in self.ready.everybody() {
            if self.dice.below(100) < 40 && rep != "morgan" {
                away.insert(rep);
            }
        }
        let now = self.suite.clock.now_ms();
        let at = |ms| Some(timestamp(Millis(ms)));
        let kind = IntervalKind::OutOfOffice.into();
        let busy = Change::Busy(BusyInterval { start: at(now - HOUR), end: at(now + 24 * HOUR), kind });
        self.tell(n, 1, &away, busy).await;
        let run = self.route(ABSENCES.1, &away).await;
        run.tell(n, 2, &away, Change::Cancelled(Cancelled {})).await;
        run
    }

    async fn tell(&self, n: usize, revision: u64, reps: &BTreeSet<&'static str>, change: Change) {
        let messages: Vec<_> = (1..)
            .zip(reps)
            .map(|(sequence, rep)| StreamAvailabilityRequest {
                workspace: WORKSPACE.into(),
                sequence,
                source: "google".into(),
                rep_id: (*rep).into(),
                event_id: format!("absence-{n}"),
                revision,
                change: Some(change.clone()),
            })
            .collect();
        let mut client = self.suite.replica(n).availability();
        let answers = client.stream_availability(tokio_stream::iter(messages)).await.expect("a stream").into_inner();
        assert_eq!(answers.count().await, reps.len(), "each is acknowledged");
    }

    /// In the order of the commits: everybody's share at every moment, and every lead soon after its capture.
    async fn check_events(&self) {
        let mut given: BTreeMap<&str, BTreeMap<String, u32>> = BTreeMap::new();
        let (mut assigned, mut latest) = (0, 0);
        for event in events(&self.suite.redis).await {
            let Some(Kind::LeadAssigned(it)) = event.kind else { continue };
            assigned += 1;
            let committed_at: u64 =
                event.position.split_once('-').and_then(|(ms, _)| ms.parse().ok()).expect("a position");
            let captured = it.captured_at.expect("a capture");
            let captured_at = captured.seconds as u64 * 1_000 + captured.nanos as u64 / 1_000_000;
            latest = latest.max(committed_at.saturating_sub(captured_at));
            if !it.team_id.is_empty() {
                let (team, reps) = self.ready.team(&it.team_id);
                *given.entry(team).or_default().entry(it.rep_id).or_default() += 1;
                assert_fair(reps, &given[team], &event.position);
            }
        }
        assert_eq!(assigned, LEADS, "every lead was assigned, once");
        assert!(latest < MINUTE, "owned {latest} ms after its capture");
        println!("{}: {assigned} leads, each owned at most {latest} ms after its capture", self.name);
        for (team, reps) in given {
            println!("  {team:12} {reps:?}");
        }
    }
}

async fn run(name: &'static str, ready: Ready) {
    let run = Run::new(name, ready).await;
    println!("{name}: {} leads, {} with something unknown or an owner who has left", run.routed, run.odd);
    assert!(run.odd * 10 >= run.routed, "{}", run.odd);
    Held::read(&run.suite.redis).await.assert_each_lead_in_one_place();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_geographic_team_does_as_it_says_through_routers_and_redis() {
    run("geographic", GEOGRAPHIC).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_vertical_specialists_do_as_they_say_through_routers_and_redis() {
    run("vertical", VERTICAL).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_segment_teams_do_as_they_say_through_routers_and_redis() {
    run("segments", SEGMENTS).await;
}
