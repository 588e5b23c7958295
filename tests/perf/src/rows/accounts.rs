//! Accounts by the hundred thousand: how fast they load, and what routing beside them costs.

use std::time::Instant;

use futures_util::{FutureExt, StreamExt, stream};
use leadhand_proto::account::v1::account_service_client::AccountServiceClient;
use leadhand_proto::account::v1::{Account, AccountKind, UpsertAccountsRequest};

use super::throughput::{Bench, Series, TARGET};
use crate::options::Scale;
use crate::report::{Row, Target, rate};
use crate::stage::Stage;
use crate::{Outcome, calls, rows, sample};

/// How long 100,000 accounts may take to load, in seconds.
const LIMIT_S: f64 = 30.0;

/// Loads, then routes leads of companies that are no account, then leads that go to an account's owner.
pub(super) async fn rows(stage: &Stage, scale: Scale) -> Outcome<Vec<Row>> {
    eprintln!("accounts: loading {}", scale.accounts);
    let begun = Instant::now();
    load(stage, sample::WORKSPACE, scale.accounts).await?;
    let seconds = begun.elapsed().as_secs_f64();
    let each_second = scale.accounts as f64 / seconds;
    let loaded = Row::new(format!("UpsertAccounts, {} in one stream", scale.accounts), rate(each_second))
        .note(format!("{seconds:.1} s"))
        .value("per_second", each_second)
        .target(Some(Target::at_most("30 s for 100,000", 100_000.0 / each_second, LIMIT_S)));
    let mut bench = Bench::new(stage, 1).await?;
    let (mut nobodys, mut owned) = (Series::default(), Series::default());
    for round in 0..=scale.rounds {
        rows::progress("accounts", round, scale.rounds);
        if round == 1 {
            bench.forget();
            (nobodys, owned) = Default::default();
        }
        let rotated = calls::rotate(stage, &bench.lanes, scale.calls);
        bench.between(&rotated, scale.calls, &mut nobodys).await?;
        let to_owner = calls::to_owner(stage, &bench.lanes, scale.calls, scale.accounts);
        bench.between(&to_owner, scale.calls, &mut owned).await?;
    }
    let beside = format!("50 routes, {} accounts", scale.accounts);
    Ok(vec![
        loaded,
        bench.floor_row(),
        nobodys
            .row(&format!("RouteLead, rotation of 20 reps, {beside}"))
            .target(Some(Target::share(TARGET, nobodys.share()))),
        owned.row(&format!("RouteLead to the account's owner, {beside}")),
    ])
}

/// Streams so many accounts in; every acknowledgement is waited for.
pub(super) async fn load(stage: &Stage, workspace: &str, accounts: usize) -> Outcome<()> {
    let lanes = stage.lanes(1, 1).await?;
    let mut client = AccountServiceClient::new(lanes.into_iter().next().ok_or("a connection")?);
    let workspace = workspace.to_owned();
    let message = move |n: usize| UpsertAccountsRequest {
        workspace: workspace.clone(),
        sequence: n as u64,
        account: Some(Account {
            account_id: format!("account-{n}"),
            name: format!("Company Number {n} GmbH"),
            domain: sample::account_domain(n),
            owner_rep_id: sample::claimer(n),
            kind: AccountKind::Customer.into(),
            revision: 1,
            ..Account::default()
        }),
    };
    let mut answers = client.upsert_accounts(stream::iter((0..accounts).map(message))).await?.into_inner();
    for n in 0..accounts as u64 {
        let answer = answers.next().await.ok_or("the stream ended early")??;
        if answer.sequence != n || !answer.changed {
            return Err(format!("not the answer to {n}: {answer:?}").into());
        }
    }
    answers.next().map(|end| end.map_or(Ok(()), |_| Err("one answer too many".into()))).await
}
