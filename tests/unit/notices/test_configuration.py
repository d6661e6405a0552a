"""What argocd-notifications-cm and its Secret say, in the present form and the one before 1.0."""

from textwrap import dedent

from fairlead.notices.configuration import Condition, Configuration, read
from fairlead.notices.configuration.read import names_in


def _read(data: dict[str, str], secrets: dict[str, str] | None = None) -> Configuration:
    return read({key: dedent(text) for key, text in data.items()}, secrets or {}, namespace="argocd")


def test_every_key_is_read() -> None:
    found = _read(
        {
            "service.slack": "token: $slack-token",
            "service.webhook.ci": "url: https://ci/$path/x\nheaders: [{name: A, value: 'B $slack-token'}]",
            "template.app-failed": "message: it failed\nslack: {attachments: '[]'}\nwebhook: {ci: {body: x}}",
            "trigger.on-failed": """
                - when: app.status.operationState.phase == 'Failed'
                  oncePer: app.status.sync.revision
                  send: [app-failed]
                  description: it failed
                """,
            "defaultTriggers": "[on-failed]",
            "defaultTriggers.slack": "- on-failed",
            "subscriptions": """
                - recipients: ['slack:team:dropped', ci]
                  triggers: [on-failed]
                  selector: team=shop,tier in (web, api)
                """,
            "context": "{argocdUrl: 'https://cd', loud: true, n: 1}",
        },
        {"slack-token": "xoxb\n", "path": "deep"},
    )
    assert found.problems == ()
    assert found.services["slack"].options == {"token": "xoxb"}
    webhook = found.services["ci"]
    assert (webhook.kind, webhook.options["url"]) == ("webhook", "https://ci/deep/x")
    assert webhook.options["headers"] == [{"name": "A", "value": "B xoxb"}]
    assert set(webhook.hidden) == {"xoxb", "deep"}
    assert "xoxb" not in repr(found) + repr(webhook)
    assert found.templates["app-failed"].blocks["webhook"] == {"ci": {"body": "x"}}
    assert found.triggers["on-failed"] == (
        Condition(
            when="app.status.operationState.phase == 'Failed'",
            send=("app-failed",),
            once_per="app.status.sync.revision",
            description="it failed",
        ),
    )
    assert found.default_triggers == ("on-failed",)
    assert found.triggers_of("", "slack") == ("on-failed",)
    (subscription,) = found.subscriptions
    assert subscription.recipients == (("slack", "team"), ("ci", ""))
    assert subscription.selector.matches({"team": "shop", "tier": "api"})
    assert not subscription.selector.matches({"team": "shop"})
    assert found.context == {"argocdUrl": "https://cd", "loud": "true", "n": "1"}


def test_what_is_wrong_is_said_and_everything_else_goes_on() -> None:
    found = _read(
        {
            "service.a.b.c": "{}",
            "service.slack": "token: $nobody",
            "template.broken": "message: [",
            "template.odd": "slack: text",
            "template.well": "message: fine",
            "trigger.odd": "- send: [well]",
            "trigger.well": "- when: 'true'\n  send: [well, gone]",
            "subscriptions": (
                "[{recipients: [slack:x], selector: 'a b'}, {recipients: [slack:y], triggers: [nowhere]}]"
            ),
            "surprise": "1",
        }
    )
    said = "\n".join(found.problems)
    for key in ("service.a.b.c:", "template.broken:", "template.odd: slack", "trigger.odd:", "surprise:"):
        assert key in said
    assert "$nobody is not in the Secret" in said
    assert "subscriptions: number 1: unable to parse" in said
    assert "trigger.well: there is no template 'gone'" in said
    assert "trigger.nowhere: is named and not there" in said
    assert found.services["slack"].options == {"token": "$nobody"}
    assert list(found.templates) == ["odd", "well"]
    assert found.templates["odd"].blocks == {}
    assert list(found.triggers) == ["well"]
    assert [each.recipients for each in found.subscriptions] == [(("slack", "y"),)]


def test_the_form_before_the_first_release_is_read_and_the_present_one_wins() -> None:
    found = _read(
        {
            "config.yaml": """
                triggers:
                - {name: on-old, condition: 'true', template: old, enabled: true}
                - {name: on-off, condition: 'true', template: old, enabled: false}
                templates:
                - {name: old, subject: Old, body: it is so}
                - {name: both, body: old words}
                context: {argocdUrl: old}
                subscriptions: [{recipients: ['slack:all'], triggers: [on-old]}]
                """,
            "template.both": "message: new words",
            "context": "argocdUrl: new",
        },
        {
            "notifiers.yaml": dedent(
                """
                slack: {token: secret}
                webhook: [{name: ci, url: 'http://ci'}]
                """
            )
        },
    )
    assert found.problems == ()
    assert found.triggers["on-old"] == (Condition(when="true", send=("old",)),)
    assert found.default_triggers == ("on-old",)
    assert found.templates["old"].message == "it is so"
    assert found.templates["old"].blocks == {"email": {"subject": "Old"}}
    assert found.templates["both"].message == "new words"
    assert found.context == {"argocdUrl": "new"}
    assert {name: each.kind for name, each in found.services.items()} == {"slack": "slack", "ci": "webhook"}
    assert found.subscriptions[0].triggers == ("on-old",)


def test_what_argo_cd_takes_for_a_text_is_one_here() -> None:
    found = _read(
        {
            "trigger.on-created": "- when: true\n  oncePer: app.metadata.name\n  send: [created]",
            "template.created": "message: it is there\ntitle: that nobody reads\nemail: {subject: 1}",
        }
    )
    assert found.triggers["on-created"][0].when == "true"
    assert found.templates["created"].message == "it is there"
    assert found.templates["created"].blocks == {"email": {"subject": 1}}
    assert found.problems == ("template.created: title is not a map and has no effect",)


def test_the_digest_names_exactly_what_was_said() -> None:
    one = _read({"context": "a: b"}, {"x": "1"})
    assert one.digest == _read({"context": "a: b"}, {"x": "1"}).digest
    assert one.digest != _read({"context": "a: b"}, {"x": "2"}).digest


def test_names_are_listed_as_the_api_lists_them() -> None:
    data = {
        "service.slack": "",
        "service.webhook.ci": "",
        "service.a.b.c": "",
        "service..x": "",
        "trigger.": "",
    }
    assert names_in(data, "service") == {"slack", "ci"}
    assert names_in(data, "trigger") == set()
