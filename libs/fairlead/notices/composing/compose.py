"""One message for one destination, of the templates that a trigger sends, one laid over the other.

Invariant: a template that cannot be filled in makes no message; nobody is sent half of one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fairlead.notices.composing.paths import Path, is_empty_at, leaves, merged, put_at, replaced
from fairlead.notices.configuration.configuration import Configuration, Service, Template
from fairlead.notices.environment import Environment, Outcome
from fairlead.notices.senders.sender import Message
from fairlead.notices.senders.table import DEFAULTS, TEMPLATED, spelled

WEBHOOK = "webhook"
ASKS = ".repo."
"""What a template has that asks the repo-server."""


class CompositionError(Exception):
    """A message that cannot be composed, in words for who wrote its templates; one that `may_pass` may be
    though nothing of the application changes."""

    def __init__(self, words: str, *, may_pass: bool = False) -> None:
        super().__init__(words)
        self.may_pass = may_pass


async def compose(
    configuration: Configuration,
    environment: Environment,
    templates: Sequence[str],
    service: Service,
    recipient: str,
) -> Message:
    """The message of these templates. Raises CompositionError."""
    chosen = [_template(configuration, name) for name in templates]
    if not chosen:
        raise CompositionError("the condition sends no template")
    blocks = [_block(template, service) for template in chosen]
    paths = tuple(TEMPLATED.get(service.kind, ()))
    texts = [template.message for template in chosen]
    wanted = [*texts, *(text for block in blocks for text in leaves(block, paths))]
    outcomes = await environment.filled(
        [text for text in wanted if text], service=service.name, recipient=recipient
    )
    text = ""
    made: Any = None
    for template, block in zip(chosen, blocks, strict=True):
        text = _filled(template.name, outcomes, template.message) or text
        made = merged(made, _filled_block(template.name, outcomes, block, paths))
    return Message(text=text, blocks=_placed(service, made), template=chosen[-1].name)


def _template(configuration: Configuration, name: str) -> Template:
    found = configuration.templates.get(name)
    if found is None:
        raise CompositionError(f"template {name!r} is not configured")
    return found


def _block(template: Template, service: Service) -> Any:
    """What a template says to this service, with what is said unless it says otherwise."""
    block = template.blocks.get(service.kind)
    if service.kind == WEBHOOK:
        block = block.get(service.name) if isinstance(block, dict) else None
    if not isinstance(block, dict):
        return None
    block = spelled(service.kind, block)
    for path, text in DEFAULTS.get(service.kind, {}).items():
        if is_empty_at(block, path):
            block = put_at(block, path, text)
    return block


def _filled_block(name: str, outcomes: Mapping[str, Outcome], block: Any, paths: Sequence[Path]) -> Any:
    return replaced(block, paths, lambda text: _filled(name, outcomes, text))


def _filled(name: str, outcomes: Mapping[str, Outcome], text: str) -> str:
    if not text:
        return ""
    outcome = outcomes[text]
    if outcome.problem:
        may_pass = outcome.may_pass or ASKS in text
        raise CompositionError(f"template {name!r}: {outcome.problem}", may_pass=may_pass)
    return outcome.text


def _placed(service: Service, block: Any) -> dict[str, Any]:
    if not block:
        return {}
    return {service.kind: {service.name: block} if service.kind == WEBHOOK else block}
