"""GitHub tells that a repository came, went or got another name: whoever lists its owner's looks again."""

import msgspec
import pytest

from fairlead.matching.generators import Interested, interests
from fairlead.webhooks.github import GitHub
from fairlead.webhooks.happenings import happenings

OWNERS = ("team", "guild")


def _woken(payload: dict[str, object]) -> set[str]:
    known = Interested()
    for owner in OWNERS:
        generator = {"scmProvider": {"github": {"organization": owner}}}
        known.put(("argocd", owner), interests([generator]))
    told = GitHub().read({"X-GitHub-Event": "repository"}, msgspec.json.encode(payload))
    return {name for each in happenings(told) for _, name in known.of(each)}


@pytest.mark.parametrize("action", ["created", "deleted", "archived", "edited", "privatized"])
def test_a_repository_that_came_went_or_changed_wakes_who_lists_its_owner(action: str) -> None:
    repository = {"html_url": "https://github.com/Team/Shop", "clone_url": "https://github.com/Team/Shop.git"}
    changes = {"default_branch": {"from": "master"}}
    assert _woken({"action": action, "repository": repository, "changes": changes}) == {"team"}


def test_a_repository_that_was_handed_over_wakes_both_owners() -> None:
    repository = {"html_url": "https://github.com/guild/shop"}
    changes = {"owner": {"from": {"organization": {"login": "Team"}}}}
    assert _woken({"action": "transferred", "repository": repository, "changes": changes}) == set(OWNERS)


def test_a_repository_that_was_renamed_is_looked_at_under_both_names() -> None:
    repository = {"html_url": "https://github.com/team/store"}
    changes = {"repository": {"name": {"from": "shop"}}}
    body = msgspec.json.encode({"action": "renamed", "repository": repository, "changes": changes})
    told = GitHub().read({"X-GitHub-Event": "repository"}, body)
    assert [each.repositories for each in happenings(told)] == [
        ("github.com/team/store",),
        ("github.com/team/shop",),
    ]
