"""What a version of a chart or an artifact says of itself, told to who may see the application."""

import asyncio

from fairlead.bus import RemoteError
from fairlead.events import decode
from fairlead.events.envelope import encode
from fairlead.kube.rest import KubeClient
from fairlead.rpc import access
from tests.integration.api_server.conftest import Answer, Door, application


async def named(door: Door, kube: KubeClient, name: str, *sources: dict[str, object]) -> str:
    spec = {
        "project": "default",
        "sources": list(sources),
        "destination": {"server": "https://kubernetes.default.svc", "namespace": "x"},
    }
    await application(kube, name, spec=spec)
    place = f"/api/v1/applications/{name}"
    async with asyncio.timeout(120):
        while (await door.ask("GET", place))[0] != 200:
            await asyncio.sleep(0.1)
    return f"{place}/revisions"


async def test_a_chart_and_an_artifact_tell_what_their_makers_said(
    door: Door, kube: KubeClient, scripted: dict[str, Answer]
) -> None:
    place = await named(
        door,
        kube,
        "versions",
        {
            "repoURL": "https://charts.example/stable",
            "chart": "redis",
            "targetRevision": "1.*",
            "helm": {"passCredentials": True},
        },
        {"repoURL": "oci://registry.example/team/config", "path": ".", "targetRevision": "stable"},
        {"repoURL": "https://git.example/team/config.git", "path": "apps/x"},
    )
    asked: list[access.DescribeVersion] = []

    async def described(_: str, payload: bytes) -> bytes:
        question = decode(access.DescribeVersion, payload)
        asked.append(question)
        if question.chart:
            told = access.DescribedVersion(
                description="A store",
                home="https://redis.example",
                maintainers=("Ann <ann@example.com>", "Bob"),
            )
        else:
            said = {"created": "2026-01-01T00:00:00Z", "source": "https://git.example/x", "other": "hidden"}
            told = access.DescribedVersion(
                annotations={f"org.opencontainers.image.{key}": value for key, value in said.items()}
            )
        return encode(told)

    scripted[access.VERSION] = described
    assert await door.ask("GET", f"{place}/1.2.3/chartdetails") == (
        200,
        {
            "description": "A store",
            "home": "https://redis.example",
            "maintainers": ["Ann <ann@example.com>", "Bob"],
        },
    )
    digest = f"sha256:{'a' * 64}"
    assert await door.ask("GET", f"{place}/{digest}/ocimetadata", sourceIndex="1") == (
        200,
        {"createdAt": "2026-01-01T00:00:00Z", "sourceUrl": "https://git.example/x"},
    )
    assert asked == [
        access.DescribeVersion(
            repo_url="https://charts.example/stable",
            project="default",
            chart="redis",
            revision="1.2.3",
            pass_credentials=True,
        ),
        access.DescribeVersion(
            repo_url="oci://registry.example/team/config", project="default", revision=digest
        ),
    ]

    async def away(_: str, __: bytes) -> bytes:
        raise RemoteError("Unknown", "chart 'redis' is not in the index of https://charts.example/stable")

    scripted[access.VERSION] = away
    for path, query, text in (
        ("1.2.3/chartdetails", {}, "chart 'redis' is not in the index of https://charts.example/stable"),
        ("1.2.3/chartdetails", {"sourceIndex": "1"}, "no chart found for application"),
        ("1.2.3/ocimetadata", {}, "no OCI source found for application"),
        ("1.2.3/ocimetadata", {"sourceIndex": "2"}, "no OCI source found for application"),
        ("1.2.3/ocimetadata", {"sourceIndex": "7"}, "source position is out of range"),
    ):
        _, answer = await door.ask("GET", f"{place}/{path}", **query)
        assert isinstance(answer, dict)
        assert (answer["code"], answer["message"]) == (2, text), (path, query)
