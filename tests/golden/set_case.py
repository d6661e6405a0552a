"""A case of an ApplicationSet: its spec, the world it is generated in, and what it comes to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from fairlead.applicationset_controller.generating.errors import GenerationError
from fairlead.applicationset_controller.generating.generate import generate
from fairlead.applicationset_controller.generating.sources import ClusterFacts
from fairlead.manifest import plain_yaml
from fairlead.model.applicationset import ApplicationSet
from fairlead.model.decode import from_object
from fairlead.render import Scripts
from tests.fakes.set_sources import MemorySources

FOLDER = Path(__file__).parent / "applicationsets"


class SetCase(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """One case. `applications` are names, or metadata and spec as far as these are not empty."""

    case: str
    spec: dict[str, Any]
    clusters: list[ClusterFacts] = []
    repositories: dict[str, dict[str, str]] = {}
    config_maps: dict[str, dict[str, str]] = {}
    secrets: dict[str, dict[str, str]] = {}
    objects: list[dict[str, Any]] = []
    applications: list[str | dict[str, Any]] | None = None
    reason: str = ""
    error: str = ""
    words: list[str] = []
    requeue_after: float | None = None


def cases(kind: str) -> list[Any]:
    """All of a folder, as pytest's parameters."""
    return [
        pytest.param(each, id=f"{path.stem}: {each['case']}")
        for path in sorted((FOLDER / kind).glob("*.yaml"))
        for each in plain_yaml.document(path.read_text())
    ]


async def check(written: dict[str, Any], scripts: Scripts) -> None:
    """Assert that the set comes to what the case says."""
    case = msgspec.convert(written, SetCase)
    spec = {"template": {"metadata": {"name": "{{name}}"}}, **case.spec}
    aset = from_object({"metadata": {"name": "set", "namespace": "argocd"}, "spec": spec}, ApplicationSet)
    sources = MemorySources(
        clusters=case.clusters,
        repositories=case.repositories,
        config_maps=case.config_maps,
        secrets=case.secrets,
        objects=case.objects,
    )
    if case.error:
        with pytest.raises(GenerationError) as raised:
            await generate(aset, sources, scripts)
        assert (raised.value.message, raised.value.reason) == (case.error, case.reason or raised.value.reason)
        return
    generated = await generate(aset, sources, scripts)
    found = [one.application for one in generated.made]
    assert [_shown(one, like) for one, like in zip(found, case.applications or (), strict=True)] == (
        case.applications
    )
    assert list(generated.words) == case.words
    assert generated.requeue_after == case.requeue_after


def _shown(application: dict[str, Any], like: str | dict[str, Any]) -> str | dict[str, Any]:
    if isinstance(like, str):
        return str(application["metadata"]["name"])
    found = {key: application[key] for key in ("metadata", "spec") if key in like}
    if "spec" in found:
        found["spec"] = {key: item for key, item in found["spec"].items() if item not in ("", {})}
    return found
