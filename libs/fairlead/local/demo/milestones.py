"""The milestones of the guide, one function each, in its order."""

import time
from collections.abc import Awaitable, Callable
from functools import partial

import msgspec

from fairlead.local.demo import repositories as files
from fairlead.local.demo.from_registry import deploy_from_registry
from fairlead.local.demo.over_ssh import deploy_over_ssh
from fairlead.local.demo.stage import Stage, make_repository, until_settled
from fairlead.local.demo.story import DemoError

GATEWAY, GATEWAY_APP, GATEWAY_NS = "order-gateway", "order-gateway-production", "order-gateway-prod"
NOTIFY, NOTIFY_APP, NOTIFY_NS = "notification-svc", "notification-svc-production", "notification-svc-prod"
STAGING_APP, STAGING_NS = "order-gateway-staging", "order-gateway-staging"
ROOT_APP = "root-app"
IMAGE = "nginx:1.27"


async def install(stage: Stage) -> None:
    """Milestone 1: Fairlead runs, nothing is registered yet."""
    story = stage.story
    story.chapter("Milestone 1 · Install")
    await story.run(f"{stage.login} {stage.password}", quiet=True, shown=f"{stage.login} …")
    await story.run("fairlead version --short")
    listed = await story.run("fairlead app list -o name")
    if listed.strip():
        raise DemoError(f"a new installation lists applications: {listed}")
    story.say("running, with no Applications registered")


async def structure_repository(stage: Stage) -> None:
    """Milestone 2: a config repository with a base and overlays."""
    stage.story.chapter("Milestone 2 · Structure the config repository")
    for name, replicas in ((GATEWAY, 3), (NOTIFY, 2)):
        repo = await make_repository(stage, f"{name}-config")
        tree = files.service_files(name, IMAGE, replicas=replicas)
        stage.commits[name] = await repo.publish(tree, f"{name}: base and overlays")
        await repo.tag("v1.0.0")
    await stage.story.run("git ls-tree -r --name-only HEAD", cwd=stage.repos[f"{GATEWAY}-config"].folder)
    stage.story.say("versioned and declarative; Fairlead has not seen it yet")


async def create_application(stage: Stage) -> None:
    """Milestone 3: the Application, applied with kubectl, reaches Synced and Healthy."""
    story = stage.story
    story.chapter("Milestone 3 · Create the Application")
    await _apply_application(stage)
    await story.check(
        "3 replicas are ready in the cluster", partial(stage.view.replicas, GATEWAY_NS, GATEWAY, 3)
    )
    await story.run(f"fairlead app get {GATEWAY_APP}")


async def read_back(stage: Stage) -> None:
    """Milestone 4: automated sync and self-heal are on in the live object."""
    story = stage.story
    story.chapter("Milestone 4 · Automated sync and self-heal are active")
    text = await story.run(f"fairlead app get {GATEWAY_APP} -o json", quiet=True)
    policy = msgspec.json.decode(text)["spec"]["syncPolicy"]
    story.say(f".spec.syncPolicy = {msgspec.json.encode(policy).decode()}")
    if policy.get("automated") != {"prune": True, "selfHeal": True}:
        raise DemoError(f"automated is {policy.get('automated')}")


async def heal(stage: Stage) -> None:
    """Milestone 5: a scale by hand is reverted."""
    story = stage.story
    story.chapter("Milestone 5 · Self-healing")
    await story.run(f"kubectl -n {GATEWAY_NS} scale deploy/{GATEWAY} --replicas=10")
    began = time.monotonic()
    await story.check(
        "reverted to the 3 replicas that Git declares",
        partial(stage.view.replicas, GATEWAY_NS, GATEWAY, 3),
        since=began,
    )


async def add_by_commit(stage: Stage) -> None:
    """Milestone 6: a second service arrives by a commit to the app-of-apps alone."""
    story = stage.story
    story.chapter("Milestone 6 · A second service by app-of-apps")
    platform = await make_repository(stage, "platform-config")
    staging = files.application(
        STAGING_APP, _url(stage, GATEWAY), STAGING_NS, path="overlays/staging", control=stage.namespace
    )
    await platform.publish({f"apps/{GATEWAY}.yaml": staging}, "The platform has an order gateway")
    root = files.application(
        ROOT_APP, stage.git.repo_url("platform-config"), stage.namespace, path="apps", control=stage.namespace
    )
    await story.run("kubectl apply -f -", stdin=root)
    await until_settled(stage, ROOT_APP)
    child = files.application(NOTIFY_APP, _url(stage, NOTIFY), NOTIFY_NS, control=stage.namespace)
    began = time.monotonic()
    await platform.publish({f"apps/{NOTIFY}.yaml": child}, "Add notification-svc to the platform")
    story.say("git commit -m 'Add notification-svc to the platform' && git push")
    await story.check(
        f"{NOTIFY_APP} is Synced and Healthy, without a kubectl apply",
        partial(stage.view.application, NOTIFY_APP, "Synced", "Healthy"),
        since=began,
    )
    await story.run("fairlead app list")


