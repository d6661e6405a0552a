"""No secret is found where none belongs: a suite is used and misused with canaries for secrets and searched.

The story runs once: repositories with right, wrong and inline credentials, clusters that refuse a token,
Secrets in Git in every invalid shape, logins, webhooks, differences, drift. Each test searches one sink.
"""

import asyncio
import base64
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import msgspec
import pytest_asyncio
import redis.asyncio

from fairlead.kube.errors import KubeError
from fairlead.kube.kubeconfig import from_kubeconfig
from fairlead.kube.rest import KubeClient
from fairlead.local.chart_server import ChartServer
from fairlead.local.git_server import GitServer, Webhook
from fairlead.local.packing import packed_chart
from fairlead.local.ports import LOOPBACK
from fairlead.local.suite import SERVICES, Suite, SuiteConfig
from fairlead.local.suite.secrets import ensure_secrets
from tests.e2e.canaries import Canaries, Processes, files, without_addresses
from tests.e2e.secret_shapes import shapes
from tests.e2e.world import APPLICATIONS, CONFIG_MAPS, CONTROL, SECRETS, World, _resource, config_map
from tests.fakes.token_endpoints import APP, TokenEndpoints
from tests.rows import ROUTES

AGAIN = "Retrying attempt"
ADMIN = "argocd-initial-admin-secret"
KINDS = (
    APPLICATIONS,
    CONFIG_MAPS,
    _resource("argoproj.io", "v1alpha1", "AppProject", "appprojects"),
    _resource("", "v1", "Event", "events"),
    _resource("events.k8s.io", "v1", "Event", "events"),
    _resource("coordination.k8s.io", "v1", "Lease", "leases"),
)


class Sweep:
    """The suite that was used, and everything that it said."""

    def __init__(self, world: World, canaries: Canaries) -> None:
        self.world = world
        self.canaries = canaries
        self.answers: list[tuple[str, bytes]] = []
        self.processes: Processes
        self.apps: list[str] = []
        self.token = ""
        self._session = aiohttp.ClientSession()

    async def close(self) -> None:
        await self._session.close()

    async def call(self, verb: str, path: str, body: Any = None, **headers: str) -> tuple[int, bytes]:
        """One request; what it is answered is kept, but for the token of a login."""
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        data = None if body is None else json.dumps(body).encode()
        headers |= {"Content-Type": "application/json"}
        url = f"{self.world.suite.api_url}{path}"
        async with self._session.request(verb, url, data=data, headers=headers) as answer:
            content = await answer.read()
        if not (path == "/api/v1/session" and answer.status == 200):
            self.answers.append((f"{verb} {path}", content))
        return answer.status, content

    async def secret(self, name: str, kind: str, /, **data: str) -> None:
        labels = {"argocd.argoproj.io/secret-type": kind}
        body = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name, "labels": labels}}
        await self.world.client.create(SECRETS, {**body, "stringData": data}, CONTROL)

    async def app(self, url: str, *, path: str = "app", **spec: Any) -> str:
        name = await self.world.application(url, await self.world.namespace(), path=path, **spec)
        self.apps.append(name)
        return name

    async def said(self, name: str) -> None:
        """Wait until something was said of an application: a condition, how an operation ended, or why it is
        tried again."""

        def has_said(app: dict[str, Any]) -> bool:
            status = app.get("status", {})
            operation = status.get("operationState", {})
            has_ended = operation.get("phase") in {"Succeeded", "Failed", "Error"}
            return bool(status.get("conditions")) or has_ended or AGAIN in operation.get("message", "")

        await self.world.until_app(name, has_said)


async def use_logins(sweep: Sweep) -> None:
    shown = await sweep.world.get(SECRETS, ADMIN, CONTROL)
    assert shown is not None
    password = sweep.canaries.add("admin-password", base64.b64decode(shown["data"]["password"]).decode())
    wrong = sweep.canaries.new("wrong-password")
    await sweep.call("POST", "/api/v1/session", {"username": "admin", "password": wrong})
    await sweep.call("POST", "/api/v1/session", {"username": wrong, "password": {"deep": wrong}})
    await sweep.call("GET", "/api/v1/applications", Authorization=f"Bearer {sweep.canaries.new('no-token')}")
    status, body = await sweep.call("POST", "/api/v1/session", {"username": "admin", "password": password})
    assert status == 200, body
    sweep.token = sweep.canaries.add("session-token", msgspec.json.decode(body)["token"])
    change = {"currentPassword": wrong, "newPassword": sweep.canaries.new("new-password")}
    await sweep.call("PUT", "/api/v1/account/password", change)


