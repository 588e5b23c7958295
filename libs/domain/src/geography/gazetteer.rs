//! Named groups of countries and regions.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, LazyLock};

use super::{Country, Region};
use crate::invalid::Invalid;

/// The most groups that a policy may define.
pub const MAX_GROUPS: usize = 1_000;

/// The most regions that a group may hold beside whole countries; it bounds the memory that nested groups take.
pub const MAX_MEMBERS: usize = 1_000;

/// A named group: every place in any of its countries or regions.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Group {
    name: String,
    countries: Vec<Country>,
    regions: Vec<Region>,
}

impl Group {
    /// The name, in lower case with hyphens.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The countries that belong to it whole, sorted.
    pub fn countries(&self) -> &[Country] {
        &self.countries
    }

    /// The regions of other countries, sorted.
    pub fn regions(&self) -> &[Region] {
        &self.regions
    }
}

/// A group as a policy defines it.
#[derive(Debug, Clone, Copy)]
pub struct Definition<'a> {
    /// The name: 1 to 64 letters, digits, `-` or `_`.
    pub name: &'a str,
    /// ISO 3166-1 alpha-2 or ISO 3166-2 codes, or names of groups, its own or built-in ones.
    pub members: &'a [String],
}

/// A fault of a definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The definition's place in the list.
    pub group: usize,
    /// The member's place in the definition; `None` when it is about the whole.
    pub member: Option<usize>,
    /// What is wrong.
    pub message: Invalid,
}

/// The groups that a policy may name. Names are told apart without regard to case, and `_` is `-`: `UK_IE` is `uk-ie`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Gazetteer {
    own: HashMap<String, Arc<Group>>,
}

/// From the table, whose codes a test checks.
static BUILT_IN: LazyLock<HashMap<&'static str, Arc<Group>>> = LazyLock::new(|| {
    let groups = include_str!("../../data/geography/groups.tsv").lines().filter_map(|line| {
        let mut columns = line.split('\t');
        let (name, codes) = (columns.next()?, columns.next()?);
        let countries = codes.split(' ').filter_map(|code| Country::parse(code).ok()).collect();
        let regions = codes.split(' ').filter_map(|code| Region::parse(code).ok()).collect();
        Some((name, Arc::new(Group { name: name.to_owned(), countries, regions })))
    });
    groups.collect()
});

impl Gazetteer {
    /// The built-in groups and those that a policy defines; every fault is told at once.
    pub fn build(definitions: &[Definition<'_>]) -> Result<Self, Vec<Fault>> {
        if definitions.len() > MAX_GROUPS {
            let message = Invalid::new(format!("a policy has at most {MAX_GROUPS} groups"));
            return Err(vec![Fault { group: MAX_GROUPS, member: None, message }]);
        }
        let mut draft = Draft::read(definitions);
        draft.resolve();
        draft.faults.sort_by_key(|fault| (fault.group, fault.member));
        if !draft.faults.is_empty() {
            return Err(draft.faults);
        }
        let named = draft.names.into_iter().zip(draft.done).filter_map(|(name, done)| Some((name, done?)));
        let own = named.map(|(name, members)| (name.clone(), Arc::new(members.group(name))));
        Ok(Self { own: own.collect() })
    }

    /// The group of that name.
    pub fn group(&self, name: &str) -> Option<&Arc<Group>> {
        let name = plain(name);
        self.own.get(&name).or_else(|| BUILT_IN.get(name.as_str()))
    }
}

fn plain(name: &str) -> String {
    name.to_ascii_lowercase().replace('_', "-")
}

/// What a group holds, as far as it is known.
#[derive(Clone, Default)]
struct Members {
    countries: BTreeSet<Country>,
    regions: BTreeSet<Region>,
}

impl Members {
    fn add(&mut self, group: &Group) {
        self.countries.extend(&group.countries);
        self.regions.extend(&group.regions);
    }

