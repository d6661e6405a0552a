"""The `argocd` steps of the guide that Fairlead follows: two services, app of apps, self-healing, trouble."""

import asyncio
import shlex
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from fairlead.local.demo.repositories import application, service_files
from tests.compat.conftest import Session
from tests.compat.walk import Step, walked
from tests.recorded_world import RecordedWorld, is_at_rest

ORDER, NOTIFICATION, ROOT = "order-gateway-production", "notification-svc-production", "root-app"
NAMESPACE = "order-gateway-prod"
AUTOMATED = {"prune": True, "selfHeal": True}

AS_THE_GUIDE_HAS_IT = (
    Step(f"app get {ORDER}", out=(r"^Sync Status:\s+Synced to main", r"^Health Status:\s+Healthy$")),
    Step(f"app get {ORDER} -o json", json={"spec.syncPolicy.automated": AUTOMATED}),
    Step(f"app diff {ORDER}"),
    Step(f"app manifests {ORDER}", out=("^kind: Deployment$", "^kind: Service$", "replicas: 3")),
    Step(f"app get {ROOT}", out=(rf"Application\s+argocd\s+{NOTIFICATION}\s+Synced",)),
    Step(f"app sync {ROOT}", out=(r"^Phase:\s+Succeeded$",)),
    Step(f"app wait {ROOT} {ORDER} {NOTIFICATION} --health --sync --timeout 240"),
    Step("app list", out=(ORDER, NOTIFICATION, ROOT)),
)
PAUSED = (
    Step(f"app set {ORDER} --sync-policy none"),
    Step(f"app get {ORDER} -o json", json={"spec.syncPolicy.automated": None}),
)
DRIFTED = (
    Step(f"app diff {ORDER} --refresh", code=1, out=(r"^<\s+replicas: 7$", r"^>\s+replicas: 3$")),
    Step(f"app get {ORDER} --refresh", out=(r"^Sync Status:\s+OutOfSync from main",)),
)
RESUMED = (
    Step(f"app set {ORDER} --sync-policy automated --auto-prune --self-heal"),
    Step(f"app wait {ORDER} --health --sync --timeout 240", out=(r"^Sync Status:\s+Synced to main",)),
    Step(f"app diff {ORDER}"),
)


def files_of(name: str) -> dict[str, str]:
    """The repository of a service."""
    return service_files(name, "nginx:1.27", replicas=3)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def platform(world: RecordedWorld) -> AsyncIterator[RecordedWorld]:
    """The first service, and a root application that has made that of the second."""
    order = await world.repository("order-gateway-config", files_of("order-gateway"))
    other = await world.repository("notification-svc-config", files_of("notification-svc"))
    app = application(NOTIFICATION, other, "notification-svc-prod")
    root = await world.repository("platform", {"apps/notification-svc.yaml": app})
    await world.apply(application(ORDER, order, NAMESPACE))
    await world.apply(application(ROOT, root, "argocd", path="apps"))
    for name in (ROOT, ORDER, NOTIFICATION):
        await world.until(name, lambda app: bool(app) and is_at_rest(app))
    yield world


async def test_the_guides_commands_show_what_the_guide_says(
    session: Session, platform: RecordedWorld
) -> None:
    wrong = await walked(session.terminal, AS_THE_GUIDE_HAS_IT, session.told)
    assert not wrong, "\n".join(wrong)


async def test_drift_is_healed_shown_while_paused_and_healed_again(
    session: Session, platform: RecordedWorld
) -> None:
    scale = shlex.split(f"-n {NAMESPACE} scale deploy/order-gateway --replicas=7")
    await platform.kubectl(*scale)
    await until_replicas(platform, 3)
    wrong = await walked(session.terminal, PAUSED, session.told)
    await platform.kubectl(*scale)
    await until_replicas(platform, 7)
    wrong += await walked(session.terminal, DRIFTED, session.told)
    wrong += await walked(session.terminal, RESUMED, session.told)
    await until_replicas(platform, 3)
    assert not wrong, "\n".join(wrong)


async def until_replicas(world: RecordedWorld, number: int) -> None:
    """Wait until the Deployment is as large as this."""
    words = ("-n", NAMESPACE, "get", "deploy/order-gateway", "-o", "jsonpath={.spec.replicas}")
    async with asyncio.timeout(240):
        while (await world.kubectl(*words)).strip() != str(number):
            await asyncio.sleep(0.1)


@pytest.mark.parametrize("name", [ORDER, NOTIFICATION, ROOT])
async def test_what_an_application_manages_is_listed(
    name: str, session: Session, platform: RecordedWorld
) -> None:
    wrong = await walked(
        session.terminal, (Step(f"app resources {name}", out=(r"^GROUP\s+KIND",)),), session.told
    )
    assert not wrong, "\n".join(wrong)
