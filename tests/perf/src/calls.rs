//! The calls that are measured.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use futures_util::FutureExt;
use leadhand_proto::pool::v1::pool_service_client::PoolServiceClient;
use leadhand_proto::pool::v1::{ClaimLeadRequest, RecordContactRequest};
use leadhand_proto::router::v1::RouteLeadRequest;
use leadhand_proto::router::v1::route_lead_response::Outcome as Routed;
use leadhand_proto::router::v1::router_service_client::RouterServiceClient;
use tonic::Status;

use crate::Outcome;
use crate::floor::{self, wire};
use crate::load::Call;
use crate::sample::{GUARDED, POOLED, ROTATED, WORKSPACE, account_domain, claimer, guarded_score, lead};
use crate::stage::{Lanes, Stage};
use wire::floor_service_client::FloorServiceClient;

/// Leads that one slice of a round pools, the next claims and a third contacts.
pub(crate) struct Leads {
    workspace: &'static str,
    /// The number of the first call.
    first: usize,
    leads: Vec<Pooled>,
}

#[derive(Default)]
struct Pooled {
    id: OnceLock<String>,
    fence: AtomicU64,
}

impl Leads {
    /// Room for so many leads, none pooled yet.
    pub(crate) fn new(stage: &Stage, calls: usize) -> Arc<Self> {
        Arc::new(Self { workspace: WORKSPACE, first: stage.numbers(calls), leads: Self::room(calls) })
    }

    /// The same where every guardrail is on.
    pub(crate) fn guarded(stage: &Stage, calls: usize) -> Arc<Self> {
        Arc::new(Self { workspace: GUARDED, first: stage.claim_numbers(calls), leads: Self::room(calls) })
    }

    fn room(calls: usize) -> Vec<Pooled> {
        (0..calls).map(|_| Pooled::default()).collect()
    }

    /// The `n`th lead's id.
    pub(crate) fn id(&self, n: usize) -> Result<String, Status> {
        self.leads[n].id.get().cloned().ok_or_else(|| Status::internal("the lead was not pooled"))
    }
}

/// Echo: an RPC that does nothing.
pub(crate) fn echo(lanes: &Lanes) -> Call {
    let clients: Vec<_> = lanes.iter().cloned().map(FloorServiceClient::new).collect();
    Arc::new(move |lane, n| {
        let mut client = clients[lane].clone();
        let wire::ClaimRequest { workspace, request_id, rep_id, lead_id } = claim_of(n);
        let request = wire::EchoRequest { workspace, request_id, rep_id, lead_id };
        async move { client.echo(request).await.map(drop) }.boxed()
    })
}

/// The floor, after the pool was filled with what its calls take out.
pub(crate) async fn floor(stage: &Stage, lanes: &Lanes, calls: usize) -> Outcome<Call> {
    let first = prepare_floor(stage, calls).await?;
    let clients: Vec<_> = lanes.iter().cloned().map(FloorServiceClient::new).collect();
    Ok(Arc::new(move |lane, n| {
        let mut client = clients[lane].clone();
        let request = claim_of(first + n);
        async move { client.claim(request).await.map(drop) }.boxed()
    }))
}

/// The floor's script without an RPC.
pub(crate) async fn script(stage: &Stage, calls: usize) -> Outcome<Call> {
    let first = prepare_floor(stage, calls).await?;
    let script = stage.script.clone();
    Ok(Arc::new(move |_, n| {
        let script = script.clone();
        async move { script.commit(&claim_of(first + n)).await.map(drop) }.boxed()
    }))
}

async fn prepare_floor(stage: &Stage, calls: usize) -> Outcome<usize> {
    let first = stage.numbers(calls);
    stage.script.fill((first..first + calls).map(|n| claim_of(n).lead_id)).await?;
    Ok(first)
}

fn claim_of(n: usize) -> wire::ClaimRequest {
    wire::ClaimRequest {
        workspace: floor::WORKSPACE.into(),
        request_id: format!("request-{n:012}"),
        rep_id: claimer(n),
        // As long as a lead's id.
        lead_id: format!("{n:036}"),
    }
}

/// Routes leads to a rotation.
pub(crate) fn rotate(stage: &Stage, lanes: &Lanes, calls: usize) -> Call {
    let first = stage.numbers(calls);
    let clients: Vec<_> = lanes.iter().cloned().map(RouterServiceClient::new).collect();
    Arc::new(move |lane, n| {
        let mut client = clients[lane].clone();
        async move {
            match client.route_lead(route_request(ROTATED, first + n)).await?.into_inner().outcome {
                Some(Routed::Assigned(_)) => Ok(()),
                other => Err(Status::internal(format!("expected an assignment, not {other:?}"))),
            }
        }
        .boxed()
    })
}

