use proptest::prelude::*;

use super::*;

fn reps(n: usize) -> Vec<RepId> {
    (0..n).map(|i| RepId::parse(&format!("r{i}")).unwrap()).collect()
}

fn candidates<'a>(reps: &'a [RepId], weights: &[u32]) -> Vec<Candidate<'a>> {
    reps.iter().zip(weights).map(|(rep, weight)| Candidate { rep, weight: *weight }).collect()
}

fn rotation() -> Rotation {
    Rotation::new(TeamId::parse("t").unwrap())
}

/// Exact, without fixed point: whether |count − k·w/W| ≤ 1 − 1/(2n−2), in whole numbers.
fn within_bound(count: u64, k: u64, weight: u32, total: u64, n: u64) -> bool {
    let difference = (i128::from(count) * i128::from(total) - i128::from(k) * i128::from(weight)).abs();
    let scale = i128::from(2 * n - 2);
    difference * scale <= i128::from(total) * (scale - 1)
}

#[test]
fn nobody_gets_nothing() {
    assert_eq!(rotation().give(&[]), None);
}

#[test]
fn one_rep_gets_everything() {
    let reps = reps(1);
    let mut rotation = rotation();
    for _ in 0..5 {
        assert_eq!(rotation.give(&candidates(&reps, &[7])).unwrap().rep, reps[0]);
    }
    assert_eq!(rotation.seats[0].given, 5);
}

#[test]
fn equal_weights_take_turns() {
    let reps = reps(3);
    let mut rotation = rotation();
    let turns: Vec<_> = (0..6).map(|_| rotation.give(&candidates(&reps, &[1, 1, 1])).unwrap().rep).collect();
    for round in turns.chunks(3) {
        let mut round = round.to_vec();
        round.sort();
        assert_eq!(round, reps);
    }
}

#[test]
fn who_was_away_is_not_flooded() {
    let reps = reps(4);
    let all = candidates(&reps, &[1; 4]);
    let mut rotation = rotation();
    for _ in 0..40 {
        rotation.give(&all);
    }
    for _ in 0..300 {
        rotation.give(&all[1..]);
    }
    let given = |rotation: &Rotation| rotation.seats.iter().find(|seat| seat.rep == reps[0]).unwrap().given;
    let before = given(&rotation);
    for _ in 0..40 {
        rotation.give(&all);
    }
    let got = given(&rotation) - before;
    assert!((9..=11).contains(&got), "{got} of 40 after an absence, 10 is the share");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// The bound of Tijdeman's theorem at every prefix, for any weights.
    #[test]
    fn every_prefix_is_within_the_bound(weights in prop::collection::vec(1u32..=MAX_WEIGHT, 2..40), leads in 1u64..600) {
        let reps = reps(weights.len());
        let candidates = candidates(&reps, &weights);
        let total: u64 = weights.iter().map(|w| u64::from(*w)).sum();
        let mut rotation = rotation();
        for k in 1..=leads {
            rotation.give(&candidates).unwrap();
            for (seat, weight) in rotation.seats.iter().zip(&weights) {
                prop_assert!(within_bound(seat.given, k, *weight, total, reps.len() as u64), "{} of {k}", seat.given);
            }
        }
    }

    /// Through any comings, goings and changes of weight: only those present are chosen, what they are owed sums to
    /// nothing, and who leaves takes along exactly what was owed then.
    #[test]
    fn absences_keep_the_books(
        weights in prop::collection::vec(1u32..100, 2..12),
        phases in prop::collection::vec((any::<u16>(), 1u32..40, 1u32..100), 1..25),
    ) {
        let reps = reps(weights.len());
        let mut weights = weights;
        let mut rotation = rotation();
        for (mask, leads, weight) in phases {
            let changed = usize::from(mask) % weights.len();
            weights[changed] = weight;
            let all = candidates(&reps, &weights);
            let present: Vec<_> = all.iter().enumerate().filter(|(i, _)| mask >> i & 1 == 1).map(|(_, c)| *c).collect();
            let before: Vec<_> = rotation.seats.iter().map(|seat| (seat.rep.clone(), rotation.owed(seat))).collect();
            for first in (0..leads).map(|n| n == 0) {
                let turn = rotation.give(&present);
                let left = |rep: &RepId| !present.iter().any(|candidate| candidate.rep == rep);
                for (rep, owed) in before.iter().filter(|(rep, _)| first && left(rep)) {
                    let seat = rotation.seats.iter().find(|seat| seat.rep == *rep).unwrap();
                    if let Some(owed) = owed {
                        prop_assert_eq!(seat.balance, Balance::Owed(*owed));
                    }
                }
                prop_assert_eq!(turn.is_some(), !present.is_empty());
                if let Some(turn) = turn {
                    prop_assert!(present.iter().any(|c| *c.rep == turn.rep));
                }
            }
            let owed: Vec<_> = rotation.seats.iter().filter_map(|seat| rotation.owed(seat)).collect();
            prop_assert_eq!(owed.len(), present.len());
            let sum: i128 = owed.iter().sum();
            prop_assert!(sum.abs() < ONE / 1_000_000, "owed in all: {sum}");
        }
    }
}
