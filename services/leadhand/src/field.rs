//! The fields of a lead as text: their names, the headers under which files have them, and how each is read.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use leadhand_proto::lead::v1::{Company, Contact, Lead, Stage};

use crate::cli::LeadFlags;
use crate::moment;

/// A field of a lead that a text can set.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Field {
    /// One of [`FIELDS`], by its path.
    Plain(&'static str),
    /// An attribute, by its name.
    Attribute(String),
    /// A form response, by its question.
    Response(String),
}

/// Every field but attributes, form responses and counters of engagement: its path in the lead, and the headers that mean it, in lower case without anything but
/// letters and digits.
pub(crate) const FIELDS: &[(&str, &[&str])] = &[
    ("source", &["leadsource", "origin", "channel"]),
    ("company.name", &["company", "account", "accountname", "organization", "organisation"]),
    ("company.domain", &["domain", "companydomain", "website", "companywebsite", "websiteurl", "url"]),
    ("company.employees", &["employees", "employeecount", "numberofemployees", "noofemployees", "headcount"]),
    ("company.industry", &["industry", "sector", "vertical"]),
    ("company.country", &["country", "countrycode"]),
    ("company.region", &["region", "state", "province", "stateregion", "stateprovince"]),
    ("company.city", &["city", "town"]),
    ("contact.name", &["contact", "name", "fullname", "leadname"]),
    // Parts of `contact.name`, for files that split it.
    ("contact.first_name", &["firstname", "givenname", "forename"]),
    ("contact.last_name", &["lastname", "familyname", "surname"]),
    ("contact.title", &["title", "jobtitle", "role", "position"]),
    ("contact.email", &["email", "emailaddress", "workemail", "businessemail", "mail"]),
    ("contact.phone", &["phone", "phonenumber", "telephone", "workphone", "mobile", "mobilephone"]),
    ("stage", &["leadstage", "lifecyclestage"]),
    ("score", &["leadscore"]),
    ("grade", &["leadgrade", "rating"]),
    ("product_interest", &["product", "interest"]),
    ("qualification.budget", &["budget"]),
    ("qualification.timeline", &["timeline", "timeframe"]),
    ("qualification.authority", &["authority", "decisionmaker"]),
    ("notes", &["note", "comment", "comments", "message", "description"]),
    ("engagement.opens", &["opens", "emailopens", "mailopens"]),
    ("engagement.visits", &["visits", "pageviews", "webvisits"]),
    ("captured_at", &["captured", "createdat", "created", "createdate", "createddate", "submittedat", "timestamp"]),
];

/// A text that a field cannot take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wrong {
    /// The field's path, as a service names it: `lead.score`.
    pub(crate) field: String,
    /// What is wrong.
    pub(crate) description: String,
}

impl Field {
    /// The field with this path.
    pub(crate) fn parse(path: &str) -> Option<Self> {
        if let Some(name) = path.strip_prefix("attributes.") {
            return (!name.is_empty()).then(|| Self::Attribute(name.to_owned()));
        }
        if let Some(question) = path.strip_prefix("form_responses.") {
            return (!question.is_empty()).then(|| Self::Response(question.to_owned()));
        }
        FIELDS.iter().find(|(known, _)| *known == path).map(|(known, _)| Self::Plain(known))
    }

    /// The field that a column with this header holds, as far as its name tells, and how good a match that is: 0 for the
    /// path itself, more for later entries of the list.
    pub(crate) fn of_header(header: &str) -> Option<(Self, usize)> {
        if let Some(field) = Self::parse(&header.trim().to_lowercase()) {
            return Some((field, 0));
        }
        let plain: String = header.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect();
        FIELDS.iter().find_map(|(path, headers)| {
            let own: String = path.chars().filter(|c| c.is_alphanumeric()).collect();
            let rank = if own == plain { 0 } else { headers.iter().position(|header| *header == plain)? + 1 };
            Some((Self::Plain(path), rank))
        })
    }

    /// The path as a service names it.
    pub(crate) fn path(&self) -> String {
        match self {
            Self::Plain(path) => format!("lead.{path}"),
            Self::Attribute(_) => "lead.attributes".to_owned(),
            Self::Response(_) => "lead.form_responses".to_owned(),
        }
    }
}

