"""What clients are told of settings follows an edit at once; strangers are told the public part."""

import asyncio

import msgspec

from fairlead.api_server.kinds import APPLICATIONS, CONFIG_MAPS
from fairlead.kube.rest import KubeClient
from tests.integration.api_server.conftest import NAMESPACE, Door, application
from tests.integration.api_server.test_projects import asked, refused

PATH = "/api/v1/settings"
FOR_MEMBERS = {"controllerNamespace", "passwordPattern", "resourceOverrides", "uiBannerContent"}


def config(name: str, **data: str) -> dict[str, object]:
    labels = {"app.kubernetes.io/part-of": "argocd"}
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "labels": labels},
        "data": {key.replace("__", "."): value for key, value in data.items()},
    }


async def test_an_edit_is_shown_at_once_and_strangers_see_the_public_part(
    door: Door, kube: KubeClient
) -> None:
    settings = config(
        "argocd-cm",
        url="https://cd.example",
        ui__bannercontent="hello",
        ui__bannerposition="left",
        help__chatUrl="https://chat.example",
        exec__enabled="true",
        ga__trackingid="UA-1",
        oidc__config="issuer: https://id.example\nclientID: c\nclientSecret: canary\n",
        resource__customizations__health__apps_Deployment="return {}",
    )
    await kube.create(CONFIG_MAPS, settings, NAMESPACE)
    await kube.create(
        CONFIG_MAPS, config("argocd-cmd-params-cm", server__sync__replace__allowed="false"), NAMESPACE
    )
    try:
        async with asyncio.timeout(30):
            while (shown := await asked(door, "GET", PATH)).get("url") != "https://cd.example":
                await asyncio.sleep(0.01)
            while (shown := await asked(door, "GET", PATH)).get("syncWithReplaceAllowed"):
                await asyncio.sleep(0.01)
        assert shown["help"] == {"chatUrl": "https://chat.example", "chatText": "Chat now!"}
        assert shown["googleAnalytics"] == {"trackingID": "UA-1", "anonymizeUsers": True}
        assert shown["resourceOverrides"] == {
            "apps/Deployment": {"health.lua": "return {}"},
            "*/*": {"ignoreDifferences": {"jsonPointers": ["/status"]}},
        }
        assert (shown["uiBannerContent"], shown["execEnabled"]) == ("hello", True)
        assert "uiBannerPosition" not in shown, "a bad value is its default"
        assert shown["oidcConfig"]["issuer"] == "https://id.example"  # type: ignore[index]
        assert "canary" not in str(shown)
        await application(kube, "replaced")
        while (await door.ask("GET", "/api/v1/applications/replaced"))[0] != 200:
            pass
        wanted = {"syncOptions": {"items": ["Replace=true"]}}
        assert await refused(door, "POST", "/api/v1/applications/replaced/sync", wanted) == (
            9,
            "sync with replace was disabled on the API Server level via the server configuration",
        )
        await kube.delete(APPLICATIONS, "replaced", NAMESPACE)
        async with door.http.get(door.url + PATH) as answer:
            stranger = msgspec.json.decode(await answer.read())
        assert set(shown) - set(stranger) == FOR_MEMBERS
        body = {"data": {"ui.bannercontent": "again"}}
        await kube.merge_patch(CONFIG_MAPS, "argocd-cm", body, NAMESPACE)
        async with asyncio.timeout(30):
            while (await asked(door, "GET", PATH)).get("uiBannerContent") != "again":
                await asyncio.sleep(0.005)
    finally:
        await kube.delete(CONFIG_MAPS, "argocd-cm", NAMESPACE)
        await kube.delete(CONFIG_MAPS, "argocd-cmd-params-cm", NAMESPACE)
