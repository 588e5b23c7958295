//! What becomes of leads that nobody claims: C11.
//!
//! Each stage comes so long after the lead entered its pool. When several have come, by a worker that was away, the last one
//! counts: who is to have the manager is not given to a rep on the way.

use super::settings::Unclaimed;
use crate::time::{Millis, Span};

/// What a pooled lead that nobody claimed comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// It moves to another pool.
    Recycle,
    /// It is given to a rep of a team.
    Assign,
    /// It goes to the manager.
    Escalate,
}

/// How long after a stage that nobody could carry out it is tried again.
pub const AGAIN_AFTER: Span = Span::minutes(1);

impl Unclaimed {
    fn stages(&self) -> impl Iterator<Item = (Span, Stage)> {
        let stages = [
            self.recycle.as_ref().map(|(after, _)| (*after, Stage::Recycle)),
            self.assign.map(|(after, _)| (after, Stage::Assign)),
            self.escalate_after.map(|after| (after, Stage::Escalate)),
        ];
        stages.into_iter().flatten()
    }

    /// The stage that has come for a lead that has been in the pool since `since`.
    pub fn due(&self, since: Millis, now: Millis) -> Option<Stage> {
        let come = self.stages().filter(|(after, _)| now >= since.after(*after));
        come.max().map(|(_, stage)| stage)
    }

    /// When a stage comes next, after `now`.
    pub fn next(&self, since: Millis, now: Millis) -> Option<Millis> {
        self.stages().map(|(after, _)| since.after(after)).filter(|at| *at > now).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::PoolId;

    #[test]
    fn each_stage_comes_at_its_moment() {
        let pool = PoolId::parse("late").unwrap();
        let unclaimed = Unclaimed {
            assign: Some((Span::minutes(30), 0)),
            escalate_after: Some(Span::minutes(60)),
            recycle: Some((Span::minutes(30), pool)),
        };
        let since = Millis(7);
        let at = |minutes, millis: i64| Millis(since.0 + Span::minutes(minutes).0 + millis);
        assert_eq!(unclaimed.due(since, at(30, -1)), None);
        assert_eq!(unclaimed.due(since, at(30, 0)), Some(Stage::Assign), "at once with the other pool");
        assert_eq!(unclaimed.due(since, at(60, -1)), Some(Stage::Assign));
        assert_eq!(unclaimed.due(since, at(60, 0)), Some(Stage::Escalate));
        assert_eq!(unclaimed.next(since, at(0, 0)), Some(at(30, 0)));
        assert_eq!(unclaimed.next(since, at(30, 0)), Some(at(60, 0)));
        assert_eq!(unclaimed.next(since, at(60, 0)), None);
        assert_eq!(Unclaimed::default().due(since, at(600, 0)), None);
    }
}
