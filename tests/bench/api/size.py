"""How large a run is: with fewer Applications than the bars are for all is smaller, and no bar is held."""

import msgspec

APPS = 2000


class Size(msgspec.Struct, frozen=True):
    """That many Applications."""

    apps: int

    def of(self, whole: float) -> float:
        """A number that is `whole` with APPS Applications."""
        return whole * min(1.0, self.apps / APPS)

    def bar(self, value: float) -> float | None:
        """A bar, if this run is large enough for it."""
        return value if self.apps >= APPS else None
