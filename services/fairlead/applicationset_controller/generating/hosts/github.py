"""GitHub's API, in the cloud and on a host of one's own.

Source: docs.github.com, "REST API", version 2022-11-28.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from fairlead.applicationset_controller.generating.hosts.door import Door
from fairlead.applicationset_controller.generating.hosts.shown import base_of, bearer_header
from fairlead.applicationset_controller.generating.hosts.visit import Visit
from fairlead.model.providers import SecretRef

NAME: Final = "GitHub"
PUBLIC: Final = "https://api.github.com"
HEADERS: Final = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
_ENTERPRISE: Final = "/api/v3"


def github_base(api: str) -> str:
    """Where the API is: that of a host of one's own is below /api/v3, unless the host is one for it."""
    base = base_of(api, PUBLIC)
    host = urlsplit(base).netloc
    if base.endswith(_ENTERPRISE) or host.startswith("api.") or ".api." in host:
        return base
    return base + _ENTERPRISE


async def github(api: str, token: SecretRef | None, app: str, owner: str, visit: Visit) -> Door:
    """The door of a set: an app goes before a token. Raises GeneratorError."""
    visit.admit(api)
    base, authorities = github_base(api), await visit.authorities()
    shown, identity = "", ""
    if app:
        from fairlead.applicationset_controller.generating.hosts.app import app_of  # noqa: PLC0415

        where, values = await visit.credentials.secret(app)
        found = app_of(values, where, base if api else "")
        if not api and found.base_url:
            visit.admit_named_by_secret(found.base_url)
            base = github_base(found.base_url)
        shown = await visit.hosts.apps.token(found, owner, authorities)
        identity = f"app\0{found.app_id}\0{found.installation_id or owner.lower()}\0{found.private_key}"
    else:
        shown = await visit.credentials.token(token)
    return visit.hosts.door(
        NAME,
        base,
        authorization=bearer_header(shown),
        headers=HEADERS,
        authorities=authorities,
        identity=identity,
        counted_for=visit.owner,
    )
