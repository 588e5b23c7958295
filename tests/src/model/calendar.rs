//! What comes by the calendar, as the pool service does it: tiers, and the activity floor.

use leadhand_domain::figures::{Figures, Week};
use leadhand_domain::floor;
use leadhand_domain::id::RepId;
use leadhand_domain::rounds::{self, Rounds};
use leadhand_domain::tiers::{self, Candidate};
use leadhand_domain::time::Millis;

use super::{Asked, World};

impl World {
    fn is_due(&self, of: fn(&Rounds) -> Option<Millis>, now: Millis) -> Option<Millis> {
        self.records.rounds().and_then(of).filter(|due| *due <= now)
    }

    fn put_right(&mut self, now: Millis) {
        let right = self.transact(None, |records, policy| Ok(rounds::restore(records, policy, now)));
        right.expect("it is put right whatever there is");
    }

    pub(super) fn calculate_tiers(&mut self, now: Millis) {
        let policy = self.policy.clone();
        let (Some(_), Some(rule)) = (self.is_due(|rounds| rounds.tiers, now), policy.guardrails.tiers.weekly) else {
            return self.put_right(now);
        };
        let as_of = tiers::as_of(now);
        let mut reps: Vec<RepId> = policy.reps().cloned().collect();
        reps.sort_unstable();
        let candidates = reps.iter().map(|rep| Candidate {
            rep: rep.clone(),
            figures: Figures::of(&self.records, rep, Week::of(as_of).looked_at()),
            target: policy.target(rep),
        });
        let rankings = tiers::rank(candidates.collect(), &rule);
        for ranking in &rankings {
            if let Some(change) = tiers::give(&self.records, ranking, as_of, &policy, now) {
                self.commit(None, change);
            }
        }
        let begins = self.records.policy_head().is_some_and(|head| head.tiers_since.is_none());
        if !rankings.is_empty() && begins {
            for rep in reps.iter().filter(|rep| !rankings.iter().any(|ranking| ranking.candidate.rep == **rep)) {
                if let Some(change) = tiers::keep(&self.records, rep, as_of) {
                    self.commit(None, change);
                }
            }
        }
        let finish =
            self.transact(None, |records, policy| tiers::finish(records, !rankings.is_empty(), as_of, policy, now));
        finish.expect("nobody else has");
    }

    pub(super) fn hold_to_floor(&mut self, now: Millis) {
        let policy = self.policy.clone();
        let (Some(due), Some(_)) = (self.is_due(|rounds| rounds.floor, now), policy.guardrails.floor) else {
            return self.put_right(now);
        };
        let stretch = floor::stretch(due, now);
        let mut reps: Vec<&RepId> = policy.reps().filter(|rep| floor::holds(&policy, rep)).collect();
        reps.sort_unstable();
        for rep in reps {
            for day in floor::ended(&self.records, rep, &policy, stretch) {
                if floor::below(&self.records, rep, &policy, &day).is_some() {
                    let asked = Asked::new("HoldToFloor", rep, &day.day.to_string());
                    let told =
                        self.transact(Some(asked), |records, policy| floor::tell(records, rep, policy, &day, now));
                    told.expect("the rep is below the floor");
                }
            }
        }
        let finish = self.transact(None, |records, policy| floor::finish(records, stretch.1, policy, now));
        finish.expect("nobody else has");
    }
}
