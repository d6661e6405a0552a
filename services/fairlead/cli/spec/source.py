"""Writing the source flags into a source."""

from collections.abc import Callable, Sequence
from typing import Any

from fairlead.cli.client import Document
from fairlead.cli.command import Values
from fairlead.cli.errors import SettingsError, UsageError
from fairlead.cli.spec.places import entries, place, read_text, remove_empty
from fairlead.cli.spec.source_flags import HYDRATOR, LISTS, SWITCHES, TEXTS

Pair = tuple[str, str]


def apply_source(source: Document, values: Values, *, tool: str = "") -> None:
    """Change what the flags name. `tool` is what renders the source as far as the server knows.

    Raises UsageError for a value of the wrong form, SettingsError for a file that cannot be read.
    """
    for name, path in TEXTS.items():
        if values.is_given(name):
            place(source, path, values.text(name))
    for name, path in SWITCHES.items():
        if values.is_given(name):
            place(source, path, values.switch(name))
    for name, path in LISTS.items():
        if values.is_given(name):
            place(source, path, values.many(name))
    for name, write in _PAIRS.items():
        if values.is_given(name):
            write(source, values.many(name))
    if values.is_given("parameter"):
        _require_helm(source, tool)
        _helm_parameters(source, values.many("parameter"))
    if values.is_given("values-literal-file"):
        place(source, ("helm", "values"), read_text(values.text("values-literal-file")))
    remove_empty(source)


def apply_hydrator(spec: Document, values: Values) -> bool:
    """Write the flags of the source hydrator. Returns whether there were any."""
    given = [name for name in HYDRATOR if values.is_given(name)]
    for name in given:
        place(spec.setdefault("sourceHydrator", {}), HYDRATOR[name], values.text(name))
    return bool(given)


def pair(text: str, form: str) -> Pair:
    """`NAME=VALUE`. Raises UsageError with the form that was expected."""
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise UsageError(f"expected {form}, got: {text}")
    return name, value


def image_name(image: str) -> str:
    """The image that an override `[OLD=]NEW[:TAG|@DIGEST]` is for."""
    old, equals, _ = image.partition("=")
    if equals:
        return old
    without_digest = image.partition("@")[0]
    head, colon, tag = without_digest.rpartition(":")
    return head if colon and "/" not in tag else without_digest


def _require_helm(source: Document, tool: str) -> None:
    others = [name for name in ("kustomize", "directory", "plugin") if name in source]
    if others or ("helm" not in source and tool not in ("", "Helm")):
        raise SettingsError("Parameters can only be set against Helm applications")


def _put(found: list[Document], entry: Document) -> None:
    for known in found:
        if known.get("name") == entry["name"]:
            known.clear()
            known.update(entry)
            return
    found.append(entry)


def _helm_parameters(source: Document, texts: Sequence[str], **more: Any) -> None:
    found = entries(source, ("helm", "parameters"))
    for name, value in (pair(text, "NAME=VALUE") for text in texts):
        _put(found, {"name": name, "value": value, **more})


def _helm_strings(source: Document, texts: Sequence[str]) -> None:
    _helm_parameters(source, texts, forceString=True)


def _helm_files(source: Document, texts: Sequence[str]) -> None:
    found = entries(source, ("helm", "fileParameters"))
    for name, path in (pair(text, "NAME=PATH") for text in texts):
        _put(found, {"name": name, "path": path})


def _images(source: Document, texts: Sequence[str]) -> None:
    found = entries(source, ("kustomize", "images"))
    for text in texts:
        same = [at for at, image in enumerate(found) if image_name(image) == image_name(text)]
        if same:
            found[same[0]] = text
        else:
            found.append(text)


def _replicas(source: Document, texts: Sequence[str]) -> None:
    found = entries(source, ("kustomize", "replicas"))
    for name, count in (pair(text, "NAME=COUNT") for text in texts):
        _put(found, {"name": name, "count": int(count) if count.isdecimal() else count})


def _mapping(*path: str) -> Callable[[Document, Sequence[str]], None]:
    def write(source: Document, texts: Sequence[str]) -> None:
        place(source, path, dict(pair(text, "NAME=VALUE") for text in texts))

    return write


def _variables(kind: str, *, is_code: bool) -> Callable[[Document, Sequence[str]], None]:
    more = {"code": True} if is_code else {}

    def write(source: Document, texts: Sequence[str]) -> None:
        found = entries(source, ("directory", "jsonnet", kind))
        for name, value in (pair(text, "NAME=VALUE") for text in texts):
            _put(found, {"name": name, "value": value, **more})

    return write


def _environment(source: Document, texts: Sequence[str]) -> None:
    found = entries(source, ("plugin", "env"))
    for name, value in (pair(text, "NAME=VALUE") for text in texts):
        _put(found, {"name": name, "value": value})


_PAIRS: dict[str, Callable[[Document, Sequence[str]], None]] = {
    "helm-set": _helm_parameters,
    "helm-set-string": _helm_strings,
    "helm-set-file": _helm_files,
    "kustomize-image": _images,
    "kustomize-replica": _replicas,
    "kustomize-common-label": _mapping("kustomize", "commonLabels"),
    "kustomize-common-annotation": _mapping("kustomize", "commonAnnotations"),
    "jsonnet-tla-str": _variables("tlas", is_code=False),
    "jsonnet-tla-code": _variables("tlas", is_code=True),
    "jsonnet-ext-var-str": _variables("extVars", is_code=False),
    "jsonnet-ext-var-code": _variables("extVars", is_code=True),
    "plugin-env": _environment,
}
