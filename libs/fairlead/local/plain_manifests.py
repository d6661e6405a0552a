"""The chart's objects as plain files, for those who install with kubectl alone.

    python -m fairlead.local.plain_manifests [--check]

Why: what the chart says stands once. Invariant: each file begins with the digests of what it was made from
and of what follows, so that `--check` finds a stale file without rendering anything.
"""

import argparse
import asyncio
import hashlib
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import yaml

from fairlead.local.builds import render_engine_binary
from fairlead.local.sources import repository_root
from fairlead.render import EngineConfig, PoolConfig, RenderPool, RenderRequest

CHART = "charts/fairlead"
MANIFESTS = "deploy/manifests"
DASHBOARDS = "deploy/dashboards"
PARTS = (CHART, DASHBOARDS, *(f"{MANIFESTS}/{part}" for part in ("any-namespace", "crds", "config", "rbac")))
NAMESPACE = "argocd"
KUBERNETES = "1.36.0"
_KEEP = "helm.sh/resource-policy"

Object = dict[str, Any]


class Bundle(msgspec.Struct, frozen=True, kw_only=True):
    """One file, and the chart's values that make it."""

    file: str
    about: str
    values: Object


BUNDLES = (
    Bundle(file="install.yaml", about="everything, for all of a cluster", values={}),
    Bundle(
        file="namespace-install.yaml",
        about=f"without rights in the cluster; the definitions apart: kubectl apply -f {MANIFESTS}/crds",
        values={"clusterScope": False, "crds": {"install": False}},
    ),
    Bundle(
        file="install-with-hydrator.yaml",
        about="everything with the source hydrator, for all of a cluster",
        values={"commitServer": {"enabled": True}},
    ),
    Bundle(
        file="namespace-install-with-hydrator.yaml",
        about="with the source hydrator, without rights in the cluster; the definitions apart: "
        f"kubectl apply -f {MANIFESTS}/crds",
        values={
            "clusterScope": False,
            "crds": {"install": False},
            "commitServer": {"enabled": True},
        },
    ),
    Bundle(
        file="core-install.yaml",
        about="without API, web, webhooks and notifications",
        values={"server": {"enabled": False}, "notifications": {"enabled": False}},
    ),
    Bundle(
        file="ha/install.yaml",
        about="everything, several times on three nodes, for all of a cluster (docs/high-availability.md)",
        values={"ha": {"enabled": True}},
    ),
    Bundle(
        file="ha/namespace-install.yaml",
        about=f"the same without rights in the cluster; definitions: kubectl apply -f {MANIFESTS}/crds",
        values={"ha": {"enabled": True}, "clusterScope": False, "crds": {"install": False}},
    ),
)


def main(arguments: list[str] | None = None) -> int:
    """Write or check the files; 1 when one is stale."""
    parser = argparse.ArgumentParser(description="the chart as plain manifests")
    parser.add_argument("--check", action="store_true", help="only say whether the files are as generated")
    given = parser.parse_args(arguments)
    root = repository_root()
    if not given.check:
        asyncio.run(write(root))
        return 0
    stale = [bundle.file for bundle in BUNDLES if not is_current(root, bundle)]
    for name in stale:
        sys.stderr.write(f"stale, run `make generate`: {MANIFESTS}/{name}\n")
    return 1 if stale else 0


def is_current(root: Path, bundle: Bundle) -> bool:
    """Whether a file is what would be written, by its digests."""
    file = root / MANIFESTS / bundle.file
    if not file.is_file():
        return False
    text = file.read_text(encoding="utf-8")
    head, _, body = text.partition("---\n")
    return head == _head(bundle, inputs_digest(root), "---\n" + body)


async def write(root: Path) -> None:
    """Render every bundle and write it."""
    digest = inputs_digest(root)
    for bundle, objects in await rendered(root, BUNDLES):
        body = "".join(f"---\n{_text(_plain(item))}" for item in objects)
        file = root / MANIFESTS / bundle.file
        file.parent.mkdir(exist_ok=True)
        file.write_text(_head(bundle, digest, body) + body, encoding="utf-8")


