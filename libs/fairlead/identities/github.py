"""Tokens of a GitHub App's installation (docs: "Authenticating as a GitHub App installation").

Invariant: the app's own token goes to the API of its host alone; what git is shown is that of an
installation, which holds for an hour.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from urllib.parse import quote, urlsplit

from fairlead.git.credentials import NOBODY_IN_PARTICULAR, Credential, GithubApp
from fairlead.git.errors import GitInvalidError, GitTransientError
from fairlead.identities.asking import RefusedError, asked, text_of, way_of
from fairlead.identities.signed import signed
from fairlead.identities.tokens import Token
from fairlead.outbound import Anybody, Outbound

API = "https://api.github.com"
ACCEPT = "application/vnd.github+json"
_SKEW = 60
"""Seconds our clock may be ahead of GitHub's."""
_HOLDS = 540
"""Seconds the app's own token is for: GitHub takes ten minutes at most."""
_INSTALLATION = 3600.0
"""Seconds for which an installation that was looked up is believed."""


def owner_of(url: str) -> str:
    """Whose repository an address is, or of whom a template is; "" when it names nobody."""
    return urlsplit(url).path.strip("/").partition("/")[0]


async def installation(outbound: Outbound, app: GithubApp, credential: Credential, owner: str) -> Token:
    """The id of the app's installation for an owner, an organisation or a person.

    Raises:
        RefusedError: the app is not installed there, or not taken for itself.
    """
    if not owner:
        raise GitInvalidError("the address names no owner whose installation of the GitHub App is meant")
    way = _way(app, credential)
    for kind in ("orgs", "users"):
        url = f"{_api(app)}/{kind}/{quote(owner, safe='')}/installation"
        try:
            found = await asked(outbound, _whom(app), url, way, method="GET", accept=ACCEPT)
        except RefusedError as error:
            if error.status != 404:
                raise
            continue
        number = found.get("id")
        if not isinstance(number, int) or number <= 0:
            raise GitTransientError(f"{_whom(app)}: the answer names no installation")
        return Token(value=str(number), seconds=_INSTALLATION)
    raise RefusedError(f"GitHub App {app.app_id} is not installed for {owner}", 404)


async def token(outbound: Outbound, app: GithubApp, credential: Credential, installed: int) -> Token:
    """A token of an installation. Raises GitError."""
    way = _way(app, credential)
    url = f"{_api(app)}/app/installations/{installed}/access_tokens"
    found = await asked(outbound, _whom(app), url, way, accept=ACCEPT)
    value = text_of(_whom(app), found, "token")
    return Token(value=value, seconds=_seconds(found.get("expires_at")), username=NOBODY_IN_PARTICULAR)


def _way(app: GithubApp, credential: Credential) -> Anybody:
    return way_of(credential, f"Bearer {_own_token(app)}", is_its_host=bool(app.base_url))


def _own_token(app: GithubApp) -> str:
    now = int(time.time())
    claims = {"iat": now - _SKEW, "exp": now + _HOLDS, "iss": str(app.app_id)}
    return signed("githubAppPrivateKey", app.private_key, claims, {})


def _api(app: GithubApp) -> str:
    return app.base_url.rstrip("/") or API


def _whom(app: GithubApp) -> str:
    return f"GitHub App {app.app_id} at {urlsplit(_api(app)).hostname or 'its host'}"


def _seconds(expires_at: object) -> float:
    """Until a time as GitHub writes it; an hour when it is none."""
    try:
        until = datetime.fromisoformat(str(expires_at))
    except ValueError:
        return _INSTALLATION
    return ((until if until.tzinfo else until.replace(tzinfo=UTC)) - datetime.now(UTC)).total_seconds()
