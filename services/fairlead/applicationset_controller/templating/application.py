"""Applications of a template and parameters.

Invariant: each is an Application as the model reads it, or the set is not generated at all.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from fairlead.applicationset_controller.templating.fill import TemplateError, Templates, fill_one
from fairlead.applicationset_controller.templating.params import Params
from fairlead.applicationset_controller.templating.patch import PatchError, patched
from fairlead.applicationset_controller.templating.strangers import strangers
from fairlead.model.application import Application
from fairlead.model.decode import from_object, to_object
from fairlead.model.errors import MalformedObjectError
from fairlead.model.metadata import API_VERSION

PAUSE = 50
"""Applications that are made before others have their turn."""
LARGE = 16 << 10
"""Characters of a patch that is read beside the loop: YAML of megabytes takes seconds."""
_ABSENT = "a parameter set without a name"


class ApplicationError(Exception):
    """A template and parameters that come to no Application; the words name it, and the field."""

    def __init__(self, message: str, *, took_too_long: bool = False) -> None:
        super().__init__(message)
        self.took_too_long = took_too_long


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """An Application, and the parameters that it was made of; `strangers` are fields of the patch that it has
    not."""

    application: dict[str, Any]
    params: Params
    strangers: tuple[str, ...] = ()


async def applications(
    template: Mapping[str, Any], patch: str | None, sets: Sequence[Params], templates: Templates
) -> list[Made]:
    """An Application for each set of parameters. Raises ApplicationError."""
    tree = {"template": dict(template), **({"patch": patch} if patch else {})}
    try:
        filled = await templates.fill(tree, sets)
    except TemplateError as error:
        who = _ABSENT if error.took_too_long else await _name(template, sets[error.place], templates)
        field = "templatePatch" if error.field == "patch" else error.field.removeprefix("template.")
        where = f"{who}: {field}" if field else who
        raise ApplicationError(f"{where}: {error.message}", took_too_long=error.took_too_long) from error
    made: list[Made] = []
    for one, params in zip(filled, sets, strict=True):
        if len(one.get("patch", "")) < LARGE:
            made.append(_made(one, params))
        else:
            made.append(await asyncio.to_thread(_made, one, params))
        if len(made) % PAUSE == 0:
            await asyncio.sleep(0)
    return made


async def _name(template: Mapping[str, Any], params: Params, templates: Templates) -> str:
    """Which Application it is, as far as that can be told."""
    written = (template.get("metadata") or {}).get("name", "")
    try:
        name = await fill_one(templates, written, params)
    except TemplateError:
        name = ""
    return f'application "{name}"' if name else _ABSENT


def _made(filled: Mapping[str, Any], params: Params) -> Made:
    application, unknown = dict(filled["template"]), tuple[str, ...]()
    name = (application.get("metadata") or {}).get("name", "")
    who = f'application "{name}"' if name else _ABSENT
    try:
        if "patch" in filled:
            application = patched(application, filled["patch"])
            unknown = tuple(strangers(application))
        checked = _checked(application)
    except (PatchError, MalformedObjectError) as error:
        raise ApplicationError(f"{who}: {error}") from error
    if not checked["metadata"].get("name"):
        raise ApplicationError("the template gives an application no name")
    return Made(application=checked, params=params, strangers=unknown)


def _checked(application: Mapping[str, Any]) -> dict[str, Any]:
    """The Application as the model writes it. Raises MalformedObjectError."""
    whole = {"apiVersion": API_VERSION, "kind": "Application", **application}
    whole = {key: whole[key] for key in ("apiVersion", "kind", "metadata", "spec") if key in whole}
    whole |= {key: whole.get(key) or {} for key in ("metadata", "spec")}
    return to_object(from_object(whole, Application))
