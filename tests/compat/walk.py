"""A walk: command lines one after the other, and what has to come of each.

The invariant: a walk goes on after a step that failed, so that one run tells all that differs.
"""

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import yaml

from tests.compat.binary import Ran, Terminal
from tests.compat.commands import COMMANDS


class Step(NamedTuple):
    """A command line, its exit code, and what its output has: texts to be found, values at paths of JSON.

    In a line and in what is looked for, `{name}` stands for what the walk is told.
    """

    line: str
    code: int = 0
    out: tuple[str, ...] = ()
    err: tuple[str, ...] = ()
    json: Mapping[str, Any] | None = None
    stdin: str = ""

    @property
    def command(self) -> str:
        """The command that is run, without its flags and arguments. Raises LookupError."""
        return command_of(shlex.split(self.line))


def command_of(words: list[str]) -> str:
    """The longest known command that a line begins with. Raises LookupError."""
    for size in range(len(words), 0, -1):
        if (name := " ".join(words[:size])) in COMMANDS:
            return name
    raise LookupError(" ".join(words))


async def walked(terminal: Terminal, steps: tuple[Step, ...], told: Mapping[str, str]) -> list[str]:
    """What is other than expected, a text each."""
    wrong: list[str] = []
    for step in steps:
        ran = await terminal.run(
            shlex.split(filled(step.line, told)), stdin=filled(step.stdin, told), **EDITOR
        )
        wrong += [f"argocd {step.line}: {text}" for text in unmet(step, ran, told)]
    return wrong


CHANGES = (
    r"s/targetRevision:.main/targetRevision:\ v1.0.0/",
    r"s/description:.changed/description:\ edited/",
)
EDITOR = {"EDITOR": " ".join(("sed -i", *(f"-e {change}" for change in CHANGES)))}
"""What `edit` opens a document with."""


def filled(text: str, told: Mapping[str, str]) -> str:
    """A text with what the walk is told."""
    return re.sub(r"\{(\w+)\}", lambda match: told.get(match[1], match[0]), text)


def unmet(step: Step, ran: Ran, told: Mapping[str, str]) -> Iterator[str]:
    """What a run has not of what its step expects."""
    if ran.code != step.code:
        yield f"ended with {ran.code} instead of {step.code}: {ran.err.strip()[-600:]}"
        return
    for name, said, wanted in (("stdout", ran.out, step.out), ("stderr", ran.err, step.err)):
        for text in wanted:
            if not re.search(filled(text, told), said, re.MULTILINE):
                yield f"has no {text!r} in its {name}: {said.strip()[-600:]!r}"
    if step.json is not None:
        yield from _unmet_values(step.json, ran.out, told)


def _unmet_values(wanted: Mapping[str, Any], out: str, told: Mapping[str, str]) -> Iterator[str]:
    try:
        document = json.loads(out) if out.lstrip().startswith(("{", "[")) else yaml.safe_load(out)
    except (ValueError, yaml.YAMLError) as error:
        yield f"printed no document: {error}: {out[:300]!r}"
        return
    for path, value in wanted.items():
        expected = filled(value, told) if isinstance(value, str) else value
        there = at(document, path)
        if there != expected:
            yield f"has {there!r} at {path} instead of {expected!r}"


def at(document: Any, path: str) -> Any:
    """The value at a path of keys and numbers; None for none."""
    for part in path.split("."):
        if isinstance(document, list) and part.isdecimal() and int(part) < len(document):
            document = document[int(part)]
        elif isinstance(document, dict):
            document = document.get(part)
        else:
            return None
    return document