    fn group(mut self, name: String) -> Group {
        self.regions.retain(|region| !self.countries.contains(&region.country()));
        Group { name, countries: self.countries.into_iter().collect(), regions: self.regions.into_iter().collect() }
    }
}

/// Definitions on their way to groups.
struct Draft {
    names: Vec<String>,
    /// What each names itself.
    named: Vec<Members>,
    /// The policy's groups that each names: their places, and the member's.
    nested: Vec<Vec<(usize, usize)>>,
    /// What each holds in the end.
    done: Vec<Option<Members>>,
    faults: Vec<Fault>,
}

impl Draft {
    fn read(definitions: &[Definition<'_>]) -> Self {
        let names: Vec<_> = definitions.iter().map(|definition| plain(definition.name)).collect();
        let mut places = HashMap::new();
        let mut faults = Vec::new();
        for (group, name) in names.iter().enumerate() {
            let well_formed =
                (1..=64).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
            let wrong = if !well_formed {
                "1 to 64 characters of a-z 0-9 - _".to_owned()
            } else if Country::parse(name).is_ok() || Region::parse(name).is_ok() {
                format!("`{name}` is an ISO 3166 code")
            } else if BUILT_IN.contains_key(name.as_str()) {
                format!("`{name}` is a built-in group")
            } else if places.insert(name.as_str(), group).is_some() {
                format!("group `{name}` is defined twice")
            } else {
                continue;
            };
            faults.push(Fault { group, member: None, message: Invalid::new(wrong) });
        }
        let (mut named, mut nested) = (Vec::new(), Vec::new());
        for (group, definition) in definitions.iter().enumerate() {
            let (mut members, mut groups) = (Members::default(), Vec::new());
            for (member, text) in definition.members.iter().enumerate() {
                let name = plain(text);
                if let Ok(country) = Country::parse(text) {
                    members.countries.insert(country);
                } else if let Ok(region) = Region::parse(text) {
                    members.regions.insert(region);
                } else if let Some(built_in) = BUILT_IN.get(name.as_str()) {
                    members.add(built_in);
                } else if let Some(other) = places.get(name.as_str()) {
                    groups.push((*other, member));
                } else {
                    let message = Invalid::new("no such ISO 3166 code, and no such group");
                    faults.push(Fault { group, member: Some(member), message });
                }
            }
            if definition.members.is_empty() {
                faults.push(Fault { group, member: None, message: Invalid::new("a group needs at least one member") });
            }
            named.push(members);
            nested.push(groups);
        }
        let done = vec![None; names.len()];
        Self { names, named, nested, done, faults }
    }

    /// Fills in nested groups, innermost first; what is left has a cycle in it or in what it names.
    fn resolve(&mut self) {
        let mut named_by = vec![Vec::new(); self.names.len()];
        let mut open: Vec<usize> = self.nested.iter().map(Vec::len).collect();
        for (outer, groups) in self.nested.iter().enumerate() {
            groups.iter().for_each(|(inner, _)| named_by[*inner].push(outer));
        }
        let mut ready: Vec<_> = (0..open.len()).filter(|group| open[*group] == 0).collect();
        while let Some(group) = ready.pop() {
            let mut members = self.named[group].clone();
            for inner in self.nested[group].iter().filter_map(|(inner, _)| self.done[*inner].as_ref()) {
                members.countries.extend(&inner.countries);
                members.regions.extend(&inner.regions);
            }
            if members.regions.len() > MAX_MEMBERS {
                let message = Invalid::new(format!("a group holds at most {MAX_MEMBERS} regions"));
                self.faults.push(Fault { group, member: None, message });
                members = Members::default();
            }
            self.done[group] = Some(members);
            for outer in &named_by[group] {
                open[*outer] -= 1;
                if open[*outer] == 0 {
                    ready.push(*outer);
                }
            }
        }
        self.tell_cycles();
    }

    /// Follows, from each group that could not be filled in, the first such one that it names: that ends in a cycle.
    fn tell_cycles(&mut self) {
        let next = |group: usize| self.nested[group].iter().find(|(inner, _)| self.done[*inner].is_none());
        let mut walked_from = vec![None; self.names.len()];
        let mut told = Vec::new();
        for start in (0..self.names.len()).filter(|group| self.done[*group].is_none()) {
            let mut group = start;
            while let Some((inner, member)) = next(group).filter(|_| walked_from[group].is_none()) {
                walked_from[group] = Some(start);
                if walked_from[*inner] == Some(start) {
                    told.push((group, *inner, *member));
                }
                group = *inner;
            }
        }
        for (group, inner, member) in told {
            let message = Invalid::new(format!("group `{}` would contain itself", self.names[inner]));
            self.faults.push(Fault { group, member: Some(member), message });
        }
    }
}
