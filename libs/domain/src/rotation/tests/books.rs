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

    fn seats(&self, reps: &[RepId]) -> Vec<Seat> {
        reps.iter().map(|rep| self.seats.get(rep).cloned().unwrap_or_else(|| Seat::new(team(), rep.clone()))).collect()
    }
}

#[test]
fn the_head_knows_the_last_64_changes() {
    let mut head = Head::new(team(), 0);
    assert_eq!(head.since(0).unwrap().count(), 0);
    for i in 0..100 {
        head.note(rep(i));
    }
    assert_eq!((head.changed, head.recent.len()), (100, RECENT));
    assert_eq!(head.since(98).unwrap().collect::<Vec<_>>(), [&rep(98), &rep(99)]);
    assert_eq!(head.since(36).unwrap().count(), 64);
    assert!(head.since(35).is_none(), "too long ago");
    assert!(head.since(101).is_none(), "not yet");
    let wild = Head { changed: u64::MAX, ..Head::new(team(), 0) };
    assert!(wild.since(0).is_none());
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

#[test]
fn a_number_that_came_back_is_seen() {
    let members: Vec<_> = (0..3).map(|i| member(i, 1 + i as u32)).collect();
    let mut stored = Stored::new();
    let mut ours = stored.load(settings(Kind::Weight), members.clone());
    let mut old = ours.clone();
    for _ in 0..5 {
        ours.give(None);
        stored.put(ours.changes(usize::MAX).unwrap());
    }
    let committed = ours.head().changed;
    assert_eq!(ours.behind(&stored.head, committed), Some(vec![]));
    // A failover loses the last changes, and others write something else under their numbers.
    let mut lost = Stored::new();
    assert_eq!(ours.behind(&lost.head, committed), None, "gone back");
    old.set_present(&rep(2), false);
    for _ in 0..6 {
        old.give(None);
        lost.put(old.changes(usize::MAX).unwrap());
    }
    assert!(lost.head.changed >= committed);
    assert_eq!(ours.behind(&lost.head, committed), None);
}

#[derive(Debug, Clone)]
enum Step {
    /// One of two processes gives some leads and commits or does not.
    Give(bool, u8, bool),
    /// One finds a rep present or not.
    Present(bool, usize, bool),
    /// One has decided something that is in vain, before it finds itself behind.
    Catch(bool),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        (any::<bool>(), 1u8..5, any::<bool>()).prop_map(|(who, n, commits)| Step::Give(who, n, commits)),
        (any::<bool>(), 0usize..8, any::<bool>()).prop_map(|(who, i, here)| Step::Present(who, i, here)),
        any::<bool>().prop_map(Step::Catch),
    ];
    prop::collection::vec(step, 1..60)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Two processes on one rotation: who is overtaken reads again what it is told to, no more, and then stands exactly as if
    /// it had read everything.
    #[test]
    fn who_is_behind_reads_what_changed_and_stands_as_if_it_had_read_all(
        steps in steps(),
        kind in prop_oneof![Just(Kind::Weight), Just(Kind::Score), Just(Kind::Load)],
        returning in prop_oneof![Just(Returning::Resume), Just(Returning::CatchUp)],
    ) {
        let settings = Settings { kind, returning, shown: 0 };
        let mut stored = Stored::new();
        let members = || (0..8).map(|i| member(i, 1 + i as u32 % 3)).collect::<Vec<_>>();
        let mut process = [stored.load(settings, members()), stored.load(settings, members())];
        let mut committed = [0, 0];
        for step in steps {
            let who = match step {
                Step::Give(who, ..) | Step::Present(who, ..) | Step::Catch(who) => usize::from(who),
            };
            let mine = &mut process[who];
            match step {
                Step::Present(_, i, here) => {
                    mine.set_present(&rep(i), here);
                    continue;
                }
                Step::Give(_, n, commits) => {
                    for _ in 0..n {
                        mine.give(Some(n * 20));
                    }
                    let changes = mine.changes(usize::MAX);
                    // The commit's condition: nobody has written since.
                    if commits && stored.head.changed == committed[who] {
                        if let Some(changes) = changes {
                            stored.put(changes);
                        }
                        committed[who] = stored.head.changed;
                        continue;
                    }
                }
                Step::Catch(_) => {}
            }
            let presence: Vec<_> = (0..8).map(|i| mine.is_present(&rep(i))).collect();
            // Loads are not the rotation's to remember.
            let as_it_is = |i| Member { present: presence[i], open: i as u32, ..member(i, 1 + i as u32 % 3) };
            let team = || (0..8).map(as_it_is).collect::<Vec<_>>();
            match mine.behind(&stored.head, committed[who]) {
                Some(reps) => {
                    mine.refresh(stored.head.clone(), stored.seats(&reps));
                    mine.set_team(team());
                }
                None => *mine = stored.load(settings, team()),
            }
            committed[who] = stored.head.changed;
            let mut fresh = stored.load(settings, team());
            let mut again = mine.clone();
            for _ in 0..12 {
                let (a, b) = (fresh.give(Some(70)), again.give(Some(70)));
                prop_assert_eq!(a.map(|turn| (turn.rep, turn.owed)), b.map(|turn| (turn.rep, turn.owed)));
            }
        }
    }
}
