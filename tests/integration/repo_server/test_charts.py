"""Charts of a chart repository, charts and artifacts in a registry: rendered, followed, and gone back to."""

import hashlib
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio

from fairlead.bus import RemoteError
from fairlead.bus.topology import CREDENTIALS_BUCKET, SETTINGS_BUCKET
from fairlead.events import (
    Cause,
    CredentialsListed,
    ManifestsRendered,
    RenderLevel,
    RenderSettings,
    RepositoryCredentials,
    RepositorySource,
    RevisionCheck,
    SourcesWanted,
    decode,
    subjects,
)
from fairlead.events.credentials import INDEX, PURPOSE, context_of
from fairlead.events.envelope import encode
from fairlead.events.render_settings import RENDER_SETTINGS
from fairlead.local.chart_server import ChartServer
from fairlead.local.packing import packed, packed_chart
from fairlead.local.pushing import EMPTY_CONFIG, OCI_MANIFEST, TAR_GZIP, Pusher
from fairlead.local.registry import RegistryServer
from fairlead.matching.repository import partition
from fairlead.rpc import (
    GeneratedManifests,
    GenerateManifests,
    RenderedSet,
    TestedRepository,
    TestRepository,
    access,
    affected,
    repo,
)
from fairlead.secret.seal import Seal, derive
from tests.integration.repo_server.suite import PATIENCE, SECRET, RepoServerProcess, Suite, config_map

POLLS = "--poll-seconds=2"
TEMPLATE = (
    "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\n"
    "data:\n  key: {{ .Values.key }}\n  own: {{ .Chart.Version | quote }}\n"
)


def chart(version: str, value: str = "default", name: str = "web", **more: str) -> bytes:
    files = {"values.yaml": f"key: {value}\n", "templates/cm.yaml": TEMPLATE, **more}
    return packed_chart(name, version, files)


def shows(*revisions: str) -> Callable[[ManifestsRendered], bool]:
    return lambda answer: answer.failure is None and answer.revisions == revisions


class Offers:
    """A repo-server, and what it may be pointed at."""

    def __init__(self, suite: Suite, charts: ChartServer, registry: RegistryServer, pusher: Pusher) -> None:
        self.suite, self.charts, self.registry, self.pusher = suite, charts, registry, pusher

    def of(self, version: str, name: str = "web", **options: object) -> RepositorySource:
        return RepositorySource(
            repo_url=self.charts.url, chart=name, target_revision=version, options=dict(options)
        )

    async def value(self, answer: ManifestsRendered) -> str:
        [document] = await self.suite.documents(answer)
        return str(document["data"]["key"])

    async def asked(self, verb: str, url: str, question: msgspec.Struct) -> bytes:
        payload = encode(question)  # type: ignore[arg-type]
        subject = subjects.rpc_repo(partition(url), verb)
        return await self.suite.bus.request(subject, payload, timeout=PATIENCE, patience=PATIENCE)

    async def generated(self, source: RepositorySource, revision: str) -> tuple[str, str]:
        """What people are told, and the value, of a source at a revision."""
        wanted = SourcesWanted(
            namespace="argocd", name="x", instance="x", project="default", sources=(source,)
        )
        question = GenerateManifests(wanted=wanted, revisions=(revision,))
        answer = decode(GeneratedManifests, await self.asked(repo.GENERATE, source.repo_url, question))
        assert answer.documents is not None
        [document] = RenderedSet(documents=answer.documents).objects()
        return answer.sources[0].revision, document["data"]["key"]


async def hand_over(suite: Suite, entries: Mapping[str, Mapping[str, str]]) -> None:
    """Credentials, as the app-controller hands them over."""
    seal = Seal(derive(SECRET.encode(), PURPOSE))
    bucket = suite.bus.key_value(CREDENTIALS_BUCKET)
    for name, data in entries.items():
        credentials = RepositoryCredentials(secret=name, secret_type="repository", data=dict(data))
        await bucket.put(name, seal.seal(context_of(name), encode(credentials)))
    listed = CredentialsListed(secrets=tuple(entries))
    await bucket.put(INDEX, seal.seal(context_of(INDEX), encode(listed)))
    await suite.bus.key_value(SETTINGS_BUCKET).put(RENDER_SETTINGS, encode(RenderSettings()))


