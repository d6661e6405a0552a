"""The configuration file: servers, users, and contexts that pair them.

The format and place are those of `argocd`, so either command continues the other's session. The invariant:
only its owner can read it, and a write replaces it whole; keys unknown to us are kept.
"""

import os
from pathlib import Path
from typing import Any

from fairlead.cli.errors import SettingsError

Entry = dict[str, Any]
_SECRET_BITS = 0o077
_OURS = frozenset(
    {
        "plain-text",
        "insecure",
        "grpc-web-root-path",
        "certificate-authority-data",
        "auth-token",
        "refresh-token",
    }
)
"""Keys that a login decides anew; others are kept."""


def default_path() -> Path:
    """ARGOCD_CONFIG_DIR, else ~/.argocd if it exists, else $XDG_CONFIG_HOME/argocd, else ~/.config/argocd."""
    named = os.environ.get("ARGOCD_CONFIG_DIR")
    if named:
        return Path(named) / "config"
    legacy = Path.home() / ".argocd"
    if legacy.is_dir():
        return legacy / "config"
    base = os.environ.get("XDG_CONFIG_HOME")
    return (Path(base) if base else Path.home() / ".config") / "argocd" / "config"


class ConfigFile:
    """The file's content; `save` writes it back."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._content: Entry = _read(path)

    @property
    def current(self) -> str:
        """Name of the current context, or ""."""
        return str(self._content.get("current-context") or "")

    @current.setter
    def current(self, name: str) -> None:
        self._content["current-context"] = name

    @property
    def contexts(self) -> list[Entry]:
        """All contexts: `name`, `server`, `user`."""
        return self._section("contexts")

    @property
    def users(self) -> list[Entry]:
        """All users: `name`, `auth-token`, `refresh-token`."""
        return self._section("users")

    def context(self, name: str) -> Entry | None:
        """A context by name."""
        return _find(self.contexts, "name", name)

    def server(self, address: str) -> Entry | None:
        """A server by address."""
        return _find(self._section("servers"), "server", address)

    def user(self, name: str) -> Entry | None:
        """A user by name."""
        return _find(self._section("users"), "name", name)

    @property
    def prompts(self) -> bool:
        """Whether questions may be asked."""
        return self._content.get("prompts-enabled") is not False

    @prompts.setter
    def prompts(self, enabled: bool) -> None:
        self._content["prompts-enabled"] = enabled

    def remember(self, name: str, server: Entry, token: str, refresh: str = "") -> None:
        """Keep a session under a context's name and make it current; `refresh` renews its token."""
        _put(self._section("servers"), "server", server)
        self.keep_tokens(name, token, refresh)
        _put(self._section("contexts"), "name", {"name": name, "server": server["server"], "user": name})
        self.current = name

    def keep_tokens(self, user: str, token: str, refresh: str) -> None:
        """Keep a user's tokens."""
        renewing = {"refresh-token": refresh} if refresh else {}
        _put(self._section("users"), "name", {"name": user, "auth-token": token, **renewing})

    def forget_token(self, user: str) -> bool:
        """Drop a user's token. Returns whether there was one."""
        found = self.user(user)
        had = bool(found and found.get("auth-token"))
        if found:
            found.pop("auth-token", None)
            found.pop("refresh-token", None)
        return had

    def forget_context(self, name: str) -> None:
        """Drop a context with its user, and its server when no other context uses it."""
        gone = self.context(name)
        if gone is None:
            raise SettingsError(f"Context {name} does not exist")
        self._drop("contexts", "name", name)
        self._drop("users", "name", str(gone.get("user", "")))
        if not any(context.get("server") == gone.get("server") for context in self.contexts):
            self._drop("servers", "server", str(gone.get("server", "")))
        if self.current == name:
            self.current = ""

    def save(self) -> None:
        """Replace the file. Raises SettingsError."""
        partial = self.path.with_name(f".{self.path.name}.{os.getpid()}")
        import yaml

        text = yaml.safe_dump(self._content, sort_keys=True, default_flow_style=False)
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            partial.touch(mode=0o600)
            partial.write_text(text)
            partial.replace(self.path)
        except OSError as error:
            raise SettingsError(f"cannot write {self.path}: {error.strerror}") from error

    def _section(self, name: str) -> list[Entry]:
        found = self._content.setdefault(name, [])
        if found is None:
            found = self._content[name] = []
        return found  # type: ignore[no-any-return]  # checked when the file was read

    def _drop(self, section: str, key: str, value: str) -> None:
        self._content[section] = [entry for entry in self._section(section) if entry.get(key) != value]


def _read(path: Path) -> Entry:
    try:
        text = path.read_text()
        mode = path.stat().st_mode
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"cannot read {path}: {error}") from error
    if mode & _SECRET_BITS:
        raise SettingsError(
            f"config file has incorrect permission flags: {path} is open to others; `chmod 0600` it"
        )
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        content = yaml.load(text, Loader=loader) or {}  # noqa: S506 - a safe loader, in C where there is one
    except yaml.YAMLError as error:
        raise SettingsError(f"{path} is not YAML: {error}") from error
    sections = ("contexts", "servers", "users")
    if not isinstance(content, dict) or not all(_is_entries(content.get(name)) for name in sections):
        raise SettingsError(f"{path} is no configuration of this command; move it away and log in again")
    return content


def _is_entries(section: object) -> bool:
    return section is None or (isinstance(section, list) and all(isinstance(e, dict) for e in section))


def _find(entries: list[Entry], key: str, value: str) -> Entry | None:
    return next((entry for entry in entries if entry.get(key) == value), None)


def _put(entries: list[Entry], key: str, entry: Entry) -> None:
    found = _find(entries, key, str(entry[key]))
    if found is None:
        entries.append(entry)
        return
    for known in _OURS & found.keys() - entry.keys():
        del found[known]
    found.update(entry)
