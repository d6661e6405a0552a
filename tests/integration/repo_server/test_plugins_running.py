"""A repo-server as a process with plugins beside it: what it is asked, and what it follows."""

import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from fairlead.events import RepositorySource, decode, subjects
from fairlead.events.envelope import encode
from fairlead.events.sources import SourcesWanted
from fairlead.matching.repository import partition
from fairlead.rpc import GeneratedManifests, plugins
from fairlead.rpc.files import RENDER_FILES, RenderFiles
from tests.integration.repo_server.sidecars import plugin, sidecars
from tests.integration.repo_server.suite import PATIENCE, Suite, config_map
from tests.integration.repo_server.test_files import packed

SAID = """echo '{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"},'
echo "\\"data\\": {\\"said\\": \\"$(cat said)\\"}}"
"""


@pytest_asyncio.fixture(loop_scope="session")
async def folder() -> AsyncIterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="fairlead-running-"))
    made.chmod(0o711)  # commands run as somebody else where we are root
    yield made
    shutil.rmtree(made)


def wish_of(url: str, **options: object) -> SourcesWanted:
    source = RepositorySource(repo_url=url, path="app", target_revision="main", options=dict(options))
    return SourcesWanted(
        namespace="argocd",
        name="web",
        instance="web",
        project="default",
        sources=(source,),
        kube_version="1.36.0",
    )


async def test_a_plugin_is_waited_for_followed_and_asked_by_clients(unserved: Suite, folder: Path) -> None:
    suite, sockets = unserved, folder / "sockets"
    await suite.serve(f"--plugin-sockets={sockets}", "--plugins=said", "--poll-seconds=1")
    work = await suite.repository("plug", {"app/said": "one", "app/a.yaml": config_map("plain"), "other": ""})
    url = suite.git.repo_url("plug")
    await suite.want("web", RepositorySource(repo_url=url, path="app", target_revision="main"))
    early = await suite.answer("web", lambda a: a.failure is not None)
    assert early.failure is not None
    assert "plugin said is not there yet" in early.failure.message
    assert early.failure.transient
    spec = {
        "discover": {"fileName": "said"},
        "parameters": {"static": [{"name": "size", "title": "Size", "array": ["a"]}]},
    }
    async with sidecars(folder, sockets, plugin("said", SAID, **spec)) as (server,):
        first = await suite.answer("web", lambda a: a.failure is None)
        assert first.source_types == ("Plugin",)
        assert [one["data"]["said"] for one in await suite.documents(first)] == ["one"]
        commit = await work.publish({"app/said": "two"}, "second")
        second = await suite.answer("web", lambda a: a.revisions == (commit,))
        assert [one["data"]["said"] for one in await suite.documents(second)] == ["two"]
        other = await work.publish({"other": "touched"}, "third")
        third = await suite.answer("web", lambda a: a.revisions == (other,))
        assert third.digest == second.digest

        subject = subjects.rpc_repo(partition(url), plugins.LIST)
        listed = await suite.bus.request(subject, encode(plugins.ListPlugins()), timeout=PATIENCE)
        assert decode(plugins.ListedPlugins, listed).names == ("said",)
        subject = subjects.rpc_repo(partition(url), plugins.ANNOUNCE)
        for options, is_plugin in (
            ({}, True),
            ({"plugin": {"name": "said"}}, True),
            ({"directory": {}}, False),
        ):
            question = encode(plugins.AnnounceParameters(wanted=wish_of(url, **options)))
            answer = await suite.bus.request(subject, question, timeout=PATIENCE)
            announced = decode(plugins.AnnouncedParameters, answer)
            assert announced.is_plugin == is_plugin
            titles = [parameter["title"] for parameter in announced.parameters]
            assert titles == (["Size"] if is_plugin else [])

        sent = RenderFiles(wanted=wish_of(url, plugin={}), archive=packed({"app/said": b"sent"}))
        subject = subjects.rpc_repo(partition(url), RENDER_FILES)
        answer = await suite.bus.request(subject, encode(sent), timeout=PATIENCE)
        [document] = decode(GeneratedManifests, answer).documents or ()
        assert b'"said":"sent"' in document
        assert server.left() == []

    seen = len(suite.answers)
    await work.publish({"app/said": "three"}, "fourth")
    gone = await suite.answer("web", lambda a: a.failure is not None, after=seen)
    assert gone.failure is not None
    assert "plugin said is not there yet" in gone.failure.message
