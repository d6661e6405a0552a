"""The only place where this service's parts are put together.

The invariant: the port opens only after the mirrors are whole, so no request is answered from half a picture.
Whether NATS is there decides what can be done, never whether the service is ready: reads come from mirrors.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from contextlib import AsyncExitStack
from ssl import SSLContext
from typing import Any

import structlog
from aiohttp import web

from fairlead.api_server.ask import Ask
from fairlead.api_server.audit import Auditor
from fairlead.api_server.authority import Authority
from fairlead.api_server.calls.counted import Counted
from fairlead.api_server.calls.places import Places
from fairlead.api_server.commits import Commits
from fairlead.api_server.config import SERVICE, Config
from fairlead.api_server.config_map import read_config_map
from fairlead.api_server.connections import Connections
from fairlead.api_server.counts import NATS_CONNECTED, call_seconds, redis_requests
from fairlead.api_server.extensions import switched_off
from fairlead.api_server.extensions.scripts import Scripts
from fairlead.api_server.followed import Followed
from fairlead.api_server.grpc.connection import Http2
from fairlead.api_server.grpc.invoke import Invoker
from fairlead.api_server.identities import Identities
from fairlead.api_server.kinds import (
    CONFIG_MAPS,
    DEX_TLS_SECRET,
    ENDED_SESSIONS,
    PARAMETERS,
    RBAC_CONFIG_MAP,
)
from fairlead.api_server.listen import listening, strangers
from fairlead.api_server.mirrored import mirrors_of
from fairlead.api_server.moved import Moved
from fairlead.api_server.operations.backend import Backend, Control, Mirrors
from fairlead.api_server.operations.resources.judged import judge_objects
from fairlead.api_server.prepare import prepare_namespace
from fairlead.api_server.public_events import PublicEvents
from fairlead.api_server.record import Recorder
from fairlead.api_server.rest import application
from fairlead.api_server.rest.root import normal
from fairlead.api_server.rest.served import Served
from fairlead.api_server.revoked import RevokedSessions
from fairlead.api_server.sso.dex import Dex
from fairlead.api_server.sso.sso import SingleSignOn
from fairlead.api_server.strangers import Strangers
from fairlead.api_server.tallies import SharedTallies
from fairlead.api_server.tls import Tls
from fairlead.api_server.ui.assets import ui_assets
from fairlead.api_server.ui.policy import Policy
from fairlead.api_server.ui.serve import Ui
from fairlead.api_server.webhook.receive import Webhook
from fairlead.api_server.webhook.sets import Sets
from fairlead.auth.login import Login
from fairlead.auth.sessions import Sessions
from fairlead.auth.throttle import LoginThrottle
from fairlead.bus import Bus
from fairlead.cache import Cache
from fairlead.kube import fence
from fairlead.kube.errors import KubeError
from fairlead.kube.rest import KubeClient
from fairlead.matching.project import names_namespace
from fairlead.process import Probes, Stop, serve_probes
from fairlead.process.body import Budgets
from fairlead.process.supervise import supervise
from fairlead.settings import controller_parameters
from fairlead.settings.server_parameters import ServerParameters, server_parameters

log = structlog.get_logger(__name__)

LOOK_AGAIN = 60.0
"""Seconds between looks at whether the namespace still has what it needs."""
START_AGAIN = 2.0
"""Seconds between attempts to prepare the namespace while Kubernetes refuses or is away."""


async def serve(config: Config, stop: Stop) -> None:
    """Run the service until `stop` is set or a part fails."""
    if config.observes:
        fence.observe()
    probes = Probes()
    Counted.seconds = call_seconds() if config.times_calls else None
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(
            serve_probes(probes, address=config.probe_address, port=config.probe_port)
        )
        client = await stack.enter_async_context(KubeClient(config.connection()))
        bus = await Bus.opening(config.bus(SERVICE))
        stack.push_async_callback(bus.close)
        NATS_CONNECTED.set_function(lambda: bus.is_connected)
        requests = redis_requests()
        probes.metrics.add(requests.written)
        cache = Cache(config.cache(), requests, is_late=True)
        stack.push_async_callback(cache.close)
        await _run(config, stop, client, bus=bus, cache=cache, probes=probes)


async def backend_of(config: Config, client: KubeClient, bus: Bus, cache: Cache) -> Backend:
    """The backend of all operations, once the namespace has what it needs."""
    if not fence.observes():
        await _prepared(client, config.namespace)
    parameters = await _parameters(client, config.namespace)
    patterns = controller_parameters(parameters).application_namespaces
    at_start = server_parameters(parameters)
    if at_start.is_authentication_disabled:
        log.warning("api.authentication.disabled", reason="everybody may do everything", security=4)

    def allows(namespace: str) -> bool:
        return any(names_namespace(pattern, namespace) for pattern in patterns)

    mirrors = mirrors_of(client, config.namespace, allows if patterns else None)
    control = Control(mirrors, verifies_signatures=config.verifies_signatures)
    ended = RevokedSessions(client, config.namespace, lambda: mirrors.secrets.get(ENDED_SESSIONS))
    sessions = Sessions(control.signing_key, control.accounts, ended, role_tokens=control.role_tokens)
    sso = SingleSignOn(
        lambda: control.settings.login,
        control.signing_key,
        control.followed,
        ended,
        secrets=lambda: mirrors.secrets.changed,
        dex=_dex(config, at_start, mirrors),
        cache=cache,
    )
    authority = Authority(
        lambda: mirrors.config_maps.get(RBAC_CONFIG_MAP),
        mirrors.projects.get,
        lambda: mirrors.projects.changed,
    )
    ask = Ask(bus, cache, config.access_seal())
    throttle = LoginThrottle(SharedTallies(bus))
    return Backend(
        namespace=config.namespace,
        allows_applications=allows,
        kube=client,
        mirrors=mirrors,
        control=control,
        sessions=sessions,
        authority=authority,
        identities=Identities(
            sessions,
            authority,
            lambda: control.settings.anonymous_enabled,
            sso=sso,
            revocations=ended,
            is_disabled=at_start.is_authentication_disabled,
        ),
        sso=sso,
        ended=ended,
        login=Login(
            control.accounts, sessions, throttle=throttle, life=lambda: control.settings.session_seconds
        ),
        ask=ask,
        connections=Connections(client, config.namespace, ask),
        moved=Moved(bus),
        commits=Commits(ask.describe, control.permits),
        events=PublicEvents(bus),
        recorder=Recorder(client, reasons=config.event_reasons, globs=lambda: control.settings.event_labels),
        auditor=Auditor(bus.tell, lambda name: name in control.accounts()),
    )


def _dex(config: Config, at_start: ServerParameters, mirrors: Mirrors) -> Dex:
    def certificates() -> Mapping[str, str]:
        found = mirrors.secrets.get(DEX_TLS_SECRET)
        return found.values if found is not None else {}

    address = config.dex_server or at_start.dex_server
    return Dex(address, is_strict=at_start.is_dex_strict, certificates=certificates)


async def _served(config: Config, backend: Backend, *, secure: bool) -> tuple[str, Served, Ui]:
    """The path under which everything is served, how, and the web UI; as it is at start (contract 11.2)."""
    given = server_parameters(await _parameters(backend.kube, config.namespace))
    root = normal(config.rootpath or given.root)
    path = (root or normal(config.basehref or given.base)).removeprefix("/")
    ui = Ui(
        assets=await asyncio.to_thread(ui_assets, config.static_assets, given.static_assets),
        policy=Policy(
            given.content_policy if config.content_policy is None else config.content_policy,
            given.frame_options if config.frame_options is None else config.frame_options,
        ),
        path=path,
        is_packed=given.is_compressed,
        scripts=Scripts(config.extensions, is_packed=given.is_compressed),
        css_url=lambda: backend.control.presentation.css_url,
    )
    served = Served(
        secure=secure,
        path=path,
        is_packed=given.is_compressed,
        has_page=given.has_swagger_page,
        has_proxy_extensions=given.has_proxy_extensions,
    )
    return root, served, ui


async def _parameters(client: KubeClient, namespace: str) -> Mapping[str, str]:
    while True:
        try:
            raw = await client.find(CONFIG_MAPS, PARAMETERS, namespace)
        except KubeError as error:
            log.warning("api.parameters.unreadable", error=error.message[:200], again_in=START_AGAIN)
            await asyncio.sleep(START_AGAIN)
            continue
        return read_config_map(raw).data if raw is not None else {}


async def _prepared(client: KubeClient, namespace: str) -> None:
    while True:
        try:
            return await prepare_namespace(client, namespace)
        except KubeError as error:
            log.warning("api.namespace.unprepared", error=error.message[:200], again_in=START_AGAIN)
            await asyncio.sleep(START_AGAIN)


async def _run(
    config: Config, stop: Stop, client: KubeClient, *, bus: Bus, cache: Cache, probes: Probes
) -> None:
    backend = await backend_of(config, client, bus, cache)
    opened = asyncio.Event()
    probes.add("listening", opened.is_set)
    async with asyncio.TaskGroup() as group:
        parts = begun(group, followers(backend))
        await ready(backend)
        settings = None
        if not config.insecure:
            tls = Tls(config, client, backend.mirrors.secrets)
            await tls.open()
            settings = tls.context
            parts += begun(group, {"certificate": tls.run})
        invoker = Invoker(backend, Places(), Budgets())
        root, served, ui = await _served(config, backend, secure=settings is not None)
        if not served.has_proxy_extensions:
            parts += begun(group, {"extensions": lambda: switched_off.tell(backend)})
        webhook, known_by = _webhook(config, bus, backend), strangers()
        app = application.build(backend, webhook.handler, invoker, served, ui)
        doors = {application.WEBHOOK: webhook.door(secure=served.secure)}
        server = application.runner(app, root, doors, known_by)
        http2 = Http2(invoker, known_by)
        await _listen(config, stop, server, http2, known_by, settings=settings, opened=opened)
        for part in parts:
            part.cancel()


Part = Callable[[], Coroutine[Any, Any, None]]


def begun(group: asyncio.TaskGroup, parts: Mapping[str, Part]) -> list[asyncio.Task[None]]:
    """Parts under way, by their names. One that fails is begun again, and what is served goes on."""
    return [group.create_task(supervise(name, part)) for name, part in parts.items()]


def followers(backend: Backend) -> dict[str, Part]:
    """What keeps the backend's picture and records going."""
    mirrors = backend.mirrors
    return {
        "applications": mirrors.applications.run,
        "projects": mirrors.projects.run,
        "application sets": mirrors.sets.run,
        "secrets": mirrors.secrets.run,
        "config maps": mirrors.config_maps.run,
        "events": backend.recorder.run,
        "audit": backend.auditor.run,
        "ended sessions": backend.ended.run,
        "moved revisions": backend.moved.run,
        "commits": backend.commits.run,
        "health of objects": lambda: judge_objects(backend),
        "namespace": lambda: _keep_prepared(backend),
        "settings": lambda: _tell_settings(backend),
    }


