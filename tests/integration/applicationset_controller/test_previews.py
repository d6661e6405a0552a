"""Pull requests and repositories of a host as Applications, by the whole controller and its own webhook."""

from __future__ import annotations

import asyncio

import aiohttp
import msgspec

from fairlead.kube.collection import SECRETS
from fairlead.local.ports import choose_port
from tests.fakes.scm.host import Fault, Host, serving
from tests.fakes.scm.world import Pull
from tests.integration.applicationset_controller.lab import LOCAL, Lab, Object
from tests.integration.applicationset_controller.scm_stage import OPENED, TOKEN, pull_blocks, scm_blocks

WANTED = {"preview-1", "preview-2", "preview-3", "preview-5"}


async def hooked(lab: Lab, event: str, payload: dict[str, object]) -> None:
    """A webhook arrives, as often as its sender takes until it is taken."""
    url = f"http://127.0.0.1:{lab.config.webhook_port}/api/webhook"
    body = msgspec.json.encode(payload)
    async with aiohttp.ClientSession() as http, asyncio.timeout(90):
        while True:
            async with http.post(url, data=body, headers={"X-GitHub-Event": event}) as answer:
                if answer.status == 200:
                    return
                assert answer.status in (429, 503), await answer.text()
            await asyncio.sleep(0.2)


def spec(generator: Object, name: str) -> Object:
    template = {
        "metadata": {"name": name},
        "spec": {
            "project": "default",
            "source": {"repoURL": "https://git.example/team/shop.git", "path": ".", "targetRevision": "HEAD"},
            "destination": {"server": LOCAL, "namespace": "previews"},
        },
    }
    policy = {"preserveResourcesOnDeletion": True}  # nobody here would take the finalizer off
    return {"spec": {"generators": [generator], "template": template, "syncPolicy": policy}}


async def until_error(lab: Lab, name: str, words: str) -> None:
    def is_told(aset: Object) -> bool:
        conditions = aset.get("status", {}).get("conditions", [])
        return any(
            each["type"] == "ErrorOccurred" and each["status"] == "True" and words in each["message"]
            for each in conditions
        )

    await lab.until(lambda: lab.aset(name), is_told, what=f"{name} says {words}")


async def until_apps(lab: Lab, wanted: set[str], *, of: str) -> None:
    await lab.until(lambda: lab.apps(of), lambda apps: set(apps) == wanted, what=f"{of} has {sorted(wanted)}")


async def secret(lab: Lab, labels: dict[str, str]) -> None:
    body = {"metadata": {"name": TOKEN["secretName"], "labels": labels}, "stringData": {"token": "t0ken"}}
    await lab.client.create(SECRETS, {"apiVersion": "v1", "kind": "Secret", **body}, lab.namespace)


async def pull_request(lab: Lab, host: Host) -> None:
    """What GitHub says when one changes; the set names the host of the fake, and so does its webhook."""
    url = host.url.replace("http://", "https://") + "/team/shop"
    await hooked(lab, "pull_request", {"action": "opened", "repository": {"html_url": url}})


async def test_previews_come_and_go_with_webhooks_and_a_host_that_fails_takes_none_away(lab: Lab) -> None:
    async with serving() as host:
        lab.config = msgspec.structs.replace(
            lab.config, networks=OPENED, webhook_address="127.0.0.1", webhook_port=choose_port()
        )
        await secret(lab, {})
        await lab.start(strict_token_refs=True)
        block = pull_blocks(host)["github"]
        await lab.create_set("previews", spec({"pullRequest": {"github": block}}, "preview-{{number}}"))
        await until_error(lab, "previews", "is not labelled argocd.argoproj.io/secret-type=scm-creds")
        assert host.asked == []
        await lab.client.delete(SECRETS, TOKEN["secretName"], lab.namespace)
        await secret(lab, {"argocd.argoproj.io/secret-type": "scm-creds"})
        await pull_request(lab, host)
        await until_apps(lab, WANTED, of="previews")

        host.faults.append(Fault("page=2", status=502))
        host.world.pulls[1].state = "merged"
        host.world.pulls.append(Pull(9, "One more", "more"))
        await pull_request(lab, host)
        await until_error(lab, "previews", "status 502")
        assert set(await lab.apps("previews")) == WANTED

        host.faults.clear()
        await pull_request(lab, host)
        await until_apps(lab, (WANTED | {"preview-9"}) - {"preview-2"}, of="previews")

        repositories = {**scm_blocks(host)["gitlab"], "includeArchivedRepos": False}
        await lab.create_set("all", spec({"scmProvider": {"gitlab": repositories}}, "of-{{repository}}"))
        everything = {"of-shop", "of-shop-api", "of-billing", "of-docs", "of-web"}
        await until_apps(lab, everything, of="all")
        host.world.organization = "renamed"
        url = host.url.replace("http://", "https://") + "/team/shop"
        await hooked(lab, "push", {"ref": "refs/heads/main", "repository": {"html_url": url}})
        await until_error(lab, "all", "404 Group Not Found")
        assert set(await lab.apps("all")) == everything
