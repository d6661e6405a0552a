"""The work of a commit is proportional to what it touches."""

import pytest

from fairlead.bus import RemoteError
from fairlead.bus.topology import HISTORIES_BUCKET
from fairlead.events import Cause, RenderLevel, RepositorySource, decode, subjects
from fairlead.events.envelope import encode
from fairlead.events.ref_history import RefHistory
from fairlead.local.work_repo import WorkRepo
from fairlead.matching.repository import identity
from fairlead.rpc.affected import AFFECTED, AffectedApplication, AffectedApplications, AffectedBy
from tests.integration.repo_server.suite import PATIENCE, RepoServerProcess, Suite, config_map

pytestmark = pytest.mark.own_servers

MANY = 300


async def many(suite: Suite) -> WorkRepo:
    work = await suite.repository("many", {f"apps/a{i}/cm.yaml": config_map(f"a{i}") for i in range(MANY)})
    await ask_for_all(suite)
    return work


async def ask_for_all(suite: Suite) -> None:
    for i in range(MANY):
        source = RepositorySource(repo_url=suite.git.repo_url("many"), path=f"apps/a{i}")
        await suite.want(f"a{i}", source)
    await suite.until(lambda: len(suite.answers) >= MANY)
    assert not [answer for answer in suite.answers if answer.failure]


async def test_a_burst_of_requests_shares_looks_at_the_remote(suite: Suite) -> None:
    await suite.repository("many", {f"apps/a{i}/cm.yaml": config_map(f"a{i}") for i in range(MANY)})
    await suite.ready()
    before = suite.git.requests
    await ask_for_all(suite)
    listing, fetching = 2, 3
    assert suite.git.requests - before <= fetching + listing * MANY // 8
    assert suite.renders() == MANY


async def test_a_commit_that_touches_one_of_many_renders_exactly_one(suite: Suite) -> None:
    work = await many(suite)
    old, rendered, answered = await work.head(), suite.renders(), len(suite.answers)
    commit = await work.publish({"apps/a7/cm.yaml": config_map("a7", "new")}, "touch one")
    await suite.webhook("many")
    answer = await suite.answer("a7", after=answered)
    [move] = await suite.until(lambda: suite.moves)
    assert answer.revisions == (commit,)
    assert answer.cause is Cause.WEBHOOK
    assert suite.renders() == rendered + 1
    assert len(suite.answers) == answered + 1
    assert (move.old, move.new, move.ref, move.affected) == (old, commit, "", (("argocd", "a7"),))


async def test_a_commit_that_touches_none_renders_none(suite: Suite) -> None:
    work = await many(suite)
    rendered, answered = suite.renders(), len(suite.answers)
    commit = await work.publish({"README.md": "hello\n"}, "words only")
    await suite.webhook("many")
    [move] = await suite.until(lambda: suite.moves)
    assert (move.new, move.affected) == (commit, ())
    assert suite.renders() == rendered
    assert len(suite.answers) == answered


async def test_after_a_crash_nothing_is_rendered_again_and_the_next_commit_touches_only_its_own(
    suite: Suite,
) -> None:
    work = await many(suite)
    rendered, answered = suite.renders(), len(suite.answers)
    await suite.server.kill()
    suite.server = RepoServerProcess(suite)
    await suite.server.start()
    for name in ("a1", "a2"):
        await suite.ask(name, RenderLevel.RESOLVE, Cause.RESYNC)
        await suite.answer(name, after=answered)
    assert suite.renders() == rendered
    answered = len(suite.answers)
    commit = await work.publish({"apps/a9/cm.yaml": config_map("a9", "new")}, "touch one")
    await suite.webhook("many")
    answer = await suite.answer("a9", after=answered)
    await suite.until(lambda: suite.moves)
    assert answer.revisions == (commit,)
    assert suite.renders() == rendered + 1
    assert len(suite.answers) == answered + 1


async def test_a_commit_pushed_while_the_process_was_away_is_found_at_start(suite: Suite) -> None:
    work = await many(suite)
    rendered, answered = suite.renders(), len(suite.answers)
    await suite.server.kill()
    commit = await work.publish({"apps/a3/cm.yaml": config_map("a3", "new")}, "nobody looks")
    suite.server = RepoServerProcess(suite)
    await suite.server.start()
    answer = await suite.answer("a3", lambda a: a.revisions == (commit,), after=answered)
    assert answer.failure is None
    assert suite.renders() == rendered + 1


async def test_a_file_that_appears_where_a_render_looked_for_one_is_noticed(suite: Suite) -> None:
    work = await suite.repository("appear", {"web/cm.yaml": config_map("web")})
    await suite.want("web", RepositorySource(repo_url=suite.git.repo_url("appear"), path="web"))
    await suite.answer("web")
    files = {"web/kustomization.yaml": "resources: [cm.yaml]\nnamePrefix: my-\n"}
    commit = await work.publish(files, "now a kustomization")
    await suite.webhook("appear")
    answer = await suite.answer("web", lambda a: a.revisions == (commit,))
    [document] = await suite.documents(answer)
    assert answer.source_types == ("Kustomize",)
    assert document["metadata"]["name"] == "my-web"


