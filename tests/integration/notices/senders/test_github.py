"""GitHub, as an app: a status, a deployment, comments, check runs and events of a repository."""

from __future__ import annotations

from typing import Any

from tests.fakes.receivers import answers
from tests.fakes.token_endpoints import private_key
from tests.integration.notices.senders.conftest import Stage

REPO = "/github/api/v3/repos/team/web"
SHA = "0123456789abcdef0123456789abcdef01234567"
PLACE = {"repoURLPath": "https://github.com/team/web.git", "revisionPath": SHA}


def options(stage: Stage, **more: Any) -> dict[str, Any]:
    given = {
        "appID": "1234",
        "installationID": 11,
        "privateKey": stage.services.key,
        "enterpriseBaseURL": f"{stage.services.url}/github/",
    }
    return {**given, **more}


async def send(stage: Stage, block: Any, **more: Any) -> list[str]:
    """The requests beside the one for a token, below the repository."""
    await stage.send("github", options(stage), block={**PLACE, **block}, **more)
    return [line.replace(REPO, "") for line in stage.services.lines() if not line.endswith("access_tokens")]


async def test_a_commits_status_is_set(stage: Stage) -> None:
    block = {"status": {"state": "success", "label": "delivery/web", "targetURL": "https://argo.example"}}
    assert await send(stage, block, text="x" * 200) == [f"POST /statuses/{SHA}"]
    assert stage.services.asked[-1].json == {
        "state": "success",
        "description": "x" * 137 + "...",
        "context": "delivery/web",
        "target_url": "https://argo.example",
    }
    headers = stage.services.asked[-1].headers
    assert headers["Authorization"].removeprefix("Bearer ") in stage.services.given
    assert headers["Accept"] == "application/vnd.github+json"


async def test_a_deployment_is_made_once_and_its_status_follows(stage: Stage) -> None:
    block = {
        "deployment": {
            "state": "success",
            "environment": "production",
            "environmentURL": "https://web.example",
            "logURL": "https://argo.example",
            "requiredContexts": [],
            "autoMerge": False,
            "transientEnvironment": True,
        }
    }
    lines = await send(stage, block)
    assert lines == ["GET /deployments", "POST /deployments", "POST /deployments/40/statuses"]
    assert stage.services.asked[-2].json == {
        "ref": SHA,
        "environment": "production",
        "required_contexts": [],
        "auto_merge": False,
        "transient_environment": True,
    }
    assert stage.services.asked[-1].json == {
        "state": "success",
        "log_url": "https://argo.example",
        "description": "hello",
        "environment": "production",
        "environment_url": "https://web.example",
    }
    stage.services.asked.clear()
    assert await send(stage, block, dedupe="later") == [
        "GET /deployments",
        "POST /deployments/40/statuses",
    ]
    stage.services.asked.clear()
    stage.services.deployments.clear()
    other = {"deployment": {"state": "pending", "reference": "main"}}
    await send(stage, other, dedupe="third")
    assert stage.services.asked[-2].json == {
        "ref": "main",
        "auto_merge": True,
        "transient_environment": False,
    }


async def test_pull_requests_get_one_comment_with_a_tag_and_each_time_one_without(stage: Stage) -> None:
    stage.services.comments = {7: [{"id": 1, "body": "of a person"}] * 150, 8: []}
    block = {"pullRequestComment": {"content": "first", "commentTag": "web"}}
    lines = await send(stage, block)
    assert lines == [
        f"GET /commits/{SHA}/pulls",
        "GET /issues/7/comments",
        "GET /issues/7/comments",
        "POST /issues/7/comments",
        "GET /issues/8/comments",
        "POST /issues/8/comments",
    ]
    mark = "<!-- argocd-notifications web -->"
    assert stage.services.comments[8][0]["body"] == f"first\n{mark}"
    block["pullRequestComment"]["content"] = "x" * 70_000
    await send(stage, block, dedupe="later")
    assert len(stage.services.comments[7]) == 151
    body = stage.services.comments[8][0]["body"]
    assert (len(body), len(stage.services.comments[8])) == (65_536, 1)
    assert body.endswith(f"...\n{mark}")
    for number in range(2):
        await send(stage, {"pullRequestComment": {"content": "plain"}}, dedupe=f"plain-{number}")
    assert [one["body"] for one in stage.services.comments[8][1:]] == ["plain", "plain"]