def _away(name: str) -> str:
    return f"https://127.0.0.1:9/team/{name}.git"


def ways_in(canaries: Canaries) -> dict[str, dict[str, str]]:
    """Every kind of credential, each at a repository that is away, by what is wrong with it."""
    key = {
        "type": "service_account",
        "client_email": "who@example.org",
        "private_key": canaries.new("gcp-key"),
    }
    directory = "https://127.0.0.1:9"
    return {
        "proxied": {
            "proxy": f"http://who:{canaries.new('proxy-password')}@127.0.0.1:9",
            "password": canaries.new("proxied-password"),
        },
        "socks": {"proxy": f"socks5://who:{canaries.new('socks-password')}@127.0.0.1:9"},
        "bad-proxy": {"proxy": f"nonsense://who:{canaries.new('bad-proxy')}@127.0.0.1:9"},
        "certificate": {
            "tlsClientCertData": canaries.new("tls-certificate"),
            "tlsClientCertKey": canaries.new("tls-key"),
        },
        "keyed": {"sshPrivateKey": canaries.new("ssh-key")},
        "github": {
            "githubAppID": "1",
            "githubAppPrivateKey": canaries.new("github-key"),
            "githubAppEnterpriseBaseUrl": directory,
        },
        "half-github": {"githubAppPrivateKey": canaries.new("half-github-key")},
        "google": {"gcpServiceAccountKey": json.dumps(key)},
        "no-google": {"gcpServiceAccountKey": canaries.new("gcp-no-json")},
        "azure": {
            "azureServicePrincipalClientId": "who",
            "azureServicePrincipalTenantId": "tenant",
            "azureServicePrincipalClientSecret": canaries.new("azure-secret"),
            "azureActiveDirectoryEndpoint": directory,
        },
        "forced": {
            "username": "who",
            "password": canaries.new("forced-password"),
            "bearerToken": canaries.new("forced-token"),
            "forceHttpBasicAuth": "true",
        },
        "no-number": {"password": canaries.new("no-number-password"), "depth": canaries.new("no-number")},
    }


async def use_repositories(sweep: Sweep) -> None:
    world, canaries = sweep.world, sweep.canaries
    password = canaries.new("repository-password")
    repos = {}
    for name in ("right", "wrong", "bearer", "template", "inline-right", "inline-wrong"):
        files_there = {"app/config.yaml": config_map("web", n="1")}
        repo = await world.repository(files_there, stem=f"locked-{name}")
        repos[name] = world.url(repo)
        word = canaries.new("inline-right") if name == "inline-right" else password
        world.git.protect(repo.folder.name, username="someone", password=word)
    await sweep.secret("right", "repository", url=repos["right"], username="someone", password=password)
    wrong = canaries.new("repository-wrong")
    await sweep.secret("wrong", "repository", url=repos["wrong"], username="someone", password=wrong)
    bearer = canaries.new("bearer-token")
    await sweep.secret("bearer", "repository", url=repos["bearer"], bearerToken=bearer)
    await sweep.secret(
        "template", "repo-creds", url=repos["template"], username="someone", password=canaries.new("template")
    )
    declared = ways_in(canaries)
    for name, fields in declared.items():
        await sweep.secret(name, "repository", url=_away(name), **fields)
    addresses = {
        "inline-right": repos["inline-right"].replace("://", f"://someone:{canaries['inline-right']}@"),
        "inline-wrong": repos["inline-wrong"].replace("://", f"://someone:{canaries.new('inline-wrong')}@"),
    }
    addresses["nowhere"] = f"http://someone:{canaries.new('inline-nowhere')}@127.0.0.1:9/none.git"
    addresses["misspelt"] = f"http//someone:{canaries.new('inline-misspelt')}@127.0.0.1/none.git"
    addresses |= {name: _away(name) for name in declared}
    names = []
    for name in ("right", "wrong", "bearer", "template", *addresses):
        names.append(await sweep.app(addresses.get(name) or repos[name]))
    await asyncio.gather(*(sweep.said(name) for name in names))
    await sweep.call("GET", f"/api/v1/repositories/{repos['right'].replace('/', '%2F')}")


