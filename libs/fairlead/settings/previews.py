"""What argocd-cm says of previews of pull requests: which repositories, at which hosts, for whom.

Invariant: what cannot be understood previews nothing and is said in words; no value of a Secret stands here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec
import yaml

from fairlead.matching.repository import identity
from fairlead.settings.reading import Reader

CONFIG_MAP: Final = "argocd-cm"
SECRET: Final = "argocd-preview-secret"  # noqa: S105 - its name
"""The Secret whose values are meant by `$key`."""
REPOSITORIES: Final = "fairlead.preview.repositories"
INTERVAL: Final = "fairlead.preview.interval"
APPLICATIONS: Final = "fairlead.preview.applications"
KEYS: Final = (REPOSITORIES, INTERVAL, APPLICATIONS)
PROVIDERS: Final = ("github", "gitlab", "gitea", "bitbucket", "bitbucket-server", "azure-devops")
MAX_REPOSITORIES: Final = 500
MAX_BYTES: Final = 512 << 10
_PUBLIC: Final = {
    "github.com": "github",
    "gitlab.com": "gitlab",
    "bitbucket.org": "bitbucket",
    "codeberg.org": "gitea",
    "dev.azure.com": "azure-devops",
}


class PreviewedRepository(
    msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True
):
    """One repository. `token`, `username` and `private_key` may be `$key`: a value of the Secret.

    `projects` are globs of the projects whose applications may be shown. `blocks` says that a status fails
    when an application would; otherwise it only tells. `path` is what the host's API calls the repository,
    where its address does not say so.
    """

    url: str
    projects: tuple[str, ...]
    provider: str = ""
    api: str = ""
    path: str = ""
    token: str = ""
    username: str = ""
    app_id: int = msgspec.field(name="appID", default=0)
    installation_id: int = msgspec.field(name="installationID", default=0)
    private_key: str = ""
    allow_forks: bool = False
    blocks: bool = False
    insecure: bool = False

    def __repr__(self) -> str:
        return f"PreviewedRepository({self.identity})"

    @property
    def identity(self) -> str:
        """The same however the address is written."""
        return identity(self.url)


class PreviewSettings(msgspec.Struct, frozen=True, kw_only=True):
    """`interval` are the seconds between two looks at a host that tells nothing, `applications` how many are
    rendered for one request, `url` the address of the user interface."""

    repositories: tuple[PreviewedRepository, ...] = ()
    interval: float = 180.0
    applications: int = 100
    url: str = ""
    masked_annotations: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


def preview_settings(data: Mapping[str, str]) -> PreviewSettings:
    """Read the `data` of argocd-cm. Never raises; see `problems`."""
    read = Reader(CONFIG_MAP, dict(data))
    repositories, problems = _repositories(data.get(REPOSITORIES, ""))
    return PreviewSettings(
        repositories=repositories,
        interval=max(30.0, read.duration(INTERVAL, 180.0)),
        applications=min(1000, max(1, read.integer(APPLICATIONS, 100))),
        url=read.text("url"),
        masked_annotations=read.words("resource.sensitive.mask.annotations"),
        problems=(*problems, *read.problems),
    )


def _repositories(text: str) -> tuple[tuple[PreviewedRepository, ...], list[str]]:
    if len(text) > MAX_BYTES:
        return (), [f"{REPOSITORIES} is larger than {MAX_BYTES >> 10} KiB"]
    try:
        found: Any = yaml.safe_load(text) if text.strip() else []
    except (yaml.YAMLError, RecursionError):
        return (), [f"{REPOSITORIES} is no YAML"]
    if not isinstance(found, list):
        return (), [f"{REPOSITORIES} is no list of repositories"]
    kept: dict[str, PreviewedRepository] = {}
    problems: list[str] = []
    for place, item in enumerate(found[:MAX_REPOSITORIES], 1):
        try:
            one = msgspec.convert(item, PreviewedRepository)
        except msgspec.ValidationError as error:
            problems.append(f"{REPOSITORIES}, entry {place}: {error}")
            continue
        if problem := _problem(one):
            problems.append(f"{REPOSITORIES}, entry {place}: {problem}")
            continue
        one = msgspec.structs.replace(one, provider=one.provider or _guessed(one.url))
        if one.identity in kept:
            problems.append(f"{REPOSITORIES}, entry {place}: the repository was named before")
            continue
        kept[one.identity] = one
    if len(found) > MAX_REPOSITORIES:
        problems.append(f"{REPOSITORIES} has more than {MAX_REPOSITORIES} entries: the others are left out")
    return tuple(kept.values()), problems


def _problem(one: PreviewedRepository) -> str:
    """What keeps an entry from being followed, "" for nothing."""
    values = (("token", one.token), ("privateKey", one.private_key))
    found = (
        (
            (one.provider or _guessed(one.url)) not in PROVIDERS,
            f"provider is needed, one of {', '.join(PROVIDERS)}",
        ),
        (not one.projects, "projects is empty: name those whose applications may be shown, or '*'"),
        (not one.api and not _guessed(one.url), "api is needed: the address of the host's API"),
        (
            bool(one.app_id) and not (one.installation_id and one.private_key),
            "appID needs installationID and privateKey",
        ),
        (not one.app_id and not one.token, f"token is needed: $key of the Secret {SECRET}"),
        (
            any(value and not value.startswith("$") for _, value in values),
            f"token and privateKey name values of {SECRET}, written $key, and are none themselves",
        ),
    )
    return next((words for is_so, words in found if is_so), "")


def _guessed(url: str) -> str:
    try:
        host = urlsplit(url if "://" in url else f"ssh://{url.replace(':', '/', 1)}").hostname or ""
    except ValueError:
        return ""
    return _PUBLIC.get(host, "")
