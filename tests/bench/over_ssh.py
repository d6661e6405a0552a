"""Push → live of an application whose repository is read over SSH, beside one over HTTP, in turns."""

import asyncio
import base64

import asyncssh
import msgspec

from fairlead.kube.resource import Resource
from fairlead.local.ssh_server import SshServer
from fairlead.local.work_repo import WorkRepo
from tests.bench.push import PAUSE_SECONDS
from tests.bench.report import Figure, Measured, median, percentile
from tests.bench.stage import APPLICATIONS, Change, Stage, change, create, publish, until_settled
from tests.bench.workload import application, workloads

TITLE = "push → live over SSH, beside HTTP"
REPOSITORY = "bench-over-ssh"
BAR_RATIO = 1.05
SECRETS = Resource(group="", version="v1", plural="secrets", kind="Secret", namespaced=True)
CONFIG_MAPS = Resource(group="", version="v1", plural="configmaps", kind="ConfigMap", namespaced=True)


async def measure(stage: Stage, trials: int) -> Measured:
    """Raises BenchError when a change does not become live."""
    plain, secure = workloads("http", 1), workloads("ssh", 1)
    work = await WorkRepo.clone(await stage.git.create(REPOSITORY), stage.folder / "work-ssh")
    beside = msgspec.structs.replace(stage, repo=work)
    async with SshServer(stage.git.folder) as server:
        await _declare(stage, server)
        await publish(stage, plain)
        await publish(beside, secure)
        await create(stage, plain)
        body = application(secure[0], server.repo_url(REPOSITORY), stage.namespace)
        await stage.client.create(APPLICATIONS, body, stage.namespace)
        await until_settled(stage, [*plain, *secure])
        over_http, over_ssh = [], []
        for _ in range(trials):
            for place, items, changes in ((stage, plain, over_http), (beside, secure, over_ssh)):
                changes.append(await change(place, items[0]))
                await until_settled(place, items, changes[-1].commit)
                await asyncio.sleep(PAUSE_SECONDS)
        return _told(over_http, over_ssh, server.connections)


async def _declare(stage: Stage, server: SshServer) -> None:
    key = asyncssh.generate_private_key("ssh-ed25519")
    server.allow(key)
    url, text = server.repo_url(REPOSITORY).encode(), key.export_private_key()
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "over-ssh", "labels": {"argocd.argoproj.io/secret-type": "repository"}},
        "data": {
            "url": base64.b64encode(url).decode(),
            "sshPrivateKey": base64.b64encode(text).decode(),
        },
    }
    await stage.client.create(SECRETS, secret, stage.namespace)
    known = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "name": "argocd-ssh-known-hosts-cm",
            "labels": {"app.kubernetes.io/part-of": "argocd"},
        },
        "data": {"ssh_known_hosts": server.known_hosts},
    }
    if await stage.client.find(CONFIG_MAPS, "argocd-ssh-known-hosts-cm", stage.namespace) is None:
        await stage.client.create(CONFIG_MAPS, known, stage.namespace)
    else:
        await stage.client.merge_patch(CONFIG_MAPS, "argocd-ssh-known-hosts-cm", known, stage.namespace)


def _told(over_http: list[Change], over_ssh: list[Change], connections: int) -> Measured:
    plain, secure = ([item.live for item in items] for items in (over_http, over_ssh))
    return Measured(
        title=TITLE,
        figures=(
            Figure(name="median over SSH", value=median(secure), unit="s", note=f"{len(secure)} trials"),
            Figure(name="median over HTTP", value=median(plain), unit="s"),
            Figure(name="ratio", value=median(secure) / median(plain), unit="times", bar=BAR_RATIO),
            Figure(name="95th percentile over SSH", value=percentile(secure, 0.95), unit="s"),
            Figure(name="connections of the repo-server", value=connections, unit=""),
        ),
        details={"over_http": over_http, "over_ssh": over_ssh},
    )