@asynccontextmanager
async def offering(suite: Suite, folder: Path) -> AsyncIterator[Offers]:
    """A chart repository and a registry, and a repo-server that polls them often and may read them."""
    (folder / "registry").mkdir()
    async with (
        ChartServer() as charts,
        RegistryServer(folder / "registry") as registry,
        Pusher(registry.url) as pusher,
    ):
        plain = {"insecureOCIForceHttp": "true"}
        legacy = {"url": f"{registry.host}/charts", "type": "helm", "enableOCI": "true", **plain}
        artifact = {"url": f"oci://{registry.host}/team/web", "type": "oci", **plain}
        await hand_over(suite, {"artifact": artifact, "charts": legacy})
        await suite.serve(POLLS, credentials=True)
        yield Offers(suite, charts, registry, pusher)


@pytest_asyncio.fixture(loop_scope="session")
async def offers(unserved: Suite, tmp_path: Path) -> AsyncIterator[Offers]:
    async with offering(unserved, tmp_path) as offered:
        yield offered


async def test_a_chart_follows_its_range_and_a_version_that_is_published_anew(offers: Offers) -> None:
    suite, charts = offers.suite, offers.charts
    charts.add(chart("1.0.0", "one"))
    charts.add(chart("2.0.0", "two"))
    revision = {"parameters": [{"name": "key", "value": "at-$ARGOCD_APP_REVISION"}]}
    await suite.want("ranged", offers.of("1.*"))
    await suite.want("exact", offers.of("1.1.0"))
    await suite.want("told", offers.of("^1", helm=revision))
    first = await suite.answer("ranged", shows("1.0.0"))
    assert first.source_types == ("Helm",)
    assert len(first.commits[0]) == 40
    assert await offers.value(first) == "one"
    missing = await suite.answer("exact", lambda a: a.failure is not None)
    assert missing.failure is not None
    assert "1.1.0" in missing.failure.message
    assert await offers.value(await suite.answer("told", shows("1.0.0"))) == "at-1.0.0"

    charts.add(chart("1.1.0", "newer"))  # found by the poll alone
    second = await suite.answer("ranged", shows("1.1.0"))
    assert await offers.value(second) == "newer"
    assert await offers.value(await suite.answer("exact", shows("1.1.0"))) == "newer"
    assert await offers.value(await suite.answer("told", shows("1.1.0"))) == "at-1.1.0"

    assert await offers.generated(offers.of("1.*"), "1.0.0") == ("1.0.0", "one")
    question = affected.AffectedBy(
        part=partition(charts.url), repo_url=f"{charts.url}/web", old="1.1.0", new="1.0.0", target="1.*"
    )
    told = decode(affected.AffectedApplications, await offers.asked(affected.AFFECTED, charts.url, question))
    assert [(one.name, one.paths) for one in told.applications] == [("ranged", ("Chart.yaml", "values.yaml"))]
    tested = TestRepository(repo_url=charts.url, project="default", chart="web", revision=">=1 <2")
    answer = decode(TestedRepository, await offers.asked(repo.TEST, charts.url, tested))
    assert (answer.revision, answer.problem) == ("1.1.0", "")

    charts.withdraw("web", "1.1.0")
    charts.add(chart("1.1.0", "anew"))
    again = await suite.answer(
        "exact", lambda a: a.revisions == ("1.1.0",) and a.commits != second.commits and not a.failure
    )
    assert await offers.value(again) == "anew"
    assert not [a for a in suite.answers if a.revisions == ("2.0.0",)]


async def test_charts_of_one_repository_share_its_looks_and_are_not_mixed(offers: Offers) -> None:
    suite, charts = offers.suite, offers.charts
    names = [f"web{number}" for number in range(12)]
    for name in names:
        charts.add(chart("1.0.0", f"of-{name}", name))
    for name in names:
        await suite.want(name, offers.of("1.*", name))
    for name in names:
        assert await offers.value(await suite.answer(name, shows("1.0.0"))) == f"of-{name}"
    charts.add(chart("1.1.0", "newer", "web3"))
    charts.asked.clear()
    await suite.answer("web3", shows("1.1.0"))
    asked = [one.path for one in charts.asked]
    assert asked.count("index.yaml") <= 3, "one look at the index, not one for each of its charts"
    assert [path for path in asked if path != "index.yaml"] == ["charts/web3-1.1.0.tgz"]
    assert not [move for move in suite.moves if not move.repository.endswith("/web3")]


