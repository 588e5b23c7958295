//! Host names, and the part of one that somebody registered.
//!
//! The public suffix list (crate `psl`, whose releases follow the list) says below which names anyone may register.
//!
//! - A name whose last label the list does not have (`localhost`, `acme.internal`, an IP address) is nobody's
//!   registration.
//! - **Its private part counts**: below `github.io` or `myshopify.com` each name is somebody else's, so `acme.github.io`
//!   is a registration of its own and not the same company as `other.github.io`. The bare `github.io` is its operator's.

use std::fmt;

use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};
use psl::Type;

/// More than this no name of the 253 characters that the DNS allows takes, in UTF-8.
const MAX_BYTES: usize = 4 * 253;

/// The form in which a host name is kept and compared: lower case, other than ASCII letters in punycode (`müller.de` is
/// `xn--mller-kva.de`), at least two labels of letters, digits and inner hyphens. `None` when it is no such name.
pub fn ascii(host: &str) -> Option<String> {
    if host.len() > MAX_BYTES {
        return None;
    }
    let ascii =
        Uts46::new().to_ascii(host.as_bytes(), AsciiDenyList::STD3, Hyphens::CheckFirstLast, DnsLength::Verify).ok()?;
    ascii.contains('.').then(|| ascii.into_owned())
}

/// A registrable domain: a public suffix and the one label before it (`acme.co.uk`), as [`ascii`] writes it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Registrable(String);

impl Registrable {
    /// The registrable domain that a host name lies in, however the host is written. `None` for what is no host name, for
    /// a public suffix itself (`co.uk`), and for names outside the list.
    pub fn of(host: &str) -> Option<Self> {
        let host = ascii(host)?;
        registered(&host).map(|domain| Self(domain.to_owned()))
    }

    /// The domain as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Registrable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Registrable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

fn registered(host: &str) -> Option<&str> {
    let suffix = psl::suffix(host.as_bytes())?;
    // Where the list has no rule, its last label counts as a suffix; here, as nothing.
    let kind = suffix.typ()?;
    if let Some(domain) = psl::domain(host.as_bytes()) {
        return str::from_utf8(domain.as_bytes()).ok();
    }
    match kind {
        Type::Icann => None,
        Type::Private => operators(host),
    }
}

/// Whose a private suffix is: what lies one label below the public suffix around it.
fn operators(suffix: &str) -> Option<&str> {
    let mut inner = suffix;
    loop {
        let (_, outer) = inner.split_once('.')?;
        let around = psl::suffix(outer.as_bytes())?;
        if around.typ() == Some(Type::Icann) && around.as_bytes() == outer.as_bytes() {
            return Some(inner);
        }
        inner = outer;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(host: &str) -> Option<String> {
        Registrable::of(host).map(|domain| domain.to_string())
    }

    #[test]
    fn one_label_before_the_public_suffix_is_registered() {
        for (host, registered) in [
            ("acme.com", "acme.com"),
            ("mail.eu.ACME.com", "acme.com"),
            ("shop.acme.co.uk", "acme.co.uk"),
            ("acme.com.br", "acme.com.br"),
            ("a.b.city.kawasaki.jp", "city.kawasaki.jp"),
            ("www.müller.de", "xn--mller-kva.de"),
            ("www.MU\u{308}LLER.de", "xn--mller-kva.de"),
            ("www.xn--mller-kva.de", "xn--mller-kva.de"),
            ("www.食狮.公司.cn", "xn--85x722f.xn--55qx5d.cn"),
            ("acme。com", "acme.com"),
        ] {
            assert_eq!(of(host).as_deref(), Some(registered), "{host}");
        }
    }

    #[test]
    fn below_a_private_suffix_everyone_is_someone_else() {
        assert_eq!(of("docs.acme.github.io").as_deref(), Some("acme.github.io"));
        assert_eq!(of("acme.myshopify.com").as_deref(), Some("acme.myshopify.com"));
        assert_eq!(of("github.io").as_deref(), Some("github.io"));
        assert_eq!(of("s3.amazonaws.com").as_deref(), Some("amazonaws.com"));
        assert_eq!(of("blogspot.com").as_deref(), Some("blogspot.com"));
    }

    #[test]
    fn what_nobody_can_register_is_none() {
        for host in [
            "",
            ".",
            "com",
            "co.uk",
            "localhost",
            "acme.internal",
            "acme.localhost",
            "192.168.0.1",
            "a..com",
            "-a.com",
            "a-.com",
            "a b.com",
            "a_b.com",
            "acme.com:80",
            "acme.com.",
            "jo@acme.com",
            "xn--zz.com",
            "公司.cn",
        ] {
            assert_eq!(of(host), None, "{host}");
        }
        assert_eq!(of(&"a.".repeat(100_000)), None);
        assert_eq!(of(&format!("{}.com", "a".repeat(64))), None);
    }

    proptest::proptest! {
        #[test]
        fn a_registrable_domain_is_its_own_and_ends_the_host(host in "[a-z.ü-]{0,30}(\\.(com|co\\.uk|github\\.io|公司\\.cn))?") {
            if let Some(domain) = Registrable::of(&host) {
                let host = ascii(&host).unwrap();
                proptest::prop_assert!(host == domain.as_str() || host.strip_suffix(domain.as_str()).is_some_and(|below| below.ends_with('.')));
                proptest::prop_assert_eq!(Registrable::of(domain.as_str()), Some(domain.clone()));
                // Below a private suffix, such as `cn.com`, everyone is someone else.
                let below = Registrable::of(&["x.y.", domain.as_str()].concat());
                let another = ["y.", domain.as_str()].concat();
                proptest::prop_assert!(below.as_ref().is_some_and(|it| *it == domain || it.as_str() == another), "{below:?}");
            }
        }

        #[test]
        fn no_text_panics_and_ascii_stays(host in "\\PC{0,40}") {
            if let Some(once) = ascii(&host) {
                proptest::prop_assert!(once.is_ascii());
                proptest::prop_assert_eq!(ascii(&once), Some(once));
            }
            Registrable::of(&host);
        }
    }
}
