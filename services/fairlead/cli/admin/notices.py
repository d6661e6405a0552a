"""`admin notifications trigger run` and `template notify`: what the service would judge and send, tried here.

The same libraries read, judge, compose and send as in the service; only repositories cannot be asked.
"""

import asyncio
import os
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec

from fairlead.cli import messages
from fairlead.cli.admin.control_plane import CONFIG_MAPS, SECRETS, at
from fairlead.cli.admin.settings.scripts import engine_binary
from fairlead.cli.command import Invocation
from fairlead.cli.errors import CliError, DeclinedError, SettingsError
from fairlead.cli.spec.files import parsed
from fairlead.cli.spec.places import read_text
from fairlead.cli.view.columns import columns
from fairlead.cli.view.yaml_text import as_yaml
from fairlead.kube.collection import APP_PROJECTS, APPLICATIONS
from fairlead.kube.rest import KubeClient
from fairlead.matching.networks import Networks, parse_networks
from fairlead.notices.composing.compose import CompositionError, compose
from fairlead.notices.configuration import CONFIG_MAP, SECRET, Configuration, Service, read
from fairlead.notices.configuration.read import split_recipient
from fairlead.notices.configuration.secret import plain
from fairlead.notices.environment import Environment, NoRepositories
from fairlead.notices.judging.decide import evaluations, texts_of
from fairlead.notices.senders import DeliveryError, Message, OptionError, Senders, Surroundings
from fairlead.outbound import Outbound
from fairlead.render.scripts import Scripts

CONSOLE = "console"
NOTHING = ":empty"
HERE_TOO = Networks(opened=parse_networks("127.0.0.0/8,::1"))
"""Who runs the command chooses whom it asks, this machine included."""
OF_EVENTS = "asked by events alone"
MINIMUM = 5
"""Least width of a column."""


class _Tried(msgspec.Struct, frozen=True, kw_only=True):
    """What is tried, of which application."""

    configuration: Configuration
    app: bytes
    project: bytes


def run_trigger(call: Invocation) -> None:
    """Print each condition and whether it holds."""
    name, application = call.exactly("trigger", "application")
    tried = _read(call, application)
    found = tried.configuration.triggers
    if name not in found:
        raise DeclinedError(f"trigger '{name}' does not exist (found {', '.join(sorted(found)) or 'none'})")
    judged = asyncio.run(_judged(tried, name))
    rows = [(one.condition.when, one.problem or str(one.holds).lower()) for one in judged]
    rows += [(one.when, OF_EVENTS) for one in found[name] if one.is_of_event]
    print(columns([("CONDITION", "RESULT"), *rows], minimum=MINIMUM), end="")
    if any(one.problem for one in judged):
        raise CliError(f"trigger '{name}' cannot be judged whole")


def notify(call: Invocation) -> None:
    """Fill a template in for each recipient, and send it."""
    name, application = call.exactly("template", "application")
    tried = _read(call, application)
    found = tried.configuration.templates
    if name not in found:
        raise DeclinedError(f"template '{name}' does not exist (found {', '.join(sorted(found)) or 'none'})")
    recipients = [split_recipient(text) for text in call.values.many("recipient") if text]
    failed = asyncio.run(_sent(tried, name, recipients or [(CONSOLE, "stdout")]))
    if failed:
        raise CliError("; ".join(failed))


async def _judged(tried: _Tried, trigger: str) -> tuple[Any, ...]:
    async with _environment(tried) as environment:
        outcomes = await environment.conditions(texts_of(tried.configuration, [trigger]))
        return evaluations(tried.configuration, trigger, outcomes)


async def _sent(tried: _Tried, template: str, recipients: list[tuple[str, str]]) -> list[str]:
    """The words of what failed."""
    failed = []
    outbound = Outbound(HERE_TOO)
    senders = Senders(outbound, Surroundings.read(os.environ.get))
    try:
        async with _environment(tried) as environment:
            for service, recipient in recipients:
                try:
                    await _sent_to(tried.configuration, environment, template, service, recipient, senders)
                except (CompositionError, DeliveryError, OptionError) as error:
                    failed.append(f"{service}:{recipient}: {error}")
    finally:
        await senders.close()
        await outbound.close()
    return failed