async def rendered(root: Path, bundles: tuple[Bundle, ...]) -> list[tuple[Bundle, list[Object]]]:
    """The objects of each bundle, rendered from a commit of the working tree as it is."""
    with tempfile.TemporaryDirectory(prefix="fairlead-chart-") as folder:
        commit = await asyncio.to_thread(_commit, root, Path(folder))
        engine = EngineConfig(binary=await asyncio.to_thread(render_engine_binary), mirrors=Path(folder))
        async with RenderPool(PoolConfig(engine=engine, size=1)) as pool:
            return [(bundle, await _render(pool, Path(folder), commit, bundle)) for bundle in bundles]


def inputs_digest(root: Path) -> str:
    """sha256 over the chart, what it links to, and this module."""
    digest = hashlib.sha256(Path(__file__).read_bytes())
    for file in _files(root):
        content = file.read_bytes()
        digest.update(f"{file.relative_to(root).as_posix()}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


async def _render(pool: RenderPool, mirror: Path, commit: str, bundle: Bundle) -> list[Object]:
    result = await pool.render(
        RenderRequest(
            mirror=mirror,
            commit=commit,
            path=CHART,
            options={"helm": {"valuesObject": bundle.values}},
            release_name="fairlead",
            namespace=NAMESPACE,
            kube_version=KUBERNETES,
        )
    )
    return [msgspec.json.decode(document) for document in result.documents]


def _commit(root: Path, folder: Path) -> str:
    """A bare repository with the chart and what it links to; the commit."""
    names = [name for part in PARTS for name in _paths(root, part)]
    git = ["git", f"--git-dir={folder}", f"--work-tree={root}"]
    identity = [
        "-c",
        "user.name=fairlead",
        "-c",
        "user.email=fairlead@localhost",
        "-c",
        "commit.gpgsign=false",
    ]

    def run(*arguments: str) -> str:
        done = subprocess.run([*git, *identity, *arguments], check=True, capture_output=True, text=True)
        return done.stdout.strip()

    subprocess.run(["git", "init", "--quiet", "--bare", str(folder)], check=True)
    run("add", "--force", "--", *names)
    run("commit", "--quiet", "--message=chart")
    return run("rev-parse", "HEAD")


def _files(root: Path) -> Iterator[Path]:
    for part in PARTS:
        for name in _paths(root, part):
            if not (root / name).is_symlink():
                yield root / name


def _paths(root: Path, part: str) -> list[str]:
    found = (path for path in sorted((root / part).rglob("*")) if path.is_file() or path.is_symlink())
    return [path.relative_to(root).as_posix() for path in found]


def _head(bundle: Bundle, inputs: str, body: str) -> str:
    digest = hashlib.sha256(body.encode()).hexdigest()
    return (
        f"# Fairlead: {bundle.about}.\n"
        f"#   kubectl create namespace {NAMESPACE}\n"
        f"#   kubectl apply -n {NAMESPACE} -f {bundle.file}\n"
        f"# Made from {CHART} by `make generate`; edit that.\n"
        f"# made from {inputs}\n# digest {digest}\n"
    )


def _plain(item: Object) -> Object:
    """Without Helm's words, and without a namespace: `kubectl -n` gives it."""
    metadata = {key: value for key, value in item["metadata"].items() if key != "namespace"}
    annotations = {key: value for key, value in metadata.pop("annotations", {}).items() if key != _KEEP}
    if annotations:
        metadata["annotations"] = annotations
    plain = {**item, "metadata": metadata}
    if item["kind"] == "RoleBinding":
        plain["subjects"] = [
            {key: value for key, value in subject.items() if key != "namespace"}
            for subject in item["subjects"]
        ]
    return plain


def _text(item: Object) -> str:
    return yaml.safe_dump(item, sort_keys=False, width=110)


if __name__ == "__main__":
    sys.exit(main())
