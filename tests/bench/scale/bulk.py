"""A thousand new objects of one application, beside the same patches sent to the same apiserver by hand."""

import time
from contextlib import suppress

import msgspec

from fairlead.kube.errors import NotFoundError
from fairlead.kube.rest import KubeClient
from tests.bench.objects import APPLICATIONS, CONFIG_MAPS
from tests.bench.report import Figure, Measured
from tests.bench.scale.renders import REPOSITORY
from tests.bench.scale.world import NAMESPACE, World
from tests.bench.stage import gather, make_namespace

OBJECTS = 1000
BAR_SHARE = 70.0
SETTLE_SECONDS = 300.0
NAME = "bulk"
LOCAL = "https://kubernetes.default.svc"
MANAGER = "argocd-controller"


async def measure(world: World) -> Measured:
    """Raises BenchError when the application does not become Synced."""
    await gather(make_namespace(world.kube, name) for name in (NAME, f"{NAME}-by-hand"))
    world.renders.own[NAME] = [_config_map(NAME, number) for number in range(OBJECTS)]
    began = await world.start()
    await world.steady(began, seconds=SETTLE_SECONDS)
    hand = [await _by_hand(world.kube)]
    before, began = world.cpu_seconds(), time.monotonic()
    await world.kube.create(APPLICATIONS, _application(), NAMESPACE)
    settled = await world.applications.until(
        [(NAMESPACE, NAME)], lambda app: app.is_settled, seconds=SETTLE_SECONDS, what="Synced and Healthy"
    )
    ours, cpu = settled - began, world.cpu_seconds() - before
    hand.append(await _by_hand(world.kube))
    bare = sum(hand) / len(hand)
    return Measured(
        title=f"{OBJECTS} new objects",
        figures=(
            Figure(
                name="of the bare apiserver's rate",
                value=100 * bare / ours,
                unit="%",
                bar=BAR_SHARE,
                is_floor=True,
                note=f"{OBJECTS / ours:.0f} a second, by hand {OBJECTS / bare:.0f} with the same patches",
            ),
            Figure(name="from the Application until Synced", value=ours, unit="s", note=f"{cpu:.2f} CPU-s"),
            Figure(name="by hand", value=bare, unit="s", note="before and after, the mean"),
        ),
    )


async def _by_hand(client: KubeClient) -> float:
    """Seconds that the patches take alone; they are deleted again."""
    space = f"{NAME}-by-hand"
    bodies = [_patch(space, number) for number in range(OBJECTS)]
    began = time.monotonic()
    await gather(
        client.apply(CONFIG_MAPS, f"item-{number:04d}", body, space, field_manager=MANAGER)
        for number, body in enumerate(bodies)
    )
    took = time.monotonic() - began
    await gather(_gone(client, f"item-{number:04d}", space) for number in range(OBJECTS))
    return took


async def _gone(client: KubeClient, name: str, namespace: str) -> None:
    with suppress(NotFoundError):
        await client.delete(CONFIG_MAPS, name, namespace)


def _config_map(namespace: str, number: int) -> dict[str, object]:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": f"item-{number:04d}", "namespace": namespace},
        "data": {"number": str(number), "text": "of a size that is usual " * 20},
    }


def _patch(namespace: str, number: int) -> bytes:
    body = _config_map(namespace, number)
    mark = f"{NAME}:/ConfigMap:{namespace}/item-{number:04d}"
    metadata = {**msgspec.convert(body["metadata"], dict[str, object])}
    metadata["annotations"] = {"argocd.argoproj.io/tracking-id": mark}
    return msgspec.json.encode({**body, "metadata": metadata})


def _application() -> dict[str, object]:
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": NAME, "namespace": NAMESPACE},
        "spec": {
            "project": "default",
            "source": {"repoURL": REPOSITORY, "path": NAME},
            "destination": {"server": LOCAL, "namespace": NAME},
            "syncPolicy": {"automated": {"prune": True, "selfHeal": True}},
        },
    }
