"""What an application asks for in vain is said, and of what acts nothing is."""

from __future__ import annotations

from typing import Any

import msgspec

from fairlead.app_controller.reporting.unheeded import MAX_SAID, unheeded
from fairlead.model.decode import decode_application

OWN = "argocd.argoproj.io/"


def said(annotations: dict[str, str] | None = None, **spec: Any) -> list[str]:
    body = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": "app", "namespace": "argocd", "annotations": annotations or {}},
        "spec": {"project": "default", "destination": {"name": "in-cluster"}, **spec},
    }
    return [remark.message for remark in unheeded(decode_application(msgspec.json.encode(body)))]


def test_of_what_acts_nothing_is_said() -> None:
    acts = {
        f"{OWN}managed-by-url": "https://argocd.example.com",
        f"{OWN}refresh": "normal",
        f"{OWN}hydrate": "normal",
        "notice.argocd.argoproj.io/content": "Frozen",
        "pref.argocd.argoproj.io/default-view": "list",
        "example.com/own": "x",
    }
    assert said(acts, syncPolicy={"syncOptions": ["Prune=false", "Replace=true"]}) == []


def test_what_has_no_effect_is_named_with_its_place() -> None:
    assert said(syncPolicy={"syncOptions": ["Prun=false"]}) == [
        "spec.syncPolicy.syncOptions: Prun=false is not known and has no effect",
    ]


def test_so_much_is_said_and_no_more() -> None:
    assert len(said(syncPolicy={"syncOptions": [f"Odd{number}=x" for number in range(50)]})) == MAX_SAID
