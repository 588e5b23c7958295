//! The pool service's RPCs: proto in, one call, proto out.

use std::pin::Pin;
use std::sync::Arc;

use futures_util::Stream;
use leadhand_domain::answer::Answer;
use leadhand_domain::guardrail::ratio::Debt;
use leadhand_domain::quota::Usage;
use leadhand_domain::refusal::Broken;
use leadhand_domain::time::Millis;
use leadhand_domain::visibility::View;
use leadhand_kit::{Clock, critical, status};
use leadhand_proto::pool::v1 as wire;
use leadhand_proto::pool::v1::pool_service_server::PoolService;
use leadhand_proto::time::timestamp;
use leadhand_proto::{conduct_wire, lead_wire, refusal, tier_wire};
use leadhand_store::{Error, Store};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status};

use crate::hub::Hubs;
use crate::router::Router;
use crate::{
    accept, browse, claim, contact, lead, lift, live, mine, outcome, request, selection, skip, standing, token, update,
    view,
};

/// The pool service.
#[derive(Debug, Clone)]
pub(crate) struct Pool {
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    pub(crate) router: Router,
    /// What is listed.
    pub(crate) hubs: Hubs,
    /// One for each watcher that there may be.
    pub(crate) watchers: Arc<Semaphore>,
    pub(crate) shutdown: CancellationToken,
}

impl Pool {
    fn now(&self) -> Millis {
        Millis(self.clock.now_ms())
    }

    fn failed(&self, error: &Error) -> Status {
        refusal::failed(&error.failure(), self.now())
    }
}

/// As much of a lead as its viewer sees.
fn visible(shown: &lead::Shown) -> leadhand_proto::lead::v1::Lead {
    match shown.view {
        View::Owner => lead_wire::whole(&shown.lead, &shown.person),
        View::Preview => lead_wire::previewed(&shown.lead, &shown.person),
    }
}

fn quota(usage: &Usage) -> wire::Quota {
    wire::Quota {
        window_ms: usage.quota.length.0,
        limit: usage.quota.limit,
        used: usage.used,
        next_free_at: usage.next_free_at.map(timestamp),
    }
}

fn block(broken: &Broken) -> wire::Block {
    wire::Block {
        reason: broken.reason.as_str().to_owned(),
        message: broken.message.clone(),
        retry_at: broken.retry_at.map(timestamp),
    }
}

fn debt_wire(debt: Debt) -> wire::Debt {
    wire::Debt { reason: debt.reason().as_str().to_owned(), leads: debt.leads() }
}

#[tonic::async_trait]
impl PoolService for Pool {
    async fn list_pools(
        &self,
        request: Request<wire::ListPoolsRequest>,
    ) -> Result<Response<wire::ListPoolsResponse>, Status> {
        let workspace = request::workspace(&request.into_inner().workspace)?;
        let pools = browse::pools(&self.store, &workspace).await.map_err(|error| self.failed(&error))?;
        let pools = pools.into_iter().map(|(pool, depth)| wire::Pool {
            pool_id: pool.to_string(),
            leads: depth.leads,
            oldest_pooled_at: depth.oldest.map(timestamp),
        });
        Ok(Response::new(wire::ListPoolsResponse { pools: pools.collect() }))
    }

    async fn list_leads(
        &self,
        request: Request<wire::ListLeadsRequest>,
    ) -> Result<Response<wire::ListLeadsResponse>, Status> {
        let now = self.now();
        let listing = request::listing(request.get_ref())?;
        let store = self.store.clone();
        let (workspace, rep, pool) = (listing.workspace.clone(), listing.rep.clone(), listing.pool.clone());
        let step = async move { selection::open(&store, &workspace, &rep, &pool, now).await };
        let shown = critical(step).await?.map_err(|error| self.failed(&error))?;
        let page = browse::page(&self.store, &self.hubs, &listing, shown, now).await;
        let page = page.map_err(|failed| failed.status(now))?;
        Ok(Response::new(wire::ListLeadsResponse {
            next_page_token: page.next.map(|place| token::page(place, &listing.stamp)).unwrap_or_default(),
            behind: page.behind,
            leads: page.leads,
        }))
    }

