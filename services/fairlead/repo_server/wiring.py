"""The only place where the repo-server is put together."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import structlog

from fairlead.bus import Bus, Handler
from fairlead.cache import Cache
from fairlead.git import GitProgram
from fairlead.git.fetch_pack import FetchPack
from fairlead.git.ls_refs import LsRefs
from fairlead.git.reach import host_of
from fairlead.git.ssh import Ssh
from fairlead.git.urls import is_ssh
from fairlead.identities import Identities
from fairlead.outbound import Outbound
from fairlead.outbound.budgets import Budgets
from fairlead.outbound.trust import Trust
from fairlead.process import Probes, Stop, secrecy, serve_probes
from fairlead.process.beating import Members
from fairlead.process.handed_credentials import Repositories
from fairlead.process.hold import held
from fairlead.process.supervise import supervise
from fairlead.render import EngineConfig, PoolConfig, RenderPool
from fairlead.repo_server import counts
from fairlead.repo_server.answering.access import Access
from fairlead.repo_server.answering.affected import Affected
from fairlead.repo_server.answering.announce import Announcer
from fairlead.repo_server.answering.answer import Answerer
from fairlead.repo_server.answering.answers import Answers
from fairlead.repo_server.answering.files import FileRenders
from fairlead.repo_server.answering.followed import Followed
from fairlead.repo_server.answering.listing import Listing
from fairlead.repo_server.answering.merging import Merging
from fairlead.repo_server.answering.offers import Offers
from fairlead.repo_server.answering.plugins import PluginAnswers
from fairlead.repo_server.answering.respond import Responder
from fairlead.repo_server.answering.retell import Reteller
from fairlead.repo_server.answering.retry import Retries
from fairlead.repo_server.answering.stand import Standing
from fairlead.repo_server.answering.versions import Versions
from fairlead.repo_server.config import SERVICE, Config
from fairlead.repo_server.plugins.plugins import Plugins
from fairlead.repo_server.remotes.declared import Declared
from fairlead.repo_server.remotes.following import Following
from fairlead.repo_server.remotes.histories import Histories
from fairlead.repo_server.remotes.interests import Interests
from fairlead.repo_server.remotes.mirrors import Mirrors
from fairlead.repo_server.rendering.after_build import Finishing
from fairlead.repo_server.rendering.capabilities import Serving
from fairlead.repo_server.rendering.chosen_kustomize import ChosenKustomize
from fairlead.repo_server.rendering.failures import Failures
from fairlead.repo_server.rendering.in_force import SettingsInForce
from fairlead.repo_server.rendering.integrity import Integrity
from fairlead.repo_server.rendering.records import Records
from fairlead.repo_server.rendering.render import Renderer
from fairlead.repo_server.rendering.sets import Sets
from fairlead.repo_server.rendering.worktree import Worktrees
from fairlead.repo_server.supplying.chart import ChartProvider, as_it_is
from fairlead.repo_server.supplying.file import FileProvider
from fairlead.repo_server.supplying.git import GitProvider
from fairlead.repo_server.supplying.lfs import LfsProvider
from fairlead.repo_server.supplying.provider import Provider
from fairlead.repo_server.supplying.shelf import Shelves
from fairlead.repo_server.supplying.submodule import SubmoduleProvider
from fairlead.repo_server.supplying.supply import Supplier
from fairlead.repo_server.supplying.whole import Wholes
from fairlead.repo_server.watching.advance import Advancer
from fairlead.repo_server.watching.check import Checker
from fairlead.repo_server.watching.follow import Follower
from fairlead.repo_server.watching.moves import Moves
from fairlead.repo_server.watching.own import Owner
from fairlead.repo_server.watching.poll import Poller
from fairlead.repo_server.watching.recover import Recoverer
from fairlead.repo_server.watching.resettle import Resettler
from fairlead.repo_server.watching.tidy import Tidier

REVISION_SECONDS = 180.0
"""How long refs, and NATS, are believed when nothing polls (contract 7.10)."""

RENDER_SECONDS = 60.0
"""For one render where the operator says nothing."""
BUILD_SECONDS = 90.0
"""For one build by an operator's binary where the operator says nothing (contract 21)."""
CREDENTIALS_SETTLE = 0.5
"""Seconds between two rounds over all wishes because credentials change."""

