//! What must be true of a load once all of it is answered: what callers were told, the event stream and the records in
//! Redis are three accounts of the same story.

use std::collections::{HashMap, HashSet};

use leadhand_proto::event::v1::Event;
use leadhand_proto::event::v1::event::Kind;
use leadhand_proto::router::v1::route_lead_response::Outcome;
use leadhand_testkit::Redis;

use crate::held::{self, Held};
use crate::load::{Answer, Request};

/// What became of one lead, as its events tell.
#[derive(Debug, Default, Clone, PartialEq)]
struct Story {
    owner: Option<String>,
    fence: u64,
    contacted: bool,
    /// Of the event that put it where it is.
    position: String,
}

/// Holds answers, events and records against each other: each request had exactly one effect, each effect has its event,
/// and nothing else is there. Answers with the events.
///
/// # Panics
/// When they differ.
pub async fn agree(done: &[(Request, Answer)], redis: &Redis) -> Vec<Event> {
    let events = held::events(redis).await;
    let stories = one_effect_each(done, &events);
    let held = Held::read(redis).await;
    held.assert_each_lead_in_one_place();
    crate::history::assert_whole(&held, &events);
    records_match(&stories, &held);
    events
}

/// Each answer has its event, with the same content, and there is no other event.
fn one_effect_each(done: &[(Request, Answer)], events: &[Event]) -> HashMap<String, Story> {
    let mut requests = HashSet::new();
    let mut expected = HashSet::new();
    for (request, answer) in done {
        assert!(requests.insert(format!("{request:?}")), "{request:?} is in the list twice");
        assert!(expected.insert(effect(request, answer)), "two requests had the effect of {request:?}");
    }
    let mut stories: HashMap<String, Story> = HashMap::new();
    let mut told = HashSet::new();
    for event in events {
        if let Some(effect) = told_effect(event, &mut stories) {
            assert!(expected.contains(&effect), "nobody was told of {event:?}");
            assert!(told.insert(effect), "told twice: {event:?}");
        }
    }
    let untold: Vec<_> = expected.difference(&told).take(3).collect();
    assert!(untold.is_empty(), "acknowledged, but not among the {} events: {untold:?}", events.len());
    stories
}

/// A call's effect in the words of [`told_effect`].
fn effect(request: &Request, answer: &Answer) -> String {
    match (request, answer) {
        (Request::Route(_), Answer::Routed(routed)) => match routed.outcome.as_ref().expect("an outcome") {
            Outcome::Assigned(to) => format!(
                "{} {} assigned {} {} {} {:?}",
                routed.position, routed.lead_id, to.rep_id, to.team_id, to.fence, to.contact_due
            ),
            Outcome::Pooled(to) => format!("{} {} pooled {}", routed.position, routed.lead_id, to.pool_id),
            other => panic!("not by the tests' policies: {other:?}"),
        },
        (Request::Claim(request), Answer::Claimed(claimed)) => format!(
            "{} {} claimed {} {} {:?}",
            claimed.position, claimed.lead_id, request.rep_id, claimed.fence, claimed.contact_due
        ),
        (Request::Contact(request), Answer::Contacted(contacted)) => format!(
            "{} contacted {} {} {} {}",
            request.lead_id, request.rep_id, request.fence, contacted.contact_speed_ms, contacted.in_time
        ),
        other => panic!("the answer to another question: {other:?}"),
    }
}

/// An event's effect, taken into its lead's story; `None` for an event that is not about a lead.
fn told_effect(event: &Event, stories: &mut HashMap<String, Story>) -> Option<String> {
    let position = &event.position;
    match event.kind.as_ref().expect("a kind that is known") {
        Kind::LeadAssigned(to) => {
            let story =
                Story { owner: Some(to.rep_id.clone()), fence: to.fence, contacted: false, position: position.clone() };
            assert_eq!(stories.insert(to.lead_id.clone(), story), None, "routed before: {event:?}");
            Some(format!(
                "{position} {} assigned {} {} {} {:?}",
                to.lead_id, to.rep_id, to.team_id, to.fence, to.contact_due
            ))
        }
        Kind::LeadPooled(to) => {
            let story = Story { position: position.clone(), ..Story::default() };
            assert_eq!(stories.insert(to.lead_id.clone(), story), None, "routed before: {event:?}");
            Some(format!("{position} {} pooled {}", to.lead_id, to.pool_id))
        }
        Kind::LeadClaimed(by) => {
            let story = stories.get_mut(&by.lead_id).expect("claimed after it was pooled");
            assert_eq!((story.owner.as_deref(), story.fence + 1), (None, by.fence), "{event:?}");
            (story.owner, story.fence) = (Some(by.rep_id.clone()), by.fence);
            story.position.clone_from(position);
            Some(format!("{position} {} claimed {} {} {:?}", by.lead_id, by.rep_id, by.fence, by.contact_due))
        }
        Kind::LeadContacted(by) => {
            let story = stories.get_mut(&by.lead_id).expect("contacted after it was given");
            assert_eq!((story.owner.as_ref(), story.fence), (Some(&by.rep_id), by.fence), "{event:?}");
            assert!(!story.contacted, "contacted twice: {event:?}");
            story.contacted = true;
            Some(format!("{} contacted {} {} {} {}", by.lead_id, by.rep_id, by.fence, by.contact_speed_ms, by.in_time))
        }
        _ => None,
    }
}

/// Every lead is where its story ends.
fn records_match(stories: &HashMap<String, Story>, held: &Held) {
    assert_eq!(held.leads.len(), stories.len(), "as many leads as were routed");
    for (id, lead) in &held.leads {
        let story = Story {
            owner: (!lead.owner.is_empty()).then(|| lead.owner.clone()),
            fence: lead.fence,
            contacted: lead.contacted_at != 0,
            position: lead.position.clone(),
        };
        assert_eq!(stories.get(id), Some(&story), "lead {id}");
    }
}
