//! Who may act for whom.

use std::collections::HashSet;

use super::Policy;
use crate::id::RepId;
use crate::refusal::{Reason, Refusal};

impl Policy {
    /// Whether the policy names somebody, who has not left, as a manager: of a rep, of a team, or of all.
    pub fn is_manager(&self, manager: &RepId) -> bool {
        let names = |named: &Option<RepId>| named.as_ref() == Some(manager);
        self.has_rep(manager)
            && (names(&self.manager)
                || self.teams.iter().any(|team| names(&team.manager))
                || self.reps.values().any(|rep| names(&rep.manager)))
    }

    /// Whether somebody is a manager of a rep: the rep's own, one of the rep's teams', the document's, or in turn a manager of
    /// one of these. A manager is their own too. For a rep of whom the policy knows nothing any more, any manager is.
    pub fn manages(&self, manager: &RepId, rep: &RepId) -> bool {
        if !self.has_rep(manager) {
            return false;
        }
        if self.manager.as_ref() == Some(manager) {
            return true;
        }
        if manager == rep || self.rep(rep).is_none() {
            return self.is_manager(manager);
        }
        // Teams may be each other's managers': nobody is looked at twice.
        let (mut above, mut seen) = (vec![rep], HashSet::from([rep]));
        while let Some(at) = above.pop() {
            let own = self.rep(at).and_then(|rep| rep.manager.as_ref());
            for next in own.into_iter().chain(self.teams_of(at).filter_map(|team| team.manager.as_ref())) {
                if next == manager {
                    return true;
                }
                if seen.insert(next) {
                    above.push(next);
                }
            }
        }
        false
    }

    /// Refuses who is no manager of any of these reps; where there is none, who is no manager at all.
    pub fn require_manager<'a>(&self, manager: &RepId, of: impl IntoIterator<Item = &'a RepId>) -> Result<(), Refusal> {
        let mut of = of.into_iter().peekable();
        let may = if of.peek().is_none() { self.is_manager(manager) } else { of.any(|rep| self.manages(manager, rep)) };
        if may {
            return Ok(());
        }
        Err(Refusal::of(Reason::NotManager, format!("`{manager}` is no manager of those concerned")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rep(id: &str) -> RepId {
        RepId::parse(id).unwrap()
    }

    fn policy(all: &str) -> Policy {
        Policy::parse(&format!(
            "
{all}
reps:
  - {{id: ana, manager: mia}}
  - {{id: mia, manager: top}}
  - {{id: old, left: true}}
  - {{id: lee, manager: old}}
  - {{id: top}}
  - {{id: boss}}
teams:
  - {{id: a, manager: max, reps: [{{id: ana}}, {{id: bo}}, {{id: lee}}]}}
  - {{id: b, manager: bo, reps: [{{id: max}}, {{id: cy}}]}}
default: {{rotate: a}}
"
        ))
        .unwrap()
    }

    #[test]
    fn managers_are_those_of_the_rep_of_the_teams_and_theirs() {
        let policy = policy("");
        let manages = |manager: &str, of: &str| policy.manages(&rep(manager), &rep(of));
        for (manager, of) in
            [("mia", "ana"), ("top", "ana"), ("max", "ana"), ("max", "bo"), ("top", "mia"), ("bo", "cy")]
        {
            assert!(manages(manager, of), "{manager} of {of}");
        }
        // The managers of a and b are each other's.
        assert!(manages("bo", "ana") && manages("max", "cy"));
        for (manager, of) in [("mia", "bo"), ("ana", "bo"), ("top", "cy"), ("cy", "bo"), ("eve", "ana"), ("ana", "mia")]
        {
            assert!(!manages(manager, of), "{manager} of {of}");
        }
        assert!(manages("mia", "mia") && !manages("ana", "ana"), "a manager is their own");
        assert!(!manages("old", "lee"), "who has left manages nobody");
        assert!(manages("mia", "gone") && !manages("ana", "gone"), "of a stranger any manager is one");
    }

    #[test]
    fn the_document_s_manager_is_everybody_s() {
        let policy = policy("manager: boss");
        assert!(policy.manages(&rep("boss"), &rep("cy")) && policy.manages(&rep("boss"), &rep("top")));
        assert!(policy.is_manager(&rep("boss")) && !policy.is_manager(&rep("cy")));
    }

    #[test]
    fn one_of_those_concerned_is_enough() {
        let policy = policy("");
        let (ana, cy) = (rep("ana"), rep("cy"));
        assert_eq!(policy.require_manager(&rep("mia"), [&cy, &ana]), Ok(()));
        assert_eq!(policy.require_manager(&rep("mia"), []), Ok(()));
        let refused = policy.require_manager(&rep("mia"), [&cy]).unwrap_err();
        assert_eq!(refused.broken[0].reason, Reason::NotManager);
        assert_eq!(policy.require_manager(&ana, []).unwrap_err().broken[0].reason, Reason::NotManager);
    }
}
