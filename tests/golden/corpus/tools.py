"""The real helm and kustomize, built once at the engine's versions, run as Argo CD runs them (7.2, 7.3).

Nothing here is taken from the engine: how options become arguments is written down a second time.
"""

import asyncio
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from fairlead.local.builds import LINK_SMALL, GoModule, binary
from fairlead.local.sources import repository_root
from tests.golden.case import Case
from tests.golden.corpus.offered import Offered

SECONDS = 120
LACKING = "missing in charts/ directory"
"""What Helm says where Argo CD then has it build the dependencies."""


def version_of(module: str) -> str:
    """The version of a module that the engine is built with."""
    text = (repository_root() / "services" / "render_engine" / "go.mod").read_text()
    found = re.search(rf"^\t{re.escape(module)} (\S+)", text, re.MULTILINE)
    assert found is not None, module
    return found[1]


HELM = GoModule(
    name="golden-helm",
    folder="tests/golden/tools/helm",
    package="helm.sh/helm/v4/cmd/helm",
    ldflags=f"{LINK_SMALL} -X helm.sh/helm/v4/internal/version.version={version_of('helm.sh/helm/v4')}",
    expectation="some minutes",
)
KUSTOMIZE = GoModule(
    name="golden-kustomize",
    folder="tests/golden/tools/kustomize",
    package="sigs.k8s.io/kustomize/kustomize/v5",
    ldflags=f"{LINK_SMALL} -X sigs.k8s.io/kustomize/api/provenance.version=kustomize/v5.8.1",
    expectation="a minute",
)


class ToolError(Exception):
    """The real tool refused."""