async def use_tokens(sweep: Sweep, ends: TokenEndpoints) -> None:
    """An app of GitHub that is taken: its key, and the token that git was shown."""
    world, canaries = sweep.world, sweep.canaries
    ends.ending = canaries.new("github-token")
    repo = await world.repository({"app/config.yaml": config_map("web", n="1")}, stem="of-an-app")
    url = world.url(repo)
    token = f"ghs-11-0{ends.ending}"
    world.git.protect(repo.folder.name, username="x-access-token", password=token)
    canaries.add("github-app-key", ends.key.splitlines()[5])
    await sweep.secret(
        "app",
        "repository",
        url=url,
        githubAppID=str(APP),
        githubAppInstallationID="11",
        githubAppPrivateKey=ends.key,
        githubAppEnterpriseBaseUrl=f"{ends.url}/api/v3",
        insecure="true",
    )
    name = await sweep.app(url)
    await world.settled(name)
    await sweep.call("GET", f"/api/v1/repositories/{url.replace('/', '%2F')}?forceRefresh=true")


async def use_charts(sweep: Sweep, charts: ChartServer) -> None:
    """A chart repository with a right password, a wrong one, and one in its address."""
    canaries = sweep.canaries
    charts.add(packed_chart("web", "1.0.0", {"templates/a.yaml": config_map("web", n="1")}))
    right = {"url": charts.url, "type": "helm", "username": "someone", "password": canaries["chart-password"]}
    await sweep.secret("charts", "repository", **right)
    elsewhere = charts.url.replace("127.0.0.1", "localhost")
    wrong = {**right, "url": elsewhere, "password": canaries.new("chart-wrong")}
    await sweep.secret("charts-wrong", "repository", **wrong)
    inline = elsewhere.replace("://", f"://someone:{canaries.new('inline-chart')}@")
    names = []
    for url in (charts.url, elsewhere, inline):
        source = {"repoURL": url, "chart": "web", "targetRevision": "1.*"}
        names.append(await sweep.app(url, source=source))
    await asyncio.gather(*(sweep.said(name) for name in names))
    for below in ("", "/helmcharts"):
        await sweep.call("GET", f"/api/v1/repositories/{charts.url.replace('/', '%2F')}{below}")


async def use_clusters(sweep: Sweep) -> None:
    canaries, world = sweep.canaries, sweep.world
    repo = await world.repository({"app/config.yaml": config_map("web", n="1")})
    real = from_kubeconfig(world.suite.kubeconfig).server
    configs = {
        "refused": (
            real,
            {"bearerToken": canaries.new("cluster-token"), "tlsClientConfig": {"insecure": True}},
        ),
        "away": ("https://127.0.0.1:9", {"username": "who", "password": canaries.new("cluster-password")}),
        "no-pem": (
            "https://127.0.0.1:10",
            {
                "tlsClientConfig": {
                    "keyData": base64.b64encode(canaries.new("cluster-key").encode()).decode(),
                    "certData": base64.b64encode(canaries.new("cluster-certificate").encode()).decode(),
                }
            },
        ),
        "no-base64": (
            "https://127.0.0.1:11",
            {"tlsClientConfig": {"keyData": canaries.new("cluster-no-base64")}},
        ),
        "wrong-type": ("https://127.0.0.1:12", {"bearerToken": [canaries.new("cluster-list")]}),
        "exec": (
            "https://127.0.0.1:13",
            {"execProviderConfig": {"command": "x", "env": {"TOKEN": canaries.new("cluster-exec")}}},
        ),
    }
    for name, (server, config) in configs.items():
        await sweep.secret(f"cluster-{name}", "cluster", name=name, server=server, config=json.dumps(config))
    broken = f'{{"bearerToken": "{canaries.new("cluster-broken")}", '
    await sweep.secret(
        "cluster-broken", "cluster", name="broken", server="https://127.0.0.1:14", config=broken
    )
    names = []
    for name in (*configs, "broken"):
        destination = {"name": name, "namespace": "default"}
        names.append(await sweep.app(world.url(repo), destination=destination))
    await asyncio.gather(*(sweep.said(name) for name in names))


