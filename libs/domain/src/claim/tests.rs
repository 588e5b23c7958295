use super::*;
use crate::calendar::{Calendar, Event as Entry, Kind as Said, Pause, Stated};
use crate::change::{Due, Timer};
use crate::guardrail::ratio::Taken;
use crate::id::{CalendarSource, Fence, PoolId};
use crate::intake::{self, Raw};
use crate::lead::Hold;

const NOW: Millis = Millis(1_700_000_000_000);

fn policy() -> Policy {
    Policy::parse("{teams: [{id: t, reps: [{id: ana}, {id: bo}]}], pools: [{id: open}], default: {pool: open}}")
        .unwrap()
}

fn rep(id: &str) -> RepId {
    RepId::parse(id).unwrap()
}

fn lead(n: u8) -> Lead {
    let raw = Raw { source: "webinar".into(), ..Raw::default() };
    Lead {
        place: Place::Pooled { pool: PoolId::parse("open").unwrap() },
        fence: Fence(4),
        ..Lead::arrived(LeadId::new(NOW, [n; 10]), intake::normalise(raw, NOW).unwrap().0, NOW)
    }
}

fn with(records: &[Record]) -> Snapshot {
    let mut snapshot = Snapshot::default();
    records.iter().for_each(|record| snapshot.put(record.clone()));
    snapshot
}

/// Decides where nothing need be searched for.
fn decide(snapshot: &Snapshot, command: &Command, policy: &Policy, now: Millis) -> Result<Change, Refusal> {
    super::decide(snapshot, command, &Found::default(), policy, now).map_err(|undecided| match undecided {
        Undecided::Refused(refusal) => refusal,
        Undecided::Seeks(sought) => panic!("{sought:?}"),
    })
}

fn reasons(result: Result<Change, Refusal>) -> Vec<Reason> {
    result.unwrap_err().broken.into_iter().map(|broken| broken.reason).collect()
}

#[test]
fn a_claim_makes_an_owner_with_the_next_fence() {
    let command = Command { rep: rep("ana"), lead: lead(1).id };
    let snapshot = with(&[Record::from(lead(1))]);
    let at = NOW.after(Span(5));
    let change = decide(&snapshot, &command, &policy(), at).unwrap();
    let after = with(&change.puts);
    let owned = after.lead(command.lead).unwrap();
    assert_eq!(owned.owner(), Some(&command.rep));
    assert_eq!(owned.fence, Fence(5));
    assert_eq!(owned.placed_at, at);
    assert_eq!(change.counts[1], Count { counter: Counter::Open(command.rep.clone()), delta: 1, most: None });
    assert_eq!(after.claims(&command.rep).unwrap().claimed_at, [at]);
    assert_eq!(change.timers, [Timer::Set(Due::Contact(command.lead), at.after(Span::minutes(90)))]);
    let hoarded = Counter::Hoarded(command.rep.clone());
    assert_eq!(change.counts[2], Count { counter: hoarded.clone(), delta: 1, most: Some(10) });
    for key in reads(&command) {
        // The count is bounded by the commit itself.
        assert!(change.expects.contains(&key) || key == Key::Count(hoarded.clone()), "{key:?}");
    }
}

#[test]
fn what_is_owned_or_unknown_cannot_be_claimed() {
    let policy = policy();
    let command = |who, lead| Command { rep: rep(who), lead };
    let snapshot = with(&[Record::from(lead(1))]);
    let first = decide(&snapshot, &command("ana", lead(1).id), &policy, NOW).unwrap();
    let after = with(&first.puts);
    for who in ["ana", "bo"] {
        let again = decide(&after, &command(who, lead(1).id), &policy, NOW);
        assert_eq!(reasons(again), [Reason::LeadAlreadyClaimed]);
    }
    let unknown = decide(&after, &command("bo", lead(2).id), &policy, NOW);
    assert_eq!(reasons(unknown), [Reason::LeadUnknown]);
    let stranger = decide(&after, &command("eve", lead(1).id), &policy, NOW);
    assert_eq!(reasons(stranger), [Reason::RepUnknown]);
}

#[test]
fn a_lead_without_an_owner_is_not_said_to_have_one() {
    let told = |place| {
        let snapshot = with(&[Record::from(Lead { place, ..lead(1) })]);
        let refused = decide(&snapshot, &Command { rep: rep("ana"), lead: lead(1).id }, &policy(), NOW).unwrap_err();
        assert_eq!(refused.broken[0].reason, Reason::LeadAlreadyClaimed);
        refused.broken[0].message.clone()
    };
    assert_eq!(told(Place::Held), "the lead is in no pool");
    let via = Via::Claim(PoolId::parse("open").unwrap());
    let offered = Place::Offered { to: rep("bo"), via: via.clone(), expires: NOW, refusable: true };
    assert_eq!(told(offered), "the lead is in no pool");
    let (owner, remind_at, contact_due, contacted_at) = (rep("bo"), NOW, NOW, None);
    assert_eq!(told(Place::Assigned { owner, via, remind_at, contact_due, contacted_at }), "the lead has an owner");
}

