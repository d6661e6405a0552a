"""What an installation's ConfigMaps say about rendering: the value of the bucket `settings` under `render`.

Written by the controller, which reads argocd-cm and argocd-cmd-params-cm; read by the repo-servers, which
have no right to either. Invariant: an absent ConfigMap gives the defaults here, which are Argo CD's.
"""

import msgspec

from fairlead.events.envelope import Event

RENDER_SETTINGS = "render"
"""The key."""

OCI_LAYERS = (
    "application/vnd.oci.image.layer.v1.tar",
    "application/vnd.oci.image.layer.v1.tar+gzip",
    "application/vnd.cncf.helm.chart.content.v1.tar+gzip",
)


class KustomizeVersion(msgspec.Struct, frozen=True, kw_only=True):
    """A binary of the operator's, on the repo-server's disk, and the flags it is built with."""

    path: str = ""
    build_options: str = ""


class KustomizeSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Flags of `kustomize build`, and other versions of it by name."""

    build_options: str = ""
    versions: dict[str, KustomizeVersion] = {}


class RenderLimits(msgspec.Struct, frozen=True, kw_only=True):
    """Bytes; 0 leaves only the bound that Fairlead has of itself. `parallel` renders at once, 0 for as many
    as there are engines."""

    combined: int = 10_000_000
    helm_extracted: int = 1_000_000_000
    oci_extracted: int = 1_000_000_000
    parallel: int = 0


class RenderSettings(Event, frozen=True, kw_only=True):
    """Settings that a render depends on.

    `disabled_tools` holds "Helm", "Kustomize" or "Jsonnet". Without `value_file_schemes` no value file is
    taken from the network. Chart repositories are asked as `helm_user_agent`, where there is one. With
    `hidden_directories` generators see directories whose names begin with a dot.
    """

    disabled_tools: tuple[str, ...] = ()
    value_file_schemes: tuple[str, ...] = ("https", "http")
    kustomize: KustomizeSettings = KustomizeSettings()
    oci_layer_media_types: tuple[str, ...] = OCI_LAYERS
    plugin_tar_exclusions: tuple[str, ...] = ()
    plugin_uses_generate_paths: bool = False
    git_submodules: bool = True
    hidden_directories: bool = False
    helm_user_agent: str = ""
    limits: RenderLimits = RenderLimits()

    def flags(self, kustomize_version: str = "") -> str:
        """The flags of `kustomize build` for a version; "" is the one that comes along."""
        if not kustomize_version:
            return self.kustomize.build_options
        chosen = self.kustomize.versions.get(kustomize_version)
        return chosen.build_options if chosen is not None else ""
