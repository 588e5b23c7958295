//! On the pure core.

use std::collections::{BTreeMap, BTreeSet};

use leadhand_domain::answer::{Answer, Destination};
use leadhand_domain::calendar::{Calendar, Event, Kind};
use leadhand_domain::id::{CalendarSource, LeadId, RepId};
use leadhand_domain::intake;
use leadhand_domain::policy::Policy;
use leadhand_domain::record::{Counter, Record, Snapshot};
use leadhand_domain::route::{Command, settle};
use leadhand_domain::time::Millis;
use leadhand_tests::ready::{Dice, Expected, GEOGRAPHIC, Ready, SEGMENTS, VERTICAL, assert_fair};

const LEADS: usize = 6_000;
const START: Millis = Millis(1_700_000_000_000);

fn is_away(rep: &str, now: Millis) -> Record {
    let source = CalendarSource::parse("google").expect("sound");
    let (kind, end) = (Kind::OutOfOffice, Millis(now.0 + 1));
    let event = Event { source, id: "e".into(), revision: 1, kind, start: now, end };
    Record::Calendar(Calendar { events: vec![event], ..Calendar::empty(RepId::parse(rep).expect("sound")) })
}

/// Routes the leads one after another; reps are away for a lead with a chance of so many in a hundred. Whoever gets a lead is
/// done with it before the next comes.
fn run(name: &str, ready: &Ready, away_percent: usize) {
    let (policy, warnings) = Policy::check(ready.document).expect("sound");
    assert_eq!(warnings, []);
    let mut dice = Dice::new(7 + away_percent as u64);
    let mut snapshot = Snapshot::default();
    let mut counts: BTreeMap<(&str, String), u64> = BTreeMap::new();
    let mut given: BTreeMap<&str, BTreeMap<String, u32>> = BTreeMap::new();
    let (mut odd, mut held) = (0, 0);
    for n in 0..LEADS {
        let now = Millis(START.0 + 1_000 * n as i64);
        let (raw, unknown) = (ready.lead)(&mut dice);
        let mut away = BTreeSet::new();
        // Now and then everybody is ill at once.
        let percent = if away_percent > 0 && n % 20 == 0 { 97 } else { away_percent };
        for rep in ready.everybody() {
            if dice.below(100) < percent {
                away.insert(rep);
                snapshot.put(is_away(rep, now));
            }
        }
        odd += usize::from(unknown);
        let expected = (ready.says)(ready, &raw, &away);
        let told = format!("lead {n}: {raw:?}, away {away:?}");
        let (facts, person) = intake::normalise(raw, now).expect("sound");
        let command = Command::new(LeadId::new(now, [0; 10]), facts, person);
        let change = settle(&mut snapshot, &command, &policy, now).expect("sound");
        let Answer::Routed(routed) = &change.answer else { panic!("{told}") };
        match (&routed.to, &expected) {
            (Destination::Held, Expected::Held) => held += 1,
            (Destination::Assigned { rep, team: Some(team), .. }, Expected::Team(route, expected)) => {
                assert_eq!((&routed.route, team.as_str()), (route, *expected), "{told}");
                let (name, reps) = ready.team(expected);
                assert!(
                    reps.iter().any(|(member, _)| *member == rep.as_str()) && !away.contains(rep.as_str()),
                    "{told}"
                );
                *given.entry(name).or_default().entry(rep.to_string()).or_default() += 1;
                if away_percent == 0 {
                    assert_fair(reps, &given[name], &told);
                }
            }
            (Destination::Assigned { rep, team: None, .. }, Expected::Rep(route, expected)) => {
                assert_eq!((&routed.route, rep.as_str()), (route, *expected), "{told}");
            }
            (to, expected) => panic!("{told}: {to:?} by {}, not {expected:?}", routed.route),
        }
        if let Destination::Assigned { rep, team, .. } = &routed.to {
            let team = team.as_ref().and_then(|team| ready.teams.iter().find(|(name, _)| *name == team.as_str()));
            *counts.entry((team.map_or("-", |(name, _)| name), rep.to_string())).or_default() += 1;
        }
        snapshot.apply(&change);
        if let Destination::Assigned { rep, .. } = &routed.to {
            snapshot.put(Record::Count(Counter::Open(rep.clone()), 0));
        }
    }
    println!(
        "{name}: {LEADS} leads, {odd} with something unknown or an owner who has left, {away_percent} % away, {held} held"
    );
    counts.iter().for_each(|((team, rep), count)| println!("  {team:12} {rep:8} {count}"));
    assert!(odd * 10 >= LEADS, "{odd}");
    if away_percent == 0 {
        assert_eq!(held, 0, "everybody is there");
        let all: u64 = counts.values().sum();
        assert_eq!(all, LEADS as u64);
    } else {
        assert!(held > 0, "nobody was ever away with all others");
    }
}

#[test]
fn the_geographic_team_does_as_it_says() {
    run("geographic", &GEOGRAPHIC, 0);
    run("geographic", &GEOGRAPHIC, 30);
}

#[test]
fn the_vertical_specialists_do_as_they_say() {
    run("vertical", &VERTICAL, 0);
    run("vertical", &VERTICAL, 30);
}

#[test]
fn the_segment_teams_do_as_they_say() {
    run("segments", &SEGMENTS, 0);
    run("segments", &SEGMENTS, 30);
}
