"""A client that knows Leadhand by its protos alone: stubs made by grpcio-tools, errors read by grpcio-status.

Usage: client.py ADDRESS STUBS POLICY

Prints one JSON document: what each step saw.
"""

import json
import sys

import grpc
from google.protobuf.timestamp_pb2 import Timestamp
from google.rpc import error_details_pb2
from grpc_status import rpc_status

ADDRESS, STUBS, POLICY = sys.argv[1:]
sys.path.insert(0, STUBS)

from leadhand.availability.v1 import availability_service_pb2 as availability  # noqa: E402
from leadhand.availability.v1 import availability_service_pb2_grpc as availability_grpc  # noqa: E402
from leadhand.lead.v1 import lead_pb2 as lead  # noqa: E402
from leadhand.notification.v1 import notification_service_pb2 as notification  # noqa: E402
from leadhand.notification.v1 import notification_service_pb2_grpc as notification_grpc  # noqa: E402
from leadhand.policy.v1 import policy_service_pb2 as policy  # noqa: E402
from leadhand.policy.v1 import policy_service_pb2_grpc as policy_grpc  # noqa: E402
from leadhand.pool.v1 import browse_pb2 as browse  # noqa: E402
from leadhand.pool.v1 import claim_pb2 as claims  # noqa: E402
from leadhand.pool.v1 import pool_service_pb2 as pool  # noqa: E402
from leadhand.pool.v1 import pool_service_pb2_grpc as pool_grpc  # noqa: E402
from leadhand.pool.v1 import work_pb2 as work  # noqa: E402
from leadhand.router.v1 import router_service_pb2 as router  # noqa: E402
from leadhand.router.v1 import router_service_pb2_grpc as router_grpc  # noqa: E402

WORKSPACE = "python"
SECONDS = 20


def refusal(call, request):
    """What a refused call tells: its code and every detail."""
    try:
        call(request, timeout=SECONDS)
    except grpc.RpcError as error:
        told = {"code": error.code().name}
        for detail in rpc_status.from_call(error).details:
            for kind in (
                error_details_pb2.ErrorInfo,
                error_details_pb2.RetryInfo,
                error_details_pb2.QuotaFailure,
                error_details_pb2.BadRequest,
            ):
                message = kind()
                if detail.Unpack(message):
                    if kind is error_details_pb2.ErrorInfo:
                        told["reason"], told["domain"] = message.reason, message.domain
                    elif kind is error_details_pb2.RetryInfo:
                        told["retry_after_s"] = message.retry_delay.ToTimedelta().total_seconds()
                    elif kind is error_details_pb2.QuotaFailure:
                        told["quotas"] = [violation.subject for violation in message.violations]
                    else:
                        told["fields"] = [[v.field, v.description] for v in message.field_violations]
        return told
    return {"code": "OK"}


def apply_policy(stub):
    document = open(POLICY, encoding="utf-8").read()
    request = policy.ApplyPolicyRequest(
        workspace=WORKSPACE, request_id="policy", document=document, author="python", comment="a test"
    )
    broken = policy.ApplyPolicyRequest(
        workspace=WORKSPACE, request_id="broken", document="teams: []\ndefault: {pool: nowhere}\n", author="python"
    )
    missing = refusal(stub.GetPolicy, policy.GetPolicyRequest(workspace=WORKSPACE))
    number = stub.ApplyPolicy(request, timeout=SECONDS).version.number
    active = stub.GetPolicy(policy.GetPolicyRequest(workspace=WORKSPACE), timeout=SECONDS)
    return {
        "missing": missing,
        "number": number,
        "same_document": active.document == document,
        "author": active.version.author,
        "broken": refusal(stub.ApplyPolicy, broken),
    }


def lead_request(request_id, source, **fields):
    return router.RouteLeadRequest(
        workspace=WORKSPACE, request_id=request_id, lead=lead.Lead(source=source, **fields)
    )


def route(stub):
    contact = lead.Contact(name="Jo Doe", email="Jo@Acme.example")
    request = lead_request("r1", "demo_request", contact=contact, score=91)
    first = stub.RouteLead(request, timeout=SECONDS)
    company = lead.Company(domain="acme.example")
    bad = lead_request("r2", "", company=company, contact=lead.Contact(email="nobody"), score=101)
    return {
        "outcome": first.WhichOneof("outcome"),
        "rep": first.assigned.rep_id,
        "fence": first.assigned.fence,
        "same_again": stub.RouteLead(request, timeout=SECONDS) == first,
        "other_body": refusal(stub.RouteLead, lead_request("r1", "webinar")),
        "bad": refusal(stub.RouteLead, bad),
    }, first


