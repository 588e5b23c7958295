//! Requests about accounts, checked field by field.

use leadhand_domain::account::change::Command;
use leadhand_domain::account::{Details, Kind, Likeness};
use leadhand_domain::company::MAX_NAME;
use leadhand_domain::id::{AccountId, RepId, Workspace};
use leadhand_domain::intake::site;
use leadhand_domain::invalid::{Fields, Invalid, text};
use leadhand_domain::lead::Company;
use leadhand_domain::time::Millis;
use leadhand_proto::account::v1 as wire;
use leadhand_proto::refusal;
use leadhand_proto::time::millis;
use tonic::Status;

use super::stream::Message;

/// The most domains of one sort that an account may have besides its own.
const MAX_DOMAINS: usize = 100;

/// Checks an account on its way in.
pub(super) fn upsert(request: wire::UpsertAccountsRequest) -> Result<Message, Status> {
    let mut fields = Fields::new();
    let workspace = fields.take("workspace", Workspace::parse(&request.workspace));
    let command = match request.account {
        Some(account) => self::account(account, &mut fields),
        None => {
            fields.add("account", "required");
            None
        }
    };
    let sequence = request.sequence;
    let message = workspace.zip(command).map(|(workspace, command)| Message::new(workspace, sequence, command));
    refusal::checked(fields, message)
}

fn account(account: wire::Account, fields: &mut Fields) -> Option<Command> {
    let id = fields.take("account.account_id", AccountId::parse(&account.account_id));
    let name = fields.take("account.name", name(&account.name));
    let domain = fields.take("account.domain", domain(&account.domain));
    let aliases = fields.take("account.aliases", domains(&account.aliases));
    let subsidiaries = fields.take("account.subsidiaries", domains(&account.subsidiaries));
    let owner = fields.take("account.owner_rep_id", RepId::parse(&account.owner_rep_id));
    let kind = fields.take("account.kind", kind(account.kind));
    let since = fields.take("account.since", account.since.as_ref().map_or(Ok(Millis(0)), millis));
    let details = Details {
        name: name?,
        domain: domain?,
        aliases: aliases?,
        subsidiaries: subsidiaries?,
        owner: owner?,
        kind: kind?,
        strategic: account.strategic,
        since: since?,
    };
    let nothing = details.name.is_empty() && details.domain.is_empty();
    if nothing && details.aliases.is_empty() && details.subsidiaries.is_empty() {
        fields.add("account.name", "required without any domain");
    }
    Some(Command { account: id?, revision: account.revision, details: Some(details) })
}

/// A company's name; empty stays empty.
fn name(value: &str) -> Result<String, Invalid> {
    let name = text(value, MAX_NAME)?;
    if !name.is_empty() && Likeness::names(&name).is_empty() {
        return Err(Invalid::new("not a company's name"));
    }
    Ok(name)
}

/// A domain that may lead to an account; empty stays empty.
fn domain(value: &str) -> Result<String, Invalid> {
    let host = site(value)?;
    if !host.is_empty() && Likeness::domain(&host).is_none() {
        return Err(Invalid::new("a domain such as example.com"));
    }
    Ok(host)
}

fn domains(values: &[String]) -> Result<Vec<String>, Invalid> {
    if values.len() > MAX_DOMAINS {
        return Err(Invalid::new(format!("at most {MAX_DOMAINS}")));
    }
    let domain = |value: &String| match domain(value) {
        Ok(empty) if empty.is_empty() => Err(Invalid::new("a domain such as example.com")),
        checked => checked,
    };
    values.iter().map(domain).collect()
}

fn kind(kind: i32) -> Result<Kind, Invalid> {
    match wire::AccountKind::try_from(kind) {
        Ok(wire::AccountKind::Customer) => Ok(Kind::Customer),
        Ok(wire::AccountKind::Named) => Ok(Kind::Named),
        _ => Err(Invalid::new("required: customer or named")),
    }
}

/// Checks an account on its way out.
pub(super) fn delete(request: wire::DeleteAccountsRequest) -> Result<Message, Status> {
    let mut fields = Fields::new();
    let workspace = fields.take("workspace", Workspace::parse(&request.workspace));
    let account = fields.take("account_id", AccountId::parse(&request.account_id));
    let message = workspace.zip(account).map(|(workspace, account)| {
        let command = Command { account, revision: request.revision, details: None };
        Message::new(workspace, request.sequence, command)
    });
    refusal::checked(fields, message)
}

/// Which account is asked for.
pub(super) fn get(request: &wire::GetAccountRequest) -> Result<(Workspace, AccountId), Status> {
    let mut fields = Fields::new();
    let workspace = fields.take("workspace", Workspace::parse(&request.workspace));
    let account = fields.take("account_id", AccountId::parse(&request.account_id));
    refusal::checked(fields, workspace.zip(account))
}

/// The company whose accounts are asked for.
pub(super) fn company(request: &wire::MatchAccountRequest) -> Result<(Workspace, Company), Status> {
    let mut fields = Fields::new();
    let workspace = fields.take("workspace", Workspace::parse(&request.workspace));
    let name = fields.take("company_name", text(&request.company_name, MAX_NAME));
    let domain = fields.take("domain", site(&request.domain));
    if request.company_name.trim().is_empty() && request.domain.trim().is_empty() {
        fields.add("company_name", "required without a domain");
    }
    let company = name.zip(domain).map(|(name, domain)| {
        // A free mail domain is nobody's: no account is found by it.
        Company { name, domain, ..Company::default() }
    });
    refusal::checked(fields, workspace.zip(company))
}
