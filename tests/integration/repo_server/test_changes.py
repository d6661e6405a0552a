"""A pull request that changes one file of a repository with hundreds of applications renders one of them."""

import re

import msgspec

from fairlead.events import RenderLevel, RepositorySource, decode, subjects
from fairlead.events.envelope import encode
from fairlead.local.git_command import run_git
from fairlead.previews.ask import Questions
from fairlead.previews.preview import Change, preview
from fairlead.previews.report import Report
from fairlead.repo_server.rendering.failures import FAILURES
from fairlead.rpc.foreseen import FORESEE, Foresee, Foreseen, ForeseenObject
from tests.integration.repo_server.suite import Suite, config_map

MANY = 300


async def a_controller_answers(suite: Suite) -> list[Foresee]:
    asked: list[Foresee] = []

    async def answer(_: str, payload: bytes) -> bytes:
        question = decode(Foresee, payload)
        asked.append(question)
        found = [msgspec.json.decode(text) for text in (*question.manifests, *question.dropped)]
        items = (
            ForeseenObject(
                group="", kind=obj["kind"], namespace="work", name=obj["metadata"]["name"], verdict="changed"
            )
            for obj in found
        )
        return encode(Foreseen(items=tuple(items)))

    await suite.bus.serve(subjects.rpc_controller(0, FORESEE), answer)
    return asked


async def previewed(suite: Suite, name: str, head: str, *, of_strangers: bool = False) -> Report:
    change = Change(url=suite.git.repo_url(name), head=head, target="main", of_strangers=of_strangers)
    return await preview(Questions(suite.bus), change, lambda *_: True)


async def test_of_300_applications_a_request_that_changes_one_file_renders_exactly_one(suite: Suite) -> None:
    files = {f"apps/a{i}/cm.yaml": config_map(f"a{i}") for i in range(MANY)}
    work = await suite.repository("pulled", files)
    url = suite.git.repo_url("pulled")
    for i in range(MANY):
        await suite.want(f"a{i}", RepositorySource(repo_url=url, path=f"apps/a{i}"))
    await suite.until(lambda: len(suite.answers) >= MANY)
    asked = await a_controller_answers(suite)
    await work.checkout("feature", create=True)
    await work.publish({"apps/a7/cm.yaml": config_map("a7", "new")}, "one of them")
    await work.checkout("main")
    await work.publish({"README.md": "meanwhile"}, "not in the way")
    await suite.webhook("pulled")
    await suite.until(lambda: suite.moves)
    rendered = suite.renders()
    report = await previewed(suite, "pulled", "feature")
    assert [app.name for app in report.applications] == ["a7"]
    assert (report.followers, report.is_merged, report.is_fine) == (MANY, True, True)
    assert suite.renders() == rendered + 1
    assert [question.name for question in asked] == ["a7"]
    again = await previewed(suite, "pulled", "feature")
    assert (again, suite.renders()) == (report, rendered + 1)
    answered = len(suite.answers)
    await suite.ask("a7", RenderLevel.REFRESH)
    await suite.answer("a7", after=answered)
    assert suite.renders() == rendered + 1, "what is deployed is still remembered"


async def test_a_request_of_strangers_reads_nothing_with_our_credentials(suite: Suite) -> None:
    work = await suite.repository("forked", {"web/cm.yaml": config_map("web")})
    base = {"base/cm.yaml": config_map("canary-of-others"), "base/kustomization.yaml": "resources: [cm.yaml]"}
    await suite.repository("private", base)
    url = suite.git.repo_url("forked")
    await suite.want("web", RepositorySource(repo_url=url, path="web"), source_repos=("*",))
    await suite.answer("web")
    asked = await a_controller_answers(suite)
    await work.checkout("stranger", create=True)
    remote = f"resources: [cm.yaml, '{suite.git.repo_url('private')}//base?ref=main']\n"
    await work.publish({"web/kustomization.yaml": remote}, "what others have")
    ours = await previewed(suite, "forked", "stranger")
    theirs = await previewed(suite, "forked", "stranger", of_strangers=True)
    assert [each.name for each in ours.applications[0].objects] == ["canary-of-others"], ours.applications[
        0
    ].problem
    assert theirs.applications[0].problem
    assert "canary-of-others" not in str(theirs)
    assert len(asked) == 1
    await work.publish({"web/kustomization.yaml": "resources: [cm.yaml]\nnamePrefix: my-\n"}, "only theirs")
    plain = await previewed(suite, "forked", "stranger", of_strangers=True)
    assert sorted(each.name for each in plain.applications[0].objects) == ["my-web", "web"]
    assert len(asked) == 1


