"""One server that is all services, and senders that may reach it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from fairlead.local.pki import Pki, ensure_pki
from fairlead.matching.networks import Networks, parse_networks
from fairlead.notices.senders import DeliveryError, Endpoints, Message, Sender, Senders, Surroundings
from fairlead.outbound import Outbound
from fairlead.outbound.trust import Trust
from tests.fakes.receivers import Receivers

LOOPBACK = Networks(opened=parse_networks("127.0.0.1/32"))


class Stage(msgspec.Struct):
    """The services, and who sends to them."""

    services: Receivers
    outbound: Outbound
    senders: Senders
    pki: Pki

    def sender(self, kind: str, options: Mapping[str, Any], **more: Any) -> Sender:
        return self.senders.sender_of(kind, options, **more)

    async def send(
        self,
        kind: str,
        options: Mapping[str, Any],
        recipient: str = "",
        *,
        text: str = "hello",
        block: Any = None,
        dedupe: str = "once",
        **more: Any,
    ) -> None:
        blocks = {} if block is None else {kind: block}
        message = Message(text=text, blocks=blocks, template="app-deployed")
        await self.sender(kind, options, **more).send(message, recipient, dedupe=dedupe)

    async def failure(
        self, kind: str, options: Mapping[str, Any], *arguments: Any, **more: Any
    ) -> DeliveryError:
        with pytest.raises(DeliveryError) as caught:
            await self.send(kind, options, *arguments, **more)
        return caught.value


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def whole_stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    folder = tmp_path_factory.mktemp("senders")
    pki = ensure_pki(folder / "pki")
    trust = Trust(folder / "trust")
    trust.put({"127.0.0.1": pki.ca.certificate.read_text()})
    async with Receivers().running() as services:
        at = services.url
        endpoints = Endpoints(
            telegram=f"{at}/telegram",
            pushover=f"{at}/pushover",
            pagerduty=f"{at}/pagerduty",
            pagerdutyv2=f"{at}/pagerdutyv2",
            pubsub=f"{at}/pubsub",
            metadata=at,
        )
        outbound = Outbound(LOOPBACK, trust=trust)
        senders = Senders(outbound, Surroundings(endpoints=endpoints))
        yield Stage(services, outbound, senders, pki)
        await senders.close()
        await outbound.close()


@pytest.fixture
def stage(whole_stage: Stage) -> Stage:
    whole_stage.services.forget()
    return whole_stage


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path
