"""What a person runs to get what was hydrated, as `hydrator.metadata` and README.md tell it.

Invariant: pure; values of parameters and passwords in addresses are left out, as what is committed is read
by more people than the Application is.
"""

from __future__ import annotations

import posixpath
import shlex

from fairlead.matching.repository import without_password
from fairlead.model.application import Application
from fairlead.model.source import DrySource, Helm, Kustomize, SourceType


def commands_of(app: Application, source: DrySource, kind: str) -> tuple[str, ...]:
    """The commands, to be run where the dry repository was cloned; none for what is only read."""
    path = source.path or "."
    match kind:
        case SourceType.HELM:
            return (shlex.join(["helm", "template", path, *_helm(app, path, source.helm or Helm())]),)
        case SourceType.KUSTOMIZE:
            edits = _kustomize(source.kustomize or Kustomize())
            there = [f"cd {shlex.quote(path)}", *edits, "cd -"] if edits and path != "." else edits
            return (*there, shlex.join(["kustomize", "build", path]))
        case _:
            return ()


def _helm(app: Application, path: str, helm: Helm) -> list[str]:
    words = ["--name-template", helm.release_name or app.metadata.name]
    if namespace := helm.namespace or app.spec.destination.namespace:
        words += ["--namespace", namespace]
    for file in helm.value_files:
        words += ["--values", _values_file(path, file)]
    for parameter in helm.parameters:
        words += ["--set-string" if parameter.force_string else "--set", f"{parameter.name}=..."]
    for given in helm.file_parameters:
        words += ["--set-file", f"{given.name}={_within(path, given.path)}"]
    if helm.values or helm.values_object is not None:
        words += ["--values", "<values of the Application>"]
    return [*words, *(["--skip-crds"] if helm.skip_crds else ["--include-crds"])]


def _values_file(path: str, file: str) -> str:
    if "://" in file:
        return without_password(file)
    return file if file.startswith("$") else _within(path, file)


def _within(path: str, file: str) -> str:
    """A file that is named from a chart's folder, or with a leading slash from the root, as from the root."""
    return file.lstrip("/") if file.startswith("/") else posixpath.normpath(posixpath.join(path, file))


def _kustomize(kustomize: Kustomize) -> list[str]:
    found = []
    if kustomize.name_prefix:
        found.append(shlex.join(["kustomize", "edit", "set", "nameprefix", "--", kustomize.name_prefix]))
    if kustomize.name_suffix:
        found.append(shlex.join(["kustomize", "edit", "set", "namesuffix", "--", kustomize.name_suffix]))
    if kustomize.namespace:
        found.append(shlex.join(["kustomize", "edit", "set", "namespace", "--", kustomize.namespace]))
    if kustomize.images:
        found.append(shlex.join(["kustomize", "edit", "set", "image", *kustomize.images]))
    return found
