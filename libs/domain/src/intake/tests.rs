use super::*;

const NOW: Millis = Millis(1_700_000_000_000);

fn raw() -> Raw {
    Raw { source: "Webinar".into(), ..Raw::default() }
}

#[test]
fn what_is_absent_is_unknown() {
    let (facts, person) = normalise(raw(), NOW).unwrap();
    assert_eq!(facts.source.as_str(), "webinar");
    assert_eq!(facts.captured_at, NOW);
    assert_eq!(facts.company, Company::default());
    assert_eq!(person, Person::default());
}

#[test]
fn codes_addresses_and_numbers_get_one_form() {
    let (facts, person) = normalise(
        Raw {
            country: "gbr".into(),
            region: "sct".into(),
            email: " Jo.Doe@Mail.Example.COM ".into(),
            phone: "020 7946 0018".into(),
            company_domain: "https://www.Example.co.uk/about".into(),
            ..raw()
        },
        NOW,
    )
    .unwrap();
    assert_eq!(facts.company.country, "GB");
    assert_eq!(facts.company.region, "GB-SCT");
    assert_eq!(facts.company.domain, "example.co.uk");
    assert_eq!(person.email, "jo.doe@mail.example.com");
    assert_eq!(person.phone, "+442079460018");
}

#[test]
fn without_a_domain_the_mail_tells_it() {
    let (facts, _) = normalise(Raw { email: "a@acme.example".into(), ..raw() }, NOW).unwrap();
    assert_eq!(facts.company.domain, "acme.example");
}

#[test]
fn a_domain_that_is_nobodys_is_absent() {
    let domain = |given: &str, email: &str| {
        let raw = Raw { company_domain: given.into(), email: email.into(), ..raw() };
        normalise(raw, NOW).unwrap().0.company.domain
    };
    assert_eq!(domain("", "jo@gmail.com"), "");
    assert_eq!(domain("", "jo@eu.mailinator.com"), "");
    assert_eq!(domain("https://www.gmail.com/", ""), "");
    assert_eq!(domain("www.www.acme.example", ""), "acme.example");
    assert_eq!(domain("www.de", ""), "www.de");
    assert_eq!(domain("GMX.net", "jo@acme.example"), "acme.example");
    assert_eq!(domain("acme.example", "jo@gmail.com"), "acme.example");
}

#[test]
fn host_names_are_kept_in_ascii() {
    let raw = Raw { company_domain: "http://www.Müller.de/über".into(), email: "Jo@mail.Müller.de".into(), ..raw() };
    let (facts, person) = normalise(raw, NOW).unwrap();
    assert_eq!(facts.company.domain, "xn--mller-kva.de");
    assert_eq!(person.email, "jo@mail.xn--mller-kva.de");
    let by_mail = Raw { email: person.email.clone(), ..self::raw() };
    let company = normalise(by_mail, NOW).unwrap().0.company;
    assert_eq!(company.domain, "mail.xn--mller-kva.de");
    assert_eq!(company.registrable(), facts.company.registrable());
    assert_eq!(company.registrable().unwrap().as_str(), "xn--mller-kva.de");
    assert_eq!(Company::default().registrable(), None);
}

#[test]
fn every_malformed_field_is_named_at_once() {
    let attributes = [("No Good".to_owned(), String::new())].into();
    let bad = Raw {
        company_name: "x".repeat(201),
        company_domain: "nodot".into(),
        employees: Some(0),
        industry: "x".repeat(101),
        country: "XX".into(),
        region: "ZZ-9".into(),
        city: "\u{7}".into(),
        contact_name: "x".repeat(201),
        contact_title: "x".repeat(101),
        email: "nobody".into(),
        phone: "call me".into(),
        source: String::new(),
        stage: Stage::Unknown,
        score: Some(101),
        grade: "x".repeat(17),
        product_interest: "x".repeat(201),
        budget: "x".repeat(101),
        timeline: "x".repeat(101),
        authority: "\u{7}".into(),
        notes: "x".repeat(10_001),
        attributes,
        engagement: engagement::Raw { opens: Some(-1), visits: Some(-1), counters: [("a".into(), -1)].into() },
        form_responses: [(String::new(), String::new())].into(),
        captured_at: Some(NOW.after(Span::minutes(6))),
    };
    let named: Vec<_> = normalise(bad, NOW).unwrap_err().into_iter().map(|v| v.field).collect();
    assert_eq!(
        named,
        [
            "company.country",
            "contact.email",
            "company.domain",
            "company.name",
            "company.employees",
            "company.industry",
            "company.region",
            "company.city",
            "contact.name",
            "contact.title",
            "contact.phone",
            "notes",
            "attributes",
            "engagement.opens",
            "engagement.visits",
            "engagement.counters",
            "form_responses",
            "score",
            "grade",
            "product_interest",
            "qualification.budget",
            "qualification.timeline",
            "qualification.authority",
            "captured_at",
            "source",
        ]
    );
}

#[test]
fn a_region_must_lie_in_its_country() {
    let bad = Raw { country: "DE".into(), region: "US-CA".into(), ..raw() };
    assert_eq!(normalise(bad, NOW).unwrap_err()[0].field, "company.region");
}

proptest::proptest! {
    #[test]
    fn no_input_panics_and_what_passes_passes_again(
        text in "\\PC{0,40}|(www\\.){0,2}[a-zü]{1,3}\\.(com|DE)", mail in "[a-z.@ -]{0,20}", phone in "[+0-9 ()x-]{0,20}",
    ) {
        let first = Raw {
            company_domain: text.clone(), email: mail, phone, country: "DE".into(),
            contact_name: text, ..raw()
        };
        if let Ok((facts, person)) = normalise(first, NOW) {
            let again = Raw {
                company_domain: facts.company.domain.clone(), email: person.email.clone(),
                phone: person.phone.clone(), country: facts.company.country.clone(),
                contact_name: person.name.clone(), ..raw()
            };
            proptest::prop_assert_eq!(normalise(again, NOW).unwrap(), (facts, person));
        }
    }
}
