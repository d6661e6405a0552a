"""Hands the credentials of repositories to the repo-servers, sealed, one entry a Secret; and those to write
with to the commit server, where there is one.

Why: the repo-server reads hostile Git and has no right to Secrets. Invariant: what the bucket holds is, after
each round, what the Secrets say. One replica does it at a time: one that was stopped knows old Secrets only.
"""

import asyncio
import base64
import binascii
from collections.abc import Callable, Iterable, Sequence

import msgspec
import structlog

from fairlead.app_controller.following.lending import entry_of_map
from fairlead.app_controller.following.projects import PART_OF, data_of
from fairlead.bus import Bus, BusUnavailableError, StaleRevisionError
from fairlead.bus.topology import CREDENTIALS_BUCKET
from fairlead.events import CredentialsListed, RepositoryCredentials, subjects
from fairlead.events.after_build import DECRYPTION, LENT, PROJECTS, VARIABLES, VARIABLES_MAP
from fairlead.events.credentials import INDEX, context_of
from fairlead.events.envelope import Event, SchemaError, decode, encode
from fairlead.git.entries import REPOSITORY, TEMPLATE, TEMPLATE_TO_WRITE, TO_WRITE
from fairlead.kube.collection import CONFIG_MAPS, SECRETS, Collection, Name
from fairlead.kube.head import Head
from fairlead.kube.rest import KubeClient
from fairlead.secret.seal import Seal

log = structlog.get_logger(__name__)

SECRET_TYPE_LABEL = "argocd.argoproj.io/secret-type"  # noqa: S105 - the name of a label
WITHOUT_EFFECT = {
    TO_WRITE: "a commit server",
    TEMPLATE_TO_WRITE: "a commit server",
    "scm-creds": "generators that ask hosts of Git",
}
"""Types of Secrets that are for what is not here, which is said of each, and nothing done with it."""
READ = frozenset({REPOSITORY, TEMPLATE, DECRYPTION, VARIABLES})
WRITE = frozenset({TO_WRITE, TEMPLATE_TO_WRITE})
SELECTOR = f"{SECRET_TYPE_LABEL} in ({','.join((*sorted(READ), *WITHOUT_EFFECT))})"
CERTIFICATES = "argocd-tls-certs-cm"
"""The ConfigMap with certificates by the host's name (contract 11.5)."""
KNOWN_HOSTS, HOSTS_KEY = "argocd-ssh-known-hosts-cm", "ssh_known_hosts"
"""The ConfigMap with the keys of SSH servers, and its key (contract 11.4)."""
SIGNING_KEYS = "argocd-gpg-keys-cm"
"""The ConfigMap with the keys whose signatures may count (contract 11.6)."""
LOOK_EVERY = 300.0
"""Seconds between two rounds in which nothing is believed of the bucket."""
AGAIN = 1.0
"""Seconds until another attempt when the bucket did not take something."""


