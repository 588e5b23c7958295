//! Making the document of an earlier version the newest version.

use super::apply;
use crate::change::Change;
use crate::record::{Key, Snapshot};
use crate::refusal::{Reason, Refusal};
use crate::time::Millis;

/// The refusal of a version that is not there.
pub fn unknown(number: u64) -> Refusal {
    Refusal::of(Reason::PolicyVersionUnknown, format!("the policy has no version {number}"))
}

/// What going back to a version looks at.
pub fn reads(number: u64) -> [Key; 3] {
    let [head, rounds] = apply::READS;
    [head, rounds, Key::PolicyVersion(number)]
}

/// The document of the version `number`, which was read and checked before and is now in `command`, takes effect with this
/// change, as the next version.
pub fn decide(snapshot: &Snapshot, number: u64, command: &apply::Command, now: Millis) -> Result<Change, Refusal> {
    let head = super::required(snapshot.policy_head())?;
    // The head tells which versions are: one behind it is left from a history that was lost.
    let version = snapshot.policy_version(number).filter(|_| number <= head.number);
    // A version never changes; another document under its number is another history's.
    version.filter(|version| version.document == command.document).ok_or_else(|| unknown(number))?;
    let mut change = apply::decide(snapshot, command, now);
    change.expects.push(Key::PolicyVersion(number));
    Ok(change)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::PoolId;

    fn command(document: &str) -> apply::Command {
        apply::Command {
            document: document.into(),
            pools: vec![PoolId::parse(document).unwrap()],
            asked: crate::rounds::Asked::default(),
            author: "ops".into(),
            comment: "back".into(),
            secret: [1; 32],
        }
    }

    #[test]
    fn an_earlier_document_becomes_the_newest_version_and_history_stays() {
        let mut snapshot = Snapshot::default();
        let missing = decide(&snapshot, 1, &command("a"), Millis(1)).unwrap_err();
        assert_eq!(missing.broken[0].reason, Reason::PolicyMissing);
        for document in ["a", "b"] {
            snapshot.apply(&apply::decide(&snapshot, &command(document), Millis(1)));
        }
        let change = decide(&snapshot, 1, &command("a"), Millis(2)).unwrap();
        assert_eq!(change.expects, reads(1));
        snapshot.apply(&change);
        assert_eq!(snapshot.policy_head().unwrap().number, 3);
        let documents: Vec<_> = (1..4).map(|n| snapshot.policy_version(n).unwrap().document.as_str()).collect();
        assert_eq!(documents, ["a", "b", "a"]);
        for (number, document) in [(0, "a"), (4, "a"), (2, "a")] {
            let refusal = decide(&snapshot, number, &command(document), Millis(3)).unwrap_err();
            assert_eq!(refusal.broken[0].reason, Reason::PolicyVersionUnknown, "{number}");
        }
    }
}
