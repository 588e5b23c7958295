//! Territories and specialisations: rules over place, industry and size, compiled into look-ups.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use serde_saphyr::Location;

use super::super::document::{City, Document, Text};
use super::super::pull::{self, Owners};
use super::super::{Action, Areas, Places, Target};
use super::{Check, Names, actions};
use crate::geography::{Country, Definition, Gazetteer, Region, Town, Zone};
use crate::id::TerritoryId;
use crate::industry::Pattern;
use crate::invalid::Invalid;
use crate::territory::{Area, Fault, Index, Industries, PatternId, Reach, Relation, Rule, SizeRange};

/// Compiles both.
pub(super) fn areas(document: &Document, names: &Names<'_>, check: &mut Check) -> Areas {
    let mut drafts = Drafts { patterns: Vec::new(), seen: HashSet::new() };
    let gazetteer = groups(document, check);
    let metros = metros(document, check);
    let mut territories = Draft::new("territory");
    for raw in &document.territories {
        let at = raw.id.referenced;
        let faults = check.faults.len();
        let mut areas = Vec::new();
        for text in &raw.countries {
            areas.extend(check.take(text.referenced, Country::parse(&text.value)).map(Area::Country));
        }
        for text in &raw.regions {
            areas.extend(check.take(text.referenced, Region::parse(&text.value)).map(Area::Region));
        }
        for city in &raw.cities {
            areas.extend(town(city, check).map(Area::City));
        }
        for text in &raw.metros {
            match metros.get(text.value.as_str()) {
                Some(metro) => areas.push(Area::Metro(metro.clone())),
                None => check.fault(text.referenced, format!("no metro `{}`", text.value)),
            }
        }
        for text in &raw.groups {
            match gazetteer.group(&text.value) {
                Some(group) => areas.push(Area::Group(group.clone())),
                None => check.fault(text.referenced, format!("no group `{}`", text.value)),
            }
        }
        for text in &raw.time_zones {
            areas.extend(check.take(text.referenced, Zone::parse(&text.value)).map(Area::TimeZone));
        }
        let industries = drafts.patterns(&raw.industries, check);
        let mut sizes = Vec::new();
        for text in &raw.sizes {
            sizes.extend(check.take(text.referenced, size(&text.value)));
        }
        let readable = check.faults.len() == faults;
        let action = actions::action(raw.acts(), at, names, check);
        let rule = |id| readable.then_some(Rule { id, areas, industries, sizes });
        territories.teams.push(raw.teams.iter().filter_map(|team| names.team(team, check)).collect());
        territories.add(&raw.id, rule, action, &mut drafts.seen, check);
    }
    drafts.seen.clear();
    let mut specialisations = Draft::new("specialisation");
    for raw in &document.specialisations {
        if raw.industries.is_empty() {
            check.fault(raw.id.referenced, "a specialisation needs at least one industry");
        }
        let faults = check.faults.len();
        let industries = drafts.patterns(&raw.industries, check);
        let readable = check.faults.len() == faults;
        let action = actions::action(raw.acts(), raw.id.referenced, names, check);
        let rule = |id| readable.then_some(Rule { id, areas: Vec::new(), industries, sizes: Vec::new() });
        specialisations.add(&raw.id, rule, action, &mut drafts.seen, check);
    }
    let patterns = drafts.patterns;
    let owners = territories.owners();
    Areas {
        owners,
        territories: territories.build(&patterns, check),
        specialisations: specialisations.build(&patterns, check),
        patterns,
    }
}

/// What territories and specialisations share.
struct Drafts {
    /// Each once.
    patterns: Vec<Pattern>,
    seen: HashSet<TerritoryId>,
}

impl Drafts {
    fn patterns(&mut self, raw: &[Text], check: &mut Check) -> Vec<PatternId> {
        let mut ids = Vec::new();
        for text in raw {
            let Some(pattern) = check.take(text.referenced, Pattern::parse(&text.value)) else { continue };
            let known = self.patterns.iter().position(|known| *known == pattern);
            let place = known.unwrap_or_else(|| {
                self.patterns.push(pattern);
                self.patterns.len() - 1
            });
            // A document of a mebibyte has no 2^32 patterns.
            ids.push(PatternId(u32::try_from(place).unwrap_or(u32::MAX)));
        }
        ids
    }
}

/// Rules on their way into an index.
struct Draft {
    what: &'static str,
    rules: Vec<Rule>,
    places: HashMap<TerritoryId, Location>,
    actions: HashMap<TerritoryId, (Arc<str>, Action)>,
    /// For each rule, places of further teams whose it is.
    teams: Vec<Vec<usize>>,
}

impl Draft {
    fn new(what: &'static str) -> Self {
        Self { what, rules: Vec::new(), places: HashMap::new(), actions: HashMap::new(), teams: Vec::new() }
    }

