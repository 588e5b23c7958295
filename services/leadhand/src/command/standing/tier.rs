//! How a rep comes to the tier.

use leadhand_proto::pool::v1::GetStandingResponse;
use serde_json::{Value, json};

use crate::event::tier::{figures, figures_json};
use crate::output;

/// It in lines for people.
pub(super) fn lines(standing: &GetStandingResponse) -> Vec<String> {
    let Some(basis) = &standing.tier_basis else { return Vec::new() };
    let tier = standing.tier;
    let since = match &basis.calculated_at {
        _ if basis.stated => format!("tier {tier} by the policy"),
        Some(at) => format!("tier {tier} as calculated on {}", output::local(Some(at))),
        None => format!("tier {tier}, never calculated"),
    };
    let so_far = basis.figures.as_ref().map(figures).unwrap_or_default();
    let next = match &basis.next_at {
        _ if basis.stated => format!("no calculation changes it; so far {so_far}"),
        Some(at) => {
            format!("next on {}, of {} leads at least; so far {so_far}", output::local(Some(at)), basis.counts_from)
        }
        None => format!("none is calculated; so far {so_far}"),
    };
    vec![since, next]
}

/// The same for programs.
pub(super) fn json(standing: &GetStandingResponse) -> Value {
    let basis = standing.tier_basis.as_ref();
    basis.map_or(Value::Null, |basis| {
        json!({
            "stated": basis.stated,
            "calculated_at": output::rfc3339(basis.calculated_at.as_ref()),
            "next_at": output::rfc3339(basis.next_at.as_ref()),
            "figures": basis.figures.as_ref().map(figures_json),
            "counts_from": basis.counts_from,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use leadhand_proto::pool::v1::{Figures, TierBasis};

    #[test]
    fn a_tier_tells_what_it_comes_of_and_what_is_next() {
        let some = Some(Default::default());
        let basis =
            TierBasis { next_at: some, counts_from: 20, figures: Some(Figures::default()), ..Default::default() };
        let told =
            |basis: TierBasis| lines(&GetStandingResponse { tier: 2, tier_basis: Some(basis), ..Default::default() });
        let lines = told(basis);
        assert_eq!(lines[0], "tier 2, never calculated");
        assert!(lines[1].contains("of 20 leads at least; so far 0 leads, 0 contacted, 0 converted"), "{lines:?}");
        assert!(told(TierBasis { calculated_at: some, ..basis })[0].starts_with("tier 2 as calculated on "));
        assert!(told(TierBasis { next_at: None, ..basis })[1].starts_with("none is calculated"));
        let stated = told(TierBasis { stated: true, calculated_at: some, ..basis });
        assert_eq!(stated[0], "tier 2 by the policy");
        assert!(stated[1].starts_with("no calculation changes it"), "{stated:?}");
    }
}
