//! Everybody's count stays within the bound of its share.

use super::*;

/// Exact, without fixed point: whether |count − k·w/W| ≤ 1 − 1/(2n−2), in whole numbers.
fn within_bound(count: u64, k: u64, weight: u32, total: u64, n: u64) -> bool {
    let difference = (i128::from(count) * i128::from(total) - i128::from(k) * i128::from(weight)).abs();
    let scale = i128::from(2 * n - 2);
    difference * scale <= i128::from(total) * (scale - 1)
}

/// Tijdeman's rule in whole numbers, no rounding, all reps looked at: whether it may choose `i` as the `k`-th. Who is owed
/// exactly the tolerance may count as eligible or not.
fn may_choose(i: usize, counts: &[u64], weights: &[u32], k: u64) -> bool {
    let total: i128 = weights.iter().map(|weight| i128::from(*weight)).sum();
    let scale = i128::from(2 * counts.len() as u64 - 2).max(1);
    let tolerance = i128::from(counts.len() > 1) * total;
    // In 1/(W·(2n−2)) of a lead.
    let owed = |i: usize| (i128::from(k) * i128::from(weights[i]) - i128::from(counts[i]) * total) * scale;
    let left = |i: usize| total * scale - tolerance - owed(i);
    // a/w < b/v, over both weights.
    let is_before = |i: usize, j: usize| left(i) * i128::from(weights[j]) < left(j) * i128::from(weights[i]);
    owed(i) >= tolerance && !(0..counts.len()).any(|j| owed(j) > tolerance && is_before(j, i))
}

#[test]
fn equal_weights_take_turns() {
    for n in [2, 3, 10, 64, 65, 200] {
        let mut rotation = live(Kind::Equal, &vec![3; n]);
        let mut rounds = Vec::new();
        for _ in 0..3 {
            let mut round: Vec<_> = (0..n).map(|_| rotation.give(None).unwrap().rep).collect();
            rounds.push(round.clone());
            round.sort();
            round.dedup();
            assert_eq!(round.len(), n, "everybody once");
        }
        assert!(n < 10 || rounds[0] != rounds[1], "no round tells the next");
    }
}

#[test]
fn neither_listing_nor_name_gives_an_advantage() {
    let order = |seed, members: Vec<Member>| -> Vec<_> {
        let mut live = Live::new(settings(Kind::Equal), Head::new(team(), seed), [], members);
        (0..30).map(|_| live.give(None).unwrap().rep).collect()
    };
    let members: Vec<_> = (0..10).map(|i| member(i, 1)).collect();
    let reversed: Vec<_> = members.iter().rev().cloned().collect();
    assert_eq!(order(1, members.clone()), order(1, reversed));
    assert_ne!(order(1, members.clone()), order(2, members.clone()));
    let mut firsts = HashMap::new();
    for seed in 0..1_000 {
        *firsts.entry(order(seed, members.clone())[0].clone()).or_insert(0) += 1;
    }
    assert!((0..10).all(|i| (60..140).contains(&firsts[&rep(i)])), "{firsts:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// The bound of Tijdeman's theorem at every prefix, for any weights.
    #[test]
    fn every_prefix_is_within_the_bound(weights in prop::collection::vec(1u32..=MAX_WEIGHT, 2..40), leads in 1u64..600) {
        let total: u64 = weights.iter().map(|w| u64::from(*w)).sum();
        let mut rotation = live(Kind::Weight, &weights);
        for k in 1..=leads {
            rotation.give(None).unwrap();
            for (i, weight) in weights.iter().enumerate() {
                let count = given(&rotation, i);
                prop_assert!(within_bound(count, k, *weight, total, weights.len() as u64), "{count} of {k}");
            }
        }
    }

    /// Fixed point changes no choice: it is one that the rule in whole numbers may make.
    #[test]
    fn it_is_the_rule_in_whole_numbers(weights in prop::collection::vec(1u32..60, 1..12), leads in 1u64..300) {
        let mut rotation = live(Kind::Weight, &weights);
        let mut counts = vec![0; weights.len()];
        for k in 1..=leads {
            let turn = rotation.give(None).unwrap();
            let i = (0..weights.len()).find(|i| rep(*i) == turn.rep).unwrap();
            prop_assert!(may_choose(i, &counts, &weights, k), "{k}: {i} of {counts:?}");
            counts[i] += 1;
        }
    }

    /// A batch decided on one rotation in memory is the same as one by one, each from what was stored before.
    #[test]
    fn a_batch_is_the_same_as_one_by_one(
        weights in prop::collection::vec(1u32..20, 1..10),
        scores in prop::collection::vec(0u8..=100, 1..60),
        kind in prop_oneof![Just(Kind::Equal), Just(Kind::Weight), Just(Kind::Score), Just(Kind::Load)],
    ) {
        let mut batch = live(kind, &weights);
        let mut single = batch.clone();
        for score in scores {
            let turn = batch.give(Some(score));
            prop_assert_eq!(single.give(Some(score)), turn);
            single.changes(usize::MAX);
            let member = |(i, weight): (usize, &u32)| {
                Member { open: given(&single, i) as u32, ..member(i, *weight) }
            };
            let members = weights.iter().enumerate().map(member).collect();
            single = rebuilt(&single, members);
        }
        prop_assert_eq!(batch.head().given, single.head().given);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Above 64 the room is up to twice the team; the bound is that of the room.
    #[test]
    fn large_teams_are_within_the_bound_of_their_room(weights in prop::collection::vec(1u32..=MAX_WEIGHT, 65..130)) {
        let total: u64 = weights.iter().map(|w| u64::from(*w)).sum();
        let mut rotation = live(Kind::Weight, &weights);
        for k in 1..=260 {
            rotation.give(None).unwrap();
            let room = u64::from(rotation.head().room);
            prop_assert_eq!(room, 2 * weights.len() as u64);
            for (i, weight) in weights.iter().enumerate() {
                prop_assert!(within_bound(given(&rotation, i), k, *weight, total, room));
            }
        }
    }
}
