"""What each service is asked: method, path, headers and body, to the letter."""

from __future__ import annotations

import base64
from typing import Any

import msgspec
import pytest

from fairlead.notices.senders import SERVICES
from fairlead.notices.senders.fields import digest
from tests.fakes.receivers import ACCESS, SECRET, TOKEN
from tests.integration.notices.senders.conftest import Stage

ONCE = digest("once", "")


class Row(msgspec.Struct, frozen=True):
    """One message, and the one request (the last, where there are several) that it has to be."""

    kind: str
    options: dict[str, Any]
    line: str
    body: Any
    recipient: str = ""
    text: str = "hello"
    block: Any = None
    headers: dict[str, str] = {}
    query: dict[str, str] = {}


def key_for(recipient: str) -> str:
    return digest("once", recipient)


BEARER = {"Authorization": f"Bearer {TOKEN}"}
ATTACHMENTS = '[{"title": "web", "color": "#18be52"}]'
SQS = {"queue": "main", "region": "eu-west-1", "endpointUrl": "URL/sqs", "key": ACCESS, "secret": SECRET}

ROWS = (
    Row(
        "slack",
        {"token": TOKEN, "apiURL": "URL/slack/api/", "username": "bot", "icon": ":rocket:"},
        "POST /slack/api/chat.postMessage",
        {"channel": "my-channel", "text": "hello", "username": "bot", "icon_emoji": ":rocket:"},
        recipient="my-channel",
        headers={**BEARER, "Content-Type": "application/json; charset=utf-8"},
    ),
    Row(
        "slack",
        {"token": TOKEN, "apiURL": "URL/slack/api", "disableUnfurl": True, "icon": ":x:"},
        "POST /slack/api/chat.postMessage",
        {
            "channel": "#c",
            "text": "hello",
            "username": "me",
            "icon_url": "https://i.example/x.png",
            "attachments": [{"title": "web", "color": "#18be52"}],
            "blocks": [{"type": "divider"}],
            "unfurl_links": False,
            "unfurl_media": False,
        },
        recipient="#c",
        block={
            "username": "me",
            "icon": "https://i.example/x.png",
            "attachments": ATTACHMENTS,
            "blocks": '[{"type": "divider"}]',
        },
    ),
    Row(
        "teams",
        {"recipientUrls": {"ops": "URL/teams/hook"}},
        "POST /teams/hook",
        {"@type": "MessageCard", "context": "https://schema.org/extensions", "title": "", "summary": "",
         "text": "hello"},
        recipient="ops",
    ),
    Row(
        "teams",
        {"recipientUrls": {"ops": "URL/teams/hook"}},
        "POST /teams/hook",
        {
            "@type": "MessageCard",
            "context": "https://schema.org/extensions",
            "title": "t",
            "summary": "s",
            "text": "x",
            "themeColor": "#000080",
            "potentialAction": [{"@type": "OpenUri"}],
            "sections": [{"facts": [1]}, {"facts": [{"name": "n", "value": "v"}]}],
        },
        recipient="ops",
        block={
            "title": "t",
            "summary": "s",
            "text": "x",
            "themeColor": "#000080",
            "potentialAction": '[{"@type": "OpenUri"}]',
            "sections": '[{"facts": [1]}]',
            "facts": '[{"name": "n", "value": "v"}]',
        },
    ),
    Row(
        "teams",
        {"recipientUrls": {"ops": "URL/teams/hook"}},
        "POST /teams/hook",
        {"text": "all"},
        recipient="ops",
        block={"template": '{"text": "all"}', "title": "not this"},
    ),
    Row(
        "teams-workflows",
        {"recipientUrls": {"ops": "URL/workflows/hook"}},
        "POST /workflows/hook",
        {
            "type": "message",
            "summary": "s",
            "attachments": [
                {
                    "contentType": "application/vnd.microsoft.card.adaptive",
                    "content": {
                        "type": "AdaptiveCard",
                        "version": "1.4",
                        "body": [
                            {"type": "TextBlock", "text": "t", "size": "Large", "weight": "Bolder",
                             "wrap": True, "color": "Good"},
                            {"type": "TextBlock", "text": "hello", "wrap": True},
                            {"type": "FactSet", "facts": [{"title": "n", "value": "3"}]},
                            {"type": "FactSet", "facts": [{"title": "m", "value": "v"}]},
                        ],
                        "actions": [{"type": "Action.OpenUrl", "title": "Open", "url": "https://x.example"}],
                    },
                }
            ],
        },
        recipient="ops",
        block={
            "title": "t",
            "summary": "s",
            "themeColor": "Good",
            "facts": '[{"name": "n", "value": 3}, "no fact"]',
            "sections": '[{"facts": [{"name": "m", "value": "v"}]}, {"text": "x"}]',
            "potentialAction": '[{"@type": "OpenUri", "name": "Open", "targets": [{"uri": "https://x.example"}]},'
            ' {"@type": "HttpPOST"}]',
        },
    ),
    Row(
        "teams-workflows",
        {"recipientUrls": {"ops": "URL/workflows/hook"}, "rawCardPayload": True},
        "POST /workflows/hook",
        {"type": "AdaptiveCard", "anything": [1]},
        recipient="ops",
        block={"adaptiveCard": '{"type": "AdaptiveCard", "anything": [1]}', "title": "not this"},
    ),
    Row(
        "googlechat",
        {"webhooks": {"space": f"URL/googlechat/v1/spaces/A/messages?key={TOKEN}&token=a%3Db"}},
        "POST /googlechat/v1/spaces/A/messages",
        {"text": "hello"},
        recipient="space",
        query={"key": TOKEN, "token": "a=b", "requestId": f"fairlead-{key_for('space')}"},
    ),
    Row(
        "googlechat",
        {"webhooks": {"space": f"URL/googlechat/v1/spaces/A/messages?key={TOKEN}"}},
        "POST /googlechat/v1/spaces/A/messages",
        {
            "cardsV2": [{"cardId": f"{key_for('space')}-0", "card": {"header": {"title": "T"}}}],
            "cards": [{"sections": []}],
        },
        recipient="space",
        block={"cardsV2": "- header:\n    title: T\n", "cards": '[{"sections": []}]', "threadKey": "web"},
        query={"threadKey": "web", "messageReplyOption": "REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD"},
    ),
    Row(
        "mattermost",
        {"apiURL": "URL/mattermost/", "token": TOKEN},
        "POST /mattermost/api/v4/posts",
        {"channel_id": "c1", "message": "hello",
         "props": {"attachments": [{"title": "web", "color": "#18be52"}]}},
        recipient="c1",
        block={"attachments": ATTACHMENTS},
        headers=BEARER,
    ),
    Row(
        "rocketchat",
        {"serverUrl": "URL/rocketchat", "email": "bot@example.com", "password": TOKEN, "alias": "Argo",
         "icon": ":x:", "avatar": "https://a.example/a.png"},
        "POST /rocketchat/api/v1/chat.postMessage",
        {"channel": "#c", "text": "hello", "alias": "Argo", "emoji": ":x:", "avatar": "https://a.example/a.png",
         "attachments": [{"title": "web", "color": "#18be52"}]},
        recipient="#c",
        block={"attachments": ATTACHMENTS},
        headers={"X-User-Id": "u1"},
    ),
    Row(
        "rocketchat",
        {"serverUrl": "URL/rocketchat", "email": "bot@example.com", "password": TOKEN},
        "POST /rocketchat/api/v1/chat.postMessage",
        {"roomId": "r1", "text": "hello"},
        recipient="r1",
    ),
    Row(
        "telegram",
        {"token": TOKEN},
        f"POST /telegram/bot{TOKEN}/sendMessage",
        {"chat_id": -1000000000000, "message_thread_id": 7, "text": "hello", "parse_mode": "Markdown"},
        recipient="-1000000000000|7",
    ),
    Row(
        "telegram",
        {"token": TOKEN},
        f"POST /telegram/bot{TOKEN}/sendMessage",
        {"chat_id": "@news", "text": "one_sided"},
        recipient="news",
        text="one_sided",
    ),
    Row(
        "webex",
        {"token": TOKEN, "apiURL": "URL/webex/"},
        "POST /webex/v1/messages",
        {"toPersonEmail": "ada@example.com", "markdown": "hello"},
        recipient="ada@example.com",
        headers=BEARER,
    ),
    Row(
        "webex",
        {"token": TOKEN, "apiURL": "URL/webex"},
        "POST /webex/v1/messages",
        {"roomId": "Y2lz", "markdown": "hello"},
        recipient="Y2lz",
    ),
    Row(
        "pushover",
        {"token": TOKEN},
        "POST /pushover/1/messages.json",
        {"token": TOKEN, "user": "u", "message": "x" * 1021 + "..."},
        recipient="u",
        text="x" * 2000,
    ),
    Row(
        "opsgenie",
        {"apiUrl": "URL/opsgenie", "apiKeys": {"team": TOKEN}},
        "POST /opsgenie/v2/alerts",
        {"message": "hello", "alias": key_for("team"), "responders": [{"type": "team", "id": "team"}],
         "source": "Argo CD"},
        recipient="team",
        headers={"Authorization": f"GenieKey {TOKEN}"},
    ),
    Row(
        "opsgenie",
        {"apiUrl": "URL/opsgenie", "apiKeys": {"team": TOKEN}},
        "POST /opsgenie/v2/alerts",
        {
            "message": "x" * 127 + "...",
            "alias": "web",
            "description": "d",
            "responders": [{"type": "team", "id": "team"}],
            "visibleTo": [{"type": "team", "name": "other"}],
            "actions": ["Restart"],
            "tags": ["a"],
            "details": {"n": "1", "yes": "true"},
            "entity": "e",
            "source": "Argo CD",
            "priority": "P1",
            "user": "u",
            "note": "n",
        },
        recipient="team",
        text="x" * 200,
        block={
            "description": "d",
            "priority": "P1",
            "alias": "web",
            "note": "n",
            "actions": ["Restart"],
            "tags": ["a"],
            "details": {"n": 1, "yes": True},
            "entity": "e",
            "visibleTo": [{"type": "team", "name": "other"}],
            "user": "u",
        },
    ),
    Row(
        "pagerduty",
        {"token": TOKEN, "from": "ada@example.com", "serviceID": "P0"},
        "POST /pagerduty/incidents",
        {
            "incident": {
                "type": "incident",
                "title": "T",
                "service": {"id": "P0", "type": "service_reference"},
                "incident_key": ONCE,
                "priority": {"id": "PR", "type": "priority_reference"},
                "urgency": "high",
                "body": {"type": "incident_body", "details": "B"},
            }
        },
        block={"title": "T", "body": "B", "urgency": "high", "priorityID": "PR"},
        headers={"From": "ada@example.com", "Accept": "application/vnd.pagerduty+json;version=2"},
    ),
    Row(
        "pagerdutyv2",
        {"serviceKeys": {"web": TOKEN}},
        "POST /pagerdutyv2/v2/enqueue",
        {
            "routing_key": TOKEN,
            "event_action": "trigger",
            "dedup_key": key_for("web"),
            "payload": {"summary": "s", "severity": "critical", "source": "src", "component": "c",
                        "group": "g", "class": "k"},
            "client": "ArgoCD",
            "client_url": "https://argo.example",
        },
        recipient="web",
        block={"summary": "s", "severity": "critical", "source": "src", "component": "c", "group": "g",
               "class": "k", "url": "https://argo.example"},
    ),
    Row(
        "pagerdutyv2",
        {"serviceKeys": {"web": TOKEN}},
        "POST /pagerdutyv2/v2/enqueue",
        {
            "routing_key": TOKEN,
            "event_action": "trigger",
            "dedup_key": "mine",
            "payload": {"summary": "hello", "severity": "info", "source": "src"},
            "client": "ArgoCD",
        },
        recipient="web",
        block={"severity": "info", "source": "src", "dedupKey": "mine"},
    ),
    Row(
        "alertmanager",
        {"targets": ["HOST"], "apiPath": "/alertmanager/api/v2/alerts",
         "basicAuth": {"username": "u", "password": "p"}, "bearerToken": "unused"},
        "POST /alertmanager/api/v2/alerts",
        [
            {
                "labels": {"n": "1", "alertname": "app-deployed"},
                "annotations": {"a": "b"},
                "generatorURL": "https://git.example/team/web.git",
                "startsAt": "2026-01-02T03:04:05Z",
            }
        ],
        block={
            "labels": {"n": 1},
            "annotations": {"a": "b"},
            "generatorURL": "git@git.example:team/web.git",
            "startsAt": "2026-01-02T03:04:05Z",
        },
        headers={"Authorization": "Basic dTpw"},
    ),
    Row(
        "grafana",
        {"apiUrl": "URL/grafana/api", "apiKey": TOKEN},
        "POST /grafana/api/annotations",
        {"isRegion": False, "tags": ["a", "b"], "text": "hello"},
        recipient="a|b",
        headers=BEARER,
    ),
    Row(
        "newrelic",
        {"apiURL": "URL/newrelic", "apiKey": TOKEN},
        "POST /newrelic/v2/applications/123/deployments.json",
        {"deployment": {"revision": "abc", "changelog": "c", "description": "hello", "user": "ada"}},
        recipient="123",
        block={"revision": "abc", "changelog": "c", "user": "ada"},
    ),
    Row(
        "awssqs",
        SQS,
        "POST /sqs/",
        {"QueueUrl": "https://sqs.example/000000000000/main", "MessageBody": "hello",
         "MessageAttributes": {"a": {"DataType": "String", "StringValue": "1"}}},
        block={"messageAttributes": {"a": 1}},
        headers={"X-Amz-Target": "AmazonSQS.SendMessage", "Content-Type": "application/x-amz-json-1.0"},
    ),
    Row(
        "awssqs",
        {**SQS, "account": "123456789012"},
        "POST /sqs/",
        {"QueueUrl": "https://sqs.example/123456789012/other.fifo", "MessageBody": "hello",
         "MessageGroupId": "g", "MessageDeduplicationId": key_for("other.fifo")},
        recipient="other.fifo",
        block={"messageGroupId": "g"},
    ),
    Row(
        "gcppubsub",
        {"project": "my-project", "topic": "main", "keyFile": "KEY"},
        "POST /pubsub/v1/projects/my-project/topics/main:publish",
        {"messages": [{"data": base64.b64encode(b"hello").decode(), "attributes": {"a": "1"}}]},
        block={"attributes": {"a": 1}},
    ),
    Row(
        "webhook",
        {"url": "URL/hook/base/",
         "headers": [{"name": "X-A", "value": "1"}, {"name": "Authorization", "value": "t"}],
         "basicAuth": {"username": "u", "password": "p"}},
        "POST /hook/base/a/b",
        {"k": "v"},
        block={"webhook": {"method": "POST", "path": "/a/b?c=d", "body": '{"k": "v"}'}},
        headers={"X-A": "1", "Authorization": "Basic dTpw", "Idempotency-Key": ONCE},
        query={"c": "d"},
    ),
    Row("webhook", {"url": "URL/hook/base?x=1"}, "GET /hook/base", b"hello", query={"x": "1"}),
    Row(
        "webhook",
        {"url": "URL/hook"},
        "PUT /hook",
        b"hello",
        block={"webhook": {"method": "put"}},
    ),
)  # fmt: skip


def at(value: Any, stage: Stage) -> Any:
    """With the address of the services."""
    if isinstance(value, str):
        value = stage.services.google_key() if value == "KEY" else value
        return value.replace("URL", stage.services.url).replace("HOST", stage.services.url.rpartition("/")[2])
    if isinstance(value, dict):
        return {name: at(item, stage) for name, item in value.items()}
    return [at(item, stage) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.kind}-{ROWS.index(row)}")
async def test_a_service_is_asked_for_exactly_this(stage: Stage, row: Row) -> None:
    await stage.send(row.kind, at(row.options, stage), row.recipient, text=row.text, block=row.block)
    asked = stage.services.asked[-1]
    assert asked.line == row.line
    if isinstance(row.body, bytes):
        assert asked.body == row.body
    else:
        found = asked.json
        if row.kind == "grafana":
            assert found.pop("time") % 1000 == 0
        assert found == row.body
    assert {name: asked.headers.get(name) for name in row.headers} == row.headers
    assert {name: asked.query.get(name) for name in row.query} == row.query


def test_every_service_that_speaks_http_has_a_row() -> None:
    others = {"email", "nats", "github"}
    assert {row.kind for row in ROWS} == set(SERVICES) - others
    assert len(SERVICES) == 21
