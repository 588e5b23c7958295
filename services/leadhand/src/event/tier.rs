//! Tiers that were calculated, and the activity floor, as events tell of them.

use leadhand_proto::event::v1::event::Kind;
use leadhand_proto::event::v1::{ActivityBelowFloor, TierChanged};
use leadhand_proto::pool::v1::Figures;
use serde_json::{Value, json};

use crate::output;

/// What it is called by programs.
pub(super) fn name(kind: &Kind) -> &'static str {
    match kind {
        Kind::TierChanged(_) => "tier_changed",
        Kind::ActivityBelowFloor(_) => "activity_below_floor",
        _ => "unknown",
    }
}

/// Whose, and why.
pub(super) fn line(kind: &Kind) -> String {
    match kind {
        Kind::TierChanged(it) => format!(
            "tier       {}  from {} to {}: place {} of {}, {}",
            it.rep_id,
            it.from_tier,
            it.to_tier,
            it.place,
            it.ranked,
            it.figures.as_ref().map(figures).unwrap_or_default()
        ),
        Kind::ActivityBelowFloor(ActivityBelowFloor { rep_id, date, claims, least }) => {
            format!("inactive   {rep_id}  claimed {claims} leads on {date}, {least} are the least")
        }
        _ => String::new(),
    }
}

/// What a rep has made of leads, in words.
pub(crate) fn figures(it: &Figures) -> String {
    let speed = it.contact_speed_ms.map(|speed| format!(" after {} on average", output::millis(speed)));
    let target = it.target.map(|target| format!(" of {target}")).unwrap_or_default();
    format!(
        "{} leads, {} contacted{}, {} converted, won {}{target}",
        it.leads,
        it.contacted,
        speed.unwrap_or_default(),
        it.converted,
        it.won_amount
    )
}

/// The same for programs.
pub(crate) fn figures_json(it: &Figures) -> Value {
    json!({
        "leads": it.leads,
        "contacted": it.contacted,
        "converted": it.converted,
        "contact_speed_ms": it.contact_speed_ms,
        "won_amount": it.won_amount,
        "target": it.target,
    })
}

/// The same for programs.
pub(super) fn json(kind: &Kind) -> Value {
    match kind {
        Kind::TierChanged(it) => changed_json(it),
        Kind::ActivityBelowFloor(it) => {
            json!({ "rep_id": it.rep_id, "date": it.date, "claims": it.claims, "least": it.least })
        }
        _ => Value::Null,
    }
}

fn changed_json(it: &TierChanged) -> Value {
    json!({
        "rep_id": it.rep_id,
        "from_tier": it.from_tier,
        "to_tier": it.to_tier,
        "calculated_at": output::rfc3339(it.calculated_at.as_ref()),
        "figures": it.figures.as_ref().map(figures_json),
        "conversion_rank": it.conversion_rank,
        "contact_speed_rank": it.contact_speed_rank,
        "attainment_rank": it.attainment_rank,
        "mean_rank": it.mean_rank,
        "place": it.place,
        "ranked": it.ranked,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tier_tells_what_it_comes_of() {
        let (contact_speed_ms, target) = (Some(840_000), Some(500));
        let figures = Figures { leads: 25, contacted: 20, converted: 4, contact_speed_ms, won_amount: 100, target };
        let changed = TierChanged {
            rep_id: "ana".into(),
            from_tier: 1,
            to_tier: 3,
            figures: Some(figures),
            place: 5,
            ranked: 5,
            ..TierChanged::default()
        };
        let kind = Kind::TierChanged(changed);
        let told = "tier       ana  from 1 to 3: place 5 of 5, 25 leads, 20 contacted after 14 min on average, \
                    4 converted, won 100 of 500";
        assert_eq!((line(&kind).as_str(), name(&kind)), (told, "tier_changed"));
        assert_eq!((&json(&kind)["figures"]["target"], &json(&kind)["attainment_rank"]), (&json!(500), &Value::Null));
    }

    #[test]
    fn a_day_below_the_floor_is_told() {
        let below = ActivityBelowFloor { rep_id: "ana".into(), date: "2026-03-02".into(), claims: 1, least: 3 };
        let kind = Kind::ActivityBelowFloor(below);
        assert_eq!(line(&kind), "inactive   ana  claimed 1 leads on 2026-03-02, 3 are the least");
        assert_eq!((name(&kind), &json(&kind)["least"]), ("activity_below_floor", &json!(3)));
    }
}
