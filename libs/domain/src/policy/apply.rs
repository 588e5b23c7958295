//! Making a document the active version of the policy.

use crate::answer::Answer;
use crate::change::{Change, Due, Timer};
use crate::event::{Event, Kind};
use crate::id::PoolId;
use crate::record::{Key, PolicyHead, PolicyVersion, Record, Snapshot};
use crate::rounds::{self, Asked};
use crate::time::Millis;

/// A document that has been checked, to be made active.
#[derive(Debug, Clone)]
pub struct Command {
    /// The document, in YAML.
    pub document: String,
    /// Its pools.
    pub pools: Vec<PoolId>,
    /// What of it comes by the calendar.
    pub asked: Asked,
    /// Who applies it.
    pub author: String,
    /// Why.
    pub comment: String,
    /// Random: becomes the workspace's secret with the first version.
    pub secret: [u8; 32],
}

/// What applying looks at.
pub const READS: [Key; 2] = [Key::PolicyHead, Key::Rounds];

/// The next version takes effect with this change.
pub fn decide(snapshot: &Snapshot, command: &Command, now: Millis) -> Change {
    let (number, mut pools, secret, tiers_since) = match snapshot.policy_head() {
        Some(head) => (head.number + 1, head.pools.clone(), head.secret, head.tiers_since),
        None => (1, Vec::new(), command.secret, None),
    };
    pools.extend(command.pools.iter().filter(|pool| !pools.contains(pool)).cloned().collect::<Vec<_>>());
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
    change.puts.push(Record::PolicyHead(PolicyHead { number, pools, secret, tiers_since }));
    // It may have room for a lead that nobody could take.
    change.timers.push(Timer::Set(Due::Drain, now));
    rounds::plan(&mut change, snapshot, command.asked, now);
    let kind = Kind::PolicyActivated { version: number, author: command.author.clone() };
    change.events.push(Event { at: now, kind, decision: None });
    change
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_count_up_from_one_and_rest_on_the_one_before() {
        let mut snapshot = Snapshot::default();
        for number in 1..4 {
            let pools = vec![PoolId::parse(&format!("p{}", number % 2)).unwrap()];
            let command = Command {
                document: "d".into(),
                pools,
                asked: Asked::default(),
                author: "ops".into(),
                comment: String::new(),
                secret: [number as u8; 32],
            };
            let change = decide(&snapshot, &command, Millis(5));
            assert_eq!(change.expects, READS);
            assert_eq!(change.timers[0], Timer::Set(Due::Drain, Millis(5)), "it may have room for a held lead");
            snapshot.apply(&change);
            assert_eq!(snapshot.policy_head().unwrap().number, number);
            assert_eq!(snapshot.policy_head().unwrap().secret, [1; 32], "the first one's, for good");
            assert_eq!(snapshot.rounds(), None, "none of them asks for anything");
        }
        let head = snapshot.policy_head().unwrap().clone();
        snapshot.put(Record::PolicyHead(PolicyHead { tiers_since: Some(Millis(7)), ..head }));
        let pools: Vec<_> = snapshot.policy_head().unwrap().pools.iter().map(PoolId::as_str).collect();
        assert_eq!(pools, ["p1", "p0"], "a dropped pool is still known");
        let asked = Asked { tiers: true, floor: true };
        let command = Command {
            document: "d".into(),
            pools: Vec::new(),
            asked,
            author: "ops".into(),
            comment: String::new(),
            secret: [9; 32],
        };
        let change = decide(&snapshot, &command, Millis(5));
        snapshot.apply(&change);
        assert_eq!(snapshot.policy_head().unwrap().tiers_since, Some(Millis(7)), "as long as there are tiers");
        let rounds = snapshot.rounds().copied().unwrap();
        let set = rounds.needed().map(|(due, at)| Timer::Set(due, at));
        assert_eq!((set.collect::<Vec<_>>(), rounds.needed().count()), (change.timers[1..].to_vec(), 2));
    }
}
