"""Every call that changes something leaves one record, which holds names and nothing else."""

import asyncio

import msgspec
import pytest
from structlog.testing import capture_logs

from fairlead.api_server.audit import Auditor
from fairlead.api_server.audit.target import LONGEST
from fairlead.api_server.audit.targets import KEEPS_ALL, TARGETS, target_of
from fairlead.api_server.methods.table import METHODS
from fairlead.api_server.operations.caller import Caller
from fairlead.events.public import Publication
from fairlead.events.trace import Trace, following

CANARY = "hunter2-canary"
CALLER = Caller(username="jane", issuer="argocd", token_id="t1", address="192.0.2.1")


def test_every_rpc_is_known_to_change_something_or_nothing() -> None:
    assert TARGETS.keys() <= METHODS.keys()
    assert METHODS.keys() >= KEEPS_ALL
    for rpc, method in METHODS.items():
        verbs = {route.verb for route in method.described.routes}
        if verbs - {"GET"}:
            assert (rpc in TARGETS) != (rpc in KEEPS_ALL), rpc
        else:
            assert rpc not in TARGETS, rpc


@pytest.mark.parametrize("rpc", sorted(TARGETS))
def test_a_target_is_told_of_any_request_that_can_be_read(rpc: str) -> None:
    asked = METHODS[rpc].ask()
    found = target_of(rpc, asked)
    assert found is not None
    assert found.kind
    unread = target_of(rpc, None)
    assert unread is not None
    assert unread.kind


SECRETS = {
    "/cluster.ClusterService/Create": {"cluster": {"server": "https://c", "config": {"bearerToken": CANARY}}},
    "/repository.RepositoryService/CreateRepository": {
        "repo": {"repo": f"https://user:{CANARY}@git/x", "password": CANARY, "sshPrivateKey": CANARY}
    },
    "/repocreds.RepoCredsService/CreateRepositoryCredentials": {
        "creds": {"url": f"https://{CANARY}@git", "password": CANARY}
    },
    "/account.AccountService/UpdatePassword": {
        "name": "jane",
        "currentPassword": CANARY,
        "newPassword": CANARY,
    },
    "/session.SessionService/Create": {"username": CANARY, "password": CANARY},
    "/application.ApplicationService/Patch": {"name": "web", "patch": CANARY},
    "/application.ApplicationService/PatchResource": {"name": "web", "patch": CANARY, "resourceName": "a"},
    "/application.ApplicationService/Create": {
        "application": {"metadata": {"name": "web"}, "spec": {"project": "p", "source": {"helm": CANARY}}}
    },
    "/application.ApplicationService/Sync": {
        "name": "web",
        "manifests": [CANARY],
        "infos": [{"name": CANARY, "value": CANARY}],
    },
    "/application.ApplicationService/RunResourceActionV2": {
        "name": "web",
        "action": "scale",
        "resourceActionParameters": [{"name": "x", "value": CANARY}],
    },
    "/certificate.CertificateService/CreateCertificate": {
        "certificates": {"items": [{"serverName": "git", "certData": CANARY}]}
    },
    "/gpgkey.GPGKeyService/Create": {"publickey": {"keyData": CANARY}},
    "/cluster.ClusterService/Delete": {"server": f"https://user:{CANARY}@cluster"},
    "/repository.RepositoryService/DeleteRepository": {
        "repo": f"https://user:{CANARY}{'x' * LONGEST}@git/x",
    },
}


@pytest.mark.parametrize("rpc", sorted(SECRETS))
async def test_nothing_that_may_be_secret_is_in_a_record(rpc: str) -> None:
    told: list[Publication] = []

    async def tell(event: Publication) -> None:
        told.append(event)

    auditor = Auditor(tell, lambda name: name == "jane")
    asked = msgspec.convert(SECRETS[rpc], METHODS[rpc].ask)
    with capture_logs() as logs:
        auditor.call(rpc, asked, CALLER, via="rest", code="OK")
    publishing = asyncio.create_task(auditor.run())
    async with asyncio.timeout(30):
        while not told:
            await asyncio.sleep(0)
    publishing.cancel()
    (line,) = logs
    assert line["event"] == "api.audit"
    assert CANARY not in repr(line)
    assert CANARY.encode() not in told[0].payload


async def test_a_record_says_who_from_where_what_on_what_how_and_in_which_trace() -> None:
    told: list[Publication] = []

    async def tell(event: Publication) -> None:
        told.append(event)

    auditor = Auditor(tell, lambda _: True)
    rpc = "/application.ApplicationService/Sync"
    asked = msgspec.convert(
        {"name": "web", "appNamespace": "argocd", "project": "shop", "revision": "main", "prune": True},
        METHODS[rpc].ask,
    )
    trace = Trace.start()
    with capture_logs() as logs, following(trace):
        auditor.call(rpc, asked, CALLER, via="grpc", code="PermissionDenied", milliseconds=1.5)
    publishing = asyncio.create_task(auditor.run())
    async with asyncio.timeout(30):
        while not told:
            await asyncio.sleep(0)
    publishing.cancel()
    (event,) = told
    assert event.subject == "fairlead.v1.audit.ApplicationService.Sync"
    assert event.event.type == "fairlead.v1.audit.ApplicationService.Sync"
    assert event.event.subject == "Application/argocd/web"
    assert event.event.traceparent.split("-")[1] == trace.trace_id
    assert event.event.data == {
        "action": "ApplicationService/Sync",
        "code": "PermissionDenied",
        "kind": "Application",
        "name": "web",
        "namespace": "argocd",
        "user": "jane",
        "issuer": "argocd",
        "session": "t1",
        "address": "192.0.2.1",
        "via": "grpc",
        "project": "shop",
        "details": {"revision": "main", "prune": "true"},
        "milliseconds": 1.5,
    }
    (line,) = logs
    assert line["trace"] == trace.trace_id
    assert line["security"] == 2


async def test_a_call_that_reads_leaves_no_record() -> None:
    async def tell(_: Publication) -> None:
        raise AssertionError

    with capture_logs() as logs:
        auditor = Auditor(tell, lambda _: True)
        auditor.call("/application.ApplicationService/List", None, CALLER, via="rest", code="OK")
        auditor.call("unknown", None, CALLER, via="rest", code="Unimplemented")
    assert logs == []
