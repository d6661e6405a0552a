"""The dashboard and the alerts speak of metrics that are served, and of nothing else."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "deploy" / "dashboards"
NAME = re.compile(r"\b(?:argocd|fairlead|grpc_server|process|python)_\w+")
SUFFIXES = ("_bucket", "_sum", "_count")


def panels() -> Iterator[dict[str, Any]]:
    for panel in msgspec.json.decode((FOLDER / "fairlead.json").read_bytes())["panels"]:
        if panel["type"] != "row":
            yield panel


def rules() -> list[dict[str, Any]]:
    (group,) = yaml.safe_load((FOLDER / "alerts.yaml").read_text())["groups"]
    return list(group["rules"])


def expressions() -> list[str]:
    asked = [target["expr"] for panel in panels() for target in panel["targets"]]
    return asked + [rule["expr"] for rule in rules()]


def documented() -> set[str]:
    served = (ROOT / "docs" / "metrics.md").read_text().partition("## Not here")[0]
    return set(re.findall(r"`(\w+)`", served))


@pytest.mark.parametrize("expression", sorted(set(expressions())))
def test_every_metric_that_is_asked_for_is_served(expression: str) -> None:
    known = documented()
    for name in NAME.findall(expression):
        families = {name, *(name.removesuffix(end) for end in SUFFIXES)}
        assert families & known or name.startswith(("process_", "python_")), name


def test_every_panel_has_a_place_of_its_own_and_asks_the_source_that_is_chosen() -> None:
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in panels()]
    assert len(places) == len(set(places))
    for panel in panels():
        assert panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24
        assert panel["datasource"]["uid"] == "${datasource}"


def test_every_alert_says_what_it_means_and_how_bad_that_is() -> None:
    names = [rule["alert"] for rule in rules()]
    assert len(names) == len(set(names))
    for rule in rules():
        assert rule["labels"]["severity"] in {"critical", "warning", "info"}
        assert rule["annotations"].keys() == {"summary", "description"}
        assert rule["annotations"]["summary"].count("{{") == rule["annotations"]["summary"].count("}}")
