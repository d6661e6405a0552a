"""The inputs that the real tools and the engine are compared on, each a folder whose name is a sentence.

Those of `tests/golden/render` belong to them. All become commits of one bare repository by one process, since
what takes time here is starting some.
"""

import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec
import pytest

from fairlead.events import RenderSettings
from fairlead.events.render_settings import KustomizeSettings
from fairlead.render import RenderRequest

HERE = Path(__file__).parent
PLACES = (HERE / "helm", HERE / "kustomize", HERE.parent / "render")


class Case(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """What is asked of a render, as `tests/golden/render` spells it, and whether every tool refuses it."""

    path: str
    options: dict[str, object] = {}
    release_name: str = "release"
    namespace: str = ""
    kube_version: str = "1.31.0"
    api_versions: tuple[str, ...] = ()
    env: dict[str, str] = {}
    disabled_tools: tuple[str, ...] = ()
    build_options: str = ""
    refused: bool = False


class Corpus(msgspec.Struct, frozen=True):
    """The bare repository and the commit of each case by the path of its folder."""

    mirror: Path
    commits: Mapping[Path, str]


def folders() -> list[Path]:
    """Every case, by name."""
    found = [folder for place in PLACES if place.is_dir() for folder in place.iterdir()]
    return sorted((folder for folder in found if (folder / "request.json").exists()), key=lambda f: f.name)


def asked(folder: Path) -> Case:
    """The request of a case."""
    case = msgspec.json.decode((folder / "request.json").read_bytes(), type=Case)
    expected = folder / "expected.json"
    if expected.exists():
        return msgspec.structs.replace(case, refused="error" in msgspec.json.decode(expected.read_bytes()))
    return case


def request_of(corpus: "Corpus", folder: Path, case: Case) -> RenderRequest:
    """What the engine is asked for a case."""
    fields = {name: value for name, value in msgspec.structs.asdict(case).items() if name != "refused"}
    settings = RenderSettings(
        disabled_tools=fields.pop("disabled_tools"),
        kustomize=KustomizeSettings(build_options=fields.pop("build_options")),
    )
    return RenderRequest(mirror=corpus.mirror, commit=corpus.commits[folder], settings=settings, **fields)


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """All cases as commits."""
    mirror, places = tmp_path_factory.mktemp("corpus") / "mirror.git", folders()
    subprocess.run(["git", "init", "-q", "--bare", str(mirror)], check=True)
    subprocess.run(
        ["git", f"--git-dir={mirror}", "fast-import", "--quiet", f"--export-marks={mirror}/marks"],
        input=b"".join(part for number, folder in enumerate(places, 1) for part in _commit(number, folder)),
        check=True,
    )
    lines = (mirror / "marks").read_text().split("\n")
    marks = {int(line.split()[0][1:]): line.split()[1] for line in lines if line}
    return Corpus(mirror, {folder: marks[number] for number, folder in enumerate(places, 1)})


def _commit(number: int, folder: Path) -> Iterator[bytes]:
    yield b"commit refs/heads/case-%d\nmark :%d\ncommitter t <t@example.com> 0 +0000\ndata 0\n" % (
        number,
        number,
    )
    for file in sorted((folder / "repo").rglob("*")):
        name = file.relative_to(folder / "repo").as_posix().encode()
        if file.is_symlink():
            yield b"M 120000 inline %s\n" % name
            yield _data(str(file.readlink()).encode())
        elif file.is_file():
            yield b"M 100644 inline %s\n" % name
            yield _data(file.read_bytes())


def _data(content: bytes) -> bytes:
    return b"data %d\n%s\n" % (len(content), content)
