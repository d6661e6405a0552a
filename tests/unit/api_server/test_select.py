"""Label selectors in Kubernetes' text form."""

import time

import pytest

from fairlead.api_server.operations.application.select import label_matcher
from fairlead.api_server.operations.refusal import RefusalError

LABELS = {"env": "prod", "app.kubernetes.io/name": "web"}


@pytest.mark.parametrize(
    ("selector", "matches"),
    [
        ("", True),
        ("env=prod", True),
        ("env==prod,app.kubernetes.io/name=web", True),
        ("env!=prod", False),
        ("tier!=front", True),
        ("env in (prod, stage)", True),
        ("env notin (prod, stage)", False),
        ("tier notin (x)", True),
        ("env", True),
        ("!env", False),
        ("! tier", True),
        ("env in (prod),!tier", True),
        ("env=", False),
    ],
)
def test_a_selector_takes_what_kubernetes_would(selector: str, matches: bool) -> None:
    assert label_matcher(selector)(LABELS) is matches


@pytest.mark.parametrize("selector", ["env=prod;x", "in (a)", "env in prod", "a b", "=x", ",", "env in (a"])
def test_an_unreadable_selector_is_refused(selector: str) -> None:
    with pytest.raises(RefusalError):
        label_matcher(selector)


def test_a_selector_made_to_be_slow_is_read_in_no_time_or_refused() -> None:
    started = time.process_time()
    for selector in ("a," * 4000 + "(", "(" * 8000, ",(" * 4000, "a in (" * 1300):
        with pytest.raises(RefusalError):
            label_matcher(selector)
    with pytest.raises(RefusalError, match="more than 8192"):
        label_matcher("a" * 8193)
    assert time.process_time() - started < 2
