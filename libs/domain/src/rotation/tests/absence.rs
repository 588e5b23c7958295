//! Comings and goings.

use super::*;

const SLIP: i128 = ONE / 1_000_000;

fn give(rotation: &mut Live, leads: usize) {
    for _ in 0..leads {
        rotation.give(None).unwrap();
    }
}

fn all(live: &Live, n: usize) -> Vec<u64> {
    (0..n).map(|i| given(live, i)).collect()
}

/// Ten reps, 1,000 leads; one of them is away for 2,000; then 2,000 more.
#[test]
fn two_weeks_of_leave() {
    for returning in [Returning::Resume, Returning::CatchUp] {
        let mut rotation = with(Settings { returning, ..settings(Kind::Equal) }, &[1; 10]);
        give(&mut rotation, 1_000);
        let before = all(&rotation, 10);
        assert_eq!(before, [100; 10]);
        rotation.set_present(&rep(0), false);
        give(&mut rotation, 2_000);
        let during = all(&rotation, 10);
        assert_eq!(during[0], 100);
        assert!(during[1..].iter().all(|count| (322..=323).contains(count)), "{during:?}");
        rotation.set_present(&rep(0), true);
        // The first days: no flood.
        give(&mut rotation, 100);
        let first = given(&rotation, 0) - during[0];
        give(&mut rotation, 1_900);
        let after = all(&rotation, 10);
        let gained: Vec<_> = after.iter().zip(&during).map(|(after, during)| after - during).collect();
        println!(
            "{returning:?}: before {before:?}, then {during:?}, of 100 more the returner {first}, after {after:?}"
        );
        match returning {
            Returning::Resume => {
                assert!((9..=11).contains(&first), "{first}");
                assert!(gained.iter().all(|gained| (199..=201).contains(gained)), "{gained:?}");
            }
            Returning::CatchUp => {
                // Two of eleven shares, which is less than twice one of ten.
                assert!((17..=19).contains(&first), "{first}");
                assert!((363..=364).contains(&gained[0]), "{gained:?}");
                assert!(gained[1..].iter().all(|gained| (181..=182).contains(gained)), "{gained:?}");
                // It missed 2000/9 leads as the others count, at eleven shares a turn.
                let until_level = 2_000 * 11 / 9 - 2_000;
                give(&mut rotation, until_level + 10);
                let level = all(&rotation, 10);
                println!("after {} leads all are level: {level:?}", 2_000 + until_level + 10);
                assert!(level.iter().max().unwrap() - level.iter().min().unwrap() <= 2, "{level:?}");
                let seat = rotation.seat_of(&rep(0)).unwrap();
                assert!(matches!(seat.leads, Some(Balance::Present { until: None, .. })));
                give(&mut rotation, 100);
                let onward = given(&rotation, 0) - level[0];
                assert!((9..=11).contains(&onward), "then its share: {onward}");
            }
        }
    }
}

#[test]
fn who_leaves_while_catching_up_goes_on_with_that_later() {
    let mut rotation = with(Settings { returning: Returning::CatchUp, ..settings(Kind::Weight) }, &[3, 1, 2, 4]);
    give(&mut rotation, 100);
    for (away, here) in [(300, 40), (70, 15), (0, 1), (90, 2_000)] {
        rotation.set_present(&rep(0), false);
        give(&mut rotation, away);
        rotation.set_present(&rep(0), true);
        give(&mut rotation, here);
    }
    let total = 100 + 300 + 40 + 70 + 15 + 1 + 90 + 2_000;
    for (i, weight) in [3, 1, 2, 4].into_iter().enumerate() {
        let off = (given(&rotation, i) * 10).abs_diff(total * weight);
        assert!(off <= 20, "{i} is {off} tenths of a lead off: {:?}", all(&rotation, 4));
    }
}

#[test]
fn a_rotation_that_went_home_stands_where_it_stood() {
    let weights: Vec<u32> = (1..=20).collect();
    for returning in [Returning::Resume, Returning::CatchUp] {
        let mut rotation = with(Settings { returning, ..settings(Kind::Weight) }, &weights);
        give(&mut rotation, 137);
        let mut stayed = rotation.clone();
        for i in 0..20 {
            rotation.set_present(&rep(i * 7 % 20), false);
        }
        assert_eq!(rotation.give(None), None);
        for i in 0..20 {
            rotation.set_present(&rep(i * 3 % 20), true);
        }
        for _ in 0..500 {
            assert_eq!(rotation.give(None), stayed.give(None));
        }
    }
}

#[test]
fn joiners_start_level() {
    let mut rotation = live(Kind::Weight, &[1, 2, 3]);
    give(&mut rotation, 100);
    rotation.join(member(3, 4));
    assert_eq!(rotation.owed(&rep(3)), Some(0));
    give(&mut rotation, 100);
    assert!((39..=41).contains(&given(&rotation, 3)), "{}", given(&rotation, 3));
}

