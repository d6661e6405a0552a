"""What is known of a group whose members another process told last: of this replica before, or of another.

Invariant: who is placed renders at the group's commit what was rendered for it last, and that was told at
`told`, or what was told differs from it by what the commits between the two touch. So the group's commit is
the one at the end of the step that is to be told, or the one at its beginning.
"""

import msgspec
import structlog

from fairlead.events.ref_history import RefHistory
from fairlead.git.revisions import Resolved
from fairlead.repo_server.remotes.declared import Declared
from fairlead.repo_server.remotes.following import Group
from fairlead.repo_server.rendering.located import Located, SourceAt
from fairlead.repo_server.rendering.memory import Memory
from fairlead.repo_server.rendering.wish import renders

log = structlog.get_logger(__name__)

BATCH = 256
"""Records that are loaded at a time."""


async def inherit(
    group: Group, found: Resolved, history: RefHistory, declared: Declared, memory: Memory
) -> None:
    """Place the members of which a record proves what they would render. Nobody is told anything here."""
    told = found.commit if group.is_pinned else history.commit
    if not told or group.commit not in ("", found.commit, told):
        return
    if not group.commit:
        group.mean(found)
    group.told = told
    group.told_shown = found.shown if group.is_pinned else history.moves[-1].shown
    repository = group.repository
    here = Located(
        repository=repository,
        resolved=msgspec.structs.replace(found, commit=group.commit, shown=group.shown),
        look=repository.look,
    )
    wishes = {m: w for m in group.unplaced if (w := declared.get(m.app)) and len(w.sources) == 1}
    names = [memory.name(SourceAt(wish, 0, [here])) for wish in wishes.values() if renders(wish.sources[0])]
    for start in range(0, len(names), BATCH):
        await memory.load(names[start : start + BATCH])
    for member, wish in wishes.items():
        record = await memory.remembered(SourceAt(wish, 0, [here]))
        if record is not None and member in group.unplaced:
            group.place(member, group.commit, record.readings[""].paths)
    log.info(
        "group.inherited",
        repository=repository.identity,
        revision=group.revision,
        commit=group.commit,
        told=group.told,
        members=len(group.members),
        unknown=len(group.unplaced),
    )
