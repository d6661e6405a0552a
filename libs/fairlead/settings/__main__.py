"""`python -m fairlead.settings [--check]` makes `docs/settings.md` from the table, or says if it is stale."""

from __future__ import annotations

import sys
from pathlib import Path

from fairlead.settings.effects import ROWS, Surface

PAGE = Path("docs/settings.md")
HEAD = """# Settings, options and annotations

Made from `libs/fairlead/settings/effects.py` by `python -m fairlead.settings`; do not edit. What has no
effect yet is also said where it is used: a condition `UnheededWarning` of the application, a line
`settings.without_effect` or `project.without_effect` in the controller's log.
"""


def page() -> str:
    """The text of the page."""
    parts = [HEAD]
    for surface in Surface:
        parts.append(f"## {surface.value}\n\n| name | effect | note |\n|---|---|---|")
        parts += [
            f"| `{row.name}` | {row.effect.value} | {row.note} |" for row in ROWS if row.surface is surface
        ]
        parts.append("")
    return "\n".join(parts)


def main(arguments: list[str]) -> int:
    """Write or check the page."""
    if "--check" in arguments:
        return 0 if PAGE.read_text() == page() else 1
    PAGE.write_text(page())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
