"""Questions about repositories that no application needs yet, answered by the process itself."""

from pathlib import Path

import pytest

from fairlead.bus import RemoteError
from fairlead.events import RepositoryCredentials, RepositorySource, decode, subjects
from fairlead.events.envelope import Event, encode
from fairlead.local.chart_server import ChartServer
from fairlead.local.packing import packed_chart
from fairlead.local.pushing import Pusher
from fairlead.local.registry import RegistryServer
from fairlead.matching.repository import partition
from fairlead.rpc import access
from fairlead.secret.seal import Seal, derive
from tests.fakes.forward_proxy import ForwardProxy
from tests.fakes.token_endpoints import APP, TokenEndpoints
from tests.integration.repo_server.suite import PATIENCE, SECRET, Suite

PASSWORD = "hunter2-canary"
SEAL = Seal(derive(SECRET.encode(), access.PURPOSE))


async def ask(suite: Suite, verb: str, url: str, question: Event) -> bytes:
    return await suite.bus.request(
        subjects.rpc_repo(partition(url), verb), encode(question), timeout=PATIENCE, patience=PATIENCE
    )


def sealed(url: str, **data: str) -> bytes:
    credentials = RepositoryCredentials(secret="", secret_type="repository", data=data)
    return SEAL.seal(access.context_of(url), encode(credentials))


async def tried(suite: Suite, url: str, **more: object) -> str:
    raw = await ask(suite, access.TRY, url, access.TryAccess(repo_url=url, **more))  # type: ignore[arg-type]
    return decode(access.TriedAccess, raw).problem


async def test_credentials_are_tried_for_one_question_and_kept_nowhere(suite: Suite) -> None:
    await suite.repository("locked", {"web/kustomization.yaml": "resources: []\n"})
    suite.git.protect("locked", username="u", password=PASSWORD)
    url = suite.git.repo_url("locked")
    assert "authentication required" in await tried(suite, url)
    assert await tried(suite, url, sealed=sealed(url, username="u", password=PASSWORD)) == ""
    assert "authentication required" in await tried(suite, url), "nothing is kept of it"
    wrong = await tried(suite, url, sealed=sealed(url, username="u", password="other-canary"))
    assert "authentication required" in wrong
    assert "canary" not in wrong
    for file in (*suite.home.rglob("*"), *suite.folder.rglob("*")):
        if file.is_file():
            assert PASSWORD.encode() not in file.read_bytes(), file


async def test_what_was_sealed_for_another_address_is_not_tried(suite: Suite) -> None:
    await suite.repository("mine", {"a.yaml": "a: b\n"})
    url = suite.git.repo_url("mine")
    elsewhere = sealed("https://git.example/theirs.git", username="u", password=PASSWORD)
    with pytest.raises(RemoteError, match="cannot be opened"):
        await tried(suite, url, sealed=elsewhere)
    with pytest.raises(RemoteError, match="cannot be opened"):
        await tried(suite, url, sealed=b"no seal")


async def test_what_cannot_be_read_yet_says_so(suite: Suite) -> None:
    url = suite.git.repo_url("none")
    await suite.repository("here", {"a.yaml": "a: b\n"})
    here = suite.git.repo_url("here")
    head = "error testing repository connectivity: "
    listing = f"{head}unable to ls-remote HEAD on repository: failed to list refs: "
    assert await tried(suite, url) == f"{listing}repository not found:"
    assert (await tried(suite, here, kind="helm")).startswith(f"{head}{here}/index.yaml")
    told = await tried(suite, here, sealed=sealed(here, tlsClientCertKey="k"))
    assert told == f"{head}the repository's Secret cannot be used: tlsClientCertKey without tlsClientCertData"
    assert (await tried(suite, "http://169.254.169.254/x")).startswith(listing)


async def test_refs_and_folders_are_told_at_a_revision(suite: Suite) -> None:
    work = await suite.repository("full", {"a/kustomization.yaml": "resources: []\n"})
    url = suite.git.repo_url("full")
    await work.tag("v1")
    await work.push("v1")
    await work.publish({"b/Chart.yaml": "name: b\nversion: 1.0.0\n"}, "a chart")
    raw = await ask(suite, access.REFS, url, access.ListRefs(repo_url=url))
    assert decode(access.ListedRefs, raw) == access.ListedRefs(branches=("main",), tags=("v1",))
    for revision, apps in (("v1", {"a": "Kustomize"}), ("main", {"a": "Kustomize", "b": "Helm"})):
        raw = await ask(suite, access.APPS, url, access.ListApps(repo_url=url, revision=revision))
        assert decode(access.ListedApps, raw).apps == apps
    with pytest.raises(RemoteError, match="unable to resolve 'nope'"):
        await ask(suite, access.APPS, url, access.ListApps(repo_url=url, revision="nope"))
    question = access.DescribeSource(repo_url=url, path="missing")
    with pytest.raises(RemoteError, match="missing: app path does not exist"):
        await ask(suite, access.DETAILS, url, question)


