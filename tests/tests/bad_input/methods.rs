//! Every method of every service: a good message of it, and for each field the bad ones.

use leadhand_proto::account::v1::{
    Account, AccountKind, DeleteAccountsRequest, GetAccountRequest, MatchAccountRequest, UpsertAccountsRequest,
};
use leadhand_proto::availability::v1::stream_availability_request::Change;
use leadhand_proto::availability::v1::{
    BusyInterval, Employment, GetAvailabilityRequest, Pause, Seen, StreamAvailabilityRequest, Synced, WorkingHours,
};
use leadhand_proto::explain::v1::{ExplainDecisionRequest, WhyNotRequest};
use leadhand_proto::lead::v1::{Company, Contact, Lead};
use leadhand_proto::notification::v1::subscribe_request::Start;
use leadhand_proto::notification::v1::{Beginning, SubscribeRequest};
use leadhand_proto::policy::v1::{
    ApplyPolicyRequest, CheckPolicyRequest, GetPolicyRequest, ListPolicyVersionsRequest, RollbackPolicyRequest,
};
use leadhand_proto::pool::v1::{
    AcceptOfferRequest, ClaimLeadRequest, DeclineOfferRequest, GetLeadRequest, GetStandingRequest, ListLeadsRequest,
    ListMyLeadsRequest, ListPoolsRequest, RecordContactRequest, RecordOutcomeRequest, UpdateLeadRequest,
};
use leadhand_proto::router::v1::reroute_lead_request::Cause;
use leadhand_proto::router::v1::{Declined, RerouteLeadRequest, RouteLeadRequest};
use leadhand_tests::START;

use crate::spoil::{Method, Spoil, lead_ids, moment, moments, names, request_ids, texts};

pub(crate) const POLICY: &str = "
teams: [{id: inbound, reps: [{id: ana}, {id: bo}]}]
pools: [{id: open}]
routes:
  - {name: content, sources: [content_download], pool: open}
  - {name: offers, sources: [referral], rep: ana, offer: {within: 5m}}
default: {rotate: inbound, otherwise: {pool: open}}
";

fn lead(request: &mut RouteLeadRequest) -> &mut Lead {
    request.lead.get_or_insert_default()
}

fn company(request: &mut RouteLeadRequest) -> &mut Company {
    lead(request).company.get_or_insert_default()
}

fn contact(request: &mut RouteLeadRequest) -> &mut Contact {
    lead(request).contact.get_or_insert_default()
}

