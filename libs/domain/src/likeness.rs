//! Recognising a lead that is there already: the same e-mail address, the same phone number, or the same company and
//! contact name.

use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::event::Likeness as By;
use crate::id::LeadId;
use crate::lead::{Facts, Person};
use crate::time::Span;

/// Stands for a personal datum by which a lead is recognised: 16 bytes of HMAC-SHA-256 under the workspace's secret, so
/// that who sees the store's keys cannot find out by guessing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Mark(pub [u8; 16]);

/// The lead that was last seen with a mark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Likeness {
    /// The mark.
    pub mark: Mark,
    /// The lead.
    pub lead: LeadId,
    /// For how long that counts.
    pub kept: Span,
}

/// The marks of a lead, the surest first. Names are compared in lower case without blanks around and between words.
pub fn marks(facts: &Facts, person: &Person, secret: &[u8; 32]) -> Vec<(By, Mark)> {
    let mut marks = Vec::with_capacity(3);
    if !person.email.is_empty() {
        marks.push((By::Email, mark(secret, b"email", &[&person.email])));
    }
    if !person.phone.is_empty() {
        marks.push((By::Phone, mark(secret, b"phone", &[&person.phone])));
    }
    if !person.name.is_empty() && !facts.company.domain.is_empty() {
        let name: String = person.name.split_whitespace().map(str::to_lowercase).collect();
        marks.push((By::CompanyAndName, mark(secret, b"name", &[&facts.company.domain, &name])));
    }
    marks
}

fn mark(secret: &[u8; 32], what: &[u8], parts: &[&str]) -> Mark {
    // Any length of key is fine for HMAC.
    let Ok(mut hmac) = Hmac::<Sha256>::new_from_slice(secret) else { return Mark([0; 16]) };
    hmac.update(what);
    for part in parts {
        hmac.update(&[0]);
        hmac.update(part.as_bytes());
    }
    let whole = hmac.finalize().into_bytes();
    let mut mark = [0; 16];
    mark.copy_from_slice(&whole[..16]);
    Mark(mark)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::Source;
    use crate::lead::{Company, Stage};
    use crate::time::Millis;

    fn facts(domain: &str) -> Facts {
        Facts {
            company: Company { domain: domain.into(), ..Company::default() },
            source: Source::parse("webinar").unwrap(),
            stage: Stage::Unknown,
            score: None,
            grade: String::new(),
            product_interest: String::new(),
            qualification: Default::default(),
            captured_at: Millis(0),
        }
    }

    #[test]
    fn marks_differ_by_what_they_mark_and_by_secret() {
        let person = Person { name: "Jo  Doe".into(), email: "a".into(), phone: "a".into(), ..Person::default() };
        let all = marks(&facts("acme.example"), &person, &[1; 32]);
        assert_eq!(all.iter().map(|(by, _)| *by).collect::<Vec<_>>(), [By::Email, By::Phone, By::CompanyAndName]);
        assert_ne!(all[0].1, all[1].1);
        assert_ne!(all, marks(&facts("acme.example"), &person, &[2; 32]));
        let spelled = Person { name: " jo doe ".into(), ..person.clone() };
        assert_eq!(all, marks(&facts("acme.example"), &spelled, &[1; 32]));
        assert_eq!(marks(&facts(""), &Person { name: "jo".into(), ..Person::default() }, &[1; 32]), []);
    }
}