class HandOver:
    """Keeps a bucket equal to the Secrets of some types. `beside` does so for others."""

    def __init__(
        self,
        bus: Bus,
        seal: Seal,
        *,
        bucket: str = CREDENTIALS_BUCKET,
        types: frozenset[str] = READ,
        beside: "HandOver | None" = None,
        may_act: Callable[[], bool] = lambda: True,
        on_lent: Callable[[Sequence[str]], None] = lambda _: None,
    ) -> None:
        self.beside = beside
        self._types = types
        self._may_act = may_act
        self._on_lent = on_lent
        self._bucket = bus.key_value(bucket)
        self._seal = seal
        self._wanted: dict[str, RepositoryCredentials] = {}
        self.lent: dict[str, RepositoryCredentials] = {}
        """What is lent for after a build, by the name of its entry."""
        self._certificates: dict[str, str] = {}
        self._signing_keys: dict[str, str] = {}
        self._known_hosts = ""
        self._handed: dict[str, Event] = {}
        self._passed_by: set[tuple[str, str]] = set()
        self._changed = asyncio.Event()
        bus.on_wipe(self._distrust)

    def secrets(self, client: KubeClient, namespace: str) -> Collection:
        """The Secrets that are handed over."""
        return Collection(
            client,
            SECRETS,
            namespace=namespace,
            on_put=self.take,
            on_gone=self.drop,
            label_selector=SELECTOR,
        )

    def wake(self) -> None:
        """A replica came or went."""
        self._changed.set()
        if self.beside is not None:
            self.beside.wake()

    def maps(self, client: KubeClient, namespace: str) -> Collection:
        """The ConfigMaps among which are the certificates and keys of hosts, and the keys that may sign."""
        return Collection(
            client,
            CONFIG_MAPS,
            namespace=namespace,
            on_put=self.take_map,
            on_gone=self.drop_map,
            label_selector=f"{PART_OF}=argocd",
        )

    def take(self, head: Head, raw: bytes) -> None:
        """A Secret is there, or another."""
        name = head.metadata.name
        secret_type = (head.metadata.labels or {}).get(SECRET_TYPE_LABEL, "")
        if self.beside is not None:
            self.beside.take(head, raw)
        if secret_type not in self._types:
            self._pass_by(name, secret_type)
            return
        self._want(
            name,
            RepositoryCredentials(
                secret=name,
                secret_type=secret_type,
                data=_decoded(name, msgspec.json.decode(raw, type=_Secret)),
                **(_lent(head) if secret_type in LENT else {}),  # type: ignore[arg-type]
            ),
        )

    def _want(self, name: str, credentials: RepositoryCredentials | None) -> None:
        """An entry as it is to be, None for none; whom it is lent is told when it is another."""
        before = self._wanted.pop(name, None)
        if credentials is not None:
            self._wanted[name] = credentials
        self._changed.set()
        lent = [one for one in (before, credentials) if one is not None and one.secret_type in LENT]
        if lent:
            self.lent = {key: one for key, one in self._wanted.items() if one.secret_type in LENT}
        if lent and before != credentials:
            self._on_lent(sorted({project for one in lent for project in one.projects}))

    def _pass_by(self, name: str, secret_type: str) -> None:
        is_taken = self._types != READ or (self.beside is not None and secret_type in WRITE)
        if not is_taken and (name, secret_type) not in self._passed_by:
            self._passed_by.add((name, secret_type))
            log.warning(
                "repository.secret.without_effect",
                secret=name,
                type=secret_type,
                awaits=WITHOUT_EFFECT[secret_type],
            )
        if name in self._wanted:
            self._want(name, None)

    def drop(self, name: Name) -> None:
        """A Secret is gone."""
        self._want(name[1], None)
        if self.beside is not None:
            self.beside.drop(name)

    def take_map(self, head: Head, raw: bytes) -> None:
        """A ConfigMap is there, or another."""
        if self.beside is not None:
            self.beside.take_map(head, raw)
        if head.metadata.name == CERTIFICATES:
            self._vouch(data_of(raw))
        elif head.metadata.name == SIGNING_KEYS:
            self._believe(data_of(raw))
        elif head.metadata.name == KNOWN_HOSTS:
            self._know(data_of(raw).get(HOSTS_KEY, ""))
        elif PROJECTS in (head.metadata.annotations or {}) and self._types == READ:
            entry = entry_of_map(head.metadata.name)
            data, lent = data_of(raw), _lent(head)
            self._want(
                entry,
                RepositoryCredentials(secret=entry, secret_type=VARIABLES_MAP, data=data, **lent),  # type: ignore[arg-type]
            )
        else:
            self._drop_variables(head.metadata.name)

    def drop_map(self, name: Name) -> None:
        """A ConfigMap is gone."""
        if self.beside is not None:
            self.beside.drop_map(name)
        if name[1] == CERTIFICATES:
            self._vouch({})
        elif name[1] == SIGNING_KEYS:
            self._believe({})
        elif name[1] == KNOWN_HOSTS:
            self._know("")
        else:
            self._drop_variables(name[1])

    def _drop_variables(self, name: str) -> None:
        if entry_of_map(name) in self._wanted:
            self._want(entry_of_map(name), None)

    def _vouch(self, certificates: dict[str, str]) -> None:
        if certificates != self._certificates:
            self._certificates = certificates
            self._changed.set()

    def _believe(self, keys: dict[str, str]) -> None:
        if keys != self._signing_keys:
            self._signing_keys = keys
            self._changed.set()

    def _know(self, hosts: str) -> None:
        if hosts != self._known_hosts:
            self._known_hosts = hosts
            self._changed.set()

    async def run(self) -> None:
        """Hand over for ever; to be started once all Secrets were read."""
        while True:
            self._changed.clear()
            if not self._may_act():
                self._handed.clear()
                await self._until_changed(AGAIN)
                continue
            try:
                await self._hand_all()
            except (BusUnavailableError, StaleRevisionError) as error:
                log.warning("repository.credentials.not_handed_over", error=str(error))
                await asyncio.sleep(AGAIN)
                continue
            await self._until_changed(LOOK_EVERY)

    async def _until_changed(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._changed.wait()
        except TimeoutError:
            self._handed.clear()

    async def _hand_all(self) -> None:
        """Entries first, then the list of them, then what is in neither goes."""
        wanted = dict(self._wanted)
        for name, credentials in wanted.items():
            await self._hand(subjects.token(name), credentials)
        before = await self._listed()
        await self._hand(INDEX, self._listing(wanted))
        for name in before - wanted.keys():
            self._handed.pop(subjects.token(name), None)
            await self._bucket.delete(subjects.token(name))
            log.info("repository.credentials.withdrawn", secret=name)

    def _listing(self, wanted: Iterable[str]) -> CredentialsListed:
        return CredentialsListed(
            secrets=tuple(sorted(wanted)),
            certificates=dict(sorted(self._certificates.items())),
            signing_keys=dict(sorted(self._signing_keys.items())),
            known_hosts=self._known_hosts,
        )

    async def _hand(self, key: str, wanted: Event) -> None:
        if self._handed.get(key) == wanted:
            return
        entry = await self._bucket.get(key)
        held = self._seal.open(context_of(key), entry.value) if entry and entry.value else None
        if held != encode(wanted):
            sealed = self._seal.seal(context_of(key), encode(wanted))
            await self._bucket.put(key, sealed, expected=entry.revision if entry else 0)
            log.info("repository.credentials.handed_over", entry=key)
        self._handed[key] = wanted

    async def _listed(self) -> set[str]:
        entry = await self._bucket.get(INDEX)
        held = self._seal.open(context_of(INDEX), entry.value) if entry and entry.value else None
        try:
            return set(decode(CredentialsListed, held).secrets) if held else set()
        except SchemaError:
            return set()

    def _distrust(self) -> None:
        self._handed.clear()
        self._changed.set()


def _lent(head: Head) -> dict[str, object]:
    """Whom something is lent to, and which version it has."""
    named = (head.metadata.annotations or {}).get(PROJECTS, "").split(",")
    return {
        "projects": tuple(sorted({name.strip() for name in named} - {""})),
        "version": f"{head.metadata.uid}/{head.metadata.resource_version}",
    }


class _Secret(msgspec.Struct, frozen=True):
    data: dict[str, str] | None = None


def _decoded(name: str, secret: _Secret) -> dict[str, str]:
    found = {}
    for field, value in (secret.data or {}).items():
        try:
            found[field] = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            log.warning("repository.secret.unreadable", secret=name, field=field)
    return found
