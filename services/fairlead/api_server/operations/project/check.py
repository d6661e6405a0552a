"""Whether a project can be what somebody wants it to be (contract 3), in the contract's words.

The invariant: what is stored can be read by whoever enforces it: a policy line, a window or a glob that
would be skipped there is refused here.
"""

from collections.abc import Hashable, Iterable, Sequence

from fairlead.api_server.operations.refusal import Code, RefusalError
from fairlead.matching import globs
from fairlead.matching.cron import parse_cron
from fairlead.matching.errors import CronError, GlobError
from fairlead.matching.windows import ALLOW, DENY
from fairlead.model.appproject import AppProjectSpec, DestinationServiceAccount, ProjectRole, SyncWindow
from fairlead.model.duration import DurationError, parse_duration
from fairlead.model.status import Destination
from fairlead.rbac.errors import InvalidRoleError
from fairlead.rbac.project import check_roles

FIELDS_OF_A_LINE = 6
MAX_DESCRIPTION = 255
EVERYTHING_DENIED = "!*"


def require_sound(name: str, spec: AppProjectSpec) -> None:
    """Raises RefusalError for the first thing that is wrong with a project's spec."""
    _require_length(spec.description)
    _require_destinations(spec.destinations)
    _require_names("source namespace", spec.source_namespaces)
    if EVERYTHING_DENIED in spec.source_repos:
        raise _invalid("source repository has an invalid format, '!*'")
    _require_names("source repository", spec.source_repos)
    for glob in spec.source_repos:
        _require_glob(glob.removeprefix("!"), "/")
    _require_roles(name, spec.roles)
    _require_windows(spec.sync_windows)
    _require_accounts(spec.destination_service_accounts)


def normalized_line(line: str) -> str:
    """A policy line with one blank behind each comma; one of another shape as it is."""
    parts = [part.strip() for part in line.split(",")]
    return ", ".join(parts) if len(parts) == FIELDS_OF_A_LINE else line


def _require_destinations(destinations: Iterable[Destination]) -> None:
    seen = _Once("destination '{}' already added")
    for entry in destinations:
        for field, value in (("name", entry.name), ("server", entry.server), ("namespace", entry.namespace)):
            if value == EVERYTHING_DENIED:
                raise _invalid(f"{field} has an invalid format, '!*'")
            _require_glob(value.removeprefix("!"))
        seen.add(f"{entry.server or entry.name}/{entry.namespace}")


def _require_roles(project: str, roles: Sequence[ProjectRole]) -> None:
    try:
        check_roles(project, roles)
    except InvalidRoleError as error:
        code = Code.ALREADY_EXISTS if error.exists else Code.INVALID_ARGUMENT
        raise RefusalError(code, str(error)) from None


def _require_windows(windows: Iterable[SyncWindow]) -> None:
    seen = set[SyncWindow]()
    for window in windows:
        where = f"'{window.kind}':'{window.schedule}':'{window.duration}'"
        if window in seen:
            raise RefusalError(Code.ALREADY_EXISTS, f"window {where} already exists, update or edit")
        seen.add(window)
        _require_window(window)
        if not (window.applications or window.namespaces or window.clusters):
            text = f"window {where} requires one of application, cluster or namespace"
            raise RefusalError(Code.OUT_OF_RANGE, text)


def _require_window(window: SyncWindow) -> None:
    if window.kind not in (ALLOW, DENY):
        raise _invalid(f"kind '{window.kind}' mismatch: can only be allow or deny")
    try:
        parse_cron(window.schedule)
    except CronError as error:
        raise _invalid(f"cannot parse schedule '{window.schedule}': {error}") from None
    try:
        parse_duration(window.duration)
    except DurationError as error:
        raise _invalid(f"cannot parse duration '{window.duration}': {error}") from None
    _require_length(window.description)
    for glob in (*window.applications, *window.namespaces, *window.clusters):
        _require_glob(glob)


def _require_accounts(accounts: Iterable[DestinationServiceAccount]) -> None:
    seen = _Once("destination service account for '{}' already added")
    for account in accounts:
        for field, value in (("server", account.server), ("namespace", account.namespace)):
            if "!" in value:
                raise _invalid(f"{field} has an invalid format, '{value}'")
            _require_glob(value)
        name = account.default_service_account
        if not name.strip() or any(char in name for char in "!*?"):
            raise _invalid(f"defaultServiceAccount has an invalid format, '{name}'")
        seen.add(f"{account.server}/{account.namespace}")


def _require_names(what: str, names: Iterable[str]) -> None:
    seen = _Once(f"{what} '{{}}' already added")
    for name in names:
        seen.add(name)


def _require_glob(glob: str, separator: str = "") -> None:
    try:
        globs.check(glob, separator=separator)
    except GlobError as error:
        raise _invalid(str(error)) from None


def _require_length(description: str) -> None:
    if len(description) > MAX_DESCRIPTION:
        raise _invalid(f"a description has at most {MAX_DESCRIPTION} characters")


class _Once:
    """Things that may be there once; `words` has a place for the one that is there twice."""

    def __init__(self, words: str, code: Code = Code.INVALID_ARGUMENT) -> None:
        self._words = words
        self._code = code
        self._seen: set[Hashable] = set()

    def add(self, name: str) -> None:
        """Raises RefusalError the second time."""
        if name in self._seen:
            raise RefusalError(self._code, self._words.replace("{}", name))
        self._seen.add(name)


def _invalid(words: str) -> RefusalError:
    return RefusalError(Code.INVALID_ARGUMENT, words)
