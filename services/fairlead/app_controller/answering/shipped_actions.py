"""The actions that come with us, by kind: `action_scripts/<group>/<Kind>/discovery.lua` and one file each.

Invariant: a file that is there is an action; nothing is listed twice.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from fairlead.settings.actions import ActionRules

_FOLDER = Path(__file__).parent / "action_scripts"
_DISCOVERY = "discovery"


@cache
def shipped(group: str, kind: str) -> ActionRules | None:
    """The actions of a kind; None where there are none."""
    return _all().get((group, kind))


@cache
def _all() -> dict[tuple[str, str], ActionRules]:
    found = {}
    for discovery in _FOLDER.glob(f"*/*/{_DISCOVERY}.lua"):
        folder = discovery.parent
        scripts = {file.stem: file.read_text() for file in folder.glob("*.lua") if file.stem != _DISCOVERY}
        found[folder.parent.name, folder.name] = ActionRules(discovery=discovery.read_text(), scripts=scripts)
    return found