async def use_git_secrets(sweep: Sweep) -> None:
    world = sweep.world
    found = shapes(sweep.canaries)
    repo = await world.repository({f"{name}/secret.yaml": text for name, text in found.items()})
    names = {name: await sweep.app(world.url(repo), path=name) for name in found}
    await asyncio.gather(*(sweep.said(app) for app in names.values()))
    for name in ("valid", "valid-data"):
        app = await world.app(names[name])
        namespace = app["spec"]["destination"]["namespace"]
        word = sweep.canaries.new(f"drift-{name}")
        await world.patch_app(names[name], {"spec": {"syncPolicy": None}})
        await world.client.merge_patch(SECRETS, "sec", {"stringData": {"pin": word}}, namespace)
        await world.refresh(names[name])
    await repo.publish(
        {"valid/secret.yaml": found["valid"] + f"  other: {sweep.canaries.new('shape-changed')}\n"}, "changed"
    )
    await world.refresh(names["valid"])
    await sweep.call("POST", f"/api/v1/applications/{names['valid']}/sync", {})
    await sweep.said(names["valid"])


async def use_webhooks(sweep: Sweep) -> None:
    world, canaries = sweep.world, sweep.canaries
    word = canaries.new("webhook-secret")
    data = {
        "webhook.github.secret": word,
        "webhook.gitlab.secret": canaries.new("webhook-gitlab"),
        "webhook.plain.secret": f"${canaries.new('webhook-dollar')}",
        "webhook.azuredevops.username": "who",
        "webhook.azuredevops.password": canaries.new("webhook-azure"),
    }
    await world.client.merge_patch(SECRETS, "argocd-secret", {"stringData": data}, CONTROL)
    world.git.webhooks[:] = [
        Webhook(url=f"{world.suite.api_url}/api/webhook", secret=word),
        Webhook(url=f"{world.suite.api_url}/api/webhook", secret=canaries.new("webhook-wrong")),
    ]
    repo = await world.repository({"app/config.yaml": config_map("web", n="1")})
    name = await sweep.app(world.url(repo))
    await world.settled(name)
    await world.settled(name, await repo.publish({"app/config.yaml": config_map("web", n="2")}, "two"))
    for header, value in (
        ("X-Gitlab-Event", "Push Hook"),
        ("X-Gitlab-Token", canaries["webhook-wrong"]),
        ("X-GitHub-Event", "push"),
    ):
        await sweep.call("POST", "/api/webhook", {"repository": {}}, **{header: value})
    await sweep.call("POST", "/api/webhook", {}, **{"X-Gitlab-Event": "x", "X-Gitlab-Token": word})


async def read_everything(sweep: Sweep) -> None:
    """Every route that reads, for every application."""
    for route in ROUTES:
        if route.verb != "GET":
            continue
        if "{name}" not in route.path and "{applicationName}" not in route.path:
            await sweep.call("GET", route.path.split("{")[0].rstrip("/"))
            continue
        for app in sweep.apps if "/applications/" in route.path else ["default"]:
            path = route.path.replace("{name}", app).replace("{applicationName}", app)
            path = path.replace("{revision}", "HEAD")
            query = "?resourceName=sec&kind=Secret&version=v1" if path.endswith("/resource") else ""
            if path.endswith("/resource"):
                space = (await sweep.world.app(app))["spec"]["destination"].get("namespace", "")
                query += f"&namespace={space}"
            await sweep.call("GET", path + query)
    await sweep.call("GET", f"/api/v1/applications/{sweep.apps[0]}?refresh=hard")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def sweep(tmp_path_factory: Any) -> AsyncIterator[Sweep]:
    """The story, told once."""
    folder = tmp_path_factory.mktemp("canaries")
    canaries = Canaries()
    config = SuiteConfig(
        data_dir=folder / "suite", port=0, insecure=True, log_format="json", log_level="debug", poll_seconds=5
    )
    chart_password = canaries.new("chart-password")
    async with (
        Suite(config) as suite,
        GitServer(folder / "git") as git,
        KubeClient(suite.connection) as client,
        TokenEndpoints(folder / "endpoints").running() as ends,
        ChartServer(username="someone", password=chart_password) as charts,
    ):
        own = ensure_secrets(config.data_dir)
        for service, password in own.nats.items():
            canaries.add(f"nats-{service}", password)
        canaries.add("redis", own.redis)
        canaries.add("cache", own.cache)
        canaries.add("handed-credentials", own.credentials)
        swept = Sweep(World(suite, git, client, folder / "work"), canaries)
        roots = {name: service.pid for name, service in suite.services.items()}
        roots |= {server.name: server.process.pid for server in (suite.nats, suite.redis)}
        swept.processes = Processes(roots)
        watching = asyncio.create_task(swept.processes.watch())
        try:
            await use_logins(swept)
            await asyncio.gather(use_repositories(swept), use_clusters(swept), use_git_secrets(swept))
            await asyncio.gather(use_tokens(swept, ends), use_charts(swept, charts))
            await use_webhooks(swept)
            await read_everything(swept)
            yield swept
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
            await swept.close()


