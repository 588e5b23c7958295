//! What is remembered of a rep.

use leadhand_domain::guardrail::ratio::{Recent, Taken};
use leadhand_domain::id::RepId;
use leadhand_domain::record::Claims;
use leadhand_domain::time::Millis;
use leadhand_proto::store::v1 as stored;

use super::Fault;

const LEFTOVER: u8 = 1;
const LOW_SCORE: u8 = 2;

pub(super) fn claims_to_stored(claims: &Claims) -> stored::RepClaims {
    let Taken { hot, warm, recent } = &claims.taken;
    let byte = |recent: &Recent| LEFTOVER * u8::from(recent.leftover) + LOW_SCORE * u8::from(recent.low_score);
    stored::RepClaims {
        rep: claims.rep.to_string(),
        claimed_at: claims.claimed_at.iter().map(|at| at.0).collect(),
        hot: *hot,
        warm: *warm,
        recent: recent.iter().map(byte).collect(),
    }
}

pub(super) fn claims_from_stored(from: stored::RepClaims) -> Result<Claims, Fault> {
    let recent = |byte: &u8| Recent { leftover: byte & LEFTOVER != 0, low_score: byte & LOW_SCORE != 0 };
    Ok(Claims {
        rep: RepId::parse(&from.rep)?,
        claimed_at: from.claimed_at.into_iter().map(Millis).collect(),
        taken: Taken { hot: from.hot, warm: from.warm, recent: from.recent.iter().map(recent).collect() },
    })
}
