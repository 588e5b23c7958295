use super::*;
use crate::change::{Due, Timer};
use crate::refusal::Reason;
use crate::rounds::Rounds;
use crate::time::Span;
use proptest::prelude::*;

/// 2026-03-30, a Monday, 00:00 UTC.
const MONDAY: Millis = Millis(1_774_828_800_000);

fn rep(id: &str) -> RepId {
    RepId::parse(id).unwrap()
}

/// Twenty leads, all contacted, with so many conversions and this mean time to contact.
fn candidate(id: &str, converted: u64, minutes: u64) -> Candidate {
    let contact_ms = minutes * 20 * 60_000;
    Candidate {
        rep: rep(id),
        figures: Figures { leads: 20, contacted: 200, contact_ms, converted, amount: 0 },
        target: None,
    }
}

fn with_target(candidate: Candidate, amount: u64, target: u64) -> Candidate {
    Candidate { figures: Figures { amount, ..candidate.figures }, target: Some(target), ..candidate }
}

fn ranked(candidates: Vec<Candidate>) -> Vec<Ranking> {
    rank(candidates, &Weekly::default())
}

fn of<'a>(rankings: &'a [Ranking], id: &str) -> &'a Ranking {
    rankings.iter().find(|ranking| ranking.candidate.rep == rep(id)).unwrap()
}

fn numbers(rankings: &[Ranking]) -> Vec<(&str, u32, u32)> {
    let told = |it: &'_ Ranking| (it.place, it.tier.number());
    rankings.iter().map(|it| (it.candidate.rep.as_str(), told(it).0, told(it).1)).collect()
}

#[test]
fn percentile_ranks_of_one_to_five() {
    let alone = ranked(vec![candidate("a", 3, 5)]);
    assert_eq!((alone[0].conversion, alone[0].contact_speed, alone[0].mean), (5_000, 5_000, 5_000));
    assert_eq!(numbers(&alone), [("a", 1, 1)]);
    let two = ranked(vec![candidate("a", 3, 5), candidate("b", 4, 4)]);
    assert_eq!((of(&two, "a").conversion, of(&two, "b").conversion), (2_500, 7_500));
    assert_eq!((of(&two, "a").contact_speed, of(&two, "b").contact_speed), (2_500, 7_500), "less is better");
    assert_eq!(numbers(&two), [("b", 1, 1), ("a", 2, 2)]);
    // 1/6, 3/6, 5/6, rounded.
    let three = ranked(vec![candidate("a", 1, 9), candidate("b", 2, 8), candidate("c", 3, 7)]);
    assert_eq!(three.iter().map(|it| it.mean).collect::<Vec<_>>(), [8_333, 5_000, 1_667]);
    assert_eq!(
        numbers(&three),
        [("c", 1, 1), ("b", 2, 2), ("a", 3, 2)],
        "the third of three: 66 of a hundred are before"
    );
    let five: Vec<_> = (1..=5).map(|n| candidate(&format!("r{n}"), n, 10 - n)).collect();
    assert_eq!(numbers(&ranked(five)), [("r5", 1, 1), ("r4", 2, 2), ("r3", 3, 2), ("r2", 4, 2), ("r1", 5, 3)]);
}

#[test]
fn equals_share_their_rank_and_the_better_place() {
    let tied = ranked(vec![candidate("a", 2, 5), candidate("b", 2, 5), candidate("c", 1, 9), candidate("d", 3, 1)]);
    assert_eq!((of(&tied, "a").conversion, of(&tied, "b").conversion), (5_000, 5_000), "one worse, two alike: 2 of 4");
    assert_eq!(numbers(&tied), [("d", 1, 1), ("a", 2, 2), ("b", 2, 2), ("c", 4, 3)]);
    let all_alike: Vec<_> = (0..10).map(|n| candidate(&format!("r{n}"), 2, 5)).collect();
    assert!(ranked(all_alike).iter().all(|it| (it.place, it.tier, it.mean) == (1, Tier::First, 5_000)));
}

