//! Taking a lead in: what a platform sent, checked field by field and normalised.
//!
//! Countries and regions by the `rust_iso3166` tables, phones by `rlibphonenumber` (a port of Google's libphonenumber).
//! An absent field is unknown; a malformed one is refused, and every malformed one is named.
//!
//! The company's domain is the one given, else the one of the contact's e-mail; free-mail and disposable domains
//! ([`mail::is_nobodys`]) are nobody's account and count as absent in both. Host names are kept in ASCII.

use std::collections::BTreeMap;

use rlibphonenumber::enums::Region;
use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumberFormat};

use crate::company::{self, domain, mail};
use crate::id::Source;
use crate::invalid::{Fields, Invalid, Violation, text};
use crate::lead::{Company, Facts, MAX_ATTRIBUTES, MAX_QUALIFICATION, Person, Qualification, Stage};
use crate::time::{Millis, Span};

pub mod engagement;

/// How far ahead of the service's clock a lead's capture may lie: a platform's clock may be a little fast.
pub const MAX_CLOCK_LEAD: Span = Span::minutes(5);

/// A lead as a platform sent it; empty texts are absent.
#[derive(Debug, Clone, Default)]
pub struct Raw {
    /// `company.name`
    pub company_name: String,
    /// `company.domain`
    pub company_domain: String,
    /// `company.employees`
    pub employees: Option<i32>,
    /// `company.industry`
    pub industry: String,
    /// `company.country`
    pub country: String,
    /// `company.region`
    pub region: String,
    /// `company.city`
    pub city: String,
    /// `contact.name`
    pub contact_name: String,
    /// `contact.title`
    pub contact_title: String,
    /// `contact.email`
    pub email: String,
    /// `contact.phone`
    pub phone: String,
    /// `source`
    pub source: String,
    /// `stage`
    pub stage: Stage,
    /// `score`
    pub score: Option<i32>,
    /// `grade`
    pub grade: String,
    /// `product_interest`
    pub product_interest: String,
    /// `qualification.budget`
    pub budget: String,
    /// `qualification.timeline`
    pub timeline: String,
    /// `qualification.authority`
    pub authority: String,
    /// `notes`
    pub notes: String,
    /// `attributes`
    pub attributes: BTreeMap<String, String>,
    /// `engagement`
    pub engagement: engagement::Raw,
    /// `form_responses`
    pub form_responses: BTreeMap<String, String>,
    /// `captured_at`
    pub captured_at: Option<Millis>,
}

/// Checks and normalises a lead received at `now`. The violations' fields are relative to the lead.
pub fn normalise(raw: Raw, now: Millis) -> Result<(Facts, Person), Vec<Violation>> {
    let mut fields = Fields::new();
    let country = fields.take("company.country", country(&raw.country));
    let known_country = country.clone().unwrap_or_default();
    let email = fields.take("contact.email", email(&raw.email));
    let given = fields.take("company.domain", website(&raw.company_domain)).flatten();
    let domain = given.or_else(|| host_of(email.as_deref()?.rsplit('@').next()?));
    let company = Company {
        name: fields.take("company.name", text(&raw.company_name, company::MAX_NAME)).unwrap_or_default(),
        domain: domain.unwrap_or_default(),
        employees: fields.take("company.employees", employees(raw.employees)).flatten(),
        industry: fields.take("company.industry", text(&raw.industry, company::MAX_INDUSTRY)).unwrap_or_default(),
        region: fields.take("company.region", region(&raw.region, &known_country)).unwrap_or_default(),
        city: fields.take("company.city", text(&raw.city, company::MAX_CITY)).unwrap_or_default(),
        country: known_country,
    };
    let person = Person {
        name: fields.take("contact.name", text(&raw.contact_name, 200)).unwrap_or_default(),
        title: fields.take("contact.title", text(&raw.contact_title, 100)).unwrap_or_default(),
        email: email.unwrap_or_default(),
        phone: fields.take("contact.phone", phone(&raw.phone, &company.country)).unwrap_or_default(),
        notes: fields.take("notes", text(&raw.notes, 10_000)).unwrap_or_default(),
        attributes: attributes(raw.attributes, &mut fields),
        engagement: engagement::normalise(raw.engagement, &mut fields),
        form_responses: engagement::form_responses(raw.form_responses, &mut fields),
        ..Person::default()
    };
    let score = fields.take("score", score(raw.score)).flatten();
    let grade = fields.take("grade", text(&raw.grade, 16)).unwrap_or_default();
    let product_interest = fields.take("product_interest", text(&raw.product_interest, 200)).unwrap_or_default();
    let mut known = |field, value: &str| fields.take(field, text(value, MAX_QUALIFICATION)).unwrap_or_default();
    let qualification = Qualification {
        budget: known("qualification.budget", &raw.budget),
        timeline: known("qualification.timeline", &raw.timeline),
        authority: known("qualification.authority", &raw.authority),
    };
    let captured_at = fields.take("captured_at", captured_at(raw.captured_at, now));
    let source = fields.take("source", Source::parse(&raw.source.trim().to_ascii_lowercase()));
    let facts = source.zip(captured_at).map(|(source, captured_at)| Facts {
        company,
        source,
        stage: raw.stage,
        score,
        grade,
        product_interest,
        qualification,
        captured_at,
    });
    fields.finish(facts.map(|facts| (facts, person)))
}

pub(crate) fn employees(value: Option<i32>) -> Result<Option<u32>, Invalid> {
    match value {
        None => Ok(None),
        Some(n @ 1..=10_000_000) => Ok(Some(n.unsigned_abs())),
        Some(_) => Err(Invalid::new("1 to 10000000")),
    }
}

