//! Making a document the active version of the policy.

use crate::answer::Answer;
use crate::change::Change;
use crate::event::{Event, Kind};
use crate::record::{Key, PolicyVersion, Record, Snapshot};
use crate::time::Millis;

/// A document that has been checked, to be made active.
#[derive(Debug, Clone)]
pub struct Command {
    /// The document, in YAML.
    pub document: String,
    /// Who applies it.
    pub author: String,
    /// Why.
    pub comment: String,
}

/// What applying looks at.
pub const READS: [Key; 1] = [Key::PolicyHead];

/// The next version takes effect with this change.
pub fn decide(snapshot: &Snapshot, command: &Command, now: Millis) -> Change {
    let number = snapshot.policy_head().unwrap_or(0) + 1;
    let version = PolicyVersion {
        number,
        document: command.document.clone(),
        author: command.author.clone(),
        comment: command.comment.clone(),
        applied_at: now,
    };
    // The answer tells of the version; the document need not be remembered twice.
    let answer = PolicyVersion { document: String::new(), ..version.clone() };
    let mut change = Change::answering(Answer::PolicyApplied(answer));
    change.expects.extend(READS);
    change.puts.push(Record::PolicyVersion(version));
    change.puts.push(Record::PolicyHead(number));
    let kind = Kind::PolicyActivated { version: number, author: command.author.clone() };
    change.events.push(Event { at: now, kind, decision: None });
    change
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_count_up_from_one_and_rest_on_the_one_before() {
        let command = Command { document: "d".into(), author: "ops".into(), comment: String::new() };
        let mut snapshot = Snapshot::default();
        for number in 1..4 {
            let change = decide(&snapshot, &command, Millis(5));
            assert_eq!(change.expects, READS);
            snapshot.apply(&change.puts);
            assert_eq!(snapshot.policy_head(), Some(number));
        }
    }
}
