"""Puts the preview service together and runs it; the only place where its parts meet.

Invariant: a part that fails is started again by itself; a restart finds everything at the hosts again.
"""

from contextlib import AsyncExitStack

import structlog

from fairlead.bus import Bus
from fairlead.identities.tokens import Tokens
from fairlead.kube.collection import CONFIG_MAPS, Collection
from fairlead.kube.rest import KubeClient
from fairlead.outbound import Outbound
from fairlead.outbound.trust import Trust
from fairlead.preview.config import SERVICE, Config
from fairlead.preview.hosts.opened import Hosts
from fairlead.preview.looking.look import Looks
from fairlead.preview.round import Rounds
from fairlead.previews.ask import Questions
from fairlead.process import Probes, Stop, secrecy, serve_probes
from fairlead.process.certificates import Certificates
from fairlead.process.membership import CALM, Membership
from fairlead.process.parts import run_parts
from fairlead.settings.previews import CONFIG_MAP

log = structlog.get_logger(__name__)

LEADER = "leader"
"""The one thing that replicas share out: who writes."""


async def serve(config: Config, stop: Stop) -> None:
    """Run until `stop`."""
    secrecy.hide()
    probes = Probes()
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(
            serve_probes(probes, address=config.probe_address, port=config.probe_port)
        )
        bus = await Bus.connect(config.bus(SERVICE))
        stack.push_async_callback(bus.close)
        client = await stack.enter_async_context(KubeClient(config.connection()))
        trust = Trust()
        outbound = Outbound(config.networks, trust=trust, proxies=config.proxies)
        stack.push_async_callback(outbound.close)
        tokens = Tokens()
        stack.push_async_callback(tokens.close)
        questions = Questions(bus)
        secret = config.cache_secret.reveal().encode()
        if not secret:
            log.warning("preview.marks.by_nobody", detail="FAIRLEAD_CACHE_SECRET is not set")
        membership = Membership(
            client.urgent(),
            config.namespace,
            SERVICE,
            on_change=lambda: rounds.lead(),  # noqa: PLW0108 - made below
            calm=CALM,
        )
        looks = Looks(questions, secret=secret, may_write=lambda: membership.may_act(LEADER))
        rounds = Rounds(
            client,
            bus,
            questions,
            Hosts(outbound, tokens),
            looks,
            namespace=config.namespace,
            is_leading=lambda: membership.may_act(LEADER),
        )
        configuration = Collection(
            client,
            CONFIG_MAPS,
            namespace=config.namespace,
            name=CONFIG_MAP,
            on_put=lambda _head, _raw: rounds.poke(),
            on_gone=lambda _name: rounds.poke(),
        )
        certificates = Certificates(client, config.namespace, trust)
        probes.add("nats", lambda: bus.is_connected)
        probes.add("lease", lambda: membership.is_valid)
        probes.add("configuration", lambda: rounds.is_configured or not membership.owns(LEADER))
        await run_parts(
            {
                "membership": membership.run,
                "certificates": certificates.run,
                "configuration": configuration.run,
                "rounds": rounds.follow,
                "looks": rounds.work,
            },
            stop,
        )