/// Routes leads in these workspaces in turn, each to a rep; with accounts, each of the company of one of so many.
pub(crate) fn in_turn(
    stage: &Stage,
    lanes: &Lanes,
    calls: usize,
    workspaces: &[String],
    accounts: Option<usize>,
) -> Call {
    let first = stage.numbers(calls);
    let clients: Vec<_> = lanes.iter().cloned().map(RouterServiceClient::new).collect();
    let workspaces: Arc<[String]> = workspaces.into();
    Arc::new(move |lane, n| {
        let mut client = clients[lane].clone();
        let mut request = route_request(ROTATED, first + n);
        request.workspace.clone_from(&workspaces[(first + n) % workspaces.len()]);
        if let Some(accounts) = accounts {
            let lead = request.lead.get_or_insert_default();
            lead.company.get_or_insert_default().domain = account_domain((first + n).wrapping_mul(7_919) % accounts);
            // Somebody else of the same company, whom a few accounts meet again and again.
            lead.contact.get_or_insert_default().name = format!("Maria Anders {}", first + n);
        }
        async move {
            let routed = client.route_lead(request).await?.into_inner();
            match routed.outcome {
                Some(Routed::Assigned(_)) if (routed.route == "account_owner") == accounts.is_some() => Ok(()),
                other => Err(Status::internal(format!("by {}: {other:?}", routed.route))),
            }
        }
        .boxed()
    })
}

/// Routes leads of companies that are accounts: each to its account's owner.
pub(crate) fn to_owner(stage: &Stage, lanes: &Lanes, calls: usize, accounts: usize) -> Call {
    let first = stage.numbers(calls);
    let clients: Vec<_> = lanes.iter().cloned().map(RouterServiceClient::new).collect();
    Arc::new(move |lane, n| {
        let mut client = clients[lane].clone();
        // In no order, so that no two slices find the same ones warm.
        let account = (first + n).wrapping_mul(7_919) % accounts;
        async move {
            let mut request = route_request(ROTATED, first + n);
            let company = request.lead.get_or_insert_default().company.get_or_insert_default();
            company.domain = account_domain(account);
            match client.route_lead(request).await?.into_inner().outcome {
                Some(Routed::Assigned(assigned)) if assigned.rep_id == claimer(account) => Ok(()),
                other => Err(Status::internal(format!("expected the account's owner, not {other:?}"))),
            }
        }
        .boxed()
    })
}

/// Routes leads into the pool.
pub(crate) fn pool(leads: &Arc<Leads>, lanes: &Lanes) -> Call {
    let clients: Vec<_> = lanes.iter().cloned().map(RouterServiceClient::new).collect();
    let leads = leads.clone();
    Arc::new(move |lane, n| {
        let (mut client, leads) = (clients[lane].clone(), leads.clone());
        async move {
            let mut request = route_request(POOLED, leads.first + n);
            if leads.workspace == GUARDED {
                request.lead.get_or_insert_default().score = Some(guarded_score(leads.first + n));
            }
            request.workspace = leads.workspace.into();
            let routed = client.route_lead(request).await?.into_inner();
            let Some(Routed::Pooled(_)) = routed.outcome else {
                return Err(Status::internal(format!("expected a place in the pool, not {:?}", routed.outcome)));
            };
            leads.leads[n].id.set(routed.lead_id).map_err(|_| Status::internal("pooled twice"))
        }
        .boxed()
    })
}

/// Claims the leads that [`pool`] pooled.
pub(crate) fn claim(leads: &Arc<Leads>, lanes: &Lanes) -> Call {
    let clients: Vec<_> = lanes.iter().cloned().map(PoolServiceClient::new).collect();
    let leads = leads.clone();
    Arc::new(move |lane, n| {
        let (mut client, leads) = (clients[lane].clone(), leads.clone());
        async move {
            let mut request = claim_request(claimer(leads.first + n), leads.id(n)?);
            request.workspace = leads.workspace.into();
            let claimed = client.claim_lead(request).await?.into_inner();
            leads.leads[n].fence.store(claimed.fence, Ordering::Relaxed);
            Ok(())
        }
        .boxed()
    })
}

/// Contacts the leads that [`claim`] claimed.
pub(crate) fn contact(leads: &Arc<Leads>, lanes: &Lanes) -> Call {
    let clients: Vec<_> = lanes.iter().cloned().map(PoolServiceClient::new).collect();
    let leads = leads.clone();
    Arc::new(move |lane, n| {
        let (mut client, leads) = (clients[lane].clone(), leads.clone());
        async move {
            let lead_id = leads.id(n)?;
            let request = RecordContactRequest {
                workspace: leads.workspace.into(),
                request_id: format!("contact-{lead_id}"),
                rep_id: claimer(leads.first + n),
                lead_id,
                fence: leads.leads[n].fence.load(Ordering::Relaxed),
            };
            client.record_contact(request).await.map(drop)
        }
        .boxed()
    })
}

fn route_request(source: &str, n: usize) -> RouteLeadRequest {
    RouteLeadRequest {
        workspace: WORKSPACE.into(),
        request_id: format!("request-{n:012}"),
        lead: Some(lead(source, n)),
    }
}

/// A claim of a lead by a rep, who claims it once.
pub(crate) fn claim_request(rep_id: String, lead_id: String) -> ClaimLeadRequest {
    ClaimLeadRequest { workspace: WORKSPACE.into(), request_id: format!("claim-{lead_id}"), rep_id, lead_id }
}
