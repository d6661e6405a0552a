"""The chart with `ha.enabled`: what Helm renders of it, and its NATS on three real servers."""

import asyncio
import re
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio

from fairlead.bus import Bus, BusConfig, topology
from fairlead.bus.copies import Copies
from fairlead.keys.config import REPLICAS, members
from fairlead.keys.wanted import missing, names
from fairlead.local.control_plane import ControlPlane
from fairlead.local.launcher import tied
from fairlead.local.ports import LOOPBACK, choose_port
from fairlead.local.program import script_program
from tests.integration.chart.helm import Helm, HelmError
from tests.integration.chart.test_chart import CACHING, CLIENTS, Object, named, pods, rendered

HA = {"ha": {"enabled": True}}
QUORUMS = {"argocd-nats", "argocd-redis-ha-server"}
PATIENCE = 60.0


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def offline(tmp_path_factory: pytest.TempPathFactory) -> Helm:
    """Helm without a cluster."""
    folder = tmp_path_factory.mktemp("helm-ha")
    return await Helm.against(folder / "none", "argocd", folder)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def objects(offline: Helm) -> list[Object]:
    """What Helm makes of the one value."""
    return await rendered(offline, **HA)


def environment(template: Object) -> dict[str, str]:
    return {each["name"]: each.get("value", "") for each in template["spec"]["containers"][0]["env"]}


async def test_one_value_makes_several_of_everything_kept_apart_and_drained_one_at_a_time(
    offline: Helm,
) -> None:
    objects = named(await rendered(offline, **HA, server={"replicas": 4}))
    found = {
        name.split("/")[1]: item["spec"] for name, item in objects.items() if "Set/" in name or "Dep" in name
    }
    replicas = {name: spec["replicas"] for name, spec in found.items()}
    assert replicas == {**dict.fromkeys(CLIENTS, 2), "argocd-server": 4, **dict.fromkeys(QUORUMS, 3)}
    for name, spec in found.items():
        budget = objects[f"PodDisruptionBudget/{name}"]["spec"]
        assert budget == {"maxUnavailable": 1, "selector": spec["selector"]}
        pod = spec["template"]["spec"]
        kind = "required" if name in QUORUMS else "preferred"
        assert list(pod["affinity"]["podAntiAffinity"]) == [f"{kind}DuringSchedulingIgnoredDuringExecution"]
        assert [each["topologyKey"] for each in pod["topologySpreadConstraints"]] == [
            "topology.kubernetes.io/zone"
        ]
        for container in pod["containers"]:
            assert {"requests", "limits"} <= container["resources"].keys(), name
            assert container["securityContext"]["readOnlyRootFilesystem"], name


async def test_two_renders_are_equal_and_nodes_are_required_unless_they_are_only_preferred(
    offline: Helm, objects: list[Object]
) -> None:
    softer = await rendered(offline, ha={"enabled": True, "spread": "preferred"})
    assert "requiredDuring" not in str(softer)
    kept = [item for item in objects if item["metadata"]["name"] not in QUORUMS]
    assert kept == [item for item in softer if item["metadata"]["name"] not in QUORUMS]


async def test_services_are_told_of_every_server_and_every_sentinel(
    objects: list[Object],
) -> None:
    templates = pods(objects)
    for name in CLIENTS:
        told = environment(templates[name])
        hosts = re.findall(r"tls://([^:]+):4222", told["FAIRLEAD_NATS_URL"])
        assert set(hosts) < set(members("argocd-nats"))
        assert (len(hosts), told["FAIRLEAD_NATS_COPIES"]) == (3, "3")
        assert ("FAIRLEAD_REDIS_URL" in told) == (name in CACHING)
        if name in CACHING:
            assert tuple(re.findall(r"([\w-]+):26379", told["FAIRLEAD_REDIS_URL"])) == REPLICAS


