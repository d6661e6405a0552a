"""The only place where the commit server is put together."""

import asyncio
import contextlib

import structlog

from fairlead.bus import Bus
from fairlead.bus.topology import AUTHORS_BUCKET, WRITE_CREDENTIALS_BUCKET
from fairlead.cache import Cache
from fairlead.commit_server import counts
from fairlead.commit_server.answer import Answerer
from fairlead.commit_server.config import SERVICE, Config
from fairlead.commit_server.hydrate import Hydrator
from fairlead.commit_server.make import Maker
from fairlead.commit_server.own import Owner
from fairlead.commit_server.repository import WrittenRepositories
from fairlead.commit_server.signing import Signer
from fairlead.commit_server.tidy import Tidier
from fairlead.git import GitProgram
from fairlead.git.ls_refs import LsRefs
from fairlead.git.ssh import Ssh
from fairlead.identities import Identities
from fairlead.outbound import Outbound
from fairlead.outbound.trust import Trust
from fairlead.process import Probes, Stop, secrecy, serve_probes
from fairlead.process.beating import Members
from fairlead.process.handed_credentials import Repositories
from fairlead.process.hold import held
from fairlead.process.parts import run_parts
from fairlead.process.rendered_sets import RenderedSets
from fairlead.render.scripts import Scripts

log = structlog.get_logger(__name__)


async def serve(config: Config, stop: Stop) -> None:
    """Run until it is told to stop."""
    secrecy.hide()
    async with contextlib.AsyncExitStack() as stack:
        probes = Probes()
        await stack.enter_async_context(
            serve_probes(probes, address=config.probe_address, port=config.probe_port)
        )
        if not await stack.enter_async_context(held(config.data_dir, stop)):
            return
        bus = await Bus.connect(config.bus(SERVICE))
        stack.push_async_callback(bus.close)
        cache = Cache(config.cache())
        stack.push_async_callback(cache.close)
        scripts = Scripts(config.render_engine)
        stack.push_async_callback(scripts.aclose)
        service = CommitServer(config, bus=bus, cache=cache, scripts=scripts, probes=probes)
        stack.push_async_callback(service.close)
        await service.run(stop)


class CommitServer:
    """The parts, joined."""

    def __init__(self, config: Config, *, bus: Bus, cache: Cache, scripts: Scripts, probes: Probes) -> None:
        self._config = config
        self._bus = bus
        home, mirrors = config.data_dir / "home", config.data_dir / "written"
        for folder in (home, mirrors):
            folder.mkdir(parents=True, exist_ok=True)
        trust = Trust(config.data_dir / "trust")
        self._ssh = Ssh(config.networks)
        self._outbound = Outbound(config.networks, trust=trust, proxies=config.proxies)
        self._identities = Identities(self._outbound, config.ambient)
        program = GitProgram(
            home=home,
            allow_files=config.allow_file_urls,
            networks=config.networks,
            slots=self._outbound.slots,
            budgets=self._outbound.budgets,
            ls_refs=LsRefs(self._outbound),
            observer=counts.asked,
            trust=trust,
            proxies=config.proxies,
            identities=self._identities,
            ssh=self._ssh,
        )
        self._other_credentials = asyncio.Event()
        self._book = Repositories(self._other_credentials.set, trust, self._ssh)
        self._repositories = WrittenRepositories(program, mirrors, self._book)
        self._tidier = Tidier(self._repositories, mirrors)
        signer = Signer(config.signing_key, config.passphrase_file) if config.signing_key else None
        self.hydrator = Hydrator(self._repositories, RenderedSets(bus, cache), Maker(scripts, signer))
        self._members = Members(bus, config.data_dir, AUTHORS_BUCKET)
        self._owner = Owner(bus, self._members, Answerer(self.hydrator).verbs())
        probes.add("nats", lambda: bus.is_connected)
        probes.add("credentials", lambda: self._book.is_synced)
        probes.add("members", lambda: self._members.has_joined)

    async def run(self, stop: Stop) -> None:
        """Every part until the process is to stop."""
        seal = self._config.write_credentials_seal()
        parts = {"work": self._work, "keys of SSH": self._keep_keys, "tidying": self._tidier.run}
        if seal is None:
            log.error(
                "commit_server.without_credentials", detail="FAIRLEAD_WRITE_CREDENTIALS_SECRET is not set"
            )
        else:
            parts["credentials"] = lambda: self._book.watch(self._bus, seal, WRITE_CREDENTIALS_BUCKET)
        await run_parts(parts, stop)

    async def close(self) -> None:
        """End connections and helper processes."""
        self._repositories.close()
        await self._identities.close()
        await self._outbound.close()
        await self._ssh.close()

    async def _work(self) -> None:
        """Nobody is answered before the credentials are known."""
        await self._book.wait_synced()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._members.run())
            group.create_task(self._owner.run())

    async def _keep_keys(self) -> None:
        """Connections are kept for keys that are still declared."""
        await self._book.wait_synced()
        while True:
            self._other_credentials.clear()
            self._ssh.keep(self._book.ssh_keys())
            await self._other_credentials.wait()
