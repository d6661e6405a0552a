"""What the engine is asked and what it answers, as typed structs.

Invariant: everything but Git's content that can change a render's outcome is in `options_digest`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import msgspec

from fairlead.events.render_settings import RenderSettings
from fairlead.render.build_flags import BuildFlags, build_flags
from fairlead.render.environment import referenced

_TOOLS = ("helm", "kustomize", "directory")
PLUGIN = "Plugin"
"""The source type of what a plugin rendered."""
_OF_COMMIT = "ARGOCD_APP_REVISION"
"""Variables that every commit changes: what plugins render holds for one commit, or where somebody says."""
_CHOSEN_BEFORE = {"Kustomize": ("Kustomize",), "Helm": ("Helm", "Kustomize"), PLUGIN: ()}
"""Tools whose switch decides whether one renders a source: another would have been chosen before it."""


class ReadEntry(msgspec.Struct, frozen=True, array_like=True):
    """One dependency of a render.

    `path` is relative to the repository's root ("" is the root); a "tree" stands for all below it, "names"
    for which names of which kind a directory holds; `oid` is "" for "missing" and "names"; `ref` names the
    other repository of a `$ref/…` value file, "" the source's own.
    """

    path: str
    kind: Literal["blob", "tree", "names", "missing"]
    oid: str = ""
    ref: str = ""


class RefSource(msgspec.Struct, frozen=True, kw_only=True):
    """A repository at a commit that value files may name as `$ref/path`."""

    mirror: Path
    commit: str


class Want(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """Something that a render needs and that is not in its tree.

    `key` names it; a supply goes by it. `file` is the path that asks for it, `from_` the key of the supply in
    which that lies ("" for the source's own tree), `refusal` what people read where nobody supplies it. The
    kind says which fields are set: a `chart` has repository, name and version (a range, where nothing locks
    it), perhaps the archive's digest; a `file` of values or a `resource` of Kustomize an url; `git` url and
    revision; a `submodule` path and oid; an `lfs` file path, oid and size in bytes.
    """

    key: str
    kind: Literal["chart", "file", "resource", "git", "submodule", "lfs"]
    file: str = ""
    from_: str = msgspec.field(default="", name="from")
    refusal: str = ""
    repository: str = ""
    name: str = ""
    version: str = ""
    digest: str = ""
    url: str = ""
    revision: str = ""
    path: str = ""
    oid: str = ""
    size: int = 0


class Supply(msgspec.Struct, frozen=True, kw_only=True):
    """A commit, a tree or a blob in a bare repository below the engine's folder: what was wanted."""

    mirror: Path
    object: str


class RenderRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One path of one commit of a bare mirror, with the source's options.

    `options` are the source's `helm`, `kustomize` and `directory` blocks in camelCase; other keys are
    ignored, so a whole source as builtins will do. `release_name` is the Application's name without
    its namespace. `settings` are those of the installation. An unset `kube_version` is the engine's own.
    `supplies` has what was obtained for the wants of an earlier try, by their keys. With
    `submodules` and `lfs` it asks for those too; without, they are refused or left as they are.
    """

    mirror: Path
    commit: str
    path: str = "."
    options: Mapping[str, object] = msgspec.field(default_factory=dict)
    release_name: str = "release"
    namespace: str = ""
    kube_version: str = ""
    api_versions: tuple[str, ...] = ()
    env: Mapping[str, str] = msgspec.field(default_factory=dict)
    refs: Mapping[str, RefSource] = msgspec.field(default_factory=dict)
    settings: RenderSettings = RenderSettings()
    supplies: Mapping[str, Supply] = msgspec.field(default_factory=dict)
    submodules: bool = False
    lfs: bool = False

    @property
    def tools(self) -> dict[str, object]:
        """The tool blocks that are set."""
        return {name: self.options[name] for name in _TOOLS if self.options.get(name) is not None}

    @property
    def kustomize_version(self) -> str:
        """The version of Kustomize that is asked for; "" is the one that comes along."""
        block = self.options.get("kustomize")
        version = block.get("version") if isinstance(block, Mapping) else None
        return version if isinstance(version, str) else ""

    def build_flags(self) -> BuildFlags:
        """The flags that Kustomize is run with."""
        return build_flags(self.settings.flags(self.kustomize_version))

    def options_digest(self, source_type: str = "") -> str:
        """Digest of all inputs besides Git's content, in sha256 hex.

        Two requests with equal digests and equal read sets give equal manifests. With the
        `source_type` of an earlier result, facts that only charts see (release, namespace, cluster
        version and APIs) are left out for the other tools. Of the build environment only the variables
        that the options name count, so a new revision alone changes nothing.
        """
        tools = self.tools
        inputs: dict[str, object] = {
            "path": self.path,
            "tools": tools,
            "disabled": self._disabled(source_type),
            "follows": [self.submodules, self.lfs],
            "env": referenced(_canonical(tools).decode(), self.env),
        }
        plugin = self.options.get("plugin")
        if plugin is not None or source_type == PLUGIN:
            inputs["plugin"] = [plugin, *self._for_plugins()]
        if source_type in ("", "Helm"):
            inputs["release"] = [*self._release(), self.kube_version]
            inputs["apis"] = sorted(self.api_versions)
            inputs["refs"] = sorted(self.refs)
            inputs["schemes"] = sorted(self.settings.value_file_schemes)
        if source_type in ("", "Kustomize"):
            inputs["kustomize"] = self._kustomize()
        if not source_type:
            inputs["limits"] = self.settings.limits
        return hashlib.sha256(_canonical(inputs)).hexdigest()

    def _release(self) -> list[str]:
        """Name and namespace of the release, as the chart sees them."""
        helm = self.options.get("helm")
        block = helm if isinstance(helm, Mapping) else {}
        pairs = (("releaseName", self.release_name), ("namespace", self.namespace))
        return [str(block.get(name) or default) for name, default in pairs]

    def _for_plugins(self) -> list[object]:
        """What plugins see beside their block, and how much of the files they are sent."""
        seen = {name: value for name, value in self.env.items() if not name.startswith(_OF_COMMIT)}
        sent = [self.settings.plugin_tar_exclusions, self.settings.plugin_uses_generate_paths]
        return [seen, self.namespace, self.kube_version, sorted(self.api_versions), *sent]

    def _disabled(self, source_type: str) -> list[str]:
        switches = _CHOSEN_BEFORE.get(source_type)
        return sorted(tool for tool in self.settings.disabled_tools if switches is None or tool in switches)

    def _kustomize(self) -> list[object]:
        """The operator's flags and binary; charts that Kustomize inflates see the cluster."""
        version = self.kustomize_version
        flags, binary = self.settings.flags(version), self.settings.kustomize.versions.get(version)
        cluster = [self.kube_version, sorted(self.api_versions)] if "enable-helm" in flags else []
        return [flags, binary.path if version and binary else "", cluster]


class RenderResult(msgspec.Struct, frozen=True, kw_only=True):
    """Manifests as canonical JSON objects, in the order they were rendered, Lists expanded.

    `source_type` is "Helm", "Kustomize" or "Directory".
    """

    documents: list[bytes]
    source_type: str
    reads: tuple[ReadEntry, ...]
    warnings: tuple[str, ...] = ()


def _canonical(value: object) -> bytes:
    return msgspec.json.encode(value, order="deterministic", enc_hook=_encode)


def _encode(value: object) -> object:
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise NotImplementedError(type(value))
