//! A lead as a pool's list has it.

use leadhand_domain::expression;
use leadhand_domain::id::PoolId;
use leadhand_domain::lead::{Lead, Person, Place};
use leadhand_domain::search;
use leadhand_proto::lead::v1::Preview;
use leadhand_proto::lead_wire;
use leadhand_proto::time::timestamp;

/// A pooled lead, with as much of its person as a preview shows.
#[derive(Debug, PartialEq)]
pub(crate) struct Entry {
    pub(crate) lead: Lead,
    pool: PoolId,
    person: Person,
    /// What is searched, folded.
    text: Box<str>,
}

impl Entry {
    /// Of a lead that is in a pool; of another, `None`.
    pub(crate) fn of(lead: Lead, person: &Person) -> Option<Self> {
        let Place::Pooled { pool } = &lead.place else { return None };
        let pool = pool.clone();
        let person = Person { name: person.name.clone(), title: person.title.clone(), ..Person::default() };
        let text = search::searched(&lead, &person).into_boxed_str();
        Some(Self { lead, pool, person, text })
    }

    /// The pool that it is in.
    pub(crate) fn pool(&self) -> &PoolId {
        &self.pool
    }

    /// Its words, some perhaps more than once.
    pub(crate) fn words(&self) -> impl Iterator<Item = &str> {
        search::words(&self.text)
    }

    /// Whether a query finds it.
    pub(crate) fn found_by(&self, query: &search::Query) -> bool {
        query.finds(&self.text)
    }

    /// As filters see it.
    pub(crate) fn filtered(&self) -> expression::Lead<'_> {
        expression::Lead::pooled(&self.lead.facts, self.lead.placed_at)
    }

    /// What a list shows of it.
    pub(crate) fn preview(&self) -> Preview {
        Preview {
            // Whether it is over, whoever reads it knows.
            held_until: self.lead.hold.as_ref().map(|hold| timestamp(hold.until)),
            ..lead_wire::preview(&self.lead, &self.person)
        }
    }
}
