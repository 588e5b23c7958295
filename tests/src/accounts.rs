//! Streaming accounts in and out.

use leadhand_proto::account::v1::{Account, AccountKind, DeleteAccountsRequest, UpsertAccountsRequest};

use crate::Replica;
use crate::call::WORKSPACE;

/// A customer of this owner with a domain of its own.
pub fn account(id: &str, owner: &str, revision: u64) -> Account {
    Account {
        account_id: id.into(),
        domain: format!("{id}.com"),
        owner_rep_id: owner.into(),
        kind: AccountKind::Customer.into(),
        revision,
        ..Account::default()
    }
}

/// The messages that stream these accounts in, numbered from 1.
pub fn upserts(accounts: impl IntoIterator<Item = Account>) -> Vec<UpsertAccountsRequest> {
    let message =
        |(account, sequence)| UpsertAccountsRequest { workspace: WORKSPACE.into(), sequence, account: Some(account) };
    accounts.into_iter().zip(1..).map(message).collect()
}

/// Streams accounts in; whether each changed anything, in order.
pub async fn take_in(replica: &Replica, accounts: impl IntoIterator<Item = Account>) -> Vec<bool> {
    let messages = upserts(accounts);
    let sent = messages.len();
    let mut answers =
        replica.accounts().upsert_accounts(tokio_stream::iter(messages)).await.expect("a stream").into_inner();
    let mut changed = Vec::new();
    while let Some(answer) = answers.message().await.expect("no error") {
        changed.push(answer.changed);
        assert_eq!(answer.sequence, changed.len() as u64, "acknowledged in order");
    }
    assert_eq!(changed.len(), sent, "every message is acknowledged");
    changed
}

/// Streams accounts out; whether each changed anything, in order.
pub async fn take_out(replica: &Replica, accounts: &[(&str, u64)]) -> Vec<bool> {
    let message = |(account, sequence): (&(&str, u64), u64)| DeleteAccountsRequest {
        workspace: WORKSPACE.into(),
        sequence,
        account_id: account.0.into(),
        revision: account.1,
    };
    let messages: Vec<_> = accounts.iter().zip(1..).map(message).collect();
    let mut answers =
        replica.accounts().delete_accounts(tokio_stream::iter(messages)).await.expect("a stream").into_inner();
    let mut changed = Vec::new();
    while let Some(answer) = answers.message().await.expect("no error") {
        changed.push(answer.changed);
        assert_eq!(answer.sequence, changed.len() as u64, "acknowledged in order");
    }
    changed
}
