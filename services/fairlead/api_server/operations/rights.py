"""What a caller may do, as the caller carries it: asked anew each time, so it changes with the policy."""

from collections.abc import Hashable
from typing import Protocol


class Rights(Protocol):
    """Somebody's rights."""

    def may(self, resource: str, action: str, obj: str) -> bool:
        """Whether `action` may be done to `obj` (contract 13.4). RefusalError while no policy holds."""

    def may_all(self, resource: str, action: str, project: str) -> bool | None:
        """Whether `action` may be done to all objects of a project; None when that depends on the object."""

    def may_somewhere(self, resource: str, action: str) -> bool:
        """Whether `action` may be done to something, roles of projects left out."""

    def stamp(self) -> object:
        """Equal to an earlier one while no answer has become another."""

    def of_whom(self) -> Hashable:
        """Equal for those whose answers are the same, whatever the policy becomes."""


class _Same:
    def __init__(self, *, answer: bool) -> None:
        self._answer = answer

    def may(self, _: str, __: str, ___: str) -> bool:
        return self._answer

    def may_all(self, _: str, __: str, ___: str) -> bool | None:
        return self._answer

    def may_somewhere(self, _: str, __: str) -> bool:
        return self._answer

    def stamp(self) -> object:
        return self

    def of_whom(self) -> Hashable:
        return self._answer


NONE: Rights = _Same(answer=False)
"""Of somebody who was not looked at."""
ALL: Rights = _Same(answer=True)
"""Of everybody, when authentication is switched off."""