/// A lead made of texts; empty ones are absent. All that is wrong is named at once.
pub(crate) fn lead(values: impl IntoIterator<Item = (Field, String)>, now: Timestamp) -> Result<Lead, Vec<Wrong>> {
    let mut lead = Lead { company: Some(Company::default()), contact: Some(Contact::default()), ..Lead::default() };
    let mut wrong = Vec::new();
    for (field, text) in values {
        if text.trim().is_empty() {
            continue;
        }
        if let Err(description) = set(&mut lead, &field, text.trim(), now) {
            wrong.push(Wrong { field: field.path(), description });
        }
    }
    if wrong.is_empty() { Ok(lead) } else { Err(wrong) }
}

fn set(lead: &mut Lead, field: &Field, text: &str, now: Timestamp) -> Result<(), String> {
    let name = match field {
        Field::Plain(name) => *name,
        Field::Attribute(name) => {
            lead.attributes.insert(name.clone(), text.to_owned());
            return Ok(());
        }
        Field::Response(question) => {
            lead.form_responses.insert(question.clone(), text.to_owned());
            return Ok(());
        }
    };
    let owned = text.to_owned();
    let company = lead.company.get_or_insert_default();
    let contact = lead.contact.get_or_insert_default();
    match name {
        "source" => lead.source = slug(text),
        "company.name" => company.name = owned,
        "company.domain" => company.domain = owned,
        "company.employees" => company.employees = Some(count(text)?),
        "company.industry" => company.industry = owned,
        "company.country" => company.country = owned,
        "company.region" => company.region = owned,
        "company.city" => company.city = owned,
        "contact.name" => contact.name = owned,
        "contact.first_name" => contact.name = joined(text, &contact.name),
        "contact.last_name" => contact.name = joined(&contact.name, text),
        "contact.title" => contact.title = owned,
        "contact.email" => contact.email = owned,
        "contact.phone" => contact.phone = owned,
        "stage" => lead.stage = stage(text)?.into(),
        "score" => lead.score = Some(score(text)?),
        "grade" => lead.grade = owned,
        "product_interest" => lead.product_interest = owned,
        "qualification.budget" => lead.qualification.get_or_insert_default().budget = owned,
        "qualification.timeline" => lead.qualification.get_or_insert_default().timeline = owned,
        "qualification.authority" => lead.qualification.get_or_insert_default().authority = owned,
        "notes" => lead.notes = owned,
        "engagement.opens" => lead.engagement.get_or_insert_default().opens = Some(count(text)?),
        "engagement.visits" => lead.engagement.get_or_insert_default().visits = Some(count(text)?),
        "captured_at" => {
            lead.captured_at = Some(moment::to_wire(moment::parse(text, now, &TimeZone::system())?));
        }
        other => return Err(format!("{other} is not a field of a lead")),
    }
    Ok(())
}

fn joined(first: &str, last: &str) -> String {
    format!("{first} {last}").trim().to_owned()
}

/// People write `Demo request`, and the services `demo_request`.
fn slug(text: &str) -> String {
    let lower = text.to_lowercase();
    lower.split(|c: char| c.is_whitespace() || c == '/').filter(|word| !word.is_empty()).collect::<Vec<_>>().join("_")
}

fn count(text: &str) -> Result<i32, String> {
    let digits: String = text.chars().filter(|c| !matches!(c, ',' | '_' | ' ' | '\u{a0}' | '\'')).collect();
    digits.parse().map_err(|_| "a whole number such as 120".to_owned())
}

/// Exports write whole numbers as `80.0` now and then.
fn score(text: &str) -> Result<i32, String> {
    let whole =
        text.split_once('.').filter(|(_, rest)| rest.bytes().all(|b| b == b'0')).map_or(text, |(whole, _)| whole);
    whole.parse().map_err(|_| "a whole number from 0 to 100".to_owned())
}

fn stage(text: &str) -> Result<Stage, String> {
    match text.to_lowercase().as_str() {
        "icp" => Ok(Stage::Icp),
        "mql" => Ok(Stage::Mql),
        "sql" => Ok(Stage::Sql),
        _ => Err("icp, mql or sql".to_owned()),
    }
}