#[test]
fn editing_the_team_resets_nothing() {
    let mut rotation = live(Kind::Weight, &[1, 2, 3, 4]);
    give(&mut rotation, 33);
    let owed: Vec<_> = (0..4).map(|i| rotation.owed(&rep(i)).unwrap()).collect();
    // Another order.
    let shuffled = rebuilt(&rotation, [(2, 3), (0, 1), (3, 4), (1, 2)].map(|(i, weight)| member(i, weight)).into());
    assert_eq!((0..4).map(|i| shuffled.owed(&rep(i)).unwrap()).collect::<Vec<_>>(), owed);
    // Another weight.
    rotation.set_weight(&rep(1), 7);
    for (i, owed) in owed.iter().enumerate() {
        assert!((rotation.owed(&rep(i)).unwrap() - owed).abs() < SLIP, "{i}");
    }
    // Out and in again.
    let before = rotation.clone();
    rotation.leave(&rep(2));
    rotation.join(member(2, 3));
    for i in 0..4 {
        assert_eq!(rotation.owed(&rep(i)), before.owed(&rep(i)));
    }
}

/// Nobody may have told the seat of a rep who was taken out of the team.
#[test]
fn who_comes_back_into_the_team_is_not_flooded() {
    for told in [true, false] {
        let everybody: Vec<_> = (0..4).map(|i| member(i, 1)).collect();
        let mut rotation = with(Settings { returning: Returning::CatchUp, ..settings(Kind::Equal) }, &[1; 4]);
        give(&mut rotation, 42);
        let seat = rotation.seat_of(&rep(0)).unwrap().clone();
        if told {
            rotation.leave(&rep(0));
        } else {
            let seats = rotation.seats().filter(|other| other.rep != rep(0)).cloned();
            rotation = Live::new(*rotation.settings(), rotation.head().clone(), seats, everybody[1..].to_vec());
        }
        give(&mut rotation, 20_000);
        let before = seat.given;
        if told {
            rotation.join(member(0, 1));
        } else {
            rotation.changes(usize::MAX);
            let seats = rotation.seats().cloned().chain([seat]);
            rotation = Live::new(*rotation.settings(), rotation.head().clone(), seats, everybody);
            assert!(rotation.owed(&rep(0)).unwrap().abs() < SLIP, "it joins anew");
        }
        give(&mut rotation, 40);
        let got = given(&rotation, 0) - before;
        assert!((9..=12).contains(&got), "{got} of 40");
    }
}

#[test]
fn a_credit_undoes_a_lead_exactly() {
    let mut rotation = live(Kind::Weight, &[5, 1, 3, 2]);
    for k in 0..50 {
        give(&mut rotation, 7);
        let before = rotation.clone();
        let turn = rotation.give(Some(k)).unwrap();
        assert!(rotation.credit(&turn.rep, Some(k)));
        for i in 0..4 {
            let (then, now) = (before.seat_of(&rep(i)).unwrap(), rotation.seat_of(&rep(i)).unwrap());
            assert_eq!((then.leads, then.given, then.score_sum), (now.leads, now.given, now.score_sum));
        }
        assert_eq!((before.head().given, before.head().leads), (rotation.head().given, rotation.head().leads));
        assert_eq!(rotation.give(None).unwrap().rep, turn.rep, "the lead is made up for at once");
    }
    let mut untouched = live(Kind::Weight, &[1]);
    assert!(!untouched.credit(&rep(0), None), "nothing was given");
}

/// Ten credits and ten charges, of which only the first fit in at once: none is lost.
#[test]
fn credits_and_charges_beyond_two_leads_wait() {
    for (charge, expected) in [(false, 210), (true, 190)] {
        let mut rotation = live(Kind::Equal, &[1; 5]);
        give(&mut rotation, 500);
        for _ in 0..10 {
            let rep = rep(0);
            assert!(if charge { rotation.charge(&rep, None) } else { rotation.credit(&rep, None) });
        }
        let before = given(&rotation, 0);
        assert_eq!(before, if charge { 110 } else { 90 });
        give(&mut rotation, 500 + 5 * 8);
        let rest: Vec<_> = (1..5).map(|i| given(&rotation, i)).collect();
        // All leads that count: 1,000 and 40, 10 more or less.
        let share = (rotation.head().given / 5) as i64;
        assert!((given(&rotation, 0) as i64 - share).abs() <= 1, "{expected} {rest:?}");
        assert_eq!(rotation.seat_of(&rep(0)).unwrap().waiting, 0);
    }
}

