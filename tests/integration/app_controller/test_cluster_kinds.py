"""Every way to be somebody at a cluster, each with an application that is deployed there and healed."""

import base64
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiohttp import web

from fairlead.app_controller.destination import pulse
from fairlead.app_controller.destination.minted import Surroundings
from fairlead.kube.collection import CONFIG_MAPS, SECRETS
from fairlead.kube.connection import Connection
from fairlead.kube.kubeconfig import from_kubeconfig
from fairlead.model.status import Destination
from tests.integration.app_controller import clouds
from tests.integration.app_controller.lab import CLUSTER_ROLES, Lab, automated, conditions, config_map
from tests.integration.app_controller.test_cluster_answers import account_token
from tests.integration.app_controller.test_clusters import cluster_secret, encoded
from tests.integration.kube.fault_proxy import FaultProxy, status

Config = dict[str, Any]
CREDENTIAL = {"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential"}


async def restarted(lab: Lab, **config: Any) -> None:
    await lab.stop()
    lab.config = msgspec.structs.replace(lab.config, **config)
    await lab.start()


async def register(lab: Lab, name: str, server: str, config: Config, **more: str) -> None:
    secret = cluster_secret(lab, name=name, server=server)
    secret["stringData"] = {"name": name, "server": server, "config": json.dumps(config), **more}
    await lab.client.create(SECRETS, secret, lab.namespace)


def program(folder: Path, name: str, body: str) -> str:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o700)
    return str(path)


def door(wants: Callable[[str], bool]) -> Callable[[web.BaseRequest], Awaitable[web.StreamResponse | None]]:
    """Lets in whose Authorization is wanted."""

    async def ask(request: web.BaseRequest) -> web.StreamResponse | None:
        if wants(request.headers.get("Authorization", "")):
            return None
        return status(401, "Unauthorized", "Unauthorized")

    return ask


def tls(connection: Connection, *, pair: bool = False, **more: Any) -> Config:
    found: Config = {"caData": encoded(connection.ca), **more}
    if pair:
        found |= {"certData": encoded(connection.client_cert), "keyData": encoded(connection.client_key)}
    return found


