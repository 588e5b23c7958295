use super::*;
use crate::lead::fixture::{NOW, assigned, lead, policy, rep};
use crate::lead::{Engagement, Outcome, Place};
use crate::record::PolicyHead;
use crate::refusal::Reason;

fn person() -> Person {
    let attributes = [("campaign".to_owned(), "x".to_owned())].into();
    let act_notes = [(lead().fence, "knows her".to_owned())].into();
    Person {
        name: "Jo Doe".into(),
        title: "CTO".into(),
        email: "jo@example.com".into(),
        phone: "+12133734253".into(),
        notes: "notes".into(),
        attributes,
        engagement: Engagement { opens: Some(3), ..Engagement::default() },
        form_responses: [("size".to_owned(), "ten".to_owned())].into(),
        act_notes,
    }
}

fn with(lead: &Lead) -> Snapshot {
    let mut snapshot = Snapshot::default();
    snapshot.put(Record::PolicyHead(PolicyHead { number: 1, pools: Vec::new(), secret: [7; 32], tiers_since: None }));
    snapshot.put(Record::from(lead.clone()));
    snapshot.put(Record::Person(lead.id, person()));
    snapshot
}

fn order(manager: Option<&str>) -> Command {
    Command { lead: lead().id, manager: manager.map(rep), reason: EraseReason::Requested }
}

#[test]
fn nothing_personal_is_left_and_the_lead_stays_where_it_is() {
    let closed = Place::Closed { owner: rep("ana"), outcome: Outcome::Lost };
    for place in [lead().place, Place::Held, assigned("ana"), closed] {
        let before = Lead { place, ..lead() };
        let mut snapshot = with(&before);
        let change = decide(&snapshot, &order(None), &policy(), NOW).unwrap();
        assert!(change.counts.is_empty() && change.timers.is_empty() && change.index.is_empty());
        snapshot.apply(&change);
        assert_eq!(snapshot.person(before.id), Some(&Person::default()));
        let acts = Acts { erased_at: Some(NOW), last_activity_at: None };
        assert_eq!(snapshot.lead(before.id), Some(&Lead { acts, ..before.clone() }));
        let told = Act::LeadErased { lead: before.id, manager: None, reason: EraseReason::Requested };
        assert_eq!(change.events, [Event { at: NOW, kind: Kind::Act(told), decision: None }]);
        // Once more, a day later: the same moment, and nothing changes.
        let again = decide(&snapshot, &order(None), &policy(), NOW.after(Span::days(1))).unwrap();
        assert_eq!(again.answer, Answer::Erased(Erased { at: NOW, before: true }));
        assert!(again.puts.is_empty() && again.events.is_empty());
    }
}

#[test]
fn marks_go_unless_another_lead_has_them() {
    let mut snapshot = with(&lead());
    let keys = marks(&snapshot, lead().id);
    assert_eq!(keys.len(), 2, "of the e-mail address and of the phone number: there is no company");
    let other = LeadId::new(NOW, [2; 10]);
    for (key, lead) in keys.iter().zip([lead().id, other]) {
        let Key::Likeness(mark) = key else { panic!("{key:?}") };
        snapshot.put(Record::Likeness(Likeness { mark: *mark, lead, kept: Span::days(30) }));
    }
    let change = decide(&snapshot, &order(None), &policy(), NOW).unwrap();
    let going: Vec<_> = change.puts.iter().filter(|put| matches!(put, Record::Likeness(_))).collect();
    let [Record::Likeness(likeness)] = &going[..] else { panic!("{going:?}") };
    assert_eq!((Key::Likeness(likeness.mark), likeness.kept), (keys[0].clone(), Span(1)));
    assert!(change.expects.contains(&keys[0]) && !change.expects.contains(&keys[1]));
    // One that was not read is not guessed at.
    let change = decide(&with(&lead()), &order(None), &policy(), NOW).unwrap();
    assert!(!change.puts.iter().any(|put| matches!(put, Record::Likeness(_))));
}

#[test]
fn a_platform_or_a_manager_erases() {
    let of = |place: Place, manager| {
        let change = decide(&with(&Lead { place, ..lead() }), &order(Some(manager)), &policy(), NOW);
        change.map(drop).map_err(|refusal| refusal.broken[0].reason)
    };
    assert_eq!(of(assigned("ana"), "mia"), Ok(()));
    assert_eq!(of(assigned("ana"), "max"), Err(Reason::NotManager), "of another team");
    assert_eq!(of(lead().place, "max"), Ok(()), "nobody has had it: any manager may");
    for nobody in ["ana", "eve", "old"] {
        assert_eq!(of(lead().place, nobody), Err(Reason::NotManager), "{nobody}");
    }
    let unknown = decide(&Snapshot::default(), &order(None), &policy(), NOW).unwrap_err();
    assert_eq!(unknown.broken[0].reason, Reason::LeadUnknown);
}
