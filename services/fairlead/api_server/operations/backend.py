"""What operations need from outside, put together by `wiring`.

Invariant: reads come from the mirrors, writes go to Kubernetes, questions about manifests to the repo-server
and about clusters to the app-controller; nothing else is reached.
"""

from collections.abc import Callable, Mapping, Sequence

import msgspec
import structlog

from fairlead.api_server.ask import Ask
from fairlead.api_server.audit import Auditor
from fairlead.api_server.authority import Authority
from fairlead.api_server.commits import Commits
from fairlead.api_server.config_map import (
    SECRET_TYPE,
    ConfigMap,
    SecretObject,
    ServerSettings,
    is_ours,
    read_settings,
    resolve,
)
from fairlead.api_server.connections import Connections
from fairlead.api_server.crowds import Crowds
from fairlead.api_server.departed import Departed
from fairlead.api_server.documents import ApplicationDocument
from fairlead.api_server.identities import Identities
from fairlead.api_server.index import ApplicationIndex
from fairlead.api_server.kinds import CONFIG_MAP, PARAMETERS, SECRET, SIGNING_KEYS
from fairlead.api_server.mirror import Mirror
from fairlead.api_server.moved import Moved
from fairlead.api_server.operations.search.held import Windows
from fairlead.api_server.operations.view.feed import Feeds
from fairlead.api_server.public_events import PublicEvents
from fairlead.api_server.record import Recorder
from fairlead.api_server.resource_index import ResourceIndex
from fairlead.api_server.revoked import RevokedSessions
from fairlead.api_server.set_documents import SetDocument
from fairlead.api_server.sso.sso import SingleSignOn
from fairlead.api_server.tree_health import TreeHealth
from fairlead.auth.accounts import Account, read_accounts
from fairlead.auth.login import Login
from fairlead.auth.sessions import Sessions
from fairlead.events import SignaturesDemanded
from fairlead.kube.rest import KubeClient
from fairlead.matching.inheritance import Inheritance
from fairlead.matching.integrity import demanded
from fairlead.matching.project import is_source_permitted
from fairlead.matching.scoped import Scoped, ScopedProjects
from fairlead.model.application import DEFAULT_PROJECT
from fairlead.model.appproject import AppProject, JwtToken, tokens_of
from fairlead.model.source import Source
from fairlead.secret import Secret
from fairlead.settings.presentation import Presentation, presentation
from fairlead.signatures import Keyring

log = structlog.get_logger(__name__)


class Mirrors(msgspec.Struct, frozen=True, kw_only=True):
    """The control plane's namespace in memory."""

    applications: Mirror[ApplicationDocument]
    index: ApplicationIndex
    """The same by what they are searched for."""
    resources: ResourceIndex
    """Their objects, while somebody searches them."""
    departed: Departed
    """Those that are gone."""
    projects: Mirror[AppProject]
    sets: Mirror[SetDocument]
    secrets: Mirror[SecretObject]
    config_maps: Mirror[ConfigMap]


