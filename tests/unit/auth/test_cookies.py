"""A token survives being cut into cookies."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.auth import cookies


def browser(headers: list[str]) -> dict[str, str]:
    return dict(header.partition(";")[0].split("=", 1) for header in headers)


def test_a_short_token_is_one_cookie_as_clients_know_it() -> None:
    assert cookies.cut("a.b.c", path="", secure=True) == [
        "argocd.token=a.b.c; path=/; SameSite=lax; httpOnly; Secure"
    ]


@given(st.integers(min_value=1, max_value=60_000))
def test_what_is_cut_is_joined_again_and_no_cookie_is_too_long(length: int) -> None:
    token = "x" * (length - 1) + "y"
    headers = cookies.cut(token, path="", secure=True)
    assert all(len(header) <= cookies.MAX_COOKIE_BYTES for header in headers)
    assert cookies.joined(browser(headers)) == token


def test_a_token_that_fits_no_browser_is_refused() -> None:
    with pytest.raises(cookies.CookieTooLongError):
        cookies.cut("x" * 100_000, path="", secure=False)


def test_a_missing_piece_is_no_token() -> None:
    held = browser(cookies.cut("x" * 10_000, path="", secure=False))
    del held["argocd.token-1"]
    assert cookies.joined(held) == ""
    assert cookies.joined({}) == ""


def test_all_pieces_are_forgotten() -> None:
    held = browser(cookies.cut("x" * 10_000, path="", secure=False))
    gone = cookies.expired({**held, "other": "1"}, path="", secure=False)
    assert [header.partition("=")[0] for header in gone] == list(held)