    /// Adds a rule; none for one that cannot be read, which would be compared with others as if it asked for less.
    fn add(
        &mut self,
        id: &Text,
        rule: impl FnOnce(TerritoryId) -> Option<Rule>,
        action: Option<Action>,
        seen: &mut HashSet<TerritoryId>,
        check: &mut Check,
    ) {
        let Some(name) = check.take(id.referenced, TerritoryId::parse(&id.value)) else { return };
        check.unique(seen, &name, id.referenced, &format!("{} `{name}`", self.what));
        self.places.insert(name.clone(), id.referenced);
        if let Some(action) = action {
            self.actions.insert(name.clone(), (format!("{}:{name}", self.what).into(), action));
        }
        self.rules.extend(rule(name));
    }

    /// Whose the rules are; some are missing when any is at fault.
    fn owners(&self) -> Owners {
        let mut owners = Owners::default();
        for (rule, teams) in self.rules.iter().zip(&self.teams) {
            let teams: Vec<_> = teams.iter().copied().map(Target::Team).collect();
            let action = self.actions.get(&rule.id).map(|(_, action)| action);
            owners.add(Reach::of(rule), action.into_iter().flat_map(pull::named).chain(&teams));
        }
        owners
    }

    fn build(self, patterns: &[Pattern], check: &mut Check) -> Places {
        let pattern = |id: PatternId| patterns.get(id.0 as usize);
        let specificity = |id| pattern(id).map_or(0, Pattern::specificity);
        let relation = |a, b| match (pattern(a), pattern(b)) {
            (Some(a), Some(b)) if a.is_within(b) => Relation::Within,
            (Some(a), Some(b)) if b.is_within(a) => Relation::Overlapping,
            // A lead may be of two industries that have nothing to do with each other; then the first rule wins.
            _ => Relation::Disjoint,
        };
        let industries = Industries { specificity: &specificity, relation: &relation };
        let index = match Index::build(&self.rules, industries) {
            Ok(index) => index,
            Err(Fault::Conflicts(conflicts)) => {
                for conflict in conflicts {
                    let at = self.places.get(&conflict.second).copied().unwrap_or(Location::UNKNOWN);
                    check.fault(at, conflict.to_string());
                }
                Index::default()
            }
            Err(fault @ Fault::TooLarge) => {
                check.fault(Location::UNKNOWN, fault.to_string());
                Index::default()
            }
        };
        Places { index, actions: self.actions }
    }
}

fn groups(document: &Document, check: &mut Check) -> Gazetteer {
    let members: Vec<Vec<String>> =
        document.groups.iter().map(|group| group.members.iter().map(|member| member.value.clone()).collect()).collect();
    let definitions: Vec<_> = (document.groups.iter().zip(&members))
        .map(|(group, members)| Definition { name: &group.name.value, members })
        .collect();
    match Gazetteer::build(&definitions) {
        Ok(gazetteer) => gazetteer,
        Err(faults) => {
            for fault in faults {
                let group = document.groups.get(fault.group);
                let member = group.zip(fault.member).and_then(|(group, member)| group.members.get(member));
                let at = member.or(group.map(|group| &group.name)).map_or(Location::UNKNOWN, |text| text.referenced);
                check.fault(at, fault.message.0);
            }
            Gazetteer::default()
        }
    }
}

fn metros<'a>(document: &'a Document, check: &mut Check) -> HashMap<&'a str, Arc<[Town]>> {
    let mut seen = HashSet::new();
    let mut metros = HashMap::new();
    for raw in &document.metros {
        let name = raw.name.value.as_str();
        check.unique(&mut seen, &name, raw.name.referenced, &format!("metro `{name}`"));
        if raw.cities.is_empty() {
            check.fault(raw.name.referenced, "a metro needs at least one city");
        }
        let towns: Vec<_> = raw.cities.iter().filter_map(|city| town(city, check)).collect();
        metros.insert(name, towns.into());
    }
    metros
}

fn town(raw: &City, check: &mut Check) -> Option<Town> {
    check.take(raw.within.referenced, Town::parse(&raw.within.value, &raw.city.value))
}

/// `smb`, `mid-market`, `enterprise`, `50-499` or `500+`.
fn size(text: &str) -> Result<SizeRange, Invalid> {
    let wrong = || Invalid::new("`smb`, `mid-market`, `enterprise`, or a range such as `50-499` or `500+`");
    let text = text.trim();
    if let Some(named) = SizeRange::named(text) {
        return Ok(named);
    }
    let number = |text: &str| text.trim().parse::<u32>().map_err(|_| wrong());
    match (text.strip_suffix('+'), text.split_once('-')) {
        (Some(least), _) => SizeRange::new(number(least)?, None),
        (None, Some((least, most))) => SizeRange::new(number(least)?, Some(number(most)?)),
        _ => Err(wrong()),
    }
}
