"""A JSON web token signed with an RSA key, as GitHub and Google take them for a key's owner.

Source: RFC 7515 and RFC 7518, algorithm RS256.
"""

import base64
from collections.abc import Mapping
from typing import Any

import msgspec

from fairlead.git.errors import GitInvalidError


def signed(what: str, private_key: str, claims: Mapping[str, Any], headers: Mapping[str, str]) -> str:
    """The token. About a millisecond.

    Raises:
        GitInvalidError: `what`, the private key, is no PEM of an RSA key.
    """
    # 7 MiB that a process which signs nothing goes without
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import padding, rsa  # noqa: PLC0415

    try:
        key = serialization.load_pem_private_key(_pem(private_key), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise GitInvalidError(f"{what} is no private key in PEM without a password") from None
    if not isinstance(key, rsa.RSAPrivateKey):
        raise GitInvalidError(f"{what} is no RSA key")
    head = {"alg": "RS256", "typ": "JWT", **headers}
    text = f"{_encoded(msgspec.json.encode(head))}.{_encoded(msgspec.json.encode(claims))}"
    return f"{text}.{_encoded(key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256()))}"


def _pem(text: str) -> bytes:
    """Keys come out of JSON and YAML with line ends that somebody escaped."""
    return text.strip().replace("\\n", "\n").encode() + b"\n"


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
