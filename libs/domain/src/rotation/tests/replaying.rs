//! A trace alone tells who was chosen, and what would have changed that.

use super::*;

/// Turns of all kinds, with everything that may happen in between.
fn turns(kind: Kind, count: usize) -> Vec<Turn> {
    let weights: Vec<u32> = (0..40).map(|i| 1 + i * i % 23).collect();
    let settings = Settings { kind, returning: Returning::CatchUp, shown: MAX_SHOWN };
    let mut rotation = with(settings, &weights);
    let mut turns = Vec::new();
    for k in 0..count {
        match k % 7 {
            0 => drop(rotation.set_present(&rep(k * 13 % 40), false)),
            2 | 5 => drop(rotation.set_present(&rep(k * 17 % 40), true)),
            3 => drop(rotation.set_weight(&rep(k % 40), 1 + (k % 30) as u32)),
            4 => drop(rotation.credit(&rep(k * 3 % 40), Some(40))),
            6 => drop(rotation.set_load(&rep(k * 11 % 40), (k % 5) as u32)),
            _ => {}
        }
        turns.extend(rotation.give(Some((k * 31 % 101) as u8)));
    }
    turns
}

/// When each candidate is due, worked out another way: in floating point, from what the trace shows. Ties to the nearest
/// 10⁻⁹ are not told apart.
fn due(trace: &Trace, candidate: &Candidate) -> (bool, f64) {
    let tolerance = if trace.room > 1 { 0.5 / (f64::from(trace.room) - 1.0) } else { 0.0 };
    match candidate.standing {
        Standing::Owed(owed) => {
            let owed = owed as f64 / ONE as f64;
            (owed < tolerance - 1e-9, (1.0 - tolerance - owed) / f64::from(candidate.weight))
        }
        Standing::Score(level) => (false, level as f64 / POINT as f64),
        Standing::Load { open, last_turn } => (false, f64::from(open) * 1e6 + last_turn as f64),
    }
}

/// Nobody is clearly before the one who is chosen.
fn assert_chosen(trace: &Trace) {
    let chosen = replay(trace).unwrap();
    let chosen = trace.candidates.iter().find(|candidate| candidate.rep == *chosen).unwrap();
    let (chosen_late, chosen_due) = due(trace, chosen);
    for other in &trace.candidates {
        let (late, due) = due(trace, other);
        assert!(late || !chosen_late || due >= chosen_due - 1e-9, "{trace:?}");
        assert!(late != chosen_late || due >= chosen_due - 1e-9, "{chosen:?} before {other:?}");
    }
}

#[test]
fn thousands_of_choices_replay() {
    for kind in [Kind::Equal, Kind::Weight, Kind::Attainment, Kind::Conversion, Kind::Load, Kind::Score] {
        for turn in turns(kind, 2_000) {
            let mut trace = turn.trace;
            assert_eq!(replay(&trace), Some(&turn.rep), "{trace:?}");
            assert_eq!(trace.candidates[0].rep, turn.rep, "the first of those shown");
            assert_eq!(trace.candidates.len(), MAX_SHOWN.min(trace.present as usize));
            assert_chosen(&trace);
            // Those shown are in the order in which they would have been chosen.
            while trace.candidates.len() > 1 {
                trace.candidates.remove(0);
                assert_eq!(replay(&trace), Some(&trace.candidates[0].rep));
            }
        }
    }
}

#[test]
fn a_changed_fact_changes_exactly_the_answers_it_should() {
    let (mut changed, mut unchanged) = (0, 0);
    for kind in [Kind::Weight, Kind::Load, Kind::Score] {
        for (k, turn) in turns(kind, 600).into_iter().enumerate() {
            for i in 0..turn.trace.candidates.len() {
                let mut trace = turn.trace.clone();
                let candidate = &mut trace.candidates[i];
                let by = (k as i128 % 9 - 4) * ONE / 3;
                match &mut candidate.standing {
                    Standing::Owed(_) if k % 2 == 0 => candidate.weight = 1 + (candidate.weight * 5 + k as u32) % 60,
                    Standing::Owed(owed) => *owed += by,
                    Standing::Score(level) => *level += by / 3,
                    Standing::Load { open, last_turn } if k % 2 == 0 => {
                        (*open, *last_turn) = (k as u32 % 3, *last_turn)
                    }
                    Standing::Load { last_turn, .. } => *last_turn = last_turn.wrapping_mul(7) % 900,
                }
                // By the other way of working it out.
                assert_chosen(&trace);
                let is_same = replay(&trace) == Some(&turn.rep);
                if is_same { unchanged += 1 } else { changed += 1 }
            }
        }
    }
    assert!(changed > 3_000 && unchanged > 3_000, "{changed} {unchanged}");
}

/// The seed is part of the trace: with another one, only ties fall otherwise.
#[test]
fn the_seed_breaks_ties_only() {
    let mut rotation = with(Settings { shown: MAX_SHOWN, ..settings(Kind::Equal) }, &[1; 12]);
    for k in 0..120 {
        let mut trace = rotation.give(None).unwrap().trace;
        let answers: std::collections::HashSet<_> = (0..300)
            .map(|seed| {
                trace.seed = seed;
                replay(&trace).unwrap().clone()
            })
            .collect();
        assert_eq!(answers.len(), 12 - k % 12, "all of those who have not had one in this round");
    }
}

#[test]
fn nothing_shown_is_nobody() {
    let trace = Trace { candidates: Vec::new(), ..live(Kind::Equal, &[1]).give(None).unwrap().trace };
    assert_eq!(replay(&trace), None);
}