#[test]
fn a_refusal_names_every_rule_and_when_all_of_them_pass() {
    let policy = policy();
    let owned = Lead {
        place: Place::Assigned {
            owner: rep("bo"),
            via: Via::Claim(PoolId::parse("open").unwrap()),
            remind_at: NOW,
            contact_due: NOW,
            contacted_at: None,
        },
        ..lead(1)
    };
    let minutes_ago = |n: i64| Millis(NOW.0 - Span::minutes(n).0);
    let mut claimed_at: Vec<_> = (0..7).map(|n| minutes_ago(600 - n)).collect();
    claimed_at.extend([minutes_ago(59), minutes_ago(58), minutes_ago(1)]);
    let claims = Record::Claims(Claims { rep: rep("ana"), claimed_at, taken: Default::default() });
    let command = Command { rep: rep("ana"), lead: lead(1).id };

    let taken = decide(&with(&[Record::from(owned), claims.clone()]), &command, &policy, NOW);
    use Reason::{LeadAlreadyClaimed, QuotaExhausted};
    assert_eq!(reasons(taken), [LeadAlreadyClaimed, QuotaExhausted, QuotaExhausted]);

    let free = with(&[Record::from(lead(1)), claims]);
    let refusal = decide(&free, &command, &policy, NOW).unwrap_err();
    let at = refusal.retry_at().unwrap();
    assert_eq!(at, minutes_ago(600).after(Span::days(1)), "the day's window is the last to have room");
    assert!(decide(&free, &command, &policy, Millis(at.0 - 1)).is_err());
    assert!(decide(&free, &command, &policy, at).is_ok());
}

fn stated<T>(source: &str, what: T) -> Stated<T> {
    Stated { source: CalendarSource::parse(source).unwrap(), revision: 1, what: Some(what) }
}

#[test]
fn who_is_paused_claims_nothing_until_the_last_pause_ends() {
    let pause = |source, since: i64, until: Option<i64>| {
        let (since, until) = (NOW.after(Span::minutes(since)), until.map(|until| NOW.after(Span::minutes(until))));
        stated(source, Pause { since, until, manager: rep("max"), reason: "a talk with Jo".into() })
    };
    let claim = |pauses, minutes| {
        let calendar = Record::Calendar(Calendar { pauses, ..Calendar::empty(rep("ana")) });
        let command = Command { rep: rep("ana"), lead: lead(1).id };
        let at = NOW.after(Span::minutes(minutes));
        decide(&with(&[Record::from(lead(1)), calendar]), &command, &policy(), at)
    };
    let both = || vec![pause("console", 0, Some(10)), pause("hr", 5, Some(30))];
    let refusal = claim(both(), 0).unwrap_err();
    assert_eq!(refusal.retry_at(), Some(NOW.after(Span::minutes(30))));
    assert!(!refusal.broken[0].message.contains("Jo"), "why is the manager's business");
    for minutes in [9, 10, 29] {
        assert_eq!(reasons(claim(both(), minutes)), [Reason::RepPaused]);
    }
    assert!(claim(both(), -1).is_ok() && claim(both(), 30).is_ok());
    let refusal = claim(vec![pause("console", 0, None)], 99).unwrap_err();
    assert_eq!((refusal.broken[0].reason, refusal.retry_at()), (Reason::RepPaused, None));
}

#[test]
fn contact_is_due_in_working_time_where_the_policy_says_so() {
    let document = |key| {
        format!(
            "{{teams: [{{id: t, reps: [{{id: ana}}]}}], pools: [{{id: open}}], default: {{pool: open}}, {key}: true,
              availability: {{hours: 'mon-fri 09:00-17:00', holidays: [2023-11-15]}}}}"
        )
    };
    let policy = Policy::parse(&document("contact_sla_in_working_time")).unwrap();
    // On Thursday from 9 to 10 the rep is on leave.
    let nine = Millis(1_700_125_200_000);
    let leave = Entry {
        source: CalendarSource::parse("hr").unwrap(),
        id: "e".into(),
        revision: 1,
        kind: Said::Leave,
        start: nine,
        end: nine.after(Span::hours(1)),
    };
    let calendar = Record::Calendar(Calendar { events: vec![leave], ..Calendar::empty(rep("ana")) });
    let command = Command { rep: rep("ana"), lead: lead(1).id };
    // It is Tuesday night, and Wednesday is a holiday.
    let change = decide(&with(&[Record::from(lead(1)), calendar]), &command, &policy, NOW).unwrap();
    let Answer::Claimed(claimed) = change.answer else { panic!() };
    assert_eq!(claimed.contact_due, nine.after(Span::hours(3)));
    assert_eq!(change.timers, [Timer::Set(Due::Contact(command.lead), nine.after(Span::minutes(150)))]);
}

