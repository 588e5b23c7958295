//! What the command line needs to know of a policy document: who there is.
//!
//! The document is checked by the service that applies it. Reading only its outline here lets an older command line work
//! with a newer policy.

use serde::Deserialize;

/// The people of a policy.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct Outline {
    /// The teams, in the document's order.
    #[serde(default)]
    pub(crate) teams: Vec<Team>,
    /// What is said of reps beyond their team.
    #[serde(default, rename = "reps")]
    listed: Vec<Listed>,
}

/// A rep who is named beside the teams.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct Listed {
    id: String,
    #[serde(default)]
    left: bool,
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

    /// Every rep who has not left, once, with the teams it is in: those of teams first, in the document's order, then who is in
    /// none.
    pub(crate) fn reps(&self) -> Vec<(&str, Vec<&str>)> {
        let gone = |id: &str| self.listed.iter().any(|rep| rep.left && rep.id == id);
        let mut reps: Vec<(&str, Vec<&str>)> = Vec::new();
        for team in &self.teams {
            for rep in team.reps.iter().filter(|rep| !gone(&rep.id)) {
                match reps.iter_mut().find(|(id, _)| *id == rep.id) {
                    Some((_, teams)) => teams.push(&team.id),
                    None => reps.push((&rep.id, vec![&team.id])),
                }
            }
        }
        for rep in self.listed.iter().filter(|rep| !rep.left) {
            if reps.iter().all(|(id, _)| *id != rep.id) {
                reps.push((&rep.id, Vec::new()));
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
              - {id: b, reps: [{id: bo}, {id: ina}]}
            pools: [{id: open}]
            reps: [{id: mia}, {id: bo, manager: mia}, {id: otto, left: true}, {id: ina, left: true}]
            sundials: true
        ";
        let outline = Outline::parse(document).unwrap();
        assert_eq!(outline.reps(), [("ana", vec!["a"]), ("bo", vec!["a", "b"]), ("mia", vec![])]);
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
