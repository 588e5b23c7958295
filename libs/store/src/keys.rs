//! Every Redis key, spelled in one place. All keys of a workspace share the hash tag `{workspace}`, so that they live in
//! one slot and a commit stays atomic on Redis Cluster. Ids are checked where they come in and hold no `{`, `}` or `:`.

use leadhand_domain::account::Likeness;
use leadhand_domain::change::{Due, LockOn};
use leadhand_domain::id::{LeadId, PoolId, RepId, RequestId, Workspace};
use leadhand_domain::invalid::Invalid;
use leadhand_domain::record::{Counter, Key};
use sha2::{Digest, Sha256};

/// A key that never holds anything.
pub(crate) const NOTHING: &str = "leadhand:nothing";

/// The record of an entity.
pub(crate) fn record(workspace: &Workspace, key: &Key) -> String {
    match key {
        Key::Lead(lead) => format!("{{{workspace}}}:lead:{lead}"),
        Key::Person(lead) => format!("{{{workspace}}}:person:{lead}"),
        Key::Count(Counter::Open(rep)) => format!("{{{workspace}}}:open:{rep}"),
        Key::Count(Counter::Uncontacted(rep)) => format!("{{{workspace}}}:uncontacted:{rep}"),
        Key::Count(Counter::Hoarded(rep)) => format!("{{{workspace}}}:hoarded:{rep}"),
        Key::Count(Counter::Figure(rep, week, figure)) => {
            format!("{{{workspace}}}:figure:{}:{rep}:{}", figure.as_str(), week.0)
        }
        Key::Rounds => format!("{{{workspace}}}:rounds"),
        Key::Claims(rep) => format!("{{{workspace}}}:claims:{rep}"),
        Key::Conduct(rep) => format!("{{{workspace}}}:conduct:{rep}"),
        Key::Selection(rep) => format!("{{{workspace}}}:selection:{rep}"),
        Key::RotationHead(team) => format!("{{{workspace}}}:rotation:{team}"),
        Key::Seat(team, rep) => format!("{{{workspace}}}:seat:{team}:{rep}"),
        Key::Calendar(rep) => format!("{{{workspace}}}:calendar:{rep}"),
        Key::Presence(rep) => format!("{{{workspace}}}:presence:{rep}"),
        Key::Feed(rep, source) => format!("{{{workspace}}}:feed:{rep}:{source}"),
        Key::Calendars(team) => format!("{{{workspace}}}:calendars:{team}"),
        Key::Likeness(mark) => format!("{{{workspace}}}:likeness:{}", hex(&mark.0)),
        Key::Accounts(Likeness::Domain(domain)) => format!("{{{workspace}}}:accounts:domain:{}", hashed(domain)),
        Key::Accounts(Likeness::Name(name)) => format!("{{{workspace}}}:accounts:name:{}", hashed(name)),
        Key::Account(account) => format!("{{{workspace}}}:account:{account}"),
        Key::Mix(route) => format!("{{{workspace}}}:mix:{}", hashed(route)),
        Key::PolicyHead => format!("{{{workspace}}}:policy"),
        Key::PolicyVersion(number) => format!("{{{workspace}}}:policy:{number}"),
    }
}

/// A text that may hold anything, as a part of a key.
fn hashed(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes())[..16])
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
}

/// The leads that a rep has or is asked to accept, a sorted set by since when, in milliseconds.
pub(crate) fn owned(workspace: &Workspace, rep: &RepId) -> String {
    format!("{{{workspace}}}:owned:{rep}")
}

/// The leads that nobody could take, a sorted set by when they came in, in milliseconds.
pub(crate) fn held(workspace: &Workspace) -> String {
    format!("{{{workspace}}}:held")
}

/// A deadline's member of the workspace's timers.
pub(crate) fn due(due: &Due) -> String {
    match due {
        Due::Contact(lead) => format!("contact:{lead}"),
        Due::Offer(lead) => format!("offer:{lead}"),
        Due::Action(lead) => format!("action:{lead}"),
        Due::Pool(lead) => format!("pool:{lead}"),
        Due::Held(lead) => format!("held:{lead}"),
        Due::Suspension(rep) => format!("suspension:{rep}"),
        Due::Hold(lead) => format!("hold:{lead}"),
        Due::Drain => "drain".to_owned(),
        Due::Tiers => "tiers".to_owned(),
        Due::Floor => "floor".to_owned(),
    }
}

/// The answer remembered for a caller's request to a method.
pub(crate) fn answer(workspace: &Workspace, method: &str, caller: &str, request: &RequestId) -> String {
    format!("{{{workspace}}}:answer:{method}:{caller}:{request}")
}

