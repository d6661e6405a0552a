"""Parameters of a directory or a file of a repository, in the form of either mode (contract 4)."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from typing import Any

import yaml

from fairlead.applicationset_controller.generating.errors import GeneratorError
from fairlead.applicationset_controller.generating.parameters import Params, flattened
from fairlead.applicationset_controller.templating.names import normalize
from fairlead.manifest import plain_yaml


def of_directory(path: str, prefix: str, *, is_go: bool) -> Params:
    """The parameters of a directory."""
    return _nested(_facts(path), prefix) if is_go else _flat(_facts(path), prefix)


def of_file(path: str, content: bytes, prefix: str, *, is_go: bool) -> list[Params]:
    """Those of a file, once for each object in it: what it says, and where it is. Raises GeneratorError."""
    facts = _facts(posixpath.dirname(path) or ".", posixpath.basename(path))
    objects = _objects(path, content)
    if is_go:
        return [{**one, **_nested(facts, prefix)} for one in objects]
    return [{**flattened(one), **_flat(facts, prefix)} for one in objects]


def _facts(path: str, filename: str = "") -> Params:
    base = posixpath.basename(path)
    facts: Params = {"path": path, "basename": base, "basenameNormalized": normalize(base)}
    if filename:
        facts |= {"filename": filename, "filenameNormalized": normalize(filename)}
    return {**facts, "segments": path.split("/")}


def _nested(facts: Params, prefix: str) -> Params:
    return {prefix: {"path": facts}} if prefix else {"path": facts}


def _flat(facts: Params, prefix: str) -> Params:
    name = f"{prefix}.path" if prefix else "path"
    parts = {f"{name}[{at}]": part for at, part in enumerate(facts["segments"]) if part}
    others = {f"{name}.{key}": facts[key] for key in facts.keys() - {"path", "segments"}}
    return {name: facts["path"], **others, **parts}


def _objects(path: str, content: bytes) -> list[Mapping[str, Any]]:
    try:
        found = plain_yaml.document(content.decode())
    except (yaml.YAMLError, ValueError) as error:
        raise GeneratorError(f"unable to process file '{path}': unable to parse file: {error}") from error
    if found is None or found == []:
        return [{}]
    objects = found if isinstance(found, list) else [found]
    if not all(isinstance(one, dict) for one in objects):
        text = "it holds neither an object nor a list of objects"
        raise GeneratorError(f"unable to process file '{path}': unable to parse file: {text}")
    return objects
