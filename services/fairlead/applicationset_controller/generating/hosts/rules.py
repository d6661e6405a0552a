"""Which hosts may be asked, as the operator says it (contract 11.2).

Invariant: a set is refused in words before anything of it is asked; no Secret is read for a refused host.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from fairlead.applicationset_controller.generating.errors import GeneratorError

DISABLED: Final = "scm providers are disabled"
BITBUCKET: Final = "https://api.bitbucket.org/2.0"


class HostRules(msgspec.Struct, frozen=True, kw_only=True):
    """What argocd-cmd-params-cm says of hosts. An empty `allowed` allows any address to sets of the control
    plane's own namespace; `root_ca` is the path of certificates that are believed beside the system's."""

    namespace: str = "argocd"
    is_enabled: bool = True
    allowed: tuple[str, ...] = ()
    is_strict: bool = False
    root_ca: str = ""
    counts_github: bool = False

    def admit(self, api: str, namespace: str) -> None:
        """`api` is the address a set names, "" for the provider's public one. Raises GeneratorError."""
        if not self.is_enabled:
            raise GeneratorError(DISABLED)
        if not api:
            return
        if self.allowed:
            if not _is_among(api, self.allowed):
                among = ", ".join(self.allowed)
                raise GeneratorError(
                    f'scm provider "{api}" not allowed, must use one of the following: {among}'
                )
        elif namespace != self.namespace:
            raise GeneratorError(
                f'scm provider "{api}" not allowed: sets outside of {self.namespace} may name an address '
                "only where applicationsetcontroller.allowed.scm.providers lists it"
            )

    def require_ours(self, provider: str, namespace: str) -> None:
        """Where the control plane itself asks, it does not for sets of others. Raises GeneratorError."""
        if namespace != self.namespace:
            raise GeneratorError(
                f"{provider} is asked in the control plane's own name, so sets outside of {self.namespace} "
                "do not use it"
            )


def _is_among(api: str, allowed: Sequence[str]) -> bool:
    return api.rstrip("/") in {each.rstrip("/") for each in allowed}