async def pin(stage: Stage) -> None:
    """Pin to a tag, then to a commit: a push to main changes nothing."""
    story = stage.story
    story.chapter("Pin · a tag, then a commit")
    repo = stage.repos[f"{GATEWAY}-config"]
    first = stage.commits[GATEWAY]
    await story.run(f"fairlead app set {GATEWAY_APP} --revision v1.0.0", quiet=True)
    await until_settled(stage, GATEWAY_APP, first)
    overlay = files.production_overlay(GATEWAY, replicas=3, image_tag="1.28")
    second = await repo.publish(
        {"overlays/production/kustomization.yaml": overlay}, "order-gateway: nginx 1.28"
    )
    story.say("pushed nginx 1.28 to main")
    await story.check("still nginx 1.27, as the tag says", _image(stage, IMAGE))
    began = time.monotonic()
    await story.run(f"fairlead app set {GATEWAY_APP} --revision {second}", quiet=True)
    await story.check("nginx 1.28 runs", _image(stage, "nginx:1.28"), since=began)
    await until_settled(stage, GATEWAY_APP, second)


async def push_to_live(stage: Stage) -> None:
    """A push to the followed branch is live at once."""
    story = stage.story
    story.chapter("Follow main again · push to live")
    await story.run(f"fairlead app set {GATEWAY_APP} --revision main", quiet=True)
    await until_settled(stage, GATEWAY_APP)
    overlay = files.production_overlay(GATEWAY, replicas=3, image_tag="1.29")
    began = time.monotonic()
    await stage.repos[f"{GATEWAY}-config"].publish(
        {"overlays/production/kustomization.yaml": overlay}, "order-gateway: nginx 1.29"
    )
    await story.check(
        "nginx 1.29 runs, counted from before the push", _image(stage, "nginx:1.29"), since=began
    )


async def pause(stage: Stage) -> None:
    """An incident: pause, change by hand, look at the difference, resume."""
    story = stage.story
    story.chapter("Pause · an incident")
    await story.run(f"fairlead app set {GATEWAY_APP} --sync-policy none", quiet=True)
    await story.run(f"kubectl -n {GATEWAY_NS} scale deploy/{GATEWAY} --replicas=10")
    await story.check(
        "OutOfSync, and left alone", partial(stage.view.application, GATEWAY_APP, "OutOfSync", "Healthy")
    )
    await story.run(f"fairlead app diff {GATEWAY_APP}", expect=1)
    await story.run(f"fairlead app manifests {GATEWAY_APP}")
    began = time.monotonic()
    await story.run(f"fairlead app sync {GATEWAY_APP}")
    await story.check("3 replicas again", partial(stage.view.replicas, GATEWAY_NS, GATEWAY, 3), since=began)
    await story.run(f"fairlead app history {GATEWAY_APP}")


async def delete(stage: Stage) -> None:
    """Delete with cascade: the application and what it deployed."""
    story = stage.story
    story.chapter("Delete with cascade")
    for app, name, namespace in ((GATEWAY_APP, GATEWAY, GATEWAY_NS), (ROOT_APP, NOTIFY, NOTIFY_NS)):
        began = time.monotonic()
        await story.run(f"fairlead app delete {app} --yes")
        await story.check(f"Application {app} is gone", partial(stage.view.no_application, app), since=began)
        await story.check(
            f"{name} is gone from {namespace}", partial(stage.view.is_gone, namespace, name), since=began
        )


async def leave(stage: Stage) -> None:
    """The Application once more, for who goes on looking at what was deleted."""
    stage.story.chapter("Once more, to be looked at")
    await _apply_application(stage)


async def _apply_application(stage: Stage) -> None:
    manifest = files.application(GATEWAY_APP, _url(stage, GATEWAY), GATEWAY_NS, control=stage.namespace)
    began = time.monotonic()
    await stage.story.run("kubectl apply -f -", stdin=manifest)
    await stage.story.check(
        "Synced and Healthy", partial(stage.view.application, GATEWAY_APP, "Synced", "Healthy"), since=began
    )


MILESTONES: tuple[Callable[[Stage], Awaitable[None]], ...] = (
    install,
    structure_repository,
    create_application,
    read_back,
    heal,
    add_by_commit,
    pin,
    push_to_live,
    deploy_over_ssh,
    deploy_from_registry,
    pause,
    delete,
)


def _url(stage: Stage, service: str) -> str:
    return stage.git.repo_url(f"{service}-config")


def _image(stage: Stage, wanted: str) -> Callable[[], Awaitable[str]]:
    return partial(stage.view.image, GATEWAY_NS, GATEWAY, wanted)
