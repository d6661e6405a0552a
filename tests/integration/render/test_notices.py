"""Conditions and templates of notifications in the real engine: what they see, and what each comes to."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest
import pytest_asyncio
import yaml

from fairlead.local.builds import render_engine_binary
from fairlead.notices.composing.compose import CompositionError, compose
from fairlead.notices.configuration import Configuration, Service, read
from fairlead.notices.environment import Environment, NoRepositories, RepositoryError
from fairlead.notices.judging.decide import evaluations, texts_of
from fairlead.render import Scripts

CATALOGUE = Path("charts/fairlead/files/notifications-catalogue.yaml")
APP: dict[str, Any] = {
    "metadata": {"name": "shop", "namespace": "argocd", "labels": {"team": "a"}},
    "spec": {"project": "default", "source": {"repoURL": "git@github.com:acme/shop.git"}},
    "status": {
        "sync": {"status": "Synced", "revision": "abc"},
        "health": {"status": "Healthy", "lastTransitionTime": "2026-01-01T00:00:30Z"},
        "operationState": {
            "phase": "Succeeded",
            "startedAt": "2026-01-01T00:00:00Z",
            "finishedAt": "2026-01-01T00:00:20Z",
            "message": "all went well",
            "operation": {"info": [{"name": "ticket", "value": "T-1"}]},
            "syncResult": {"revision": "abc"},
        },
    },
}


class _Repositories:
    """Answers from memory, and counts."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def commit(self, app: bytes, sha: str) -> Mapping[str, Any]:
        self.asked.append(sha)
        if sha == "gone":
            raise RepositoryError("unknown revision")
        return {"message": f"of {sha}", "author": "Ann <a@b>", "date": "2026-02-03T04:05:06Z", "tags": ["v1"]}

    async def details(self, app: bytes) -> Mapping[str, Any]:
        self.asked.append("details")
        parameters = [{"name": "image.tag", "value": "2.0"}, {"name": "image.tag", "value": "1.0"}]
        files = [{"name": "cert", "path": "files/cert.pem"}]
        return {"type": "Helm", "helm": {"name": "shop", "parameters": parameters, "fileParameters": files}}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def scripts() -> AsyncIterator[Scripts]:
    found = Scripts(await asyncio.to_thread(render_engine_binary))
    yield found
    await found.aclose()


def _environment(
    scripts: Scripts,
    app: Mapping[str, Any] = APP,
    configuration: Configuration | None = None,
    *,
    repositories: Any = None,
    has_secrets: bool = True,
    event: bytes = b"",
) -> Environment:
    return Environment(
        scripts,
        repositories or NoRepositories(),
        configuration or read({"context": "argocdUrl: https://cd"}, {"key": "hidden"}),
        app=msgspec.json.encode(app),
        project=b'{"metadata": {"name": "default"}}',
        has_secrets=has_secrets,
        event=event,
    )


STATE = "app.status.operationState"
HOLDING = (
    "app.status.operationState.phase in ['Succeeded', 'Failed']",
    "app.metadata.labels?.team == 'a' and app.metadata.annotations?.x == nil",
    "appProject.metadata.name == 'default'",
    "context.argocdUrl == 'https://cd' and context.notificationType == ''",
    "secrets.key == 'hidden'",
    "time.Now().Sub(time.Parse(app.status.operationState.startedAt)).Minutes() >= 5",
    f"time.Parse({STATE}.finishedAt).Sub(time.Parse({STATE}.startedAt)) < time.Minute",
    "time.Now().Format(time.RFC3339) != '' and time.Kitchen == '3:04PM'",
    "strings.ReplaceAll('a-b', '-', '.') == 'a.b'",
    "strings.ToUpper('a') == 'A' and strings.ToLower('A') == 'a'",
    "sync.GetInfoItem(app, 'ticket') == 'T-1' and sync.GetInfoItem(app, 'none') == ''",
    "repo.RepoURLToHTTPS(app.spec.source.repoURL) == 'https://github.com/acme/shop.git'",
    "repo.FullNameByRepoURL('https://user:x@gitlab.com/group/sub/name.git') == 'group/sub'",
    "repo.QueryEscape('a b&c') == 'a+b%26c'",
    "repo.GetCommitMetadata(app.status.sync.revision).Message == 'of abc'",
    "repo.GetCommitMetadata('abc').Author == 'Ann <a@b>' and 'v1' in repo.GetCommitMetadata('abc').Tags",
    "repo.GetCommitMetadata('abc').Date.Year() == 2026",
    "repo.GetAppDetails().Helm.GetParameterValueByName('image.tag') == '2.0'",
    "repo.GetAppDetails().Helm.GetFileParameterPathByName('cert') == 'files/cert.pem'",
)


