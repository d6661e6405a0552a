"""Addresses as they may be shown."""

import pytest

from fairlead.matching.repository import without_password


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("https://u:t0ken@git.example/a.git", "https://git.example/a.git"),
        ("https://t0ken@git.example/a.git", "https://git.example/a.git"),
        ("HTTPS://t0ken@git.example/a.git", "HTTPS://git.example/a.git"),
        (" https://u:t0ken@git.example/a.git", "https://git.example/a.git"),
        ("https://u:t0/ken@git.example/a.git", "https://git.example/a.git"),
        ("https://u:t0?ken@git.example/a.git", "https://git.example/a.git"),
        ("https://u:t0#k@n@git.example/a.git", "https://git.example/a.git"),
        ("https://git.example:8443/a@b", "https://git.example:8443/a@b"),
        ("http://me:pass@proxy:3128", "http://proxy:3128"),
        ("ssh://git@git.example:2222/a", "ssh://git@git.example:2222/a"),
        ("ssh://git:pw@git.example/a", "ssh://git@git.example/a"),
        ("git@git.example:a/b", "git@git.example:a/b"),
        ("https://git.example/a@b:c", "https://git.example/a@b:c"),
    ],
)
def test_no_secret_of_an_address_is_shown(given: str, shown: str) -> None:
    assert without_password(given) == shown
