//! What the command line needs to know of a policy document: who there is.
//!
//! The document is checked by the service that applies it. Reading only its outline here lets an older command line work
//! with a newer policy.

use serde::Deserialize;

/// The teams and pools of a policy.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct Outline {
    /// The teams, in the document's order.
    #[serde(default)]
    pub(crate) teams: Vec<Team>,
}

/// A team.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Team {
    /// Its id.
    pub(crate) id: String,
    /// Who is in it.
    #[serde(default)]
    pub(crate) reps: Vec<Rep>,
}

/// A member of a team.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Rep {
    /// The rep's id.
    pub(crate) id: String,
    /// How many leads the rep gets for each lead of a member of weight 1.
    #[serde(default = "one")]
    pub(crate) weight: u32,
}

fn one() -> u32 {
    1
}

impl Outline {
    /// Reads the outline of a document; what it does not know it skips.
    pub(crate) fn parse(document: &str) -> Result<Self, String> {
        serde_saphyr::from_str(document).map_err(|error| format!("the policy cannot be read: {error}"))
    }

    /// Every rep once, in the document's order, with the teams it is in.
    pub(crate) fn reps(&self) -> Vec<(&str, Vec<&str>)> {
        let mut reps: Vec<(&str, Vec<&str>)> = Vec::new();
        for team in &self.teams {
            for rep in &team.reps {
                match reps.iter_mut().find(|(id, _)| *id == rep.id) {
                    Some((_, teams)) => teams.push(&team.id),
                    None => reps.push((&rep.id, vec![&team.id])),
                }
            }
        }
        reps
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_outline_skips_what_it_does_not_know() {
        let document = "
            teams:
              - {id: a, colour: red, reps: [{id: ana, weight: 3}, {id: bo}]}
              - {id: b, reps: [{id: bo}]}
            pools: [{id: open}]
            sundials: true
        ";
        let outline = Outline::parse(document).unwrap();
        assert_eq!(outline.reps(), [("ana", vec!["a"]), ("bo", vec!["a", "b"])]);
        assert_eq!(outline.teams[0].reps[0].weight, 3);
        assert_eq!(outline.teams[1].reps[0].weight, 1);
        assert!(Outline::parse("teams: 3").is_err());
    }

    #[test]
    fn the_demo_policy_has_two_teams() {
        let outline = Outline::parse(include_str!("../demo/policy.yaml")).unwrap();
        assert_eq!(outline.teams.len(), 2);
        assert_eq!(outline.reps().len(), 7);
    }
}
