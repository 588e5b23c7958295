//! Rotations by score and by load.

use super::*;

/// How far apart the sums of those present are, each from where it started level, in [`POINT`]ths.
fn apart(rotation: &Live, n: usize) -> i128 {
    let levels: Vec<_> = (0..n).filter_map(|i| rotation.owed(&rep(i))).collect();
    levels.iter().max().unwrap_or(&0) - levels.iter().min().unwrap_or(&0)
}

#[test]
fn an_unknown_score_counts_as_fifty() {
    let mut rotation = live(Kind::Score, &[1, 1]);
    rotation.give(None);
    rotation.give(Some(50));
    assert_eq!([0, 1].map(|i| rotation.seat_of(&rep(i)).unwrap().score_sum), [50, 50]);
    let first = rotation.give(Some(0)).unwrap().rep;
    assert_eq!(rotation.give(Some(0)).unwrap().rep == first, {
        // Still level: the tie is broken anew.
        let mut again = rotation.clone();
        again.credit(&first, Some(0));
        rotation.seat_of(&first).unwrap().given == 3
    });
}

#[test]
fn a_credit_by_score_gives_the_points_back() {
    let mut rotation = live(Kind::Score, &[1, 2, 3]);
    for k in 0..40u8 {
        rotation.give(Some(k * 2));
    }
    let before = rotation.clone();
    let turn = rotation.give(Some(77)).unwrap();
    assert!(rotation.credit(&turn.rep, Some(77)));
    assert_eq!(before.seat_of(&turn.rep).unwrap().scores, rotation.seat_of(&turn.rep).unwrap().scores);
    assert_eq!(before.head().scores, rotation.head().scores);
}

#[test]
fn the_fewest_open_leads_first_then_the_longest_without() {
    let mut rotation = live(Kind::Load, &[9, 1, 1]);
    rotation.set_load(&rep(0), 2);
    let first: Vec<_> = (0..2).map(|_| rotation.give(None).unwrap().rep).collect();
    assert!(first.contains(&rep(1)) && first.contains(&rep(2)), "weights are not looked at");
    // One each: who has been without for longer.
    assert_eq!(rotation.give(None).unwrap().rep, first[0]);
    assert_eq!(rotation.give(None).unwrap().rep, first[1]);
    // Two each, and the third has had none yet.
    assert_eq!(rotation.give(None).unwrap().rep, rep(0));
    rotation.set_load(&rep(0), 0);
    rotation.set_load(&rep(1), 1);
    assert_eq!(rotation.give(None).unwrap().rep, rep(0));
}

#[test]
fn by_load_only_who_gets_a_lead_is_written() {
    let mut rotation = live(Kind::Load, &[3, 1, 2]);
    assert_eq!(rotation.to_write(), 0);
    rotation.set_present(&rep(1), false);
    let turn = rotation.give(None).unwrap();
    rotation.set_load(&turn.rep, 7);
    let changes = rotation.changes(usize::MAX).unwrap();
    assert_eq!(changes.seats.iter().map(|seat| &seat.rep).collect::<Vec<_>>(), [&turn.rep]);
}

/// What a kind of rotation keeps is there when the team comes back to it.
#[test]
fn a_change_of_kind_resets_nothing() {
    let weights = [1, 2, 3];
    let members = || weights.iter().enumerate().map(|(i, weight)| member(i, *weight)).collect::<Vec<_>>();
    let mut rotation = live(Kind::Weight, &weights);
    for _ in 0..20 {
        rotation.give(None);
    }
    let owed: Vec<_> = (0..3).map(|i| rotation.owed(&rep(i))).collect();
    for kind in [Kind::Load, Kind::Score, Kind::Weight] {
        rotation.changes(usize::MAX);
        rotation = Live::new(settings(kind), rotation.head().clone(), rotation.seats().cloned(), members());
        if kind != Kind::Weight {
            for k in 0..30 {
                rotation.give(Some(k));
            }
        }
    }
    assert_eq!((0..3).map(|i| rotation.owed(&rep(i))).collect::<Vec<_>>(), owed);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// The sums of scores of a team that stays together are within 100 of each other after each lead.
    #[test]
    fn sums_stay_within_100(n in 1usize..20, scores in prop::collection::vec(0u8..=100, 1..300)) {
        let mut rotation = live(Kind::Score, &vec![4; n]);
        for score in scores {
            rotation.give(Some(score));
            let sums: Vec<_> = (0..n).map(|i| rotation.seat_of(&rep(i)).unwrap().score_sum).collect();
            prop_assert!(sums.iter().max().unwrap() - sums.iter().min().unwrap() <= 100, "{sums:?}");
        }
    }

    /// And of those present, joiners and returners begun level, through any comings and goings.
    #[test]
    fn those_present_stay_within_100(
        n in 2usize..16,
        phases in prop::collection::vec((any::<u16>(), prop::collection::vec(0u8..=100, 0..20)), 1..30),
    ) {
        let mut rotation = live(Kind::Score, &vec![1; n]);
        for (k, (mask, scores)) in phases.into_iter().enumerate() {
            for i in 0..n {
                rotation.set_present(&rep(i), mask >> i & 1 == 1);
                prop_assert!(apart(&rotation, n + k) <= 100 * POINT);
            }
            for score in scores {
                rotation.give(Some(score));
                prop_assert!(apart(&rotation, n + k) <= 100 * POINT);
            }
            rotation.join(member(n + k, 1));
            prop_assert!(apart(&rotation, n + k + 1) <= 100 * POINT);
        }
    }

    /// With weights the sums are in proportion: within one best lead of each weight's share.
    #[test]
    fn sums_are_in_proportion_to_weights(
        weights in prop::collection::vec(1u32..20, 2..10),
        scores in prop::collection::vec(0u8..=100, 1..300),
    ) {
        let mut rotation = live(Kind::Score, &weights);
        let total: u64 = weights.iter().map(|weight| u64::from(*weight)).sum();
        let mut all = 0;
        for score in scores {
            rotation.give(Some(score));
            all += u64::from(score);
            for (i, weight) in weights.iter().enumerate() {
                let sum = rotation.seat_of(&rep(i)).unwrap().score_sum;
                // Never more than one lead above the share; what others are above, it may be below.
                prop_assert!(sum * total <= all * u64::from(*weight) + 100 * total, "{sum} of {all}");
            }
        }
    }

    /// By load it is always one of those with the fewest open leads.
    #[test]
    fn it_is_one_with_the_fewest(loads in prop::collection::vec((0usize..8, 0u32..6), 1..60)) {
        let mut rotation = live(Kind::Load, &[1; 8]);
        let mut open = [0u32; 8];
        for (i, load) in loads {
            rotation.set_load(&rep(i), load);
            open[i] = load;
            let turn = rotation.give(None).unwrap();
            let i = (0..8).find(|i| rep(*i) == turn.rep).unwrap();
            prop_assert_eq!(open[i], *open.iter().min().unwrap());
            open[i] += 1;
        }
    }
}