class Control:
    """Settings, accounts and keys, read from the mirrors once per change of their objects. With
    `verifies_signatures` false nothing is demanded to be signed, whatever projects say."""

    def __init__(self, mirrors: Mirrors, *, verifies_signatures: bool = True) -> None:
        self._mirrors = mirrors
        self._verifies_signatures = verifies_signatures
        self._keyring: tuple[ConfigMap | None, Keyring] = (None, Keyring())
        self._settings: tuple[ConfigMap | None, ServerSettings] = (None, read_settings(None))
        self._accounts: tuple[ConfigMap | None, SecretObject | None, dict[str, Account]] = (None, None, {})
        self._presentation: tuple[tuple[ConfigMap | None, ConfigMap | None], Presentation] | None = None
        projects = mirrors.projects
        self._scoped = ScopedProjects()
        self._inheritance = Inheritance(
            lambda: self.settings.global_projects, projects.get, projects.unreadable
        )

    @property
    def settings(self) -> ServerSettings:
        """What `argocd-cm` says now."""
        config = self._mirrors.config_maps.get(CONFIG_MAP)
        if config is not self._settings[0]:
            before, found = self._settings[1], read_settings(config)
            _tell(found.problems, before.problems)
            self._settings = (config, found)
        return self._settings[1]

    @property
    def presentation(self) -> Presentation:
        """How clients are to show themselves now. What is wrong with a value is said once."""
        pair = (self._mirrors.config_maps.get(CONFIG_MAP), self._mirrors.config_maps.get(PARAMETERS))
        if self._presentation is None or any(
            now is not then for now, then in zip(pair, self._presentation[0], strict=True)
        ):
            data, parameters = (found.data if found and is_ours(found) else {} for found in pair)
            shown = presentation(data, parameters)
            before = self._presentation[1].problems if self._presentation is not None else ()
            _tell(shown.problems, before)
            self._presentation = (pair, shown)
        return self._presentation[1]

    def accounts(self) -> Mapping[str, Account]:
        """The local accounts, as they are now."""
        config = self._mirrors.config_maps.get(CONFIG_MAP)
        secret = self._mirrors.secrets.get(SECRET)
        if not self._accounts[2] or config is not self._accounts[0] or secret is not self._accounts[1]:
            data = config.data if config is not None and is_ours(config) else {}
            found = read_accounts(data, secret.values if secret else {})
            self._accounts = (config, secret, found)
        return self._accounts[2]

    def role_tokens(self, project: str, role: str) -> Sequence[JwtToken]:
        """The tokens that a project's role has now."""
        found = self._mirrors.projects.get(project)
        return tokens_of(found, role) if found is not None else ()

    def global_projects(self, project: AppProject) -> list[AppProject]:
        """The projects that one inherits from."""
        return self._inheritance.givers_of(project)

    def with_inherited(self, project: AppProject) -> AppProject:
        """The project with what is its own and the rules it inherits, as it is enforced."""
        return self._inheritance.of(self._scoped.of(project, self._own(project.metadata.name)))

    def demanded(
        self, project: AppProject | None, sources: Sequence[Source]
    ) -> tuple[SignaturesDemanded | None, ...]:
        """Whose signatures a project demands of each of these sources, None for nobody's."""
        if project is None or not self._verifies_signatures:
            return (None,) * len(sources)
        return demanded(project.spec, sources, self.keyring)

    @property
    def keyring(self) -> Keyring:
        """The keys whose signatures may count now."""
        config = self._mirrors.config_maps.get(SIGNING_KEYS)
        if config is not self._keyring[0]:
            data = config.data if config is not None and is_ours(config) else {}
            self._keyring = (config, Keyring.of(data))
        return self._keyring[1]

    def permits(self, project: str, repo_url: str) -> bool:
        """Whether a project permits that a repository is looked at for its applications."""
        found = self._mirrors.projects.get(project or DEFAULT_PROJECT)
        return found is not None and is_source_permitted(self.with_inherited(found), repo_url)

    def _own(self, project: str) -> Scoped:
        """The repositories and clusters that Secrets say are a project's own."""

        def named(secret_type: str, key: str) -> tuple[str, ...]:
            own = (found.values for found in self.labelled(secret_type))
            return tuple(
                sorted(values[key] for values in own if values.get("project") == project and values.get(key))
            )

        return Scoped(
            named("repository", "url"), tuple(server.rstrip("/") for server in named("cluster", "server"))
        )

    def signing_key(self) -> Secret:
        """The key that sessions are signed with now; "" when there is none."""
        secret = self._mirrors.secrets.get(SECRET)
        return Secret(secret.values.get("server.secretkey", "") if secret is not None else "")

    def secret(self, key: str) -> Secret:
        """A value of `argocd-secret`, followed when it is a reference; "" when absent."""
        own = self._mirrors.secrets.get(SECRET)
        return self.followed(own.values.get(key, "") if own else "")

    def followed(self, text: str) -> Secret:
        """A value, followed when it is a reference; what leads nowhere stays as it is."""
        own = self._mirrors.secrets.get(SECRET)
        others = {found.name: found for found in self._mirrors.secrets.all()} if text.startswith("$") else {}
        return resolve(text, own.values if own else {}, others)

    def labelled(self, secret_type: str) -> list[SecretObject]:
        """The Secrets that describe clusters, repositories or credentials, by name."""
        return [
            found for found in self._mirrors.secrets.all() if found.labels.get(SECRET_TYPE) == secret_type
        ]


def _tell(problems: tuple[str, ...], told: tuple[str, ...]) -> None:
    """A bad value is told once, until it is another one."""
    for problem in problems:
        if problem not in told:
            log.warning("settings.value.refused", problem=problem)


class Backend(msgspec.Struct, frozen=True, kw_only=True):
    """Everything an operation may use."""

    namespace: str
    allows_applications: Callable[[str], bool] = lambda _: False
    """Whether Applications may be in a namespace beside the control plane's."""
    kube: KubeClient
    mirrors: Mirrors
    control: Control
    sessions: Sessions
    authority: Authority
    identities: Identities
    sso: SingleSignOn
    ended: RevokedSessions
    login: Login
    ask: Ask
    connections: Connections
    recorder: Recorder
    auditor: Auditor
    moved: Moved
    commits: Commits
    events: PublicEvents
    windows: Windows = msgspec.field(default_factory=Windows)
    feeds: Feeds = msgspec.field(default_factory=Feeds)
    crowds: Crowds = msgspec.field(default_factory=Crowds)
    tree_health: TreeHealth = msgspec.field(default_factory=TreeHealth)
