"""What argocd-cm and argocd-cmd-params-cm say about rendering, for the repo-servers.

Invariant: absent or empty ConfigMaps give the defaults of contract 11.1 and 11.2.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fairlead.diff.quantity import parse_quantity
from fairlead.events.render_settings import (
    OCI_LAYERS,
    KustomizeSettings,
    KustomizeVersion,
    RenderLimits,
    RenderSettings,
)
from fairlead.render.build_flags import build_flags
from fairlead.settings.controller import CONFIG_MAP
from fairlead.settings.parameters import CONFIG_MAP as PARAMETERS
from fairlead.settings.reading import Reader

_TOOLS = {"helm.enable": "Helm", "kustomize.enable": "Kustomize", "jsonnet.enable": "Jsonnet"}
_OPTIONS = "kustomize.buildOptions"
_PATH, _OLD_PATH = "kustomize.path.", "kustomize.version."
_SCHEMES = "helm.valuesFileSchemes"


def render_settings(
    settings: Mapping[str, str], parameters: Mapping[str, str]
) -> tuple[RenderSettings, tuple[str, ...]]:
    """Read the `data` of both ConfigMaps. Never raises; what cannot be used is told in sentences."""
    read, given = Reader(CONFIG_MAP, settings), Reader(PARAMETERS, parameters)
    found = RenderSettings(
        disabled_tools=tuple(tool for key, tool in _TOOLS.items() if not read.switch(key, default=True)),
        value_file_schemes=_schemes(read, settings),
        kustomize=KustomizeSettings(
            build_options=read.text(_OPTIONS), versions=dict(sorted(_versions(read, settings)))
        ),
        oci_layer_media_types=given.words("reposerver.oci.layer.media.types") or OCI_LAYERS,
        plugin_tar_exclusions=_parts(given.text("reposerver.plugin.tar.exclusions")),
        plugin_uses_generate_paths=given.flag("reposerver.plugin.use.manifest.generate.paths"),
        git_submodules=given.flag("reposerver.enable.git.submodule", default=True),
        hidden_directories=given.flag("reposerver.include.hidden.directories"),
        helm_user_agent=_agent(given),
        limits=_limits(given),
    )
    _tell_flags(read, settings)
    return found, (*read.problems, *given.problems)


def _agent(read: Reader) -> str:
    """What may stand in a header."""
    key = "reposerver.helm.user.agent"
    agent = read.text(key)
    if agent.isascii() and agent.isprintable():
        return agent
    read.complain(key, "it cannot be sent: only printable ASCII can")
    return ""


def _tell_flags(read: Reader, settings: Mapping[str, str]) -> None:
    """Flags that stop every build, and flags without effect."""
    for key in sorted(settings):
        if key != _OPTIONS and not key.startswith(f"{_OPTIONS}."):
            continue
        flags = build_flags(read.text(key))
        for problem in (flags.refusal.removeprefix(f"{_OPTIONS}: "), *flags.idle):
            if problem:
                read.complain(key, problem)


def _schemes(read: Reader, settings: Mapping[str, str]) -> tuple[str, ...]:
    """Set but empty means none."""
    if settings.get(_SCHEMES) is None:
        return RenderSettings().value_file_schemes
    return tuple(word.lower() for word in read.words(_SCHEMES))


def _versions(read: Reader, settings: Mapping[str, str]) -> Iterator[tuple[str, KustomizeVersion]]:
    """Both spellings of one version are an error: which binary is meant cannot be told."""
    for key in sorted(settings):
        prefix = next((known for known in (_PATH, _OLD_PATH) if key.startswith(known)), "")
        name, path = key.removeprefix(prefix), read.text(key)
        if not prefix or not path:
            continue
        if settings.get(_PATH + name) and settings.get(_OLD_PATH + name):
            read.complain(key, f"version {name} is given as {_PATH}{name} and as {_OLD_PATH}{name}")
        elif not path.startswith("/"):
            read.complain(key, f"{path!r} is not an absolute path")
        else:
            yield name, KustomizeVersion(path=path, build_options=read.text(f"{_OPTIONS}.{name}"))


def _limits(read: Reader) -> RenderLimits:
    default = RenderLimits()
    return RenderLimits(
        combined=_bytes(read, "reposerver.max.combined.directory.manifests.size", default.combined),
        helm_extracted=_unless(
            read,
            "reposerver.disable.helm.manifest.max.extracted.size",
            "reposerver.helm.manifest.max.extracted.size",
            default.helm_extracted,
        ),
        oci_extracted=_unless(
            read,
            "reposerver.disable.oci.manifest.max.extracted.size",
            "reposerver.oci.manifest.max.extracted.size",
            default.oci_extracted,
        ),
        parallel=max(0, read.integer("reposerver.parallelism.limit", 0)),
    )


def _unless(read: Reader, disabled: str, key: str, default: int) -> int:
    return 0 if read.flag(disabled) else _bytes(read, key, default)


def _bytes(read: Reader, key: str, default: int) -> int:
    text = read.text(key)
    if not text:
        return default
    amount = parse_quantity(text)
    if amount is None or amount < 0:
        read.complain(key, f"{text!r} is no size such as 10M")
        return default
    return int(amount)


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part for piece in text.split(";") if (part := piece.strip()))
