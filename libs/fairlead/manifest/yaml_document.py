"""Documents of YAML that others wrote: settings, annotations in Git, values of charts.

Invariant: no text ends the process or takes more of it than its bounds say. The reader in C calls itself for
each level, until the stack ends and the process with it; and few aliases make an object of any size.
"""

from typing import Any, Final

import yaml

from fairlead.manifest.nesting import MAX_REQUEST_NESTING

MAX_EXPANDED: Final = 8 << 20
"""Characters of a document with each alias replaced by what it stands for."""
_NODE: Final = 8
"""Characters that a node counts for beside its text."""
LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class UnboundedError(yaml.YAMLError):
    """A document that is nested too deeply, or too large with its aliases."""


def document(text: str) -> Any:
    """The one document of a text. Raises yaml.YAMLError, ValueError."""
    require_bounded(text)
    return yaml.load(text, Loader=LOADER)  # noqa: S506 - a safe loader, in C where there is one


def require_bounded(text: str) -> None:
    """Raises UnboundedError. The events come one after the other, so that a deep text ends at its bound."""
    known: dict[str, int] = {}
    open_nodes: list[tuple[str | None, int]] = [(None, 0)]
    for event in yaml.parse(text, Loader=LOADER):
        if isinstance(event, yaml.CollectionStartEvent):
            open_nodes.append((event.anchor, _NODE))
            if len(open_nodes) > MAX_REQUEST_NESTING:
                raise UnboundedError(f"nested deeper than {MAX_REQUEST_NESTING} levels")
            continue
        anchor: str | None = None
        if isinstance(event, yaml.CollectionEndEvent):
            anchor, size = open_nodes.pop()
        elif isinstance(event, yaml.ScalarEvent):
            anchor, size = event.anchor, _NODE + len(event.value)
        elif isinstance(event, yaml.AliasEvent):
            size = known.get(event.anchor or "", 0)
            if not size:
                raise UnboundedError(f"*{event.anchor} stands for nothing that ends before it")
        else:
            continue
        if anchor is not None:
            known[anchor] = size
        outer, held = open_nodes[-1]
        if held + size > MAX_EXPANDED:
            raise UnboundedError(f"larger than {MAX_EXPANDED >> 20} MB with its aliases")
        open_nodes[-1] = (outer, held + size)