async def test_a_chart_repository_that_is_away_lies_or_serves_another_chart_is_named(offers: Offers) -> None:
    suite, charts = offers.suite, offers.charts
    path = charts.add(chart("1.0.0", "one"))
    charts.files[path] = chart("1.0.0", "two")
    await suite.want("lie", offers.of("1.0.0"))
    refused = await suite.answer("lie", lambda a: a.failure is not None)
    assert refused.failure is not None
    assert not refused.failure.transient
    assert "digest" in refused.failure.message
    other = packed_chart("other", "1.0.0")
    charts.files["other.tgz"] = other
    charts.add(chart("1.0.1"), url="other.tgz", digest=hashlib.sha256(other).hexdigest())
    await suite.want("other", offers.of("1.0.1"))
    refused = await suite.answer("other", lambda a: a.failure is not None)
    assert refused.failure is not None
    assert "'other'" in refused.failure.message
    await suite.want("none", offers.of("1.0.0", "none"))
    refused = await suite.answer("none", lambda a: a.failure is not None)
    assert refused.failure is not None
    assert "chart 'none' is not in the index" in refused.failure.message
    charts.statuses["index.yaml"] = 503
    await suite.want("away", offers.of("1.0.0", "away"))
    away = await suite.answer("away", lambda a: a.failure is not None)
    assert away.failure is not None
    assert away.failure.transient
    charts.add(chart("1.0.0", "back", "away"))
    charts.statuses.clear()
    assert await offers.value(await suite.answer("away", shows("1.0.0"))) == "back"
    charts.withdraw("web", "1.0.0")
    charts.add(chart("1.0.0", "right"))
    assert await offers.value(await suite.answer("lie", shows("1.0.0"))) == "right"


async def test_an_artifact_follows_its_tag_and_its_range_and_people_are_told_the_digest(
    offers: Offers,
) -> None:
    suite = offers.suite
    url = f"oci://{offers.registry.host}/team/web"

    async def push(tag: str, value: str, other: str = "same") -> str:
        files = {"a/cm.yaml": config_map("a", value), "b/cm.yaml": config_map("b", other)}
        return await offers.pusher.artifact("team/web", tag, packed(files))

    one = await push("stable", "one")
    ranged = await push("1.0.0", "first")
    for name, path, revision in (
        ("a", "a", "stable"),
        ("b", "b", "stable"),
        ("r", "a", "1.x"),
        ("any", "a", "*"),
        ("pinned", "a", one),
    ):
        await suite.want(name, RepositorySource(repo_url=url, path=path, target_revision=revision))
    first = await suite.answer("a", shows(one))
    assert first.source_types == ("Directory",)
    assert await offers.value(first) == "one"
    assert await offers.value(await suite.answer("r", shows(ranged))) == "first"
    assert await offers.value(await suite.answer("any", shows(ranged))) == "first"
    assert await offers.value(await suite.answer("pinned", shows(one))) == "one"
    await suite.answer("b", shows(one))

    rendered = suite.renders()
    two = await push("stable", "two")
    assert await offers.value(await suite.answer("a", shows(two))) == "two"
    move = await suite.until(lambda: next((m for m in suite.moves if m.shown == two), None))
    assert (("argocd", "a") in move.affected, ("argocd", "b") in move.affected) == (True, False)
    assert suite.renders() == rendered + 1, "what the new content left as it was is not rendered again"
    question = affected.AffectedBy(part=partition(url), repo_url=url, old=two, new=one, target="stable")
    told = await offers.asked(affected.AFFECTED, url, question)
    [by_that] = decode(affected.AffectedApplications, told).applications
    assert (by_that.name, by_that.paths) == ("a", ("a/cm.yaml",))
    newer = await push("1.2.0", "second")
    assert await offers.value(await suite.answer("r", shows(newer))) == "second"
    assert await offers.value(await suite.answer("any", shows(newer))) == "second"
    await push("2.0.0-rc.1", "third")
    assert await offers.generated(RepositorySource(repo_url=url, path="a"), one) == (one, "one")
    assert {a.revisions for a in suite.answers if a.name == "pinned"} == {(one,)}

    with pytest.raises(RemoteError, match="nope"):
        await offers.generated(RepositorySource(repo_url=url, path="a"), "nope")


