"""What NATS acknowledged and then lost is told again within one poll period.

Each period looks by two reads whether the stream still has the newest answer, which is what a torn end loses
first, and one chosen at random: the cost does not grow with the applications. Only once a loss is known is
each asked for, at a bounded rate.

Invariant: nothing is told again that the stream has, or that answers an older wish.
"""

import asyncio

import structlog

from fairlead.bus import BusUnavailableError
from fairlead.repo_server.answering.answers import Answers
from fairlead.repo_server.answering.respond import Responder
from fairlead.repo_server.remotes.declared import AppKey

log = structlog.get_logger(__name__)

RATE = 50.0
"""Answers looked for, and told again if lost, in a second."""
AGAIN = 5.0
"""Seconds after which a search that NATS did not answer is begun again."""


class Reteller:
    """Looks for what was lost, every `period` seconds and when there is reason to."""

    def __init__(self, *, answers: Answers, responder: Responder, period: float) -> None:
        self._answers = answers
        self._responder = responder
        self._period = period

    async def run(self) -> None:
        """Look for ever."""
        while True:
            await self._wait()
            try:
                await self._look()
            except BusUnavailableError as error:
                log.info("answers.unchecked", error=str(error))
            except Exception:
                log.exception("answers.check.broke")

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(self._period):
                await self._answers.doubted.wait()
        except TimeoutError:
            return

    async def _look(self) -> None:
        is_doubted = self._answers.doubted.is_set() or await self._answers.is_any_lost()
        log.debug("answers.checked", lost=is_doubted)
        if not is_doubted:
            return
        self._answers.doubted.clear()
        apps = self._answers.lasting()
        log.warning("answers.lost", remembered=len(apps), detail="NATS lost what it had acknowledged")
        async with asyncio.TaskGroup() as group:
            for app in apps:
                group.create_task(self._tell_again(app))
                await asyncio.sleep(1 / RATE)

    async def _tell_again(self, app: AppKey) -> None:
        try:
            if await self._answers.is_lost(app):
                await self._responder.tell_again(app)
        except BusUnavailableError as error:
            log.info("answer.not_told_again", app=app, error=str(error))
            asyncio.get_running_loop().call_later(AGAIN, self._answers.doubted.set)
        except Exception:
            log.exception("answer.retelling.broke", app=app)
