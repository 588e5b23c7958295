//! The pool's methods.

use leadhand_proto::pool::v1::{
    AcceptOfferRequest, ClaimLeadRequest, ClaimNextRequest, DeclineOfferRequest, GetLeadRequest, GetStandingRequest,
    LiftPenaltyRequest, ListLeadsRequest, ListMyLeadsRequest, ListPoolsRequest, RecordContactRequest,
    RecordOutcomeRequest, ReleaseLeadRequest, SkipLeadRequest, UpdateLeadRequest, ViewLeadRequest, WatchPoolRequest,
};

use super::*;

pub(super) fn update_lead(workspace: &str, lead: &str) -> Method {
    fn company(request: &mut UpdateLeadRequest) -> &mut Company {
        request.company.get_or_insert_default()
    }
    fn engagement(request: &mut UpdateLeadRequest) -> &mut Engagement {
        request.engagement.get_or_insert_default()
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
        engagement: Some(Engagement {
            opens: Some(0),
            visits: Some(1),
            counters: [("downloads".to_owned(), 2)].into(),
        }),
        form_responses: [("How many seats?".to_owned(), "two".to_owned())].into(),
        qualification: Some(Qualification { budget: "20 k".into(), ..Qualification::default() }),
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
    .field("qualification.budget", texts(100), |m, v| m.qualification.get_or_insert_default().budget = v)
    .field("qualification.timeline", texts(100), |m, v| m.qualification.get_or_insert_default().timeline = v)
    .field("qualification.authority", texts(100), |m, v| m.qualification.get_or_insert_default().authority = v)
    .field("engagement.opens", [-1, i32::MIN], |m, v| engagement(m).opens = Some(v))
    .field("engagement.visits", [-1, i32::MIN], |m, v| engagement(m).visits = Some(v))
    .field("engagement.counters", [-1, i32::MIN], |m, v| {
        engagement(m).counters.insert("name".into(), v);
    })
    .field("form_responses", texts(200), |m, v| drop(m.form_responses.insert(v, "x".into())))
    .field("form_responses", texts(2_000), |m, v| drop(m.form_responses.insert("q".into(), v)))
    .of("/leadhand.pool.v1.PoolService/UpdateLead")
}

/// Without the empty one, where that is left out and means nothing in particular.
fn some(values: Vec<String>) -> Vec<String> {
    values.into_iter().filter(|value| !value.is_empty()).collect()
}

/// Texts that are no condition on what a preview shows.
fn filters() -> Vec<String> {
    let bad =
        [" ", "lead", "lead.score", "lead.score >= 'a'", "lead.contact.email == 'a'", "lead.company.country == 'DE'"];
    let hidden =
        ["lead.attributes.a == 'b'", "has(lead.captured_at)", "lead.notes == ''", "[1].all(x, true)", "a\0b", "("];
    bad.into_iter().chain(hidden).map(str::to_owned).chain(["true && ".repeat(1 << 16)]).collect()
}

/// Texts in which there is nothing to search for, or too much.
fn searches() -> Vec<String> {
    texts(200).into_iter().chain(["?!".into(), "a b c d e f g h i".into()]).collect()
}

pub(super) fn pool_methods(workspace: &str, free: &str, owned: &str, offered: &[String; 3]) -> Vec<Method> {
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
            filter: "lead.score >= 50".into(),
            sort: 3,
            search: "exa".into(),
        })
        .field("workspace", names(), |m, v| m.workspace = v)
        .field("rep_id", names(), |m, v| m.rep_id = v)
        .field("pool_id", names(), |m, v| m.pool_id = v)
        .field("page_size", [-1, 501, i32::MIN, i32::MAX], |m, v| m.page_size = v)
        .field("page_token", tokens.clone(), |m, v| m.page_token = v)
        .field("filter", filters(), |m, v| m.filter = v)
        .field("sort", [-1, 6, i32::MIN, i32::MAX], |m, v| m.sort = v)
        .field("search", searches(), |m, v| m.search = v)
        .of("/leadhand.pool.v1.PoolService/ListLeads"),
        Spoil::new(WatchPoolRequest {
            workspace: workspace(),
            rep_id: "ana".into(),
            pool_id: "open".into(),
            filter: "lead.score >= 50".into(),
            search: "exa".into(),
            after: String::new(),
        })
        .field("workspace", names(), |m, v| m.workspace = v)
        .field("rep_id", names(), |m, v| m.rep_id = v)
        .field("pool_id", names(), |m, v| m.pool_id = v)
        .field("filter", filters(), |m, v| m.filter = v)
        .field("search", searches(), |m, v| m.search = v)
        .field("after", tokens.into_iter().chain(["1-0".into(), "1-0.5.1.0123456789abcdef".into()]), |m, v| m.after = v)
        .of("/leadhand.pool.v1.PoolService/WatchPool"),
        Spoil::new(ViewLeadRequest {
            workspace: workspace(),
            request_id: "good".into(),
            rep_id: "bo".into(),
            lead_id: free.into(),
        })
        .field("workspace", names(), |m, v| m.workspace = v)
        .field("request_id", request_ids(), |m, v| m.request_id = v)
        .field("rep_id", names(), |m, v| m.rep_id = v)
        .field("lead_id", lead_ids(), |m, v| m.lead_id = v)
        .of("/leadhand.pool.v1.PoolService/ViewLead"),
        Spoil::new(SkipLeadRequest {
            workspace: workspace(),
            request_id: "good".into(),
            rep_id: "bo".into(),
            lead_id: free.into(),
            reason: 1,
        })
        .field("workspace", names(), |m, v| m.workspace = v)
        .field("request_id", request_ids(), |m, v| m.request_id = v)
        .field("rep_id", names(), |m, v| m.rep_id = v)
        .field("lead_id", lead_ids(), |m, v| m.lead_id = v)
        .field("reason", [0, -1, 7, i32::MIN, i32::MAX], |m, v| m.reason = v)
        .of("/leadhand.pool.v1.PoolService/SkipLead"),
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
        Spoil::new(ClaimNextRequest {
            workspace: workspace(),
            request_id: "good".into(),
            rep_id: "bo".into(),
            pool_id: "open".into(),
        })
        .field("workspace", names(), |m, v| m.workspace = v)
        .field("request_id", request_ids(), |m, v| m.request_id = v)
        .field("rep_id", names(), |m, v| m.rep_id = v)
        .field("pool_id", some(names()), |m, v| m.pool_id = v)
        .of("/leadhand.pool.v1.PoolService/ClaimNext"),
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
        Spoil::new(ReleaseLeadRequest {
            workspace: workspace(),
            request_id: "good".into(),
            rep_id: "ana".into(),
            lead_id: offered[0].clone(),
            fence: 1,
            reason: 1,
        })
        .field("workspace", names(), |m, v| m.workspace = v)
        .field("request_id", request_ids(), |m, v| m.request_id = v)
        .field("rep_id", names(), |m, v| m.rep_id = v)
        .field("lead_id", lead_ids(), |m, v| m.lead_id = v)
        .field("fence", [0], |m, v| m.fence = v)
        .field("reason", [0, -1, 5, 7, i32::MIN, i32::MAX], |m, v| m.reason = v)
        .of("/leadhand.pool.v1.PoolService/ReleaseLead"),
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
        .field("outcome", [0, -1, 6, i32::MIN, i32::MAX], |m, v| m.outcome = v)
        .field("amount", [1, u64::MAX], |m, v| (m.outcome, m.amount) = (2, v))
        .field("amount", [1, u64::MAX], |m, v| (m.outcome, m.amount) = (5, v))
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
        Spoil::new(LiftPenaltyRequest {
            workspace: workspace(),
            request_id: "good".into(),
            manager_id: "max".into(),
            rep_id: "cy".into(),
            penalty: 2,
            lead_id: String::new(),
            reason: 1,
        })
        .field("workspace", names(), |m, v| m.workspace = v)
        .field("request_id", request_ids(), |m, v| m.request_id = v)
        .field("manager_id", names(), |m, v| m.manager_id = v)
        .field("rep_id", names(), |m, v| m.rep_id = v)
        .field("penalty", [0, -1, 4, i32::MIN, i32::MAX], |m, v| m.penalty = v)
        .field("lead_id", lead_ids(), |m, v| (m.penalty, m.lead_id) = (1, v))
        .field("lead_id", [owned.to_owned()], |m, v| m.lead_id = v)
        .field("reason", [0, -1, 7, i32::MIN, i32::MAX], |m, v| m.reason = v)
        .of("/leadhand.pool.v1.PoolService/LiftPenalty"),
        Spoil::new(GetStandingRequest { workspace: workspace(), rep_id: "ana".into(), lead_id: owned.into() })
            .field("workspace", names(), |m, v| m.workspace = v)
            .field("rep_id", names(), |m, v| m.rep_id = v)
            .field("lead_id", some(lead_ids()), |m, v| m.lead_id = v)
            .of("/leadhand.pool.v1.PoolService/GetStanding"),
    ]
}
