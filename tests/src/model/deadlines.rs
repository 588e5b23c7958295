//! The deadlines of a workspace.

use std::collections::{BTreeMap, HashMap};

use leadhand_domain::change::Due;
use leadhand_domain::time::Millis;

/// What is due when; of several at one moment, the one first that was set first.
#[derive(Debug, Clone, Default)]
pub struct Deadlines {
    moments: HashMap<Due, (Millis, u64)>,
    order: BTreeMap<(Millis, u64), Due>,
    set: u64,
}

impl Deadlines {
    /// Sets one; an earlier setting of it no longer stands.
    pub(super) fn set(&mut self, due: &Due, at: Millis) {
        self.cancel(due);
        self.set += 1;
        self.moments.insert(due.clone(), (at, self.set));
        self.order.insert((at, self.set), due.clone());
    }

    /// Takes one away.
    pub(super) fn cancel(&mut self, due: &Due) {
        if let Some(place) = self.moments.remove(due) {
            self.order.remove(&place);
        }
    }

    /// The one that comes next, and when.
    pub fn next(&self) -> Option<(Millis, &Due)> {
        self.order.first_key_value().map(|((at, _), due)| (*at, due))
    }

    /// All that come next, at the same moment: in which order they are carried out is nobody's to say.
    pub fn first(&self) -> Vec<Due> {
        let first = self.order.keys().next().map(|(at, _)| *at);
        self.order.iter().take_while(|((at, _), _)| Some(*at) == first).map(|(_, due)| due.clone()).collect()
    }

    /// All of them, as Redis names them.
    pub fn named(&self) -> BTreeMap<String, i64> {
        self.moments.iter().map(|(due, (at, _))| (name(due), at.0)).collect()
    }
}

/// A deadline as Redis names it.
pub fn name(due: &Due) -> String {
    match due {
        Due::Contact(lead) => format!("contact:{lead}"),
        Due::Offer(lead) => format!("offer:{lead}"),
        Due::Action(lead) => format!("action:{lead}"),
        Due::Pool(lead) => format!("pool:{lead}"),
        Due::Held(lead) => format!("held:{lead}"),
        Due::Hold(lead) => format!("hold:{lead}"),
        Due::Suspension(rep) => format!("suspension:{rep}"),
        Due::Drain => "drain".to_owned(),
        Due::Tiers => "tiers".to_owned(),
        Due::Floor => "floor".to_owned(),
    }
}
