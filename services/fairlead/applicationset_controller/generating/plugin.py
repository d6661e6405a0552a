"""The plugin generator: an HTTP service of the operator's says what there is.

Its address and token are the operator's, in a ConfigMap beside the control plane; a set only names that.
Invariant: an answer is taken whole, within its bounds, or not at all.
"""

from __future__ import annotations

from typing import Any

import msgspec

from fairlead.applicationset_controller.generating.errors import GeneratorError
from fairlead.applicationset_controller.generating.generation import LATER, Generation
from fairlead.applicationset_controller.generating.parameters import MOST_SETS, Params, flattened
from fairlead.model.generators import PluginGenerator
from fairlead.outbound import Anybody, OutboundError

PATH = "/api/v1/getparams.execute"
SECONDS = 30
"""For one answer, where the ConfigMap does not say."""
MOST_SECONDS = 300
LIMIT = 8 << 20
"""Bytes of an answer."""
OWN_SECRET = "argocd-secret"  # noqa: S105 - a Secret's name
"""Where a token is that is named by its key alone."""
_TAKEN = frozenset((200, 201, 202))


class Output(msgspec.Struct, frozen=True, kw_only=True):
    """The sets of parameters."""

    parameters: list[dict[str, Any]]


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What a plugin answers."""

    output: Output


async def plugin(block: PluginGenerator, generation: Generation) -> list[Params]:
    """One set for each object that the plugin answers with."""
    generation.requeue(block.requeue_after_seconds, LATER)
    asked = dict(block.input.parameters) if block.input is not None else {}
    found = await _asked(block.config_map_ref.name, asked, generation)
    given = {"input": {"parameters": asked}}
    if generation.is_go:
        sets = [{**one, "generator": given} for one in found]
    else:
        sets = [{**flattened(one), **flattened({"generator": given})} for one in found]
    return await generation.with_values(sets, block.values)


async def _asked(name: str, asked: Params, generation: Generation) -> list[Params]:
    data = await generation.sources.config_map(generation.sources.namespace, name)
    base = data.get("baseUrl", "").strip().rstrip("/")
    if not base:
        raise GeneratorError(f"baseUrl not found in ConfigMap {name}")
    token = await _token(data.get("token", "").strip(), name, generation)
    body = msgspec.json.encode({"applicationSetName": generation.name, "input": {"parameters": asked}})
    try:
        async with generation.sources.http.request(
            "POST",
            f"{base}{PATH}",
            credential=Anybody(header_value=f"Bearer {token}"),
            headers={"Content-Type": "application/json"},
            body=body,
            deadline=_seconds(data.get("requestTimeout", ""), name),
            limit=LIMIT,
            accepts=_TAKEN,
            follow=False,
        ) as answer:
            found = msgspec.json.decode(await answer.read(), type=Answer).output.parameters
    except OutboundError as error:
        raise GeneratorError(f"error calling the plugin of ConfigMap {name}: {error}") from error
    except (msgspec.MsgspecError, RecursionError) as error:
        raise GeneratorError(
            f"the answer of the plugin of ConfigMap {name} cannot be read: {error}"
        ) from error
    if len(found) > MOST_SETS:
        raise GeneratorError(f"the plugin of ConfigMap {name} answers with more than {MOST_SETS} objects")
    return found


async def _token(reference: str, name: str, generation: Generation) -> str:
    """The token: `$key` of our own Secret, or `$secret:key`."""
    if not reference.startswith("$") or len(reference) == 1:
        raise GeneratorError(
            f"token of ConfigMap {name} is empty, or does not reference a secret key starting with '$'"
        )
    secret, colon, key = reference[1:].partition(":")
    if not colon:
        secret, key = OWN_SECRET, secret
    return (await generation.sources.secret(generation.sources.namespace, secret, key, strict=False)).strip()


def _seconds(text: str, name: str) -> float:
    if not text.strip():
        return SECONDS
    try:
        seconds = int(text)
    except ValueError:
        raise GeneratorError(
            f"requestTimeout of ConfigMap {name} is no number of seconds: {text!r}"
        ) from None
    return min(max(1, seconds), MOST_SECONDS)
