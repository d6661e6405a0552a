"""Which credentials belong to which repository, as the app-controller hands them over, sealed.

Invariant: who uses them reads no Secret of the cluster. What does not open is not believed and changes
nothing; what is known is forgotten only when the list that was handed over says so. Contents go nowhere but
into `fairlead.git`.
"""

import asyncio
from collections.abc import Callable

import structlog

from fairlead.bus import Bus, Entry
from fairlead.bus.topology import CREDENTIALS_BUCKET
from fairlead.events import CredentialsListed, Lent, RepositoryCredentials, SchemaError, decode, subjects
from fairlead.events.after_build import LENT
from fairlead.events.credentials import INDEX, context_of
from fairlead.git.credential_book import CredentialBook
from fairlead.git.entries import entry_of, unheeded
from fairlead.git.ssh import Ssh
from fairlead.outbound.trust import Trust
from fairlead.secret.seal import Seal
from fairlead.signatures import Keyring

log = structlog.get_logger(__name__)


class Repositories(CredentialBook):
    """The book of credentials, kept up to date; `on_change` is told after each change. `trust` is given the
    certificates of hosts, `ssh` the keys of SSH servers."""

    def __init__(
        self,
        on_change: Callable[[], None] = lambda: None,
        trust: Trust | None = None,
        ssh: Ssh | None = None,
    ) -> None:
        super().__init__()
        self._on_change = on_change
        self._trust = trust
        self._ssh = ssh
        self._are_servers_known_otherwise = False
        self._otherwise_vouched: set[str] = set()
        self._seen: set[str] = set()
        self._listed: set[str] | None = None
        self._synced = asyncio.Event()
        self._lent: dict[str, RepositoryCredentials] = {}
        self.keyring = Keyring()
        """The keys whose signatures may count."""
        self.keys_changed = asyncio.Event()

    @property
    def is_synced(self) -> bool:
        """Whether all credentials were handed over once."""
        return self._synced.is_set()

    async def wait_synced(self) -> None:
        """Return once all credentials were handed over."""
        await self._synced.wait()

    def assume_none(self) -> None:
        """Nobody hands over credentials: the book stays empty."""
        self._synced.set()

    def otherwise_vouched(self) -> set[str]:
        """The hosts whose certificates have changed since this was asked last."""
        hosts, self._otherwise_vouched = self._otherwise_vouched, set()
        return hosts

    def otherwise_known(self) -> bool:
        """Whether other SSH servers are known since this was asked last."""
        found, self._are_servers_known_otherwise = self._are_servers_known_otherwise, False
        return found

    async def watch(self, bus: Bus, seal: Seal, bucket: str = CREDENTIALS_BUCKET) -> None:
        """Follow what is handed over for ever."""
        async for entry in bus.key_value(bucket).watch():
            if entry.value:
                self._try(entry, seal)

    def _try(self, entry: Entry, seal: Seal) -> None:
        """Whatever one entry brings about, the others are taken."""
        try:
            self.take(entry, seal)
        except Exception:
            log.exception("repository.credentials.broke", entry=entry.key)

    def take(self, entry: Entry, seal: Seal) -> None:
        """One entry of the bucket."""
        opened = seal.open(context_of(entry.key), entry.value or b"")
        if opened is None:
            log.error("repository.credentials.refused", entry=entry.key, security=3)
            return
        try:
            if entry.key == INDEX:
                self._list(decode(CredentialsListed, opened))
            else:
                self._read(entry.key, decode(RepositoryCredentials, opened))
        except SchemaError as error:
            log.error("repository.credentials.unreadable", entry=entry.key, error=str(error))  # noqa: TRY400
        self._complete()

    def _read(self, key: str, credentials: RepositoryCredentials) -> None:
        name = subjects.untoken(key)
        self._seen.add(name)
        if credentials.secret_type in LENT:
            self._lent[name] = credentials
            return
        entry = entry_of(credentials.secret_type, credentials.data)
        if self.put(name, entry):
            log.info("repository.credentials.changed", secret=name)
            if entry is not None and entry.credential.problem:
                log.warning("repository.secret.unusable", secret=name, reason=entry.credential.problem)
            if fields := unheeded(credentials.data):
                log.warning("repository.fields.without_effect", secret=name, fields=fields)
            if self.is_synced:
                self._on_change()

    def _list(self, listed: CredentialsListed) -> None:
        self._listed = set(listed.secrets)
        self._seen &= self._listed
        self._lent = {name: one for name, one in self._lent.items() if name in self._listed}
        changed = [self.put(name, None) for name in self.names() - self._listed]
        if self._trust is not None and (hosts := self._trust.put(listed.certificates)):
            log.info("repository.certificates.changed", hosts=sorted(hosts))
            self._otherwise_vouched |= hosts
            changed.append(True)
        if self._ssh is not None and self._ssh.trust(listed.known_hosts):
            log.info("repository.known_hosts.changed", unread=self._ssh.unread)
            self._are_servers_known_otherwise = True
            changed.append(True)
        self._believe(Keyring.of(listed.signing_keys))
        if any(changed) and self.is_synced:
            self._on_change()

    def lent(self, wanted: Lent) -> RepositoryCredentials | None:
        """What is lent for after a build, at the very version that is wanted; None while it is not here."""
        found = self._lent.get(wanted.entry)
        return found if found is not None and found.version == wanted.version else None

    def _believe(self, keyring: Keyring) -> None:
        if keyring.identity != self.keyring.identity:
            self.keyring = keyring
            self.keys_changed.set()
            log.info("signing_keys.changed", keys=len(keyring))

    def _complete(self) -> None:
        """Entries come before the list that names them, so all of a list are there when it is."""
        if self._listed is not None and self._listed <= self._seen:
            self._synced.set()
