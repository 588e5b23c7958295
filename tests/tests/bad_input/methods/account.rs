//! The methods that take accounts.

use super::*;

fn account(request: &mut UpsertAccountsRequest) -> &mut Account {
    request.account.get_or_insert_default()
}

pub(super) fn account_methods(workspace: &str) -> Vec<Method> {
    let workspace = || workspace.to_owned();
    let good = UpsertAccountsRequest {
        workspace: workspace(),
        sequence: 1,
        account: Some(Account {
            account_id: "acme".into(),
            name: "Acme GmbH".into(),
            domain: "https://www.acme.com/about".into(),
            aliases: vec!["acme.de".into()],
            subsidiaries: vec!["smaller.com".into()],
            owner_rep_id: "ana".into(),
            kind: AccountKind::Customer.into(),
            strategic: true,
            since: Some(moment(START)),
            revision: 1,
        }),
    };
    let domains = || {
        ["localhost", "a b.com", "-a.com", "a..com", "http://", "a.com:80", "a@b.com"]
            .map(str::to_owned)
            .into_iter()
            .chain(["x.".repeat(1 << 19)])
    };
    let several = || {
        let one = domains().chain(["".to_owned(), " ".to_owned()]).map(|bad| vec!["acme.net".to_owned(), bad]);
        one.chain([vec!["acme.net".to_owned(); 101]])
    };
    vec![
        Spoil::new(good)
            .field("workspace", names(), |m, v| m.workspace = v)
            .named(&["account"], "account", |m| m.account = None)
            .field("account.account_id", names(), |m, v| account(m).account_id = v)
            .field("account.name", texts(200).into_iter().chain(["-".into(), "!?".into()]), |m, v| account(m).name = v)
            .named(&["account.name"], "account.name", |m| {
                let Account { account_id, owner_rep_id, kind, .. } = account(m).clone();
                m.account = Some(Account { account_id, owner_rep_id, kind, ..Account::default() });
            })
            .field("account.domain", domains(), |m, v| account(m).domain = v)
            .field("account.aliases", several(), |m, v| account(m).aliases = v)
            .field("account.subsidiaries", several(), |m, v| account(m).subsidiaries = v)
            .field("account.owner_rep_id", names(), |m, v| account(m).owner_rep_id = v)
            .field("account.kind", [-1, 0, 3, i32::MIN, i32::MAX], |m, v| account(m).kind = v)
            .field("account.since", moments(), |m, v| account(m).since = Some(v))
            .of("/leadhand.account.v1.AccountService/UpsertAccounts"),
        Spoil::new(GetAccountRequest { workspace: workspace(), account_id: "known".into() })
            .field("workspace", names(), |m, v| m.workspace = v)
            .field("account_id", names(), |m, v| m.account_id = v)
            .of("/leadhand.account.v1.AccountService/GetAccount"),
        Spoil::new(MatchAccountRequest {
            workspace: workspace(),
            company_name: "Acme".into(),
            domain: "acme.com".into(),
        })
        .field("workspace", names(), |m, v| m.workspace = v)
        .field("company_name", texts(200), |m, v| m.company_name = v)
        .named(&["company_name"], "company_name", |m| {
            (m.company_name, m.domain) = (" ".into(), String::new());
        })
        .field("domain", domains(), |m, v| m.domain = v)
        .of("/leadhand.account.v1.AccountService/MatchAccount"),
        Spoil::new(DeleteAccountsRequest {
            workspace: workspace(),
            sequence: 1,
            account_id: "gone".into(),
            revision: 1,
        })
        .field("workspace", names(), |m, v| m.workspace = v)
        .field("account_id", names(), |m, v| m.account_id = v)
        .of("/leadhand.account.v1.AccountService/DeleteAccounts"),
    ]
}
