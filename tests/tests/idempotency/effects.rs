//! What stands after each effect.

use leadhand_proto::lead::v1::Outcome as Came;
use leadhand_testkit::Redis;
use leadhand_tests::held::{Held, events};

use crate::calls::Call;

/// What stands after each effect, so that one more of any would show: events, leads, what reps have and claimed, and where
/// the rotation stands.
#[derive(Debug, PartialEq)]
pub(crate) struct Effects {
    pub(crate) events: usize,
    pub(crate) leads: usize,
    pub(crate) given: u64,
    pub(crate) open: u32,
    pub(crate) uncontacted: u32,
    pub(crate) claims: usize,
    pub(crate) holds: usize,
    pub(crate) chosen: u32,
    pub(crate) answers: usize,
}

pub(crate) async fn effects(redis: &Redis) -> Effects {
    let held = Held::read(redis).await;
    held.assert_each_lead_in_one_place();
    Effects {
        events: events(redis).await.len(),
        leads: held.leads.len(),
        given: held.rotations.get("inbound").map_or(0, |rotation| rotation.given),
        open: held.open.values().sum(),
        uncontacted: held.uncontacted.values().sum(),
        claims: held.claims.values().map(|claims| claims.claimed_at.len()).sum(),
        holds: held.leads.values().filter(|lead| lead.hold.is_some()).count(),
        // A hold that has passed becomes a skip with what the rep does next.
        chosen: held.selections.values().map(|rep| rep.skipped + u32::from(rep.hold.is_some())).sum(),
        answers: held.answers.len(),
    }
}

/// The effects with those of one call added.
pub(crate) fn and(mut effects: Effects, call: &Call) -> Effects {
    effects.events += 1;
    effects.answers += 1;
    match call {
        Call::Route(request) => {
            let pushed = request.lead.as_ref().is_some_and(|lead| lead.source != "content_download");
            effects.leads += 1;
            effects.given += u64::from(pushed);
            effects.open += u32::from(pushed);
            effects.uncontacted += u32::from(pushed);
        }
        Call::Claim(_) => {
            effects.open += 1;
            effects.uncontacted += 1;
            effects.claims += 1;
        }
        Call::Next(_) => {
            effects.open += 1;
            effects.uncontacted += 1;
            effects.claims += 1;
        }
        Call::Release(_) => {
            // That it was given back, and where it went.
            effects.events += 1;
            effects.open -= 1;
            effects.uncontacted -= 1;
        }
        Call::Contact(_) => effects.uncontacted -= 1,
        Call::Accept(_) => effects.uncontacted += 1,
        Call::Decline(_) => {
            // That it was declined, that ana is suspended for it, and where it went.
            effects.events += 2;
            effects.given += 1;
            effects.uncontacted += 1;
        }
        Call::End(request) => {
            let opportunity = request.outcome() == Came::Opportunity;
            // An opportunity is the first contact as well, and leaves the lead open.
            effects.events += usize::from(opportunity);
            effects.open -= u32::from(!opportunity);
            effects.uncontacted -= 1;
        }
        Call::Credit(_) => effects.given -= 1,
        Call::View(_) => {
            effects.holds += 1;
            effects.chosen += 1;
        }
        Call::Skip(_) => effects.chosen += 1,
        // That the suspension is over, and who has lifted it.
        Call::Lift(_) => effects.events += 1,
        Call::Assign(_) => {
            // That it was ordered, and that it is so.
            effects.events += 1;
            effects.open += 1;
            effects.uncontacted += 1;
        }
        Call::Transfer(_) => effects.events += 1,
        // That it begins, and that the rep is paused; the rep has no leads.
        Call::Offboard(_) => effects.events += 1,
        Call::Apply(_) | Call::Rollback(_) | Call::Update(_) | Call::Activity(_) | Call::Erase(_) => {}
    }
    effects
}