async def test_only_servers_of_a_kind_and_their_clients_speak_to_each_other(
    objects: list[Object],
) -> None:
    known = named(objects)
    arrows = set()
    for name in QUORUMS:
        for rule in known[f"NetworkPolicy/{name}-network-policy"]["spec"]["ingress"]:
            peers = {peer["podSelector"]["matchLabels"]["app.kubernetes.io/name"] for peer in rule["from"]}
            arrows |= {(peer, name, each["port"]) for peer in peers for each in rule["ports"]}
    assert arrows == {
        *((client, "argocd-nats", "nats") for client in CLIENTS),
        ("argocd-nats", "argocd-nats", "routes"),
        *(
            (client, "argocd-redis-ha-server", port)
            for client in {*CACHING, "argocd-redis-ha-server"}
            for port in ("redis", "sentinel")
        ),
    }
    names, to_each_other = known["NetworkPolicy/argocd-redis-ha-server-network-policy"]["spec"]["egress"]
    assert "to" not in names
    assert "argocd-redis-ha-server" in str(to_each_other["to"])


async def test_every_object_is_valid_to_the_api_server(
    objects: list[Object], control_plane: ControlPlane
) -> None:
    namespaced = [item for item in objects if not item["kind"].startswith(("Cluster", "Custom"))]
    manifest = b"\n---\n".join(msgspec.json.encode(item) for item in namespaced)
    await control_plane.kubectl("create", "namespace", "argocd-ha-chart")
    replaced = manifest.replace(b'"namespace":"argocd"', b'"namespace":"argocd-ha-chart"')
    output = await control_plane.kubectl(
        "apply", "--server-side", "--dry-run=server", "--validate=strict", "-f", "-", stdin=replaced
    )
    assert len(output.splitlines()) == len(namespaced)


def test_servers_of_nats_know_each_other_by_a_password_that_clients_have_not(
    objects: list[Object],
) -> None:
    """The entries of the Secret that a cluster reads beside those that a server alone does."""
    assert "nats-routes" in names()
    readers = {name for name, template in pods(objects).items() if "'nats-routes'" in str(template)}
    assert readers == {"argocd-nats"}


async def test_a_nats_and_a_redis_of_ones_own_take_the_place_of_the_charts(offline: Helm) -> None:
    sentinel = {"hosts": ["a.example:26379", "b.example:26379"], "master": "cache"}
    values = {
        "secrets": {"existing": "mine"},
        "nats": {"external": {"url": "tls://a.example:4222,tls://b.example:4222"}, "streamReplicas": 3},
        "redis": {"enabled": False, "external": {"sentinel": sentinel, "secret": "cache", "ca": True}},
    }
    objects = await rendered(offline, **values)
    assert set(pods(objects)) == CLIENTS
    made = {item["metadata"]["name"] for item in objects}
    assert not [name for name in made if name.startswith(("argocd-nats", "argocd-redis"))]
    told = environment(pods(objects)["argocd-repo-server"])
    assert told["FAIRLEAD_NATS_URL"] == "tls://a.example:4222,tls://b.example:4222"
    assert told["REDIS_SENTINEL_HOSTS"] == "a.example:26379,b.example:26379"
    assert told["REDIS_CREDS_DIR_PATH"] == "/app/config/redis"
    assert {"FAIRLEAD_REDIS_URL", "FAIRLEAD_NATS_FIRST"}.isdisjoint(told)
    assert "/app/config/redis" not in str(pods(objects)["argocd-notifications-controller"])


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"nats": {"streamReplicas": 3}}, "nats.streamReplicas: 1 servers cannot hold 3 copies"),
        ({"nats": {"replicas": 2}}, "at '/nats/replicas'"),
        ({"nats": {"external": {"url": "tls://a:4222"}}}, "secrets.existing names the Secret"),
        ({"nats": {"external": {"url": "https://a"}}}, "at '/nats/external/url'"),
        ({"redis": {"enabled": False}}, "server or sentinel.hosts, when redis.enabled is false"),
        ({"redis": {"external": {"sentinel": {"hosts": ["a"]}}}}, "at '/redis/external/sentinel/hosts/0'"),
        ({"ha": {"enabled": True, "spread": "wide"}}, "at '/ha/spread'"),
    ],
)
async def test_a_wrong_value_is_refused_with_its_path(offline: Helm, values: Object, words: str) -> None:
    with pytest.raises(HelmError) as refused:
        await rendered(offline, **values)
    assert words in str(refused.value)


