"""The certificate of the API: given by files, by the Secret `argocd-server-tls`, or made and kept.

The invariant: whatever is put in its place serves the next connection, without a restart; a broken one is
told and changes nothing. A made certificate is in `argocd-secret`, one for all replicas and starts. A key
lies in a file only for as long as it takes to load it.
"""

import asyncio
import ssl
import tempfile
from collections.abc import Mapping
from pathlib import Path

import structlog

from fairlead.api_server.config import Config
from fairlead.api_server.config_map import SecretObject, read_config_map, read_secret
from fairlead.api_server.kinds import CONFIG_MAPS, PARAMETERS, SECRET, SECRETS, TLS_SECRET
from fairlead.api_server.mirror import Mirror
from fairlead.api_server.prepare import store
from fairlead.kube.errors import ConflictError, KubeError
from fairlead.kube.rest import KubeClient

log = structlog.get_logger(__name__)

ATTEMPTS = 10
LOOK_AGAIN = 30.0
"""Seconds between looks at certificate files, and at how long a made certificate still lasts."""
VERSIONS = {
    "1.0": ssl.TLSVersion.TLSv1_2,
    "1.1": ssl.TLSVersion.TLSv1_2,
    "1.2": ssl.TLSVersion.TLSv1_2,
    "1.3": ssl.TLSVersion.TLSv1_3,
}
"""By their names in settings; what is older than 1.2 is not served by anybody any more."""

PROTOCOLS = ["http/1.1", "h2"]
"""In the order of our choice: browsers know both and are to speak HTTP/1.1; gRPC asks for h2 alone."""

Pair = tuple[bytes, bytes]


class Tls:
    """The TLS settings to serve with, kept up to date while `run` runs."""

    def __init__(self, config: Config, client: KubeClient, secrets: Mirror[SecretObject]) -> None:
        self._config = config
        self._client = client
        self._secrets = secrets
        self._loaded: Pair | None = None
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)

    async def open(self) -> None:
        """Load the settings and the certificate, made if there is none. Raises KubeError, ssl.SSLError."""
        apply_settings(self.context, await self._parameters())
        self.context.set_alpn_protocols(PROTOCOLS)
        self._load(await self._pair())

    async def run(self) -> None:
        """Follow the certificate until cancelled."""
        while True:
            await self._secrets.changes(seconds=LOOK_AGAIN)
            try:
                pair = await self._pair()
                if pair != self._loaded:
                    self._load(pair)
            except (KubeError, OSError, ValueError) as error:
                words = str(error)[:200]
                log.warning("api.tls.not_loaded", error=type(error).__name__, words=words, security=2)

    async def _parameters(self) -> Mapping[str, str]:
        raw = await self._client.find(CONFIG_MAPS, PARAMETERS, self._config.namespace)
        return read_config_map(raw).data if raw is not None else {}

    def _load(self, pair: Pair) -> None:
        """`ssl` reads pairs from files only; ours is readable by us alone and gone at once."""
        with tempfile.NamedTemporaryFile(prefix="fairlead-") as file:
            file.write(pair[0] + b"\n" + pair[1])
            file.flush()
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(file.name)
            self.context.load_cert_chain(file.name)
        log.info("api.tls.loaded", anew=self._loaded is not None)
        self._loaded = pair

    async def _pair(self) -> Pair:
        if self._config.tls_cert:
            key = self._config.tls_key or self._config.tls_cert
            return await asyncio.to_thread(_read, self._config.tls_cert), await asyncio.to_thread(_read, key)
        given = _pair_of(self._secrets.get(TLS_SECRET)) or _pair_of(self._secrets.get(SECRET))
        if given is not None and not await asyncio.to_thread(_is_ending, given[0]):
            return given
        return await self._made()

    async def _made(self) -> Pair:
        from fairlead.api_server.certificate import self_signed  # noqa: PLC0415 - megabytes, seldom needed

        for _ in range(ATTEMPTS):
            raw = await self._client.find(SECRETS, SECRET, self._config.namespace)
            others = _pair_of(read_secret(raw)) if raw is not None else None
            if others is not None and not await asyncio.to_thread(_is_ending, others[0]):
                return others
            made = await asyncio.to_thread(self_signed, self._config.namespace)
            values = {"tls.crt": made[0].decode(), "tls.key": made[1].decode()}
            if await store(self._client, self._config.namespace, values, raw):
                return made
        raise ConflictError(f"{SECRET} is being changed by others all the time")


def apply_settings(context: ssl.SSLContext, parameters: Mapping[str, str]) -> None:
    """`server.tls.minversion`, `.maxversion` and `.ciphers` of `argocd-cmd-params-cm`; what cannot be read is
    told, and the strict default holds: TLS 1.2 to 1.3."""
    context.minimum_version = _version(parameters, "server.tls.minversion", ssl.TLSVersion.TLSv1_2)
    highest = _version(parameters, "server.tls.maxversion", ssl.TLSVersion.TLSv1_3)
    if highest < context.minimum_version:
        log.error("api.setting.unreadable", key="server.tls.maxversion", reason="below the minimum")
        highest = context.minimum_version
    context.maximum_version = highest
    names = parameters.get("server.tls.ciphers", "")
    if names:
        wanted = ":".join(_openssl_name(name.strip()) for name in names.split(":"))
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).set_ciphers(wanted)  # one that fails empties its context
            context.set_ciphers(wanted)
        except ssl.SSLError:
            log.warning("api.setting.unreadable", key="server.tls.ciphers", value=names[:200])


def _version(parameters: Mapping[str, str], key: str, default: ssl.TLSVersion) -> ssl.TLSVersion:
    text = parameters.get(key, "")
    if text and text not in VERSIONS:
        log.error("api.setting.unreadable", key=key, value=text[:40])
    return VERSIONS.get(text, default)


def _openssl_name(name: str) -> str:
    """Go's name of a suite as OpenSSL spells it; those of TLS 1.3 are not chosen by either."""
    words = name.removeprefix("TLS_").replace("_WITH_", "-").replace("_", "-")
    return (
        words.replace("AES-256", "AES256")
        .replace("AES-128", "AES128")
        .replace("-CBC", "")
        .replace("CHACHA20-POLY1305-SHA256", "CHACHA20-POLY1305")
    )


def _pair_of(secret: SecretObject | None) -> Pair | None:
    values = secret.values if secret is not None else {}
    if not values.get("tls.crt") or not values.get("tls.key"):
        return None
    return values["tls.crt"].encode(), values["tls.key"].encode()


def _is_ending(certificate: bytes) -> bool:
    from fairlead.api_server.certificate import is_made_and_ending  # noqa: PLC0415 - megabytes

    try:
        return is_made_and_ending(certificate)
    except ValueError:
        return False


def _read(path: str) -> bytes:
    return Path(path).read_bytes()