async def test_charts_and_tags_are_told_and_tried_with_the_credentials_of_the_question(suite: Suite) -> None:
    async with ChartServer(username="u", password=PASSWORD) as charts:
        for version in ("1.0.0", "1.10.0", "1.9.0"):
            charts.add(packed_chart("web", version))
        url = charts.url
        assert "authentication required" in await tried(suite, url, kind="helm")
        assert await tried(suite, url, kind="helm", sealed=sealed(url, username="u", password=PASSWORD)) == ""
        inline = access.ListCharts(repo_url=url.replace("://", f"://u:{PASSWORD}@"))
        raw = await ask(suite, access.CHARTS, inline.repo_url, inline)
        assert decode(access.ListedCharts, raw).charts == {"web": ("1.10.0", "1.9.0", "1.0.0")}
        question = access.DescribeSource(repo_url=inline.repo_url, chart="web", revision="1.*")
        told = decode(access.DescribedSource, await ask(suite, access.DETAILS, question.repo_url, question))
        assert (told.source_type, told.name) == ("Helm", "web")
        with pytest.raises(RemoteError, match="authentication required") as refusal:
            await ask(suite, access.CHARTS, url, access.ListCharts(repo_url=url))
        assert PASSWORD not in str(refusal.value)
    async with RegistryServer(suite.folder / "registry", username="u", password=PASSWORD) as registry:
        async with Pusher(registry.url, username="u", password=PASSWORD) as pusher:
            await pusher.chart("charts", packed_chart("web", "1.0.0"))
        where = f"{registry.host}/charts/web"
        opens = {"username": "u", "password": PASSWORD, "insecureOCIForceHttp": "true"}
        for url, more in ((f"oci://{where}", {"kind": "oci"}), (registry.host, {"kind": "helm"})):
            assert await tried(suite, url, **more, sealed=sealed(url, **opens)) == ""
            wrong = await tried(
                suite, url, **more, sealed=sealed(url, **{**opens, "password": "other-canary"})
            )
            assert wrong and "canary" not in wrong
        missing = f"oci://{registry.host}/charts/none"
        assert await tried(suite, missing, kind="oci", sealed=sealed(missing, **opens)) != ""


async def test_a_look_that_was_had_anyway_says_how_a_repository_is_found(suite: Suite) -> None:
    await suite.repository("looked", {"a.yaml": "a: b\n"})
    url = suite.git.repo_url("looked")
    await suite.want("app", RepositorySource(repo_url=url, target_revision="main", path="."))
    await suite.answer("app")
    before = suite.git.requests
    state = await tried_at(suite, url, max_age=3600.0)
    assert (state.problem, state.age > 0, suite.git.requests) == ("", True, before)
    other = await tried_at(suite, url, max_age=3600.0, sealed=sealed(url, username="u", password="p"))
    assert (other.problem, other.age) == ("", 0.0)
    assert suite.git.requests > before, "with another credential it is another question"
    before = suite.git.requests
    assert (await tried_at(suite, url)).age == 0.0
    assert suite.git.requests > before
    suite.git.fail(503)
    assert (await tried_at(suite, url)).problem != ""
    assert (await tried_at(suite, url, max_age=3600.0)).problem == "", "as the latest look found it"


async def test_a_look_at_an_index_says_how_a_chart_repository_is_found(suite: Suite) -> None:
    async with ChartServer() as charts:
        charts.add(packed_chart("web", "1.0.0", {"templates/a.yaml": "# nothing\n"}))
        source = RepositorySource(repo_url=charts.url, target_revision="1.0.0", chart="web")
        await suite.want("of-a-chart", source)
        await suite.answer("of-a-chart")
        url, before = charts.url, len(charts.asked)
        raw = await suite.bus.request(
            subjects.rpc_repo(suite.parts["of-a-chart"], access.TRY),
            encode(access.TryAccess(repo_url=url, kind="helm", max_age=3600.0)),
            timeout=PATIENCE,
        )
        state = decode(access.TriedAccess, raw)
        assert (state.problem, state.age > 0, len(charts.asked)) == ("", True, before)
        assert (await tried_at(suite, url, kind="helm")).age == 0.0
        assert len(charts.asked) > before


async def test_an_app_of_github_opens_a_repository_through_a_proxy(suite: Suite, tmp_path: Path) -> None:
    await suite.repository("team/app", {"a.yaml": "a: b\n"})
    suite.git.protect("team", username="x-access-token", password="ghs-11-0")
    known = {("git.only.proxy", 80): ("127.0.0.1", suite.git.port)}
    async with TokenEndpoints(tmp_path / "pki").running() as ends, ForwardProxy(names=known) as proxy:
        url = "http://git.only.proxy/team/app.git"
        app = {
            "githubAppID": str(APP),
            "githubAppPrivateKey": ends.key,
            "githubAppEnterpriseBaseUrl": f"{ends.url}/api/v3",
            "insecure": "true",
            "proxy": f"http://127.0.0.1:{proxy.port}",
        }
        assert await tried(suite, url, sealed=sealed(url, **app)) == ""
        assert {line.partition("?")[0] for line in proxy.asked} >= {f"CONNECT 127.0.0.1:{ends.port}"}
        assert any(line.startswith("POST http://git.only.proxy/team/app.git") for line in proxy.asked)
        wrong = sealed(url, **{**app, "githubAppPrivateKey": "canary"})
        told = await tried(suite, url, sealed=wrong)
        assert "githubAppPrivateKey is no private key" in told
    log = suite.log()
    assert "ghs-11-0" not in log
    assert "canary" not in log


async def tried_at(suite: Suite, url: str, **more: object) -> access.TriedAccess:
    raw = await ask(suite, access.TRY, url, access.TryAccess(repo_url=url, **more))  # type: ignore[arg-type]
    return decode(access.TriedAccess, raw)
