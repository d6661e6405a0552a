"""Whether somebody may do something, by one policy and the roles of the object's project (contract 13.4).

The order: the default role, then who it is, then each group that takes a role, then the empty subject; the
first that is allowed ends it. A `deny` counts among the lines of one of these only.

The invariant: an answer is remembered only for the very policy and project it was found with.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import TypeVar

import msgspec

from fairlead.rbac.builtin import ADMIN, builtin
from fairlead.rbac.decide import MAX_WORD, Decision, Lines
from fairlead.rbac.policy import Mode, Policy, Rule, together
from fairlead.rbac.project import ProjectPolicy

MAX_DEPTH = 10
"""Roles that may be taken through one another, as many as casbin follows."""
IDENTITIES = 2048
"""Callers whose answers are remembered at once."""
SETS = 4096
"""Sets of subjects whose lines are kept together."""
ANSWERS = 100_000
"""Decisions remembered for all callers together, so that nobody's questions fill the memory."""
IN_PROJECTS = frozenset({"applications", "applicationsets", "repositories", "clusters", "logs", "exec"})
"""Resources that the roles of a project may be about; the object begins with the project's name."""
RESERVED = ("role:", "proj:")
"""What a name or group from an identity provider may not begin with: these are ours to give."""

Projects = Callable[[str], ProjectPolicy | None]
K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Identity(msgspec.Struct, frozen=True):
    """Whom a policy is asked about; a name "" is nobody in particular. `is_local` is whether we gave the
    name: an account, or a role of a project."""

    name: str = ""
    groups: tuple[str, ...] = ()
    is_local: bool = True


NOBODY = Identity()


class Enforcer:
    """Answers for one policy, the built-in roles included. `projects` gives what a project's roles say."""

    def __init__(
        self,
        policy: Policy,
        *,
        default: str = "",
        mode: Mode = Mode.GLOB,
        projects: Projects = lambda _: None,
        has_builtin: bool = True,
    ) -> None:
        self._policy = together((builtin(mode), policy)) if has_builtin else policy
        self._own = policy
        self._default = default
        self._mode = mode
        self.projects = projects
        self._views: OrderedDict[Identity, View] = OrderedDict()
        self._remembered = 0
        self._lines: OrderedDict[tuple[frozenset[str], ProjectPolicy | None], Lines] = OrderedDict()

    def view(self, identity: Identity) -> View:
        """What somebody may do."""
        return _remembered(self._views, identity, IDENTITIES, lambda: View(self, identity))

    def count(self) -> None:
        """One more answer is remembered; with too many all are forgotten."""
        self._remembered += 1
        if self._remembered > ANSWERS:
            for view in self._views.values():
                view.forget()
            self._remembered = 0

    def steps(self, identity: Identity, project: ProjectPolicy | None) -> list[Lines]:
        """The lines that are asked for somebody, in order, for an object of a project."""
        found = [self._of({self._default}, None)] if self._default else []
        if self._default and project is not None:
            found.append(self._of({self._default}, project))
        for subject in self._subjects(identity, project):
            if self._is_given(subject, identity):
                found.append(self._of({subject}, project, by_builtin=identity.is_local))
        found.append(self._of({""}, None))
        return [lines for lines in found if lines]

    def _subjects(self, identity: Identity, project: ProjectPolicy | None) -> list[str]:
        is_role = identity.is_local and identity.name.startswith("proj:")
        if is_role and project is not None and identity.name.split(":")[1] != project.name:
            return []
        taking = self._policy.roles.keys() | (project.policy.roles.keys() if project else set())
        groups = [group for group in dict.fromkeys(identity.groups) if group in taking]
        return [*([identity.name] if identity.name else []), *groups]

    @staticmethod
    def _is_given(subject: str, identity: Identity) -> bool:
        """Whether a subject is more than a word an identity provider says."""
        is_own = identity.is_local and subject == identity.name
        return is_own or not subject.startswith(RESERVED)

    def _of(self, start: set[str], project: ProjectPolicy | None, *, by_builtin: bool = True) -> Lines:
        subjects = self._reached(start, project, by_builtin=by_builtin)
        return _remembered(self._lines, (subjects, project), SETS, lambda: self._gathered(subjects, project))

    def _reached(self, start: set[str], project: ProjectPolicy | None, *, by_builtin: bool) -> frozenset[str]:
        """The subjects with lines that somebody has, by the roles they take."""
        reached, edge = set(start), set(start)
        for depth in range(MAX_DEPTH):
            further: set[str] = set()
            for subject in edge:
                if depth == 0 and subject == ADMIN and not by_builtin:
                    further.update(role for role in self._own.roles.get(ADMIN, ()))
                else:
                    further.update(self._policy.roles.get(subject, ()))
                if project is not None:
                    further.update(project.policy.roles.get(subject, ()))
            edge = further - reached
            reached |= edge
            if not edge:
                break
        of_project = project.policy.rules if project is not None else {}
        return frozenset(each for each in reached if each in self._policy.rules or each in of_project)

    def _gathered(self, subjects: frozenset[str], project: ProjectPolicy | None) -> Lines:
        rules: list[Rule] = []
        for subject in sorted(subjects):
            rules.extend(self._policy.rules.get(subject, ()))
            rules.extend(project.policy.rules.get(subject, ()) if project is not None else ())
        return Lines(rules, self._mode)


