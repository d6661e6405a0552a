"""From a dry commit to what is live: rendered, committed, pushed, found and deployed by real servers."""

import msgspec

from fairlead.kube.collection import CONFIG_MAPS
from fairlead.model.application import Application
from tests.integration.app_controller.lab import automated
from tests.integration.hydration.conftest import Whole

CHART = "apiVersion: v2\nname: web\nversion: 1.0.0\n"
TEMPLATE = (
    "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\ndata:\n"
    "  colour: {{ .Values.colour }}\n"
)


def said(app: Application) -> tuple[str, str]:
    current = app.status.source_hydrator.current_operation
    return (current.phase.value, current.dry_sha) if current is not None else ("", "")


async def hydrated(whole: Whole, commit: str, name: str) -> str:
    """The hydrated commit, once an application is at a dry one."""
    app = await whole.lab.until(lambda app: said(app) == ("Hydrated", commit), name)
    current = app.status.source_hydrator.current_operation
    assert current is not None
    return current.hydrated_sha


async def test_a_dry_commit_goes_through_the_branch_to_the_cluster_and_a_needless_one_makes_no_commit(
    whole: Whole,
) -> None:
    files = {
        "web/Chart.yaml": CHART,
        "web/values.yaml": "colour: white\n",
        "web/templates/map.yaml": TEMPLATE,
        "other/map.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: plain\ndata:\n  colour: red\n",
        "unrelated": "1",
    }
    first = await whole.dry.publish(files, "First")
    lab = whole.lab
    for name in ("web", "other"):
        await lab.create_app(name, source=None, sourceHydrator=whole.hydrator(name), **automated())
    for name in ("web", "other"):
        await hydrated(whole, first, name)
    await lab.synced("web")
    await lab.synced("other")
    live = await lab.get(CONFIG_MAPS, "web")
    assert live is not None
    assert live["data"] == {"colour": "white"}
    manifest = await whole.hydrated("show", "env/prod:web/manifest.yaml")
    assert "colour: white" in manifest
    assert "argocd.argoproj.io" not in manifest
    assert lab.namespace not in manifest
    metadata = msgspec.json.decode(await whole.hydrated("show", "env/prod:web/hydrator.metadata"))
    assert metadata["drySha"] == first
    assert metadata["commands"][0].startswith("helm template web --name-template web")

    second = await whole.dry.publish({"web/values.yaml": "colour: blue\n"}, "Second")
    await whole.told()
    commit = await hydrated(whole, second, "web")
    assert await hydrated(whole, second, "other") == commit
    await lab.synced("web", commit)
    live = await lab.get(CONFIG_MAPS, "web")
    assert live is not None
    assert live["data"] == {"colour": "blue"}
    assert "Second" in await whole.hydrated("log", "-1", "--format=%s", "env/prod")

    count = await whole.hydrated("rev-list", "--count", "env/prod")
    third = await whole.dry.publish({"unrelated": "2"}, "Third")
    await whole.told()
    assert await hydrated(whole, third, "web") == commit
    assert await whole.hydrated("rev-list", "--count", "env/prod") == count
    assert third in await whole.hydrated("notes", "--ref=hydrator.metadata", "show", "env/prod")


async def test_a_dry_branch_that_is_set_back_is_followed_back(whole: Whole) -> None:
    lab, name = whole.lab, "back"
    first = await whole.dry.publish({"back/map.yaml": manifest_of("one")}, "One")
    await lab.create_app(name, source=None, sourceHydrator=whole.hydrator(name), **automated())
    await hydrated(whole, first, name)
    second = await whole.dry.publish({"back/map.yaml": manifest_of("two")}, "Two")
    asked = {"metadata": {"annotations": {"argocd.argoproj.io/hydrate": "normal"}}}
    await lab.patch_app(asked, name)
    await hydrated(whole, second, name)
    await whole.dry.reset(first)
    await whole.dry.push(force=True)
    await lab.patch_app(asked, name)
    await hydrated(whole, first, name)
    assert "one" in await whole.hydrated("show", "env/prod:back/manifest.yaml")


def manifest_of(colour: str) -> str:
    return f"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: back\ndata:\n  colour: {colour}\n"


async def test_head_is_not_hydrated_into_the_branch_that_it_means(whole: Whole) -> None:
    lab, name = whole.lab, "itself"
    await whole.dry.publish({f"{name}/map.yaml": manifest_of("one")}, "One")
    hydrator = whole.hydrator(
        name,
        drySource={"repoURL": whole.dry_url, "targetRevision": "HEAD", "path": name},
        syncSource={"repoURL": whole.dry_url, "targetBranch": "main", "path": f"{name}-hydrated"},
    )
    await lab.create_app(name, source=None, sourceHydrator=hydrator)
    app = await lab.until(lambda app: said(app)[0] == "Failed", name)
    current = app.status.source_hydrator.current_operation
    assert current is not None
    assert "branch main would be hydrated into itself" in current.message
