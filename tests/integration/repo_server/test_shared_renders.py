"""Equal inputs are rendered once, whoever wants them."""

import asyncio

import msgspec

from fairlead.events import RepositorySource, SourcesWanted
from fairlead.repo_server.rendering.attempt import Asked
from tests.integration.repo_server.suite import config_map
from tests.integration.repo_server.test_renderer import CHART, Scene, scene, wish

__all__ = ["scene"]


def of(name: str, source: RepositorySource) -> SourcesWanted:
    return msgspec.structs.replace(wish(source), name=name, instance=name)


def own(name: str) -> str:
    return f"web/.argocd-source-{name}.yaml"


KUSTOMIZATION = {"web/kustomization.yaml": "resources: [cm.yaml]\n", "web/cm.yaml": config_map("web")}


async def test_applications_of_one_path_share_one_render_and_each_follows_its_own_files(scene: Scene) -> None:
    work = await scene.repository("together", {**KUSTOMIZATION, "other/x": "1"})
    source = RepositorySource(repo_url=scene.git.repo_url("together"), path="web")
    first = await scene.produce(of("one", source))
    second = await scene.produce(of("two", source))
    assert (first.fresh, second.fresh, first.digest) == (True, False, second.digest)
    assert own("one") in first.read[0]
    assert own("two") in second.read[0]
    assert own("one") not in second.read[0], "a file that is for another does not concern it"
    scene.forget()
    assert not (await scene.produce(of("two", source))).fresh, "what is shared is remembered like its own"
    await work.publish({own("two"): "kustomize: {namePrefix: mine-}\n"}, "one of them wants it otherwise")
    changed, same = await scene.produce(of("two", source)), await scene.produce(of("one", source))
    assert (changed.fresh, same.fresh, same.digest) == (True, False, first.digest)
    assert changed.digest != first.digest
    assert not (await scene.produce(of("three", source))).fresh
    assert (await scene.produce(of("three", source), Asked(anew=True))).fresh, "who insists has it rendered"


async def test_those_that_ask_at_once_wait_for_the_first(scene: Scene) -> None:
    await scene.repository("crowd", KUSTOMIZATION)
    source = RepositorySource(repo_url=scene.git.repo_url("crowd"), path="web")
    produced = await asyncio.gather(*(scene.produce(of(f"app-{number}", source)) for number in range(20)))
    assert sum(one.fresh for one in produced) == 1
    assert len({one.digest for one in produced}) == 1
    assert len({one.read for one in produced}) == 20


async def test_the_failure_of_the_first_is_not_that_of_the_others(scene: Scene) -> None:
    await scene.repository("broken", {**KUSTOMIZATION, own("one"): "kustomize: {version: nowhere}\n"})
    source = RepositorySource(repo_url=scene.git.repo_url("broken"), path="web")
    told = await asyncio.gather(
        *(scene.produce(of(name, source)) for name in ("one", "two", "three")), return_exceptions=True
    )
    assert isinstance(told[0], Exception)
    assert not any(isinstance(one, Exception) for one in told[1:])


async def test_two_branches_with_equal_files_share_one_render(scene: Scene) -> None:
    work = await scene.repository("branches", {**KUSTOMIZATION, "other/x": "1"})
    await work.write({"other/x": "2"})
    await work.commit("beside it")
    await work.push("HEAD:refs/heads/next")
    url = scene.git.repo_url("branches")
    first = await scene.produce(of("one", RepositorySource(repo_url=url, path="web", target_revision="main")))
    second = await scene.produce(
        of("two", RepositorySource(repo_url=url, path="web", target_revision="next"))
    )
    assert (first.fresh, second.fresh, first.digest) == (True, False, second.digest)


async def test_what_names_its_application_is_rendered_for_each(scene: Scene) -> None:
    chart = {"web/Chart.yaml": CHART, "web/templates/a.yaml": config_map("{{ .Release.Name }}")}
    await scene.repository("charts", chart)
    source = RepositorySource(repo_url=scene.git.repo_url("charts"), path="web")
    one, two = await scene.produce(of("one", source)), await scene.produce(of("two", source))
    assert (one.fresh, two.fresh) == (True, True)
    assert one.digest != two.digest
    named = {"web/.argocd-source.yaml": "kustomize: {images: ['a=$ARGOCD_APP_NAME']}\n"}
    await scene.repository("named", {**KUSTOMIZATION, **named})
    source = RepositorySource(repo_url=scene.git.repo_url("named"), path="web")
    assert (await scene.produce(of("one", source))).fresh
    assert (await scene.produce(of("two", source))).fresh, "an override may name the application"
    images = {"kustomize": {"images": ["a=$ARGOCD_APP_NAME"]}}
    await scene.repository("options", KUSTOMIZATION)
    source = RepositorySource(repo_url=scene.git.repo_url("options"), path="web", options=images)
    assert (await scene.produce(of("one", source))).fresh
    assert (await scene.produce(of("two", source))).fresh, "and so may options"


async def test_a_chart_for_two_clusters_of_one_kind_is_rendered_once(scene: Scene) -> None:
    chart = {"web/Chart.yaml": CHART, "web/templates/a.yaml": config_map("{{ .Release.Name }}")}
    await scene.repository("clusters", chart)
    options = {"helm": {"releaseName": "shop"}}
    source = RepositorySource(repo_url=scene.git.repo_url("clusters"), path="web", options=options)
    one, two = await scene.produce(of("one", source)), await scene.produce(of("two", source))
    assert (one.fresh, two.fresh, one.digest) == (True, False, two.digest)
    other = msgspec.structs.replace(of("three", source), kube_version="1.34.0")
    assert (await scene.produce(other)).fresh, "a cluster of another version is another input"
