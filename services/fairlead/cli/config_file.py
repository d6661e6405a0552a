"""The configuration file: servers, users, and contexts that pair them.

The format and place are those of `argocd`, so either command continues the other's session. The invariant:
only its owner can read it, a write replaces it whole and only changes what this command changed, whatever
others wrote since it was read; keys unknown to us are kept.
"""

import errno
import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fairlead.cli.errors import SettingsError, reason_of

Entry = dict[str, Any]
LOCK_SECONDS = 10.0
"""How long another command may hold the file; each does so for some milliseconds."""
_POLL = 0.02
_NO_LOCKS = frozenset({errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS})
"""How file systems refuse that have no locks; the file is replaced whole there, too."""
_MODES = (0o600, 0o400)
_WRITABLE = 0o200
_OURS = frozenset(
    {
        "plain-text",
        "insecure",
        "grpc-web-root-path",
        "certificate-authority-data",
        "client-certificate-data",
        "client-certificate-key-data",
        "core",
        "auth-token",
        "refresh-token",
    }
)
"""Keys that a login decides anew; others are kept."""


def home() -> Path:
    """The user's home. Raises SettingsError where there is none, as in a container under any number."""
    try:
        return Path.home()
    except RuntimeError as error:
        raise SettingsError(
            "there is no home folder; set HOME, or ARGOCD_CONFIG_DIR and KUBECONFIG"
        ) from error


def default_path() -> Path:
    """ARGOCD_CONFIG_DIR, else ~/.argocd if it exists, else $XDG_CONFIG_HOME/argocd, else ~/.config/argocd."""
    named = os.environ.get("ARGOCD_CONFIG_DIR")
    if named:
        return Path(named) / "config"
    base = os.environ.get("XDG_CONFIG_HOME")
    legacy = home() / ".argocd"
    if legacy.is_dir():
        return legacy / "config"
    return (Path(base) if base else home() / ".config") / "argocd" / "config"


class ConfigFile:
    """The file's content; what is changed here is written by `save`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._content: Entry = _read(path)
        self._changes: list[Callable[[Entry], None]] = []

    @property
    def current(self) -> str:
        """Name of the current context, or ""."""
        return str(self._content.get("current-context") or "")

    @current.setter
    def current(self, name: str) -> None:
        self._change(lambda content: content.update({"current-context": name}))

    @property
    def contexts(self) -> list[Entry]:
        """All contexts: `name`, `server`, `user`."""
        return _section(self._content, "contexts")

    @property
    def users(self) -> list[Entry]:
        """All users: `name`, `auth-token`, `refresh-token`."""
        return _section(self._content, "users")

    def context(self, name: str) -> Entry | None:
        """A context by name."""
        return _find(self.contexts, "name", name)

    def server(self, address: str) -> Entry | None:
        """A server by address."""
        return _find(_section(self._content, "servers"), "server", address)

    def user(self, name: str) -> Entry | None:
        """A user by name."""
        return _find(self.users, "name", name)

    @property
    def prompts(self) -> bool:
        """Whether questions may be asked."""
        return self._content.get("prompts-enabled") is not False

    @prompts.setter
    def prompts(self, enabled: bool) -> None:
        self._change(lambda content: content.update({"prompts-enabled": enabled}))

    def remember(self, name: str, server: Entry, token: str, refresh: str = "") -> None:
        """Keep a session under a context's name and make it current; `refresh` renews its token."""
        context = {"name": name, "server": server["server"], "user": name}
        self._change(lambda content: _put(_section(content, "servers"), "server", server))
        self.keep_tokens(name, token, refresh)
        self._change(lambda content: _put(_section(content, "contexts"), "name", context))
        self.current = name

    def keep_tokens(self, user: str, token: str, refresh: str) -> None:
        """Keep a user's tokens."""
        renewing = {"refresh-token": refresh} if refresh else {}
        entry = {"name": user, "auth-token": token, **renewing}
        self._change(lambda content: _put(_section(content, "users"), "name", entry))

    def forget_token(self, user: str) -> bool:
        """Drop a user's token. Returns whether there was one."""
        had = bool((self.user(user) or {}).get("auth-token"))
        self._change(lambda content: _forget_token(content, user))
        return had

    def forget_context(self, name: str) -> None:
        """Drop a context, and its user and server when no other context uses them."""
        if self.context(name) is None:
            raise SettingsError(f"Context {name} does not exist")
        self._change(lambda content: _forget_context(content, name))

    def save(self) -> None:
        """Make the changes in the file as it is by now. Raises SettingsError."""
        with _locked(self.path):
            content = _read(self.path)
            for change in self._changes:
                change(content)
            _write(self.path, content)
        self._content, self._changes = content, []

    def _change(self, change: Callable[[Entry], None]) -> None:
        change(self._content)
        self._changes.append(change)


