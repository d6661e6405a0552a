"""Logs of pods: merged, filtered, followed."""

import asyncio
from typing import Any

import pytest

from fairlead.app_controller.answering.log_feed import nanoseconds
from fairlead.bus import RemoteError
from fairlead.events.envelope import decode
from fairlead.rpc.logs import (
    ALL_CONTAINERS,
    CLOSE,
    NEXT,
    OPEN,
    LogLines,
    NextPodLogs,
    OpenedPodLogs,
    OpenPodLogs,
)
from tests.integration.app_controller.lab import Lab, automated, deployment
from tests.integration.app_controller.on_demand.asking import Asking, cron_job


async def test_logs_of_many_pods_are_merged_filtered_and_followed(lab: Lab, asking: Asking) -> None:
    web = deployment(replicas=3)
    web["spec"]["template"]["metadata"]["annotations"] = {
        "fairlead.dev/log": "Hello",
        "fairlead.dev/log-every": "200ms",
    }
    lab.renderer.holds(lab.repo, [web, cron_job()])
    await lab.create_app(**automated())
    await lab.synced()

    async def opened(**query: Any) -> str:
        question = OpenPodLogs(namespace=lab.namespace, name="app", **query)
        return decode(OpenedPodLogs, await asking.ask(OPEN, question)).session

    async def piece(session: str) -> LogLines:
        question = NextPodLogs(namespace=lab.namespace, name="app", session=session)
        return decode(LogLines, await asking.ask(NEXT, question))

    async def whole(**query: Any) -> list[tuple[str, str, str]]:
        session, lines = await opened(**query), []
        while session:
            found = await piece(session)
            lines += [(line.at, line.pod, line.content) for line in found.lines]
            session = "" if found.is_last else session
        return lines

    async with asyncio.timeout(60):
        while len(lines := await whole(tail_lines=3)) < 9:
            await asyncio.sleep(0.3)
    assert len({pod for _, pod, _ in lines}) == 3
    assert all(content.startswith("Hello ") for _, _, content in lines)
    assert (moments := [nanoseconds(at) or 0 for at, _, _ in lines]) == sorted(moments)

    first = min(pod for _, pod, _ in lines)
    for container, told in (("", first), (ALL_CONTAINERS, f"{first}/main")):
        assert {pod for _, pod, _ in await whole(tail_lines=1, pod=first, container=container)} == {told}
    named = {"kind": "Deployment", "group": "apps", "resource_name": "web"}
    assert len(await whole(tail_lines=1, **named)) == 3
    assert await whole(kind="CronJob", resource_name="nightly") == []
    assert await whole(filter="hello 0", match_case=True) == []
    assert next(content for _, _, content in await whole(pod=first, filter="hello 0")) == "Hello 0"
    assert await whole(pod=first, filter="!Hello") == []
    refused_lines = await whole(pod=first, previous=True)
    assert [(at, pod) for at, pod, _ in refused_lines] == [("", "")]
    assert "previous terminated container" in refused_lines[0][2]
    with pytest.raises(RemoteError) as refused:
        await opened(max_pods=2)
    assert str(refused.value) == ("max pods to view logs are reached. Please provide more granular query")

    session = await opened(pod=first, follow=True, tail_lines=1)
    seen: list[str] = []
    async with asyncio.timeout(60):
        while len(seen) < 5:
            found = await piece(session)
            assert not found.is_last
            seen += [line.content for line in found.lines]
    numbers = [int(text.split()[1]) for text in seen]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    await asking.ask(CLOSE, NextPodLogs(namespace=lab.namespace, name="app", session=session))
    with pytest.raises(RemoteError) as refused:
        await piece(session)
    assert refused.value.code == "Aborted"
