"""What `make demo KEEP=1` says in the end."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from fairlead.local.demo.run import kept_words
from fairlead.local.demo.stage import Stage
from fairlead.local.suite import Suite
from fairlead.local.work_repo import WorkRepo


def words(ui: Path | None) -> str:
    suite: Any = SimpleNamespace(
        api_url="http://127.0.0.1:1234", ui=ui, kubeconfig=Path("/k/admin.kubeconfig")
    )
    stage: Any = SimpleNamespace(
        login="fairlead login 127.0.0.1:1234 --plaintext --username admin --password",
        password="s3cret",
        namespace="argocd",
        repos={"order-gateway-config": WorkRepo(Path("/w/order-gateway-config"))},
    )
    a_suite: Suite = suite
    a_stage: Stage = stage
    return kept_words(a_suite, a_stage)


@pytest.mark.parametrize(
    "word", ["http://127.0.0.1:1234\n", "admin, s3cret", "git push", "order-gateway-prod"]
)
def test_what_is_left_running_is_reached_in_a_browser_with_a_commit_to_watch(word: str) -> None:
    assert word in words(Path("/ui"))


def test_without_a_built_ui_no_page_is_named() -> None:
    assert "web UI" not in words(None)
    assert "fairlead login" in words(None)
