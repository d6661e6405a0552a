"""What several services' options and blocks have in common: pieces of JSON as text, addresses, limits."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import msgspec
import yaml

from fairlead.manifest.yaml_document import document
from fairlead.notices.senders.sender import DeliveryError, OptionError
from fairlead.secret import Secret


class BasicAuth(msgspec.Struct, frozen=True, kw_only=True):
    """A user and password."""

    username: str = ""
    password: Secret = Secret("")

    def header(self) -> str:
        """The value of Authorization."""
        pair = f"{self.username}:{self.password.reveal()}"
        return f"Basic {base64.b64encode(pair.encode()).decode()}"


class Transport(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What most services take about how they are connected to. All but the first have no effect here."""

    insecure_skip_verify: bool = False
    max_idle_conns: Any = None
    max_idle_conns_per_host: Any = None
    max_conns_per_host: Any = None
    idle_conn_timeout: Any = None


POOL = ("maxIdleConns", "maxIdleConnsPerHost", "maxConnsPerHost", "idleConnTimeout")
"""Options that are known and do nothing: connections are kept for the whole process."""


def json_list(field: str, text: str) -> list[Any]:
    """A list that is written as JSON in a field. Raises DeliveryError."""
    found = json_value(field, text)
    if not isinstance(found, list):
        raise DeliveryError(f"{field} is no JSON list", may_pass=False)
    return found


def json_value(field: str, text: str) -> Any:
    """What is written as JSON in a field. Raises DeliveryError."""
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        why = str(error).partition(":")[2].strip() or str(error)
        raise DeliveryError(f"{field} is no JSON: {why[:120]}", may_pass=False) from None


def yaml_list(field: str, text: str) -> list[Any]:
    """A list that is written as YAML or JSON in a field. Raises DeliveryError."""
    try:
        found = document(text)
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f" at line {mark.line + 1}" if mark is not None else ""
        raise DeliveryError(f"{field} is no YAML{where}", may_pass=False) from None
    if not isinstance(found, list):
        raise DeliveryError(f"{field} is no list", may_pass=False)
    return found


def texts(field: str, found: Mapping[str, Any]) -> dict[str, str]:
    """A mapping of texts; numbers and truths are written as YAML has them. Raises DeliveryError."""
    told = {}
    for name, value in found.items():
        if isinstance(value, bool):
            told[str(name)] = "true" if value else "false"
        elif isinstance(value, str | int | float):
            told[str(name)] = str(value)
        else:
            raise DeliveryError(f"{field}.{name} is no text", may_pass=False)
    return told


def required(kind: str, **fields: object) -> None:
    """Raises OptionError for fields that are empty, by their names in YAML."""
    for name, value in fields.items():
        if not value:
            raise OptionError(f"service {kind}: needs the field {name}")


def base_address(kind: str, field: str, text: str, otherwise: str = "") -> str:
    """An address below which is asked, without the slash at its end. Raises OptionError."""
    address = (text or otherwise).strip().rstrip("/")
    if not address:
        raise OptionError(f"service {kind}: needs the field {field}")
    try:
        parts = urlsplit(address)
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_address = False
    if not is_address:
        raise OptionError(f"service {kind}: {field} is no address that begins with https:// or http://")
    return address


def chosen(kind: str, field: str, known: Mapping[str, Secret], recipient: str) -> str:
    """What options say for a recipient. Raises DeliveryError: nothing; the words name those there are."""
    found = known.get(recipient)
    if found is None or not found:
        names = ", ".join(sorted(known)[:10]) or "none"
        words = f"no {field} is configured for the recipient {recipient[:100]!r}; there are: {names}"
        raise DeliveryError(words, may_pass=False)
    return found.reveal()


def cut(text: str, most: int) -> str:
    """A text of at most so many characters, the last of which tell that there was more."""
    return text if len(text) <= most else f"{text[: most - 3]}..."


def digest(*parts: str) -> str:
    """A key of 32 characters for services that take only short ones of plain letters."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]
