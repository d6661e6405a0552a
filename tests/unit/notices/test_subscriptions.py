"""Who hears of an application, in every spelling that people use."""

from fairlead.notices.configuration import read
from fairlead.notices.judging.subscriptions import Destination, Wish, destinations_of, wishes_of

SUBSCRIBE = "notifications.argoproj.io/subscribe"


def test_annotations_subscribe_in_all_spellings() -> None:
    found = wishes_of(
        {
            f"{SUBSCRIBE}.on-failed.slack": "one; two;",
            f"{SUBSCRIBE}.slack": "default",
            f"{SUBSCRIBE}.on-failed.ci": "",
            "on-old.recipients.argocd-notifications.argoproj.io": "slack:a:dropped, email:b@c",
            "recipients.argocd-notifications.argoproj.io": "slack:all",
            "notifications.argoproj.io/subscriptions": """
              - trigger: [on-a, on-b]
                destinations:
                - service: slack
                  recipients: [x, y]
                - service: ci
              - destinations: [{service: email, recipients: [z@z]}]
            """,
            "other": "value",
        }
    )
    assert found.problems == ()
    assert set(found.wishes) == {
        Wish("on-failed", "slack", "one"),
        Wish("on-failed", "slack", "two"),
        Wish("", "slack", "default"),
        Wish("on-failed", "ci", ""),
        Wish("on-old", "slack", "a"),
        Wish("on-old", "email", "b@c"),
        Wish("", "slack", "all"),
        *(Wish(trigger, "slack", to) for trigger in ("on-a", "on-b") for to in ("x", "y")),
        Wish("on-a", "ci", ""),
        Wish("on-b", "ci", ""),
        Wish("", "email", "z@z"),
    }


def test_a_subscription_that_cannot_be_read_costs_no_other_one() -> None:
    found = wishes_of(
        {
            "notifications.argoproj.io/subscriptions": "[{destinations: [{recipients: [a]}]}",
            f"{SUBSCRIBE}.on-x.slack": "a",
        }
    )
    assert found.wishes == (Wish("on-x", "slack", "a"),)
    assert len(found.problems) == 1
    assert found.problems[0].startswith("notifications.argoproj.io/subscriptions: ")


def test_destinations_are_those_of_the_application_its_project_and_all_each_once() -> None:
    configuration = read(
        {
            "defaultTriggers": "[on-default]",
            "defaultTriggers.email": "[on-mail]",
            "subscriptions": (
                "[{recipients: ['slack:team'], selector: team=shop}, "
                "{recipients: ['slack:none'], selector: team=other}]"
            ),
        },
        {},
    )
    app = wishes_of({f"{SUBSCRIBE}.on-x.slack": "team", f"{SUBSCRIBE}.email": "a@b"})
    project = wishes_of({f"{SUBSCRIBE}.on-x.slack": "team;lead"})
    assert destinations_of(configuration, {"team": "shop"}, app, project) == (
        Destination("on-default", "slack", "team"),
        Destination("on-mail", "email", "a@b"),
        Destination("on-x", "slack", "team"),
        Destination("on-x", "slack", "lead"),
    )