#[test]
fn percents_have_sharp_edges() {
    // Of ten: two before the third place are 20 of a hundred, seven before the eighth 70.
    let ten: Vec<_> = (0..10).map(|n| candidate(&format!("r{n}"), 10 - n, n)).collect();
    let tiers = |candidates: &[Candidate], rule: &Weekly| -> Vec<u32> {
        rank(candidates.to_vec(), rule).iter().map(|it| it.tier.number()).collect()
    };
    assert_eq!(tiers(&ten, &Weekly::default()), [1, 1, 2, 2, 2, 2, 2, 3, 3, 3]);
    let rule = |first_percent, second_percent| Weekly { first_percent, second_percent, ..Weekly::default() };
    assert_eq!(tiers(&ten, &rule(21, 49)), [1, 1, 1, 2, 2, 2, 2, 3, 3, 3]);
    assert_eq!(tiers(&ten, &rule(1, 0)), [1, 3, 3, 3, 3, 3, 3, 3, 3, 3]);
    assert_eq!(tiers(&ten, &rule(100, 0)), [1; 10]);
}

#[test]
fn who_had_fewer_leads_is_not_ranked() {
    let with = |leads: u64| {
        let few = candidate("few", 9, 1);
        let few = Candidate { figures: Figures { leads, ..few.figures }, ..few };
        ranked(vec![few, candidate("a", 1, 5)]).len()
    };
    assert_eq!([19, 20, 21].map(with), [1, 2, 2]);
    assert!(ranked(Vec::new()).is_empty());
}

#[test]
fn attainment_counts_where_there_is_a_target() {
    let (a, b, c) = (candidate("a", 1, 9), candidate("b", 2, 8), candidate("c", 3, 7));
    let rankings = ranked(vec![with_target(a, 300, 100), with_target(b, 100, 100), c]);
    assert_eq!((of(&rankings, "a").attainment, of(&rankings, "b").attainment), (Some(7_500), Some(2_500)));
    assert_eq!(of(&rankings, "c").attainment, None);
    // (1/6 + 1/6 + 3/4) / 3, (1/2 + 1/2 + 1/4) / 3, and 5/6 as the mean of two.
    let means = ["a", "b", "c"].map(|id| of(&rankings, id).mean);
    assert_eq!(means, [3_611, 4_167, 8_333]);
    let more = ranked(vec![with_target(candidate("a", 1, 5), 30, 10), with_target(candidate("b", 1, 5), 300, 101)]);
    assert_eq!(numbers(&more), [("a", 1, 1), ("b", 2, 2)], "it is a share of the target");
}

#[test]
fn conversion_is_of_contacted_leads_and_speed_of_all() {
    let with = |id, contacted, converted, leads, contact_ms| {
        let figures = Figures { leads, contacted, contact_ms, converted, amount: 0 };
        Candidate { rep: rep(id), figures, target: None }
    };
    let rankings = ranked(vec![with("a", 10, 5, 40, 4_000), with("b", 40, 10, 40, 4_000)]);
    assert!(of(&rankings, "a").conversion > of(&rankings, "b").conversion, "5 of 10 are more than 10 of 40");
    assert_eq!(of(&rankings, "a").contact_speed, of(&rankings, "b").contact_speed);
    let rankings = ranked(vec![with("a", 0, 0, 20, 20), with("b", 20, 0, 20, 20), with("c", 0, 1, 20, 20)]);
    assert_eq!(of(&rankings, "a").conversion, of(&rankings, "b").conversion, "who contacted none has converted none");
    assert_eq!(of(&rankings, "c").conversion, of(&rankings, "b").conversion, "nor has who contacted them weeks ago");
    // Outcomes that were held back until few leads were contacted.
    let rankings = ranked(vec![with("a", 5, 30, 20, 20), with("b", 20, 20, 20, 20)]);
    assert_eq!(of(&rankings, "a").conversion, of(&rankings, "b").conversion, "all is the most");
}

