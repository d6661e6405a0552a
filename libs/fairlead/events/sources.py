"""Which application wants what rendered: the value of the `sources` bucket.

Written by the controller from the Application, rebuilt by it when lost. It carries all that a render
depends on beside Git, so that the repo-server needs no cluster.
"""

import hashlib

import msgspec

from fairlead.events.after_build import AfterBuild
from fairlead.events.envelope import Event

UNVERIFIED = "GIT/GPG: "
"""How every word about a signature that does not count begins (contract 2.3)."""
COSIGN_UNVERIFIED = "OCI/COSIGN: "
"""How it begins of an artifact's."""


def tells_unverified(text: str) -> bool:
    """Whether what went wrong is that a source does not count as signed."""
    return text.startswith((UNVERIFIED, COSIGN_UNVERIFIED))


class SignaturesDemanded(Event, frozen=True, kw_only=True):
    """Whose signatures a source must have, as its project demands (contract 7.11).

    `mode` is `head` or `strict`. `keys` has, by the name of each key that may sign, what tells the key as it
    is now from any other, "" for one that nobody has; so an answer by another keyring answers another wish.
    `label` stands before each problem. With `problem` it cannot be told what is demanded.
    """

    mode: str = "head"
    keys: dict[str, str] = {}  # noqa: RUF012 - msgspec copies mutable defaults
    label: str = ""
    problem: str = ""

    @property
    def digest(self) -> str:
        """Identity of what is demanded, whatever it is called."""
        alike = msgspec.structs.replace(self, label="")
        return hashlib.sha256(msgspec.msgpack.encode(alike, order="deterministic")).hexdigest()[:32]


class RepositorySource(Event, frozen=True, kw_only=True):
    """One source of an application; `options` are the camelCase blocks helm, kustomize, directory, plugin.

    With `signatures` nothing of it is rendered before they were verified.
    """

    repo_url: str
    path: str = ""
    target_revision: str = ""
    chart: str = ""
    ref: str = ""
    tag_prefix: str = ""
    options: dict[str, object] = {}  # noqa: RUF012 - msgspec copies mutable defaults
    signatures: SignaturesDemanded | None = None


class SourcesWanted(Event, frozen=True, kw_only=True):
    """What an application wants rendered, and for which kind of cluster.

    `instance` is the name under which objects are tracked (`<app>` or `<ns>_<app>`), `source_repos` are what
    its project permits, `destination_namespace` the namespace a chart is rendered for. `capabilities` is the
    digest under which stands what the destination serves; a wish without it says that itself.
    `manifest_generate_paths` is the annotation of that name: what the sources of plugins read, as the
    application's people say; `after_build` is what is done to the manifests afterwards. `shard` is 0: every
    controller hears every answer.
    """

    namespace: str
    name: str
    instance: str
    project: str
    sources: tuple[RepositorySource, ...]
    source_repos: tuple[str, ...] = ()
    destination_namespace: str = ""
    capabilities: str = ""
    kube_version: str = ""
    api_versions: tuple[str, ...] = ()
    shard: int = 0
    manifest_generate_paths: str = ""
    after_build: AfterBuild | None = None

    @property
    def home(self) -> str:
        """Address of the first source's repository: who owns that answers for the application."""
        return self.sources[0].repo_url if self.sources else ""

    @property
    def digest(self) -> str:
        """Identity of the wish, independent of who follows it."""
        return hashlib.sha256(msgspec.msgpack.encode(self, order="deterministic")).hexdigest()[:32]
