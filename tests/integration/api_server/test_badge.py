"""Badges over HTTP: asked without a session, silent until they are switched on."""

import asyncio

from fairlead.api_server.kinds import APPLICATIONS, CONFIG_MAPS
from fairlead.kube.rest import KubeClient
from tests.integration.api_server.conftest import NAMESPACE, Door, application


async def badge(door: Door, query: str) -> tuple[int, str]:
    async with door.http.get(f"{door.url}/api/badge?{query}") as answer:
        if answer.status == 200:
            assert answer.content_type == "image/svg+xml"
            assert answer.headers["Cache-Control"] == "private, no-store"
            assert answer.headers["Access-Control-Allow-Origin"] == "*"
        return answer.status, await answer.text()


async def test_a_badge_shows_what_it_may_once_it_is_switched_on(door: Door, kube: KubeClient) -> None:
    status = {"sync": {"status": "OutOfSync", "revision": "b" * 40}, "health": {"status": "Healthy"}}
    await application(kube, "badged", status=status)
    assert (await badge(door, "name=badged"))[1].count("Unknown") == 2, "off: nothing is looked up"
    config = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "argocd-cm", "labels": {"app.kubernetes.io/part-of": "argocd"}},
        "data": {"statusbadge.enabled": "true"},
    }
    await kube.create(CONFIG_MAPS, config, NAMESPACE)
    try:
        async with asyncio.timeout(30):
            while "OutOfSync" not in (await badge(door, "name=badged&revision=true&showAppName=true"))[1]:
                await asyncio.sleep(0.01)
        _, shown = await badge(door, "name=badged&revision=true&showAppName=true")
        assert "Healthy" in shown
        assert "(bbbbbbb)" in shown
        assert "badged" in shown
        assert "Not Found" in (await badge(door, "name=none"))[1]
        assert "Not Found" in (await badge(door, "name=badged&namespace=elsewhere"))[1]
        assert "OutOfSync" in (await badge(door, "project=default"))[1]
        for malformed in (
            "name=../x",
            "project=%3Cscript%3E",
            "name=badged&width=1e9",
            f"name=badged&width=000001{'0' * 5000}",
            "project=p&" * 30,
        ):
            assert (await badge(door, malformed))[0] == 400
    finally:
        await kube.delete(CONFIG_MAPS, "argocd-cm", NAMESPACE)
        await kube.delete(APPLICATIONS, "badged", NAMESPACE)
