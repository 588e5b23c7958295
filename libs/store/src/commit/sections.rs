//! A commit spelled out: what `lua/commit.lua` takes, section by section.

use std::fmt::Display;
use std::io::Write as _;

use redis::Cmd;

/// Arguments one after another, in one piece of memory: a batch has a thousand.
#[derive(Default)]
pub(super) struct Arguments {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Arguments {
    pub(super) fn put(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        self.ends.push(self.bytes.len());
    }

    pub(super) fn spell(&mut self, what: impl Display) {
        // Writing into memory cannot fail.
        let _ = write!(self.bytes, "{what}");
        self.ends.push(self.bytes.len());
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    fn iter(&self) -> impl Iterator<Item = &[u8]> {
        let begins = std::iter::once(&0).chain(&self.ends);
        begins.zip(&self.ends).map(|(begin, end)| &self.bytes[*begin..*end])
    }
}

/// What changes in one index.
struct Indexed {
    key: String,
    /// Each member with its score; without one it is removed.
    members: Vec<(String, Option<i64>)>,
}

/// The sections, each as the script's header has it.
#[derive(Default)]
pub(super) struct Sections {
    pub(super) answer_keys: Arguments,
    pub(super) answers: Arguments,
    pub(super) check_keys: Arguments,
    pub(super) checks: Arguments,
    pub(super) lock_keys: Arguments,
    pub(super) locks: Arguments,
    pub(super) gate_keys: Arguments,
    pub(super) count_keys: Arguments,
    pub(super) counts: Arguments,
    pub(super) stream: Arguments,
    pub(super) events: Arguments,
    pub(super) put_keys: Arguments,
    pub(super) puts: Arguments,
    pub(super) lapse_keys: Arguments,
    pub(super) lapses: Arguments,
    indexes: Vec<Indexed>,
    /// Where events are noted in their order, and which: the places of the first and the last among the events.
    notes: Vec<(String, usize, usize)>,
    /// What goes by itself, and after how many milliseconds.
    lapsing: Vec<(String, i64)>,
}

impl Sections {
    pub(super) fn lock(&mut self, key: String, holder: &str, ttl_ms: i64) {
        self.lock_keys.spell(key);
        self.locks.spell(holder);
        self.locks.spell(ttl_ms);
    }

    /// Puts a member into an index, or takes it out. What is said last of a member holds.
    pub(super) fn index(&mut self, key: String, score: Option<i64>, member: String) {
        let members = match self.indexes.iter().position(|index| index.key == key) {
            Some(place) => &mut self.indexes[place].members,
            None => {
                self.indexes.push(Indexed { key, members: Vec::new() });
                let last = self.indexes.len() - 1;
                &mut self.indexes[last].members
            }
        };
        match members.iter_mut().find(|(known, _)| *known == member) {
            Some(known) => known.1 = score,
            None => members.push((member, score)),
        }
    }

    /// Notes the last event so far in a list of events, by the id that it will have.
    pub(super) fn note(&mut self, key: String) {
        let event = self.events.len();
        match self.notes.last_mut() {
            // What a change tells is mostly of one lead.
            Some((known, _, last)) if *known == key && *last + 1 == event => *last = event,
            _ => self.notes.push((key, event, event)),
        }
    }

    /// Has a key go by itself after so many milliseconds, counted from this commit.
    pub(super) fn lapse_later(&mut self, key: String, kept_ms: i64) {
        self.lapsing.push((key, kept_ms));
    }

