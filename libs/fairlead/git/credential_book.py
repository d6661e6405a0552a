"""Which credential is for an address as a project may see it (contract 12.3, 12.4).

Invariant: another project's entry is never used, and a template is shown to no host but the one it names.
"""

from urllib.parse import urlsplit

import msgspec

from fairlead.git.credentials import Credential, inherited
from fairlead.git.entries import RepositoryEntry
from fairlead.git.urls import normalise


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What is declared for an address; `scope` is the project when its own entry was found, else ""."""

    credential: Credential = Credential()
    scope: str = ""
    kind: str = "git"
    name: str = ""
    enable_lfs: bool = False
    enable_oci: bool = False
    depth: int = 0
    is_declared: bool = False


class CredentialBook:
    """All known repositories and templates, looked up by address and project."""

    def __init__(self) -> None:
        self._entries: dict[str, RepositoryEntry] = {}
        self._by_url: dict[str, dict[str, RepositoryEntry]] = {}
        self._templates: dict[str, RepositoryEntry] = {}

    def put(self, name: str, entry: RepositoryEntry | None) -> bool:
        """Set or drop the entry of a Secret; returns whether anything changed."""
        before = self._entries.pop(name, None)
        if before is not None:
            self._shelf(before).pop(name)
        if entry is not None:
            self._entries[name] = entry
            self._shelf(entry)[name] = entry
        return before != entry

    def entry(self, name: str) -> RepositoryEntry | None:
        """The entry of a Secret."""
        return self._entries.get(name)

    def names(self) -> set[str]:
        """Secrets that have an entry."""
        return set(self._entries)

    def ssh_keys(self) -> set[str]:
        """All private keys for SSH."""
        return {key for entry in self._entries.values() if (key := entry.credential.ssh_private_key)}

    def find(self, url: str, project: str) -> Found:
        """The project's own entry, else the shared one, each completed by the longest template."""
        wanted = normalise(url)
        entry = self._entry(wanted, project)
        if entry is not None and not entry.credential.is_empty:
            return _found(entry, entry.credential, entry)
        template = self._template(wanted)
        if entry is None:
            return _found(None, template.credential, template) if template else _undeclared(wanted)
        if template is None:
            return _found(entry, entry.credential, entry)
        refusal = _not_lent(entry, template)
        if refusal:
            return _found(entry, msgspec.structs.replace(entry.credential, problem=refusal), entry)
        return _found(entry, inherited(entry.credential, template.credential), template)

    def named(self, name: str, project: str) -> RepositoryEntry | None:
        """The repository that is declared under a name: the project's own, else a shared one."""
        found = [e for e in self._entries.values() if e.name == name and not e.template]
        own = next((e for e in found if project and e.project == project), None)
        return own or next((e for e in found if not e.project), None)

    def _entry(self, wanted: str, project: str) -> RepositoryEntry | None:
        own = self._by_url.get(wanted, {}).values()
        entry = next((e for e in own if project and e.project == project), None)
        return entry or next((e for e in own if not e.project), None)

    def _template(self, url: str) -> RepositoryEntry | None:
        matching = [e for e in self._templates.values() if _is_beneath(url, e.url)]
        return max(matching, key=lambda e: len(e.url)) if matching else None

    def _shelf(self, entry: RepositoryEntry) -> dict[str, RepositoryEntry]:
        return self._templates if entry.template else self._by_url.setdefault(entry.url, {})


def _not_lent(entry: RepositoryEntry, template: RepositoryEntry) -> str:
    """Why a template's credential is not for an entry; "" when it is.

    Whoever may declare a repository of a project could have the password that all share carried through a
    proxy of theirs, past a certificate that nobody looks at.
    """
    own = entry.credential
    is_met_otherwise = own.proxy != "" or own.insecure or own.force_http
    if not entry.project or entry.project == template.project or not is_met_otherwise:
        return ""
    return (
        f"the credentials of the template {template.url} are not lent to a repository of project"
        f" {entry.project} that is met through a proxy of its own or without verification:"
        " give it credentials of its own"
    )


def _found(entry: RepositoryEntry | None, credential: Credential, template: RepositoryEntry) -> Found:
    """A template gives its type and `enableOCI` only to what is not declared by itself."""
    shown = entry or template
    return Found(
        credential=credential,
        scope=entry.project if entry else "",
        kind=shown.kind,
        name=entry.name if entry else "",
        enable_lfs=bool(entry and entry.enable_lfs),
        enable_oci=shown.enable_oci or template.enable_oci,
        depth=entry.depth if entry else 0,
        is_declared=entry is not None,
    )


def _undeclared(wanted: str) -> Found:
    return Found(kind="oci" if wanted.startswith("oci://") else "git")


def _is_beneath(url: str, template: str) -> bool:
    """Whether a template is for an address: a prefix (contract 12.4), but never of the host's name.

    Else what is for `https://git.example.com` would be shown to `https://git.example.com.evil.net`, which
    anybody may name.
    """
    if not url.startswith(template):
        return False
    start = _host_of(template)
    return not start or start == _host_of(url)


def _host_of(url: str) -> str:
    """The host of a normalised address, without user and port; "" when there is none or it is misspelt.

    Registries are written without a scheme.
    """
    try:
        return urlsplit(url if "://" in url else f"//{url}").hostname or ""
    except ValueError:
        return ""
