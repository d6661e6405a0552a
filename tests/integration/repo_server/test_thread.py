"""From a request or a push to manifests in the cache."""

from fairlead.events import RepositorySource
from tests.integration.repo_server.suite import TOLD_AT, Suite, config_map


async def test_a_request_is_answered_with_the_manifests_of_the_branch(suite: Suite) -> None:
    work = await suite.repository("thin", {"apps/web/cm.yaml": config_map("web")})
    wish = await suite.want("web", RepositorySource(repo_url=suite.git.repo_url("thin"), path="apps/web"))
    answer = await suite.answer("web")
    assert answer.failure is None
    assert answer.revisions == (await work.head(),)
    assert answer.source_types == ("Directory",)
    assert answer.sources_digest == wish.digest
    [document] = await suite.documents(answer)
    assert document["metadata"] == {"name": "web"}


async def test_a_push_with_a_webhook_is_rendered_and_the_story_told_under_one_trace(suite: Suite) -> None:
    work = await suite.repository(
        "push", {"web/cm.yaml": config_map("web"), "other/cm.yaml": config_map("o")}
    )
    source = RepositorySource(repo_url=suite.git.repo_url("push"), path="web", target_revision="main")
    await suite.want("web", source)
    await suite.answer("web")
    seen = len(suite.told)
    commit = await work.publish({"web/cm.yaml": config_map("web", "new")}, "second")
    await suite.webhook("push")
    answer = await suite.answer("web", lambda a: a.revisions == (commit,))
    [document] = await suite.documents(answer)
    assert document["data"] == {"key": "new"}
    story = suite.told[seen:]
    assert [event["type"] for event in story] == ["fairlead.v1.commit.detected", "fairlead.v1.app.rendered"]
    assert len({event["traceparent"].split("-")[1] for event in story}) == 1
    assert story[0]["data"]["pushedAt"] == TOLD_AT
