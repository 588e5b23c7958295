//! Mail domains that are nobody's account: anyone can have an address there.
//!
//! The lists and where they come from: `data/README.md`.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, DefaultHasher};
use std::sync::LazyLock;

use super::domain;

/// Why a mail domain is nobody's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A mail service, an internet provider's mail for its customers, or a relay that hides an address.
    Free,
    /// Addresses that are thrown away after use.
    Disposable,
}

static FREE: &str = include_str!("../../data/free_mail.txt");
static DISPOSABLE: &str = include_str!("../../data/disposable_mail.txt");

/// Every listed domain. Hashed without a seed: what is in it does not come from outside, and nothing is drawn by chance.
static LISTED: LazyLock<HashMap<&'static str, Kind, BuildHasherDefault<DefaultHasher>>> = LazyLock::new(|| {
    // Room for all at once: every growth would hash again what is there.
    let mut listed = HashMap::with_capacity_and_hasher(FREE.len() / 10 + DISPOSABLE.len() / 10, Default::default());
    listed.extend(FREE.lines().map(|domain| (domain, Kind::Free)));
    listed.extend(DISPOSABLE.lines().map(|domain| (domain, Kind::Disposable)));
    listed
});

/// Why nobody's account has this domain, or `None` when somebody's may. A name below a listed one counts as listed
/// (`eu.mailinator.com`). Takes the domain however it is written; what is no host name is not listed.
pub fn is_nobodys(domain: &str) -> Option<Kind> {
    if domain.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'.' || b == b'-') {
        return listed(domain);
    }
    listed(&domain::ascii(domain)?)
}

fn listed(domain: &str) -> Option<Kind> {
    let mut name = domain;
    loop {
        // Nothing of one label is listed.
        let (_, above) = name.split_once('.')?;
        if let Some(kind) = LISTED.get(name) {
            return Some(*kind);
        }
        name = above;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn free_and_disposable_mail_is_nobodys() {
        for free in [
            "gmail.com",
            "GMail.com",
            "googlemail.com",
            "yahoo.co.uk",
            "web.de",
            "qq.com",
            "mail.ru",
            "proton.me",
            "pm.me",
            "hey.com",
            "duck.com",
            "tutanota.com",
            "icloud.com",
            "privaterelay.appleid.com",
            "x.gmx.net",
        ] {
            assert_eq!(is_nobodys(free), Some(Kind::Free), "{free}");
        }
        for disposable in ["mailinator.com", "a.b.mailinator.com", "yopmail.com", "10minutemail.com"] {
            assert_eq!(is_nobodys(disposable), Some(Kind::Disposable), "{disposable}");
        }
    }

    #[test]
    fn companies_are_somebodys() {
        for company in [
            "acme.com",
            "notgmail.com",
            "gmail.com.acme.com",
            "com",
            "uk",
            "",
            ".",
            "appleid.com",
            "apple.com",
            "müller.de",
            "alibaba.com",
            "comcast.com",
            "google.com",
            "berlin.de",
            "a b",
            "@gmail.com",
        ] {
            assert_eq!(is_nobodys(company), None, "{company}");
        }
    }

    #[test]
    fn the_lists_hold_host_names_that_are_no_public_suffix() {
        let listed = || FREE.lines().chain(DISPOSABLE.lines());
        let broken = |listed: &&str| {
            domain::ascii(listed).as_deref() != Some(*listed) || domain::Registrable::of(listed).is_none()
        };
        assert_eq!(listed().filter(broken).collect::<Vec<_>>(), Vec::<&str>::new());
        assert_eq!(LISTED.len(), listed().count(), "no domain is listed twice");
    }

    proptest::proptest! {
        /// A plain walk through the lists.
        #[test]
        fn the_search_finds_what_reading_through_finds(
            place in 0..FREE.lines().count(), below in "([a-z]{1,5}\\.){0,3}", spoil in "[a-z]{0,1}",
        ) {
            let domain = [&*below, &*spoil, FREE.lines().nth(place).unwrap()].concat();
            let is_under =
                |l: &str| domain.strip_suffix(l).is_some_and(|below| below.is_empty() || below.ends_with('.'));
            let among = |list: &'static str| list.lines().any(is_under);
            proptest::prop_assert_eq!(is_nobodys(&domain).is_some(), among(FREE) || among(DISPOSABLE));
        }
    }
}
