"""An address and the user information in it, taken apart."""

from urllib.parse import unquote, urlsplit

from fairlead.git.credentials import Credential


def apart(url: str) -> tuple[str, Credential]:
    """The address without user information and fragment, and the user as a credential. Raises ValueError."""
    parts = urlsplit(url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
    netloc = f"{host}:{parts.port}" if parts.port else host
    credential = Credential(username=unquote(parts.username or ""), password=unquote(parts.password or ""))
    return parts._replace(netloc=netloc, fragment="").geturl(), credential