async def test_nats_as_it_is_configured_is_one_broker_and_lets_no_stranger_in(
    objects: list[Object], tmp_path: Path
) -> None:
    """Certificates are the keys program's, addresses alone are this machine's."""
    known = named(objects)
    keys = missing({}, {"nats": members("argocd-nats"), "redis": REPLICAS})
    ports = [(choose_port(), choose_port(), choose_port()) for _ in range(3)]
    servers = [
        await started(known, keys, number, ports, tmp_path / str(number)) for number in range(len(ports))
    ]
    try:
        urls = ",".join(f"tls://{LOOPBACK}:{port}" for port, _, _ in ports)
        config = BusConfig(
            url=urls,
            service="app-controller",
            user="app-controller",
            password=keys["nats-app-controller"].decode(),
            ca=str(tmp_path / "0" / "tls" / "ca.crt"),
            copies=Copies(number=3, first="server:argocd-nats-0"),
        )
        bus = await Bus.connect(config)
        async with asyncio.timeout(PATIENCE):
            for stream in topology.STREAMS:
                while len(await followers(bus, stream.name)) != 2:
                    await asyncio.sleep(0.2)
        assert await followers(bus, "EVENTS") <= {f"argocd-nats-{number}" for number in range(3)}
        await bus.close()
        log = (tmp_path / "0" / "log").read_text()
        assert "TLS route handshake complete" in log or "Route connection created" in log
    finally:
        for server in servers:
            server.kill()
            await server.wait()


async def followers(bus: Bus, stream: str) -> set[str]:
    info = await bus.jetstream.stream_info(stream)
    return {each.name for each in (info.cluster.replicas if info.cluster else None) or () if each.current}


async def started(
    objects: dict[str, Object],
    keys: dict[str, bytes],
    number: int,
    ports: list[tuple[int, int, int]],
    folder: Path,
) -> asyncio.subprocess.Process:
    """One pod's server: the pod's environment and configuration, with addresses of this machine."""
    (folder / "tls").mkdir(parents=True)
    for name in ("ca.crt", "nats.crt", "nats.key"):
        (folder / "tls" / name).write_bytes(keys[name])
    client, routes, monitor = ports[number]
    text = objects["ConfigMap/argocd-nats"]["data"]["nats.conf"]
    text = text.replace("/etc/nats/tls", str(folder / "tls")).replace("/data", str(folder / "data"))
    for before, after in (("0.0.0.0:4222", client), ("0.0.0.0:6222", routes), ("127.0.0.1:8222", monitor)):
        text = text.replace(before, f"{LOOPBACK}:{after}")
    (folder / "nats.conf").write_text(text)
    known = {"POD_NAME": f"argocd-nats-{number}"}
    for entry in pods(list(objects.values()))["argocd-nats"]["spec"]["containers"][0]["env"]:
        if "secretKeyRef" in entry.get("valueFrom", {}):
            known[entry["name"]] = keys[entry["valueFrom"]["secretKeyRef"]["key"]].decode()
        elif "value" in entry:
            value = re.sub(r"\$\((\w+)\)", lambda each: known[each[1]], entry["value"])
            for other, (_, port, _) in enumerate(ports):
                value = value.replace(f"argocd-nats-{other}.argocd-nats-headless:6222", f"{LOOPBACK}:{port}")
            known[entry["name"]] = value
    with (folder / "log").open("ab") as output:
        return await asyncio.create_subprocess_exec(
            *tied([script_program("nats-server"), "--config", folder / "nats.conf"]),
            env=known,
            stdout=output,
            stderr=output,
        )