fn policy(more: &str) -> Policy {
    let text = "pools: [{id: open}], default: {pool: open}, teams: [{id: t, reps: [{id: ana}, {id: bo}, {id: cy}]}]";
    Policy::parse(&format!("{{{text}{more}}}")).unwrap()
}

/// A workspace whose tiers are due.
fn before() -> Snapshot {
    let mut snapshot = Snapshot::default();
    let head = PolicyHead { number: 1, pools: Vec::new(), secret: [0; 32], tiers_since: None };
    snapshot.put(Record::PolicyHead(head));
    snapshot.put(Record::Rounds(Rounds { tiers: Some(MONDAY), floor: None }));
    snapshot
}

/// Ana is ranked first and bo last; cy not at all.
fn week(snapshot: &mut Snapshot, as_of: Millis, policy: &Policy) -> Vec<Changed> {
    let mut told = Vec::new();
    let candidates = (0..5).map(|n| candidate(["ana", "x", "y", "z", "bo"][n], 9 - n as u64, n as u64)).collect();
    let rankings = ranked(candidates);
    for ranking in rankings.iter().filter(|ranking| policy.has_rep(&ranking.candidate.rep)) {
        if let Some(change) = give(snapshot, ranking, as_of, policy, as_of) {
            snapshot.apply(&change);
            told.extend(change.events.into_iter().filter_map(|event| match event.kind {
                Kind::TierChanged(changed) => Some(*changed),
                _ => None,
            }));
        }
    }
    if let Some(change) = keep(snapshot, &rep("cy"), as_of) {
        assert!(change.events.is_empty());
        snapshot.apply(&change);
    }
    if let Ok(change) = finish(snapshot, true, as_of, policy, as_of) {
        snapshot.apply(&change);
    }
    told
}

fn tiers_of(snapshot: &Snapshot, policy: &Policy) -> [u32; 4] {
    ["ana", "bo", "cy", "newcomer"].map(|id| tier::of(snapshot, &rep(id), policy).number())
}

#[test]
fn everybody_is_in_the_first_tier_until_there_are_figures_and_newcomers_in_the_second_after() {
    let (mut snapshot, policy) = (before(), policy(""));
    assert_eq!(tiers_of(&snapshot, &policy), [1, 1, 1, 1]);
    let nobody = finish(&snapshot, false, MONDAY, &policy, MONDAY).unwrap();
    let mut after = snapshot.clone();
    after.apply(&nobody);
    assert_eq!(tiers_of(&after, &policy), [1, 1, 1, 1], "a calculation without figures says nothing");
    let told = week(&mut snapshot, MONDAY, &policy);
    assert_eq!(tiers_of(&snapshot, &policy), [1, 3, 1, 2]);
    let [bo] = &told[..] else { panic!("{told:?}") };
    assert_eq!((bo.from, bo.to, bo.as_of, bo.ranking.place, bo.ranking.of), (Tier::First, Tier::Third, MONDAY, 5, 5));
    let next = MONDAY.after(Span::days(7));
    assert_eq!(snapshot.rounds().unwrap().tiers, Some(next));
    assert!(week(&mut snapshot, next, &policy).is_empty(), "what stays the same is not told");
    assert_eq!(tiers_of(&snapshot, &policy), [1, 3, 1, 2], "cy keeps the first tier");
    let calculated = snapshot.conduct(&rep("cy")).unwrap().tier.unwrap();
    assert_eq!(calculated, Calculated { tier: Tier::First, at: MONDAY });
}

