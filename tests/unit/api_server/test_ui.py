"""What a browser is told of the web UI's pages."""

from pathlib import Path

import pytest

from fairlead.api_server.config import read
from fairlead.api_server.ui import assets
from fairlead.api_server.ui.page import based
from fairlead.api_server.ui.policy import OURS, Policy
from fairlead.process.flags import Environment
from fairlead.settings.server_parameters import server_parameters


def directives(policy: str) -> dict[str, str]:
    pairs = (directive.partition(" ") for directive in policy.split("; "))
    return {name: value for name, _, value in pairs}


def test_nothing_inline_and_nothing_from_elsewhere_is_allowed() -> None:
    assert directives(Policy().of_page()) == OURS
    assert not any("unsafe" in value or "http" in value or "*" in value for value in OURS.values())


def test_what_an_operator_names_is_laid_over_and_the_rest_stays_as_strict() -> None:
    found = directives(Policy("frame-ancestors 'self' https://portal.example;").of_page())
    assert found == {**OURS, "frame-ancestors": "'self' https://portal.example"}
    assert directives(Policy("Img-Src *").of_page()) == {**OURS, "img-src": "*"}
    assert "frame-ancestors" not in directives(Policy("").of_page())
    assert directives(Policy("").of_page()) == {k: v for k, v in OURS.items() if k != "frame-ancestors"}


@pytest.mark.parametrize(
    "text", ["frame-ancestors 'self'\r\nSet-Cookie: a=b", "frame-ancestors ☃", "x" * 5000]
)
def test_what_cannot_be_a_header_leaves_ours(text: str) -> None:
    assert directives(Policy(text, text).of_page()) == OURS
    assert Policy(text, text).frame_options == "SAMEORIGIN"


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://styles.example/a.css", " https://styles.example"),
        ("http://user:pass@styles.example:8080/a.css", " http://styles.example:8080"),
        ("./custom/a.css", ""),
        ("", ""),
        ("javascript:alert(1)", ""),
        ("https://a.example;script-src * /x", ""),
        ("https://[", ""),
    ],
)
def test_an_operators_style_sheet_may_come_from_where_it_is(url: str, origin: str) -> None:
    found = directives(Policy().of_page(url))
    assert found["style-src"] == f"'self'{origin}"
    assert found["script-src"] == "'self'"


@pytest.mark.parametrize(("frames", "terminal"), [("'none'", "'self'"), ("https://a", "'self' https://a")])
def test_the_terminal_may_always_stand_in_our_own_page(frames: str, terminal: str) -> None:
    assert directives(Policy(f"frame-ancestors {frames}").of_terminal())["frame-ancestors"] == terminal


def test_a_document_is_told_where_it_is_and_a_path_cannot_break_out() -> None:
    assert based('<head><base href="/"></head>', "fleet/a") == '<head><base href="/fleet/a/"></head>'
    assert based('<head lang="en"><title>', "") == '<head lang="en"><base href="/"><title>'
    assert '"><script>' not in based('<base href="/">', '"><script>')


def test_a_folder_that_is_too_large_is_not_served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "index.html").write_text("<head>")
    monkeypatch.setattr(assets, "OWN", tmp_path / "nothing")
    assert list(assets.ui_assets(str(tmp_path))) == ["index.html"]
    monkeypatch.setattr(assets, "MAX_BYTES", 3)
    assert assets.ui_assets(str(tmp_path)) == {}
    assert assets.ui_assets(str(tmp_path / "nothing")) == {}


def test_a_configured_folder_that_is_not_there_leaves_the_packages_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "index.html").write_text("<head>")
    monkeypatch.setattr(assets, "OWN", tmp_path)
    assert list(assets.ui_assets("", "/shared/app")) == ["index.html"]


async def test_an_operators_own_files_are_beside_the_ui(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own, custom = tmp_path / "own", tmp_path / "custom"
    (custom / "..2026").mkdir(parents=True)
    own.mkdir()
    (own / "index.html").write_text("<head>")
    (custom / "..2026/styles.css").write_text("body{}")
    (custom / "..data").symlink_to("..2026")
    (custom / "styles.css").symlink_to("..data/styles.css")
    monkeypatch.setattr(assets, "OWN", own)
    monkeypatch.setattr(assets, "CUSTOM", custom)
    found = assets.ui_assets()
    assert sorted(found) == ["custom/styles.css", "index.html"]
    assert (await found["custom/styles.css"].content())[0] == b"body{}"
    assert not found["custom/styles.css"].is_immutable


def test_flags_say_more_than_the_config_map_and_nothing_is_not_empty() -> None:
    given = server_parameters({"server.x.frame.options": "", "server.staticassets": "/shared/app"})
    assert (given.frame_options, given.content_policy, given.static_assets) == ("", None, "/shared/app")
    assert read([], Environment({})).frame_options is None
    assert read(["--x-frame-options", ""], Environment({})).frame_options == ""
    environment = Environment({"ARGOCD_SERVER_CONTENT_SECURITY_POLICY": "frame-ancestors *"})
    assert read([], environment).content_policy == "frame-ancestors *"
    assert read(["--staticassets", "/ui"], environment).static_assets == "/ui"
