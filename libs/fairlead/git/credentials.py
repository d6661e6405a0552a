"""Who we are at a repository, and how git is told without anybody else seeing it.

Invariant: a credential leaves this module only as environment variables of one `git` process.
"""

import base64
from urllib.parse import urlsplit

import msgspec

from fairlead.git.errors import UnsupportedCredentialError
from fairlead.git.urls import normalise

SECRET_TYPE_LABEL = "argocd.argoproj.io/secret-type"  # noqa: S105 - the name of a label
REPOSITORY = "repository"
TEMPLATE = "repo-creds"
SSH_KEY = "sshPrivateKey"
UNSUPPORTED = {
    SSH_KEY: "SSH keys",
    "tlsClientCertData": "TLS client certificates",
    "tlsClientCertKey": "TLS client certificates",
    "githubAppPrivateKey": "GitHub App credentials",
    "gcpServiceAccountKey": "Google Cloud credentials",
    "useAzureWorkloadIdentity": "Azure workload identity",
    "azureServicePrincipalClientSecret": "Azure service principals",
    "proxy": "proxies",
}
"""Fields that Git is not told of yet: a repository that needs one is not read without it, and says why."""
UNHEEDED = ("enableLfs", "depth")
"""Fields without which a repository is read all the same: LFS files stay pointers, all history comes."""
_OFF = frozenset({"", "0", "f", "false"})


class Credential(msgspec.Struct, frozen=True, kw_only=True):
    """User and password, or a bearer token, or neither. `insecure` accepts any certificate.

    With `unsupported`, what else would be needed to read the repository, it is not read at all.
    """

    username: str = ""
    password: str = ""
    bearer_token: str = ""
    insecure: bool = False
    unsupported: str = ""

    def __repr__(self) -> str:
        return f"Credential(empty={self.is_empty})"

    @property
    def is_empty(self) -> bool:
        """Whether it says nothing of how the server is to be met."""
        return not (self.username or self.password or self.bearer_token or self.unsupported)

    def check(self) -> None:
        """Raises UnsupportedCredentialError when the repository would be read otherwise than was declared."""
        if self.unsupported:
            raise UnsupportedCredentialError(f"{self.unsupported} are not supported yet")

    def header(self) -> str:
        """The Authorization header's value, or ""."""
        if self.bearer_token:
            return f"Bearer {self.bearer_token}"
        return f"Basic {self._basic()}" if self.username or self.password else ""

    def configuration(self, url: str) -> list[tuple[str, str]]:
        """Git settings that send the header to this repository only."""
        settings = [(f"http.{url}.extraHeader", f"Authorization: {self.header()}")] if self.header() else []
        return [*settings, ("http.sslVerify", "false")] if self.insecure else settings

    def secrets(self) -> tuple[str, ...]:
        """Texts that must not appear anywhere."""
        plain = (self.password, self.bearer_token)
        return (*plain, self._basic()) if self.password else plain

    def _basic(self) -> str:
        return base64.b64encode(f"{self.username}:{self.password}".encode()).decode()


class RepositoryEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One repository or template Secret."""

    url: str
    project: str = ""
    template: bool = False
    kind: str = "git"
    credential: Credential = Credential()


def entry_of(secret_type: str, data: dict[str, str]) -> RepositoryEntry | None:
    """Read a Secret's decoded data (contract 12.3, 12.4); None when it has no url."""
    url = data.get("url", "").strip()
    if not url:
        return None
    insecure = "true" in (data.get("insecure", "").lower(), data.get("insecureIgnoreHostKey", "").lower())
    return RepositoryEntry(
        url=normalise(url),
        project=data.get("project", ""),
        template=secret_type == TEMPLATE,
        kind=data.get("type", "") or "git",
        credential=Credential(
            username=data.get("username", ""),
            password=data.get("password", ""),
            bearer_token=data.get("bearerToken", ""),
            insecure=insecure,
            unsupported=_unsupported(url, data),
        ),
    )


def _unsupported(url: str, data: dict[str, str]) -> str:
    """What else would be needed; a key for SSH is of no use over HTTP, where Git never offers it."""
    is_http = url.lower().startswith(("http://", "https://"))
    fields = (field for field in UNSUPPORTED if not (is_http and field == SSH_KEY))
    return next((UNSUPPORTED[field] for field in fields if _is_set(data, field)), "")


def unheeded(data: dict[str, str]) -> tuple[str, ...]:
    """The fields of a Secret that change nothing, though somebody set them."""
    return tuple(field for field in UNHEEDED if _is_set(data, field))


def _is_set(data: dict[str, str], field: str) -> bool:
    return data.get(field, "").strip().lower() not in _OFF


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """Credentials for an address; `scope` is the project when its own entry was found, else ""."""

    credential: Credential = Credential()
    scope: str = ""


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

    def names(self) -> set[str]:
        """Secrets that have an entry."""
        return set(self._entries)

    def find(self, url: str, project: str) -> Found:
        """The project's own entry, else the shared one, each completed by the longest template."""
        wanted = normalise(url)
        own = self._by_url.get(wanted, {}).values()
        entry = next((e for e in own if project and e.project == project), None)
        entry = entry or next((e for e in own if not e.project), None)
        scope = entry.project if entry else ""
        if entry and not entry.credential.is_empty:
            return Found(credential=entry.credential, scope=scope)
        inherited = self._template(wanted)
        if entry and entry.credential.insecure:
            inherited = msgspec.structs.replace(inherited, insecure=True)
        return Found(credential=inherited, scope=scope)

    def _template(self, url: str) -> Credential:
        matching = [e for e in self._templates.values() if _is_beneath(url, e.url)]
        return max(matching, key=lambda e: len(e.url)).credential if matching else Credential()

    def _shelf(self, entry: RepositoryEntry) -> dict[str, RepositoryEntry]:
        return self._templates if entry.template else self._by_url.setdefault(entry.url, {})


def _is_beneath(url: str, template: str) -> bool:
    """Whether a template is for an address: a prefix (contract 12.4), but never of the host's name.

    Else what is for `https://git.example.com` would be shown to `https://git.example.com.evil.net`, which
    anybody may name.
    """
    start, whole = _host_of(template), _host_of(url)
    return url.startswith(template) and (not start or start == whole)


def _host_of(url: str) -> str:
    """The host of a normalised address, without user and port; "" when there is none or it is misspelt."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
