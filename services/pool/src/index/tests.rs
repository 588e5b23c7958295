use std::collections::BTreeMap;
use std::sync::LazyLock;

use leadhand_domain::expression::{Expression, Outcome};
use leadhand_domain::id::{RepId, Source};
use leadhand_domain::lead::{Company, Facts, Lead, Person, Place as At, Qualification, Stage};
use leadhand_domain::policy::Policy;
use leadhand_domain::search::{self, Query};
use leadhand_domain::time::Millis;
use leadhand_domain::visibility::Viewer;
use leadhand_store::events::Position;
use proptest::prelude::*;

use super::*;

const NOW: Millis = Millis(1_000_000);
const SORTS: [Sort; 5] = [Sort::Waiting, Sort::Newest, Sort::HighScore, Sort::LowScore, Sort::Size];
const FILTERS: [&str; 5] = [
    "",
    "lead.score >= 50",
    "has(lead.company.employees) && lead.company.employees < 100",
    "now - lead.pooled_at > duration('500s')",
    "lead.qualification.budget == 'none'",
];
const QUERIES: [&str; 5] = ["", "acme", "m gmbh", "zz", "webi mu"];

fn position(n: u64) -> Position {
    Position::parse(&format!("{n}-0")).unwrap()
}

fn pool(n: u8) -> PoolId {
    PoolId::parse(["open", "other"][usize::from(n % 2)]).unwrap()
}

fn lead(n: u8) -> LeadId {
    LeadId::new(Millis(i64::from(n)), [n; 10])
}

type Made = (u8, u8, i64, Option<u8>, Option<u32>, u8);

fn made((n, in_pool, at, score, employees, name): Made) -> (Lead, Person) {
    let names = ["Acme GmbH", "Müller & Söhne GmbH", "Zweig AG", "", "Acme"];
    let facts = Facts {
        company: Company { name: names[usize::from(name) % 5].into(), employees, ..Company::default() },
        source: Source::parse("webinar").unwrap(),
        stage: Stage::Unknown,
        score,
        grade: String::new(),
        product_interest: String::new(),
        qualification: Qualification { budget: ["", "none"][usize::from(name % 2)].into(), ..Default::default() },
        captured_at: Millis(0),
    };
    let lead = Lead {
        place: if in_pool < 2 { At::Pooled { pool: pool(in_pool) } } else { At::Held },
        placed_at: Millis(at * 1_000),
        ..Lead::arrived(lead(n), facts, Millis(0))
    };
    let person = Person { name: "Maria".into(), email: "m@acme.example".into(), ..Person::default() };
    (lead, person)
}

fn ask(in_pool: u8, filter: &str, query: &str) -> Ask {
    Ask {
        policy: Arc::new(
            Policy::parse("{teams: [{id: t, reps: [{id: ana}]}], pools: [{id: open}], default: {pool: open}}").unwrap(),
        ),
        viewer: Viewer { rep: RepId::parse("ana").unwrap(), tier: Default::default() },
        pool: pool(in_pool),
        filter: (!filter.is_empty()).then(|| Expression::parse_for_list(filter).unwrap()),
        query: Query::parse(query).unwrap(),
    }
}

/// What the list should be: everything, looked at and sorted.
fn oracle(leads: &BTreeMap<u8, (Lead, Person)>, ask: &Ask, sort: Sort) -> Vec<LeadId> {
    let mut shown: Vec<&Lead> = leads
        .values()
        .filter(|(lead, person)| {
            let filter = ask.filter.as_ref().is_none_or(|filter| {
                let seen = leadhand_domain::expression::Lead::pooled(&lead.facts, lead.placed_at);
                filter.evaluate(&seen, NOW) == Outcome::Matches
            });
            lead.place == At::Pooled { pool: ask.pool.clone() }
                && filter
                && ask.query.finds(&search::searched(lead, person))
        })
        .map(|(lead, _)| lead)
        .collect();
    shown.sort_by_key(|lead| (lead.placed_at, lead.id));
    let unknown_last = |value: Option<i64>| value.unwrap_or(i64::MAX);
    match sort {
        Sort::Waiting => {}
        Sort::Newest => shown.reverse(),
        Sort::HighScore => shown.sort_by_key(|lead| unknown_last(lead.facts.score.map(|s| -i64::from(s)))),
        Sort::LowScore => shown.sort_by_key(|lead| unknown_last(lead.facts.score.map(i64::from))),
        Sort::Size => shown.sort_by_key(|lead| unknown_last(lead.facts.company.employees.map(|n| -i64::from(n)))),
    }
    shown.into_iter().map(|lead| lead.id).collect()
}

/// The whole list, in pages of this size, no call looking at more than `most`.
fn walk(index: &Index, ask: &Ask, sort: Sort, size: usize, most: usize) -> Vec<LeadId> {
    let (mut listed, mut after) = (Vec::new(), None);
    loop {
        let found = index.page(ask, sort, after, size, most, NOW);
        assert!(found.leads.len() <= size && (found.next.is_none() || found.looked_at > 0));
        listed.extend(found.leads.iter().map(|entry| entry.lead.id));
        after = found.next;
        if after.is_none() {
            return listed;
        }
    }
}

