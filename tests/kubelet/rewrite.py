"""Texts of a pod, as they must read on this machine."""

import re
from collections.abc import Mapping
from pathlib import Path

import msgspec

from fairlead.local.ports import LOOPBACK, choose_port

Endpoint = tuple[str, int]
"""A Service's name and one of its ports."""


class Rewriter(msgspec.Struct, kw_only=True):
    """Of one pod: `services` are ports of this machine by Service and port, `mounts` folders by path."""

    namespace: str
    services: Mapping[Endpoint, int]
    ports: dict[int, int]
    mounts: dict[str, Path] = {}

    def text(self, text: str) -> str:
        """Arguments, values and files: Services, then the pod's own ports, then paths."""
        text = self._services(text)
        text = re.sub(r"\b(127\.0\.0\.1|localhost|0\.0\.0\.0):(\d+)", self._own_address, text)
        for port, here in self.ports.items():
            text = re.sub(rf"(?<![\d.:\w-]){port}(?![\d\w.])", str(here), text)
        if not self.mounts:
            return text
        longest = "|".join(re.escape(mount) for mount in sorted(self.mounts, key=len, reverse=True))
        return re.sub(rf"(?<![\w./-])({longest})(?![\w.-])", lambda found: str(self.mounts[found[1]]), text)

    def port(self, number: int) -> int:
        """Where a port of the pod is here."""
        return self.ports.setdefault(number, choose_port())

    def _services(self, text: str) -> str:
        for (name, port), here in self.services.items():
            host = (
                rf"(?<![\w.-]){re.escape(name)}(\.{self.namespace}(\.svc(\.cluster\.local)?)?)?:{port}(?!\d)"
            )
            text = re.sub(host, f"{LOOPBACK}:{here}", text)
        return text

    def _own_address(self, found: re.Match[str]) -> str:
        number = int(found[2])
        if number in self.services.values() or number in self.ports.values():
            return found[0]
        return f"{LOOPBACK}:{self.port(number)}"