#[test]
fn who_looks_at_a_lead_of_a_queue_may_claim_it_whatever_comes_free_before_it() {
    let document = "{teams: [{id: t, reps: [{id: ana}, {id: bo}]}], pools: [{id: open, kind: queue}], \
                    default: {pool: open}}";
    let policy = Policy::parse(document).unwrap();
    let (first, second) = (lead(1), lead(2));
    let hold = Hold { rep: rep("ana"), until: NOW.after(Span(1)) };
    let held = Lead { hold: Some(Box::new(hold)), ..second.clone() };
    let found = Found { front: Some(looked(&[first.id, second.id], &[])), kinds: None };
    let claim = |of: &Lead, at| {
        let snapshot = with(&[Record::from(first.clone()), Record::from(of.clone())]);
        let command = Command { rep: rep("ana"), lead: second.id };
        super::decide(&snapshot, &command, &found, &policy, at).is_ok()
    };
    assert!(!claim(&second, NOW), "another lead comes first");
    assert!(claim(&held, NOW));
    assert!(!claim(&held, NOW.after(Span(1))), "the hold is over");
}

fn looked(leads: &[LeadId], debts: &[Debt]) -> Looked {
    Looked { leads: leads.to_vec(), debts: debts.to_vec() }
}

/// Leads with a score, in one pool, in the order of their numbers.
fn scored(n: u8, score: u8) -> Lead {
    let raw = Raw { source: "webinar".into(), score: Some(score.into()), ..Raw::default() };
    let facts = intake::normalise(raw, NOW).unwrap().0;
    Lead { place: lead(n).place, ..Lead::arrived(lead(n).id, facts, NOW) }
}

#[test]
fn what_others_took_of_what_was_found_is_looked_for_again() {
    let document = "{teams: [{id: t, reps: [{id: ana}, {id: bo}]}], pools: [{id: open, kind: queue}], \
                    default: {pool: open}, guardrails: {ratios: {hot_to_warm: '1:1'}}}";
    let policy = Policy::parse(document).unwrap();
    let (hot, warm, other) = (scored(1, 90), scored(2, 60), scored(3, 90));
    let taken = Taken { hot: 1, ..Taken::default() };
    let owing = Record::Claims(Claims { rep: rep("ana"), claimed_at: vec![], taken });
    let place = Place::Offered {
        to: rep("bo"),
        via: Via::Claim(PoolId::parse("open").unwrap()),
        expires: NOW,
        refusable: true,
    };
    let gone = |lead: &Lead| Record::from(Lead { place: place.clone(), ..lead.clone() });
    let here = |lead: &Lead| Record::from(lead.clone());
    let decide = |leads: [Record; 3], found: &Found| {
        let mut snapshot = with(&leads);
        snapshot.put(owing.clone());
        let named = super::decide(&snapshot, &Command { rep: rep("ana"), lead: hot.id }, found, &policy, NOW);
        let next = super::decide_next(&snapshot, &Next { rep: rep("ana"), pool: None }, found, &policy, NOW);
        (named.map(|_| ()), next.map(|_| ()))
    };
    let owed = [Debt::Warm(1)];
    let front = || Undecided::Seeks(Sought::Front(vec![PoolId::parse("open").unwrap()], owed.to_vec()));
    let kinds = || Undecided::Seeks(Sought::Kinds(owed.to_vec()));
    let found = |front: &[LeadId], kinds: &[LeadId], debts: &[Debt]| Found {
        front: Some(looked(front, debts)),
        kinds: Some(looked(kinds, debts)),
    };
    let all = found(&[hot.id, warm.id], &[hot.id, warm.id], &owed);
    let (named, next) = decide([here(&hot), here(&warm), here(&other)], &all);
    let Undecided::Refused(refusal) = named.unwrap_err() else { panic!() };
    let broken: Vec<_> = refusal.broken.iter().map(|broken| broken.reason).collect();
    assert_eq!(broken, [Reason::NotFirst, Reason::WarmOwed]);
    assert_eq!(next, Ok(()));
    // Somebody takes the only one that pays: another may be behind it.
    let fewer = decide([here(&hot), gone(&warm), here(&other)], &all);
    assert_eq!(fewer, (Err(kinds()), Err(kinds())));
    // What is left in front cannot be claimed while the debt stands, and it does for what was found elsewhere.
    let spent = found(&[hot.id, other.id], &[warm.id], &owed);
    let (_, next) = decide([here(&hot), here(&warm), gone(&other)], &spent);
    assert_eq!(next, Err(front()));
    // It was looked for before the debt came about, by another claim at the same time.
    let early = found(&[hot.id], &[hot.id], &[Debt::Leftover]);
    assert_eq!(decide([here(&hot), here(&warm), here(&other)], &early), (Err(kinds()), Err(kinds())));
    // Nothing was there at all.
    let none = found(&[], &[], &owed);
    let (named, next) = decide([here(&hot), here(&warm), here(&other)], &none);
    assert_eq!(named, Ok(()), "what comes in while it is decided comes after");
    let Undecided::Refused(refusal) = next.unwrap_err() else { panic!() };
    assert_eq!(refusal.broken[0].reason, Reason::NothingClaimable);
}