/// `RouteLead`, and `DryRun`, which is asked the same without a request id.
fn route_lead(workspace: &str, dry: bool) -> Method {
    let good = RouteLeadRequest {
        workspace: workspace.into(),
        request_id: "good".into(),
        lead: Some(Lead {
            company: Some(Company {
                name: "Example".into(),
                domain: "www.example.com".into(),
                employees: Some(1),
                industry: "software".into(),
                country: "USA".into(),
                region: "CA".into(),
                city: "Los Angeles".into(),
            }),
            contact: Some(Contact {
                name: "Jo".into(),
                title: "CTO".into(),
                email: "jo@example.com".into(),
                phone: "(213) 373-4253".into(),
            }),
            source: "webinar".into(),
            stage: 2,
            score: Some(50),
            grade: "B".into(),
            product_interest: "everything".into(),
            notes: "two\nlines".into(),
            attributes: [("utm_source".to_owned(), "x".to_owned())].into(),
            captured_at: Some(moment(START)),
        }),
    };
    let strings = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect::<Vec<_>>();
    let entries =
        |names: Vec<String>, value: &str| names.into_iter().map(|name| (name, value.to_owned())).collect::<Vec<_>>();
    let captured: Vec<_> =
        moments().into_iter().chain([moment(START + 300_001), moment(-1), moment(-62_135_596_800_000)]).collect();
    let spoil = Spoil::new(good)
        .field("workspace", names(), |m, v| m.workspace = v)
        .named(&["lead"], "lead.source", |m| m.lead = None)
        .field("lead.company.name", texts(200), |m, v| company(m).name = v)
        .field(
            "lead.company.domain",
            strings(&[
                "localhost",
                "a b.com",
                "-a.com",
                "a..com",
                "http://",
                "a.com:80",
                "a@b.com",
                &"x.".repeat(1 << 19),
            ]),
            |m, v| company(m).domain = v,
        )
        .field("lead.company.employees", [0, -1, 10_000_001, i32::MIN, i32::MAX], |m, v| company(m).employees = Some(v))
        .field("lead.company.industry", texts(100), |m, v| company(m).industry = v)
        .field(
            "lead.company.country",
            strings(&["XX", "X", "USAA", "U\0", "99", "é", &"U".repeat(1 << 20)]),
            |m, v| {
                // A region or a phone would be told as well: they are read with the country.
                company(m).region.clear();
                contact(m).phone.clear();
                company(m).country = v;
            },
        )
        .field("lead.company.region", strings(&["XX", "DE-BY", "US-", "-", "US-CA-1", &"C".repeat(1 << 20)]), |m, v| {
            company(m).region = v;
        })
        .field("lead.company.city", texts(100), |m, v| company(m).city = v)
        .field("lead.contact.name", texts(200), |m, v| contact(m).name = v)
        .field("lead.contact.title", texts(100), |m, v| contact(m).title = v)
        .field(
            "lead.contact.email",
            strings(&[
                "jo",
                "@a.com",
                "jo@",
                "jo@localhost",
                "j o@a.com",
                "jo@a.com\0",
                ".jo@a.com",
                "a@b@c.com",
                &"x".repeat(1 << 20),
            ]),
            |m, v| contact(m).email = v,
        )
        .field(
            "lead.contact.phone",
            strings(&["call me", "1", "+", "+1", &"1".repeat(65), &"1".repeat(1 << 20)]),
            |m, v| {
                contact(m).phone = v;
            },
        )
        .field("lead.source", names().into_iter().filter(|name| name != "Ana" && name != "a\n"), |m, v| {
            lead(m).source = v
        })
        .field("lead.stage", [-1, 4, i32::MIN, i32::MAX], |m, v| lead(m).stage = v)
        .field("lead.score", [-1, 101, i32::MIN, i32::MAX], |m, v| lead(m).score = Some(v))
        .field("lead.grade", texts(16), |m, v| lead(m).grade = v)
        .field("lead.product_interest", texts(200), |m, v| lead(m).product_interest = v)
        .field("lead.notes", texts(10_000), |m, v| lead(m).notes = v)
        .field("lead.attributes", entries(names(), "x"), |m, (k, v)| drop(lead(m).attributes.insert(k, v)))
        .field("lead.attributes", texts(1_000), |m, v| drop(lead(m).attributes.insert("name".into(), v)))
        .field("lead.attributes", [51, 10_000], |m, n| {
            lead(m).attributes.extend((0..n).map(|n| (format!("name_{n}"), String::new())));
        })
        .field("lead.captured_at", captured, |m, v| lead(m).captured_at = Some(v));
    if dry {
        return spoil.of("/leadhand.explain.v1.ExplainService/DryRun");
    }
    spoil.field("request_id", request_ids(), |m, v| m.request_id = v).of("/leadhand.router.v1.RouterService/RouteLead")
}

fn explain_methods(workspace: &str, lead: &str) -> Vec<Method> {
    let (workspace, lead_id) = (workspace.to_owned(), lead.to_owned());
    vec![
        Spoil::new(ExplainDecisionRequest { workspace: workspace.clone(), lead_id: lead_id.clone() })
            .field("workspace", names(), |m, v| m.workspace = v)
            .field("lead_id", lead_ids(), |m, v| m.lead_id = v)
            .of("/leadhand.explain.v1.ExplainService/ExplainDecision"),
        Spoil::new(WhyNotRequest { workspace, lead_id, rep_id: "ana".into() })
            .field("workspace", names(), |m, v| m.workspace = v)
            .field("lead_id", lead_ids(), |m, v| m.lead_id = v)
            .field("rep_id", names(), |m, v| m.rep_id = v)
            .of("/leadhand.explain.v1.ExplainService/WhyNot"),
    ]
}