async def test_every_kind_of_credentials_leads_to_the_cluster(lab: Lab, tmp_path: Path) -> None:
    real = from_kubeconfig(lab.control_plane.kubeconfig)
    port = int(real.server.rpartition(":")[2])
    token = await account_token(lab, "manager")
    prints_token = program(
        tmp_path,
        "prints-token",
        f'echo run >> {tmp_path}/runs; echo "$KUBERNETES_EXEC_INFO" > {tmp_path}/told\n'
        f'[ "$1" = get ] && echo "{{\\"apiVersion\\": \\"{CREDENTIAL["apiVersion"]}\\", '
        '\\"kind\\": \\"ExecCredential\\", \\"status\\": {\\"token\\": \\"$TOKEN\\"}}"',
    )
    pem = {
        "clientCertificateData": (real.client_cert or b"").decode(),
        "clientKeyData": (real.client_key or b"").decode(),
    }
    (tmp_path / "credential").write_text(json.dumps({**CREDENTIAL, "status": pem}))
    prints_pair = program(tmp_path, "prints-pair", f"cat {tmp_path}/credential")
    async with (
        clouds.lines(port) as lines,
        clouds.sts() as sts,
        FaultProxy(real) as basic,
        FaultProxy(real) as aws,
    ):
        surroundings = {
            "PATH": "/usr/bin:/bin",
            "AWS_ACCESS_KEY_ID": clouds.ACCESS,
            "AWS_SECRET_ACCESS_KEY": clouds.HIDDEN,
            "AWS_REGION": "eu-west-1",
            "AWS_ENDPOINT_URL_STS": sts.url,
        }
        few = "- apiGroups: ['']\n  kinds: [ConfigMap]\n  clusters: ['*']\n"
        settings = {"data": {"resource.inclusions": few}}  # a watch of a proxied cluster is five open files
        await lab.client.merge_patch(CONFIG_MAPS, "argocd-cm", settings, lab.namespace)
        await restarted(
            lab,
            cluster_programs=frozenset({prints_token, prints_pair}),
            surroundings=Surroundings(variables=surroundings),
        )
        pair = base64.b64encode(b"admin:of the cluster").decode()
        basic.rule = door(lambda shown: shown == f"Basic {pair}")
        aws.rule = door(
            lambda shown: clouds.is_token_of(shown.removeprefix("Bearer "), "blue", f"{clouds.HIDDEN}-role")
        )

        async def line() -> str:
            return f"https://127.0.0.1:{await lines.line()}"

        role = "arn:aws:iam::123456789012:role/deployer"
        run: Config = {
            "command": prints_token,
            "args": ["get"],
            "env": {"TOKEN": token},
            "apiVersion": CREDENTIAL["apiVersion"],
            "provideClusterInfo": True,
            "config": {"realm": "blue"},
        }
        kinds: dict[str, tuple[str, Config]] = {
            "certificate": (await line(), {"tlsClientConfig": tls(real, pair=True)}),
            "bearer": (await line(), {"bearerToken": token, "tlsClientConfig": tls(real)}),
            "insecure": (await line(), {"bearerToken": token, "tlsClientConfig": {"insecure": True}}),
            "named": (
                await line(),
                {"bearerToken": token, "tlsClientConfig": tls(real, serverName="kubernetes.default.svc")},
            ),
            "plain": (
                await line(),
                {"bearerToken": token, "disableCompression": True, "tlsClientConfig": tls(real)},
            ),
            "proxied": (
                await line(),
                {
                    "bearerToken": token,
                    "proxyUrl": f"http://127.0.0.1:{await lines.proxy()}",
                    "tlsClientConfig": tls(real),
                },
            ),
            "password": (basic.connection.server, {"username": "admin", "password": "of the cluster"}),
            "program": (await line(), {"execProviderConfig": run, "tlsClientConfig": tls(real)}),
            "pair": (
                await line(),
                {"execProviderConfig": {"command": prints_pair}, "tlsClientConfig": tls(real)},
            ),
            "aws": (aws.connection.server, {"awsAuthConfig": {"clusterName": "blue", "roleARN": role}}),
        }
        for name, (server, config) in kinds.items():
            await register(lab, name, server, config)
            repo = f"{lab.repo}/{name}"
            lab.renderer.holds(repo, [config_map(name, colour="blue")])
            await lab.create_app(
                name,
                source={"repoURL": repo, "path": "."},
                destination={"name": name, "namespace": lab.workloads},
                **automated(),
            )
        for name in kinds:
            app = await lab.synced(name)
            assert conditions(app) == {}, name
        for name in kinds:
            await lab.client.merge_patch(CONFIG_MAPS, name, {"data": {"colour": "red"}}, lab.workloads)
        for name in kinds:
            await lab.until_live(
                CONFIG_MAPS, name, lambda live: live is not None and live["data"]["colour"] == "blue"
            )
        assert lines.connected
        assert set(lines.connected) == {kinds["proxied"][0].removeprefix("https://")}
        assert sts.roles == [role], "a token is asked for once, not for each request"
        told = json.loads((tmp_path / "told").read_text())
        assert told["spec"]["cluster"]["server"] == kinds["program"][0]
        assert told["spec"]["cluster"]["config"] == {"realm": "blue"}
        assert (tmp_path / "runs").read_text().count("run") == 1


async def test_what_cannot_be_followed_is_said_in_words_on_the_application(
    lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pulse, "PATIENCE", 1.5)
    real = from_kubeconfig(lab.control_plane.kubeconfig)
    port = int(real.server.rpartition(":")[2])
    fails = program(tmp_path, "fails", 'echo "no session for $SECRET" >&2; exit 3')
    mute = program(tmp_path, "mute", "echo hello")
    await restarted(lab, cluster_programs=frozenset({fails, mute, "not-there"}))
    async with clouds.lines(port) as lines:
        wrong: dict[str, tuple[Config, str]] = {
            "forbidden": (
                {"execProviderConfig": {"command": "/bin/sh"}},
                "/bin/sh may not be run here: FAIRLEAD_CLUSTER_PROGRAMS names what may",
            ),
            "failing": (
                {"execProviderConfig": {"command": fails, "env": {"SECRET": "c4n4ry"}}},
                "ended with code 3: no session for ++++++++",
            ),
            "mute": ({"execProviderConfig": {"command": mute}}, "printed no ExecCredential"),
            "missing": (
                {"execProviderConfig": {"command": "not-there", "installHint": "ask the team"}},
                "not-there is not there (ask the team)",
            ),
            "twice": (
                {"username": "a", "password": "b", "bearerToken": "c"},
                "username and bearerToken exclude each other",
            ),
            "half": (
                {"tlsClientConfig": {"certData": encoded(real.client_cert)}},
                "certData and keyData are of use only together",
            ),
            "strange": ({"bearerToken": "x"}, "certificate verify failed"),
        }
        for name, (config, _) in wrong.items():
            await register(lab, name, f"https://127.0.0.1:{await lines.line()}", config)
            await lab.create_app(name, destination={"name": name, "namespace": lab.workloads})
        for name, (_, words) in wrong.items():
            app = await lab.until(lambda app, words=words: words in str(conditions(app)), name)  # type: ignore[misc]
            assert "c4n4ry" not in str(conditions(app))


