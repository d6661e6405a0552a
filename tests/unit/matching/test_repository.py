"""One repository, however it is written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.matching.repository import identity


@pytest.mark.parametrize(
    "url",
    [
        "https://git.example/Team/Config.git",
        "http://git.example/team/config",
        "https://user:secret@git.example:8443/team/config.git/",
        "ssh://git@git.example:22/team/config.git",
        "ssh://git@ssh.git.example:443/team/config.git",
        "git@git.example:team/config.git",
        "git.example:team/config",
        " https://GIT.example/team/config.git ",
        "https://git.example//team/config",
    ],
)
def test_every_way_to_write_an_address_is_one_repository(url: str) -> None:
    assert identity(url) == "git.example/team/config"


def test_other_repositories_are_others() -> None:
    assert identity("https://git.example/team/config.git.git") == "git.example/team/config.git"
    assert identity("https://a/x") != identity("https://b/x")
    assert identity("oci://registry.example/chart") == "registry.example/chart"
    assert identity("http://127.0.0.1:9100/config.git") == "127.0.0.1/config"
    assert identity("http://[::1]:9100/config.git") == "::1/config"


@given(st.text(max_size=100))
def test_nothing_that_people_write_raises(text: str) -> None:
    identity(text)
