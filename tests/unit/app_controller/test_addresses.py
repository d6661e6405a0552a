"""Which addresses a link may lead to."""

import pytest

from fairlead.app_controller.comparing.addresses import is_allowed
from fairlead.app_controller.comparing.marks import LINK, urls_of


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


@pytest.mark.parametrize(
    "value", ["javascript:alert(1)", "Logs|javascript:alert(1)", "data:text/html,x", "x"]
)
def test_an_objects_annotation_hands_out_no_such_address(value: str) -> None:
    links = {
        LINK + "bad": value,
        LINK + "good": "Logs|https://logs.example/web",
        "other": "https://x.example",
    }
    assert urls_of({"metadata": {"annotations": links}}) == ["https://logs.example/web"]


def test_a_host_that_makes_no_address_is_none() -> None:
    rules = [{"host": "x.example"}, {"host": "x.example\n"}]
    assert urls_of({"kind": "Ingress", "spec": {"rules": rules}}) == ["http://x.example"]
