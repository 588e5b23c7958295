//! How reps choose.

use leadhand_domain::guardrail::selection::{Ended, Held, Selection, Window};
use leadhand_domain::id::{LeadId, RepId};
use leadhand_domain::time::Millis;
use leadhand_proto::store::v1 as stored;

use super::Fault;

pub(super) fn to_stored(selection: &Selection) -> stored::RepSelection {
    let at = |lead: LeadId, at: Millis| stored::LeadAt { lead_id: lead.to_string(), at: at.0 };
    stored::RepSelection {
        rep: selection.rep.to_string(),
        window: selection.window.map(|window| stored::SelectionWindow { from: window.from.0, until: window.until.0 }),
        hold: selection.hold.map(|hold| at(hold.lead, hold.until)),
        lapsed_at: selection.lapsed_at.map(|at| at.0),
        lately: selection.lately.iter().map(|ended| at(ended.lead, ended.at)).collect(),
        skipped: selection.skipped,
    }
}

pub(super) fn from_stored(from: stored::RepSelection) -> Result<Selection, Fault> {
    let hold = |at: stored::LeadAt| Ok::<_, Fault>(Held { lead: LeadId::parse(&at.lead_id)?, until: Millis(at.at) });
    let ended = |at: &stored::LeadAt| Ok(Ended { lead: LeadId::parse(&at.lead_id)?, at: Millis(at.at) });
    Ok(Selection {
        rep: RepId::parse(&from.rep)?,
        window: from.window.map(|window| Window { from: Millis(window.from), until: Millis(window.until) }),
        hold: from.hold.map(hold).transpose()?,
        lapsed_at: from.lapsed_at.map(Millis),
        lately: from.lately.iter().map(ended).collect::<Result<_, Fault>>()?,
        skipped: from.skipped,
    })
}
