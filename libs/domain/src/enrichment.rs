//! Filling in what a lead lacks of its company, from what somebody else knows.

use crate::company;
use crate::intake::{self, Raw};
use crate::invalid::{Invalid, text};
use crate::lead::Company;

/// The fields that may be filled in, as the proto spells them.
pub const FIELDS: [&str; 7] = ["name", "domain", "industry", "country", "region", "city", "employees"];

/// What enrichment came to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Enrichment {
    /// The fields of the company that were filled in, of [`FIELDS`].
    pub filled: Vec<&'static str>,
    /// The fields that were malformed, or contradict what is known, and were left as they are.
    pub refused: Vec<&'static str>,
    /// Why nothing was learnt.
    pub failure: Option<Failure>,
}

impl Enrichment {
    /// One that came to nothing.
    pub fn failed(failure: Failure) -> Self {
        Self { failure: Some(failure), ..Self::default() }
    }
}

/// Why nothing was learnt of a company.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Failure {
    /// The policy asks for it, and the configuration names nobody to ask.
    NotConfigured,
    /// There was no answer in time.
    TimedOut,
    /// Nobody answers there.
    Unavailable,
    /// The answer was an error.
    Failed,
    /// As many questions were under way as may be.
    Busy,
    /// It failed again and again, and is left alone for a while.
    Resting,
}

impl Failure {
    /// Every failure there is.
    pub const ALL: [Self; 6] =
        [Self::NotConfigured, Self::TimedOut, Self::Unavailable, Self::Failed, Self::Busy, Self::Resting];

    /// The name in metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotConfigured => "not_configured",
            Self::TimedOut => "timed_out",
            Self::Unavailable => "unavailable",
            Self::Failed => "failed",
            Self::Busy => "busy",
            Self::Resting => "resting",
        }
    }
}

/// Whether there is anything to ask for, and anything to know the company by.
pub fn is_worth_asking(company: &Company) -> bool {
    let Company { name, domain, employees, industry, country, region, city } = company;
    let texts = [name, domain, industry, country, region, city];
    let lacks = employees.is_none() || texts.iter().any(|text| text.is_empty());
    lacks && !(name.is_empty() && domain.is_empty())
}

/// Fills in what the company lacks from what was answered, of which only the company's fields are looked at. Each field is
/// checked and normalised as one that a platform sends; what is known is never changed, nor contradicted.
pub fn fill(company: &mut Company, answer: &Raw) -> Enrichment {
    let mut found = Enrichment::default();
    let mut fill = |field: &'static str, held: &mut String, checked: Result<String, Invalid>| {
        if !held.is_empty() {
            return;
        }
        match checked {
            Ok(value) if value.is_empty() => {}
            Ok(value) => {
                *held = value;
                found.filled.push(field);
            }
            Err(_) => found.refused.push(field),
        }
    };
    fill("name", &mut company.name, text(&answer.company_name, company::MAX_NAME));
    fill("domain", &mut company.domain, domain(&answer.company_domain));
    fill("industry", &mut company.industry, text(&answer.industry, company::MAX_INDUSTRY));
    fill("country", &mut company.country, country(&answer.country, &company.region));
    fill("region", &mut company.region, intake::region(&answer.region, &company.country));
    fill("city", &mut company.city, text(&answer.city, company::MAX_CITY));
    if company.employees.is_none() {
        match intake::employees(answer.employees) {
            Ok(None) => {}
            Ok(employees) => {
                company.employees = employees;
                found.filled.push("employees");
            }
            Err(_) => found.refused.push("employees"),
        }
    }
    found
}

/// A domain that is somebody's.
fn domain(value: &str) -> Result<String, Invalid> {
    match intake::website(value)? {
        None if !value.trim().is_empty() => Err(Invalid::new("nobody's domain")),
        domain => Ok(domain.unwrap_or_default()),
    }
}

/// A country in which the region lies, where that is known.
fn country(value: &str, region: &str) -> Result<String, Invalid> {
    let country = intake::country(value)?;
    if !country.is_empty() && !region.is_empty() && !region.starts_with(&format!("{country}-")) {
        return Err(Invalid::new("another country than the region's"));
    }
    Ok(country)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer() -> Raw {
        Raw {
            company_name: "Acme GmbH".into(),
            company_domain: "https://www.Acme.example/".into(),
            employees: Some(120),
            industry: "Steel".into(),
            country: "deu".into(),
            region: "by".into(),
            city: "Hof".into(),
            ..Raw::default()
        }
    }

    #[test]
    fn what_lacks_is_filled_in_its_one_form_and_the_rest_stays() {
        let mut company = Company { domain: "acme.example".into(), city: "Bonn".into(), ..Company::default() };
        let found = fill(&mut company, &answer());
        assert_eq!(found.filled, ["name", "industry", "country", "region", "employees"]);
        assert_eq!((found.refused, found.failure), (vec![], None));
        let whole = Company {
            name: "Acme GmbH".into(),
            domain: "acme.example".into(),
            employees: Some(120),
            industry: "Steel".into(),
            country: "DE".into(),
            region: "DE-BY".into(),
            city: "Bonn".into(),
        };
        assert_eq!(company, whole);
        let lies = Raw { employees: Some(-1), country: "XX".into(), ..answer() };
        assert_eq!(fill(&mut company, &lies), Enrichment::default(), "nothing lacks, so nothing is looked at");
        assert_eq!(company, whole);
    }

    #[test]
    fn what_is_malformed_or_contradicts_is_left_out_field_by_field() {
        let bad = Raw {
            company_name: "x".repeat(201),
            company_domain: "gmail.com".into(),
            employees: Some(0),
            industry: "\u{7}".into(),
            country: "XX".into(),
            region: "ZZ-9".into(),
            city: "Hof".into(),
            ..Raw::default()
        };
        let mut company = Company::default();
        let found = fill(&mut company, &bad);
        assert_eq!(found.filled, ["city"]);
        assert_eq!(found.refused, ["name", "domain", "industry", "country", "region", "employees"]);
        assert_eq!(company, Company { city: "Hof".into(), ..Company::default() });

        let mut abroad = Company { country: "US".into(), ..Company::default() };
        assert_eq!(fill(&mut abroad, &Raw { region: "DE-BY".into(), ..Raw::default() }).refused, ["region"]);
        let mut here = Company { region: "US-CA".into(), ..Company::default() };
        assert_eq!(fill(&mut here, &answer()).refused, ["country"]);
    }

    #[test]
    fn only_a_company_that_can_be_known_and_lacks_something_is_asked_about() {
        assert!(!is_worth_asking(&Company::default()), "nothing to know it by");
        assert!(is_worth_asking(&Company { name: "Acme".into(), ..Company::default() }));
        let mut company = Company { name: "Acme".into(), ..Company::default() };
        fill(&mut company, &answer());
        assert!(!is_worth_asking(&company), "nothing lacks");
    }
}
