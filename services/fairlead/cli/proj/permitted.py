"""Lists of patterns in a project's spec: what one more entry permits, and one less."""

from fairlead.cli.client import Document
from fairlead.cli.command import Invocation
from fairlead.cli.proj.change import change


def add(call: Invocation, field: str, placeholder: str, what: str) -> None:
    """Put an entry into a list, unless it or `*` is there."""
    name, entry = call.exactly("PROJECT", placeholder)

    def edit(spec: Document) -> bool:
        known = spec.get(field) or []
        for permitted in known:
            if permitted in ("*", entry):
                print(f"{what} '{permitted}' already allowed in project")
                return False
        spec[field] = [*known, entry]
        return True

    change(call, name, edit)


def remove(call: Invocation, field: str, placeholder: str, what: str) -> None:
    """Take an entry out of a list."""
    name, entry = call.exactly("PROJECT", placeholder)

    def edit(spec: Document) -> bool:
        known = spec.get(field) or []
        if entry not in known:
            print(f"{what} '{entry}' does not exist in project")
            return False
        spec[field] = [other for other in known if other != entry]
        return True

    change(call, name, edit)
