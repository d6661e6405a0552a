"""What a source may say: several sources, value files of others, tags, overrides beside the manifests."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import msgspec
from aiohttp import web

from fairlead.bus import NoResponderError, RemoteError
from fairlead.events import (
    Cause,
    Event,
    RenderLevel,
    RepositorySource,
    RevisionCheck,
    SourcesWanted,
    decode,
    subjects,
)
from fairlead.events.envelope import encode
from fairlead.local.git_command import run_git
from fairlead.matching.repository import identity, partition
from fairlead.rpc import (
    DescribeRevision,
    GeneratedManifests,
    GenerateManifests,
    RenderedSet,
    RevisionDescription,
    TestedRepository,
    TestRepository,
    repo,
)
from tests.integration.repo_server.suite import PATIENCE, Suite, config_map

CHART = {
    "chart/Chart.yaml": "apiVersion: v2\nname: chart\nversion: 0.1.0\n",
    "chart/values.yaml": "key: default\n",
    "chart/templates/cm.yaml": (
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\n"
        "data:\n  key: {{ .Values.key }}\n"
    ),
}


async def ask(suite: Suite, verb: str, question: Event) -> bytes:
    async with asyncio.timeout(120):
        while True:
            try:
                return await suite.bus.request(subjects.rpc_repo("0", verb), encode(question), timeout=20)
            except NoResponderError:
                await asyncio.sleep(0.1)


async def test_sources_are_joined_in_their_order(suite: Suite) -> None:
    one = await suite.repository("one", {"a/cm.yaml": config_map("a")})
    two = await suite.repository("two", {"b/cm.yaml": config_map("b")})
    await suite.want(
        "both",
        RepositorySource(repo_url=suite.git.repo_url("one"), path="a"),
        RepositorySource(repo_url=suite.git.repo_url("two"), path="b"),
    )
    answer = await suite.answer("both")
    assert answer.revisions == (await one.head(), await two.head())
    assert [d["metadata"]["name"] for d in await suite.documents(answer)] == ["a", "b"]
    commit = await two.publish({"b/cm.yaml": config_map("b", "new")}, "second")
    rendered = suite.renders()
    await suite.webhook("two")
    answer = await suite.answer("both", lambda a: a.revisions[1:] == (commit,))
    assert [d["data"]["key"] for d in await suite.documents(answer)] == ["v", "new"]
    assert suite.renders() == rendered + 1


async def test_value_files_of_another_source_are_read_and_followed(suite: Suite) -> None:
    await suite.repository("charts", CHART)
    values = await suite.repository("values", {"prod.yaml": "key: prod\n", "other.txt": "x"})
    await suite.want(
        "web",
        RepositorySource(
            repo_url=suite.git.repo_url("charts"),
            path="chart",
            options={"helm": {"valueFiles": ["$values/prod.yaml"]}},
        ),
        RepositorySource(repo_url=suite.git.repo_url("values"), ref="values"),
    )
    answer = await suite.answer("web")
    assert answer.failure is None
    assert answer.source_types == ("Helm", "")
    [document] = await suite.documents(answer)
    assert document["data"] == {"key": "prod"}
    commit = await values.publish({"prod.yaml": "key: changed\n"}, "second")
    await suite.webhook("values")
    answer = await suite.answer("web", lambda a: a.revisions[1:] == (commit,))
    [document] = await suite.documents(answer)
    assert document["data"] == {"key": "changed"}
    rendered = suite.renders()
    await values.publish({"other.txt": "y"}, "third")
    await suite.webhook("values")
    await suite.until(lambda: suite.moves)
    assert suite.renders() == rendered


async def test_an_address_without_its_suffix_is_found_where_the_server_redirects_to_it(suite: Suite) -> None:
    async def redirect(request: web.Request) -> web.Response:
        if ".git/" not in request.path:
            location = request.path_qs.replace("/plain/", "/plain.git/")
            return web.Response(status=301, headers={"Location": location})
        return web.Response(status=404)

    async with serving(redirect) as url:
        await suite.want("web", RepositorySource(repo_url=f"{url}/plain", path="a"))
        answer = await suite.answer("web")
    assert answer.failure is not None
    assert f"repository not found: {url}/plain.git" in answer.failure.message


async def test_a_range_follows_the_highest_tag(suite: Suite) -> None:
    work = await suite.repository("tags", {"web/cm.yaml": config_map("web", "one")})
    await work.tag("v1.0.0", message="annotated")
    first = await work.head()
    await work.publish({"web/cm.yaml": config_map("web", "branch")}, "not tagged")
    source = RepositorySource(repo_url=suite.git.repo_url("tags"), path="web", target_revision="1.*")
    await suite.want("web", source)
    assert (await suite.answer("web")).revisions == (first,)
    await work.tag("v1.1.0")
    await work.tag("v2.0.0")
    await suite.webhook("tags")
    await suite.answer("web", lambda a: a.revisions != (first,))
    assert suite.answers[-1].revisions == (await work.head(),)


async def test_a_moved_tag_is_followed_and_a_commit_id_stays(suite: Suite) -> None:
    work = await suite.repository("moved", {"web/cm.yaml": config_map("web", "one")})
    await work.tag("stable")
    first = await work.head()
    url = suite.git.repo_url("moved")
    await suite.want("tag", RepositorySource(repo_url=url, path="web", target_revision="stable"))
    await suite.want("sha", RepositorySource(repo_url=url, path="web", target_revision=first))
    await suite.answer("tag")
    await suite.answer("sha")
    second = await work.publish({"web/cm.yaml": config_map("web", "two")}, "second")
    await work.tag("stable", force=True)
    await suite.webhook("moved")
    await suite.answer("tag", lambda a: a.revisions == (second,))
    await suite.ask("sha", RenderLevel.HARD, Cause.HARD_REFRESH)
    await suite.until(lambda: len([a for a in suite.answers if a.name == "sha"]) == 2)
    assert {a.revisions for a in suite.answers if a.name == "sha"} == {(first,)}


async def test_an_override_beside_the_manifests_is_applied_and_followed(suite: Suite) -> None:
    files = {name.replace("chart/", ".apps/web/", 1): text for name, text in CHART.items()}
    work = await suite.repository("over", files)
    await suite.want("web", RepositorySource(repo_url=suite.git.repo_url("over"), path="./.apps/web"))
    await suite.answer("web")
    override = "helm:\n  parameters:\n  - name: key\n    value: mine\nrepoURL: https://elsewhere\n"
    commit = await work.publish({".apps/web/.argocd-source-web.yaml": override}, "override")
    await suite.webhook("over")
    answer = await suite.answer("web", lambda a: a.revisions == (commit,))
    [document] = await suite.documents(answer)
    assert document["data"] == {"key": "mine"}


async def test_options_that_name_the_commit_are_rendered_at_every_commit(suite: Suite) -> None:
    work = await suite.repository("env", CHART)
    options = {"helm": {"parameters": [{"name": "key", "value": "at-$ARGOCD_APP_REVISION"}]}}
    source = RepositorySource(repo_url=suite.git.repo_url("env"), path="chart", options=options)
    await suite.want("web", source)
    await suite.answer("web")
    commit = await work.publish({"unrelated.txt": "x"}, "second")
    await suite.webhook("env")
    answer = await suite.answer("web", lambda a: a.revisions == (commit,))
    [document] = await suite.documents(answer)
    assert document["data"] == {"key": f"at-{commit}"}


async def test_a_refresh_asks_the_remote_and_a_cached_request_does_not(suite: Suite) -> None:
    work = await suite.repository("levels", {"web/cm.yaml": config_map("web")})
    await suite.want("web", RepositorySource(repo_url=suite.git.repo_url("levels"), path="web"))
    first = await suite.answer("web")
    commit = await work.publish({"web/cm.yaml": config_map("web", "new")}, "second")
    await suite.ask("web", RenderLevel.RESOLVE, Cause.RESYNC)
    assert (await suite.answer("web", after=1)).revisions == first.revisions
    await suite.ask("web", RenderLevel.REFRESH)
    assert (await suite.answer("web", lambda a: a.revisions == (commit,), after=2)).failure is None


async def test_a_hard_refresh_renders_again(suite: Suite) -> None:
    await suite.repository("hard", {"web/cm.yaml": config_map("web")})
    await suite.want("web", RepositorySource(repo_url=suite.git.repo_url("hard"), path="web"))
    await suite.answer("web")
    await suite.ask("web", RenderLevel.REFRESH)
    await suite.answer("web", after=1)
    assert suite.renders() == 1
    await suite.ask("web", RenderLevel.HARD, Cause.HARD_REFRESH)
    await suite.answer("web", after=2)
    assert suite.renders() == 2


async def test_manifests_are_generated_for_who_waits_at_any_revision(suite: Suite) -> None:
    work = await suite.repository("rpc", {"web/cm.yaml": config_map("web", "one")})
    first = await work.head()
    await work.publish({"web/cm.yaml": config_map("web", "two")}, "second")
    wanted = SourcesWanted(
        namespace="argocd",
        name="x",
        instance="x",
        project="default",
        sources=(RepositorySource(repo_url=suite.git.repo_url("rpc"), path="web"),),
    )
    question = GenerateManifests(wanted=wanted, revisions=(first,))
    answer = decode(GeneratedManifests, await ask(suite, repo.GENERATE, question))
    assert [s.revision for s in answer.sources] == [first]
    assert answer.documents is not None
    assert RenderedSet(documents=answer.documents).objects()[0]["data"] == {"key": "one"}
    missing = msgspec.structs.replace(question, revisions=("nope",))
    try:
        await ask(suite, repo.GENERATE, missing)
    except RemoteError as error:
        assert "unable to resolve 'nope' to a commit SHA" in str(error)
    else:
        raise AssertionError("a missing revision was accepted")


async def test_a_commit_is_described(suite: Suite) -> None:
    work = await suite.repository("story", {"web/cm.yaml": config_map("web")})
    await work.tag("v1.0.0", message="annotated")
    url = suite.git.repo_url("story")
    question = DescribeRevision(repo_url=url, project="default", revision=await work.head())
    answer = decode(RevisionDescription, await ask(suite, repo.DESCRIBE, question))
    assert answer.author == "Fairlead Demo <demo@fairlead.dev>"
    assert answer.message == "first\n"
    assert answer.tags == ("v1.0.0",)
    assert answer.date.startswith("20")


async def test_a_repository_is_tested_with_its_path(suite: Suite) -> None:
    await suite.repository("probe", CHART)
    url = suite.git.repo_url("probe")

    async def tested(**more: str) -> TestedRepository:
        question = TestRepository(project="default", **{"repo_url": url, **more})
        return decode(TestedRepository, await ask(suite, repo.TEST, question))

    assert (await tested()).problem == ""
    assert (await tested(path="chart")).source_type == "Helm"
    assert (await tested(path="nope")).problem == "nope: app path does not exist"
    assert (await tested(path="chart/Chart.yaml")).problem.endswith("app path is not a directory")
    assert "unable to resolve 'x'" in (await tested(path="chart", revision="x")).problem
    assert "repository not found" in (await tested(repo_url=suite.git.repo_url("none"))).problem


@asynccontextmanager
async def serving(handler: Callable[[web.Request], Awaitable[web.Response]]) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def test_a_detached_head_is_followed(suite: Suite) -> None:
    work = await suite.repository("detached", {"web/cm.yaml": config_map("web")})
    server = suite.git.path("detached")
    await run_git("update-ref", "--no-deref", "HEAD", await work.head(), folder=server)
    await suite.want("web", RepositorySource(repo_url=suite.git.repo_url("detached"), path="web"))
    await suite.answer("web")
    commit = await work.publish({"web/cm.yaml": config_map("web", "new")}, "second")
    await run_git("update-ref", "--no-deref", "HEAD", commit, folder=server)
    await suite.ask("web", RenderLevel.REFRESH)
    await suite.answer("web", lambda a: a.revisions == (commit,))
    second = await work.publish({"web/cm.yaml": config_map("web", "newer")}, "third")
    await run_git("update-ref", "--no-deref", "HEAD", second, folder=server)
    repository = identity(suite.git.repo_url("detached"))
    check = RevisionCheck(repository=repository, cause=Cause.POLL)
    await suite.bus.publish(subjects.revision_check(repository), check)
    await suite.answer("web", lambda a: a.revisions == (second,))


async def test_what_a_person_asks_for_is_resolved_anew_at_the_remote(suite: Suite) -> None:
    work = await suite.repository("fresh", {"web/cm.yaml": config_map("web")})
    url = suite.git.repo_url("fresh")
    wish = await suite.want("web", RepositorySource(repo_url=url, path="web"))
    await suite.answer("web")
    pushed = await work.publish({"web/cm.yaml": config_map("web", "new")}, "second")
    tested = TestRepository(repo_url=url, project="default", revision="HEAD")
    answer = await suite.bus.request(
        subjects.rpc_repo(partition(url), repo.TEST), encode(tested), timeout=PATIENCE
    )
    assert decode(TestedRepository, answer).revision == pushed
    again = await work.publish({"web/cm.yaml": config_map("web", "newer")}, "third")
    question = GenerateManifests(wanted=wish)
    raw = await suite.bus.request(
        subjects.rpc_repo(partition(url), repo.GENERATE), encode(question), timeout=PATIENCE
    )
    assert decode(GeneratedManifests, raw).sources[0].revision == again


async def test_a_repository_made_anew_under_its_address_is_not_read_from_the_old_mirror(suite: Suite) -> None:
    await suite.repository("anew", {"web/cm.yaml": config_map("web", "old")})
    url = suite.git.repo_url("anew")
    await suite.want("web", RepositorySource(repo_url=url, path="web"))
    await suite.answer("web")
    await suite.git.remove("anew")
    await asyncio.to_thread(shutil.rmtree, suite.folder / "work" / "anew")
    work = await suite.repository("anew", {"web/cm.yaml": config_map("web", "new")})
    await suite.want("other", RepositorySource(repo_url=url, path="web"))
    answer = await suite.answer("other")
    assert answer.revisions == (await work.head(),)
    [document] = await suite.documents(answer)
    assert document["data"] == {"key": "new"}


async def test_a_ref_of_a_pull_request_is_fetched_and_followed(suite: Suite) -> None:
    work = await suite.repository("pulls", {"web/cm.yaml": config_map("web")})
    await work.checkout("proposed", create=True)
    proposed = await work.publish({"web/cm.yaml": config_map("web", "proposed")}, "second")
    pull = "refs/pull/7/head"
    await work.push(f"HEAD:{pull}")
    source = RepositorySource(repo_url=suite.git.repo_url("pulls"), path="web", target_revision=pull)
    await suite.want("web", source)
    answer = await suite.answer("web")
    assert answer.revisions == (proposed,)
    [document] = await suite.documents(answer)
    assert document["data"] == {"key": "proposed"}
    changed = await work.publish({"web/cm.yaml": config_map("web", "changed")}, "third")
    await work.push(f"HEAD:{pull}")
    await suite.webhook("pulls")
    await suite.answer("web", lambda a: a.revisions == (changed,))
    await suite.want("none", msgspec.structs.replace(source, target_revision="refs/pull/8/head"))
    missing = await suite.answer("none")
    assert missing.failure is not None
    assert "unable to resolve 'refs/pull/8/head' to a commit SHA" in missing.failure.message
    await work.push("HEAD:refs/pull/8/head")
    repository = identity(suite.git.repo_url("pulls"))
    await suite.bus.publish(
        subjects.revision_check(repository), RevisionCheck(repository=repository, cause=Cause.POLL)
    )
    await suite.answer("none", lambda a: a.revisions == (changed,))
