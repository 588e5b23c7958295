//! What is held against a rep.

use leadhand_proto::pool::v1::{GetStandingResponse, Miss, Suspension};
use serde_json::{Value, json};

use crate::event::{lift_reason, suspension_cause};
use crate::output;

/// It in lines for people; none where there is nothing.
pub(super) fn lines(standing: &GetStandingResponse) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(until) = &standing.suspended_until {
        lines.push(format!("claiming is suspended until {}", output::local(Some(until))));
    }
    lines.extend(standing.misses.iter().map(|miss| missed(miss, standing.misses_suspend_at)));
    if let Some(acceptance) = &standing.acceptance {
        let (accepted, offers) = (acceptance.accepted, acceptance.offers);
        let (least, from) = (acceptance.least_percent, acceptance.counts_from);
        lines.push(format!(
            "accepted {accepted} of the last {offers} offers; from {from} on at least {least} % must be"
        ));
    }
    lines
}

fn missed(miss: &Miss, most: u32) -> String {
    let mut costs = Vec::new();
    if let Some(until) = &miss.quota_less_until {
        costs.push(format!("a claim less a day until {}", output::local(Some(until))));
    }
    if let Some(until) = &miss.suspends_until {
        costs.push(format!("one of {most} to a suspension until {}", output::local(Some(until))));
    }
    format!(
        "missed the contact of {} at {}: {}",
        miss.lead_id,
        output::local(miss.missed_at.as_ref()),
        costs.join(", ")
    )
}

/// The same for programs, with the keys that it goes by.
pub(super) fn json(standing: &GetStandingResponse) -> [(&'static str, Value); 5] {
    let miss = |miss: &Miss| {
        json!({
            "lead_id": miss.lead_id,
            "missed_at": output::rfc3339(miss.missed_at.as_ref()),
            "quota_less_until": output::rfc3339(miss.quota_less_until.as_ref()),
            "suspends_until": output::rfc3339(miss.suspends_until.as_ref()),
        })
    };
    let suspension = |suspension: &Suspension| {
        let lifted = (!suspension.lifted_by.is_empty()).then_some(suspension);
        json!({
            "begun_at": output::rfc3339(suspension.begun_at.as_ref()),
            "until": output::rfc3339(suspension.until.as_ref()),
            "cause": suspension_cause(suspension.cause),
            "lifted_by": lifted.map(|lifted| &lifted.lifted_by),
            "lift_reason": lifted.map(|lifted| lift_reason(lifted.lift_reason)),
        })
    };
    let acceptance = standing.acceptance.as_ref().map(|acceptance| {
        json!({
            "accepted": acceptance.accepted,
            "offers": acceptance.offers,
            "least_percent": acceptance.least_percent,
            "counts_from": acceptance.counts_from,
        })
    });
    [
        ("misses", standing.misses.iter().map(miss).collect()),
        ("misses_suspend_at", json!(standing.misses_suspend_at)),
        ("suspended_until", output::rfc3339(standing.suspended_until.as_ref())),
        ("suspensions", standing.suspensions.iter().map(suspension).collect()),
        ("acceptance", json!(acceptance)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use leadhand_proto::pool::v1::{Acceptance, SuspensionCause};

    #[test]
    fn who_has_nothing_against_them_sees_nothing_of_it() {
        assert!(lines(&GetStandingResponse::default()).is_empty());
        let told: serde_json::Map<_, _> =
            json(&GetStandingResponse::default()).map(|(key, value)| (key.to_owned(), value)).into_iter().collect();
        assert_eq!(
            (&told["misses"], &told["suspended_until"], &told["acceptance"]),
            (&json!([]), &Value::Null, &Value::Null)
        );
    }

    #[test]
    fn what_counts_is_told_with_its_end() {
        let until = Some(Default::default());
        let miss = Miss { lead_id: "l1".into(), quota_less_until: until, suspends_until: until, ..Miss::default() };
        let cause = SuspensionCause::Misses.into();
        let standing = GetStandingResponse {
            misses: vec![miss],
            misses_suspend_at: 3,
            suspended_until: until,
            suspensions: vec![Suspension { until, cause, ..Suspension::default() }],
            acceptance: Some(Acceptance { accepted: 7, offers: 9, least_percent: 80, counts_from: 10 }),
            ..GetStandingResponse::default()
        };
        let told = lines(&standing);
        assert_eq!(told.len(), 3, "{told:?}");
        assert!(told[1].contains("l1") && told[1].contains("one of 3 to a suspension"), "{told:?}");
        assert_eq!(told[2], "accepted 7 of the last 9 offers; from 10 on at least 80 % must be");
        let [_, _, _, (_, suspensions), _] = json(&standing);
        assert_eq!((&suspensions[0]["cause"], &suspensions[0]["lifted_by"]), (&json!("misses"), &Value::Null));
    }
}