class View:
    """The enforcer as one caller meets it; remembers what it answered."""

    def __init__(self, enforcer: Enforcer, identity: Identity) -> None:
        self._enforcer = enforcer
        self._identity = identity
        self._steps: dict[ProjectPolicy | None, list[Lines]] = {}
        self._decisions: dict[tuple[str, str, str], tuple[ProjectPolicy | None, Decision]] = {}
        self._objects: dict[tuple[Decision, str], bool] = {}

    def may(self, resource: str, action: str, obj: str) -> bool:
        """Whether the caller may do `action` to `obj` of a kind of resource. No object has two lines."""
        if "\n" in obj:
            return False
        decision = self._found(resource, action, obj)
        return self._about(decision, obj) if decision.all is None else decision.all

    def may_all(self, resource: str, action: str, project: str) -> bool | None:
        """Whether the caller may do `action` to all objects that begin with a project's name; None when it
        depends on the object."""
        if "\n" in project or "/" in project:
            return False
        return self._found(resource, action, f"{project}/").all

    def may_somewhere(self, resource: str, action: str) -> bool:
        """Whether a line of the policy itself, roles of projects left out, allows `action` to something. What
        others deny is not counted: such a caller may find each object denied."""
        return self._decision(resource, action, "", None).allows

    def _found(self, resource: str, action: str, obj: str) -> Decision:
        first, slash, _ = obj.partition("/")
        project = self._project(resource, obj, first if slash else "")
        start = first + slash
        key = (resource, action, start if slash or resource == "projects" else "")
        found = self._decisions.get(key)
        if found is None or found[0] is not project:
            found = (project, self._decision(resource, action, start, project))
            if len(resource) + len(action) + len(first) <= MAX_WORD:
                self._enforcer.count()
                self._decisions[key] = found
        return found[1]

    def forget(self) -> None:
        """Remember nothing."""
        self._decisions.clear()
        self._objects.clear()

    def _about(self, decision: Decision, obj: str) -> bool:
        known = self._objects.get((decision, obj))
        if known is None:
            known = decision.about(obj)
            if len(obj) <= MAX_WORD:
                self._enforcer.count()
                self._objects[decision, obj] = known
        return known

    def _project(self, resource: str, obj: str, first: str) -> ProjectPolicy | None:
        if resource in IN_PROJECTS:
            return self._enforcer.projects(first) if first else None
        return self._enforcer.projects(obj) if resource == "projects" else None

    def _decision(self, resource: str, action: str, start: str, project: ProjectPolicy | None) -> Decision:
        steps = self._steps.get(project)
        if steps is None:
            if len(self._steps) >= IDENTITIES:
                self._steps.clear()
            steps = self._steps[project] = self._enforcer.steps(self._identity, project)
        return Decision([lines.on(resource, action) for lines in steps], start)


def _remembered(known: OrderedDict[K, V], key: K, most: int, make: Callable[[], V]) -> V:
    """A value made once, while it is among the last that were asked for."""
    found = known.get(key)
    if found is None:
        found = known[key] = make()
        if len(known) > most:
            known.popitem(last=False)
    else:
        known.move_to_end(key)
    return found