    type WatchPoolStream = Pin<Box<dyn Stream<Item = Result<wire::WatchPoolResponse, Status>> + Send>>;

    async fn watch_pool(
        &self,
        request: Request<wire::WatchPoolRequest>,
    ) -> Result<Response<Self::WatchPoolStream>, Status> {
        let watched = request::watched(request.get_ref())?;
        let place = self.watchers.clone().try_acquire_owned().map_err(|_| status::overloaded())?;
        let (store, clock, shutdown) = (self.store.clone(), self.clock.clone(), self.shutdown.clone());
        let watch = live::Watch::begin(store, clock, shutdown, &self.hubs, watched, place).await;
        let watch = watch.map_err(|end| end.status(self.now()))?;
        Ok(Response::new(Box::pin(watch.stream())))
    }

    async fn claim_lead(
        &self,
        request: Request<wire::ClaimLeadRequest>,
    ) -> Result<Response<wire::ClaimLeadResponse>, Status> {
        let now = self.now();
        let (workspace, request, command) = request::claim(request.get_ref())?;
        let store = self.store.clone();
        let step = async move { claim::claim(&store, &workspace, &request, &command, now).await };
        let committed = critical(step).await?.map_err(|error| self.failed(&error))?;
        let Answer::Claimed(claimed) = committed.answer else {
            return Err(refusal::internal());
        };
        Ok(Response::new(wire::ClaimLeadResponse {
            lead_id: claimed.lead.to_string(),
            fence: claimed.fence.0,
            contact_due: Some(timestamp(claimed.contact_due)),
            position: committed.position,
        }))
    }

    async fn claim_next(
        &self,
        request: Request<wire::ClaimNextRequest>,
    ) -> Result<Response<wire::ClaimNextResponse>, Status> {
        let now = self.now();
        let (workspace, request, command) = request::next(request.get_ref())?;
        let store = self.store.clone();
        let step = async move { claim::next(&store, &workspace, &request, &command, now).await };
        let committed = critical(step).await?.map_err(|error| self.failed(&error))?;
        let Answer::Claimed(claimed) = committed.answer else {
            return Err(refusal::internal());
        };
        Ok(Response::new(wire::ClaimNextResponse {
            lead_id: claimed.lead.to_string(),
            fence: claimed.fence.0,
            contact_due: Some(timestamp(claimed.contact_due)),
            position: committed.position,
        }))
    }

    async fn release_lead(
        &self,
        request: Request<wire::ReleaseLeadRequest>,
    ) -> Result<Response<wire::ReleaseLeadResponse>, Status> {
        let ask = request::release(request.get_ref())?;
        let router = self.router.clone();
        let rerouted = critical(async move { router.reroute(ask).await }).await??;
        Ok(Response::new(wire::ReleaseLeadResponse { lead_id: rerouted.lead_id, position: rerouted.position }))
    }

    async fn view_lead(
        &self,
        request: Request<wire::ViewLeadRequest>,
    ) -> Result<Response<wire::ViewLeadResponse>, Status> {
        let now = self.now();
        let (workspace, request, command) = request::view(request.get_ref())?;
        let store = self.store.clone();
        let step = async move { view::view(&store, &workspace, &request, &command, now).await };
        let shown = critical(step).await?.map_err(|error| self.failed(&error))?;
        Ok(Response::new(wire::ViewLeadResponse {
            lead: shown.transparency.map(|seen| lead_wire::detailed(&shown.lead, &shown.person, seen)),
            held_until: shown.until.map(timestamp),
            position: shown.position,
        }))
    }

