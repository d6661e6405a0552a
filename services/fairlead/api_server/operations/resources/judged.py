"""Has the health of objects found out that the status of their application does not tell.

The invariant: nobody is asked unless somebody looks at objects across applications, and few at a time.
"""

import asyncio

from fairlead.api_server.documents import ApplicationDocument
from fairlead.api_server.operations.application import wish
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.refusal import RefusalError
from fairlead.rpc import controller

AT_ONCE = 4
"""Applications that controllers are asked of at once."""
EACH = 0.05
"""Seconds between two rounds of those, at least."""
AGAIN = 2.0
"""Seconds between looks at whether there is something to ask."""


async def judge_objects(backend: Backend) -> None:
    """Ask, until cancelled."""
    index = backend.mirrors.resources
    while True:
        waiting = list(index.unjudged.values())
        for at in range(0, len(waiting), AT_ONCE):
            await asyncio.gather(*(_judge(backend, one) for one in waiting[at : at + AT_ONCE]))
            await asyncio.sleep(EACH)
        await asyncio.sleep(AGAIN)


async def _judge(backend: Backend, document: ApplicationDocument) -> None:
    question = controller.TreeQuery(namespace=document.namespace, name=document.name, brief=True)
    try:
        tree = await backend.ask.tree(await wish.shard(backend, document), question)
    except RefusalError:
        return
    health = {
        (node.group, node.kind, node.namespace, node.name): node.health.get("status", "")
        for node in tree.nodes
        if node.health
    }
    backend.mirrors.resources.judged(document, health)