def told(found: list[str]) -> str:
    return "\n".join(["secrets were found:", *found])


async def test_no_secret_is_in_a_log(sweep: Sweep) -> None:
    folder = sweep.world.suite.config.data_dir
    searched = dict(files(folder / "logs"))
    searched |= {f"nats/{name}": text for name, text in files(folder / "nats") if name.endswith(".log")}
    assert all(searched[f"{service}.log"] for service in SERVICES)
    found = [leak for name, text in searched.items() for leak in sweep.canaries.leaks(name, text)]
    assert not found, told(found)


async def test_no_service_tried_what_it_may_not_on_nats(sweep: Sweep) -> None:
    for name, text in files(sweep.world.suite.config.data_dir / "logs"):
        assert b"bus.permission.violated" not in text, name


async def test_no_secret_is_in_an_object_of_the_cluster_but_secrets(sweep: Sweep) -> None:
    found = []
    for resource in KINDS:
        with contextlib.suppress(KubeError):
            for body in await sweep.world.client.list_all(resource):
                found += sweep.canaries.leaks(resource.plural, without_addresses(body))
    assert not found, told(found)


async def test_no_secret_is_in_what_nats_stores(sweep: Sweep) -> None:
    store = sweep.world.suite.nats.store
    searched = dict(files(store))
    assert any("KV_credentials" in name for name in searched)
    assert any("EVENTS" in name for name in searched)
    found = [leak for name, text in searched.items() for leak in sweep.canaries.leaks(name, text)]
    assert not found, told(found)


async def test_no_secret_is_in_redis(sweep: Sweep) -> None:
    async with redis.asyncio.Redis.from_url(sweep.world.suite.redis.url) as client:
        searched = {key.decode(): await client.get(key) or b"" async for key in client.scan_iter()}
    assert any(":manifests:" in key for key in searched)
    everything = [leak for key, text in searched.items() for leak in sweep.canaries.leaks(key, text)]
    assert (
        everything + [leak for key in searched for leak in sweep.canaries.leaks("keys", key.encode())] == []
    )


async def test_no_secret_is_in_an_answer_of_the_api(sweep: Sweep) -> None:
    assert len(sweep.answers) > 100
    found = []
    for name, text in sweep.answers:
        found += sweep.canaries.leaks(name, without_addresses(text))
    assert not found, told(found)


async def test_no_secret_is_among_the_arguments_or_in_the_environment_of_a_child(sweep: Sweep) -> None:
    seen = sweep.processes.seen
    assert any("render-engine" in name for name in seen)
    found = [leak for name, text in seen.items() for leak in sweep.canaries.leaks(name, text)]
    assert not found, told(found)


async def test_no_secret_is_in_a_mirror_or_its_configuration(sweep: Sweep) -> None:
    """What Git itself holds is there; who may read it is not."""
    mirrors = sweep.world.suite.config.data_dir / "mirrors"
    searched = {name: text for name, text in files(mirrors) if "/objects/" not in name}
    assert searched
    found = [leak for name, text in searched.items() for leak in sweep.canaries.leaks(name, text)]
    assert not found, told(found)


async def test_no_secret_is_in_what_services_expose_for_prometheus(sweep: Sweep) -> None:
    found = []
    async with aiohttp.ClientSession() as http:
        for service, port in sweep.world.suite.probes.items():
            async with http.get(f"http://{LOOPBACK}:{port}/metrics") as answer:
                found += sweep.canaries.leaks(f"metrics of {service}", await answer.read())
    assert not found, told(found)