/// A lock.
pub(crate) fn lock(workspace: &Workspace, on: &LockOn) -> String {
    match on {
        LockOn::Claim(lead, fence) => format!("{{{workspace}}}:lock:claim:{lead}:{}", fence.0),
    }
}

/// The lease of the router replica that sequences a rotation.
pub(crate) fn lease(workspace: &Workspace, name: &str) -> String {
    format!("{{{workspace}}}:lease:{name}")
}

/// The replica that waits for a lease to end.
pub(crate) fn gate(workspace: &Workspace, name: &str) -> String {
    format!("{{{workspace}}}:gate:{name}")
}

/// The workspace's events, a stream.
pub(crate) fn events(workspace: &Workspace) -> String {
    format!("{{{workspace}}}:events")
}

/// What happened to a lead: the ids of its events in their order, a list.
pub(crate) fn history(workspace: &Workspace, lead: LeadId) -> String {
    format!("{{{workspace}}}:history:{lead}")
}

/// The leads of a pool, a sorted set by when they entered it, in milliseconds.
pub(crate) fn pool(workspace: &Workspace, pool: &PoolId) -> String {
    format!("{{{workspace}}}:pool:{pool}")
}

/// The workspaces that have or had a policy, a set: whose deadlines are looked after.
pub(crate) const WORKSPACES: &str = "leadhand:workspaces";

/// A deadline by its member of the workspace's timers.
pub(crate) fn parse_due(member: &str) -> Result<Due, Invalid> {
    match member.split_once(':') {
        Some(("contact", lead)) => Ok(Due::Contact(LeadId::parse(lead)?)),
        Some(("offer", lead)) => Ok(Due::Offer(LeadId::parse(lead)?)),
        Some(("action", lead)) => Ok(Due::Action(LeadId::parse(lead)?)),
        Some(("pool", lead)) => Ok(Due::Pool(LeadId::parse(lead)?)),
        Some(("held", lead)) => Ok(Due::Held(LeadId::parse(lead)?)),
        Some(("suspension", rep)) => Ok(Due::Suspension(RepId::parse(rep)?)),
        Some(("hold", lead)) => Ok(Due::Hold(LeadId::parse(lead)?)),
        None if member == "drain" => Ok(Due::Drain),
        None if member == "tiers" => Ok(Due::Tiers),
        None if member == "floor" => Ok(Due::Floor),
        _ => Err(Invalid::new("not a deadline")),
    }
}

/// Matches the leads of each rep of each workspace.
pub(crate) const ALL_OWNED: &str = "{*}:owned:*";

/// Whose leads these are, by the key of [`owned`].
pub(crate) fn parse_owned(key: &str) -> Option<(Workspace, RepId)> {
    parse_of_rep(key, "}:owned:")
}

/// Matches the conduct of each rep of each workspace.
pub(crate) const ALL_CONDUCT: &str = "{*}:conduct:*";

/// Whose conduct it is, by the record's key.
pub(crate) fn parse_conduct(key: &str) -> Option<(Workspace, RepId)> {
    parse_of_rep(key, "}:conduct:")
}

fn parse_of_rep(key: &str, kind: &str) -> Option<(Workspace, RepId)> {
    let (workspace, rep) = key.strip_prefix('{')?.split_once(kind)?;
    Some((Workspace::parse(workspace).ok()?, RepId::parse(rep).ok()?))
}

/// The workspace's deadlines, a sorted set by when they are due, in milliseconds.
pub(crate) fn timers(workspace: &Workspace) -> String {
    format!("{{{workspace}}}:timers")
}

#[cfg(test)]
mod tests {
    use super::*;
    use leadhand_domain::figures::{Figure, Week};
    use leadhand_domain::id::{Fence, TeamId};
    use leadhand_domain::likeness::Mark;
    use leadhand_domain::time::Millis;