fn policy_methods(workspace: &str) -> Vec<Method> {
    let apply = ApplyPolicyRequest {
        workspace: workspace.into(),
        request_id: "good".into(),
        document: POLICY.into(),
        author: "test".into(),
        comment: "why".into(),
    };
    let aliases = format!("a: &a [x]\n{}", (0..2_000).map(|n| format!("b{n}: [*a, *a]\n")).collect::<String>());
    let documents = [
        "".to_owned(),
        " \n".into(),
        "default".into(),
        "default: {}".into(),
        "\0".into(),
        "[".repeat(100_000),
        "{a: ".repeat(100_000),
        aliases,
        format!("{POLICY}unknown: 1\n"),
        POLICY.replace("{id: bo}", "{id: bo, weight: -9223372036854775808}"),
        POLICY.replace("{id: bo}", "{id: bo, weight: 99999999999999999999}"),
        POLICY.replace("{id: bo}", "{id: bo, weight: .nan}"),
        POLICY.replace("{id: bo}", "{id: 'b:o'}"),
        format!("{POLICY}contact_sla: -1h\n"),
        format!("{POLICY}contact_sla: 99999999999999999h\n"),
        "x".repeat((1 << 20) + 1),
    ];
    vec![
        Spoil::new(apply)
            .field("workspace", names(), |m, v| m.workspace = v)
            .field("request_id", request_ids(), |m, v| m.request_id = v)
            .field("document", documents, |m, v| m.document = v)
            .field("author", texts(100).into_iter().chain(["".into(), " ".into()]), |m, v| m.author = v)
            .field("comment", texts(500), |m, v| m.comment = v)
            .of("/leadhand.policy.v1.PolicyService/ApplyPolicy"),
        Spoil::new(RollbackPolicyRequest {
            workspace: workspace.into(),
            request_id: "good".into(),
            version: 1,
            author: "test".into(),
            comment: "why".into(),
        })
        .field("workspace", names(), |m, v| m.workspace = v)
        .field("request_id", request_ids(), |m, v| m.request_id = v)
        .field("version", [0], |m, v| m.version = v)
        .field("author", texts(100).into_iter().chain(["".into(), " ".into()]), |m, v| m.author = v)
        .field("comment", texts(500).into_iter().chain(["".into(), " ".into()]), |m, v| m.comment = v)
        .of("/leadhand.policy.v1.PolicyService/RollbackPolicy"),
        Spoil::new(CheckPolicyRequest { document: POLICY.into() })
            .field("document", ["".to_owned(), " \n".into(), "x".repeat((1 << 20) + 1)], |m, v| m.document = v)
            .of("/leadhand.policy.v1.PolicyService/CheckPolicy"),
        Spoil::new(ListPolicyVersionsRequest { workspace: workspace.into(), page_size: 1, page_token: "1".into() })
            .field("workspace", names(), |m, v| m.workspace = v)
            .field("page_size", [-1, 101, i32::MIN, i32::MAX], |m, v| m.page_size = v)
            .field("page_token", ["x", "0", "-1", "+1", " 1", "1.5", "18446744073709551616"], |m, v| {
                m.page_token = v.into();
            })
            .of("/leadhand.policy.v1.PolicyService/ListPolicyVersions"),
        Spoil::new(GetPolicyRequest { workspace: workspace.into(), version: Some(1) })
            .field("workspace", names(), |m, v| m.workspace = v)
            .field("version", [0], |m, v| m.version = Some(v))
            .of("/leadhand.policy.v1.PolicyService/GetPolicy"),
    ]
}

fn account(request: &mut UpsertAccountsRequest) -> &mut Account {
    request.account.get_or_insert_default()
}