async def test_an_upgraded_cluster_is_noticed_while_it_is_well(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pulse, "ASK_EVERY", 0.3)
    async with FaultProxy(from_kubeconfig(lab.control_plane.kubeconfig)) as proxy:
        upgraded = False

        async def answer(request: web.BaseRequest) -> web.StreamResponse | None:
            if request.path == "/version" and upgraded:
                return web.json_response({"major": "1", "minor": "99", "gitVersion": "v1.99.3+next"})
            return None

        proxy.rule = answer
        await lab.client.create(SECRETS, cluster_secret(lab, server=proxy.connection.server), lab.namespace)
        lab.renderer.holds(lab.repo, [config_map()])
        await lab.create_app(destination={"name": "elsewhere", "namespace": lab.workloads}, **automated())
        await lab.synced()
        assert lab.controller is not None
        cluster = lab.controller.clusters.resolve(Destination(name="elsewhere"))
        before = cluster.live
        upgraded = True
        await lab.eventually(lambda: cluster.capabilities.kube_version == "v1.99.3")
        assert cluster.live is before
        assert cluster.is_readable
        assert cluster.asked_at


async def test_a_cluster_is_read_anew_when_that_is_asked_for_and_only_in_its_namespaces(lab: Lab) -> None:
    """And what is cluster-scoped there is left alone, in words, unless the Secret says otherwise."""
    async with FaultProxy(from_kubeconfig(lab.control_plane.kubeconfig)) as proxy:
        secret = cluster_secret(lab, server=proxy.connection.server)
        secret["stringData"]["namespaces"] = f"{lab.workloads}, {lab.namespace}"
        await lab.client.create(SECRETS, secret, lab.namespace)
        role = {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "ClusterRole",
            "metadata": {"name": f"{lab.workloads}-reader"},
        }
        lab.renderer.holds(lab.repo, [config_map(), role])
        await lab.create_app(destination={"name": "elsewhere", "namespace": lab.workloads}, **automated())
        app = await lab.synced()
        assert "cluster-scoped where the cluster is limited to namespaces" in str(conditions(app))
        assert await lab.client.find(CLUSTER_ROLES, f"{lab.workloads}-reader") is None
        lists = [line for line in proxy.requests if "/configmaps?" in line]
        assert lists
        assert all(f"/namespaces/{lab.workloads}/" in line or lab.namespace in line for line in lists)
        assert lab.controller is not None
        before = lab.controller.clusters.resolve(Destination(name="elsewhere"))
        asked = {"metadata": {"annotations": {"argocd.argoproj.io/refresh": "2026-01-01T00:00:00Z"}}}
        whole = {**asked, "stringData": {"clusterResources": "true"}}
        await lab.client.merge_patch(SECRETS, "elsewhere", asked, lab.namespace)

        def is_read_anew() -> bool:
            assert lab.controller is not None
            now = lab.controller.clusters.resolve(Destination(name="elsewhere"))
            return now is not before and now.is_readable

        await lab.eventually(is_read_anew)
        assert proxy.lists("configmaps") == 4
        assert (await lab.app()).status.sync.status == "Synced"
        await lab.client.merge_patch(SECRETS, "elsewhere", whole, lab.namespace)
        app = await lab.until(lambda app: not conditions(app) and app.status.sync.status == "Synced")
        assert await lab.client.find(CLUSTER_ROLES, f"{lab.workloads}-reader") is not None
