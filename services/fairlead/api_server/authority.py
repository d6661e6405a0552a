"""What the policy says now, for everybody: `argocd-rbac-cm` and the roles of projects, read once per change.

The invariant: a policy that cannot be read is in force for nobody: every question is refused with its line,
until it is corrected. The former one never goes on holding.
"""

from collections.abc import Callable, Hashable

import msgspec
import structlog

from fairlead.api_server.config_map import ConfigMap
from fairlead.api_server.kinds import RBAC_CONFIG_MAP
from fairlead.api_server.operations.refusal import Code, RefusalError
from fairlead.api_server.operations.rights import Rights
from fairlead.auth.sessions import ISSUER, Claims
from fairlead.model.appproject import AppProject
from fairlead.rbac import Enforcer, Identity, PolicyError, View, parse
from fairlead.rbac import config as rbac_config
from fairlead.rbac.check import unreadable
from fairlead.rbac.project import ProjectPolicy, policy_of
from fairlead.settings.reading import Reader

log = structlog.get_logger(__name__)

Project = tuple[AppProject, ProjectPolicy | None]


class Ruling:
    """One state of `argocd-rbac-cm`: an enforcer, or the words why there is none."""

    def __init__(self, config: ConfigMap | None, projects: Callable[[str], ProjectPolicy | None]) -> None:
        read = rbac_config.read(config.data if config is not None else {})
        self.scopes = _scopes(read.scopes)
        self.enforcer: Enforcer | None = None
        self.problem = ""
        try:
            policy = parse(read.policy)
        except PolicyError as error:
            self.problem = f"the policy of {RBAC_CONFIG_MAP} cannot be read: {error}"
        if self.problem:
            log.error("api.policy.broken", problem=self.problem[:400], security=4)
            return
        for sentence in unreadable(policy, read.mode):
            log.warning("api.policy.pattern", config_map=RBAC_CONFIG_MAP, problem=sentence, security=2)
        self.enforcer = Enforcer(policy, default=read.default, mode=read.mode, projects=projects)
        log.info("api.policy.read", mode=str(read.mode), default=read.default, scopes=self.scopes)

    def view(self, identity: Identity) -> View:
        """What somebody may do. Raises RefusalError while the policy cannot be read."""
        if self.enforcer is None:
            raise RefusalError(Code.INTERNAL, self.problem)
        return self.enforcer.view(identity)


class Authority:
    """The policy of this moment. `config` gives `argocd-rbac-cm`, `project` a project, `changes` a number
    that another state of the projects has another of."""

    def __init__(
        self,
        config: Callable[[], ConfigMap | None],
        project: Callable[[str], AppProject | None],
        changes: Callable[[], int],
    ) -> None:
        self._config = config
        self._project = project
        self._changes = changes
        self._read: tuple[ConfigMap | None, Ruling] | None = None
        self._projects: dict[str, Project] = {}

    @property
    def ruling(self) -> Ruling:
        """What holds now."""
        config = self._config()
        if self._read is None or self._read[0] is not config:
            self._read = (config, Ruling(config, self._policy_of))
        return self._read[1]

    def rights(self, claims: Claims | None) -> Rights:
        """The rights of somebody; of nobody in particular without claims."""
        return _LiveRights(self, claims)

    def stamp(self) -> object:
        """Equal to an earlier one while neither the policy nor a project changed."""
        return self.ruling, self._changes()

    def _policy_of(self, name: str) -> ProjectPolicy | None:
        project = self._project(name)
        if project is None:
            self._projects.pop(name, None)
            return None
        known = self._projects.get(name)
        if known is None or known[0] is not project:
            known = self._projects[name] = (project, _made(name, project, known))
        return known[1]


def _made(name: str, project: AppProject, former: Project | None) -> ProjectPolicy | None:
    roles = project.spec.roles
    if former is not None and former[0].spec.roles == roles:
        return former[1]
    if not roles:
        return None
    policy = policy_of(name, roles)
    if policy.problem:
        log.error("api.policy.project", project=name, problem=policy.problem[:300], security=3)
    return policy


class _LiveRights:
    """The rights of one caller under the policy of each moment."""

    def __init__(self, authority: Authority, claims: Claims | None) -> None:
        self._authority = authority
        self._claims = claims
        self._seen: tuple[Ruling, View] | None = None

    def may(self, resource: str, action: str, obj: str) -> bool:
        return self._view().may(resource, action, obj)

    def may_all(self, resource: str, action: str, project: str) -> bool | None:
        return self._view().may_all(resource, action, project)

    def may_somewhere(self, resource: str, action: str) -> bool:
        return self._view().may_somewhere(resource, action)

    def _view(self) -> View:
        ruling = self._authority.ruling
        if self._seen is None or self._seen[0] is not ruling:
            self._seen = (ruling, ruling.view(self._identity(ruling.scopes)))
        return self._seen[1]

    def stamp(self) -> object:
        return self._authority.stamp()

    def of_whom(self) -> Hashable:
        claims = self._claims
        return claims and (claims.iss, claims.sub, msgspec.json.encode(claims.other))

    def _identity(self, scopes: tuple[str, ...]) -> Identity:
        claims = self._claims
        if claims is None:
            return Identity()
        return Identity(
            name=claims.username,
            groups=claims.values(scopes),
            is_local=claims.iss == ISSUER,
        )


def _scopes(text: str) -> tuple[str, ...]:
    """The claims that count as groups. None of them, when the list cannot be read: doubt grants nothing."""
    if not text.strip():
        return rbac_config.DEFAULT_SCOPES
    reader = Reader(RBAC_CONFIG_MAP, {"scopes": text})
    found = reader.document("scopes")
    if isinstance(found, list) and all(isinstance(each, str) for each in found):
        return tuple(found)
    log.error("api.policy.scopes", config_map=RBAC_CONFIG_MAP, problem="no list; no group counts", security=3)
    return ()
