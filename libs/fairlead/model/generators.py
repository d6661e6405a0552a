"""Where an ApplicationSet's parameters come from.

Invariant: a generator is exactly one block plus an optional selector. Matrix and merge hold generators,
and those may hold such a block once more; the innermost bodies are free-form in the cluster (the schema
would have no end) and become structs with `nested_matrix` and `nested_merge`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

import msgspec
from msgspec import field

from fairlead.model.errors import MalformedObjectError
from fairlead.model.metadata import FreeForm, LabelSelector, Record
from fairlead.model.providers import (
    PullRequestAzureDevOps,
    PullRequestBitbucket,
    PullRequestBitbucketServer,
    PullRequestFilter,
    PullRequestGitea,
    PullRequestGithub,
    PullRequestGitlab,
    ScmAwsCodeCommit,
    ScmAzureDevOps,
    ScmBitbucket,
    ScmBitbucketServer,
    ScmFilter,
    ScmGitea,
    ScmGithub,
    ScmGitlab,
)
from fairlead.model.template import Template

StructT = TypeVar("StructT", bound=msgspec.Struct)


class ListGenerator(Record, frozen=True, kw_only=True):
    """Parameters written out."""

    elements: tuple[FreeForm, ...] = ()
    elements_yaml: str = ""
    template: Template | None = None


class ClusterGenerator(Record, frozen=True, kw_only=True):
    """One set of parameters for each registered cluster."""

    selector: LabelSelector | None = None
    values: dict[str, str] = field(default_factory=dict)
    flat_list: bool = False
    template: Template | None = None


class PathItem(Record, frozen=True, kw_only=True):
    """A glob of directories or files, taken or left out."""

    path: str = field(default_factory=str)
    exclude: bool = False


class GitGenerator(Record, frozen=True, kw_only=True):
    """One set of parameters for each directory or file of a repository."""

    repo_url: str = field(name="repoURL", default_factory=str)
    revision: str = field(default_factory=str)
    directories: tuple[PathItem, ...] = ()
    files: tuple[PathItem, ...] = ()
    path_param_prefix: str = ""
    values: dict[str, str] = field(default_factory=dict)
    requeue_after_seconds: int | None = None
    template: Template | None = None


class OciGenerator(Record, frozen=True, kw_only=True):
    """One set of parameters for each directory or file of an OCI artifact."""

    repo_url: str = field(name="repoURL", default_factory=str)
    revision: str = field(default_factory=str)
    directories: tuple[PathItem, ...] = ()
    files: tuple[PathItem, ...] = ()
    path_param_prefix: str = ""
    values: dict[str, str] = field(default_factory=dict)
    requeue_after_seconds: int | None = None
    template: Template | None = None


class ScmProviderGenerator(Record, frozen=True, kw_only=True):
    """One set of parameters for each repository (and branch) of a host."""

    github: ScmGithub | None = None
    gitlab: ScmGitlab | None = None
    bitbucket: ScmBitbucket | None = None
    bitbucket_server: ScmBitbucketServer | None = None
    gitea: ScmGitea | None = None
    azure_dev_ops: ScmAzureDevOps | None = None
    aws_code_commit: ScmAwsCodeCommit | None = None
    filters: tuple[ScmFilter, ...] = ()
    clone_protocol: str = ""
    values: dict[str, str] = field(default_factory=dict)
    requeue_after_seconds: int | None = None
    template: Template | None = None


class PullRequestGenerator(Record, frozen=True, kw_only=True):
    """One set of parameters for each open pull request."""

    github: PullRequestGithub | None = None
    gitlab: PullRequestGitlab | None = None
    gitea: PullRequestGitea | None = None
    bitbucket_server: PullRequestBitbucketServer | None = None
    bitbucket: PullRequestBitbucket | None = None
    azuredevops: PullRequestAzureDevOps | None = None
    filters: tuple[PullRequestFilter, ...] = ()
    continue_on_repo_not_found_error: bool = False
    values: dict[str, str] = field(default_factory=dict)
    requeue_after_seconds: int | None = None
    template: Template | None = None


class ClusterDecisionGenerator(Record, frozen=True, kw_only=True):
    """One set of parameters for each cluster that another object names."""

    config_map_ref: str = field(default_factory=str)
    name: str = ""
    label_selector: LabelSelector | None = None
    values: dict[str, str] = field(default_factory=dict)
    requeue_after_seconds: int | None = None
    template: Template | None = None


class PluginConfigMapRef(Record, frozen=True, kw_only=True):
    """The ConfigMap that says where the plugin listens."""

    name: str = field(default_factory=str)


class PluginInput(Record, frozen=True, kw_only=True):
    """What the plugin is asked."""

    parameters: FreeForm = field(default_factory=dict)


class PluginGenerator(Record, frozen=True, kw_only=True):
    """Whatever an HTTP service answers."""

    config_map_ref: PluginConfigMapRef = field(default_factory=PluginConfigMapRef)
    input: PluginInput | None = None
    values: dict[str, str] = field(default_factory=dict)
    requeue_after_seconds: int | None = None
    template: Template | None = None


class TerminalGenerator(Record, frozen=True, kw_only=True):
    """A generator that holds no other: the innermost of a nested matrix or merge."""

    list: ListGenerator | None = None
    clusters: ClusterGenerator | None = None
    git: GitGenerator | None = None
    oci: OciGenerator | None = None
    scm_provider: ScmProviderGenerator | None = None
    pull_request: PullRequestGenerator | None = None
    cluster_decision_resource: ClusterDecisionGenerator | None = None
    plugin: PluginGenerator | None = None
    selector: LabelSelector | None = None


class NestedMatrix(Record, frozen=True, kw_only=True):
    """A matrix inside a matrix or merge."""

    generators: tuple[TerminalGenerator, ...] = field(default_factory=lambda: ())


class NestedMerge(Record, frozen=True, kw_only=True):
    """A merge inside a matrix or merge."""

    generators: tuple[TerminalGenerator, ...] = field(default_factory=lambda: ())
    merge_keys: tuple[str, ...] = field(default_factory=lambda: ())


class NestedGenerator(TerminalGenerator, frozen=True, kw_only=True):
    """A generator inside a matrix or merge."""

    matrix: FreeForm | None = None
    merge: FreeForm | None = None


class MatrixGenerator(Record, frozen=True, kw_only=True):
    """Every combination of two generators' parameters."""

    generators: tuple[NestedGenerator, ...] = field(default_factory=lambda: ())
    template: Template | None = None


class MergeGenerator(Record, frozen=True, kw_only=True):
    """Parameters joined on keys: later generators complete the first."""

    generators: tuple[NestedGenerator, ...] = field(default_factory=lambda: ())
    merge_keys: tuple[str, ...] = field(default_factory=lambda: ())
    template: Template | None = None


class Generator(TerminalGenerator, frozen=True, kw_only=True):
    """A source of parameters."""

    matrix: MatrixGenerator | None = None
    merge: MergeGenerator | None = None


def nested_matrix(body: Mapping[str, object]) -> NestedMatrix:
    """Read the free-form body of a nested matrix. Raises MalformedObjectError."""
    return _read(body, NestedMatrix, "nested matrix generator")


def nested_merge(body: Mapping[str, object]) -> NestedMerge:
    """Read the free-form body of a nested merge. Raises MalformedObjectError."""
    return _read(body, NestedMerge, "nested merge generator")


def _read(body: Mapping[str, object], kind: type[StructT], name: str) -> StructT:
    try:
        return msgspec.convert(body, kind)
    except msgspec.ValidationError as error:
        raise MalformedObjectError(name, str(error)) from error