/// Fifty who are ahead stay, everybody else leaves: the one of weight 10,000 among them is owed what they had too much.
#[test]
fn an_exodus_leaves_nobody_owed_more_than_two_leads() {
    let mut weights = vec![1; 100];
    weights.push(MAX_WEIGHT);
    let mut rotation = live(Kind::Weight, &weights);
    give(&mut rotation, 5_000);
    for i in 0..100 {
        if rotation.owed(&rep(i)).unwrap() > 0 {
            rotation.set_present(&rep(i), false);
        }
    }
    let owed = rotation.owed(&rep(100)).unwrap();
    assert!(owed > 10 * ONE, "it would be owed {} leads", owed / ONE);
    let middle = rotation.middle();
    let turn = rotation.give(None).unwrap();
    let tick = ONE / i128::from(turn.trace.total);
    assert!((rotation.middle() - middle - tick).abs() < SLIP / i128::from(MAX_WEIGHT), "what one hands on others get");
    assert_eq!(turn.rep, rep(100));
    assert!(turn.owed <= 3 * ONE);
    assert!(rotation.owed(&rep(100)).unwrap() <= 2 * ONE);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Through any comings, goings and changes of weight: only those present are chosen, what they are owed sums to
    /// nothing, and whenever a lead comes in nobody is owed more than two, this one not counted.
    #[test]
    fn absences_keep_the_books(
        weights in prop::collection::vec(prop_oneof![1u32..4, 1u32..100, Just(MAX_WEIGHT)], 2..16),
        phases in prop::collection::vec((any::<u16>(), 1u32..40, 1u32..100), 1..25),
        returning in prop_oneof![Just(Returning::Resume), Just(Returning::CatchUp)],
    ) {
        let n = weights.len();
        let mut rotation = with(Settings { returning, shown: MAX_SHOWN, ..settings(Kind::Weight) }, &weights);
        for (mask, leads, weight) in phases {
            rotation.set_weight(&rep(usize::from(mask) % n), weight);
            let is_here = |i: usize| mask >> (i % 16) & 1 == 1;
            for i in 0..n {
                rotation.set_present(&rep(i), is_here(i));
            }
            for _ in 0..leads {
                let turn = rotation.give(None);
                prop_assert_eq!(turn.is_some(), (0..n).any(is_here));
                let Some(turn) = turn else { break };
                prop_assert!((0..n).any(|i| is_here(i) && rep(i) == turn.rep));
                prop_assert_eq!(turn.trace.candidates.len(), rotation.present());
                for candidate in &turn.trace.candidates {
                    let Standing::Owed(owed) = candidate.standing else { panic!() };
                    let due = i128::from(candidate.weight) * ONE / i128::from(turn.trace.total);
                    prop_assert!(owed - due <= MOST_OWED + SLIP, "owed {} thousandths", owed * 1_000 / ONE);
                }
            }
            let sum: i128 = (0..n).filter_map(|i| rotation.owed(&rep(i))).sum();
            prop_assert!(sum.abs() < SLIP, "owed in all: {sum}");
        }
    }

    /// Who returns is owed, or ahead, one lead at most when the next lead comes in.
    #[test]
    fn a_returner_brings_one_lead_at_most(
        weights in prop::collection::vec(1u32..50, 3..12),
        visits in prop::collection::vec((0usize..12, 1usize..30), 1..40),
    ) {
        let n = weights.len();
        let mut rotation = with(Settings { shown: MAX_SHOWN, ..settings(Kind::Weight) }, &weights);
        for (i, leads) in visits {
            let rep = rep(i % n);
            let returns = !rotation.is_present(&rep);
            rotation.set_present(&rep, returns);
            for lead in 0..leads {
                let Some(turn) = rotation.give(None) else { break };
                let Some(own) = turn.trace.candidates.iter().find(|own| own.rep == rep && returns && lead == 0) else {
                    continue;
                };
                let Standing::Owed(owed) = own.standing else { panic!() };
                let due = i128::from(own.weight) * ONE / i128::from(turn.trace.total);
                prop_assert!((owed - due).abs() <= ONE + SLIP);
            }
        }
    }

    /// With equal weights, and leaves alone, no two reps are ever two leads apart.
    #[test]
    fn leaves_put_nobody_two_leads_apart(n in 3usize..30, leaves in prop::collection::vec((0usize..30, 0usize..20), 1..25)) {
        let mut rotation = live(Kind::Equal, &vec![1; n]);
        for (i, leads) in leaves {
            give(&mut rotation, leads);
            if rotation.present() > 1 {
                rotation.set_present(&rep(i % n), false);
            }
            let owed: Vec<_> = (0..n).filter_map(|i| rotation.owed(&rep(i))).collect();
            prop_assert!(owed.iter().max().unwrap() - owed.iter().min().unwrap() < 2 * ONE);
        }
    }
}
