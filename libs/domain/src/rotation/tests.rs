use std::collections::HashMap;

use proptest::prelude::*;

use super::*;

mod absence;
mod books;
mod cost;
mod replaying;
mod score_and_load;
mod shares;
mod slow;

fn team() -> TeamId {
    TeamId::parse("t").unwrap()
}

fn rep(i: usize) -> RepId {
    RepId::parse(&format!("r{i}")).unwrap()
}

fn member(i: usize, weight: u32) -> Member {
    Member { rep: rep(i), weight, present: true, open: 0 }
}

fn settings(kind: Kind) -> Settings {
    Settings { kind, returning: Returning::Resume, shown: 0 }
}

/// A new rotation of reps with these weights, all present.
fn live(kind: Kind, weights: &[u32]) -> Live {
    with(settings(kind), weights)
}

fn with(settings: Settings, weights: &[u32]) -> Live {
    let members = weights.iter().enumerate().map(|(i, weight)| member(i, *weight));
    Live::new(settings, Head::new(team(), 42), [], members)
}

fn given(live: &Live, i: usize) -> u64 {
    live.seat_of(&rep(i)).unwrap().given
}

/// As another process would have it, from what was written.
fn rebuilt(live: &Live, members: Vec<Member>) -> Live {
    Live::new(*live.settings(), live.head().clone(), live.seats().cloned(), members)
}

#[test]
fn nobody_gets_nothing() {
    assert_eq!(live(Kind::Weight, &[]).give(None), None);
    let mut alone = live(Kind::Weight, &[1]);
    assert!(alone.set_present(&rep(0), false));
    assert_eq!(alone.give(None), None);
    assert!(!alone.set_present(&rep(1), true), "who is not in the team cannot take part");
}

#[test]
fn one_rep_gets_everything() {
    for kind in [Kind::Equal, Kind::Weight, Kind::Score, Kind::Load] {
        let mut rotation = live(kind, &[7]);
        for _ in 0..5 {
            assert_eq!(rotation.give(Some(90)).unwrap().rep, rep(0));
        }
        assert_eq!((given(&rotation, 0), rotation.head().given), (5, 5));
    }
}

#[test]
fn numbers_from_outside_do_not_break_it() {
    let wild = [i128::MIN, i128::MAX, RANGE, -RANGE, 0, -1];
    for clock in wild {
        for other in wild {
            for kind in [Kind::Equal, Kind::Weight, Kind::Score, Kind::Load] {
                let course = Course { clock, middle: other };
                let head = Head { leads: course, scores: course, room: u32::MAX, ..Head::new(team(), 1) };
                let balances = [
                    Balance::Present { level: other, until: Some(clock) },
                    Balance::Away { owed: clock, from: Some(other) },
                    Balance::Present { level: clock, until: None },
                ];
                let seats = balances.into_iter().enumerate().map(|(i, balance)| Seat {
                    weight: if i == 0 { 0 } else { u32::MAX },
                    leads: Some(balance),
                    scores: Some(balance),
                    last_turn: u64::MAX,
                    ..Seat::new(team(), rep(i))
                });
                let settings = Settings { kind, returning: Returning::CatchUp, shown: usize::MAX };
                let mut live = Live::new(settings, head, seats, (0..4).map(|i| member(i, 0)));
                for _ in 0..5 {
                    assert!(live.give(Some(255)).is_some());
                    live.charge(&rep(1), None);
                    live.credit(&rep(2), Some(255));
                }
            }
        }
    }
}
