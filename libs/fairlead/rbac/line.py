"""One line of comma-separated values, read as Go's encoding/csv reads it with leading space trimmed.

The invariant: what Go refuses is refused, so a policy means here what it means to Argo CD or is told broken.
"""


def fields(line: str) -> list[str]:
    """The fields of a line. Raises ValueError for a quote that is out of place."""
    found: list[str] = []
    at = 0
    while True:
        while at < len(line) and line[at].isspace():
            at += 1
        field, at = _quoted(line, at + 1) if line[at : at + 1] == '"' else _plain(line, at)
        found.append(field)
        if at >= len(line):
            return found
        at += 1


def _plain(line: str, at: int) -> tuple[str, int]:
    end = line.find(",", at)
    end = len(line) if end < 0 else end
    field = line[at:end]
    if '"' in field:
        raise ValueError("a quote inside a field that does not begin with one")
    return field, end


def _quoted(line: str, at: int) -> tuple[str, int]:
    parts: list[str] = []
    while True:
        end = line.find('"', at)
        if end < 0:
            raise ValueError("a quote that is never closed")
        parts.append(line[at:end])
        following = line[end + 1 : end + 2]
        if following == '"':
            parts.append('"')
            at = end + 2
        elif following in ("", ","):
            return "".join(parts), end + 1
        else:
            raise ValueError("something after a closing quote")