    async fn skip_lead(
        &self,
        request: Request<wire::SkipLeadRequest>,
    ) -> Result<Response<wire::SkipLeadResponse>, Status> {
        let now = self.now();
        let (workspace, request, command) = request::skip(request.get_ref())?;
        let store = self.store.clone();
        let step = async move { skip::skip(&store, &workspace, &request, &command, now).await };
        let committed = critical(step).await?.map_err(|error| self.failed(&error))?;
        Ok(Response::new(wire::SkipLeadResponse { position: committed.position }))
    }

    async fn record_contact(
        &self,
        request: Request<wire::RecordContactRequest>,
    ) -> Result<Response<wire::RecordContactResponse>, Status> {
        let now = self.now();
        let (workspace, request, command) = request::contact(request.get_ref())?;
        let store = self.store.clone();
        let step = async move { contact::contact(&store, &workspace, &request, &command, now).await };
        let committed = critical(step).await?.map_err(|error| self.failed(&error))?;
        let Answer::Contacted(contacted) = committed.answer else {
            return Err(refusal::internal());
        };
        Ok(Response::new(wire::RecordContactResponse {
            contact_speed_ms: contacted.contact_speed.0,
            in_time: contacted.in_time,
            contacted_at: Some(timestamp(contacted.at)),
        }))
    }

    async fn accept_offer(
        &self,
        request: Request<wire::AcceptOfferRequest>,
    ) -> Result<Response<wire::AcceptOfferResponse>, Status> {
        let now = self.now();
        let (workspace, request, command) = request::acceptance(request.get_ref())?;
        let store = self.store.clone();
        let step = async move { accept::accept(&store, &workspace, &request, &command, now).await };
        let committed = critical(step).await?.map_err(|error| self.failed(&error))?;
        let Answer::Claimed(accepted) = committed.answer else {
            return Err(refusal::internal());
        };
        Ok(Response::new(wire::AcceptOfferResponse {
            lead_id: accepted.lead.to_string(),
            fence: accepted.fence.0,
            contact_due: Some(timestamp(accepted.contact_due)),
            position: committed.position,
        }))
    }

    async fn decline_offer(
        &self,
        request: Request<wire::DeclineOfferRequest>,
    ) -> Result<Response<wire::DeclineOfferResponse>, Status> {
        let ask = request::decline(request.get_ref())?;
        let router = self.router.clone();
        let rerouted = critical(async move { router.reroute(ask).await }).await??;
        Ok(Response::new(wire::DeclineOfferResponse { lead_id: rerouted.lead_id, position: rerouted.position }))
    }

    async fn record_outcome(
        &self,
        request: Request<wire::RecordOutcomeRequest>,
    ) -> Result<Response<wire::RecordOutcomeResponse>, Status> {
        let now = self.now();
        let (workspace, request, command) = request::outcome(request.get_ref())?;
        let store = self.store.clone();
        let step = async move { outcome::outcome(&store, &workspace, &request, &command, now).await };
        let committed = critical(step).await?.map_err(|error| self.failed(&error))?;
        let mut response = wire::RecordOutcomeResponse { position: committed.position, ..Default::default() };
        match committed.answer {
            Answer::Closed(closed) => {
                (response.closed_at, response.owned_ms) = (Some(timestamp(closed.at)), closed.owned.0);
            }
            Answer::Opportunity(opportunity) => {
                response.opportunity_at = Some(timestamp(opportunity.at));
                response.owned_ms = opportunity.owned.0;
            }
            _ => return Err(refusal::internal()),
        }
        Ok(Response::new(response))
    }

    async fn list_my_leads(
        &self,
        request: Request<wire::ListMyLeadsRequest>,
    ) -> Result<Response<wire::ListMyLeadsResponse>, Status> {
        let request::Mine { workspace, rep, after, size } = request::mine(request.get_ref())?;
        let page = mine::page(&self.store, &workspace, &rep, after, size).await;
        let page = page.map_err(|error| self.failed(&error))?;
        let leads = page.leads.iter().map(|shown| wire::MyLead {
            lead_id: shown.lead.id.to_string(),
            lead: Some(visible(shown)),
            state: Some(lead_wire::state(&shown.lead)),
        });
        Ok(Response::new(wire::ListMyLeadsResponse {
            leads: leads.collect(),
            next_page_token: page.next.map(token::mine).unwrap_or_default(),
        }))
    }

