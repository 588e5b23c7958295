use super::*;

#[test]
fn a_list_is_filtered_by_its_preview_only() {
    let told = |source: &str| match Expression::parse_for_list(source) {
        Ok(expression) => {
            format!("{:?}", expression.evaluate(&Lead::pooled(&facts(), NOW.after(Span::hours(-25))), NOW))
        }
        Err(faults) => faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "),
    };
    for matching in [
        "now - lead.pooled_at > duration('24h') && has(lead.pooled_at)",
        "lead.score >= 80 && lead.size == 'mid_market' && lead.qualification.budget.startsWith('20')",
        "lead.company.name.contains('Müller') && lead.source == 'webinar' && lead.stage == 'mql' && lead.grade == 'A'",
    ] {
        assert_eq!(told(matching), "Matches", "{matching}");
    }
    for hidden in ["company.domain", "company.country", "company.region", "company.city", "product_interest"] {
        let fault = format!("1:{}: `lead.{hidden}` is not in the preview", if hidden.contains('.') { 14 } else { 6 });
        assert!(told(&format!("lead.{hidden} == ''")).starts_with(&fault), "{}", told(&format!("lead.{hidden} == ''")));
    }
    for hidden in
        ["has(lead.captured_at)", "'a' in lead.attributes", "has(lead.attributes.a)", "lead.attributes['a'] == ''"]
    {
        assert!(told(hidden).contains("is not in the preview"), "{hidden}: {}", told(hidden));
    }
    assert_eq!(faults("now > lead.pooled_at"), ["1:12: `lead.pooled_at` is known where a pool is listed only"]);
}
