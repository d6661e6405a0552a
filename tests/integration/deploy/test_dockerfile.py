"""The Dockerfile's own steps, run as scripts in a clean folder; no engine is needed for them."""

import asyncio
import os
import shutil
import sys
from pathlib import Path

import pytest
import yaml

from fairlead.local.builds import RENDER_ENGINE
from fairlead.local.node import node
from fairlead.local.sources import source_folder
from fairlead.local.toolchain import go_command, required_version
from fairlead.local.ui import ui_folder, ui_packages
from tests.dockerfile import Stage, read_dockerfile
from tests.integration.deploy.test_compose import ROOT

STAGES = read_dockerfile(ROOT / "deploy" / "docker" / "Dockerfile")
SERVICES = ("repo-server", "app-controller", "api-server", "applicationset-controller", "notifications")
SECONDS = 900.0
KEPT = ("PIP_", "GO", "HOME", "SSL", "http", "HTTP", "no_proxy", "NO_PROXY")
"""Variables that say how registries are reached."""


async def run_stage(stage: Stage, root: Path, programs: Path) -> None:
    """Carry out COPY and RUN of a stage whose file system begins at `root`."""
    work = root
    for verb, text in stage.steps:
        match verb:
            case "WORKDIR":
                work = root / text.lstrip("/")
                work.mkdir(parents=True, exist_ok=True)
            case "COPY":
                *sources, target = text.split()
                if sources[0].startswith("--from="):
                    sources = [str(ui_folder())]
                for source in sources:
                    _copy(ROOT / source, work / target, into=len(sources) > 1 or target.endswith("/"))
            case "RUN":
                await _run(_placed(text, root), work, programs)


def _copy(source: Path, target: Path, *, into: bool) -> None:
    ignored = shutil.ignore_patterns("__pycache__", "*.pyc", "node_modules", "ui_dist")
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True, ignore=ignored)
    else:
        place = target / source.name if into else target
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, place)


def _placed(script: str, root: Path) -> str:
    return script.replace("/opt/", f"{root}/opt/").replace("-o /", f"-o {root}/")


async def _run(script: str, work: Path, programs: Path) -> None:
    kept = {
        name: os.environ[name]
        for name in os.environ
        if name.startswith(("PIP_", "GO", "HOME", "SSL", "http", "HTTP"))
    }
    process = await asyncio.create_subprocess_exec(
        "/bin/sh",
        "-c",
        script,
        cwd=work,
        env={**kept, "PATH": f"{programs}:/usr/local/bin:/usr/bin:/bin"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(SECONDS):
        output, _ = await process.communicate()
    assert process.returncode == 0, f"{script}\n{output.decode()[-3000:]}"


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """The base images' programs: a Python, a Go, a Node; npm installs what `make setup` has installed by the
    same list of packages."""
    folder = tmp_path / "programs"
    folder.mkdir()
    (folder / "python").symlink_to(Path(sys.base_prefix) / "bin" / f"python3.{sys.version_info.minor}")
    (folder / "go").symlink_to(go_command(required_version(source_folder(RENDER_ENGINE.folder) / "go.mod")))
    (folder / "node").symlink_to(node().program)
    (folder / "npm").write_text(f'#!/bin/sh\n[ "$1" = ci ] && ln -s {ui_packages()} node_modules\n')
    (folder / "npm").chmod(0o755)
    return folder


async def test_the_packages_are_made_from_pinned_requirements_and_every_entrypoint_answers(
    programs: Path, tmp_path: Path
) -> None:
    root = tmp_path / "packages"
    root.mkdir()
    await run_stage(STAGES["packages"], root, programs)
    assert not list((root / "opt/fairlead").rglob("hatchling"))
    [index] = (root / "opt/fairlead").rglob("ui_dist/index.html")
    assert {file.suffix for file in (index.parent / "assets").iterdir()} >= {".js", ".css", ".br", ".gz"}
    for name in SERVICES:
        await _run(f"{root}/opt/fairlead/bin/{STAGES[name].entrypoint[-1]} --help", root, programs)
    await _run(f"{root}/opt/fairlead/bin/fairlead-keys --help", root, programs)


async def test_the_render_engine_is_built_by_the_steps_of_its_stage(programs: Path, tmp_path: Path) -> None:
    root = tmp_path / "engine"
    root.mkdir()
    await run_stage(STAGES["render-engine"], root, programs)
    assert os.access(root / "render-engine", os.X_OK)


async def test_the_web_ui_is_built_by_the_steps_of_its_stage(programs: Path, tmp_path: Path) -> None:
    root = tmp_path / "ui"
    root.mkdir()
    await run_stage(STAGES["ui"], root, programs)
    assert (root / "opt/ui/index.html").exists()
    assert list((root / "opt/ui/assets").glob("*.js.br"))


@pytest.mark.parametrize("name", SERVICES)
def test_each_image_has_an_init_a_health_check_a_user_and_the_port_that_is_probed(name: str) -> None:
    stage = STAGES[name]
    assert stage.entrypoint == ("tini", "--", f"fairlead-{name}")
    assert stage.user == "999"
    assert "FAIRLEAD_PROBE_PORT" in stage.healthcheck
    assert stage.environment["FAIRLEAD_PROBE_PORT"] in {"8080", "8082", "8083", "8084", "9001"}


def test_bases_and_images_are_named_by_their_exact_version() -> None:
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    named = [stage.base for stage in STAGES.values() if stage.base not in STAGES]
    named += [service["image"] for service in compose["services"].values() if "image" in service]
    values = yaml.safe_load((ROOT / "charts/fairlead/values.yaml").read_text())
    assert {values["nats"]["image"], values["redis"]["image"]} <= set(named)
    for image in named:
        assert image.split(":")[1].split("-")[0].count(".") == 2, image
