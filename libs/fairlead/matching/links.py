"""Where symbolic links of a set of files lead, without a file system.

Invariant: a link, with all links on its way, is followed as the system would follow it, so that none that
leads out is taken for one that stays.
"""

from collections.abc import Mapping

HOPS = 40
"""Links that are followed one after another; the system gives up after as many."""


def leads_out(targets: Mapping[str, str], path: str) -> bool:
    """Whether a link leads out of the files' root; `targets` are all links by path.

    One that leads nowhere, or in a circle, does not.
    """
    at, hops = path.split("/"), 0
    waiting = [at.pop()]
    while waiting:
        step = waiting.pop()
        if step in ("", "."):
            continue
        if step == "..":
            if not at:
                return True
            at.pop()
            continue
        target = targets.get("/".join((*at, step)))
        if target is None:
            at.append(step)
            continue
        hops += 1
        if target.startswith("/"):
            return True
        if hops > HOPS:
            return False
        waiting += reversed(target.split("/"))
    return False