fn ops() -> impl Strategy<Value = Vec<Made>> {
    let employees = proptest::option::of(prop::sample::select(vec![1_u32, 50, 99, 100, 10_000_000]));
    let score = proptest::option::of(prop::sample::select(vec![0_u8, 49, 50, 100]));
    proptest::collection::vec((0_u8..40, 0_u8..4, 0_i64..1_000, score, employees, 0_u8..5), 0..120)
}

/// Each filter with each query, of each pool: reading a filter costs more than a page.
static ASKS: LazyLock<Vec<Ask>> = LazyLock::new(|| {
    let pairs = FILTERS.iter().zip(QUERIES).chain(FILTERS.iter().map(|filter| (filter, "")));
    pairs.flat_map(|(filter, query)| [0, 1].map(|pool| ask(pool, filter, query))).collect()
});

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn pages_are_what_sorting_everything_gives(ops in ops(), size in 1_usize..9, most in 1_usize..30) {
        let (mut index, mut leads) = (Index::default(), BTreeMap::new());
        for (n, op) in ops.into_iter().enumerate() {
            let (lead, person) = made(op);
            index.set(position(n as u64 + 1), lead.id, Entry::of(lead.clone(), &person));
            leads.insert(op.0, (lead, person));
        }
        for (sort, ask) in SORTS.into_iter().flat_map(|sort| ASKS.iter().map(move |ask| (sort, ask))) {
            prop_assert_eq!(walk(&index, ask, sort, size, most), oracle(&leads, ask, sort), "{:?} {:?}", sort, ask);
        }
        // Read anew it is the same, and nothing of what has left stays behind.
        let mut anew = Index::default();
        leads.values().filter_map(|(lead, person)| Entry::of(lead.clone(), person)).for_each(|entry| anew.add(entry));
        prop_assert!(index.differs(&anew).is_empty());
        prop_assert_eq!(index.len(), anew.len());
        leads.keys().for_each(|n| index.set(position(9_999), lead(*n), None));
        prop_assert!(index.leads.is_empty() && index.pools.is_empty());
    }

    /// Who follows the log knows at every moment what the list has, also over a reading anew.
    #[test]
    fn the_log_leads_from_each_state_to_the_next(before in ops(), after in ops(), anew in ops()) {
        let mut index = Index::default();
        for op in before {
            let (lead, person) = made(op);
            index.set(position(1), lead.id, Entry::of(lead, &person));
        }
        let ask = &ASKS[2];
        let mut shown: BTreeMap<LeadId, Arc<Entry>> = index
            .page(ask, Sort::Waiting, None, 1_000, 1_000, NOW).leads.into_iter().map(|entry| (entry.lead.id, entry)).collect();
        let cursor = index.log().end();
        for op in after {
            let (lead, person) = made(op);
            index.set(position(2), lead.id, Entry::of(lead, &person));
        }
        let mut other = Index::default();
        anew.into_iter().filter_map(|op| { let (lead, person) = made(op); Entry::of(lead, &person) }).for_each(|entry| other.add(entry));
        let differs = index.differs(&other);
        index.replace(other, differs, position(3));
        for logged in index.log().from(cursor, usize::MAX).expect("kept") {
            let What::Lead { old, new } = logged.what else { panic!("nothing began anew") };
            let (old, new) = (old.filter(|entry| ask.shows(entry, NOW)), new.filter(|entry| ask.shows(entry, NOW)));
            if let Some(old) = old {
                prop_assert_eq!(shown.remove(&old.lead.id), Some(old));
            }
            if let Some(new) = new {
                prop_assert!(shown.insert(new.lead.id, new).is_none());
            }
        }
        let listed = walk(&index, ask, Sort::Waiting, 7, 7);
        prop_assert_eq!(listed.len(), shown.len());
        prop_assert!(listed.iter().all(|lead| shown.contains_key(lead)));
    }
}

#[test]
fn the_log_keeps_its_latest_and_tells_who_is_behind() {
    let mut index = Index::default();
    for n in 0..LOGGED as u64 + 2 {
        index.begin_anew(position(n + 1));
    }
    let log = index.log();
    assert_eq!(log.end(), LOGGED as u64 + 2);
    assert!(log.from(1, 1).is_none(), "two are gone");
    assert_eq!(log.from(2, 1).unwrap()[0].position, position(3));
    assert!(log.from(log.end(), 9).unwrap().is_empty());
    assert!(log.from(log.end() + 1, 9).unwrap().is_empty());
}

#[test]
fn a_page_nobody_matches_ends_where_it_has_looked_enough() {
    let mut index = Index::default();
    for n in 0..200 {
        let (lead, person) = made((n, 0, i64::from(n), Some(1), None, 0));
        index.add(Entry::of(lead, &person).unwrap());
    }
    let found = index.page(&ask(0, FILTERS[1], ""), Sort::Waiting, None, 10, 150, NOW);
    assert_eq!((found.leads.len(), found.looked_at, found.next.map(|place| place.lead)), (0, 150, Some(lead(149))));
    let found = index.page(&ask(0, FILTERS[1], ""), Sort::Waiting, found.next, 10, 150, NOW);
    assert_eq!((found.looked_at, found.next), (50, None));
}

#[test]
fn nothing_private_of_a_person_is_kept() {
    let (lead, person) = made((1, 0, 1, None, None, 0));
    let kept = format!("{:?}", Entry::of(lead, &person).unwrap());
    assert!(kept.contains("Maria") && !kept.contains("m@acme.example"), "{kept}");
}
