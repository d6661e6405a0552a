"""Which addresses a link may lead to."""

import pytest

from fairlead.app_controller.links import is_allowed


@pytest.mark.parametrize(
    "url",
    ["https://x.example/a?b=c", "HTTP://x", "mailto:a@b.example", "ssh://host", "/applications/web"],
)
def test_common_addresses_are_links(url: str) -> None:
    assert is_allowed(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java\nscript:alert(1)",
        " javascript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "//evil.example",
        "/\\evil.example",
        "relative",
        "https://x/" + "y" * 3000,
    ],
)
def test_what_a_browser_would_run_or_open_here_is_no_link(url: str) -> None:
    assert not is_allowed(url)
