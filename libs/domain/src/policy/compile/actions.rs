//! What is done with a lead.

use serde_saphyr::Location;

use super::super::document::{self, Acts, Owned, Spanned};
use super::super::{Action, Offer, Otherwise, Push, PushFirst, Target};
use super::{Check, Names, limits};

pub(super) fn action(acts: Acts<'_>, at: Location, names: &Names<'_>, check: &mut Check) -> Option<Action> {
    let Acts { rep, rotate, pool, manager, otherwise, push, offer, push_first } = acts;
    let target = match (rep, rotate, pool, manager) {
        (Some(rep), None, None, false) => names.rep(rep, check).map(Target::Rep),
        (None, Some(team), None, false) => names.team(team, check).map(Target::Team),
        (None, None, Some(pool), false) => names.pool(pool, check).map(Target::Pool),
        (None, None, None, true) => Some(Target::Manager),
        _ => {
            check.fault(at, "needs exactly one of `rep`, `rotate`, `pool` and `manager`");
            None
        }
    };
    let pooled = pool.is_some();
    let otherwise = self::otherwise(otherwise, pooled, names, check);
    if pooled && push.is_some() {
        check.fault(at, "`push` goes with `rep` or `rotate`: a pool takes every lead");
    }
    if (pooled || manager) && offer.is_some() {
        check.fault(at, "`offer` goes with `rep` or `rotate`: nobody else is asked to accept");
    }
    if (pooled || manager) && push_first.is_some() {
        check.fault(at, "`push_first` goes with `rep` or `rotate`");
    }
    if offer.is_some() && push_first.is_some() {
        check.fault(at, "`offer` and `push_first` exclude each other: who accepts has done something about the lead");
    }
    let push = push.map(|push| self::push(push, names, check));
    let push_first = push_first.map(|first| self::push_first(first, names, check));
    let offer = offer.map(|offer| self::offer(offer, check));
    let (push, push_first) = (push.flatten(), push_first.flatten());
    Some(Action { target: target?, otherwise: otherwise?, offer, push, push_first, counts: false })
}

/// What is done with a lead whose company has an owner.
pub(super) fn owned(raw: Option<&Owned>, names: &Names<'_>, check: &mut Check) -> Action {
    let otherwise = raw.and_then(|raw| self::otherwise(raw.otherwise.as_ref(), false, names, check));
    let offer = raw.and_then(|raw| raw.offer.as_ref()).map(|offer| self::offer(offer, check));
    let counts = raw.is_some_and(|raw| raw.counts);
    let otherwise = otherwise.unwrap_or(Otherwise::Next);
    Action { target: Target::Owner, otherwise, offer, push: None, push_first: None, counts }
}

pub(super) fn backup(raw: &document::Backup, names: &Names<'_>, check: &mut Check) -> Option<Target> {
    match (&raw.rep, &raw.rotate) {
        (Some(rep), None) => names.rep(rep, check).map(Target::Rep),
        (None, Some(team)) => names.team(team, check).map(Target::Team),
        (Some(name), Some(_)) => {
            check.fault(name.referenced, "`backup` needs exactly one of `rep` and `rotate`");
            None
        }
        // An empty backup is none.
        (None, None) => None,
    }
}

fn otherwise(
    raw: Option<&Spanned<document::Otherwise>>,
    pooled: bool,
    names: &Names<'_>,
    check: &mut Check,
) -> Option<Otherwise> {
    let Some(raw) = raw else { return Some(Otherwise::Next) };
    if pooled {
        check.fault(raw.referenced, "`otherwise` is never reached: a pool takes every lead");
    }
    let document::Otherwise { next, rep, rotate, pool, manager } = &raw.value;
    match (next, rep, rotate, pool, manager) {
        (true, None, None, None, false) => Some(Otherwise::Next),
        (false, Some(rep), None, None, false) => names.rep(rep, check).map(Target::Rep).map(Otherwise::To),
        (false, None, Some(team), None, false) => names.team(team, check).map(Target::Team).map(Otherwise::To),
        (false, None, None, Some(pool), false) => names.pool(pool, check).map(Target::Pool).map(Otherwise::To),
        (false, None, None, None, true) => Some(Otherwise::To(Target::Manager)),
        _ => {
            check.fault(raw.referenced, "needs exactly one of `next`, `rep`, `rotate`, `pool` and `manager`");
            None
        }
    }
}

fn push(raw: &document::Push, names: &Names<'_>, check: &mut Check) -> Option<Push> {
    let percent = check.number(&raw.percent, "percent", 1, 99);
    let rest = names.pool(&raw.rest, check);
    Some(Push { percent: percent?, rest: rest? })
}

fn push_first(raw: &document::PushFirst, names: &Names<'_>, check: &mut Check) -> Option<PushFirst> {
    let within = limits::push_first_within(raw.within.as_ref(), check);
    Some(PushFirst { within, pool: names.pool(&raw.pool, check)? })
}

fn offer(raw: &document::Offer, check: &mut Check) -> Offer {
    Offer { within: limits::offer_within(raw.within.as_ref(), check), refusable: raw.refusable.unwrap_or(true) }
}