async def test_a_target_is_a_branch_even_when_its_name_reads_as_versions(suite: Suite) -> None:
    work = await suite.repository("versions", {"web/cm.yaml": config_map("web")})
    await work.tag("1.0.0")
    await work.checkout("1.x", create=True)
    await work.publish({"README.md": "a branch of its own"}, "parted")
    url = suite.git.repo_url("versions")
    await suite.want("web", RepositorySource(repo_url=url, path="web", target_revision="refs/heads/1.x"))
    await suite.answer("web")
    await a_controller_answers(suite)
    await work.checkout("feature", create=True)
    await work.publish({"web/cm.yaml": config_map("web", "new")}, "a change")
    change = Change(url=url, head="feature", target="1.x")
    report = await preview(Questions(suite.bus), change, lambda *_: True)
    assert (report.branch, [app.name for app in report.applications]) == ("1.x", ["web"])


async def test_who_writes_an_address_that_leads_nowhere_keeps_nobody_from_a_preview(suite: Suite) -> None:
    work = await suite.repository("spelled", {"web/cm.yaml": config_map("web")})
    url = suite.git.repo_url("spelled")
    await suite.want("web", RepositorySource(repo_url=url, path="web"))
    await suite.answer("web")
    for port in range(1, 5):
        lost = RepositorySource(repo_url=re.sub(r":\d+/", f":{port}/", url), path="web")
        await suite.want(f"lost-{port}", lost)
        await suite.answer(f"lost-{port}")
    await a_controller_answers(suite)
    await work.checkout("feature", create=True)
    await work.publish({"web/cm.yaml": config_map("web", "new")}, "a change")
    report = await previewed(suite, "spelled", "feature")
    found = {app.name: bool(app.problem) for app in report.applications if "lost" not in app.name}
    assert found == {"web": False}


async def test_what_no_branch_has_is_read_as_a_strangers(suite: Suite) -> None:
    work = await suite.repository("offered", {"web/cm.yaml": config_map("web")})
    url = suite.git.repo_url("offered")
    await suite.want("web", RepositorySource(repo_url=url, path="web"))
    await suite.answer("web")
    asked = await a_controller_answers(suite)
    await work.checkout("theirs", create=True)
    await work.write({"web/cm.yaml": config_map("web", "new")})
    head = await work.commit("a change")
    await run_git("push", "--quiet", "origin", "HEAD:refs/pull/7/head", folder=work.folder)
    for revision in ("refs/pull/7/head", head):
        report = await previewed(suite, "offered", revision)
        assert (report.of_strangers, len(report.applications[0].objects), asked) == (True, 1, [])
    await work.push("theirs")
    assert not (await previewed(suite, "offered", head)).of_strangers
    assert len(asked) == 1


async def test_no_application_follows_what_a_merge_would_be(suite: Suite) -> None:
    work = await suite.repository("merged", {"web/cm.yaml": config_map("web")})
    target = await work.head()
    await work.checkout("feature", create=True)
    head = await work.publish({"web/cm.yaml": config_map("web", "new")}, "a change")
    source = RepositorySource(
        repo_url=suite.git.repo_url("merged"), path="web", target_revision=f"merge:{target}:{head}"
    )
    await suite.want("web", source)
    answer = await suite.answer("web")
    assert answer.failure is not None
    assert "unable to resolve" in answer.failure.message


async def test_a_request_of_strangers_is_not_told_what_failed_with_our_credentials(suite: Suite) -> None:
    work = await suite.repository("forked", {"web/cm.yaml": config_map("web")})
    await suite.repository("private", {"base/kustomization.yaml": "canary-of-others: 1\n"})
    url = suite.git.repo_url("forked")
    await suite.want("web", RepositorySource(repo_url=url, path="web"), source_repos=("*",))
    await suite.answer("web")
    await work.checkout("stranger", create=True)
    remote = f"resources: [cm.yaml, '{suite.git.repo_url('private')}//base?ref=main']\n"
    await work.publish({"web/kustomization.yaml": remote}, "what others have")
    for _ in range(FAILURES + 1):
        ours = await previewed(suite, "forked", "stranger")
    assert "canary-of-others" in ours.applications[0].problem
    theirs = await previewed(suite, "forked", "stranger", of_strangers=True)
    assert theirs.applications[0].problem
    assert "canary-of-others" not in str(theirs)
