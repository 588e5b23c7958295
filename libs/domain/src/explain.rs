//! Why a lead went where it went, from what was stored with the decision.

use crate::event::{Decision, Skip};
use crate::id::{RepId, TeamId};
use crate::policy::Policy;
use crate::refusal::Refusal;
use crate::rotation;

/// Where a lead went, and why, as the event that told of it has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Where.
    pub to: To,
    /// Why.
    pub decision: Decision,
}

/// Where a lead went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum To {
    /// To a rep, or to one who is asked to accept it.
    Rep {
        /// The rep.
        rep: RepId,
        /// The team whose rotation chose, when one did.
        team: Option<TeamId>,
    },
    /// To a rep who claimed it.
    Claimant(RepId),
    /// Into a pool.
    Pool,
    /// Elsewhere: nobody could take it.
    Nobody,
}

/// Why a rep did not get a lead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WhyNot {
    /// The rep did get it.
    GotIt,
    /// The rep came up and was passed over.
    Skipped(Skip),
    /// The rep is of the team whose rotation chose, and it was another's turn.
    NotTheTurn,
    /// The route that acted leads to others.
    OtherRoute,
    /// Nobody could take the lead, and the rep is not among those who came up.
    NotAsked,
    /// The lead went into a pool, from which reps claim; or it was claimed.
    Pooled,
}

/// Why a rep did not get a lead; refused for one whom the policy does not know.
pub fn why_not(policy: &Policy, rep: &RepId, told: &Told) -> Result<WhyNot, Refusal> {
    if policy.rep(rep).is_none() {
        return Err(Refusal::rep_unknown(rep));
    }
    if let To::Rep { rep: got, .. } | To::Claimant(got) = &told.to
        && got == rep
    {
        return Ok(WhyNot::GotIt);
    }
    if let Some(skip) = told.decision.skips.iter().find(|skip| skip.rep == *rep) {
        return Ok(WhyNot::Skipped(skip.clone()));
    }
    Ok(match &told.to {
        To::Pool | To::Claimant(_) => WhyNot::Pooled,
        To::Rep { team: Some(team), .. } if policy.teams_of(rep).any(|of| of.id == *team) => WhyNot::NotTheTurn,
        To::Rep { .. } => WhyNot::OtherRoute,
        To::Nobody => WhyNot::NotAsked,
    })
}

/// What came out when a rotation chose again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Replayed {
    /// The rep who got the lead.
    Same(RepId),
    /// Somebody else, or nobody.
    Different(Option<RepId>),
    /// No rotation had chosen.
    NoRotation,
}

/// Has the rotation choose again, from the stored choice alone.
pub fn replayed(told: &Told) -> Replayed {
    let Some(rotation) = &told.decision.rotation else { return Replayed::NoRotation };
    let again = rotation::replay(&rotation.choice).cloned();
    match (&told.to, again) {
        (To::Rep { rep, .. }, Some(again)) if again == *rep => Replayed::Same(again),
        (_, again) => Replayed::Different(again),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{RotationTrace, SkipReason};
    use crate::refusal::Reason;
    use crate::rotation::{Candidate, Kind, Standing, Trace};

    fn rep(name: &str) -> RepId {
        RepId::parse(name).unwrap()
    }

    fn policy() -> Policy {
        let teams = "{id: inbound, reps: [{id: ana}, {id: bo}, {id: cy}]}, {id: field, reps: [{id: dee}]}";
        Policy::parse(&format!("teams: [{teams}]\ndefault: {{rotate: inbound}}\n")).unwrap()
    }

    /// To ana, the first of those present; cy was passed over.
    fn told() -> Told {
        let candidate = |name: &str, open| Candidate {
            rep: rep(name),
            weight: 1,
            given: 4,
            standing: Standing::Load { open, last_turn: 3 },
        };
        let team = TeamId::parse("inbound").unwrap();
        let candidates = vec![candidate("ana", 1), candidate("bo", 2)];
        let choice = Trace { kind: Kind::Load, given: 8, seed: 1, room: 0, present: 2, total: 0, candidates };
        Told {
            to: To::Rep { rep: rep("ana"), team: Some(team.clone()) },
            decision: Decision {
                skips: vec![Skip { rep: rep("cy"), reason: SkipReason::AtCapacity }],
                rotation: Some(RotationTrace { team, choice }),
                ..Decision::default()
            },
        }
    }

    #[test]
    fn each_rep_has_one_reason() {
        let why = |name: &str, to: Option<To>| {
            let told = told();
            why_not(&policy(), &rep(name), &Told { to: to.unwrap_or(told.to), ..told })
        };
        assert_eq!(why("ana", None), Ok(WhyNot::GotIt));
        assert_eq!(why("bo", None), Ok(WhyNot::NotTheTurn));
        assert_eq!(why("cy", None), Ok(WhyNot::Skipped(Skip { rep: rep("cy"), reason: SkipReason::AtCapacity })));
        assert_eq!(why("dee", None), Ok(WhyNot::OtherRoute));
        assert_eq!(why("bo", Some(To::Pool)), Ok(WhyNot::Pooled));
        assert_eq!(why("bo", Some(To::Claimant(rep("ana")))), Ok(WhyNot::Pooled));
        assert_eq!(why("bo", Some(To::Claimant(rep("bo")))), Ok(WhyNot::GotIt));
        assert_eq!(why("bo", Some(To::Nobody)), Ok(WhyNot::NotAsked));
        assert_eq!(why("zoe", None).unwrap_err().broken[0].reason, Reason::RepUnknown);
    }

    #[test]
    fn a_choice_that_was_tampered_with_shows() {
        let mut told = told();
        assert_eq!(replayed(&told), Replayed::Same(rep("ana")));
        let choice = &mut told.decision.rotation.as_mut().unwrap().choice;
        choice.candidates[0].standing = Standing::Load { open: 9, last_turn: 3 };
        assert_eq!(replayed(&told), Replayed::Different(Some(rep("bo"))));
        told.decision.rotation.as_mut().unwrap().choice.candidates.clear();
        assert_eq!(replayed(&told), Replayed::Different(None));
        told.decision.rotation = None;
        assert_eq!(replayed(&told), Replayed::NoRotation);
    }
}