    /// The call of the script.
    pub(super) fn command(self, sha: &str) -> Cmd {
        let (mut index_keys, mut indexes) = (Arguments::default(), Arguments::default());
        for Indexed { key, members } in &self.indexes {
            let (added, removed): (Vec<_>, Vec<_>) = members.iter().partition(|(_, score)| score.is_some());
            for (name, each, members) in [("ZADD", 2, added), ("ZREM", 1, removed)] {
                if members.is_empty() {
                    continue;
                }
                index_keys.spell(key);
                indexes.spell(name);
                indexes.spell(each * members.len());
                for (member, score) in members {
                    if let Some(score) = score {
                        indexes.spell(score);
                    }
                    indexes.put(member.as_bytes());
                }
            }
        }
        for (key, first, last) in &self.notes {
            index_keys.spell(key);
            indexes.spell("RPUSH");
            indexes.spell(last - first + 1);
            (*first..=*last).for_each(|event| indexes.spell(event));
        }
        for (key, kept_ms) in &self.lapsing {
            index_keys.spell(key);
            indexes.spell("PEXPIRE");
            indexes.spell(1);
            indexes.spell(kept_ms);
        }
        let keys = [
            &self.answer_keys,
            &self.check_keys,
            &self.lock_keys,
            &self.gate_keys,
            &self.count_keys,
            &self.stream,
            &self.put_keys,
            &self.lapse_keys,
            &index_keys,
        ];
        let counts = [
            self.answer_keys.len(),
            self.check_keys.len(),
            self.lock_keys.len(),
            self.gate_keys.len(),
            self.count_keys.len(),
            self.events.len(),
            self.put_keys.len(),
            self.lapse_keys.len(),
            index_keys.len(),
        ];
        let sections =
            [&self.answers, &self.checks, &self.locks, &self.counts, &self.events, &self.puts, &self.lapses, &indexes];
        let all = keys.iter().chain(&sections);
        let (arguments, bytes) =
            all.fold((0, 0), |(arguments, bytes), section| (arguments + section.len(), bytes + section.bytes.len()));
        /// The script's name and the numbers.
        const BESIDE: usize = 12;
        let mut command = Cmd::with_capacity(arguments + BESIDE, bytes + BESIDE * 8 + sha.len());
        command.arg("EVALSHA").arg(sha).arg(keys.iter().map(|section| section.len()).sum::<usize>());
        for key in keys.iter().flat_map(|section| section.iter()) {
            command.arg(key);
        }
        command.arg(&counts[..]);
        for argument in sections.iter().flat_map(|section| section.iter()) {
            command.arg(argument);
        }
        command
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_index_is_written_at_once_and_what_is_said_last_holds() {
        let mut sections = Sections::default();
        for (key, score, member) in [
            ("pool", Some(1), "a"),
            ("timers", Some(2), "a"),
            ("pool", None, "b"),
            ("pool", Some(3), "c"),
            ("timers", None, "a"),
        ] {
            sections.index(key.to_owned(), score, member.to_owned());
        }
        let command = sections.command("sha");
        let words: Vec<_> = command
            .args_iter()
            .filter_map(|argument| match argument {
                redis::Arg::Simple(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
                _ => None,
            })
            .collect();
        assert_eq!(words[..6], ["EVALSHA", "sha", "3", "pool", "pool", "timers"]);
        assert_eq!(words[15..], ["ZADD", "4", "1", "a", "3", "c", "ZREM", "1", "b", "ZREM", "1", "a"]);
    }
    #[test]
    fn events_of_one_list_are_noted_together() {
        let mut sections = Sections::default();
        for key in ["a", "a", "b", "a"] {
            sections.events.put(b"event");
            sections.note(key.to_owned());
        }
        let noted = [("a".to_owned(), 1, 2), ("b".to_owned(), 3, 3), ("a".to_owned(), 4, 4)];
        assert_eq!(sections.notes, noted);
        let (command, mut words) = (sections.command("sha"), Vec::new());
        for argument in command.args_iter() {
            if let redis::Arg::Simple(bytes) = argument {
                words.push(String::from_utf8_lossy(bytes).into_owned());
            }
        }
        assert_eq!(words[3..6], ["a", "b", "a"]);
        assert_eq!(words[words.len() - 10..], ["RPUSH", "2", "1", "2", "RPUSH", "1", "3", "RPUSH", "1", "4"]);
    }
}