async def test_conditions_see_everything_that_people_know(scripts: Scripts) -> None:
    repositories = _Repositories()
    found = await _environment(scripts, repositories=repositories).conditions(HOLDING)
    assert {text: one.problem for text, one in found.items() if not one.holds} == {}
    assert sorted(repositories.asked) == ["abc", "details"]


async def test_a_condition_that_fails_costs_no_other_one_anything(scripts: Scripts) -> None:
    texts = [
        "app.status.nothing.deeper == 1",
        "app.(",
        "'text'",
        "true",
        "app.missing",
        "repo.GetCommitMetadata('gone').Author == ''",
    ]
    found = await _environment(scripts, repositories=_Repositories()).conditions(texts)
    failed, broken, text, holds, missing, gone = (found[each] for each in texts)
    assert "deeper" in failed.problem
    assert broken.problem
    assert (text.holds, text.text, text.problem) == (False, "text", "")
    assert holds.holds
    assert (missing.holds, missing.text, missing.problem) == (False, "<nil>", "")
    assert "commit gone: unknown revision" in gone.problem


async def test_without_secrets_nothing_of_them_is_seen(scripts: Scripts) -> None:
    found = await _environment(scripts, has_secrets=False).conditions(["secrets == nil", "event == nil"])
    assert all(one.holds for one in found.values())


async def test_templates_are_filled_in_and_asked_again_for_what_they_need(scripts: Scripts) -> None:
    repositories = _Repositories()
    texts = [
        "{{.app.metadata.name}} {{.serviceType}} {{.recipient}} {{.context.argocdUrl}}",
        "{{(call .repo.GetCommitMetadata .app.status.sync.revision).Message | upper}}",
        '{{(call .time.Parse .app.status.operationState.startedAt).Format "2006"}}',
        '{{with call .repo.GetAppDetails}}{{.Type}} {{.Helm.GetParameterValueByName "image.tag"}}{{end}}',
        '{{env "PATH"}}',
        "{{.app.nothing.deeper}}",
    ]
    environment = _environment(scripts, repositories=repositories)
    found = await environment.filled(texts, service="slack", recipient="team")
    assert [found[text].text for text in texts[:4]] == [
        "shop slack team https://cd",
        "OF ABC",
        "2026",
        "Helm 2.0",
    ]
    assert "env" in found[texts[4]].problem
    assert found[texts[5]].text == "<no value>" or found[texts[5]].problem
    assert sorted(repositories.asked) == ["abc", "details"]


def _catalogue() -> Configuration:
    data = {str(key): str(text) for key, text in yaml.safe_load(CATALOGUE.read_text()).items()}
    return read({**data, "context": "argocdUrl: https://cd"}, {})


def _changed(**status: Any) -> dict[str, Any]:
    return {**APP, "status": {**APP["status"], **status}}


def _operation(**fields: Any) -> dict[str, Any]:
    return {"operationState": {**APP["status"]["operationState"], **fields}}


HEALTHY_LONG_BEFORE = {"status": "Healthy", "lastTransitionTime": "2025-12-31T00:00:00Z"}
HEALTHY_MEANWHILE = {"status": "Healthy", "lastTransitionTime": "2026-01-01T00:00:10Z"}
ALWAYS = {"on-created"}
FIRED = [
    ("a new application without a status", {**APP, "status": {}}, set()),
    (
        "one that is being deleted",
        {**APP, "status": {}, "metadata": {**APP["metadata"], "deletionTimestamp": "2026-01-01T00:00:00Z"}},
        {"on-deleted"},
    ),
    ("synced and healthy since", APP, {"on-sync-succeeded", "on-deployed"}),
    ("healthy since long before", _changed(health=HEALTHY_LONG_BEFORE), {"on-sync-succeeded", "on-deployed"}),
    (
        "healthy by a sync of an hour, in its first minutes",
        _changed(health=HEALTHY_MEANWHILE, **_operation(finishedAt="2026-01-01T01:00:00Z")),
        {"on-sync-succeeded"},
    ),
    ("synced and not healthy yet", _changed(health={"status": "Progressing"}), {"on-sync-succeeded"}),
    ("degraded", _changed(health={"status": "Degraded"}), {"on-sync-succeeded", "on-health-degraded"}),
    ("failed", _changed(**_operation(phase="Failed")), {"on-sync-failed"}),
    ("in error", _changed(**_operation(phase="Error")), {"on-sync-failed"}),
    ("running", _changed(**_operation(phase="Running", finishedAt=None)), {"on-sync-running"}),
    (
        "unknown",
        _changed(sync={"status": "Unknown"}),
        {"on-sync-succeeded", "on-deployed", "on-sync-status-unknown"},
    ),
]