async def test_a_check_run_of_the_commit_is_made(stage: Stage) -> None:
    run = {
        "name": "argo-cd",
        "details_url": "https://argo.example",
        "status": "completed",
        "conclusion": "success",
        "started_at": "2026-01-02T03:04:05Z",
        "completed_at": "2026-01-02T04:04:05+01:00",
        "output": {"title": "t", "summary": "s", "text": "x"},
    }
    assert await send(stage, {"checkRun": run}) == ["POST /check-runs"]
    assert stage.services.asked[-1].json == {
        **run,
        "head_sha": SHA,
        "external_id": "argocd-notifications",
        "completed_at": "2026-01-02T04:04:05+01:00",
    }
    await send(stage, {"checkRun": {"name": "n", "status": "in_progress"}}, dedupe="2")
    assert "completed_at" not in stage.services.asked[-1].json
    wrong = {**PLACE, "checkRun": {"name": "n", "started_at": "yesterday"}}
    error = await stage.failure("github", options(stage), block=wrong, dedupe="3")
    assert "github.checkRun.started_at is no time" in error.words


async def test_workflows_are_started_by_an_event(stage: Stage) -> None:
    dispatch: dict[str, Any] = {"event_type": "deployed", "client_payload": {"app": "web", "n": 1}}
    place = {"repoURLPath": "git@github.com:team/web.git", "revisionPath": ""}
    await stage.send("github", options(stage), block={**place, "repositoryDispatch": dispatch})
    assert stage.services.lines()[-1] == f"POST {REPO}/dispatches"
    assert stage.services.asked[-1].json == dispatch
    dispatch["client_payload"] = '{"app": "web"}'
    await send(stage, {"repositoryDispatch": dispatch}, dedupe="2")
    assert stage.services.asked[-1].json["client_payload"] == {"app": "web"}


async def test_parts_that_are_done_are_not_done_again(stage: Stage) -> None:
    block = {
        "repositoryDispatch": {"event_type": "deployed"},
        "status": {"state": "success"},
        "pullRequestComment": {"content": "plain"},
        "checkRun": {"name": "n"},
    }
    stage.services.faults[f"{REPO}/check-runs"] = [answers(502)]
    error = await stage.failure("github", options(stage), block={**PLACE, **block}, dedupe="parts")
    assert error.may_pass
    stage.services.asked.clear()
    lines = await send(stage, block, dedupe="parts")
    assert lines == [f"GET /commits/{SHA}/pulls", "POST /check-runs"]
    assert len(stage.services.comments[7]) == 1


async def test_who_is_asked_too_often_says_so_with_403(stage: Stage) -> None:
    path = f"{REPO}/statuses/{SHA}"
    block = {**PLACE, "status": {"state": "success"}}
    limited = answers(403, {"message": "API rate limit exceeded"}, Retry_After="60")
    stage.services.faults[path] = [limited, answers(403, {"message": "Resource not accessible"})]
    error = await stage.failure("github", options(stage), block=block, dedupe="limited")
    assert (error.may_pass, error.after) == (True, 60.0)
    error = await stage.failure("github", options(stage), block=block, dedupe="limited")
    assert not error.may_pass
    assert "Resource not accessible" in error.words


async def test_what_is_wrong_is_told_before_github_is_asked(stage: Stage) -> None:
    status = {"status": {"state": "success"}}
    for block, words in (
        (None, "the template says nothing for github"),
        ({**status, "repoURLPath": "", "revisionPath": SHA}, "gives no repository"),
        ({**status, "repoURLPath": "https://github.com/team", "revisionPath": SHA}, "gives no repository"),
        ({**status, "repoURLPath": "https://github.com/../web", "revisionPath": SHA}, "gives no repository"),
        ({**status, **PLACE, "revisionPath": "<no value>"}, "gives no revision"),
        ({**PLACE, "repositoryDispatch": {}}, "needs the field event_type"),
        ({**PLACE, "status": "success"}, "status has to be object"),
    ):
        error = await stage.failure("github", options(stage), block=block, dedupe=words)
        assert words in error.words
        assert not error.may_pass
    assert stage.services.asked == []
    wrong = options(stage, privateKey=private_key())
    error = await stage.failure("github", wrong, block={**PLACE, **status}, dedupe="wrong")
    assert "check appID, installationID and privateKey" in error.words
    error = await stage.failure(
        "github", options(stage, privateKey="no key"), block={**PLACE, **status}, dedupe="no"
    )
    assert "no private key in PEM" in error.words