def claim(stub, routes):
    leads = []
    for n in range(4):
        request = lead_request(f"pooled-{n}", "content_download")
        leads.append(routes.RouteLead(request, timeout=SECONDS).lead_id)

    listed, token, pages = [], "", 0
    while token or not pages:
        request = browse.ListLeadsRequest(
            workspace=WORKSPACE, rep_id="bo", pool_id="open", page_size=3, page_token=token
        )
        page = stub.ListLeads(request, timeout=SECONDS)
        listed += [preview.lead_id for preview in page.leads]
        token, pages = page.next_page_token, pages + 1

    def take(rep, n):
        return claims.ClaimLeadRequest(
            workspace=WORKSPACE, request_id=f"claim-{n}", rep_id=rep, lead_id=leads[n]
        )

    claimed = [stub.ClaimLead(take("bo", n), timeout=SECONDS) for n in range(3)]
    fields = ["workspace", "request_id", "rep_id", "lead_id"]
    pools = stub.ListPools(browse.ListPoolsRequest(workspace=WORKSPACE), timeout=SECONDS).pools
    standing = stub.GetStanding(pool.GetStandingRequest(workspace=WORKSPACE, rep_id="bo"), timeout=SECONDS)
    return {
        "same_leads": sorted(listed) == sorted(leads),
        "pages": pages,
        "fences": [one.fence for one in claimed],
        "pools": [[one.pool_id, one.leads] for one in pools],
        "used": [quota.used for quota in standing.quotas],
        "quota": refusal(stub.ClaimLead, take("bo", 3)),
        "taken": refusal(stub.ClaimLead, take("cy", 0)),
        "empty": sorted(field for field, _ in refusal(stub.ClaimLead, claims.ClaimLeadRequest())["fields"]) == sorted(fields),
    }, claimed[0]


def contact(stub, claimed):
    def request(rep, request_id):
        return work.RecordContactRequest(
            workspace=WORKSPACE, request_id=request_id, rep_id=rep, lead_id=claimed.lead_id, fence=claimed.fence
        )

    answer = stub.RecordContact(request("bo", "contact"), timeout=SECONDS)
    looked = pool.GetLeadRequest(workspace=WORKSPACE, rep_id="bo", lead_id=claimed.lead_id)
    state = stub.GetLead(looked, timeout=SECONDS).state
    return {
        "in_time": answer.in_time,
        "contacted": state.contacted_at == answer.contacted_at,
        "place": lead.Place.Name(state.place),
        "stranger": refusal(stub.RecordContact, request("cy", "stranger")),
    }


def calendar(stub, routes, now):
    def change(sequence, revision):
        busy = availability.BusyInterval(
            start=Timestamp(seconds=now.seconds - 60),
            end=Timestamp(seconds=now.seconds + 3600),
            kind=availability.INTERVAL_KIND_OUT_OF_OFFICE,
        )
        return availability.StreamAvailabilityRequest(
            workspace=WORKSPACE,
            sequence=sequence,
            source="calendar",
            rep_id="ana",
            event_id="meeting",
            revision=revision,
            busy=busy,
        )

    changes = iter([change(1, 1), change(2, 1), change(3, 2)])
    acknowledged = [[a.sequence, a.changed] for a in stub.StreamAvailability(changes, timeout=SECONDS)]
    asked = availability.GetAvailabilityRequest(workspace=WORKSPACE, rep_id="ana", at=now)
    answer = stub.GetAvailability(asked, timeout=SECONDS)
    routed = [
        routes.RouteLead(lead_request(f"busy-{n}", "demo_request"), timeout=SECONDS).assigned.rep_id for n in range(4)
    ]
    return {"acknowledged": acknowledged, "available": answer.available, "routed": routed}


def subscribe(stub):
    def follow(enough, **start):
        stream = stub.Subscribe(notification.SubscribeRequest(workspace=WORKSPACE, **start), timeout=SECONDS)
        events = []
        for message in stream:
            if message.WhichOneof("item") == "caught_up":
                break
            events.append(message.event)
            if len(events) == enough:
                break
        stream.cancel()
        return events

    first = follow(5, beginning=notification.Beginning())
    rest = follow(None, after=first[-1].position)
    whole = follow(None, beginning=notification.Beginning())
    return {
        "kinds": [event.WhichOneof("kind") for event in whole],
        "resumed": first + rest == whole,
        "skips": [[skip.rep_id for skip in event.decision.skips] for event in whole if event.decision.skips],
        "malformed": refusal(
            lambda request, timeout: list(stub.Subscribe(request, timeout=timeout)),
            notification.SubscribeRequest(workspace=WORKSPACE, after="yesterday"),
        ),
    }


def main():
    with grpc.insecure_channel(ADDRESS) as channel:
        routes = router_grpc.RouterServiceStub(channel)
        pools = pool_grpc.PoolServiceStub(channel)
        saw = {"policy": apply_policy(policy_grpc.PolicyServiceStub(channel))}
        saw["route"], _ = route(routes)
        saw["claim"], claimed = claim(pools, routes)
        saw["contact"] = contact(pools, claimed)
        # Two hours are what the policy gives for the first contact.
        now = Timestamp(seconds=claimed.contact_due.seconds - 2 * 3600)
        saw["calendar"] = calendar(availability_grpc.AvailabilityServiceStub(channel), routes, now)
        saw["subscribe"] = subscribe(notification_grpc.NotificationServiceStub(channel))
    print(json.dumps(saw, indent=1))


main()
