//! Tiers and what they come of, and the activity floor, on the wire.

use leadhand_domain::figures::Figures;
use leadhand_domain::floor::Below;
use leadhand_domain::tiers::{Basis, Changed};

use crate::event::v1 as event;
use crate::pool::v1 as wire;
use crate::time::timestamp;

/// What a rep has made of leads, and was to.
pub fn figures(figures: &Figures, target: Option<u64>) -> wire::Figures {
    let number = |count: u64| u32::try_from(count).unwrap_or(u32::MAX);
    wire::Figures {
        leads: number(figures.leads),
        contacted: number(figures.contacted),
        converted: number(figures.converted),
        contact_speed_ms: figures.contact_speed().map(|speed| speed.0),
        won_amount: figures.amount,
        target,
    }
}

/// How a rep comes to a tier.
pub fn basis(basis: &Basis) -> wire::TierBasis {
    wire::TierBasis {
        stated: basis.stated,
        calculated_at: basis.calculated_at.map(timestamp),
        next_at: basis.next_at.map(timestamp),
        figures: Some(figures(&basis.so_far.figures, basis.so_far.target)),
        counts_from: basis.at_least.unwrap_or_default(),
    }
}

/// Another tier was calculated.
pub fn changed(changed: &Changed) -> event::TierChanged {
    let Changed { from, to, as_of, ranking } = changed;
    let candidate = &ranking.candidate;
    event::TierChanged {
        rep_id: candidate.rep.to_string(),
        from_tier: from.number(),
        to_tier: to.number(),
        calculated_at: Some(timestamp(*as_of)),
        figures: Some(figures(&candidate.figures, candidate.target)),
        conversion_rank: ranking.conversion,
        contact_speed_rank: ranking.contact_speed,
        attainment_rank: ranking.attainment,
        mean_rank: ranking.mean,
        place: ranking.place,
        ranked: ranking.of,
    }
}

/// A rep is below the activity floor.
pub fn below(below: &Below) -> event::ActivityBelowFloor {
    event::ActivityBelowFloor {
        rep_id: below.rep.to_string(),
        date: below.day.to_string(),
        claims: below.claims,
        least: below.floor,
    }
}