async def test_where_a_ref_pointed_is_kept_and_gone_on_from_after_a_kill(suite: Suite) -> None:
    files = {"one/cm.yaml": config_map("one"), "two/cm.yaml": config_map("two")}
    work = await suite.repository("past", files)
    url, first = suite.git.repo_url("past"), await work.head()
    for name in ("one", "two"):
        await suite.want(name, RepositorySource(repo_url=url, path=name))
        await suite.answer(name)
    second = await work.publish({"one/cm.yaml": config_map("one", "new")}, "touch one")
    await suite.webhook("past")
    await suite.until(lambda: suite.moves)
    await suite.server.kill()
    third = await work.publish({"two/cm.yaml": config_map("two", "new")}, "touch two, unseen")
    suite.server = RepoServerProcess(suite)
    await suite.server.start()
    await suite.answer("two", lambda a: a.revisions == (third,))
    await suite.until(lambda: [move for move in suite.moves if move.new == third])
    key = subjects.ref_history(identity(url), "")
    entry = await suite.bus.key_value(HISTORIES_BUCKET).get(key)
    assert entry is not None
    assert entry.value is not None
    history = decode(RefHistory, entry.value)
    assert [move.commit for move in history.moves] == [first, second, third]
    await suite.answer("one", lambda a: a.revisions == (third,))  # whom the kill may have kept from hearing
    assert history.laid_over(("argocd", "one"), second) == second
    assert history.laid_over(("argocd", "two"), first) == second


async def test_of_several_sources_only_what_may_cure_a_failure_renders_again(suite: Suite) -> None:
    unread = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: web\n data: [\n"
    broken = await suite.repository("broken", {"web/cm.yaml": unread})
    other = await suite.repository("other", {"x/cm.yaml": config_map("x"), "y/cm.yaml": config_map("y")})
    ours, theirs = suite.git.repo_url("broken"), suite.git.repo_url("other")
    sources = (RepositorySource(repo_url=ours, path="web"), RepositorySource(repo_url=theirs, path="x"))
    await suite.want("web", *sources)
    assert (await suite.answer("web")).failure is not None
    await suite.want("probe", RepositorySource(repo_url=theirs, path="y"))
    await suite.answer("probe")
    before = [answer for answer in suite.answers if answer.name == "web"]
    changed = {"x/cm.yaml": config_map("x", "new"), "y/cm.yaml": config_map("y", "new")}
    commit = await other.publish(changed, "elsewhere")
    await suite.webhook("other")
    await suite.answer("probe", lambda answer: answer.revisions == (commit,))
    assert [answer for answer in suite.answers if answer.name == "web"] == before
    fixed = await broken.publish({"web/cm.yaml": config_map("web")}, "fixed")
    await suite.webhook("broken")
    cured = await suite.answer("web", lambda answer: answer.failure is None)
    assert cured.revisions == (fixed, commit)
    assert len(await suite.documents(cured)) == 2


async def test_a_source_at_the_root_is_rendered_anew_for_what_it_read_alone(suite: Suite) -> None:
    work = await suite.repository("root", {"cm.yaml": config_map("root"), "deep/words.txt": "x"})
    source = RepositorySource(repo_url=suite.git.repo_url("root"), path=".")
    await suite.want("root", source)
    await suite.answer("root")
    rendered = suite.renders()
    commit = await work.publish({"deep/words.txt": "y", "deep/more.txt": "z"}, "below")
    await suite.webhook("root")
    move = await suite.until(lambda: next((m for m in suite.moves if m.new == commit), None))
    assert move.affected == ()
    await suite.want("root", source, level=RenderLevel.REFRESH)
    await suite.answer("root", lambda answer: answer.revisions == (commit,))
    assert suite.renders() == rendered
    commit = await work.publish({"new.yaml": config_map("new")}, "a name")
    await suite.webhook("root")
    answer = await suite.answer("root", lambda answer: answer.revisions == (commit,))
    assert len(await suite.documents(answer)) == 2
    assert suite.renders() == rendered + 1


async def test_who_is_affected_by_a_change_is_known_with_the_files_and_without_rendering(
    suite: Suite,
) -> None:
    work = await suite.repository("who", {"a/one.yaml": config_map("a"), "b/two.yaml": config_map("b")})
    url = suite.git.repo_url("who")
    for name in ("a", "b"):
        await suite.want(name, RepositorySource(repo_url=url, path=name))
        await suite.answer(name)
    old = await work.head()
    await work.write({"a/one.yaml": config_map("a", "changed"), "README": "no manifest"})
    new = await work.commit("what a branch holds")
    await work.push("HEAD:refs/heads/next")
    rendered = suite.renders()

    async def asked(old: str, new: str, part: str = "") -> list[AffectedApplication]:
        part = part or suite.parts["a"]
        question = AffectedBy(part=part, repo_url=url, old=old, new=new)
        answer = await suite.bus.request(
            subjects.rpc_repo(part, AFFECTED), encode(question), timeout=PATIENCE, patience=PATIENCE
        )
        return list(decode(AffectedApplications, answer).applications)

    [found] = await asked(old, "next")
    assert (found.name, found.paths, found.is_sure) == ("a", ("a/one.yaml",), True)
    assert await asked("", new) == [found], "what each is at is what it is compared with"
    assert await asked(old, old) == []
    others = [
        one for part in subjects.PARTITIONS if part != suite.parts["a"] for one in await asked(old, new, part)
    ]
    assert others == [], "each application is told of by one partition"
    with pytest.raises(RemoteError, match="unable to resolve"):
        await asked(old, "nowhere")
    assert suite.renders() == rendered
    await work.push()
    await suite.webhook("who")
    await suite.answer("a", lambda answer: answer.revisions == (new,))
    [doubtful] = await asked(old, new)
    assert (doubtful.name, doubtful.is_sure) == ("a", False), "its files are known at the new commit only"
