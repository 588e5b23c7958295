//! What a lead costs, in looks at a node of the tree, not in time; with five candidates shown, as policies have it.

use super::*;

/// Looks a lead costs on average and at most, in a team of `n` after a while, with absences.
fn looks(kind: Kind, n: usize) -> (u64, u64) {
    let weights: Vec<u32> = (0..n).map(|i| 1 + (i * 7 % 50) as u32).collect();
    let mut rotation = with(Settings { shown: 5, ..settings(kind) }, &weights);
    rotation.give(None);
    let (leads, mut most) = (3_000, 0);
    let before = rotation.order.looks.get();
    for k in 0..leads {
        let start = rotation.order.looks.get();
        rotation.give(Some((k * 37 % 101) as u8));
        // Somebody leaves, and somebody returns.
        rotation.set_present(&rep(k * 31 % n), k % 2 == 1);
        rotation.set_present(&rep((k - k % 2) * 31 % n), k % 2 == 1);
        most = most.max(rotation.order.looks.get() - start);
    }
    ((rotation.order.looks.get() - before) / leads as u64, most)
}

#[test]
fn a_lead_costs_the_logarithm_of_the_team() {
    for kind in [Kind::Weight, Kind::Equal, Kind::Score, Kind::Load] {
        let costs = [10, 100, 10_000].map(|n| (n, looks(kind, n)));
        println!("{kind:?}: looks a lead with a leave or a return, on average and at most: {costs:?}");
        let [(_, small), (_, middle), (_, large)] = costs;
        // A treap is about 2·ln n deep: a hundred times the team, twice as deep.
        assert!(large.0 < 3 * middle.0 && middle.0 < 4 * small.0, "{kind:?} {costs:?}");
        assert!(large.1 < 4_000, "{kind:?} {costs:?}");
    }
}

#[test]
fn one_lead_writes_one_seat() {
    for n in [2, 100, 5_000] {
        let weights: Vec<u32> = (0..n).map(|i| 1 + (i % 5) as u32).collect();
        let mut rotation = live(Kind::Weight, &weights);
        assert_eq!(rotation.changes(usize::MAX).unwrap().seats.len(), n, "founding writes everybody");
        for _ in 0..300 {
            let turn = rotation.give(None).unwrap();
            let changes = rotation.changes(usize::MAX).unwrap();
            let [seat] = &changes.seats[..] else { panic!("{} seats", changes.seats.len()) };
            assert_eq!(seat.rep, turn.rep);
        }
        let away = rep(1);
        rotation.set_present(&away, false);
        assert_eq!(rotation.changes(usize::MAX).unwrap().seats.len(), 1);
    }
}
