//! Between memory and store.

use super::*;

/// What is stored, as Redis has it.
#[derive(Clone)]
struct Stored {
    head: Head,
    seats: HashMap<RepId, Seat>,
}

impl Stored {
    fn new() -> Self {
        Self { head: Head::new(team(), 42), seats: HashMap::new() }
    }

    fn put(&mut self, changes: Changes) {
        self.head = changes.head;
        self.seats.extend(changes.seats.into_iter().map(|seat| (seat.rep.clone(), seat)));
    }

    fn load(&self, settings: Settings, members: Vec<Member>) -> Live {
        Live::new(settings, self.head.clone(), self.seats.values().cloned(), members)
    }
}

/// A morning: 300 return before the first lead, written 50 at a time. Whoever finds the half of it goes on the same.
#[test]
fn what_is_written_in_pieces_is_sound_after_each() {
    let weights: Vec<u32> = (0..300).map(|i| 1 + i % 9).collect();
    let members: Vec<_> = weights.iter().enumerate().map(|(i, weight)| member(i, *weight)).collect();
    let away = members.iter().cloned().map(|member| Member { present: false, ..member }).collect::<Vec<_>>();
    let mut stored = Stored::new();
    let mut rotation = stored.load(settings(Kind::Weight), members.clone());
    for _ in 0..777 {
        rotation.give(None);
    }
    let mut undisturbed = rotation.clone();
    stored.put(rotation.changes(usize::MAX).unwrap());
    let mut night = stored.load(settings(Kind::Weight), away);
    stored.put(night.changes(usize::MAX).unwrap());
    for member in &members {
        night.set_present(&member.rep, true);
    }
    let mut pieces = 0;
    while let Some(changes) = night.changes(50) {
        assert!(changes.seats.len() <= 50);
        stored.put(changes);
        pieces += 1;
        let mut found = stored.load(settings(Kind::Weight), members.clone());
        let mut going_on = undisturbed.clone();
        for _ in 0..50 {
            assert_eq!(found.give(None).unwrap().rep, going_on.give(None).unwrap().rep, "after {pieces} pieces");
        }
    }
    assert_eq!(pieces, 6);
    for _ in 0..50 {
        assert_eq!(night.give(None).unwrap().rep, undisturbed.give(None).unwrap().rep);
    }
}