    async fn update_lead(
        &self,
        request: Request<wire::UpdateLeadRequest>,
    ) -> Result<Response<wire::UpdateLeadResponse>, Status> {
        let now = self.now();
        let (workspace, request, command) = request::update(request.into_inner(), now)?;
        let store = self.store.clone();
        let step = async move { update::update(&store, &workspace, &request, &command, now).await };
        let committed = critical(step).await?.map_err(|error| self.failed(&error))?;
        Ok(Response::new(wire::UpdateLeadResponse { position: committed.position }))
    }

    async fn get_lead(
        &self,
        request: Request<wire::GetLeadRequest>,
    ) -> Result<Response<wire::GetLeadResponse>, Status> {
        let (workspace, viewer, lead) = request::lead(request.get_ref())?;
        let shown = lead::show(&self.store, &workspace, &viewer, lead).await;
        let shown = shown.map_err(|error| self.failed(&error))?;
        Ok(Response::new(wire::GetLeadResponse {
            lead: Some(visible(&shown)),
            state: Some(lead_wire::state(&shown.lead)),
        }))
    }

    async fn lift_penalty(
        &self,
        request: Request<wire::LiftPenaltyRequest>,
    ) -> Result<Response<wire::LiftPenaltyResponse>, Status> {
        let now = self.now();
        let (workspace, request, command) = request::lift(request.get_ref())?;
        let store = self.store.clone();
        let step = async move { lift::lift(&store, &workspace, &request, &command, now).await };
        let committed = critical(step).await?.map_err(|error| self.failed(&error))?;
        Ok(Response::new(wire::LiftPenaltyResponse { position: committed.position }))
    }

    async fn get_standing(
        &self,
        request: Request<wire::GetStandingRequest>,
    ) -> Result<Response<wire::GetStandingResponse>, Status> {
        let now = self.now();
        let (workspace, rep, lead) = request::standing(request.get_ref())?;
        let standing = standing::standing(&self.store, &workspace, &rep, lead, now).await;
        let standing = standing.map_err(|error| self.failed(&error))?;
        let number = |count: u64| u32::try_from(count).unwrap_or(u32::MAX);
        Ok(Response::new(wire::GetStandingResponse {
            open: number(standing.open),
            uncontacted: number(standing.uncontacted),
            quotas: standing.quotas.iter().map(quota).collect(),
            window_until: standing.choosing.window_until.map(timestamp),
            hold: standing
                .choosing
                .hold
                .map(|hold| wire::HeldLead { lead_id: hold.lead.to_string(), until: Some(timestamp(hold.until)) }),
            skips_left: standing.choosing.skips_left,
            claims_wait_until: standing.choosing.claims_wait_until.map(timestamp),
            blocks: standing.blocks.iter().map(block).collect(),
            claimed_uncontacted: number(standing.hoarded),
            claimed_uncontacted_limit: standing.hoarding,
            tier: standing.tier.number(),
            opens_after_ms: standing.opens_after.map(|after| after.0),
            tier_basis: Some(tier_wire::basis(&standing.basis)),
            debts: standing.debts.iter().map(|debt| debt_wire(*debt)).collect(),
            misses: conduct_wire::misses(&standing.conduct, &standing.rules.misses, now),
            misses_suspend_at: standing.rules.misses.most.unwrap_or_default(),
            suspended_until: standing.conduct.suspended_until(now).map(timestamp),
            suspensions: conduct_wire::suspensions(&standing.conduct, now),
            acceptance: conduct_wire::acceptance(&standing.conduct, &standing.rules),
        }))
    }
}
