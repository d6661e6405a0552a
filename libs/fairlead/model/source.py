"""Where manifests come from and with which tool and parameters they are rendered.

Invariant: a source is data; whether it is a valid one is decided where it is used.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, field

from fairlead.model.metadata import FreeForm, IntOrString, Record


class SourceType(StrEnum):
    """The tool that rendered a source; empty for one that renders nothing."""

    UNSET = ""
    HELM = "Helm"
    KUSTOMIZE = "Kustomize"
    DIRECTORY = "Directory"
    PLUGIN = "Plugin"


class HelmParameter(Record, frozen=True, kw_only=True):
    """One `--set` (or, with force_string, `--set-string`)."""

    name: str = ""
    value: str = ""
    force_string: bool = False


class HelmFileParameter(Record, frozen=True, kw_only=True):
    """One `--set-file`."""

    name: str = ""
    path: str = ""


class Helm(Record, frozen=True, kw_only=True):
    """How a chart is rendered."""

    release_name: str = ""
    namespace: str = ""
    version: str = ""
    value_files: tuple[str, ...] = ()
    ignore_missing_value_files: bool = False
    values: str = ""
    values_object: FreeForm | None = None
    parameters: tuple[HelmParameter, ...] = ()
    file_parameters: tuple[HelmFileParameter, ...] = ()
    pass_credentials: bool = False
    skip_crds: bool = False
    skip_tests: bool = False
    skip_schema_validation: bool = False
    kube_version: str = ""
    api_versions: tuple[str, ...] = ()


class KustomizeReplica(Record, frozen=True, kw_only=True):
    """A replica count for the workload of that name."""

    name: str = field(default_factory=str)
    count: IntOrString = field(default_factory=int)


class KustomizeTarget(Record, frozen=True, kw_only=True):
    """Which objects a patch is for."""

    group: str = ""
    version: str = ""
    kind: str = ""
    name: str = ""
    namespace: str = ""
    label_selector: str = ""
    annotation_selector: str = ""


class KustomizePatch(Record, frozen=True, kw_only=True):
    """An inline patch, or the path of one."""

    path: str = ""
    patch: str = ""
    target: KustomizeTarget | None = None
    options: dict[str, bool] = field(default_factory=dict)


class Kustomize(Record, frozen=True, kw_only=True):
    """What is added to a kustomization before it is built."""

    name_prefix: str = ""
    name_suffix: str = ""
    namespace: str = ""
    version: str = ""
    images: tuple[str, ...] = ()
    replicas: tuple[KustomizeReplica, ...] = ()
    common_labels: dict[str, str] = field(default_factory=dict)
    label_without_selector: bool = False
    label_include_templates: bool = False
    force_common_labels: bool = False
    common_annotations: dict[str, str] = field(default_factory=dict)
    common_annotations_envsubst: bool = False
    force_common_annotations: bool = False
    components: tuple[str, ...] = ()
    ignore_missing_components: bool = False
    patches: tuple[KustomizePatch, ...] = ()
    kube_version: str = ""
    api_versions: tuple[str, ...] = ()


class JsonnetVariable(Record, frozen=True, kw_only=True):
    """A Jsonnet variable; with code, its value is an expression."""

    name: str = field(default_factory=str)
    value: str = field(default_factory=str)
    code: bool = False


class Jsonnet(Record, frozen=True, kw_only=True):
    """Variables and library paths of Jsonnet files."""

    ext_vars: tuple[JsonnetVariable, ...] = ()
    tlas: tuple[JsonnetVariable, ...] = ()
    libs: tuple[str, ...] = ()


class Directory(Record, frozen=True, kw_only=True):
    """Which files of a plain directory are read; exclude wins over include."""

    recurse: bool = False
    include: str = ""
    exclude: str = ""
    disable_extension_filter: bool = False
    jsonnet: Jsonnet | None = None


class EnvEntry(Record, frozen=True, kw_only=True):
    """One environment variable handed to a plugin."""

    name: str = field(default_factory=str)
    value: str = field(default_factory=str)


class PluginParameter(Record, frozen=True, kw_only=True):
    """A plugin parameter: a text, a map or a list. Absent and empty are different."""

    name: str = ""
    string: str | None = None
    map: dict[str, str] | None = None
    array: tuple[str, ...] | None = None


class Plugin(Record, frozen=True, kw_only=True):
    """A config-management plugin; without a name the plugin is discovered."""

    name: str = ""
    env: tuple[EnvEntry, ...] = ()
    parameters: tuple[PluginParameter, ...] = ()


class Source(Record, frozen=True, kw_only=True):
    """A place in a Git, Helm or OCI repository, and how it is rendered."""

    repo_url: str = field(name="repoURL", default_factory=str)
    path: str = ""
    chart: str = ""
    target_revision: str = ""
    tag_prefix: str = ""
    ref: str = ""
    name: str = ""
    helm: Helm | None = None
    kustomize: Kustomize | None = None
    directory: Directory | None = None
    plugin: Plugin | None = None


class DrySource(Record, frozen=True, kw_only=True):
    """What the hydrator renders."""

    repo_url: str = field(name="repoURL", default_factory=str)
    target_revision: str = field(default_factory=str)
    path: str = field(default_factory=str)
    helm: Helm | None = None
    kustomize: Kustomize | None = None
    directory: Directory | None = None
    plugin: Plugin | None = None

    def rendered_source(self) -> Source:
        """The same as an ordinary source."""
        return Source(
            repo_url=self.repo_url,
            path=self.path,
            target_revision=self.target_revision,
            helm=self.helm,
            kustomize=self.kustomize,
            directory=self.directory,
            plugin=self.plugin,
        )


SyncSourcePath = Annotated[str, Meta(extra_json_schema={"minLength": 1, "pattern": "^.{2,}|[^./]$"})]


class SyncSource(Record, frozen=True, kw_only=True):
    """Where hydrated manifests are deployed from; the repository defaults to the dry one."""

    target_branch: str = field(default_factory=str)
    path: SyncSourcePath = field(default_factory=str)
    repo_url: str = field(name="repoURL", default="")


class HydrateTo(Record, frozen=True, kw_only=True):
    """A staging branch that is pushed to instead of the sync source's."""

    target_branch: str = field(default_factory=str)


class SourceHydrator(Record, frozen=True, kw_only=True):
    """Render one place into another, and deploy from there."""

    dry_source: DrySource = field(default_factory=DrySource)
    sync_source: SyncSource = field(default_factory=SyncSource)
    hydrate_to: HydrateTo | None = None

    @property
    def write_url(self) -> str:
        """Address of the repository that is written to."""
        return self.sync_source.repo_url or self.dry_source.repo_url

    @property
    def written_branch(self) -> str:
        """The branch that is written to."""
        return self.hydrate_to.target_branch if self.hydrate_to else self.sync_source.target_branch

    def deployed_source(self) -> Source:
        """The hydrated place as an ordinary source."""
        sync = self.sync_source
        return Source(
            repo_url=self.write_url,
            path=sync.path,
            target_revision=sync.target_branch,
        )