async def test_each_trigger_of_the_catalogue_fires_when_it_should_and_not_when_not(scripts: Scripts) -> None:
    catalogue = _catalogue()
    assert catalogue.problems == ()
    assert len(catalogue.triggers) == len(catalogue.templates) == 11
    for case, app, expected in FIRED:
        environment = _environment(scripts, app, catalogue)
        outcomes = await environment.conditions(texts_of(catalogue, list(catalogue.triggers)))
        assert {text: one.problem for text, one in outcomes.items() if one.problem} == {}, case
        judged = [one for name in catalogue.triggers for one in evaluations(catalogue, name, outcomes)]
        assert {one.trigger for one in judged if one.holds} == expected | ALWAYS, case


EVENTS: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "on-drifted": (
        {
            "resources": [{"kind": "Deployment", "namespace": "shop", "name": "web", "group": "apps"}],
            "fields": [{"kind": "Deployment", "field": "spec.replicas", "old": "1", "manager": "kubectl"}],
        },
        ("- Deployment shop/web", "spec.replicas: 1 became nothing by kubectl"),
    ),
    "on-healed": ({"resources": [{"kind": "Namespace", "name": "web"}]}, ("as Git says", "- Namespace web")),
    "on-prune-held": ({"count": 4, "objects": 5, "resources": []}, ("4 of the 5 objects", "confirmed")),
}


async def test_the_catalogue_tells_of_events_each_by_its_own_trigger(scripts: Scripts) -> None:
    catalogue = _catalogue()
    email = Service(name="email", kind="email", options={})
    for name, (data, words) in EVENTS.items():
        event = {"id": "1", "type": f"fairlead.v1.app.{name.removeprefix('on-')}", "data": data}
        environment = _environment(scripts, APP, catalogue, event=msgspec.json.encode(event))
        outcomes = await environment.conditions(texts_of(catalogue, list(EVENTS), has_event=True))
        judged = [one for each in EVENTS for one in evaluations(catalogue, each, outcomes, event="1")]
        assert [(one.trigger, one.once_per) for one in judged if one.holds] == [(name, "1")]
        (template,) = catalogue.triggers[name][0].send
        message = await compose(catalogue, environment, [template], email, "x")
        assert all(text in message.text for text in words), message.text
        assert "no value" not in str(message)


async def test_the_catalogue_counts_by_revision_also_where_there_are_several(scripts: Scripts) -> None:
    catalogue = _catalogue()
    several = _changed(**_operation(syncResult={"revisions": ["one", "two"]}))
    for app, expected in ((APP, "abc"), (several, "one,two")):
        outcomes = await _environment(scripts, app, catalogue).conditions(
            texts_of(catalogue, ["on-sync-succeeded"])
        )
        (one,) = evaluations(catalogue, "on-sync-succeeded", outcomes)
        assert one.once_per == expected


async def test_the_catalogue_has_words_for_every_service_it_speaks_to(scripts: Scripts) -> None:
    catalogue = _catalogue()
    services = {kind: Service(name=kind, kind=kind, options={}) for kind in ("email", "slack", "teams")}
    for case, app, expected in FIRED[2:]:
        environment = _environment(scripts, app, catalogue)
        for template in [catalogue.triggers[name][0].send[0] for name in sorted(expected | ALWAYS)]:
            for kind, service in services.items():
                message = await compose(catalogue, environment, [template], service, "x")
                assert "shop" in message.text, (case, template)
                assert "https://cd/applications/argocd/shop" in message.text
                assert "no value" not in str(message), (case, template, kind)
                if kind == "slack":
                    (attachment,) = msgspec.json.decode(message.blocks["slack"]["attachments"])
                    assert attachment["title"] == "shop"


async def test_templates_are_laid_over_each_other_and_a_broken_one_makes_no_message(scripts: Scripts) -> None:
    configuration = read(
        {
            "template.a": "{message: A, email: {subject: 'S {{.recipient}}', body: B}}",
            "template.b": "{message: B, webhook: {ci: {body: '{{.app.spec.project}}'}, other: {body: x}}}",
            "template.broken": "message: '{{.app.metadata.name'",
        },
        {},
    )
    environment = _environment(scripts, APP, configuration)
    email = Service(name="post", kind="email", options={})
    message = await compose(configuration, environment, ["a", "b"], email, "me@here")
    assert (message.text, message.blocks) == ("B", {"email": {"subject": "S me@here", "body": "B"}})
    webhook = Service(name="ci", kind="webhook", options={})
    message = await compose(configuration, environment, ["a", "b"], webhook, "")
    assert message.blocks == {"webhook": {"ci": {"body": "default"}}}
    for name, words in (("broken", "template 'broken': "), ("gone", "template 'gone' is not configured")):
        with pytest.raises(CompositionError, match=words):
            await compose(configuration, environment, [name], webhook, "")
