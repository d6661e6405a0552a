"""A Dockerfile's stages: what each is from, runs, copies, and starts with."""

import json
import re
import shlex
from pathlib import Path

import msgspec


class Stage(msgspec.Struct, kw_only=True):
    """One stage, with what it inherits from the stage it is from. `steps` are its own, in order."""

    name: str
    base: str
    steps: list[tuple[str, str]]
    environment: dict[str, str]
    entrypoint: tuple[str, ...] = ()
    user: str = "root"
    healthcheck: str = ""


def read_dockerfile(file: Path) -> dict[str, Stage]:
    """The stages by name. Raises ValueError for an instruction that is not understood."""
    arguments: dict[str, str] = {}
    stages: dict[str, Stage] = {}
    stage: Stage | None = None
    for verb, rest in _instructions(file.read_text()):
        text = re.sub(r"\$\{(\w+)\}", lambda found: arguments.get(found[1], found[0]), rest)
        if verb == "ARG":
            name, _, value = text.partition("=")
            arguments[name] = value
        elif verb == "FROM":
            stage = _begin(text, stages)
            stages[stage.name] = stage
        elif stage is None:
            raise ValueError(f"{verb} before the first stage")
        else:
            _add(stage, verb, text)
    return stages


def _begin(text: str, stages: dict[str, Stage]) -> Stage:
    base, _, name = text.partition(" AS ")
    known = stages.get(base)
    if known is None:
        return Stage(name=name, base=base, steps=[], environment={"PATH": "/usr/local/bin:/usr/bin:/bin"})
    return msgspec.structs.replace(known, name=name, base=base, steps=[], environment=dict(known.environment))


def _add(stage: Stage, verb: str, text: str) -> None:
    stage.steps.append((verb, text))
    match verb:
        case "ENV":
            for word in shlex.split(text):
                key, _, value = word.partition("=")
                stage.environment[key] = value.replace("$PATH", stage.environment.get("PATH", ""))
        case "ENTRYPOINT":
            stage.entrypoint = tuple(json.loads(text))
        case "USER":
            stage.user = text
        case "HEALTHCHECK":
            stage.healthcheck = text
        case "RUN" | "COPY" | "WORKDIR" | "EXPOSE":
            pass
        case _:
            raise ValueError(f"instruction {verb} is not understood")


def _instructions(text: str) -> list[tuple[str, str]]:
    joined = re.sub(r"\\\n\s*", " ", re.sub(r"(?m)^\s*#.*\n", "", text))
    lines = [line.strip() for line in joined.splitlines() if line.strip()]
    return [(line.split(maxsplit=1)[0], line.split(maxsplit=1)[1]) for line in lines]
