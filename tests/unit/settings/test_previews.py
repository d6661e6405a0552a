"""What argocd-cm says of previews is understood, or said to be wrong, entry by entry."""

import yaml

from fairlead.settings.previews import REPOSITORIES, PreviewSettings, preview_settings

GOOD = {"url": "https://github.com/acme/config", "projects": ["web"], "token": "$github"}


def read(*entries: object, **keys: str) -> PreviewSettings:
    return preview_settings({REPOSITORIES: yaml.safe_dump(list(entries)), **keys})


def test_public_hosts_are_known_and_a_repository_is_one_however_it_is_written() -> None:
    found = read(GOOD, {**GOOD, "url": "git@github.com:acme/config.git"})
    [one] = found.repositories
    assert (one.provider, one.identity, one.allow_forks) == ("github", "github.com/acme/config", False)
    assert "named before" in found.problems[0]


def test_what_is_wrong_with_an_entry_is_said_and_the_others_hold() -> None:
    wrong = (
        {**GOOD, "projects": []},
        {**GOOD, "token": "ghp_itself"},
        {**GOOD, "token": ""},
        {**GOOD, "url": "https://git.example/acme/config"},
        {**GOOD, "provider": "sourceforge"},
        {**GOOD, "allowFork": True},
        {**GOOD, "appID": 7},
        "no entry",
    )
    found = read(*wrong, {**GOOD, "url": "https://github.com/acme/other"})
    assert [one.identity for one in found.repositories] == ["github.com/acme/other"]
    assert len(found.problems) == len(wrong)
    assert "ghp_itself" not in " ".join(found.problems)


def test_nonsense_previews_nothing_and_never_raises() -> None:
    for text in ("{", "a: b", "- &x [*x]", "!!python/object:os.system {}", "[" * 5000):
        found = preview_settings({REPOSITORIES: text})
        assert (found.repositories, bool(found.problems)) == ((), True), text[:20]
    assert preview_settings({}) == PreviewSettings()


def test_numbers_have_bounds() -> None:
    found = read(**{"fairlead.preview.interval": "1s", "fairlead.preview.applications": "100000"})
    assert (found.interval, found.applications) == (30.0, 1000)
