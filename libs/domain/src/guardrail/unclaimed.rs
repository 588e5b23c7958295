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

/// From when the stages of an unclaimed lead count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Since {
    /// When it entered its pool.
    pub pooled: Millis,
    /// From when its escalation counts: when it was pushed, if that came first.
    pub pushed: Millis,
}

impl Unclaimed {
    fn stages(&self, since: Since) -> impl Iterator<Item = (Millis, Stage)> {
        let stages = [
            self.recycle.as_ref().map(|(after, _)| (since.pooled.after(*after), Stage::Recycle)),
            self.assign.map(|(after, _)| (since.pooled.after(after), Stage::Assign)),
            self.escalate_after.map(|after| (since.pushed.after(after), Stage::Escalate)),
        ];
        stages.into_iter().flatten()
    }

    /// The stage that a lead has come to.
    pub fn due(&self, since: Since, now: Millis) -> Option<Stage> {
        self.stages(since).filter(|(at, _)| now >= *at).map(|(_, stage)| stage).max()
    }

    /// When a stage comes next, after `now`.
    pub fn next(&self, since: Since, now: Millis) -> Option<Millis> {
        self.stages(since).map(|(at, _)| at).filter(|at| *at > now).min()
    }

    /// When there is something to do about a lead: `now`, if a stage has come.
    pub fn comes(&self, since: Since, now: Millis) -> Option<Millis> {
        self.due(since, now).map(|_| now).or_else(|| self.next(since, now))
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
        let entered = Millis(7);
        let since = Since { pooled: entered, pushed: entered };
        let at = |minutes, millis: i64| Millis(entered.0 + Span::minutes(minutes).0 + millis);
        assert_eq!(unclaimed.due(since, at(30, -1)), None);
        assert_eq!(unclaimed.due(since, at(30, 0)), Some(Stage::Assign), "at once with the other pool");
        assert_eq!(unclaimed.due(since, at(60, -1)), Some(Stage::Assign));
        assert_eq!(unclaimed.due(since, at(60, 0)), Some(Stage::Escalate));
        assert_eq!(unclaimed.next(since, at(0, 0)), Some(at(30, 0)));
        assert_eq!(unclaimed.next(since, at(30, 0)), Some(at(60, 0)));
        assert_eq!(unclaimed.next(since, at(60, 0)), None);
        assert_eq!(Unclaimed::default().due(since, at(600, 0)), None);
    }

    #[test]
    fn what_was_pushed_first_is_escalated_by_when_that_was() {
        let stages =
            Unclaimed { escalate_after: Some(Span::hours(2)), recycle: None, assign: Some((Span::hours(2), 0)) };
        let at = |minutes, millis: i64| Millis(Span::minutes(minutes).0 + millis);
        let since = Since { pooled: at(30, 0), pushed: at(0, 0) };
        assert_eq!(stages.comes(since, at(30, 0)), Some(at(120, 0)));
        assert_eq!(stages.due(since, at(120, -1)), None);
        assert_eq!(stages.due(since, at(120, 0)), Some(Stage::Escalate));
        assert_eq!(stages.comes(since, at(120, 0)), Some(at(120, 0)));
        assert_eq!(stages.next(since, at(120, 0)), Some(at(150, 0)), "what counts from entering the pool");
    }
}
