//! How near each rep's leads came to the rep's share, measured from the events in the order they were committed.
//!
//! A rep's share of one lead is its weight over the weights of all who were free at that moment, and its share of a run is
//! the sum of that over the run's leads. Nothing of this is taken from the rotation that is being measured.

use std::collections::BTreeMap;

use crate::outline::Outline;

/// A time in which a rep takes no leads: from the first moment, not at the last, in milliseconds since the Unix epoch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Busy {
    /// The rep.
    pub(super) rep: String,
    /// From, included.
    pub(super) from_ms: i64,
    /// To, excluded.
    pub(super) to_ms: i64,
}

/// What one rep of one team got.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Share {
    /// The rep's weight.
    pub(super) weight: u32,
    /// Leads given.
    pub(super) given: u32,
    /// Leads due.
    pub(super) due: f64,
    /// The largest distance between the two after any lead.
    pub(super) furthest: f64,
}

/// The shares of every team's reps.
#[derive(Debug)]
pub(super) struct Fairness {
    teams: BTreeMap<String, BTreeMap<String, Share>>,
    busy: Vec<Busy>,
}

impl Fairness {
    /// Nobody has got anything yet.
    pub(super) fn new(outline: &Outline) -> Self {
        let share = |rep: &crate::outline::Rep| (rep.id.clone(), Share { weight: rep.weight, ..Share::default() });
        let teams = outline.teams.iter().map(|team| (team.id.clone(), team.reps.iter().map(share).collect())).collect();
        Self { teams, busy: Vec::new() }
    }

    /// From now on this rep is known to be busy then.
    pub(super) fn busy(&mut self, busy: Busy) {
        self.busy.push(busy);
    }

    /// A team's rotation gave a lead to a rep, decided at this moment.
    pub(super) fn given(&mut self, team: &str, rep: &str, at_ms: i64) {
        let Some(shares) = self.teams.get_mut(team) else { return };
        let free =
            |rep: &str| !self.busy.iter().any(|busy| busy.rep == rep && busy.from_ms <= at_ms && at_ms < busy.to_ms);
        let weights: u32 = shares.iter().filter(|(rep, _)| free(rep)).map(|(_, share)| share.weight).sum();
        for (member, share) in shares {
            if member == rep {
                share.given += 1;
            }
            if weights > 0 && free(member) {
                share.due += f64::from(share.weight) / f64::from(weights);
            }
            share.furthest = share.furthest.max((f64::from(share.given) - share.due).abs());
        }
    }

    /// What a rep of a team got.
    pub(super) fn share(&self, team: &str, rep: &str) -> Option<&Share> {
        self.teams.get(team)?.get(rep)
    }

    /// The largest distance that any rep ever had from its share, in leads.
    pub(super) fn furthest(&self) -> f64 {
        self.teams.values().flat_map(BTreeMap::values).map(|share| share.furthest).fold(0.0, f64::max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fairness() -> Fairness {
        Fairness::new(&Outline::parse("teams: [{id: t, reps: [{id: a, weight: 3}, {id: b}]}]").unwrap())
    }

    #[test]
    fn the_share_follows_the_weights() {
        let mut fairness = fairness();
        for rep in ["a", "b", "a", "a"] {
            fairness.given("t", rep, 0);
        }
        let share = fairness.share("t", "a").unwrap();
        assert_eq!((share.given, share.due, share.furthest), (3, 3.0, 0.5));
        assert_eq!(fairness.share("t", "b").unwrap().due, 1.0);
        assert_eq!(fairness.furthest(), 0.5);
    }

    #[test]
    fn an_unfair_hand_is_seen() {
        let mut fairness = fairness();
        for _ in 0..8 {
            fairness.given("t", "a", 0);
        }
        assert_eq!(fairness.furthest(), 2.0);
    }

    #[test]
    fn who_is_busy_is_owed_nothing_meanwhile() {
        let mut fairness = fairness();
        fairness.busy(Busy { rep: "b".into(), from_ms: 10, to_ms: 20 });
        fairness.given("t", "a", 9);
        fairness.given("t", "a", 10);
        fairness.given("t", "a", 19);
        assert_eq!(fairness.share("t", "b").unwrap().due, 0.25);
        fairness.given("t", "b", 20);
        assert_eq!(fairness.share("t", "b").unwrap().due, 0.5);
    }
}
