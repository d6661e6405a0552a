"""Who is told of requests to API servers, and what they are told."""

import asyncio

import pytest

from fairlead.kube import sent
from fairlead.kube.sent import Sent, told


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/api/v1/namespaces/web/pods/a", ("Get", "pods", "web", "a", False)),
        ("GET", "/api/v1/namespaces/web", ("Get", "namespaces", "", "web", False)),
        ("GET", "/api/v1/nodes?limit=5", ("List", "nodes", "", "", False)),
        ("GET", "/apis/apps/v1/deployments?watch=1&x=2", ("Watch", "deployments", "", "", False)),
        (
            "PATCH",
            "/apis/apps/v1/namespaces/web/deployments/a?fieldManager=x&dryRun=All",
            ("Patch", "deployments", "web", "a", True),
        ),
        ("POST", "/api/v1/namespaces/web/configmaps", ("Create", "configmaps", "web", "", False)),
        ("DELETE", "/apis/batch/v1/namespaces/web/jobs/a", ("Delete", "jobs", "web", "a", False)),
        ("GET", "/version", ("Unknown", "", "", "", False)),
    ],
)
def test_a_path_says_what_a_request_is_about(
    method: str, path: str, expected: tuple[str, str, str, str, bool]
) -> None:
    assert Sent("https://c", method, path, 200, 0.1).target == expected


async def test_a_listener_hears_of_the_tasks_of_its_block_and_of_no_others() -> None:
    heard: list[str] = []

    async def request(name: str) -> None:
        sent.tell("https://c", "GET", name, 200, 0.0)

    with told(lambda one: heard.append(f"outer {one.path}")):
        with told(lambda one: heard.append(f"inner {one.path}")):
            await asyncio.create_task(request("a"))
        await request("b")
    await request("c")
    assert heard == ["outer a", "inner a", "outer b"]


async def test_a_listener_that_fails_troubles_no_request() -> None:
    def fail(_: Sent) -> None:
        raise ValueError

    with told(fail):
        sent.tell("https://c", "GET", "/version", 200, 0.0)
