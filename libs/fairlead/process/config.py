"""What every service is told at start, read from flags and environment in one place.

The invariant: a password is a `Secret` from here on, so no log and no traceback shows one.
"""

import argparse

import msgspec

from fairlead.bus import BusConfig
from fairlead.bus.copies import Copies
from fairlead.cache.client import CacheConfig
from fairlead.events.credentials import PURPOSE, PURPOSE_OF_WRITING
from fairlead.kube.connection import Connection, in_cluster
from fairlead.process.flags import Environment
from fairlead.process.redis import redis_url
from fairlead.rpc.access import PURPOSE as TRIED
from fairlead.secret import Secret
from fairlead.secret.seal import Seal, derive

_TRUE = {"1", "true", "yes", "on"}


def _redis() -> Secret:
    return Secret(redis_url(Environment({})))


def _nothing() -> Secret:
    return Secret("")


class ServiceConfig(msgspec.Struct, frozen=True, kw_only=True):
    """Base of each service's configuration: where Kubernetes, NATS and Redis are, and who we are there."""

    namespace: str = "argocd"
    kubeconfig: str = ""
    kube_context: str = ""
    nats_url: str = "nats://127.0.0.1:4222"
    nats_user: str = ""
    nats_ca: str = ""
    nats_copies: Copies = Copies()
    nats_password: Secret = msgspec.field(default_factory=_nothing)
    redis_url: Secret = msgspec.field(default_factory=_redis)
    cache_secret: Secret = msgspec.field(default_factory=_nothing)
    credentials_secret: Secret = msgspec.field(default_factory=_nothing)
    write_credentials_secret: Secret = msgspec.field(default_factory=_nothing)
    log_format: str = "json"
    log_level: str = "info"
    probe_address: str = "127.0.0.1"
    probe_port: int = 0
    event_reasons: str = "all"
    """Which Kubernetes Events are written: `all`, `none` or reasons with commas (ARGOCD_ENABLE_K8S_EVENT)."""

    def bus(self, service: str) -> BusConfig:
        """How to reach NATS as this service; without a password nobody logs in."""
        password = self.nats_password.reveal()
        user = (self.nats_user or service) if password else ""
        return BusConfig(
            url=self.nats_url,
            service=service,
            user=user,
            password=password,
            ca=self.nats_ca,
            copies=self.nats_copies,
            secret=self.cache_secret.reveal().encode(),
        )

    def cache(self) -> CacheConfig:
        """How to reach Redis, and what seals the values there.

        NATS's password is what each service has to itself, so it also makes the keys of private values.
        """
        return CacheConfig(
            url=self.redis_url.reveal(),
            secret=self.cache_secret.reveal().encode(),
            own=self.nats_password.reveal().encode(),
        )

    def credentials_seal(self) -> Seal | None:
        """What seals repositories' credentials between app-controller and repo-server; None when not given.

        Raises ValueError when the secret is too short.
        """
        secret = self.credentials_secret.reveal().encode()
        return Seal(derive(secret, PURPOSE)) if secret else None

    def write_credentials_seal(self) -> Seal | None:
        """The same of credentials to write with, between app-controller and commit server."""
        secret = self.write_credentials_secret.reveal().encode()
        return Seal(derive(secret, PURPOSE_OF_WRITING)) if secret else None

    def access_seal(self) -> Seal | None:
        """What seals credentials that somebody wants tried, from api-server to repo-server; None when the
        secret that the services share is not given. Raises ValueError when that is too short."""
        secret = self.cache_secret.reveal().encode()
        return Seal(derive(secret, TRIED)) if secret else None

    def connection(self) -> Connection:
        """The cluster that holds the control plane: the kubeconfig's, else the one we run in."""
        if not self.kubeconfig:
            return in_cluster()
        from fairlead.kube.kubeconfig import from_kubeconfig  # noqa: PLC0415 - YAML is not needed in a cluster

        return from_kubeconfig(self.kubeconfig, self.kube_context or None)


def verifies_signatures(env: Environment) -> bool:
    """Whether signatures that projects demand are verified, unless that was switched off (contract 7.11)."""
    return env.variable("ARGOCD_GPG_ENABLED").strip().lower() not in ("false", "no")


def shared_settings(given: argparse.Namespace, env: Environment) -> dict[str, object]:
    """The fields of `ServiceConfig` as flags and environment say."""
    return {
        "namespace": given.namespace,
        "kubeconfig": given.kubeconfig,
        "kube_context": given.kube_context,
        "nats_url": given.nats_url,
        "nats_user": given.nats_user,
        "nats_ca": given.nats_ca,
        "nats_copies": Copies(number=given.nats_copies, first=given.nats_first),
        "nats_password": Secret(env.secret("FAIRLEAD_NATS_PASSWORD")),
        "redis_url": Secret(redis_url(env)),
        "cache_secret": Secret(env.secret("FAIRLEAD_CACHE_SECRET")),
        "credentials_secret": Secret(env.secret("FAIRLEAD_CREDENTIALS_SECRET")),
        "write_credentials_secret": Secret(env.secret("FAIRLEAD_WRITE_CREDENTIALS_SECRET")),
        "log_format": given.log_format,
        "log_level": given.log_level,
        "probe_address": given.probe_address,
        "probe_port": int(given.probe_port),
        "event_reasons": env.variable("ARGOCD_ENABLE_K8S_EVENT") or "all",
    }


class Flags:
    """Adds a service's own flags to the shared parser; a flag's default may come from the environment."""

    def __init__(self, parser: argparse.ArgumentParser, env: Environment) -> None:
        self._parser = parser
        self._env = env

    def text(self, name: str, otherwise: str, about: str) -> None:
        """A flag with a value."""
        default = self._env.default(name, otherwise)
        self._parser.add_argument(
            name, default=default, help=f"{about} ({otherwise})" if otherwise else about
        )

    def switch(self, name: str, about: str) -> None:
        """A flag that is on when it is given, or when its variable is 1, true, yes or on."""
        is_on = self._env.default(name, "").lower() in _TRUE
        self._parser.add_argument(name, action="store_true", default=is_on, help=about)