async def test_charts_in_a_registry_are_told_by_version_or_by_digest(offers: Offers) -> None:
    suite, host = offers.suite, offers.registry.host
    await hand_over(
        suite,
        {
            "charts": {
                "url": f"{host}/charts",
                "type": "helm",
                "enableOCI": "true",
                "insecureOCIForceHttp": "true",
            },
            "whole": {"url": f"oci://{host}/charts/web", "type": "oci", "insecureOCIForceHttp": "true"},
        },
    )
    await offers.pusher.chart("charts", chart("1.0.0+build.1", "one"))
    legacy = RepositorySource(repo_url=f"{host}/charts", chart="web", target_revision="1.*")
    whole = RepositorySource(repo_url=f"oci://{host}/charts/web", path=".", target_revision="1.*")
    await suite.want("legacy", legacy)
    await suite.want("whole", whole)
    first = await suite.answer("legacy", shows("1.0.0+build.1"))
    assert (await offers.value(first), first.source_types) == ("one", ("Helm",))
    digest = (await suite.answer("whole", lambda a: a.failure is None)).revisions[0]
    assert digest.startswith("sha256:")
    newer = await offers.pusher.chart("charts", chart("1.1.0", "newer"))
    assert await offers.value(await suite.answer("legacy", shows("1.1.0"))) == "newer"
    assert await offers.value(await suite.answer("whole", shows(newer))) == "newer"
    assert await offers.generated(legacy, "1.0.0+build.1") == ("1.0.0+build.1", "one")
    repository = "127.0.0.1/charts/web"
    await offers.pusher.chart("charts", chart("1.2.0", "told"))
    await suite.bus.publish(
        subjects.revision_check(repository), RevisionCheck(repository=repository, cause=Cause.WEBHOOK)
    )
    assert await offers.value(await suite.answer("legacy", shows("1.2.0"))) == "told"


async def test_versions_are_known_after_a_restart_and_while_the_remote_is_away(offers: Offers) -> None:
    suite, charts = offers.suite, offers.charts
    charts.add(chart("1.0.0", "one"))
    await suite.want("web", offers.of("1.*"))
    first = await suite.answer("web", shows("1.0.0"))
    await charts.stop()
    await suite.server.kill()
    suite.server = RepoServerProcess(suite, POLLS, credentials=True)
    await suite.server.start()
    heard = len(suite.answers)
    await suite.ask("web", RenderLevel.CACHED, Cause.RESYNC)
    again = await suite.answer("web", shows("1.0.0"), after=heard)
    assert again.commits == first.commits
    charts.add(chart("1.1.0", "two"))
    await charts.start()
    assert await offers.value(await suite.answer("web", shows("1.1.0"))) == "two"


async def test_a_version_says_what_stands_in_its_chart_or_its_annotations(offers: Offers) -> None:
    charts = offers.charts
    about = (
        "apiVersion: v2\nname: web\nversion: 1.0.0\ndescription: Serves\nhome: https://web.example\n"
        "maintainers:\n- name: Ann\n  email: ann@example.com\n- name: Bob\n- what\n"
    )
    charts.add(chart("1.0.0", "one", **{"Chart.yaml": about}))
    question = access.DescribeVersion(repo_url=charts.url, project="default", chart="web", revision="1.0.0")
    told = decode(access.DescribedVersion, await offers.asked(access.VERSION, charts.url, question))
    assert (told.description, told.home) == ("Serves", "https://web.example")
    assert told.maintainers == ("Ann <ann@example.com>", "Bob")
    with pytest.raises(RemoteError, match=r"9\.9\.9"):
        nothing = msgspec.structs.replace(question, revision="9.9.9")
        await offers.asked(access.VERSION, charts.url, nothing)
    details = access.DescribeSource(repo_url=charts.url, chart="web", revision="1.*")
    source = decode(access.DescribedSource, await offers.asked(access.DETAILS, charts.url, details))
    assert (source.source_type, source.name, source.parameters) == ("Helm", "web", (("key", "one"),))

    url = f"oci://{offers.registry.host}/team/web"
    config = await offers.pusher.blob("team/web", b"{}")
    layer = await offers.pusher.blob("team/web", packed({"cm.yaml": config_map("a")}))
    manifest = {
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "config": {"mediaType": EMPTY_CONFIG, **config},
        "layers": [{"mediaType": TAR_GZIP, **layer}],
        "annotations": {"org.opencontainers.image.authors": "Ann"},
    }
    digest = await offers.pusher.document("team/web", "1.0", msgspec.json.encode(manifest), OCI_MANIFEST)
    for revision in ("1.0", digest):
        about_it = access.DescribeVersion(repo_url=url, project="default", revision=revision)
        said = decode(access.DescribedVersion, await offers.asked(access.VERSION, url, about_it))
        assert said.annotations == {"org.opencontainers.image.authors": "Ann"}
