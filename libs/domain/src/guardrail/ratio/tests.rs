use super::*;
use proptest::prelude::*;

const HOT: Traits = Traits { temperature: Temperature::Hot, leftover: false, low_score: false };
const WARM: Traits = Traits { temperature: Temperature::Warm, leftover: false, low_score: false };
const COLD: Traits = Traits { temperature: Temperature::Cold, leftover: false, low_score: true };
const LEFTOVER: Traits = Traits { leftover: true, ..HOT };

fn two_to_one() -> Ratios {
    Ratios { hot_to_warm: Some(HotToWarm { hot: 2, warm: 1 }), ..Ratios::default() }
}

fn after(claims: &[Traits], ratios: &Ratios) -> Taken {
    claims.iter().fold(Taken::default(), |taken, claim| taken.with(*claim, ratios))
}

#[test]
fn after_two_hot_claims_a_warm_one_is_owed() {
    let ratios = two_to_one();
    let debts = |claims: &[Traits]| after(claims, &ratios).debts(&ratios);
    assert_eq!(debts(&[HOT]), []);
    assert_eq!(debts(&[HOT, HOT]), [Debt::Warm(1)]);
    assert_eq!(debts(&[HOT, HOT, HOT]), [Debt::Warm(1)], "one that was let through does not owe more");
    assert_eq!(debts(&[HOT, COLD, HOT]), [Debt::Warm(1)], "cold ones do not count");
    assert_eq!(debts(&[HOT, HOT, WARM]), []);
    assert_eq!(debts(&[WARM, WARM, HOT, HOT]), [Debt::Warm(1)], "nothing is paid ahead");
    assert_eq!(debts(&[HOT, HOT, WARM, HOT]), []);
    assert!(Debt::Warm(1).is_deepened_by(HOT) && Debt::Warm(1).is_paid_by(WARM));
    assert!(!Debt::Warm(1).is_deepened_by(COLD) && !Debt::Warm(1).is_paid_by(COLD));
}

#[test]
fn any_ratio_of_hot_to_warm_holds() {
    for (hot, warm) in [(1, 1), (1, 3), (3, 2)] {
        let ratios = Ratios { hot_to_warm: Some(HotToWarm { hot, warm }), ..Ratios::default() };
        let mut taken = Taken::default();
        for round in 0..3 {
            for _ in 0..hot {
                assert_eq!(taken.debts(&ratios), [], "round {round} of {hot}:{warm}");
                taken = taken.with(HOT, &ratios);
            }
            for left in (1..=warm).rev() {
                assert_eq!(taken.debts(&ratios), [Debt::Warm(left)], "round {round} of {hot}:{warm}");
                taken = taken.with(WARM, &ratios);
            }
        }
    }
}

#[test]
fn of_any_five_claims_one_is_a_leftover() {
    let ratios = Ratios { leftover: Some(Share { least: 1, of: 5 }), ..Ratios::default() };
    let debts = |claims: &[Traits]| after(claims, &ratios).debts(&ratios);
    assert_eq!(debts(&[HOT; 3]), []);
    assert_eq!(debts(&[HOT; 4]), [Debt::Leftover], "the fifth must be one");
    assert_eq!(debts(&[LEFTOVER, HOT, HOT, HOT, HOT]), [Debt::Leftover]);
    assert_eq!(debts(&[HOT, LEFTOVER, HOT, HOT, HOT]), []);
}

#[test]
fn switching_a_rule_on_starts_it_afresh() {
    let off = after(&[HOT; 5], &Ratios::default());
    assert_eq!(off.debts(&two_to_one()), []);
}

proptest! {
    /// Whoever claims only what no debt forbids keeps every rule at every moment, and some claim is always allowed.
    #[test]
    fn without_excuses_every_row_keeps_its_share(
        wishes in prop::collection::vec((0..3_u8, any::<bool>()), 1..60), least in 1..6_u32, of in 2..21_u32,
    ) {
        let share = Share { least: least.min(of), of };
        let ratios = Ratios { leftover: Some(share), low_score: Some(Share { least: 1, of: 3 }), ..two_to_one() };
        let (mut taken, mut all) = (Taken::default(), Vec::new());
        for (temperature, leftover) in wishes {
            let wish = match temperature {
                0 => Traits { leftover, ..HOT },
                1 => Traits { leftover, ..WARM },
                _ => Traits { leftover, ..COLD },
            };
            let debts = taken.debts(&ratios);
            let allowed = |claim: Traits| !debts.iter().any(|debt| debt.is_deepened_by(claim));
            // A cold leftover deepens no debt there is.
            let always = Traits { leftover: true, ..COLD };
            prop_assert!(allowed(always));
            let claim = if allowed(wish) { wish } else { always };
            taken = taken.with(claim, &ratios);
            all.push(claim);
        }
        for row in all.windows(of as usize) {
            prop_assert!(row.iter().filter(|claim| claim.leftover).count() >= share.least as usize);
        }
        for row in all.windows(3) {
            prop_assert!(row.iter().any(|claim| claim.low_score));
        }
    }
}

#[test]
fn a_debt_that_nothing_pays_stands_in_no_others_way() {
    let debts = [Debt::Warm(1), Debt::Leftover];
    // It pays the second and would deepen the first, which nothing pays.
    assert_eq!(standing(&debts, &[HOT, LEFTOVER]), [Debt::Leftover]);
    assert_eq!(standing(&debts, &[HOT]), []);
    assert_eq!(standing(&debts, &[WARM, LEFTOVER]), [Debt::Warm(1)], "of two that deepen each other the first");
    assert_eq!(standing(&debts, &[WARM, LEFTOVER, Traits { leftover: true, ..WARM }]), debts);
}

fn kinds() -> impl Strategy<Value = Vec<Traits>> {
    let temperature = prop_oneof![Just(Temperature::Hot), Just(Temperature::Warm), Just(Temperature::Cold)];
    let kind = (temperature, any::<bool>(), any::<bool>());
    let kind = kind.prop_map(|(temperature, leftover, low_score)| Traits { temperature, leftover, low_score });
    proptest::collection::vec(kind, 0..5)
}

proptest! {
    /// While a debt stands there is a lead that pays it and that no debt which stands forbids: nobody is locked out. And one
    /// that does not stand could not, beside those that do.
    #[test]
    fn what_stands_can_be_paid_and_what_can_be_paid_stands(
        kinds in kinds(),
        debts in proptest::sample::subsequence(vec![Debt::Warm(2), Debt::Leftover, Debt::LowScore], 0..=3),
    ) {
        let stands = standing(&debts, &kinds);
        let paid = |debt: Debt, all: &[Debt]| {
            kinds.iter().any(|lead| debt.is_paid_by(*lead) && !all.iter().any(|other| other.is_deepened_by(*lead)))
        };
        for debt in &debts {
            if stands.contains(debt) {
                prop_assert!(paid(*debt, &stands));
            } else {
                let with: Vec<_> = stands.iter().copied().chain([*debt]).collect();
                prop_assert!(!with.iter().all(|one| paid(*one, &with)));
            }
        }
    }
}