def _forget_token(content: Entry, user: str) -> None:
    found = _find(_section(content, "users"), "name", user) or {}
    found.pop("auth-token", None)
    found.pop("refresh-token", None)


def _forget_context(content: Entry, name: str) -> None:
    gone = _find(_section(content, "contexts"), "name", name) or {}
    _drop(content, "contexts", "name", name)
    for section, key, field in (("users", "name", "user"), ("servers", "server", "server")):
        value = str(gone.get(field, ""))
        if not any(str(context.get(field)) == value for context in _section(content, "contexts")):
            _drop(content, section, key, value)
    if content.get("current-context") == name:
        content["current-context"] = ""


def _section(content: Entry, name: str) -> list[Entry]:
    if content.get(name) is None:
        content[name] = []
    return content[name]  # type: ignore[no-any-return]  # checked when the file was read


def _drop(content: Entry, section: str, key: str, value: str) -> None:
    content[section] = [entry for entry in _section(content, section) if str(entry.get(key)) != value]


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """The file is ours alone among commands like this one. Raises SettingsError."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(path.with_name(f".{path.name}.lock"), os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise SettingsError(f"cannot write {path}: {error.strerror}") from error
    try:
        deadline = time.monotonic() + LOCK_SECONDS
        while not _is_taken(lock):
            if time.monotonic() > deadline:
                raise SettingsError(f"cannot write {path}: another command holds it")
            time.sleep(_POLL)
        yield
    finally:
        os.close(lock)


def _is_taken(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise SettingsError(f"cannot lock the configuration file: {error.strerror}") from error
    return True


def _write(path: Path, content: Entry) -> None:
    """Replace the file, or what it links to. Raises SettingsError."""
    import yaml

    text = yaml.safe_dump(content, sort_keys=True, default_flow_style=False, allow_unicode=True)
    try:
        target = path.resolve()
        if target.exists() and not target.stat().st_mode & _WRITABLE:
            raise SettingsError(f"cannot write {path}: it is read-only; `chmod 0600` it")
        _replace(target, text)
    except OSError as error:
        raise SettingsError(f"cannot write {path}: {error.strerror}") from error


def _replace(target: Path, text: str) -> None:
    import tempfile

    opened, partial = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(opened, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(partial).replace(target)
    except OSError as error:
        Path(partial).unlink(missing_ok=True)
        if error.errno != errno.EBUSY:
            raise
        target.write_text(text, encoding="utf-8")


def _read(path: Path) -> Entry:
    try:
        text = path.read_text(encoding="utf-8")
        mode = path.stat().st_mode & 0o777
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"cannot read {path}: {reason_of(error)}") from error
    if mode not in _MODES:
        raise SettingsError(
            f"config file has incorrect permission flags: {path} is {mode:04o}, not 0600 or 0400; "
            "`chmod 0600` it"
        )
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        content = yaml.load(text, Loader=loader) or {}  # noqa: S506 - a safe loader, in C where there is one
    except yaml.YAMLError as error:
        raise SettingsError(f"{path} is not YAML: {_problem(error)}") from None
    sections = ("contexts", "servers", "users")
    if not isinstance(content, dict) or not all(_is_entries(content.get(name)) for name in sections):
        raise SettingsError(f"{path} is no configuration of this command; move it away and log in again")
    return content


def _problem(error: Any) -> str:
    """What is wrong and in which line; the line itself may hold a token."""
    mark = getattr(error, "problem_mark", None)
    where = f" in line {mark.line + 1}" if mark is not None else ""
    return f"{getattr(error, 'problem', None) or type(error).__name__}{where}"


def _is_entries(section: object) -> bool:
    return section is None or (isinstance(section, list) and all(isinstance(e, dict) for e in section))


def _find(entries: list[Entry], key: str, value: str) -> Entry | None:
    return next((entry for entry in entries if str(entry.get(key)) == value), None)


def _put(entries: list[Entry], key: str, entry: Entry) -> None:
    """Bring an entry in; one that replaces another keeps what no login decides."""
    found = _find(entries, key, str(entry[key]))
    if found is None:
        entries.append(dict(entry))
        return
    for known in _OURS & found.keys() - entry.keys():
        del found[known]
    found.update(entry)
