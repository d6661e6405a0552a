"""Settings of the installation decide how sources are rendered, and a change renders whom it concerns."""

import itertools
from collections.abc import Mapping

from fairlead.bus.topology import SETTINGS_BUCKET
from fairlead.events import ManifestsRendered, RenderLevel, RepositorySource
from fairlead.events.envelope import encode
from fairlead.events.render_settings import RENDER_SETTINGS
from fairlead.settings.rendering import render_settings
from tests.integration.repo_server.suite import Suite, config_map

FILES = {
    "base/shared.yaml": config_map("shared"),
    "overlay/kustomization.yaml": "resources: [../base/shared.yaml]\n",
    "inside/kustomization.yaml": "resources: [cm.yaml]\n",
    "inside/cm.yaml": config_map("inside"),
    "plain/cm.yaml": config_map("plain"),
    "chart/Chart.yaml": "apiVersion: v2\nname: chart\nversion: 0.1.0\n",
    "chart/templates/cm.yaml": config_map("from-{{ .Release.Name }}"),
    "chart/cm.yaml": config_map("beside"),
}


async def instruct(
    suite: Suite, settings: Mapping[str, str], parameters: Mapping[str, str] | None = None
) -> None:
    """What an app-controller hands over that reads these ConfigMaps."""
    found, _ = render_settings(settings, parameters or {})
    await suite.bus.key_value(SETTINGS_BUCKET).put(RENDER_SETTINGS, encode(found))


def works(answer: ManifestsRendered) -> bool:
    return answer.failure is None


def fails(answer: ManifestsRendered) -> bool:
    return answer.failure is not None


async def names(suite: Suite, answer: ManifestsRendered) -> list[str]:
    return [document["metadata"]["name"] for document in await suite.documents(answer)]


async def test_a_setting_renders_those_again_whom_it_concerns_and_nobody_else(suite: Suite) -> None:
    await suite.repository("config", FILES)
    url = suite.git.repo_url("config")
    for name in ("overlay", "inside", "plain", "chart"):
        await suite.want(name, RepositorySource(repo_url=url, path=name))
    await suite.answer("overlay", fails)
    for name in ("inside", "plain", "chart"):
        await suite.answer(name, works)
    before = len(suite.answers)
    await instruct(suite, {"kustomize.buildOptions": "--load-restrictor LoadRestrictionsNone"})
    assert await names(suite, await suite.answer("overlay", works, after=before)) == ["shared"]
    await suite.answer("inside", works, after=before)
    await instruct(
        suite,
        {"kustomize.buildOptions": "--load-restrictor LoadRestrictionsNone", "helm.enable": "false"},
    )
    turned = await suite.answer("chart", lambda a: a.source_types == ("Directory",), after=before)
    assert await names(suite, turned) == ["beside"]
    await suite.webhook("config")
    answered = [answer.name for answer in suite.answers[before:]]
    assert answered.count("overlay") == 1
    assert answered.count("inside") == 1


async def test_whatever_changed_meanwhile_the_last_settings_decide(suite: Suite) -> None:
    await suite.repository("flips", FILES)
    url = suite.git.repo_url("flips")
    for name in ("overlay", "inside"):
        await suite.want(name, RepositorySource(repo_url=url, path=name))
    lifted = "--load-restrictor LoadRestrictionsNone"
    for number in range(12):
        await instruct(suite, {"kustomize.buildOptions": lifted if number % 2 else ""})
        await suite.ask("overlay", RenderLevel.RESOLVE)
    await instruct(suite, {"kustomize.buildOptions": f"{lifted} --enable-managedby-label"})
    for name in ("overlay", "inside"):
        await labelled(suite, name)
        answered = len(suite.answers)
        await suite.ask(name, RenderLevel.RESOLVE)
        [document] = await suite.documents(await suite.answer(name, after=answered))
        assert document["metadata"]["labels"], "and nothing older comes after it"


async def labelled(suite: Suite, name: str) -> None:
    """Return once an answer of an application was built with the label of who built it."""
    for place in itertools.count(1):
        answer = (
            await suite.until(lambda at=place: suite.answers[:at] if len(suite.answers) >= at else None)
        )[-1]
        if answer.name == name and works(answer):
            [document] = await suite.documents(answer)
            if document["metadata"].get("labels"):
                return


async def test_the_combined_limit_of_a_directory_is_that_of_the_settings(suite: Suite) -> None:
    size = "reposerver.max.combined.directory.manifests.size"
    await instruct(suite, {}, {size: "20"})
    await suite.repository("large", FILES)
    await suite.want("plain", RepositorySource(repo_url=suite.git.repo_url("large"), path="plain"))
    refused = await suite.answer("plain", fails)
    assert refused.failure is not None
    assert "exceeded max combined manifest file size" in refused.failure.message
    await instruct(suite, {}, {size: "10M"})
    assert await names(suite, await suite.answer("plain", works)) == ["plain"]


async def test_a_flag_that_nobody_knows_stops_what_kustomize_builds_and_nothing_else(suite: Suite) -> None:
    await instruct(suite, {"kustomize.buildOptions": "--unheard-of"})
    await suite.repository("flags", FILES)
    url = suite.git.repo_url("flags")
    for name in ("inside", "plain"):
        await suite.want(name, RepositorySource(repo_url=url, path=name))
    refused = await suite.answer("inside", fails)
    assert refused.failure is not None
    assert "kustomize.buildOptions: --unheard-of is not understood" in refused.failure.message
    await suite.answer("plain", works)


async def test_a_base_of_another_repository_is_built_on_and_looked_at_again_when_told(suite: Suite) -> None:
    bases = await suite.repository(
        "bases", {"web/kustomization.yaml": "resources: [cm.yaml]\n", "web/cm.yaml": config_map("one")}
    )
    entry = f"{suite.git.repo_url('bases')}//web?ref=main"
    work = await suite.repository("apps", {"app/kustomization.yaml": f"resources: ['{entry}']\n"})
    await suite.want("app", RepositorySource(repo_url=suite.git.repo_url("apps"), path="app"))
    assert await names(suite, await suite.answer("app", works)) == ["one"]
    await bases.publish({"web/cm.yaml": config_map("two")}, "another")
    commit = await work.publish({"README.md": "words"}, "elsewhere")
    await suite.webhook("apps")
    answer = await suite.answer("app", lambda a: works(a) and a.revisions == (commit,))
    assert await names(suite, answer) == ["one"], "a branch is believed for a while"
    before = len(suite.answers)
    await suite.ask("app", RenderLevel.HARD)
    assert await names(suite, await suite.answer("app", works, after=before)) == ["two"]


async def test_a_version_of_the_operators_builds_for_who_asks_for_it(suite: Suite) -> None:
    binary = suite.folder / "kustomize"
    binary.write_text("#!/bin/sh\nprintf 'apiVersion: v1\\nkind: ConfigMap\\nmetadata: {name: chosen}\\n'\n")
    binary.chmod(0o755)
    await suite.repository("versions", FILES)
    source = RepositorySource(
        repo_url=suite.git.repo_url("versions"), path="inside", options={"kustomize": {"version": "v4"}}
    )
    await suite.want("chosen", source)
    refused = await suite.answer("chosen", fails)
    assert refused.failure is not None
    assert "kustomize version v4 is not registered" in refused.failure.message
    await instruct(suite, {"kustomize.path.v4": str(binary)})
    assert await names(suite, await suite.answer("chosen", works)) == ["chosen"]
