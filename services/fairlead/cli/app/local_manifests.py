"""The manifests of a folder on this machine, as `--local` of diff, manifests and sync means them.

Rendered here, with `helm` and `kustomize` of the user's PATH, because the server has not seen these files.
The invariant: what the application says of its source counts here too, or is refused aloud.
"""

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from fairlead.cli.command import Values
from fairlead.cli.errors import SettingsError
from fairlead.cli.spec.files import parsed
from fairlead.model.application import Application
from fairlead.model.source import Source

SECONDS = 120
"""How long a program may render."""
MAX_FILE = 16 << 20
KUSTOMIZATIONS = ("kustomization.yaml", "kustomization.yml", "Kustomization")
ENDINGS = frozenset({".yaml", ".yml", ".json"})


def local_manifests(app: Application, values: Values) -> list[str]:
    """The objects as JSON texts. Raises SettingsError."""
    folder = _folder(app, values)
    sources = app.spec.effective_sources()
    if len(sources) != 1:
        raise SettingsError("--local is for applications of one source")
    objects = [each for text, where in _texts(folder, app, sources[0]) for each in _objects(text, where)]
    return [msgspec.json.encode(obj).decode() for obj in objects]


def _folder(app: Application, values: Values) -> Path:
    root, local = values.text("local-repo-root"), Path(values.text("local"))
    folder = Path(root, local) if root and root != "/" else local
    if not folder.is_dir():
        raise SettingsError(f"--local: there is no folder {folder}")
    if app.spec.source_hydrator is not None and app.spec.source is None:
        raise SettingsError("--local is unavailable for applications with a source hydrator")
    return folder


def _texts(folder: Path, app: Application, source: Source) -> list[tuple[str, str]]:
    if (folder / "Chart.yaml").exists():
        return [(_run(_helm(folder, app, source)), f"helm template {folder}")]
    if any((folder / name).exists() for name in KUSTOMIZATIONS):
        _refuse_kustomize(source)
        return [(_run(["kustomize", "build", str(folder)]), f"kustomize build {folder}")]
    if source.plugin is not None:
        raise SettingsError("--local is unavailable for a plugin: push a branch and give --revision")
    is_deep = source.directory is not None and source.directory.recurse
    files = sorted(folder.rglob("*") if is_deep else folder.iterdir())
    return [(_read(file), str(file)) for file in files if file.suffix in ENDINGS and file.is_file()]


def _refuse_kustomize(source: Source) -> None:
    if source.kustomize is not None and source.kustomize != type(source.kustomize)():
        raise SettingsError(
            "--local does not know the application's kustomize settings (images, prefixes, …): "
            "write them into the kustomization, or push a branch and give --revision"
        )


def _helm(folder: Path, app: Application, source: Source) -> list[str]:
    helm = source.helm
    release = (helm.release_name if helm else "") or app.metadata.name
    words = ["helm", "template", release, str(folder), "--namespace", app.spec.destination.namespace]
    if helm is None or not helm.skip_crds:
        words.append("--include-crds")
    if helm is None:
        return words
    for file in helm.value_files:
        words += ["--values", file if "://" in file else str(folder / file)]
    for parameter in helm.parameters:
        words += [
            "--set-string" if parameter.force_string else "--set",
            f"{parameter.name}={parameter.value}",
        ]
    if helm.values or helm.values_object is not None:
        raise SettingsError("--local does not know values that stand in the application: use a value file")
    return words


def _run(words: Sequence[str]) -> str:
    if shutil.which(words[0]) is None:
        raise SettingsError(
            f"--local needs the program {words[0]} on PATH; or push a branch and give --revision"
        )
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SettingsError(f"{words[0]} cannot render: {error}") from error
    if done.returncode:
        raise SettingsError(f"{words[0]} cannot render: {done.stderr.strip()[:2000]}")
    return done.stdout


def _read(file: Path) -> str:
    if file.stat().st_size > MAX_FILE:
        raise SettingsError(f"{file} is longer than {MAX_FILE >> 20} MiB")
    return file.read_text(encoding="utf-8")


def _objects(text: str, where: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for document in parsed(text, where):
        if not document:
            continue
        if not isinstance(document, dict) or "kind" not in document:
            raise SettingsError(f"{where}: there is something that is no object of Kubernetes")
        found += document.get("items") or [] if document["kind"] == "List" else [document]
    return found
