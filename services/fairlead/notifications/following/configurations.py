"""The configuration of the control plane, and with self-service those of namespaces, as they are now.

Invariant: a configuration is read anew when its ConfigMap or its Secret changes, and only then; until both
were looked for nothing is judged by it.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from fnmatch import fnmatchcase
from typing import Any, Final

import msgspec

from fairlead.kube.collection import CONFIG_MAPS, SECRETS, Collection, Name
from fairlead.kube.head import Head
from fairlead.kube.rest import KubeClient
from fairlead.notices.configuration import CONFIG_MAP, SECRET, Configuration, read
from fairlead.notices.configuration.secret import plain

MOST_OWN: Final = 256 << 10
"""Characters of a ConfigMap, and of its Secret, that serve a namespace by themselves: reading them, and
hiding what they have, holds up everybody."""


class _ConfigMap(msgspec.Struct):
    data: dict[str, str] | None = None


class _Secret(msgspec.Struct):
    data: dict[str, str] | None = None


class Configurations:
    """`of` says which apply to a namespace. `on_change` is told the namespace of one that changed."""

    def __init__(
        self,
        client: KubeClient,
        namespace: str,
        *,
        namespaces: tuple[str, ...] = (),
        is_self_service: bool = False,
        on_change: Callable[[str], None],
    ) -> None:
        self.control = namespace
        self._namespaces = namespaces if is_self_service else ()
        self._on_change = on_change
        self._maps: dict[str, Mapping[str, str]] = {}
        self._secrets: dict[str, Mapping[str, str]] = {}
        self._made: dict[str, Configuration] = {}
        where = None if self._namespaces else namespace
        self._collections = {
            "configuration": Collection(
                client,
                CONFIG_MAPS,
                namespace=where,
                name=CONFIG_MAP,
                on_put=self._take_map,
                on_gone=self._drop_map,
            ),
            "secrets of the configuration": Collection(
                client,
                SECRETS,
                namespace=where,
                name=SECRET,
                on_put=self._take_secret,
                on_gone=self._drop_secret,
            ),
        }

    def parts(self) -> dict[str, Callable[[], Coroutine[Any, Any, Any]]]:
        """What follows them until it is cancelled."""
        return {name: collection.run for name, collection in self._collections.items()}

    @property
    def is_synced(self) -> bool:
        """Whether both were looked for."""
        return all(collection.is_synced for collection in self._collections.values())

    async def wait_synced(self) -> None:
        """Return once both were looked for."""
        for collection in self._collections.values():
            await collection.wait_synced()

    def at(self, namespace: str) -> Configuration | None:
        """The configuration that stands in a namespace, where one does and is in force."""
        is_in_force = namespace == self.control or self._is_enabled(namespace)
        return self._configuration(namespace) if is_in_force and namespace in self._maps else None

    def all(self) -> tuple[Configuration, ...]:
        """Those in force."""
        found = (self.at(namespace) for namespace in sorted(self._maps))
        return tuple(each for each in found if each is not None)

    def of(self, namespace: str) -> tuple[Configuration, ...]:
        """Those that serve the applications of a namespace: the control plane's, and its own."""
        if not self.is_synced:
            return ()
        found = (self.at(each) for each in dict.fromkeys((self.control, namespace)))
        return tuple(each for each in found if each is not None)

    def _configuration(self, namespace: str) -> Configuration:
        known = self._made.get(namespace)
        if known is None:
            known = self._made[namespace] = self._read(namespace)
        return known

    def _read(self, namespace: str) -> Configuration:
        is_own = namespace != self.control
        both = self._maps[namespace], self._secrets.get(namespace, {})
        if is_own and any(sum(map(len, (*each, *each.values()))) > MOST_OWN for each in both):
            words = f"the ConfigMap or the Secret is larger than {MOST_OWN >> 10} KiB and has no effect"
            return Configuration(namespace=namespace, is_own=True, problems=(words,))
        return read(*both, namespace=namespace, is_own=is_own)

    def _is_enabled(self, namespace: str) -> bool:
        return any(fnmatchcase(namespace, glob) for glob in self._namespaces)

    def _take_map(self, head: Head, raw: bytes) -> None:
        if head.metadata.name == CONFIG_MAP:
            self._set(
                self._maps, head.metadata.namespace, msgspec.json.decode(raw, type=_ConfigMap).data or {}
            )

    def _drop_map(self, name: Name) -> None:
        if name[1] == CONFIG_MAP:
            self._set(self._maps, name[0], None)

    def _take_secret(self, head: Head, raw: bytes) -> None:
        if head.metadata.name == SECRET:
            self._set(
                self._secrets, head.metadata.namespace, plain(msgspec.json.decode(raw, type=_Secret).data)
            )

    def _drop_secret(self, name: Name) -> None:
        if name[1] == SECRET:
            self._set(self._secrets, name[0], None)

    def _set(
        self, among: dict[str, Mapping[str, str]], namespace: str, data: Mapping[str, str] | None
    ) -> None:
        if among.get(namespace) == data:
            return
        if data is None:
            among.pop(namespace, None)
        else:
            among[namespace] = data
        self._made.pop(namespace, None)
        self._on_change(namespace)
