use std::collections::{BTreeMap, HashMap};

use proptest::prelude::*;
use proptest::sample::select;

use super::change::{Command, decide, reads};
use super::*;
use crate::answer::Answer;
use crate::change::Change;
use crate::record::{Key, Record, Snapshot};

const NOW: Millis = Millis(1_000_000);

fn id(account: &str) -> AccountId {
    AccountId::parse(account).unwrap()
}

fn details(name: &str, domain: &str) -> Details {
    Details {
        name: name.into(),
        domain: domain.into(),
        aliases: vec![],
        subsidiaries: vec![],
        owner: RepId::parse("ana").unwrap(),
        kind: Kind::Customer,
        strategic: false,
        since: Millis(0),
    }
}

fn upsert(account: &str, revision: u64, details: Details) -> Command {
    Command { account: id(account), revision, details: Some(details) }
}

/// Carries a change out on a world in which nothing else is; whether it changed anything.
fn carry_out(world: &mut Snapshot, command: &Command) -> bool {
    // What is read first is what the command tells; then what it asks for.
    let mut read = Snapshot::default();
    let mut wanted = reads(command);
    let change: Change = loop {
        for key in wanted {
            assert!(!read.knows(&key), "asked for twice: {key:?}");
            read.insert(key.clone(), world.record(&key));
        }
        match decide(&read, command, NOW) {
            Ok(change) => break change,
            Err(more) => wanted = more,
        }
    };
    assert!(change.expects.iter().all(|key| read.knows(key)));
    assert!(change.puts.iter().all(|put| change.expects.contains(&put.key())), "written without being expected");
    for put in &change.puts {
        assert_ne!(read.get(&put.key()), Some(put), "written as it was");
    }
    let changed = change.answer == Answer::AccountTaken(true);
    assert_eq!((changed, changed), (!change.puts.is_empty(), !change.events.is_empty()));
    world.apply(&change);
    changed
}

/// The oracle: what leads to the live accounts, built from scratch.
fn from_scratch(live: &BTreeMap<AccountId, Details>) -> HashMap<Likeness, Vec<Entry>> {
    let mut index: HashMap<Likeness, Vec<Entry>> = HashMap::new();
    for (account, details) in live {
        let domains = std::iter::once((&details.domain, By::Domain))
            .chain(details.aliases.iter().map(|domain| (domain, By::Alias)))
            .chain(details.subsidiaries.iter().map(|domain| (domain, By::Parent)))
            .filter(|(domain, _)| *domain != "gmail.com")
            .filter_map(|(domain, by)| Some((Likeness::domain(domain)?, by)));
        let names = Likeness::names(&details.name).into_iter().map(|name| (name, By::Name));
        let mut own: BTreeMap<String, (Likeness, By)> = BTreeMap::new();
        for (likeness, by) in domains.chain(names) {
            let held = own.entry(format!("{likeness:?}")).or_insert((likeness, by));
            held.1 = held.1.min(by);
        }
        for (likeness, by) in own.into_values() {
            let Details { kind, owner, strategic, since, .. } = details.clone();
            index.entry(likeness).or_default().push(Entry {
                account: account.clone(),
                by,
                kind,
                owner,
                strategic,
                since,
            });
        }
    }
    for entries in index.values_mut() {
        entries.sort_by_key(|entry| (entry.kind, entry.by, entry.since, entry.account.clone()));
    }
    index
}

fn held(world: &Snapshot, likeness: &Likeness) -> Vec<Entry> {
    world.accounts(likeness).map(|at| at.entries.clone()).unwrap_or_default()
}

const DOMAINS: [&str; 6] =
    ["acme.com", "www.acme.com", "acme.de", "mail.umbrella.co.uk", "umbrella.co.uk", "gmail.com"];
const NAMES: [&str; 5] = ["", "Acme GmbH", "ACME", "Müller AG", "Mueller"];

fn any_details() -> impl Strategy<Value = Details> {
    let domains = || proptest::collection::vec(select(&DOMAINS[..]).prop_map(str::to_owned), 0..3);
    let domain = prop_oneof![Just(""), select(&DOMAINS[..])];
    let owner = select(&["ana", "bo"][..]);
    let kind = select(&[Kind::Customer, Kind::Named][..]);
    (select(&NAMES[..]), domain, domains(), domains(), owner, kind, any::<bool>(), 0..3_i64).prop_map(
        |(name, domain, aliases, subsidiaries, owner, kind, strategic, since)| Details {
            aliases,
            subsidiaries,
            owner: RepId::parse(owner).unwrap(),
            kind,
            strategic,
            since: Millis(since),
            ..details(name, domain)
        },
    )
}

fn commands(accounts: usize, revisions: u64, most: usize) -> impl Strategy<Value = Vec<Command>> {
    let details = prop_oneof![3 => any_details().prop_map(Some), 1 => Just(None)];
    let command = (0..accounts, 0..revisions, details).prop_map(|(account, revision, details)| Command {
        account: id(&format!("a{account}")),
        revision,
        details,
    });
    proptest::collection::vec(command, 1..most)
}

