//! Opening a pooled lead's detail.

use leadhand_domain::answer::{Answer, Viewed};
use leadhand_domain::claim::Looked;
use leadhand_domain::guardrail::settings::Transparency;
use leadhand_domain::id::Workspace;
use leadhand_domain::lead::{Lead, Person};
use leadhand_domain::policy::required;
use leadhand_domain::record::Key;
use leadhand_domain::refusal::Refusal;
use leadhand_domain::time::Millis;
use leadhand_domain::view::{self, Command};
use leadhand_store::{Error, Request, Store};

use crate::front::Search;

/// What a rep sees of a lead, and until when it is the rep's to choose.
pub(crate) struct Shown {
    pub(crate) lead: Lead,
    pub(crate) person: Person,
    /// How much of it; `None`: nothing, another rep has it by now.
    pub(crate) transparency: Option<Transparency>,
    pub(crate) until: Option<Millis>,
    /// Of the event that tells of the hold.
    pub(crate) position: String,
}

/// A rep opens a lead's detail. What is shown is read after the commit: the answer that is remembered holds nothing personal.
pub(crate) async fn view(
    store: &Store,
    workspace: &Workspace,
    request: &Request,
    command: &Command,
    now: Millis,
) -> Result<Shown, Error> {
    let keys = view::reads(command, None, &[]);
    let read = store.read(workspace, &keys).await?;
    let policy = required(store.policy(workspace).await?)?;
    let front = match view::needs_front(&read, command, &policy, now) {
        Some(pool) => Search { store, workspace, rep: &command.rep, now }.turns(pool, &policy).await?,
        None => Looked::default(),
    };
    let keys = view::reads(command, read.selection(&command.rep), &front.leads);
    let decide = |snapshot: &_, policy: Option<&_>| view::decide(snapshot, command, &front, required(policy)?, now);
    let committed = store.transact(workspace, Some(request), &keys, decide).await?;
    let Answer::Viewed(granted) = committed.answer else {
        return Err(Error::Damaged("the answer of another method".to_owned()));
    };
    show(store, workspace, command, granted, committed.position, now).await
}

/// What was granted, as far as the rep may see it now.
async fn show(
    store: &Store,
    workspace: &Workspace,
    command: &Command,
    granted: Viewed,
    position: String,
    now: Millis,
) -> Result<Shown, Error> {
    let read = store.read(workspace, &[Key::Lead(granted.lead), Key::Person(granted.lead)]).await?;
    let policy = required(store.policy(workspace).await?)?;
    let lead = read.lead(granted.lead).ok_or_else(|| Refusal::lead_unknown(granted.lead))?;
    let transparency = view::shown(lead, &command.rep, &granted, &policy, now);
    let person = read.person(granted.lead).cloned().unwrap_or_default();
    Ok(Shown { lead: lead.clone(), person, transparency, until: granted.until, position })
}