async def _sent_to(
    configuration: Configuration,
    environment: Environment,
    template: str,
    name: str,
    recipient: str,
    senders: Senders,
) -> None:
    console = Service(name=CONSOLE, kind=CONSOLE, options={})
    service = console if name == CONSOLE else configuration.services.get(name)
    if service is None:
        known = ", ".join(sorted(configuration.services)) or "none"
        raise DeliveryError(f"the service is not configured (found {known})", may_pass=False)
    message = await compose(configuration, environment, [template], service, recipient)
    if service is console:
        _print(message)
        return
    hidden = (*service.hidden, *configuration.secrets.values())
    sender = senders.sender_of(service.kind, service.options, service=name, hidden=hidden)
    await sender.send(message, recipient, dedupe=secrets.token_hex())  # each try is a message of its own
    print(f"sent to {name}:{recipient}".rstrip(":"))


def _print(message: Message) -> None:
    said = {"message": message.text, **message.blocks}
    print(as_yaml(said), end="")


@asynccontextmanager
async def _environment(tried: _Tried) -> AsyncIterator[Environment]:
    scripts = Scripts(engine_binary())
    try:
        yield Environment(
            scripts, NoRepositories(), tried.configuration, app=tried.app, project=tried.project
        )
    finally:
        await scripts.aclose()


def _read(call: Invocation, application: str) -> _Tried:
    messages.quiet_libraries()
    data, secrets = _file(call, "config-map", "ConfigMap"), _file(call, "secret", "Secret")
    app = _application_in(application) if Path(application).suffix in (".yaml", ".yml", ".json") else None

    async def asked(client: KubeClient, namespace: str) -> _Tried:
        own = await client.find(CONFIG_MAPS, CONFIG_MAP, namespace) if data is None else None
        hidden = await client.find(SECRETS, SECRET, namespace) if secrets is None else None
        found = app or await client.find(APPLICATIONS, *_named(application, namespace))
        if found is None:
            raise CliError(f"there is no application {application}")
        project = await client.find(APP_PROJECTS, _project_of(found), namespace)
        configuration = read(
            data if data is not None else _data(own),
            secrets if secrets is not None else plain(_data(hidden)),
            namespace=namespace,
        )
        return _Tried(configuration=configuration, app=found, project=project or b"{}")

    if data is not None and secrets is not None and app is not None:
        return _Tried(configuration=read(data, secrets), app=app, project=b"{}")
    return at(call.values, asked)


def _named(application: str, namespace: str) -> tuple[str, str]:
    own, _, name = application.rpartition("/")
    return name, own or namespace


def _application_in(file: str) -> bytes:
    found = [each for each in parsed(read_text(file), file) if isinstance(each, dict)]
    if not found:
        raise SettingsError(f"{file} holds no Application")
    return msgspec.json.encode(found[0])


def _project_of(app: bytes) -> str:
    spec = msgspec.json.decode(app).get("spec") or {}
    return str(spec.get("project") or "default")


def _file(call: Invocation, flag: str, kind: str) -> Mapping[str, str] | None:
    """The data of a file that a flag names; None where none is named."""
    where = call.values.text(flag)
    if not where:
        return None
    if where == NOTHING:
        return {}
    found = [each for each in parsed(read_text(where), where) if isinstance(each, dict)]
    chosen = [each for each in found if each.get("kind") == kind]
    if not chosen:
        raise SettingsError(f"{where} holds no {kind}")
    data = {str(key): str(value) for key, value in (chosen[0].get("data") or {}).items()}
    texts = {str(key): str(value) for key, value in (chosen[0].get("stringData") or {}).items()}
    return {**(plain(data) if kind == "Secret" else data), **texts}


def _data(raw: bytes | None) -> dict[str, str]:
    return {} if raw is None else msgspec.json.decode(raw, type=dict[str, Any]).get("data") or {}
