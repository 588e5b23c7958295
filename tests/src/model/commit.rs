//! What a commit does. What a change expects holds: nothing happens between a decision and its commit.

use leadhand_domain::change::{self, Change, Count, Timer};
use leadhand_domain::lead::Lead;
use leadhand_domain::record::{Counter, Record};

use super::{Asked, Done, World};

impl World {
    /// Carries a change out.
    ///
    /// # Panics
    /// When a count would go past its limit or below nothing: who decides one thing after another has seen it coming.
    pub(super) fn commit(&mut self, asked: Option<Asked>, change: Change) -> Done {
        self.count(&change);
        self.tables.values_mut().for_each(|table| table.note(&change));
        // A lead keeps the event with the decision that put it where it is.
        let decided = change.events.last().is_some_and(|event| event.decision.is_some());
        let told = change.events.len();
        self.events.extend(change.events);
        let position = (told > 0).then(|| self.events.len() - 1);
        for record in change.puts {
            let record = match record {
                Record::Lead(lead) => {
                    if self.records.lead(lead.id).is_none() {
                        self.leads.push(lead.id);
                    }
                    let position = position.filter(|_| decided).map(|place| place.to_string());
                    Record::from(Lead { position: position.unwrap_or_else(|| lead.position.clone()), ..*lead })
                }
                other => other,
            };
            self.records.put(record);
        }
        for entry in change.index {
            self.enlist(entry);
        }
        for timer in change.timers {
            match timer {
                Timer::Set(due, at) => self.deadlines.set(&due, at),
                Timer::Cancel(due) => self.deadlines.cancel(&due),
            }
        }
        let done = Done { answer: change.answer, position };
        if let Some(asked) = asked {
            self.answers.insert(asked, done.clone());
        }
        done
    }

    fn count(&mut self, change: &Change) {
        let mut sums: Vec<(&Counter, i64, Option<u64>)> = Vec::new();
        for Count { counter, delta, most } in &change.counts {
            match sums.iter_mut().find(|(known, ..)| *known == counter) {
                Some((_, sum, limit)) => {
                    *sum += delta;
                    *limit = limit.iter().chain(most).min().copied();
                }
                None => sums.push((counter, *delta, *most)),
            }
        }
        for (counter, delta, most) in sums {
            let before = self.records.count(counter);
            let after = before.checked_add_signed(delta);
            let after = after.unwrap_or_else(|| panic!("{counter:?} falls below nothing by {change:?}"));
            assert!(most.is_none_or(|most| after <= most), "{counter:?} is {after}, {most:?} allowed, by {change:?}");
            self.records.put(Record::Count(counter.clone(), after));
        }
    }

    fn enlist(&mut self, entry: change::Index) {
        match entry {
            change::Index::Hold { lead, since } => self.held.enter(lead, since),
            change::Index::Free { lead } => self.held.leave(lead),
            change::Index::Own { rep, lead, at } => self.owned.entry(rep).or_default().enter(lead, at),
            change::Index::Disown { rep, lead } => self.owned.entry(rep).or_default().leave(lead),
            change::Index::Enter { pool, lead, at } => self.pools.entry(pool).or_default().enter(lead, at),
            change::Index::Leave { pool, lead } => self.pools.entry(pool).or_default().leave(lead),
        }
    }
}