    /// Stored data outlives the code: a spelling that changes loses it.
    #[test]
    fn spellings_are_kept() {
        let ws = Workspace::parse("acme").unwrap();
        let lead = LeadId::new(Millis(0), [0; 10]);
        let rep = RepId::parse("ana").unwrap();
        let id = "00000000-0000-7000-8000-000000000000";
        let spelled = |key| record(&ws, &key);
        assert_eq!(spelled(Key::Lead(lead)), format!("{{acme}}:lead:{id}"));
        assert_eq!(spelled(Key::Person(lead)), format!("{{acme}}:person:{id}"));
        assert_eq!(spelled(Key::Count(Counter::Open(rep.clone()))), "{acme}:open:ana");
        assert_eq!(spelled(Key::Count(Counter::Uncontacted(rep.clone()))), "{acme}:uncontacted:ana");
        assert_eq!(owned(&ws, &rep), "{acme}:owned:ana");
        assert_eq!(parse_owned(&owned(&ws, &rep)), Some((ws.clone(), rep.clone())));
        assert_eq!(parse_owned("{acme}:owned:No:One"), None);
        let mark = Mark(*b"0123456789abcdef");
        assert_eq!(spelled(Key::Likeness(mark)), "{acme}:likeness:30313233343536373839616263646566");
        let domain = Likeness::Domain("acme.example".into());
        assert_eq!(spelled(Key::Accounts(domain)), "{acme}:accounts:domain:54667cc7be6265f6a4cdfe25b9c89d52");
        assert_eq!(
            spelled(Key::Accounts(Likeness::Name("acme".into()))),
            "{acme}:accounts:name:822b33ad87c148a0a20a5ba7cd5ebcaa"
        );
        let account = leadhand_domain::id::AccountId::parse("acme").unwrap();
        assert_eq!(spelled(Key::Account(account)), "{acme}:account:acme");
        assert_eq!(spelled(Key::Mix("Hot leads".into())), "{acme}:mix:5fa703287a8d3aea85d23985c449eed9");
        assert_eq!(held(&ws), "{acme}:held");
        assert_eq!(due(&Due::Contact(lead)), format!("contact:{id}"));
        assert_eq!(due(&Due::Drain), "drain");
        for known in [
            Due::Contact(lead),
            Due::Offer(lead),
            Due::Action(lead),
            Due::Pool(lead),
            Due::Held(lead),
            Due::Hold(lead),
            Due::Suspension(rep.clone()),
            Due::Drain,
            Due::Tiers,
            Due::Floor,
        ] {
            assert_eq!(parse_due(&due(&known)), Ok(known));
        }
        assert_eq!(due(&Due::Suspension(rep.clone())), "suspension:ana");
        assert_eq!(spelled(Key::Conduct(rep.clone())), "{acme}:conduct:ana");
        assert_eq!(parse_conduct("{acme}:conduct:ana"), Some((ws.clone(), rep.clone())));
        let figures = Figure::ALL.map(|figure| spelled(Key::Count(Counter::Figure(rep.clone(), Week(2930), figure))));
        let sums = ["leads", "contacted", "contact_ms", "converted", "amount"];
        assert_eq!(figures, sums.map(|sum| format!("{{acme}}:figure:{sum}:ana:2930")));
        assert_eq!(spelled(Key::Rounds), "{acme}:rounds");
        assert_eq!(WORKSPACES, "leadhand:workspaces");
        assert_eq!(spelled(Key::Claims(rep.clone())), "{acme}:claims:ana");
        assert_eq!(spelled(Key::Count(Counter::Hoarded(rep.clone()))), "{acme}:hoarded:ana");
        assert_eq!(spelled(Key::Selection(rep.clone())), "{acme}:selection:ana");
        assert_eq!(due(&Due::Hold(lead)), format!("hold:{id}"));
        assert_eq!(spelled(Key::Calendar(rep.clone())), "{acme}:calendar:ana");
        assert_eq!(spelled(Key::Presence(rep.clone())), "{acme}:presence:ana");
        let google = leadhand_domain::id::CalendarSource::parse("google").unwrap();
        assert_eq!(spelled(Key::Feed(rep.clone(), google)), "{acme}:feed:ana:google");
        assert_eq!(spelled(Key::RotationHead(TeamId::parse("in").unwrap())), "{acme}:rotation:in");
        assert_eq!(spelled(Key::Seat(TeamId::parse("in").unwrap(), rep)), "{acme}:seat:in:ana");
        assert_eq!(spelled(Key::Calendars(TeamId::parse("in").unwrap())), "{acme}:calendars:in");
        assert_eq!(spelled(Key::PolicyHead), "{acme}:policy");
        assert_eq!(spelled(Key::PolicyVersion(2)), "{acme}:policy:2");
        assert_eq!(events(&ws), "{acme}:events");
        assert_eq!(timers(&ws), "{acme}:timers");
        assert_eq!(history(&ws, lead), format!("{{acme}}:history:{id}"));
        assert_eq!(pool(&ws, &PoolId::parse("open").unwrap()), "{acme}:pool:open");
        assert_eq!(lock(&ws, &LockOn::Claim(lead, Fence(3))), format!("{{acme}}:lock:claim:{id}:3"));
        assert_eq!(lease(&ws, "rotation-in"), "{acme}:lease:rotation-in");
        assert_eq!(gate(&ws, "rotation-in"), "{acme}:gate:rotation-in");
        let request = RequestId::parse("r.1").unwrap();
        assert_eq!(answer(&ws, "RouteLead", "", &request), "{acme}:answer:RouteLead::r.1");
    }
}
