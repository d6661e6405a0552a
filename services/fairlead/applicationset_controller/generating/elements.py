"""The list generator: parameters written out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from fairlead.applicationset_controller.generating.errors import GeneratorError
from fairlead.applicationset_controller.generating.generation import Generation, aside
from fairlead.applicationset_controller.generating.parameters import Params, flattened
from fairlead.manifest import plain_yaml
from fairlead.model.generators import ListGenerator


async def elements(block: ListGenerator, generation: Generation) -> list[Params]:
    """One set for each element."""
    text = block.elements_yaml
    written = await aside(len(text), lambda: _written(text))
    if generation.is_go:
        return [dict(element) for element in (*block.elements, *written)]
    return [_texts(element) for element in block.elements] + [flattened(element) for element in written]


def _written(text: str) -> list[Mapping[str, Any]]:
    try:
        found = plain_yaml.document(text)
    except (yaml.YAMLError, ValueError) as error:
        raise GeneratorError(f"error unmarshling decoded ElementsYaml {error}") from error
    if found is None:
        return []
    if not isinstance(found, list) or not all(isinstance(element, dict) for element in found):
        raise GeneratorError("error unmarshling decoded ElementsYaml: it is no list of maps")
    return found


def _texts(element: Mapping[str, Any]) -> Params:
    """The fast mode knows texts alone, and one map of them."""
    params: Params = {}
    for key, value in element.items():
        if key == "values":
            if not isinstance(value, dict):
                raise GeneratorError("error parsing values map")
            params |= {f"values.{name}": _text(f"values.{name}", one) for name, one in value.items()}
        else:
            params[key] = _text(key, value)
    return params


def _text(key: str, value: object) -> str:
    if not isinstance(value, str):
        raise GeneratorError(
            f"error parsing value as string: {key} is {_kind(value)}; use goTemplate for that"
        )
    return value


def _kind(value: object) -> str:
    if value is None:
        return "null"
    names = {bool: "a boolean", int: "a number", float: "a number", dict: "a map", list: "a list"}
    return names.get(type(value), "no text")