fn account_methods(workspace: &str) -> Vec<Method> {
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

fn router_method(workspace: &str, offered: &str) -> Method {
    let declined = |rep: &str, reason| Some(Cause::Declined(Declined { rep_id: rep.into(), reason }));
    Spoil::new(RerouteLeadRequest {
        workspace: workspace.into(),
        request_id: "again".into(),
        lead_id: offered.into(),
        fence: 1,
        cause: declined("ana", 1),
    })
    .field("workspace", names(), |m, v| m.workspace = v)
    .field("request_id", request_ids(), |m, v| m.request_id = v)
    .field("lead_id", lead_ids(), |m, v| m.lead_id = v)
    .field("declined.rep_id", names(), |m, v| m.cause = declined(&v, 1))
    .field("declined.reason", [0, -1, 6, i32::MIN, i32::MAX], |m, v| m.cause = declined("ana", v))
    .named(&["offer_lapsed", "contact_missed", "retried"], "cause", |m| m.cause = None)
    .of("/leadhand.router.v1.RouterService/RerouteLead")
}

fn update_lead(workspace: &str, lead: &str) -> Method {
    fn company(request: &mut UpdateLeadRequest) -> &mut Company {
        request.company.get_or_insert_default()
    }
    let strings = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect::<Vec<_>>();
    Spoil::new(UpdateLeadRequest {
        workspace: workspace.into(),
        request_id: "good".into(),
        lead_id: lead.into(),
        company: Some(Company { name: "Example".into(), country: "US".into(), ..Company::default() }),
        stage: 2,
        score: Some(50),
        grade: "B".into(),
        product_interest: "everything".into(),
        notes: "two\nlines".into(),
        attributes: [("utm_source".to_owned(), "x".to_owned())].into(),
    })
    .field("workspace", names(), |m, v| m.workspace = v)
    .field("request_id", request_ids(), |m, v| m.request_id = v)
    .field("lead_id", lead_ids(), |m, v| m.lead_id = v)
    .field("company.name", texts(200), |m, v| company(m).name = v)
    .field("company.domain", strings(&["localhost", "a b.com", "a..com", "a.com:80"]), |m, v| company(m).domain = v)
    .field("company.employees", [0, -1, 10_000_001, i32::MIN], |m, v| company(m).employees = Some(v))
    .field("company.industry", texts(100), |m, v| company(m).industry = v)
    .field("company.country", strings(&["XX", "X", "USAA", "99"]), |m, v| company(m).country = v)
    .field("company.region", strings(&["XX", "DE-BY", "US-", "-"]), |m, v| company(m).region = v)
    .field("company.city", texts(100), |m, v| company(m).city = v)
    .field("stage", [-1, 4, i32::MIN, i32::MAX], |m, v| m.stage = v)
    .field("score", [-1, 101, i32::MIN, i32::MAX], |m, v| m.score = Some(v))
    .field("grade", texts(16), |m, v| m.grade = v)
    .field("product_interest", texts(200), |m, v| m.product_interest = v)
    .field("notes", texts(10_000), |m, v| m.notes = v)
    .field("attributes", names(), |m, v| drop(m.attributes.insert(v, "x".into())))
    .field("attributes", texts(1_000), |m, v| drop(m.attributes.insert("name".into(), v)))
    .of("/leadhand.pool.v1.PoolService/UpdateLead")
}

fn pool_methods(workspace: &str, free: &str, owned: &str, offered: &[String; 3]) -> Vec<Method> {
    let workspace = || workspace.to_owned();
    let tokens: Vec<_> = [
        "x",
        ".",
        "0.",
        "0.x",
        ".00000000-0000-7000-8000-000000000000",
        "1e9.00000000-0000-7000-8000-000000000000",
        "9223372036854775808.00000000-0000-7000-8000-000000000000",
        "nan.00000000-0000-7000-8000-000000000000",
        "0.00000000-0000-7000-8000-000000000000.",
    ]
    .map(str::to_owned)
    .into_iter()
    .chain(["0".repeat(1 << 20)])
    .collect();
    let my_tokens = tokens.clone();
    vec![
        Spoil::new(ListPoolsRequest { workspace: workspace() })
            .field("workspace", names(), |m, v| m.workspace = v)
            .of("/leadhand.pool.v1.PoolService/ListPools"),
        Spoil::new(ListLeadsRequest {
            workspace: workspace(),
            rep_id: "ana".into(),
            pool_id: "open".into(),
            page_size: 10,
            page_token: String::new(),
        })
        .field("workspace", names(), |m, v| m.workspace = v)
        .field("rep_id", names(), |m, v| m.rep_id = v)
        .field("pool_id", names(), |m, v| m.pool_id = v)
        .field("page_size", [-1, 501, i32::MIN, i32::MAX], |m, v| m.page_size = v)
        .field("page_token", tokens, |m, v| m.page_token = v)
        .of("/leadhand.pool.v1.PoolService/ListLeads"),
        Spoil::new(ClaimLeadRequest {
            workspace: workspace(),
            request_id: "good".into(),
            rep_id: "bo".into(),
            lead_id: free.into(),
        })
        .field("workspace", names(), |m, v| m.workspace = v)
        .field("request_id", request_ids(), |m, v| m.request_id = v)
        .field("rep_id", names(), |m, v| m.rep_id = v)
        .field("lead_id", lead_ids(), |m, v| m.lead_id = v)
        .of("/leadhand.pool.v1.PoolService/ClaimLead"),
        Spoil::new(RecordContactRequest {
            workspace: workspace(),
            request_id: "good".into(),
            rep_id: "ana".into(),
            lead_id: owned.into(),
            fence: 1,
        })
        .field("workspace", names(), |m, v| m.workspace = v)
        .field("request_id", request_ids(), |m, v| m.request_id = v)
        .field("rep_id", names(), |m, v| m.rep_id = v)
        .field("lead_id", lead_ids(), |m, v| m.lead_id = v)
        .field("fence", [0], |m, v| m.fence = v)
        .of("/leadhand.pool.v1.PoolService/RecordContact"),
        Spoil::new(AcceptOfferRequest {
            workspace: workspace(),
            request_id: "good".into(),
            rep_id: "ana".into(),
            lead_id: offered[0].clone(),
            fence: 1,
        })
        .field("workspace", names(), |m, v| m.workspace = v)
        .field("request_id", request_ids(), |m, v| m.request_id = v)
        .field("rep_id", names(), |m, v| m.rep_id = v)
        .field("lead_id", lead_ids(), |m, v| m.lead_id = v)
        .field("fence", [0], |m, v| m.fence = v)
        .of("/leadhand.pool.v1.PoolService/AcceptOffer"),
        Spoil::new(DeclineOfferRequest {
            workspace: workspace(),
            request_id: "good".into(),
            rep_id: "ana".into(),
            lead_id: offered[1].clone(),
            fence: 1,
            reason: 1,
        })
        .field("workspace", names(), |m, v| m.workspace = v)
        .field("request_id", request_ids(), |m, v| m.request_id = v)
        .field("rep_id", names(), |m, v| m.rep_id = v)
        .field("lead_id", lead_ids(), |m, v| m.lead_id = v)
        .field("fence", [0], |m, v| m.fence = v)
        .field("reason", [0, -1, 6, i32::MIN, i32::MAX], |m, v| m.reason = v)
        .of("/leadhand.pool.v1.PoolService/DeclineOffer"),
        Spoil::new(RecordOutcomeRequest {
            workspace: workspace(),
            request_id: "good".into(),
            rep_id: "ana".into(),
            lead_id: owned.into(),
            fence: 1,
            outcome: 1,
            amount: 5,
        })
        .field("workspace", names(), |m, v| m.workspace = v)
        .field("request_id", request_ids(), |m, v| m.request_id = v)
        .field("rep_id", names(), |m, v| m.rep_id = v)
        .field("lead_id", lead_ids(), |m, v| m.lead_id = v)
        .field("fence", [0], |m, v| m.fence = v)
        .field("outcome", [0, -1, 5, i32::MIN, i32::MAX], |m, v| m.outcome = v)
        .field("amount", [1, u64::MAX], |m, v| (m.outcome, m.amount) = (2, v))
        .of("/leadhand.pool.v1.PoolService/RecordOutcome"),
        Spoil::new(ListMyLeadsRequest {
            workspace: workspace(),
            rep_id: "ana".into(),
            page_size: 10,
            page_token: String::new(),
        })
        .field("workspace", names(), |m, v| m.workspace = v)
        .field("rep_id", names(), |m, v| m.rep_id = v)
        .field("page_size", [-1, 501, i32::MIN, i32::MAX], |m, v| m.page_size = v)
        .field("page_token", my_tokens, |m, v| m.page_token = v)
        .of("/leadhand.pool.v1.PoolService/ListMyLeads"),
        Spoil::new(GetLeadRequest { workspace: workspace(), rep_id: "ana".into(), lead_id: owned.into() })
            .field("workspace", names(), |m, v| m.workspace = v)
            .field("rep_id", names(), |m, v| m.rep_id = v)
            .field("lead_id", lead_ids(), |m, v| m.lead_id = v)
            .of("/leadhand.pool.v1.PoolService/GetLead"),
        Spoil::new(GetStandingRequest { workspace: workspace(), rep_id: "ana".into() })
            .field("workspace", names(), |m, v| m.workspace = v)
            .field("rep_id", names(), |m, v| m.rep_id = v)
            .of("/leadhand.pool.v1.PoolService/GetStanding"),
    ]
}

/// Makes the message one of working hours that are good.
fn hours(message: &mut StreamAvailabilityRequest) -> &mut WorkingHours {
    message.event_id.clear();
    let hours = WorkingHours { hours: "always".into(), ..WorkingHours::default() };
    match message.change.insert(Change::Hours(hours)) {
        Change::Hours(hours) => hours,
        other => panic!("{other:?}"),
    }
}

/// Makes the message one of an employment that is good.
fn employment(message: &mut StreamAvailabilityRequest) -> &mut Employment {
    message.event_id.clear();
    let employment = Employment { starts_at: Some(moment(START)), ..Employment::default() };
    match message.change.insert(Change::Employment(employment)) {
        Change::Employment(employment) => employment,
        other => panic!("{other:?}"),
    }
}

/// Makes the message one of a pause that is good.
fn pause(message: &mut StreamAvailabilityRequest) -> &mut Pause {
    message.event_id.clear();
    let pause = Pause { manager_id: "max".into(), reason: "training".into(), ..Pause::default() };
    match message.change.insert(Change::Pause(pause)) {
        Change::Pause(pause) => pause,
        other => panic!("{other:?}"),
    }
}

/// Texts that are no week.
fn weeks() -> Vec<String> {
    let bad = ["mon", "09:00-17:00", "mon 9-17", "mon 09:00-09:00", "mon 09:00-11:00 10:00-12:00", ",", "é", "a\0"];
    bad.map(str::to_owned).into_iter().chain(["mon 09:00-10:00,".repeat(1 << 16)]).collect()
}

/// Names of no time zone.
fn zones() -> Vec<String> {
    let bad = ["Mars/Olympus", "+02:00", "Etc/Unknown", "../etc/passwd", "é", "a\0"];
    bad.map(str::to_owned).into_iter().chain(["x".repeat(1 << 20)]).collect()
}

/// Those that are not empty: of a field that need not be there.
fn some(texts: Vec<String>) -> impl Iterator<Item = String> {
    texts.into_iter().filter(|text| !text.is_empty())
}

fn stream_methods(workspace: &str) -> Vec<Method> {
    let hour = 3_600_000;
    let busy = |start, end| Some(Change::Busy(BusyInterval { start, end, kind: 0 }));
    let good = StreamAvailabilityRequest {
        workspace: workspace.into(),
        sequence: 1,
        source: "google".into(),
        rep_id: "ana".into(),
        event_id: "e1".into(),
        revision: 1,
        change: busy(Some(moment(START + hour)), Some(moment(START + 2 * hour))),
    };
    let starts = moments().into_iter().map(Some).chain([None]);
    let ends = moments().into_iter().map(Some).chain([None, Some(moment(START + hour)), Some(moment(START))]);
    let never = Some(moment(253_402_300_799_000));
    let event_ids =
        ["", "é", "a\0", "a\n"].map(str::to_owned).into_iter().chain(["x".repeat(256), "x".repeat(1 << 20)]);
    let positions: Vec<_> = ["", "x", "-", "1", "1-", "-1", "1-x", "1-0-0", "$", "+", "(1-0", "18446744073709551616-0"]
        .map(str::to_owned)
        .into_iter()
        .chain(["1".repeat(1 << 20)])
        .collect();
    vec![
        Spoil::new(good)
            .field("workspace", names(), |m, v| m.workspace = v)
            .field("source", names(), |m, v| m.source = v)
            .field("rep_id", names(), |m, v| m.rep_id = v)
            .field("event_id", event_ids, |m, v| m.event_id = v)
            .named(&["cancelled"], "change", |m| m.change = None)
            .field("busy.start", starts, |m, v| m.change = busy(v, Some(moment(START + 2 * hour))))
            .field("busy.end", ends, |m, v| m.change = busy(Some(moment(START + hour)), v))
            .named(&["busy.end"], "busy.end", |m| m.change = busy(Some(moment(START)), never))
            .field("busy.kind", [-1, 9, i32::MAX], |m, v| {
                if let Some(Change::Busy(busy)) = &mut m.change {
                    busy.kind = v;
                }
            })
            .field("hours.hours", weeks(), |m, v| hours(m).hours = v)
            .field("hours.time_zone", zones(), |m, v| hours(m).time_zone = v)
            .named(&["hours.holidays"], "hours.holidays", |m| hours(m).holidays = vec!["2026-12-25".into(); 401])
            .named(&["hours.holidays"], "hours.holidays[0]", |m| hours(m).holidays = vec!["2026-02-30".into()])
            .field("employment.starts_at", moments(), |m, v| employment(m).starts_at = Some(v))
            .field("employment.ends_at", moments(), |m, v| employment(m).ends_at = Some(v))
            .named(&["employment.ends_at"], "employment.ends_at", |m| employment(m).ends_at = Some(moment(START)))
            .field("employment.manager_id", some(names()), |m, v| employment(m).manager_id = v)
            .field("pause.until", moments(), |m, v| pause(m).until = Some(v))
            .field("pause.manager_id", names(), |m, v| pause(m).manager_id = v)
            .field("pause.reason", texts(200), |m, v| pause(m).reason = v)
            .named(&["synced"], "event_id", |m| m.change = Some(Change::Synced(Synced {})))
            .field("seen.at", moments(), |m, v| {
                m.event_id.clear();
                m.change = Some(Change::Seen(Seen { at: Some(v) }));
            })
            .of("/leadhand.availability.v1.AvailabilityService/StreamAvailability"),
        Spoil::new(GetAvailabilityRequest {
            workspace: workspace.into(),
            rep_id: "ana".into(),
            at: Some(moment(START)),
        })
        .field("workspace", names(), |m, v| m.workspace = v)
        .field("rep_id", names(), |m, v| m.rep_id = v)
        .field("at", moments(), |m, v| m.at = Some(v))
        .of("/leadhand.availability.v1.AvailabilityService/GetAvailability"),
        Spoil::new(SubscribeRequest { workspace: workspace.into(), start: Some(Start::Beginning(Beginning {})) })
            .field("workspace", names(), |m, v| m.workspace = v)
            .field("after", positions, |m, v| m.start = Some(Start::After(v)))
            .named(&["beginning", "now"], "start", |m| m.start = None)
            .of("/leadhand.notification.v1.NotificationService/Subscribe"),
    ]
}

/// Every method of every service, with good input for the suite and bad.
pub(crate) fn methods(workspace: &str, free: &str, owned: &str, offered: &[String; 3]) -> Vec<Method> {
    let mut methods = vec![
        route_lead(workspace, false),
        route_lead(workspace, true),
        router_method(workspace, &offered[2]),
        update_lead(workspace, free),
    ];
    methods.extend(explain_methods(workspace, owned));
    methods.extend(policy_methods(workspace));
    methods.extend(account_methods(workspace));
    methods.extend(pool_methods(workspace, free, owned, offered));
    methods.extend(stream_methods(workspace));
    methods
}