log = structlog.get_logger(__name__)


async def serve(config: Config, stop: Stop) -> None:
    """Run the repo-server until it is told to stop."""
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
        requests = counts.redis_requests()
        probes.metrics.add(requests.written)
        cache = Cache(config.cache(), requests)
        stack.push_async_callback(cache.close)
        folder = config.data_dir / "mirrors"
        folder.mkdir(parents=True, exist_ok=True)
        engine = EngineConfig(
            binary=config.render_engine,
            mirrors=folder,
            deadline_seconds=config.exec_timeout or RENDER_SECONDS,
        )
        pool = await stack.enter_async_context(
            RenderPool(PoolConfig(engine=engine, size=config.render_workers), counts.WAITED.observe)
        )
        service = RepoServer(config, bus=bus, cache=cache, pool=pool, probes=probes)
        stack.push_async_callback(service.close)
        await service.run(stop)


class RepoServer:
    """The parts, joined."""

    def __init__(self, config: Config, *, bus: Bus, cache: Cache, pool: RenderPool, probes: Probes) -> None:
        self.config = config
        self.bus = bus
        home = config.data_dir / "home"
        home.mkdir(parents=True, exist_ok=True)
        trust = Trust(config.data_dir / "trust")
        self._ssh = Ssh(config.networks)
        self.outbound = Outbound(
            config.networks,
            trust=trust,
            proxies=config.proxies,
            budgets=Budgets(counts.budgeted),
            observer=counts.asked_outbound,
        )
        self.identities = Identities(self.outbound, config.ambient)
        program = GitProgram(
            home=home,
            allow_files=config.allow_file_urls,
            networks=config.networks,
            fetch_timeout=config.fetch_timeout,
            slots=self.outbound.slots,
            budgets=self.outbound.budgets,
            ls_refs=LsRefs(self.outbound),
            fetch_pack=FetchPack(self.outbound),
            observer=counts.asked,
            trust=trust,
            proxies=config.proxies,
            identities=self.identities,
            ssh=self._ssh,
        )
        self._other_credentials = asyncio.Event()
        self.book = Repositories(self._other_credentials.set, trust, self._ssh)
        self.following = Following()
        self.interests = Interests()
        self.retries = Retries()
        answers = Answers(bus)
        self.announcer = Announcer(bus, answers)
        self.moves = Moves(following=self.following, interests=self.interests, announcer=self.announcer)
        self.recoverer = Recoverer()
        self.mirrors = Mirrors(
            folder=config.data_dir / "mirrors",
            program=program,
            book=self.book,
            moved=self.moves.moved,
            recovered=self.recoverer.recovered,
            followed=self.following.revisions,
            outbound=self.outbound,
            settings=lambda: self.settings.current,
        )
        histories = Histories(bus)
        records, self.sets = Records(cache), Sets(cache)
        serving = Serving(bus)
        self.settings = SettingsInForce(self._instructed)
        self._supplier = supplier = Supplier(pool, self._providers(program))
        integrity = Integrity(self.book)
        scratch = config.data_dir / "worktrees"
        self.worktrees = Worktrees(scratch, program)
        wholes = Wholes(program, supplier)
        self.plugins = Plugins(
            config.plugin_sockets,
            program=program,
            pool=pool,
            scratch=scratch,
            wholes=wholes,
            expected=config.plugins,
        )
        self._pool = pool
        chosen = ChosenKustomize(pool, self.worktrees, wholes, seconds=config.exec_timeout or BUILD_SECONDS)
        self.renderer = Renderer(
            pool,
            self.sets,
            records,
            Failures(),
            serving=serving,
            settings=self.settings,
            supplier=supplier,
            integrity=integrity,
            sidecars=self.plugins,
            chosen=chosen,
            finishing=Finishing(self.book.lent),
        )
        self.files = FileRenders(
            supplier=supplier,
            serving=serving,
            settings=self.settings,
            folder=config.data_dir / "mirrors",
            program=program,
            plugins=self.plugins,
            pool=pool,
            chosen=chosen,
        )
        self.follower = Follower(
            mirrors=self.mirrors,
            following=self.following,
            announcer=self.announcer,
            retries=self.retries,
        )
        self.declared = Declared(bus, self.follower.changed)
        self.responder = Responder(
            declared=self.declared,
            mirrors=self.mirrors,
            following=self.following,
            renderer=self.renderer,
            announcer=self.announcer,
            retries=self.retries,
            histories=histories,
            fresh_seconds=config.poll_seconds or REVISION_SECONDS,
        )
        self.advancer = Advancer(
            declared=self.declared,
            following=self.following,
            memory=self.renderer.memory,
            responder=self.responder,
            histories=histories,
            announcer=self.announcer,
            integrity=integrity,
        )
        self.resettler = Resettler(
            declared=self.declared,
            following=self.following,
            memory=self.renderer.memory,
            advancer=self.advancer,
        )
        self.checker = Checker(mirrors=self.mirrors, following=self.following, interests=self.interests)
        self.poller = Poller(
            mirrors=self.mirrors,
            following=self.following,
            advancer=self.advancer,
            period=config.poll_seconds,
        )
        self.reteller = Reteller(
            answers=answers,
            responder=self.responder,
            period=config.poll_seconds or REVISION_SECONDS,
        )
        self.tidier = Tidier(
            mirrors=self.mirrors,
            following=self.following,
            records=records,
            folder=config.data_dir / "mirrors",
        )
        self.members = Members(bus, config.data_dir)
        self.owner = Owner(
            bus=bus,
            members=self.members,
            declared=self.declared,
            follower=self.follower,
            records=records,
            poller=self.poller,
            responder=self.responder,
            checker=self.checker,
            answers=self._answers(program, integrity),
        )
        bus.on_wipe(self.following.unrecord)
        probes.add("nats", lambda: bus.is_connected)
        probes.add("sources", lambda: self.declared.is_ready)
        probes.add("credentials", lambda: self.book.is_synced)
        probes.add("settings", lambda: self.settings.is_synced)

    def _answers(self, program: GitProgram, integrity: Integrity) -> dict[str, Handler]:
        """Who answers what is asked over the bus, by verb."""
        answerer = Answerer(
            mirrors=self.mirrors,
            renderer=self.renderer,
            responder=self.responder,
            sets=self.sets,
            integrity=integrity,
        )
        access = Access(
            mirrors=self.mirrors,
            offers=Offers(program, self.outbound),
            seal=self.config.access_seal(),
            disabled=lambda: self.renderer.disabled,
        )
        plugins = PluginAnswers(plugins=self.plugins, responder=self.responder, renderer=self.renderer)
        affected = Affected(
            mirrors=self.mirrors,
            following=self.following,
            memory=self.renderer.memory,
            declared=self.declared,
        )
        listing = Listing(
            mirrors=self.mirrors,
            interests=self.interests,
            integrity=integrity,
            supplier=self._supplier,
            program=program,
            settings=lambda: self.settings.current,
        )
        standing = Standing(
            declared=self.declared,
            following=self.following,
            announcer=self.announcer,
            owns=self.follower.owns,
        )
        return {
            **answerer.verbs(),
            **access.verbs(),
            **self.files.verbs(),
            **plugins.verbs(),
            **standing.verbs(),
            **Versions(mirrors=self.mirrors).verbs(),
            **affected.verbs(),
            **Merging(self.mirrors).verbs(),
            **listing.verbs(),
            **Followed(mirrors=self.mirrors, interests=self.interests).verbs(),
        }

    def _providers(self, program: GitProgram) -> dict[str, Provider]:
        """Who obtains what renders lack, by kind of want."""
        shelves = Shelves(self.config.data_dir / "mirrors")
        opened = program.identities.opened if program.identities is not None else as_it_is
        self._submodules = SubmoduleProvider(
            program, shelves, self.book, is_enabled=lambda: self.config.submodules
        )
        return {
            "submodule": self._submodules,
            "lfs": LfsProvider(program, self.outbound, shelves, self.book),
            "chart": ChartProvider(
                self.outbound,
                shelves,
                self.book,
                opened=opened,
                settings=lambda: self.settings.current,
            ),
            "file": FileProvider(self.outbound, shelves, lambda: self.settings.current.value_file_schemes),
            "resource": FileProvider(self.outbound, shelves, lambda: ("https", "http"), "file"),
            "git": GitProvider(program, shelves, self.book),
        }

    async def run(self, stop: Stop) -> None:
        """Every part until the process is to stop; one that fails is begun again, and the others go on."""
        await asyncio.to_thread(self.worktrees.sweep)
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(supervise(name, part))
                for name, part in (*self._parts().items(), ("work", self._work))
            ]
            await stop.wait()
            for task in tasks:
                task.cancel()

    async def close(self) -> None:
        """End the helper processes."""
        await self.advancer.close()
        await self.mirrors.close()
        self._submodules.close()
        await self.identities.close()
        await self.outbound.close()
        await self._ssh.close()
        self.plugins.close()

    def _instructed(self) -> None:
        self._pool.limit(self.settings.current.limits.parallel)
        self.resettler.wake()

    def _parts(self) -> dict[str, Callable[[], Awaitable[None]]]:
        parts: dict[str, Callable[[], Awaitable[None]]] = {
            "wishes": self._watch_wishes,
            "other credentials": self._watch_credentials,
            "render settings": lambda: self.settings.watch(self.bus),
            "settings applied": self.resettler.run,
            "retries": lambda: self.retries.run(self.responder.retry),
            "polls": self.poller.run,
            "answers told again": self.reteller.run,
            "recoveries": lambda: self.recoverer.run(self.advancer),
            "moves": lambda: self.advancer.run(self.moves),
            "tidying": self.tidier.run,
        }
        seal = None if self.config.no_kube else self.config.credentials_seal()
        if seal is None:
            self.book.assume_none()
            self.settings.assume_default()
            log.warning("repo_server.without_credentials", detail="only public repositories can be read")
        else:
            parts["credentials"] = lambda: self.book.watch(self.bus, seal)
        return parts

    async def _watch_wishes(self) -> None:
        """Whose mirror an address means depends on the credentials, so these are read first."""
        await self.book.wait_synced()
        self._ssh.keep(self.book.ssh_keys())
        await self.declared.watch()

    async def _watch_credentials(self) -> None:
        """A burst of changes is taken in one go."""
        while True:
            await self._other_credentials.wait()
            self._other_credentials.clear()
            self._ssh.keep(self.book.ssh_keys())
            self.follower.rejoin(self.declared)
            self.poller.hurry(self.mirrors.unlike())
            hosts = self.book.otherwise_vouched()
            self.poller.hurry(one for one in self.mirrors if host_of(one.url).lower() in hosts)
            if self.book.otherwise_known():
                self.poller.hurry(one for one in self.mirrors if is_ssh(one.url))
            self.renderer.forget_elsewhere()
            self.resettler.wake()
            await asyncio.sleep(CREDENTIALS_SETTLE)

    async def _work(self) -> None:
        """Work begins once credentials, wishes and the other repo-servers are known."""
        await self.book.wait_synced()
        await self.settings.wait_synced()
        await self.declared.wait_ready()
        async with asyncio.TaskGroup() as group:
            group.create_task(supervise("membership", self.members.run))
            await self.members.joined()
            log.info("repo_server.ready", applications=sum(1 for _ in self.declared))
            await supervise("partitions", self.owner.run)
