use super::*;
use crate::conduct::{Miss, Suspension, Why};
use crate::id::{LeadId, RepId};
use proptest::prelude::*;

const NOW: Millis = Millis(1_700_000_000_000);

fn policy(day: u32) -> Policy {
    let document =
        format!("{{quotas: {{hour: 3, day: {day}, week: 40}}, pools: [{{id: open}}], default: {{pool: open}}}}");
    Policy::parse(&document).unwrap()
}

fn missed(moments: &[Millis]) -> Conduct {
    let miss = |at: &Millis| Miss { lead: LeadId::new(*at, [1; 10]), at: *at, spent: false, lifted: false };
    Conduct { misses: moments.iter().map(miss).collect(), ..Conduct::clean(RepId::parse("ana").unwrap()) }
}

fn limits(policy: &Policy, conduct: &Conduct, now: Millis) -> Vec<u32> {
    quotas(policy, Some(conduct), now).iter().map(|quota| quota.limit).collect()
}

#[test]
fn each_miss_is_a_claim_a_day_less_until_exactly_a_day_after_it() {
    let conduct = missed(&[NOW, NOW.after(Span(5))]);
    let at = |later: i64| limits(&policy(10), &conduct, Millis(NOW.0 + later));
    assert_eq!(at(5), [3, 8, 40]);
    assert_eq!(at(DAY.0 - 1), [3, 8, 40]);
    assert_eq!(at(DAY.0), [3, 9, 40]);
    assert_eq!(at(DAY.0 + 5), [3, 10, 40]);
    assert_eq!(limits(&policy(1), &conduct, NOW), [3, 0, 40], "never below nothing");
    assert_eq!(quotas(&policy(10), None, NOW), policy(10).quotas);
}

#[test]
fn one_that_was_lifted_costs_nothing() {
    let mut conduct = missed(&[NOW]);
    conduct.misses[0].lifted = true;
    assert_eq!(limits(&policy(10), &conduct, NOW), [3, 10, 40]);
}

#[test]
fn a_suspension_forbids_until_it_is_over() {
    let until = NOW.after(Span::days(7));
    let suspension = Suspension { from: NOW, until, why: Why::Misses(3), lifted: None };
    let conduct = Conduct { suspensions: vec![suspension], ..missed(&[]) };
    let at = |now| forbids(Some(&conduct), &policy(10), now);
    let told: Vec<_> = at(Millis(until.0 - 1)).iter().map(|broken| (broken.reason, broken.retry_at)).collect();
    assert_eq!(told, [(Reason::Suspended, Some(until))]);
    assert_eq!((at(until), forbids(None, &policy(10), NOW)), (vec![], vec![]));
}

#[test]
fn there_is_room_when_a_miss_stops_counting_though_no_claim_has_left_the_window() {
    let claims = [NOW.after(Span(10))];
    let conduct = missed(&[NOW]);
    let day = usages(&policy(2), Some(&conduct), &claims, NOW.after(Span(20)))[1];
    assert_eq!((day.quota.limit, day.used, day.room_at), (1, 1, Some(NOW.after(DAY))));
    assert_eq!(day.next_free_at, Some(claims[0].after(DAY)));
    let none = usages(&policy(1), Some(&conduct), &[], NOW)[1];
    assert_eq!((none.quota.limit, none.room_at), (0, Some(NOW.after(DAY))), "no room by itself, but then");
}

proptest! {
    /// Against trying every moment at which anything changes.
    #[test]
    fn the_room_is_there_at_that_moment_and_at_none_before(
        claims in prop::collection::vec(0i64..DAY.0, 0..12), misses in prop::collection::vec(0i64..DAY.0, 0..6), day in 0u32..8,
    ) {
        let now = NOW.after(DAY);
        let at = |mut moments: Vec<i64>| {
            moments.sort_unstable();
            moments.into_iter().map(|at| NOW.after(Span(at))).collect::<Vec<_>>()
        };
        let (claims, misses) = (at(claims), at(misses));
        let conduct = missed(&misses);
        let policy = policy(day);
        let counting = |moments: &[Millis], now: Millis| {
            moments.iter().filter(|at| **at <= now && now.since(**at) < DAY).count()
        };
        let room = |now| counting(&claims, now) + counting(&misses, now) < day as usize;
        let mut moments: Vec<Millis> = claims.iter().chain(&misses).map(|at| at.after(DAY)).chain([now]).collect();
        moments.sort_unstable();
        let first = moments.into_iter().filter(|at| *at >= now).find(|at| room(*at));
        let usage = usages(&policy, Some(&conduct), &claims, now)[1];
        prop_assert_eq!(usage.room_at, first);
        prop_assert_eq!(usage.is_exhausted(), !room(now));
        prop_assert_eq!(usage.quota, quotas(&policy, Some(&conduct), now)[1]);
    }
}