/// The fields given by flags.
pub(crate) fn of_flags(flags: &LeadFlags) -> Result<BTreeMap<Field, String>, String> {
    let plain = [
        ("source", &flags.source),
        ("company.name", &flags.company),
        ("company.domain", &flags.domain),
        ("company.employees", &flags.employees),
        ("company.industry", &flags.industry),
        ("company.country", &flags.country),
        ("company.region", &flags.region),
        ("company.city", &flags.city),
        ("contact.name", &flags.name),
        ("contact.title", &flags.title),
        ("contact.email", &flags.email),
        ("contact.phone", &flags.phone),
        ("stage", &flags.stage),
        ("score", &flags.score),
        ("grade", &flags.grade),
        ("product_interest", &flags.interest),
        ("qualification.budget", &flags.budget),
        ("qualification.timeline", &flags.timeline),
        ("qualification.authority", &flags.authority),
        ("notes", &flags.notes),
        ("engagement.opens", &flags.opens),
        ("engagement.visits", &flags.visits),
        ("captured_at", &flags.captured_at),
    ];
    let mut fields = BTreeMap::new();
    for (path, value) in plain {
        if let Some(value) = value {
            fields.insert(Field::Plain(path), value.clone());
        }
    }
    let named = |pair: &str, flag: &str| {
        let parts = pair.split_once('=').filter(|(name, _)| !name.is_empty());
        let (name, value) = parts.ok_or_else(|| format!("{flag} {pair}: expected NAME=VALUE"))?;
        Ok::<_, String>((name.to_owned(), value.to_owned()))
    };
    for pair in &flags.attribute {
        let (name, value) = named(pair, "--attribute")?;
        fields.insert(Field::Attribute(name), value);
    }
    for pair in &flags.response {
        let (question, response) = named(pair, "--response")?;
        fields.insert(Field::Response(question), response);
    }
    Ok(fields)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(pairs: &[(&str, &str)]) -> Result<Lead, Vec<Wrong>> {
        let values = pairs.iter().map(|(path, text)| (Field::parse(path).unwrap(), (*text).to_owned()));
        lead(values, Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn every_field_can_be_set() {
        let made = |path, text| made(&[(path, text)]).unwrap();
        let empty = lead([], Timestamp::UNIX_EPOCH).unwrap();
        for (path, _) in FIELDS {
            let text = match *path {
                "stage" => "mql",
                "captured_at" => "2026-11-22T15:00Z",
                _ => "7",
            };
            assert_ne!(made(path, text), empty, "{path}");
            assert_eq!(made(path, "  "), empty, "{path}");
        }
        assert_eq!(made("attributes.campaign", "spring").attributes["campaign"], "spring");
        assert_eq!(made("form_responses.Seats?", "two").form_responses["Seats?"], "two");
    }

    #[test]
    fn what_people_write_becomes_what_services_take() {
        let lead = made(&[
            ("source", "Demo Request"),
            ("company.employees", "1,200"),
            ("score", "80.0"),
            ("stage", "MQL"),
            ("contact.last_name", "Doe"),
            ("contact.first_name", "Jo"),
        ])
        .unwrap();
        assert_eq!(lead.source, "demo_request");
        assert_eq!(lead.company.unwrap().employees, Some(1200));
        assert_eq!(lead.score, Some(80));
        assert_eq!(lead.stage, i32::from(Stage::Mql));
        assert_eq!(lead.contact.unwrap().name, "Jo Doe");
    }

    #[test]
    fn all_that_is_wrong_is_named() {
        let wrong =
            made(&[("score", "high"), ("company.employees", "51-200"), ("stage", "won"), ("captured_at", "soon")]);
        let fields: Vec<String> = wrong.unwrap_err().into_iter().map(|wrong| wrong.field).collect();
        assert_eq!(fields, ["lead.score", "lead.company.employees", "lead.stage", "lead.captured_at"]);
    }

    #[test]
    fn headers_of_common_exports_are_known() {
        for (header, path) in [
            ("Company", "company.name"),
            ("Company Name", "company.name"),
            ("company.name", "company.name"),
            ("Job Title", "contact.title"),
            ("E-Mail", "contact.email"),
            ("Lead Source", "source"),
            ("State/Province", "company.region"),
            ("Product Interest", "product_interest"),
            ("# Employees", "company.employees"),
        ] {
            assert_eq!(Field::of_header(header).map(|(field, _)| field), Field::parse(path), "{header}");
        }
        assert_eq!(Field::of_header("Favourite colour"), None);
        assert_eq!(Field::of_header("attributes.campaign"), Some((Field::Attribute("campaign".into()), 0)));
    }
}
