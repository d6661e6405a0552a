"""The inputs that the real tools and the engine are compared on, each a folder whose name is a sentence.

Those of `tests/golden/render` belong to them. All become commits of one bare repository by one process, since
what takes time here is starting some.
"""

import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec
import pytest

from tests.golden.case import Case, read_case
from tests.golden.corpus.offered import Offered

HERE = Path(__file__).parent
PLACES = (HERE / "helm", HERE / "kustomize", HERE.parent / "render")


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
    case, expected = read_case(folder), folder / "expected.json"
    if not expected.exists():
        return case
    return msgspec.structs.replace(case, refused="error" in msgspec.json.decode(expected.read_bytes()))


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory, offered: Offered) -> Corpus:
    """All cases as commits."""
    mirror, places = tmp_path_factory.mktemp("corpus") / "mirror.git", folders()
    subprocess.run(["git", "init", "-q", "--bare", str(mirror)], check=True)
    subprocess.run(
        ["git", f"--git-dir={mirror}", "fast-import", "--quiet", f"--export-marks={mirror}/marks"],
        input=b"".join(
            part for number, folder in enumerate(places, 1) for part in _commit(number, folder, offered)
        ),
        check=True,
    )
    lines = (mirror / "marks").read_text().split("\n")
    marks = {int(line.split()[0][1:]): line.split()[1] for line in lines if line}
    return Corpus(mirror, {folder: marks[number] for number, folder in enumerate(places, 1)})


def _commit(number: int, folder: Path, offered: Offered) -> Iterator[bytes]:
    yield b"commit refs/heads/case-%d\nmark :%d\ncommitter t <t@example.com> 0 +0000\ndata 0\n" % (
        number,
        number,
    )
    for name, content in offered.files(folder / "repo").items():
        is_link = isinstance(content, Path)
        yield b"M %s inline %s\n" % (b"120000" if is_link else b"100644", name.encode())
        yield _data(str(content).encode() if isinstance(content, Path) else content)


def _data(content: bytes) -> bytes:
    return b"data %d\n%s\n" % (len(content), content)