fn score(value: Option<i32>) -> Result<Option<u8>, Invalid> {
    match value {
        None => Ok(None),
        Some(n) => match u8::try_from(n) {
            Ok(n @ 0..=100) => Ok(Some(n)),
            _ => Err(Invalid::new("0 to 100")),
        },
    }
}

fn captured_at(value: Option<Millis>, now: Millis) -> Result<Millis, Invalid> {
    match value {
        None => Ok(now),
        Some(at) if at.0 < 0 => Err(Invalid::new("before 1970")),
        Some(at) if at > now.after(MAX_CLOCK_LEAD) => {
            Err(Invalid::new(format!("more than {MAX_CLOCK_LEAD} ahead of the service's clock")))
        }
        Some(at) => Ok(at),
    }
}

fn attributes(raw: BTreeMap<String, String>, fields: &mut Fields) -> BTreeMap<String, String> {
    if raw.len() > MAX_ATTRIBUTES {
        fields.add("attributes", format!("at most {MAX_ATTRIBUTES} entries"));
        return BTreeMap::new();
    }
    let mut kept = BTreeMap::new();
    for (name, value) in raw {
        let well_named = Source::parse(&name)
            .map_err(|_| Invalid::new("names of 1 to 64 characters of a-z 0-9 _ -"))
            .and_then(|_| text(&value, 1_000));
        if let Some(value) = fields.take("attributes", well_named) {
            kept.insert(name, value);
        }
    }
    kept
}

/// ISO 3166-1 alpha-2 from a code of two or three letters; empty stays empty.
pub(crate) fn country(value: &str) -> Result<String, Invalid> {
    let code = value.trim().to_ascii_uppercase();
    let found = match code.len() {
        0 => return Ok(String::new()),
        2 => rust_iso3166::from_alpha2(&code),
        3 => rust_iso3166::from_alpha3(&code),
        _ => None,
    };
    found.map(|country| country.alpha2.to_owned()).ok_or_else(|| Invalid::new("an ISO 3166-1 code such as DE or DEU"))
}

/// ISO 3166-2 from a full code, or from its part after the dash when the country is known; empty stays empty.
pub(crate) fn region(value: &str, country: &str) -> Result<String, Invalid> {
    let code = value.trim().to_ascii_uppercase();
    if code.is_empty() {
        return Ok(code);
    }
    let full = if code.contains('-') { code } else { format!("{country}-{code}") };
    if rust_iso3166::iso3166_2::from_code(&full).is_none() {
        return Err(Invalid::new("an ISO 3166-2 code such as US-CA, or CA with the country"));
    }
    if !country.is_empty() && !full.starts_with(&format!("{country}-")) {
        return Err(Invalid::new("lies in another country than company.country"));
    }
    Ok(full)
}

/// The company's host name from a domain or an address of its site; empty, and a domain that is nobody's, is `None`.
pub(crate) fn website(value: &str) -> Result<Option<String>, Invalid> {
    Ok(host_of(&site(value)?).filter(|host| !host.is_empty()))
}

/// The host name of a domain or an address of a site, in ASCII; empty stays empty.
pub fn site(value: &str) -> Result<String, Invalid> {
    let value = value.trim();
    if value.is_empty() {
        return Ok(String::new());
    }
    let host = value.split_once("://").map_or(value, |(_, rest)| rest);
    let host = host.split(['/', '?', '#']).next().unwrap_or_default();
    domain::ascii(host.trim_end_matches('.')).ok_or_else(|| Invalid::new("a domain such as example.com"))
}

/// A host name without `www.`, unless it is nobody's.
fn host_of(mut host: &str) -> Option<String> {
    while let Some(rest) = host.strip_prefix("www.").filter(|rest| rest.contains('.')) {
        host = rest;
    }
    mail::is_nobodys(host).is_none().then(|| host.to_owned())
}

/// An address `local@domain` in lower case, its domain in ASCII; empty stays empty. The form of RFC 5321 without quoting
/// or comments, which sign-up forms do not accept either.
fn email(value: &str) -> Result<String, Invalid> {
    let lower = value.trim().to_lowercase();
    if lower.is_empty() {
        return Ok(lower);
    }
    let wrong = || Invalid::new("an e-mail address such as name@example.com");
    let (local, host) = lower.rsplit_once('@').ok_or_else(wrong)?;
    let atom = |c: char| c.is_alphanumeric() || "!#$%&'*+/=?^_`{|}~-.".contains(c);
    let dots_inside = !local.starts_with('.') && !local.ends_with('.') && !local.contains("..");
    if local.is_empty() || local.len() > 64 || !local.chars().all(atom) || !dots_inside {
        return Err(wrong());
    }
    let host = domain::ascii(host.trim_end_matches('.')).ok_or_else(wrong)?;
    Ok(format!("{local}@{host}"))
}

/// E.164 from an international number, or from a national one when the country is known; empty stays empty.
fn phone(value: &str, country: &str) -> Result<String, Invalid> {
    let value = value.trim();
    if value.is_empty() {
        return Ok(String::new());
    }
    let wrong = || Invalid::new("a phone number in international form, or as written in company.country");
    if value.len() > 64 {
        return Err(wrong());
    }
    let region: Option<Region> = country.parse().ok();
    let number = PHONE_NUMBER_UTIL.parse(value, region).map_err(|_| wrong())?;
    // Possible, not valid: numbering plans change faster than tables, and a lead is not lost over one.
    if number.is_possible_with_reason().is_err() {
        return Err(wrong());
    }
    Ok(number.format_as(PhoneNumberFormat::E164).into_owned())
}

#[cfg(test)]
mod tests;