proptest! {
    #[test]
    fn the_index_is_what_the_live_accounts_make_of_it(commands in commands(8, 20, 60)) {
        let mut world = Snapshot::default();
        let mut revisions: BTreeMap<AccountId, u64> = BTreeMap::new();
        let mut live: BTreeMap<AccountId, Details> = BTreeMap::new();
        let mut likenesses: Vec<Likeness> = Vec::new();
        for command in &commands {
            let newer = revisions.get(&command.account).is_none_or(|held| *held < command.revision);
            prop_assert_eq!(carry_out(&mut world, command), newer);
            if newer {
                revisions.insert(command.account.clone(), command.revision);
                match &command.details {
                    Some(details) => drop(live.insert(command.account.clone(), details.clone())),
                    None => drop(live.remove(&command.account)),
                }
            }
            let index = from_scratch(&live);
            likenesses.extend(index.keys().filter(|key| !likenesses.contains(key)).cloned().collect::<Vec<_>>());
            for likeness in &likenesses {
                let expected = index.get(likeness).cloned().unwrap_or_default();
                prop_assert_eq!(held(&world, likeness), expected, "{:?}", likeness);
            }
        }
    }

    /// With more accounts than a list holds, it is the head of the true order.
    #[test]
    fn a_crowded_list_is_the_head_of_the_true_order(
        first in proptest::collection::vec(0..200_i64, 90),
        then in proptest::collection::vec((0..90_usize, proptest::option::of(0..200_i64)), 0..100),
    ) {
        let mut at = At::empty(Likeness::Name("acme".into()));
        let mut live: BTreeMap<AccountId, Entry> = BTreeMap::new();
        for (account, since) in first.into_iter().map(Some).enumerate().chain(then) {
            let account = id(&format!("a{account}"));
            let Details { kind, owner, strategic, .. } = details("", "");
            let by = By::Name;
            let entry = since.map(|since| Entry { account: account.clone(), by, kind, owner, strategic, since: Millis(since) });
            at = at.with(&account, entry.clone());
            match entry {
                Some(entry) => drop(live.insert(account, entry)),
                None => drop(live.remove(&account)),
            }
            let mut all: Vec<Entry> = live.values().cloned().collect();
            all.sort_by_key(|entry| (entry.since, entry.account.clone()));
            prop_assert!(at.entries.len() <= MAX_ENTRIES);
            prop_assert!(!at.entries.is_empty() || all.is_empty());
            prop_assert_eq!(&at.entries[..], &all[..at.entries.len()]);
            prop_assert!(at.left_out.of(Kind::Customer).is_some() || at.entries.len() == all.len());
        }
    }
}

#[test]
fn each_kind_has_room_of_its_own_and_an_emptied_list_starts_anew() {
    let mut at = At::empty(Likeness::domain("acme.com").unwrap());
    let entry = |n: usize, kind| {
        let details = Details { kind, ..details("", "acme.com") };
        let Details { owner, strategic, since, .. } = details;
        Entry { account: id(&format!("{kind:?}{n:04}").to_lowercase()), by: By::Domain, kind, owner, strategic, since }
    };
    for n in 0..1_000 {
        let customer = entry(n, Kind::Customer);
        at = at.with(&customer.account.clone(), Some(customer));
    }
    let named = entry(7, Kind::Named);
    at = at.with(&named.account.clone(), Some(named.clone()));
    assert_eq!(at.entries.len(), MAX_ENTRIES + 1);
    assert_eq!(choose(&at.entries, Kind::Named).unwrap().0, &named);
    assert_eq!(at.left_out.of(Kind::Customer), Some(&entry(MAX_ENTRIES, Kind::Customer).rank()));
    for n in 0..MAX_ENTRIES {
        at = at.with(&entry(n, Kind::Customer).account, None);
    }
    assert_eq!((at.entries.len(), at.left_out.of(Kind::Customer)), (1, None));
    let late = entry(500, Kind::Customer);
    at = at.with(&late.account.clone(), Some(late));
    assert_eq!(at.entries.len(), 2);
}

#[test]
fn an_account_that_is_only_held_anew_leaves_what_leads_to_it_alone() {
    let mut world = Snapshot::default();
    assert!(carry_out(&mut world, &upsert("a", 1, details("Acme", "acme.com"))));
    let again = upsert("a", 2, details("Acme", "acme.com"));
    let change = decide(&world, &again, NOW).unwrap();
    assert_eq!(change.puts.len(), 1);
    assert!(matches!(change.puts[0], Record::Account(_)));
    assert!(!carry_out(&mut world, &upsert("a", 1, details("Other", "other.com"))));
    assert!(world.knows(&Key::Accounts(Likeness::domain("acme.com").unwrap())));
}

fn entry(account: &str, by: By, since: i64) -> Entry {
    Entry {
        account: AccountId::parse(account).unwrap(),
        by,
        kind: Kind::Customer,
        owner: RepId::parse("ana").unwrap(),
        strategic: false,
        since: Millis(since),
    }
}

#[test]
fn the_surest_wins_then_the_oldest_then_the_first_by_id() {
    let order = [
        entry("d", By::Domain, 9),
        entry("a", By::Alias, 1),
        entry("p", By::Parent, 1),
        entry("n1", By::Name, 1),
        entry("n2", By::Name, 1),
        entry("n0", By::Name, 2),
    ];
    for from in 0..order.len() {
        let mut found = order[from..].to_vec();
        found.reverse();
        let (first, trace) = choose(&found, Kind::Customer).unwrap();
        assert_eq!(first, &order[from]);
        assert_eq!(trace.others as usize, order.len() - from - 1);
    }
    assert!(choose(&order, Kind::Named).is_none());
}
