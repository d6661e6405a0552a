"""Asking for a token: a form or nothing is sent, a small JSON object comes back.

Invariant: of what is answered nothing but a code goes into an error: an endpoint may send back what it was
sent.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import msgspec

from fairlead.git.credentials import Credential
from fairlead.git.errors import AuthenticationError, GitInvalidError, GitTransientError, UrlRefusedError
from fairlead.outbound import Answer, Anybody, Outbound, OutboundError
from fairlead.outbound.errors import AddressRefusedError, OutboundTransientError

DEADLINE = 15.0
"""Seconds an exchange may take."""
LIMIT = 1 << 20
"""Bytes that are read of an answer."""
_ANSWERED = frozenset({200, 201, 400, 401, 403, 404, 422})
_CODE = re.compile(r"[a-z][a-z_]{1,48}")
_AAD = re.compile(r"\bAADSTS\d{3,10}\b")


class RefusedError(AuthenticationError):
    """No token is given; `status` is the answer's."""

    def __init__(self, text: str, status: int = 0) -> None:
        super().__init__(text)
        self.status = status

    def __reduce__(self) -> tuple[type[RefusedError], tuple[str, int]]:
        """How it is copied."""
        return type(self), (str(self), self.status)


def way_of(credential: Credential, header: str = "", *, is_its_host: bool = False) -> Anybody:
    """How the endpoint is met: as the repository is, but with no certificate of ours; and one that is not the
    repository's own host has to prove who it is, whatever is taken for the repository."""
    return Anybody(
        proxy=credential.proxy,
        no_proxy=credential.no_proxy,
        insecure=credential.insecure and is_its_host,
        authorities=credential.authorities,
        header_value=header,
    )


async def asked(
    outbound: Outbound,
    whom: str,
    url: str,
    way: Anybody,
    *,
    form: Mapping[str, str] | None = None,
    method: str = "POST",
    accept: str = "application/json",
) -> dict[str, Any]:
    """The object that is answered. `whom` is named in errors.

    Raises:
        RefusedError: with the status, and the code where one was told.
        GitTransientError, UrlRefusedError, GitInvalidError: it could not be asked.
    """
    headers = {"Accept": accept}
    if form is not None:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    body = urlencode(form).encode() if form is not None else b""
    try:
        async with outbound.request(
            method,
            url,
            body=body,
            credential=way,
            headers=headers,
            limit=LIMIT,
            deadline=DEADLINE,
            accepts=_ANSWERED,
            follow=False,
        ) as answer:
            return _read(whom, answer, await answer.read())
    except OutboundTransientError as error:
        raise GitTransientError(f"no token from {whom}: {error}") from error
    except AddressRefusedError as error:
        raise UrlRefusedError(f"no token from {whom}: {error}") from error
    except OutboundError as error:
        raise GitInvalidError(f"no token from {whom}: {error}") from error


def text_of(whom: str, found: Mapping[str, Any], name: str) -> str:
    """A text that has to be there. Raises GitTransientError when it is not: an endpoint is broken."""
    value = found.get(name)
    if not isinstance(value, str) or not value or len(value) > 1 << 16 or not value.isprintable():
        raise GitTransientError(f"no token from {whom}: the answer has no {name}")
    return value


def seconds_of(found: Mapping[str, Any], name: str, otherwise: float) -> float:
    """A span in seconds; Azure's older endpoints write it as text."""
    value = found.get(name)
    try:
        return float(value) if isinstance(value, int | float | str) else otherwise
    except ValueError:
        return otherwise


def _read(whom: str, answer: Answer, body: bytes) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(body) if body else {}
    except (msgspec.DecodeError, UnicodeDecodeError):
        found = {}
    if not isinstance(found, dict):
        found = {}
    if answer.status >= 400:
        code = _code(found)
        text = f"{whom} gives no token: status {answer.status}{f', {code}' if code else ''}"
        raise RefusedError(f"{text}; check the repository's credentials", answer.status)
    return found


def _code(found: Mapping[str, Any]) -> str:
    error, text = found.get("error"), found.get("error_description")
    known = [error] if isinstance(error, str) and _CODE.fullmatch(error) else []
    if isinstance(text, str) and (aad := _AAD.search(text)):
        known.append(aad[0])
    return ", ".join(known)