class Tool:
    """One program, in a folder of its own for each run."""

    def __init__(self, program: Path) -> None:
        self.program = program

    async def run(self, folder: Path, *arguments: str, home: Path) -> str:
        """What it prints. Raises ToolError with what it complains of."""
        env = {
            "PATH": "/usr/bin:/bin",
            "HOME": str(home),
            "KUBECONFIG": "/dev/null",
            "HELM_CONFIG_HOME": str(home / "config"),
            "HELM_CACHE_HOME": str(home / "cache"),
            "HELM_DATA_HOME": str(home / "data"),
        }
        done = await asyncio.to_thread(
            subprocess.run,
            [str(self.program), *arguments],
            cwd=folder,
            env=env,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        if done.returncode != 0:
            raise ToolError(f"{' '.join(arguments)}: {done.stderr}")
        return str(done.stdout)


class Tools:
    """The programs by name, each built when it is first needed."""

    def __init__(self) -> None:
        self._made: dict[str, Tool] = {}

    async def of(self, name: str) -> Tool:
        """`helm` or `kustomize`."""
        if name not in self._made:
            module = HELM if name == "helm" else KUSTOMIZE
            self._made[name] = Tool(await asyncio.to_thread(binary, module))
        return self._made[name]


@pytest.fixture(scope="session")
def tools() -> Tools:
    """The real ones."""
    return Tools()


async def templated(tool: Tool, repo: Path, case: Case, home: Path, offered: Offered | None) -> str:
    """What `helm template` prints for a case."""
    options: dict[str, Any] = dict(case.options.get("helm") or {})  # type: ignore[call-overload]
    arguments = ["template", ".", "--name-template", options.get("releaseName") or case.release_name]
    if namespace := options.get("namespace") or case.namespace:
        arguments += ["--namespace", namespace]
    if version := options.get("kubeVersion") or case.kube_version:
        arguments += ["--kube-version", version]
    for file in _value_files(repo, case, options):
        arguments += ["--values", str(file)]
    if (given := options.get("valuesObject", options.get("values"))) is not None:
        inline = home / "inline.yaml"
        inline.write_text(given if isinstance(given, str) else yaml.safe_dump(given))
        arguments += ["--values", str(inline)]
    for parameter in options.get("parameters", ()):
        flag = "--set-string" if parameter.get("forceString") else "--set"
        arguments += [flag, f"{parameter['name']}={_escaped(_expanded(parameter['value'], case.env))}"]
    for parameter in options.get("fileParameters", ()):
        path = _at(repo, case.path, _expanded(parameter["path"], case.env))
        arguments += ["--set-file", f"{parameter['name']}={path}"]
    for group in options.get("apiVersions") or case.api_versions:
        arguments += ["--api-versions", group]
    arguments += [] if options.get("skipCrds") else ["--include-crds"]
    arguments += ["--skip-tests"] if options.get("skipTests") else []
    arguments += ["--skip-schema-validation"] if options.get("skipSchemaValidation") else []
    try:
        return await tool.run(repo / case.path, *arguments, home=home)
    except ToolError as error:
        if LACKING not in str(error) or offered is None:
            raise
    await tool.run(repo, "repo", "add", "stable", offered.charts, home=home)
    await tool.run(repo / case.path, "dependency", "build", "--plain-http", home=home)
    return await tool.run(repo / case.path, *arguments, home=home)


def _value_files(repo: Path, case: Case, options: dict[str, Any]) -> list[Path]:
    """Matches of a glob in order; a file named in full keeps that place alone, and no file comes twice."""
    found: list[Path] = []
    named = [_at(repo, case.path, _expanded(given, case.env)) for given in options.get("valueFiles", ())]
    explicit = {path for path in named if path.is_file()}
    for path in named:
        if path.is_file():
            found += [] if path in found else [path]
        elif matches := sorted(_matches(repo, path)):
            found += [one for one in matches if one.is_file() and one not in explicit and one not in found]
        elif not options.get("ignoreMissingValueFiles"):
            found.append(path)
    return found


def _matches(repo: Path, pattern: Path) -> list[Path]:
    return list(repo.glob(str(pattern.relative_to(repo)))) if pattern.is_relative_to(repo) else []


def _at(repo: Path, path: str, given: str) -> Path:
    base = repo if given.startswith("/") else repo / path
    return Path(os.path.normpath(base / given.lstrip("/")))


def _expanded(text: str, env: dict[str, str]) -> str:
    pattern = re.compile(r"\$(?:(\$)|\{(\w+)\}|(\w+))")
    return pattern.sub(lambda m: "$" if m[1] else env.get(m[2] or m[3], ""), text)


def _escaped(value: str) -> str:
    """Argo CD's: a comma is text, unless it is escaped or the value is a list in braces."""
    if value.startswith("{") and value.endswith("}"):
        return value
    return re.sub(r"(?<!\\),", r"\,", value)


async def built(tool: Tool, helm: Tool, repo: Path, case: Case, home: Path) -> str:
    """What `kustomize build` prints for a case, its options edited in before, in Argo CD's order. Charts are
    inflated by helm where the flags say so."""
    options: dict[str, Any] = dict(case.options.get("kustomize") or {})  # type: ignore[call-overload]
    folder = repo / case.path
    for arguments in _edits(options, case.env, folder):
        await tool.run(folder, "edit", *arguments, home=home)
    if patches := options.get("patches"):
        _append_patches(folder, patches)
    for arguments in _components(options, folder):
        await tool.run(folder, "edit", *arguments, home=home)
    flags = case.build_options.split()
    if "--enable-helm" in flags:
        flags += ["--helm-command", str(helm.program), "--helm-kube-version", case.kube_version]
        flags += [word for api in case.api_versions for word in ("--helm-api-versions", api)]
    return await tool.run(folder, "build", ".", *flags, home=home)


def _edits(options: dict[str, Any], env: dict[str, str], folder: Path) -> Iterator[list[str]]:
    del folder
    if prefix := options.get("namePrefix"):
        yield ["set", "nameprefix", "--", prefix]
    if suffix := options.get("nameSuffix"):
        yield ["set", "namesuffix", "--", suffix]
    if images := options.get("images"):
        yield ["set", "image", *(_expanded(image, env) for image in images)]
    if replicas := options.get("replicas"):
        yield ["set", "replicas", *(f"{one['name']}={one['count']}" for one in replicas)]
    if labels := options.get("commonLabels"):
        flags = ["--force"] if options.get("forceCommonLabels") else []
        flags += ["--without-selector"] if options.get("labelWithoutSelector") else []
        flags += ["--include-templates"] if options.get("labelIncludeTemplates") else []
        yield ["add", "label", *flags, *(f"{k}:{_expanded(v, env)}" for k, v in labels.items())]
    if annotations := options.get("commonAnnotations"):
        flags = ["--force"] if options.get("forceCommonAnnotations") else []
        expands = options.get("commonAnnotationsEnvsubst")
        texts = {k: _expanded(v, env) if expands else v for k, v in annotations.items()}
        yield ["add", "annotation", *flags, *(f"{k}:{v}" for k, v in texts.items())]
    if namespace := options.get("namespace"):
        yield ["set", "namespace", "--", namespace]


def _components(options: dict[str, Any], folder: Path) -> Iterator[list[str]]:
    found = list(options.get("components", ()))
    if options.get("ignoreMissingComponents"):
        first = next((place for place, one in enumerate(found) if (folder / one).exists()), None)
        found = [] if first is None else [one for one in found[: first + 1] if (folder / one).exists()]
    if found:
        yield ["add", "component", *found]


def _append_patches(folder: Path, patches: list[Any]) -> None:
    names = ("kustomization.yaml", "kustomization.yml", "Kustomization")
    file = next(folder / name for name in names if (folder / name).exists())
    content = yaml.safe_load(file.read_text()) or {}
    content["patches"] = [*content.get("patches", ()), *patches]
    file.write_text(yaml.safe_dump(content))


def copied(folder: Path, into: Path, offered: Offered) -> Path:
    """A case's repository where tools may write."""
    for name, content in offered.files(folder / "repo").items():
        place = into / name
        place.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, Path):
            place.symlink_to(content)
        else:
            place.write_bytes(content)
    return into
