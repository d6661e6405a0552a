"""What is found of an application whose cluster cannot be read, and since when that is so.

Invariant: a controller that starts again and again does not make a trouble new: what the Application says of
it already, and nobody took back, is as old as it says.
"""

from __future__ import annotations

import re

from fairlead.app_controller.comparing.item import Remark
from fairlead.app_controller.destination.clusters import Cluster
from fairlead.app_controller.looking.facts import Found, Unread, Waiting
from fairlead.model.application import Application
from fairlead.model.status import ConditionType
from fairlead.model.times import parsed, seconds_since

VERDICT_PAUSE = 1.0
"""Seconds until a cluster is looked at again of which is being found out whether it is away."""
_SINCE = re.compile(r"\(since (\S+Z)\)$")


def unread(app: Application, cluster: Cluster) -> Found:
    """Nothing is asked of the cluster here: it says itself when it was read, or what ails it."""
    problem = cluster.problem
    if problem is None:
        return Waiting(VERDICT_PAUSE if cluster.live.is_synced else None)
    text = f'Failed to load live state: cluster "{cluster.server}": '
    since = min((problem.since, *_said(app, text)))
    lasted = max(problem.lasted, seconds_since(since) or 0.0) if since < problem.since else problem.lasted
    return Unread(Remark(ConditionType.COMPARISON_ERROR, f"{text}{problem.words} (since {since})"), lasted)


def _said(app: Application, text: str) -> list[str]:
    """Since when it cannot be read, as the Application says it."""
    said = [item.message for item in app.status.conditions if item.message.startswith(text)]
    found = (match[1] for match in map(_SINCE.search, said) if match is not None)
    return [since for since in found if parsed(since) is not None]