#[test]
fn a_calculation_that_is_made_again_changes_nothing() {
    let (mut snapshot, policy) = (before(), policy(""));
    // It breaks off before it is finished, and another begins.
    let mut broken_off = snapshot.clone();
    let rankings = ranked(vec![candidate("ana", 1, 9), candidate("bo", 9, 1)]);
    let first = give(&broken_off, of(&rankings, "ana"), MONDAY, &policy, MONDAY).unwrap();
    assert_eq!(first.expects, tier::reads(&rep("ana")));
    broken_off.apply(&first);
    assert_eq!(give(&broken_off, of(&rankings, "ana"), MONDAY, &policy, MONDAY), None);
    assert_eq!(tiers_of(&broken_off, &policy)[..2], [2, 1], "and is told and true at once");
    assert_eq!(week(&mut snapshot, MONDAY, &policy).len(), 1);
    let done = snapshot.clone();
    assert!(week(&mut snapshot, MONDAY, &policy).is_empty());
    assert_eq!(finish(&snapshot, true, MONDAY, &policy, MONDAY).unwrap_err().broken[0].reason, Reason::NotDue);
    assert_eq!(tiers_of(&snapshot, &policy), tiers_of(&done, &policy));
    assert_eq!(snapshot.rounds(), done.rounds());
}

#[test]
fn what_the_policy_says_of_a_rep_stands() {
    let mut snapshot = before();
    let manual = policy(", reps: [{id: bo, tier: 2}]");
    assert_eq!(tiers_of(&snapshot, &manual), [1, 2, 1, 1]);
    assert!(week(&mut snapshot, MONDAY, &manual).is_empty(), "nothing changes for bo");
    assert_eq!(tiers_of(&snapshot, &manual), [1, 2, 1, 2]);
    assert_eq!(tiers_of(&snapshot, &policy("")), [1, 3, 1, 2], "what was calculated, once the policy says nothing");
    let off = policy(", guardrails: {tiers: {weekly: false}}");
    assert_eq!(tiers_of(&snapshot, &off), [1, 1, 1, 1]);
    let change = finish(&before(), true, MONDAY, &off, MONDAY).unwrap();
    assert_eq!(change.timers[0], Timer::Cancel(Due::Tiers));
}

proptest! {
    /// Only who is before whom counts, not by how much; and the mean of all ranks is one half.
    #[test]
    fn ranks_go_by_the_order_alone(figures in prop::collection::vec((0u64..6, 0u64..6, 0u64..20), 1..30)) {
        let all = |stretch: fn(u64) -> u64| -> Vec<Candidate> {
            let one = |(n, (converted, minutes, amount)): (usize, &(u64, u64, u64))| {
                let candidate = candidate(&format!("r{n}"), stretch(*converted), stretch(*minutes));
                if *amount < 10 { candidate } else { with_target(candidate, stretch(*amount), 7) }
            };
            figures.iter().enumerate().map(one).collect()
        };
        let plain = ranked(all(|it| it));
        let stretched = ranked(all(|it| it * it * 3 + it));
        let mut backwards = all(|it| it);
        backwards.reverse();
        prop_assert_eq!(&plain, &ranked(backwards), "whatever their order");
        prop_assert_eq!(numbers(&plain), numbers(&stretched));
        let n = plain.len() as i64;
        let sum: i64 = plain.iter().map(|it| i64::from(it.conversion)).sum();
        prop_assert!((sum - 5_000 * n).abs() <= n, "{} of {}", sum, n);
        for ranking in &plain {
            // As the definition has it, counted one by one.
            let (mut worse, mut alike) = (0, 0);
            for other in &plain {
                let (of_other, of_this) = (other.candidate.figures.converted, ranking.candidate.figures.converted);
                worse += i64::from(of_other < of_this);
                alike += i64::from(of_other == of_this);
            }
            let rank = (2 * worse + alike) * 10_000 / (2 * n);
            prop_assert!((i64::from(ranking.conversion) - rank).abs() <= 1);
            let before = plain.iter().filter(|other| other.place < ranking.place).count() as i64;
            prop_assert_eq!(i64::from(ranking.place), before + 1);
            let tier = if 100 * before < 20 * n { 1 } else if 100 * before < 70 * n { 2 } else { 3 };
            prop_assert_eq!(ranking.tier.number(), tier);
        }
    }
}
