"""The addresses of submodules, as Git reads and resolves them."""

import pytest

from fairlead.git import UrlRefusedError
from fairlead.repo_server.supplying.modules import address, parsed

BASE = "https://git.example/team/web.git"


@pytest.mark.parametrize(
    ("written", "base", "found"),
    [
        ("https://other.example/x.git", BASE, "https://other.example/x.git"),
        ("../lib.git", BASE, "https://git.example/team/lib.git"),
        ("./lib.git", BASE, "https://git.example/team/web.git/lib.git"),
        ("../../other/lib.git", BASE, "https://git.example/other/lib.git"),
        ("../lib.git", f"{BASE}/", "https://git.example/team/lib.git"),
        ("../lib.git", "git@git.example:team/web.git", "git@git.example:team/lib.git"),
        ("../../lib.git", "git@git.example:team/web.git", "git@git.example:lib.git"),
        ("../lib.git", "ssh://git@git.example:22/web.git", "ssh://git@git.example:22/lib.git"),
    ],
)
def test_a_relative_address_is_resolved_against_that_of_the_repository(
    written: str, base: str, found: str
) -> None:
    assert address(written, base) == found


@pytest.mark.parametrize(
    "written",
    ["", "-upload", "--upload-pack=x", "ext::sh -c x", "fd::17", "../../../x", "../../../../evil.example/x"],
)
def test_what_is_no_address_or_leads_out_of_the_host_is_refused(written: str) -> None:
    with pytest.raises(UrlRefusedError):
        address(written, BASE)


def test_names_of_submodules_say_nothing_and_halves_are_left_out() -> None:
    listing = (
        "submodule.a.b.path\napp/base\0submodule.a.b.url\n../x.git\0"
        "submodule.../../.git/hooks.path\nother/\0submodule.../../.git/hooks.url\nhttps://y.example/y\0"
        "submodule.half.path\nhalf\0"
    )
    assert parsed(listing) == {"app/base": "../x.git", "other": "https://y.example/y"}
