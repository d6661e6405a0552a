"""A source of an Application as the repo-server reads it."""

from __future__ import annotations

import msgspec

from fairlead.events.sources import RepositorySource, SignaturesDemanded
from fairlead.model.application import Application
from fairlead.model.source import Source

GENERATE_PATHS = "argocd.argoproj.io/manifest-generate-paths"
_OPTION_BLOCKS = ("helm", "kustomize", "directory", "plugin")


def generate_paths(app: Application) -> str:
    """What an application says that its plugins read."""
    return app.metadata.annotations.get(GENERATE_PATHS, "")


def repository_source(source: Source, signatures: SignaturesDemanded | None = None) -> RepositorySource:
    """A source as the repo-server reads it."""
    blocks = {name: getattr(source, name) for name in _OPTION_BLOCKS}
    return RepositorySource(
        repo_url=source.repo_url,
        path=source.path,
        target_revision=source.target_revision,
        chart=source.chart,
        ref=source.ref,
        tag_prefix=source.tag_prefix,
        options={name: msgspec.to_builtins(block) for name, block in blocks.items() if block is not None},
        signatures=signatures,
    )
