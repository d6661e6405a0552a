"""What an observer tells, as the command reads and prints it."""

import asyncio

import msgspec
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from fairlead.cli.admin import control_plane
from fairlead.cli.admin.migrate.compare import ELSEWHERE, _read, run, written
from fairlead.cli.admin.migrate.table import COMPARE
from fairlead.cli.command import Invocation, Values
from fairlead.cli.errors import UsageError
from fairlead.local.suite import SuiteState
from fairlead.model.observed import Observed, ObservedApplication, ObservedObject, Outcome


def application(name: str, outcome: Outcome, **further: object) -> ObservedApplication:
    found = ObservedApplication(namespace="argocd", name=name, outcome=outcome)
    return msgspec.structs.replace(found, **further)


async def test_an_answer_that_comes_in_pieces_is_read_whole() -> None:
    told = Observed(applications=tuple(application(f"app-{n:05}", Outcome.SAME) for n in range(5_000)))
    body = msgspec.json.encode(told)

    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for start in range(0, len(body), 100_000):
            await response.write(body[start : start + 100_000])
            await asyncio.sleep(0.01)
        return response

    served = web.Application()
    served.router.add_get("/observed", answer)
    async with TestServer(served) as server:
        assert await _read(str(server.make_url("")).rstrip("/")) == told


def test_what_is_compared_is_of_the_cluster_that_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A suite on this machine is meant where no kubeconfig is named, by whoever asks."""
    monkeypatch.delenv("KUBECONFIG", raising=False)
    state = SuiteState(pid=1, api_url="", kubeconfig="/suite/kubeconfig", kube_context="its")
    monkeypatch.setattr(control_plane, "read_state", lambda _: state)
    assert control_plane.kubeconfig_of(Values(COMPARE.flags, {})) == ("/suite/kubeconfig", "its", state)
    named = Values(COMPARE.flags, {"kubeconfig": ["mine"], "context": ["prod"]})
    assert control_plane.kubeconfig_of(named) == ("mine", "prod", None)


@pytest.mark.parametrize("flag", ELSEWHERE)
def test_a_cluster_that_what_runs_here_would_not_ask_is_refused(flag: str) -> None:
    values = Values(COMPARE.flags, {flag: ["true" if flag.startswith("insecure") else "other"]})
    with pytest.raises(UsageError, match=f"leave --{flag} out"):
        run(Invocation(program="fairlead", arguments=(), values=values))


def test_what_differs_is_named_and_what_is_the_same_only_counted() -> None:
    item = ObservedObject(kind="ConfigMap", namespace="shop", name="web", ours="OutOfSync", theirs="Synced")
    told = Observed(
        applications=(
            application("same", Outcome.SAME, ours="Synced", theirs="Synced"),
            application("web", Outcome.DIFFERS, ours="OutOfSync", theirs="Synced", objects=(item,)),
            application("lost", Outcome.UNKNOWN, theirs="Synced", reason="the path is not there"),
        )
    )

    text = written(told)

    assert "argocd/same" not in text
    assert "ConfigMap shop/web" in text
    assert "the path is not there" in text
    assert text.endswith("3 applications: 1 same, 1 differs, 1 no verdict\n")