async def _keep_prepared(backend: Backend) -> None:
    """Somebody who deletes `argocd-secret` gets a new key, which ends all sessions, not a dead service."""
    await backend.mirrors.secrets.ready()
    while True:
        if not backend.control.signing_key() and not fence.observes():
            await _prepared(backend.kube, backend.namespace)
        await backend.mirrors.secrets.changes(seconds=LOOK_AGAIN)


async def _tell_settings(backend: Backend) -> None:
    """A bad value is told when it is written, not when somebody asks for it."""
    maps = backend.mirrors.config_maps
    await maps.ready()
    while True:
        _ = backend.control.settings, backend.control.presentation
        await maps.changes(seconds=LOOK_AGAIN)


async def ready(backend: Backend) -> None:
    """Return once all mirrors are whole."""
    mirrors = backend.mirrors
    for mirror in (mirrors.applications, mirrors.projects, mirrors.secrets, mirrors.config_maps):
        await mirror.ready()


def _webhook(config: Config, bus: Bus, backend: Backend) -> Webhook:
    control = backend.control
    return Webhook(
        bus,
        control.secret,
        lambda: control.settings.max_payload_mb,
        Followed(backend.mirrors.applications).names,
        sets=Sets(backend.mirrors.sets, backend.kube),
        is_local=config.is_local,
    )


async def _listen(
    config: Config,
    stop: Stop,
    runner: web.AppRunner,
    http2: Http2,
    known_by: Strangers,
    *,
    settings: SSLContext | None,
    opened: asyncio.Event,
) -> None:
    await runner.setup()
    try:
        async with listening(
            runner, settings, address=config.listen, port=config.port, http2=http2, known_by=known_by
        ):
            opened.set()
            log.info("api.listening", address=config.listen, port=config.port, tls=settings is not None)
            await stop.wait()
    finally:
        await runner.cleanup()
