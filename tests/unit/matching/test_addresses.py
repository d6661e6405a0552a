"""Addresses of repositories: as rules compare them, and as webhooks name them."""

from __future__ import annotations

import pytest

from fairlead.matching.repository import normalized_url
from fairlead.matching.webhook import is_about, repository_pattern


@pytest.mark.parametrize(
    ("url", "normal"),
    [
        ("https://Git.io/Team/App.git", "https://git.io/team/app"),
        ("git@git.io:Team/App.git", "ssh://git@git.io/team/app"),
        ("ssh://git@git.io:22/a/b/", "ssh://git@git.io:22/a/b"),
        ("https://git.io/**", "https://git.io/**"),
        ("*", "*"),
    ],
)
def test_rules_compare_addresses_in_one_spelling(url: str, normal: str) -> None:
    assert normalized_url(url) == normal


@pytest.mark.parametrize(
    ("repo_url", "about"),
    [
        ("https://github.com/team/app", True),
        ("https://github.com/Team/App.git", True),
        ("http://user@github.com/team/app", True),
        ("git@github.com:team/app.git", True),
        ("ssh://git@github.com:22/team/app", True),
        ("ssh://git@ssh.github.com:443/team/app.git", True),
        ("github.com/team/app", True),
        ("git://github.com/team/app", False),
        ("https://github.com/team/app/", False),
        ("https://github.com/team/app2", False),
        ("https://githubxcom/team/app", False),
        ("https://evil.io/github.com/team/app", False),
        ("https://github.com/" + "a" * 3000, False),
    ],
)
def test_a_push_is_about_every_way_to_write_its_repository(repo_url: str, about: bool) -> None:
    assert is_about("https://github.com/team/app", repo_url) is about


@pytest.mark.parametrize(
    "web_url", ["", "https://", "https://github.com", "nonsense", "https://[", "x" * 5000]
)
def test_a_payload_without_host_or_path_is_about_nothing(web_url: str) -> None:
    assert repository_pattern(web_url) is None


def test_a_payload_cannot_widen_the_pattern() -> None:
    assert not is_about("https://github.com/.*", "https://github.com/team/app")
    assert not is_about("https://.*/team/app", "https://github.com/team/app")
